"""Loading rows of a picture in its source's own layout.

A fused kernel reads every layout but planar float32 through a few scratch rows: a decoder
turns one row into float, the fused loop then reads that row from the first-level cache. Each
decoder stands here twice: for one row, as source for the emitter, and for a strip of rows in
NumPy, for tier 0 and as the readable definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.values import Layout

#: Kr and Kb of the Y'CbCr matrices (ITU-R BT.601-7, BT.709-6, BT.2020-2).
MATRICES = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}

#: Columns a scratch row has beyond the domain: chroma starts one sample before and ends after.
SCRATCH_MARGIN = 8

# Weights of chroma samples (before, at, after) for even and odd pixels, by where they sit.
_CENTRED = ((0.25, 0.75, 0.0), (0.0, 0.75, 0.25))
_COSITED = ((0.0, 1.0, 0.0), (0.0, 0.5, 0.5))
_NEAREST = ((0.0, 1.0, 0.0), (0.0, 1.0, 0.0))
_ALONG_X = {"left": _COSITED, "center": _CENTRED, "topleft": _COSITED, "nearest": _NEAREST}
_ALONG_Y = {"left": _CENTRED, "center": _CENTRED, "topleft": _COSITED, "nearest": _NEAREST}


def code_range(layout: Layout) -> tuple[float, float, float, float]:
    """(offset, scale) of luma and of chroma: value = (code - offset) * scale."""
    top = float((1 << layout.bits) - 1)
    if layout.full_range:
        return 0.0, 1 / top, float(1 << (layout.bits - 1)), 1 / top
    unit = float(1 << (layout.bits - 8))
    return 16 * unit, 1 / (219 * unit), 128 * unit, 1 / (224 * unit)


def chroma_taps(layout: Layout, axis: int) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Weights for even and odd pixels along x (axis 0) or y (axis 1)."""
    if not layout.subsample[axis]:
        return _NEAREST
    return (_ALONG_X, _ALONG_Y)[axis][layout.chroma]


# --- one row, as source -----------------------------------------------------------------

KERNELS = """
@precise
def decode_half(h):
    em = u32(u32(h) & u32(0x7FFF))
    v = u32(em << u32(13)).view(np.float32) * f32(5.192296858534828e33)
    b = f32(v).view(np.uint32)
    b = u32(em << u32(13)) | u32(0x7F800000) if em >= u32(0x7C00) else b
    return u32(b | u32(u32(u32(h) & u32(0x8000)) << u32(16))).view(np.float32)

@precise
def row_f16_planar(src, c, y, x, n, scale, dst):
    row = src[c, y, x : x + n]
    for i in range(n):
        dst[i] = decode_half(row[i])

@precise
def row_f16_interleaved(src, c, y, x, n, scale, dst):
    for i in range(n):
        dst[i] = decode_half(src[y, x + i, c])

@precise
def row_int_planar(src, c, y, x, n, scale, dst):
    row = src[c, y, x : x + n]
    for i in range(n):
        dst[i] = f32(i32(row[i])) * scale

@precise
def row_int_interleaved(src, c, y, x, n, scale, dst):
    for i in range(n):
        dst[i] = f32(i32(src[y, x + i, c])) * scale

@precise
def row_f32_interleaved(src, c, y, x, n, scale, dst):
    for i in range(n):
        dst[i] = src[y, x + i, c]

@precise
def row_alpha(plane, y, x, n, scale, dst):
    row = plane[y, x : x + n]
    for i in range(n):
        dst[i] = f32(i32(row[i])) * scale

@precise
def chroma_row(plane, y, sy, wy0, wy1, wy2, j0, j1, last, dst):
    # One row of chroma at luma row y, columns j0..j1-1 (held at both ends).
    rows = plane.shape[0]
    j = y >> sy
    above = plane[max(j - 1, 0)]
    here = plane[min(j, rows - 1)]
    below = plane[min(j + 1, rows - 1)]
    for i in range(max(j0, 0), min(j1, last + 1)):
        dst[i - j0] = wy0 * f32(i32(above[i])) + wy1 * f32(i32(here[i])) + wy2 * f32(i32(below[i]))
    for i in range(j0, 0):
        dst[i - j0] = dst[-j0]
    for i in range(last + 1, j1):
        dst[i - j0] = dst[last - j0]

@precise
def spread_row(src, x, n, sx, w, dst):
    # Chroma samples to pixels x..x+n-1; src starts one sample before pixel x's own.
    if sx == 0:
        for i in range(n):
            dst[i] = src[i + 1]
        return
    first = (x + 1) >> 1
    if x & 1:
        dst[0] = w[3] * src[0] + w[4] * src[1] + w[5] * src[2]
    lead = x & 1
    pairs = (n - lead) >> 1
    for i in range(pairs):
        a = src[i + lead]
        b = src[i + lead + 1]
        c = src[i + lead + 2]
        dst[2 * i + lead] = w[0] * a + w[1] * b + w[2] * c
        dst[2 * i + lead + 1] = w[3] * a + w[4] * b + w[5] * c
    if (n - lead) & 1:
        i = pairs
        dst[n - 1] = w[0] * src[i + lead] + w[1] * src[i + lead + 1] + w[2] * src[i + lead + 2]

@precise
def rows_yuv(luma, cb, cr, y, x, n, width, sx, sy, wx, wy, code, matrix, dst):
    # dst is 6 rows: R, G, B and three that are worked in.
    last = ((width + sx) >> sx) - 1
    j0 = (x >> sx) - 1
    j1 = ((x + n - 1) >> sx) + 2
    odd = i32(3) if (sy == 1) & ((y & 1) == 1) else i32(0)
    work = dst[3]
    chroma_row(cb, y, sy, wy[odd], wy[odd + 1], wy[odd + 2], j0, j1, last, work)
    spread_row(work, x, n, sx, wx, dst[4])
    chroma_row(cr, y, sy, wy[odd], wy[odd + 1], wy[odd + 2], j0, j1, last, work)
    spread_row(work, x, n, sx, wx, dst[5])
    line = luma[y, x : x + n]
    b_row = dst[4]
    r_row = dst[5]
    out_r = dst[0]
    out_g = dst[1]
    out_b = dst[2]
    for i in range(n):
        l = (f32(i32(line[i])) - code[0]) * code[1]
        u = (b_row[i] - code[2]) * code[3]
        v = (r_row[i] - code[2]) * code[3]
        out_r[i] = l + matrix[0] * v
        out_g[i] = l + matrix[1] * u + matrix[2] * v
        out_b[i] = l + matrix[3] * u
"""


def yuv_constants(layout: Layout) -> dict[str, tuple[float, ...]]:
    """The constants `rows_yuv` takes for a layout."""
    kr, kb = MATRICES[layout.matrix]
    kg = 1 - kr - kb
    red, blue = 2 * (1 - kr), 2 * (1 - kb)
    even_x, odd_x = chroma_taps(layout, 0)
    even_y, odd_y = chroma_taps(layout, 1)
    return {
        "wx": (*even_x, *odd_x),
        "wy": (*even_y, *odd_y),
        "code": code_range(layout),
        "matrix": (red, -kb * blue / kg, -kr * red / kg, blue),
    }


# --- a strip of rows, in NumPy ----------------------------------------------------------


def decode_strip(
    layout: Layout,
    planes: Sequence[NDArray[Any]],
    width: int,
    channels: Sequence[int],
    y0: int,
    y1: int,
    x0: int,
    x1: int,
) -> list[NDArray[np.float32]]:
    """The asked channels of rows y0..y1-1, columns x0..x1-1, as float32."""
    if layout.packing == "yuv":
        rgb = _decode_yuv(layout, planes, width, y0, y1, x0, x1) if min(channels, default=3) < 3 else []
        alpha = _decode_samples(layout, planes[3][y0:y1, x0:x1]) if len(planes) > 3 else None
        return [rgb[c] if c < 3 else alpha for c in channels]  # type: ignore[misc]
    source = planes[0]
    if layout.packing == "planar":
        return [_decode_samples(layout, source[c, y0:y1, x0:x1]) for c in channels]
    return [_decode_samples(layout, source[y0:y1, x0:x1, c]) for c in channels]


def _decode_samples(layout: Layout, codes: NDArray[Any]) -> NDArray[np.float32]:
    if layout.sample == "f16":
        return codes.view(np.float16).astype(np.float32)
    if layout.sample == "f32":
        return np.asarray(codes, np.float32)
    return codes.astype(np.float32) * np.float32(1 / ((1 << layout.bits) - 1))


def _decode_yuv(
    layout: Layout, planes: Sequence[NDArray[Any]], width: int, y0: int, y1: int, x0: int, x1: int
) -> list[NDArray[np.float32]]:
    constants = {k: np.array(v, np.float32) for k, v in yuv_constants(layout).items()}
    code, matrix = constants["code"], constants["matrix"]
    luma = (planes[0][y0:y1, x0:x1].astype(np.float32) - code[0]) * code[1]
    sx, sy = layout.subsample
    columns, rows = (width + sx) >> sx, planes[1].shape[0]

    def upsample(plane: NDArray[Any]) -> NDArray[np.float32]:
        ys, xs = np.arange(y0, y1), np.arange(x0, x1)
        wy = constants["wy"].reshape(2, 3)[(ys & 1) * sy]
        wx = constants["wx"].reshape(2, 3)[(xs & 1) * sx]
        plane = plane[:, :columns].astype(np.float32)
        tall = sum(plane[np.clip((ys >> sy) + k - 1, 0, rows - 1)] * wy[:, k, None] for k in range(3))
        wide = sum(tall[:, np.clip((xs >> sx) + k - 1, 0, columns - 1)] * wx[:, k] for k in range(3))  # type: ignore[index]
        return (wide - code[2]) * code[3]  # type: ignore[no-any-return]

    u, v = upsample(planes[1]), upsample(planes[2])
    return [luma + matrix[0] * v, luma + matrix[1] * u + matrix[2] * v, luma + matrix[3] * u]
