"""What is done to a matte after the key."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage  # noqa: TID253

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.graph import Graph
from nodegraph.kernels.filters.offset import offset, offset_reach
from nodegraph.kernels.filters.specks import remove_specks
from nodegraph.kernels.pool import Pool
from nodegraph.packs import registry
from nodegraph.values import Frame, Window
from tests.nodes.cooking import cook
from tests.nodes.generic import Given

Plane = NDArray[Any]
REFINE = "keying.refine"
SKIN = np.array([0.5, 0.32, 0.24])
#: Everything at once.
ALL: dict[str, Any] = {
    "clip_black": 0.05, "clip_white": 0.9, "dust": 12.0, "holes": 12.0, "denoise": 0.05, "choke": 0.7,
    "edge_blur": 1.5,
}  # fmt: skip


def premultiplied(alpha: Plane) -> Frame:
    return Frame.of(np.concatenate([SKIN[:, None, None] * alpha, alpha[None]]))


def refined(alpha: Plane, **values: Any) -> Plane:
    made: Plane = cook(REFINE, {"image": Frame.of(alpha[None])}, **values).pixels[0]
    return made


def engine_of(image: Frame, threads: int = 1, tier: Any = "numpy", **values: Any) -> Engine:
    types = {**registry(), Given.id: Given({"image": image})}
    graph = Graph({id: node.schema for id, node in types.items()})
    graph.configure(width=image.spec.display_window.width, height=image.spec.display_window.height)
    graph.add(REFINE, name="node", params=values)
    graph.add(Given.id, name="in", which="image")
    graph.connect("in", "node.image")
    return Engine(graph, types, tier=tier, threads=threads)


def disc_of(radius: float, edge: float, height: int = 90, width: int = 160) -> Plane:
    ys, xs = np.mgrid[0:height, 0:width] + 0.5
    return np.clip((radius - np.hypot(xs - width / 2, ys - height / 2)) / edge + 0.5, 0, 1)


def a_key(rng: np.random.Generator) -> Plane:
    """A subject with holes and a soft edge, before a backing with specks, all noisy."""
    alpha = disc_of(30, 5)
    alpha[40:43, 70:73] = 0.1
    alpha[8:10, 20:22] = alpha[70:73, 130:133] = 0.8
    return np.clip(alpha + rng.normal(0, 0.02, alpha.shape) * (alpha > 0), 0, 1)


# --- the parameters as such -----------------------------------------------------------------------


def test_nothing_is_done_by_default(rng: np.random.Generator) -> None:
    image = premultiplied(a_key(rng))
    with engine_of(image) as engine:
        assert engine.cook("node").pixels is image.pixels
    with engine_of(image, rebuild=False, area_level=0.2, blur_inside=True) as engine:
        assert engine.cook("node").pixels is image.pixels
    assert cook(REFINE, {"image": image}, clip_black=0.1).pixels is not image.pixels


def test_clips_are_their_formula(rng: np.random.Generator) -> None:
    alpha = rng.random((20, 30))
    np.testing.assert_allclose(
        refined(alpha, clip_black=0.2, clip_white=0.7), np.clip((alpha - 0.2) / 0.5, 0, 1), atol=1e-6
    )
    np.testing.assert_array_equal(refined(alpha, clip_black=0.5, clip_white=0.5), alpha > 0.5)


def test_colours_go_with_the_alpha_or_stay(rng: np.random.Generator) -> None:
    alpha = rng.random((12, 15)).astype(np.float32)
    alpha[3] = 0
    image = premultiplied(alpha)
    image.pixels[:3, 3, :4] = 0.7  # light that was added
    expected = np.clip((alpha - 0.3) / 0.4, 0, 1)
    made = cook(REFINE, {"image": image}, clip_black=0.3, clip_white=0.7)
    there = alpha > 0
    np.testing.assert_allclose(made.channel("A"), expected, atol=1e-6)
    np.testing.assert_allclose(made.pixels[:3, there], SKIN[:, None] * expected[there], atol=1e-5)
    np.testing.assert_array_equal(made.pixels[:3, ~there], image.pixels[:3, ~there])
    kept = cook(REFINE, {"image": image}, clip_black=0.3, clip_white=0.7, rebuild=False)
    np.testing.assert_array_equal(kept.pixels[:3], image.pixels[:3])
    loose = Frame.of(np.concatenate([np.broadcast_to(SKIN[:, None, None], (3, 12, 15)), alpha[None]]))
    loose = Frame(loose.spec.with_(premultiplied=False), loose.pixels)
    straight = cook(REFINE, {"image": loose}, clip_black=0.3, clip_white=0.7)
    assert not straight.spec.premultiplied
    np.testing.assert_array_equal(straight.pixels[:3], loose.pixels[:3])
    for other in (kept, straight):
        np.testing.assert_array_equal(other.channel("A"), made.channel("A"))


def test_faint_colours_are_not_blown_up() -> None:
    alpha = np.array([[0.0, 0.001, 0.01, 0.03, 1.0]])
    made = cook(REFINE, {"image": premultiplied(alpha)}, clip_white=0.001)
    expected = SKIN[:, None] * [0, 0.05, 0.5, 1, 1]
    np.testing.assert_allclose(made.pixels[:3, 0], expected, atol=1e-5)


def test_views(rng: np.random.Generator) -> None:
    alpha = disc_of(30, 6)
    image = premultiplied(alpha)
    after = cook(REFINE, {"image": image}, choke=2.0).channel("A")
    shown = cook(REFINE, {"image": image}, choke=2.0, view="matte")
    assert all(np.array_equal(shown.channel(c), after) for c in "RGBA")
    change = cook(REFINE, {"image": image}, choke=2.0, view="change")
    np.testing.assert_allclose(change.channel("R") - change.channel("B"), alpha - after, atol=1e-6)
    np.testing.assert_array_equal(change.channel("G"), change.channel("B"))
    change = cook(REFINE, {"image": image}, choke=-2.0, view="change")
    assert (change.channel("G") - change.channel("B")).max() > 0.3 and (change.channel("A") == 1).all()
    np.testing.assert_array_equal(cook(REFINE, {"image": image}, view="matte").channel("R"), np.float32(alpha))


# --- dust and holes -------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.5, 0.25])
def test_islands_are_those_of_scipy(level: float, rng: np.random.Generator, pool: Pool) -> None:
    field = ndimage.gaussian_filter(rng.normal(0, 1, (70, 90)), 1.2)
    hard = (field > 0.1).astype(np.float32)
    soft = np.clip(0.5 + field, 0, 1).astype(np.float32)
    for plane in (hard, soft):
        mask = plane >= level
        for black, structure in ((False, np.ones((3, 3))), (True, None)):
            labels, count = ndimage.label(mask ^ black, structure)
            sizes = np.bincount(labels.ravel())
            assert count > 1 + 3 * (level == 0.5)
            for area in (1, 2, 7, 25, 60, int(sizes[1:].max()), int(sizes[1:].max()) + 1):
                small = (sizes < area)[labels] & (labels > 0)
                made = plane.copy()
                assert remove_specks(made, level, area, black, pool) == (sizes[1:] < area).sum()
                np.testing.assert_array_equal((made >= level) != black, (mask != black) & ~small)
                if plane is hard:
                    np.testing.assert_array_equal(made, np.where(small, float(black), hard))
                assert ((made >= plane) if black else (made <= plane)).all()


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_dust_and_holes_one_below_and_at_the_limit(scale: float) -> None:
    """An island of 6 x 4 pixels has 24, at half size 6 of 4 pixels each."""
    alpha = np.zeros((60, 80))
    alpha[:, 40:] = 1
    alpha[20:24, 10:16] = 1
    alpha[30:34, 60:66] = 0
    no_speck, no_hole = alpha.copy(), alpha.copy()
    no_speck[20:24, 10:16], no_hole[30:34, 60:66] = 0, 1

    def at(picture: Plane, **values: Any) -> Plane:
        with engine_of(Frame.of(picture[None]), **values) as engine:
            made: Plane = engine.cook("node", scale=scale).channel("A")
            return made

    np.testing.assert_allclose(at(alpha, dust=25.0), at(no_speck), atol=1e-6)
    np.testing.assert_allclose(at(alpha, holes=25.0), at(no_hole), atol=1e-6)
    np.testing.assert_array_equal(at(alpha, dust=24.0, holes=24.0), at(alpha))


def test_a_speck_goes_with_its_slopes_and_what_is_faint_stays() -> None:
    speck = ndimage.gaussian_filter(np.pad([[9.0]], (20, 19)), 1.5)
    made = refined(np.clip(speck, 0, 1), dust=40.0)
    assert speck.max() > 0.6 and made.max() == 0
    smoke = np.full((40, 40), 0.3)
    np.testing.assert_allclose(refined(smoke, dust=100.0, holes=100.0), smoke, atol=1e-6)
    in_smoke = np.maximum(smoke, np.clip(speck, 0, 1))
    np.testing.assert_allclose(refined(in_smoke, dust=40.0), smoke, atol=1e-6)
    subject = np.pad(np.ones((40, 20)), ((0, 0), (20, 0)))
    beside = np.maximum(subject, np.clip(np.roll(speck, -10, 1), 0, 1))
    np.testing.assert_allclose(refined(beside, dust=40.0), subject, atol=1e-6)
    dent = 1 - np.clip(speck, 0, 1)
    assert refined(dent, holes=40.0).min() == 1


# --- choke ----------------------------------------------------------------------------------------


def slanted(degrees: float, at: float, edge: float, size: int = 64) -> Plane:
    ys, xs = np.mgrid[0:size, 0:size] + 0.5 - size / 2
    along = xs * np.cos(np.radians(degrees)) + ys * np.sin(np.radians(degrees))
    return np.clip((along - at) / edge + 0.5, 0, 1)


@pytest.mark.parametrize("degrees", [0.0, 12.0, 22.5, 37.0, 45.0, 90.0, 200.0])
@pytest.mark.parametrize("distance", [-1.5, -0.5, 0.25, 0.5, 1.5, 3.0])
def test_choke_moves_a_slanted_edge_by_so_much(degrees: float, distance: float) -> None:
    for edge, allowed in ((1.0, 0.15), (1.5, 0.1), (3.0, 0.1)):
        middle = (slice(20, 44), slice(20, 44))
        made = refined(slanted(degrees, 0, edge), choke=distance)[middle]
        shifts = np.linspace(distance - 0.4, distance + 0.4, 81)
        areas = [slanted(degrees, shift, edge)[middle].sum() for shift in shifts]
        moved = float(np.interp(-made.sum(), -np.array(areas), shifts))
        assert moved == pytest.approx(distance, abs=allowed), edge
    if degrees in (0, 90):
        np.testing.assert_allclose(made, slanted(degrees, distance, 3)[middle], atol=0.03)


def test_choke_against_the_smallest_value_of_a_true_circle(rng: np.random.Generator, pool: Pool) -> None:
    """On a smooth picture of up to 0.12 a pixel: of the function itself, looked at in 180 directions."""

    def field(y: Plane, x: Plane) -> Plane:
        return 0.5 + 0.3 * np.sin(x / 5 + 0.3 * np.sin(y / 4)) + 0.2 * np.cos(y / 6)

    angles = np.arange(180) * np.pi / 90
    for size in (-0.4, -1.0, -2.3, 3.7, 7.5, -9.0):
        reach = offset_reach(size)[0]
        ys, xs = np.mgrid[-reach : 40 + reach, -reach : 50 + reach].astype(float)
        src = field(ys, xs)[None].astype(np.float32)
        dst = np.empty((1, 40, 50), np.float32)
        offset(src, dst, size, pool)
        ys, xs = np.mgrid[0:40, 0:50].astype(float)
        radii = np.append(np.arange(0, abs(size), 0.5), abs(size))
        around = [field(ys + r * np.sin(t), xs + r * np.cos(t)) for r in radii for t in angles]
        expected = np.max(around, 0) if size > 0 else np.min(around, 0)
        np.testing.assert_allclose(dst[0], expected, atol=0.03)
        one = np.empty_like(dst)
        offset(src, one, size, Pool.serial())
        np.testing.assert_array_equal(one, dst)


def test_choke_of_flat_blocks_thin_lines_and_pixels_that_are_no_numbers(pool: Pool) -> None:
    plane = np.zeros((1, 61, 200), np.float32)
    plane[0, 30, 100] = 1
    for size in (1.0, 2.5, 8.0):
        reach = offset_reach(size)[0]
        dst = np.empty((1, 61 - 2 * reach, 200 - 2 * reach), np.float32)
        offset(plane, dst, size, pool)
        ys, xs = np.mgrid[reach : 61 - reach, reach : 200 - reach]
        far = np.hypot(xs - 100, ys - 30)
        assert (dst[0][far <= int(size)] == 1).all() and not dst[0][far >= size + 1.5].any()
        offset(plane, dst, -size, pool)
        assert not dst.any()
    broken = np.full((1, 31, 31), 0.5, np.float32)
    broken[0, 15, 15] = np.nan
    dst = np.empty((1, 27, 27), np.float32)
    offset(broken, dst, 1.5, pool)
    np.testing.assert_allclose(dst, 0.5, atol=1e-6)
    offset(np.full_like(broken, np.nan), dst, -1.5, pool)
    assert not dst.any()


def test_what_the_frame_cuts_goes_on() -> None:
    alpha = np.zeros((40, 60))
    alpha[:, 30:] = 1
    made = refined(alpha, choke=3.0, edge_blur=2.0, denoise=0.1, dust=5.0)
    np.testing.assert_allclose(made, np.repeat(made[20:21], 40, 0), atol=1e-5)
    assert made[0, -1] == pytest.approx(1) and made[0, 32] == pytest.approx(0.5, abs=0.15)


# --- edge blur and noise --------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0.7, 3.0, 9.0])
def test_blur_is_scipys_gaussian(size: float, rng: np.random.Generator) -> None:
    alpha = a_key(rng)
    expected = ndimage.gaussian_filter(alpha, size, mode="nearest", truncate=6)
    np.testing.assert_allclose(refined(alpha, edge_blur=size), expected, atol=1e-3)


def test_blur_inside_never_brightens(rng: np.random.Generator) -> None:
    alpha = a_key(rng)
    made = refined(alpha, edge_blur=4.0, blur_inside=True)
    assert (made <= alpha + 1e-6).all() and made[alpha == 0].max() == 0
    soft = ndimage.gaussian_filter(alpha, 4.0, mode="nearest", truncate=6)
    np.testing.assert_allclose(made, np.minimum(np.clip(2 * soft - 1, 0, 1), alpha), atol=2e-3)
    step = np.repeat((np.arange(80) >= 40)[None].astype(float), 9, 0)
    row = refined(step, edge_blur=4.0, blur_inside=True)[4]
    assert not row[:40].any() and 0 < row[40] < 0.15 and row[52:].min() > 0.98
    assert (np.diff(row) >= -1e-6).all()


def test_denoise_takes_noise_and_leaves_edges(rng: np.random.Generator) -> None:
    """Of normal noise two medians of 3 x 3 leave less than a third, with an edge at its place and hairs whole."""
    step = np.repeat((np.arange(120) >= 60)[None] * 0.8 + 0.1, 100, 0)
    noise = rng.normal(0, 0.02, step.shape)
    made = refined(step + noise, denoise=0.15) - step
    assert made[:, :58].std() < noise[:, :58].std() / 3 and made[:, 62:].std() < noise[:, 62:].std() / 3
    assert np.abs(made[:, 58:62]).max() < 0.08
    np.testing.assert_allclose(refined(step, denoise=0.15), step, atol=1e-6)
    across, slope = np.zeros((40, 60)), np.zeros((40, 60))
    across[:, 20] = across[:, 40] = 0.8
    slope[np.arange(40), np.arange(40) + 10] = 0.6
    for hair in (across, slope):
        np.testing.assert_allclose(refined(hair, denoise=0.25), hair, atol=1e-6)
    assert refined(across, denoise=1.0).max() < 0.2
    edge = slanted(30, 0, 4)
    np.testing.assert_allclose(refined(edge, denoise=0.2), edge, atol=0.02)


# --- what holds for all ---------------------------------------------------------------------------


@pytest.mark.parametrize("values", [ALL, {**ALL, "blur_inside": True, "choke": -7.3}, {"choke": 2.0}])
def test_a_part_is_cut_from_the_whole(values: dict[str, Any], rng: np.random.Generator) -> None:
    image, part = premultiplied(a_key(rng)), Window(41, 17, 120, 66)
    with engine_of(image, 3, **values) as many, engine_of(image, **values) as one:
        whole = many.cook("node").crop(part)
        made = one.cook("node", region=part).crop(part)
    assert np.ptp(whole.pixels[0]) > 0.1
    np.testing.assert_allclose(made.pixels, whole.pixels, atol=2e-5)


def test_proxies_are_alike() -> None:
    values = {**ALL, "choke": 2.0, "edge_blur": 3.0}
    with engine_of(premultiplied(disc_of(30, 5)), **values) as engine:
        full = engine.cook("node").pixels
        half = engine.cook("node", scale=0.5).pixels
    means = full.reshape(-1, 45, 2, 80, 2).mean((2, 4))
    assert np.abs(half - means).max() < 0.06 and np.abs(half - means).mean() < 0.002


def test_pixels_that_are_no_numbers_stay_near(rng: np.random.Generator) -> None:
    image = premultiplied(a_key(rng))
    broken = image.pixels.copy()
    broken[3, 45, 60], broken[3, 5, 5], broken[0, 45, 80] = np.nan, np.inf, np.nan
    whole = cook(REFINE, {"image": image}, **ALL).pixels
    made = cook(REFINE, {"image": Frame(image.spec, broken)}, **ALL).pixels
    assert np.isfinite(made[3]).all()
    far = np.ones(made.shape[1:], bool)
    far[30:60, 45:75] = far[:20, :20] = far[45, 80] = False
    np.testing.assert_array_equal(made[:, far], whole[:, far])


@pytest.mark.parametrize("values", [ALL, {"choke": -3.0}, {"dust": 5.0}, {"holes": 5.0}, {"denoise": 0.5}])
def test_one_pixel_black_white_and_without_alpha(values: dict[str, Any]) -> None:
    for shape in ((4, 1, 1), (4, 1, 9), (4, 30, 40)):
        for value in (0, 1):
            plain = np.full(shape, value, np.float32)
            np.testing.assert_allclose(cook(REFINE, {"image": Frame.of(plain)}, **values).pixels, plain, atol=1e-6)
    opaque = Frame.of(np.full((3, 20, 30), 0.4))
    np.testing.assert_array_equal(cook(REFINE, {"image": opaque}, **values).pixels, opaque.pixels)
    shown = cook(REFINE, {"image": opaque}, view="matte", **values)
    np.testing.assert_allclose(shown.channel("A"), 1, atol=1e-6)


def test_compiled_code_is_the_same(rng: np.random.Generator) -> None:
    image = premultiplied(a_key(rng))
    for view in ("result", "change"):
        values = {**ALL, "blur_inside": True, "view": view}
        with engine_of(image, **values) as engine, engine_of(image, 2, tier="wait", **values) as other:
            np.testing.assert_allclose(other.cook("node").pixels, engine.cook("node").pixels, atol=2e-5)


def test_mask_and_mix(rng: np.random.Generator) -> None:
    image = premultiplied(a_key(rng))
    mask = np.zeros((1, 90, 160), np.float32)
    mask[:, :, :80] = 1
    full = cook(REFINE, {"image": image}, choke=2.0).pixels
    made = cook(REFINE, {"image": image, "mask": Frame.of(mask)}, choke=2.0).pixels
    np.testing.assert_allclose(made[..., :80], full[..., :80], atol=1e-6)
    np.testing.assert_array_equal(made[..., 80:], image.pixels[..., 80:])
    half = cook(REFINE, {"image": image}, choke=2.0, mix=0.5).pixels
    np.testing.assert_allclose(half, (full + image.pixels) / 2, atol=1e-6)


def test_it_is_known_by_its_name() -> None:
    assert registry()["nodegraph.keying.refine"].schema.label == "matte refine"
    with pytest.raises(ng.NodegraphError):
        cook(REFINE, {})
