# ruff: noqa: TID253
"""The dope sheet drawn: a row for each track, and the names of tracks in the gutter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.curves import Boxing
from nodegraph.editor.dope import DopeSheet
from nodegraph.editor.geometry import Rect
from nodegraph.editor.timeline_desk import SWATCH, TimelineDesk
from nodegraph.editor.tints import RGB, bunches, names, seen, tints
from nodegraph.editor.tracks import Track, TrackId
from nodegraph.editor.ui import theme
from nodegraph.editor.ui.fonts import Fonts
from nodegraph.editor.ui.measure import elide, width
from nodegraph.editor.ui.pen import MONO_FIGURE, Pen
from nodegraph.graph import Key

_ODD, _LINE, _SPAN = (255, 255, 255, 5), (255, 255, 255, 10), 90
_KEY, _EDGE = (206, 206, 206, 255), (24, 24, 24, 255)
_NAME, _VALUE = 13.0, 11.5
#: Room for a value at the right of its name.
_FIGURES = 52.0
#: While it plays the values are read every so many frames: nobody reads faster.
_EVERY = 5
#: Keys nearer to each other than this are one bar.
_GAP = 6.0
_NONE: frozenset[float] = frozenset()
NO_KEYS = "Nothing is animated here: press the diamond beside a parameter, or Shift+K, to set a key"


class DopeView:
    """Draws the rows. Each is drawn anew where a key, the choice, or what is seen changed."""

    def __init__(self, layer: int | str, fonts: Fonts) -> None:
        self._pen = Pen(layer, fonts)
        self._drawn: Any = None

    def clear(self) -> None:
        """Nothing is seen of it; and it is drawn anew the next time."""
        self._drawn = None
        self._pen.clear(1.0)

    def draw(self, desk: TimelineDesk, scale: float) -> None:
        """Draw what changed since the last time."""
        sheet = desk.dope
        state = (
            desk.keys.document.revision, desk.changed, sheet.x.centre, sheet.x.zoom, sheet.scroll, desk.zones, scale,
        )  # fmt: skip
        if state == self._drawn:
            return
        self._drawn = state
        below = desk.zones.below
        self._pen.clear(scale, desk.zones.gutter, below.y0)
        tracks = desk.keys.tracks
        if not tracks:
            self._pen.text(16, min(18.0, (sheet.height - 14) / 2), NO_KEYS, theme.FAINT)
            return
        colours = tints(tracks)
        for index, track in enumerate(tracks):
            row = sheet.row(index)
            if row.y1 > 0 and row.y0 < sheet.height:
                self._draw_row(sheet, row, index, track, colours[track.id], desk.chosen.get(track.id, _NONE))
        if isinstance(sheet.gesture, Boxing):
            draw_box(self._pen, sheet.gesture.rect)

    def _draw_row(
        self, sheet: DopeSheet, row: Rect, index: int, track: Track, colour: RGB, chosen: Collection[float]
    ) -> None:
        pen, wide, y = self._pen, sheet.x.pixels, row.middle[1]
        if index % 2:
            pen.box(Rect(0, row.y0, wide, row.y1), _ODD)
        ends = track.animation.keys[0].frame, track.animation.keys[-1].frame
        a, b = max(0.0, sheet.x.to_panel(ends[0])), min(wide, sheet.x.to_panel(ends[1]))
        if a < b:
            pen.line(a, y, b, y, (*colour, _SPAN), 2)
        keys, places = seen(track, sheet.x)
        for i, j in bunches(places, _GAP):
            if i == j:
                draw_key(pen, places[i], y, keys[i], keys[i].frame in chosen)
                continue
            pen.box(Rect(places[i] - 4, y - 3.5, places[j] + 4, y + 3.5), _KEY, _EDGE, 3)
            picked = [places[k] for k in range(i, j + 1) if keys[k].frame in chosen] if chosen else []
            for first, last in bunches(picked, _GAP):
                pen.box(Rect(picked[first] - 1, y - 2.5, picked[last] + 1, y + 2.5), theme.ACCENT)


def draw_key(
    pen: Pen, x: float, y: float, key: Key, chosen: bool, colour: RGB | None = None, size: float = 5.0
) -> None:
    """A key by how it runs on: a diamond is smooth, a hollow one straight, a square holds."""
    fill = theme.ACCENT if chosen else (*colour, 255) if colour is not None else _KEY
    if key.interp == "hold":
        side = size * 0.8
        pen.box(Rect(x - side, y - side, x + side, y + side), fill, _EDGE)
        return
    pen.diamond(x, y, size, fill, _EDGE)
    if key.interp == "linear":
        pen.diamond(x, y, size * 0.4, _EDGE)


def draw_box(pen: Pen, rect: Rect) -> None:
    """The box that chooses keys."""
    pen.box(rect, (*theme.ACCENT[:3], 24), (*theme.ACCENT[:3], 150))


class NamesView:
    """The gutter: a colour, a name, and the value at this frame for each track that is seen."""

    def __init__(self, layer: int | str, fonts: Fonts) -> None:
        self._pen = Pen(layer, fonts)
        self._drawn: Any = None
        self._values: list[tuple[int, Track, str]] = []
        self._valued: int | None = None

    def clear(self) -> None:
        """Nothing is seen of it; and it is drawn anew the next time."""
        self._drawn, self._values = None, []
        self._pen.clear(1.0)

    def draw(self, desk: TimelineDesk, scale: float) -> None:
        """Draw what changed; when only the frame did, the values alone."""
        state = (desk.keys.document.revision, desk.changed, desk.dope.scroll, desk.zones, desk.tab, scale)
        if state != self._drawn:
            self._drawn, self._valued = state, None
            self._draw(desk, scale)
        frame, said = desk.transport.frame, self._valued
        skips = desk.transport.playing and said is not None and abs(frame - said) < _EVERY
        if frame != said and not skips:
            self._valued = frame
            self._values = [self._say(item, track, said, frame) for item, track, said in self._values]

    def _draw(self, desk: TimelineDesk, scale: float) -> None:
        z = desk.zones
        self._pen.clear(scale, 0, z.below.y0)
        self._values = []
        if not z.view:
            return
        colours = tints(desk.keys.tracks)
        for index, track in enumerate(desk.keys.tracks):
            row = desk.dope.row(index)
            if row.y1 > 0 and row.y0 < desk.dope.height:
                self._draw_name(desk, row, track, colours, track.id in desk.chosen)

    def _draw_name(
        self, desk: TimelineDesk, row: Rect, track: Track, colours: Mapping[TrackId, RGB], chosen: bool
    ) -> None:
        pen, y, room = self._pen, row.middle[1], desk.zones.gutter - SWATCH - 8
        hidden = desk.zones.view == "curves" and track.id in desk.curves.hidden
        colour = (*colours[track.id], 255)
        swatch = Rect(10, y - 4, 18, y + 4)
        pen.box(swatch, (0, 0, 0, 0) if hidden else colour, (96, 96, 96, 255) if hidden else (0, 0, 0, 0), 2)
        bright = theme.FAINT if hidden else theme.ACCENT if chosen else theme.TEXT
        figures = _FIGURES if room > 110 else 0.0
        node, part = names(track)
        part = elide(part, _NAME, room - figures, 400)
        taken = width(part, _NAME, 400)
        node = elide(f"{node}.", _NAME, room - figures - taken, 400)
        pen.text(SWATCH, y - 8, node, theme.FAINT)
        pen.text(SWATCH + width(node, _NAME, 400), y - 8, part, bright)
        if figures and not hidden:
            item = pen.text(desk.zones.gutter - 8 - _FIGURES, y - 7, "", theme.DIM, "mono", _VALUE)
            self._values.append((item, track, ""))

    def _say(self, item: int, track: Track, said: str, frame: int) -> tuple[int, Track, str]:
        value = track.animation.at(frame)
        figures = int(_FIGURES / (_VALUE * MONO_FIGURE))
        text = short(value, figures).rjust(figures)
        if text != said:
            dpg.configure_item(item, text=text)
        return item, track, text


def short(value: float, figures: int) -> str:
    """A number in so many characters: two places, or as few as it takes."""
    for text in (f"{value:.2f}", f"{value:.1f}", f"{value:.0f}"):
        if len(text) <= figures:
            return text
    return f"{value:.2g}"
