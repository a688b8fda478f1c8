# ruff: noqa: TID253
"""Convolution, directional blur, edges and sharpening against SciPy and the plain formulas."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from nodegraph.errors import CookError
from nodegraph.kernels.filters.convolve import (
    convolve,
    convolve_reach,
    directional,
    directional_reach,
)
from nodegraph.kernels.filters.edges import Gradient, edges, laplacian
from nodegraph.kernels.filters.sharpen import unsharp, unsharp_reach
from nodegraph.kernels.pool import Pool
from tests.kernels.filters.filtering import filtered


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (5, 7), (1, 9), (31, 31)])
def test_convolve_is_scipys(shape: tuple[int, int], rng: np.random.Generator, pool: Pool) -> None:
    kernel = rng.standard_normal(shape)
    x, y = convolve_reach(kernel)
    whole = rng.standard_normal((2, 20 + 2 * y, 23 + 2 * x)).astype(np.float32)
    got = filtered(lambda s, d, p: convolve(s, d, kernel, p), whole, (x, y), pool)
    want = ndimage.convolve(whole.astype(np.float64), kernel[None])[:, y : y + 20, x : x + 23]
    np.testing.assert_allclose(got, want, atol=2e-6 * abs(kernel).sum())


def test_a_kernel_without_a_centre_is_refused(pool: Pool) -> None:
    with pytest.raises(CookError, match="odd"):
        convolve(np.zeros((1, 5, 5), np.float32), np.zeros((1, 5, 5), np.float32), np.ones((2, 3)), pool)


def test_a_kernel_of_zeros_makes_black(pool: Pool) -> None:
    got = filtered(lambda s, d, p: convolve(s, d, np.zeros((3, 3)), p), np.ones((1, 9, 9), np.float32), (1, 1), pool)
    assert not got.any()


def test_inf_passes_by_zero_weights(pool: Pool) -> None:
    whole = np.ones((1, 7, 7), np.float32)
    whole[0, 3, 3] = np.inf
    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]]) / 5
    got = filtered(lambda s, d, p: convolve(s, d, cross, p), whole, (1, 1), pool)
    np.testing.assert_array_equal(np.isinf(got[0, 1:4, 1:4]), cross > 0)
    assert not np.isnan(got).any()


@pytest.mark.parametrize("length", [0, 0.5, 1, 7, 12.3])
@pytest.mark.parametrize("angle", [0, 45, 90, 130, -20])
def test_directional_blur_has_the_moments_of_its_line(length: float, angle: float, pool: Pool) -> None:
    x, y = directional_reach(length, angle)
    whole = np.zeros((1, 4 * y + 1, 4 * x + 1), np.float32)
    whole[0, 2 * y, 2 * x] = 1
    got = filtered(lambda s, d, p: directional(s, d, length, angle, p), whole, (x, y), pool)[0]
    rows, columns = np.mgrid[-y : y + 1, -x : x + 1]
    turn = np.radians(angle)
    along = columns * np.cos(turn) - rows * np.sin(turn)  # y up
    across = columns * np.sin(turn) + rows * np.cos(turn)
    assert got.sum() == pytest.approx(1, abs=1e-5)
    assert (got * along).sum() == pytest.approx(0, abs=1e-5)
    spread = length**2 / 12
    assert spread - 1e-3 <= (got * along**2).sum() <= spread + 0.26  # the share-out adds up to 1/4
    assert (got * across**2).sum() <= 0.26


def test_directional_blur_along_an_axis_is_a_box(rng: np.random.Generator, pool: Pool) -> None:
    whole = rng.random((1, 5, 45), dtype=np.float32)
    x, y = directional_reach(8, 0)
    got = filtered(lambda s, d, p: directional(s, d, 8, 0, p), whole, (x, y), pool)
    weights = np.full(9, 1 / 8)
    weights[[0, -1]] = 1 / 16
    want = ndimage.convolve1d(whole.astype(np.float64), weights, 2)[..., x:-x]
    np.testing.assert_allclose(got, want, atol=2e-3)


@pytest.mark.parametrize("kind", ["sobel", "scharr", "prewitt"])
def test_edges_measure_the_slope(kind: Gradient, rng: np.random.Generator, pool: Pool) -> None:
    y, x = np.mgrid[:20, :20].astype(np.float32)
    ramp = (0.3 * x - 0.4 * y)[None]
    got = filtered(lambda s, d, p: edges(s, d, p, kind=kind), ramp, (1, 1), pool)
    np.testing.assert_allclose(got, 0.5, atol=1e-5)

    whole = rng.random((1, 20, 20), dtype=np.float32)
    got = filtered(lambda s, d, p: edges(s, d, p, kind=kind), whole, (1, 1), pool)
    across = {"sobel": [1, 2, 1], "scharr": [3, 10, 3], "prewitt": [1, 1, 1]}[kind]
    slope = np.outer(across, [-1, 0, 1]) / (2 * sum(across))
    gx, gy = (ndimage.correlate(whole[0].astype(np.float64), k) for k in (slope, slope.T))
    np.testing.assert_allclose(got[0], np.hypot(gx, gy)[1:-1, 1:-1], atol=1e-6)


def test_laplacian_of_a_paraboloid(pool: Pool) -> None:
    y, x = np.mgrid[:12, :12].astype(np.float32)
    got = filtered(laplacian, (x * x + 2 * y * y)[None], (1, 1), pool)
    np.testing.assert_allclose(got, 6, atol=1e-3)


def test_unsharp_is_the_formula(rng: np.random.Generator, pool: Pool) -> None:
    whole = rng.standard_normal((2, 50, 50)).astype(np.float32)
    x, y = unsharp_reach(2)
    got = filtered(lambda s, d, p: unsharp(s, d, 2, 0.7, p, threshold=0.1), whole, (x, y), pool)
    wide = whole.astype(np.float64)
    detail = wide - ndimage.gaussian_filter(wide, (0, 2, 2), truncate=8)
    detail = np.sign(detail) * np.maximum(abs(detail) - 0.1, 0)
    np.testing.assert_allclose(got, (wide + 0.7 * detail)[:, y:-y, x:-x], atol=5e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_unsharp_leaves_the_pixels_beside_a_bad_one_alone(bad: float, rng: np.random.Generator, pool: Pool) -> None:
    whole = rng.random((1, 41, 41), dtype=np.float32)
    whole[0, 20, 20] = bad
    x, y = unsharp_reach(1)
    got = filtered(lambda s, d, p: unsharp(s, d, 1, 1, p), whole, (x, y), pool)
    middle = whole[:, y:-y, x:-x]
    np.testing.assert_array_equal(got[0, 14:17, 14:17], middle[0, 14:17, 14:17])
    assert np.isfinite(got).sum() == got.size - 1
