"""Text set from glyphs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nodegraph.errors import MediaError
from nodegraph.media.type import Style, ascent, default_font, set_text

STYLE = Style(40.0)


def test_ink_is_coverage_and_lies_on_its_baseline() -> None:
    ink, (left, top) = set_text("H", STYLE)
    assert ink.dtype == np.float32 and ink.min() >= 0 and ink.max() == 1
    assert left >= 0 and top + ink.shape[0] == 0  # an H stands on its baseline
    assert 0.65 * 40 < ink.shape[0] < 0.8 * 40  # capitals are about 0.73 em high
    assert ink.shape[0] < ascent(STYLE) < 1.3 * 40
    low, (_, start) = set_text("p", STYLE)
    assert start + low.shape[0] > 0  # a p goes below it


def test_an_h_is_two_stems_and_a_bar() -> None:
    ink, _ = set_text("H", Style(80.0))
    stems = ink[5] > 0.5
    assert np.flatnonzero(np.diff(stems.astype(int))).size in (2, 3, 4)
    assert stems[: stems.size // 3].any() and stems[-stems.size // 3 :].any() and not stems[stems.size // 2]
    assert (ink[:, ink.shape[1] // 2] > 0.5).sum() < ink.shape[0] / 4


@pytest.mark.parametrize("text", ["", " ", "\n\n", " \n "])
def test_no_ink(text: str) -> None:
    ink, place = set_text(text, STYLE)
    assert ink.shape == (0, 0) and place == (0, 0)


def test_size_scales() -> None:
    small, large = set_text("Scale", Style(20.0))[0], set_text("Scale", Style(80.0))[0]
    assert large.shape[0] / small.shape[0] == pytest.approx(4, rel=0.1)
    assert large.sum() / small.sum() == pytest.approx(16, rel=0.1)


def test_lines_lie_a_line_apart() -> None:
    one, _ = set_text("H", STYLE)
    two, (_, top) = set_text("H\nH", Style(40.0, line_height=1.5))
    assert two.shape == (one.shape[0] + 60, one.shape[1]) and top == -one.shape[0]
    np.testing.assert_array_equal(two[: one.shape[0]], one)
    np.testing.assert_array_equal(two[-one.shape[0] :], one)


def test_alignment() -> None:
    places = {align: set_text("HHHH", Style(40.0, align=align))[1][0] for align in ("left", "centre", "right")}  # type: ignore[arg-type]
    width = set_text("HHHH", STYLE)[0].shape[1]
    assert abs(places["left"] - places["right"] - width) < 12
    assert places["centre"] == pytest.approx((places["left"] + places["right"]) / 2, abs=1)


def test_tracking_opens_and_weight_thickens() -> None:
    plain = set_text("HHH", STYLE)[0]
    tracked = set_text("HHH", Style(40.0, tracking=500))[0]
    assert tracked.shape[1] - plain.shape[1] == pytest.approx(2 * 20, abs=1)
    weights = [set_text("H", Style(40.0, weight=w))[0].sum() for w in (100, 400, 900)]
    assert weights[0] < 0.8 * weights[1] < weights[1] < 0.8 * weights[2]


def test_letters_beyond_latin_and_ones_no_font_has() -> None:
    for text in ("ÄÖÜß", "Ωμέγα", "Ж", "\U0001f9ff", "a\tb"):
        ink, _ = set_text(text, STYLE)
        assert np.isfinite(ink).all()


def test_wrong_fonts(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"none\.ttf: no such file \(name a \.ttf or \.otf"):
        set_text("a", Style(40.0, font=str(tmp_path / "none.ttf")))
    (tmp_path / "text.ttf").write_text("no font")
    with pytest.raises(MediaError, match=r"text\.ttf: is no font that can be used"):
        set_text("a", Style(40.0, font=str(tmp_path / "text.ttf")))


def test_a_damaged_font_sets_what_it_has_or_says_so(tmp_path: Path, rng: np.random.Generator) -> None:
    whole = Path(default_font()).read_bytes()
    damaged = [whole[: len(whole) * eighth // 8] for eighth in range(8)]
    for _ in range(6):
        flipped = np.frombuffer(whole, np.uint8).copy()
        flipped[rng.integers(2000, len(whole), len(whole) // 50)] ^= 0xA5
        damaged.append(flipped.tobytes())
    refused = 0
    for k, data in enumerate(damaged):
        font = tmp_path / f"{k}.ttf"
        font.write_bytes(data)
        try:
            ink, _ = set_text("The quick brown fox; Ωμέγα Ж ß 0123", Style(40.0, font=str(font)))
            assert np.isfinite(ink).all()
        except MediaError as error:
            refused += 1
            assert error.where == str(font)
    assert refused >= 1
