"""How wide a text is, without drawing it: titles must fit their nodes at every zoom."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def _advances() -> tuple[dict[int, str], Any, int]:
    """Inter's characters, the widths of its glyphs, and how many units its em has."""
    from fontTools.ttLib import TTFont

    from nodegraph.editor.ui.font_files import text_font

    with TTFont(text_font(500), lazy=True) as font:
        return dict(font.getBestCmap()), dict(font["hmtx"].metrics), font["head"].unitsPerEm


@lru_cache(maxsize=8192)
def width(text: str, size: float) -> float:
    """Pixels that a line of text takes at a font size (its em)."""
    characters, metrics, em = _advances()
    fallback = metrics.get(characters.get(ord("n"), ""), (em // 2, 0))
    units = sum(metrics.get(characters.get(ord(c), ""), fallback)[0] for c in text)
    return float(units * size / em)


@lru_cache(maxsize=8192)
def elide(text: str, size: float, room: float) -> str:
    """The text, or as much of its beginning as fits the room, and an ellipsis."""
    if width(text, size) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + "…", size) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…" if low else ""
