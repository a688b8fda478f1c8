# ruff: noqa: TID253
"""Erode and dilate by a disc.

A disc is one chord per row. The maximum over a chord of n pixels is that of two runs of
2^m <= n pixels that overlap, and those runs are made once per source row and length 2^m:
two maxima a pixel and row of the disc, whatever the chords.

NaN is left out; where a disc holds nothing else the result is 0.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, floor, isqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL, Flat, Image, check, grain, readable, writable
from nodegraph.kernels.pool import Pool

_BLOCK = 512
"""Columns taken at a time, so that the runs of all rows of a usual disc stay in the second-level cache."""


def disc_reach(size: float) -> tuple[int, int]:
    """Pixels (x, y) that `disc` reads beyond its output on each side."""
    return ceil(abs(size)), ceil(abs(size))


def disc(src: Image, dst: Image, size: float, pool: Pool) -> None:
    """Maximum (`size` > 0: dilate) or minimum (< 0: erode) over the pixels within `size` pixels.

    A pixel belongs to the disc if its centre lies no further than `size` away. A fractional
    size blends between the two whole ones. Cost grows with the radius.
    """
    reach = disc_reach(size)
    check("disc", src, dst, reach)
    if dst.size == 0:
        return
    sign = np.float32(-1 if size < 0 else 1)
    source, target = readable(src), writable(dst)
    outer = reach[0]
    _run(source, 0, target, dst.shape, outer, sign, pool)
    inner = floor(abs(size))
    if inner == outer:
        return
    with pool.scratch(dst.shape) as low:
        _run(source, outer - inner, writable(low), dst.shape, inner, sign, pool)
        channels, height, width = dst.shape
        smaller, t = readable(low), np.float32(abs(size) - inner)
        pool.map(
            channels * height,
            lambda r0, r1: _blend(*smaller, *target, height, width, t, r0, r1),
            grain(width),
        )


def _run(
    source: Flat, skip: int, target: Flat, shape: tuple[int, ...], radius: int, sign: np.float32, pool: Pool
) -> None:
    """One disc of a whole radius; `source` has `skip` more pixels around it than that needs."""
    channels, height, width = shape
    halves, levels = _chords(radius), (2 * radius + 1).bit_length()
    block = min(width, _BLOCK)
    start = skip * source.row + skip

    def strip(r0: int, r1: int) -> None:
        with (
            pool.scratch((2 * radius + 1, levels, block + 2 * radius)) as runs,
            pool.scratch((2, block)) as best,
        ):
            _disc(*source, start, *target, height, width, halves, sign, runs, best, r0, r1)

    pool.map(channels * height, strip, max(grain(width), 2 * radius))


@lru_cache(maxsize=64)
def _chords(radius: int) -> NDArray[np.int64]:
    """Half-widths of the disc's rows, from top to bottom."""
    halves = np.array([isqrt(radius * radius - y * y) for y in range(-radius, radius + 1)], np.int64)
    halves.flags.writeable = False
    return halves


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _most(a, b):  # type: ignore[no-untyped-def]
    """The larger; `b` where `a` is NaN. `b` must not be NaN."""
    return a if a > b else b


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _fill(src, o, runs, slot, n, sign):  # type: ignore[no-untyped-def]
    """runs[slot, m, x] = maximum of the 2^m pixels from `o + x` on, times `sign`."""
    none = np.float32(-np.inf)
    row = src[o : o + n]
    here = runs[slot, 0, :n]
    for x in range(n):
        here[x] = _most(sign * row[x], none)
    for m in range(1, runs.shape[1]):
        step = 1 << (m - 1)
        n -= step
        a, b = runs[slot, m - 1, :n], runs[slot, m - 1, step : step + n]
        out = runs[slot, m, :n]
        for x in range(n):
            out[x] = _most(a[x], b[x])


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _disc(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, start, dst, dst_channel, dst_row, height, width,
    halves, sign, runs, best, r0, r1,
):  # fmt: skip
    """Rows [r0, r1), counted through all channels. `runs` is a ring over the source's rows."""
    none = np.float32(-np.inf)
    rows = halves.size
    radius = rows // 2
    for x0 in range(0, width, best.shape[1]):
        n = min(best.shape[1], width - x0)
        ready = -1  # first source row not yet in the ring, of the channel at hand
        for r in range(r0, r1):
            c = r // height
            y = r - c * height
            if y == 0 or ready < 0:
                ready = y
            while ready < y + rows:
                o = c * src_channel + ready * src_row + start + x0
                _fill(src, o, runs, ready % rows, n + 2 * radius, sign)
                ready += 1
            a = runs[(y + radius) % rows, 0, :n]
            out = best[0, :n]
            for x in range(n):
                out[x] = none
            for i in range(radius + 1):  # rows i and rows-1-i have the same chord
                half = halves[i]
                m = 0
                while (2 << m) <= 2 * half + 1:
                    m += 1
                left = radius - half
                right = radius + half + 1 - (1 << m)
                s, t = (y + i) % rows, (y + rows - 1 - i) % rows
                a, b = runs[s, m, left : left + n], runs[s, m, right : right + n]
                d, e = runs[t, m, left : left + n], runs[t, m, right : right + n]
                # Two rows in turn: updated in place, LLVM would store by mask, which is slow.
                before, out = best[i % 2, :n], best[1 - i % 2, :n]
                for x in range(n):
                    out[x] = _most(_most(_most(a[x], b[x]), _most(d[x], e[x])), before[x])
            o = c * dst_channel + y * dst_row + x0
            final = dst[o : o + n]
            for x in range(n):
                final[x] = sign * out[x] if out[x] > none else np.float32(0)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _blend(  # type: ignore[no-untyped-def]
    low, low_channel, low_row, dst, dst_channel, dst_row, height, width, t, r0, r1
):
    """dst = low + t * (dst - low), but Inf - Inf would be NaN."""
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        a = low[c * low_channel + y * low_row : c * low_channel + y * low_row + width]
        out = dst[c * dst_channel + y * dst_row : c * dst_channel + y * dst_row + width]
        for x in range(width):
            v = out[x]
            out[x] = a[x] if v == a[x] else a[x] + t * (v - a[x])
