"""ComfyUI, against a local server that speaks its protocol."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("httpx", reason='needs the extra: pip install "nodegraph[generate]"')
pytest.importorskip("websockets", reason='needs the extra: pip install "nodegraph[generate]"')

from nodegraph.errors import Cancelled, NodegraphError
from nodegraph.generators import Request, open_engine
from nodegraph.generators.pictures import decode, to_png
from nodegraph.generators.workflow import parse
from tests.generators.comfy import Comfy, Plan, from_picture, node, noise, served, workflow


@pytest.fixture
def comfy() -> Iterator[Comfy]:
    with served() as server:
        yield server


def make(
    comfy: Comfy | str, folder: Path, nodes: dict[str, Any] | None = None, timeout: float = 20, **asked: Any
) -> tuple[Any, list[tuple[float, str]]]:
    file = folder / "workflow.json"
    file.write_text(json.dumps(workflow() if nodes is None else nodes))
    told: list[tuple[float, str]] = []
    url = comfy if isinstance(comfy, str) else comfy.url
    engine = open_engine("ComfyUI", str(file), url, timeout)
    cancelled = asked.pop("cancelled", lambda: False)
    request = Request(**{"kind": "text to picture", "prompt": "a pier", "width": 64, "height": 32, "seed": 5, **asked})
    return engine.generate(request, lambda share, doing: told.append((share, doing)), cancelled), told


def refused(match: str, *args: Any, **asked: Any) -> NodegraphError:
    with pytest.raises(NodegraphError, match=match) as error:
        make(*args, **asked)
    assert error.value.hint
    return error.value


def test_a_picture_with_progress(comfy: Comfy, tmp_path: Path) -> None:
    result, told = make(comfy, tmp_path, negative="people", steps=4)
    assert np.array_equal(result.picture, noise(64, 32, 5))
    assert (result.made.engine, result.made.model) == ("ComfyUI", "sd15.safetensors")
    assert (result.made.prompt, result.made.seed) == ("a pier", 5)
    assert (1 / 3, "KSampler 1/3") in told and (1.0, "KSampler 3/3") in told
    assert (0.5, "KSampler 1/2") not in told  # another's job
    sent = comfy.prompts[0]
    assert sent["6"]["inputs"]["text"] == "a pier" and sent["7"]["inputs"]["text"] == "people"
    assert sent["3"]["inputs"]["seed"] == 5 and sent["3"]["inputs"]["steps"] == 4
    assert sent["3"]["inputs"]["denoise"] == 1  # no picture: the workflow's own
    assert sent["5"]["inputs"] == {"width": 64, "height": 32, "batch_size": 1}


def test_what_is_not_asked_stays_the_workflows_own(comfy: Comfy, tmp_path: Path) -> None:
    make(comfy, tmp_path, prompt="")
    sent = comfy.prompts[0]
    assert sent["6"]["inputs"]["text"] == "a bottle" and sent["3"]["inputs"]["steps"] == 20


def test_titles_come_before_what_nodes_do(comfy: Comfy, tmp_path: Path) -> None:
    more = {
        "20": node("CLIPTextEncode", "Prompt", text="", clip=["4", 1]),
        "21": node("PreviewImage", "result", images=["8", 0]),
    }
    make(comfy, tmp_path, workflow(**more))
    assert comfy.prompts[0]["20"]["inputs"]["text"] == "a pier"
    assert comfy.prompts[0]["6"]["inputs"]["text"] == "a bottle"


def test_a_picture_and_its_mask_are_uploaded(comfy: Comfy, tmp_path: Path) -> None:
    picture, mask = noise(64, 32, 9), noise(64, 32, 10)[..., 0]
    make(comfy, tmp_path, from_picture(), kind="inpaint", picture=picture, mask=mask, strength=0.4)
    (name, data), sent = next(iter(comfy.uploads.items())), comfy.prompts[0]
    assert sent["10"]["inputs"]["image"] == name and sent["3"]["inputs"]["denoise"] == 0.4
    assert np.array_equal(decode(data, "test")[0], picture)
    assert data[25] == 6  # RGBA: its transparent part is what ComfyUI paints


def test_a_mask_of_its_own(comfy: Comfy, tmp_path: Path) -> None:
    nodes = from_picture()
    nodes["12"] = node("LoadImageMask", "Load Mask", image="mask.png", channel="alpha")
    nodes["11"]["inputs"]["mask"] = ["12", 0]
    mask = noise(64, 32, 10)[..., 0]
    make(comfy, tmp_path, nodes, kind="inpaint", picture=noise(64, 32, 9), mask=mask)
    inputs = comfy.prompts[0]["12"]["inputs"]
    assert inputs["channel"] == "red" and len(comfy.uploads) == 2
    assert np.array_equal(decode(comfy.uploads[inputs["image"]], "test")[0][..., 0], mask)


@pytest.mark.parametrize("plan", [Plan(ends="drop"), Plan(socket=False)], ids=["drops", "is not there"])
def test_without_its_websocket_the_history_is_asked(comfy: Comfy, tmp_path: Path, plan: Plan) -> None:
    comfy.plan = plan
    result, _ = make(comfy, tmp_path)
    assert np.array_equal(result.picture, noise(64, 32, 5))
    assert any(asked.startswith("GET /history/") for asked in comfy.asked)


def test_cancelling_interrupts_the_job(comfy: Comfy, tmp_path: Path) -> None:
    comfy.plan = Plan(ends="hang")
    with pytest.raises(Cancelled):
        make(comfy, tmp_path, cancelled=lambda: bool(comfy.running))
    assert comfy.interrupted.is_set() and "POST /interrupt" in comfy.asked


def test_a_job_that_only_waits_is_taken_from_the_queue(comfy: Comfy, tmp_path: Path) -> None:
    """Interrupting would stop somebody else's."""
    comfy.run = lambda *_: None  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        make(comfy, tmp_path, cancelled=lambda: bool(comfy.prompts))
    assert len(comfy.deleted) == 1 and not comfy.interrupted.is_set()


def test_a_timeout_gives_the_job_up(comfy: Comfy, tmp_path: Path) -> None:
    comfy.plan = Plan(ends="hang")
    refused(r"ComfyUI made no picture within 0\.6 s", comfy, tmp_path, timeout=0.6)
    assert comfy.interrupted.is_set()


def test_nobody_there(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    error = refused(r"ComfyUI can't be reached at http://127\.0\.0\.1:\d+/prompt", url, tmp_path)
    assert "is it running" in str(error)


def test_a_server_that_says_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"127.0.0.1:{silent.getsockname()[1]}"
        begun = time.monotonic()
        refused("no picture within 0.5 s", url, tmp_path, timeout=0.5)
        assert time.monotonic() - begun < 5


def test_another_server(tmp_path: Path) -> None:
    """Something that answers, but not as ComfyUI does."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        threading.Thread(target=_says_hello, args=(other,), daemon=True).start()
        url = f"http://user:secret@127.0.0.1:{other.getsockname()[1]}"
        error = refused("gave the job no prompt_id: hello", url, tmp_path)
        assert "secret" not in str(error)


def _says_hello(server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
            connection.close()


def test_a_refused_workflow_names_its_nodes(comfy: Comfy, tmp_path: Path) -> None:
    nodes = workflow()
    nodes["4"]["inputs"]["ckpt_name"] = "nowhere.ckpt"
    error = refused(r"refuses the workflow: Load Checkpoint \(4\): Value not in list", comfy, tmp_path, nodes)
    assert "nowhere.ckpt" in str(error) and not comfy.prompts


def test_a_missing_custom_node(comfy: Comfy, tmp_path: Path) -> None:
    nodes = workflow(**{"30": node("SomebodysNode", "x")})
    refused(r"node does not exist\.: Node ID '#30'", comfy, tmp_path, nodes)


@pytest.mark.parametrize("socket", [True, False])
def test_a_job_that_fails(comfy: Comfy, tmp_path: Path, socket: bool) -> None:
    comfy.plan = Plan(ends="error", socket=socket)
    error = refused(r"failed at KSampler \(3\): torch\.OutOfMemoryError: Allocation", comfy, tmp_path)
    assert "lower the size" in str(error)


def test_a_job_that_somebody_stops(comfy: Comfy, tmp_path: Path) -> None:
    comfy.plan = Plan(ends="interrupted")
    refused(r"was interrupted at KSampler \(3\)", comfy, tmp_path)


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (to_png(np.zeros((32, 64, 3), np.uint8)), "all black"),
        (to_png(np.full((32, 64, 3), (9, 120, 40), np.uint8)), "all of one colour"),
        (to_png(noise(48, 32, 1)), "made 48 x 32, asked for 64 x 32"),
        (to_png(noise(64, 32, 1))[:900], "damaged"),
        (b"<html>", "6 bytes that are no picture"),
    ],
)
def test_pictures_that_are_none(comfy: Comfy, tmp_path: Path, picture: bytes, said: str) -> None:
    comfy.plan = Plan(picture=lambda _: picture)
    with pytest.raises(NodegraphError, match=said):
        make(comfy, tmp_path)


def test_no_pictures(comfy: Comfy, tmp_path: Path) -> None:
    comfy.plan = Plan(images=False)
    refused("is done but made no picture", comfy, tmp_path)


def test_a_picture_that_is_gone(comfy: Comfy, tmp_path: Path) -> None:
    comfy.plan = Plan(picture=lambda _: b"")
    refused("answered 404 at .*/view", comfy, tmp_path)


# --- workflows -------------------------------------------------------------------------------


def test_the_editors_format_says_what_to_do(shared_data: Path) -> None:
    file = shared_data / "comfyui/ComfyUI_examples/workflow_image_to_video.json"
    with pytest.raises(NodegraphError, match=r"Export \(API\)"):
        open_engine("ComfyUI", str(file))


def test_a_workflow_inside_a_picture(shared_data: Path) -> None:
    file = shared_data / "comfyui/ComfyUI_examples/lora.png"
    found = parse(file.read_bytes(), str(file))
    assert found.model == "v1-5-pruned-emaonly.ckpt"
    places = {name: (place.node, place.input) for name, place in found.places.items()}
    assert places == {
        "prompt": ("6", "text"), "negative": ("7", "text"), "seed": ("3", "seed"), "steps": ("3", "steps"),
        "strength": ("3", "denoise"), "width": ("5", "width"), "height": ("5", "height"),
    }  # fmt: skip


def test_texts_are_found_through_a_controlnet(shared_data: Path) -> None:
    file = shared_data / "comfyui/comfystream/sd15-tensorrt-api.json"
    places = parse(file.read_bytes(), str(file)).places
    assert (places["prompt"].node, places["negative"].node, places["picture"].node) == ("5", "6", "1")
    assert (places["width"].node, places["seed"].node) == ("16", "7")


def test_a_guider_and_its_parts() -> None:
    """As workflows for Flux are made."""
    nodes = {
        "6": node("CLIPTextEncode", "Positive", text="x", clip=["11", 0]),
        "13": node("SamplerCustomAdvanced", "s", noise=["25", 0], guider=["22", 0], sigmas=["17", 0]),
        "17": node("BasicScheduler", "b", scheduler="simple", steps=["40", 0], denoise=1.0, model=["12", 0]),
        "22": node("BasicGuider", "g", model=["12", 0], conditioning=["26", 0]),
        "25": node("RandomNoise", "n", noise_seed=4),
        "26": node("FluxGuidance", "f", guidance=3.5, conditioning=["6", 0]),
        "27": node("EmptySD3LatentImage", "l", width=1024, height=1024, batch_size=1),
        "40": node("PrimitiveInt", "Int", value=8),
    }
    places = parse(json.dumps(nodes).encode(), "flux.json").places
    assert {name: (p.node, p.input) for name, p in places.items()} == {
        "prompt": ("6", "text"), "seed": ("25", "noise_seed"), "steps": ("40", "value"), "strength": ("17", "denoise"),
        "width": ("27", "width"), "height": ("27", "height"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfe", "is no JSON"),
        (b"[]", "it has no nodes"),
        (b'{"1": {"inputs": {}}}', "'1' has no class_type and inputs"),
        (to_png(noise(2, 2, 0)), "without a ComfyUI workflow inside"),
    ],
)
def test_files_that_are_no_workflow(data: bytes, said: str) -> None:
    with pytest.raises(NodegraphError, match=said):
        parse(data, "x.json")


def test_a_titled_node_without_a_value() -> None:
    nodes = workflow(**{"20": node("CLIPTextEncode", "prompt", text=["6", 0], clip=["4", 1])})
    with pytest.raises(NodegraphError, match=r'titled "prompt".*has no input for it'):
        parse(json.dumps(nodes).encode(), "x.json")


def test_what_has_no_place(comfy: Comfy, tmp_path: Path) -> None:
    refused("has no place for the picture", comfy, tmp_path, kind="picture to picture", picture=noise(64, 32, 1))


@pytest.mark.parametrize("package", ["httpx", "websockets"])
def test_without_the_extra(comfy: Comfy, tmp_path: Path, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [package, *(name for name in sys.modules if name.startswith(f"{package}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    error = refused(f"{package} is not installed", comfy, tmp_path)
    assert "nodegraph[generate]" in str(error) and not comfy.prompts
