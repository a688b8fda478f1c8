# ruff: noqa: TID253
"""Two mattes of one picture, the keyer's and a network's: what there is to weigh them by, and one matte of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.cells import expand
from nodegraph.kernels.filters.flat import KERNEL, Image, readable
from nodegraph.kernels.pool import Pool

Plane = NDArray[np.float32]

#: Of the keyer's matte: bare screen, solid; from where on it may be the subject's edge, and stands before the screen.
_BARE, _SOLID, _EDGE, _STANDS = 0.02, 0.985, 0.3, 0.5
#: Of the network's: surely nobody, more likely somebody than not, surely somebody.
_NOBODY, _LIKELY, _SOMEBODY = 0.1, 0.5, 0.9
#: Below this the keyer's matte is the screen's, whatever the network says of hair.
_FLOOR = (0.02, 0.08)


class Sums(NamedTuple):
    """By cells, shares of their pixels and means over these shares; colours are two channels, (2, rows, columns)."""

    zone: Plane  # likely the subject, its edge too
    matte: Plane
    squared: Plane
    colour: Plane
    product: Plane  # of colour and matte
    colour_squared: Plane
    solid: Plane
    solid_colour: Plane
    bare: Plane
    bare_colour: Plane
    most: Plane  # the matte's maximum
    seen: Plane  # the network's matte
    empty: Plane  # where the network sees nobody; and there, what is solid to the keyer
    empty_solid: Plane


def measure(rgb: Image, keyed: Plane, seen: Plane, channels: Sequence[int], cell: int, pool: Pool) -> Sums:
    """Sums over cells of a picture `(3, height, width)` with two mattes `(height, width)`.

    `channels` are the two colours that the screen has little of. Pixels that aren't numbers don't count.
    """
    height, width = keyed.shape
    out = np.empty((19, -(-height // cell), -(-width // cell)), np.float32)
    source = readable(rgb)
    first, second = channels
    keyed, seen = np.ascontiguousarray(keyed), np.ascontiguousarray(seen)

    def strip(a: int, b: int) -> None:
        _measure(*source, first, second, keyed, seen, cell, out, a, b)

    pool.map(out.shape[1], strip, 4)
    return Sums(
        out[0], out[1], out[2], out[3:5], out[5:7], out[7:9], out[9], out[10:12], out[12], out[13:15],
        out[15], out[16], out[17], out[18],
    )  # fmt: skip


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _measure(src, channel, row, first, second, keyed, seen, cell, out, row0, row1):  # type: ignore[no-untyped-def]
    height, width = keyed.shape
    zero, one, many = np.float32(0), np.float32(1), np.float32(np.inf)
    sums = np.empty(19, np.float32)
    for j in range(row0, row1):
        for i in range(out.shape[2]):
            sums[:] = zero
            bottom, end = min(height, (j + 1) * cell), min(width, (i + 1) * cell)
            for y in range(j * cell, bottom):
                for x in range(i * cell, end):
                    k, n = keyed[y, x], seen[y, x]
                    c = src[first * channel + y * row + x]
                    d = src[second * channel + y * row + x]
                    if not (abs(c) < many and abs(d) < many and abs(k) < many):
                        continue
                    sums[15] = max(sums[15], k)
                    sums[16] += n
                    if n < _NOBODY:
                        sums[17] += one
                        if k > _STANDS:
                            sums[18] += one
                        elif k < _BARE:
                            sums[12] += one
                            sums[13] += c
                            sums[14] += d
                    if n > _LIKELY and k > _EDGE:
                        sums[0] += one
                        sums[1] += k
                        sums[2] += k * k
                        sums[3] += c
                        sums[4] += d
                        sums[5] += c * k
                        sums[6] += d * k
                        sums[7] += c * c
                        sums[8] += d * d
                        if n > _SOMEBODY and k > _SOLID:
                            sums[9] += one
                            sums[10] += c
                            sums[11] += d
            share = one / np.float32((bottom - j * cell) * (end - i * cell))
            for s in range(19):
                out[s, j, i] = sums[s] if s == 15 else sums[s] * share


def combine(
    keyed: Image, seen: Image, planes: Plane, cell: int, corner: tuple[int, int], out: Image, pool: Pool
) -> None:
    """One matte of two, all `(1, height, width)`, for a part of the picture whose first pixel was at `corner` there.

    `planes` are (4, rows, columns), 0..1: where the screen is; how far the network is believed where it sees more than
    the keyer; where the subject is solid; and where nobody is. `out` may have a second plane, for how sure it is.
    """
    height, width = keyed.shape[1:]
    wide = (planes.shape[2] + 1) * cell
    both, believed = readable(keyed), readable(seen)

    def strip(a: int, b: int) -> None:
        with pool.scratch((9, wide)) as scratch:
            _combine(
                both.data, both.row, believed.data, believed.row, width, planes, cell, *corner, out, scratch, a, b
            )  # fmt: skip

    pool.map(height, strip, 16)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _combine(  # type: ignore[no-untyped-def]
    keyed, keyed_row, seen, seen_row, width, planes, cell, x0, y0, out, scratch, row0, row1
):
    count, rows, columns = planes.shape
    change = scratch[8, :columns]
    unfolded = -1
    for y in range(row0, row1):
        place = (y0 + y + 0.5) / cell - 0.5
        j = min(max(int(np.floor(place)), 0), rows - 1)
        share = np.float32(min(max(place - j, 0.0), 1.0))
        if j != unfolded:
            k = min(j + 1, rows - 1)
            for c in range(count):
                for i in range(columns):
                    change[i] = planes[c, k, i] - planes[c, j, i]
                expand(planes[c, j], cell, scratch[c], 0, columns)
                expand(change, cell, scratch[4 + c], 0, columns)
            unfolded = j
        _line(
            keyed[y * keyed_row : y * keyed_row + width], seen[y * seen_row : y * seen_row + width],
            scratch[:, x0 : x0 + width], share, out[:, y],
        )  # fmt: skip


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _line(keyed, seen, s, share, out):  # type: ignore[no-untyped-def]
    zero, one = np.float32(0), np.float32(1)
    low, scale = np.float32(_FLOOR[0]), np.float32(1 / (_FLOOR[1] - _FLOOR[0]))
    for x in range(keyed.size):
        k, n = keyed[x], seen[x]
        screen = s[0, x] + share * s[4, x]
        raised = (s[1, x] + share * s[5, x]) * min(max((k - low) * scale, zero), one) * max(n - k, zero)
        value = k + raised
        value += (s[2, x] + share * s[6, x]) * (one - value)
        value *= one - (s[3, x] + share * s[7, x])
        out[0, x] = n + screen * (value - n)
    if out.shape[0] > 1:
        for x in range(keyed.size):
            k, n = keyed[x], seen[x]
            value, apart = out[0, x], abs(k - n)
            # what both say is sure; where they differ, as much as the result stands with one of them
            middle = abs(value - np.float32(0.5) * (k + n)) / max(apart, np.float32(1e-4))
            out[1, x] = one - apart * (one - min(middle, one))
