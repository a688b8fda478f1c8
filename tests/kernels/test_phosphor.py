"""What scopes look like: where light is, in which colours, and that one gain suits every picture."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.kernels.phosphor import (
    BACKGROUND,
    GAP,
    RIM,
    draw_histogram,
    draw_vectorscope,
    draw_waveform,
    levels_in,
    sections,
)
from nodegraph.kernels.scopes import Counts

H, W = 54, 60
LEVELS = levels_in(H)


def waveform_counts(channels: int = 1, columns: int = W) -> Counts:
    return np.zeros((channels, LEVELS, columns), np.uint32)


def lit(picture: NDArray[np.float32]) -> set[tuple[int, int]]:
    """Pixels (row, column) that are brighter than the dark panel."""
    return {(int(y), int(x)) for y, x in zip(*np.nonzero((picture[..., :3] > np.float32(BACKGROUND)).any(-1)))}


def test_nothing_counted_is_a_dark_opaque_panel() -> None:
    for picture in (
        draw_waveform(waveform_counts(3), (H, W), 960),
        draw_histogram(np.zeros((3, levels_in(W)), np.uint32), (H, W)),
        draw_vectorscope(np.zeros((40, 40), np.uint32), (H, W)),
    ):
        assert picture.shape == (H, W, 4) and picture.flags.c_contiguous
        np.testing.assert_array_equal(picture, np.broadcast_to(np.float32((*BACKGROUND, 1)), (H, W, 4)))


def test_a_level_is_a_line_at_its_height_with_a_dim_halo() -> None:
    counts = waveform_counts()
    counts[0, 20] = 100
    picture = draw_waveform(counts, (H, W), W)
    y = H - 1 - (RIM - 1) - 20
    assert {row for row, _ in lit(picture)} == {y - 1, y, y + 1}
    assert picture[y, 5, 1] > 3 * picture[y - 1, 5, 1] > 3 * BACKGROUND[1]
    assert picture[y, :, 1].min() > 0.85


def test_columns_that_stand_for_more_of_the_picture_arent_brighter() -> None:
    counts = waveform_counts(columns=W)
    width = W * 5 // 2
    counts[0, 20] = 40 * np.bincount(np.arange(width) * W // width, minlength=W)
    picture = draw_waveform(counts, (H, W), width)
    line = picture[H - 1 - (RIM - 1) - 20, :, 1]
    assert np.ptp(line) < 1e-3


def test_fewer_columns_fill_the_width() -> None:
    counts = waveform_counts(columns=7)
    counts[0, 30, 6] = 50
    picture = draw_waveform(counts, (H, W), 7)
    columns = {x for _, x in lit(picture)}
    assert columns == set(range(-(-6 * W // 7), W))


@pytest.mark.parametrize("times", [4, 64])
def test_a_larger_picture_is_as_bright(times: int, rng: np.random.Generator) -> None:
    small = waveform_counts()
    small[0, 1:-1] = rng.poisson(0.02, (LEVELS - 2, W)) * 100
    a, b = draw_waveform(small, (H, W), W), draw_waveform(small * np.uint32(times), (H, W), W)
    assert a.max() == 1 and np.abs(a - b).max() < 0.02
    points = rng.poisson(0.1, (45, 45)).astype(np.uint32)
    a, b = draw_vectorscope(points, (H, W)), draw_vectorscope(points * np.uint32(times), (H, W))
    assert a[..., :3].max() > 0.9 and np.abs(a - b).max() < 0.02


def test_noise_doesnt_blind() -> None:
    counts = np.ones((3, levels_in(210), 360), np.uint32)
    assert 0.1 < draw_waveform(counts, (210, 360), 360)[50, 50, :3].mean() < 0.7


def test_one_stray_pixel_shows_beside_a_thousand() -> None:
    counts = waveform_counts()
    counts[0, 30] = 1000
    counts[0, 10, 3] = 1
    picture = draw_waveform(counts, (H, W), W)
    assert picture[H - 1 - (RIM - 1) - 10, 3, 1] > BACKGROUND[1] + 0.01


def test_channels_over_one_another_add_up_to_white_and_stand_apart_in_a_parade() -> None:
    counts = waveform_counts(3)
    counts[:, 25] = 100
    y = H - 1 - (RIM - 1) - 25
    over = draw_waveform(counts, (H, W), W)[y, 10, :3]
    assert over.min() > 0.85
    each = sections(W, True)
    assert [b[0] - a[1] for a, b in pairwise(each)] == [GAP, GAP] and each[-1][1] <= W
    parade = waveform_counts(3, each[0][1])
    parade[:, 25] = 100
    picture = draw_waveform(parade, (H, W), W, parade=True)
    assert [int(picture[y, (x0 + x1) // 2, :3].argmax()) for x0, x1 in each] == [0, 1, 2]
    assert not [x for _, x in lit(picture) if not any(x0 <= x < x1 for x0, x1 in each)]


def test_what_is_clipped_lights_the_rims_in_amber() -> None:
    counts = waveform_counts(3)
    counts[:, -1, 4] = 1
    counts[0, 0, 9] = 1
    picture = draw_waveform(counts, (H, W), W)
    assert lit(picture) == {(y, 4) for y in range(RIM)} | {(H - 1 - y, 9) for y in range(RIM)}
    red, green, blue = picture[0, 4, :3]
    assert red > 0.4 and red > green > blue
    bars = np.zeros((3, levels_in(W)), np.uint32)
    bars[1, -1] = 5
    assert {x for _, x in lit(draw_histogram(bars, (H, W)))} == set(range(W - RIM, W))


def test_a_histogram_is_as_high_as_its_counts() -> None:
    counts = np.full((1, levels_in(W)), 50, np.uint32)
    counts[0, 10:20] = 100
    counts[0, [0, -1]] = 0

    def tall(picture: NDArray[np.float32], x: int) -> int:
        return sum(column == x for _, column in lit(picture))

    linear, log = draw_histogram(counts, (H, W)), draw_histogram(counts, (H, W), logarithmic=True)
    x, other = 15 + RIM - 1, 40
    assert tall(linear, x) == pytest.approx(2 * tall(linear, other), abs=2)
    assert tall(log, other) / tall(log, x) == pytest.approx(np.log1p(50) / np.log1p(100), abs=0.05)


def test_a_peak_of_black_leaves_the_rest_readable() -> None:
    counts = np.full((1, 303), 100, np.uint32)
    counts[0, 1] = 1_000_000
    picture = draw_histogram(counts, (H, 307))
    assert sum(x == 150 for _, x in lit(picture)) > H / 2


def test_a_vectorscope_shows_red_upwards_in_red_and_blue_to_the_right_in_blue() -> None:
    counts = np.zeros((45, 45), np.uint32)
    counts[40, 20] = counts[20, 40] = 100
    picture = draw_vectorscope(counts, (H, W))
    x0, y0 = (W - 45) // 2, (H - 45) // 2
    assert int(picture[y0 + 4, x0 + 20, :3].argmax()) == 0 and picture[y0 + 4, x0 + 20, 0] > 0.7
    assert int(picture[y0 + 24, x0 + 40, :3].argmax()) == 2 and picture[y0 + 24, x0 + 40, 2] > 0.7
    assert len(lit(picture)) == 18


def test_a_vectorscope_larger_than_its_panel_is_cut() -> None:
    counts = np.full((80, 80), 3, np.uint32)
    picture = draw_vectorscope(counts, (H, W))
    assert len(lit(picture)) == H * W


def test_pictures_go_into_what_is_given() -> None:
    out = np.zeros((H, W, 4), np.float32)
    assert draw_waveform(waveform_counts(), (H, W), 960, out=out) is out
    assert draw_histogram(np.ones((1, levels_in(W)), np.uint32), (H, W), out=out) is out
    assert draw_vectorscope(np.ones((9, 9), np.uint32), (H, W), out=out) is out


@pytest.mark.parametrize(
    "out", [np.zeros((H, W, 3), np.float32), np.zeros((H, W, 4)), np.zeros((W, H, 4), np.float32).transpose(1, 0, 2)]
)
def test_an_array_that_doesnt_fit_is_refused(out: NDArray[np.float32]) -> None:
    with pytest.raises(ValueError, match="contiguous float32"):
        draw_waveform(waveform_counts(), (H, W), 960, out=out)
