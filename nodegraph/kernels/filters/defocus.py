"""Defocus: the mean over an aperture, a disc or a polygon of blades, with a clean edge.

The aperture is flat, so from one row to the next only its rims change: the cost of a pixel
grows with the radius, not with the area (see `convolve.slide`, also for NaN and Inf).

Give it scene-linear, premultiplied pixels: only then do lamps keep their energy and soft
edges their colour.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, cos, pi, radians, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.kernels.filters.convolve import convolve_reach, slide
from nodegraph.kernels.filters.flat import Image, check
from nodegraph.kernels.pool import Pool

_LINES = 16
"""Lines per pixel row on which the outline is cut; along a line the cut is exact."""


def defocus_reach(radius: float, *, blades: int = 0, rotation: float = 0.0, ratio: float = 1.0) -> tuple[int, int]:
    """Pixels (x, y) that `defocus` reads beyond its output on each side."""
    return convolve_reach(_aperture(radius, blades, rotation, ratio))


def defocus(
    src: Image,
    dst: Image,
    radius: float,
    pool: Pool,
    *,
    blades: int = 0,
    rotation: float = 0.0,
    ratio: float = 1.0,
) -> None:
    """Spread every pixel evenly over an aperture of `radius` pixels; 0 changes nothing.

    `blades` 3 or more makes a regular polygon whose corners lie on that circle, the first one
    at `rotation` degrees counter-clockwise from the x axis (y up); 0 makes a disc. `ratio` is
    width over height (anamorphic lenses: < 1), the height staying. Pixels that the outline cuts
    count by the part of them inside it, so all parameters may change smoothly.
    """
    aperture = _aperture(radius, blades, rotation, ratio)
    check("defocus", src, dst, convolve_reach(aperture))
    slide(src, dst, aperture, pool)


@lru_cache(maxsize=128)
def _aperture(radius: float, blades: int, rotation: float, ratio: float) -> NDArray[np.float64]:
    """What part of each pixel around the centre the aperture covers; the sum is 1."""
    if blades in (1, 2) or blades < 0:
        raise CookError(f"an aperture can't have {blades} blades", hint="3 or more, or 0 for a disc")
    if not ratio > 0:
        raise CookError(f"an aperture can't have a ratio of {ratio:g}", hint="it is width over height, > 0")
    radius = max(radius, 0.0)
    # Light through the aperture's top lands at the top; gathering looks the other way: mirrored.
    corners = [
        (-radius * ratio * cos(a), radius * sin(a))
        for a in (radians(rotation) + 2 * pi * k / blades for k in range(blades))
    ]
    top, bottom = (min(y for _, y in corners), max(y for _, y in corners)) if corners else (-radius, radius)

    def chord(y: float) -> tuple[float, float]:
        if not corners:
            half = ratio * sqrt(max(0.0, radius * radius - y * y))
            return -half, half
        hits = []
        for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1]):
            if min(y0, y1) <= y <= max(y0, y1):
                hits += [x0, x1] if y0 == y1 else [x0 + (x1 - x0) * (y - y0) / (y1 - y0)]
        return min(hits), max(hits)

    reach_y = max(0, ceil(radius - 0.5))
    reach_x = max(0, ceil(radius * ratio - 0.5))
    coverage = np.zeros((2 * reach_y + 1, 2 * reach_x + 1))
    pixels = np.arange(-reach_x, reach_x + 1)
    for row in range(-reach_y, reach_y + 1):
        low, high = max(row - 0.5, top), min(row + 0.5, bottom)
        for k in range(_LINES if high > low else 0):
            left, right = chord(low + (high - low) * (k + 0.5) / _LINES)
            inside = np.minimum(right, pixels + 0.5) - np.maximum(left, pixels - 0.5)
            coverage[row + reach_y] += np.clip(inside, 0, 1) * ((high - low) / _LINES)
    coverage[coverage < 1e-6] = 0
    if not coverage.any():
        return np.ones((1, 1))
    used_y, used_x = (np.flatnonzero(coverage.any(axis)) for axis in (1, 0))
    cut_y = min(used_y[0], 2 * reach_y - used_y[-1])
    cut_x = min(used_x[0], 2 * reach_x - used_x[-1])
    coverage = coverage[cut_y : len(coverage) - cut_y, cut_x : coverage.shape[1] - cut_x]
    coverage[coverage > 1 - 1e-9] = 1  # flat inside, to the bit
    aperture: NDArray[np.float64] = coverage / coverage.sum()
    aperture.flags.writeable = False
    return aperture
