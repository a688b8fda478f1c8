# ruff: noqa: TID253
"""Convolution by a kernel given as numbers, directional blur, and sums under a sliding shape.

A kernel is held as a list of its non-zero weights and their offsets, so a thin line costs
what its pixels cost, not its bounding box.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, cos, radians, sin
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.kernels.filters.flat import KERNEL, Image, check, grain, readable, writable
from nodegraph.kernels.pool import Pool

HOTTEST = 1e9
"""Largest magnitude that `slide` takes at its word."""

_BRIGHT = 64.0
"""Magnitude from which `slide` multiplies in float64, for whole segments of rows, at half the speed."""


def convolve_reach(kernel: NDArray[np.floating]) -> tuple[int, int]:
    """Pixels (x, y) that `convolve` reads beyond its output on each side."""
    height, width = kernel.shape
    return width // 2, height // 2


def convolve(src: Image, dst: Image, kernel: NDArray[np.floating], pool: Pool) -> None:
    """Convolve by `kernel` (rows, columns; both odd): out(p) = sum of kernel(d) * src(p - d).

    The kernel is not normalised. Cost: one multiply-add a pixel for each non-zero weight.
    NaN and Inf spread over the non-zero weights and no further.
    """
    if kernel.ndim != 2 or kernel.shape[0] % 2 == 0 or kernel.shape[1] % 2 == 0:
        raise CookError(
            f"a convolution kernel of shape {kernel.shape} has no centre",
            hint="give it an odd number of rows and of columns",
        )
    check("convolve", src, dst, convolve_reach(kernel))
    _convolve(src, dst, np.asarray(kernel[::-1, ::-1], np.float32), pool)


def directional_reach(length: float, angle: float) -> tuple[int, int]:
    """Pixels (x, y) that `directional` reads beyond its output on each side."""
    return convolve_reach(_line(length, angle))


def directional(src: Image, dst: Image, length: float, angle: float, pool: Pool) -> None:
    """Mean along a line of `length` pixels centred on the pixel, at `angle` degrees.

    Angles turn counter-clockwise from the x axis, y up. Each point of the line is shared by
    its four nearest pixels, so length and angle may change smoothly.
    """
    line = _line(length, angle)
    check("directional", src, dst, convolve_reach(line))
    _convolve(src, dst, line, pool)


@lru_cache(maxsize=256)
def _line(length: float, angle: float) -> NDArray[np.float32]:
    """The kernel of `directional`: symmetric, its sum 1."""
    half = max(length, 0.0) / 2
    dx, dy = half * cos(radians(angle)), -half * sin(radians(angle))
    rx, ry = ceil(abs(dx) - 1e-9), ceil(abs(dy) - 1e-9)
    kernel = np.zeros((2 * ry + 3, 2 * rx + 3))  # a pixel more: the last points touch four
    steps = 8 * max(rx, ry) + 1
    t = (np.arange(steps) + 0.5) / steps * 2 - 1
    x, y = rx + 1 + t * dx, ry + 1 + t * dy
    ix, iy = np.floor(x).astype(int), np.floor(y).astype(int)
    fx, fy = x - ix, y - iy
    for ox, oy, w in (
        (0, 0, (1 - fx) * (1 - fy)),
        (1, 0, fx * (1 - fy)),
        (0, 1, (1 - fx) * fy),
        (1, 1, fx * fy),
    ):
        np.add.at(kernel, (iy + oy, ix + ox), w / steps)
    kernel[kernel < 1e-7] = 0  # what rounding left beside an axis-parallel line
    return np.asarray(kernel[1:-1, 1:-1] / kernel.sum(), np.float32)


def _convolve(src: Image, dst: Image, weights: NDArray[np.float32], pool: Pool) -> None:
    """Correlate: out(p) = sum of weights(d) * src(p + d)."""
    channels, height, width = dst.shape
    if dst.size == 0 or not weights.any():
        dst[...] = 0
        return
    source, target = readable(src), writable(dst)
    taps = _taps(weights, source.row)
    pool.map(
        channels * height,
        lambda r0, r1: _weigh(*source, *target, height, width, *taps, r0, r1),
        grain(width),
    )


def slide(src: Image, dst: Image, shape: NDArray[np.float64], pool: Pool) -> None:
    """Correlate by a `shape` that is flat inside: out(p) = sum of shape(d) * src(p + d).

    A row is the one above it plus what the shape's lower rim gains and its upper rim loses, so
    the cost is that of the rims. The sum is carried in float64 and taken anew every few dozen
    rows, at rows that don't depend on the number of threads; beside bright pixels each product is
    float64 too, or a lamp would leave a trail below itself. NaN counts as 0 and values beyond
    +-`HOTTEST` as that: a carried sum would never get rid of them.
    """
    channels, height, width = dst.shape
    if dst.size == 0:
        return
    rows, columns = shape.shape
    change = np.zeros((rows + 1, columns))
    change[1:] += shape
    change[:-1] -= shape
    every = 1 if np.count_nonzero(shape) < 2 * np.count_nonzero(change) else 64 if rows < 64 else 128
    segments = -(-height // every)
    source, target = readable(src), writable(dst)
    with pool.scratch(src.shape) as finite, pool.scratch(src.shape[:2]) as lamps:
        safe = writable(finite)
        tall, wide = src.shape[1:]
        pool.map(
            channels * tall,
            lambda r0, r1: _make_finite(*source, *safe, tall, wide, lamps, r0, r1),
            grain(wide),
        )
        clean = readable(finite)
        whole, step = _taps(shape, clean.row), _taps(change, clean.row)

        exact = whole.weights.astype(np.float64), step.weights.astype(np.float64)

        def strip(s0: int, s1: int) -> None:
            with pool.scratch((width,)) as line, pool.scratch((2, width), np.float64) as total:
                _slide(
                    *clean, *target, height, width, *whole, *step, *exact, lamps, rows, every,
                    line, total, s0, s1,
                )  # fmt: skip

        pool.map(channels * segments, strip, max(1, grain(width) // every))


class _Taps(NamedTuple):
    """A kernel's non-zero weights and how far from its first pixel each one reads."""

    offsets: NDArray[np.int64]
    weights: NDArray[np.float32]


def _taps(kernel: NDArray[np.floating], row: int) -> _Taps:
    rows, columns = np.nonzero(kernel)
    return _Taps(rows * row + columns, kernel[rows, columns].astype(np.float32))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _row(out, src, start, offsets, taps):  # type: ignore[no-untyped-def]
    """out[x] = sum of taps * src[start + x + offsets], eight taps a pass over the row."""
    width = out.size
    w = taps[0]
    o = start + offsets[0]
    a = src[o : o + width]
    for x in range(width):
        out[x] = w * a[x]
    i = 1
    while i + 7 < taps.size:
        o = start + offsets[i]
        p = start + offsets[i + 1]
        a, b = src[o : o + width], src[p : p + width]
        o = start + offsets[i + 2]
        p = start + offsets[i + 3]
        d, e = src[o : o + width], src[p : p + width]
        o = start + offsets[i + 4]
        p = start + offsets[i + 5]
        f, g = src[o : o + width], src[p : p + width]
        o = start + offsets[i + 6]
        p = start + offsets[i + 7]
        h, k = src[o : o + width], src[p : p + width]
        w0, w1, w2, w3 = taps[i], taps[i + 1], taps[i + 2], taps[i + 3]
        w4, w5, w6, w7 = taps[i + 4], taps[i + 5], taps[i + 6], taps[i + 7]
        for x in range(width):
            out[x] += ((w0 * a[x] + w1 * b[x]) + (w2 * d[x] + w3 * e[x])) + (
                (w4 * f[x] + w5 * g[x]) + (w6 * h[x] + w7 * k[x])
            )
        i += 8
    while i < taps.size:
        w = taps[i]
        o = start + offsets[i]
        a = src[o : o + width]
        for x in range(width):
            out[x] += w * a[x]
        i += 1


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _weigh(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, height, width, offsets, taps, r0, r1
):
    """Rows [r0, r1), counted through all channels."""
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        out = dst[c * dst_channel + y * dst_row : c * dst_channel + y * dst_row + width]
        _row(out, src, c * src_channel + y * src_row, offsets, taps)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _slide(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, height, width,
    offsets, taps, step_offsets, step_taps, exact_taps, exact_step_taps, lamps, rows, every,
    line, total, s0, s1,
):  # fmt: skip
    """Segments [s0, s1) of `every` rows, counted through all channels."""
    segments = -(-height // every)
    carried, added = total[0], total[1]
    for s in range(s0, s1):
        c = s // segments
        top = (s - c * segments) * every
        bottom = min(top + every, height)
        bright = False
        for y in range(top, bottom + rows - 1):
            bright = bright or lamps[c, y] > np.float32(0)
        for x in range(width):
            carried[x] = 0.0
        for y in range(top, bottom):
            at = c * src_channel + (y - (y > top)) * src_row
            if bright and y == top:
                _row(added, src, at, offsets, exact_taps)
            elif bright:
                _row(added, src, at, step_offsets, exact_step_taps)
            elif y == top:
                _row(line, src, at, offsets, taps)
            else:
                _row(line, src, at, step_offsets, step_taps)
            out = dst[c * dst_channel + y * dst_row : c * dst_channel + y * dst_row + width]
            if bright:
                for x in range(width):
                    carried[x] += added[x]
            else:
                for x in range(width):
                    carried[x] += line[x]
            for x in range(width):
                out[x] = np.float32(carried[x])


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _make_finite(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, height, width, lamps, r0, r1
):
    """Copy, and count the bright pixels of every row."""
    most = np.float32(HOTTEST)
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        a = src[c * src_channel + y * src_row : c * src_channel + y * src_row + width]
        out = dst[c * dst_channel + y * dst_row : c * dst_channel + y * dst_row + width]
        for x in range(width):
            v = a[x] if a[x] == a[x] else np.float32(0)
            v = v if v < most else most
            out[x] = v if v > -most else -most
        count = np.float32(0)  # a maximum wouldn't vectorise
        for x in range(width):
            count += np.float32(1) if abs(out[x]) > np.float32(_BRIGHT) else np.float32(0)
        lamps[c, y] = count
