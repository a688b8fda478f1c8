"""Colour nodes against formulas, published values and OpenColorIO itself."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.errors import NodegraphError
from nodegraph.kernels.transfer import CURVES
from nodegraph.values import Frame
from tests.nodes.cooking import cook

LUMA = np.array([0.2126, 0.7152, 0.0722])


def graded(type: str, rgb: Any, **values: Any) -> NDArray[np.float32]:
    """Colours (n, 3) through a node."""
    pixels = np.asarray(rgb, np.float32).T[:, None, :]
    return cook(type, {"image": Frame.of(pixels)}, **values).pixels[:, 0, :].T


@pytest.fixture
def colours(rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.uniform(-0.1, 1.6, (200, 3))


def test_saturation(colours: NDArray[np.float64]) -> None:
    grey = colours @ LUMA
    found = graded("colour.saturation", colours, amount=1.4)
    assert found == pytest.approx(grey[:, None] + (colours - grey[:, None]) * 1.4, abs=1e-5)
    assert np.ptp(graded("colour.saturation", colours, amount=0), axis=1).max() < 1e-6


def test_hue_turns_round_grey(colours: NDArray[np.float64]) -> None:
    found = graded("colour.hue_shift", colours, degrees=73)
    assert found @ LUMA == pytest.approx(colours @ LUMA, abs=1e-4)
    back = graded("colour.hue_shift", found, degrees=-73)
    assert back == pytest.approx(colours, abs=1e-5)
    assert graded("colour.hue_shift", colours, degrees=360) == pytest.approx(colours, abs=1e-6)
    grey = np.full((1, 3), 0.4)
    assert graded("colour.hue_shift", grey, degrees=120) == pytest.approx(grey, abs=1e-5)
    red = graded("colour.hue_shift", [[1.0, 0, 0]], degrees=120)[0]
    assert red.argmax() != 0


def test_cdl_as_the_asc_and_other_programs_have_it(shared_data: Path) -> None:
    """Values of OpenColorIO's own tests, forward and where numbers are finite."""
    cases = json.loads((shared_data / "numbers/asc_cdl.json").read_text())["tests"]
    checked = 0
    for case in cases:
        if not case["style"].endswith("FWD"):
            continue
        given = np.array([[float(v) for v in row[:3]] for row in case["input_rgba"]])
        wanted = np.array([[float(v) for v in row[:3]] for row in case["expected_rgba"]])
        plain = np.isfinite(given).all(1) & np.isfinite(wanted).all(1)
        clamped = "NO_CLAMP" not in case["style"]
        found = graded(
            "colour.cdl", given[plain], slope=case["slope"], offset=case["offset"], exponent=case["power"],
            saturation=case["saturation"], clamped=clamped,
        )  # fmt: skip
        assert found == pytest.approx(wanted[plain], abs=2e-5), case["name"]
        checked += int(plain.sum())
    assert checked > 10


def test_curves_bend_and_go_straight_on(colours: NDArray[np.float64]) -> None:
    assert graded("colour.curves", colours) == pytest.approx(colours, abs=1e-5)
    line = ((0.0, 0.1), (1.0, 0.6))
    found = graded("colour.curves", colours, red=line, master=((0, 0), (1, 2)))
    assert found[:, 0] == pytest.approx(0.1 + 0.5 * 2 * colours[:, 0], abs=1e-4)
    assert found[:, 1] == pytest.approx(2 * colours[:, 1], abs=1e-4)
    bent = graded("colour.curves", [[0.25, 0.5, 0.75]], master=((0, 0), (0.5, 0.8), (1, 1)))[0]
    assert bent[1] == pytest.approx(0.8, abs=2e-3) and bent[0] > 0.25 and (np.diff(bent) > 0).all()


@pytest.mark.parametrize(
    ("source", "target", "names"),
    [
        ("Rec.709", "ACEScg", ("ITU-R BT.709", "ACEScg")),
        ("ACEScg", "Rec.709", ("ACEScg", "ITU-R BT.709")),
        ("Rec.709", "Rec.2020", ("ITU-R BT.709", "ITU-R BT.2020")),
        ("P3-D65", "Rec.709", ("P3-D65", "ITU-R BT.709")),
        ("ACES2065-1", "ACEScg", ("ACES2065-1", "ACEScg")),
    ],
)
def test_primaries(source: str, target: str, names: tuple[str, str], colours: NDArray[np.float64]) -> None:
    import colour

    a, b = (colour.RGB_COLOURSPACES[n] for n in names)
    matrix = colour.matrix_RGB_to_RGB(a, b, "Bradford")
    found = graded("colour.matrix", colours, source=source, target=target)
    assert found == pytest.approx(colours @ matrix.T, abs=2e-4)
    back = graded("colour.matrix", found, source=source, target=target, invert=True)
    assert back == pytest.approx(colours, abs=1e-5)


def test_a_matrix_of_ones_own(colours: NDArray[np.float64]) -> None:
    found = graded("colour.matrix", colours, red=(0, 1, 0), green=(0, 0, 1), blue=(1, 0, 0))
    assert found == pytest.approx(colours[:, [1, 2, 0]], abs=1e-6)


@pytest.mark.parametrize("curve", [c for c in CURVES if c != "linear"])
def test_log_there_and_back(curve: str) -> None:
    light = np.linspace(0.005, 0.95, 90).reshape(-1, 3)
    there = graded("colour.log", light, curve=curve)
    assert np.isfinite(there).all() and (np.diff(there.ravel()) > 0).all()
    back = graded("colour.log", there, curve=curve, direction="to linear")
    assert back == pytest.approx(light, rel=2e-3, abs=1e-4)


def test_premultiplied_colours_are_graded_as_they_look() -> None:
    pixels = np.array([0.2, 0.1, 0.05, 0.5], np.float32)[:, None, None] * np.ones((4, 1, 1), np.float32)
    found = cook("colour.log", {"image": Frame.of(pixels)}, curve="srgb").pixels[:, 0, 0]
    expected = [0.5 * (1.055 * (2 * c) ** (1 / 2.4) - 0.055) for c in (0.2, 0.1, 0.05)]
    assert found == pytest.approx([*expected, 0.5], abs=1e-5)


def test_clamp_and_invert(colours: NDArray[np.float64]) -> None:
    assert graded("colour.clamp", colours) == pytest.approx(colours.clip(0, 1), abs=1e-6)
    assert graded("colour.clamp", colours, use_low=False, high=0.5) == pytest.approx(np.minimum(colours, 0.5), abs=1e-6)
    assert graded("colour.invert", colours) == pytest.approx(1 - colours, abs=1e-6)


def test_soft_clip_never_passes_its_limit() -> None:
    light = np.linspace(0, 50, 300).reshape(-1, 3)
    found = graded("colour.soft_clip", light, start=0.7, limit=1.0)
    expected = np.where(light > 0.7, 0.7 + 0.3 * (1 - np.exp(-(light - 0.7) / 0.3)), light)
    assert found == pytest.approx(expected, abs=1e-5)
    assert found.max() <= 1 and (np.diff(found.ravel()) >= 0).all()


def test_tone_maps() -> None:
    grey = np.repeat(np.geomspace(0.01, 8, 40)[:, None], 3, 1)
    reinhard = graded("colour.tone_map", grey, curve="reinhard", white=8)
    assert reinhard == pytest.approx(grey * (1 + grey / 64) / (1 + grey), abs=1e-5)

    def filmic(x: Any) -> Any:
        return (x * (0.15 * x + 0.05) + 0.004) / (x * (0.15 * x + 0.5) + 0.06) - 0.02 / 0.3

    assert graded("colour.tone_map", grey, curve="hable", white=11.2) == pytest.approx(
        filmic(grey) / filmic(11.2), abs=1e-5
    )
    aces = (grey * (2.51 * grey + 0.03) / (grey * (2.43 * grey + 0.59) + 0.14)).clip(0, 1)
    assert graded("colour.tone_map", grey, curve="aces") == pytest.approx(aces, abs=1e-5)


def test_dither_hides_the_steps() -> None:
    flat = np.full((3, 128, 128), 100.3 / 255, np.float32)
    found = cook("colour.dither", {"image": Frame.of(flat)}, frame=3).pixels
    codes = np.floor(found * 255 + 0.5)
    assert codes.mean() == pytest.approx(100.3, abs=0.02)
    assert set(np.unique(codes)) <= {99, 100, 101, 102}
    assert not np.array_equal(found, cook("colour.dither", {"image": Frame.of(flat)}, frame=4).pixels)
    assert np.array_equal(found, cook("colour.dither", {"image": Frame.of(flat)}, frame=3).pixels)
    assert abs(np.corrcoef(found[0].ravel(), found[1].ravel())[0, 1]) < 0.05


# -- OpenColorIO


def test_ocio_is_ocio(colours: NDArray[np.float64]) -> None:
    import PyOpenColorIO as ocio

    from nodegraph.media.ocio import config

    cpu = config().getProcessor("ACEScg", "ACEScct").getDefaultCPUProcessor()
    expected = np.ascontiguousarray(colours, np.float32)
    cpu.applyRGB(expected)
    found = graded("colour.ocio_transform", colours, source="ACEScg", target="ACEScct")
    assert found == pytest.approx(expected, abs=1e-6)
    assert ocio.GetVersion()


def test_display_view_and_back(colours: NDArray[np.float64]) -> None:
    light = np.abs(colours) * 0.3 + 0.02
    shown = graded("colour.display_view", light, source="ACEScg")
    assert shown.max() <= 1.0001
    grey = np.repeat(np.geomspace(0.02, 0.6, 20)[:, None], 3, 1)
    there = graded("colour.display_view", grey, source="ACEScg")
    assert (np.diff(there[:, 0]) > 0).all() and there == pytest.approx(there[:, :1].repeat(3, 1), abs=0.02)
    back = graded("colour.display_view", there, source="ACEScg", inverse=True)
    assert np.abs(back - grey).max() < 0.02


def test_a_cube_from_a_file(tmp_path: Path, colours: NDArray[np.float64]) -> None:
    size = 5
    lines = [f"LUT_3D_SIZE {size}"]
    for b in range(size):
        for g in range(size):
            lines += [f"{g / (size - 1)} {r / (size - 1)} {1 - b / (size - 1)}" for r in range(size)]
    (tmp_path / "swap.cube").write_text("\n".join(lines) + "\n")
    inside = colours.clip(0, 1)
    found = graded("colour.lut_file", inside, path=str(tmp_path / "swap.cube"))
    assert found == pytest.approx(np.stack([inside[:, 1], inside[:, 0], 1 - inside[:, 2]], 1), abs=1e-5)


@pytest.mark.parametrize(
    ("type", "values", "says"),
    [
        ("colour.ocio_transform", {"target": "ACEScgg"}, "ACEScg"),
        ("colour.display_view", {"display": "sRBG - Display"}, "sRGB - Display"),
        ("colour.lut_file", {}, "no file is chosen"),
        ("colour.lut_file", {"path": "/nowhere/x.cube"}, "no such file"),
    ],
)
def test_what_is_not_there_is_named(type: str, values: dict[str, Any], says: str) -> None:
    with pytest.raises(NodegraphError, match=says) as caught:
        graded(type, [[0.1, 0.2, 0.3]], **values)
    assert "node" in str(caught.value)


def test_exposure_is_in_stops() -> None:
    assert graded("colour.exposure", [[0.25, 0.5, 1]], stops=1.5)[0] == pytest.approx(
        [v * math.sqrt(8) for v in (0.25, 0.5, 1)], rel=1e-5
    )
