"""The shapes between two mattes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage  # noqa: TID253

from nodegraph.engine import Engine
from nodegraph.graph import Graph
from nodegraph.kernels.distance import signed_distance
from nodegraph.kernels.pool import Pool
from nodegraph.packs import registry
from nodegraph.values import Frame, FrameSpec, Window
from tests.nodes.cooking import cook
from tests.nodes.generic import Given

Plane = NDArray[Any]
MORPH = "keying.matte_morph"


def disc_of(
    radius: float, edge: float = 1.0, x: float = 80.0, y: float = 45.0, size: tuple[int, int] = (90, 160)
) -> Plane:
    ys, xs = np.mgrid[0 : size[0], 0 : size[1]] + 0.5
    return np.clip((radius - np.hypot(xs - x, ys - y)) / edge + 0.5, 0, 1)


def star(rng: np.random.Generator, edge: float = 2.0) -> Plane:
    ys, xs = np.mgrid[0:90, 0:160] + 0.5
    angle = np.arctan2(ys - 45, xs - 80)
    return np.clip((26 + 9 * np.cos(5 * angle + rng.random()) - np.hypot(xs - 80, ys - 45)) / edge + 0.5, 0, 1)


def morphed(first: Plane, second: Plane, **values: Any) -> Plane:
    made = cook(MORPH, {"image": Frame.of(first[None]), "to": Frame.of(second[None])}, **values)
    assert made.spec.channels == ("R", "G", "B", "A") and np.array_equal(made.pixels[0], made.pixels[3], True)
    alpha: Plane = made.channel("A").astype(np.float64)
    return alpha


def field_of(matte: Plane, pool: Pool) -> tuple[Plane, Plane]:
    distance, softness = np.empty((2, *matte.shape), np.float32)
    assert signed_distance(matte.astype(np.float32), distance, softness, pool)
    return distance, softness


def radius_of(alpha: Plane) -> float:
    """Of a disc, by its area."""
    return float(np.sqrt(alpha.sum() / np.pi))


def centre_of(alpha: Plane) -> tuple[float, float]:
    ys, xs = np.mgrid[0 : alpha.shape[0], 0 : alpha.shape[1]] + 0.5
    return float((alpha * xs).sum() / alpha.sum()), float((alpha * ys).sum() / alpha.sum())


# --- distances ------------------------------------------------------------------------------------


@pytest.mark.parametrize("edge", [1.0, 1.5, 4.0])
def test_distances_of_a_soft_disc_are_exact_to_a_part_of_a_pixel(edge: float, pool: Pool) -> None:
    ys, xs = np.mgrid[0:90, 0:160] + 0.5
    for radius, x, y in ((30, 80, 45), (20.3, 71.4, 39.7), (9.7, 100.2, 50.5)):
        found = field_of(disc_of(radius, edge, x, y), pool)
        error = found[0] - (radius - np.hypot(xs - x, ys - y))
        near = np.abs(found[0]) < 3
        assert np.abs(error).max() < 0.35 and np.abs(error[near]).max() < (0.15 if edge == 1 else 0.06)
        assert np.abs(error).mean() < (0.07 if edge == 1 else 0.02)
        assert found[1][near].mean() == pytest.approx(max(edge, 1), rel=0.35)


@pytest.mark.parametrize("density", [0.001, 0.03, 0.5])
def test_distances_of_hard_mattes_are_scipys(density: float, rng: np.random.Generator, pool: Pool) -> None:
    """Between hard pixels the edge lies in the middle; scipy measures to the pixel beyond it."""
    hard = ndimage.gaussian_filter(rng.random((70, 110)) < density, 1.5 if density == 0.5 else 0)
    hard = hard > (0.5 if density == 0.5 else 0)
    hard[20:50, 30:90] = True
    found = field_of(hard, pool)
    inside, outside = ndimage.distance_transform_edt(hard), ndimage.distance_transform_edt(~hard)
    expected = np.where(hard, inside - 0.5, 0.5 - outside)
    assert ((found[0] > 0) == hard).all()
    assert np.abs(found[0] - expected).max() < 0.55 and np.abs(found[0] - expected).mean() < 0.15
    straight = (slice(22, 48), slice(45, 75))
    if density == 0.001:
        np.testing.assert_allclose(found[0][straight], expected[straight], atol=1e-3)
    np.testing.assert_array_equal(field_of(hard, Pool.serial())[0], found[0])


@pytest.mark.parametrize("t", [0.2, 0.5, 0.85])
def test_the_mixture_is_that_of_float64_distances(t: float, rng: np.random.Generator) -> None:
    """Against scipy's transform of mattes drawn eight times as large."""

    def exact(draw: Any) -> Plane:
        large = draw(8) >= 0.5
        field = ndimage.distance_transform_edt(large) - ndimage.distance_transform_edt(~large)
        means: Plane = (field - np.sign(field) * 0.5).reshape(60, 8, 80, 8).mean((1, 3)) / 8
        return means

    def disc(k: int) -> Plane:
        return disc_of(17, k, 36 * k, 28 * k, (60 * k, 80 * k)) if k == 1 else _large(17, 36, 28, k)

    def _large(radius: float, x: float, y: float, k: int) -> Plane:
        return disc_of(radius * k, 1, x * k, y * k, (60 * k, 80 * k))

    def box(k: int) -> Plane:
        plane = np.zeros((60 * k, 80 * k))
        plane[12 * k : 50 * k, 20 * k : 58 * k] = 1
        plane[25 * k : 35 * k, 50 * k : 70 * k] = 1
        return plane

    expected = (1 - t) * exact(disc) + t * exact(box)
    made = morphed(disc(1), box(1), amount=t, align=False, softness=4.0)
    wanted = np.clip(expected / 4 + 0.5, 0, 1)
    assert np.abs(made - wanted).max() < 0.12 and np.abs(made - wanted).mean() < 0.005


# --- shapes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("edge", [1.0, 3.0, 8.0])
@pytest.mark.parametrize("t", [0.1, 0.5, 0.75])
def test_discs_have_the_radius_between(edge: float, t: float) -> None:
    for align in (True, False):
        for softness in (0.0, 2.0):
            made = morphed(disc_of(14.2, edge), disc_of(36.5, edge), amount=t, align=align, softness=softness)
            at = 14.2 + (36.5 - 14.2) * t
            wide = softness or edge
            corrected = np.sqrt(max(radius_of(made) ** 2 - wide**2 / 12, 0))  # what a ramp adds to the area of a disc
            assert corrected == pytest.approx(at, abs=0.15)
            np.testing.assert_allclose(centre_of(made), (80, 45), atol=0.05)


@pytest.mark.parametrize("t", [0.25, 0.5, 0.9])
def test_a_disc_that_travelled_keeps_its_form(t: float) -> None:
    first, second = disc_of(12, 2, 30.3, 25.6), disc_of(12, 2, 127.9, 61.2)
    made = morphed(first, second, amount=t)
    assert radius_of(made) == pytest.approx(radius_of(first), abs=0.15)
    np.testing.assert_allclose(centre_of(made), (30.3 + 97.6 * t, 25.6 + 35.6 * t), atol=0.1)
    np.testing.assert_allclose(made, disc_of(12, 2, 30.3 + 97.6 * t, 25.6 + 35.6 * t), atol=0.12)
    if t == 0.5:
        assert morphed(first, second, amount=t, align=False).max() < 0.1


def test_the_ends_are_the_mattes_themselves(rng: np.random.Generator) -> None:
    first, second = star(rng), rng.normal(0.5, 1, (90, 160))
    second[3, 4] = np.nan
    np.testing.assert_array_equal(morphed(first, second, amount=0.0, softness=3.0), first.astype(np.float32))
    np.testing.assert_array_equal(morphed(first, second, amount=1.0), second.astype(np.float32))
    soft = disc_of(20, 6)
    soft[40:50, 75:85] = 0.7
    soft[5:9, 5:9] = 0.3
    for t, end in ((1e-4, first), (1 - 1e-4, soft)):  # and it begins and ends there without a jump
        for align in (True, False):
            assert np.abs(morphed(first, soft, amount=t, align=align) - end).max() < 0.02


def test_softness_goes_from_one_to_the_other() -> None:
    first, second = disc_of(25, 2), disc_of(25, 14)
    for t in (0.25, 0.5):
        row = morphed(first, second, amount=t)[45]
        wide = np.count_nonzero((row > 0.02) & (row < 0.98)) / 2
        assert wide == pytest.approx(2 + 12 * t, abs=1.1)
        fixed = morphed(first, second, amount=t, softness=6.0)[45]
        assert np.count_nonzero((fixed > 0.02) & (fixed < 0.98)) / 2 == pytest.approx(6, abs=0.6)
    np.testing.assert_allclose(morphed(second, second, amount=0.5), second, atol=0.02)


def test_nothing_everything_and_faint_things() -> None:
    empty, full, disc = np.zeros((90, 160)), np.ones((90, 160)), disc_of(20)
    areas = [morphed(empty, disc, amount=t).sum() for t in (0.01, 0.25, 0.5, 0.75, 0.99)]
    assert areas[0] < 30 and (np.diff(areas) > 0).all() and areas[-1] == pytest.approx(disc.sum(), rel=0.05)
    grown = [morphed(disc, full, amount=t).sum() for t in (0.01, 0.25, 0.5, 0.75, 0.999)]
    assert (np.diff(grown) > 0).all() and grown[-1] > 0.99 * full.size
    np.testing.assert_allclose(morphed(empty, full, amount=0.3), 0.3, atol=1e-6)
    for plane in (empty, full, np.full((90, 160), 0.2)):
        np.testing.assert_allclose(morphed(plane, plane, amount=0.4), plane, atol=1e-6)
    for pair in ((empty, empty), (full, empty), (disc, empty), (disc, full)):
        made = morphed(*pair, amount=0.5, softness=5.0)
        assert np.isfinite(made).all() and made.min() >= 0 and made.max() <= 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 1)])
def test_small_pictures(shape: tuple[int, int]) -> None:
    half = np.zeros(shape)
    half.flat[: half.size // 2] = 1
    for pair in ((np.ones(shape), np.zeros(shape)), (half, 1 - half), (half, half)):
        for align in (True, False):
            made = morphed(*pair, amount=0.5, align=align)
            assert np.isfinite(made).all() and made.min() >= 0 and made.max() <= 1
    assert morphed(np.ones((1, 1)), np.zeros((1, 1)), amount=0.25) == pytest.approx(0.75)


def test_pixels_that_are_no_numbers_stay_near(rng: np.random.Generator) -> None:
    first, second = star(rng), disc_of(22, 2)
    whole = morphed(first, second, align=False)
    broken = first.copy()
    broken[2, 2], broken[45, 80], broken[80, 150] = np.nan, np.inf, -np.inf
    made = morphed(broken, second, align=False)
    far = np.ones(made.shape, bool)
    far[2, 2] = far[45, 80] = far[80, 150] = False
    np.testing.assert_allclose(made[far], whole[far], atol=1e-5)
    assert np.isfinite(made).all()
    assert np.isfinite(morphed(np.full((9, 9), np.nan), np.ones((9, 9)), amount=0.5)).all()


# --- pictures -------------------------------------------------------------------------------------


def engine_of(first: Plane, second: Plane, threads: int = 1, tier: Any = "numpy", **values: Any) -> Engine:
    wires = {"image": Frame.of(first[None]), "to": Frame.of(second[None])}
    types = {**registry(), Given.id: Given(wires)}
    graph = Graph({id: node.schema for id, node in types.items()})
    graph.configure(width=160, height=90)
    graph.add(MORPH, name="node", params=values)
    for port in wires:
        graph.add(Given.id, name=f"in_{port}", which=port)
        graph.connect(f"in_{port}", f"node.{port}")
    return Engine(graph, types, tier=tier, threads=threads)


def test_a_part_is_cut_from_the_whole_and_threads_change_nothing(rng: np.random.Generator) -> None:
    pair, part = (star(rng), disc_of(20, 3, 70, 40)), Window(61, 17, 120, 66)
    with engine_of(*pair, 3, "wait") as many, engine_of(*pair) as one:
        np.testing.assert_array_equal(
            one.cook("node", region=part).crop(part).pixels, many.cook("node").crop(part).pixels
        )


def test_proxies_are_alike(rng: np.random.Generator) -> None:
    for softness in (0.0, 6.0):
        with engine_of(star(rng, 6), disc_of(20, 6, 70, 40), softness=softness) as engine:
            full = engine.cook("node").pixels
            half = engine.cook("node", scale=0.5).pixels
        means = full.reshape(-1, 45, 2, 80, 2).mean((2, 4))
        assert np.abs(half - means).max() < 0.1 and np.abs(half - means).mean() < 0.004


def test_windows_that_differ() -> None:
    """Each matte is black beyond its own data window; a picture without alpha is white within it."""
    display = Window.sized(100, 60)
    first = Frame(FrameSpec(("A",), Window(10, 10, 50, 40), display), np.ones((1, 30, 40), np.float32))
    second = Frame(FrameSpec(("R",), Window(40, 20, 90, 50), display), np.zeros((1, 30, 50), np.float32))
    made = cook(MORPH, {"image": first, "to": second}, amount=1.0)
    assert made.spec.data_window == display
    alpha = made.crop(display).channel("A")
    assert (alpha[20:50, 40:90] == 1).all() and alpha.sum() == 30 * 50
    half = cook(MORPH, {"image": first, "to": second}, amount=0.5).crop(display).channel("A")
    assert half.sum() == pytest.approx(30 * 45, rel=0.05)


def test_fields_are_kept_while_the_amount_changes(rng: np.random.Generator) -> None:
    with engine_of(star(rng), disc_of(20, 3)) as engine:
        engine.cook("node")
        engine.graph.set("node.amount", 0.25)
        engine.cook("node")
        made = {name: stats.made for name, stats in engine.stats.nodes.items() if "field" in name}
    assert made == {"node#image field": 1, "node#to field": 1}
