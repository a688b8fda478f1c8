# ruff: noqa: TID253
"""Box blur: the mean over a rectangle, at a cost that hardly depends on its size.

No running difference: a sum that subtracts what leaves the window keeps a trace of every
hot pixel it ever held, and never gets rid of a NaN. Instead, windows are put together from
partial sums of their own pixels only: down the columns from the suffix of one block and the
prefix of the next (M. van Herk, "A fast algorithm for local minimum and maximum filters",
1992, with + in place of max), along the rows from sums of 1, 2, 4, ... neighbours.
"""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from numba import njit

from nodegraph.kernels.filters.flat import KERNEL, Image, check, grain, readable, writable
from nodegraph.kernels.pool import Pool


def box_reach(radius_x: float, radius_y: float) -> tuple[int, int]:
    """Pixels (x, y) that `box` reads beyond its output on each side."""
    return max(0, ceil(radius_x)), max(0, ceil(radius_y))


def box(src: Image, dst: Image, radius_x: float, radius_y: float, pool: Pool) -> None:
    """Mean over `2*radius + 1` pixels along each axis; a fractional end pixel counts as its fraction.

    Radii in pixels, >= 0. NaN and Inf stay within the rectangle of their own pixel.
    """
    reach = box_reach(radius_x, radius_y)
    check("box", src, dst, reach)
    if dst.size == 0:
        return
    channels, height, width = dst.shape
    wide = src.shape[2]
    radius_x, radius_y = max(radius_x, 0.0), max(radius_y, 0.0)
    full_x, full_y = floor(radius_x), floor(radius_y)
    edge_x, edge_y = np.float32(radius_x - full_x), np.float32(radius_y - full_y)
    scale = np.float32(1 / ((2 * radius_x + 1) * (2 * radius_y + 1)))
    source, target = readable(src), writable(dst)

    def strip(r0: int, r1: int) -> None:
        with pool.scratch((2 * full_y + 6, wide)) as lines:
            _box(*source, *target, height, width, full_x, edge_x, full_y, edge_y, scale, lines, r0, r1)

    pool.map(channels * height, strip, max(grain(wide), full_y))


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _suffixes(src, o, src_row, lines, k):  # type: ignore[no-untyped-def]
    """lines[i] = sum of the rows i ... k-1 from `o` on, for every column."""
    n = lines.shape[1]
    o += (k - 1) * src_row
    row = src[o : o + n]
    here = lines[k - 1]
    for x in range(n):
        here[x] = row[x]
    for i in range(k - 2, -1, -1):
        o -= src_row
        row = src[o : o + n]
        below = here
        here = lines[i]
        for x in range(n):
            here[x] = row[x] + below[x]


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _along(lines, line, out, k, edge, scale):  # type: ignore[no-untyped-def]
    """out[x] = scale * sum of `k` pixels of lines[line], and `edge` of one more at either end, around x.

    Three rows of `lines` after that one are overwritten.
    """
    width = out.size
    rim = 1 if edge > np.float32(0) else 0
    total = lines[line + 3]
    a = lines[line, rim : rim + width]
    if rim:
        first, last = lines[line, :width], lines[line, k + 1 : k + 1 + width]
        for x in range(width):
            total[x] = a[x] + edge * (first[x] + last[x])
    else:
        for x in range(width):
            total[x] = a[x]
    # lines[now, x] sums `span` pixels from x on. Those spans that are binary digits of k lie
    # side by side in the window; digit 1 is taken, `at` is where the next one starts.
    now, span, m, at = line, 1, lines.shape[1], rim + 1
    while 2 * span <= k:
        to = line + 1 if now != line + 1 else line + 2
        m -= span
        a, b = lines[now, :m], lines[now, span : span + m]
        more = lines[to]
        for x in range(m):
            more[x] = a[x] + b[x]
        now = to
        span *= 2
        if k & span:
            a = lines[now, at : at + width]
            for x in range(width):
                total[x] += a[x]
            at += span
    for x in range(width):
        out[x] = scale * total[x]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _box(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, height, width,
    full_x, edge_x, full_y, edge_y, scale, lines, r0, r1,
):  # fmt: skip
    """Rows [r0, r1), counted through all channels; `lines` holds k suffixes and five more rows.

    Blocks of k rows start at multiples of k in every channel, wherever the strip starts: the
    order of a sum, hence its rounding, doesn't depend on the number of threads.
    """
    rim = 1 if edge_y > np.float32(0) else 0
    k = 2 * full_y + 1
    n = lines.shape[1]
    line, prefix = lines[k], lines[k + 4]
    block = -1
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        start = c * src_channel + y * src_row  # first row of this window
        i = y % k
        o = start + (rim - i) * src_row
        if r - i != block:
            block = r - i
            _suffixes(src, o, src_row, lines, k)
            for x in range(n):
                prefix[x] = np.float32(0)
            done = 0
        o += (k - 1) * src_row
        while done < i - 1:
            done += 1
            row = src[o + done * src_row : o + done * src_row + n]
            for x in range(n):
                prefix[x] += row[x]
        suffix = lines[i]
        if i == 0:
            for x in range(n):
                line[x] = suffix[x]
        else:
            done = i
            row = src[o + i * src_row : o + i * src_row + n]
            for x in range(n):
                p = prefix[x] + row[x]
                prefix[x] = p
                line[x] = suffix[x] + p
        if rim:
            first = src[start : start + n]
            o = start + (k + 1) * src_row
            last = src[o : o + n]
            for x in range(n):
                line[x] += edge_y * (first[x] + last[x])
        out = dst[c * dst_channel + y * dst_row : c * dst_channel + y * dst_row + width]
        _along(lines, k, out, 2 * full_x + 1, edge_x, scale)
