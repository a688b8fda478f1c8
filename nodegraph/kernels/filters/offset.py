# ruff: noqa: TID253
"""Move the edges of a matte by any distance: the smallest or largest value within a true circle.

Besides the pixels within the distance, points on the circle itself are looked at, in enough
directions that no edge moves by more than 1/32 of a pixel too little (or 1/50 of the distance).
Such a point is read linearly between the three pixels around it, which is exact on a ramp, so
an edge moves by half a pixel where half a pixel is asked for, whichever way it runs.

Blocks of pixels with one value all around, most of a matte, are only copied.
"""

from __future__ import annotations

from functools import lru_cache
from math import acos, ceil, cos, floor, pi, sin

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.disc import disc
from nodegraph.kernels.filters.flat import KERNEL, Image, check, grain, readable, writable
from nodegraph.kernels.pool import Pool

_BLOCK = 64
"""Columns that are found to be flat, or not, together."""


def offset_reach(size: float) -> tuple[int, int]:
    """Pixels (x, y) that `offset` reads beyond its output on each side."""
    return ceil(abs(size)), ceil(abs(size))


def offset(src: Image, dst: Image, size: float, pool: Pool) -> None:
    """Grow what is bright by `size` pixels, or shrink it where that is below 0. NaN is left out, or 0."""
    reach = offset_reach(size)[0]
    check("offset", src, dst, (reach, reach))
    if dst.size == 0:
        return
    within = floor(abs(size))
    skip = reach - within
    core = src[:, skip : src.shape[1] - skip, skip : src.shape[2] - skip]
    if size == 0:
        np.copyto(dst, src)
        return
    with pool.scratch(dst.shape) as inner:
        disc(core, inner, within if size > 0 else -within, pool)
        steps, weights = _circle(abs(float(size)))
        channels, height, width = dst.shape
        source, middle, target = readable(src), readable(inner), writable(dst)
        at = steps[:, :, 1] * source.row + steps[:, :, 0]
        sign = np.float32(1 if size > 0 else -1)
        blocks = -(-src.shape[2] // _BLOCK)

        def strip(r0: int, r1: int) -> None:
            rows = r1 - r0 + 2 * reach + 2 * reach * (channels - 1)
            with pool.scratch((rows, blocks)) as flat, pool.scratch((2, _BLOCK)) as lines:
                _offset(
                    *source, *middle, *target, height, width, src.shape[2], reach, at, weights, sign,
                    flat, lines, r0, r1,
                )  # fmt: skip

        pool.map(channels * height, strip, max(grain(width), 4 * reach))


@lru_cache(maxsize=64)
def _circle(size: float) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Points on a circle: for each the three pixels (x, y) around it, and their weights. An even number of points."""
    allowed = max(1 / 32, size / 50)
    count = 4 * max(4, ceil(pi / (4 * acos(1 - min(0.9, allowed / size)))))
    steps, weights = [], []
    for k in range(count):
        px, py = size * cos(2 * pi * k / count), size * sin(2 * pi * k / count)
        right, down = 1 if px >= 0 else -1, 1 if py >= 0 else -1
        x, y = round(abs(px), 9), round(abs(py), 9)
        i, j = floor(x), floor(y)
        u, v = x - i, y - j
        second = (i + 1, j) if u >= v else (i, j + 1)
        three = [(i, j, 1 - max(u, v)), (*second, max(u, v) - min(u, v)), (i + 1, j + 1, min(u, v))]
        known = next((a, b) for a, b, w in three if w > 0)  # a pixel without weight may lie beyond the reach
        steps.append([(right * a, down * b) if w > 0 else (right * known[0], down * known[1]) for a, b, w in three])
        weights.append([w for *_, w in three])
    return np.array(steps, np.int64), np.array(weights, np.float32)


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _most(a, b):  # type: ignore[no-untyped-def]
    """The larger; `b` where `a` is NaN. `b` must not be NaN."""
    return a if a > b else b


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _find_flat(row, flat):  # type: ignore[no-untyped-def]
    """The one value of each block of a row, NaN where there are several."""
    for b in range(flat.size):
        part = row[b * _BLOCK : min(row.size, (b + 1) * _BLOCK)]
        first = part[0]
        different = 0
        for x in range(part.size):
            different += 1 if part[x] != first else 0
        flat[b] = np.float32(np.nan) if different else first


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _all_flat(flat, top, tall, first, last):  # type: ignore[no-untyped-def]
    """Whether some blocks of some rows have one value."""
    value = flat[top, first]
    for y in range(top, top + tall):
        for b in range(first, last + 1):
            if flat[y, b] != value:
                return False
    return value == value


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _offset(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, inner, inner_channel, inner_row, dst, dst_channel, dst_row, height, width, wide,
    reach, at, weights, sign, flat, lines, r0, r1,
):  # fmt: skip
    """Rows [r0, r1), counted through all channels; `flat` holds a row of blocks for each source row read."""
    tall = 2 * reach + 1
    known, channel = 0, -1  # source rows of this channel that are in `flat`
    base = 0
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        if c != channel:
            channel, known, base = c, 0, y
        while known < y - base + tall:
            o = c * src_channel + (base + known) * src_row
            _find_flat(src[o : o + wide], flat[known])
            known += 1
        for x0 in range(0, width, _BLOCK):
            n = min(width - x0, _BLOCK)
            o = c * dst_channel + y * dst_row + x0
            out = dst[o : o + n]
            o = c * inner_channel + y * inner_row + x0
            middle = inner[o : o + n]
            if _all_flat(flat, y - base, tall, x0 // _BLOCK, (x0 + n - 1 + 2 * reach) // _BLOCK):
                for x in range(n):
                    out[x] = middle[x]
                continue
            best = lines[0, :n]
            for x in range(n):
                best[x] = sign * middle[x]
            o = c * src_channel + (y + reach) * src_row + x0 + reach
            for k in range(0, at.shape[0], 2):
                a0, a1, a2 = o + at[k, 0], o + at[k, 1], o + at[k, 2]
                b0, b1, b2 = o + at[k + 1, 0], o + at[k + 1, 1], o + at[k + 1, 2]
                u0, u1, u2 = sign * weights[k, 0], sign * weights[k, 1], sign * weights[k, 2]
                v0, v1, v2 = sign * weights[k + 1, 0], sign * weights[k + 1, 1], sign * weights[k + 1, 2]
                d0, d1, d2 = src[a0 : a0 + n], src[a1 : a1 + n], src[a2 : a2 + n]
                e0, e1, e2 = src[b0 : b0 + n], src[b1 : b1 + n], src[b2 : b2 + n]
                before, best = best, lines[1 - k // 2 % 2, :n]
                for x in range(n):
                    p = u0 * d0[x] + u1 * d1[x] + u2 * d2[x]
                    q = v0 * e0[x] + v1 * e1[x] + v2 * e2[x]
                    best[x] = _most(q, _most(p, before[x]))
            for x in range(n):
                out[x] = sign * best[x]
