"""Keyers beside the chroma key, and what is done around a key."""

from __future__ import annotations

import colorsys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage  # noqa: TID253

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.graph import Graph
from nodegraph.kernels.filters.samples import middle
from nodegraph.kernels.pool import Pool
from nodegraph.node import Query, Source
from nodegraph.packs import registry
from nodegraph.values import Frame, FrameSpec, Window
from tests.nodes.cooking import cook
from tests.nodes.generic import Given

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


# --- edge extend --------------------------------------------------------------------------------

SKIN, SCREEN = np.array([0.5, 0.32, 0.24]), np.array([0.08, 0.36, 0.09])


def soft_disc(height: int = 90, width: int = 160, radius: float = 30, edge: float = 6) -> NDArray[np.float64]:
    ys, xs = np.mgrid[0:height, 0:width]
    return np.clip((radius + edge / 2 - np.hypot(xs - width / 2, ys - height / 2)) / edge, 0, 1)


def fringed() -> tuple[Frame, NDArray[np.float64]]:
    """A subject whose soft edge still has the screen's colour in it."""
    alpha = soft_disc()
    colour = SKIN[:, None, None] * alpha + SCREEN[:, None, None] * (1 - alpha)
    return Frame.of(np.concatenate([colour * alpha, alpha[None]])), alpha


def engine_of(type: str, inputs: dict[str, Frame], threads: int = 1, tier: Any = "numpy", **values: Any) -> Engine:
    types = {**registry(), Given.id: Given(inputs)}
    graph = Graph({id: node.schema for id, node in types.items()})
    graph.configure(width=160, height=90)
    graph.add(type, name="node", params=values)
    for port in inputs:
        graph.add(Given.id, name=f"in_{port}", which=port)
        graph.connect(f"in_{port}", f"node.{port}")
    return Engine(graph, types, tier=tier, threads=threads)


def test_edges_take_the_subjects_colour() -> None:
    image, alpha = fringed()
    made = cook("keying.edge_extend", {"image": image}, size=12.0)
    edge = (alpha > 0.02) & (alpha < 1)
    np.testing.assert_allclose(made.pixels[:3, edge] / alpha[edge], np.repeat(SKIN[:, None], edge.sum(), 1), atol=0.01)
    np.testing.assert_array_equal(made.channel("A"), image.channel("A"))
    np.testing.assert_array_equal(made.pixels[:, alpha == 1], image.pixels[:, alpha == 1])
    assert not made.pixels[:, alpha == 0].any()


def test_straight_pictures_are_extended_into_the_transparent() -> None:
    image, alpha = fringed()
    straight = np.where(alpha > 0, image.pixels[:3] / np.maximum(alpha, 1e-6), 0)
    loose = Frame.of(np.concatenate([straight, alpha[None]]), premultiplied=False)
    made = cook("keying.edge_extend", {"image": loose}, size=8.0)
    around = soft_disc(radius=35, edge=0.001) > 0
    np.testing.assert_allclose(made.pixels[:3, around], np.repeat(SKIN[:, None], around.sum(), 1), atol=0.01)
    assert not made.pixels[:3, 0, 0].any() and not made.spec.premultiplied


def test_inset_gets_rid_of_what_alpha_calls_solid() -> None:
    alpha = soft_disc()
    spilt = soft_disc(radius=26)
    colour = SKIN[:, None, None] * spilt + SCREEN[:, None, None] * (1 - spilt)
    image = Frame.of(np.concatenate([colour * alpha, alpha[None]]))
    edge = (alpha > 0.02) & (spilt < 1)

    def off(inset: float) -> float:
        made = cook("keying.edge_extend", {"image": image}, size=12.0, inset=inset)
        return float(np.abs(made.pixels[:3, edge] / alpha[edge] - SKIN[:, None]).mean())

    assert off(0) > 0.05 and off(8) < 0.003


def test_edge_extend_without_alpha_or_colour_or_size() -> None:
    image, alpha = fringed()
    with engine_of("keying.edge_extend", {"image": image}, size=0.0) as engine:
        assert engine.cook("node").pixels is image.pixels
    opaque = Frame.of(image.pixels[:3])
    np.testing.assert_array_equal(cook("keying.edge_extend", {"image": opaque}).pixels, opaque.pixels)
    with pytest.raises(ng.NodegraphError, match=r"R, G and B"):
        cook("keying.edge_extend", {"image": Frame.of(alpha[None])})
    nothing = Frame.of(image.pixels * 0.9)  # nothing of it is sure
    np.testing.assert_array_equal(cook("keying.edge_extend", {"image": nothing}).pixels, nothing.pixels)


def test_edge_extend_keeps_the_order_of_channels_and_the_others() -> None:
    image, _ = fringed()
    depth = np.full((1, 90, 160), 7, np.float32)
    other = Frame.of(np.concatenate([depth, image.pixels[[3, 2, 1, 0]]]), channels=("depth.Z", "A", "B", "G", "R"))
    made = cook("keying.edge_extend", {"image": other}, size=12.0)
    assert made.spec.channels == other.spec.channels
    expected = cook("keying.edge_extend", {"image": image}, size=12.0)
    for channel in "RGBA":
        np.testing.assert_array_equal(made.channel(channel), expected.channel(channel))
    assert (made.channel("depth.Z") == 7).all()


# --- light wrap ---------------------------------------------------------------------------------


def staged(rng: np.random.Generator) -> tuple[Frame, Frame, NDArray[np.float64]]:
    """A premultiplied subject and what it stands before."""
    alpha = soft_disc()
    subject = np.concatenate([SKIN[:, None, None] * alpha, alpha[None]])
    return Frame.of(subject), Frame.of(2 * rng.random((3, 90, 160))), alpha


@pytest.mark.parametrize("mode", ["plus", "screen", "over"])
@pytest.mark.parametrize("luma_only", [False, True])
def test_light_wrap_is_its_formula(mode: str, luma_only: bool, rng: np.random.Generator) -> None:
    image, bg, alpha = staged(rng)
    blur = [ndimage.gaussian_filter(plane, 3.0, mode="nearest", truncate=6) for plane in (alpha, *bg.pixels)]
    light = np.stack(blur[1:]).astype(np.float64)
    if luma_only:
        light[:] = np.tensordot(LUMA, light, 1)
    e = (1 - blur[0]) * alpha * 0.8
    before, wrap = image.pixels[:3], e * light
    expected = {
        "plus": before + wrap, "screen": before + wrap * (1 - np.clip(before, 0, 1)), "over": wrap + before * (1 - e),
    }[mode]  # fmt: skip
    values = {"mode": mode, "size": 3.0, "soften": 3.0, "intensity": 0.8, "luma_only": luma_only}
    wires = {"image": image, "bg": bg}
    made = cook("keying.light_wrap", wires, **values)
    np.testing.assert_allclose(made.pixels[:3], expected, atol=1e-4)
    np.testing.assert_array_equal(made.channel("A"), image.channel("A"))
    alone = cook("keying.light_wrap", wires, **values, output="wrap")
    np.testing.assert_allclose(alone.pixels[:3], wrap, atol=1e-4)
    over = cook("keying.light_wrap", wires, **values, output="composite")
    np.testing.assert_allclose(over.pixels[:3], expected + bg.pixels * (1 - alpha), atol=1e-4)
    lit = cook("keying.light_wrap", wires, **values, keep_alpha=False).channel("A")
    laid = {"plus": alpha + e, "screen": alpha + e * (1 - alpha), "over": e + alpha * (1 - e)}[mode]
    np.testing.assert_allclose(lit, laid, atol=1e-4)


def test_light_wrap_stays_at_the_edge_and_not_at_the_frames(rng: np.random.Generator) -> None:
    image, bg, alpha = staged(rng)
    made = cook("keying.light_wrap", {"image": image, "bg": bg}, size=2.0, mode="plus")
    changed = np.abs(made.pixels[:3] - image.pixels[:3]).max(0)
    assert (
        changed[45, 80] < 1e-6 and changed[alpha == 0].max() == 0 and changed[(alpha > 0.4) & (alpha < 0.6)].min() > 0.1
    )
    whole = Frame.of(np.concatenate([image.pixels[:3], np.ones((1, 90, 160), np.float32)]))
    cut = cook("keying.light_wrap", {"image": whole, "bg": bg})
    np.testing.assert_allclose(cut.pixels, whole.pixels, atol=1e-5)  # the frame's border is no edge
    opaque = cook("keying.light_wrap", {"image": Frame.of(image.pixels[:3]), "bg": bg}, output="wrap")
    assert np.abs(opaque.pixels[:3]).max() < 1e-5


def test_light_wrap_of_a_straight_picture_is_straight(rng: np.random.Generator) -> None:
    image, bg, alpha = staged(rng)
    colour = np.broadcast_to(SKIN[:, None, None], (3, *alpha.shape))
    loose = Frame.of(np.concatenate([colour, alpha[None]]), premultiplied=False)
    made = cook("keying.light_wrap", {"image": loose, "bg": bg})
    expected = cook("keying.light_wrap", {"image": image, "bg": bg})
    assert not made.spec.premultiplied
    np.testing.assert_allclose(made.pixels[:3] * alpha, expected.pixels[:3], atol=1e-5)


# --- difference ---------------------------------------------------------------------------------


def before_a_wall(rng: np.random.Generator, noise: float = 0.0) -> tuple[Frame, Frame, NDArray[np.float64]]:
    """A disc before a wall with a pattern on it; the same wall without it."""
    alpha = soft_disc(edge=2)
    ys, xs = np.mgrid[0:90, 0:160]
    wall = np.stack([0.3 + 0.1 * np.sin(xs / 9), 0.3 + 0.1 * np.cos(ys / 7), 0.35 + 0 * xs])
    image = SKIN[:, None, None] * alpha + wall * (1 - alpha) + rng.normal(0, noise, wall.shape)
    return Frame.of(image), Frame.of(wall + rng.normal(0, noise / 4, wall.shape)), alpha


@pytest.mark.parametrize("blur", [0.0, 2.5])
def test_difference_is_its_formula(blur: float, rng: np.random.Generator) -> None:
    image, plate, _ = before_a_wall(rng, 0.01)
    values = {"noise": 0.006, "grain": 0.02, "luminance": 0.4, "chroma": 1.2, "blur": blur}
    d = image.pixels.astype(np.float64) - plate.pixels
    if blur:
        d = np.stack([ndimage.gaussian_filter(plane, blur, mode="nearest", truncate=6) for plane in d])
    y = np.tensordot(LUMA, d, 1)
    noise = np.sqrt(0.006**2 + 0.02**2 * np.tensordot(LUMA, plate.pixels, 1))
    if blur:
        noise = noise / (2 * np.sqrt(np.pi) * blur)
    far = np.sqrt((0.4 * y) ** 2 + 1.2**2 * ((d - y) ** 2).sum(0)) / noise
    wires = {"image": image, "plate": plate}
    np.testing.assert_allclose(
        cook("keying.difference", wires, view="distance", **values).pixels[0], far, rtol=1e-3, atol=1e-3
    )
    values |= {"threshold": 3.0, "softness": 5.0, "gain": 0.7}
    key = np.clip((0.7 * far - 3) / 5, 0, 1)
    made = cook("keying.difference", wires, **values)
    np.testing.assert_allclose(made.channel("A"), key, atol=1e-3)
    np.testing.assert_allclose(made.pixels[:3], image.pixels * key, atol=1e-3)
    shown = cook("keying.difference", wires, view="matte", **values)
    assert all(np.array_equal(shown.channel(c), made.channel("A")) for c in "RGBA")
    less = cook("keying.difference", wires, subtract=True, **values)
    np.testing.assert_allclose(
        less.pixels[:3], np.maximum(image.pixels - (1 - key) * plate.pixels, 0) * (key > 0), atol=1e-3
    )


def test_blurring_the_difference_takes_the_noise_it_says(rng: np.random.Generator) -> None:
    """Of noise as strong as declared the distance is about 1, however much is blurred."""
    wall = np.full((3, 90, 160), 0.25)
    wires = {"image": Frame.of(wall + rng.normal(0, 0.02, wall.shape)), "plate": Frame.of(wall)}
    values = {"view": "distance", "noise": 0.02, "grain": 0.0, "luminance": 1.0}
    for blur in (0.0, 1.0, 3.0, 6.0):
        far = cook("keying.difference", wires, blur=blur, **values).pixels[0]
        assert np.sqrt((far**2).mean()) == pytest.approx(
            np.sqrt(3 - 2 * LUMA.sum() + 3 * (LUMA**2).sum() + (LUMA**2).sum()), rel=0.25
        )


def test_shadows_are_forgiven_and_noise_stays_out(rng: np.random.Generator) -> None:
    image, plate, alpha = before_a_wall(rng, 0.004)
    far = soft_disc(radius=42, edge=2) == 0
    shaded = image.pixels.copy()
    shaded[:, far] *= 0.85
    wires = {"image": Frame.of(shaded), "plate": plate}
    made = cook("keying.difference", wires, blur=1.5, luminance=0.0, threshold=20.0, softness=30.0).channel("A")
    assert made[far].mean() < 0.03 and made[alpha == 1].min() > 0.9
    strict = cook("keying.difference", wires, blur=1.5, luminance=2.0, threshold=20.0, softness=30.0).channel("A")
    assert strict[far].mean() > 0.3


def test_difference_needs_a_plate(rng: np.random.Generator) -> None:
    with pytest.raises(ng.NodegraphError, match="plate"):
        cook("keying.difference", {"image": colours(rng)})


# --- clean plate --------------------------------------------------------------------------------


class Passing(Source):
    """A light square that crosses a noisy set, a new place at every frame."""

    id = "tests.passing"
    reads = frozenset({"frame"})
    asked: list[int]

    def __init__(self, noise: float = 0.0) -> None:
        self.noise, self.asked = noise, []

    def describe(self, q: Query) -> FrameSpec:
        window = Window.sized(60, 20)
        return FrameSpec(("R", "G", "B"), window, window)

    def cook(self, q: Query, region: Window, pool: Pool) -> Frame:
        self.asked.append(q.frame)
        pixels = background() + np.random.default_rng(q.frame).normal(0, self.noise, (3, 20, 60))
        at = 3 * q.frame % 60
        pixels[:, 4:16, at : at + 12] = 0.9
        if q.frame == 5:
            pixels[0, 2, 2] = np.nan
        return Frame(self.describe(q), pixels.astype(np.float32))


def background() -> NDArray[np.float64]:
    return np.linspace(0.1, 0.5, 3 * 20 * 60).reshape(3, 20, 60)


def plate_of(source: Passing, **values: Any) -> Engine:
    types = {**registry(), source.id: source}
    graph = Graph({id: node.schema for id, node in types.items()})
    graph.configure(width=60, height=20)
    graph.add(source.id, name="take")
    graph.add("keying.clean_plate", name="plate", params=values)
    graph.connect("take", "plate")
    return Engine(graph, types, tier="numpy", threads=1)


def test_a_clean_plate_is_learnt_and_once_for_all_frames() -> None:
    source = Passing()
    with plate_of(source, first=1, last=20, samples=9) as engine:
        made = engine.cook("plate", 3)
        np.testing.assert_allclose(made.pixels, background(), atol=1e-6)
        assert sorted(source.asked) == [round(v) for v in np.linspace(1, 20, 9)]
        engine.cook("plate", 17)
        assert len(source.asked) == 9
        np.testing.assert_array_equal(
            engine.cook("plate", 1, region=Window(10, 5, 30, 9)).crop(Window(10, 5, 30, 9)).pixels,
            made.pixels[:, 5:9, 10:30],
        )


def test_more_of_the_middle_has_less_noise() -> None:
    def error(smooth: float) -> float:
        with plate_of(Passing(0.02), first=1, last=20, samples=20, smooth=smooth) as engine:
            return float((engine.cook("plate").pixels - background())[:, :4].std())

    assert error(0.9) < 0.85 * error(0.0) < 0.85 * 0.02 / 2


def test_one_sample_and_a_range_turned_round() -> None:
    with plate_of(Passing(), first=7, last=7) as engine:
        one = engine.cook("plate")
    source = Passing()
    with plate_of(source, first=20, last=1, samples=3) as engine:
        engine.cook("plate")
    assert one.pixels.max() == np.float32(0.9) and sorted(source.asked) == [1, 10, 20]


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_the_middle_of_samples_is_numpys(count: int, rng: np.random.Generator, pool: Pool) -> None:
    frames = rng.normal(0, 1, (count, 2, 37, 53)).astype(np.float32)
    frames[rng.random(frames.shape) < 0.2] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        expected = np.nan_to_num(np.nanmedian(frames, 0))
    dst = np.empty_like(frames[0])
    middle(list(frames), dst, pool)
    np.testing.assert_allclose(dst, expected, atol=1e-6)
    one = np.empty_like(dst)
    middle(list(frames), one, Pool.serial())
    np.testing.assert_array_equal(one, dst)
    whole = np.sort(np.nan_to_num(frames, nan=np.inf), 0)
    middle(list(frames), one, pool, share=1.0)
    known = np.isfinite(whole)
    mean = np.where(known, whole, 0).sum(0) / np.maximum(known.sum(0), 1)
    np.testing.assert_allclose(one, mean, atol=1e-5)


# --- image based --------------------------------------------------------------------------------


def uneven(
    rng: np.random.Generator, screen: NDArray[np.float64], noise: float
) -> tuple[Frame, NDArray[np.float64], NDArray[np.float64]]:
    """A subject before a screen with a gradient, folds and noise; its true alpha; the screen's own picture."""
    alpha = soft_disc(edge=4)
    _, xs = np.mgrid[0:90, 0:160]
    light = (1 - 0.4 * xs / 160) * (1 + 0.06 * np.sin(xs / 6))
    plate = screen[:, None, None] * light
    image = SKIN[:, None, None] * alpha + plate * (1 - alpha)
    return Frame.of(image + rng.normal(0, noise, image.shape)), alpha, plate


@pytest.mark.parametrize("screen", [SCREEN, np.array([0.05, 0.12, 0.42])], ids=["green", "blue"])
def test_image_based_finds_the_screen_and_the_matte(screen: NDArray[np.float64], rng: np.random.Generator) -> None:
    image, alpha, plate = uneven(rng, screen, 0.004)
    made = cook("keying.image_based", {"image": image})
    matte = made.channel("A")
    assert np.abs(matte - alpha).mean() < 0.012
    assert matte[alpha == 0].mean() < 0.005 and matte[alpha == 1].min() > 0.97
    grown = cook("keying.image_based", {"image": image}, view="plate")
    seen = soft_disc(radius=38, edge=1) == 0
    assert np.abs(grown.pixels[:3, seen] - image.pixels[:, seen]).max(0).mean() < 0.002  # its own noise and all
    assert np.abs(grown.pixels[:3] - plate).mean() < 0.012 and (grown.channel("A") == 1).all()
    key = int(screen.argmax())  # the weights that make the subject's colour difference 0 make its matte exact
    weights = {"red_weight": 0.4, "other_weight": 0.5} if key == 1 else {"red_weight": 0.3, "other_weight": 0.28125}
    made = cook("keying.image_based", {"image": image}, **weights)
    assert np.abs(made.channel("A") - alpha).mean() < 0.005
    edge = (alpha > 0.3) & (alpha < 0.9)
    assert np.abs((made.pixels[:3, edge] / made.channel("A")[edge]).mean(1) - SKIN).max() < 0.02
    shown = cook("keying.image_based", {"image": image}, view="matte")
    assert all(np.array_equal(shown.channel(c), matte) for c in "RGBA")


def test_image_based_is_its_formula_against_a_plate(rng: np.random.Generator) -> None:
    image, _, plate = uneven(rng, SCREEN, 0.01)
    for weights in ((0.5, 0.5), (0.9, 0.2)):
        weigh = lambda c, w=weights: c[1] - (w[0] * c[0] + w[1] * c[2])  # noqa: E731
        share = np.clip(weigh(image.pixels.astype(np.float64)) / weigh(plate), 0, 1)
        values = {"red_weight": weights[0], "other_weight": weights[1]}
        made = cook("keying.image_based", {"image": image, "plate": Frame.of(plate)}, **values)
        np.testing.assert_allclose(made.channel("A"), 1 - share, atol=1e-5)
        expected = np.maximum(image.pixels - share * plate, np.minimum(image.pixels, 0)) * (share < 1)
        some = (share == 1) | (share < 1 - 1e-5)
        np.testing.assert_allclose(made.pixels[:3, some], expected[:, some], atol=1e-5)
    clipped = cook(
        "keying.image_based", {"image": image, "plate": Frame.of(plate)}, clip_black=0.2, clip_white=0.7, **values
    )
    np.testing.assert_allclose(clipped.channel("A"), np.clip((1 - share - 0.2) / 0.5, 0, 1), atol=1e-5)


@pytest.mark.parametrize("colour", [(0.5, 0.45, 0.05), (0.05, 0.4, 0.38), (0.45, 0.06, 0.4)])
def test_image_based_with_screens_of_two_channels(colour: tuple[float, ...], rng: np.random.Generator) -> None:
    alpha = soft_disc(edge=4)
    grey = np.full(3, 0.3)
    image = grey[:, None, None] * alpha + np.array(colour)[:, None, None] * (1 - alpha)
    matte = cook("keying.image_based", {"image": Frame.of(image)}).channel("A")
    assert np.abs(matte - alpha).mean() < 0.01


def test_image_based_by_a_picked_colour_and_with_a_garbage_matte(rng: np.random.Generator) -> None:
    image, alpha, _ = uneven(rng, SCREEN, 0.002)
    matte = cook("keying.image_based", {"image": image}, screen="pick", colour=tuple(SCREEN)).channel("A")
    assert np.abs(matte - alpha).mean() < 0.01
    half = np.ones((1, 90, 160), np.float32)
    half[:, :, :60] = 0
    held = Frame.of(np.concatenate([image.pixels * half, half]))
    picked: dict[str, Any] = {"screen": "pick", "colour": tuple(SCREEN)}
    made = cook("keying.image_based", {"image": held}, **picked)
    assert not made.pixels[:, :, :60].any()
    assert np.abs(made.channel("A") - alpha)[:, 60:].mean() < 0.01
    straight = Frame.of(np.concatenate([image.pixels, half]), premultiplied=False)
    np.testing.assert_allclose(cook("keying.image_based", {"image": straight}, **picked).pixels, made.pixels, atol=1e-5)


def test_image_based_without_a_screen_or_colours() -> None:
    for value in (0.0, 0.3):
        picture = Frame.of(np.full((3, 30, 40), value, np.float32))
        made = cook("keying.image_based", {"image": picture})
        assert (made.channel("A") == 1).all() and np.array_equal(made.pixels[:3], picture.pixels)
    assert cook("keying.image_based", {"image": Frame.of(np.full((3, 1, 1), 0.3))}).channel("A") == 1
    with pytest.raises(ng.NodegraphError, match="R, G and B"):
        cook("keying.image_based", {"image": Frame.of(np.ones((1, 20, 20)))})


# --- what holds for all that look around ----------------------------------------------------------

AROUND: dict[str, dict[str, Any]] = {
    "keying.edge_extend": {"size": 3.0, "inset": 1.5},
    "keying.light_wrap": {"size": 4.0, "soften": 3.0, "output": "composite"},
    "keying.difference": {"blur": 2.0},
    "keying.image_based": {"erode": 1.5, "soften": 1.0},
}


def wires_of(type: str, rng: np.random.Generator) -> dict[str, Frame]:
    if type == "keying.image_based":
        return {"image": uneven(rng, SCREEN, 0.003)[0]}
    if type == "keying.difference":
        return dict(zip(("image", "plate"), before_a_wall(rng, 0.004), strict=False))
    image, bg, _ = staged(rng)
    return {"image": image} if type == "keying.edge_extend" else {"image": image, "bg": bg}


@pytest.mark.parametrize("type", AROUND)
def test_a_part_is_cut_from_the_whole(type: str, rng: np.random.Generator) -> None:
    wires, part = wires_of(type, rng), Window(61, 17, 120, 66)
    with engine_of(type, wires, 3, **AROUND[type]) as many, engine_of(type, wires, **AROUND[type]) as one:
        whole = many.cook("node").crop(part)
        made = one.cook("node", region=part).crop(part)
    assert np.ptp(whole.pixels[0]) > 0.1
    np.testing.assert_allclose(made.pixels, whole.pixels, atol=2e-5)


@pytest.mark.parametrize("type", AROUND)
def test_proxies_are_alike(type: str, rng: np.random.Generator) -> None:
    wires = {
        port: Frame(f.spec, ndimage.gaussian_filter(f.pixels, (0, 3, 3))) for port, f in wires_of(type, rng).items()
    }
    with engine_of(type, wires, **AROUND[type]) as engine:
        full = engine.cook("node").crop(Window.sized(160, 90))
        half = engine.cook("node", scale=0.5).crop(Window.sized(80, 45))
    means = full.pixels.reshape(-1, 45, 2, 80, 2).mean((2, 4))
    assert np.abs(half.pixels - means).mean() < 0.012


@pytest.mark.parametrize("type", AROUND)
def test_pixels_that_are_no_numbers_stay_near(type: str, rng: np.random.Generator) -> None:
    wires = wires_of(type, rng)
    broken = wires["image"].pixels.copy()
    broken[0, 45, 80], broken[1, 5, 5] = np.nan, np.inf
    whole = cook(type, wires, **AROUND[type]).pixels
    made = cook(type, {**wires, "image": Frame(wires["image"].spec, broken)}, **AROUND[type]).pixels
    far = np.ones(made.shape[1:], bool)
    far[20:70, 55:105] = far[:30, :30] = False
    assert np.isfinite(made[:, far]).all()
    np.testing.assert_allclose(made[:, far], whole[:, far], atol=0.02)


@pytest.mark.parametrize("type", AROUND)
def test_one_black_pixel(type: str, rng: np.random.Generator) -> None:
    ports = wires_of(type, rng)
    made = cook(type, {port: Frame.of(np.zeros((4, 1, 1))) for port in ports}, **AROUND[type])
    assert np.isfinite(made.pixels).all() and not made.pixels[:3].any()


@pytest.mark.parametrize("type", AROUND)
def test_compiled_code_is_the_same(type: str, rng: np.random.Generator) -> None:
    wires = wires_of(type, rng)
    with engine_of(type, wires, **AROUND[type]) as engine, engine_of(type, wires, tier="wait", **AROUND[type]) as other:
        plain, fast = engine.cook("node").pixels, other.cook("node").pixels
    np.testing.assert_allclose(fast, plain, atol=2e-4)


def test_image_based_keys_a_real_screen(shared_data: Path) -> None:
    """Corners are screen, something in the middle is not."""
    path = shared_data / "greenscreen/ARKitChromaKeySamples/image001.png"
    if not path.is_file():
        pytest.skip("no green-screen picture in the shared material")
    graph = ng.load(Path(__file__).parents[2] / "samples/key.graph")
    graph.set("plate.path", str(path))
    graph.add("keying.image_based", name="ibk")
    graph.connect("plate", "ibk")
    matte = ng.cook(graph, "ibk", scale=0.5).channel("A")
    assert 0.02 < matte.mean() < 0.98
