# ruff: noqa: TID253
"""A body from its outline: the matte as a membrane that is blown up.

The height h solves Poisson's equation, -laplace(h) = 4 where the matte is and h = 0 beside it; its root is the shape
of a body: round where the outline is round, steep at its edge (after T. Igarashi et al., "Teddy", 1999, and the
inflation by M. Prasad et al., 2006). Solved over cells by successive over-relaxation, coarse to fine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.cells import expand
from nodegraph.kernels.filters.flat import KERNEL
from nodegraph.kernels.pool import Pool

Plane = NDArray[Any]


def inflate(matte: Plane, levels: int = 5) -> Plane:
    """Heights (rows, columns) in cells of a matte (rows, columns), 0 where it is below a half."""
    pyramid: list[Plane] = [np.asarray(matte, np.float32)]
    while len(pyramid) < levels and min(*pyramid[-1].shape) > 12:
        pyramid.append(_halved(pyramid[-1]))
    h: Plane = np.zeros(pyramid[-1].shape, np.float32)
    for number, level in enumerate(reversed(pyramid)):
        if h.shape != level.shape:
            h = _doubled(h, level.shape[0], level.shape[1])
        _relax(level, h, 120 if number == 0 else 24)
    return np.sqrt(np.maximum(h, 0))


def slopes(height: Plane) -> tuple[Plane, Plane]:
    """Of a height over columns to the right and rows upwards, softened a little."""
    padded = np.pad(height, 1, mode="edge")
    x = (padded[1:-1, 2:] - padded[1:-1, :-2]) * 0.5
    y = (padded[:-2, 1:-1] - padded[2:, 1:-1]) * 0.5
    return np.asarray(x, np.float32), np.asarray(y, np.float32)


def _doubled(h: Plane, rows: int, columns: int) -> Plane:
    """Heights in cells of half the size: four times as many, as they go with the square of the width."""
    wide = np.repeat(np.repeat(h, 2, 0), 2, 1)[:rows, :columns]
    return np.ascontiguousarray(4 * wide)


def _halved(plane: Plane) -> Plane:
    rows, columns = -(-plane.shape[0] // 2) * 2, -(-plane.shape[1] // 2) * 2
    even: Plane = np.pad(plane, ((0, rows - plane.shape[0]), (0, columns - plane.shape[1])), mode="edge")
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


def soften(plane: Plane, times: int = 3) -> Plane:
    """1 2 1 both ways, several times; held at the border."""
    out = np.asarray(plane, np.float32)
    for _ in range(times):
        padded = np.pad(out, 1, mode="edge")
        rows = 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]
        out = 0.25 * rows[:, :-2] + 0.5 * rows[:, 1:-1] + 0.25 * rows[:, 2:]
    return np.asarray(out, np.float32)


def upsample(coarse: Plane, cell: int, size: tuple[int, int], pool: Pool) -> Plane:
    """Cells (planes, rows, columns) as pixels, between their middles; the first three planes are made one long."""
    out = np.empty((coarse.shape[0], *size), np.float32)
    source = np.ascontiguousarray(coarse, np.float32)
    wide = (coarse.shape[2] + 1) * cell

    def strip(a: int, b: int) -> None:
        with pool.scratch((2, max(wide, size[1]))) as lines:
            _upsample(source, cell, lines, out, a, b)

    pool.map(size[0], strip, 16)
    return out


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _upsample(coarse, cell, lines, out, y0, y1):  # type: ignore[no-untyped-def]
    planes, rows, columns = coarse.shape
    width = out.shape[2]
    line, fine = lines[0, :columns], lines[1]
    share = np.float32(1.0 / cell)
    for y in range(y0, y1):
        v = min(max((y + np.float32(0.5)) * share - np.float32(0.5), np.float32(0)), np.float32(rows - 1))
        j = int(v)
        k, b = min(j + 1, rows - 1), v - j
        for c in range(planes):
            near, far = coarse[c, j], coarse[c, k]
            for i in range(columns):
                line[i] = near[i] + b * (far[i] - near[i])
            expand(line, cell, fine, 0, columns)
            row = out[c, y]
            for x in range(width):
                row[x] = fine[x]
        nx, ny, nz = out[0, y], out[1, y], out[2, y]
        for x in range(width):
            length = np.float32(1) / np.sqrt(nx[x] * nx[x] + ny[x] * ny[x] + nz[x] * nz[x])
            nx[x], ny[x], nz[x] = nx[x] * length, ny[x] * length, nz[x] * length
