# ruff: noqa: TID253
"""Counting a picture's values for scopes: waveform, parade, histogram and vectorscope.

Positions are worked out in float64 and in one fixed order, so that counts are exact: the product of a
float32 and a whole number is. The first and the last bin of an axis are its rims, for what lies beyond
the scale; NaN and the infinities are counted apart, in `odd` (NaN, +inf, -inf).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL, readable

Counts = NDArray[np.uint32]
Image = NDArray[np.float32]

#: The order of operations counts here: fast-math could move a grey across a bin's edge.
_EXACT: dict[str, Any] = {k: v for k, v in KERNEL.items() if k != "fastmath"}
_PART: dict[str, Any] = {k: v for k, v in _EXACT.items() if k != "cache"}

#: Steps of an octave that a scale in stops tells apart: 2^9.
_OCTAVE = 9
_SHIFT = 23 - _OCTAVE
#: BT.709's colour differences at full range: (B - Y) / CB and (R - Y) / CR are within -0.5..0.5.
CB, CR = 1.8556, 1.5748


class Source(NamedTuple):
    """A picture as the kernels read it: pixel (y, x) of a plane lies at `plane + y*row + x*step`."""

    data: Image
    red: int
    green: int
    blue: int
    row: int
    step: int
    width: int
    height: int


class Scale(NamedTuple):
    """Where values lie along an axis: `low` at its beginning, `high` at its end.

    With a `table` it is logarithmic: the position of a value by the upper bits of its float, from
    `first` on; its own first and last entries are for what lies beyond.
    """

    low: float
    high: float
    first: int
    table: Image


def interleaved(buffer: Image, planes: tuple[int, int, int] = (0, 1, 2)) -> Source:
    """A `(height, width, channels)` float32 buffer; `planes` are the channels taken as red, green and blue."""
    flat = np.ascontiguousarray(buffer, np.float32)
    height, width, channels = flat.shape
    data = as_strided(flat, (flat.size,), (flat.itemsize,), writeable=False)
    return Source(data, *planes, width * channels, channels, width, height)


def planar(pixels: Image, planes: tuple[int, int, int] = (0, 1, 2)) -> Source:
    """A Frame's `(channels, height, width)` float32 pixels."""
    flat = readable(pixels)
    red, green, blue = (plane * flat.channel for plane in planes)
    return Source(flat.data, red, green, blue, flat.row, 1, pixels.shape[2], pixels.shape[1])


def linear(low: float = 0.0, high: float = 1.0) -> Scale:
    """A scale from one value to another."""
    return Scale(float(low), float(high), 0, np.zeros(0, np.float32))


def stops(low: float = -8.0, high: float = 8.0, grey: float = 0.18) -> Scale:
    """A scale in stops above and below a grey, exact to 1/512 of an octave. 0 and less lie below it."""
    ends = np.array([grey * 2.0**low, grey * 2.0**high], np.float32)
    first, last = (int(b) >> _SHIFT for b in ends.view(np.int32))
    middles = (np.arange(first, last + 1, dtype=np.int64) << _SHIFT) + (1 << (_SHIFT - 1))
    light = middles.astype(np.int32).view(np.float32).astype(np.float64)
    positions = (np.log2(light / grey) - low) / (high - low)
    table = np.concatenate([[-1.0], np.clip(positions, 0, 1), [2.0]]).astype(np.float32)
    return Scale(float(ends[0]), float(ends[1]), first - 1, table)


def waveform(counts: Counts, odd: Counts, source: Source, scale: Scale) -> None:
    """Count values by column and level, from nothing.

    `counts` is (channels, levels, columns), level 0 the lowest; of luma with one channel, of red, green and
    blue with three. `columns` is at most the picture's width: of column x come `x*columns//width`.
    """
    counts[:] = 0
    odd[:] = 0
    columns = (np.arange(source.width) * counts.shape[2] // max(1, source.width)).astype(np.int32)
    _waveform(counts, odd, source, scale, _bins_of(scale, counts.shape[1]), columns)


def histogram(counts: Counts, odd: Counts, source: Source, scale: Scale) -> None:
    """Count values by level, from nothing: `counts` is (1 or 3, levels), of luma or of red, green and blue."""
    counts[:] = 0
    odd[:] = 0
    _histogram(counts, odd, source, scale, _bins_of(scale, counts.shape[1]))


def vectorscope(counts: Counts, odd: Counts, source: Source, zoom: float = 1.0) -> None:
    """Count colour differences, from nothing: `counts` is (n, n), Cr by row and Cb by column.

    The middle is grey; at a zoom of 1 the sides are at -0.5 and 0.5.
    """
    counts[:] = 0
    odd[:] = 0
    _vectorscope(counts, odd, source, float(zoom))


def _bins_of(scale: Scale, levels: int) -> NDArray[np.int32]:
    """The bins of a logarithmic scale's table."""
    bins = np.floor(scale.table.astype(np.float64) * (levels - 3) + 1.5)
    return np.clip(bins, 0, levels - 1).astype(np.int32)


@njit(**_PART)  # type: ignore[untyped-decorator]
def _fetch(line: Any, source: Any, y: int) -> None:
    """Red, green and blue of a row. Known steps are what lets the compiler use wide registers."""
    data, width = source.data, source.width
    for c in range(3):
        start = y * source.row + (source.red if c == 0 else (source.green if c == 1 else source.blue))
        if source.step == 1:
            part = data[start : start + width]
            for x in range(width):
                line[c, x] = part[x]
        elif source.step == 4:
            part = data[start : start + 4 * width - 3]
            for x in range(np.uintp(width)):
                line[c, x] = part[4 * x]
        else:
            for x in range(width):
                line[c, x] = data[start + x * source.step]


@njit(**_PART)  # type: ignore[untyped-decorator]
def _read(values: Any, line: Any, c: int) -> bool:
    """One channel of a row, luma for -1, as float64; whether all of it is finite."""
    wrong = 0
    if c >= 0:
        channel = line[c]
        for x in range(values.size):
            v = np.float64(channel[x])
            values[x] = v
            wrong += not (abs(v) < np.inf)
        return wrong == 0
    red, green, blue = line[0], line[1], line[2]
    for x in range(values.size):
        # Whole weights: three equal values come out as they are.
        v = (np.float64(red[x]) * 2126.0 + np.float64(green[x]) * 7152.0 + np.float64(blue[x]) * 722.0) / 10000.0
        values[x] = v
        wrong += not (abs(v) < np.inf)
    return wrong == 0


@njit(**_PART)  # type: ignore[untyped-decorator]
def _levels(bins: Any, values: Any, scale: Any, table: Any, levels: int) -> None:
    """The bins of values, rims beyond half a bin of the scale's ends."""
    last = levels - 1
    if table.size:
        end = np.int32(table.size - 1)
        for x in range(values.size):
            i = (np.float32(values[x]).view(np.int32) >> _SHIFT) - np.int32(scale.first)
            i = i if i > 0 else np.int32(0)
            bins[x] = table[i if i < end else end]
        return
    low, per = scale.low, np.float64(levels - 3) / (scale.high - scale.low)
    top = np.float64(last)
    for x in range(values.size):
        p = (values[x] - low) * per + 1.5
        p = p if p > 0.0 else 0.0
        bins[x] = np.int32(p if p < top else top)


@njit(**_PART)  # type: ignore[untyped-decorator]
def _set_apart(bins: Any, values: Any, odd: Any) -> None:
    """Count what is no number, and give it bin -1."""
    for x in range(values.size):
        v = values[x]
        if not (abs(v) < np.inf):
            odd[0 if v != v else (1 if v > 0 else 2)] += np.uint32(1)
            bins[x] = np.int32(-1)


@njit(**_EXACT)  # type: ignore[untyped-decorator]
def _waveform(counts: Any, odd: Any, source: Any, scale: Any, table: Any, columns: Any) -> None:
    values, bins = np.empty(source.width, np.float64), np.empty(source.width, np.int32)
    channels = counts.shape[0]
    line = np.empty((3, source.width), np.float32)
    for y in range(source.height):
        _fetch(line, source, y)
        for c in range(channels):
            finite = _read(values, line, c if channels == 3 else -1)
            _levels(bins, values, scale, table, counts.shape[1])
            if not finite:
                _set_apart(bins, values, odd)
            plane = counts[c]
            for x in range(source.width):
                if bins[x] >= 0:
                    plane[np.uintp(bins[x]), np.uintp(columns[x])] += np.uint32(1)


@njit(**_EXACT)  # type: ignore[untyped-decorator]
def _histogram(counts: Any, odd: Any, source: Any, scale: Any, table: Any) -> None:
    channels, levels = counts.shape
    values, bins = np.empty(source.width, np.float64), np.empty(source.width, np.int32)
    lanes = np.zeros((channels, 4, levels), np.uint32)
    line = np.empty((3, source.width), np.float32)
    for y in range(source.height):
        _fetch(line, source, y)
        for c in range(channels):
            finite = _read(values, line, c if channels == 3 else -1)
            _levels(bins, values, scale, table, levels)
            if not finite:
                _set_apart(bins, values, odd)
            for x in range(source.width):  # by turns: adding to one bin again and again would wait for itself
                if bins[x] >= 0:
                    lanes[c, np.uintp(x & 3), np.uintp(bins[x])] += np.uint32(1)
    for c in range(channels):
        for i in range(levels):
            counts[c, i] = lanes[c, 0, i] + lanes[c, 1, i] + lanes[c, 2, i] + lanes[c, 3, i]


@njit(**_EXACT)  # type: ignore[untyped-decorator]
def _vectorscope(counts: Any, odd: Any, source: Any, zoom: float) -> None:
    width, n = source.width, counts.shape[0]
    luma, values = np.empty(width, np.float64), np.empty(width, np.float64)
    across, up = np.empty(width, np.int32), np.empty(width, np.int32)
    per, top = np.float64(n - 3), np.float64(n - 1)
    line = np.empty((3, width), np.float32)
    for y in range(source.height):
        _fetch(line, source, y)
        finite = _read(luma, line, -1)
        for c in (2, 0):
            _read(values, line, c)
            bins, factor = (across, zoom / CB) if c == 2 else (up, zoom / CR)
            for x in range(width):
                p = ((values[x] - luma[x]) * factor + 0.5) * per + 1.5
                p = p if p > 0.0 else 0.0
                bins[x] = np.int32(p if p < top else top)
        if not finite:
            _set_apart(across, luma, odd)
        for x in range(width):
            if across[x] >= 0:
                counts[np.uintp(up[x]), np.uintp(across[x])] += np.uint32(1)
