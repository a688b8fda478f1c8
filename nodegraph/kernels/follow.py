# ruff: noqa: TID253
"""A matte among those of the frames around it, followed along the motion.

Most of a matte is 0 or 1, here and where its pixels come from and go to: such cells are only filled.
In the others each neighbour's value is read between its pixels by Catmull-Rom. The values of one pixel
have a weighed median, and the result is the mean of those near to that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL, Image
from nodegraph.kernels.pool import Pool

Plane = NDArray[np.float32]

#: What a cell's pixels are: all 0, all 1, or anything.
_BLACK, _WHITE, _OPEN = 0, 1, 2


def follow(
    mattes: Sequence[Plane],
    ways: Image,
    trusts: Image,
    cell: int,
    tolerance: float,
    strength: float,
    out: Plane,
    pool: Pool,
) -> None:
    """The first of `mattes` (each height, width), steadied by the others, into `out`.

    `ways` (2 n, rows, columns) are the x and y in cells to each of the n others, `trusts` (n, rows, columns) 0 to 1
    whether what is here is found there. Values are held to 0..1; what isn't a number is 0. With v_0 the pixel's own
    value of weight w_0 = 1, v_k and w_k the others and their trust, and m the median of all by weight, the result is
    v_0 + strength (mean - v_0), the mean being of w_k max(0, 1 - ((v_k - m) / tolerance)^2).
    """
    height, width = out.shape
    if out.size == 0:
        return
    count, (rows, columns) = len(mattes), trusts.shape[1:]
    kinds = np.empty((count, rows, columns), np.uint8)
    with pool.scratch((count, height, width)) as held:

        def prepare(a: int, b: int) -> None:
            for matte, plane, kind in zip(mattes, held, kinds, strict=True):
                np.clip(matte[a * cell : b * cell], 0, 1, out=plane[a * cell : b * cell])
                _classify(plane, cell, kind, a, b)

        def strip(a: int, b: int) -> None:
            _follow(
                held, kinds, ways, trusts, cell, np.float32(1 / max(tolerance, 1e-6)), np.float32(strength), out, a, b
            )

        pool.map(rows, prepare, 4)
        pool.map(rows, strip, 2)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _classify(plane, cell, kinds, row0, row1):  # type: ignore[no-untyped-def]
    """NaN becomes 0; the kinds of some rows of cells."""
    zero, one = np.float32(0), np.float32(1)
    height, width = plane.shape
    for j in range(row0, row1):
        for i in range(kinds.shape[1]):
            low, high = one, zero
            for y in range(j * cell, min(height, j * cell + cell)):
                for x in range(i * cell, min(width, i * cell + cell)):
                    v = plane[y, x]
                    if v - v != zero:
                        v = zero
                        plane[y, x] = zero
                    low, high = min(low, v), max(high, v)
            kinds[j, i] = _BLACK if high == zero else (_WHITE if low == one else _OPEN)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _follow(held, kinds, ways, trusts, cell, narrow, strength, out, row0, row1):  # type: ignore[no-untyped-def]
    columns = kinds.shape[2]
    height, width = out.shape
    count = held.shape[0]
    values, weights = np.empty(count, np.float32), np.empty(count, np.float32)
    for j in range(row0, row1):
        bottom = min(height, j * cell + cell)
        for i in range(columns):
            end = min(width, i * cell + cell)
            if _alike(kinds, ways, trusts, j, i):
                for y in range(j * cell, bottom):
                    out[y, i * cell : end] = np.float32(kinds[0, j, i])
                continue
            for y in range(j * cell, bottom):
                for x in range(i * cell, end):
                    out[y, x] = _steadied(held, ways, trusts, cell, narrow, strength, y, x, values, weights)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _alike(kinds, ways, trusts, j, i):  # type: ignore[no-untyped-def]
    """Whether all that the pixels of a cell look at, in all frames that are trusted, is 0, or 1."""
    rows, columns = kinds.shape[1:]
    kind = kinds[0, j, i]
    if kind == _OPEN:
        return False
    top, bottom, left, right = max(0, j - 1), min(rows, j + 2), max(0, i - 1), min(columns, i + 2)
    for k in range(trusts.shape[0]):
        trusted = False
        x0 = x1 = ways[2 * k, j, i]
        y0 = y1 = ways[2 * k + 1, j, i]
        for b in range(top, bottom):
            for a in range(left, right):
                trusted |= trusts[k, b, a] > 0
                x, y = ways[2 * k, b, a], ways[2 * k + 1, b, a]
                x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
        if not trusted:
            continue
        first, last = (
            min(max(int(np.floor(i + x0)) - 2, 0), columns - 1),
            min(max(int(np.ceil(i + x1)) + 3, 1), columns),
        )
        for b in range(min(max(int(np.floor(j + y0)) - 2, 0), rows - 1), min(max(int(np.ceil(j + y1)) + 3, 1), rows)):
            for a in range(first, last):
                if kinds[k + 1, b, a] != kind:
                    return False
    return True


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _steadied(held, ways, trusts, cell, narrow, strength, y, x, values, weights):  # type: ignore[no-untyped-def]
    zero, one = np.float32(0), np.float32(1)
    rows, columns = trusts.shape[1:]
    own = held[0, y, x]
    values[0], weights[0] = own, one
    total, count = one, 1
    down, right = (y + 0.5) / cell - 0.5, (x + 0.5) / cell - 0.5
    j, i = max(int(np.floor(down)), 0), max(int(np.floor(right)), 0)
    v, u = np.float32(max(down - j, 0.0)), np.float32(max(right - i, 0.0))
    jj, ii = min(j + 1, rows - 1), min(i + 1, columns - 1)
    for k in range(trusts.shape[0]):
        weight = _between(trusts[k], j, jj, i, ii, v, u)
        if weight <= zero:
            continue
        at_x = x + cell * _between(ways[2 * k], j, jj, i, ii, v, u)
        at_y = y + cell * _between(ways[2 * k + 1], j, jj, i, ii, v, u)
        value = min(max(_cubic(held[k + 1], at_y, at_x), zero), one)
        place = count
        while place > 0 and values[place - 1] > value:  # in order
            values[place], weights[place] = values[place - 1], weights[place - 1]
            place -= 1
        values[place], weights[place] = value, weight
        total += weight
        count += 1
    half, middle = zero, values[0]
    for k in range(count):
        half += weights[k]
        if half >= np.float32(0.5) * total:
            middle = values[k]
            break
    mean = sums = zero
    for k in range(count):
        off = (values[k] - middle) * narrow
        weight = weights[k] * max(zero, one - off * off)
        mean += weight * values[k]
        sums += weight
    return own + strength * (mean / sums - own)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _between(plane, j, jj, i, ii, v, u):  # type: ignore[no-untyped-def]
    upper = plane[j, i] + u * (plane[j, ii] - plane[j, i])
    lower = plane[jj, i] + u * (plane[jj, ii] - plane[jj, i])
    return upper + v * (lower - upper)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _cubic(plane, y, x):  # type: ignore[no-untyped-def]
    """Catmull-Rom; beyond the border its pixels go on."""
    height, width = plane.shape
    y, x = min(max(y, -2.0), height + 1.0), min(max(x, -2.0), width + 1.0)
    top, left = int(np.floor(y)), int(np.floor(x))
    v, u = np.float32(y - top), np.float32(x - left)
    total = np.float32(0)
    for b in range(4):
        row = min(max(top + b - 1, 0), height - 1)
        line = np.float32(0)
        for a in range(4):
            line += _weight(a, u) * plane[row, min(max(left + a - 1, 0), width - 1)]
        total += _weight(b, v) * line
    return total


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _weight(tap, t):  # type: ignore[no-untyped-def]
    """Of one of four samples at -1, 0, 1, 2 for a place t between the middle two (E. Catmull and R. Rom, 1974)."""
    half = np.float32(0.5)
    if tap == 0:
        return half * t * (t * (np.float32(2) - t) - np.float32(1))
    if tap == 1:
        return half * (t * t * (np.float32(3) * t - np.float32(5)) + np.float32(2))
    if tap == 2:
        return half * t * (t * (np.float32(4) - np.float32(3) * t) + np.float32(1))
    return half * t * t * (t - np.float32(1))
