# ruff: noqa: TID253
"""Edge detection: the length of the gradient and the Laplacian."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numba import njit

from nodegraph.kernels.filters.convolve import convolve
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
