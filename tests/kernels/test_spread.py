"""Push-pull against its definition in NumPy, and what it promises."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.kernels.pushpull import spread


def reference(values: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same, one level at a time and in float64."""
    if weight.size == 1:
        return values / weight
    count, height, width = values.shape
    padded = np.pad(values, ((0, 0), (0, height % 2), (0, width % 2)))
    known = np.pad(weight, ((0, height % 2), (0, width % 2)))
    rows, columns = known.shape[0] // 2, known.shape[1] // 2
    coarse = padded.reshape(count, rows, 2, columns, 2).sum((2, 4))
    total = known.reshape(rows, 2, columns, 2).sum((1, 3))
    share = 1 / np.maximum(total, 1)
    filled = reference(coarse * share, total * share)
    y, x = (np.arange(n) / 2 - 0.25 for n in (height, width))
    for axis, at in ((1, y), (2, x)):
        last = filled.shape[axis] - 1
        low = np.floor(at).astype(int)
        near, far = np.clip(low, 0, last), np.clip(low + 1, 0, last)
        part = (at - low).reshape([-1 if k == axis else 1 for k in range(3)])
        filled = filled.take(near, axis) * (1 - part) + filled.take(far, axis) * part
    return values + (1 - weight) * filled


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (16, 16), (23, 37)])
def test_it_is_its_definition(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(4)
    weight = rng.random(size) * (rng.random(size) < 0.2)
    weight.flat[0] = 0.5
    values = rng.random((3, *size)) * weight
    found = spread(values.astype(np.float32), weight.astype(np.float32), (0, 0, 0))
    np.testing.assert_allclose(found, reference(values, weight), atol=2e-6)


def test_one_known_sample_is_everywhere_and_none_is_the_given() -> None:
    weight = np.zeros((9, 14), np.float32)
    assert (spread(np.zeros((2, 9, 14), np.float32), weight, (0.25, 3)) == np.array([0.25, 3])[:, None, None]).all()
    weight[4, 6] = 1
    values = np.zeros((1, 9, 14), np.float32)
    values[0, 4, 6] = 0.7
    np.testing.assert_allclose(spread(values, weight, (9,)), 0.7, rtol=1e-6)


def test_what_is_known_stays() -> None:
    values = np.random.default_rng(2).random((2, 8, 8)).astype(np.float32)
    np.testing.assert_array_equal(spread(values, np.ones((8, 8), np.float32), (0, 0)), values)
