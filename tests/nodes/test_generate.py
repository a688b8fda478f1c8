"""environment.generate through the engine, with a local server that speaks ComfyUI's protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("httpx", reason='needs the extra: pip install "nodegraph[generate]"')
pytest.importorskip("websockets", reason='needs the extra: pip install "nodegraph[generate]"')

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.errors import NodegraphError
from nodegraph.generators.pictures import decode, to_png
from nodegraph.values import Frame
from tests.generators.comfy import Comfy, Plan, from_picture, noise, served, workflow
from tests.nodes.cooking import cook


@pytest.fixture
def comfy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Comfy]:
    monkeypatch.setenv("NODEGRAPH_CACHE", str(tmp_path / "cache"))
    with served() as server:
        yield server


def values(comfy: Comfy, folder: Path, nodes: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    file = folder / "workflow.json"
    file.write_text(json.dumps(workflow() if nodes is None else nodes))
    return {
        "server": comfy.url,
        "workflow": str(file),
        "prompt": "a pier",
        "width": 64,
        "height": 32,
        "seed": 5,
        **more,
    }


def linear(codes: np.ndarray) -> np.ndarray:
    """Scene-linear light (3, height, width) by IEC 61966-2-1."""
    c = codes.transpose(2, 0, 1).astype(np.float64) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def test_a_picture_in_the_graph(comfy: Comfy, tmp_path: Path) -> None:
    made = cook("environment.generate", **values(comfy, tmp_path, licence="CreativeML"))
    np.testing.assert_allclose(made.pixels, linear(noise(64, 32, 5)), atol=2e-6)
    assert made.spec.channels == ("R", "G", "B") and made.spec.colour_space == "linear"
    assert dict(made.spec.metadata) == {
        "generate:engine": "ComfyUI", "generate:kind": "text to picture", "generate:prompt": "a pier",
        "generate:seed": 5, "generate:model": "sd15.safetensors", "generate:licence": "CreativeML",
    }  # fmt: skip


def test_nothing_is_made_twice_not_even_after_a_restart(comfy: Comfy, tmp_path: Path) -> None:
    asked = values(comfy, tmp_path)
    first = cook("environment.generate", **asked)
    requests = len(comfy.asked)
    again = cook("environment.generate", **asked)  # another engine: all that is left is the disk
    assert np.array_equal(first.pixels, again.pixels) and len(comfy.asked) == requests
    cook("environment.generate", **{**asked, "seed": 6})
    assert len(comfy.prompts) == 2


def test_a_changed_workflow_makes_another(comfy: Comfy, tmp_path: Path) -> None:
    graph = ng.new(width=64, height=32)
    graph.add("environment.generate", name="made", params=values(comfy, tmp_path))
    with Engine(graph, tier="numpy") as engine:
        engine.cook("made")
        engine.cook("made")
        assert len(comfy.prompts) == 1
        nodes = workflow()
        nodes["3"]["inputs"]["cfg"] = 3
        values(comfy, tmp_path, nodes)
        engine.cook("made")
        assert len(comfy.prompts) == 2 and comfy.prompts[1]["3"]["inputs"]["cfg"] == 3


def test_a_proxy_is_of_the_same_picture(comfy: Comfy, tmp_path: Path) -> None:
    graph = ng.new(width=64, height=32)
    graph.add("environment.generate", name="made", params=values(comfy, tmp_path))
    with Engine(graph, tier="numpy") as engine:
        whole, half = engine.cook("made"), engine.cook("made", scale=0.5)
    assert half.pixels.shape == (3, 16, 32) and len(comfy.prompts) == 1
    assert half.pixels.mean() == pytest.approx(whole.pixels.mean(), abs=0.01)


def test_after_a_failure_it_is_asked_again(comfy: Comfy, tmp_path: Path) -> None:
    graph = ng.new(width=64, height=32)
    graph.add("environment.generate", name="made", params=values(comfy, tmp_path))
    with Engine(graph, tier="numpy") as engine:
        comfy.plan = Plan(ends="error")
        with pytest.raises(NodegraphError, match=r"^made: ComfyUI failed at KSampler"):
            engine.cook("made")
        comfy.plan = Plan(picture=lambda _: to_png(np.zeros((32, 64, 3), np.uint8)))
        with pytest.raises(NodegraphError, match=r"^made: .*all black"):
            engine.cook("made")
        comfy.plan = Plan()
        assert engine.cook("made").pixels.max() > 0


def test_a_picture_and_a_mask_are_sent_at_the_asked_size(comfy: Comfy, tmp_path: Path) -> None:
    image = Frame.of(np.full((3, 20, 30), 0.2158605, np.float32))
    mask = Frame.of(np.pad(np.ones((1, 20, 15), np.float32), ((0, 0), (0, 0), (15, 0))))
    made = cook("environment.generate", {"image": image, "mask": mask}, **values(comfy, tmp_path, from_picture()))
    assert made.spec.metadata["generate:kind"] == "inpaint"
    (data,) = comfy.uploads.values()
    assert data[16:24] == (64).to_bytes(4, "big") + (32).to_bytes(4, "big")
    assert (decode(data, "test")[0] == 128).all()  # by IEC 61966-2-1


def test_a_panorama_around_a_picture(comfy: Comfy, tmp_path: Path) -> None:
    from nodegraph_nodes.environment.around import around

    from nodegraph.kernels.pool import Pool

    image = np.stack([np.broadcast_to(np.linspace(0, 1, 90, dtype=np.float32), (60, 90))] * 3)
    placed, known = around(image, 360, 180, 90, Pool(1))
    assert not known[:, :130].any() and not known[:, 230:].any() and known[90, 136:224].all()
    # a lens of 90 degrees: 30 degrees to the right of its middle is tan(30) / 2 of its width
    assert placed[0, 90, 209] == pytest.approx(0.5 + np.tan(np.radians(29.5)) / 2, abs=0.01)
    asked = values(comfy, tmp_path, from_picture(), extend=True, height=32, width=999, covers=90)
    made = cook("environment.generate", {"image": Frame.of(image)}, **asked)
    assert made.pixels.shape == (3, 32, 64) and made.spec.metadata["generate:kind"] == "extend"
    assert comfy.prompts[0]["3"]["inputs"]["denoise"] == 1


def test_what_is_made_goes_on_as_a_world(comfy: Comfy, tmp_path: Path) -> None:
    graph = ng.new(width=64, height=32)
    graph.add("environment.generate", name="made", params=values(comfy, tmp_path))
    graph.add("environment.from_picture", name="world")
    graph.connect("made", "world.image")
    world: Any = ng.cook(graph, "world")
    assert world.panorama.shape == (3, 32, 64)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"workflow": ""}, "no workflow is chosen"),
        ({"workflow": "nowhere.json"}, "nowhere.json: can't be read"),
        ({"extend": True}, "extend to a panorama needs a picture"),
        ({"server": "ftp://x"}, "is no server's address"),
        ({"engine": "job HTTP", "workflow": ""}, "no spec is chosen"),
        ({"engine": "diffusers folder", "workflow": "nowhere"}, "is no diffusers folder"),
    ],
)
def test_what_cannot_be_asked(comfy: Comfy, tmp_path: Path, more: dict[str, Any], said: str) -> None:
    with pytest.raises(NodegraphError, match=rf"^node: .*{said}"):
        cook("environment.generate", **{**values(comfy, tmp_path), **more})
    assert not comfy.asked
