"""The meter: against the same measures of every pixel, in NumPy, where it is known what is screen and what isn't."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from nodegraph_nodes.keying.quality import PENALTIES, Quality, QualityMeter, measure
from numpy.typing import NDArray

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.errors import NodegraphError
from nodegraph.graph import Graph
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.quality import Picture, find, look
from nodegraph.node import Query, Values
from nodegraph.packs import registry
from nodegraph.values import Frame, Window
from tests.nodes.cooking import cook
from tests.nodes.generic import Given

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

HEIGHT, WIDTH = 270, 480
SCREEN = np.array([0.08, 0.36, 0.09])[:, None, None]
SKIN = np.array([0.5, 0.32, 0.24])[:, None, None]
YS, XS = np.mgrid[0:HEIGHT, 0:WIDTH]
#: Well away from the subject's edge, and from the band that the meter leaves out.
FAR = np.hypot(XS - 240, YS - 135)


def rgba(colour: Array, alpha: Array) -> Frame:
    """A premultiplied picture."""
    return Frame.of(np.concatenate([colour * alpha, alpha[None]]).astype(np.float32))


class Stage(NamedTuple):
    """A disc of 70 pixels before a screen, its key as it should be, and its alpha."""

    plate: Frame
    keyed: Frame
    alpha: Array

    def with_alpha(self, alpha: Array) -> Frame:
        return rgba(SKIN * np.ones_like(alpha), alpha)


def stage(ramp: float = 4.0, light: Array | float = 1.0, noise: float = 0.003, seed: int = 1) -> Stage:
    alpha = np.clip((70 - FAR) / ramp + 0.5, 0, 1)
    plate = SKIN * alpha + SCREEN * light * (1 - alpha)
    plate = plate + np.random.default_rng(seed).normal(0, noise, plate.shape)
    return Stage(Frame.of(plate.astype(np.float32)), rgba(SKIN * np.ones_like(alpha), alpha), alpha)


BACK, INNER = FAR > 90, FAR < 50


def test_a_good_key() -> None:
    made = stage()
    found = measure(made.plate, made.keyed, made.keyed)
    assert found.screen and found.score > 99 and found.hints == ()
    assert found.residue == found.residue_95 == found.background_noise == found.flicker == 0
    assert found.holes == found.core_noise == found.spill == found.odd == 0
    assert found.backing == pytest.approx(BACK.mean(), abs=0.06)
    assert found.core == pytest.approx(INNER.mean(), abs=0.06)


# --- each measure against every pixel ---------------------------------------------------------


def test_residue_and_noise_of_the_background() -> None:
    made = stage()
    rng = np.random.default_rng(5)
    noisy = np.where(FAR > 78, np.maximum(0.08 + 0.03 * XS / WIDTH + rng.normal(0, 0.03, FAR.shape), 0), made.alpha)
    found = measure(made.plate, made.with_alpha(noisy))
    there = noisy[BACK]
    assert found.residue == pytest.approx(there.mean(), rel=0.02)
    assert found.residue_95 == pytest.approx(np.percentile(there, 95), abs=0.006)
    assert found.background_noise == pytest.approx(there.std(), rel=0.03)
    assert found.holes == found.core_noise == 0
    assert any("screen is left in the background (95th percentile 0.15): raise clip black" in h for h in found.hints)
    assert "matte is noisy in the background (0.03): raise clip black or denoise" in found.hints


def test_holes_and_noise_of_the_core() -> None:
    made = stage()
    rng = np.random.default_rng(5)
    matte = np.where(FAR < 60, 0.97 + rng.normal(0, 0.02, FAR.shape), made.alpha)
    matte[120:150, 225:255] = 0.3
    found = measure(made.plate, made.with_alpha(matte))
    inner = np.sqrt(found.core * HEIGHT * WIDTH / np.pi) > FAR
    assert inner.sum() > INNER.sum()
    assert found.holes == pytest.approx(np.maximum(1 - matte[inner], 0).mean(), rel=0.08)
    assert found.core_noise == pytest.approx(matte[inner].std(), rel=0.08)
    assert found.residue == 0
    assert any(h.startswith("holes in the subject (") and "lower clip white" in h for h in found.hints)


@pytest.mark.parametrize("ramp", [3.0, 6.0, 12.0, 24.0])
def test_edge_width(ramp: float) -> None:
    made = stage(ramp)
    assert measure(made.plate, made.keyed).edge_width == pytest.approx(ramp, rel=0.1)


def test_a_blurred_edge_is_as_wide_as_its_slope_says() -> None:
    """Of a Gaussian's integral 1 / slope is sqrt(2 pi) sigma in the middle, a little more around it."""
    from scipy import ndimage

    made = stage()
    soft = ndimage.gaussian_filter((FAR < 70).astype(np.float64), 5)
    assert measure(made.plate, made.with_alpha(soft)).edge_width == pytest.approx(np.sqrt(2 * np.pi) * 5, rel=0.06)


def test_hard_edges_are_told() -> None:
    made = stage()
    found = measure(made.plate, made.with_alpha((FAR < 70).astype(np.float64)))
    assert found.edge_width == 0 and any("edges are hard" in h for h in found.hints)


@pytest.mark.parametrize("premultiplied", [True, False])
def test_spill(premultiplied: bool) -> None:
    """sum of max(0, e(F a)) / (sum of a . e(screen)), as the benchmark's `spill`, over the soft edge."""
    from benchmarks.mattes import metrics

    made = stage(ramp=12)
    colour = 0.3 + SCREEN * (0.6 + 0.3 * np.sin(XS / 7))
    keyed = rgba(colour, made.alpha)
    if not premultiplied:
        straight = np.concatenate([colour, made.alpha[None]]).astype(np.float32)
        keyed = Frame.of(straight, premultiplied=False)
    found = measure(made.plate, keyed)
    edge = metrics.soft(made.alpha)
    result = metrics.Result(made.alpha, np.moveaxis(colour * made.alpha, 0, -1))
    assert found.spill == pytest.approx(metrics.spill(result, SCREEN[:, 0, 0], edge), rel=0.06)
    assert any(h.startswith("spill left at the edges (") and "raise despill" in h for h in found.hints)
    assert measure(made.plate, made.keyed).spill == 0
    assert measure(made.plate, Frame.of(made.alpha[None].astype(np.float32))).spill == 0  # a matte alone has none


def test_flicker_of_what_stands_still() -> None:
    made = stage()
    rng = np.random.default_rng(3)
    before = np.clip(made.alpha + np.where(BACK, rng.normal(0, 0.04, FAR.shape), 0), -1, 1)
    found = measure(made.plate, made.keyed, made.with_alpha(before))
    change = (made.alpha - before)[(FAR > 78) | (FAR < 62)]
    assert found.flicker == pytest.approx(np.sqrt((change**2).mean()), rel=0.05)
    assert any(h.startswith("the matte flickers (0.04)") for h in found.hints)
    assert measure(made.plate, made.keyed).flicker == 0


def test_motion_is_no_flicker() -> None:
    made, moved = stage(), stage(seed=2)
    shift = 15
    before = rgba(SKIN * np.ones_like(made.alpha), np.roll(made.alpha, shift, 1))
    plate_before = Frame.of(np.roll(moved.plate.pixels, shift, 2))
    assert measure(made.plate, made.keyed, before, previous_plate=plate_before).flicker < 0.01


def test_edges_that_stand_still_flicker_with_the_plate_before() -> None:
    made = stage(ramp=10, noise=0)
    edge = (made.alpha > 0) & (made.alpha < 1)
    before = made.with_alpha(np.where(edge, made.alpha + 0.1, made.alpha))
    assert measure(made.plate, made.keyed, before).flicker < 0.005
    found = measure(made.plate, made.keyed, before, previous_plate=made.plate).flicker
    assert found == pytest.approx(0.1 * np.sqrt(edge.mean()), rel=0.1)
    other = Frame.of(made.plate.pixels * 1.2)
    assert measure(made.plate, made.keyed, before, previous_plate=other).flicker < 0.005


# --- the screen's light -----------------------------------------------------------------------

SHADES = {
    "left edge": np.where(XS < 96, 2**-1.4, 1.0),
    "right edge": np.where(XS >= 384, 2**-1.4, 1.0),
    "top edge": np.where((YS < 54) & (XS > 96) & (XS < 384), 2**-1.4, 1.0),
    "bottom right corner": np.where((YS >= 216) & (XS >= 384), 2**-1.4, 1.0),
}


@pytest.mark.parametrize("where", SHADES)
def test_how_much_darker_and_where(where: str) -> None:
    made = stage(light=SHADES[where])
    found = measure(made.plate, made.keyed)
    assert found.darkest == pytest.approx(-1.4, abs=0.04) and where in found.darkest_at
    told = [h for h in found.hints if "darker" in h]
    assert told == [f"screen 1.4 stops darker at the {found.darkest_at}: use screen_correct"]


def test_a_corner_between_two_dark_edges() -> None:
    light = np.exp2(-1.5 * np.maximum(0, 1 - XS / 200) - 1.5 * np.maximum(0, 1 - YS / 120))
    assert measure(*stage(light=light)[:2]).darkest_at == "top left corner"


def test_a_hot_spot_and_clipping() -> None:
    light = np.where((XS >= 384) & (YS > 54) & (YS < 216), 3.2, 1.0)
    made = stage(light=light, noise=0)
    found = measure(made.plate, made.keyed, clip=3.0 * SCREEN[1, 0, 0])
    assert found.brightest == pytest.approx(np.log2(3.2), abs=0.05) and found.brightest_at == "right edge"
    assert found.clipped == pytest.approx((light > 3)[BACK].mean(), rel=0.15)
    assert any("stops brighter at the right edge" in h for h in found.hints)
    assert any("of the screen is clipped" in h for h in found.hints)
    assert measure(made.plate, made.keyed, clip=2.0).clipped == 0


@pytest.mark.parametrize("colour", [(0.05, 0.12, 0.42), (0.5, 0.45, 0.08), (0.1, 0.4, 0.42)])
def test_other_screens(colour: tuple[float, ...]) -> None:
    alpha = stage().alpha
    plate = 0.3 * alpha + np.array(colour)[:, None, None] * (1 - alpha)
    found = measure(Frame.of(plate.astype(np.float32)), rgba(0 * SKIN + 0.3, alpha))
    assert found.score > 99 and found.backing == pytest.approx(BACK.mean(), abs=0.06)


# --- what counts ------------------------------------------------------------------------------


def test_what_was_keyed_away_beside_the_screen_is_no_hole() -> None:
    made = stage()
    studio = XS < 100
    plate = np.where(studio, 0.2, made.plate.pixels).astype(np.float32)
    found = measure(Frame.of(plate), made.keyed)
    assert found.holes == 0 and found.core == pytest.approx(INNER.mean(), abs=0.06)
    kept = made.with_alpha(np.where(studio, 1.0, made.alpha))
    assert measure(Frame.of(plate), kept).core > found.core + 0.15  # where it is kept it is subject
    island = np.where((np.hypot(XS - 60, YS - 130) < 40), 0.2, made.plate.pixels).astype(np.float32)
    assert measure(Frame.of(island), made.keyed).holes > 0.1  # in the midst of the screen it is


def test_hair_and_shadow_edges_arent_backing() -> None:
    """Thin dark strands with the matte they should have leave no residue behind."""
    made = stage()
    strands = (np.abs(XS - 240) < 150) & (FAR > 60) & ((XS // 2) % 6 == 0) & (FAR < 125)
    plate = np.where(strands, 0.35 * made.plate.pixels, made.plate.pixels).astype(np.float32)
    matte = np.where(strands, np.maximum(made.alpha, 0.65), made.alpha)
    found = measure(Frame.of(plate), made.with_alpha(matte))
    assert found.residue < 0.005 and found.score > 90


def test_the_score_is_the_documented_formula() -> None:
    made = stage(ramp=8)
    rng = np.random.default_rng(5)
    matte = np.clip(made.alpha + rng.normal(0, 0.05, FAR.shape), 0, 1)
    found = measure(made.plate, rgba(SKIN + 0.5 * SCREEN, matte), made.keyed)
    told = 100.0
    for name, (bad, weight) in PENALTIES.items():
        told *= 1 - weight * min(1, getattr(found, name) / bad)
    assert found.score == pytest.approx(told) and 5 < found.score < 80
    written = " ".join((Quality.__doc__ or "").split())
    assert all(f"{name} {bad:g} / {weight:g}" in written for name, (bad, weight) in PENALTIES.items())


def test_worse_keys_score_less() -> None:
    made = stage()
    rng = np.random.default_rng(5)
    scores = []
    for much in (0.0, 0.01, 0.03, 0.1):
        scores.append(measure(made.plate, made.with_alpha(made.alpha + rng.normal(0, much, FAR.shape))).score)
    assert scores == sorted(scores, reverse=True) and scores[-1] < 50


def test_threads_and_offsets_change_nothing() -> None:
    made = stage()
    rng = np.random.default_rng(5)
    keyed = made.with_alpha(np.clip(made.alpha + rng.normal(0, 0.05, FAR.shape), 0, 1))
    alone = measure(made.plate, keyed, made.keyed, previous_plate=made.plate)
    assert measure(made.plate, keyed, made.keyed, previous_plate=made.plate, pool=Pool(4)) == alone
    wide = keyed.crop(Window(-13, -7, WIDTH + 5, HEIGHT + 9))
    assert measure(made.plate, wide, wide.crop(made.keyed.spec.data_window)) == measure(made.plate, keyed, keyed)
    cut = keyed.crop(Window(0, 0, WIDTH, 200))  # outside its window a key is transparent
    filled = Frame.of(keyed.pixels * (YS < 200).astype(np.float32))
    assert measure(made.plate, cut) == measure(made.plate, filled)


# --- wrong use --------------------------------------------------------------------------------


def frame(colour: tuple[float, ...], size: tuple[int, int] = (60, 90)) -> Frame:
    return Frame.of(np.array(colour, np.float32)[:, None, None] * np.ones((len(colour), *size), np.float32))


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (60, 90), (270, 480)])
@pytest.mark.parametrize(
    ("colour", "words"),
    [
        ((0.5, 0.32, 0.24), "no screen found"),
        ((0.18, 0.18, 0.18), "no screen found"),
        ((0, 0, 0), "plate is black"),
        ((np.nan, np.nan, np.nan), "no numbers"),
        ((np.inf, 0.2, 0.1), "no numbers"),
    ],
)
def test_no_screen(size: tuple[int, int], colour: tuple[float, ...], words: str) -> None:
    found = measure(frame(colour, size), frame((*colour, 1.0), size))
    assert found == Quality(hints=found.hints) and words in found.hints[0] and len(found.hints) == 1


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (60, 90)])
def test_all_screen(size: tuple[int, int]) -> None:
    screen = (0.08, 0.36, 0.09)
    found = measure(frame(screen, size), frame((0, 0, 0, 0), size))
    assert found.screen and found.backing == 1 and found.score == 100
    assert found.hints == ("no subject found: all is screen or edge",)
    unkeyed = measure(frame(screen, size), frame((*screen, 1.0), size))
    assert unkeyed.residue == 1 and unkeyed.score < 40 and "the screen isn't keyed" in unkeyed.hints[0]


def test_odd_pixels_are_counted_and_spoil_nothing() -> None:
    made = stage()
    odd = made.keyed.pixels.copy()
    odd[3, ::3, 30:60] = np.nan
    odd[3, 200:240, 440:470] = np.inf
    plate = made.plate.pixels.copy()
    plate[:, 100:120, 20:40] = np.nan
    found = measure(Frame.of(plate), Frame.of(odd))
    assert found.odd == pytest.approx((~np.isfinite(odd[3])).mean(), rel=0.25)
    assert found.residue == found.holes == 0 and "no numbers" in found.hints[0]
    told = [v for v in found.metadata().values() if isinstance(v, float)]
    assert np.isfinite(told).all()


def test_what_it_cannot_measure_is_refused() -> None:
    made = stage()
    with pytest.raises(NodegraphError, match="alpha"):
        measure(made.plate, made.plate)
    with pytest.raises(NodegraphError, match="R, G and B"):
        measure(Frame.of(np.ones((1, 9, 9), np.float32)), made.keyed)
    with pytest.raises(NodegraphError, match=r"node.*alpha"):
        cook("keying.quality", {"image": made.plate, "plate": made.plate})


def test_an_empty_plate() -> None:
    made = stage()
    empty = made.plate.crop(Window(5, 5, 5, 5))
    assert "empty" in measure(empty, made.keyed).hints[0]


def test_it_finds_nothing_in_a_screens_absence_only() -> None:
    """A screen of 3 % of the picture is found, one of 0.5 % isn't."""
    for width, there in ((15, True), (2, False)):
        plate = np.where(width > XS, SCREEN, 0.2 + 0 * SCREEN).astype(np.float32)
        keyed = rgba(0 * SKIN + 0.2, (width <= XS).astype(np.float64))
        assert measure(Frame.of(plate), keyed).screen is there
    seen = look(Picture(plate, (0, 1, 2, -1)), Picture(keyed.pixels, (0, 1, 2, 3)), 1.0, Pool.serial())
    found = find(seen)
    assert found is None or found.kind == 1


# --- the node ---------------------------------------------------------------------------------


def test_it_passes_the_picture_without_a_copy() -> None:
    made = stage()
    node = QualityMeter()
    values = {p.name: p.default for p in node.schema.params}
    specs = {"image": made.keyed.spec, "plate": made.plate.spec}
    q = Query("node", Values(values), specs, None, {}, frozenset())  # type: ignore[arg-type]
    inputs = {"image": [made.keyed, made.keyed], "plate": [made.plate, made.plate]}
    found = node.cook(q, inputs, made.keyed.spec.data_window, Pool.serial())
    assert found.pixels is made.keyed.pixels
    assert found.spec.metadata["quality:score"] > 99


def test_numbers_and_hints_are_in_the_metadata() -> None:
    made = stage(light=SHADES["left edge"])
    told = made.keyed.spec.with_(metadata={"camera": "A"})
    found = cook("keying.quality", {"image": Frame(told, made.keyed.pixels), "plate": made.plate})
    np.testing.assert_array_equal(found.pixels, made.keyed.pixels)
    metadata: Mapping[str, Any] = found.spec.metadata
    assert metadata["camera"] == "A" and metadata["quality:darkest_at"] == "left edge"
    direct = measure(made.plate, made.keyed, made.keyed, previous_plate=made.plate)
    assert metadata["quality:hints"] == "\n".join(direct.hints) != ""
    assert metadata["quality:score"] == pytest.approx(direct.score)
    assert all(isinstance(v, (str, int, float)) for v in metadata.values())


def test_the_map_shows_where() -> None:
    made = stage(light=SHADES["left edge"])
    matte = made.alpha.copy()
    matte[20:60, 380:440] = 0.3  # left in the background
    matte[120:150, 225:255] = 0.2  # a hole
    found = cook("keying.quality", {"image": made.with_alpha(matte), "plate": made.plate}, view="map")
    assert found.spec.channels == ("R", "G", "B", "A") and (found.channel("A") == 1).all()
    r, g, b = found.pixels[:3]
    assert r[40, 410] > 0.9 and b[40, 410] < 0.3
    assert b[135, 240] > 0.9 and r[135, 240] < 0.3
    assert r[135, 30] == pytest.approx(g[135, 30], abs=0.02) and r[135, 30] > b[135, 30] + 0.2
    spoilt = rgba(SKIN + SCREEN, made.alpha)
    r, g, b = cook("keying.quality", {"image": spoilt, "plate": made.plate}, view="map").pixels[:3]
    ring = np.abs(FAR - 70) < 1
    assert (r[ring] > g[ring] + 0.3).mean() > 0.7 and (b[ring] > g[ring] + 0.3).mean() > 0.7
    quiet = cook("keying.quality", {"image": frame((0.2, 0.2, 0.2, 1)), "plate": frame((0.2, 0.2, 0.2))}, view="map")
    np.testing.assert_allclose(quiet.pixels[:3], 0.04, atol=1e-6)


def clip(**values: Any) -> tuple[Graph, Mapping[str, Any]]:
    """A key whose matte rises by 0.01 a frame, before a plate that stands still."""
    made = stage(noise=0)
    inputs = {"keyed": made.with_alpha(np.where(FAR > 78, 0.0, made.alpha)), "plate": made.plate}
    types = {**registry(), Given.id: Given(inputs)}
    graph = Graph({id: node.schema for id, node in types.items()})
    for name in inputs:
        graph.add(Given.id, name=name, which=name)
    graph.add("colour.grade", name="drift", params={"channels": "alpha"})
    graph.set("drift.offset", "=frame / 100")
    graph.add("keying.quality", name="meter", params=values)
    graph.connect("keyed", "drift")
    graph.connect("drift", "meter")
    graph.connect("plate", "meter.plate")
    return graph, types


def test_it_looks_at_the_frame_before() -> None:
    graph, types = clip()
    with Engine(graph, types, tier="numpy", threads=1) as engine:
        found = engine.cook("meter", 5)
        assert found.spec.metadata["quality:flicker"] == pytest.approx(0.01, rel=0.2)
        assert found.spec.metadata["quality:residue"] == pytest.approx(0.05, rel=0.05)
        np.testing.assert_array_equal(found.pixels, engine.cook("drift", 5).pixels)
        calls = engine.stats.nodes["drift"].calls
        engine.cook("meter", 6)
        assert engine.stats.nodes["drift"].calls == calls + 1  # the frame before is remembered
    graph, types = clip(flicker=False)
    with Engine(graph, types, tier="numpy", threads=1) as engine:
        assert engine.cook("meter", 5).spec.metadata["quality:flicker"] == 0
        assert engine.stats.nodes["drift"].calls == 1


@pytest.mark.parametrize("view", ["through", "map"])
def test_proxies_and_regions(view: str) -> None:
    graph, types = clip(view=view)
    region = Window(100, 40, 200, 140)
    with Engine(graph, types, tier="numpy", threads=1) as engine:
        whole, half = engine.cook("meter", 3), engine.cook("meter", 3, scale=0.5)
        one, other = whole.spec.metadata, half.spec.metadata
        assert half.spec.data_window == Window.sized(WIDTH // 2, HEIGHT // 2)
        assert other["quality:residue"] == pytest.approx(one["quality:residue"], rel=0.1)
        assert other["quality:edge_width"] == pytest.approx(one["quality:edge_width"] / 2, rel=0.25)
    with Engine(graph, types, tier="numpy", threads=1) as engine:
        part = engine.cook("meter", 3, region=region)
        np.testing.assert_array_equal(part.crop(region).pixels, whole.crop(region).pixels)
        assert part.spec.metadata == one


# --- real pictures ----------------------------------------------------------------------------


def test_a_real_key(shared_data: Path) -> None:
    """Two people before a green screen: what the meter says is true of the matte in parts that are beyond doubt."""
    path = shared_data / "greenscreen/skimage-tutorials/greenscreen.jpg"
    if not path.is_file():
        pytest.skip("needs the green screen of scikit-image's tutorials")
    graph = ng.new()
    graph.add("capture.read", name="plate", path=str(path))
    graph.add("keying.chroma", name="key")
    graph.add("keying.quality", name="meter")
    graph.connect("plate", "key")
    graph.connect("key", "meter")
    graph.connect("plate", "meter.plate")
    good = ng.cook(graph, "meter")
    told = good.spec.metadata
    assert told["quality:score"] > 70 and told["quality:residue"] < 0.01 and told["quality:holes"] < 0.02
    assert 0.3 < told["quality:backing"] < 0.7 and 0.15 < told["quality:core"] < 0.6
    graph.set("key.gain", 0.6)
    worse = ng.cook(graph, "meter")
    above = worse.channel("A")[5:30, 5:495]
    assert worse.spec.metadata["quality:residue"] == pytest.approx(above.mean(), rel=0.3)
    assert worse.spec.metadata["quality:score"] < told["quality:score"] - 20
