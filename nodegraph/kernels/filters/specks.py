# ruff: noqa: TID253
"""Take small islands out of a matte, by their connected area.

An island is what hangs together of the pixels from a level on: eight neighbours for white ones,
four for black ones, so that a diagonal line of white both holds together and keeps black apart.
Islands are found as runs of a row, joined to those of the row above (union-find; A. Rosenfeld
and J. Pfaltz, "Sequential operations in digital picture processing", 1966).

A small island goes with its slopes, down to where the matte rises again: all of them become
what the matte is at the lowest place around them, which is 0 for a speck in a black backing,
and the smoke's own value for one in smoke. An island that is the whole picture stays.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL, grain
from nodegraph.kernels.pool import Pool

Plane = NDArray[np.float32]


def remove_specks(plane: Plane, level: float, area: float, black: bool, pool: Pool) -> int:
    """Take islands of fewer than `area` pixels out, in place; returns how many there were.

    White islands are where the plane is at least `level`, black ones where it isn't.
    """
    height, width = plane.shape
    if plane.size == 0 or area <= 1:  # no island has less than a pixel
        return 0
    starts = np.empty((height, width // 2 + 1), np.int32)
    ends = np.empty_like(starts)
    counts = np.empty(height, np.int64)
    limit = np.float32(level)
    pool.map(height, lambda y0, y1: _runs(plane, limit, black, starts, ends, counts, y0, y1), grain(width))
    first = np.concatenate(([0], np.cumsum(counts)))
    island = np.empty(int(first[-1]), np.int32)
    sizes = np.zeros(island.size, np.int64)
    _join(starts, ends, first, not black, island, sizes)
    small = np.flatnonzero(sizes[island] < area)
    if small.size == 0:
        return 0
    small = small[np.argsort(island[small], kind="stable")]
    row = np.searchsorted(first, small, side="right") - 1
    place = small - first[row]
    runs = np.stack([row, starts[row, place], ends[row, place], island[small]]).astype(np.int64)
    return int(_erase(plane, limit, black, runs, np.zeros(plane.shape, np.uint8), np.empty(plane.size, np.int32)))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _runs(plane, level, black, starts, ends, counts, y0, y1):  # type: ignore[no-untyped-def]
    """Where in each row the islands' runs begin and end."""
    width = plane.shape[1]
    for y in range(y0, y1):
        n, inside = 0, False
        for x in range(width):
            here = (plane[y, x] >= level) != black
            if here != inside:
                if here:
                    starts[y, n] = x
                else:
                    ends[y, n] = x
                    n += 1
                inside = here
        if inside:
            ends[y, n] = width
            n += 1
        counts[y] = n


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _root(island, i):  # type: ignore[no-untyped-def]
    while island[i] != i:
        island[i] = island[island[i]]
        i = island[i]
    return i


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _join(starts, ends, first, diagonal, island, sizes):  # type: ignore[no-untyped-def]
    """island[i]: the first run of the island that run i belongs to; sizes there: its pixels."""
    more = 1 if diagonal else 0
    for i in range(island.size):
        island[i] = i
    for y in range(1, starts.shape[0]):
        above, here = first[y - 1], first[y]
        n, m = here - above, first[y + 1] - here
        i, j = 0, 0
        while i < n and j < m:
            if starts[y - 1, i] < ends[y, j] + more and starts[y, j] < ends[y - 1, i] + more:
                a, b = _root(island, above + i), _root(island, here + j)
                if a < b:
                    island[b] = a
                else:
                    island[a] = b
            if ends[y - 1, i] < ends[y, j]:
                i += 1
            else:
                j += 1
    for y in range(starts.shape[0]):
        for i in range(first[y], first[y + 1]):
            root = _root(island, i)
            island[i] = root
            sizes[root] += ends[y, i - first[y]] - starts[y, i - first[y]]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _erase(plane, level, black, runs, taken, queue):  # type: ignore[no-untyped-def]
    """Cut each island of the runs (row, start, end, island) down to the lowest place around its slopes."""
    height, width = plane.shape
    sign = np.float32(-1) if black else np.float32(1)
    islands = 0
    k = 0
    while k < runs.shape[1]:
        which = runs[3, k]
        tail = 0
        while k < runs.shape[1] and runs[3, k] == which:
            y = runs[0, k]
            for x in range(runs[1, k], runs[2, k]):
                taken[y, x] = 1
                queue[tail] = y * width + x
                tail += 1
            k += 1
        islands += 1
        low, found = np.float32(0), False
        head = 0
        while head < tail:
            y = queue[head] // width
            x = queue[head] - y * width
            head += 1
            here = sign * plane[y, x]
            for side in range(4):
                i = y + (side == 0) - (side == 1)
                j = x + (side == 2) - (side == 3)
                if i < 0 or j < 0 or i >= height or j >= width or taken[i, j] == 1:
                    continue
                beside = sign * plane[i, j]
                if not found or beside < low:
                    low, found = beside, True
                if beside < here and (plane[i, j] >= level) == black:
                    taken[i, j] = 1
                    queue[tail] = i * width + j
                    tail += 1
        for h in range(tail):
            y = queue[h] // width
            x = queue[h] - y * width
            taken[y, x] = 2  # may be around another island, as what it is now
            if found and sign * plane[y, x] > low:
                plane[y, x] = sign * low
    return islands
