# ruff: noqa: TID253
"""A body from its outline: the matte as a membrane that is blown up.

The height h solves Poisson's equation, -laplace(h) = 4 where the matte is and h = 0 beside it; its root is the shape
of a body: round where the outline is round, steep at its edge (after T. Igarashi et al., "Teddy", 1999, and the
inflation by M. Prasad et al., 2006). Solved over cells by successive over-relaxation, coarse to fine.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL

Plane = NDArray[np.float32]


def inflate(matte: Plane, levels: int = 5) -> Plane:
    """Heights (rows, columns) in cells of a matte (rows, columns), 0 where it is below a half."""
    pyramid = [np.asarray(matte, np.float32)]
    while len(pyramid) < levels and min(pyramid[-1].shape) > 12:
        pyramid.append(_halved(pyramid[-1]))
    h = np.zeros(pyramid[-1].shape, np.float32)
    for number, level in enumerate(reversed(pyramid)):
        if h.shape != level.shape:
            h = 4 * np.repeat(np.repeat(h, 2, 0), 2, 1)[: level.shape[0], : level.shape[1]]
            h = np.pad(h, ((0, level.shape[0] - h.shape[0]), (0, level.shape[1] - h.shape[1])), mode="edge")
        h = np.ascontiguousarray(h)
        _relax(level, h, 120 if number == 0 else 24)
    return np.sqrt(np.maximum(h, 0))


def slopes(height: Plane) -> tuple[Plane, Plane]:
    """Of a height over columns to the right and rows upwards, softened a little."""
    padded = np.pad(height, 1, mode="edge")
    x = (padded[1:-1, 2:] - padded[1:-1, :-2]) * 0.5
    y = (padded[:-2, 1:-1] - padded[2:, 1:-1]) * 0.5
    return np.asarray(x, np.float32), np.asarray(y, np.float32)


def _halved(plane: Plane) -> Plane:
    rows, columns = -(-plane.shape[0] // 2) * 2, -(-plane.shape[1] // 2) * 2
    even = np.pad(plane, ((0, rows - plane.shape[0]), (0, columns - plane.shape[1])), mode="edge")
    return np.asarray(even.reshape(rows // 2, 2, columns // 2, 2).mean((1, 3)), np.float32)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _relax(matte, h, times):  # type: ignore[no-untyped-def]
    """In place. What the frame cuts goes on beyond it: no slope there."""
    rows, columns = h.shape
    w = np.float32(1.85)
    for _ in range(times):
        for y in range(rows):
            for x in range(columns):
                if matte[y, x] < np.float32(0.5):
                    h[y, x] = np.float32(0)
                    continue
                near = (
                    h[max(y - 1, 0), x]
                    + h[min(y + 1, rows - 1), x]
                    + h[y, max(x - 1, 0)]
                    + h[y, min(x + 1, columns - 1)]
                )
                h[y, x] += w * (np.float32(0.25) * (near + np.float32(4)) - h[y, x])
