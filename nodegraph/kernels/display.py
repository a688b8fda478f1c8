# ruff: noqa: TID253
"""What a viewer shows of a picture, at the size of its panel, in one pass.

Every panel pixel is sampled (the nearest pixel when zoomed in, the mean of those it covers when
zoomed out), compared with a second picture if asked for, exposed, taken through a display's view
and dithered to the eight bits a screen has.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL

Image = NDArray[np.float32]
#: How the functions within are compiled: with their caller.
_INLINE: dict[str, Any] = {**{k: v for k, v in KERNEL.items() if k != "cache"}, "inline": "always"}
_PART: dict[str, Any] = {k: v for k, v in KERNEL.items() if k != "cache"}
Indices = NDArray[np.int32]

#: The shaper of a view's cube: light + 2^LOW by its float's bits, a logarithm that is straight
#: within an octave. It costs an addition, and its inverse is exact.
LOW, HIGH = -7, 6
_OFFSET = np.float32(2.0**LOW)
_FIRST = (127 + LOW) << 23
_SMALLEST = np.float32(2.0 ** (LOW - 1))
_SPAN = np.float32((HIGH - LOW) << 23)

#: What `Way.channels` may be: colours, one channel as grey, luminance, colours under a red matte.
CHANNELS = ("rgb", "red", "green", "blue", "alpha", "luminance", "matte")
_ALPHA, _LUMINANCE, _MATTE = (CHANNELS.index(name) for name in ("alpha", "luminance", "matte"))
#: How two pictures are shown.
COMPARE = ("a", "wipe", "difference")
_DIFFERENCE = COMPARE.index("difference")


class Picture(NamedTuple):
    """A picture as the kernel samples it: planes in one run, and what each panel column and row covers.

    Pixel (c, y, x) lies at `c*channel + y*row + x`. Column px covers the pixels from left[px] up to
    right[px], nothing where they are equal; rows alike. `red` to `alpha` are planes, -1 for none.
    """

    data: NDArray[np.float32]
    channel: int
    row: int
    left: Indices
    right: Indices
    top: Indices
    bottom: Indices
    red: int
    green: int
    blue: int
    alpha: int


class Way(NamedTuple):
    """How light becomes what is shown. `curve` is a table over 0..1, `cube` of `size` points to a side; either may be empty."""

    channels: int
    compare: int
    split: int
    gain: np.float32
    gamma: np.float32
    curve: NDArray[np.float32]
    cube: NDArray[np.float32]
    size: int


def shaped_axis(size: int) -> NDArray[np.float32]:
    """The light at a cube's points along one side: the inverse of the shaper."""
    steps = np.linspace(0, float(_SPAN), size)
    axis: NDArray[np.float32] = (_FIRST + np.rint(steps).astype(np.int64)).astype(np.int32).view(np.float32) - _OFFSET
    return axis


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def show(out: Image, y0: int, y1: int, a: Any, b: Any, way: Any) -> None:  # pragma: no cover  compiled
    """Fill rows y0..y1 of `out` (height, width, 4) with what is shown: code values in 0..1, alpha 1."""
    width = out.shape[1]
    lines = np.empty((4, width), np.float32)
    second = np.empty((4, width), np.float32)
    sums = np.empty(max(a.row, b.row) + 1, np.float32)
    for py in range(y0, y1):
        _sample(lines, sums, a, py, 0, way.split)
        _sample(lines, sums, b, py, way.split, width)
        if way.compare == _DIFFERENCE:
            _sample(second, sums, b, py, 0, width)
            for c in range(4):
                for px in range(width):
                    lines[c, px] = abs(lines[c, px] - second[c, px])
        _choose(lines, way.channels, way.gain)
        if way.channels != _ALPHA:
            if way.size > 0:
                _through_cube(lines, way.cube, way.size)
            elif way.curve.size > 1:
                for c in range(3):
                    _through_curve(lines[c], way.curve)
        if way.gamma != np.float32(1):
            _power(lines, np.float32(1) / way.gamma)
        if way.channels == _MATTE:
            _cover(lines)
        _write(out[py], lines, py)


@njit(**_PART)  # type: ignore[untyped-decorator]
def _sample(lines: Image, sums: Image, p: Any, py: int, x0: int, x1: int) -> None:
    """Columns x0..x1 of a panel row: the means over what each covers."""
    top, bottom = p.top[py], p.bottom[py]
    for c in range(4):
        plane = (p.red, p.green, p.blue, p.alpha)[c]
        line = lines[c]
        if plane < 0 or top >= bottom:
            line[x0:x1] = np.float32(0)
            continue
        start = plane * p.channel + top * p.row
        if bottom - top == 1:
            _columns(line, p.data[start : start + p.row], p.left, p.right, x0, x1, np.float32(1))
            continue
        first, last = p.left[x0] if x1 > x0 else 0, p.right[x1 - 1] if x1 > x0 else 0
        for x in range(first, last):
            sums[x] = p.data[start + x]
        for y in range(1, bottom - top):
            at = start + y * p.row
            for x in range(first, last):
                sums[x] += p.data[at + x]
        _columns(line, sums, p.left, p.right, x0, x1, np.float32(1) / np.float32(bottom - top))


@njit(**_PART)  # type: ignore[untyped-decorator]
def _columns(line: Image, source: Image, left: Indices, right: Indices, x0: int, x1: int, share: Any) -> None:
    for px in range(x0, x1):
        begin, end = left[px], right[px]
        if end - begin == 1:
            line[px] = source[begin] * share
        elif end - begin == 2:
            line[px] = (source[begin] + source[begin + 1]) * (share * np.float32(0.5))
        elif end > begin:
            total = np.float32(0)
            for x in range(begin, end):
                total += source[x]
            line[px] = total * share / np.float32(end - begin)
        else:
            line[px] = np.float32(0)


@njit(**_PART)  # type: ignore[untyped-decorator]
def _choose(lines: Image, channels: int, gain: Any) -> None:
    """The channels that are looked at, exposed."""
    width = lines.shape[1]
    if channels == _LUMINANCE:
        for px in range(width):
            lines[0, px] = (
                np.float32(0.2126) * lines[0, px]
                + np.float32(0.7152) * lines[1, px]
                + np.float32(0.0722) * lines[2, px]
            )
    elif 0 < channels <= _ALPHA and channels != 1:
        lines[0] = lines[channels - 1]
    if 0 < channels <= _LUMINANCE:
        lines[1] = lines[0]
        lines[2] = lines[0]
    if gain != np.float32(1):
        for c in range(3):
            for px in range(width):
                lines[c, px] *= gain


@njit(**_PART)  # type: ignore[untyped-decorator]
def _through_curve(line: Image, table: Image) -> None:
    last, most = np.float32(table.size - 1), np.int32(table.size - 2)
    for px in range(line.size):
        t = line[px]
        t = t if t > np.float32(0) else np.float32(0)  # NaN too
        position = (t if t < np.float32(1) else np.float32(1)) * last
        i = np.int32(position)
        i = i if i < most else most
        line[px] = table[i] + (table[i + 1] - table[i]) * (position - np.float32(i))


@njit(**_INLINE)  # type: ignore[untyped-decorator]
def _shaped(light: Any) -> Any:
    """0..1 for the cube; NaN and what lies below it are 0."""
    lifted = light + _OFFSET
    lifted = lifted if lifted > _SMALLEST else _SMALLEST
    s = np.float32(np.float32(lifted).view(np.int32) - np.int32(_FIRST)) / _SPAN
    s = s if s > np.float32(0) else np.float32(0)
    return s if s < np.float32(1) else np.float32(1)


@njit(**_PART)  # type: ignore[untyped-decorator]
def _through_cube(lines: Image, table: Image, size: int) -> None:
    """Tetrahedral interpolation in a cube over shaped light."""
    top, most = np.float32(size - 1), np.int32(size - 2)
    sr, sg, sb = np.int32(3 * size * size), np.int32(3 * size), np.int32(3)
    red, green, blue = lines[0], lines[1], lines[2]
    for px in range(lines.shape[1]):
        r, g, b = _shaped(red[px]) * top, _shaped(green[px]) * top, _shaped(blue[px]) * top
        ri, gi, bi = np.int32(r), np.int32(g), np.int32(b)
        ri = ri if ri < most else most
        gi = gi if gi < most else most
        bi = bi if bi < most else most
        fr, fg, fb = r - np.float32(ri), g - np.float32(gi), b - np.float32(bi)
        o0 = np.int32(ri * sr + gi * sg + bi * sb)
        r_first = (fr >= fg) & (fr >= fb)
        g_first = (fg > fr) & (fg >= fb)
        b_last = (fb <= fg) & (fb <= fr)
        g_last = (fg < fb) & (fg <= fr)
        f1 = fr if r_first else (fg if g_first else fb)
        f3 = fb if b_last else (fg if g_last else fr)
        f2 = fr + fg + fb - f1 - f3
        o3 = np.int32(o0 + sr + sg + sb)
        o1 = np.int32(o0 + (sr if r_first else (sg if g_first else sb)))
        o2 = np.int32(o3 - (sb if b_last else (sg if g_last else sr)))
        w0, w1, w2 = np.float32(1) - f1, f1 - f2, f2 - f3
        red[px] = w0 * table[o0] + w1 * table[o1] + w2 * table[o2] + f3 * table[o3]
        green[px] = w0 * table[o0 + 1] + w1 * table[o1 + 1] + w2 * table[o2 + 1] + f3 * table[o3 + 1]
        blue[px] = w0 * table[o0 + 2] + w1 * table[o1 + 2] + w2 * table[o2 + 2] + f3 * table[o3 + 2]


@njit(**_PART)  # type: ignore[untyped-decorator]
def _power(lines: Image, exponent: Any) -> None:
    for c in range(3):
        for px in range(lines.shape[1]):
            x = lines[c, px]
            lines[c, px] = np.float32(math.pow(x, exponent)) if x > np.float32(0) else np.float32(0)


@njit(**_PART)  # type: ignore[untyped-decorator]
def _cover(lines: Image) -> None:
    """Red over what the matte holds."""
    for px in range(lines.shape[1]):
        red = np.float32(0.6) * min(max(lines[3, px], np.float32(0)), np.float32(1))
        lines[0, px] += (np.float32(1) - lines[0, px]) * red
        lines[1, px] -= lines[1, px] * red
        lines[2, px] -= lines[2, px] * red


@njit(**_PART)  # type: ignore[untyped-decorator]
def _write(row: Image, lines: Image, py: int) -> None:
    """Interleaved and within 0..1, with an ordered dither: bands of a sky would show in eight bits."""
    for c in range(3):
        line = lines[c]
        for px in range(line.size):
            x = line[px] + (np.float32((5 * px + 3 * py + 7 * (px ^ py)) & 15) - np.float32(7.5)) * np.float32(1 / 4080)
            x = x if x > np.float32(0) else np.float32(0)
            line[px] = x if x < np.float32(1) else np.float32(1)
    for px in range(row.shape[0]):
        row[px, 0] = lines[0, px]
        row[px, 1] = lines[1, px]
        row[px, 2] = lines[2, px]
        row[px, 3] = np.float32(1)
