# ruff: noqa: TID253
"""Resampling and smoothing of the sample builder: Lanczos scaling, posed sampling, Gaussians.

Pictures are float32 and interleaved. Eight channels beside each other are one vector for the
gathers of `accumulate_pose`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float32]

KERNEL: dict[str, Any] = {
    "nogil": True,
    "cache": True,
    "fastmath": {"reassoc", "contract", "arcp", "nsz"},
    "error_model": "numpy",
    "boundscheck": False,
}
INLINE: dict[str, Any] = {**KERNEL, "forceinline": True}

ZERO = np.float32(0.0)
HALF = np.float32(0.5)
ONE = np.float32(1.0)
TWO = np.float32(2.0)
THREE = np.float32(3.0)


def lanczos_matrix(count: int, size: int, start: float, step: float, lobes: int = 3) -> Array:
    """`(count, size)` weights that read `size` samples at `start + step * (i + 0.5)`.

    Positions count from the first sample's edge. The filter widens when `step` > 1 (scaling
    down), rows sum to 1, and samples beyond the ends repeat the last one.
    """
    at = start + step * (np.arange(count) + 0.5) - 0.5
    width = max(step, 1.0)
    reach = math.ceil(lobes * width)
    taps = np.floor(at)[:, None] + np.arange(-reach, reach + 1)
    x = (taps - at[:, None]) / width
    weight = np.where(np.abs(x) < lobes, np.sinc(x) * np.sinc(x / lobes), 0.0)
    weight /= weight.sum(axis=1, keepdims=True)
    matrix = np.zeros((count, size))
    np.add.at(matrix, (np.arange(count)[:, None], np.clip(taps, 0, size - 1).astype(int)), weight)
    return matrix.astype(np.float32)


def scale(picture: Array, shape: tuple[int, int], window: tuple[float, float, float, float]) -> Array:
    """The part `window` (x0, y0, x1, y1, in samples from the top left corner) at `shape` (h, w)."""
    x0, y0, x1, y1 = window
    height, width = shape
    rows = lanczos_matrix(height, picture.shape[0], y0, (y1 - y0) / height)
    columns = lanczos_matrix(width, picture.shape[1], x0, (x1 - x0) / width)
    planes = picture.reshape(picture.shape[0], picture.shape[1], -1)
    scaled = [rows @ planes[..., c] @ columns.T for c in range(planes.shape[2])]
    return np.asarray(np.stack(scaled, axis=-1).reshape(height, width, *picture.shape[2:]), np.float32)


@njit(**INLINE)  # type: ignore[untyped-decorator]
def _smooth(t: Any) -> Any:
    t = min(max(t, ZERO), ONE)
    return t * t * (THREE - TWO * t)


@njit(**INLINE)  # type: ignore[untyped-decorator]
def _weights(f: Any) -> Any:
    # Catmull-Rom: keeps the detail that bilinear sampling would lose, in step with sub-pixel motion.
    g = ONE - f
    return (
        -HALF * f * g * g,
        ONE + f * f * (np.float32(1.5) * f - np.float32(2.5)),
        HALF * f * (ONE + f * (np.float32(4.0) - THREE * f)),
        -HALF * f * f * g,
    )


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def accumulate_pose(canvas: Array, out: Array, body: Array, head: Array, weight: Any, y0: int, y1: int) -> None:
    """Add `weight` times the posed `canvas` to rows `[y0, y1)` of `out`; both `(h, w, 8)`, the last unused.

    body: cos and sin of the turn divided by the size, pivot x, y (frame), shift x, y, canvas origin x, y.
    head: centre x, y, radius, pivot y, tilt (radians), shift x, y, swing (all in canvas pixels):
    inside an ellipse of that radius the picture follows the head, and fades to the body's pose
    outside it. `swing` moves the middle of the face more than its sides, as a turning head does.
    """
    height, width = canvas.shape[0], canvas.shape[1]
    for y in range(y0, y1):
        for x in range(out.shape[1]):
            px = np.float32(x) + HALF - body[2] - body[4]
            py = np.float32(y) + HALF - body[3] - body[5]
            u = body[0] * px + body[1] * py + body[2] - body[6]
            v = -body[1] * px + body[0] * py + body[3] - body[7]
            dx = (u - head[0]) / head[2]
            dy = (v - head[1]) / head[2]
            share = _smooth((np.float32(1.3) - math.sqrt(dx * dx + dy * dy)) / np.float32(0.45))
            if share > ZERO:
                angle = -head[4] * share
                rx = u - head[0]
                ry = v - head[3]
                u = head[0] + rx - angle * ry - share * head[5]
                v = head[3] + ry + angle * rx - share * head[6]
                u -= head[7] * share * max(ZERO, ONE - np.float32(1.5) * dx * dx)
            u -= HALF
            v -= HALF
            # Beyond the canvas nothing is; the pad of two columns keeps the taps inside it.
            if u < TWO or v < -ONE or u > np.float32(width - 4) or v > np.float32(height):
                continue
            i = np.int32(u)
            j = np.int32(math.floor(v))
            wx = _weights(u - np.float32(i))
            wy = _weights(v - np.float32(j))
            # Named one by one: LLVM keeps these in a vector register, an array's places it doesn't.
            a0 = a1 = a2 = a3 = a4 = a5 = a6 = ZERO
            for m in range(4):
                row = min(max(j + m - 1, 0), height - 1)
                for n in range(4):
                    w = wy[m] * wx[n]
                    at = i + n - 1
                    a0 += w * canvas[row, at, 0]
                    a1 += w * canvas[row, at, 1]
                    a2 += w * canvas[row, at, 2]
                    a3 += w * canvas[row, at, 3]
                    a4 += w * canvas[row, at, 4]
                    a5 += w * canvas[row, at, 5]
                    a6 += w * canvas[row, at, 6]
            out[y, x, 0] += weight * a0
            out[y, x, 1] += weight * a1
            out[y, x, 2] += weight * a2
            out[y, x, 3] += weight * a3
            out[y, x, 4] += weight * a4
            out[y, x, 5] += weight * a5
            out[y, x, 6] += weight * a6


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _convolve_columns(src: Array, dst: Array, taps: Array) -> None:
    height = src.shape[0]
    count = src.shape[1]
    reach = taps.size // 2
    for y in range(height):
        for x in range(count):
            dst[y, x] = ZERO
        for k in range(taps.size):
            row = min(max(y + k - reach, 0), height - 1)
            w = taps[k]
            for x in range(count):
                dst[y, x] += w * src[row, x]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _convolve_rows(src: Array, dst: Array, taps: Array, channels: int) -> None:
    width = src.shape[1] // channels
    reach = taps.size // 2
    for y in range(src.shape[0]):
        for x in range(src.shape[1]):
            dst[y, x] = ZERO
        for k in range(taps.size):
            w = taps[k]
            shift = k - reach
            for x in range(max(0, -shift) * channels, (width - max(0, shift)) * channels):
                dst[y, x] += w * src[y, x + shift * channels]
            for x in range(max(0, -shift)):
                for c in range(channels):
                    dst[y, x * channels + c] += w * src[y, c]
            for x in range(width - max(0, shift), width):
                for c in range(channels):
                    dst[y, x * channels + c] += w * src[y, (width - 1) * channels + c]


def gaussian(picture: Array, sigma: float) -> Array:
    """`picture` (h, w) or (h, w, c) smoothed; the edge repeats. `sigma` in pixels."""
    if sigma <= 0:
        return picture
    reach = max(1, math.ceil(3.0 * sigma))
    at = np.arange(-reach, reach + 1)
    taps = np.exp(-0.5 * (at / sigma) ** 2)
    taps = (taps / taps.sum()).astype(np.float32)
    channels = picture.shape[2] if picture.ndim == 3 else 1
    source = np.ascontiguousarray(picture, np.float32).reshape(picture.shape[0], -1)
    down = np.empty_like(source)
    _convolve_columns(source, down, taps)
    across = np.empty_like(source)
    _convolve_rows(down, across, taps, channels)
    return across.reshape(picture.shape)


def wide_gaussian(picture: Array, sigma: float) -> Array:
    """`gaussian` for large `sigma`: on a reduced picture, read back bilinearly."""
    step = max(1, int(sigma / 3))
    if step == 1:
        return gaussian(picture, sigma)
    height, width = picture.shape[:2]
    rows, columns = -(-height // step), -(-width // step)
    pad = [(0, rows * step - height), (0, columns * step - width)] + [(0, 0)] * (picture.ndim - 2)
    padded = np.pad(picture, pad, mode="edge")
    cells = padded.reshape(rows, step, columns, step, *picture.shape[2:])
    small = gaussian(cells.mean(axis=(1, 3), dtype=np.float32), sigma / step)
    return read_bilinear(small, (height, width), step)


def read_bilinear(small: Array, shape: tuple[int, int], step: int) -> Array:
    """`small`, one sample for every `step` pixels, at full `shape`."""
    height, width = shape
    y, ny, fy = _between(height, step, small.shape[0])
    x, nx, fx = _between(width, step, small.shape[1])
    fx = fx[None, :, None] if small.ndim == 3 else fx[None, :]
    fy = fy[:, None, None] if small.ndim == 3 else fy[:, None]
    wide = small[:, x] * (1 - fx) + small[:, nx] * fx
    return np.asarray(wide[y] * (1 - fy) + wide[ny] * fy, np.float32)


def _between(count: int, step: int, size: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    at = np.clip((np.arange(count) + 0.5) / step - 0.5, 0, size - 1)
    low = np.floor(at).astype(np.intp)
    return low, np.minimum(low + 1, size - 1), (at - low).astype(np.float32)
