# ruff: noqa: TID253
"""Sharpening by unsharp masking."""

from __future__ import annotations

import numpy as np
from numba import njit

from nodegraph.kernels.filters.blur import gaussian, gaussian_reach
from nodegraph.kernels.filters.flat import KERNEL, Image, check, grain, readable, writable
from nodegraph.kernels.pool import Pool


def unsharp_reach(sigma: float) -> tuple[int, int]:
    """Pixels (x, y) that `unsharp` reads beyond its output on each side."""
    return gaussian_reach(sigma, sigma)


def unsharp(
    src: Image,
    dst: Image,
    sigma: float,
    amount: float,
    pool: Pool,
    *,
    threshold: float = 0.0,
    origin: tuple[int, int] = (0, 0),
) -> None:
    """Add `amount` times what a Gaussian of `sigma` pixels takes away: out = src + amount * detail.

    detail = src - blurred, each value brought nearer to 0 by `threshold` (so that faint grain
    is left alone without a seam). `origin` as for `gaussian`. Where detail isn't finite,
    beside NaN or Inf, the pixel stays as it was.
    """
    check("unsharp", src, dst, unsharp_reach(sigma))
    if dst.size == 0:
        return
    gaussian(src, dst, sigma, sigma, pool, origin=origin)
    channels, height, width = dst.shape
    rx, ry = unsharp_reach(sigma)
    source, target = readable(src[:, ry : ry + height, rx : rx + width]), writable(dst)
    gain, dead = np.float32(amount), np.float32(threshold)
    pool.map(
        channels * height,
        lambda r0, r1: _add_detail(*source, *target, height, width, gain, dead, r0, r1),
        grain(width),
    )


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _add_detail(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, height, width, gain, dead, r0, r1
):
    """`dst` holds the blurred picture and takes the result."""
    zero, huge = np.float32(0), np.float32(np.inf)
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        a = src[c * src_channel + y * src_row : c * src_channel + y * src_row + width]
        out = dst[c * dst_channel + y * dst_row : c * dst_channel + y * dst_row + width]
        for x in range(width):
            d = a[x] - out[x]
            size = abs(d)
            more = size - dead if size > dead else zero
            more = more if size < huge else zero
            out[x] = a[x] + gain * (more if d > zero else -more)
