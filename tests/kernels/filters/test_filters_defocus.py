"""Defocus against an aperture sampled point by point."""

from __future__ import annotations

import numpy as np
import pytest

from nodegraph.errors import CookError
from nodegraph.kernels.filters.convolve import HOTTEST
from nodegraph.kernels.filters.defocus import defocus, defocus_reach
from nodegraph.kernels.pool import Pool
from tests.kernels.filters.filtering import filtered


def aperture(radius: float, reach: tuple[int, int], blades: int, rotation: float, ratio: float) -> np.ndarray:
    """The picture of a point: 40 x 40 samples a pixel, from the outline's own inequalities."""
    x, y = reach
    fine = 40
    across = (np.arange((2 * x + 1) * fine) + 0.5) / fine - x - 0.5
    up = y + 0.5 - (np.arange((2 * y + 1) * fine) + 0.5) / fine
    u, v = np.meshgrid(across / ratio, up)
    if blades:
        inside = np.ones_like(u, bool)
        apothem = radius * np.cos(np.pi / blades)
        for k in range(blades):
            normal = np.radians(rotation) + (2 * k + 1) * np.pi / blades
            inside &= u * np.cos(normal) + v * np.sin(normal) <= apothem
    else:
        inside = u * u + v * v <= radius * radius
    parts = inside.reshape(2 * y + 1, fine, 2 * x + 1, fine).mean((1, 3))
    return parts / parts.sum()


@pytest.mark.parametrize(
    ("radius", "blades", "rotation", "ratio"),
    [
        (0.3, 0, 0, 1),
        (1, 0, 0, 1),
        (3.4, 0, 0, 1),
        (9, 0, 0, 0.5),
        (8, 5, 90, 1),
        (8.3, 6, 10, 1),
        (5, 4, 45, 1),
        (6, 3, 20, 1.5),
    ],
)
def test_a_point_becomes_the_aperture(radius: float, blades: int, rotation: float, ratio: float, pool: Pool) -> None:
    look = {"blades": blades, "rotation": rotation, "ratio": ratio}
    x, y = defocus_reach(radius, **look)  # type: ignore[arg-type]
    whole = np.zeros((1, 4 * y + 1, 4 * x + 1), np.float32)
    whole[0, 2 * y, 2 * x] = 1
    got = filtered(lambda s, d, p: defocus(s, d, radius, p, **look), whole, (x, y), pool)[0]  # type: ignore[arg-type]
    want = aperture(radius, (x, y), blades, rotation, ratio)
    assert abs(got - want).max() < 0.013 * want.max()  # the samples are off by 1/80 at a straight edge
    assert abs(got - want).sum() < 0.015


def test_zero_radius_changes_nothing(rng: np.random.Generator, pool: Pool) -> None:
    whole = rng.random((2, 9, 9), dtype=np.float32)
    np.testing.assert_array_equal(filtered(lambda s, d, p: defocus(s, d, 0, p), whole, (0, 0), pool), whole)


def test_grows_without_a_jump(pool: Pool) -> None:
    whole = np.zeros((1, 41, 41), np.float32)
    whole[0, 20, 20] = 1
    before = None
    for radius in np.arange(2, 4, 0.05):
        r = defocus_reach(radius)[0]
        now = np.pad(filtered(lambda s, d, p, n=radius: defocus(s, d, n, p), whole, (r, r), pool)[0], r)
        if before is not None:
            assert abs(now - before).max() < 0.015
        before = now


def test_a_lamp_keeps_its_energy_and_leaves_no_trace(rng: np.random.Generator, pool: Pool) -> None:
    r = defocus_reach(7)[0]
    whole = 0.01 * rng.random((1, 200, 60), dtype=np.float32)
    clean = filtered(lambda s, d, p: defocus(s, d, 7, p), whole, (r, r), pool)
    whole[0, 30, 30] += 1e4
    got = filtered(lambda s, d, p: defocus(s, d, 7, p), whole, (r, r), pool)
    assert (got - clean).sum(dtype=np.float64) == pytest.approx(1e4, rel=1e-4)
    np.testing.assert_allclose(got[0, 40:], clean[0, 40:], atol=1e-8)  # below the lamp's disc


@pytest.mark.parametrize(("bad", "counts_as"), [(np.nan, 0), (np.inf, HOTTEST), (-np.inf, -HOTTEST)])
def test_bad_pixels_count_as_finite_ones(bad: float, counts_as: float, pool: Pool) -> None:
    r = defocus_reach(5)[0]
    whole = np.ones((1, 60, 40), np.float32)
    whole[0, 20, 20] = bad
    got = filtered(lambda s, d, p: defocus(s, d, 5, p), whole, (r, r), pool)
    whole[0, 20, 20] = counts_as
    np.testing.assert_array_equal(got, filtered(lambda s, d, p: defocus(s, d, 5, p), whole, (r, r), pool))
    assert np.isfinite(got).all()


@pytest.mark.parametrize("wrong", [{"blades": 2}, {"blades": -1}, {"ratio": 0}])
def test_impossible_apertures_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(CookError, match="aperture"):
        defocus_reach(5, **wrong)  # type: ignore[arg-type]
