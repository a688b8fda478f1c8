"""Moving a picture by a projective map, reading it through a reconstruction filter.

A map is a 3x3 matrix from output to input positions, both in pixels of memory (y down, centres
at +0.5). Along the axes the work is separable, and exact at every scale. Otherwise a row of the
result is made in two stages: positions and weights of all its pixels in float64 and from
polynomials, then the weighed sums, channel after channel, eight pixels at a time.

Where the map shrinks the picture the filter grows with it, pixel by pixel (P. Heckbert,
"Fundamentals of Texture Mapping and Image Warping", 1989, with the footprint's axes along the
picture's); what shrinks more than eightfold is shrunk along the axes first.
"""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import Image, grain, readable, writable
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.reconstruction import (
    Reconstruction,
    profile_table,
    reconstruction,
    tap_polynomials,
)
from nodegraph.kernels.separable import axis, separable
from nodegraph.kernels.warping import BOX, FAR, TALL, TILE, Desk, Extent, Lens, Map, rows
from nodegraph.values import Window
from nodegraph.values.window import EMPTY

Matrix = NDArray[np.float64]
Floats = NDArray[np.float32]

#: Pixels from the origin that a result reaches at the most: a plane seen at a grazing angle has no end.
LIMIT = 1 << 15
#: Positions with a smaller third coordinate lie behind, or too near, the eye.
_HORIZON = 1e-6
#: Beyond this the picture is first made smaller along its axes.
_STRETCH = 8.0


# --- windows ----------------------------------------------------------------------------


def source_window(matrix: Matrix, region: Window, filter: str) -> Window:
    """The part of the source that `region` of the result is made from."""
    corners = _mapped(matrix, region, 0.0)
    if corners.size == 0 or not _regular(matrix):
        return EMPTY
    used = _known(filter)
    stretch = _steepest(matrix, region, None, used)
    reach = np.array([used.radius * s + 1 for s in stretch])
    return _bounding(corners, reach, 1 << 30)


def mapped_window(matrix: Matrix, src_window: Window, filter: str) -> Window:
    """The data window of the result: where the source, grown by the filter, comes to lie."""
    if src_window.empty or not _regular(matrix):
        return EMPTY
    used = _known(filter)
    # A whole filter beyond its rim nothing is left; half a pixel of that is the rim pixel itself.
    grown = max(0.0, used.radius - 0.5) if not _whole_pixels(matrix, used) else 0.0
    corners = _mapped(np.asarray(np.linalg.inv(matrix), np.float64), src_window, grown)
    if corners.size == 0:
        return EMPTY
    return _bounding(corners, np.zeros(2), LIMIT)


def _regular(matrix: Matrix) -> bool:
    """Whether the map can be turned round."""
    if not np.isfinite(matrix).all():
        return False
    scale = float(np.abs(matrix).max())
    return scale > 0 and abs(float(np.linalg.det(matrix / scale))) > 1e-14


def _mapped(matrix: Matrix, window: Window, grown: float) -> Matrix:
    """Corners (n, 2) of a window's image, cut at the horizon; none if all of it lies behind."""
    x0, y0, x1, y1 = window.x0 - grown, window.y0 - grown, window.x1 + grown, window.y1 + grown
    points = np.array([[x0, y0, 1], [x1, y0, 1], [x1, y1, 1], [x0, y1, 1]], np.float64) @ matrix.T
    near = _HORIZON * max(1e-12, float(np.abs(points[:, 2]).max()))
    kept: list[NDArray[np.float64]] = []
    for a, b in zip(points, np.roll(points, -1, 0), strict=True):
        if a[2] >= near:
            kept.append(a)
        if (a[2] >= near) != (b[2] >= near):
            kept.append(a + (b - a) * ((near - a[2]) / (b[2] - a[2])))
    if not kept:
        return np.empty((0, 2))
    found = np.array(kept)
    return np.asarray(found[:, :2] / found[:, 2:])


def _bounding(corners: Matrix, grown: NDArray[np.float64], limit: int) -> Window:
    low = np.clip(corners.min(0) - grown + 1e-6, -limit, limit)
    high = np.clip(corners.max(0) + grown - 1e-6, -limit, limit)
    return Window(floor(low[0]), floor(low[1]), ceil(high[0]), ceil(high[1]))


def _known(name: str) -> Reconstruction:
    return reconstruction("lanczos3" if name == "lanczos" else name)


def _along_axes(matrix: Matrix) -> bool:
    scale = abs(float(matrix[2, 2])) or 1.0
    off = np.abs(matrix[[0, 1, 2, 2], [1, 0, 0, 1]]) / scale
    return bool(off[:2].max() < 1e-12 and off[2:].max() < 1e-15)


def _whole_pixels(matrix: Matrix, used: Reconstruction) -> bool:
    """Whether pixels fall on pixels, so that an interpolating filter changes nothing."""
    if not used.interpolating or not _along_axes(matrix):
        return False
    m = matrix / matrix[2, 2]
    moves = m[:2, 2]
    return bool(abs(m[0, 0]) == 1 and abs(m[1, 1]) == 1 and (np.abs(moves - np.round(moves)) < 1e-9).all())


def _steepest(matrix: Matrix, region: Window, src: Window | None, used: Reconstruction) -> tuple[float, float]:
    """How much the filter is stretched along the source's x and y, at the most, over the region."""
    if not used.widens or region.empty:
        return 1.0, 1.0
    x = np.linspace(region.x0, region.x1, 33)
    y = np.linspace(region.y0, region.y1, 33)[:, None]
    w = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    near = _HORIZON * max(1e-12, float(np.abs(w).max()))
    seen = w >= near
    w = np.where(seen, w, 1.0)
    u = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / w
    v = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / w
    across = np.hypot(matrix[0, 0] - u * matrix[2, 0], matrix[0, 1] - u * matrix[2, 1]) / w
    down = np.hypot(matrix[1, 0] - v * matrix[2, 0], matrix[1, 1] - v * matrix[2, 1]) / w
    if src is not None:
        margin = 0.05 * max(src.width, src.height) + 8
        seen &= (u > src.x0 - margin) & (u < src.x1 + margin) & (v > src.y0 - margin) & (v < src.y1 + margin)
    if not seen.any():
        return 1.0, 1.0
    return max(1.0, float(across[seen].max())), max(1.0, float(down[seen].max()))


# --- warping ----------------------------------------------------------------------------


def warp_projective(
    src: Image, dst: Image, matrix: Matrix, dst_window: Window, src_window: Window, filter: str, pool: Pool
) -> None:
    """Fill `dst` (channels, height, width) over `dst_window` from `src` over `src_window`.

    Outside `src_window` the source is 0. A map that can't be turned round gives black.
    """
    if dst.size == 0:
        return
    used = _known(filter)
    if src.size == 0 or not _regular(matrix):
        dst[...] = 0
        return
    local = _local(matrix, dst_window, src_window)
    if _whole_pixels(local, used):
        _copy(src, dst, local)
    elif _along_axes(local):
        m = local / local[2, 2]
        height, width = dst.shape[1:]
        across = axis(used, float(m[0, 0]), float(m[0, 2]), 0, width)
        down = axis(used, float(m[1, 1]), float(m[1, 2]), 0, height)
        separable(src, dst, across, down, "black", pool)
    else:
        _oblique(src, dst, local, used, pool)


def _local(matrix: Matrix, dst: Window, src: Window) -> Matrix:
    """The map between arrays: their first pixels at 0, 0."""
    into = np.array([[1, 0, dst.x0], [0, 1, dst.y0], [0, 0, 1]], np.float64)
    back = np.array([[1, 0, -src.x0], [0, 1, -src.y0], [0, 0, 1]], np.float64)
    return np.asarray(back @ matrix @ into)


def _copy(src: Image, dst: Image, local: Matrix) -> None:
    """Whole pixels, mirrored or not."""
    local = local / local[2, 2]
    if local[0, 0] < 0:
        src, local = src[:, :, ::-1], np.array([[-1, 0, src.shape[2]], [0, 1, 0], [0, 0, 1]]) @ local
    if local[1, 1] < 0:
        src, local = src[:, ::-1], np.array([[1, 0, 0], [0, -1, src.shape[1]], [0, 0, 1]]) @ local
    dx, dy = (int(v) for v in np.round(local[:2, 2]))
    here = Window.sized(dst.shape[2], dst.shape[1])
    shared = Window(-dx, -dy, src.shape[2] - dx, src.shape[1] - dy).intersect(here)
    if shared != here:
        dst[...] = 0
    if not shared.empty:
        ours = shared.within(here)
        theirs = shared.shift(dx, dy).within(Window.sized(src.shape[2], src.shape[1]))
        dst[(slice(None), *ours)] = src[(slice(None), *theirs)]


def _oblique(src: Image, dst: Image, local: Matrix, used: Reconstruction, pool: Pool) -> None:
    height, width = dst.shape[1:]
    region, window = Window.sized(width, height), Window.sized(src.shape[2], src.shape[1])
    stretch = _steepest(local, region, window, used)
    if max(stretch) > _STRETCH:
        src, local = _shrunk(src, local, stretch, pool)
        stretch = _steepest(local, region, Window.sized(src.shape[2], src.shape[1]), used)
    wide, tall = max(1.0, stretch[0] * 1.02), max(1.0, stretch[1] * 1.02)
    m = np.ascontiguousarray(local / np.abs(local).max(), np.float64).ravel()
    near = _HORIZON * float(np.abs(m[6] * np.array([0, width]) + m[7] * height + m[8]).max() + abs(m[8]))
    nowhere = np.empty((0, 0), np.float32)
    _weighed(src, dst, m, near, nowhere, nowhere, used, (wide, tall) if max(stretch) > 1 + 1e-6 else (1.0, 1.0), pool)


def sample_at(src: Image, dst: Image, u: Floats, v: Floats, src_window: Window, filter: str, pool: Pool) -> None:
    """Fill `dst` (channels, height, width) with `src` at the positions `u`, `v` (height, width).

    Positions are pixels of memory, as for `warp_projective`; NaN is outside. Where neighbours
    lie farther apart than a pixel the filter grows with them, up to eight pixels.
    """
    used = _known(filter)
    if src.size == 0 or dst.size == 0:
        dst[...] = 0
        return
    across = np.ascontiguousarray(np.nan_to_num(u - np.float32(src_window.x0), nan=-FAR, posinf=-FAR, neginf=-FAR))
    down = np.ascontiguousarray(np.nan_to_num(v - np.float32(src_window.y0), nan=-FAR, posinf=-FAR, neginf=-FAR))
    wide, tall = (_spread(a, used) for a in (across, down))
    stretch = (wide, tall) if max(wide, tall) > 1.02 else (1.0, 1.0)
    _weighed(src, dst, np.zeros(9), 0.0, across, down, used, stretch, pool)


def _weighed(
    src: Image,
    dst: Image,
    m: Matrix,
    near: float,
    across: Floats,
    down: Floats,
    used: Reconstruction,
    stretch: tuple[float, float],
    pool: Pool,
) -> None:
    """Rows from a matrix, or from positions where there are any; `stretch` is the most the filter grows."""
    height, width = dst.shape[1:]
    shrinks = max(stretch) > 1 and used.widens
    taps_x, taps_y = (ceil(2 * used.radius * s) + 1 if shrinks else used.taps for s in stretch)
    source = _at_least(src, taps_y, taps_x)
    map, extent = Map(m, near, across, down), Extent(source.shape[2], source.shape[1], src.shape[2], src.shape[1])
    lens = Lens(taps_x, taps_y, shrinks, tap_polynomials(used.name), profile_table(used.name), np.float32(used.radius))
    groups = -(-len(src) // 4) if len(src) > 2 else 0

    def strip(y0: int, y1: int) -> None:
        with (
            pool.scratch((3, TILE), np.int32) as places,
            pool.scratch((taps_x + taps_y + 4, TILE)) as weights,
            pool.scratch((4 * TILE,)) as line,
            pool.scratch((groups, 4 * BOX)) as boxes,
        ):
            desk = Desk(places, weights, line, boxes)
            rows(readable(source), writable(dst), map, lens, extent, desk, width, len(dst), y0, y1)

    pool.map(height, strip, max(TALL, grain(width)))


def _spread(at: Floats, used: Reconstruction) -> float:
    """How far apart neighbours lie along one axis of the source, nearly at the most; 1 to 8."""
    if not used.widens or min(at.shape) < 2:
        return 1.0
    steps = np.hypot(np.diff(at, axis=1)[:-1], np.diff(at, axis=0)[:, :-1])
    steps = steps[steps < 1e5]
    most = float(np.percentile(steps, 99.5)) if steps.size else 1.0
    return min(max(1.0, most), _STRETCH)


def _shrunk(src: Image, local: Matrix, stretch: tuple[float, float], pool: Pool) -> tuple[Image, Matrix]:
    """The source made smaller along its axes, so that the rest shrinks at most eightfold; and its map."""
    fx, fy = (max(1, floor(s / (_STRETCH / 4))) if s > _STRETCH else 1 for s in stretch)
    height, width = ceil(src.shape[1] / fy), ceil(src.shape[2] / fx)
    small = np.empty((src.shape[0], height, width), np.float32)
    box = reconstruction("box")
    separable(src, small, axis(box, fx, 0.0, 0, width), axis(box, fy, 0.0, 0, height), "black", pool)
    return small, np.diag([1 / fx, 1 / fy, 1.0]) @ local


def _at_least(src: Image, height: int, width: int) -> Image:
    """The source, with black added below and right where it is smaller than the filter."""
    channels, tall, wide = src.shape
    if tall >= height and wide >= width:
        return src
    padded = np.zeros((channels, max(tall, height), max(wide, width)), np.float32)
    padded[:, :tall, :wide] = src
    return padded
