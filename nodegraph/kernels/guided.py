# ruff: noqa: TID253
"""The guided filter: a coarse matte takes the edges of a picture.

K. He, J. Sun and X. Tang, "Guided Image Filtering", PAMI 2013, with a guide of three colours; fitted on cells of the
picture and used at every pixel: K. He and J. Sun, "Fast Guided Filter", 2015.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.cells import expand
from nodegraph.kernels.filters.box import box, box_reach
from nodegraph.kernels.filters.flat import KERNEL, Image, readable
from nodegraph.kernels.pool import Pool


def encoded(colour: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light as a guide: its square root, so that edges in the dark count as those in the light do."""
    return np.sqrt(np.maximum(colour, np.float32(0)))


def fit(guide: Image, matte: Image, radius: float, noise: float, pool: Pool) -> Image:
    """Planes `(4, height, width)`: weights of the guide's three colours, and what is added.

    In every square of `2 radius + 1` cells the matte `(1, height, width)` is fitted by a weighted sum of the guide's
    `(3, height, width)` colours, whose own deviation below `noise` is not believed.
    """
    g, p = guide, matte[0]
    pairs = [g[i] * g[j] for i in range(3) for j in range(i, 3)]
    mean = _mean(np.stack([*g, p, *(c * p for c in g), *pairs]), radius, pool)
    out = np.empty((4, *p.shape), np.float32)
    _solve(mean, np.float32(noise * noise), out)
    return _mean(out, radius, pool)


def _mean(planes: Image, radius: float, pool: Pool) -> Image:
    """Over a square, mirrored at the borders."""
    reach, _ = box_reach(radius, radius)
    reach_y, reach_x = min(reach, planes.shape[1] - 1), min(reach, planes.shape[2] - 1)
    grown = np.pad(planes, ((0, 0), (reach_y, reach_y), (reach_x, reach_x)), mode="reflect")
    rest_y, rest_x = reach - reach_y, reach - reach_x  # where the picture is smaller than the square
    if rest_y or rest_x:
        grown = np.pad(grown, ((0, 0), (rest_y, rest_y), (rest_x, rest_x)), mode="edge")
    out = np.empty(planes.shape, np.float32)
    box(grown, out, radius, radius, pool)
    return out


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _solve(mean, least, out):  # type: ignore[no-untyped-def]
    """(covariance of the guide + least) a = covariance of guide and matte, by the adjugate; b = mean(p) - a mean(g)."""
    for y in range(out.shape[1]):
        for x in range(out.shape[2]):
            m = mean[:, y, x]
            g0, g1, g2, p = m[0], m[1], m[2], m[3]
            c0, c1, c2 = m[4] - g0 * p, m[5] - g1 * p, m[6] - g2 * p
            s00, s01, s02 = m[7] - g0 * g0 + least, m[8] - g0 * g1, m[9] - g0 * g2
            s11, s12, s22 = m[10] - g1 * g1 + least, m[11] - g1 * g2, m[12] - g2 * g2 + least
            k00, k01, k02 = s11 * s22 - s12 * s12, s02 * s12 - s01 * s22, s01 * s12 - s02 * s11
            k11, k12, k22 = s00 * s22 - s02 * s02, s01 * s02 - s00 * s12, s00 * s11 - s01 * s01
            scale = np.float32(1) / max(s00 * k00 + s01 * k01 + s02 * k02, least * least * least)
            a0 = (k00 * c0 + k01 * c1 + k02 * c2) * scale
            a1 = (k01 * c0 + k11 * c1 + k12 * c2) * scale
            a2 = (k02 * c0 + k12 * c1 + k22 * c2) * scale
            out[0, y, x], out[1, y, x], out[2, y, x] = a0, a1, a2
            out[3, y, x] = p - a0 * g0 - a1 * g1 - a2 * g2


def refine(
    rgb: Image, planes: Image, cell: int, corner: tuple[int, int], low: float, high: float, out: Image, pool: Pool
) -> None:
    """The matte `out` `(1, height, width)` of a part of the picture, whose first pixel was at `corner` (x, y) there.

    `rgb` is linear light, `planes` are (5, ...): `fit`'s four, and how far the fit is to be believed; then a last one,
    the coarse matte, takes its place. The result is 0 from `low` down and 1 from `high` up, straight between; a pixel
    that isn't a number has the coarse matte.
    """
    _, height, width = rgb.shape
    source = readable(rgb)
    wide = (planes.shape[2] + 1) * cell
    low32, gain = np.float32(low), np.float32(1 / max(high - low, 1e-4))
    kinds = _kinds(planes[4], planes[5], np.float32(low), np.float32(high))

    def strip(a: int, b: int) -> None:
        with pool.scratch((13, wide)) as scratch:
            _refine(*source, width, planes, kinds, cell, *corner, low32, gain, out[0], scratch, a, b)

    pool.map(height, strip, 16)


#: What is known of a cell: all of its pixels, read between the cells around it too, are 0, or 1; or nothing.
_BLACK, _WHITE, _OPEN = 0, 1, 2


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _kinds(believed, coarse, low, high):  # type: ignore[no-untyped-def]
    rows, columns = coarse.shape
    out = np.full((rows, columns), _OPEN, np.uint8)
    for y in range(rows):
        for x in range(columns):
            kind = _BLACK if coarse[y, x] <= low else _WHITE
            alike = True
            for j in range(max(0, y - 1), min(rows, y + 2)):
                for i in range(max(0, x - 1), min(columns, x + 2)):
                    v = coarse[j, i]
                    alike &= believed[j, i] <= 0 and (v <= low if kind == _BLACK else v >= high)
            if alike:
                out[y, x] = kind
    return out


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _refine(  # type: ignore[no-untyped-def]
    src, channel, row, width, planes, kinds, cell, x0, y0, low, gain, out, scratch, row0, row1
):
    count, rows, columns = planes.shape
    change = scratch[12, :columns]
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
                expand(change, cell, scratch[6 + c], 0, columns)
            unfolded = j
        here = kinds[min((y0 + y) // cell, rows - 1)]
        first, end = x0 // cell, min((x0 + width - 1) // cell + 1, columns)
        while first < end:  # stretches of cells alike
            kind, last = here[first], first + 1
            while last < end and here[last] == kind:
                last += 1
            left, right = max(first * cell - x0, 0), min(last * cell - x0, width)
            first = last
            if kind != _OPEN:
                out[y, left:right] = np.float32(kind)
                continue
            o, n = y * row + left, right - left
            _line(
                src[o : o + n], src[o + channel : o + channel + n], src[o + 2 * channel : o + 2 * channel + n],
                scratch[:, x0 + left : x0 + right], share, low, gain, out[y, left:right],
            )  # fmt: skip


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _line(r, g, b, s, share, low, gain, out):  # type: ignore[no-untyped-def]
    zero, one, many = np.float32(0), np.float32(1), np.float32(np.inf)
    for x in range(out.size):
        fitted = (
            (s[0, x] + share * s[6, x]) * np.sqrt(max(r[x], zero))
            + (s[1, x] + share * s[7, x]) * np.sqrt(max(g[x], zero))
            + (s[2, x] + share * s[8, x]) * np.sqrt(max(b[x], zero))
            + s[3, x] + share * s[9, x]
        )  # fmt: skip
        coarse = s[5, x] + share * s[11, x]
        value = coarse + (s[4, x] + share * s[10, x]) * (fitted - coarse)
        value = value if abs(value) < many else coarse
        out[x] = min(max((value - low) * gain, zero), one)
