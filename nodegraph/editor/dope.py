"""The dope sheet under the hand: every track a row, its keys at their frames. Positions are in panel pixels."""

from __future__ import annotations

from dataclasses import dataclass, field

from nodegraph.editor.axis import Axis
from nodegraph.editor.curves import REACH, SLACK, Boxing, Moving, Panning
from nodegraph.editor.geometry import Rect
from nodegraph.editor.keyframes import Keyframes
from nodegraph.editor.tracks import KeyId, Track

#: A row's height, in pixels.
ROW = 20.0


@dataclass(slots=True)
class DopeSheet:
    """One panel onto keys; `scroll` is how far it is scrolled down, in pixels."""

    keys: Keyframes
    x: Axis = field(default_factory=Axis)
    height: float = 1.0
    scroll: float = 0.0
    gesture: Panning | Boxing | Moving | None = None

    def resize(self, width: float, height: float) -> None:
        self.x.pixels, self.height = max(1.0, width), max(1.0, height)
        self.scroll_by(0.0)

    def scroll_by(self, pixels: float) -> None:
        """Scroll down, as far as there are rows."""
        most = max(0.0, len(self.keys.tracks) * ROW - self.height)
        self.scroll = min(most, max(0.0, self.scroll + pixels))

    def row(self, index: int) -> Rect:
        """Where a row lies in the panel."""
        top = index * ROW - self.scroll
        return Rect(0.0, top, self.x.pixels, top + ROW)

    def track_at(self, py: float) -> Track | None:
        index = int((py + self.scroll) // ROW)
        tracks = self.keys.tracks
        return tracks[index] if 0 <= index < len(tracks) else None

    def key_at(self, px: float, py: float) -> KeyId | None:
        """The nearest key of the row under a point, within reach."""
        track = self.track_at(py)
        near = [(abs(self.x.to_panel(f) - px), f) for f in track.frames] if track is not None else []
        distance, frame = min(near, default=(REACH + 1, 0.0))
        return KeyId(track.id, frame) if track is not None and distance <= REACH else None

    def within(self, rect: Rect) -> list[KeyId]:
        """The keys in a rectangle of the panel, which need only touch their rows."""
        found = []
        for index, track in enumerate(self.keys.tracks):
            if self.row(index).meets(rect):
                found += [KeyId(track.id, f) for f in track.frames if rect.x0 <= self.x.to_panel(f) <= rect.x1]
        return found

    def fit(self, frames: tuple[float, float]) -> None:
        """Show the chosen keys whole, or all when none are, or else these frames."""
        chosen = [key.frame for key in self.keys.selection]
        across = chosen or [f for track in self.keys.tracks for f in track.frames] or list(frames)
        self.x.fit(min(across), max(across), margin=40.0)

    # -- the mouse

    def press(self, px: float, py: float, *, shift: bool = False, middle: bool = False) -> None:
        """A button goes down: `middle` pans, shift adds to what is chosen."""
        self.keys.notice = ""
        self.gesture = None
        if middle:
            self.gesture = Panning((px, py))
        elif (key := self.key_at(px, py)) is not None:
            if shift:
                self.keys.toggle(key)
            elif key not in self.keys.selection:
                self.keys.select([key])
            self.gesture = Moving((px, py)) if key in self.keys.selection else None
        else:
            before = self.keys.selection if shift else []
            self.keys.select(before)
            self.gesture = Boxing((px, py), (px, py), before)

    def drag(self, px: float, py: float, *, whole: bool = True) -> None:
        """The hand moves with the button down; keys go in time alone."""
        match self.gesture:
            case Panning(last):
                self.x.pan(px - last[0])
                self.scroll_by(last[1] - py)
                self.gesture.last = (px, py)
            case Boxing():
                self.gesture.to = (px, py)
                self.keys.select([*self.gesture.before, *self.within(self.gesture.rect)])
            case Moving(start, moved):
                if not moved and abs(px - start[0]) < SLACK:
                    return
                if not moved:
                    self.gesture.moved = True
                    self.keys.grab()
                self.keys.shift((px - start[0]) / self.x.zoom, 0.0, whole=whole)

    def release(self) -> None:
        self.gesture = None
        self.keys.settle()

    def cancel(self) -> None:
        """Escape: what is under way didn't happen."""
        self.gesture = None
        self.keys.cancel()
