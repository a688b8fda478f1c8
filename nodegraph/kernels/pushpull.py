# ruff: noqa: TID253
"""Spreading what is known of a picture over what isn't: push-pull (Gortler et al., *The Lumigraph*, 1996).

Known samples are averaged onto ever coarser grids until nothing is missing, then each gap is filled from the next
coarser grid. The cost is a third more than one pass over the picture, whatever the size of the gaps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL

Planes = NDArray[np.float32]


def spread(values: Planes, weight: Planes, otherwise: Sequence[float] | NDArray[np.float64]) -> Planes:
    """Values `(n, height, width)`, multiplied by their weight 0..1, spread to where the weight is less than 1.

    Without any weight at all the result is `otherwise`, a number for each of the n planes.
    """
    levels = [(np.ascontiguousarray(values), np.ascontiguousarray(weight))]
    while levels[-1][1].size > 1:
        levels.append(_pull(*levels[-1]))
    top, known = levels[-1]
    if known.size == 0:
        return levels[0][0].copy()
    whole = np.array(otherwise, np.float32)[:, None, None]
    filled = top + (1 - known) * whole if known[0, 0] < 1e-6 else top / known
    for values, weight in reversed(levels[:-1]):
        filled = _push(values, weight, filled.astype(np.float32))
    return filled.astype(np.float32)


def halved(values: Planes, weight: Planes) -> tuple[Planes, Planes]:
    """The same on a grid of half as many rows and columns, rounded up."""
    coarse: tuple[Planes, Planes] = _pull(np.ascontiguousarray(values), np.ascontiguousarray(weight))
    return coarse


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _pull(values, weight):  # type: ignore[no-untyped-def]
    """The next coarser grid: sums of four, their weight at most 1."""
    count, height, width = values.shape
    rows, columns = (height + 1) // 2, (width + 1) // 2
    coarse = np.zeros((count, rows, columns), np.float32)
    known = np.zeros((rows, columns), np.float32)
    for y in range(rows):
        for x in range(columns):
            total = np.float32(0)
            for j in range(2 * y, min(height, 2 * y + 2)):
                for i in range(2 * x, min(width, 2 * x + 2)):
                    total += weight[j, i]
                    for c in range(count):
                        coarse[c, y, x] += values[c, j, i]
            if total > 1:
                for c in range(count):
                    coarse[c, y, x] /= total
                total = np.float32(1)
            known[y, x] = total
    return coarse, known


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _push(values, weight, coarse):  # type: ignore[no-untyped-def]
    """The finer grid, its gaps filled from the coarser, which is read bilinearly."""
    count, height, width = values.shape
    rows, columns = coarse.shape[1:]
    out = np.empty_like(values)
    for y in range(height):
        j = y // 2
        k = min(max(j - 1 + 2 * (y % 2), 0), rows - 1)
        for x in range(width):
            missing = np.float32(1) - weight[y, x]
            if missing <= 0:
                for c in range(count):
                    out[c, y, x] = values[c, y, x]
                continue
            i = x // 2
            h = min(max(i - 1 + 2 * (x % 2), 0), columns - 1)
            for c in range(count):
                near = np.float32(0.75) * coarse[c, j, i] + np.float32(0.25) * coarse[c, j, h]
                far = np.float32(0.75) * coarse[c, k, i] + np.float32(0.25) * coarse[c, k, h]
                out[c, y, x] = values[c, y, x] + missing * (np.float32(0.75) * near + np.float32(0.25) * far)
    return out
