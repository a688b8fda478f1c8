# ruff: noqa: TID253
"""Colours of a subject under its soft edge: estimated on cells, and given to the picture's pixels there.

T. Germer et al., "Fast Multi-Level Foreground Estimation", ICPR 2020, as PyMatting has it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from nodegraph.errors import CookError
from nodegraph.kernels.cells import expand
from nodegraph.kernels.filters.flat import KERNEL, Image, readable, writable
from nodegraph.kernels.pool import Pool


def estimate(colour: Image, matte: Image) -> Image:
    """The foreground of a picture `(3, height, width)` with a matte `(height, width)`; linear light, in which they mix."""
    try:
        from pymatting import estimate_foreground_ml
    except ImportError:
        raise CookError("PyMatting is not installed", hint='install the extra: pip install "nodegraph[ai]"') from None
    if min(matte.shape) < 2:  # too little to look around in
        return colour
    picture = np.ascontiguousarray(np.maximum(colour, 0).transpose(1, 2, 0), np.float64)
    found = estimate_foreground_ml(picture, np.asarray(matte, np.float64))
    return np.ascontiguousarray(found.transpose(2, 0, 1), np.float32)


def mend(rgb: Image, matte: Image, colour: Image, cell: int, dst: Image, pool: Pool) -> None:
    """`dst` (3, height, width): the picture's colours where the matte `(1, height, width)` is 1, `colour`'s, which is by
    cells, where it is 0.9 and less.

    A colour is never brighter than the picture's alone would make it: C / alpha.
    """
    _, height, width = rgb.shape
    source, alpha, target = readable(rgb), readable(matte), writable(dst)
    wide = (colour.shape[2] + 1) * cell

    def strip(a: int, b: int) -> None:
        with pool.scratch((7, wide)) as scratch:
            _mend(*source, alpha.data, alpha.row, width, colour, cell, *target, scratch, a, b)

    pool.map(height, strip, 16)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _mend(src, channel, row, alpha, alpha_row, width, colour, cell, dst, dst_channel, dst_row, scratch, row0, row1):  # type: ignore[no-untyped-def]
    _, rows, columns = colour.shape
    change = scratch[6, :columns]
    unfolded = -1
    for y in range(row0, row1):
        place = (y + 0.5) / cell - 0.5
        j = min(max(int(np.floor(place)), 0), rows - 1)
        share = np.float32(min(max(place - j, 0.0), 1.0))
        if j != unfolded:
            k = min(j + 1, rows - 1)
            for c in range(3):
                for i in range(columns):
                    change[i] = colour[c, k, i] - colour[c, j, i]
                expand(colour[c, j], cell, scratch[c], 0, columns)
                expand(change, cell, scratch[3 + c], 0, columns)
            unfolded = j
        a = alpha[y * alpha_row : y * alpha_row + width]
        for c in range(3):
            o, t = c * channel + y * row, c * dst_channel + y * dst_row
            _blend(src[o : o + width], a, scratch[c, :width], scratch[3 + c, :width], share, dst[t : t + width])


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _blend(picture, alpha, upper, change, share, out):  # type: ignore[no-untyped-def]
    zero, one = np.float32(0), np.float32(1)
    for x in range(out.size):
        c, a = picture[x], alpha[x]
        own = min(max(np.float32(10) * a - np.float32(9), zero), one)
        found = min(max(upper[x] + share * change[x], zero), max(c, zero) / max(a, np.float32(1e-4)))
        out[x] = found + own * (c - found)
