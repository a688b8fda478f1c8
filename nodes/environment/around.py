"""A picture as the middle of a world that isn't there yet, and pictures brought to a size."""

from __future__ import annotations

from math import ceil, radians, tan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nodegraph.values import Window

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool

Planes = NDArray[np.float32]

#: What stands where nothing is known: inpainting models are trained on grey there.
UNKNOWN = 0.5


def fitted(planes: Planes, width: int, height: int, pool: Pool) -> Planes:
    """Planes `(channels, height, width)` at another size, their edges going on."""
    from nodegraph.kernels.resample import warp_projective

    rows, columns = planes.shape[1:]
    if (columns, rows) == (width, height):
        return planes
    across, down = columns / width, rows / height
    source, window = _edged(planes, ceil(max(across, down, 1)) + 1)
    out = np.empty((planes.shape[0], height, width), np.float32)
    warp_projective(source, out, np.diag([across, down, 1.0]), Window.sized(width, height), window, "bilinear", pool)
    return out


def _edged(planes: Planes, reach: int) -> tuple[Planes, Window]:
    """Grown by its own edges, and where that lies."""
    grown = np.pad(planes, ((0, 0), (reach, reach), (reach, reach)), mode="edge")
    return grown, Window.sized(planes.shape[2], planes.shape[1]).grow(reach, reach)


def around(planes: Planes, width: int, height: int, covers: float, pool: Pool) -> tuple[Planes, NDArray[np.bool_]]:
    """Planes in the middle of a lat-long panorama, as a lens that sees `covers` degrees across shows them; and where they are."""
    from nodegraph.kernels.resample import sample_at

    rows, columns = planes.shape[1:]
    azimuth = np.radians((np.arange(width) + 0.5) / width * 360 - 180)[None]
    elevation = np.radians(90 - (np.arange(height) + 0.5) / height * 180)[:, None]
    ahead = np.cos(azimuth) * np.cos(elevation)
    focal = columns / 2 / tan(radians(covers) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.where(ahead > 1e-6, columns / 2 + focal * np.sin(azimuth) * np.cos(elevation) / ahead, np.nan)
        v = np.where(ahead > 1e-6, rows / 2 - focal * np.sin(elevation) / ahead, np.nan)
    known = (u >= 0) & (u <= columns) & (v >= 0) & (v <= rows)
    u, v = np.where(known, u, np.nan), np.where(known, v, np.nan)
    source, window = _edged(planes, 8)
    out = np.empty((planes.shape[0], height, width), np.float32)
    sample_at(source, out, u.astype(np.float32), v.astype(np.float32), window, "bilinear", pool)
    return out, known
