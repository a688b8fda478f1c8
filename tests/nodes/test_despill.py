"""Spill taken out: against the formulas in float64, and what each method promises."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.values import Frame
from tests.nodes.cooking import cook

Plane = NDArray[np.float64]
METHODS = ("average", "double", "limit", "hue-preserving")
LUMA = np.array([0.2126, 0.7152, 0.0722])
ORDER = {"green": (1, 0, 2), "blue": (2, 0, 1), "red": (0, 1, 2)}


def picture(rng: np.random.Generator, alpha: bool = True) -> Frame:
    pixels = rng.random((4 if alpha else 3, 12, 17)).astype(np.float32)
    if alpha:
        pixels[:3] *= pixels[3]
    return Frame.of(pixels)


def one(colour: tuple[float, ...], **values: Any) -> NDArray[np.float32]:
    pixel = np.array(colour, np.float32)[:, None, None]
    return cook("keying.despill", {"image": Frame.of(pixel)}, **values).pixels[:, 0, 0]


def spill_of(method: str, s: Plane, p: Plane, q: Plane, b: float, tint: tuple[float, float] = (0.2, 0.2)) -> Plane:
    """The docstring again, pixel by pixel."""
    found = np.empty(s.size)
    for k, (x, y, z) in enumerate(zip(s.ravel(), p.ravel(), q.ravel(), strict=True)):
        if method == "hue-preserving":
            by = (x - y) / (1 - tint[0]), (x - z) / (1 - tint[1])
            found[k] = np.interp(b, (0, 0.5, 1), (by[0], min(by), by[1]))
            continue
        limits = {
            "average": (1 - b) * y + b * z,
            "double": np.average([y, z], weights=[(1 - b) * (1 + (y > z)), b * (1 + (z > y))]),
            "limit": np.interp(b, (0, 0.5, 1), (y, max(y, z), z)),
        }
        found[k] = x - limits[method]
    return np.maximum(found, 0).reshape(s.shape)


@pytest.mark.parametrize("screen", ORDER)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("balance", [0.0, 0.3, 0.5, 0.8, 1.0])
def test_is_the_formula(screen: str, method: str, balance: float, rng: np.random.Generator) -> None:
    image = picture(rng)
    values: dict[str, Any] = {"screen": screen, "method": method, "balance": balance, "strength": 0.9}
    rgb = image.pixels[:3].astype(np.float64)
    order = ORDER[screen]
    s, p, q = rgb[list(order)]
    spill = 0.9 * spill_of(method, s, p, q, balance)
    expected = rgb.copy()
    for channel, share in zip(order, (1, 0.2, 0.2) if method == "hue-preserving" else (1, 0, 0), strict=True):
        expected[channel] = np.maximum(rgb[channel] - share * spill, 0)
    made = cook("keying.despill", {"image": image}, **values)
    np.testing.assert_allclose(made.pixels[:3], expected, atol=2e-6)
    np.testing.assert_array_equal(made.channel("A"), image.channel("A"))
    shown = cook("keying.despill", {"image": image}, view="spill map", **values)
    for channel in "RGBA":
        np.testing.assert_allclose(shown.channel(channel), rgb[order[0]] - expected[order[0]], atol=2e-6)
    assert (shown.channel("A") > 0).any() and (shown.channel("A") == 0).any()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("replace", ["none", "luminance", "soft colour", "background"])
@pytest.mark.parametrize("view", ["result", "spill map"])
def test_premultiplied_or_not_is_the_same(method: str, replace: str, view: str, rng: np.random.Generator) -> None:
    image = picture(rng)
    alpha = image.channel("A")
    straight = np.concatenate([image.pixels[:3] / alpha, alpha[None]])
    loose = Frame.of(straight, premultiplied=False)
    backdrop = Frame.of(rng.random((3, 12, 17)).astype(np.float32))
    made = [
        cook("keying.despill", {"image": each, "background": backdrop}, method=method, replace=replace, view=view)
        for each in (image, loose)
    ]
    assert [each.spec.premultiplied for each in made] == [True, view == "spill map"]
    whole = made[1].pixels[:3] * (alpha if view == "result" else 1)
    np.testing.assert_allclose(whole, made[0].pixels[:3], atol=2e-6)
    np.testing.assert_allclose(made[1].channel("A"), made[0].channel("A"), atol=2e-6)


def test_a_picture_without_alpha_gets_one_for_its_map_only(rng: np.random.Generator) -> None:
    image = picture(rng, alpha=False)
    assert cook("keying.despill", {"image": image}).spec.channels == ("R", "G", "B")
    assert cook("keying.despill", {"image": image}, view="spill map").spec.channels == ("R", "G", "B", "A")


def test_yellow_is_spill_to_some_and_not_to_others() -> None:
    """Why there is more than one method: yellow clothes before a green screen."""
    yellow = (0.8, 0.7, 0.1)
    assert one(yellow, method="average")[1] == pytest.approx(0.45)
    assert one(yellow, method="double")[1] == pytest.approx((2 * 0.8 + 0.1) / 3)
    for method in ("limit", "hue-preserving"):
        np.testing.assert_array_equal(one(yellow, method=method), np.float32(yellow))


@pytest.mark.parametrize("screen", ORDER)
def test_hues_without_spill_stay_exactly_and_a_grey_is_grey_again(screen: str, rng: np.random.Generator) -> None:
    key = ORDER[screen][0]
    colours = rng.random((3, 40, 40)).astype(np.float32)
    made = cook("keying.despill", {"image": Frame.of(colours)}, method="hue-preserving", screen=screen).pixels
    unspilt = colours[key] <= np.delete(colours, key, 0).max(0)
    assert unspilt.any() and (made[:, unspilt] == colours[:, unspilt]).all()
    for before, after in zip(colours[:, ~unspilt].T, made[:, ~unspilt].T, strict=True):
        hue = colorsys.rgb_to_hsv(*after)[0] * 360 if np.ptp(after) > 1e-4 else None
        off = 0 if hue is None else abs((hue - 120 * key + 180) % 360 - 180)
        assert off == 0 or off >= 59.5, (before, after)  # at the secondary beside it: yellow or cyan, for green
    light = np.array([0.2, 0.2, 0.2])
    light[key] = 1
    grey = tuple((0.3 + 0.15 * light).tolist())
    np.testing.assert_allclose(one(grey, method="hue-preserving", screen=screen), 0.3, atol=1e-6)
    assert np.ptp(one(grey, method="limit", screen=screen)) < 1e-6  # grey too, but tinted by what it was lit with
    assert one(grey, method="limit", screen=screen)[0] == pytest.approx(0.33)


def test_the_hue_of_the_screen_is_picked() -> None:
    """Spill of a bluish green: taken out with its own hue it leaves the subject's grey."""
    screen = np.array([0.02, 0.4, 0.22])
    lit = tuple((0.25 + 0.3 * screen).tolist())
    np.testing.assert_allclose(
        one(lit, method="hue-preserving", screen_colour=tuple(screen.tolist())), 0.25 + 0, atol=1e-6
    )
    assert np.ptp(one(lit, method="hue-preserving")) > 0.02
    odd = one(lit, method="hue-preserving", screen_colour=(0, 0, 0))
    np.testing.assert_allclose(odd, one(lit, method="limit"), atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_the_light_comes_back(method: str, rng: np.random.Generator) -> None:
    image = picture(rng)
    weigh = lambda pixels: np.tensordot(LUMA, pixels[:3].astype(np.float64), 1)  # noqa: E731
    plain = cook("keying.despill", {"image": image}, method=method).pixels
    lost = weigh(image.pixels) - weigh(plain)
    assert lost.max() > 0.1
    backdrop = np.broadcast_to(np.array([0.6, 0.1, 0.3], np.float32)[:, None, None], (3, 12, 17))
    wires = {"image": image, "background": Frame.of(backdrop)}
    for replace, hue in (
        ("luminance", (1, 1, 1)), ("soft colour", (0.4, 0.2, 0.1)), ("background", (0.6, 0.1, 0.3)),
    ):  # fmt: skip
        values = {"method": method, "replace": replace, "replace_colour": (0.4, 0.2, 0.1)}
        made = cook("keying.despill", wires, **values).pixels
        np.testing.assert_allclose(weigh(made), weigh(image.pixels), atol=3e-6)
        expected = plain[:3] + lost * np.array(hue)[:, None, None] / (LUMA @ hue)
        np.testing.assert_allclose(made[:3], expected, atol=3e-6)
        half = cook("keying.despill", wires, **values, replace_amount=0.5).pixels
        np.testing.assert_allclose(half[:3], (plain[:3] + expected) / 2, atol=3e-6)
    alone = cook("keying.despill", {"image": image}, method=method, replace="background").pixels
    np.testing.assert_array_equal(alone, plain)  # nothing connected, nothing put back
    black = {"image": image, "background": Frame.of(np.zeros((3, 12, 17), np.float32))}
    np.testing.assert_array_equal(cook("keying.despill", black, method=method, replace="background").pixels, plain)


def test_values_of_every_kind() -> None:
    for method in METHODS:
        np.testing.assert_array_equal(one((-0.1, -0.2, -0.3), method=method), np.float32((-0.1, -0.2, -0.3)))
        assert (one((0, 1, 0), method=method) >= 0).all() and one((0, 1, 0), method=method)[1] < 0.5
        np.testing.assert_array_equal(one((0, 0, 0), method=method), 0)
        for broken in ((0.2, np.nan, 0.1), (np.nan, 0.4, 0.1)):
            made = one(broken, method=method, replace="luminance")
            assert np.isfinite(made).all() and made[np.isnan(broken)] == 0
        assert one((3, 9, 2), method=method)[1] == pytest.approx(10 * one((0.3, 0.9, 0.2), method=method)[1])


def test_mix_and_window(rng: np.random.Generator) -> None:
    image = picture(rng)
    np.testing.assert_array_equal(cook("keying.despill", {"image": image}, mix=0.0).pixels, image.pixels)
    far = Frame.of(rng.random((3, 50, 60)).astype(np.float32))
    made = cook("keying.despill", {"image": image, "background": far}, replace="background")
    assert made.spec.data_window == image.spec.data_window
