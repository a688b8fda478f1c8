"""Reconstruction filters: how a picture is read between its pixels.

Every filter is an even function of the distance to a pixel's centre, in source pixels. Where
a picture shrinks, the function is stretched by the shrinking (and its weights normalised), so
that it also keeps out what the smaller picture can't hold.

Sources: R. Keys, "Cubic Convolution Interpolation for Digital Image Processing" (1981) for
Catmull-Rom, which is his a = -1/2; D. Mitchell and A. Netravali, "Reconstruction Filters in
Computer Graphics" (1988) for the family (B, C) that holds all three cubics; C. Lanczos,
"Applied Analysis" (1956) and K. Turkowski, "Filters for Common Resampling Tasks" (1990) for
Lanczos with three lobes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import ceil

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import CookError, did_you_mean

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Reconstruction:
    """A filter: `profile(distance)` is zero from `radius` on.

    `interpolating`: 1 at its own pixel, 0 at all others, so whole-pixel moves change nothing.
    `widens`: stretched where the picture shrinks. `degree`: of the polynomials that give its
    weights between two pixels (exact but for Lanczos, there within 1e-7).
    """

    name: str
    radius: float
    profile: Callable[[Doubles], Doubles]
    interpolating: bool
    degree: int
    widens: bool = True

    @property
    def taps(self) -> int:
        """How many pixels along an axis a value is read from where the picture doesn't shrink."""
        return max(1, ceil(2 * self.radius))

    def stretch(self, shrinking: float) -> float:
        """How much wider the filter is where one output pixel steps over `shrinking` source pixels."""
        return max(1.0, shrinking) if self.widens else 1.0


def _box(x: Doubles) -> Doubles:
    return np.where((x >= -0.5) & (x < 0.5), 1.0, 0.0)


def _triangle(x: Doubles) -> Doubles:
    return np.asarray(np.maximum(1 - np.abs(x), 0))


def _cubic(b: float, c: float) -> Callable[[Doubles], Doubles]:
    """Mitchell and Netravali's equation 8."""

    def profile(x: Doubles) -> Doubles:
        x = np.abs(x)
        near = (12 - 9 * b - 6 * c) * x**3 + (-18 + 12 * b + 6 * c) * x**2 + (6 - 2 * b)
        far = (-b - 6 * c) * x**3 + (6 * b + 30 * c) * x**2 + (-12 * b - 48 * c) * x + (8 * b + 24 * c)
        return np.where(x < 1, near, np.where(x < 2, far, 0.0)) / 6

    return profile


def _lanczos3(x: Doubles) -> Doubles:
    inside = np.abs(x) < 3
    value = np.where(inside, np.sinc(x) * np.sinc(x / 3), 0.0)
    whole = np.round(x)  # np.sinc leaves 1e-17 where there should be nothing
    return np.where((x == whole) & (whole != 0), 0.0, value)


_ALL = (
    Reconstruction("impulse", 0.5, _box, True, 0, widens=False),
    Reconstruction("box", 0.5, _box, True, 0),
    Reconstruction("bilinear", 1, _triangle, True, 1),
    Reconstruction("cubic", 2, _cubic(1, 0), False, 3),
    Reconstruction("catmull-rom", 2, _cubic(0, 0.5), True, 3),
    Reconstruction("mitchell", 2, _cubic(1 / 3, 1 / 3), False, 3),
    Reconstruction("lanczos3", 3, _lanczos3, True, 9),
)
#: By name: `impulse` takes the nearest pixel, never widened; `cubic` is the B-spline, which smooths.
FILTERS = {f.name: f for f in _ALL}


def reconstruction(name: str) -> Reconstruction:
    """The filter of that name, or a CookError that names the closest."""
    try:
        return FILTERS[name]
    except KeyError:
        hint = did_you_mean(name, FILTERS) or f"one of {', '.join(FILTERS)}"
        raise CookError(f"there is no reconstruction filter {name!r}", hint=hint) from None


@cache
def tap_polynomials(name: str) -> NDArray[np.float32]:
    """Weights between two pixels: (degree + 1, taps), the highest power first.

    Tap k weighs `sum_i p[i, k] * t**(degree - i)`, for t in [0, 1) from the centre of tap
    `taps/2 - 1` towards the next; at t = 0 they are the filter's own values exactly.
    """
    filter = reconstruction(name)
    taps, degree = filter.taps, filter.degree
    if degree == 0:
        return np.ones((1, taps), np.float32)
    t = (1 - np.cos(np.pi * (np.arange(64) + 0.5) / 64)) / 2  # Chebyshev's points: nearly minimax
    at = np.arange(taps) - (taps // 2 - 1)

    def weights(t: Doubles) -> Doubles:
        w = filter.profile(at - t[:, None])
        return np.asarray(w / w.sum(axis=1, keepdims=True))

    start = weights(np.zeros(1))[0]
    powers = t[:, None] ** np.arange(degree, 0, -1)
    p, *_ = np.linalg.lstsq(powers, weights(t) - start, rcond=None)
    p = np.vstack([p, start])
    p[np.abs(p) < 1e-12] = 0
    made = np.ascontiguousarray(p, np.float32)
    made.flags.writeable = False
    return made


#: Entries of a profile table for one source pixel.
PROFILE_STEPS = 1024


@cache
def profile_table(name: str) -> NDArray[np.float32]:
    """The profile at distances 0, 1/1024, ... as far as its radius, and two zeros beyond."""
    filter = reconstruction(name)
    n = int(filter.radius * PROFILE_STEPS)
    table = np.zeros(n + 3, np.float32)
    x = np.arange(n + 1) / PROFILE_STEPS
    table[: n + 1] = filter.profile(np.minimum(x, np.nextafter(filter.radius, 0)))
    if filter.degree:
        table[n] = 0
    table.flags.writeable = False
    return table
