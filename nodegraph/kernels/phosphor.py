# ruff: noqa: TID253
"""Scopes' counts as pictures: `(height, width, 4)` float32 in 0..1, as on a tube's phosphor.

The response is logarithmic, its gain such that the densest hundredth of what is lit is at full brightness:
one stray pixel shows, and a flat picture doesn't blind. Colours of channels add up. What lies beyond the
scale is lit in amber on a rim of `RIM` pixels.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL
from nodegraph.kernels.scopes import CB, CR, Counts

Image = NDArray[np.float32]

#: Pixels that a rim is thick: one bin, drawn as so many.
RIM = 3
#: Pixels between the parts of a parade.
GAP = 6
#: Red, green, blue and luma on the tube.
COLOURS = np.array([[1.0, 0.2, 0.16], [0.16, 0.9, 0.26], [0.2, 0.4, 1.0], [0.7, 0.92, 0.78]], np.float32)
BACKGROUND = (0.018, 0.02, 0.022)

_RIM_COLOUR = np.array([1.0, 0.55, 0.1], np.float32)
_LUMA = 3
#: Entries of the response's table; a waveform's last one stands for a whole column of the picture in one bin,
#: the first that may be at full brightness for a fortieth of it.
_ENTRIES, _LEAST = 8192, 205
#: Entries that a vectorscope's whole picture in one bin would be worth.
_POINTS = 2e6
#: What of a line's light falls on the pixels next to it.
_HALO = np.float32(0.2)
#: The share of its light that a trace over others has.
_OVERLAID = np.float32(0.72)


def levels_in(height: int) -> int:
    """Levels of counts, rims included, that fill so many pixels."""
    return height - 2 * (RIM - 1)


def sections(width: int, parade: bool) -> list[tuple[int, int]]:
    """Where traces begin and end across a panel: red, green and blue beside each other in a parade."""
    if not parade:
        return [(0, width)]
    each = (width - 2 * GAP) // 3
    return [(k * (each + GAP), k * (each + GAP) + each) for k in range(3)]


def blank(height: int, width: int, out: Image | None = None) -> Image:
    """A dark panel; `out` where given, of that size, float32 and C-contiguous."""
    if out is None:
        out = np.empty((height, width, 4), np.float32)
    if out.shape != (height, width, 4) or out.dtype != np.float32 or not out.flags.c_contiguous:
        raise ValueError(
            f"a scope of {height} x {width} goes into contiguous float32 (height, width, 4), not {out.dtype}{out.shape}"
        )
    # A row at a time: four values at a time take ten times as long.
    out.reshape(-1, 4 * width)[:] = np.tile(np.array((*BACKGROUND, 1), np.float32), width)
    return out


def draw_waveform(
    counts: Counts, size: tuple[int, int], source_width: int, parade: bool = False, out: Image | None = None
) -> Image:
    """Waveform counts on a panel of `size` (height, width); the height is that of `levels_in`.

    Fewer columns than pixels are spread over the width.
    """
    out = blank(*size, out)
    channels, _, columns = counts.shape
    shares = _shares(counts, source_width)
    places = sections(size[1], parade)
    for c in range(channels):
        x0, x1 = places[c % len(places)]
        spread = (np.arange(x1 - x0) * columns // (x1 - x0)).astype(np.int32)
        table = _response(_reference(counts[c], shares, _ENTRIES), _LEAST)
        plane = np.empty((size[0], x1 - x0), np.float32)
        _light(plane, counts[c], spread, shares, table)
        light = _OVERLAID if channels == 3 and not parade else np.float32(1)
        _colour(out, plane, x0, light * COLOURS[c if channels == 3 else _LUMA], _RIM_COLOUR)
    return out


def draw_histogram(counts: Counts, size: tuple[int, int], logarithmic: bool = False, out: Image | None = None) -> Image:
    """Histogram counts on a panel of `size` (height, width); the width is that of `levels_in`.

    The height of a linear one is that of its 99.5th percentile: a peak of black doesn't flatten the rest.
    """
    out = blank(*size, out)
    inner = counts[:, 1:-1].astype(np.float64)
    top = max(1.0, float(inner.max(initial=0)) if logarithmic else 1.15 * float(np.percentile(inner, 99.5)))
    shares = np.log1p(counts) / math.log1p(top) if logarithmic else counts / top
    heights = np.repeat(shares, [RIM, *[1] * inner.shape[1], RIM], axis=1)
    lines = (np.clip(heights, 0, 1) * (size[0] - 2)).astype(np.float32)
    for c in range(len(counts)):
        _fill(out, lines[c], COLOURS[c if len(counts) == 3 else _LUMA], _RIM_COLOUR)
    return out


def draw_vectorscope(counts: Counts, size: tuple[int, int], zoom: float = 1.0, out: Image | None = None) -> Image:
    """Vectorscope counts in the middle of a panel of `size` (height, width), Cr upwards, in their own hues."""
    out = blank(*size, out)
    n = counts.shape[0]
    x0, y0 = (size[1] - n) // 2, (size[0] - n) // 2
    shares = np.full(n, _POINTS / max(1, int(counts.sum())), np.float32)
    table = _response(_reference(counts, shares, _ENTRIES), _LEAST // 3) ** np.float32(0.6)
    _tinted(out, counts, shares, table, _hues(n, zoom), x0, y0)
    return out


def _shares(counts: Counts, width: int) -> Image:
    """What a count weighs, by column: some columns stand for more of the picture than others."""
    channels, _, columns = counts.shape
    height = int(counts.sum()) / max(1, channels * width)
    per = np.bincount(np.arange(width) * columns // max(1, width), minlength=columns)
    shares: Image = (_ENTRIES / np.maximum(1, per * max(1.0, height))).astype(np.float32)
    return shares


def _response(reference: int, least: int) -> Image:
    """Brightness by weighed count: logarithmic, 1 at the reference or at the least that may be so bright."""
    shares = np.minimum(_logarithms() * np.float32(1 / math.log1p(max(reference, least) / 6)), np.float32(1.1))
    table: Image = shares * np.sqrt(shares)  # to the power of 1.5: haze is thinned out against lines
    return table


@lru_cache(maxsize=1)
def _logarithms() -> Image:
    table: Image = np.log1p(np.arange(_ENTRIES) / 6).astype(np.float32)
    return table


@lru_cache(maxsize=4)
def _hues(n: int, zoom: float) -> Image:
    """The colours of a vectorscope's points (n, n, 3), row 0 at the least Cr, paler towards the middle."""
    axis = (np.arange(n) - (n - 1) / 2) / (n - 3) / zoom
    cb, cr = np.meshgrid(axis, axis)
    r, b = CR * cr, CB * cb
    rgb = np.stack([r, -(0.2126 * r + 0.0722 * b) / 0.7152, b], -1)
    rgb -= rgb.min(-1, keepdims=True)
    rgb /= np.maximum(1e-9, rgb.max(-1, keepdims=True))
    full = np.clip(np.hypot(cb, cr) / 0.12, 0, 0.8)[..., None]
    hues: Image = (rgb * full + (1 - full) * np.array([0.8, 0.85, 0.82])).astype(np.float32)
    return hues


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _reference(counts: Any, shares: Any, entries: int) -> Any:
    """The weighed count that a hundredth of what is lit within the rims exceeds."""
    many: Any = np.zeros(entries, np.int64)
    lit: Any = np.int64(0)
    for y in range(1, counts.shape[0] - 1):
        for x in range(counts.shape[1]):
            n = counts[y, x]
            if n:
                i = max(np.int64(1), np.int64(np.float32(n) * shares[x]))
                many[min(i, entries - 1)] += 1
                lit += 1
    rest: Any = lit // 100
    for k in range(entries - 1, 0, -1):
        rest -= many[k]
        if rest < 0:
            return k
    return 1


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _light(plane: Any, counts: Any, spread: Any, shares: Any, table: Any) -> None:
    """Brightness of a trace, top row first, with a halo above and below and rims of RIM pixels."""
    height, width = plane.shape
    levels, most = counts.shape[0], np.int64(table.size - 1)
    sharp = np.zeros((levels, width), np.float32)
    for level in range(levels):
        for x in range(width):
            n = counts[level, spread[x]]
            if n:
                i = max(np.int64(1), np.int64(np.float32(n) * shares[spread[x]]))
                sharp[level, x] = table[min(i, most)]
    for y in range(height):
        level = height - 1 - y - (RIM - 1)
        if level <= 0 or level >= levels - 1:
            level = 0 if level <= 0 else levels - 1
            for x in range(width):  # whatever is clipped is seen
                plane[y, x] = max(sharp[level, x], np.float32(0.45)) if sharp[level, x] > 0 else np.float32(0)
            continue
        below, above = sharp[max(1, level - 1)], sharp[min(levels - 2, level + 1)]
        for x in range(width):
            plane[y, x] = sharp[level, x] + _HALO * (below[x] + above[x])


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _colour(out: Any, plane: Any, x0: int, colour: Any, rim: Any) -> None:
    height, width = plane.shape
    for y in range(height):
        edge = y < RIM or y >= height - RIM
        for x in range(width):
            v = plane[y, x]
            if v > 0 and edge:
                for c in range(3):
                    out[y, x0 + x, c] = max(out[y, x0 + x, c], min(v, np.float32(1)) * rim[c])
            elif v > 0:
                for c in range(3):
                    out[y, x0 + x, c] = min(out[y, x0 + x, c] + v * colour[c], np.float32(1))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _fill(out: Any, line: Any, colour: Any, rim: Any) -> None:
    """The area under a line, dim, and the line itself, bright and as tall as it is steep."""
    height, width = out.shape[0], out.shape[1]
    bright = line.copy()  # from where on a column belongs to the line
    for x in range(1, width - 1):
        bright[x] = min(line[x], (line[x - 1] + line[x]) / 2, (line[x + 1] + line[x]) / 2) - 1
    for x in range(RIM):
        bright[x] = bright[width - 1 - x] = np.float32(0)
    for y in range(height):
        k = np.float32(height - 1 - y)
        for x in range(width):
            cover = min(line[x] + np.float32(1) - k, np.float32(1))
            if cover <= 0 or line[x] <= 0:
                continue
            if x < RIM or x >= width - RIM:
                for c in range(3):
                    out[y, x, c] = max(out[y, x, c], cover * rim[c])
                continue
            lit = cover * (np.float32(0.22) if k < bright[x] else np.float32(0.8))
            for c in range(3):
                out[y, x, c] = min(out[y, x, c] + lit * colour[c], np.float32(1))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _tinted(out: Any, counts: Any, shares: Any, table: Any, hues: Any, x0: int, y0: int) -> None:
    """Points in their hues, a spot of 3 x 3 pixels each: those of a flat picture are few."""
    n, most = counts.shape[0], np.int64(table.size - 1)
    spot = np.zeros((n + 2, n + 2), np.float32)
    for level in range(n):
        for x in range(n):
            k = counts[level, x]
            if k:
                v = table[min(max(np.int64(1), np.int64(np.float32(k) * shares[x])), most)]
                for j in range(3):
                    for i in range(3):
                        share = v * (
                            np.float32(1) if i == 1 and j == 1 else (_HALO if i != 1 and j != 1 else 2 * _HALO)
                        )
                        spot[level + j, x + i] = max(spot[level + j, x + i], share)
    for level in range(n):
        y = y0 + n - 1 - level
        if 0 <= y < out.shape[0]:
            for x in range(max(0, -x0), min(n, out.shape[1] - x0)):
                v = spot[level + 1, x + 1]
                if v > 0:
                    for c in range(3):
                        out[y, x0 + x, c] = min(out[y, x0 + x, c] + v * hues[level, x, c], np.float32(1))
