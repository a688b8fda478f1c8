"""Merging: against Porter and Duff, the W3C's formulas, and pictures made by other programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.packs import registry
from nodegraph.values import Frame, FrameSpec, Window
from tests.nodes.cooking import cook

Array = NDArray[Any]
MERGE = "nodegraph.merge.merge"


DISPLAY = Window(0, 0, 16, 9)


def picture(rng: np.random.Generator, window: Window = DISPLAY, low: float = 0, high: float = 1) -> Frame:
    """Premultiplied RGBA with colours in low..high."""
    pixels = rng.uniform(low, high, (4, window.height, window.width))
    pixels[3] = rng.random(pixels.shape[1:])
    pixels[:3] *= pixels[3]
    return Frame(FrameSpec(("R", "G", "B", "A"), window, DISPLAY), pixels.astype(np.float32))


def read(path: Path) -> Frame:
    """A file through OpenImageIO, data window and all."""
    import OpenImageIO as oiio

    image = oiio.ImageBuf(str(path))
    spec = image.spec()
    data = Window.sized(spec.width, spec.height).shift(spec.x, spec.y)
    display = Window.sized(spec.full_width, spec.full_height).shift(spec.full_x, spec.full_y)
    pixels = np.ascontiguousarray(np.asarray(image.get_pixels(oiio.FLOAT)).transpose(2, 0, 1))
    return Frame(FrameSpec(tuple(spec.channelnames), data, display), pixels)


def decibels(a: Array, b: Array) -> float:
    """Peak signal to noise, the peak being 1."""
    return float(-10 * np.log10(np.mean((a.astype(np.float64) - b) ** 2) + 1e-20))


# --- formulas -----------------------------------------------------------------------------------

# Written from the sources again, with branches, in float64: nothing here is shared with the node.


def _porter_duff(fa: Callable[[Array, Array], Any], fb: Callable[[Array, Array], Any]) -> Callable[..., Array]:
    return lambda A, B, a, b: A * fa(a, b) + B * fb(a, b)


FORMULAS: dict[str, Callable[..., Array]] = {
    "over": _porter_duff(lambda a, b: 1, lambda a, b: 1 - a),
    "under": _porter_duff(lambda a, b: 1 - b, lambda a, b: 1),
    "in": _porter_duff(lambda a, b: b, lambda a, b: 0),
    "out": _porter_duff(lambda a, b: 1 - b, lambda a, b: 0),
    "atop": _porter_duff(lambda a, b: b, lambda a, b: 1 - a),
    "xor": _porter_duff(lambda a, b: 1 - b, lambda a, b: 1 - a),
    "mask": _porter_duff(lambda a, b: 0, lambda a, b: a),
    "stencil": _porter_duff(lambda a, b: 0, lambda a, b: 1 - a),
    "matte": _porter_duff(lambda a, b: a, lambda a, b: 1 - a),
    "copy": _porter_duff(lambda a, b: 1, lambda a, b: 0),
    "conjoint-over": lambda A, B, a, b: np.where(a > b, A, A + B * (1 - a / b)),
    "disjoint-over": lambda A, B, a, b: np.where(a + b < 1, A + B, A + B * (1 - a) / b),
    "plus": lambda A, B, a, b: A + B,
    "minus": lambda A, B, a, b: A - B,
    "from": lambda A, B, a, b: B - A,
    "difference": lambda A, B, a, b: np.abs(A - B),
    "average": lambda A, B, a, b: (A + B) / 2,
    "multiply": lambda A, B, a, b: np.where((A < 0) & (B < 0), A, A * B),
    "divide": lambda A, B, a, b: np.where((A < 0) & (B < 0), 0, A / B),
    "min": lambda A, B, a, b: np.minimum(A, B),
    "max": lambda A, B, a, b: np.maximum(A, B),
    "exclusion": lambda A, B, a, b: A + B - 2 * A * B,
    "geometric": lambda A, B, a, b: 2 * A * B / (A + B),
    "hypot": lambda A, B, a, b: np.sqrt(A * A + B * B),
}


def _w3c_screen(cb: float, cs: float) -> float:
    return cb + cs - cb * cs


def _w3c_hard_light(cb: float, cs: float) -> float:
    return cb * 2 * cs if cs <= 0.5 else _w3c_screen(cb, 2 * cs - 1)


def _w3c_dodge(cb: float, cs: float) -> float:
    return 0 if cb == 0 else 1 if cs == 1 else min(1, cb / (1 - cs))


def _w3c_burn(cb: float, cs: float) -> float:
    return 1 if cb == 1 else 0 if cs == 0 else 1 - min(1, (1 - cb) / cs)


def _w3c_soft_light(cb: float, cs: float) -> float:
    if cs <= 0.5:
        return cb - (1 - 2 * cs) * cb * (1 - cb)
    d = ((16 * cb - 12) * cb + 4) * cb if cb <= 0.25 else cb**0.5
    return cb + (2 * cs - 1) * (d - cb)


W3C: dict[str, Callable[[float, float], float]] = {
    "multiply": lambda cb, cs: cb * cs,
    "screen": _w3c_screen,
    "overlay": lambda cb, cs: _w3c_hard_light(cs, cb),
    "min": lambda cb, cs: min(cb, cs),
    "max": lambda cb, cs: max(cb, cs),
    "colour dodge": _w3c_dodge,
    "colour burn": _w3c_burn,
    "hard light": _w3c_hard_light,
    "soft light": _w3c_soft_light,
    "difference": lambda cb, cs: abs(cb - cs),
    "exclusion": lambda cb, cs: cb + cs - 2 * cb * cs,
}

OPERATIONS = registry()[MERGE].schema.param("operation").choices


def test_every_operation_has_a_formula_here() -> None:
    assert set(OPERATIONS) == set(FORMULAS) | set(W3C)


@pytest.mark.parametrize("operation", FORMULAS)
def test_operation_is_its_formula_on_all_channels(operation: str, rng: np.random.Generator) -> None:
    fg, bg = picture(rng, low=-1, high=3), picture(rng, low=-1, high=3)
    found = cook(MERGE, {"fg": fg, "bg": bg}, operation=operation).pixels
    A, B = fg.pixels.astype(np.float64), bg.pixels.astype(np.float64)
    expected = FORMULAS[operation](A, B, A[3], B[3])
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("operation", W3C)
def test_blend_of_opaque_pictures_is_the_w3cs(operation: str, rng: np.random.Generator) -> None:
    fg, bg = rng.random((2, 3, 8, 8)).astype(np.float32)
    fg[:, 0, :2], bg[:, 0, 1:3] = [[0, 1]] * 3, [[1, 0]] * 3
    found = cook(MERGE, {"fg": Frame.of(fg), "bg": Frame.of(bg)}, operation=operation).pixels
    expected = np.vectorize(W3C[operation], otypes=[float])(bg.astype(np.float64), fg.astype(np.float64))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("operation", W3C)
def test_alpha_masking_composes_the_blend_as_the_w3c_does(operation: str, rng: np.random.Generator) -> None:
    fg, bg = picture(rng), picture(rng)
    found = cook(MERGE, {"fg": fg, "bg": bg}, operation=operation, alpha_masking=True).pixels
    (cs, a), (cb, b) = (((f.pixels[:3] / f.pixels[3]).astype(np.float64), f.pixels[3]) for f in (fg, bg))
    blended = (1 - b) * cs + b * np.vectorize(W3C[operation], otypes=[float])(cb, cs)
    np.testing.assert_allclose(found[:3], a * blended + (1 - a) * b * cb, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[3], a + b - a * b, rtol=1e-6)


def test_alpha_masking_keeps_a_picture_where_the_other_is_not(rng: np.random.Generator) -> None:
    fg, bg = picture(rng), picture(rng)
    bg.pixels[:] = 0
    found = cook(MERGE, {"fg": fg, "bg": bg}, operation="multiply", alpha_masking=True).pixels
    np.testing.assert_array_equal(found, fg.pixels)


@pytest.mark.parametrize("operation", ["screen", "overlay", "hard light", "soft light", "colour dodge", "colour burn"])
def test_bright_and_negative_light_passes_blends_unclamped(operation: str) -> None:
    bg = Frame.of(np.array([[[-0.5, 3.0, 8.0]]] * 3))
    neutral = {"screen": 0, "overlay": 0.5, "hard light": 0.5, "soft light": 0.5, "colour dodge": 0, "colour burn": 1}
    fg = Frame.of(np.full((3, 1, 3), neutral[operation]))
    found = cook(MERGE, {"fg": fg, "bg": bg}, operation=operation).pixels[0, 0]
    lowest = 0.0 if operation == "screen" else -0.5  # the larger of -0.5 and 0
    np.testing.assert_allclose(found, [lowest, 3, 8], rtol=1e-6)


# --- windows and channels -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "window"),
    [
        ("union", Window(0, 0, 9, 8)),
        ("intersection", Window(3, 2, 6, 5)),
        ("fg", Window(3, 2, 9, 8)),
        ("bg", Window(0, 0, 6, 5)),
    ],
)
def test_data_window(choice: str, window: Window, rng: np.random.Generator) -> None:
    fg, bg = picture(rng, Window(3, 2, 9, 8)), picture(rng, Window(0, 0, 6, 5))
    found = cook(MERGE, {"fg": fg, "bg": bg}, window=choice)
    assert found.spec.data_window == window
    A, B = (f.crop(window).pixels.astype(np.float64) for f in (fg, bg))
    np.testing.assert_allclose(found.pixels, A + B * (1 - A[3]), atol=1e-6)


def test_a_picture_without_alpha_is_opaque_inside_its_window_only(rng: np.random.Generator) -> None:
    fg = Frame(FrameSpec(("R", "G", "B"), Window(2, 2, 5, 5), Window(0, 0, 16, 9)), np.full((3, 3, 3), 0.5, np.float32))
    bg = picture(rng)
    found = cook(MERGE, {"fg": fg, "bg": bg})
    expected = bg.pixels.copy()
    expected[:3, 2:5, 2:5], expected[3, 2:5, 2:5] = 0.5, 1
    np.testing.assert_allclose(found.pixels, expected, atol=1e-6)


def test_channels_chosen_are_merged_and_others_stay(rng: np.random.Generator) -> None:
    fg, bg = picture(rng), picture(rng)
    found = cook(MERGE, {"fg": fg, "bg": bg}, operation="plus", channels="R,A").pixels
    np.testing.assert_array_equal(found[1:3], bg.pixels[1:3])
    np.testing.assert_allclose(found[[0, 3]], (fg.pixels + bg.pixels)[[0, 3]], rtol=1e-6)


# --- other programs ---------------------------------------------------------------------------------


def test_gaffers_numbers(shared_data: Path) -> None:
    cases = json.loads((shared_data / "numbers/merge_modes.json").read_text())
    a, b = (Frame.of(np.reshape(cases[k], (4, 1, 1))) for k in ("A_rgba", "B_rgba"))
    for mode, expected in cases["expected"].items():
        found = cook(MERGE, {"fg": a, "bg": b}, operation={"add": "plus"}.get(mode, mode)).pixels.ravel()
        np.testing.assert_allclose(found, expected, atol=cases["tolerance_abs"], err_msg=mode)


def test_openimageios_over_of_two_windows(shared_data: Path) -> None:
    folder = shared_data / "golden/OpenImageIO/oiio-over"
    expected = read(folder / "a_over_b.exr")
    found = cook(MERGE, {"fg": read(folder / "a.exr"), "bg": read(folder / "b.exr")})
    assert found.spec.data_window == expected.spec.data_window
    # The reference is stored as half floats.
    assert decibels(found.pixels, expected.pixels) > 60


def test_gaffers_over(shared_data: Path) -> None:
    folder = shared_data / "golden/gaffer/gaffer"
    expected = read(folder / "rgbOverChecker.100x100.exr")
    found = cook(MERGE, {"fg": read(folder / "rgb.100x100.exr"), "bg": read(folder / "checkerboard.100x100.exr")})
    assert found.spec.data_window == expected.spec.data_window
    assert decibels(found.pixels[:3], expected.pixels[:3]) > 60
    # The checkerboard has no alpha: transparent to Gaffer, opaque to us.
    assert (found.channel("A") == 1).all() and expected.channel("A").min() == 0


def test_gaffers_mix_by_a_channel(shared_data: Path) -> None:
    folder = shared_data / "golden/gaffer/gaffer"
    expected, checker = read(folder / "checkerMix.100x100.exr"), read(folder / "checkerboard.100x100.exr")
    matte = Frame(checker.spec.with_(channels=("A",)), np.ascontiguousarray(checker.channel("R")[None]))
    # Its inputs as MixTest.testMaskedMix has them: 50 x 50 pixels of half transparent red and green.
    red = np.tile(np.reshape([0.5, 0, 0, 0.5], (4, 1, 1)), (1, 50, 50))
    green = red[[1, 0, 2, 3]]
    inputs = {
        "fg": Frame.of(green, data_window=Window(25, 25, 75, 75), display_window=checker.spec.display_window),
        "bg": Frame.of(red, data_window=Window(20, 30, 70, 80), display_window=checker.spec.display_window),
    }
    found = cook("nodegraph.merge.keymix", {**inputs, "mask": matte})
    assert found.spec.data_window == expected.spec.data_window
    assert decibels(found.pixels, expected.pixels) > 60


# --- the other nodes --------------------------------------------------------------------------------


def test_keymix_ignores_alpha(rng: np.random.Generator) -> None:
    fg, bg = picture(rng), picture(rng)
    matte = Frame.of(rng.random((1, 9, 16)))
    found = cook("nodegraph.merge.keymix", {"fg": fg, "bg": bg, "mask": matte}).pixels
    m = matte.pixels[0].astype(np.float64)
    np.testing.assert_allclose(found, fg.pixels * m + bg.pixels * (1 - m), atol=1e-6)


@pytest.mark.parametrize("amount", [0.0, 0.25, 1.0])
def test_dissolve(amount: float, rng: np.random.Generator) -> None:
    a, b = picture(rng), picture(rng)
    found = cook("nodegraph.merge.dissolve", {"image": a, "other": b}, amount=amount).pixels
    np.testing.assert_allclose(found, a.pixels * (1 - amount) + b.pixels * amount, atol=1e-6)


def test_premultiply_there_and_back(rng: np.random.Generator) -> None:
    image = picture(rng)
    image.pixels[3, 0, 0] = 0  # light added on top: left alone, so that nothing becomes infinite
    divided = cook("nodegraph.merge.unpremultiply", {"image": image})
    assert not divided.spec.premultiplied
    np.testing.assert_array_equal(divided.pixels[:, 0, 0], image.pixels[:, 0, 0])
    np.testing.assert_allclose(divided.pixels[:3, 1:], image.pixels[:3, 1:] / image.pixels[3, 1:], rtol=1e-6)
    back = cook("nodegraph.merge.premultiply", {"image": divided})
    assert back.spec.premultiplied
    np.testing.assert_allclose(back.pixels[:, 1:], image.pixels[:, 1:], rtol=1e-6)


def test_unpremultiply_equals_openimageios(shared_data: Path) -> None:
    import OpenImageIO as oiio

    source = read(shared_data / "golden/OpenImageIO/oiio-xform/checker_with_alpha.exr")
    theirs = oiio.ImageBufAlgo.unpremult(
        oiio.ImageBuf(str(shared_data / "golden/OpenImageIO/oiio-xform/checker_with_alpha.exr"))
    )
    found = cook("nodegraph.merge.unpremultiply", {"image": source})
    np.testing.assert_allclose(found.pixels.transpose(1, 2, 0), np.asarray(theirs.get_pixels(oiio.FLOAT)), atol=1e-6)


def test_shuffle_names_channels_of_two_pictures(rng: np.random.Generator) -> None:
    image, other = picture(rng), picture(rng)
    found = cook(
        "nodegraph.merge.shuffle", {"image": image, "other": other},
        red="B", green="other.G", blue="black", alpha="white", more="depth.Z = A, mask.a = other.missing",
    )  # fmt: skip
    assert found.spec.channels == ("R", "G", "B", "A", "depth.Z", "mask.a")
    zero = np.zeros_like(image.pixels[0])
    expected = [image.pixels[2], other.pixels[1], zero, zero + 1, image.pixels[3], zero]
    np.testing.assert_array_equal(found.pixels, expected)


def test_shuffle_says_what_it_cannot_read(rng: np.random.Generator) -> None:
    with pytest.raises(CookError, match=r"depth\.Z"):
        cook("nodegraph.merge.shuffle", {"image": picture(rng)}, more="depth.Z")


def test_copy_puts_channels_in_under_other_names(rng: np.random.Generator) -> None:
    image, source = picture(rng), picture(rng, Window(4, 4, 20, 12))
    found = cook("nodegraph.merge.copy", {"image": image, "source": source}, channels="R,A", to="mask.a,A")
    assert found.spec.channels == ("R", "G", "B", "A", "mask.a")
    assert found.spec.data_window == Window(0, 0, 20, 12)
    here, there = image.crop(found.spec.data_window), source.crop(found.spec.data_window)
    np.testing.assert_array_equal(found.channel("A"), there.channel("A"))
    np.testing.assert_array_equal(found.channel("mask.a"), there.channel("R"))
    np.testing.assert_array_equal(found.channel("G"), here.channel("G"))


@pytest.mark.parametrize(("values", "message"), [({"channels": "Q"}, "none of"), ({"to": "a,b"}, "names 2")])
def test_copy_names_the_parameter_that_is_wrong(values: dict[str, Any], message: str, rng: np.random.Generator) -> None:
    with pytest.raises(CookError, match=message):
        cook("nodegraph.merge.copy", {"image": picture(rng), "source": picture(rng)}, **values)


def test_remove_and_keep(rng: np.random.Generator) -> None:
    image = picture(rng)
    assert cook("nodegraph.merge.remove", {"image": image}).spec.channels == ("R", "G", "B")
    kept = cook("nodegraph.merge.remove", {"image": image}, operation="keep", channels="G,A")
    assert kept.spec.channels == ("G", "A")
    np.testing.assert_array_equal(kept.pixels, image.pixels[[1, 3]])


def test_add_channels_leaves_those_there(rng: np.random.Generator) -> None:
    image = picture(rng)
    found = cook("nodegraph.merge.add_channels", {"image": image}, channels="A, depth.Z", value=0.25)
    assert found.spec.channels == ("R", "G", "B", "A", "depth.Z")
    np.testing.assert_array_equal(found.pixels[:4], image.pixels)
    assert (found.channel("depth.Z") == 0.25).all()
