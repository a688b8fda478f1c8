# ruff: noqa: TID253
"""Colours, and how every widget looks: neutral greys around the picture, one accent."""

from __future__ import annotations

import colorsys
import zlib
from functools import lru_cache

import dearpygui.dearpygui as dpg

RGB = tuple[int, int, int]
RGBA = tuple[int, int, int, int]


def _grey(value: int, alpha: int = 255) -> RGBA:
    return value, value, value, alpha


WINDOW, PANEL, HEADER, CANVAS, VIEWER = _grey(24), _grey(38), _grey(46), _grey(33), _grey(20)
FIELD, FIELD_HOVER, FIELD_ACTIVE, POPUP = _grey(54), _grey(64), _grey(74), _grey(32)
LINE, TEXT, DIM, FAINT = _grey(68), _grey(222), _grey(160), _grey(108)
GRID, GRID_MAJOR = _grey(255, 7), _grey(255, 15)
ACCENT: RGBA = (240, 170, 60, 255)
ACCENT_DIM: RGBA = (150, 108, 44, 255)
WARNING: RGBA = (230, 190, 80, 255)
ERROR: RGBA = (214, 60, 52, 255)
GOOD: RGBA = (96, 176, 106, 255)
#: Words on a family's colour.
ON_FAMILY = _grey(246)
NOTHING = _grey(0, 0)

FAMILIES: dict[str, RGB] = {
    "capture": (82, 116, 158), "colour": (172, 116, 60), "merge": (84, 134, 96), "filter": (126, 96, 160),
    "transform": (142, 132, 76), "draw": (74, 134, 140), "time": (150, 88, 112), "keying": (70, 142, 84),
    "output": (96, 104, 148), "flow": (108, 108, 108), "group": (122, 112, 100),
}  # fmt: skip
PORTS: dict[str, RGB] = {
    "Frame": (196, 196, 196), "Matte": (112, 184, 124), "Environment": (112, 160, 214), "Lights": (236, 196, 96),
    "Camera": (196, 132, 208), "Performance": (224, 128, 112), "Audio": (116, 196, 196), "Text": (206, 182, 140),
    "Number": (150, 170, 220),
}  # fmt: skip


def family_colour(family: str) -> RGB:
    """The colour of a family of nodes: always the same, also for families of other packs."""
    return FAMILIES.get(family) or _made_up(family)


def port_colour(type: str) -> RGB:
    """The colour of a type of port."""
    return PORTS.get(type) or (160, 160, 160)


@lru_cache(maxsize=256)
def _made_up(name: str) -> RGB:
    hue = (zlib.crc32(name.encode()) % 360) / 360
    r, g, b = colorsys.hls_to_rgb(hue, 0.44, 0.28)
    return round(r * 255), round(g * 255), round(b * 255)


def heat(ms: float) -> RGBA:
    """What a node costs: green, amber from a third of a frame's time on, red at a whole one (24 per second)."""
    t = max(0.0, min(1.0, ms / 40.0))
    return round(80 + 150 * t), round(160 - 84 * t), round(90 - 44 * t), 255


# -- themes

_COLOURS = {
    "WindowBg": WINDOW, "ChildBg": NOTHING, "PopupBg": POPUP, "Border": _grey(20), "BorderShadow": NOTHING,
    "FrameBg": FIELD, "FrameBgHovered": FIELD_HOVER, "FrameBgActive": FIELD_ACTIVE, "TitleBg": WINDOW,
    "TitleBgActive": HEADER, "TitleBgCollapsed": WINDOW, "MenuBarBg": WINDOW, "ScrollbarBg": NOTHING,
    "ScrollbarGrab": _grey(72), "ScrollbarGrabHovered": _grey(90), "ScrollbarGrabActive": _grey(110), "CheckMark": ACCENT,
    "SliderGrab": _grey(132), "SliderGrabActive": ACCENT, "Button": _grey(56), "ButtonHovered": _grey(70),
    "ButtonActive": _grey(84), "Header": _grey(58), "HeaderHovered": _grey(68), "HeaderActive": _grey(78),
    "Separator": _grey(58), "SeparatorHovered": ACCENT_DIM, "SeparatorActive": ACCENT, "ResizeGrip": NOTHING,
    "ResizeGripHovered": NOTHING, "ResizeGripActive": NOTHING, "Tab": PANEL, "TabHovered": FIELD_HOVER, "TabActive": FIELD,
    "TabUnfocused": PANEL, "TabUnfocusedActive": FIELD, "DockingPreview": ACCENT_DIM, "DockingEmptyBg": WINDOW,
    "PlotLines": DIM, "PlotLinesHovered": ACCENT, "PlotHistogram": ACCENT_DIM, "PlotHistogramHovered": ACCENT,
    "TableHeaderBg": HEADER, "TableBorderStrong": LINE, "TableBorderLight": _grey(52), "TableRowBg": NOTHING,
    "TableRowBgAlt": _grey(255, 4), "TextSelectedBg": (240, 170, 60, 90), "DragDropTarget": ACCENT, "NavHighlight": ACCENT_DIM,
    "NavWindowingHighlight": ACCENT, "NavWindowingDimBg": _grey(0, 90), "ModalWindowDimBg": _grey(0, 130), "Text": TEXT,
    "TextDisabled": FAINT,
}  # fmt: skip
_STYLES = {
    "WindowPadding": (8, 8), "FramePadding": (7, 4), "ItemSpacing": (7, 6), "ItemInnerSpacing": (6, 4), "CellPadding": (4, 3),
    "ScrollbarSize": (9,), "GrabMinSize": (8,), "WindowRounding": (0,), "ChildRounding": (3,), "FrameRounding": (3,),
    "PopupRounding": (5,), "ScrollbarRounding": (5,), "GrabRounding": (3,), "TabRounding": (3,), "WindowBorderSize": (0,),
    "ChildBorderSize": (0,), "PopupBorderSize": (1,), "FrameBorderSize": (0,), "WindowTitleAlign": (0.0, 0.5),
    "IndentSpacing": (16,),
}  # fmt: skip
_UNSCALED = ("WindowTitleAlign", "PopupBorderSize")

_themes: dict[str, int | str] = {}
_global: list[int | str] = []


def apply(scale: float) -> None:
    """Give everything its look, at a UI scale."""
    for old in _global:
        if dpg.does_item_exist(old):
            dpg.delete_item(old)
    _global.clear()
    _themes.clear()
    with dpg.theme() as made, dpg.theme_component(dpg.mvAll):
        for name, colour in _COLOURS.items():
            if (target := getattr(dpg, f"mvThemeCol_{name}", None)) is not None:
                dpg.add_theme_color(target, colour)
        for name, size in _STYLES.items():
            factor = 1.0 if name in _UNSCALED else scale
            dpg.add_theme_style(getattr(dpg, f"mvStyleVar_{name}"), *(v * factor for v in size))
    dpg.bind_theme(made)
    _global.append(made)


#: Item themes: which colours and styles they change.
_ITEMS: dict[str, tuple[dict[str, RGBA], dict[str, tuple[float, ...]]]] = {
    "flat": ({"Button": NOTHING, "ButtonHovered": _grey(58), "ButtonActive": _grey(74), "Text": _grey(190)}, {}),
    "accent": (
        {"Button": (196, 136, 46, 255), "ButtonHovered": (214, 150, 54, 255), "ButtonActive": ACCENT, "Text": _grey(18)}, {},
    ),
    "toggle_on": ({"Button": (92, 70, 36, 255), "ButtonHovered": (110, 84, 42, 255), "Text": ACCENT}, {}),
    "toggle_off": ({"Button": NOTHING, "ButtonHovered": _grey(58), "Text": _grey(150)}, {}),
    "key_none": ({"Button": NOTHING, "ButtonHovered": _grey(58), "Text": _grey(88)}, {}),
    "key_anim": ({"Button": NOTHING, "ButtonHovered": _grey(58), "Text": (186, 136, 56, 255)}, {}),
    "key_here": ({"Button": NOTHING, "ButtonHovered": _grey(58), "Text": ACCENT}, {}),
    "expression": ({"FrameBg": (44, 62, 58, 255), "FrameBgHovered": (50, 72, 66, 255), "Text": (160, 214, 190, 255)}, {}),
    "error": ({"FrameBg": (78, 36, 34, 255), "Text": (246, 150, 140, 255)}, {}),
    "dim": ({"Text": DIM}, {}),
    "header": ({"ChildBg": HEADER}, {"WindowPadding": (8, 4)}),
    "panel": ({"WindowBg": PANEL}, {"WindowPadding": (8, 7)}),
    "bare": ({"ChildBg": NOTHING, "WindowBg": NOTHING}, {"WindowPadding": (0, 0)}),
    "popup": ({"WindowBg": POPUP, "Border": _grey(70)}, {"WindowPadding": (10, 10), "WindowBorderSize": (1,), "WindowRounding": (6,)}),
    "card": ({"Button": _grey(50), "ButtonHovered": _grey(60), "ButtonActive": _grey(70), "ChildBg": _grey(46)}, {"ChildRounding": (6,)}),
    "selected": ({"Header": (92, 70, 36, 255), "HeaderHovered": (110, 84, 42, 255), "Text": _grey(245)}, {}),
}  # fmt: skip


def item_theme(name: str) -> int | str:
    """A theme for single items, made at its first use."""
    found = _themes.get(name)
    if found is None:
        found = _themes[name] = _canvas() if name == "canvas" else _item(*_ITEMS[name])
    return found


def _item(colours: dict[str, RGBA], styles: dict[str, tuple[float, ...]]) -> int | str:
    with dpg.theme() as made, dpg.theme_component(dpg.mvAll):
        for name, colour in colours.items():
            dpg.add_theme_color(getattr(dpg, f"mvThemeCol_{name}"), colour)
        for name, size in styles.items():
            dpg.add_theme_style(getattr(dpg, f"mvStyleVar_{name}"), *size)
    return made  # type: ignore[no-any-return]


def _canvas() -> int | str:
    """A plot that looks like a sheet to draw on."""
    with dpg.theme() as made, dpg.theme_component(dpg.mvPlot):
        for name, colour in (("PlotBg", CANVAS), ("PlotBorder", NOTHING), ("FrameBg", CANVAS), ("AxisGrid", NOTHING)):
            dpg.add_theme_color(getattr(dpg, f"mvPlotCol_{name}"), colour, category=dpg.mvThemeCat_Plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_PlotPadding, 0, 0, category=dpg.mvThemeCat_Plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_PlotBorderSize, 0, category=dpg.mvThemeCat_Plots)
    return made  # type: ignore[no-any-return]
