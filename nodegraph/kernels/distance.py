# ruff: noqa: TID253
"""How far a pixel lies from a matte's edge, and mattes made of such distances.

The edge is where the matte passes through 0.5, found to a part of a pixel: at a pixel with a
neighbour on the other side, the line through the places where the matte, linear between
pixels, crosses 0.5 along x and along y (or one of them, and the matte's slope). It is exact on a ramp, and within 0.09 px on an edge
that is one pixel soft. For every other pixel, the nearest of those pixels comes from an exact
Euclidean distance transform (P. Felzenszwalb and D. Huttenlocher, "Distance transforms of
sampled functions", 2012); the distance is that to the lines of it and of its neighbours, as
S. Gustavson and R. Strand have it ("Anti-aliased Euclidean distance transform", 2011). Of soft discs, measured: within 0.15 px beside the edge, 0.35 px
in the very middle, where pixels all around are as near.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL
from nodegraph.kernels.pool import Pool

Plane = NDArray[np.float32]
Planes = NDArray[np.float32]

_SOFTEST = 128.0
"""Widest edge, in pixels, that counts as one."""


def signed_distance(matte: Plane, distance: Plane, softness: Plane, pool: Pool) -> bool:
    """For each pixel the distance to the edge (above 0 inside), and how soft the edge is there, both in pixels.

    The softness is the way from 0 to 1 at the edge's own slope, at least 1. False, and 0 all over, if there is no edge.
    """
    height, width = matte.shape
    edges = np.empty((5, height, width), np.float32)  # the line's nearest point, its direction; how soft it is
    pool.map(height, lambda a, b: _edges(matte, edges, a, b), 16)
    if not (edges[4] > 0).any():
        distance[:] = softness[:] = 0
        return False
    rows = np.empty((height, width), np.int32)
    pool.map(width, lambda a, b: _down(edges[4], rows, a, b), 64)
    pool.map(height, lambda a, b: _along(matte, edges, rows, distance, softness, a, b), 8)
    return True


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _slope(matte, y, x):  # type: ignore[no-untyped-def]
    """The direction in which a matte rises (I. Sobel's differences)."""
    two = np.float32(2)
    up, down = max(y - 1, 0), min(y + 1, matte.shape[0] - 1)
    left, right = max(x - 1, 0), min(x + 1, matte.shape[1] - 1)
    a, b, c = matte[up, left], matte[up, x], matte[up, right]
    d, e = matte[y, left], matte[y, right]
    f, g, h = matte[down, left], matte[down, x], matte[down, right]
    return (c + two * e + h) - (a + two * d + f), (f + two * g + h) - (a + two * b + c)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _edges(matte, edges, y0, y1):  # type: ignore[no-untyped-def]
    height, width = matte.shape
    half, one, none = np.float32(0.5), np.float32(1), np.float32(1e9)
    for y in range(y0, y1):
        for x in range(width):
            a = matte[y, x]
            inside = a >= half
            left, right = matte[y, max(x - 1, 0)], matte[y, min(x + 1, width - 1)]
            up, down = matte[max(y - 1, 0), x], matte[min(y + 1, height - 1), x]
            edges[4, y, x] = 0
            crosses_x = (left >= half) != inside or (right >= half) != inside
            crosses_y = (up >= half) != inside or (down >= half) != inside
            if not (crosses_x or crosses_y):
                continue
            at_x, at_y = none, none
            slope_x, slope_y = half * (right - left), half * (down - up)
            if (left >= half) != inside:
                at_x, slope_x = -(half - a) / (left - a), a - left
            if (right >= half) != inside and (half - a) / (right - a) < abs(at_x):
                at_x, slope_x = (half - a) / (right - a), right - a
            if (up >= half) != inside:
                at_y, slope_y = -(half - a) / (up - a), a - up
            if (down >= half) != inside and (half - a) / (down - a) < abs(at_y):
                at_y, slope_y = (half - a) / (down - a), down - a
            slope = np.sqrt(slope_x * slope_x + slope_y * slope_y)
            # The line through (at_x, 0) and (0, at_y), or through one of them across the slope; its nearest point.
            p, q = _slope(matte, y, x)
            ox, oy = np.float32(0), np.float32(0)
            if abs(at_x) > np.float32(1e-6) and abs(at_y) > np.float32(1e-6):
                if crosses_x and crosses_y:
                    p, q = one / at_x, one / at_y
                s = p * p + q * q
                along = one
                if not crosses_y:
                    along = p * at_x
                elif not crosses_x:
                    along = q * at_y
                if s > np.float32(1e-12):
                    ox, oy = along * p / s, along * q / s
            length = np.sqrt(p * p + q * q)
            if length > np.float32(1e-6):
                p, q = p / length, q / length
            else:
                p, q = one, np.float32(0)
            edges[0, y, x], edges[1, y, x], edges[2, y, x], edges[3, y, x] = ox, oy, p, q
            edges[4, y, x] = min(max(one / max(slope, np.float32(1e-6)), one), np.float32(_SOFTEST))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _down(soft, rows, x0, x1):  # type: ignore[no-untyped-def]
    """In each column, the row of the nearest pixel at the edge; -1 where there is none."""
    height = soft.shape[0]
    for x in range(x0, x1):
        rows[0, x] = 0 if soft[0, x] > 0 else -1
    for y in range(1, height):
        for x in range(x0, x1):
            rows[y, x] = y if soft[y, x] > 0 else rows[y - 1, x]
    for y in range(height - 2, -1, -1):
        for x in range(x0, x1):
            below = rows[y + 1, x]
            here = rows[y, x]
            if below > y and (here < 0 or below - y < y - here):
                rows[y, x] = below


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _along(matte, edges, rows, distance, softness, y0, y1):  # type: ignore[no-untyped-def]
    """The nearest of a row's columns, by the lower envelope of their parabolas; then the distance to its line."""
    height, width = matte.shape
    half, none = np.float32(0.5), np.float32(0)
    columns = np.empty(width, np.int64)
    bounds = np.empty(width + 1, np.float64)
    for y in range(y0, y1):
        k = -1
        for x in range(width):
            if rows[y, x] < 0:
                continue
            away = rows[y, x] - y
            value = np.float64(away * away + x * x)
            start = -np.inf
            while k >= 0:
                v = columns[k]
                w = rows[y, v] - y
                start = (value - np.float64(w * w + v * v)) / np.float64(2 * (x - v))
                if start > bounds[k]:
                    break
                k -= 1
                start = -np.inf
            k += 1
            columns[k] = x
            bounds[k] = start
        last, k = k, 0
        for x in range(width):
            while k < last and bounds[k + 1] < x:
                k += 1
            i, j = rows[y, columns[k]], columns[k]
            best, soft = np.float32(np.inf), none
            for m in range(max(i - 1, 0), min(i + 2, height)):
                for n in range(max(j - 1, 0), min(j + 2, width)):
                    if not edges[4, m, n] > none:
                        continue
                    dx, dy = np.float32(x - n) - edges[0, m, n], np.float32(y - m) - edges[1, m, n]
                    nx, ny = edges[2, m, n], edges[3, m, n]
                    across = dx * nx + dy * ny
                    past = max(abs(dx * ny - dy * nx) - half, none)  # the line is half a pixel long to each side
                    far = across * across + past * past
                    if far < best:
                        best, soft = far, edges[4, m, n]
            distance[y, x] = np.sqrt(best) if matte[y, x] >= half else -np.sqrt(best)
            softness[y, x] = soft


def between(
    fields: tuple[Planes, Planes], moves: tuple[tuple[float, float], tuple[float, float]], share: float,
    softness: float, out: Plane, pool: Pool,
) -> None:  # fmt: skip
    """The matte a `share` of the way between two, each as planes of matte, distance and softness, moved (x, y) first.

    With a `softness` of 0 the edge is as soft as theirs, and what isn't an edge is dissolved.
    """
    (ax, ay), (bx, by) = moves
    first, second = fields
    pool.map(
        out.shape[0],
        lambda y0, y1: _between(
            first, second, np.float32(ax), np.float32(ay), np.float32(bx), np.float32(by),
            np.float32(share), np.float32(softness), out, y0, y1,
        ),
        16,
    )  # fmt: skip


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _place(at, size):  # type: ignore[no-untyped-def]
    """The two pixels around a place, held to the picture, and the share of the second."""
    at = min(max(at, np.float32(0)), np.float32(size - 1))
    i = int(at)
    return i, min(i + 1, size - 1), at - np.float32(i)


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _read(plane, i, k, v, j, m, u):  # type: ignore[no-untyped-def]
    top = plane[i, j] + (plane[i, m] - plane[i, j]) * u
    bottom = plane[k, j] + (plane[k, m] - plane[k, j]) * u
    return top + (bottom - top) * v


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _ramp(distance, softness):  # type: ignore[no-untyped-def]
    return min(max(distance / softness + np.float32(0.5), np.float32(0)), np.float32(1))


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _rest(matte, distance, softness, share):  # type: ignore[no-untyped-def]
    """What a matte is besides its edge's ramp. At the edge itself, which wanders off, it soon goes."""
    none, one = np.float32(0), np.float32(1)
    soon = max(one - np.float32(8) * (one - share), none)
    far = min(max(abs(distance) / softness - np.float32(0.5), none), one)
    return (matte - _ramp(distance, softness)) * (soon + (share - soon) * far)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _between(first, second, ax, ay, bx, by, share, softness, out, y0, y1):  # type: ignore[no-untyped-def]
    _, height, width = first.shape
    none, one = np.float32(0), np.float32(1)
    for y in range(y0, y1):
        ai, ak, av = _place(np.float32(y) - ay, height)
        bi, bk, bv = _place(np.float32(y) - by, height)
        for x in range(width):
            aj, am, au = _place(np.float32(x) - ax, width)
            bj, bm, bu = _place(np.float32(x) - bx, width)
            d0 = _read(first[1], ai, ak, av, aj, am, au)
            d1 = _read(second[1], bi, bk, bv, bj, bm, bu)
            distance = d0 + (d1 - d0) * share
            if softness > none:
                out[y, x] = _ramp(distance, softness)
                continue
            s0 = _read(first[2], ai, ak, av, aj, am, au)
            s1 = _read(second[2], bi, bk, bv, bj, bm, bu)
            alpha = _ramp(distance, s0 + (s1 - s0) * share)
            alpha += _rest(_read(first[0], ai, ak, av, aj, am, au), d0, s0, one - share)
            alpha += _rest(_read(second[0], bi, bk, bv, bj, bm, bu), d1, s1, share)
            out[y, x] = min(max(alpha, none), one)
