# ruff: noqa: TID253
"""Gaussian blur at a cost that hardly depends on the radius.

Up to `DIRECT` pixels of sigma: a separable convolution with the sampled, normalised
Gaussian, cut at 5 sigma. Above: the picture is halved L times, blurred there, and doubled
L times (P. Burt, "Fast filter transforms for image processing", 1981). Both halving and
doubling smooth with the binomial [1 4 6 4 1]/16, the two-scale relation of the cubic
B-spline, whose variance is known; the blur between them is given what is left of sigma:

    sigma^2 = 2 (4^L - 1) / 3 + 4^L sigma_L^2,    1.8 < sigma_L <= 4

All weights are positive and the support is finite: no ringing beside a hot pixel, nothing
outside the reach matters, NaN and Inf spread exactly over that support.

Measured against the float64 Gaussian: a step edge differs by less than 4e-4 of its height
(5e-6 for direct sigmas); detail close to the pixel grid's own frequency can leave a trace
of up to 6e-4 of its amplitude, as the halved grid folds it.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, exp, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL, Image, check, grain, readable, writable
from nodegraph.kernels.pool import Pool

DIRECT = 4.0
"""Largest sigma, in pixels, that is convolved directly (also the largest on a halved grid)."""


def gaussian_reach(sigma_x: float, sigma_y: float) -> tuple[int, int]:
    """Pixels (x, y) that `gaussian` reads beyond its output on each side: 4 to 6 sigma."""
    return _axis(sigma_x).reach, _axis(sigma_y).reach


def gaussian(
    src: Image,
    dst: Image,
    sigma_x: float,
    sigma_y: float,
    pool: Pool,
    *,
    origin: tuple[int, int] = (0, 0),
) -> None:
    """Blur by the Gaussian of standard deviation `sigma_x`, `sigma_y` pixels; 0 leaves an axis alone.

    `origin` is where `dst[:, 0, 0]` lies in the picture (x, y; y down). The halved grids are
    anchored there, so that a part of a picture comes out as it does within the whole.
    Non-finite pixels: see the module.
    """
    reach = gaussian_reach(sigma_x, sigma_y)
    check("gaussian", src, dst, reach)
    if dst.size == 0:
        return
    if reach == (0, 0):
        np.copyto(dst, src)
        return
    ax, ay = _axis(sigma_x), _axis(sigma_y)
    xs = _spans(origin[0], dst.shape[2], ax)
    ys = _spans(origin[1], dst.shape[1], ay)
    channels = dst.shape[0]
    levels = max(ax.levels, ay.levels)

    with ExitStack() as scratch:

        def plane(x: _Span, y: _Span) -> Image:
            return scratch.enter_context(pool.scratch((channels, y.size, x.size)))

        here = src
        x, y = _Span(origin[0] - reach[0], src.shape[2]), _Span(origin[1] - reach[1], src.shape[1])
        for level in range(levels):
            to_x, to_y = xs.narrow(level + 1, x), ys.narrow(level + 1, y)
            there = plane(to_x, to_y)
            _halve(here, x, y, there, to_x, to_y, level < ax.levels, level < ay.levels, pool)
            here, x, y = there, to_x, to_y
        to_x, to_y = xs.wide(levels), ys.wide(levels)
        there = plane(to_x, to_y) if levels else dst
        _blur(here, x, y, there, to_x, to_y, ax.taps, ay.taps, pool)
        here, x, y = there, to_x, to_y
        for level in reversed(range(levels)):
            to_x, to_y = xs.wide(level), ys.wide(level)
            there = plane(to_x, to_y) if level else dst
            _double(here, x, y, there, to_x, to_y, level < ax.levels, level < ay.levels, pool)
            here, x, y = there, to_x, to_y


@dataclass(frozen=True, slots=True)
class _Axis:
    """How one axis is blurred: halved `levels` times, then convolved by the symmetric `taps`."""

    levels: int
    taps: NDArray[np.float32]  # centre first, then outwards

    @property
    def reach(self) -> int:
        return 4 * ((1 << self.levels) - 1) + (len(self.taps) - 1 << self.levels)


@dataclass(frozen=True, slots=True)
class _Span:
    """`size` samples from `start` on, on a grid anchored at the picture's origin."""

    start: int
    size: int


@dataclass(frozen=True, slots=True)
class _Spans:
    """What one axis needs at each level: `out` after the convolution, `into` before it."""

    out: list[_Span]
    into: list[_Span]

    def wide(self, level: int) -> _Span:
        return self.out[min(level, len(self.out) - 1)]

    def narrow(self, level: int, current: _Span) -> _Span:
        return self.into[level] if level < len(self.into) else current


@lru_cache(maxsize=256)
def _axis(sigma: float) -> _Axis:
    if not sigma > 0:
        return _Axis(0, np.ones(1, np.float32))
    levels, variance = 0, sigma * sigma
    while variance > DIRECT * DIRECT:
        variance = (variance - 2) / 4
        levels += 1
    rest = sqrt(variance)
    radius = ceil((4 if levels else 5) * rest)
    taps = [exp(-0.5 * (k / rest) ** 2) for k in range(radius + 1)]
    total = 2 * sum(taps) - taps[0]
    weights = np.array([t / total for t in taps], np.float32)
    weights = weights[weights > 0]  # a weight of 0 would turn a far Inf into NaN
    weights.flags.writeable = False
    return _Axis(levels, weights)


def _spans(start: int, size: int, axis: _Axis) -> _Spans:
    """The ranges of each level that `size` pixels from `start` on depend on."""
    out = [_Span(start, size)]
    for _ in range(axis.levels):
        first, last = out[-1].start, out[-1].start + out[-1].size - 1
        low = first // 2 - (1 - first % 2)
        high = last // 2 + 1
        out.append(_Span(low, high - low + 1))
    radius = len(axis.taps) - 1
    into = [_Span(out[-1].start - radius, out[-1].size + 2 * radius)]
    for _ in range(axis.levels):
        into.append(_Span(2 * into[-1].start - 2, 2 * into[-1].size + 3))
    return _Spans(out, into[::-1])


def _halve(
    src: Image, x: _Span, y: _Span, dst: Image, to_x: _Span, to_y: _Span,
    halve_x: bool, halve_y: bool, pool: Pool,
) -> None:  # fmt: skip
    left = 2 * to_x.start - 2 - x.start if halve_x else 0
    top = 2 * to_y.start - 2 - y.start if halve_y else 0
    read = 2 * to_x.size + 3 if halve_x else to_x.size

    source, target = readable(src), writable(dst)

    def strip(r0: int, r1: int) -> None:
        with pool.scratch((read,)) as line:
            _halve_rows(*source, *target, to_y.size, to_x.size, left, top, halve_x, halve_y, line, r0, r1)

    pool.map(dst.shape[0] * to_y.size, strip, grain(x.size))


def _blur(
    src: Image, x: _Span, y: _Span, dst: Image, to_x: _Span, to_y: _Span,
    taps_x: NDArray[np.float32], taps_y: NDArray[np.float32], pool: Pool,
) -> None:  # fmt: skip
    # An axis with fewer levels than the other arrives here wider than its taps need.
    left = to_x.start - x.start - (len(taps_x) - 1)
    top = to_y.start - y.start - (len(taps_y) - 1)

    source, target = readable(src), writable(dst)

    def strip(r0: int, r1: int) -> None:
        with pool.scratch((to_x.size + 2 * len(taps_x) - 2,)) as line:
            _blur_rows(*source, *target, to_y.size, to_x.size, left, top, taps_x, taps_y, line, r0, r1)

    pool.map(dst.shape[0] * to_y.size, strip, grain(to_x.size))


def _double(
    src: Image, x: _Span, y: _Span, dst: Image, to_x: _Span, to_y: _Span,
    double_x: bool, double_y: bool, pool: Pool,
) -> None:  # fmt: skip
    source, target = readable(src), writable(dst)

    def strip(r0: int, r1: int) -> None:
        with pool.scratch((x.size,)) as line:
            _double_rows(
                *source, x.start, y.start, *target, to_y.size, to_x.size, to_x.start, to_y.start,
                double_x, double_y, line, r0, r1,
            )  # fmt: skip

    pool.map(dst.shape[0] * to_y.size, strip, grain(to_x.size))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _symmetric(out, data, centre, step, taps):  # type: ignore[no-untyped-def]
    """out[x] = sum over k of taps[|k|] * data[centre + k*step + x], four pairs a pass."""
    n = out.size
    k = 1 + (taps.size - 1) % 4  # the first pass takes what doesn't fill a pass of four pairs
    m = data[centre : centre + n]
    o = step
    a0, b0 = data[centre - o : centre - o + n], data[centre + o : centre + o + n]
    o += step
    a1, b1 = data[centre - o : centre - o + n], data[centre + o : centre + o + n]
    o += step
    a2, b2 = data[centre - o : centre - o + n], data[centre + o : centre + o + n]
    w = taps[0]
    if k == 1:
        for x in range(n):
            out[x] = w * m[x]
    elif k == 2:
        w0 = taps[1]
        for x in range(n):
            out[x] = w * m[x] + w0 * (a0[x] + b0[x])
    elif k == 3:
        w0, w1 = taps[1], taps[2]
        for x in range(n):
            out[x] = w * m[x] + (w0 * (a0[x] + b0[x]) + w1 * (a1[x] + b1[x]))
    else:
        w0, w1, w2 = taps[1], taps[2], taps[3]
        for x in range(n):
            out[x] = (w * m[x] + w0 * (a0[x] + b0[x])) + (w1 * (a1[x] + b1[x]) + w2 * (a2[x] + b2[x]))
    while k < taps.size:
        o = k * step
        a0, b0 = data[centre - o : centre - o + n], data[centre + o : centre + o + n]
        o += step
        a1, b1 = data[centre - o : centre - o + n], data[centre + o : centre + o + n]
        o += step
        a2, b2 = data[centre - o : centre - o + n], data[centre + o : centre + o + n]
        o += step
        a3, b3 = data[centre - o : centre - o + n], data[centre + o : centre + o + n]
        w0, w1, w2, w3 = taps[k], taps[k + 1], taps[k + 2], taps[k + 3]
        for x in range(n):
            out[x] += (w0 * (a0[x] + b0[x]) + w1 * (a1[x] + b1[x])) + (w2 * (a2[x] + b2[x]) + w3 * (a3[x] + b3[x]))
        k += 4


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _blur_rows(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, height, width,
    left, top, taps_x, taps_y, line, r0, r1,
):  # fmt: skip
    """Rows [r0, r1), counted through all channels: down the columns into `line`, then along it."""
    rx, ry = taps_x.size - 1, taps_y.size - 1
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        start = c * src_channel + (y + top + ry) * src_row + left
        out = dst[c * dst_channel + y * dst_row : c * dst_channel + y * dst_row + width]
        if rx == 0:
            _symmetric(out, src, start, src_row, taps_y)
        else:
            _symmetric(line, src, start, src_row, taps_y)
            _symmetric(out, line, rx, 1, taps_x)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _halve_rows(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, height, width,
    left, top, halve_x, halve_y, line, r0, r1,
):  # fmt: skip
    """One step down the pyramid: sample j is [1 4 6 4 1]/16 around fine sample 2j."""
    outer, inner, middle = np.float32(1 / 16), np.float32(1 / 4), np.float32(3 / 8)
    n = line.size
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        out = dst[c * dst_channel + y * dst_row : c * dst_channel + y * dst_row + width]
        if halve_y:
            o = c * src_channel + (2 * y + top) * src_row + left
            a = src[o : o + n]
            b = src[o + src_row : o + src_row + n]
            m = src[o + 2 * src_row : o + 2 * src_row + n]
            d = src[o + 3 * src_row : o + 3 * src_row + n]
            e = src[o + 4 * src_row : o + 4 * src_row + n]
            for x in range(n):
                line[x] = outer * (a[x] + e[x]) + inner * (b[x] + d[x]) + middle * m[x]
        else:
            o = c * src_channel + y * src_row + left
            a = src[o : o + n]
            for x in range(n):
                line[x] = a[x]
        if halve_x:
            for x in range(width):
                out[x] = (
                    outer * (line[2 * x] + line[2 * x + 4])
                    + inner * (line[2 * x + 1] + line[2 * x + 3])
                    + middle * line[2 * x + 2]
                )
        else:
            for x in range(width):
                out[x] = line[x]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _double_rows(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, src_x, src_y, dst, dst_channel, dst_row, height, width, dst_x, dst_y,
    double_x, double_y, line, r0, r1,
):  # fmt: skip
    """One step up: fine 2j is [1 6 1]/8 around sample j, fine 2j+1 the mean of j and j+1."""
    outer, middle, half = np.float32(1 / 8), np.float32(3 / 4), np.float32(1 / 2)
    n = line.size
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        out = dst[c * dst_channel + y * dst_row : c * dst_channel + y * dst_row + width]
        if double_y:
            fine = y + dst_y
            j = fine >> 1
            o = c * src_channel + (j - src_y) * src_row
            m = src[o : o + n]
            b = src[o + src_row : o + src_row + n]
            if fine & 1:
                for x in range(n):
                    line[x] = half * (m[x] + b[x])
            else:
                a = src[o - src_row : o - src_row + n]
                for x in range(n):
                    line[x] = outer * (a[x] + b[x]) + middle * m[x]
        else:
            o = c * src_channel + y * src_row
            a = src[o : o + n]
            for x in range(n):
                line[x] = a[x]
        if not double_x:
            for x in range(width):
                out[x] = line[x]
            continue
        first = dst_x & 1
        if first:
            out[0] = half * (line[0] + line[1])
        # Fine even sample 2j stands in `line` at j - src_x; the first one has a left neighbour.
        at = ((dst_x + first) >> 1) - src_x
        lows = line[at - 1 : n]
        pairs = out[first:]
        count = (width - first) >> 1
        for j in range(count):
            pairs[2 * j] = outer * (lows[j] + lows[j + 2]) + middle * lows[j + 1]
            pairs[2 * j + 1] = half * (lows[j + 1] + lows[j + 2])
        if (width - first) & 1:
            pairs[2 * count] = outer * (lows[count] + lows[count + 2]) + middle * lows[count + 1]
