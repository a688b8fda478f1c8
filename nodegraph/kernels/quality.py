# ruff: noqa: TID253
"""Looking a key over: a picture, what was keyed of it, and where screen and subject surely are.

The picture is cut into cells, about 192 along its longer side, and of each cell six pixels of one row are read: a
sixteenth of a 1080p picture, from a tenth of its rows. Kernels run over rows of cells, each of which adds up into a
row of its own, so that sums are the same on any number of threads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL, Image, readable
from nodegraph.kernels.pool import Pool

Cells = NDArray[np.float32]
Classes = NDArray[np.int8]

#: About how many cells the longer side has, and how many pixels of a cell are read.
CELLS, READ = 192, 6
#: What a cell is: nothing for sure, bare screen, the subject's inside, or what was keyed away beside the screen.
UNSURE, BACKING, CORE, OUTSIDE = 0, 1, 2, 3
#: Bins of the backing's matte, 0..1; and of edge widths, 8 to an octave from half a pixel on.
LEVELS, WIDTHS, OCTAVE, NARROWEST = 256, 72, 8, 0.5
#: Sums over a row of cells: see `_judge`.
SUMS = 14
#: Parts of the picture, across and down, that the screen's light is told for.
ZONES = 5
#: The share of a screen's hue (colour difference / sum of channels) that is screen, and that is none.
_SCREEN, _SUBJECT = 0.7, 0.35
#: Bare backing has this share of the screen's hue, and of the brightest of the cells around.
_PURE, _LIT = 0.85, 0.8
#: A matte that changes by more than this has moved; and how much of the screen an edge's picture may change.
_MOVED, _STILL = 0.25, 0.04
#: How far a channel's share of the light may be from the screen's; and a light below which there is no colour.
_TINT, _DARK = 0.12, 0.03
#: Kinds of screen that are looked for, and how readily one is believed, as `nodegraph_nodes.keying.screen` has them.
_KINDS = ((1, 1.0), (2, 1.0), (3, 0.35), (4, 0.35), (5, 0.35))
#: A screen's colour stands out by this share of its channels' sum, one of two channels (yellow, like skin) by more; and
#: it has this share of the picture.
_HUE, _HUE_OF_TWO, _SHARE = 0.1, 0.22, 0.015
#: Light is counted by its float's upper bits, 64 steps an octave, eight octaves about the screen's.
_STEP, _LIGHTS = 17, 1024


class Picture(NamedTuple):
    """Pixels `(channels, height, width)`, which of them are red, green, blue and alpha (-1: there is none), and where
    the plate's first pixel lies in it."""

    pixels: Image
    channels: tuple[int, int, int, int]
    x0: int = 0
    y0: int = 0


class Look(NamedTuple):
    """A picture by cells of `size` pixels: red, green, blue, the share that is clipped, how many pixels are known,
    and the matte."""

    cells: Cells
    size: int


class Screen(NamedTuple):
    """A screen's kind (`nodegraph.kernels.adaptive_key.kind_of`), and its colour."""

    kind: int
    colour: tuple[float, float, float]


class Light(NamedTuple):
    """How bright bare screen is: r + g + b of its median; count and sum by part of the picture, `ZONES` down and
    across; how many cells a part has; and the share that is clipped."""

    median: float
    counts: NDArray[np.float64]
    sums: NDArray[np.float64]
    cells: NDArray[np.float64]
    clipped: float


class Judged(NamedTuple):
    """Sums (see `_judge`), histograms of the backing's matte and of edge widths, and faults cell by cell, 0..1:
    screen left, holes, spill."""

    sums: NDArray[np.float64]
    levels: NDArray[np.int64]
    widths: NDArray[np.int64]
    faults: Cells


def look(plate: Picture, keyed: Picture, clip: float, pool: Pool) -> Look:
    """The picture's cells. What is `clip` or more in any channel is clipped."""
    _, height, width = plate.pixels.shape
    size = max(1, round(max(height, width) / CELLS))
    cells = np.empty((6, -(-height // size), -(-width // size)), np.float32)
    here, now, limit = _planes(plate), _planes(keyed), np.float32(0.999 * clip)
    pool.map(cells.shape[1], lambda a, b: _look(*here, *now, height, width, size, limit, cells, a, b), 16)
    return Look(cells, size)


def find(seen: Look) -> Screen | None:
    """The screen: of the kind that most of the picture stands out for, in the colour that its stronger half has."""
    cells = seen.cells
    step = max(1, max(cells.shape[1:]) // 60)
    some = cells[:5, ::step, ::step]
    rgb = some[:3, some[4] > 0]
    best = (0.0, 0)
    for kind, likely in _KINDS:
        stands = _stands_out(rgb, kind)
        strongest = _high(stands)
        if strongest > 1e-4:
            best = max(best, (float((stands > np.float32(0.5 * strongest)).mean()) * strongest * likely, kind))
    if not best[0]:
        return None
    stands = _stands_out(rgb, best[1])
    strong = rgb[:, stands > np.float32(0.5 * _high(stands))]
    r, g, b = (float(np.median(c)) for c in strong)
    kind, full, light = best[1], float(_stands(r, g, b, best[1])), r + g + b
    if not full > max(1e-5, (_HUE if kind < 3 else _HUE_OF_TWO) * light) or light <= 0:
        return None
    return Screen(kind, (r, g, b))


def _high(values: NDArray[np.float32]) -> float:
    """What a hundredth is above."""
    if not values.size:
        return 0.0
    k = int(0.99 * (values.size - 1))
    return float(np.partition(values, k)[k])


def classify(seen: Look, screen: Screen, pool: Pool) -> tuple[Classes, Light] | None:
    """What each cell is, and the light of bare screen; None if there is too little that is like the screen.

    Sure is what has its like all around: for two cells if it is backing, for three if it is subject.
    """
    cells = seen.cells
    _, rows, columns = cells.shape
    light = max(sum(screen.colour), 1e-6)
    chroma = np.array(screen.colour, np.float32) / np.float32(light)
    hue = np.float32(_stands(*(float(c) for c in chroma), screen.kind))
    alike, along, sure = (np.empty((rows, columns), np.int8) for _ in range(3))
    total, most = np.empty((2, rows, columns), np.float32)
    shine = np.float32(_DARK * light)
    pool.map(rows, lambda a, b: _alike(cells, screen.kind, chroma, hue, shine, alike, along, total, most, a, b), 32)
    if (alike == BACKING).sum() < _SHARE * alike.size:
        return None
    _outside(cells[5], alike)
    sums, counts = np.zeros((rows, ZONES)), np.zeros((rows, ZONES))
    clipped = np.zeros(rows)
    shades = np.zeros((8, _LIGHTS), np.int32)  # an eighth of the rows each: strips never share one
    first = (int(np.float32(light).view(np.int32)) >> _STEP) - _LIGHTS // 2

    def strip(a: int, b: int) -> None:
        eighths = [a * rows // 8 for a in range(9)]
        for k in range(a, b):
            y0, y1 = eighths[k], eighths[k + 1]
            _sure(
                cells,
                alike,
                along,
                total,
                most,
                screen.kind,
                hue,
                sure,
                sums,
                counts,
                clipped,
                shades[k],
                first,
                y0,
                y1,
            )

    pool.map(8, strip, 1)
    zone = np.arange(rows) * ZONES // rows
    count, added = np.zeros((ZONES, ZONES)), np.zeros((ZONES, ZONES))
    np.add.at(count, zone, counts)
    np.add.at(added, zone, sums)
    down, across = (np.bincount(np.arange(n) * ZONES // n, minlength=ZONES) for n in (rows, columns))
    whole = np.outer(down, across).astype(np.float64)
    return sure, Light(_middle(shades.sum(0), first), count, added, whole, float(clipped.sum()))


def _middle(shades: NDArray[np.int64], first: int) -> float:
    """The median of light counted by the upper bits of its float."""
    below = np.cumsum(shades)
    if not below[-1]:
        return 0.0
    at = int(np.searchsorted(below, (below[-1] + 1) // 2)) + first
    return float(np.array((at << _STEP) + (1 << (_STEP - 1)), np.int32).view(np.float32))


def judge(
    seen: Look,
    sure: Classes,
    screen: Screen,
    keyed: Picture,
    premultiplied: bool,
    plate: Picture,
    pool: Pool,
    previous: Picture | None = None,
    previous_plate: Picture | None = None,
) -> Judged:
    """Measure the matte where it is known what it should be, and its edges. See `_judge` for what is summed.

    Edges flicker only where the picture stood still, which takes the plate of the frame before.
    """
    rows, columns = sure.shape
    _, height, width = plate.pixels.shape
    sums = np.zeros((rows, SUMS))
    levels, widths = np.zeros((rows, LEVELS), np.int32), np.zeros((rows, WIDTHS), np.int32)
    faults = np.zeros((3, rows, columns), np.float32)
    full = np.float32(max(_stands(*screen.colour, screen.kind), 1e-6))
    now, then = _planes(keyed), _planes(previous or keyed)
    here, before = _planes(plate), _planes(previous_plate or plate)
    still = np.float32(_STILL * max(screen.colour))
    follows, steady = previous is not None, previous_plate is not None

    def strip(a: int, b: int) -> None:
        _judge(
            *now, *then, *here, *before, height, width, seen.size, sure, screen.kind, full, premultiplied, follows, steady,
            still, sums, levels, widths, faults, a, b,
        )  # fmt: skip

    pool.map(rows, strip, 16)
    return Judged(sums.sum(0), levels.sum(0, dtype=np.int64), widths.sum(0, dtype=np.int64), faults)


def paint(plate: Picture, faults: Cells, size: int, out: Image, pool: Pool) -> None:
    """The picture in dark grey under its faults as colours `(3, rows, columns)`, into `out` (R, G, B, A)."""
    here = _planes(plate)
    pool.map(out.shape[1], lambda a, b: _paint(*here, faults, size, out, a, b), 32)


def _planes(picture: Picture) -> tuple[NDArray[np.float32], NDArray[np.int64], int, int, int, int, int]:
    """A picture as the kernels read it; a channel that isn't there begins at -1."""
    flat = readable(picture.pixels)
    at = np.array([c * flat.channel if c >= 0 else -1 for c in picture.channels], np.int64)
    _, height, width = picture.pixels.shape
    return flat.data, at, flat.row, height, width, picture.x0, picture.y0


def _stands_out(rgb: NDArray[np.float32], kind: int) -> NDArray[np.float32]:
    """How much colours `(3, n)` stand out in a screen's way."""
    first, second = (rgb[c] for c in range(3) if c != kind % 3)
    own = rgb[kind % 3]
    return np.asarray(own - np.maximum(first, second) if kind < 3 else np.minimum(first, second) - own)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _stands(r, g, b, kind):  # type: ignore[no-untyped-def]
    """How much a colour stands out: one channel above the others, or two above the third."""
    if kind == 0:
        return r - max(g, b)
    if kind == 1:
        return g - max(r, b)
    if kind == 2:
        return b - max(r, g)
    if kind == 3:
        return min(g, b) - r
    if kind == 4:
        return min(r, b) - g
    return min(r, g) - b


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _row_of(cy, size, height):  # type: ignore[no-untyped-def]
    """Which row of a cell is read: another from cell to cell, so that stripes aren't met in step."""
    return min(height - 1, cy * size + (cy * 5 + 3) % size)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _look(  # type: ignore[no-untyped-def]
    here, h_at, h_row, h_height, h_width, hx, hy, now, n_at, n_row, n_height, n_width, nx, ny,
    height, width, size, clip, cells, row0, row1,
):  # fmt: skip
    count = min(size, READ)
    one, none = np.float32(1), np.float32(0)
    for cy in range(row0, row1):
        y = _row_of(cy, size, height)
        o, p = y * h_row, n_at[3] + (y + ny) * n_row + nx
        inside = 0 <= y + ny < n_height
        for cx in range(cells.shape[2]):
            x0 = min(cx * size + (size - count) // 2, width - 1)
            x1 = min(x0 + count, width)
            red = green = blue = clipped = known = matte = none
            for x in range(x0, x1):
                r, g, b = here[h_at[0] + o + x], here[h_at[1] + o + x], here[h_at[2] + o + x]
                if abs(r) + abs(g) + abs(b) < np.float32(1e6):  # neither NaN nor infinite
                    red, green, blue = red + r, green + g, blue + b
                    known += one
                    if max(r, g, b) >= clip:
                        clipped += one
                if inside and 0 <= x + nx < n_width:
                    matte += now[p + x]
            share = one / max(known, one)
            cells[0, cy, cx], cells[1, cy, cx], cells[2, cy, cx] = red * share, green * share, blue * share
            cells[3, cy, cx], cells[4, cy, cx], cells[5, cy, cx] = clipped * share, known, matte / (x1 - x0)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _alike(cells, kind, chroma, hue, dark, alike, along, total, most, row0, row1):  # type: ignore[no-untyped-def]
    """What each cell is like, r + g + b; and what all beside it in its row are like, and the most of that."""
    columns = alike.shape[1]
    one, none = np.float32(1), np.float32(0)
    screen, subject = np.float32(_SCREEN) * hue, np.float32(_SUBJECT) * hue
    for cy in range(row0, row1):
        for cx in range(columns):
            r, g, b = cells[0, cy, cx], cells[1, cy, cx], cells[2, cy, cx]
            light = r + g + b
            total[cy, cx] = light
            what = UNSURE
            if cells[4, cy, cx] == none:
                pass
            elif light < dark:
                what = CORE
            else:
                scale = one / light
                stands = _stands(r, g, b, kind) * scale
                off = max(abs(r * scale - chroma[0]), abs(g * scale - chroma[1]), abs(b * scale - chroma[2]))
                if stands > screen and off < np.float32(_TINT):
                    what = BACKING
                elif stands < subject:
                    what = CORE
            alike[cy, cx] = what
        row, light = alike[cy], total[cy]
        for cx in range(columns):
            if 3 <= cx < columns - 3:  # of known places, so that it becomes single instructions
                what = row[cx]
                near = (row[cx - 2] == what) & (row[cx - 1] == what) & (row[cx + 1] == what) & (row[cx + 2] == what)
                wide = (row[cx - 3] == what) & (row[cx + 3] == what)
                along[cy, cx] = what if near & (wide | (what != CORE)) else UNSURE
                high = max(max(light[cx - 2], light[cx - 1]), max(light[cx + 1], light[cx + 2]))
                most[cy, cx] = max(high, light[cx])
                continue
            what, high = row[cx], none
            reach = 3 if what == CORE else 2
            for i in range(max(0, cx - reach), min(columns, cx + reach + 1)):
                if row[i] != what:
                    what = UNSURE
                high = max(high, light[i])
            along[cy, cx], most[cy, cx] = what, high


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _outside(matte, alike):  # type: ignore[no-untyped-def]
    """Mark what isn't screen but keyed away, from the picture's border inwards: that is no hole in the subject."""
    rows, columns = alike.shape
    stack = np.empty((rows * columns, 2), np.int64)
    top = 0
    for cy in range(rows):
        step = 1 if cy == 0 or cy == rows - 1 else max(1, columns - 1)
        for cx in range(0, columns, step):
            if alike[cy, cx] == CORE and matte[cy, cx] < np.float32(0.1):
                alike[cy, cx] = OUTSIDE
                stack[top, 0], stack[top, 1] = cy, cx
                top += 1
    while top > 0:
        top -= 1
        cy, cx = stack[top, 0], stack[top, 1]
        for k in range(4):
            j, i = cy + (k == 0) - (k == 1), cx + (k == 2) - (k == 3)
            if 0 <= j < rows and 0 <= i < columns and alike[j, i] == CORE and matte[j, i] < np.float32(0.1):
                alike[j, i] = OUTSIDE
                stack[top, 0], stack[top, 1] = j, i
                top += 1


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _sure(  # type: ignore[no-untyped-def]
    cells, alike, along, total, most, kind, hue, sure, sums, counts, clipped, shades, first, row0, row1
):
    """What is alike all around (more of the subject, whose soft edge may look like it), and the light of what is screen, by part of the picture and by shade."""
    rows, columns = alike.shape
    pure, lit = np.float32(_PURE) * hue, np.float32(_LIT)
    for cy in range(row0, row1):
        here, up, down = along[cy], along[max(cy - 1, 0)], along[min(cy + 1, rows - 1)]
        up2, down2 = along[max(cy - 2, 0)], along[min(cy + 2, rows - 1)]
        up3, down3 = along[max(cy - 3, 0)], along[min(cy + 3, rows - 1)]
        for cx in range(columns):
            what = here[cx]
            near = (up[cx] == what) & (down[cx] == what) & (up2[cx] == what) & (down2[cx] == what)
            wide = (up3[cx] == what) & (down3[cx] == what)
            what = what if near & (wide | (what != CORE)) else UNSURE
            sure[cy, cx] = OUTSIDE if alike[cy, cx] == OUTSIDE else what
        for cx in range(columns):
            if sure[cy, cx] != BACKING:
                continue
            high = np.float32(0)
            for j in range(max(0, cy - 2), min(rows, cy + 3)):
                high = max(high, most[j, cx])
            light = total[cy, cx]
            stands = _stands(cells[0, cy, cx], cells[1, cy, cx], cells[2, cy, cx], kind)
            if light < lit * high or stands < pure * light:
                sure[cy, cx] = UNSURE
                continue
            zone = cx * ZONES // columns
            sums[cy, zone] += light
            counts[cy, zone] += 1
            clipped[cy] += cells[3, cy, cx]
            step = (np.float32(light).view(np.int32) >> _STEP) - first
            shades[min(max(step, 0), _LIGHTS - 1)] += 1


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _matte(data, at, row, height, width, y, x):  # type: ignore[no-untyped-def]
    """A matte's value; 0 outside its window."""
    if y < 0 or y >= height or x < 0 or x >= width:
        return np.float32(0)
    return data[at + y * row + x]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _judge(  # type: ignore[no-untyped-def]
    now, n_at, n_row, n_height, n_width, nx, ny,
    then, t_at, t_row, t_height, t_width, tx, ty,
    here, h_at, h_row, h_height, h_width, hx, hy,
    before, b_at, b_row, b_height, b_width, bx, by,
    height, width, size, sure, kind, full, premultiplied, follows, steady, still, sums, levels, widths, faults, row0, row1,
):  # fmt: skip
    """Sums, a row of cells each: in the backing 0 count, 1 a, 2 a^2; in the core 3 count, 4 a, 5 a^2, 6 max(1 - a, 0);
    in soft edges 7 count, 8 a, 9 the screen's colour left; flicker 10 count, 11 (a - a before)^2; 12 odd pixels,
    13 all pixels."""
    count = min(size, READ)
    one, none, far = np.float32(1), np.float32(0), np.float32(1e6)
    coloured = n_at[0] >= 0
    for cy in range(row0, row1):
        y = _row_of(cy, size, height)
        total = sums[cy]
        base, left, right = n_at[3] + (y + ny) * n_row + nx, -nx, n_width - nx
        if y + ny < 0 or y + ny >= n_height:
            left, right = width, 0
        for cx in range(sure.shape[1]):
            what = sure[cy, cx]
            x0 = min(cx * size + (size - count) // 2, width - 1)
            x1 = min(x0 + count, width)
            total[13] += x1 - x0
            if what == OUTSIDE:
                continue
            known, summed, squares, lacks, spilt, soft, mass = none, none, none, none, none, none, none
            for x in range(x0, x1):
                a = now[base + x] if left <= x < right else none
                if not abs(a) < far:
                    total[12] += 1
                    continue
                known += one
                summed += a
                squares += a * a
                if what == BACKING:
                    levels[cy, min(max(int(a * LEVELS), 0), LEVELS - 1)] += 1
                elif what == CORE:
                    lacks += max(one - a, none)
                elif np.float32(0.02) < a < np.float32(0.98):
                    soft += one
                    mass += a
                    if coloured:  # what isn't 0 lies inside
                        o = (y + ny) * n_row + x + nx
                        kept = _stands(now[n_at[0] + o], now[n_at[1] + o], now[n_at[2] + o], kind)
                        kept = max(kept if premultiplied else kept * a, none)
                        if kept < far:
                            spilt += kept
                    if np.float32(0.3) < a < np.float32(0.7) and 0 < y < height - 1 and 0 < x < width - 1:
                        gx = _matte(now, n_at[3], n_row, n_height, n_width, y + ny, x + nx + 1) - _matte(
                            now, n_at[3], n_row, n_height, n_width, y + ny, x + nx - 1
                        )
                        gy = _matte(now, n_at[3], n_row, n_height, n_width, y + ny + 1, x + nx) - _matte(
                            now, n_at[3], n_row, n_height, n_width, y + ny - 1, x + nx
                        )
                        slope = np.float32(0.5) * np.sqrt(gx * gx + gy * gy)
                        if np.float32(0.002) < slope < far:
                            place = int(np.floor(OCTAVE * np.log2(one / slope / np.float32(NARROWEST))))
                            widths[cy, min(max(place, 0), WIDTHS - 1)] += 1
                if follows:
                    was = _matte(then, t_at[3], t_row, t_height, t_width, y + ty, x + tx)
                    counts = what != UNSURE and abs(a - was) < np.float32(_MOVED)
                    if what == UNSURE and steady:
                        o, p = y * h_row + x, (y + by) * b_row + x + bx
                        counts = 0 <= y + by < b_height and 0 <= x + bx < b_width
                        for c in range(3):
                            if counts:
                                counts = abs(here[h_at[c] + o] - before[b_at[c] + p]) < still
                    if counts and abs(was) < far:
                        total[10] += 1
                        total[11] += np.float64(a - was) ** 2
            each = one / max(known, one)
            if what == BACKING:
                total[0] += known
                total[1] += summed
                total[2] += squares
                faults[0, cy, cx] = min(max(np.float32(4) * summed * each, none), one)
            elif what == CORE:
                total[3] += known
                total[4] += summed
                total[5] += squares
                total[6] += lacks
                faults[1, cy, cx] = min(np.float32(4) * lacks * each, one)
            elif soft > none:
                total[7] += soft
                total[8] += mass
                total[9] += spilt
                faults[2, cy, cx] = min(np.float32(2) * spilt / (mass * full), one)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _paint(data, at, row, height, width, px, py, faults, size, out, row0, row1):  # type: ignore[no-untyped-def]
    none, most = np.float32(0), np.float32(0.2)
    for y in range(row0, row1):
        cy, o = y // size, y * row
        for cx in range(faults.shape[2]):
            red, green, blue = faults[0, cy, cx], faults[1, cy, cx], faults[2, cy, cx]
            for x in range(cx * size, min((cx + 1) * size, width)):
                grey = np.float32(0.2126) * data[at[0] + o + x] + np.float32(0.7152) * data[at[1] + o + x]
                grey = np.float32(0.2) * (grey + np.float32(0.0722) * data[at[2] + o + x])
                grey = min(grey, most) if grey > none else none
                out[0, y, x], out[1, y, x], out[2, y, x] = grey + red, grey + green, grey + blue
                out[3, y, x] = np.float32(1)
