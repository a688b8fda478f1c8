"""The curves drawn: a grid with values, a line for each track, its keys, and the tangents of those that are chosen."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from nodegraph.editor.axis import ticks
from nodegraph.editor.curves import Boxing, CurveEditor, Handle
from nodegraph.editor.geometry import Point, Rect
from nodegraph.editor.timeline_desk import TimelineDesk
from nodegraph.editor.tints import RGB, bunches, seen, tints
from nodegraph.editor.tracks import Track
from nodegraph.editor.ui import theme
from nodegraph.editor.ui.dope_view import NO_KEYS, draw_box, draw_key
from nodegraph.editor.ui.fonts import Fonts
from nodegraph.editor.ui.pen import MONO_FIGURE, Pen

_MINOR, _MAJOR, _ZERO = (255, 255, 255, 5), (255, 255, 255, 14), (255, 255, 255, 38)
_LABEL = 11.5
#: Between labelled values, and between lines, in pixels.
_APART, _LINES = 30.0, 14.0
#: Keys of a track nearer to each other than this aren't drawn unless they are chosen.
_GAP = 5.0
#: Between the points of a curve that has more keys than that, in pixels.
_STEP = 2.0
_NONE: frozenset[float] = frozenset()


class CurveView:
    """Draws the curves; anew where a key, the choice, or what is seen changed."""

    def __init__(self, layer: int | str, labels: int | str, fonts: Fonts) -> None:
        self._pen, self._labels = Pen(layer, fonts), Pen(labels, fonts)
        self._drawn: Any = None

    def clear(self) -> None:
        """Nothing is seen of it; and it is drawn anew the next time."""
        self._drawn = None
        self._pen.clear(1.0)
        self._labels.clear(1.0)

    def draw(self, desk: TimelineDesk, scale: float) -> None:
        """Draw what changed since the last time."""
        editor = desk.curves
        state = (
            desk.keys.document.revision, desk.changed, editor.x.centre, editor.x.zoom, editor.y.centre, editor.y.zoom,
            desk.zones, desk.timeline.timecode, scale,
        )  # fmt: skip
        if state == self._drawn:
            return
        self._drawn = state
        self._pen.clear(scale, desk.zones.gutter, desk.zones.below.y0)
        self._labels.clear(scale, desk.zones.gutter, desk.zones.below.y0)
        self._draw_grid(desk)
        tracks = editor.tracks
        if not desk.keys.tracks:
            self._pen.text(16, min(18.0, (editor.y.pixels - 14) / 2), NO_KEYS, theme.FAINT)
            return
        chosen, colours = desk.chosen, tints(desk.keys.tracks)
        lit = set(chosen)
        for track in sorted(tracks, key=lambda t: t.id in lit):
            self._draw_curve(editor, track, colours[track.id], bool(lit) and track.id not in lit)
        for handle in editor.handles() if chosen else ():
            self._draw_handle(editor, handle)
        for track in tracks:
            self._draw_keys(editor, track, colours[track.id], chosen.get(track.id, _NONE))
        self._draw_values(editor)
        if isinstance(editor.gesture, Boxing):
            draw_box(self._pen, editor.gesture.rect)

    def _draw_grid(self, desk: TimelineDesk) -> None:
        pen, editor = self._pen, desk.curves
        wide, high = editor.x.pixels, editor.y.pixels
        for mark in desk.timeline.marks():
            if mark.label and 0 <= mark.x <= wide:
                pen.line(mark.x, 0, mark.x, high, _MAJOR)
        for tick in ticks(editor.y, _LINES, _APART):
            y = editor.y.to_panel(tick.value)
            pen.line(0, y, wide, y, _ZERO if abs(tick.value) < 1e-12 else _MAJOR if tick.major else _MINOR)

    def _draw_values(self, editor: CurveEditor) -> None:
        """The labels of the value axis, on a shade that parts them from the curves."""
        pen, high = self._labels, editor.y.pixels
        for tick in ticks(editor.y, _LINES, _APART):
            y = editor.y.to_panel(tick.value)
            if tick.major and 8 <= y <= high - 6:
                text = f"{0.0 if abs(tick.value) < 1e-12 else tick.value:.6g}"
                pen.box(Rect(3, y - 7, 9 + len(text) * _LABEL * MONO_FIGURE, y + 7), (31, 31, 31, 200), rounding=2)
                pen.text(6, y - 7, text, theme.FAINT, "mono", _LABEL)

    def _draw_curve(self, editor: CurveEditor, track: Track, colour: RGB, faded: bool) -> None:
        dense = len(seen(track, editor.x)[0]) * _STEP > editor.x.pixels
        points = self._sampled(editor, track) if dense else editor.polyline(track)
        if len(points) > 1:
            self._pen.path(points, (*colour, 120 if faded else 255), 1.6)

    def _sampled(self, editor: CurveEditor, track: Track) -> list[Point]:
        """A curve with more keys than can be told apart."""
        frames = [editor.x.to_value(k * _STEP) for k in range(int(editor.x.pixels / _STEP) + 2)]
        return [editor.place(frame, track.animation.at(frame)) for frame in frames]

    def _draw_keys(self, editor: CurveEditor, track: Track, colour: RGB, chosen: Collection[float]) -> None:
        keys, places = seen(track, editor.x)
        alone = {i for i, j in bunches(places, _GAP) if i == j}
        for i, key in enumerate(keys):
            picked = key.frame in chosen
            if picked or i in alone:
                draw_key(self._pen, places[i], editor.y.to_panel(key.value), key, picked, colour, 4.5)

    def _draw_handle(self, editor: CurveEditor, handle: Handle) -> None:
        key = editor.keys.key(handle.key)
        if key is not None:
            self._pen.slanted(editor.place(key.frame, key.value), (handle.x, handle.y), (190, 190, 190, 200))
            self._pen.dot(handle.x, handle.y, 3.5, (31, 31, 31, 255), (226, 226, 226, 255))
