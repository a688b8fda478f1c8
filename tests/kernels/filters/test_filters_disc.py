# ruff: noqa: TID253
"""Round erode and dilate against SciPy's footprint filters."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
import pytest
from scipy import ndimage

from nodegraph.kernels.filters.disc import disc, disc_reach
from nodegraph.kernels.pool import Pool
from tests.kernels.filters.filtering import filtered


def extreme(image: np.ndarray, radius: int, sign: int) -> np.ndarray:
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    find = ndimage.maximum_filter if sign > 0 else ndimage.minimum_filter
    return find(image, footprint=(x * x + y * y <= radius * radius)[None])


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("size", [0, 0.4, 1, 2, 3.25, 12])
def test_disc_is_the_extreme(size: float, sign: int, rng: np.random.Generator, pool: Pool) -> None:
    reach = r = disc_reach(size)[0]
    whole = rng.standard_normal((2, 40 + 2 * r, 45 + 2 * r)).astype(np.float32)
    got = filtered(lambda s, d, p: disc(s, d, sign * size, p), whole, (reach, reach), pool)
    low, high = (extreme(whole.astype(np.float64), n, sign) for n in (floor(size), ceil(size)))
    want = (low + size % 1 * (high - low))[:, r : r + 40, r : r + 45]
    np.testing.assert_allclose(got, want, atol=1e-6 if size % 1 else 0)


def test_disc_across_column_blocks(rng: np.random.Generator, pool: Pool) -> None:
    whole = rng.random((1, 12, 1300), dtype=np.float32)
    got = filtered(lambda s, d, p: disc(s, d, 4, p), whole, (4, 4), pool)
    np.testing.assert_array_equal(got, extreme(whole, 4, 1)[:, 4:-4, 4:-4])


def test_nan_is_left_out(rng: np.random.Generator, pool: Pool) -> None:
    whole = rng.random((1, 20, 20), dtype=np.float32)
    whole[0, 9, 9] = np.nan
    whole[0, 14:, 14:] = np.nan
    got = filtered(lambda s, d, p: disc(s, d, 2, p), whole, (2, 2), pool)
    want = extreme(np.where(np.isnan(whole), -np.inf, whole), 2, 1)[:, 2:-2, 2:-2]
    np.testing.assert_array_equal(got, np.where(np.isinf(want), 0, want))
    assert (got == 0).any()
