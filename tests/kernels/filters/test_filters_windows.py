# ruff: noqa: TID253
"""Box, erode and dilate against SciPy's in float64."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
import pytest
from scipy import ndimage

from nodegraph.errors import CookError
from nodegraph.kernels.filters.box import box, box_reach
from nodegraph.kernels.filters.morphology import square, square_reach
from nodegraph.kernels.pool import Pool
from tests.kernels.filters.filtering import filtered

RADII = [(0, 0), (1, 1), (2, 5), (3.3, 2.75), (7.25, 9.5), (0.5, 0), (0, 0.5), (17, 30), (70, 4)]


def box_1d(image: np.ndarray, radius: float, axis: int) -> np.ndarray:
    weights = np.ones(2 * ceil(radius) + 1)
    if radius % 1:
        weights[[0, -1]] = radius % 1
    return ndimage.convolve1d(image, weights / weights.sum(), axis)


def extreme_1d(image: np.ndarray, size: float, axis: int) -> np.ndarray:
    find = ndimage.maximum_filter1d if size > 0 else ndimage.minimum_filter1d
    low, high = (find(image, 2 * r + 1, axis) for r in (floor(abs(size)), ceil(abs(size))))
    return low + (abs(size) % 1) * (high - low)


@pytest.mark.parametrize(("x", "y"), RADII)
def test_box_is_the_mean(x: float, y: float, rng: np.random.Generator, pool: Pool) -> None:
    reach = rx, ry = box_reach(x, y)
    whole = rng.standard_normal((2, 37 + 2 * ry, 41 + 2 * rx)).astype(np.float32)
    got = filtered(lambda s, d, p: box(s, d, x, y, p), whole, reach, pool)
    want = box_1d(box_1d(whole.astype(np.float64), y, 1), x, 2)
    np.testing.assert_allclose(got, want[:, ry : ry + 37, rx : rx + 41], atol=5e-7)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("x", "y"), RADII)
def test_square_is_the_extreme(x: float, y: float, sign: int, rng: np.random.Generator, pool: Pool) -> None:
    reach = rx, ry = square_reach(sign * x, sign * y)
    whole = rng.standard_normal((2, 37 + 2 * ry, 41 + 2 * rx)).astype(np.float32)
    got = filtered(lambda s, d, p: square(s, d, sign * x, sign * y, p), whole, reach, pool)
    want = extreme_1d(extreme_1d(whole.astype(np.float64), sign * y, 1), sign * x, 2)
    np.testing.assert_allclose(got, want[:, ry : ry + 37, rx : rx + 41], atol=1e-6 if (x + y) % 1 else 0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 3e38])
def test_a_hot_pixel_leaves_no_trace_in_a_box(bad: float, rng: np.random.Generator, pool: Pool) -> None:
    whole = rng.random((1, 60, 60), dtype=np.float32)
    clean = filtered(lambda s, d, p: box(s, d, 4, 4, p), whole, (4, 4), pool)
    whole[0, 30, 30] = bad
    got = filtered(lambda s, d, p: box(s, d, 4, 4, p), whole, (4, 4), pool)
    touched = np.zeros(got.shape, bool)
    touched[0, 22:31, 22:31] = True
    np.testing.assert_array_equal(got[~touched], clean[~touched])
    assert not np.isclose(got[touched], clean[touched]).any()


def test_nan_is_left_out_of_an_extreme(rng: np.random.Generator, pool: Pool) -> None:
    whole = rng.random((1, 20, 20), dtype=np.float32)
    whole[0, 9, 9] = np.nan
    whole[0, 14:, 14:] = np.nan
    for size in (1, -1):
        got = filtered(lambda s, d, p, n=size: square(s, d, n, n, p), whole, (1, 1), pool)
        filled = np.where(np.isnan(whole), -np.inf * size, whole)
        find = ndimage.maximum_filter if size > 0 else ndimage.minimum_filter
        want = find(filled, (1, 3, 3))[:, 1:-1, 1:-1]
        np.testing.assert_array_equal(got, np.where(np.isinf(want), 0, want))


def test_infinities_survive_a_fractional_size(pool: Pool) -> None:
    whole = np.full((1, 9, 9), np.inf, np.float32)
    got = filtered(lambda s, d, p: square(s, d, 1.5, 1.5, p), whole, (2, 2), pool)
    assert np.isposinf(got).all()


def test_growing_one_axis_and_shrinking_the_other_is_refused(pool: Pool) -> None:
    with pytest.raises(CookError, match="two nodes"):
        square(np.zeros((1, 5, 5), np.float32), np.zeros((1, 3, 3), np.float32), 1, -1, pool)
