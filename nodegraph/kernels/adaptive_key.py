# ruff: noqa: TID253
"""A screen key that knows what stands before the screen.

A pixel of an edge is a mixture, C = p f + q S: f the colour direction of the subject beside it, S the screen there,
and q how much of the screen shows. Colour difference alone knows only S and takes warm or grey-green edges for more
or less solid than they are. Here both are known, coarsely:

    picture ──cells of a few pixels──> what is surely screen ──spread──> S ─┐
                                      what is surely subject ──spread──> f ─┴─> q = C . w, w the dual of S
                                                                               r = C . n, n across both

w, n and the colour difference's scale vary slowly, so they are computed per cell and interpolated; a pixel costs two
dot products. r tells whether C is such a mixture at all (Shapiro & Stockman's residual of a linear mixing model);
where it isn't, another subject colour meets the screen there and plain colour difference decides.

Spreading is the push-pull of Gortler et al., *The Lumigraph* (1996). The colour difference is Vlahos' (US 4,100,569),
for a screen of one strong channel or of two (yellow, cyan, magenta).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.cells import expand
from nodegraph.kernels.filters.flat import KERNEL, Image, readable
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.pushpull import halved, spread

#: About how many cells the longer side has.
_CELLS = 240
#: Planes of a grid: w (3), n (3), 1 / the screen's colour difference, and what the matte is raised by.
_PLANES = 8
#: How much of a residual, as a share of the pixel's sum, makes a mixture doubtful; and beside that as a share of the
#: screen's colour difference.
_DOUBT, _FLOOR = 0.07, 0.03
#: A cell is bare screen when it has this share of the most that any cell has within so many cells.
_BARE, _NEAR = 0.93, 8
#: So many cells from the subject, what is darker than the screen is a shadow on it.
_AWAY = 3
#: How much more than the others the screen's channel may be in a subject; and a sum of channels below which its hue is
#: hardly known.
_SPILT, _DARK = 1.1, 0.03
#: What a cell says of the subject's hue, by its cells from the edge: there screen may show through unnoticed.
_DEEP = (0.3, 0.7, 1.0)
#: How solid a cell must be to count as subject.
_SOLID = 0.97
#: What the matte is raised by with every cell from the screen's edge inwards, and where all around is solid.
_RAISED, _CORE = (1.0, 1.0, 1.1, 1.25, 1.45), 4.0
#: How solid bare screen may look: two and a half times as much as noise makes of it, but within these bounds.
_NOISE = (0.006, 0.12)
MIXED, BARE, CORE = 0, 1, 2


class Grid(NamedTuple):
    """What is known of a picture cell by cell: cells of `cell` pixels from its corner. `planes` is (8, rows, columns).

    `modes` says what is in a cell and all around it: subject, bare screen, or both.
    """

    planes: NDArray[np.float32]
    modes: NDArray[np.int8]
    cell: int
    kind: int
    floor: float


class Screen(NamedTuple):
    """A screen's colour, how its light varies (see `nodegraph_nodes.keying.screen`), and where the picture lies in it.

    `place` is (u, v) of the first pixel's centre and the step to the next column and row. What has less than `bare` of
    the expected colour difference is not looked at as screen.
    """

    colour: Sequence[float]
    light: Sequence[float]
    place: tuple[float, float, float, float]
    bare: float = 0.7


def kind_of(colour: Sequence[float]) -> int:
    """0, 1, 2: red, green or blue stands out; 3, 4, 5: red, green or blue is what is missing (cyan, magenta, yellow)."""
    order = sorted(range(3), key=lambda c: colour[c])
    low, middle, high = (colour[c] for c in order)
    return order[2] if high - middle >= middle - low else 3 + order[0]


def difference(rgb: Sequence[float], kind: int) -> float:
    """How much a colour stands out in a screen's way."""
    others = [v for c, v in enumerate(rgb) if c != kind % 3]
    return rgb[kind] - max(others) if kind < 3 else min(others) - rgb[kind - 3]


def survey(rgb: Image, screen: Screen, bias: Sequence[float], fill: float, pool: Pool) -> Grid:
    """Look at a whole picture `(3, height, width)`: the grid that `key` reads.

    `bias` is a colour that counts as grey. `fill`, 0..1, is how far the subject's inside is made solid: spill there
    looks like a screen that shows through.
    """
    _, height, width = rgb.shape
    cell = 1 << max(0, round(np.log2(max(height, width, 1) / _CELLS)))
    rows, columns = -(-height // cell), -(-width // cell)
    kind = kind_of(screen.colour)
    full = max(difference(screen.colour, kind), 1e-6)
    order = [(kind + k) % 3 for k in range(3)]  # channels as the kernels take them: what stands out comes first
    colour = np.array(screen.colour, np.float32)[order]
    grey, light = np.array(bias, np.float64)[order], np.array(screen.light, np.float64)
    cells = np.empty((6, rows, columns), np.float32)
    most = np.empty((rows, columns), np.float32)
    known = np.empty((2, 4, rows, columns), np.float32)
    planes = np.zeros((_PLANES, rows, columns), np.float32)
    source = readable(rgb)

    pool.map(
        rows,
        lambda a, b: _measure(*source, height, width, cell, kind, full, light, screen.place, cells, a, b),
        4,
    )
    pool.map(rows, lambda a, b: _most(cells[4], most, a, b), 16)
    solid = cells[3]
    away, depth = _steps(solid > 0.5), _steps(solid < 0.7)
    hue = full / max(sum(screen.colour), 1e-6)
    pool.map(rows, lambda a, b: _known(cells, most, away, depth, kind, screen.bare, hue, known, a, b), 16)
    screens = spread(*halved(known[0, :3], known[0, 3]), (0, 0, 0))  # light varies slowly: half the cells will do
    subjects = spread(known[1, :3], known[1, 3], (1 / 3, 1 / 3, 1 / 3))
    kinds = np.empty((rows, columns), np.int8)
    _kinds(cells, known[0, 3], away, _noise(solid, known[0, 3]), kinds)
    core, modes = np.empty_like(kinds), np.empty_like(kinds)
    pool.map(rows, lambda a, b: _alike(kinds, core, a, b), 16)
    pool.map(rows, lambda a, b: _alike(core, modes, a, b), 16)

    def weigh(a: int, b: int) -> None:
        _weights(
            screens, subjects, core, depth, modes, fill, grey, kind < 3, colour, light, screen.place, cell, planes,
            a, b,
        )  # fmt: skip

    pool.map(rows, weigh, 16)
    return Grid(planes, modes, cell, kind, float(_FLOOR * full))


def _noise(solid: NDArray[np.float32], bare: NDArray[np.float32]) -> float:
    """How solid bare screen may look."""
    some = solid[::3, ::3][bare[::3, ::3] > 0]
    return min(max(2.5 * float(np.median(some)) if some.size else 0.0, _NOISE[0]), _NOISE[1])


def key(rgb: Image, grid: Grid, corner: tuple[int, int], out: Image, pool: Pool) -> None:
    """The matte of a part `(3, height, width)` of the picture that was surveyed, whose first pixel was at `corner`
    (x, y) there, into the first plane of `out`; a second plane, if there is one, takes the confidence.

    What lies deep in the screen is 0 exactly; elsewhere what isn't a number is solid.
    """
    _, height, width = rgb.shape
    source = readable(rgb)
    confident = out.shape[0] > 1
    wide = (grid.planes.shape[2] + 1) * grid.cell

    def strip(a: int, b: int) -> None:
        with pool.scratch((2 * _PLANES + 3, wide)) as scratch:
            _key(
                *source, width, grid.planes, grid.modes, grid.cell, grid.kind, grid.floor, *corner, out, confident,
                scratch, a, b,
            )  # fmt: skip

    pool.map(height, strip, 16)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _difference(high, other, another, single):  # type: ignore[no-untyped-def]
    """How much a screen stands out: one channel above the others, or two above the one that comes first."""
    return high - max(other, another) if single else min(other, another) - high


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _lit(light, place, x, y):  # type: ignore[no-untyped-def]
    """The screen's light at a pixel, held to what a screen may be."""
    u = place[0] + x * place[2]
    v = place[1] + y * place[3]
    lit = light[0] + light[1] * u + light[2] * v + light[3] * u * u + light[4] * u * v + light[5] * v * v
    return min(max(lit, 0.2), 3.0)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _measure(  # type: ignore[no-untyped-def]
    src, channel, row, height, width, cell, kind, full, light, place, cells, row0, row1
):
    """Per cell: mean colour, how solid its pixels are, how much they stand out, and how many are known.

    The colour's channels are in the order of the screen's kind. Two rows of a cell are looked at.
    """
    step = max(1, cell // 2)
    single = kind < 3
    one, none = np.float32(1), np.float32(0)
    first, second, third = kind % 3 * channel, (kind + 1) % 3 * channel, (kind + 2) % 3 * channel
    for cy in range(row0, row1):
        y0, y1 = cy * cell, min(height, (cy + 1) * cell)
        for cx in range(cells.shape[2]):
            x0, x1 = cx * cell, min(width, (cx + 1) * cell)
            lit = _lit(light, place, (cx + 0.5) * cell - 0.5, y0 + 0.5 * (cell - 1))
            scale = np.float32(1 / (full * lit))
            p, a, b, solid, out, count = none, none, none, none, none, none
            for y in range(y0, y1, step):
                o = y * row
                for x in range(o + x0, o + x1):
                    high, other, another = src[x + first], src[x + second], src[x + third]
                    if abs(high + other + another) < np.float32(3e4):  # no NaN, no light source
                        stands = _difference(high, other, another, single) * scale
                        p, a, b = p + high, a + other, b + another
                        out += stands
                        solid += min(max(one - stands, none), one)
                        count += one
            share = one / max(count, one)
            cells[0, cy, cx], cells[1, cy, cx], cells[2, cy, cx] = p * share, a * share, b * share
            cells[3, cy, cx], cells[4, cy, cx], cells[5, cy, cx] = solid * share, out * share, count


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _most(values, out, row0, row1):  # type: ignore[no-untyped-def]
    """The largest value within `_NEAR` rows and columns, at most 1.5 (more is no screen)."""
    rows, columns = values.shape
    wide = np.empty(columns + 2 * _NEAR, np.float32)
    for y in range(row0, row1):
        wide[:] = np.float32(-1)
        tall = wide[_NEAR : _NEAR + columns]
        for j in range(max(0, y - _NEAR), min(rows, y + _NEAR + 1)):
            row = values[j]
            for x in range(columns):
                tall[x] = max(tall[x], min(row[x], np.float32(1.5)))
        most = out[y]
        most[:] = wide[:columns]
        for k in range(1, 2 * _NEAR + 1):
            shifted = wide[k : k + columns]
            for x in range(columns):
                most[x] = max(most[x], shifted[x])


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _steps(marked):  # type: ignore[no-untyped-def]
    """How many cells away the nearest marked one is, diagonally too; 8 at the most."""
    rows, columns = marked.shape
    out = np.full((rows + 2, columns + 2), 8, np.int8)
    for y in range(rows):
        for x in range(columns):
            near = min(out[y, x], out[y, x + 1], out[y, x + 2], out[y + 1, x])
            out[y + 1, x + 1] = 0 if marked[y, x] else min(near + 1, 8)
    for y in range(rows - 1, -1, -1):
        for x in range(columns - 1, -1, -1):
            near = min(out[y + 2, x], out[y + 2, x + 1], out[y + 2, x + 2], out[y + 1, x + 2])
            out[y + 1, x + 1] = min(out[y + 1, x + 1], near + 1)
    return out[1:-1, 1:-1]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _known(cells, most_near, away, depth, kind, bare, hue, known, row0, row1):  # type: ignore[no-untyped-def]
    """Colours (multiplied by their weight) and weights of what is surely screen, and of what is surely subject.

    Far from the subject screen is what has its hue, in whatever light: a fold, a shadow.
    """
    for y in range(row0, row1):
        for x in range(cells.shape[2]):
            known[:, :, y, x] = np.float32(0)
            if cells[5, y, x] == 0:
                continue
            p, a, b, solid, out = cells[0, y, x], cells[1, y, x], cells[2, y, x], cells[3, y, x], cells[4, y, x]
            lit = bare < out < 1.5 and out > _BARE * most_near[y, x]
            if not lit and away[y, x] >= _AWAY and bare <= 1.0 and 0.3 < out < 1.5:
                lit = _difference(p, a, b, kind < 3) > _BARE * hue * (p + a + b)
            if lit:
                known[0, 0, y, x], known[0, 1, y, x], known[0, 2, y, x] = p, a, b
                known[0, 3, y, x] = np.float32(1)
            if solid <= _SOLID:
                continue
            if kind < 3:  # a subject stands out a little at the most: what does more is spill
                p = min(p, _SPILT * max(a, b))
            total = p + a + b
            if total > 1e-4:
                weight = min(max(total / _DARK, 0.02), 1.0) * _DEEP[min(depth[y, x], len(_DEEP)) - 1]
                share = weight / total
                known[1, 0, y, x], known[1, 1, y, x], known[1, 2, y, x] = p * share, a * share, b * share
                known[1, 3, y, x] = weight


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _kinds(cells, bare, away, noise, out):  # type: ignore[no-untyped-def]
    """What each cell is by itself: CORE, BARE or MIXED."""
    rows, columns = out.shape
    for y in range(rows):
        for x in range(columns):
            solid, unknown = cells[3, y, x], cells[5, y, x] == 0
            empty = (solid < noise and not unknown) or ((bare[y, x] > 0 or unknown) and away[y, x] >= _AWAY)
            out[y, x] = CORE if solid > _SOLID else (BARE if empty else MIXED)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _alike(kinds, out, row0, row1):  # type: ignore[no-untyped-def]
    """What a cell and all around it are, or MIXED."""
    rows, columns = kinds.shape
    low, high = np.empty(columns + 2, np.int8), np.empty(columns + 2, np.int8)
    for y in range(row0, row1):
        above, here, below = kinds[max(y - 1, 0)], kinds[y], kinds[min(y + 1, rows - 1)]
        for x in range(columns):
            low[x + 1] = min(above[x], here[x], below[x])
            high[x + 1] = max(above[x], here[x], below[x])
        low[0], high[0], low[-1], high[-1] = low[1], high[1], low[-2], high[-2]
        for x in range(columns):
            least = min(low[x], low[x + 1], low[x + 2])
            out[y, x] = least if least == max(high[x], high[x + 1], high[x + 2]) else MIXED


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _weights(  # type: ignore[no-untyped-def]
    screens, subjects, core, depth, modes, fill, bias, single, colour, light, place, cell, planes, row0, row1
):
    """w, n, the colour difference's scale, and what the matte is raised by: see `Grid`. w and n only where read."""
    rows, columns = core.shape
    b0, b1, b2 = np.float32(1 / bias[0]), np.float32(1 / bias[1]), np.float32(1 / bias[2])
    usual = _difference(colour[0] * b0, colour[1] * b1, colour[2] * b2, single)
    for y in range(row0, row1):
        for x in range(columns):
            s0, s1, s2 = (
                screens[0, y // 2, x // 2] * b0,
                screens[1, y // 2, x // 2] * b1,
                screens[2, y // 2, x // 2] * b2,
            )
            out = _difference(s0, s1, s2, single)
            lit = np.float32(_lit(light, place, (x + 0.5) * cell - 0.5, (y + 0.5) * cell - 0.5))
            if not out > 0.2 * usual * lit:  # nothing like the screen near here: as it is expected to be
                s0, s1, s2 = colour[0] * lit * b0, colour[1] * lit * b1, colour[2] * lit * b2
                out = max(_difference(s0, s1, s2, single), 1e-6)
            planes[6, y, x] = np.float32(1) / out
            raised = _CORE if core[y, x] == CORE else _RAISED[min(max(depth[y, x], 1), len(_RAISED)) - 1]
            planes[7, y, x] = np.float32(1 + (raised - 1) * fill) if core[y, x] != CORE else np.float32(raised)
            mixed = False
            for j in range(max(0, y - 1), min(rows, y + 2)):
                for i in range(max(0, x - 1), min(columns, x + 2)):
                    mixed |= modes[j, i] == MIXED
            if not mixed:
                continue
            f0, f1, f2 = subjects[0, y, x] * b0, subjects[1, y, x] * b1, subjects[2, y, x] * b2
            ff, ss = f0 * f0 + f1 * f1 + f2 * f2, s0 * s0 + s1 * s1 + s2 * s2
            fs = f0 * s0 + f1 * s1 + f2 * s2
            det = ff * ss - fs * fs
            if det > 0.03 * ff * ss:
                n0, n1, n2 = f1 * s2 - f2 * s1, f2 * s0 - f0 * s2, f0 * s1 - f1 * s0
                length = 1.0 / np.sqrt(n0 * n0 + n1 * n1 + n2 * n2)
                n0, n1, n2, a, b = n0 * length, n1 * length, n2 * length, ff / det, fs / det
            else:  # the subject has the screen's hue: colour difference decides
                n0, n1, n2, a, b = 1e3, 1e3, 1e3, 0.0, 0.0
            planes[0, y, x] = (a * s0 - b * f0) * b0
            planes[1, y, x] = (a * s1 - b * f1) * b1
            planes[2, y, x] = (a * s2 - b * f2) * b2
            planes[3, y, x], planes[4, y, x], planes[5, y, x] = n0 * b0, n1 * b1, n2 * b2


# Each of these loops writes one row: with more, LLVM gives up telling rows apart and doesn't vectorise.


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _dot(high, other, another, w0, w1, w2, out):  # type: ignore[no-untyped-def]
    for x in range(out.size):
        out[x] = high[x] * w0[x] + other[x] * w1[x] + another[x] * w2[x]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _add_dot(high, other, another, w0, w1, w2, share, out):  # type: ignore[no-untyped-def]
    for x in range(out.size):
        out[x] += share * (high[x] * w0[x] + other[x] * w1[x] + another[x] * w2[x])


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _between(upper, change, share, out):  # type: ignore[no-untyped-def]
    for x in range(out.size):
        out[x] = upper[x] + share * change[x]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _trust(high, other, another, doubt, floor, off):  # type: ignore[no-untyped-def]
    """How sure it is that pixels are mixtures, in place of how far off they are."""
    for x in range(off.size):
        bound = doubt * (abs(high[x]) + abs(other[x]) + abs(another[x])) + floor
        bound *= bound
        off[x] = bound / (bound + off[x] * off[x])


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _settle(high, other, another, scale, raised, single, q, sure):  # type: ignore[no-untyped-def]
    """The matte of a row, in place of how much screen there is in it."""
    one, none = np.float32(1), np.float32(0)
    if single:
        for x in range(q.size):
            plain = min(max(one - (high[x] - max(other[x], another[x])) * scale[x], none), one)
            value = (plain + (min(max(one - q[x], none), one) - plain) * sure[x]) * raised[x]
            q[x] = min(value, one) if value >= none else one
    else:
        for x in range(q.size):
            plain = min(max(one - (min(other[x], another[x]) - high[x]) * scale[x], none), one)
            value = (plain + (min(max(one - q[x], none), one) - plain) * sure[x]) * raised[x]
            q[x] = min(value, one) if value >= none else one


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _unfold(planes, modes, j, k, cell, scratch):  # type: ignore[no-untyped-def]
    """Two rows of cells as pixels where they are mixed: the upper one, and what changes to the lower."""
    columns = modes.shape[1]
    low, high = columns, 0
    for i in range(columns):
        if modes[j, i] == MIXED or modes[k, i] == MIXED:
            low, high = min(low, i), i + 1
    change = scratch[2 * _PLANES, :columns]
    for c in range(_PLANES):
        if low < high:
            for i in range(columns):
                change[i] = planes[c, k, i] - planes[c, j, i]
            expand(planes[c, j], cell, scratch[c], low, high)
            expand(change, cell, scratch[_PLANES + c], low, high)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _key(  # type: ignore[no-untyped-def]
    src, channel, row, width, planes, modes, cell, kind, floor, x0, y0, out, confident, scratch, row0, row1
):
    rows, columns = modes.shape
    doubt, floor = np.float32(_DOUBT), np.float32(floor)
    p, a, b = kind % 3 * channel, (kind + 1) % 3 * channel, (kind + 2) % 3 * channel
    unfolded = -1
    for y in range(row0, row1):
        place = (y0 + y + 0.5) / cell - 0.5
        j = min(max(int(np.floor(place)), 0), rows - 1)
        share = np.float32(min(max(place - j, 0.0), 1.0))
        if j != unfolded:
            _unfold(planes, modes, j, min(j + 1, rows - 1), cell, scratch)
            unfolded = j
        here = modes[min((y0 + y) // cell, rows - 1)]
        first = x0 // cell
        end = min((x0 + width - 1) // cell + 1, columns)
        while first < end:  # stretches of cells alike
            mode, last = here[first], first + 1
            while last < end and here[last] == mode:
                last += 1
            left, right = max(first * cell - x0, 0), min(last * cell - x0, width)
            first = last
            matte = out[0, y, left:right]
            if confident:
                out[1, y, left:right] = np.float32(1)
            if mode != MIXED:
                matte[:] = np.float32(1) if mode == CORE else np.float32(0)
                continue
            o, n, f = y * row + left, right - left, left + x0
            high, other, another = src[o + p : o + p + n], src[o + a : o + a + n], src[o + b : o + b + n]
            t = f + n
            scale = scratch[2 * _PLANES, f:t]
            _between(scratch[6, f:t], scratch[_PLANES + 6, f:t], share, scale)
            raised, sure = scratch[2 * _PLANES + 1, f:t], scratch[2 * _PLANES + 2, f:t]
            _dot(high, other, another, scratch[3, f:t], scratch[4, f:t], scratch[5, f:t], sure)
            _add_dot(
                high,
                other,
                another,
                scratch[_PLANES + 3, f:t],
                scratch[_PLANES + 4, f:t],
                scratch[_PLANES + 5, f:t],
                share,
                sure,
            )
            _trust(high, other, another, doubt, floor, sure)
            _dot(high, other, another, scratch[0, f:t], scratch[1, f:t], scratch[2, f:t], matte)
            _add_dot(
                high,
                other,
                another,
                scratch[_PLANES, f:t],
                scratch[_PLANES + 1, f:t],
                scratch[_PLANES + 2, f:t],
                share,
                matte,
            )
            _between(scratch[7, f:t], scratch[_PLANES + 7, f:t], share, raised)
            _settle(high, other, another, scale, raised, kind < 3, matte, sure)
            if confident:
                for x in range(n):
                    edge = np.float32(4) * matte[x] * (np.float32(1) - matte[x])
                    out[1, y, left + x] = np.float32(1) - edge * (np.float32(1) - sure[x])
