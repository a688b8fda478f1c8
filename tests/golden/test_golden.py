"""Pictures other programs made, matched by ours. README.md beside this says where we differ and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.values import Frame
from tests.nodes.cooking import cook


@pytest.fixture
def golden(shared_data: Path) -> Path:
    return shared_data / "golden"


def read(path: Path, **values: Any) -> Frame:
    graph = ng.new()
    graph.add("capture.read", name="plate", params={"path": str(path), **values})
    with Engine(graph, tier="numpy") as engine:
        frame = engine.cook("plate")
        return Frame(frame.spec, frame.pixels.copy())


def alike(found: Frame, wanted: Frame, channels: str = "") -> float:
    """Decibels (PSNR, peak 1) over the wanted picture's display window and its (or these) channels."""
    window = wanted.spec.display_window
    a, b = found.crop(window), wanted.crop(window)
    names = channels or [c for c in b.spec.channels if c in a.spec.channels]
    error = np.mean([(a.channel(c).astype(np.float64) - b.channel(c)) ** 2 for c in names])
    return float(-10 * np.log10(max(error, 1e-14)))


def test_over_of_openimageio(golden: Path) -> None:
    folder = golden / "OpenImageIO/oiio-over"
    made = cook("merge.merge", {"fg": read(folder / "a.exr"), "bg": read(folder / "b.exr")})
    assert alike(made, read(folder / "a_over_b.exr")) > 60


def test_over_of_gaffer(golden: Path) -> None:
    folder = golden / "gaffer/gaffer"
    made = cook(
        "merge.merge", {"fg": read(folder / "rgb.100x100.exr"), "bg": read(folder / "checkerboard.100x100.exr")}
    )
    assert alike(made, read(folder / "rgbOverChecker.100x100.exr"), "RGB") > 60  # README.md: alpha


def test_box_enlargement_of_gaffer(golden: Path, pool: Any) -> None:
    """4x4 to 40x40 through a box: each pixel becomes a square."""
    from nodegraph.kernels.resample import warp_projective

    small, wanted = (
        read(golden / f"gaffer/gaffer/{n}.exr") for n in ("resamplePatterns", "resamplePatterns_40x40_box")
    )
    inside, outside = small.spec.display_window, wanted.spec.display_window
    zoom = inside.width / outside.width
    out = np.zeros((len(small.spec.channels), outside.height, outside.width), np.float32)
    matrix = np.diag([zoom, zoom, 1.0])
    warp_projective(np.ascontiguousarray(small.crop(inside).pixels), out, matrix, outside, inside, "box", pool)
    made = Frame(small.spec.with_(data_window=outside, display_window=outside), out)
    assert alike(made, wanted) > 45


@pytest.mark.parametrize(("name", "size"), [("circlesGreenErode.exr", -2), ("circlesGreenDilate.exr", 2)])
def test_erode_and_dilate_of_gaffer(golden: Path, name: str, size: int) -> None:
    """Gaffer's takes the whole pixel whose green is least or most; ours each channel's own, so green is compared."""
    folder = golden / "gaffer/gaffer"
    black = cook(
        "colour.grade",
        {"image": read(folder / "circles.exr")},
        blackpoint=(0.03,) * 4,
        unpremultiply=False,
        black_clamp=True,
    )
    made = cook("filter.dilate_erode", {"image": black}, size=size, channels="all")
    assert alike(made, read(folder / name), "G") > 60


def test_flop_of_openimageio(golden: Path) -> None:
    folder = golden / "OpenImageIO/oiio-xform"
    flop = read(folder / "flop.tif", colour_space="raw")
    turned = read(folder / "rotate90.tif", colour_space="raw")
    # The grid picture itself isn't there; flop and rotate90 come from the same one.
    unflopped = cook("transform.mirror", {"image": flop})
    upright = turned.pixels.transpose(0, 2, 1)[:, ::-1, :]  # undo a quarter turn clockwise
    assert upright.shape == unflopped.pixels.shape
    error = float(((upright - unflopped.pixels) ** 2).mean())
    assert -10 * np.log10(max(error, 1e-14)) > 45


def test_merge_modes_of_gaffer(shared_data: Path) -> None:
    data = json.loads((shared_data / "numbers/merge_modes.json").read_text())
    a, b = (Frame.of(np.array(data[k], np.float32)[:, None, None]) for k in ("A_rgba", "B_rgba"))
    ours = {"add": "plus", "over": "over", "out": "out", "multiply": "multiply", "min": "min"}
    for name, wanted in data["expected"].items():
        if name == "multiply":
            continue  # README.md: ours keeps what lies outside the other picture
        made = cook("merge.merge", {"fg": a, "bg": b}, operation=ours[name]).pixels.ravel()
        assert made == pytest.approx(wanted, abs=1e-6), name


def test_transfer_functions_of_colour_science(shared_data: Path) -> None:
    from nodegraph.kernels.transfer import CURVES

    data = json.loads((shared_data / "numbers/transfer_functions.json").read_text())["curves"]
    ours = {
        "log_encoding_ACEScc": ("acescc", 1), "log_decoding_ACEScc": ("acescc", 0), "log_encoding_SLog3": ("slog3", 1),
        "log_decoding_SLog3": ("slog3", 0), "log_encoding_ARRILogC3": ("logc3", 1), "log_decoding_ARRILogC3": ("logc3", 0),
        "log_encoding_Cineon": ("cineon", 1), "log_decoding_Cineon": ("cineon", 0), "eotf_inverse_sRGB": ("srgb", 1),
        "oetf_inverse_BT709": ("rec709", 0), "oetf_BlackmagicFilmGeneration5": ("bmdfilm5", 1),
    }  # fmt: skip
    checked = 0
    for name, (curve, way) in ours.items():
        for x, y in data.get(name, []):
            if np.isfinite(y):
                assert float(CURVES[curve][way](np.float64(x))) == pytest.approx(y, abs=2e-4), (name, x)
                checked += 1
    assert checked >= 20
