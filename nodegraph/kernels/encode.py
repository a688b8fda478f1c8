# ruff: noqa: TID253
"""Storing pictures: float planes to what files and encoders take.

Values come already through their transfer curve. NaN becomes 0, everything else is held to the
codes' range; codes are rounded to nearest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.rows import MATRICES, code_range
from nodegraph.values import Layout

Planes = NDArray[np.float32]


def to_codes(planes: Planes, top: int, pool: Pool) -> NDArray[Any]:
    """`(channels, height, width)` in 0..1 to interleaved codes 0..`top`; uint8 up to 255, else uint16."""
    channels, height, width = planes.shape
    out = np.empty((height, width, channels), np.uint8 if top <= 255 else np.uint16)
    pool.map(height, lambda y0, y1: _codes(planes, np.float32(top), out, y0, y1))
    return out


def to_half(planes: Planes, pool: Pool) -> NDArray[np.float16]:
    """Interleaved half floats, rounded to nearest even (IEEE 754), bit for bit as hardware does."""
    channels, height, width = planes.shape
    out = np.empty((height, width, channels), np.uint16)

    def strip(y0: int, y1: int) -> None:
        with pool.scratch((channels, width), np.uint16) as lines:
            _half(planes, lines, out, y0, y1)

    pool.map(height, strip)
    return out.view(np.float16)


def to_interleaved(planes: Planes, pool: Pool) -> Planes:
    """`(height, width, channels)` float32."""
    channels, height, width = planes.shape
    out = np.empty((height, width, channels), np.float32)

    def strip(y0: int, y1: int) -> None:
        out[y0:y1] = planes[:, y0:y1].transpose(1, 2, 0)

    pool.map(height, strip, 64)
    return out


def to_yuv(rgb: Planes, layout: Layout, pool: Pool) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """R'G'B' `(3, height, width)` in 0..1 to Y'CbCr planes (ITU-R BT.709, BT.601, BT.2020 by the layout).

    Chroma of 4:2:0 and 4:2:2 sits on the even columns ("left"): it is weighed 1-2-1 across, and
    rows are averaged in pairs.
    """
    _, height, width = rgb.shape
    sx, sy = layout.subsample
    kind = np.uint8 if layout.bits == 8 else np.uint16
    y_plane = np.empty((height, width), kind)
    small = ((height + sy) >> sy, (width + sx) >> sx)
    cb, cr = np.empty(small, kind), np.empty(small, kind)
    kr, kb = MATRICES[layout.matrix]
    offset, scale, middle, chroma = code_range(layout)
    numbers = np.array(
        [
            kr,
            1 - kr - kb,
            kb,
            0.5 / (1 - kb),
            0.5 / (1 - kr),
            1 / scale,
            offset,
            1 / chroma,
            middle,
            (1 << layout.bits) - 1,
        ],
        np.float32,
    )

    def strip(j0: int, j1: int) -> None:
        with pool.scratch((2, width + 2)) as work:
            _yuv(rgb, y_plane, cb, cr, numbers, sx, sy, work, j0, j1)

    pool.map(small[0], strip, 8)
    return y_plane, cb, cr


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _codes(planes, top, out, y0, y1):  # type: ignore[no-untyped-def]
    channels, _, width = planes.shape
    for y in range(y0, y1):
        for c in range(channels):
            row = planes[c, y]
            for x in range(width):
                v = row[x] * top + np.float32(0.5)
                v = v if v > np.float32(0) else np.float32(0)
                v = v if v < top else top
                out[y, x, c] = np.int32(v)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _interleave(lines, out):  # type: ignore[no-untyped-def]
    """`(channels, width)` to `(width, channels)`; four at a time are one 64-bit store."""
    channels, width = lines.shape
    if channels == 4:
        packed = out.reshape(width * 4).view(np.uint64)
        r, g, b, a = lines[0], lines[1], lines[2], lines[3]
        for x in range(width):
            low = np.uint64(r[x]) | (np.uint64(g[x]) << np.uint64(16))
            packed[x] = low | (np.uint64(b[x]) << np.uint64(32)) | (np.uint64(a[x]) << np.uint64(48))
        return
    for x in range(width):
        for c in range(channels):
            out[x, c] = lines[c, x]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _half(planes, lines, out, y0, y1):  # type: ignore[no-untyped-def]
    channels, _, width = planes.shape
    for y in range(y0, y1):
        for c in range(channels):
            row, line = planes[c, y], lines[c]
            for x in range(width):
                bits = np.float32(row[x]).view(np.uint32)
                sign = np.uint32(bits & np.uint32(0x80000000))
                a = np.uint32(bits ^ sign)
                # Normal numbers: rebias, then round to nearest even on the 13 bits that go.
                odd = np.uint32(np.uint32(a >> np.uint32(13)) & np.uint32(1))
                normal = np.uint32(np.uint32(a + np.uint32(0xC8000FFF) + odd) >> np.uint32(13))
                # Below 2^-14: adding 1/2 aligns the bits so that the addition itself rounds.
                f = np.uint32(a).view(np.float32) + np.float32(0.5)
                small = np.uint32(np.float32(f).view(np.uint32) - np.uint32(0x3F000000))
                h = small if a < np.uint32(0x38800000) else normal
                nan = np.uint32(0x7E00) if a > np.uint32(0x7F800000) else np.uint32(0x7C00)
                h = nan if a >= np.uint32(0x477FF000) else h
                line[x] = np.uint16(h | np.uint32(sign >> np.uint32(16)))
        _interleave(lines, out[y])


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _code(value, scale, offset, top):  # type: ignore[no-untyped-def]
    v = value * scale + offset + np.float32(0.5)
    v = v if v > np.float32(0) else np.float32(0)
    return np.int32(v if v < top else top)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _yuv(rgb, luma, cb, cr, k, sx, sy, work, j0, j1):  # type: ignore[no-untyped-def]
    _, height, width = rgb.shape
    rows = 1 + sy
    share = np.float32(1.0) / np.float32(rows)
    blue, red = work[0], work[1]
    for j in range(j0, j1):
        for i in range(width + 2):
            blue[i] = np.float32(0)
            red[i] = np.float32(0)
        for row in range(rows):
            y = min((j << sy) + row, height - 1)
            r_row, g_row, b_row, out = rgb[0, y], rgb[1, y], rgb[2, y], luma[y]
            for x in range(width):
                r, g, b = r_row[x], g_row[x], b_row[x]
                r = r if r == r else np.float32(0)
                g = g if g == g else np.float32(0)
                b = b if b == b else np.float32(0)
                v = k[0] * r + k[1] * g + k[2] * b
                out[x] = _code(v, k[5], k[6], k[9])
                blue[x + 1] += (b - v) * share
                red[x + 1] += (r - v) * share
        blue[0], red[0] = blue[1], red[1]
        blue[width + 1], red[width + 1] = blue[width], red[width]
        us, vs = k[3] * k[7], k[4] * k[7]
        if sx:
            for i in range(cb.shape[1]):
                x = 2 * i + 1
                u = np.float32(0.25) * (blue[x - 1] + np.float32(2) * blue[x] + blue[x + 1])
                v = np.float32(0.25) * (red[x - 1] + np.float32(2) * red[x] + red[x + 1])
                cb[j, i] = _code(u, us, k[8], k[9])
                cr[j, i] = _code(v, vs, k[8], k[9])
        else:
            for i in range(width):
                cb[j, i] = _code(blue[i + 1], us, k[8], k[9])
                cr[j, i] = _code(red[i + 1], vs, k[8], k[9])
