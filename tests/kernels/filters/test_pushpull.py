"""Push-pull against a plain NumPy one, and what is promised of size, parts, threads and values that are no numbers."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, inf, log2

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.kernels.filters.pushpull import spread, spread_reach
from nodegraph.kernels.pool import Pool

Planes = NDArray[np.float32]


def blob(rng: np.random.Generator, height: int = 83, width: int = 117) -> tuple[Planes, Planes]:
    """Colours, and a disc of known ones with a soft edge."""
    ys, xs = np.mgrid[0:height, 0:width]
    weight = np.clip(20 - np.hypot(xs - 51, ys - 38), 0, 1)[None].astype(np.float32)
    return rng.random((3, height, width), np.float32), weight


def made(colour: Planes, weight: Planes, pool: Pool, **options: object) -> Planes:
    dst = np.full_like(colour, np.nan)
    spread(colour, options.pop("alpha", weight), weight, dst, pool, **options)  # type: ignore[arg-type]
    return dst


def reference(colour: Planes, weight: Planes, size: float, origin: tuple[int, int] = (0, 0)) -> NDArray[np.float64]:
    """The same in float64, a pixel at a time."""
    wanted = log2(4 * size)
    levels, fade = ceil(wanted), 1 - (ceil(wanted) - wanted)
    grids = {0: {(x + origin[0], y + origin[1]): np.append(colour[:, y, x] * float(weight[0, y, x]), weight[0, y, x])
                 for y in range(colour.shape[1]) for x in range(colour.shape[2])}}  # fmt: skip
    for level in range(1, levels + 1):
        coarse: dict[tuple[int, int], NDArray[np.float64]] = {}
        for (x, y), value in grids[level - 1].items():
            coarse[x >> 1, y >> 1] = coarse.get((x >> 1, y >> 1), np.zeros(4)) + value
        faded = fade if level == levels else 1.0
        grids[level] = {place: v / max(v[3], 1) * faded for place, v in coarse.items()}
    for level in range(levels - 1, -1, -1):
        coarse = grids[level + 1]
        xs, ys = [p[0] for p in coarse], [p[1] for p in coarse]
        limits = (min(xs), max(xs)), (min(ys), max(ys))
        filled = {}
        for (x, y), value in grids[level].items():
            i, j = x >> 1, y >> 1
            h = min(max(i - 1 + 2 * (x & 1), limits[0][0]), limits[0][1])
            k = min(max(j - 1 + 2 * (y & 1), limits[1][0]), limits[1][1])
            near = 0.75 * coarse[i, j] + 0.25 * coarse[h, j]
            up = 0.75 * near + 0.25 * (0.75 * coarse[i, k] + 0.25 * coarse[h, k])
            filled[x, y] = up if level == 0 else value + (1 - value[3]) * up
        grids[level] = filled
    out = np.empty(colour.shape)
    for (x, y), (*up, there) in grids[0].items():
        x, y = x - origin[0], y - origin[1]
        amount = min(1, 4 * there) * (1 - weight[0, y, x])
        out[:, y, x] = colour[:, y, x] * (1 - amount) + amount * np.array(up) / max(there, 1e-20)
    return out


@pytest.mark.parametrize("size", [0.4, 1, 3.3, 16])
@pytest.mark.parametrize("origin", [(0, 0), (-3, 5)])
def test_is_push_pull(size: float, origin: tuple[int, int], rng: np.random.Generator, pool: Pool) -> None:
    colour, weight = blob(rng, 40, 57)
    got = made(colour, weight, pool, size=size, origin=origin)
    np.testing.assert_allclose(got, reference(colour, weight, size, origin), atol=2e-6)


def test_known_colours_stay_and_gaps_take_theirs(rng: np.random.Generator, pool: Pool) -> None:
    colour, weight = blob(rng)
    colour[:, weight[0] > 0] = np.array([0.4, 0.3, 0.2])[:, None]
    got = made(colour, weight, pool)
    np.testing.assert_allclose(got, np.broadcast_to(np.array([0.4, 0.3, 0.2])[:, None, None], got.shape), atol=1e-6)
    colour, weight = blob(rng)
    got = made(colour, weight, pool)
    assert (got[:, weight[0] == 1] == colour[:, weight[0] == 1]).all()
    known = colour[:, weight[0] > 0]
    assert (got.min() >= known.min()) and (got.max() <= known.max())


@pytest.mark.parametrize("size", [2, 5, 11.7])
def test_size_is_how_far_it_goes(size: float, pool: Pool) -> None:
    """Wholly up to `size`, not at all from 16 times that on; wherever the grids happen to lie."""
    for shift in range(0, 64, 7):
        colour, weight = np.zeros((3, 4, 400), np.float32), np.zeros((1, 4, 400), np.float32)
        weight[..., : 60 + shift] = colour[..., : 60 + shift] = 1
        line = made(colour, weight, pool, size=size)[0, 2]
        distance = np.arange(400) - (59 + shift)
        assert (line[distance <= size] > 0.99).all()
        assert (line[distance > 2 * size][0] > 0.3) and (line[distance > 16 * size] == 0).all()


def test_a_larger_size_never_jumps(rng: np.random.Generator, pool: Pool) -> None:
    colour, weight = blob(rng)
    sizes = np.exp2(np.linspace(0, 5, 161))
    each = [made(colour, weight, pool, size=float(size)) for size in sizes]
    steps = [np.abs(b - a).max() for a, b in pairwise(each)]
    assert max(steps) < 0.15  # 0.5 and more were the grids switched on at once


def test_a_part_is_the_crop_of_the_whole(rng: np.random.Generator, pool: Pool) -> None:
    colour, weight = blob(rng, 120, 160)
    size = 2.6
    reach = spread_reach(size)
    whole = made(colour, weight, pool, size=size, origin=(-7, 3))
    for left, top, right, bottom in ((0, 0, 160, 120), (31, 40, 90, 77), (80, 41, 81, 42)):
        x0, y0 = max(0, left - reach), max(0, top - reach)
        cut = (slice(None), slice(y0, min(120, bottom + reach)), slice(x0, min(160, right + reach)))
        dst = np.empty((3, bottom - top, right - left), np.float32)
        spread(
            colour[cut], weight[cut], weight[cut], dst, pool,
            size=size, origin=(x0 - 7, y0 + 3), at=(left - x0, top - y0),
        )  # fmt: skip
        np.testing.assert_array_equal(dst, whole[:, top:bottom, left:right])


def test_any_number_of_threads_gives_the_same_bits(rng: np.random.Generator, pool: Pool) -> None:
    colour, weight = blob(rng, 300, 400)
    one = made(colour, weight, Pool.serial())
    np.testing.assert_array_equal(made(colour, weight, pool), one)
    np.testing.assert_array_equal(made(colour, weight, Pool(5)), one)


def test_premultiplied_or_not_is_the_same(rng: np.random.Generator, pool: Pool) -> None:
    colour, weight = blob(rng)
    alpha = np.clip(weight * 0.8 + 0.1, 0, 1).astype(np.float32)
    straight = made(colour, weight, pool, alpha=alpha, size=9)
    multiplied = made(colour * alpha, weight, pool, alpha=alpha, size=9, premultiplied=True)
    np.testing.assert_allclose(multiplied, straight * alpha, atol=1e-6)


def test_how_sure_between_two_numbers(rng: np.random.Generator, pool: Pool) -> None:
    colour, weight = blob(rng)
    ranked = np.clip((weight - 0.25) / 0.5, 0, 1)
    got = made(colour, weight, pool, sure=(0.25, 0.75), size=4)
    np.testing.assert_allclose(got, made(colour, ranked, pool, size=4), atol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("plane", [0, 2, "alpha", "weight"])
def test_what_is_no_number_gives_nothing_and_stays(
    bad: float, plane: int | str, rng: np.random.Generator, pool: Pool
) -> None:
    colour, weight = blob(rng)
    alpha = weight.copy()
    for x in (51, 5):  # among the known, and in the gap
        target = {"alpha": alpha[0], "weight": weight[0]}.get(str(plane))
        (colour[plane] if target is None else target)[38, x] = bad  # type: ignore[call-overload]
    got = made(colour, weight, pool, alpha=alpha)
    other = np.ones(got.shape[1:], bool)
    other[38, [51, 5]] = False
    assert np.isfinite(got[:, other]).all()
    if plane != "weight":
        np.testing.assert_array_equal(got[:, ~other], colour[:, ~other])


@pytest.mark.parametrize("shape", [(1, 1), (1, 70), (70, 1), (3, 2), (0, 5)])
def test_any_size(shape: tuple[int, int], rng: np.random.Generator, pool: Pool) -> None:
    colour = rng.random((3, *shape), np.float32)
    nothing = np.zeros((1, *shape), np.float32)
    np.testing.assert_array_equal(made(colour, nothing, pool), colour)
    np.testing.assert_array_equal(made(colour, nothing + 1, pool), colour)


def test_odd_strides_and_frozen_arrays(rng: np.random.Generator, pool: Pool) -> None:
    colour, weight = blob(rng)
    want = made(colour, weight, pool)
    frame = np.zeros((4, 90, 130), np.float32)
    frame[:3, 4:87, 6:123], frame[3:, 4:87, 6:123] = colour, weight
    frame.flags.writeable = False
    cut = frame[:, 4:87, 6:123]
    target = np.zeros((4, 90, 130), np.float32)
    spread(cut[:3], cut[3:], cut[3:], target[1:, 2:85, 9:126], pool)
    np.testing.assert_array_equal(target[1:, 2:85, 9:126], want)
    target[1:, 2:85, 9:126] = 0
    assert not target.any()


def test_what_does_not_fit_is_refused(rng: np.random.Generator, pool: Pool) -> None:
    colour, weight = blob(rng)
    with pytest.raises(CookError, match="planes"):
        spread(colour, weight, weight[:, 1:], np.empty_like(colour), pool)
    with pytest.raises(CookError, match="float32"):
        spread(colour.astype(np.float64), weight, weight, np.empty_like(colour), pool)  # type: ignore[arg-type]
    assert spread_reach(0) == 0 and spread_reach(8) == 93 and spread_reach(inf) > 100_000


def test_light_without_alpha_stays(pool: Pool) -> None:
    """A flare on top of a premultiplied picture is no colour under an edge."""
    colour, alpha = np.zeros((3, 6, 40), np.float32), np.zeros((1, 6, 40), np.float32)
    colour[:, :, :20] = alpha[:, :, :20] = 1
    colour[0, :, 22], alpha[:, :, 20], colour[:, :, 20] = 3, 0.5, 0.1
    got = made(colour, alpha, pool, sure=(0.9, 1), size=8, premultiplied=True)
    np.testing.assert_array_equal(got[..., 22], colour[..., 22])
    np.testing.assert_allclose(got[..., 20], 0.5, atol=1e-6)
