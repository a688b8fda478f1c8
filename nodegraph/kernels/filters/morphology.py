# ruff: noqa: TID253
"""Erode and dilate by a square, at a cost that hardly depends on its size.

Down the columns after M. van Herk ("A fast algorithm for local minimum and maximum
filters", 1992) and Gil and Werman: three maxima per pixel for any height. Along the rows
by windows of 1, 2, 4, ... pixels, which vectorises: log2 of the width maxima per pixel.
The round element is in `disc`.

A fractional radius blends between the two whole ones, one axis after the other. Pixels
that are NaN are left out; where a window holds nothing else the result is 0.
"""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from numba import njit

from nodegraph.errors import CookError
from nodegraph.kernels.filters.flat import KERNEL, Image, check, grain, readable, writable
from nodegraph.kernels.pool import Pool


def square_reach(size_x: float, size_y: float) -> tuple[int, int]:
    """Pixels (x, y) that `square` reads beyond its output on each side."""
    return ceil(abs(size_x)), ceil(abs(size_y))


def square(src: Image, dst: Image, size_x: float, size_y: float, pool: Pool) -> None:
    """Maximum (`size` > 0: dilate) or minimum (< 0: erode) within `size` pixels along each axis.

    The window is `2*|size| + 1` pixels wide. Both sizes must not differ in sign: there is no
    order in which "grow in x" and "shrink in y" would mean one thing.
    """
    reach = square_reach(size_x, size_y)
    check("square", src, dst, reach)
    if dst.size == 0:
        return
    if size_x * size_y < 0:
        raise CookError(
            f"sizes {size_x:g} and {size_y:g} would dilate one axis and erode the other",
            hint="use two nodes, one after the other",
        )
    sign = np.float32(-1 if size_x < 0 or size_y < 0 else 1)
    channels, height, width = dst.shape
    wide = src.shape[2]
    full_x, full_y = floor(abs(size_x)), floor(abs(size_y))
    rim_x, rim_y = np.float32(abs(size_x) - full_x), np.float32(abs(size_y) - full_y)
    source, target = readable(src), writable(dst)

    def strip(r0: int, r1: int) -> None:
        with pool.scratch((2 * full_y + 6, wide)) as lines:
            _square(*source, *target, height, width, full_x, rim_x, full_y, rim_y, sign, lines, r0, r1)

    pool.map(channels * height, strip, max(grain(wide), full_y))


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _most(a, b):  # type: ignore[no-untyped-def]
    """The larger; `b` where `a` is NaN. `b` must not be NaN."""
    return a if a > b else b


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _suffixes(src, o, src_row, sign, lines, k):  # type: ignore[no-untyped-def]
    """lines[i] = maximum of the rows i ... k-1 from `o` on, for every column; NaN is left out."""
    none = np.float32(-np.inf)
    n = lines.shape[1]
    o += (k - 1) * src_row
    row = src[o : o + n]
    here = lines[k - 1]
    for x in range(n):
        here[x] = _most(sign * row[x], none)
    for i in range(k - 2, -1, -1):
        o -= src_row
        row = src[o : o + n]
        below = here
        here = lines[i]
        for x in range(n):
            here[x] = _most(sign * row[x], below[x])


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _along(lines, line, out, k, rim, sign):  # type: ignore[no-untyped-def]
    """out[x] = sign * maximum of `k` pixels of lines[line] (two more if `rim`, blended) around x.

    Two rows of `lines` after that one are overwritten.
    """
    none = np.float32(-np.inf)
    width = out.size
    now, span, m = line, 1, lines.shape[1]  # lines[now, x] is the maximum of `span` pixels from x on
    while 2 * span <= k:
        to = line + 1 if now != line + 1 else line + 2
        if 4 * span <= k:
            m -= 3 * span
            a, b = lines[now, :m], lines[now, span : span + m]
            c, d = lines[now, 2 * span : 2 * span + m], lines[now, 3 * span : 3 * span + m]
            more = lines[to]
            for x in range(m):
                more[x] = _most(_most(a[x], b[x]), _most(c[x], d[x]))
            span *= 4
        else:
            m -= span
            a, b = lines[now, :m], lines[now, span : span + m]
            more = lines[to]
            for x in range(m):
                more[x] = _most(a[x], b[x])
            span *= 2
        now = to
    if rim > np.float32(0):
        a, b = lines[now, 1 : 1 + width], lines[now, 1 + k - span : 1 + k - span + width]
        first, last = lines[line, :width], lines[line, k + 1 : k + 1 + width]
        for x in range(width):
            low = _most(a[x], b[x])
            v = _blend(low, _most(last[x], _most(first[x], low)), rim)
            out[x] = sign * v if v > none else np.float32(0)
    else:
        a, b = lines[now, :width], lines[now, k - span : k - span + width]
        for x in range(width):
            v = _most(a[x], b[x])
            out[x] = sign * v if v > none else np.float32(0)


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _blend(low, high, t):  # type: ignore[no-untyped-def]
    return high if high == low else low + t * (high - low)  # Inf - Inf would be NaN


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _square(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, height, width,
    full_x, rim_x, full_y, rim_y, sign, lines, r0, r1,
):  # fmt: skip
    """Rows [r0, r1), counted through all channels; `lines` holds k suffixes and five more rows."""
    e = 1 if rim_y > np.float32(0) else 0
    k = 2 * full_y + 1
    n = lines.shape[1]
    line = lines[k]
    i = k
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        start = c * src_channel + y * src_row  # first row of this window
        o = start + e * src_row
        if i == k or y == 0:
            i = 0
            _suffixes(src, o, src_row, sign, lines, k)
            suffix, prefix = lines[0], lines[k + 3]
            for x in range(n):
                line[x] = suffix[x]
                prefix[x] = np.float32(-np.inf)
        else:
            o += (k - 1) * src_row
            row = src[o : o + n]
            # Two rows in turn: updated in place, LLVM would store by mask, which is slow.
            suffix, before, prefix = lines[i], lines[k + 4 - i % 2], lines[k + 3 + i % 2]
            for x in range(n):
                p = _most(sign * row[x], before[x])
                prefix[x] = p
                line[x] = _most(suffix[x], p)
        i += 1
        if e:
            first = src[start : start + n]
            o = start + (k + 1) * src_row
            last = src[o : o + n]
            for x in range(n):
                low = line[x]
                line[x] = _blend(low, _most(sign * last[x], _most(sign * first[x], low)), rim_y)
        out = dst[c * dst_channel + y * dst_row : c * dst_channel + y * dst_row + width]
        _along(lines, k, out, 2 * full_x + 1, rim_x, sign)
