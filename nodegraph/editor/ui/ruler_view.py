# ruff: noqa: TID253
"""The timeline's ruler: the range that is played, marks, frames in the cache, the lane of keys, and the playhead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.geometry import Rect
from nodegraph.editor.timeline import Timeline, runs
from nodegraph.editor.timeline_zones import Zones
from nodegraph.editor.tints import bunches
from nodegraph.editor.ui import theme
from nodegraph.editor.ui.fonts import Fonts
from nodegraph.editor.ui.pen import MONO_FIGURE, Pen

#: From the back. What is below the ruler is drawn by others, between "ground" and "cover".
LAYERS = ("ground", "below", "dim", "values", "cover", "names", "marks", "cache", "lane", "range", "playhead", "over")
_LABEL, _TAG = 12.0, 12.0
_GROUND, _BED, _TICK, _STRONG = (31, 31, 31, 255), (27, 27, 27, 255), (78, 78, 78, 255), (112, 112, 112, 255)
_CACHED, _UNCACHED = (86, 160, 96, 255), (44, 44, 44, 255)
_KEY, _KEY_EDGE = (206, 206, 206, 255), (24, 24, 24, 255)
_BEYOND = (20, 20, 20, 150)


class RulerView:
    """Draws a ruler and all that belongs to it. Each layer is drawn anew only where what it shows changed."""

    def __init__(self, layers: dict[str, int | str], fonts: Fonts) -> None:
        self._pens = {name: Pen(layer, fonts) for name, layer in layers.items()}
        self._drawn: dict[str, Any] = {}
        self._head: tuple[int, int, int, int] | None = None
        self._lit: int | None = None
        self._playhead_at: Any = None

    def clear(self) -> None:
        """Draw everything anew the next time."""
        self._drawn.clear()
        self._head, self._playhead_at = None, None

    def draw(self, timeline: Timeline, zones: Zones, scale: float, cached: Sequence[int], keys: Sequence[int]) -> None:
        """What doesn't go with the playhead. `cached` and `keys` are frames."""
        t, x = timeline.transport, timeline.x
        place = (x.centre, x.zoom, zones, scale)
        if self._new("ground", (zones, scale)):
            self._draw_ground(zones)
        if self._new("marks", (place, timeline.timecode, t.rate)):
            self._draw_marks(timeline, zones)
        if self._new("range", (place, t.in_point, t.out_point, t.ranged, t.first, t.last)):
            self._draw_range(timeline, zones)
            self._draw_beyond(timeline, zones)
        if self._new("cache", (place, cached, t.first, t.last)):
            self._draw_cache(timeline, zones, cached)
        if self._new("lane", (place, keys)):
            self._draw_lane(timeline, zones, keys)

    def _new(self, name: str, state: Any) -> bool:
        """Whether a layer shows another state; it is empty then."""
        if self._drawn.get(name) == state:
            return False
        self._drawn[name] = state
        zones, scale = state[:2] if name == "ground" else state[0][2:]
        self._pens[name].clear(scale, 0.0 if name == "ground" else zones.gutter)
        return True

    # -- layers

    def _draw_ground(self, zones: Zones) -> None:
        pen, width, bottom = self._pens["ground"], zones.width, zones.height
        pen.box(Rect(0, 0, width, bottom), _GROUND)
        cover = self._pens["cover"]
        cover.clear(pen.scale)
        cover.box(Rect(0, 0, width, zones.below.y0), _GROUND)
        cover.box(Rect(0, 0, zones.gutter, bottom), theme.PANEL)
        cover.box(Rect(zones.gutter, 0, width, zones.range.y1), _BED)
        if zones.view:
            cover.line(zones.gutter, 0, zones.gutter, bottom, (22, 22, 22, 255))
            cover.line(0, zones.below.y0, width, zones.below.y0, (22, 22, 22, 255))

    def _draw_marks(self, timeline: Timeline, zones: Zones) -> None:
        pen, low = self._pens["marks"], zones.ruler.y1
        top = zones.ruler.y0
        for mark in timeline.marks():
            if not -120 <= mark.x <= timeline.x.pixels + 8:
                continue
            if mark.x >= 0:
                pen.line(mark.x, low - (9 if mark.label else 4), mark.x, low, _STRONG if mark.label else _TICK)
            if mark.label and mark.x + len(mark.label) * MONO_FIGURE * _LABEL > 0:
                inside = timeline.transport.first <= mark.frame <= timeline.transport.last
                pen.text(mark.x + 4, top + 3, mark.label, theme.DIM if inside else _STRONG, "mono", _LABEL)
        if zones.gutter:
            pen.box(Rect(-zones.gutter, 0, 0, low + 3), theme.PANEL)

    def _draw_range(self, timeline: Timeline, zones: Zones) -> None:
        pen, t, strip = self._pens["range"], timeline.transport, zones.range
        a, b = (timeline.x.to_panel(f) for f in (t.in_point, t.out_point))
        a_seen, b_seen = max(0.0, a), min(timeline.x.pixels, b)
        bar, grip = (theme.ACCENT_DIM, theme.ACCENT) if t.ranged else ((62, 62, 62, 255), (124, 124, 124, 255))
        if a_seen < b_seen:
            pen.box(Rect(a_seen, strip.y0 + 3, b_seen, strip.y1 - 2), bar)
        for x, inwards in ((a, 4.0), (b, -4.0)):
            if -5 <= x <= timeline.x.pixels + 5:
                left, right = sorted((x - inwards / 4, x + inwards))
                pen.box(Rect(left, strip.y0 + 1, right, strip.y1), grip, rounding=1.5)
        if zones.gutter:
            pen.box(Rect(-zones.gutter, 0, 0, strip.y1), theme.PANEL)

    def _draw_beyond(self, timeline: Timeline, zones: Zones) -> None:
        """Shade what isn't played."""
        pen, t = self._pens["dim"], timeline.transport
        pen.clear(self._pens["range"].scale, zones.gutter)
        wide = timeline.x.pixels
        a, b = (min(wide, max(0.0, timeline.x.to_panel(f))) for f in (t.in_point - 0.5, t.out_point + 0.5))
        for left, right in ((0.0, a), (b, wide)):
            if right - left >= 1 and zones.view:
                pen.box(Rect(left, zones.below.y0, right, zones.height), _BEYOND)

    def _draw_cache(self, timeline: Timeline, zones: Zones, cached: Sequence[int]) -> None:
        pen, t, line = self._pens["cache"], timeline.transport, zones.cache
        wide = timeline.x.pixels

        def bar(first: int, last: int, colour: tuple[int, ...]) -> None:
            a, b = timeline.x.to_panel(first - 0.5), timeline.x.to_panel(last + 0.5)
            if b > 0 and a < wide:
                pen.box(Rect(max(0.0, a), line.y0, min(wide, b), line.y1), colour)

        bar(t.first, t.last, _UNCACHED)
        for first, last in runs(cached):
            bar(first, last, _CACHED)

    def _draw_lane(self, timeline: Timeline, zones: Zones, keys: Sequence[int]) -> None:
        pen, lane = self._pens["lane"], zones.lane
        y = lane.middle[1]
        if lane.y1 - lane.y0 < 8:
            return
        places = [timeline.x.to_panel(frame) for frame in keys]
        for i, j in bunches(places, 6.0):
            if places[j] < -6 or places[i] > timeline.x.pixels + 6:
                continue
            if i == j:
                pen.diamond(places[i], y, 4.5, _KEY, _KEY_EDGE)
            else:
                pen.box(Rect(max(0.0, places[i]) - 4, y - 3, places[j] + 4, y + 3), _KEY, _KEY_EDGE, 3.0)
        if zones.gutter:
            pen.box(Rect(-zones.gutter, lane.y0, 0, lane.y1), theme.PANEL)
            pen.text(10 - zones.gutter, y - 8, "All keys", theme.FAINT)

    # -- the playhead

    def place(self, timeline: Timeline, zones: Zones, scale: float, on_key: bool) -> None:
        """Put the playhead where it is: this alone happens at every frame while it plays."""
        t = timeline.transport
        x = timeline.x.to_panel(t.frame)
        state = (x, t.frame, on_key, zones, scale, timeline.timecode, t.playing)
        if state == self._playhead_at:
            return
        self._playhead_at = state
        pen = self._pens["playhead"]
        if self._head is None or pen.scale != scale:
            self._head = _make_playhead(pen, scale)
        pen.left = zones.gutter
        seen = -1 <= x <= timeline.x.pixels + 1
        dpg.configure_item(pen.layer, show=seen)
        if not seen:
            return
        line, tag, text, lit = self._head
        label = timeline.label(t.frame)
        half = (len(label) * MONO_FIGURE * _TAG + 9) / 2
        at = min(max(x, half - zones.gutter), timeline.x.pixels - half)
        top = zones.ruler.y0
        dpg.configure_item(line, p1=pen.whole(x, top + 8), p2=pen.whole(x, zones.height))
        dpg.configure_item(tag, pmin=pen.whole(at - half, top + 1), pmax=pen.whole(at + half, top + 17))
        dpg.configure_item(text, pos=pen.whole(at - half + 4.5, top + 2), text=label)
        left, up, right, down = pen.corners(x, zones.lane.middle[1], 5.0)
        shown = on_key and zones.lane.y1 - zones.lane.y0 >= 8
        dpg.configure_item(lit, p1=left, p2=up, p3=right, p4=down, show=shown)


def _make_playhead(pen: Pen, scale: float) -> tuple[int, int, int, int]:
    """Its line, tag, words, and the key that it is on, somewhere."""
    pen.clear(scale)
    return (
        pen.line(0, 0, 0, 1, theme.ACCENT),
        pen.box(Rect(0, 0, 1, 1), theme.ACCENT, rounding=3),
        pen.text(0, 0, "", (24, 20, 12, 255), "mono", _TAG),
        pen.diamond(0, 0, 5, theme.ACCENT, _KEY_EDGE),
    )
