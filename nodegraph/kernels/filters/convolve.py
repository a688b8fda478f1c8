# ruff: noqa: TID253
"""Convolution by a kernel given as numbers, and what is built on it: directional blur and edges.

The kernel is held as a list of its non-zero weights and their offsets, so a thin line costs
what its pixels cost, not its bounding box.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, cos, radians, sin
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.kernels.filters.flat import KERNEL, Image, check, grain, readable, writable
from nodegraph.kernels.pool import Pool

Gradient = Literal["sobel", "scharr", "prewitt"]

_ACROSS: dict[str, tuple[float, float]] = {
    "sobel": (1 / 8, 2 / 8),
    "scharr": (3 / 32, 10 / 32),
    "prewitt": (1 / 6, 1 / 6),
}
"""Weights (corner, middle) across the direction of the derivative; a ramp of 1 per pixel gives 1."""

_LAPLACE = np.array([[1, 4, 1], [4, -20, 4], [1, 4, 1]]) / 6


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


def laplacian(src: Image, dst: Image, pool: Pool) -> None:
    """Second derivative, d2/dx2 + d2/dy2, by the nine-point stencil [1 4 1; 4 -20 4; 1 4 1]/6.

    Reads one pixel beyond its output. Signed: bright spots are negative.
    """
    convolve(src, dst, _LAPLACE, pool)


def edges(src: Image, dst: Image, pool: Pool, *, kind: Gradient = "sobel") -> None:
    """Length of the gradient, sqrt(gx^2 + gy^2), in value per pixel, for each channel.

    Operators of Sobel, Scharr ("Optimale Operatoren in der Digitalen Bildverarbeitung", 2000)
    and Prewitt, scaled so that a ramp of 1 per pixel gives 1. Reads one pixel beyond its
    output; NaN and Inf spread by that pixel.
    """
    check("edges", src, dst, (1, 1))
    if dst.size == 0:
        return
    corner, middle = (np.float32(w) for w in _ACROSS[kind])
    channels, height, width = dst.shape
    source, target = readable(src), writable(dst)
    pool.map(
        channels * height,
        lambda r0, r1: _gradient(*source, *target, height, width, corner, middle, r0, r1),
        grain(width),
    )


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
    rows, columns = np.nonzero(weights)
    if dst.size == 0 or len(rows) == 0:
        dst[...] = 0
        return
    source, target = readable(src), writable(dst)
    offsets = rows * source.row + columns
    taps = weights[rows, columns]
    pool.map(
        channels * height,
        lambda r0, r1: _weigh(*source, *target, height, width, offsets, taps, r0, r1),
        grain(width),
    )


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _weigh(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, height, width, offsets, taps, r0, r1
):
    """Rows [r0, r1), counted through all channels: eight weights a pass over the row."""
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        start = c * src_channel + y * src_row
        out = dst[c * dst_channel + y * dst_row : c * dst_channel + y * dst_row + width]
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
def _gradient(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, height, width, corner, middle, r0, r1
):
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        o = c * src_channel + y * src_row
        a = src[o : o + width + 2]
        b = src[o + src_row : o + src_row + width + 2]
        d = src[o + 2 * src_row : o + 2 * src_row + width + 2]
        out = dst[c * dst_channel + y * dst_row : c * dst_channel + y * dst_row + width]
        for x in range(width):
            gx = corner * ((a[x + 2] - a[x]) + (d[x + 2] - d[x])) + middle * (b[x + 2] - b[x])
            gy = corner * ((d[x] - a[x]) + (d[x + 2] - a[x + 2])) + middle * (d[x + 1] - a[x + 1])
            out[x] = np.sqrt(gx * gx + gy * gy)
