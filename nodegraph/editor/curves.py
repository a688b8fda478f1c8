"""The curve editor under the hand: animation curves in a panel, their keys and tangents.

Positions are in panel pixels, frames lie along x and values along y, upwards. The keys and every
edit of them are `Keyframes`'; nothing is drawn here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from nodegraph.editor.axis import Axis
from nodegraph.editor.geometry import Point, Rect
from nodegraph.editor.keyframes import Keyframes
from nodegraph.editor.tangents import in_counts, out_counts, slopes
from nodegraph.editor.tracks import KeyId, Track, TrackId

#: How near counts as on it, how far a press must move to be a drag, and a tangent's length, in pixels.
REACH, SLACK, HANDLE = 7.0, 3.0, 48.0
#: Between two points of a drawn curve, in pixels.
_STEP = 2.0


@dataclass(frozen=True, slots=True)
class Handle:
    """The end of a tangent, to be dragged."""

    key: KeyId
    out: bool
    x: float
    y: float


@dataclass(slots=True)
class Panning:
    last: Point


@dataclass(slots=True)
class Boxing:
    start: Point
    to: Point
    before: list[KeyId]

    @property
    def rect(self) -> Rect:
        return Rect.between(self.start, self.to)


@dataclass(slots=True)
class Moving:
    """Keys under way."""

    start: Point
    moved: bool = False


@dataclass(slots=True)
class Turning:
    """A tangent under way."""

    handle: Handle


@dataclass(slots=True)
class CurveEditor:
    """One panel onto keys."""

    keys: Keyframes
    x: Axis = field(default_factory=Axis)
    y: Axis = field(default_factory=lambda: Axis(up=True))
    #: Tracks that aren't shown.
    hidden: set[TrackId] = field(default_factory=set)
    gesture: Panning | Boxing | Moving | Turning | None = None

    # -- what there is

    @property
    def tracks(self) -> list[Track]:
        """The tracks that are shown."""
        return [track for track in self.keys.tracks if track.id not in self.hidden]

    def resize(self, width: float, height: float) -> None:
        self.x.pixels, self.y.pixels = max(1.0, width), max(1.0, height)

    def place(self, frame: float, value: float) -> Point:
        """Where a value at a frame lies in the panel."""
        return self.x.to_panel(frame), self.y.to_panel(value)

    def key_at(self, px: float, py: float) -> KeyId | None:
        """The nearest key within reach; of two, a chosen one."""
        found: list[tuple[float, KeyId]] = []
        for track in self.tracks:
            for key in track.animation.keys:
                x, y = self.place(key.frame, key.value)
                if (distance := math.hypot(px - x, py - y)) <= REACH:
                    found.append((distance, KeyId(track.id, key.frame)))
        chosen = set(self.keys.selection) if len(found) > 1 else set()
        return min(found, key=lambda f: (f[1] not in chosen, f[0]))[1] if found else None

    def handles(self) -> list[Handle]:
        """The tangents of the chosen keys that have an effect, as long as `HANDLE` pixels whatever their slope."""
        found = []
        chosen = set(self.keys.selection)
        for track in self.tracks:
            for i, key in enumerate(track.animation.keys):
                if (id := KeyId(track.id, key.frame)) in chosen:
                    into, out = slopes(track.animation, i)
                    if in_counts(track.animation, i):
                        found.append(self._handle(id, key.value, into, False))
                    if out_counts(track.animation, i):
                        found.append(self._handle(id, key.value, out, True))
        return found

    def _handle(self, id: KeyId, value: float, slope: float, out: bool) -> Handle:
        x, y = self.place(id.frame, value)
        rise = -slope * self.y.zoom / self.x.zoom  # in pixels per pixel, downwards
        reach = (HANDLE if out else -HANDLE) / math.hypot(1.0, rise)
        return Handle(id, out, x + reach, y + reach * rise)

    def tangent_at(self, px: float, py: float) -> Handle | None:
        """The tangent's end under a point."""
        near = [(math.hypot(h.x - px, h.y - py), i, h) for i, h in enumerate(self.handles())]
        return min((n for n in near if n[0] <= REACH), default=(0, 0, None))[2]

    def curve_at(self, px: float, py: float) -> TrackId | None:
        """The track whose curve is within reach above or below a point."""
        frame = self.x.to_value(px)
        near = [(abs(self.y.to_panel(track.animation.at(frame)) - py), track.id) for track in self.tracks]
        return min((n for n in near if n[0] <= REACH), default=(0, None))[1]

    def polyline(self, track: Track, step: float = _STEP) -> list[Point]:
        """A curve over the width of the panel, for drawing: pixels, `step` apart where it bends."""
        low, high = self.x.seen
        animation = track.animation
        frames = [low, *(k.frame for k in animation.keys if low < k.frame < high), high]
        points = [self.place(low, animation.at(low))]
        by_frame = {key.frame: key for key in animation.keys}
        left = next((key for key in reversed(animation.keys) if key.frame <= low), None)
        for a, b in pairwise(frames):
            left = by_frame.get(a, left)
            if left is not None and left.interp == "hold":
                points.append(self.place(b, animation.at(a)))
            elif left is not None and left.interp == "smooth" and left is not animation.keys[-1]:
                pieces = max(1, math.ceil((b - a) * self.x.zoom / step))
                inner = (a + (b - a) * k / pieces for k in range(1, pieces))
                points += [self.place(f, animation.at(f)) for f in inner]
            points.append(self.place(b, animation.at(b)))
        return points

    def fit(self, frames: tuple[float, float] | None = None) -> None:
        """Show the chosen keys whole, or all when none are, or else these frames."""
        chosen = set(self.keys.selection)
        keys = [(KeyId(t.id, k.frame), k) for t in self.tracks for k in t.animation.keys]
        keys = [pair for pair in keys if pair[0] in chosen] or keys
        across = [key.frame for _, key in keys] or list(frames or (1.0, 100.0))
        values = [key.value for _, key in keys] or [0.0, 1.0]
        self.x.fit(min(across), max(across), margin=40.0)
        self.y.fit(min(values), max(values), margin=40.0)

    def wheel(self, px: float, py: float, factor: float, *, x: bool = True, y: bool = True) -> None:
        """Zoom around a point, along one axis or both."""
        if x:
            self.x.zoom_at(px, factor)
        if y:
            self.y.zoom_at(py, factor)

    # -- the mouse

    def press(self, px: float, py: float, *, shift: bool = False, ctrl: bool = False, middle: bool = False) -> None:
        """A button goes down: `middle` pans, ctrl on a curve puts a key there, shift adds to what is chosen."""
        self.keys.notice = ""
        self.gesture = None
        if middle:
            self.gesture = Panning((px, py))
        elif (handle := self.tangent_at(px, py)) is not None:
            self.keys.grab()
            self.gesture = Turning(handle)
        elif (key := self.key_at(px, py)) is not None:
            self._choose(key, shift)
            self.gesture = Moving((px, py)) if key in self.keys.selection else None
        elif ctrl and (track := self.curve_at(px, py)) is not None:
            self.keys.add(track, round(self.x.to_value(px)))
            self.gesture = Moving((px, py))
        else:
            before = self.keys.selection if shift else []
            self.keys.select(before)
            self.gesture = Boxing((px, py), (px, py), before)

    def _choose(self, key: KeyId, shift: bool) -> None:
        if shift:
            self.keys.toggle(key)
        elif key not in self.keys.selection:
            self.keys.select([key])

    def drag(self, px: float, py: float, *, straight: bool = False, whole: bool = True) -> None:
        """The hand moves with the button down. `straight` keeps to frames or to values, `whole` to whole frames."""
        match self.gesture:
            case Panning(last):
                self.x.pan(px - last[0])
                self.y.pan(py - last[1])
                self.gesture.last = (px, py)
            case Boxing():
                self.gesture.to = (px, py)
                self.keys.select([*self.gesture.before, *self.within(self.gesture.rect)])
            case Moving():
                self._move(self.gesture, px, py, straight, whole)
            case Turning(handle):
                self._turn(handle, px, py)

    def within(self, rect: Rect) -> Iterable[KeyId]:
        """The keys in a rectangle of the panel."""
        for track in self.tracks:
            for key in track.animation.keys:
                if rect.has(*self.place(key.frame, key.value)):
                    yield KeyId(track.id, key.frame)

    def _move(self, moving: Moving, px: float, py: float, straight: bool, whole: bool) -> None:
        dx, dy = px - moving.start[0], py - moving.start[1]
        if not moving.moved:
            if max(abs(dx), abs(dy)) < SLACK:
                return
            moving.moved = True
            self.keys.grab()
        if straight:
            dx, dy = (dx, 0.0) if abs(dx) > abs(dy) else (0.0, dy)
        self.keys.shift(dx / self.x.zoom, -dy / self.y.zoom, whole=whole)

    def _turn(self, handle: Handle, px: float, py: float) -> None:
        key = self.keys.key(handle.key)
        if key is None:
            return
        x, y = self.place(key.frame, key.value)
        across = max(1.0, px - x) if handle.out else min(-1.0, px - x)  # never straight up
        slope = -(py - y) / self.y.zoom / (across / self.x.zoom)
        self.keys.set_slope(handle.key, slope, out=handle.out, drag=True)

    def release(self) -> None:
        """The button goes up."""
        self.gesture = None
        self.keys.settle()

    def cancel(self) -> None:
        """Escape: what is under way didn't happen."""
        self.gesture = None
        self.keys.cancel()
