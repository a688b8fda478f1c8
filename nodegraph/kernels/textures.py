# ruff: noqa: TID253
"""Noise as tiles: made once for a seed by filtering in the frequency domain, read many times in kernels.

A tile repeats without a seam. Values are spread evenly over 0..1 (by rank), so that a threshold of 0.7 leaves three
tenths: a cloud cover is a cover.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL

Tile = NDArray[np.float32]


@lru_cache(maxsize=24)
def smooth(seed: int, size: int = 1024, slope: float = 1.8, coarsest: int = 3) -> Tile:
    """Fractal noise (size, size): its amplitude falls with the frequency to the power of `slope`, from `coarsest`
    waves a tile on."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft2(rng.standard_normal((size, size)).astype(np.float32))
    waves = np.hypot(np.fft.fftfreq(size, 1 / size)[:, None], np.fft.rfftfreq(size, 1 / size)[None])
    gain = np.maximum(waves, 1e-3) ** -slope * (waves >= coarsest)
    return _frozen(_even(np.fft.irfft2(spectrum * gain, (size, size))))


@lru_cache(maxsize=8)
def billows(seed: int, size: int = 1024, coarsest: int = 4, octaves: int = 6) -> Tile:
    """Noise (size, size) of round humps with creases between them, 0..1: sums of the absolute values of bands."""
    rng = np.random.default_rng(seed)
    waves = np.hypot(np.fft.fftfreq(size, 1 / size)[:, None], np.fft.rfftfreq(size, 1 / size)[None])
    total = np.zeros((size, size))
    for octave in range(octaves):
        middle = coarsest * 2.0**octave
        spectrum = np.fft.rfft2(rng.standard_normal((size, size)).astype(np.float32))
        band = np.fft.irfft2(spectrum * np.exp(-(((waves - middle) / (0.35 * middle)) ** 2)), (size, size))
        total += 0.55**octave * (1 - np.abs(band) / (2.2 * band.std()))
    return _frozen(_even(total))


def _even(values: NDArray[np.floating]) -> Tile:
    """By rank, through a histogram of 4096 steps."""
    low, high = float(values.min()), float(values.max())
    counts = np.histogram(values, 4096, (low, high))[0]
    ranks = np.concatenate([[0], np.cumsum(counts)]) / values.size
    at = (values - low) * (4096 / max(high - low, 1e-12))
    index = np.minimum(at.astype(np.int32), 4095)
    return np.asarray(ranks[index] + (at - index) * (ranks[index + 1] - ranks[index]), np.float32)


def _frozen(tile: Tile) -> Tile:
    tile.flags.writeable = False
    return tile


@njit(**KERNEL, inline="always")  # type: ignore[untyped-decorator]
def read(tile, x, y):  # type: ignore[no-untyped-def]
    """Bilinear, repeated; x and y in tiles."""
    size = tile.shape[0]
    x, y = (x - np.floor(x)) * size, (y - np.floor(y)) * size
    i, j = int(x), int(y)
    a, b = np.float32(x - i), np.float32(y - j)
    i, j = i & (size - 1), j & (size - 1)
    k, m = (i + 1) & (size - 1), (j + 1) & (size - 1)
    low = tile[j, i] + a * (tile[j, k] - tile[j, i])
    high = tile[m, i] + a * (tile[m, k] - tile[m, i])
    return low + b * (high - low)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def scatter(x, y, z):  # type: ignore[no-untyped-def]
    """A number 0..1 for a place of whole numbers, other for each: an integer hash (T. Wang)."""
    h = np.uint32(np.int64(x) * 374761393 + np.int64(y) * 668265263 + np.int64(z) * 2147483647)
    h = np.uint32((h ^ (h >> np.uint32(13))) * np.uint32(1274126177))
    h = np.uint32((h ^ (h >> np.uint32(16))) * np.uint32(2246822519))
    h = np.uint32(h ^ (h >> np.uint32(15)))
    return np.float32(h) * np.float32(1 / 4294967296.0)
