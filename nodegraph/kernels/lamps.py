"""Lamps in a panorama: the few that shine hardest, or all of it as a number of them.

*extract* takes what is far brighter than the rest and near together as one lamp, and puts the surroundings in its
place: lamps and the rest are all the light there was. *median_cut* divides a panorama into regions of equal light
(P. Debevec, "A Median Cut Algorithm for Light Probe Sampling", SIGGRAPH 2005 posters), each one a lamp at its middle.
"""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

from nodegraph.values.environment import Light, Lights

Plane = NDArray[np.float64]

_LUMA = np.array([0.2126, 0.7152, 0.0722])
#: A lamp is what is so many times brighter than the mean, down to this share of its own peak.
_OVER, _FALL = 12.0, 0.02
#: Of all light, what a lamp must have to be one; and how far (degrees) it may reach.
_LEAST, _REACH = 0.02, 12.0


def solid_angles(height: int, width: int) -> Plane:
    """Steradians (height, 1) of a lat-long panorama's pixels."""
    edges = np.sin(pi / 2 - np.arange(height + 1) / height * pi)
    return np.asarray(((edges[:-1] - edges[1:]) * (2 * pi / width))[:, None])


def directions(height: int, width: int) -> Plane:
    """Unit vectors (3, height, width) of its pixels' middles."""
    e = (pi / 2 - (np.arange(height) + 0.5) / height * pi)[:, None]
    a = ((np.arange(width) + 0.5) / width * 2 * pi - pi)[None]
    return np.stack(np.broadcast_arrays(np.sin(a) * np.cos(e), np.sin(e), -np.cos(a) * np.cos(e)))


def extract(panorama: NDArray[np.floating], most: int = 2) -> tuple[Lights, NDArray[np.float32]]:
    """The brightest lamps of a panorama (3, height, width), and what remains of it."""
    rest = panorama.astype(np.float64)
    height, width = rest.shape[1:]
    solid, where = solid_angles(height, width), directions(height, width)
    found = []
    for number in range(most):
        bright = np.tensordot(_LUMA, rest, 1)
        mean = float((bright * solid).sum() / (4 * pi))
        y, x = np.unravel_index(int(bright.argmax()), bright.shape)
        peak = float(bright[y, x])
        if peak < _OVER * mean or mean <= 0:
            break
        near = np.tensordot(where[:, y, x], where, 1) > np.cos(np.radians(_REACH))
        around = np.tensordot(where[:, y, x], where, 1) > np.cos(np.radians(1.6 * _REACH))
        level = np.array([np.median(plane[around & ~near]) for plane in rest])
        part = near & (bright > max(_FALL * peak, 2 * float(_LUMA @ level)))
        light = np.where(part, rest - level[:, None, None], 0) * solid
        light = np.maximum(light, 0)
        colour = light.sum((1, 2))
        share = float(_LUMA @ colour) / max(mean * 4 * pi, 1e-12)
        if share < _LEAST:
            break
        weight = np.tensordot(_LUMA, light, 1)
        middle = (where * weight).sum((1, 2))
        middle /= np.linalg.norm(middle)
        area = float((weight.sum() ** 2) / max(float((weight**2 / solid).sum()), 1e-30))
        r, g, b = (float(v) for v in colour)
        at = (float(middle[0]), float(middle[1]), float(middle[2]))
        found.append(
            Light("directional", (r, g, b), at, size=float(np.degrees(np.sqrt(area / pi))), name=f"lamp {number + 1}")
        )
        rest -= light / solid
    return Lights(tuple(found)), rest.astype(np.float32)


def median_cut(panorama: NDArray[np.floating], count: int) -> Lights:
    """About `count` directional lights (the next power of two) that hold all the light of a panorama."""
    height, width = panorama.shape[1:]
    energy = panorama.astype(np.float64) * solid_angles(height, width)
    bright = np.tensordot(_LUMA, energy, 1)
    e = pi / 2 - (np.arange(height) + 0.5) / height * pi
    regions = [(0, height, 0, width)]
    for _ in range(max(0, int(np.ceil(np.log2(max(count, 1)))))):
        regions = [half for region in regions for half in _cut(bright, e, region)]
    where = directions(height, width)
    lights = []
    for number, (y0, y1, x0, x1) in enumerate(regions):
        part = bright[y0:y1, x0:x1]
        total = energy[:, y0:y1, x0:x1].sum((1, 2))
        if part.sum() <= 0:
            continue
        middle = (where[:, y0:y1, x0:x1] * part).sum((1, 2))
        middle /= max(float(np.linalg.norm(middle)), 1e-12)
        spread = np.degrees(np.sqrt(float(solid_angles(height, width)[y0:y1].sum()) * (x1 - x0) / pi))
        r, g, b = (float(v) for v in total)
        at = (float(middle[0]), float(middle[1]), float(middle[2]))
        lights.append(Light("directional", (r, g, b), at, size=float(spread), name=f"light {number + 1}"))
    return Lights(tuple(lights))


def _cut(bright: Plane, elevation: Plane, region: tuple[int, int, int, int]) -> list[tuple[int, int, int, int]]:
    """Two halves of equal light, across the longer side as it is on the sphere."""
    y0, y1, x0, x1 = region
    part = bright[y0:y1, x0:x1]
    wide = (x1 - x0) * float(np.cos(elevation[(y0 + y1) // 2]))
    along_x = (wide >= y1 - y0 or y1 - y0 < 2) and x1 - x0 >= 2
    if not along_x and y1 - y0 < 2:
        return [region]
    sums = np.cumsum(part.sum(0 if along_x else 1))
    at = int(np.searchsorted(sums, 0.5 * sums[-1])) + 1
    at = min(max(at, 1), len(sums) - 1)
    if along_x:
        return [(y0, y1, x0, x0 + at), (y0, y1, x0 + at, x1)]
    return [(y0, y0 + at, x0, x1), (y0 + at, y1, x0, x1)]
