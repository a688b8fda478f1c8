# ruff: noqa: TID253
"""Filling outlines with exact coverage: how much of each pixel lies inside.

Each edge adds its signed area to the pixels it crosses and its height to all on their right; a
running sum along the row is then the winding number, averaged over the pixel (R. Levien's
method in font-rs, 2016). No samples are taken, so an edge is as smooth as float32 is.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


def coverage(points: Doubles, width: int, height: int) -> Floats:
    """The part of each pixel inside a closed polygon of points `(n, 2)`, y down; `(height, width)`, 0..1.

    Where the outline crosses itself, what is wound round twice in one sense counts once.
    """
    sums = np.zeros((height, width + 2), np.float32)
    if len(points) > 2 and width and height:
        _outline(np.ascontiguousarray(points, np.float64), sums, width, height)
        _fill(sums, width)
    return np.ascontiguousarray(sums[:, :width])


def flattened(points: Doubles, most: int = 400) -> Doubles:
    """A closed bezier outline as a polygon. `points` (n, 6): x, y, and the tangents in and out, relative.

    An arc of length L that turns by up to half a circle lies within L pi / (8 n^2) of n chords:
    n is chosen for a fiftieth of a pixel.
    """
    if len(points) < 2:
        return np.zeros((0, 2))
    start, after = points, np.roll(points, -1, 0)
    p0, p3 = start[:, :2], after[:, :2]
    p1, p2 = p0 + start[:, 4:6], p3 + after[:, 2:4]
    rough = np.hypot(*(p1 - p0).T) + np.hypot(*(p2 - p1).T) + np.hypot(*(p3 - p2).T)
    made = []
    for k in range(len(points)):
        straight = not start[k, 4:6].any() and not after[k, 2:4].any()
        n = 1 if straight else int(min(most, max(4, 4.4 * rough[k] ** 0.5)))
        t = (np.arange(n) / n)[:, None]
        s = 1 - t
        made.append(s**3 * p0[k] + 3 * s * s * t * p1[k] + 3 * s * t * t * p2[k] + t**3 * p3[k])
    return np.concatenate(made)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _edge(sums, x0, y0, x1, y1, width, height):  # type: ignore[no-untyped-def]
    """One edge's areas. Left of the picture it counts as on its rim; right of it not at all."""
    sign = 1.0
    if y0 > y1:
        x0, y0, x1, y1, sign = x1, y1, x0, y0, -1.0
    slope = (x1 - x0) / (y1 - y0)
    if y0 < 0.0:
        x0, y0 = x0 - y0 * slope, 0.0
    y1 = min(y1, float(height))
    x = x0
    for row in range(int(y0), min(height, int(np.ceil(y1)))):
        top, bottom = max(float(row), y0), min(float(row + 1), y1)
        dy = (bottom - top) * sign
        there = x + (bottom - top) * slope
        a, b = (x, there) if x < there else (there, x)
        x = there
        line = sums[row]
        if b <= 0.0:
            line[0] += np.float32(dy)
            continue
        if a >= width:
            continue
        if a < 0.0 or b > width:  # only a part of it crosses the picture
            whole = b - a
            if a < 0.0:
                line[0] += np.float32(dy * (-a / whole))
            inside = (min(b, float(width)) - max(a, 0.0)) / whole
            dy *= inside
            a, b = max(a, 0.0), min(b, float(width))
        first = int(a)
        last = int(np.ceil(b))
        if last <= first + 1:
            middle = 0.5 * (a + b) - first
            line[first] += np.float32(dy * (1.0 - middle))
            line[first + 1] += np.float32(dy * middle)
            continue
        step = dy / (b - a)
        part = first + 1 - a
        area = 0.5 * step * part * part
        line[first] += np.float32(area)
        done = area
        for i in range(first + 1, last - 1):
            covered = step * (i + 0.5 - a)
            line[i] += np.float32(covered - done)
            done = covered
        rest = b - (last - 1)
        covered = dy - 0.5 * step * rest * rest
        line[last - 1] += np.float32(covered - done)
        line[last] += np.float32(dy - covered)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _outline(points, sums, width, height):  # type: ignore[no-untyped-def]
    n = points.shape[0]
    for k in range(n):
        x0, y0 = points[k, 0], points[k, 1]
        x1, y1 = points[(k + 1) % n, 0], points[(k + 1) % n, 1]
        low, high = min(y0, y1), max(y0, y1)
        if high > 0.0 and low < height and low != high:
            _edge(sums, x0, y0, x1, y1, width, height)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _fill(sums, width):  # type: ignore[no-untyped-def]
    for y in range(sums.shape[0]):
        total = 0.0
        line = sums[y]
        for x in range(width):
            total += line[x]
            line[x] = np.float32(min(1.0, abs(total)))
