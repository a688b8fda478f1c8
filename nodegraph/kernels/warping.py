# ruff: noqa: TID253
"""The kernels of `nodegraph.kernels.resample`: rows of a warped picture.

Two stages a row: positions and weights of all its pixels, then the weighed sums. Of three or
more channels four are summed at once: gathering eight pixels of one channel costs eight loads,
but the four channels of a pixel that lie beside each other are one. Numba doesn't find that by
itself, so those sums are written in LLVM's own language; addresses in them are whole numbers
(`array.ctypes.data`) and strides count bytes.

The result is made tile by tile. What a tile looks at is laid side by side first, in a box small
enough for the second-level cache: read along a slant from the whole picture, nearly every pixel
would wait for memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL
from nodegraph.kernels.reconstruction import PROFILE_STEPS

#: Positions are held to this many pixels, so that they fit whole numbers.
FAR = 1e7

#: Columns and rows of the result that are done together.
TILE, TALL = 128, 64

#: Pixels of four channels in the box that a tile looks at: 256 KiB.
BOX = 1 << 14


class Map(NamedTuple):
    """Where pixels look: a 3x3 matrix, in rows, up to the horizon `near`; or positions, where there are any."""

    matrix: NDArray[np.float64]
    near: float
    at_x: NDArray[np.float32]
    at_y: NDArray[np.float32]


class Lens(NamedTuple):
    """What they look through: `taps` pixels along each axis, the filter growing with the map if it `shrinks`."""

    taps_x: int
    taps_y: int
    shrinks: bool
    powers: NDArray[np.float32]
    table: NDArray[np.float32]
    radius: np.float32


class Extent(NamedTuple):
    """The source's array, and the picture in it."""

    wide: int
    tall: int
    there_x: int
    there_y: int


class Desk(NamedTuple):
    """Memory a strip works in: whole numbers, weights, a row of the result, and the boxes of all groups of four."""

    places: NDArray[np.int32]
    weights: NDArray[np.float32]
    line: NDArray[np.float32]
    boxes: NDArray[np.float32]


# --- four channels at once --------------------------------------------------------------

_FLOAT = ir.FloatType()
_FOUR = ir.VectorType(_FLOAT, 4)
_FAST = ("contract", "reassoc", "nsz")


def _load(builder: Any, address: Any, kind: Any) -> Any:
    return builder.load(builder.inttoptr(address, kind.as_pointer()), align=4)


def _splat(builder: Any, value: Any) -> Any:
    none = ir.Constant(_FOUR, ir.Undefined)
    one = builder.insert_element(none, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, none, ir.Constant(ir.VectorType(ir.IntType(32), 4), [0] * 4))


def _add(builder: Any, total: Any, a: Any, b: Any) -> Any:
    product = builder.fmul(a, b, flags=_FAST)
    return product if total is None else builder.fadd(total, product, flags=_FAST)


@intrinsic  # type: ignore[untyped-decorator]
def _transpose(context, source, source_step, target, target_step):  # type: ignore[no-untyped-def]
    """Four pixels of four channels, planes to interleaved or back: rows of four become columns."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        source, source_step, target, target_step = args

        def at(base: Any, step: Any, k: int) -> Any:
            return builder.add(base, builder.mul(step, ir.Constant(step.type, k)))

        def pick(a: Any, b: Any, *which: int) -> Any:
            return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), 4), which))

        a, b, c, d = (_load(builder, at(source, source_step, k), _FOUR) for k in range(4))
        ab, cd = pick(a, b, 0, 4, 1, 5), pick(c, d, 0, 4, 1, 5)
        later_ab, later_cd = pick(a, b, 2, 6, 3, 7), pick(c, d, 2, 6, 3, 7)
        columns = (
            pick(ab, cd, 0, 1, 4, 5),
            pick(ab, cd, 2, 3, 6, 7),
            pick(later_ab, later_cd, 0, 1, 4, 5),
            pick(later_ab, later_cd, 2, 3, 6, 7),
        )
        for k, column in enumerate(columns):
            builder.store(column, builder.inttoptr(at(target, target_step, k), _FOUR.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(*[types.intp] * 4), generate


def _weigher(taps: int) -> Callable[..., Any]:
    """`weigh(source, row, across, down, step, target)`: the sums over `taps` x `taps` pixels.

    Weights lie at `across` and `down`, `step` bytes apart; the four sums go to `target`.
    """

    @intrinsic
    def weigh(context: Any, source: Any, row: Any, across: Any, down: Any, step: Any, target: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            source, row, across, down, step, target = args

            def weight(base: Any, k: int) -> Any:
                at = builder.add(base, builder.mul(step, ir.Constant(step.type, k)))
                return _splat(builder, _load(builder, at, _FLOAT))

            weights = [weight(across, i) for i in range(taps)]
            total = None
            for j in range(taps):
                line = builder.add(source, builder.mul(row, ir.Constant(row.type, j)))
                part = None
                for i in range(taps):
                    pixel = _load(builder, builder.add(line, ir.Constant(row.type, 16 * i)), _FOUR)
                    part = _add(builder, part, pixel, weights[i])
                total = _add(builder, total, part, weight(down, j))
            builder.store(total, builder.inttoptr(target, _FOUR.as_pointer()), align=4)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 6), generate

    return weigh  # type: ignore[no-any-return]


_weigh1, _weigh2, _weigh4, _weigh6 = _weigher(1), _weigher(2), _weigher(4), _weigher(6)


@intrinsic  # type: ignore[untyped-decorator]
def _weigh_many(context, source, row, across, down, step, taps_x, taps_y, target):  # type: ignore[no-untyped-def]
    """As `_weigher`'s, for numbers of taps known only when it runs."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        source, row, across, down, step, taps_x, taps_y, target = args
        total = cgutils.alloca_once_value(builder, ir.Constant(_FOUR, [0.0] * 4))  # type: ignore[no-untyped-call]
        part = cgutils.alloca_once(builder, _FOUR)  # type: ignore[no-untyped-call]
        builder.store(ir.Constant(_FOUR, [0.0] * 4), total)
        with cgutils.for_range(builder, taps_y) as down_loop:
            builder.store(ir.Constant(_FOUR, [0.0] * 4), part)
            line = builder.add(source, builder.mul(row, down_loop.index))
            with cgutils.for_range(builder, taps_x) as across_loop:
                i = across_loop.index
                weight = _load(builder, builder.add(across, builder.mul(step, i)), _FLOAT)
                pixel = _load(builder, builder.add(line, builder.mul(i, ir.Constant(i.type, 16))), _FOUR)
                builder.store(_add(builder, builder.load(part), pixel, _splat(builder, weight)), part)
            weight = _load(builder, builder.add(down, builder.mul(step, down_loop.index)), _FLOAT)
            builder.store(_add(builder, builder.load(total), builder.load(part), _splat(builder, weight)), total)
        builder.store(builder.load(total), builder.inttoptr(target, _FOUR.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(*[types.intp] * 8), generate


# --- positions and weights --------------------------------------------------------------
# They lie in two arrays of rows, `places` and `weights`; the kernels get those and the numbers of
# the rows: taking a row out by a slice counts a reference, which for a short row is half the work.

#: Rows of `places`.
FIRST_X, FIRST_Y, SEEN = 0, 1, 2


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _straight(m, x0, yy, half, places, weights, k, row, part, width):  # type: ignore[no-untyped-def]
    """One coordinate of `_positions` for a map without perspective: from the row's first in single precision."""
    r = 1.0 / m[8]
    start = min(max((m[k] * (x0 + 0.5) + m[k + 1] * yy + m[k + 2]) * r - half, -FAR), FAR)
    whole = np.floor(start)
    step, rest, base = np.float32(m[k] * r), np.float32(start - whole), np.int32(whole)
    for x in range(width):
        u = min(max(rest + step * np.float32(np.int32(x)), np.float32(-FAR)), np.float32(FAR))
        f = np.floor(u)
        places[row, x] = base + np.int32(f)
        weights[part, x] = u - f


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _positions(m, near, x0, y, half, places, weights, part, width):  # type: ignore[no-untyped-def]
    """Of each pixel of a row: the column and row of the pixel before its place, and how far it is from there."""
    yy = y + 0.5
    if m[6] == 0 and m[7] == 0:
        _straight(m, x0, yy, half, places, weights, 0, FIRST_X, part, width)
        _straight(m, x0, yy, half, places, weights, 3, FIRST_Y, part + 1, width)
        return
    for x in range(width):
        xx = np.int32(x0 + x) + 0.5
        w = m[6] * xx + m[7] * yy + m[8]
        r = 1.0 / (w if w > near else 1.0)
        u = (m[0] * xx + m[1] * yy + m[2]) * r
        v = (m[3] * xx + m[4] * yy + m[5]) * r
        u = (u if w > near else -FAR) - half
        v = (v if w > near else -FAR) - half
        u = u if u > -FAR else -FAR
        v = v if v > -FAR else -FAR
        u = u if u < FAR else FAR
        v = v if v < FAR else FAR
        fu = np.floor(u)
        fv = np.floor(v)
        places[FIRST_X, x] = np.int32(fu)
        places[FIRST_Y, x] = np.int32(fv)
        weights[part, x] = np.float32(u - fu)
        weights[part + 1, x] = np.float32(v - fv)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _stretches(m, near, x0, y, weights, grow, width):  # type: ignore[no-untyped-def]
    """How far the source moves along x and along y for one pixel; at least 1."""
    yy = y + 0.5
    for x in range(width):
        xx = np.int32(x0 + x) + 0.5
        w = m[6] * xx + m[7] * yy + m[8]
        r = 1.0 / (w if w > near else 1.0)
        u = (m[0] * xx + m[1] * yy + m[2]) * r
        v = (m[3] * xx + m[4] * yy + m[5]) * r
        ux, uy = m[0] - u * m[6], m[1] - u * m[7]
        vx, vy = m[3] - v * m[6], m[4] - v * m[7]
        weights[grow, x] = np.float32(max(1.0, np.sqrt(ux * ux + uy * uy) * r))
        weights[grow + 1, x] = np.float32(max(1.0, np.sqrt(vx * vx + vy * vy) * r))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _given(at_x, at_y, x0, y, half, places, weights, part, count):  # type: ignore[no-untyped-def]
    """As `_positions` and `_stretches`, from arrays; the distance to the next ones tells how much is shrunk."""
    height, width = at_x.shape
    below = max(y + 1 if y + 1 < height else y - 1, 0)
    for x in range(count):
        at = x0 + x
        u = min(max(np.float64(at_x[y, at]), -FAR), FAR)
        v = min(max(np.float64(at_y[y, at]), -FAR), FAR)
        n = at + 1 if at + 1 < width else max(at - 1, 0)
        ux, uy = at_x[y, n] - at_x[y, at], at_x[below, at] - at_x[y, at]
        vx, vy = at_y[y, n] - at_y[y, at], at_y[below, at] - at_y[y, at]
        weights[part + 2, x] = max(np.float32(1), np.sqrt(ux * ux + uy * uy))
        weights[part + 3, x] = max(np.float32(1), np.sqrt(vx * vx + vy * vy))
        fu = np.floor(u - half)
        fv = np.floor(v - half)
        places[FIRST_X, x] = np.int32(fu)
        places[FIRST_Y, x] = np.int32(fv)
        weights[part, x] = np.float32(u - half - fu)
        weights[part + 1, x] = np.float32(v - half - fv)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _polynomial_weights(weights, part, powers, into, width):  # type: ignore[no-untyped-def]
    """Rows `into` and following: a polynomial of row `part` for each tap."""
    degree, taps = powers.shape
    for k in range(taps):
        w = into + k
        if degree == 2:
            a, b = powers[0, k], powers[1, k]
            for x in range(width):
                weights[w, x] = a * weights[part, x] + b
        elif degree == 4:
            a, b, c, d = powers[0, k], powers[1, k], powers[2, k], powers[3, k]
            for x in range(width):
                t = weights[part, x]
                weights[w, x] = ((a * t + b) * t + c) * t + d
        else:
            for x in range(width):
                weights[w, x] = powers[0, k]
            for i in range(1, degree):
                p = powers[i, k]
                for x in range(width):
                    weights[w, x] = weights[w, x] * weights[part, x] + p


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _stretched_weights(weights, part, table, radius, taps, into, width):  # type: ignore[no-untyped-def]
    """As `_polynomial_weights`, the filter being wide as row `part + 2` says, its middle tap at 0; their sum is 1."""
    middle = np.float32((taps - 1) // 2)
    limit = np.float32(taps - 1) / (np.float32(2) * radius)
    steps = np.float32(PROFILE_STEPS)
    for x in range(width):
        g = np.float32(1) / min(weights[part + 2, x], limit)
        total = np.float32(0)
        for k in range(taps):
            d = abs(np.float32(k) - middle - weights[part, x]) * g
            d = min(d, radius) * steps
            i = np.int32(d)
            f = d - np.float32(i)
            value = table[i] + (table[i + 1] - table[i]) * f
            weights[into + k, x] = value
            total += value
        total = np.float32(1) / total
        for k in range(taps):
            weights[into + k, x] *= total


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _mark(places, taps_x, taps_y, there_x, there_y, width):  # type: ignore[no-untyped-def]
    """Mark the pixels that see something of the picture."""
    for x in range(width):
        fx, fy = places[FIRST_X, x], places[FIRST_Y, x]
        seen = (fx + taps_x > 0) & (fx < there_x) & (fy + taps_y > 0) & (fy < there_y)
        places[SEEN, x] = np.int32(seen)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _hold_inside(places, axis, weights, into, taps, size, there, width):  # type: ignore[no-untyped-def]
    """Shift taps that reach over the picture's rim back into the array; what lies outside weighs nothing.

    `size` is the array's, `there` the picture's.
    """
    for x in range(width):
        f = places[axis, x]
        if (f >= 0 and f <= there - taps) or places[SEEN, x] == 0:
            continue
        held = min(max(f, 0), size - taps)
        shift = held - f
        if shift > 0:
            for k in range(taps):
                weights[into + k, x] = weights[into + k + shift, x] if k + shift < taps else np.float32(0)
        elif shift < 0:
            for k in range(taps - 1, -1, -1):
                weights[into + k, x] = weights[into + k + shift, x] if k + shift >= 0 else np.float32(0)
        for k in range(taps):
            if held + k >= there:
                weights[into + k, x] = np.float32(0)
        places[axis, x] = held


# --- weighed sums -----------------------------------------------------------------------


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _one(src, base, row, places, weights, dst, o, width, taps_x, taps_y):  # type: ignore[no-untyped-def]
    """One channel of a row, to `o` of `dst`."""
    for x in range(width):
        s = np.float32(0)
        if places[SEEN, x] != 0:
            at = base + places[FIRST_X, x] + np.int64(places[FIRST_Y, x]) * row
            for j in range(taps_y):
                w = weights[taps_x + j, x]
                if w != np.float32(0):
                    r = np.float32(0)
                    for i in range(taps_x):
                        r += weights[i, x] * src[at + j * row + i]
                    s += w * r
        dst[o + x] = s


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _four(source, row, bx, by, places, weights, line, shrinks, taps_x, taps_y, width):  # type: ignore[no-untyped-def]
    """Four interleaved channels of a row into `line`, from a box at `source`, (bx, by) of the picture, `row` wide."""
    step, bytes = weights.shape[1] * 4, row * 16
    across, target = weights.ctypes.data, line.ctypes.data
    down = across + taps_x * step
    for x in range(width):
        if places[SEEN, x] == 0:
            line[4 * x] = line[4 * x + 1] = line[4 * x + 2] = line[4 * x + 3] = np.float32(0)
            continue
        o = source + (np.int64(places[FIRST_X, x]) - bx + (places[FIRST_Y, x] - by) * row) * 16
        a, d, t = across + x * 4, down + x * 4, target + x * 16
        if shrinks:
            _weigh_many(o, bytes, a, d, step, taps_x, taps_y, t)  # type: ignore[call-arg]
        elif taps_x == 4:
            _weigh4(o, bytes, a, d, step, t)
        elif taps_x == 2:
            _weigh2(o, bytes, a, d, step, t)
        elif taps_x == 6:
            _weigh6(o, bytes, a, d, step, t)
        else:
            _weigh1(o, bytes, a, d, step, t)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _row(map, lens, extent, desk, x0, y, width, rim):  # type: ignore[no-untyped-def]
    """Places and weights of `width` pixels of a row, from column x0 on; `rim` says that some may look outside."""
    taps_x, taps_y, places, weights = lens.taps_x, lens.taps_y, desk.places, desk.weights
    half, part = _half(lens), taps_x + taps_y
    if map.at_x.size > 0:
        _given(map.at_x, map.at_y, x0, y, half, places, weights, part, width)
    else:
        _positions(map.matrix, map.near, x0, y, half, places, weights, part, width)
        if lens.shrinks:
            _stretches(map.matrix, map.near, x0, y, weights, part + 2, width)
    before_x, before_y = np.int32(_before(taps_x, lens.shrinks)), np.int32(_before(taps_y, lens.shrinks))
    for x in range(width):
        places[FIRST_X, x] -= before_x
        places[FIRST_Y, x] -= before_y
        places[SEEN, x] = 1
    if lens.shrinks:
        _stretched_weights(weights, part, lens.table, lens.radius, taps_x, 0, width)
        _stretched_weights(weights, part + 1, lens.table, lens.radius, taps_y, taps_x, width)
    else:
        _polynomial_weights(weights, part, lens.powers, 0, width)
        _polynomial_weights(weights, part + 1, lens.powers, taps_x, width)
    if rim:
        _mark(places, taps_x, taps_y, extent.there_x, extent.there_y, width)
        _hold_inside(places, FIRST_X, weights, 0, taps_x, extent.wide, extent.there_x, width)
        _hold_inside(places, FIRST_Y, weights, taps_x, taps_y, extent.tall, extent.there_y, width)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _half(lens):  # type: ignore[no-untyped-def]
    return 0.0 if lens.taps_x == 1 else 0.5


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _before(taps, shrinks):  # type: ignore[no-untyped-def]
    """The filter's first tap, counted from the pixel whose centre lies before the position."""
    return (taps - 1) // 2 if shrinks else max(0, taps // 2 - 1)


# --- what a tile looks at ---------------------------------------------------------------


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _looked_at(map, x0, y0, x1, y1):  # type: ignore[no-untyped-def]
    """The least and the greatest positions (u0, v0, u1, v1) of pixels [x0, x1) x [y0, y1)."""
    u0, v0, u1, v1 = FAR, FAR, -FAR, -FAR
    if map.at_x.size > 0:
        for y in range(y0, y1):
            for x in range(x0, x1):
                u, v = np.float64(map.at_x[y, x]), np.float64(map.at_y[y, x])
                u0, v0, u1, v1 = min(u0, u), min(v0, v), max(u1, u), max(v1, v)
        return max(u0, -FAR), max(v0, -FAR), min(u1, FAR), min(v1, FAR)
    m = map.matrix
    for y in (y0, y1 - 1):
        for x in (x0, x1 - 1):
            w = m[6] * (x + 0.5) + m[7] * (y + 0.5) + m[8]
            if w <= map.near:
                return -FAR, -FAR, FAR, FAR
            u = (m[0] * (x + 0.5) + m[1] * (y + 0.5) + m[2]) / w
            v = (m[3] * (x + 0.5) + m[4] * (y + 0.5) + m[5]) / w
            u0, v0, u1, v1 = min(u0, u), min(v0, v), max(u1, u), max(v1, v)
    return max(u0, -FAR), max(v0, -FAR), min(u1, FAR), min(v1, FAR)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _span(low, high, taps, shrinks, half, size, there):  # type: ignore[no-untyped-def]
    """Along one axis: the pixels [first, last) looked at, held inside the array, and whether all were there."""
    # One more on each side: corners and the pixels between them don't round alike.
    first = np.int64(np.floor(low - half)) - _before(taps, shrinks) - 1
    last = np.int64(np.floor(high - half)) - _before(taps, shrinks) + 1
    if last + taps <= 0 or first >= there:
        return 0, 0, False
    inside = first >= 0 and last + taps <= there
    return min(max(first, 0), size - taps), min(max(last, 0), size - taps) + taps, inside


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _box(map, lens, extent, x0, y0, x1, y1):  # type: ignore[no-untyped-def]
    """What of the source pixels [x0, x1) x [y0, y1) look at, and whether any looks beyond it."""
    u0, v0, u1, v1 = _looked_at(map, x0, y0, x1, y1)
    half = _half(lens)
    bx0, bx1, inside_x = _span(u0, u1, lens.taps_x, lens.shrinks, half, extent.wide, extent.there_x)
    by0, by1, inside_y = _span(v0, v1, lens.taps_y, lens.shrinks, half, extent.tall, extent.there_y)
    return bx0, by0, bx1, by1, not (inside_x and inside_y)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _interleave(src, first, count, boxes, g, x0, y0, x1, y1):  # type: ignore[no-untyped-def]
    """A part of four channels side by side into a box, the missing ones black."""
    n, fours = x1 - x0, (x1 - x0) // 4 * 4 if count == 4 else 0
    source, target = src.data.ctypes.data, boxes.ctypes.data + g * boxes.shape[1] * 4
    for y in range(y0, y1):
        a, o = first * src.channel + y * src.row + x0, 4 * n * (y - y0)
        for x in range(0, fours, 4):
            _transpose(source + (a + x) * 4, src.channel * 4, target + (o + 4 * x) * 4, 16)  # type: ignore[call-arg]
        for k in range(4):
            for x in range(fours, n):
                boxes[g, o + 4 * x + k] = src.data[a + k * src.channel + x] if k < count else np.float32(0)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _part(line, dst, first, count, o, width):  # type: ignore[no-untyped-def]
    """A row of four channels side by side back into planes, at `o` of each."""
    o += first * dst.channel
    fours = width // 4 * 4 if count == 4 else 0
    source, target = line.ctypes.data, dst.data.ctypes.data + o * 4
    for x in range(0, fours, 4):
        _transpose(source + x * 16, 16, target + x * 4, dst.channel * 4)  # type: ignore[call-arg]
    for k in range(count):
        for x in range(fours, width):
            dst.data[o + k * dst.channel + x] = line[4 * x + k]


# --- tiles ------------------------------------------------------------------------------


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _tile(src, dst, map, lens, extent, desk, channels, x0, y0, x1, y1):  # type: ignore[no-untyped-def]
    bx0, by0, bx1, by1, rim = _box(map, lens, extent, x0, y0, x1, y1)
    width, wide = x1 - x0, bx1 - bx0
    if wide == 0 or by1 == by0:
        for c in range(channels):
            for y in range(y0, y1):
                o = c * dst.channel + y * dst.row + x0
                dst.data[o : o + width] = np.float32(0)
        return
    taps_x, taps_y, places, weights = lens.taps_x, lens.taps_y, desk.places, desk.weights
    groups = desk.boxes.shape[0] if wide * (by1 - by0) <= BOX else 0
    for g in range(groups):
        _interleave(src, 4 * g, min(4, channels - 4 * g), desk.boxes, g, bx0, by0, bx1, by1)
    for y in range(y0, y1):
        _row(map, lens, extent, desk, x0, y, width, rim)
        o = y * dst.row + x0
        if groups == 0:
            for c in range(channels):
                at = c * src.channel
                _one(src.data, at, src.row, places, weights, dst.data, o + c * dst.channel, width, taps_x, taps_y)
        for g in range(groups):
            box = desk.boxes.ctypes.data + g * 16 * BOX
            _four(box, wide, bx0, by0, places, weights, desk.line, lens.shrinks, taps_x, taps_y, width)
            _part(desk.line, dst, 4 * g, min(4, channels - 4 * g), o, width)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _fits(map, lens, extent, x0, y0, x1, y1):  # type: ignore[no-untyped-def]
    """Whether what a tile looks at, and its neighbours about as much, fits a box."""
    bx0, by0, bx1, by1, _ = _box(map, lens, extent, x0, y0, x1, y1)
    return (bx1 - bx0) * (by1 - by0) <= BOX * 3 // 4


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def rows(src, dst, map, lens, extent, desk, width, channels, y0, y1):  # type: ignore[no-untyped-def]
    """Rows [y0, y1) of all channels, by fours through boxes if the desk has any."""
    across, down = -(-width // TILE), -(-(y1 - y0) // TALL)
    for j in range(down):
        ty, low = y0 + (y1 - y0) * j // down, y0 + (y1 - y0) * (j + 1) // down
        for i in range(across):
            tx, right = width * i // across, width * (i + 1) // across
            w, h = right - tx, low - ty
            while w * h > 64 and desk.boxes.shape[0] > 0 and not _fits(map, lens, extent, tx, ty, tx + w, ty + h):
                if w > h:
                    w = (w + 1) // 2
                else:
                    h = (h + 1) // 2
            for y in range(ty, low, h):
                for x in range(tx, right, w):
                    _tile(src, dst, map, lens, extent, desk, channels, x, y, min(x + w, right), min(y + h, low))
