# ruff: noqa: TID253
"""Median over a square, exact for floats, each channel by itself.

Up to `NETWORK` pixels of radius by a selection network over whole rows: K. Batcher's
odd-even merge sort (1968), pruned to what the middle one depends on.

Beyond, by ranks: a tile of at most 65,536 pixels is sorted once, every pixel then is the
number of its rank, and the window a set of bits that slides over the tile, two columns of
changes a pixel (after T. Huang, "A fast two-dimensional median filtering algorithm", 1979).
Cost grows with the radius, and with the overlap of the tiles.

NaN counts as 0. Infinities are ordinary extremes.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.kernels.filters.flat import KERNEL, Image, check, grain, readable, writable
from nodegraph.kernels.pool import Pool

NETWORK = 2
"""Largest radius done by a network (radius 1 by one that shares its sorted columns)."""

LARGEST = 64
"""Largest radius: beyond, the tiles would be mostly overlap."""

_BLOCK = 1024
"""Columns a network works on at a time: its rows of that many stay in the first-level cache."""


def median_reach(radius: int) -> tuple[int, int]:
    """Pixels (x, y) that `median` reads beyond its output on each side."""
    return radius, radius


def median(src: Image, dst: Image, radius: int, pool: Pool) -> None:
    """The middle value of the `2*radius + 1` squared pixels around each one; 0 only scrubs NaN.

    `radius` is whole, 0 to `LARGEST`.
    """
    if not 0 <= radius <= LARGEST or radius != int(radius):
        raise CookError(f"a median of radius {radius} isn't possible", hint=f"use 0 to {LARGEST}, whole")
    check("median", src, dst, median_reach(radius))
    if dst.size == 0:
        return
    channels, height, width = dst.shape
    source, target = readable(src), writable(dst)
    side = 2 * radius + 1
    if radius == 1:

        def three(r0: int, r1: int) -> None:
            with pool.scratch((3, width + 2)) as sorted_columns:
                _three(*source, *target, height, width, sorted_columns, r0, r1)

        pool.map(channels * height, three, grain(width))
        return
    if radius <= NETWORK:
        steps, middle, spare = _network(side * side)

        def strip(r0: int, r1: int) -> None:
            with pool.scratch((side * side + spare, _BLOCK)) as rows:
                _select(*source, *target, height, width, side, steps, middle, rows, r0, r1)

        pool.map(channels * height, strip, grain(width))
        return

    tile = 256 - 2 * radius
    across, down = -(-width // tile), -(-height // tile)

    def tiles(t0: int, t1: int) -> None:
        with (
            pool.scratch((2, 65536), np.uint32) as keys,
            pool.scratch((2, 65536), np.uint16) as order,
            pool.scratch((65536,), np.uint16) as ranks,
            pool.scratch((1024,), np.uint64) as bits,
            pool.scratch((3, 256), np.int64) as counts,
        ):
            _tiles(
                *source, *target, height, width, radius, tile, across, down,
                keys, order, ranks, bits, counts, t0, t1,
            )  # fmt: skip

    pool.map(channels * across * down, tiles, 1)


@lru_cache(maxsize=8)
def _network(n: int) -> tuple[NDArray[np.int64], int, int]:
    """Comparisons that bring the middle of `n` rows out, the row it ends up in, and rows to spare.

    Each step is (a, b, low, high): the smaller and the larger of rows a and b go into rows low
    and high, never one of the two themselves (updated in place, LLVM would store by mask,
    which is slow); -1 where nobody needs that one.
    """
    wanted = {n // 2}
    kept: list[tuple[int, int, bool, bool]] = []
    for a, b in reversed(_merge_sort(n)):
        if a in wanted or b in wanted:
            kept.append((a, b, a in wanted, b in wanted))
            wanted |= {a, b}
    where = list(range(n))
    free = [n, n + 1]
    steps = []
    for a, b, low_wanted, high_wanted in reversed(kept):
        old = where[a], where[b]
        low = high = -1
        if low_wanted:
            low = where[a] = free.pop()
        if high_wanted:
            high = where[b] = free.pop()
        steps.append((*old, low, high))
        free += old
    return np.array(steps, np.int64).reshape(-1, 4), where[n // 2], 2


def _merge_sort(n: int) -> list[tuple[int, int]]:
    """Batcher's odd-even merge sort of any number of wires."""
    steps = []
    p = 1
    while p < n:
        k = p
        while k >= 1:
            for j in range(k % p, n - k, 2 * k):
                for i in range(min(k, n - j - k)):
                    if (i + j) // (2 * p) == (i + j + k) // (2 * p):
                        steps.append((i + j, i + j + k))
            k //= 2
        p *= 2
    return steps


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _less(a, b):  # type: ignore[no-untyped-def]
    return a if a < b else b


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _more(a, b):  # type: ignore[no-untyped-def]
    return a if a > b else b


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _three(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, height, width, lines, r0, r1
):
    """3 x 3: of the sorted columns, the median of the largest low, the median middle and the least high."""
    zero = np.float32(0)
    n = width + 2
    low, middle, high = lines[0], lines[1], lines[2]
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        o = c * src_channel + y * src_row
        a, b, d = src[o : o + n], src[o + src_row : o + src_row + n], src[o + 2 * src_row : o + 2 * src_row + n]
        for x in range(n):
            u = a[x] if a[x] == a[x] else zero
            v = b[x] if b[x] == b[x] else zero
            w = d[x] if d[x] == d[x] else zero
            less, more = _less(u, v), _more(u, v)
            low[x] = _less(less, w)
            high[x] = _more(more, w)
            middle[x] = _more(less, _less(more, w))
        out = dst[c * dst_channel + y * dst_row : c * dst_channel + y * dst_row + width]
        for x in range(width):
            u = _more(_more(low[x], low[x + 1]), low[x + 2])
            w = _less(_less(high[x], high[x + 1]), high[x + 2])
            p, q = middle[x], middle[x + 1]
            v = _more(_less(p, q), _less(_more(p, q), middle[x + 2]))
            out[x] = _more(_less(u, v), _less(_more(u, v), w))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _select(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, height, width,
    side, steps, middle, rows, r0, r1,
):  # fmt: skip
    """Rows [r0, r1), counted through all channels: one network for a block of columns at once."""
    for r in range(r0, r1):
        c = r // height
        y = r - c * height
        for x0 in range(0, width, rows.shape[1]):
            n = min(rows.shape[1], width - x0)
            for i in range(side * side):
                o = c * src_channel + (y + i // side) * src_row + x0 + i % side
                a = src[o : o + n]
                low = rows[i, :n]
                for x in range(n):
                    low[x] = a[x] if a[x] == a[x] else np.float32(0)
            for s in range(steps.shape[0]):
                b, d = rows[steps[s, 0], :n], rows[steps[s, 1], :n]
                if steps[s, 2] >= 0 and steps[s, 3] >= 0:
                    low, high = rows[steps[s, 2], :n], rows[steps[s, 3], :n]
                    for x in range(n):
                        low[x] = _less(b[x], d[x])
                        high[x] = _more(b[x], d[x])
                elif steps[s, 2] >= 0:
                    low = rows[steps[s, 2], :n]
                    for x in range(n):
                        low[x] = _less(b[x], d[x])
                else:
                    high = rows[steps[s, 3], :n]
                    for x in range(n):
                        high[x] = _more(b[x], d[x])
            o = c * dst_channel + y * dst_row + x0
            out = dst[o : o + n]
            b = rows[middle, :n]
            for x in range(n):
                out[x] = b[x]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _sort(keys, order, n):  # type: ignore[no-untyped-def]
    """Radix sort of keys[0] with their positions; both end in row 0. Eight bits at a time."""
    count = np.zeros(256, np.int64)
    for shift in range(0, 32, 8):
        a, b = keys[shift // 8 % 2], keys[1 - shift // 8 % 2]
        p, q = order[shift // 8 % 2], order[1 - shift // 8 % 2]
        count[:] = 0
        for i in range(n):
            count[(a[i] >> np.uint32(shift)) & np.uint32(255)] += 1
        total = 0
        for digit in range(256):
            here = count[digit]
            count[digit] = total
            total += here
        for i in range(n):
            digit = (a[i] >> np.uint32(shift)) & np.uint32(255)
            at = count[digit]
            count[digit] = at + 1
            b[at] = a[i]
            q[at] = p[i]


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _flip(rank, bits, counts):  # type: ignore[no-untyped-def]
    """Put a rank into the window's set, or take it out. counts: how many of each 256 ranks are in."""
    word, bit = np.int64(rank) >> 6, np.uint64(1) << np.uint64(np.int64(rank) & 63)
    bits[word] ^= bit
    counts[word >> 2] += 1 if bits[word] & bit else -1


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _ones(v):  # type: ignore[no-untyped-def]
    """Number of bits set in a 64-bit word (H. Warren, "Hacker's Delight", 5-1)."""
    v = v - ((v >> np.uint64(1)) & np.uint64(0x5555555555555555))
    v = (v & np.uint64(0x3333333333333333)) + ((v >> np.uint64(2)) & np.uint64(0x3333333333333333))
    v = (v + (v >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((v * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _middle(bits, counts, group, below, half):  # type: ignore[no-untyped-def]
    """The rank that has `half` others of the window below it; `below` lie under `group`'s 256 ranks."""
    left = half - below
    word = group * 4
    while True:
        here = _ones(bits[word])
        if left < here:
            break
        left -= here
        word += 1
    v = bits[word]
    for _ in range(left):
        v &= v - np.uint64(1)
    return word * 64 + _ones((v & (~v + np.uint64(1))) - np.uint64(1))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _tiles(  # type: ignore[no-untyped-def]
    src, src_channel, src_row, dst, dst_channel, dst_row, height, width, radius, tile, across, down,
    keys, order, ranks, bits, counts, t0, t1,
):  # fmt: skip
    side = 2 * radius + 1
    half = side * side // 2
    sign = np.uint32(0x80000000)
    for t in range(t0, t1):
        c = t // (across * down)
        top = t // across % down * tile
        left = t % across * tile
        h, w = min(tile, height - top), min(tile, width - left)
        tall, wide = h + 2 * radius, w + 2 * radius
        n = tall * wide
        value = keys[1].view(np.float32)
        for y in range(tall):
            o = c * src_channel + (top + y) * src_row + left
            a = src[o : o + wide]
            for x in range(wide):
                value[y * wide + x] = a[x] if a[x] == a[x] else np.float32(0)
        for i in range(n):
            # Order of the bits as integers = order of the floats.
            k = keys[1, i]
            keys[0, i] = ~k if k & sign else k | sign
            order[0, i] = i
        _sort(keys, order, n)
        for i in range(n):
            ranks[order[0, i]] = i
        bits[:] = np.uint64(0)
        held = counts[0]
        held[:] = 0
        for y in range(side):
            for x in range(side):
                _flip(ranks[y * wide + x], bits, held)
        group, below = 0, 0
        x = 0
        for y in range(h):  # to the right on even rows, back on odd ones
            step = 1 if y % 2 == 0 else -1
            for i in range(w):
                if i > 0:
                    out, into = (x, x + side) if step > 0 else (x + side - 1, x - 1)
                    for j in range(y, y + side):
                        rank = ranks[j * wide + out]
                        below -= 1 if (np.int64(rank) >> 8) < group else 0
                        _flip(rank, bits, held)
                        rank = ranks[j * wide + into]
                        below += 1 if (np.int64(rank) >> 8) < group else 0
                        _flip(rank, bits, held)
                    x += step
                while below > half:
                    group -= 1
                    below -= held[group]
                while below + held[group] <= half:
                    below += held[group]
                    group += 1
                k = keys[0, _middle(bits, held, group, below, half)]
                k = k & ~sign if k & sign else ~k
                value[0] = np.float32(0)
                keys[1, 0] = k
                dst[c * dst_channel + (top + y) * dst_row + left + x] = value[0]
            if y + 1 < h:
                for j in range(x, x + side):
                    rank = ranks[y * wide + j]
                    below -= 1 if (np.int64(rank) >> 8) < group else 0
                    _flip(rank, bits, held)
                    rank = ranks[(y + side) * wide + j]
                    below += 1 if (np.int64(rank) >> 8) < group else 0
                    _flip(rank, bits, held)
