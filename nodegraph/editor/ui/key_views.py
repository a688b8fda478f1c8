# ruff: noqa: TID253
"""Drawing the dope sheet and the curves: their models say where everything lies."""

from __future__ import annotations

import colorsys

import dearpygui.dearpygui as dpg

from nodegraph.editor.axis import ticks
from nodegraph.editor.curves import Boxing, CurveEditor
from nodegraph.editor.dope import DopeSheet
from nodegraph.editor.geometry import Rect
from nodegraph.editor.tracks import KeyId, Track
from nodegraph.editor.ui import theme
from nodegraph.editor.ui.fonts import Fonts
from nodegraph.editor.ui.measure import width

_TINTS = ((226, 110, 100), (120, 200, 124), (120, 160, 236), (200, 200, 200))


def draw_dope(sheet: DopeSheet, layer: int | str, fonts: Fonts) -> None:
    """Rows of keys, by node and parameter."""
    chosen = set(sheet.keys.selection)
    tracks = sheet.keys.tracks
    if not tracks:
        _nothing(layer, fonts)
    for index, track in enumerate(tracks):
        row = sheet.row(index)
        if row.y1 < 0 or row.y0 > sheet.height:
            continue
        if index % 2:
            dpg.draw_rectangle((0, row.y0), (row.x1, row.y1), fill=(255, 255, 255, 5), color=(0, 0, 0, 0), parent=layer)
        y = (row.y0 + row.y1) / 2
        frames = track.frames
        dpg.draw_line(
            (sheet.x.to_panel(frames[0]), y), (sheet.x.to_panel(frames[-1]), y), color=(255, 255, 255, 26), parent=layer
        )
        for frame in frames:
            on = KeyId(track.id, frame) in chosen
            _diamond(layer, sheet.x.to_panel(frame), y, theme.ACCENT if on else (*tint(track), 255), 5)
        dpg.draw_rectangle(
            (0, row.y0),
            (width(track.label, 13) + 14, row.y1),
            fill=(*theme.PANEL[:3], 215),
            color=(0, 0, 0, 0),
            parent=layer,
        )
        text = dpg.draw_text((6, row.y0 + 2), track.label, size=13, color=theme.DIM, parent=layer)
        dpg.bind_item_font(text, fonts.small)
    if isinstance(sheet.gesture, Boxing):
        _box(layer, sheet.gesture.rect)


def draw_curves(editor: CurveEditor, height: float, layer: int | str, fonts: Fonts) -> None:
    """Curves, their keys, the tangents of those chosen, and a grid of values."""
    across = editor.x.pixels
    for tick in ticks(editor.y, 14.0, 34.0):
        y = editor.y.to_panel(tick.value)
        dpg.draw_line((0, y), (across, y), color=(255, 255, 255, 22 if tick.major else 8), parent=layer)
        if tick.major:
            text = dpg.draw_text((4, y - 13), f"{tick.value:g}", size=11, color=theme.FAINT, parent=layer)
            dpg.bind_item_font(text, fonts.small)
    tracks = editor.tracks
    if not tracks:
        _nothing(layer, fonts)
    chosen = set(editor.keys.selection)
    for track in tracks:
        colour = tint(track)
        points = [list(p) for p in editor.polyline(track)]
        dpg.draw_polyline(points, color=(*colour, 220), thickness=1.6, parent=layer)
        for key in track.animation.keys:
            on = KeyId(track.id, key.frame) in chosen
            x, y = editor.place(key.frame, key.value)
            _diamond(layer, x, y, theme.ACCENT if on else (*colour, 255), 5)
    for handle in editor.handles():
        track = next(t for t in tracks if t.id == handle.key.track)
        value = track.animation.at(handle.key.frame)
        x, y = editor.place(handle.key.frame, value)
        dpg.draw_line((x, y), (handle.x, handle.y), color=(*theme.ACCENT[:3], 150), parent=layer)
        dpg.draw_circle((handle.x, handle.y), 3.5, fill=theme.ACCENT, color=(20, 20, 20, 255), parent=layer)
    if isinstance(editor.gesture, Boxing):
        _box(layer, editor.gesture.rect)


def tint(track: Track) -> tuple[int, int, int]:
    """A track's colour: red, green and blue for components, else one of its own that stays the same."""
    if track.param.length > 1:
        return _TINTS[track.id.component % len(_TINTS)]
    hue = (sum(map(ord, track.label)) * 0.0618) % 1.0
    r, g, b = colorsys.hls_to_rgb(hue, 0.66, 0.42)
    return round(r * 255), round(g * 255), round(b * 255)


def _diamond(layer: int | str, x: float, y: float, colour: tuple[int, ...], size: float) -> None:
    dpg.draw_quad(
        (x - size, y), (x, y - size), (x + size, y), (x, y + size), fill=colour, color=(18, 18, 18, 255), parent=layer
    )


def _box(layer: int | str, rect: Rect) -> None:
    dpg.draw_rectangle(
        (rect.x0, rect.y0),
        (rect.x1, rect.y1),
        fill=(*theme.ACCENT[:3], 24),
        color=(*theme.ACCENT[:3], 150),
        parent=layer,
    )


def _nothing(layer: int | str, fonts: Fonts) -> None:
    text = dpg.draw_text(
        (10, 10), "no keys yet: press a diamond beside a parameter", size=13, color=theme.FAINT, parent=layer
    )
    dpg.bind_item_font(text, fonts.regular)
