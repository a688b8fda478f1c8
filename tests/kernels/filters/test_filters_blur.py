# ruff: noqa: TID253
"""The Gaussian against SciPy's in float64, and what a hot, NaN or Inf pixel does."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from nodegraph.kernels.filters.blur import DIRECT, gaussian, gaussian_reach
from nodegraph.kernels.filters.flat import Image
from nodegraph.kernels.pool import Pool


def blurred(image: Image, sigma_x: float, sigma_y: float, pool: Pool, **options: tuple[int, int]) -> Image:
    x, y = gaussian_reach(sigma_x, sigma_y)
    dst = np.empty_like(image)
    gaussian(np.pad(image, ((0, 0), (y, y), (x, x))), dst, sigma_x, sigma_y, pool, **options)
    return dst


def reference(image: Image, sigma_x: float, sigma_y: float) -> np.ndarray:
    wide = image.astype(np.float64)
    blurred: np.ndarray = ndimage.gaussian_filter(wide, (0, sigma_y, sigma_x), mode="constant", truncate=8)
    return blurred


@pytest.mark.parametrize(
    ("sigma_x", "sigma_y"), [(0.3, 0.3), (1, 2.5), (DIRECT, 0), (0, 1), (5, 1), (1.5, 9), (12, 12), (40, 7)]
)
def test_is_the_gaussian(sigma_x: float, sigma_y: float, rng: np.random.Generator, pool: Pool) -> None:
    image = rng.random((2, 67, 90), dtype=np.float32)
    image[1, :, 45:] += 1  # an edge
    got = blurred(image, sigma_x, sigma_y, pool)
    tolerance = 1e-6 if max(sigma_x, sigma_y) <= DIRECT else 4e-4
    np.testing.assert_allclose(got, reference(image, sigma_x, sigma_y), atol=2 * tolerance)


@pytest.mark.parametrize("sigma", [4.01, 8.2, 16.5, 30, 100])
def test_a_step_edge_is_off_by_less_than_a_two_thousandth(sigma: float, pool: Pool) -> None:
    step = np.zeros((1, 3, 240), np.float32)
    step[..., 120:] = 1
    got = blurred(step, sigma, 0, pool)
    assert abs(got - reference(step, sigma, 0)).max() < 5e-4


def test_zero_sigma_changes_nothing(rng: np.random.Generator, pool: Pool) -> None:
    image = rng.standard_normal((3, 5, 7)).astype(np.float32)
    assert np.array_equal(blurred(image, 0, 0, pool), image)


@pytest.mark.parametrize("sigma", [0.7, 3, 6, 25])
def test_keeps_what_there_is_and_never_rings(sigma: float, pool: Pool) -> None:
    hot = np.zeros((1, 301, 301), np.float32)
    hot[0, 150, 150] = 1e4
    got = blurred(hot, sigma, sigma, pool)
    assert got.min() >= 0
    assert got.sum(dtype=np.float64) == pytest.approx(1e4, rel=1e-4)


@pytest.mark.parametrize("sigma", [1, 10])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_bad_pixel_stays_within_its_reach(sigma: float, bad: float, pool: Pool) -> None:
    reach = gaussian_reach(sigma, sigma)[0]
    side = 2 * reach + 31
    image = np.ones((1, side, side), np.float32)
    clean = blurred(image, sigma, sigma, pool)
    image[0, side // 2, side // 2] = bad
    got = blurred(image, sigma, sigma, pool)
    y, x = np.nonzero(~np.isfinite(got[0]))
    assert len(y) > 0
    assert max(abs(y - side // 2).max(), abs(x - side // 2).max()) <= reach
    np.testing.assert_array_equal(got[np.isfinite(got)], clean[np.isfinite(got)])


@pytest.mark.parametrize("sigma", [3, 6, 21])
def test_a_region_is_the_crop_of_the_whole(sigma: float, rng: np.random.Generator, pool: Pool) -> None:
    image = rng.random((1, 60, 80), dtype=np.float32)
    x, y = gaussian_reach(sigma, sigma)
    padded = np.pad(image, ((0, 0), (y, y), (x, x)))
    whole = blurred(image, sigma, sigma, pool, origin=(-13, 5))
    for left, top, width, height in ((0, 0, 80, 60), (11, 7, 33, 21), (40, 59, 1, 1), (79, 0, 1, 60)):
        part = np.empty((1, height, width), np.float32)
        cut = padded[:, top : top + height + 2 * y, left : left + width + 2 * x]
        gaussian(cut, part, sigma, sigma, pool, origin=(left - 13, top + 5))
        np.testing.assert_array_equal(part, whole[:, top : top + height, left : left + width])
