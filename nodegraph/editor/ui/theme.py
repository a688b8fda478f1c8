# ruff: noqa: TID253
"""Colours, and how every widget looks: neutral greys around the picture, one accent."""

from __future__ import annotations

import colorsys
import zlib
from collections.abc import Mapping
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
    "environment": (72, 126, 168), "relight": (178, 142, 60), "output": (96, 104, 148), "flow": (108, 108, 108), "group": (122, 112, 100),
}  # fmt: skip
PORTS: dict[str, RGB] = {
    "Frame": (196, 196, 196), "Matte": (112, 184, 124), "Environment": (112, 160, 214), "Lights": (236, 196, 96),
    "Camera": (196, 132, 208), "Performance": (224, 128, 112), "Audio": (116, 196, 196), "Text": (206, 182, 140),
    "Number": (150, 170, 220), "World": (148, 190, 160),
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
    "WindowBg": WINDOW, "ChildBg": NOTHING, "PopupBg": POPUP, "Border": _grey(62), "BorderShadow": NOTHING,
    "FrameBg": FIELD, "FrameBgHovered": FIELD_HOVER, "FrameBgActive": FIELD_ACTIVE, "TitleBg": WINDOW,
    "TitleBgActive": HEADER, "TitleBgCollapsed": WINDOW, "MenuBarBg": WINDOW, "ScrollbarBg": NOTHING,
    "ScrollbarGrab": _grey(72), "ScrollbarGrabHovered": _grey(90), "ScrollbarGrabActive": _grey(110), "CheckMark": ACCENT,
    "SliderGrab": _grey(98), "SliderGrabActive": ACCENT_DIM, "Button": _grey(56), "ButtonHovered": _grey(70),
    "ButtonActive": _grey(84), "Header": _grey(58), "HeaderHovered": _grey(68), "HeaderActive": _grey(78),
    "Separator": _grey(58), "SeparatorHovered": ACCENT_DIM, "SeparatorActive": ACCENT, "ResizeGrip": NOTHING,
    "ResizeGripHovered": NOTHING, "ResizeGripActive": NOTHING, "Tab": PANEL, "TabHovered": FIELD_HOVER, "TabActive": FIELD,
    "TabUnfocused": PANEL, "TabUnfocusedActive": FIELD, "DockingPreview": ACCENT_DIM, "DockingEmptyBg": WINDOW,
    "PlotLines": DIM, "PlotLinesHovered": ACCENT, "PlotHistogram": ACCENT_DIM, "PlotHistogramHovered": ACCENT,
    "TableHeaderBg": HEADER, "TableBorderStrong": LINE, "TableBorderLight": _grey(52), "TableRowBg": NOTHING,
    "TableRowBgAlt": _grey(255, 4), "TextSelectedBg": (240, 170, 60, 90), "DragDropTarget": ACCENT, "NavHighlight": ACCENT_DIM,
    "NavWindowingHighlight": ACCENT, "NavWindowingDimBg": _grey(0, 90), "ModalWindowDimBg": _grey(0, 130), "Text": TEXT,
    "TextDisabled": FAINT, "InputTextCursor": ACCENT, "TabSelectedOverline": ACCENT, "TabDimmedSelectedOverline": NOTHING,
    "TreeLines": LINE, "UnsavedMarker": ACCENT, "DragDropTargetBg": (240, 170, 60, 30), "NavCursor": ACCENT_DIM,
}  # fmt: skip
_STYLES = {
    "WindowPadding": (8, 8), "FramePadding": (7, 4), "ItemSpacing": (7, 6), "ItemInnerSpacing": (6, 4), "CellPadding": (4, 3),
    "ScrollbarSize": (9,), "GrabMinSize": (8,), "WindowRounding": (0,), "ChildRounding": (3,), "FrameRounding": (3,),
    "PopupRounding": (5,), "ScrollbarRounding": (5,), "GrabRounding": (3,), "TabRounding": (3,), "WindowBorderSize": (0,),
    "ChildBorderSize": (0,), "PopupBorderSize": (1,), "FrameBorderSize": (0,), "WindowTitleAlign": (0.0, 0.5),
    "IndentSpacing": (16,), "TabBorderSize": (0,), "TabBarBorderSize": (1,), "TabBarOverlineSize": (2,),
    "SeparatorTextBorderSize": (1,), "SeparatorTextPadding": (14, 3), "SeparatorTextAlign": (0.0, 0.5),
}  # fmt: skip
_UNSCALED = ("WindowTitleAlign", "PopupBorderSize", "WindowBorderSize", "SeparatorTextBorderSize", "SeparatorTextAlign",
             "TabBarBorderSize", "TabBarOverlineSize")  # fmt: skip
#: Kinds of widgets that can be disabled: the toolkit takes a theme for those by kind only.
_CAN_BE_DISABLED = (
    "mvButton", "mvSliderFloat", "mvSliderInt", "mvSliderFloatMulti", "mvSliderIntMulti", "mvDragFloat", "mvDragInt",
    "mvDragFloatMulti", "mvDragIntMulti", "mvInputText", "mvInputFloat", "mvInputInt", "mvInputFloatMulti",
    "mvInputIntMulti", "mvCombo", "mvCheckbox", "mvRadioButton", "mvSelectable", "mvMenuItem", "mvColorEdit", "mvListbox",
)  # fmt: skip
#: What can't be changed now.
_DISABLED = {
    "Text": FAINT, "FrameBg": _grey(46), "FrameBgHovered": _grey(46), "FrameBgActive": _grey(46), "Button": _grey(46),
    "ButtonHovered": _grey(46), "ButtonActive": _grey(46), "SliderGrab": _grey(66), "SliderGrabActive": _grey(66),
    "CheckMark": FAINT, "Header": NOTHING, "HeaderHovered": NOTHING, "HeaderActive": NOTHING,
}  # fmt: skip
_PLOT_COLOURS = {
    "FrameBg": NOTHING, "PlotBg": VIEWER, "PlotBorder": _grey(52), "Line": ACCENT, "Fill": (240, 170, 60, 70),
    "MarkerOutline": ACCENT, "MarkerFill": ACCENT, "ErrorBar": DIM, "LegendBg": POPUP, "LegendBorder": LINE,
    "LegendText": TEXT, "TitleText": TEXT, "InlayText": DIM, "AxisText": DIM, "AxisGrid": _grey(255, 22),
    "AxisTick": _grey(255, 50), "AxisBg": NOTHING, "AxisBgHovered": _grey(255, 10), "AxisBgActive": _grey(255, 18),
    "Selection": ACCENT, "Crosshairs": _grey(255, 110),
}  # fmt: skip
#: The toolkit's name of a theme here; a window that is made anew has none of them.
_TAG = "nodegraph theme "


def apply(scale: float) -> None:
    """Give everything its look, at a UI scale. Themes that items already have change with it."""
    everything = _emptied("")
    with dpg.theme_component(dpg.mvAll, parent=everything):
        _fill(_COLOURS, _STYLES, scale)
        for name, colour in _PLOT_COLOURS.items():
            dpg.add_theme_color(getattr(dpg, f"mvPlotCol_{name}"), colour, category=dpg.mvThemeCat_Plots)
    for kind in _CAN_BE_DISABLED:
        with dpg.theme_component(getattr(dpg, kind), enabled_state=False, parent=everything):
            _fill(_DISABLED, {}, scale)
    dpg.bind_theme(everything)
    for name in ("canvas", *_ITEMS):
        _make(name, scale)


def item_theme(name: str) -> int | str:
    """The theme of that name for single items. KeyError for one that isn't here."""
    if name not in _ITEMS and name != "canvas":
        raise KeyError(name)
    if not dpg.does_alias_exist(_TAG + name):
        _make(name, 1.0)
    return _TAG + name


def _make(name: str, scale: float) -> None:
    made = _emptied(name)
    if name == "canvas":
        _canvas(made)
        return
    colours, styles = _ITEMS[name]
    with dpg.theme_component(dpg.mvAll, parent=made):
        _fill(colours, styles, scale)
    if colours.get("Button") == NOTHING:
        with dpg.theme_component(dpg.mvButton, enabled_state=False, parent=made):
            _fill({"Button": NOTHING, "ButtonHovered": NOTHING, "ButtonActive": NOTHING, "Text": _grey(78)}, {}, scale)


def _emptied(name: str) -> int | str:
    """A theme to fill: those it has, items keep."""
    tag = _TAG + name
    if dpg.does_alias_exist(tag):
        dpg.delete_item(tag, children_only=True)
    else:
        dpg.add_theme(tag=tag)
    return tag


def _fill(colours: Mapping[str, RGBA], styles: Mapping[str, tuple[float, ...]], scale: float) -> None:
    for name, colour in colours.items():
        dpg.add_theme_color(getattr(dpg, f"mvThemeCol_{name}"), colour)
    for name, size in styles.items():
        factor = 1.0 if name in _UNSCALED else scale
        dpg.add_theme_style(getattr(dpg, f"mvStyleVar_{name}"), *(v * factor for v in size))


def _canvas(made: int | str) -> None:
    """A plot that looks like a sheet to draw on."""
    with dpg.theme_component(dpg.mvPlot, parent=made):
        for name, colour in (("PlotBg", CANVAS), ("PlotBorder", NOTHING), ("FrameBg", CANVAS), ("AxisGrid", NOTHING)):
            dpg.add_theme_color(getattr(dpg, f"mvPlotCol_{name}"), colour, category=dpg.mvThemeCat_Plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_PlotPadding, 0, 0, category=dpg.mvThemeCat_Plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_PlotBorderSize, 0, category=dpg.mvThemeCat_Plots)


#: Buttons without a ground of their own until the cursor is over them.
_BARE_BUTTON = {"Button": NOTHING, "ButtonHovered": _grey(58), "ButtonActive": _grey(74)}
_LIT_BUTTON: dict[str, RGBA] = {
    "Button": (92, 70, 36, 255), "ButtonHovered": (110, 84, 42, 255), "ButtonActive": (126, 96, 46, 255),
}  # fmt: skip
#: Item themes: which colours and styles they change.
_ITEMS: dict[str, tuple[dict[str, RGBA], dict[str, tuple[float, ...]]]] = {
    "flat": ({**_BARE_BUTTON, "Text": _grey(190)}, {}),
    "accent": (
        {"Button": (196, 136, 46, 255), "ButtonHovered": (214, 150, 54, 255), "ButtonActive": ACCENT, "Text": _grey(18)}, {},
    ),
    "toggle_on": ({**_LIT_BUTTON, "Text": ACCENT}, {}),
    "toggle_off": ({**_BARE_BUTTON, "Text": _grey(150)}, {}),
    "key_none": ({**_BARE_BUTTON, "Text": _grey(88)}, {}),
    "key_anim": ({**_BARE_BUTTON, "Text": (186, 136, 56, 255)}, {}),
    "key_here": ({**_BARE_BUTTON, "Text": ACCENT}, {}),
    "expression": (
        {"FrameBg": (44, 62, 58, 255), "FrameBgHovered": (50, 72, 66, 255), "FrameBgActive": (54, 78, 72, 255),
         "Text": (160, 214, 190, 255)}, {},
    ),
    "error": (
        {"FrameBg": (78, 36, 34, 255), "FrameBgHovered": (88, 40, 38, 255), "FrameBgActive": (96, 44, 42, 255),
         "Text": (246, 150, 140, 255)}, {},
    ),
    "dim": ({"Text": DIM}, {}),
    "header": ({"ChildBg": HEADER}, {"WindowPadding": (8, 4)}),
    "panel": ({"WindowBg": PANEL}, {"WindowPadding": (8, 7)}),
    "bare": ({"ChildBg": NOTHING, "WindowBg": NOTHING}, {"WindowPadding": (0, 0)}),
    "popup": (
        {"WindowBg": POPUP, "Border": _grey(70)}, {"WindowPadding": (10, 10), "WindowBorderSize": (1,), "WindowRounding": (6,)},
    ),
    "card": (
        {"Button": _grey(50), "ButtonHovered": _grey(60), "ButtonActive": _grey(70), "ChildBg": _grey(46)}, {"ChildRounding": (6,)},
    ),
    "selected": (
        {"Header": (92, 70, 36, 255), "HeaderHovered": (110, 84, 42, 255), "HeaderActive": (126, 96, 46, 255),
         "Text": _grey(245)}, {},
    ),
}  # fmt: skip
