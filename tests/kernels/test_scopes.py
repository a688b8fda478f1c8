"""Counts of scopes against NumPy in float64, count by count."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.kernels.scopes import (
    CB,
    CR,
    Scale,
    histogram,
    interleaved,
    linear,
    planar,
    stops,
    vectorscope,
    waveform,
)

LEVELS, COLUMNS = 61, 40


def picture(rng: np.random.Generator, height: int = 37, width: int = 101) -> NDArray[np.float32]:
    """Values in and around 0..1, code values, greys and what is no number."""
    rgba = rng.uniform(-0.3, 1.3, (height, width, 4)).astype(np.float32)
    rgba[5:9] = (rng.integers(0, 256, (4, width, 4)) / 255).astype(np.float32)
    rgba[10:14] = rng.uniform(0, 1, (4, width, 1)).astype(np.float32)
    rgba[15, 3:6, 0] = np.nan, np.inf, -np.inf
    rgba[16, 7, :3] = np.nan
    rgba[17, 0, :3] = np.inf
    rgba[18, :2, 1] = 1e30, -1e30
    return rgba


def luma(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        mixed: NDArray[np.float64] = (rgb[..., 0] * 2126.0 + rgb[..., 1] * 7152.0 + rgb[..., 2] * 722.0) / 10000.0
    return mixed


def channels_of(rgba: NDArray[np.float32], channels: int) -> NDArray[np.float64]:
    rgb = rgba[..., :3].astype(np.float64)
    return luma(rgb)[None] if channels == 1 else rgb.transpose(2, 0, 1)


def bins_of(position: NDArray[np.float64], levels: int) -> NDArray[np.int64]:
    return np.clip(np.floor(position * (levels - 3) + 1.5), 0, levels - 1).astype(np.int64)


def odd_of(values: NDArray[np.float64]) -> list[int]:
    return [int(np.isnan(values).sum()), int(np.isposinf(values).sum()), int(np.isneginf(values).sum())]


def expected_waveform(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    width = values.shape[-1]
    columns = np.broadcast_to(np.arange(width) * COLUMNS // width, values.shape[1:])
    found = []
    for plane in values:
        number = np.isfinite(plane)
        level = bins_of((plane[number] - low) * (1 / (high - low)), LEVELS)
        edges = (np.arange(LEVELS + 1), np.arange(COLUMNS + 1))
        found.append(np.histogram2d(level, columns[number], edges)[0])
    return np.stack(found)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-0.25, 1.75)])
def test_a_waveform_counts_as_numpy_does(rng: np.random.Generator, channels: int, low: float, high: float) -> None:
    rgba = picture(rng)
    counts, odd = np.full((channels, LEVELS, COLUMNS), 7, np.uint32), np.full(3, 9, np.uint32)
    waveform(counts, odd, interleaved(rgba), linear(low, high))
    values = channels_of(rgba, channels)
    np.testing.assert_array_equal(counts, expected_waveform(values, low, high))
    assert odd.tolist() == odd_of(values)
    assert counts.sum() + odd.sum() == values.size


@pytest.mark.parametrize("channels", [1, 3])
def test_a_histogram_counts_as_numpy_does(rng: np.random.Generator, channels: int) -> None:
    rgba = picture(rng)
    counts, odd = np.zeros((channels, 258), np.uint32), np.zeros(3, np.uint32)
    histogram(counts, odd, interleaved(rgba), linear())
    values = channels_of(rgba, channels)
    want = [np.bincount(bins_of(plane[np.isfinite(plane)], 258), minlength=258) for plane in values]
    np.testing.assert_array_equal(counts, want)
    assert odd.tolist() == odd_of(values)


@pytest.mark.parametrize("zoom", [1.0, 2.0])
def test_a_vectorscope_counts_as_numpy_does(rng: np.random.Generator, zoom: float) -> None:
    rgba = picture(rng)
    counts, odd = np.zeros((64, 64), np.uint32), np.zeros(3, np.uint32)
    vectorscope(counts, odd, interleaved(rgba), zoom)
    rgb = rgba[..., :3].astype(np.float64)
    y = luma(rgb)
    number = np.isfinite(y)
    u = bins_of((rgb[number, 2] - y[number]) * (zoom / CB) + 0.5, 64)
    v = bins_of((rgb[number, 0] - y[number]) * (zoom / CR) + 0.5, 64)
    edges = np.arange(65)
    np.testing.assert_array_equal(counts, np.histogram2d(v, u, (edges, edges))[0])
    assert odd.tolist() == odd_of(y)


def test_planar_pixels_count_as_interleaved_ones_do(rng: np.random.Generator) -> None:
    rgba = picture(rng)
    wide = np.zeros((4, 40, 120), np.float32)
    wide[:, 1:38, 5:106] = rgba.transpose(2, 0, 1)
    part = wide[:, 1:38, 5:106]
    part.flags.writeable = False
    a, b, odd = np.zeros((3, 50, 33), np.uint32), np.zeros((3, 50, 33), np.uint32), np.zeros(3, np.uint32)
    waveform(a, odd, interleaved(rgba), linear())
    waveform(b, odd, planar(part), linear())
    np.testing.assert_array_equal(a, b)
    rgb_only = np.ascontiguousarray(rgba[..., :3])
    waveform(b, odd, interleaved(rgb_only), linear())
    np.testing.assert_array_equal(a, b)
    waveform(b, odd, interleaved(rgba, (2, 1, 0)), linear())
    np.testing.assert_array_equal(a[::-1], b)


def test_one_channel_as_luma_is_that_channel(rng: np.random.Generator) -> None:
    rgba = picture(rng)
    one, three = np.zeros((1, 100), np.uint32), np.zeros((3, 100), np.uint32)
    odd = np.zeros(3, np.uint32)
    histogram(three, odd, interleaved(rgba), linear())
    histogram(one, odd, interleaved(rgba, (1, 1, 1)), linear())
    np.testing.assert_array_equal(one[0], three[1])


def test_what_lies_beyond_the_scale_is_on_its_rims() -> None:
    values = np.array([-5, -0.01, 0, 0.5, 1, 1.01, 5], np.float32)
    rgba = np.repeat(values[None, :, None], 4, 2)
    counts, odd = np.zeros((1, 203), np.uint32), np.zeros(3, np.uint32)
    histogram(counts, odd, interleaved(rgba), linear())
    assert {int(i): int(counts[0, i]) for i in np.flatnonzero(counts[0])} == {0: 2, 1: 1, 101: 1, 201: 1, 202: 2}


def level_of(value: float, scale: Scale, levels: int) -> int:
    counts, odd = np.zeros((1, levels), np.uint32), np.zeros(3, np.uint32)
    histogram(counts, odd, interleaved(np.full((1, 1, 4), value, np.float32)), scale)
    assert counts.sum() == 1
    return int(np.argmax(counts))


@pytest.mark.parametrize("stop", [-8, -5.3, -1, 0, 0.31, 2, 7.9])
def test_stops_are_evenly_spaced(stop: float) -> None:
    assert level_of(0.18 * 2.0**stop, stops(), 163) == pytest.approx(1 + (stop + 8) * 10, abs=0.52)


@pytest.mark.parametrize(
    ("value", "level"), [(0.0, 0), (-1.0, 0), (-0.0, 0), (1e-30, 0), (0.18 * 2**8.2, 162), (3e38, 162)]
)
def test_stops_have_rims(value: float, level: int) -> None:
    assert level_of(value, stops(), 163) == level


@pytest.mark.parametrize("shape", [(1, 1), (0, 5), (5, 0), (3, 2)])
def test_small_and_empty_pictures(shape: tuple[int, int]) -> None:
    buffer = np.full((*shape, 4), 0.5, np.float32)
    odd = np.zeros(3, np.uint32)
    columns = max(1, min(shape[1], 40))
    wave, bins, plane = np.ones((3, 9, columns), np.uint32), np.ones((1, 9), np.uint32), np.ones((9, 9), np.uint32)
    waveform(wave, odd, interleaved(buffer), linear())
    histogram(bins, odd, interleaved(buffer), linear())
    vectorscope(plane, odd, interleaved(buffer))
    pixels = shape[0] * shape[1]
    assert (wave.sum(), bins[0, 4], plane[4, 4]) == (3 * pixels, pixels, pixels)
