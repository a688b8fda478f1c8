# ruff: noqa: TID253
"""The fonts that are loaded: text in three weights, figures, icons."""

from __future__ import annotations

from dataclasses import dataclass

import dearpygui.dearpygui as dpg

from nodegraph.editor.ui.font_files import icon_font, mono_font, text_font

#: Sizes in pixels at scale 1.
SIZES = {
    "regular": 15.0, "medium": 15.0, "semibold": 15.0, "small": 13.0, "large": 20.0, "title": 32.0, "mono": 13.0,
    "icons": 14.0, "icons_large": 22.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fonts:
    regular: int
    medium: int
    semibold: int
    small: int
    large: int
    title: int
    mono: int
    icons: int
    icons_large: int


def load(scale: float) -> Fonts:
    """Load every font at a UI scale."""
    files = {
        "regular": text_font(400), "medium": text_font(500), "semibold": text_font(600), "small": text_font(400),
        "large": text_font(600, 28), "title": text_font(600, 28), "mono": mono_font(), "icons": icon_font(),
        "icons_large": icon_font(),
    }  # fmt: skip
    with dpg.font_registry():
        return Fonts(**{name: dpg.add_font(file, round(SIZES[name] * scale)) for name, file in files.items()})


def rescale(fonts: Fonts, scale: float) -> None:
    """Other sizes, at once."""
    for name, size in SIZES.items():
        dpg.configure_item(getattr(fonts, name), size=round(size * scale))
