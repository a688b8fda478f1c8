# ruff: noqa: TID253
"""The kernels of `nodegraph.kernels.resample`: rows of a warped picture.

Two stages a row: positions and weights of all its pixels, then the weighed sums. Of three or
more channels four are summed at once: gathering eight pixels of one channel costs eight loads,
but the four channels of a pixel that lie beside each other are one. Numba doesn't find that by
itself, so those sums are written in LLVM's own language; addresses in them are whole numbers
(`array.ctypes.data`) and strides count bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit
from numba.core import cgutils, types
from numba.extending import intrinsic

from nodegraph.kernels.filters.flat import KERNEL
from nodegraph.kernels.reconstruction import PROFILE_STEPS

#: Positions are held to this many pixels, so that they fit whole numbers.
FAR = 1e7

#: Pixels of a row that are done before the next row's.
TILE = 512


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


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def interleave(src, channel, row, first, count, out, width, y0, y1):  # type: ignore[no-untyped-def]
    """Rows of up to four channels side by side, the missing ones black. `out` is (height, 4 width)."""
    for y in range(y0, y1):
        line = out[y]
        for c in range(4):
            if c < count:
                o = (first + c) * channel + y * row
                part = src[o : o + width]
                for x in range(width):
                    line[4 * x + c] = part[x]
            else:
                for x in range(width):
                    line[4 * x + c] = np.float32(0)


# --- positions and weights --------------------------------------------------------------


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _positions(m, near, x0, y, half, first_x, first_y, part_x, part_y, width):  # type: ignore[no-untyped-def]
    """Of each pixel of a row: the column and row of the pixel before its place, and how far it is from there."""
    yy = y + 0.5
    for x in range(width):
        xx = x0 + x + 0.5
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
        first_x[x] = np.int32(fu)
        first_y[x] = np.int32(fv)
        part_x[x] = np.float32(u - fu)
        part_y[x] = np.float32(v - fv)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _stretches(m, near, x0, y, grow_x, grow_y, width):  # type: ignore[no-untyped-def]
    """How far the source moves along x and along y for one pixel; at least 1."""
    yy = y + 0.5
    for x in range(width):
        xx = x0 + x + 0.5
        w = m[6] * xx + m[7] * yy + m[8]
        r = 1.0 / (w if w > near else 1.0)
        u = (m[0] * xx + m[1] * yy + m[2]) * r
        v = (m[3] * xx + m[4] * yy + m[5]) * r
        ux, uy = m[0] - u * m[6], m[1] - u * m[7]
        vx, vy = m[3] - v * m[6], m[4] - v * m[7]
        grow_x[x] = np.float32(max(1.0, np.sqrt(ux * ux + uy * uy) * r))
        grow_y[x] = np.float32(max(1.0, np.sqrt(vx * vx + vy * vy) * r))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _given(at_x, at_y, x0, y, half, first_x, first_y, part_x, part_y, grow_x, grow_y):  # type: ignore[no-untyped-def]
    """As `_positions` and `_stretches`, from arrays; the distance to the next ones tells how much is shrunk."""
    height, width = at_x.shape
    below = max(y + 1 if y + 1 < height else y - 1, 0)
    for x in range(first_x.size):
        at = x0 + x
        u = min(max(np.float64(at_x[y, at]), -FAR), FAR)
        v = min(max(np.float64(at_y[y, at]), -FAR), FAR)
        n = at + 1 if at + 1 < width else max(at - 1, 0)
        ux, uy = at_x[y, n] - at_x[y, at], at_x[below, at] - at_x[y, at]
        vx, vy = at_y[y, n] - at_y[y, at], at_y[below, at] - at_y[y, at]
        grow_x[x] = max(np.float32(1), np.sqrt(ux * ux + uy * uy))
        grow_y[x] = max(np.float32(1), np.sqrt(vx * vx + vy * vy))
        fu = np.floor(u - half)
        fv = np.floor(v - half)
        first_x[x] = np.int32(fu)
        first_y[x] = np.int32(fv)
        part_x[x] = np.float32(u - half - fu)
        part_y[x] = np.float32(v - half - fv)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _polynomial_weights(part, powers, weights):  # type: ignore[no-untyped-def]
    degree, taps = powers.shape
    for k in range(taps):
        w = weights[k]
        if degree == 2:
            a, b = powers[0, k], powers[1, k]
            for x in range(part.size):
                w[x] = a * part[x] + b
        elif degree == 4:
            a, b, c, d = powers[0, k], powers[1, k], powers[2, k], powers[3, k]
            for x in range(part.size):
                t = part[x]
                w[x] = ((a * t + b) * t + c) * t + d
        else:
            for x in range(part.size):
                w[x] = powers[0, k]
            for i in range(1, degree):
                p = powers[i, k]
                for x in range(part.size):
                    w[x] = w[x] * part[x] + p


@njit(**KERNEL)  # type: ignore[untyped-decorator]
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


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _hold(first, weights, taps, size, there, seen, x):  # type: ignore[no-untyped-def]
    f = first[x]
    if f + taps <= 0 or f >= there:
        seen[x] = 0
        first[x] = 0
        return
    held = min(max(f, 0), size - taps)
    shift = held - f
    if shift > 0:
        for k in range(taps):
            weights[k, x] = weights[k + shift, x] if k + shift < taps else np.float32(0)
    elif shift < 0:
        for k in range(taps - 1, -1, -1):
            weights[k, x] = weights[k + shift, x] if k + shift >= 0 else np.float32(0)
    for k in range(taps):
        if held + k >= there:
            weights[k, x] = np.float32(0)
    first[x] = held


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _hold_inside(first, weights, taps, size, there, seen):  # type: ignore[no-untyped-def]
    """Shift taps that reach over the picture's rim back into the array; what lies outside weighs nothing.

    `size` is the array's, `there` the picture's. Pixels that see nothing of it are marked. From
    both ends first: what lies outside mostly does so in one piece.
    """
    a, b, last = 0, first.size, there - taps
    while a < b and (first[a] < 0 or first[a] > last):
        _hold(first, weights, taps, size, there, seen, a)
        a += 1
    while b > a and (first[b - 1] < 0 or first[b - 1] > last):
        b -= 1
        _hold(first, weights, taps, size, there, seen, b)
    if a == b:
        return
    low, high = first[a], first[a]
    for x in range(a, b):
        low = min(low, first[x])
        high = max(high, first[x])
    if low < 0 or high > last:
        for x in range(a, b):
            if first[x] < 0 or first[x] > last:
                _hold(first, weights, taps, size, there, seen, x)


# --- weighed sums -----------------------------------------------------------------------


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _one(src, base, row, offset, wx, wy, seen, out, taps_x, taps_y):  # type: ignore[no-untyped-def]
    """One channel of a row."""
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
def _four(source, row, offset, wx, wy, seen, line, shrinks, taps_x, taps_y):  # type: ignore[no-untyped-def]
    """Four interleaved channels of a row into `line`. `source` is an address, `row` counts pixels."""
    across, down, target = wx.ctypes.data, wy.ctypes.data, line.ctypes.data
    step, bytes = wx.shape[1] * 4, row * 16
    for x in range(offset.size):
        if seen[x] == 0:
            line[4 * x] = line[4 * x + 1] = line[4 * x + 2] = line[4 * x + 3] = np.float32(0)
            continue
        o, a, d, t = source + np.int64(offset[x]) * 16, across + x * 4, down + x * 4, target + x * 16
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
def _part(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, mixed, dst, dst_channel, dst_row, m, near, at_x, at_y, tall, wide, there_y, there_x,
    powers, table, radius, shrinks, taps_x, taps_y, places, weights, line, channels, x0, y, width,
):  # fmt: skip
    """`width` pixels of a row, from column x0 on."""
    first_x, first_y, seen = places[0, :width], places[1, :width], places[2, :width]
    part_x, part_y = weights[taps_x + taps_y, :width], weights[taps_x + taps_y + 1, :width]
    grow_x, grow_y = weights[taps_x + taps_y + 2, :width], weights[taps_x + taps_y + 3, :width]
    wx, wy = weights[:taps_x], weights[taps_x : taps_x + taps_y]
    half = 0.0 if taps_x == 1 else 0.5
    # The filter's first tap, counted from the pixel whose centre lies before the position.
    before_x = np.int32((taps_x - 1) // 2 if shrinks else max(0, taps_x // 2 - 1))
    before_y = np.int32((taps_y - 1) // 2 if shrinks else max(0, taps_y // 2 - 1))
    if at_x.size > 0:
        _given(at_x, at_y, x0, y, half, first_x, first_y, part_x, part_y, grow_x, grow_y)
    else:
        _positions(m, near, x0, y, half, first_x, first_y, part_x, part_y, width)
        if shrinks:
            _stretches(m, near, x0, y, grow_x, grow_y, width)
    for x in range(width):
        first_x[x] -= before_x
        first_y[x] -= before_y
        seen[x] = 1
    if shrinks:
        limit_x = np.float32(np.float32(taps_x - 1) / (np.float32(2) * radius))
        limit_y = np.float32(np.float32(taps_y - 1) / (np.float32(2) * radius))
        _stretched_weights(part_x, grow_x, table, radius, limit_x, taps_x, wx)
        _stretched_weights(part_y, grow_y, table, radius, limit_y, taps_y, wy)
    else:
        _polynomial_weights(part_x, powers, wx)
        _polynomial_weights(part_y, powers, wy)
    _hold_inside(first_x, wx, taps_x, wide, there_x, seen)
    _hold_inside(first_y, wy, taps_y, tall, there_y, seen)
    step = np.int32(wide if mixed.shape[0] > 0 else src_row)
    for x in range(width):
        first_x[x] += first_y[x] * step
    for c in range(channels if mixed.shape[0] == 0 else 0):
        o = c * dst_channel + y * dst_row + x0
        _one(src, c * src_channel, src_row, first_x, wx, wy, seen, dst[o : o + width], taps_x, taps_y)
    for group in range(mixed.shape[0]):
        _four(mixed[group].ctypes.data, wide, first_x, wx, wy, seen, line, shrinks, taps_x, taps_y)
        for c in range(4 * group, min(4 * group + 4, channels)):
            o = c * dst_channel + y * dst_row + x0
            out = dst[o : o + width]
            for x in range(width):
                out[x] = line[4 * x + c - 4 * group]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def rows(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, mixed, dst, dst_channel, dst_row, m, near, at_x, at_y, tall, wide, there_y, there_x,
    powers, table, radius, shrinks, taps_x, taps_y, places, weights, line, width, channels, y0, y1,
):  # fmt: skip
    """Rows [y0, y1) of all channels. `mixed` holds the source interleaved, by fours of channels; or nothing.

    Done in columns of `TILE` pixels, so that what neighbouring rows read stays in the nearest cache.
    """
    for x0 in range(0, width, TILE):
        n = min(TILE, width - x0)
        for y in range(y0, y1):
            _part(
                src, src_channel, src_row, mixed, dst, dst_channel, dst_row, m, near, at_x, at_y, tall, wide, there_y,
                there_x, powers, table, radius, shrinks, taps_x, taps_y, places, weights, line, channels, x0, y, n,
            )  # fmt: skip
