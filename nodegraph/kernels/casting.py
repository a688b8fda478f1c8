# ruff: noqa: TID253
"""The shadow of a flat actor on level ground.

The actor stands upright in the plane z = 0 with the feet on a line of the picture; the ground goes from there to the
horizon and towards the camera. From a pixel of the ground the ray to the light crosses the actor's plane at

    t = H / (horizon - y),   z = (1 - t) f,   s = -z / l_z,   (X, Y) = ((x - middle) t + s l_x, s l_y)

H being how far the horizon lies over the feet, f the focal length, all in pixels of the actor's plane; there the matte is
read, the softer the longer the ray was (J. Blinn, "Me and My (Fake) Shadow", 1988, for the projection).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL
from nodegraph.kernels.pool import Pool

Plane = NDArray[np.float32]


class Stage(NamedTuple):
    """Rows and columns in pixels of the matte, y downwards: where the feet are, the horizon, the picture's middle; the
    focal length; the light's direction (x right, y up, z towards the camera)."""

    feet: float
    horizon: float
    middle: float
    focal: float
    light: tuple[float, float, float]
    softness: float
    contact: float
    fade: float


def cast(
    mattes: Plane, sigmas: tuple[float, float, float], stage: Stage, corner: tuple[int, int], out: Plane, pool: Pool
) -> None:
    """Fill `out` (height, width), whose first pixel lies at `corner` (x, y) of the mattes (3, rows, columns), the same one
    blurred by `sigmas` pixels, with how dark the shadow is, 0..1."""
    x, y, z = stage.light
    z = np.copysign(max(abs(z), 0.12), z if z else -1.0)
    numbers = np.array(
        [
            stage.feet,
            stage.horizon,
            stage.middle,
            stage.focal,
            x,
            max(y, 0.02),
            z,
            stage.softness,
            stage.contact,
            stage.fade,
            *sigmas,
        ]
    )
    pool.map(out.shape[0], lambda a, b: _cast(mattes, numbers, corner[0], corner[1], out, a, b), 8)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _read(plane, x, y):  # type: ignore[no-untyped-def]
    """Between pixels; 0 beyond, but below the frame what was last seen."""
    rows, columns = plane.shape
    x, y = x - 0.5, min(y - 0.5, rows - 1.0)
    if x < -1.0 or y < -1.0 or x > columns or rows == 0:
        return 0.0
    i, j = int(np.floor(x)), int(np.floor(y))
    a, b = x - i, y - j
    total = 0.0
    for dj in range(2):
        for di in range(2):
            if 0 <= i + di < columns and 0 <= j + dj < rows:
                total += (a if di else 1.0 - a) * (b if dj else 1.0 - b) * plane[j + dj, i + di]
    return total


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _soft(mattes, x, y, sigma, s0, s1, s2):  # type: ignore[no-untyped-def]
    """The matte blurred by any sigma, between those there are."""
    if sigma <= s1:
        share = min(max((sigma - s0) / max(s1 - s0, 1e-6), 0.0), 1.0)
        return _read(mattes[0], x, y) * (1.0 - share) + share * _read(mattes[1], x, y)
    share = min((sigma - s1) / max(s2 - s1, 1e-6), 1.0)
    return _read(mattes[1], x, y) * (1.0 - share) + share * _read(mattes[2], x, y)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _cast(mattes, numbers, x0, y0, out, row0, row1):  # type: ignore[no-untyped-def]
    feet, horizon, middle, focal = numbers[0], numbers[1], numbers[2], numbers[3]
    lx, ly, lz = numbers[4], numbers[5], numbers[6]
    softness, contact, fade = numbers[7], numbers[8], numbers[9]
    s0, s1, s2 = numbers[10], numbers[11], numbers[12]
    tall = max(feet - horizon, 1.0)
    for row in range(row0, row1):
        y = y0 + row + 0.5
        below = y - horizon
        for column in range(out.shape[1]):
            out[row, column] = np.float32(0)
        if below < 0.5:
            continue
        t = tall / below
        z = (1.0 - t) * focal
        s = -z / lz
        near = abs(y - feet)
        touch = contact * np.exp(-near / (0.06 * tall + 2.0))
        for column in range(out.shape[1]):
            x = x0 + column + 0.5
            dark = 0.0
            if s >= 0.0:
                across, up = (x - middle) * t + s * lx, s * ly
                dark = _soft(mattes, middle + across, feet - up, s0 + softness * s, s0, s1, s2) * np.exp(-fade * s)
            if touch > 0.002:
                dark = max(dark, touch * _read(mattes[1], x, min(feet - 0.35 * near, feet - 1.0)))
            out[row, column] = np.float32(min(max(dark, 0.0), 1.0))
