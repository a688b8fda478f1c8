"""Light from all around in nine numbers a channel: spherical harmonics up to the second order.

R. Ramamoorthi and P. Hanrahan, "An Efficient Representation for Irradiance Environment Maps" (SIGGRAPH 2001): what a
matt surface gathers from a panorama is, but for 1 % on average, these nine. A lamp as small as the sun leaves up to a
tenth of its light in higher orders: take lamps out first (`nodegraph.kernels.lamps`).
"""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

Coefficients = NDArray[np.float64]

#: Of 1, y, z, x, xy, yz, 3zz-1, xz, xx-yy; and how much of each order a cosine lobe keeps.
_SCALE = np.array([0.282095, 0.488603, 0.488603, 0.488603, 1.092548, 1.092548, 0.315392, 1.092548, 0.546274])
_LOBE = np.array([pi, *[2 * pi / 3] * 3, *[pi / 4] * 5])


def basis(normals: NDArray[np.floating]) -> Coefficients:
    """The nine functions (9, ...) of unit vectors (3, ...)."""
    x, y, z = normals.astype(np.float64)
    rows = [np.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y]
    return np.asarray(np.stack(rows) * _SCALE.reshape(-1, *[1] * x.ndim))


def project(panorama: NDArray[np.floating]) -> Coefficients:
    """Radiance of a lat-long panorama (3, height, width) as (9, 3) coefficients, by exact solid angles of rows."""
    _, height, width = panorama.shape
    a = (np.arange(width) + 0.5) / width * 2 * pi - pi
    sine, cosine = np.sin(a), np.cos(a)
    across = np.stack([np.ones(width), sine, cosine, sine * sine, sine * cosine, cosine * cosine], -1)
    sums = (panorama.reshape(-1, width) @ across.astype(panorama.dtype)).reshape(3, height, 6).astype(np.float64)
    edges = np.sin(pi / 2 - np.arange(height + 1) / height * pi)
    solid = (edges[:-1] - edges[1:]) * (2 * pi / width)
    e = pi / 2 - (np.arange(height) + 0.5) / height * pi
    up, flat = np.sin(e), np.cos(e)
    one, x, z, xx, xz, zz = (sums[:, :, k] for k in range(6))  # x = sine flat, y = up, z = -cosine flat
    terms = [
        one, one * up, -z * flat, x * flat, x * flat * up, -z * flat * up, 3 * zz * flat**2 - one,
        -xz * flat**2, xx * flat**2 - one * up**2,
    ]  # fmt: skip
    return np.asarray(np.stack([(term * solid).sum(1) for term in terms]) * _SCALE[:, None])


def irradiance(coefficients: Coefficients) -> Coefficients:
    """From radiance to what a surface gathers."""
    return np.asarray(coefficients * _LOBE[:, None])


def evaluate(coefficients: Coefficients, normals: NDArray[np.floating]) -> NDArray[np.float64]:
    """The value (3, ...) in directions (3, ...)."""
    return np.asarray(np.einsum("k...,kc->c...", basis(normals), coefficients))


def polynomial(coefficients: Coefficients) -> NDArray[np.float32]:
    """The same as factors (9, 3) of 1, y, z, x, xy, yz, zz, xz, xx-yy: what kernels multiply out."""
    found = coefficients * _SCALE[:, None]
    found[0] -= found[6]
    found[6] *= 3
    return np.asarray(found, np.float32)
