# ruff: noqa: TID253
"""The middle of several samples of each pixel: what stays when something passes before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from nodegraph.errors import CookError
from nodegraph.kernels.filters.flat import KERNEL, Image
from nodegraph.kernels.pool import Pool

_ROWS = 4
"""Rows of all samples that are sorted at a time: they stay in the second-level cache."""


def middle(frames: Sequence[Image], dst: Image, pool: Pool, share: float = 0.0) -> None:
    """For every pixel the median of its values in all frames, each channel by itself.

    `frames` are (channels, height, width) as `dst`. What isn't finite doesn't count; of an even number the two in
    the middle are averaged, and with a `share` above 0 so are as many of their neighbours, of all. Without any
    value the result is 0.
    """
    if not frames or any(f.shape != dst.shape or f.dtype != np.float32 for f in frames):
        raise CookError(f"a median takes float32 pictures {dst.shape}, not {[f.shape for f in frames]}")
    channels, height, width = dst.shape
    count = len(frames)

    def strip(y0: int, y1: int) -> None:
        with pool.scratch((count, _ROWS * width)) as values, pool.scratch((_ROWS * width,)) as result:
            for c in range(channels):
                for y in range(y0, y1, _ROWS):
                    rows = min(_ROWS, y1 - y)
                    n = rows * width
                    for k, frame in enumerate(frames):
                        np.copyto(values[k, :n].reshape(rows, width), frame[c, y : y + rows])
                    _middle(values, n, share, result)
                    dst[c, y : y + rows] = result[:n].reshape(rows, width)

    pool.map(height, strip, 4 * _ROWS)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _middle(values, n, share, out):  # type: ignore[no-untyped-def]
    """Rows of `values` are sorted, all their columns at once: by swapping neighbours (odd-even transposition)."""
    zero, many = np.float32(0), np.float32(np.inf)
    count = values.shape[0]
    known = out[:n]
    for x in range(n):
        known[x] = zero
    for k in range(count):
        row = values[k, :n]
        for x in range(n):
            finite = (row[x] - row[x]) == zero
            known[x] += np.float32(1) if finite else zero
            row[x] = row[x] if finite else many
    for step in range(count):
        for k in range(step % 2, count - 1, 2):
            low, high = values[k, :n], values[k + 1, :n]
            for x in range(n):
                a, b = low[x], high[x]
                low[x] = a if a < b else b
                high[x] = b if a < b else a
    for x in range(n):
        there = int(known[x])
        if there == 0:
            out[x] = zero
            continue
        more = int(share * ((there - 1) // 2))
        first, last = (there - 1) // 2 - more, there // 2 + more
        total = 0.0
        for k in range(first, last + 1):
            total += values[k, x]
        out[x] = total / (last - first + 1)
