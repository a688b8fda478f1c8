"""The distortion of lenses: D. Brown, "Decentering Distortion of Lenses" (1966), as OpenCV has it.

A point of an ideal picture, in focal lengths from the optical axis (x right, y down), lies at

    x' = x (1 + k1 r2 + k2 r2^2 + k3 r2^3) + 2 p1 x y + p2 (r2 + 2 x^2)
    y' = y (1 + k1 r2 + k2 r2^2 + k3 r2^3) + p1 (r2 + 2 y^2) + 2 p2 x y,    r2 = x^2 + y^2

in the picture of the lens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lens:
    k1: float = 0.0
    k2: float = 0.0
    k3: float = 0.0
    p1: float = 0.0
    p2: float = 0.0

    @property
    def straight(self) -> bool:
        return not (self.k1 or self.k2 or self.k3 or self.p1 or self.p2)


def distorted(x: Doubles, y: Doubles, lens: Lens) -> tuple[Doubles, Doubles]:
    """Where points of the ideal picture lie in the lens's."""
    r2 = x * x + y * y
    radial = 1 + r2 * (lens.k1 + r2 * (lens.k2 + r2 * lens.k3))
    across = x * radial + 2 * lens.p1 * x * y + lens.p2 * (r2 + 2 * x * x)
    down = y * radial + lens.p1 * (r2 + 2 * y * y) + 2 * lens.p2 * x * y
    return across, down


def undistorted(x: Doubles, y: Doubles, lens: Lens, steps: int = 12) -> tuple[Doubles, Doubles]:
    """Where points of the lens's picture lie in the ideal one, by Newton's method.

    NaN where the lens maps nothing there (beyond the turning point of a strong k1).
    """
    u, v = x.copy(), y.copy()
    for _ in range(steps):
        r2 = u * u + v * v
        radial = 1 + r2 * (lens.k1 + r2 * (lens.k2 + r2 * lens.k3))
        slope = 2 * (lens.k1 + r2 * (2 * lens.k2 + 3 * r2 * lens.k3))
        fx, fy = distorted(u, v, lens)
        xx = radial + slope * u * u + 2 * lens.p1 * v + 6 * lens.p2 * u
        xy = slope * u * v + 2 * lens.p1 * u + 2 * lens.p2 * v
        yy = radial + slope * v * v + 6 * lens.p1 * v + 2 * lens.p2 * u
        det = xx * yy - xy * xy
        with np.errstate(divide="ignore", invalid="ignore"):
            u, v = u - (yy * (fx - x) - xy * (fy - y)) / det, v - (xx * (fy - y) - xy * (fx - x)) / det
    fx, fy = distorted(u, v, lens)
    found = np.hypot(fx - x, fy - y) < 1e-6
    return np.where(found, u, np.nan), np.where(found, v, np.nan)
