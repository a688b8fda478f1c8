# ruff: noqa: TID253
"""Cameras in a panorama.

Where a pixel's ray meets the panorama is a smooth function of the pixel: it is computed for a grid of every eighth
pixel and read between, a thousandth of a pixel off at most for lenses of everyday; near the poles, where that isn't
smooth, for each. Colours are read bilinearly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL
from nodegraph.kernels.pool import Pool

Plane = NDArray[np.float32]
#: Azimuths left..right and elevations top..bottom, in degrees.
Extent = tuple[float, float, float, float]
WHOLE: Extent = (-180.0, 180.0, 90.0, -90.0)
_GRID = 8
#: Above this height (of a unit direction) each pixel is computed by itself.
_STEEP = 0.88


class Camera(NamedTuple):
    """`focal` is in pixels, `centre` (x, y) where the axis meets the picture in pixels, y downwards; angles in
    degrees: pan to the right, tilt upwards, roll clockwise (the picture turns the other way)."""

    focal: float
    centre: tuple[float, float]
    pan: float = 0.0
    tilt: float = 0.0
    roll: float = 0.0

    def matrix(self) -> NDArray[np.float64]:
        """From the camera's axes (x right, y up, z backwards) to the world's."""
        a, b, c = np.radians([-self.pan, self.tilt, -self.roll])
        pan = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
        tilt = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
        roll = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
        return np.asarray(pan @ tilt @ roll)


def rays(camera: Camera, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit directions (3, rows, columns) of pixel positions (y downwards)."""
    u = (x - camera.centre[0]) / camera.focal
    v = (camera.centre[1] - y) / camera.focal
    u, v = np.broadcast_arrays(u, v)
    local = np.stack([u, v, np.full(u.shape, -1.0)])
    turned = np.einsum("ij,jyx->iyx", camera.matrix(), local)
    return np.asarray(turned / np.linalg.norm(turned, axis=0))


def extent(camera: Camera, width: int, height: int) -> Extent:
    """What of the panorama a picture shows: the smallest window round it; all azimuths if it sees a pole."""
    edge = np.concatenate(
        [
            rays(camera, np.linspace(0, width, 65)[None], np.array([[0.0]])).reshape(3, -1),
            rays(camera, np.linspace(0, width, 65)[None], np.array([[float(height)]])).reshape(3, -1),
            rays(camera, np.array([[0.0]]), np.linspace(0, height, 65)[:, None]).reshape(3, -1),
            rays(camera, np.array([[float(width)]]), np.linspace(0, height, 65)[:, None]).reshape(3, -1),
        ],
        axis=1,
    )
    inside = rays(camera, np.linspace(0, width, 33)[None], np.linspace(0, height, 33)[:, None]).reshape(3, -1)
    elevation = np.degrees(np.arcsin(np.clip(np.concatenate([edge, inside], 1)[1], -1, 1)))
    middle = rays(camera, np.array([[width / 2]]), np.array([[height / 2]]))[:, 0, 0]
    centre = float(np.degrees(np.arctan2(middle[0], -middle[2])))
    azimuth = (np.degrees(np.arctan2(edge[0], -edge[2])) - centre + 180) % 360 - 180
    for pole in (1.0, -1.0):
        local = camera.matrix().T @ np.array([0.0, pole, 0.0])
        if local[2] < -1e-9:
            x = camera.centre[0] + camera.focal * local[0] / -local[2]
            y = camera.centre[1] - camera.focal * local[1] / -local[2]
            if 0 <= x <= width and 0 <= y <= height:
                top, bottom = (90.0, float(elevation.min())) if pole > 0 else (float(elevation.max()), -90.0)
                return -180.0, 180.0, top, bottom
    margin = 0.25
    return (
        centre + float(azimuth.min()) - margin, centre + float(azimuth.max()) + margin,
        min(float(elevation.max()) + margin, 90.0), max(float(elevation.min()) - margin, -90.0),
    )  # fmt: skip


def project(source: Plane, seen: Extent, camera: Camera, corner: tuple[int, int], out: Plane, pool: Pool) -> None:
    """Fill `out` (3, height, width), whose first pixel lies at `corner` (x, y) of the picture, from a panorama
    (3, rows, columns) that covers `seen`."""
    _, height, width = out.shape
    gy, gx = -(-height // _GRID) + 1, -(-width // _GRID) + 1
    x = corner[0] + 0.5 + _GRID * np.arange(gx)[None]
    y = corner[1] + 0.5 + _GRID * np.arange(gy)[:, None]
    d = rays(camera, x.astype(np.float64), y.astype(np.float64))
    left, right, top, bottom = seen
    middle = 0.5 * (left + right)
    azimuth = (np.degrees(np.arctan2(d[0], -d[2])) - middle + 180) % 360 - 180 + middle
    u = (azimuth - left) / (right - left) * source.shape[2] - 0.5
    v = (top - np.degrees(np.arcsin(np.clip(d[1], -1, 1)))) / (top - bottom) * source.shape[1] - 0.5
    around = right - left >= 359.999
    most = np.maximum(
        np.maximum(np.abs(d[1, :-1, :-1]), np.abs(d[1, 1:, :-1])),
        np.maximum(np.abs(d[1, :-1, 1:]), np.abs(d[1, 1:, 1:])),
    )
    steep = most > _STEEP
    lens = np.array(
        [camera.focal, camera.centre[0] - corner[0], camera.centre[1] - corner[1], left, right, top, bottom]
    )
    matrix = camera.matrix()
    pool.map(height, lambda a, b: _project(source, u, v, steep, lens, matrix, around, out, a, b), 16)


def part(source: Plane, seen: Extent, width: int, height: int, pool: Pool) -> Plane:
    """A window of a panorama (3, rows, columns) at another size, read bilinearly."""
    left, right, top, bottom = seen
    out = np.empty((3, height, width), np.float32)
    columns = (left + (np.arange(width) + 0.5) * (right - left) / width + 180) / 360 * source.shape[2] - 0.5
    rows = (90 - (top + (np.arange(height) + 0.5) * (bottom - top) / height)) / 180 * source.shape[1] - 0.5
    pool.map(height, lambda a, b: _part(source, columns, rows, out, a, b), 16)
    return out


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _project(source, u, v, steep, lens, matrix, around, out, y0, y1):  # type: ignore[no-untyped-def]
    rows, columns = source.shape[1:]
    _height, width = out.shape[1:]
    for y in range(y0, y1):
        j = y // _GRID
        b = (y - j * _GRID) / _GRID
        for i in range(u.shape[1] - 1):
            u0, u1 = u[j, i] + b * (u[j + 1, i] - u[j, i]), u[j, i + 1] + b * (u[j + 1, i + 1] - u[j, i + 1])
            v0, v1 = v[j, i] + b * (v[j + 1, i] - v[j, i]), v[j, i + 1] + b * (v[j + 1, i + 1] - v[j, i + 1])
            if abs(u1 - u0) > 0.5 * columns:  # the seam behind the camera lies between
                u1 += columns if u1 < u0 else -columns
            du, dv = (u1 - u0) / _GRID, (v1 - v0) / _GRID
            for x in range(i * _GRID, min(width, (i + 1) * _GRID)):
                n = x - i * _GRID
                s, t = u0 + n * du, v0 + n * dv
                if steep[j, i]:
                    s, t = _exactly(x, y, lens, matrix, rows, columns)
                t = min(max(t, 0.0), rows - 1.0)
                if around:
                    s = s + columns if s < 0.0 else s
                    s = s - columns if s >= columns else s
                else:
                    s = min(max(s, 0.0), columns - 1.0)
                c, r = int(s), int(t)
                c2, r2 = c + 1, min(r + 1, rows - 1)
                if c2 >= columns:
                    c2 = 0 if around else columns - 1
                f, g = np.float32(s - c), np.float32(t - r)
                for k in range(3):
                    low = source[k, r, c] + f * (source[k, r, c2] - source[k, r, c])
                    high = source[k, r2, c] + f * (source[k, r2, c2] - source[k, r2, c])
                    out[k, y, x] = low + g * (high - low)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _exactly(x, y, lens, matrix, rows, columns):  # type: ignore[no-untyped-def]
    """Where a pixel's ray meets the panorama."""
    a, b = (x + 0.5 - lens[1]) / lens[0], (lens[2] - y - 0.5) / lens[0]
    dx = matrix[0, 0] * a + matrix[0, 1] * b - matrix[0, 2]
    dy = matrix[1, 0] * a + matrix[1, 1] * b - matrix[1, 2]
    dz = matrix[2, 0] * a + matrix[2, 1] * b - matrix[2, 2]
    middle = 0.5 * (lens[3] + lens[4])
    azimuth = (np.degrees(np.arctan2(dx, -dz)) - middle + 180.0) % 360.0 - 180.0 + middle
    elevation = np.degrees(np.arcsin(dy / np.sqrt(dx * dx + dy * dy + dz * dz)))
    u = (azimuth - lens[3]) / (lens[4] - lens[3]) * columns - 0.5
    return u, (lens[5] - elevation) / (lens[5] - lens[6]) * rows - 0.5


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _part(source, columns, rows, out, y0, y1):  # type: ignore[no-untyped-def]
    high, wide = source.shape[1:]
    for y in range(y0, y1):
        t = min(max(rows[y], 0.0), high - 1.0)
        r = int(t)
        r2, g = min(r + 1, high - 1), np.float32(t - r)
        for x in range(columns.size):
            s = columns[x]
            c = int(np.floor(s))
            f = np.float32(s - c)
            c, c2 = c % wide, (c + 1) % wide
            for k in range(3):
                low = source[k, r, c] + f * (source[k, r, c2] - source[k, r, c])
                over = source[k, r2, c] + f * (source[k, r2, c2] - source[k, r2, c])
                out[k, y, x] = low + g * (over - low)
