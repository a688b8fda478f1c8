"""Matrices of picture transforms.

Users think in pixels with y upward from the bottom of the display window; memory counts y
downward. Matrices here are 3x3 float64, `point_out = m @ point_in` on column vectors (x, y, 1).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nodegraph.values import Window

Matrix = NDArray[np.float64]
Point = Sequence[float]


def translation(x: float, y: float) -> Matrix:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)


def scaling(x: float, y: float) -> Matrix:
    return np.array([[x, 0, 0], [0, y, 0], [0, 0, 1]], np.float64)


def rotation(degrees: float) -> Matrix:
    """Counter-clockwise with y upward; exact at quarter turns."""
    quarters, rest = divmod(degrees, 90)
    c, s = np.cos(np.radians(rest)), np.sin(np.radians(rest))
    for _ in range(int(quarters) % 4):
        c, s = -s, c
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], np.float64)


def shear(x: float, y: float) -> Matrix:
    """x moves by `x` for each pixel of y, y by `y` for each pixel of x."""
    return np.array([[1, x, 0], [y, 1, 0], [0, 0, 1]], np.float64)


def upward(display: Window) -> Matrix:
    """Between memory and y upward from the display window's bottom left; its own inverse but for x0."""
    return np.array([[1, 0, -display.x0], [0, -1, display.y1], [0, 0, 1]], np.float64)


def in_memory(inverse: Matrix, output: Window, input: Window) -> Matrix:
    """A map from output to input positions, y upward, as one between their positions in memory."""
    return np.asarray(np.linalg.inv(upward(input)) @ inverse @ upward(output))


def inverted(matrix: Matrix) -> Matrix:
    """The inverse; all zeros if there is none, which the resampler takes as "nothing to see"."""
    scale = float(np.abs(matrix).max())
    if not np.isfinite(scale) or scale == 0 or abs(float(np.linalg.det(matrix / scale))) < 1e-14:
        return np.zeros((3, 3))
    return np.asarray(np.linalg.inv(matrix))


def homography(source: Sequence[Point], target: Sequence[Point]) -> Matrix:
    """The projective map that takes four points to four others; all zeros if three lie in a line.

    Solved as P. Heckbert, "Fundamentals of Texture Mapping and Image Warping" (1989), 2.2.3,
    through the unit square.
    """
    a, b = _from_square(source), _from_square(target)
    return np.asarray(b @ inverted(a))


def _from_square(corners: Sequence[Point]) -> Matrix:
    """The map that takes (0,0) (1,0) (1,1) (0,1) to these corners."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = ((float(p[0]), float(p[1])) for p in corners)
    dx1, dx2, dx3 = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, dy3 = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    below = dx1 * dy2 - dx2 * dy1
    if below == 0:
        return np.zeros((3, 3))
    g = (dx3 * dy2 - dx2 * dy3) / below
    h = (dx1 * dy3 - dx3 * dy1) / below
    return np.array([[x1 - x0 + g * x1, x3 - x0 + h * x3, x0], [y1 - y0 + g * y1, y3 - y0 + h * y3, y0], [g, h, 1]])
