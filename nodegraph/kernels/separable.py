# ruff: noqa: TID253
"""Scaling, flipping and moving along the axes: one pass down the columns, one along the rows.

Both passes read weights from tables made in float64, so this is as exact as float32 sums are,
however far the picture shrinks. A row of the result is made at once: the source rows it needs
are weighed into one line, which stays in the nearest cache, and that line is weighed along.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL, Image, grain, readable, writable
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.reconstruction import Reconstruction

Ints = NDArray[np.int32]
Doubles = NDArray[np.float64]


class Axis(NamedTuple):
    """What each output pixel of one axis reads: source pixels first ... first + taps - 1."""

    first: NDArray[np.int64]  # (size,)
    weights: Doubles  # (size, taps), each row sums to 1


def axis(filter: Reconstruction, step: float, offset: float, start: int, size: int) -> Axis:
    """Taps of output pixels start ... start + size - 1, which lie at `step*(x + 0.5) + offset`."""
    u = step * (np.arange(start, start + size) + 0.5) + offset
    if not filter.widens:
        return Axis(np.floor(u).astype(np.int64), np.ones((size, 1)))
    stretch = filter.stretch(abs(step))
    radius = filter.radius * stretch
    # A hair is taken off so that a pixel on the very rim counts as outside on both sides.
    first = np.ceil(u - radius - 0.5 - 1e-9).astype(np.int64)
    at = first[:, None] + np.arange(ceil(2 * radius - 1e-9) + 1)
    weights = filter.profile((at + 0.5 - u[:, None]) / stretch)
    weights[np.abs(weights) < 1e-9] = 0
    weights /= weights.sum(axis=1, keepdims=True)
    used = np.flatnonzero(weights.any(axis=0)) if size else np.arange(1)
    return Axis(first + used[0], np.ascontiguousarray(weights[:, used[0] : used[-1] + 1]))


def fold(at: NDArray[np.int64], size: int, edge: str) -> NDArray[np.int64]:
    """The pixel that stands for each position beyond the edge; -1 where there is nothing."""
    if edge == "replicate":
        return np.clip(at, 0, size - 1)
    if edge == "wrap":
        return at % size
    if edge == "mirror":
        at = at % (2 * size)
        return np.minimum(at, 2 * size - 1 - at)
    return np.where((at >= 0) & (at < size), at, -1)


def separable(src: Image, dst: Image, across: Axis, down: Axis, edge: str, pool: Pool) -> None:
    """Weigh `src` into `dst`; the axes count from the first pixel of `src`."""
    channels, height, width = dst.shape
    tall, wide = src.shape[1:]
    if dst.size == 0:
        return
    taps_x, taps_y = across.weights.shape[1], down.weights.shape[1]
    # Columns: a line is padded by `taps_x` on both sides, and nothing is read farther out.
    if edge != "black":
        lo, hi = int(across.first.min()), int(across.first.max()) + taps_x
        column = fold(np.arange(lo, hi), wide, edge).astype(np.int32)
        first = (across.first - lo).astype(np.int32)
    else:
        column = np.empty(0, np.int32)
        first = (np.clip(across.first, -taps_x, wide) + taps_x).astype(np.int32)
    rows = fold(down.first[:, None] + np.arange(taps_y), tall, edge).astype(np.int32)
    even = bool((np.diff(first) == 1).all() and np.allclose(across.weights, across.weights[:1], 0, 1e-7))
    # Few taps are weighed for many pixels at once, many taps for one pixel after another.
    weights_x = np.ascontiguousarray(across.weights if taps_x > 8 else across.weights.T, np.float32)
    weights_y = np.ascontiguousarray(down.weights, np.float32)
    source, target = readable(src), writable(dst)
    line = max(wide + 2 * taps_x, column.size)

    def strip(r0: int, r1: int) -> None:
        with pool.scratch((2, line)) as lines:
            _separable(
                *source, *target, height, width, wide, first, weights_x, column, even, rows, weights_y, lines, r0, r1
            )  # fmt: skip

    pool.map(channels * height, strip, grain(max(width, wide)))


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _down(src, channel, src_row, at, weights, line):  # type: ignore[no-untyped-def]
    """line[x] = sum of the rows `at`, weighed; up to four at a time."""
    n = line.size
    for x in range(n):
        line[x] = np.float32(0)
    k = 0
    taps = at.size
    while k < taps:
        if at[k] < 0 or weights[k] == np.float32(0):
            k += 1
            continue
        o = channel + at[k] * src_row
        a, wa = src[o : o + n], weights[k]
        if k + 1 < taps and at[k + 1] >= 0:
            o = channel + at[k + 1] * src_row
            b, wb = src[o : o + n], weights[k + 1]
            if wb != np.float32(0):
                if k + 3 < taps and at[k + 2] >= 0 and at[k + 3] >= 0:
                    o = channel + at[k + 2] * src_row
                    c, wc = src[o : o + n], weights[k + 2]
                    o = channel + at[k + 3] * src_row
                    d, wd = src[o : o + n], weights[k + 3]
                    if wc != np.float32(0) and wd != np.float32(0):
                        for x in range(n):
                            line[x] += wa * a[x] + wb * b[x] + wc * c[x] + wd * d[x]
                        k += 4
                        continue
                for x in range(n):
                    line[x] += wa * a[x] + wb * b[x]
                k += 2
                continue
        for x in range(n):
            line[x] += wa * a[x]
        k += 1


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _gather(line, first, weights, out, taps):  # type: ignore[no-untyped-def]
    for x in range(out.size):
        o = first[x]
        s = weights[0, x] * line[o]
        for k in range(1, taps):
            s += weights[k, x] * line[o + k]
        out[x] = s


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _along(line, first, weights, taps, even, out):  # type: ignore[no-untyped-def]
    n = out.size
    if even and taps <= 8:
        o = first[0]
        for k in range(taps):
            w, a = weights[k, 0], line[o + k : o + k + n]
            if k == 0:
                for x in range(n):
                    out[x] = w * a[x]
            else:
                for x in range(n):
                    out[x] += w * a[x]
    elif taps == 1:
        _gather(line, first, weights, out, 1)
    elif taps == 2:
        _gather(line, first, weights, out, 2)
    elif taps == 3:
        _gather(line, first, weights, out, 3)
    elif taps == 4:
        _gather(line, first, weights, out, 4)
    elif taps <= 8:
        _gather(line, first, weights, out, taps)
    else:
        for x in range(n):
            o = first[x]
            s = np.float32(0)
            w, a = weights[x], line[o : o + taps]
            for k in range(taps):
                s += w[k] * a[k]
            out[x] = s


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _separable(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, height, width, wide,
    first, weights_x, column, even, rows, weights_y, lines, r0, r1,
):  # fmt: skip
    """Rows [r0, r1), counted through all channels."""
    taps = weights_x.shape[1] if weights_x.shape[0] == width and weights_x.shape[1] > 8 else weights_x.shape[0]
    line = lines[0]
    folded = column.size > 0
    at = 0 if folded else taps
    middle = lines[1, :wide] if folded else line[at : at + wide]
    if not folded:
        for x in range(taps):
            line[x] = np.float32(0)
            line[taps + wide + x] = np.float32(0)
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        out = dst[c * dst_channel + y * dst_row : c * dst_channel + y * dst_row + width]
        _down(src, c * src_channel, src_row, rows[y], weights_y[y], middle)
        if folded:
            for x in range(column.size):
                line[x] = middle[column[x]]
        _along(line, first, weights_x, taps, even, out)
