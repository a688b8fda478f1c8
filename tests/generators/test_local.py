"""Engines that run on this machine, and what is kept of all of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nodegraph.errors import Cancelled, NodegraphError
from nodegraph.generators import Request, Result, diffusers_folder, generate_once, open_engine, stamp
from nodegraph.generators.kept import path_of
from nodegraph.values import Made
from tests.generators.comfy import noise

PICTURE = noise(30, 18, 3)


def ask(**asked: Any) -> Request:
    given = {"kind": "picture to picture", "prompt": "", "width": 30, "height": 18, "picture": PICTURE, **asked}
    return Request(**given)


def quiet(share: float, doing: str) -> None:
    pass


# --- a network in a file -----------------------------------------------------------------------

SPEC = """
file = "invert.onnx"
engine = "inverter"
licence = "CC0"
multiple = 8
[input]
range = [0, 255]
order = "BGR"
layout = "{layout}"
[output]
range = [0, 255]
order = "BGR"
layout = "{layout}"
"""


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """255 - x, of any size that is a multiple of 8 (its input is cut into blocks of 8 and back)."""
    onnx = pytest.importorskip("onnx", reason="needs onnx, to make a small network")
    pytest.importorskip("onnxruntime", reason='needs the extra: pip install "nodegraph[ai]"')
    from onnx import TensorProto, helper

    shape = ["n", "c", "h", "w"]
    nodes = [
        helper.make_node("SpaceToDepth", ["x"], ["blocks"], blocksize=8),
        helper.make_node("DepthToSpace", ["blocks"], ["whole"], blocksize=8),
        helper.make_node("Sub", ["white", "whole"], ["y"]),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy"]
    white = helper.make_tensor("white", TensorProto.FLOAT, [], [255.0])
    graph = helper.make_graph(nodes, "invert", ends[:1], ends[1:], [white])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "invert.onnx")
    (tmp_path / "invert.toml").write_text(SPEC.format(layout="NCHW"))
    return tmp_path / "invert.toml"


def test_a_network(network: Path) -> None:
    result = open_engine("ONNX file", str(network)).generate(ask(), quiet, lambda: False)
    np.testing.assert_allclose(result.picture * 255, 255.0 - PICTURE, atol=1e-3)
    assert result.made == Made("inverter", "", 0, "invert.onnx", "CC0")


def test_a_changed_network_is_another(network: Path) -> None:
    before, key = open_engine("ONNX file", str(network)), stamp("ONNX file", str(network))
    model = network.with_name("invert.onnx")
    model.write_bytes(b"not a network at all")
    assert stamp("ONNX file", str(network)) != key
    after = open_engine("ONNX file", str(network))
    assert after.digest != before.digest
    with pytest.raises(NodegraphError, match=r"invert\.onnx: is no network that can be loaded"):
        after.generate(ask(), quiet, lambda: False)


def test_a_wrong_layout_says_so(network: Path) -> None:
    network.write_text(SPEC.format(layout="NHWC"))
    with pytest.raises(NodegraphError, match=r"inverter failed|no NHWC picture"):
        open_engine("ONNX file", str(network)).generate(ask(), quiet, lambda: False)


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"picture": None}, "connect image"), ({"kind": "inpaint", "mask": PICTURE[..., 0]}, "without a mask")],
)
def test_what_a_network_cannot(network: Path, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(NodegraphError, match=said):
        open_engine("ONNX file", str(network)).generate(ask(**asked), quiet, lambda: False)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ('file = "none.onnx"\n[input]', "which isn't beside it"),
        ("[input]", "names no file"),
        ('file = "x"\nlayer = 3\n[input]', "unknown 'layer'"),
        ("\x00", "is no TOML"),
    ],
)
def test_specs_that_are_wrong(tmp_path: Path, spec: str, said: str) -> None:
    (tmp_path / "x.toml").write_text(spec)
    with pytest.raises(NodegraphError, match=said):
        open_engine("ONNX file", str(tmp_path / "x.toml"))


def test_odd_ports(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    for port in ('layout = "NWHC"', "range = [1, 1]", "mean = [1]"):
        (tmp_path / "x.toml").write_text(f'file = "x"\n[input]\n{port}')
        with pytest.raises(NodegraphError, match=r"\[input\]"):
            open_engine("ONNX file", str(tmp_path / "x.toml"))


# --- a folder of weights -----------------------------------------------------------------------


class Library:
    """Stands in for diffusers and torch: notes how it is asked, and makes noise."""

    def __init__(self) -> None:
        self.loaded: list[tuple[str, str, dict[str, Any]]] = []
        self.asked: list[dict[str, Any]] = []
        self.blank = False

    def modules(self) -> dict[str, Any]:
        diffusers, torch = ModuleType("diffusers"), ModuleType("torch")
        for name in ("AutoPipelineForText2Image", "AutoPipelineForImage2Image", "AutoPipelineForInpainting"):
            setattr(diffusers, name, SimpleNamespace(from_pretrained=self._loader(name)))
        generator = lambda device: SimpleNamespace(manual_seed=lambda seed: ("seeded", device, seed))  # noqa: E731
        vars(torch).update(
            cuda=SimpleNamespace(is_available=lambda: False), float16="f16", float32="f32", Generator=generator
        )
        return {"diffusers": diffusers, "torch": torch}

    def _loader(self, name: str) -> Any:
        def load(path: str, **options: Any) -> Any:
            self.loaded.append((name, path, options))
            return SimpleNamespace(to=lambda device: self)

        return load

    def __call__(self, **asked: Any) -> Any:
        self.asked.append(asked)
        for step in range(asked["num_inference_steps"]):
            asked["callback_on_step_end"](self, step, 0, {})
        size = (asked["height"], asked["width"]) if "width" in asked else asked["image"].size[::-1]
        made = np.random.default_rng(1).random((1, *size, 3), np.float32)
        return SimpleNamespace(images=made * (not self.blank), nsfw_content_detected=None)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    made = Library()
    for name, module in made.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    diffusers_folder._pipeline.cache_clear()
    yield made
    diffusers_folder._pipeline.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "model_index.json").write_text("{}")
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "weights.safetensors").write_bytes(b"1234")
    return str(tmp_path)


def test_text_through_diffusers(library: Library, folder: str) -> None:
    told: list[float] = []
    request = ask(kind="text to picture", prompt="a pier", picture=None, seed=4, steps=3, width=64, height=32)
    engine = open_engine("diffusers folder", folder)
    result = engine.generate(request, lambda share, _: told.append(share), lambda: False)
    assert result.picture.shape == (32, 64, 3) and result.picture.dtype == np.float32
    assert library.loaded == [("AutoPipelineForText2Image", folder, {"local_files_only": True, "torch_dtype": "f32"})]
    asked = library.asked[0]
    assert asked["generator"] == ("seeded", "cpu", 4) and asked["prompt"] == "a pier" and "image" not in asked
    assert told[-1] == 1 and told == sorted(told)


@pytest.mark.parametrize(
    ("kind", "pipeline"), [("picture to picture", "Image2Image"), ("inpaint", "Inpainting"), ("extend", "Inpainting")]
)
def test_pictures_through_diffusers(library: Library, folder: str, kind: str, pipeline: str) -> None:
    mask = None if kind == "picture to picture" else PICTURE[..., 0]
    request = ask(kind=kind, mask=mask, strength=0.3)
    open_engine("diffusers folder", folder).generate(request, quiet, lambda: False)
    assert library.loaded[0][0] == f"AutoPipelineFor{pipeline}"
    asked = library.asked[0]
    assert np.array_equal(np.asarray(asked["image"]), PICTURE) and asked["strength"] == 0.3
    assert ("mask_image" in asked) == (mask is not None)


def test_diffusers_stops_between_steps(library: Library, folder: str) -> None:
    steps: list[str] = []
    with pytest.raises(Cancelled):
        open_engine("diffusers folder", folder).generate(
            ask(steps=9), lambda _, doing: steps.append(doing), lambda: len(steps) > 3
        )
    assert steps == ["loading", "step 1/9", "step 2/9", "step 3/9"]


def test_a_blanked_picture(library: Library, folder: str) -> None:
    library.blank = True
    with pytest.raises(NodegraphError, match="all black"):
        open_engine("diffusers folder", folder).generate(ask(), quiet, lambda: False)


def test_without_the_library(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "diffusers", None)
    diffusers_folder._pipeline.cache_clear()
    with pytest.raises(
        NodegraphError, match=r"diffusers is not installed \(install the extra: .*nodegraph\[diffusers\]"
    ):
        open_engine("diffusers folder", folder).generate(ask(), quiet, lambda: False)


def test_a_folder_without_weights(tmp_path: Path) -> None:
    with pytest.raises(NodegraphError, match=r"no model_index\.json"):
        open_engine("diffusers folder", str(tmp_path))


# --- what is kept ------------------------------------------------------------------------------


class Counting:
    name, digest = "counting", "1"
    made = 0

    def generate(self, request: Request, progress: Any, cancelled: Any) -> Result:
        self.made += 1
        return Result(noise(30, 18, self.made), Made("counting", request.prompt, request.seed, "m", "CC0"))


def test_a_picture_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEGRAPH_CACHE", str(tmp_path))
    engine = Counting()
    first, again = (generate_once(engine, ask(), quiet, lambda: False) for _ in range(2))
    assert engine.made == 1 and np.array_equal(first.picture, again.picture) and first.made == again.made
    generate_once(engine, ask(seed=2), quiet, lambda: False)
    generate_once(engine, ask(picture=PICTURE + 1), quiet, lambda: False)
    engine.digest = "2"
    generate_once(engine, ask(), quiet, lambda: False)
    assert engine.made == 4
    assert not list(tmp_path.rglob("*.tmp"))


@pytest.mark.parametrize(
    "damage", [lambda d: d[:-9], lambda d: b"", lambda d: d[:40] + b"?" + d[41:], lambda d: d + b"0"]
)
def test_a_damaged_picture_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, damage: Any
) -> None:
    monkeypatch.setenv("NODEGRAPH_CACHE", str(tmp_path))
    engine = Counting()
    generate_once(engine, ask(), quiet, lambda: False)
    path = path_of(engine, ask())
    path.write_bytes(damage(path.read_bytes()))
    result = generate_once(engine, ask(), quiet, lambda: False)
    assert engine.made == 2 and "it is made again" in caplog.text
    assert np.array_equal(generate_once(engine, ask(), quiet, lambda: False).picture, result.picture)


def test_a_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NODEGRAPH_CACHE", str(tmp_path / "file"))
    assert generate_once(Counting(), ask(), quiet, lambda: False).picture.shape == (18, 30, 3)
    assert "going on without it" in caplog.text
