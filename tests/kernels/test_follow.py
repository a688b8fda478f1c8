"""A matte among its neighbours, against the formula in float64, pixel by pixel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.kernels.follow import follow
from nodegraph.kernels.pool import Pool

Plane = NDArray[Any]


def cubic(plane: Plane, y: float, x: float) -> float:
    """Catmull-Rom by its matrix."""
    matrix = 0.5 * np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]], float)
    y, x = np.clip(y, -2, plane.shape[0] + 1), np.clip(x, -2, plane.shape[1] + 1)
    top, left = int(np.floor(y)), int(np.floor(x))
    rows = np.clip(np.arange(top - 1, top + 3), 0, plane.shape[0] - 1)
    columns = np.clip(np.arange(left - 1, left + 3), 0, plane.shape[1] - 1)
    down, right = (np.array([1, t, t * t, t**3]) @ matrix for t in (y - top, x - left))
    return float(down @ plane[np.ix_(rows, columns)] @ right)


def linear(cells: Plane, y: float, x: float) -> float:
    y, x = np.clip(y, 0, cells.shape[0] - 1), np.clip(x, 0, cells.shape[1] - 1)
    j, i = int(y), int(x)
    jj, ii = min(j + 1, cells.shape[0] - 1), min(i + 1, cells.shape[1] - 1)
    upper, lower = ((1 - x + i) * cells[b, i] + (x - i) * cells[b, ii] for b in (j, jj))
    return float((1 - y + j) * upper + (y - j) * lower)


def expected(
    mattes: list[Plane], ways: Plane, trusts: Plane, cell: int, tolerance: float, strength: float, y: int, x: int
) -> float:
    clean = [np.clip(np.nan_to_num(m.astype(float), nan=0.0), 0, 1) for m in mattes]
    down, right = (y + 0.5) / cell - 0.5, (x + 0.5) / cell - 0.5
    values, weights = [clean[0][y, x]], [1.0]
    for k, trust in enumerate(trusts):
        weights.append(linear(trust, down, right))
        at = [p + cell * linear(ways[2 * k + c], down, right) for c, p in ((1, y), (0, x))]
        values.append(np.clip(cubic(clean[k + 1], *at), 0, 1))
    v, w = np.array(values), np.array(weights)
    order = np.argsort(v)
    middle = v[order][np.searchsorted(np.cumsum(w[order]), 0.5 * w.sum() - 1e-9)]
    w = w * np.maximum(0, 1 - ((v - middle) / tolerance) ** 2)
    return float(v[0] + strength * ((w * v).sum() / w.sum() - v[0]))


@pytest.mark.parametrize("cell", [1, 3, 4])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_it_is_the_formula(cell: int, count: int, rng: np.random.Generator) -> None:
    height, width = 30, 41
    rows, columns = -(-height // cell), -(-width // cell)
    blocks = rng.choice([0.0, 0.0, 1.0, 1.0, 0.4], (count + 1, 5, 6)).repeat(7, 1).repeat(7, 2)[:, :height, :width]
    mattes = [np.ascontiguousarray(m, np.float32) for m in blocks]
    for matte in mattes:  # some softness, and what no matte should hold
        matte[4:8] = rng.random((4, width))
        matte[rng.random(matte.shape) < 0.003] = np.nan
        matte[9, :9] = 1.4
    ways = rng.normal(0, 1.5, (2 * count, rows, columns)).astype(np.float32)
    trusts = (rng.random((count, rows, columns)) * rng.choice([0, 1], (count, rows, columns))).astype(np.float32)
    trusts[:, : rows // 2] = rng.random((count, rows // 2, columns))
    out = np.empty((height, width), np.float32)
    follow(mattes, ways, trusts, cell, 0.35, 0.8, out, Pool.serial())
    wanted = [[expected(mattes, ways, trusts, cell, 0.35, 0.8, y, x) for x in range(width)] for y in range(height)]
    off = np.abs(out - wanted)
    assert np.mean(off > 2e-5) < 0.002  # two values as near to the middle: either may be it
    assert np.median(off) < 1e-6


def test_flat_cells_are_filled_alike_and_threads_agree(rng: np.random.Generator) -> None:
    """What is skipped is what would have come out."""
    y, x = np.mgrid[0:64, 0:96]
    mattes = [np.clip(20.5 - np.hypot(x - 40 - 3 * k, y - 30), 0, 1).astype(np.float32) for k in range(3)]
    ways = np.zeros((4, 16, 24), np.float32)
    ways[0], ways[2] = 0.75, 1.5
    trusts = np.ones((2, 16, 24), np.float32)
    made = []
    for pool in (Pool.serial(), Pool(3)):
        out = np.full((64, 96), np.nan, np.float32)
        follow(mattes, ways, trusts, 4, 0.3, 1.0, out, pool)
        made.append(out)
    assert np.array_equal(made[0], made[1])
    assert np.abs(made[0] - mattes[0]).max() < 0.02


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 1), (0, 4)])
def test_any_size(shape: tuple[int, int]) -> None:
    mattes = [np.full(shape, 0.5, np.float32)] * 2
    cells = (1, -(-shape[0] // 4), -(-shape[1] // 4))
    out = np.empty(shape, np.float32)
    follow(mattes, np.zeros((2, *cells[1:]), np.float32), np.ones(cells, np.float32), 4, 0.3, 1.0, out, Pool.serial())
    assert (out == 0.5).all()
