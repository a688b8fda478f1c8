"""Keyers beside the chroma key, and what is done around a key."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.values import Frame
from tests.nodes.cooking import cook

LUMA = np.array([0.2126, 0.7152, 0.0722])
Pixels = NDArray[np.float32]


def colours(rng: np.random.Generator, alpha: bool = False) -> Frame:
    pixels = rng.random((4 if alpha else 3, 24, 31)).astype(np.float32)
    if alpha:
        pixels[:3] *= pixels[3]
    return Frame.of(pixels)


def row(*values: tuple[float, ...]) -> Frame:
    """A picture one pixel high."""
    return Frame.of(np.array(values, np.float32).T[:, None, :])


# --- luma -------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["luminance", "max", "min", "average", "red", "green", "blue"])
def test_luma_is_its_formula(measure: str, rng: np.random.Generator) -> None:
    image = colours(rng)
    rgb = image.pixels.astype(np.float64)
    v = {
        "luminance": np.tensordot(LUMA, rgb, 1), "max": rgb.max(0), "min": rgb.min(0), "average": rgb.mean(0),
        "red": rgb[0], "green": rgb[1], "blue": rgb[2],
    }[measure]  # fmt: skip
    values = {"measure": measure, "low": 0.4, "low_softness": 0.2, "high": 0.6, "high_softness": 0.1}
    expected = np.interp(v, (0.2, 0.4, 0.6, 0.7), (0, 1, 1, 0))
    made = cook("keying.luma", {"image": image}, **values)
    np.testing.assert_allclose(made.channel("A"), expected, atol=1e-5)
    np.testing.assert_allclose(made.pixels[:3], rgb * expected, atol=1e-5)
    other = cook("keying.luma", {"image": image}, **values, invert=True)
    np.testing.assert_allclose(other.channel("A"), 1 - expected, atol=1e-5)


def test_luma_premultiplies_or_not_and_looks_at_the_colour_itself(rng: np.random.Generator) -> None:
    image = colours(rng, alpha=True)
    alpha = image.channel("A")
    loose = Frame.of(np.concatenate([image.pixels[:3] / alpha, alpha[None]]), premultiplied=False)
    values = {"low": 0.5, "low_softness": 0.3}
    whole = [cook("keying.luma", {"image": each}, **values) for each in (image, loose)]
    straight = [cook("keying.luma", {"image": each}, **values, premultiply=False) for each in (image, loose)]
    np.testing.assert_allclose(whole[0].pixels, whole[1].pixels, atol=2e-6)
    np.testing.assert_allclose(straight[0].pixels, straight[1].pixels, atol=1e-5)
    assert whole[0].spec.premultiplied and not straight[0].spec.premultiplied
    key = np.interp(np.tensordot(LUMA, loose.pixels[:3], 1), (0.2, 0.5), (0, 1))
    np.testing.assert_allclose(whole[0].channel("A"), key * alpha, atol=1e-5)
    np.testing.assert_allclose(whole[0].pixels[:3], image.pixels[:3] * key, atol=1e-5)
    np.testing.assert_allclose(straight[0].pixels[:3], loose.pixels[:3], rtol=1e-5)


def test_luma_without_softness_steps_and_light_above_one_is_in() -> None:
    image = row((0.1,) * 3, (0.4999,) * 3, (0.5001,) * 3, (1.0,) * 3, (80.0,) * 3, (np.nan,) * 3, (-1.0,) * 3)
    made = cook("keying.luma", {"image": image}, low=0.5, low_softness=0.0).channel("A")[0]
    np.testing.assert_array_equal(made[:5], [0, 0, 1, 1, 1])
    assert 0 <= made[5] <= 1 and made[6] == 0


# --- range ------------------------------------------------------------------------------------


def test_range_is_its_formula_in_hsv(rng: np.random.Generator) -> None:
    image = colours(rng)
    values: dict[str, float] = {
        "hue": 20, "hue_width": 50, "hue_softness": 40, "saturation": 0.6, "saturation_width": 0.5,
        "saturation_softness": 0.3, "luminance": 0.4, "luminance_width": 0.3, "luminance_softness": 0.2,
    }  # fmt: skip
    expected = np.empty(image.pixels.shape[1:])
    for y, x in np.ndindex(expected.shape):
        r, g, b = (float(v) for v in image.pixels[:, y, x])
        h, s, _ = colorsys.rgb_to_hsv(r, g, b)
        away = abs((h * 360 - 20 + 180) % 360 - 180)
        light = abs(float(LUMA @ [r, g, b]) - 0.4)
        parts = (25 - away) / 40, (0.25 - abs(s - 0.6)) / 0.3, (0.15 - light) / 0.2
        expected[y, x] = np.prod(np.clip(np.array(parts) + 1, 0, 1))
    made = cook("keying.range", {"image": image}, **values)
    assert (expected > 0).sum() > 50 and (expected == 0).sum() > 50
    np.testing.assert_allclose(made.channel("A"), expected, atol=1e-4)
    np.testing.assert_allclose(made.pixels[:3], image.pixels * expected, atol=1e-4)


def test_hue_goes_round_and_greys_have_none() -> None:
    wide = {"saturation_width": 4.0, "luminance_width": 100.0}
    crimson, orange, green = (0.5, 0.1, 0.12), (0.5, 0.12, 0.1), (0.1, 0.5, 0.1)
    image = row(crimson, orange, green, (0.3, 0.3, 0.3), (0, 0, 0))
    for hue in (0.0, 360.0, -720.0):
        made = cook("keying.range", {"image": image}, hue=hue, hue_width=20.0, hue_softness=5.0, **wide).channel("A")
        np.testing.assert_array_equal(made[0], [1, 1, 0, 0, 0])
    whole = cook("keying.range", {"image": image}, hue_width=360.0, **wide).channel("A")
    np.testing.assert_array_equal(whole, 1)
    default = cook("keying.range", {"image": image}).channel("A")
    np.testing.assert_array_equal(default[0], [0, 0, 1, 0, 0])


# --- core and edge ------------------------------------------------------------------------------


def mattes() -> tuple[Frame, Frame, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """A soft key with a hole, premultiplied, and a hard core that is smaller."""
    e, c = (v.ravel()[None] for v in np.meshgrid(np.linspace(0, 1, 11), np.linspace(0, 1, 11)))
    colour = np.array([0.6, 0.4, 0.2])[:, None, None]
    soft = Frame.of(np.concatenate([colour * e, e[None]]))
    return soft, Frame.of(c[None]), e, c, colour


@pytest.mark.parametrize("operation", ["max", "screen", "keep edge"])
def test_core_and_edge(operation: str) -> None:
    soft, core, e, c, colour = mattes()
    t = np.clip((c - 0.4) / 0.6, 0, 1)
    expected = {
        "max": np.maximum(e, c), "screen": e + c - e * c,
        "keep edge": e + (np.maximum(e, c) - e) * t * t * (3 - 2 * t),
    }[operation]  # fmt: skip
    made = cook("keying.core_edge", {"image": soft, "core": core}, operation=operation, firm=0.4)
    np.testing.assert_allclose(made.channel("A"), expected, atol=1e-6)
    kept = e[0] > 0
    np.testing.assert_allclose(made.pixels[:3, :, kept], (colour * expected)[:, :, kept], atol=1e-5)
    backdrop = Frame.of(np.broadcast_to(np.array([0.1, 0.9, 0.3])[:, None, None], (3, *e.shape)))
    made = cook("keying.core_edge", {"image": soft, "core": core, "source": backdrop}, operation=operation, firm=0.4)
    filled = colour * e + np.array([0.1, 0.9, 0.3])[:, None, None] * (expected - e)
    np.testing.assert_allclose(made.pixels[:3], filled, atol=1e-5)
    loose = Frame.of(np.concatenate([np.broadcast_to(colour, (3, *e.shape)), e[None]]), premultiplied=False)
    straight = cook("keying.core_edge", {"image": loose, "core": core}, operation=operation, firm=0.4)
    assert not straight.spec.premultiplied
    np.testing.assert_allclose(
        (straight.pixels[:3] * straight.channel("A"))[:, :, kept], (colour * expected)[:, :, kept], atol=1e-5
    )


def test_keep_edge_leaves_what_lies_at_the_cores_own_edge() -> None:
    soft, core, e, c, _ = mattes()
    made = cook("keying.core_edge", {"image": soft, "core": core}, firm=0.5).channel("A")
    np.testing.assert_allclose(made[c <= 0.5], e[c <= 0.5], atol=1e-6)
    assert (made[c == 1] == 1).all()
    hard = cook("keying.core_edge", {"image": soft, "core": core}, operation="max", core_black=0.7, core_white=0.7)
    np.testing.assert_allclose(hard.channel("A"), np.where(c > 0.705, 1, e), atol=1e-6)
