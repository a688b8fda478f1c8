"""The timeline's panel without its window: ruler, dope sheet and curves over one axis of time, and the hand on them.

Positions are in pixels at scale 1, from the panel's top left corner.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from nodegraph.editor.curves import CurveEditor, Panning
from nodegraph.editor.dope import DopeSheet
from nodegraph.editor.keyframes import Keyframes
from nodegraph.editor.timeline import Timeline
from nodegraph.editor.timeline_zones import Tab, Zones, zones
from nodegraph.editor.tracks import KeyId, TrackId
from nodegraph.editor.transport import Transport
from nodegraph.graph import Graph

#: How far to the right of a name's left edge its colour is, which hides and shows a curve.
SWATCH = 24.0
#: Frames that a jump goes.
_JUMP = 10
#: What a curve is looked at for when its values are fitted, and the room above and below it at most.
_SAMPLES, _ROOM = 160, 22.0
#: Where the playhead comes back into sight, as a share of the width.
_TURNED = 0.1

Held = Literal["", "timeline", "dope", "curves"]


class TimelineDesk:
    """One panel onto a document and its transport. `changed` counts what the hand changed and no revision tells."""

    def __init__(self, document: Graph, transport: Transport) -> None:
        self.transport = transport
        self.timeline = Timeline(transport)
        self.keys = Keyframes(document, [])
        self.dope = DopeSheet(self.keys, self.timeline.x)
        self.curves = CurveEditor(self.keys, self.timeline.x)
        self.tab: Tab = "timeline"
        self.zones: Zones = zones(1.0, 1.0, "timeline", 0)
        self.changed = 0
        self.held: Held = ""
        self._fitted, self._values_fitted = True, True
        self._fit_for: tuple[Any, ...] = ()
        self._values_for: tuple[Any, ...] = (None,)
        self._chosen: tuple[Any, dict[TrackId, set[float]]] = ((), {})
        self._before = transport.frame
        self._sought = transport.frame

    # -- what is looked at

    def look(self, nodes: Iterable[str]) -> None:
        """Show the keys of these nodes (paths from the root)."""
        paths = list(nodes)
        if paths != self.keys.nodes and not self.held:
            self.keys.nodes = paths
            self.changed += 1

    @property
    def chosen(self) -> Mapping[TrackId, set[float]]:
        """The frames of the chosen keys by track; found once per change, for there may be thousands."""
        state = (self.keys.document.revision, self.changed)
        if self._chosen[0] != state:
            found: dict[TrackId, set[float]] = {}
            for id in self.keys.selection:
                found.setdefault(id.track, set()).add(id.frame)
            self._chosen = (state, found)
        return self._chosen[1]

    def resize(self, width: float, height: float) -> None:
        """The panel's size, or what is in it: where everything lies now."""
        t, tracks = self.transport, tuple(self.keys.by_id)
        self.zones = z = zones(max(1.0, width), max(1.0, height), self.tab, len(tracks))
        self.timeline.resize(z.width - z.gutter)
        self.dope.resize(z.width - z.gutter, z.below.y1 - z.below.y0)
        self.curves.resize(z.width - z.gutter, z.below.y1 - z.below.y0)
        state = (z.width, z.gutter, t.first, t.last)
        shown = (tracks, frozenset(self.curves.hidden), z.below.y1 - z.below.y0, z.view)
        if state != self._fit_for and self._fitted:
            self.timeline.fit()
        if shown != self._values_for and (tracks != self._values_for[0] or self._values_fitted):
            self.fit_values()
        self._fit_for, self._values_for = state, shown

    def show(self, tab: Tab) -> None:
        self.tab = tab

    def fit(self) -> None:
        """Show the whole document; or the range that is played, where the whole is shown already."""
        seen = self.timeline.x.seen
        self.timeline.fit()
        self._fitted = True
        if self.transport.ranged and math.dist(seen, self.timeline.x.seen) < 1e-6:
            self.timeline.fit(ranged=True)
            self._fitted = False

    def frame_keys(self) -> None:
        """Show the chosen keys, or all of them; without any the whole document."""
        chosen = self.keys.selection
        if not any(track.frames for track in self.keys.tracks):
            self.fit()
            return
        self.dope.fit((self.transport.first, self.transport.last))
        self._fitted = False
        self.fit_values(chosen)

    def fit_values(self, chosen: Iterable[KeyId] = ()) -> None:
        """Show the values of the curves, with what they swing beyond their keys; or those of some keys."""
        keys = [key for id in chosen if (key := self.keys.key(id)) is not None]
        values = [key.value for key in keys]
        if not values:
            for track in self.curves.tracks:
                frames = track.frames
                low, span = frames[0], frames[-1] - frames[0]
                values += [key.value for key in track.animation.keys]
                values += [track.animation.at(low + span * k / _SAMPLES) for k in range(_SAMPLES)] if span else []
        low, high = min(values, default=0.0), max(values, default=1.0)
        if high - low < 1e-9 * max(1.0, abs(high)):
            low, high = low - 0.5 * max(abs(low), 1.0), high + 0.5 * max(abs(high), 1.0)
        y = self.curves.y
        y.fit(low, high, margin=min(_ROOM, y.pixels * 0.2))
        self._values_fitted = not keys

    def follow(self) -> None:
        """The playhead went on by itself: turn the page where it left what is seen."""
        frame, x = self.transport.frame, self.timeline.x
        if frame == self._sought or self.held:
            self._sought = frame
            return
        self._sought = frame
        low, high = x.seen
        if low <= frame <= high:
            return
        turned = _TURNED if frame > high or frame == self.transport.in_point else 1 - _TURNED
        x.centre = frame + (0.5 - turned) * x.pixels / x.zoom
        self._fitted = False

    # -- the hand

    def press(
        self, x: float, y: float, *, middle: bool = False, double: bool = False, shift: bool = False, ctrl: bool = False
    ) -> None:
        """A button goes down: left, or the middle one, which pans."""
        z = self.zones
        place, px, py = z.at(x, y), x - z.gutter, y - z.below.y0
        self.changed += 1
        if place == "names":
            self._press_name(x, py, shift)
        elif place == "below" and z.view == "dope":
            if double and not middle and self.dope.key_at(px, py) is None:
                self._add_on_row(px, py)
                return
            self.dope.press(px, py, shift=shift, middle=middle)
            self.held = "dope"
        elif place == "below":
            self.curves.press(px, py, shift=shift, ctrl=ctrl, middle=middle)
            self.held = "curves"
        elif place != "outside":
            self._press_ruler(px, ends=place == "range", middle=middle, double=double)
        if middle and self.held:
            self._fitted = False
            self._values_fitted = self._values_fitted and self.held != "curves"

    def _press_ruler(self, px: float, *, ends: bool, middle: bool, double: bool) -> None:
        if double and not middle:
            self.transport.scrub(self._before)
            self.fit()
            return
        self._before = self.transport.frame
        self.timeline.press(px, ends=ends, middle=middle)
        if ends and not middle and self.timeline.grip is None:
            self.timeline.press(px)
        self.held = "timeline"

    def _press_name(self, x: float, py: float, shift: bool) -> None:
        track = self.dope.track_at(py)
        if track is None:
            if not shift:
                self.keys.select([])
        elif self.zones.view == "curves" and x < SWATCH:
            self.curves.hidden ^= {track.id}
        else:
            before = self.keys.selection if shift else []
            self.keys.select_all(track.id)
            self.keys.select([*before, *self.keys.selection])

    def _add_on_row(self, px: float, py: float) -> None:
        track = self.dope.track_at(py)
        if track is not None:
            self.keys.add(track.id, round(self.timeline.x.to_value(px)))

    def drag(self, x: float, y: float, *, shift: bool = False, alt: bool = False) -> None:
        """The hand moves with the button down: with shift in frames or values alone, with alt between frames too."""
        px, py = x - self.zones.gutter, y - self.zones.below.y0
        if not self.held:
            return
        if self.held == "timeline":
            self.timeline.drag(px)
            return
        if self.held == "dope":
            self.dope.drag(px, py, whole=not alt)
        else:
            self.curves.drag(px, py, straight=shift, whole=not alt)
        if not isinstance(self.dope.gesture or self.curves.gesture, Panning):
            self.changed += 1

    def release(self) -> None:
        self._let_go(self.timeline.release, self.dope.release, self.curves.release)

    def cancel(self) -> None:
        """Escape: what is under way didn't happen."""
        if self.held == "timeline" and self.timeline.grip == "playhead":
            self.transport.scrub(self._before)
        self._let_go(self.timeline.release, self.dope.cancel, self.curves.cancel)

    def _let_go(self, timeline: Callable[[], None], dope: Callable[[], None], curves: Callable[[], None]) -> None:
        held, self.held = self.held, ""
        if held:
            {"timeline": timeline, "dope": dope, "curves": curves}[held]()
            self.changed += 1

    def wheel(self, x: float, y: float, notches: float, *, shift: bool = False, ctrl: bool = False) -> None:
        """Zoom in time around a point; on curves in values too, or with shift in values and with ctrl in time alone.

        On the names, and with shift on the dope sheet, it scrolls.
        """
        z, factor = self.zones, 1.2**notches
        place, px, py = z.at(x, y), x - z.gutter, y - z.below.y0
        if place == "names" or (place == "below" and z.view == "dope" and shift):
            self.dope.scroll_by(-40.0 * notches)
            self.changed += 1
        elif place == "below" and z.view == "curves":
            self.curves.wheel(px, py, factor, x=not shift, y=not ctrl)
            self._fitted = self._fitted and shift
            self._values_fitted = self._values_fitted and ctrl
        elif place != "outside":
            self.timeline.x.zoom_at(px, factor)
            self._fitted = False

    # -- actions

    def perform(self, action: str) -> bool:
        """Do an action that is the timeline's; False for another one."""
        if action == "edit.cancel":
            held = bool(self.held)
            self.cancel()
            return held
        method = _ACTIONS.get(action)
        if method is None:
            return False
        method(self)
        self.changed += 1
        return True


_ACTIONS: dict[str, Callable[[TimelineDesk], Any]] = {
    "timeline.toggle": lambda d: d.transport.toggle(),
    "timeline.step_forward": lambda d: d.transport.step(1),
    "timeline.step_back": lambda d: d.transport.step(-1),
    "timeline.jump_forward": lambda d: d.transport.step(_JUMP),
    "timeline.jump_back": lambda d: d.transport.step(-_JUMP),
    "timeline.first": lambda d: d.transport.to_first(),
    "timeline.last": lambda d: d.transport.to_last(),
    "timeline.in": lambda d: d.transport.set_in(),
    "timeline.out": lambda d: d.transport.set_out(),
    "timeline.clear_range": lambda d: d.transport.clear_range(),
    "timeline.loop": lambda d: d.transport.next_loop(),
    "timeline.frame": lambda d: d.frame_keys(),
    "timeline.delete": lambda d: d.keys.delete(),
    "timeline.set_key": lambda d: d.keys.set_at(d.transport.frame),
    "timeline.remove_key": lambda d: d.keys.remove_at(d.transport.frame),
    "timeline.select_all": lambda d: d.keys.select_all(),
}
