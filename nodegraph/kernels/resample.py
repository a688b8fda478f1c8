# ruff: noqa: TID253
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
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL, Image, grain, readable, writable
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.reconstruction import (
    PROFILE_STEPS,
    Reconstruction,
    profile_table,
    reconstruction,
    tap_polynomials,
)
from nodegraph.kernels.separable import axis, separable
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
_FAR = 1e7


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
    shrinks = max(stretch) > 1.0 + 1e-6 and used.widens
    taps_x, taps_y = (ceil(2 * used.radius * wide) + 1, ceil(2 * used.radius * tall) + 1) if shrinks else (used.taps,) * 2
    source = _at_least(src, taps_y, taps_x)
    m = np.ascontiguousarray(local / np.abs(local).max(), np.float64).ravel()
    table = profile_table(used.name)
    powers = tap_polynomials(used.name)
    nowhere = np.empty((0, 0), np.float32)
    near = _HORIZON * float(np.abs(m[6] * np.array([0, width]) + m[7] * height + m[8]).max() + abs(m[8]))

    def strip(y0: int, y1: int) -> None:
        with (
            pool.scratch((3, width), np.int32) as places,
            pool.scratch((taps_x + taps_y + 4, width)) as weights,
        ):
            _rows(
                *readable(source), *writable(dst), m, near, nowhere, nowhere, source.shape[1], source.shape[2],
                src.shape[1], src.shape[2], powers, table, np.float32(used.radius), shrinks, taps_x, taps_y, places,
                weights, width, dst.shape[0], y0, y1,
            )  # fmt: skip

    pool.map(height, strip, grain(width))


def sample_at(src: Image, dst: Image, u: Floats, v: Floats, src_window: Window, filter: str, pool: Pool) -> None:
    """Fill `dst` (channels, height, width) with `src` at the positions `u`, `v` (height, width).

    Positions are pixels of memory, as for `warp_projective`; NaN is outside. Where neighbours
    lie farther apart than a pixel the filter grows with them, up to eight pixels.
    """
    used = _known(filter)
    if src.size == 0 or dst.size == 0:
        dst[...] = 0
        return
    height, width = dst.shape[1:]
    across = np.ascontiguousarray(np.nan_to_num(u - np.float32(src_window.x0), nan=-_FAR, posinf=-_FAR, neginf=-_FAR))
    down = np.ascontiguousarray(np.nan_to_num(v - np.float32(src_window.y0), nan=-_FAR, posinf=-_FAR, neginf=-_FAR))
    wide, tall = (_spread(a, used) for a in (across, down))
    shrinks = max(wide, tall) > 1.02
    taps_x, taps_y = (ceil(2 * used.radius * wide) + 1, ceil(2 * used.radius * tall) + 1) if shrinks else (used.taps,) * 2
    source = _at_least(src, taps_y, taps_x)
    table, powers, unused = profile_table(used.name), tap_polynomials(used.name), np.zeros(9)

    def strip(y0: int, y1: int) -> None:
        with (
            pool.scratch((3, width), np.int32) as places,
            pool.scratch((taps_x + taps_y + 4, width)) as weights,
        ):
            _rows(
                *readable(source), *writable(dst), unused, 0.0, across, down, source.shape[1], source.shape[2],
                src.shape[1], src.shape[2], powers, table, np.float32(used.radius), shrinks, taps_x, taps_y, places,
                weights, width, dst.shape[0], y0, y1,
            )  # fmt: skip

    pool.map(height, strip, grain(width))


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


# --- kernels ----------------------------------------------------------------------------


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _positions(m, near, y, first_x, first_y, part_x, part_y, grow_x, grow_y, half_x, half_y, shrinks, width):  # type: ignore[no-untyped-def]
    """Of each pixel of a row: the first tap's column and row, and the position after it."""
    yy = y + 0.5
    for x in range(width):
        xx = x + 0.5
        w = m[6] * xx + m[7] * yy + m[8]
        seen = w > near
        r = 1.0 / (w if seen else 1.0)
        u = (m[0] * xx + m[1] * yy + m[2]) * r
        v = (m[3] * xx + m[4] * yy + m[5]) * r
        u = u if seen else -_FAR
        v = v if seen else -_FAR
        u = min(max(u, -_FAR), _FAR)
        v = min(max(v, -_FAR), _FAR)
        if shrinks:
            sx = np.sqrt((m[0] - u * m[6]) ** 2 + (m[1] - u * m[7]) ** 2) * abs(r)
            sy = np.sqrt((m[3] - v * m[6]) ** 2 + (m[4] - v * m[7]) ** 2) * abs(r)
            grow_x[x] = np.float32(max(1.0, sx))
            grow_y[x] = np.float32(max(1.0, sy))
        fu = np.floor(u - half_x)
        fv = np.floor(v - half_y)
        first_x[x] = np.int32(fu)
        first_y[x] = np.int32(fv)
        part_x[x] = np.float32(u - half_x - fu)
        part_y[x] = np.float32(v - half_y - fv)


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _given(at_x, at_y, y, first_x, first_y, part_x, part_y, grow_x, grow_y, half_x, half_y, shrinks):  # type: ignore[no-untyped-def]
    """As `_positions`, from arrays; the distance to the next ones tells how much is shrunk."""
    height, width = at_x.shape
    below = y + 1 if y + 1 < height else y - 1
    below = max(below, 0)
    for x in range(width):
        u = min(max(np.float64(at_x[y, x]), -_FAR), _FAR)
        v = min(max(np.float64(at_y[y, x]), -_FAR), _FAR)
        if shrinks:
            n = x + 1 if x + 1 < width else max(x - 1, 0)
            ux, uy = at_x[y, n] - at_x[y, x], at_x[below, x] - at_x[y, x]
            vx, vy = at_y[y, n] - at_y[y, x], at_y[below, x] - at_y[y, x]
            grow_x[x] = max(np.float32(1), np.sqrt(ux * ux + uy * uy))
            grow_y[x] = max(np.float32(1), np.sqrt(vx * vx + vy * vy))
        fu = np.floor(u - half_x)
        fv = np.floor(v - half_y)
        first_x[x] = np.int32(fu)
        first_y[x] = np.int32(fv)
        part_x[x] = np.float32(u - half_x - fu)
        part_y[x] = np.float32(v - half_y - fv)


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _polynomial_weights(part, powers, weights):  # type: ignore[no-untyped-def]
    degree, taps = powers.shape
    for k in range(taps):
        w = weights[k]
        for x in range(part.size):
            w[x] = powers[0, k]
        for d in range(1, degree):
            p = powers[d, k]
            for x in range(part.size):
                w[x] = w[x] * part[x] + p


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _stretched_weights(part, grow, table, radius, limit, taps, weights):  # type: ignore[no-untyped-def]
    """Weights of `taps` pixels around the middle one, the filter being `grow` wide; their sum is 1."""
    middle = np.float32((taps - 1) // 2)
    steps = np.float32(PROFILE_STEPS)
    for x in range(part.size):
        g = np.float32(1) / min(grow[x], limit)
        total = np.float32(0)
        for k in range(taps):
            d = abs(np.float32(k) - middle - part[x]) * g
            d = min(d, radius) * steps
            i = np.int32(d)
            f = d - np.float32(i)
            value = table[i] + (table[i + 1] - table[i]) * f
            weights[k, x] = value
            total += value
        total = np.float32(1) / total
        for k in range(taps):
            weights[k, x] *= total


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _hold_inside(first, weights, taps, size, there, seen):  # type: ignore[no-untyped-def]
    """Shift taps that reach over the picture's rim back into the array; what lies outside weighs nothing.

    `size` is the array's, `there` the picture's. Pixels that see nothing of it are marked.
    """
    for x in range(first.size):
        f = first[x]
        if f < 0 or f + taps > there:
            held = min(max(f, 0), size - taps)
            shift = held - f
            if f + taps <= 0 or f >= there:
                seen[x] = 0
                for k in range(taps):
                    weights[k, x] = np.float32(0)
            elif shift > 0:
                for k in range(taps):
                    weights[k, x] = weights[k + shift, x] if k + shift < taps else np.float32(0)
            elif shift < 0:
                for k in range(taps - 1, -1, -1):
                    weights[k, x] = weights[k + shift, x] if k + shift >= 0 else np.float32(0)
            for k in range(taps):
                if held + k >= there:
                    weights[k, x] = np.float32(0)
            first[x] = held


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _few(src, base, row, offset, wx, wy, seen, out, taps):  # type: ignore[no-untyped-def]
    """Weighed sums with a number of taps known when this is compiled: unrolled, eight pixels at a time."""
    for x in range(out.size):
        o = base + offset[x]
        s = np.float32(0)
        for j in range(taps):
            r = np.float32(0)
            for i in range(taps):
                r += wx[i, x] * src[o + j * row + i]
            s += wy[j, x] * r
        out[x] = s if seen[x] != 0 else np.float32(0)


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _many(src, base, row, offset, wx, wy, seen, out, taps_x, taps_y):  # type: ignore[no-untyped-def]
    for x in range(out.size):
        s = np.float32(0)
        if seen[x] != 0:
            o = base + offset[x]
            for j in range(taps_y):
                w = wy[j, x]
                if w != np.float32(0):
                    r = np.float32(0)
                    for i in range(taps_x):
                        r += wx[i, x] * src[o + j * row + i]
                    s += w * r
        out[x] = s


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _rows(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, m, near, at_x, at_y, tall, wide, there_y, there_x, powers, table,
    radius, shrinks, taps_x, taps_y, places, weights, width, channels, y0, y1,
):  # fmt: skip
    first_x, first_y, seen = places[0], places[1], places[2]
    part_x, part_y = weights[taps_x + taps_y], weights[taps_x + taps_y + 1]
    grow_x, grow_y = weights[taps_x + taps_y + 2], weights[taps_x + taps_y + 3]
    wx, wy = weights[:taps_x], weights[taps_x : taps_x + taps_y]
    nearest = taps_x == 1
    # The filter's first tap, counted from the pixel whose centre lies before the position.
    half_x = 0.0 if nearest else 0.5
    half_y = half_x
    before_x = np.int32((taps_x - 1) // 2 if shrinks else max(0, taps_x // 2 - 1))
    before_y = np.int32((taps_y - 1) // 2 if shrinks else max(0, taps_y // 2 - 1))
    limit_x = np.float32(np.float32(taps_x - 1) / (np.float32(2) * radius))
    limit_y = np.float32(np.float32(taps_y - 1) / (np.float32(2) * radius))
    for y in range(y0, y1):
        if at_x.size > 0:
            _given(at_x, at_y, y, first_x, first_y, part_x, part_y, grow_x, grow_y, half_x, half_y, shrinks)
        else:
            _positions(m, near, y, first_x, first_y, part_x, part_y, grow_x, grow_y, half_x, half_y, shrinks, width)
        for x in range(width):
            first_x[x] -= before_x
            first_y[x] -= before_y
            seen[x] = 1
        if shrinks:
            _stretched_weights(part_x, grow_x, table, radius, limit_x, taps_x, wx)
            _stretched_weights(part_y, grow_y, table, radius, limit_y, taps_y, wy)
        else:
            _polynomial_weights(part_x, powers, wx)
            _polynomial_weights(part_y, powers, wy)
        _hold_inside(first_x, wx, taps_x, wide, there_x, seen)
        _hold_inside(first_y, wy, taps_y, tall, there_y, seen)
        for x in range(width):
            first_x[x] += first_y[x] * np.int32(src_row)
        for c in range(channels):
            base = c * src_channel
            o = c * dst_channel + y * dst_row
            out = dst[o : o + width]
            if shrinks:
                _many(src, base, src_row, first_x, wx, wy, seen, out, taps_x, taps_y)
            elif taps_x == 1:
                _few(src, base, src_row, first_x, wx, wy, seen, out, 1)
            elif taps_x == 2:
                _few(src, base, src_row, first_x, wx, wy, seen, out, 2)
            elif taps_x == 4:
                _few(src, base, src_row, first_x, wx, wy, seen, out, 4)
            else:
                _few(src, base, src_row, first_x, wx, wy, seen, out, 6)
