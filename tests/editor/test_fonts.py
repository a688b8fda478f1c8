"""Fonts made of variable fonts, texts measured without a window, icons that exist."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from nodegraph.editor.ui import font_files
from nodegraph.editor.ui.icons import ICONS
from nodegraph.editor.ui.measure import elide, width


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("NODEGRAPH_CACHE", str(tmp_path))
    font_files.mono_font.cache_clear()
    yield tmp_path
    font_files.mono_font.cache_clear()


def test_an_instance_is_made_once_and_does_not_vary(cache: Path) -> None:
    path = Path(font_files.mono_font(700))
    assert path.parent == cache / "fonts"
    with TTFont(path) as font:
        assert "fvar" not in font
        assert font["OS/2"].usWeightClass == 700
    made = path.stat().st_mtime_ns
    font_files.mono_font.cache_clear()
    assert font_files.mono_font(700) == str(path)
    assert path.stat().st_mtime_ns == made
    assert [p.name for p in path.parent.iterdir()] == [path.name]  # no halves are left


def test_weights_have_files_of_their_own(cache: Path) -> None:
    assert font_files.mono_font(400) != font_files.mono_font(700)


def test_without_a_cache_folder_the_font_as_it_comes_is_used(cache: Path) -> None:
    (cache / "fonts").write_text("in the way")
    path = Path(font_files.mono_font(700))
    assert path.exists() and cache not in path.parents


def test_figures_have_one_width() -> None:
    assert {width(c, 15) for c in "0123456789"} == {width("0", 15)}
    assert width("i", 15) < width("W", 15) / 2


def test_width_is_proportional_and_adds_up() -> None:
    assert width("", 15) == 0
    assert width("merge", 30) == pytest.approx(2 * width("merge", 15))
    assert width("merge 1", 15) == pytest.approx(width("merge", 15) + width(" ", 15) + width("1", 15))
    assert width("merge", 15, 600) > width("merge", 15, 400)


def test_characters_the_font_lacks_still_take_room() -> None:
    assert width("漢", 15) > 0


def test_size_is_the_height_of_a_line() -> None:
    with TTFont(font_files.text_font(500)) as font:
        line = font["hhea"].ascent - font["hhea"].descent
        advance = font["hmtx"][font.getBestCmap()[ord("H")]][0]
    assert width("H", line, 500) == pytest.approx(advance)


@pytest.mark.parametrize("text", ["background_plate", "a b", "", "é漢字"])
@pytest.mark.parametrize("room", [-5.0, 0.0, 8.0, 31.0, 60.0, 1000.0])
def test_elided_text_fits(text: str, room: float) -> None:
    found = elide(text, 15, room)
    assert found == "" or width(found, 15) <= room
    if width(text, 15) <= room:
        assert found == text
    elif found:
        kept = found.removesuffix("…")
        assert text.startswith(kept)
        longer = text[: len(kept) + 1]
        assert longer.endswith(" ") or width(longer + "…", 15) > room


def test_no_space_before_the_ellipsis() -> None:
    assert elide("a bcdefgh", 15, width("a …", 15)) == "a…"


def test_every_icon_is_drawn_by_the_font() -> None:
    with TTFont(font_files.icon_font()) as font:
        glyphs, outlines = font.getBestCmap(), font["glyf"]
        drawn = {name: glyphs.get(ord(c)) and outlines[glyphs[ord(c)]].numberOfContours for name, c in ICONS.items()}
    assert not [name for name, contours in drawn.items() if not contours]


@pytest.mark.parametrize(
    "name", ["play", "pause", "save", "undo", "search", "key", "eyedropper", "close", "chevron_down"]
)
def test_what_toolbars_need_is_there(name: str) -> None:
    assert len(ICONS[name]) == 1
