"""Setting text: glyphs of a font as coverage, laid out in lines.

Letters follow one another from left to right with the font's own widths and kerning. Scripts
that join or reorder letters (Arabic, Devanagari) need a shaping engine and are not set right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import MediaError

Coverage = NDArray[np.float32]
Align = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True)
class Style:
    """How text looks. `size` is the font's em in pixels; `weight` 100 to 900 where the font varies.

    `tracking` is added between letters, in thousandths of an em; `line_height` in ems.
    """

    size: float
    font: str = ""
    weight: int = 400
    tracking: float = 0.0
    line_height: float = 1.25
    align: Align = "left"


def set_text(text: str, style: Style) -> tuple[Coverage, tuple[int, int]]:
    """The ink of one or more lines: coverage 0..1 `(height, width)`, and where its top left lies.

    The place counts from the start of the first line's baseline (the middle or the end of it
    when aligned so), x to the right, y down. Empty ink is 0 x 0. MediaError names a font that
    can't be used.
    """
    glyphs: list[tuple[int, int, Coverage]] = []
    for row, line in enumerate(text.split("\n")):
        placed, width = _line(line, style)
        shift = {"left": 0.0, "centre": -width / 2, "right": -width}[style.align]
        down = row * style.line_height * style.size
        glyphs += [(floor(x + shift), round(down + y), ink) for x, y, ink in placed]
    if not glyphs:
        return np.zeros((0, 0), np.float32), (0, 0)
    left, top = min(g[0] for g in glyphs), min(g[1] for g in glyphs)
    right = max(x + ink.shape[1] for x, _, ink in glyphs)
    bottom = max(y + ink.shape[0] for _, y, ink in glyphs)
    made = np.zeros((bottom - top, right - left), np.float32)
    for x, y, ink in glyphs:
        place = made[y - top : y - top + ink.shape[0], x - left : x - left + ink.shape[1]]
        np.maximum(place, ink, out=place)
    return made, (left, top)


def _line(text: str, style: Style) -> tuple[list[tuple[float, int, Coverage]], float]:
    """(x, y, ink) of a line's glyphs, y from the baseline; and the line's width."""
    face = _face(style.font, style.size, style.weight)
    pen, before, placed = 0.0, 0, []
    for letter in text:
        index = face.get_char_index(letter)
        if before and face.has_kerning:
            pen += face.get_kerning(before, index).x / 64
        ink, left, top, advance = _glyph(style.font, style.size, style.weight, index, round(pen % 1 * 4) % 4)
        if ink.size:
            placed.append((floor(pen) + float(left), -top, ink))
        pen += advance + style.tracking * style.size / 1000
        before = index
    return placed, max(0.0, pen - style.tracking * style.size / 1000)


@lru_cache(maxsize=4096)
def _glyph(font: str, size: float, weight: int, index: int, quarter: int) -> tuple[Coverage, int, int, float]:
    """A glyph's ink, moved right by quarters of a pixel; its left and top bearing, its advance."""
    import freetype

    face = _face(font, size, weight)
    face.set_transform(freetype.Matrix(0x10000, 0, 0, 0x10000), freetype.Vector(quarter * 16, 0))
    try:
        face.load_glyph(index, freetype.FT_LOAD_RENDER | freetype.FT_LOAD_NO_HINTING)
    except freetype.FT_Exception as error:
        raise MediaError(f"has a damaged glyph: {error}", where=font or default_font()) from error
    bitmap = face.glyph.bitmap
    rows = np.array(bitmap.buffer, np.uint8).reshape(bitmap.rows, bitmap.pitch)[:, : bitmap.width]
    ink = rows.astype(np.float32) / np.float32(255)
    return ink, face.glyph.bitmap_left, face.glyph.bitmap_top, face.glyph.linearHoriAdvance / 65536


@lru_cache(maxsize=32)
def _face(font: str, size: float, weight: int) -> Any:
    import freetype

    path = font or default_font()
    try:
        face = freetype.Face(path)
        face.set_char_size(max(1, round(size * 64)))
    except freetype.FT_Exception as error:
        reason = "no such file" if not Path(path).exists() else f"is no font that can be used: {error}"
        raise MediaError(reason, where=path, hint="name a .ttf or .otf file, or leave it empty") from error
    _vary(face, size, weight)
    return face


def _vary(face: Any, size: float, weight: int) -> None:
    """Set a variable font's weight, and the design made for the size; others have none."""
    import freetype

    try:
        axes: Sequence[Any] = face.get_variation_info().axes
    except (freetype.FT_Exception, TypeError, ValueError):  # no axes, or damaged names of them
        return
    wanted = {"wght": float(weight), "opsz": size}
    face.set_var_design_coords([min(max(wanted.get(a.tag, a.default), a.minimum), a.maximum) for a in axes])


@lru_cache(maxsize=1)
def default_font() -> str:
    """Inter, from the package that brings it."""
    try:
        import fontpkg_inter
    except ImportError:
        raise MediaError("the font package isn't installed", hint="pip install fontpkg-inter") from None
    fonts = sorted(Path(fontpkg_inter.ROOT).rglob("*.ttf"))
    upright = [f for f in fonts if "Italic" not in f.name]
    if not upright:
        raise MediaError("the font package holds no font", hint="pip install --force-reinstall fontpkg-inter")
    return str(upright[0])


def ascent(style: Style) -> float:
    """How far the font's letters rise above the baseline, in pixels."""
    return float(_face(style.font, style.size, style.weight).size.ascender) / 64
