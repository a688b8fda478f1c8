"""How wide a text is, without drawing it: titles must fit their nodes at every zoom."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


class _Widths(NamedTuple):
    """A font's advances by character, in units of which a line's height (not the em) has `line`."""

    advances: dict[int, int]
    missing: int
    line: int


@lru_cache(maxsize=8)
def _widths(weight: int) -> _Widths:
    from fontTools.ttLib import TTFont

    from nodegraph.editor.ui.font_files import text_font

    with TTFont(text_font(weight), lazy=True) as font:
        metrics, head = font["hmtx"].metrics, font["hhea"]
        advances = {code: metrics[glyph][0] for code, glyph in font.getBestCmap().items()}
        return _Widths(advances, metrics[".notdef"][0], head.ascent - head.descent)


@lru_cache(maxsize=8192)
def width(text: str, size: float, weight: int = 500) -> float:
    """Pixels that a line of text takes at a font size, which to the toolkit is the height of a line."""
    advances, missing, line = _widths(weight)
    return sum(advances.get(ord(c), missing) for c in text) * size / line


@lru_cache(maxsize=8192)
def elide(text: str, size: float, room: float, weight: int = 500) -> str:
    """The text, or as much of its beginning as fits the room, and an ellipsis; "" where not even that fits."""
    if width(text, size, weight) <= room:
        return text
    if width("…", size, weight) > room:
        return ""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + "…", size, weight) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"
