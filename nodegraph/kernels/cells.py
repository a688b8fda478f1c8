# ruff: noqa: TID253
"""Cells: a picture's squares of a whole number of pixels, and rows of cells as pixels again."""

from __future__ import annotations

import numpy as np
from numba import njit

from nodegraph.kernels.filters.flat import KERNEL, Image, readable
from nodegraph.kernels.pool import Pool


def shrink(src: Image, cell: int, pool: Pool) -> Image:
    """The mean of each cell of a picture `(channels, height, width)`; what isn't a number counts as 0.

    The cells at the right and the bottom may be cut; they are the mean of what there is of them.
    """
    channels, height, width = src.shape
    out = np.empty((channels, -(-height // cell), -(-width // cell)), np.float32)
    data, channel, row = readable(src)

    def strip(a: int, b: int) -> None:
        for c in range(channels):
            _shrink(data, c * channel, row, height, width, cell, out[c], a, b)

    pool.map(out.shape[1], strip, 4)
    return out


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _shrink(src, o, row, height, width, cell, out, row0, row1):  # type: ignore[no-untyped-def]
    zero = np.float32(0)
    sums = np.empty(width, np.float32)
    for j in range(row0, row1):
        top, bottom = j * cell, min(height, (j + 1) * cell)
        for x in range(width):
            sums[x] = zero
        for y in range(top, bottom):
            line = src[o + y * row : o + y * row + width]
            for x in range(width):
                v = line[x]
                sums[x] += v if (v - v) == zero else zero
        for i in range(out.shape[1]):
            total = zero
            end = min(width, (i + 1) * cell)
            for x in range(i * cell, end):
                total += sums[x]
            out[j, i] = total / np.float32((bottom - top) * (end - i * cell))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def expand(row, cell, out, first, last):  # type: ignore[no-untyped-def]
    """Some cells of a row as pixels: linear between the cells' middles."""
    columns = row.shape[0]
    half = cell // 2
    if first == 0:
        for x in range(half):
            out[x] = row[0]
    if last == columns:
        for x in range(max(1, cell - half)):
            out[(columns - 1) * cell + half + x] = row[columns - 1]
    share = np.float32(1.0 / cell)
    into = np.float32(0) if cell % 2 else np.float32(0.5) * share  # the middle of odd cells is a pixel's
    start, stop = max(0, first - 1), min(last, columns - 1)
    if cell == 8:  # loops of a known length become single instructions
        for j in range(start, stop):
            a, d = row[j], (row[j + 1] - row[j]) * share
            for k in range(8):
                out[j * 8 + 4 + k] = a + d * (np.float32(k) + np.float32(0.5))
    elif cell == 4:
        for j in range(start, stop):
            a, d = row[j], (row[j + 1] - row[j]) * share
            for k in range(4):
                out[j * 4 + 2 + k] = a + d * (np.float32(k) + np.float32(0.5))
    else:
        for j in range(start, stop):
            a, d = row[j], row[j + 1] - row[j]
            for k in range(cell):
                out[j * cell + half + k] = a + d * (np.float32(k) * share + into)
