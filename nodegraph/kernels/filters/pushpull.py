# ruff: noqa: TID253
"""Colours that are known spread over pixels where they aren't: push-pull, in strips, at a cost whatever the gaps.

After S. Gortler et al., "The Lumigraph", 1996, section 3.4.2. *Pull*: each coarser grid holds the sums of four, their
weight held to 1. *Push*: what a grid is missing comes from the next coarser one, read bilinearly. With all grids every
gap is filled; with some of them known colours spread only so far:

    m grids,  m = log2(4 size)  whole ones,  the last fading in with the fraction

so that what lies within `size` pixels of a known one is filled wholly; from there it fades, half of it is left at 2 to
7 `size` (as the grids happen to lie), nothing at 16.
The grids are anchored at the picture's origin: a part of a picture comes out as it does within the whole.
(`nodegraph.kernels.pushpull` is for small grids, of any number of planes.)
"""

from __future__ import annotations

from contextlib import ExitStack
from math import ceil, inf, log2
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.kernels.filters.flat import KERNEL, Image, grain, readable, writable
from nodegraph.kernels.pool import Pool

LARGEST = 16
"""Most grids: beyond pictures of 65,536 pixels nothing is left to fill."""

_BLOCK = 256
"""Columns that are mixed at a time, if any of them needs it: most of a picture doesn't."""


def spread_reach(size: float) -> int:
    """How far around itself a pixel depends on others."""
    return int(3 * (2 ** _grids(size)[0] - 1))


def _grids(size: float) -> tuple[int, float]:
    """How many grids, and how much the coarsest counts."""
    wanted = log2(4 * size) if size > 0.25 else 0.0
    if wanted >= LARGEST:
        return LARGEST, 1.0
    return ceil(wanted), 1 - (ceil(wanted) - wanted)


def spread(
    colour: Image,
    alpha: Image,
    weight: Image,
    dst: Image,
    pool: Pool,
    *,
    size: float = inf,
    sure: tuple[float, float] = (0.0, 1.0),
    premultiplied: bool = False,
    origin: tuple[int, int] = (0, 0),
    at: tuple[int, int] = (0, 0),
) -> None:
    """Spread the colours of sure pixels over the others, `size` pixels far (infinite: everywhere).

    `colour` is (3, height, width), `alpha` and `weight` (1, height, width), which may be the same. A pixel is sure
    by as much as its weight lies between the two numbers of `sure`; not at all where any of its values isn't a number.
    `dst` (3, rows, columns) is filled; its corner lies at `at` (column, row) of the sources, whose own corner lies at
    `origin` (x, y) in the picture. Premultiplied colours are divided by alpha before, and multiplied after.
    Where no known colour comes, and where a value isn't a number, the colour stays as it is.
    """
    _, height, width = _check(colour, alpha, weight, dst, at)
    if dst.size == 0:
        return
    levels, last = _grids(size)
    if size == inf:
        levels, last = min(LARGEST, max(1, (max(height, width) - 1).bit_length())), 1.0
    if levels == 0:
        np.copyto(dst, colour[:, at[1] : at[1] + dst.shape[1], at[0] : at[0] + dst.shape[2]])
        return
    low, high = sure
    low32, gain = np.float32(low), np.float32(1 / max(high - low, 1e-6))
    sources = (*readable(colour), *_plane(alpha), *_plane(weight))
    x0, y0 = origin

    with ExitStack() as held:
        grids: list[NDArray[Any]] = []
        corners = [(x0, y0)]
        shape = height, width
        for level in range(1, levels + 1):
            x, y = corners[-1]
            rows, columns = (y + shape[0] - 1 >> 1) - (y >> 1) + 1, (x + shape[1] - 1 >> 1) - (x >> 1) + 1
            grid = held.enter_context(pool.scratch((4, rows, columns)))
            fade = np.float32(last if level == levels else 1)
            if level == 1:
                _first(sources, shape, x & 1, y & 1, grid, low32, gain, premultiplied, fade, pool)
            else:
                _next(grids[-1], x & 1, y & 1, grid, fade, pool)
            grids.append(grid)
            corners.append((x >> 1, y >> 1))
            shape = rows, columns
        for level in range(levels - 1, 0, -1):
            x, y = corners[level]
            _fill(grids[level - 1], grids[level], x & 1, y & 1, pool)
        target = writable(dst)
        coarse = grids[0]

        def strip(r0: int, r1: int) -> None:
            with pool.scratch((10, _BLOCK + 4)) as lines:
                _last(
                    *sources, *target, dst.shape[2], at[0], at[1], x0 & 1, y0 & 1, coarse,
                    low32, gain, premultiplied, lines, r0, r1,
                )  # fmt: skip

        pool.map(dst.shape[1], strip, grain(3 * width))


def _check(colour: Image, alpha: Image, weight: Image, dst: Image, at: tuple[int, int]) -> tuple[int, int, int]:
    planes, height, width = colour.shape
    rows, columns = dst.shape[1:]
    plane = 1, height, width
    inside = 0 <= at[0] <= width - columns and 0 <= at[1] <= height - rows
    if planes != 3 or dst.shape[0] != 3 or alpha.shape != plane or weight.shape != plane or not inside:
        raise CookError(
            f"spread takes 3, 1 and 1 planes, not {colour.shape}, {alpha.shape}, {weight.shape}, {dst.shape}"
        )
    if any(each.dtype != np.float32 for each in (colour, alpha, weight, dst)):
        raise CookError("spread takes float32")
    return 3, height, width


def _plane(image: Image) -> tuple[NDArray[np.float32], int]:
    data, _, row = readable(image)
    return data, row


def _first(
    sources: tuple[Any, ...], shape: tuple[int, int], off_x: int, off_y: int, grid: Image,
    low: np.float32, gain: np.float32, premultiplied: bool, fade: np.float32, pool: Pool,
) -> None:  # fmt: skip
    def strip(r0: int, r1: int) -> None:
        with pool.scratch((6, 2 * grid.shape[2])) as lines:
            _pull_picture(*sources, *shape, off_x, off_y, grid, low, gain, premultiplied, fade, lines, r0, r1)

    pool.map(grid.shape[1], strip, grain(8 * shape[1]))


def _next(fine: Image, off_x: int, off_y: int, grid: Image, fade: np.float32, pool: Pool) -> None:
    def strip(r0: int, r1: int) -> None:
        with pool.scratch((5, 2 * grid.shape[2])) as lines:
            _pull(fine, off_x, off_y, grid, fade, lines, r0, r1)

    pool.map(grid.shape[1], strip, grain(8 * fine.shape[2]))


def _fill(fine: Image, coarse: Image, off_x: int, off_y: int, pool: Pool) -> None:
    def strip(r0: int, r1: int) -> None:
        with pool.scratch((8, 2 * coarse.shape[2] + 2)) as lines:
            _push(fine, coarse, off_x, off_y, lines, r0, r1)

    pool.map(fine.shape[1], strip, grain(4 * fine.shape[2]))


# The loops below are short on purpose: LLVM vectorises none that would need many checks for overlap.


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _known(out, r, g, b, a, w, low, gain):  # type: ignore[no-untyped-def]
    """How sure pixels are, 0..1; not at all where a value isn't finite."""
    zero, one = np.float32(0), np.float32(1)
    for x in range(w.size):
        sure = (w[x] - low) * gain
        sure = sure if sure > zero else zero
        sure = sure if sure < one else one
        none = (r[x] + g[x] + b[x] + a[x] + w[x]) * zero  # NaN where anything isn't finite
        out[x] = sure if none == zero else zero


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _add(line, colour, share):  # type: ignore[no-untyped-def]
    """Colours by their shares; what has none adds nothing, whatever it is."""
    zero = np.float32(0)
    for x in range(colour.size):
        line[x] += share[x] * colour[x] if share[x] > zero else zero


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _in_pairs(lines, grid, row, fade):  # type: ignore[no-untyped-def]
    """A row of a grid: sums of two neighbours in the first four lines, their weight held to 1."""
    one = np.float32(1)
    columns = grid.shape[2]
    scale, known, out = lines[4], lines[3], grid[3, row]
    for x in range(columns):
        total = known[2 * x] + known[2 * x + 1]
        factor = fade / (total if total > one else one)
        scale[x] = factor
        out[x] = total * factor
    for c in range(3):
        line, out = lines[c], grid[c, row]
        for x in range(columns):
            out[x] = (line[2 * x] + line[2 * x + 1]) * scale[x]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _pull_picture(  # type: ignore[no-untyped-def]
    colour, colour_plane, colour_row, alpha, alpha_row, weight, weight_row, height, width,
    off_x, off_y, grid, low, gain, premultiplied, fade, lines, r0, r1,
):  # fmt: skip
    """Rows [r0, r1) of the first grid."""
    zero, one = np.float32(0), np.float32(1)
    known, sure, share = lines[3, off_x : off_x + width], lines[4, :width], lines[5, :width]
    for row in range(r0, r1):
        lines[:4] = zero
        for y in range(max(0, 2 * row - off_y), min(height, 2 * row - off_y + 2)):
            o = y * colour_row
            red = colour[o : o + width]
            green = colour[o + colour_plane : o + colour_plane + width]
            blue = colour[o + 2 * colour_plane : o + 2 * colour_plane + width]
            alphas = alpha[y * alpha_row : y * alpha_row + width]
            weights = weight[y * weight_row : y * weight_row + width]
            _known(sure, red, green, blue, alphas, weights, low, gain)
            if premultiplied:
                for x in range(width):
                    share[x] = sure[x] / (alphas[x] if alphas[x] > np.float32(1.2e-38) else one)
            else:
                for x in range(width):
                    share[x] = sure[x]
            _add(lines[0, off_x : off_x + width], red, share)
            _add(lines[1, off_x : off_x + width], green, share)
            _add(lines[2, off_x : off_x + width], blue, share)
            for x in range(width):
                known[x] += sure[x]
        _in_pairs(lines, grid, row, fade)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _pull(fine, off_x, off_y, grid, fade, lines, r0, r1):  # type: ignore[no-untyped-def]
    """Rows [r0, r1) of a coarser grid."""
    height, width = fine.shape[1:]
    for row in range(r0, r1):
        lines[:4] = np.float32(0)
        for y in range(max(0, 2 * row - off_y), min(height, 2 * row - off_y + 2)):
            for c in range(4):
                here, line = fine[c, y], lines[c, off_x : off_x + width]
                for x in range(width):
                    line[x] += here[x]
        _in_pairs(lines, grid, row, fade)


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _between(coarse, y, i0, n, lines):  # type: ignore[no-untyped-def]
    """Lines 4 to 7: columns i0 ... i0+n-1 of a coarse grid read bilinearly at the fine row y, two fine ones of each."""
    near, far = np.float32(0.75), np.float32(0.25)
    rows, columns = coarse.shape[1:]
    j = y >> 1
    k = min(max(j - 1 + 2 * (y & 1), 0), rows - 1)
    first, last = max(i0 - 1, 0), min(i0 + n + 1, columns)
    at = first - (i0 - 1)
    for c in range(4):
        mine, beside = coarse[c, j, first:last], coarse[c, k, first:last]
        line = lines[c, at : at + last - first]
        for i in range(last - first):
            line[i] = near * mine[i] + far * beside[i]
        line = lines[c]
        if at:
            line[0] = line[1]
        if last != i0 + n + 1:
            line[n + 1] = line[n]
        out = lines[4 + c]
        for i in range(n):
            out[2 * i] = near * line[i + 1] + far * line[i]
            out[2 * i + 1] = near * line[i + 1] + far * line[i + 2]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _push(fine, coarse, off_x, off_y, lines, r0, r1):  # type: ignore[no-untyped-def]
    """Rows [r0, r1) of a grid, its gaps filled from the next coarser one."""
    width = fine.shape[2]
    for y in range(r0, r1):
        _between(coarse, y + off_y, 0, coarse.shape[2], lines)
        known = fine[3, y]
        for c in range(4):  # the weight last: the others are filled by what it was
            here, other = fine[c, y], lines[4 + c, off_x : off_x + width]
            if c < 3:
                for x in range(width):
                    here[x] += (np.float32(1) - known[x]) * other[x]
            else:
                for x in range(width):
                    known[x] += (np.float32(1) - known[x]) * other[x]


@njit(forceinline=True, **KERNEL)  # type: ignore[untyped-decorator]
def _mixed(out, colour, filling, amount, share):  # type: ignore[no-untyped-def]
    zero = np.float32(0)
    for x in range(out.size):
        c = colour[x]
        # a whole result is selected: an infinity by an amount of 0 would be NaN
        mixed = c + (share[x] * filling[x] - amount[x] * c)
        out[x] = mixed if amount[x] > zero else c


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _last(  # type: ignore[no-untyped-def]
    colour, colour_plane, colour_row, alpha, alpha_row, weight, weight_row,
    dst, dst_plane, dst_row, width, left, top, off_x, off_y, coarse,
    low, gain, premultiplied, lines, r0, r1,
):  # fmt: skip
    """Rows [r0, r1) of the picture. A filling of weight 1/4 counts wholly: `size` pixels away it has that."""
    zero, one, four = np.float32(0), np.float32(1), np.float32(4)
    for row in range(r0, r1):
        y = row + top
        for x0 in range(0, width, _BLOCK):
            n = min(_BLOCK, width - x0)
            o = y * colour_row + left + x0
            red = colour[o : o + n]
            green = colour[o + colour_plane : o + colour_plane + n]
            blue = colour[o + 2 * colour_plane : o + 2 * colour_plane + n]
            alphas = alpha[y * alpha_row + left + x0 : y * alpha_row + left + x0 + n]
            weights = weight[y * weight_row + left + x0 : y * weight_row + left + x0 + n]
            o = row * dst_row + x0
            red_out = dst[o : o + n]
            green_out = dst[o + dst_plane : o + dst_plane + n]
            blue_out = dst[o + 2 * dst_plane : o + 2 * dst_plane + n]
            amount, share = lines[8, :n], lines[9, :n]
            _known(share, red, green, blue, alphas, weights, low, gain)
            wanted = zero
            for x in range(n):
                finite = (red[x] + green[x] + blue[x] + alphas[x]) * zero == zero
                missing = one - share[x]
                missing = missing if finite else zero
                amount[x] = missing
            if premultiplied:  # without alpha there is no colour, but light added on top
                for x in range(n):
                    amount[x] = amount[x] if alphas[x] > np.float32(1.2e-38) else zero
            for x in range(n):
                wanted += amount[x]
            if wanted == zero:
                for x in range(n):
                    red_out[x] = red[x]
                for x in range(n):
                    green_out[x] = green[x]
                for x in range(n):
                    blue_out[x] = blue[x]
                continue
            at = off_x + left + x0
            i0 = at >> 1
            _between(coarse, y + off_y, i0, ((at + n - 1) >> 1) - i0 + 1, lines)
            at -= 2 * i0
            there = lines[7, at : at + n]
            for x in range(n):
                much = four * there[x]
                amount[x] *= much if much < one else one
            for x in range(n):
                share[x] = amount[x] / (there[x] if there[x] > np.float32(1e-20) else one)
            if premultiplied:
                for x in range(n):
                    share[x] *= alphas[x]
            _mixed(red_out, red, lines[4, at : at + n], amount, share)
            _mixed(green_out, green, lines[5, at : at + n], amount, share)
            _mixed(blue_out, blue, lines[6, at : at + n], amount, share)
