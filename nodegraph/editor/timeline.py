"""The timeline under the hand: frames at pixels, marks with labels, the playhead and the ends of the range."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from nodegraph.editor.axis import Axis, ticks
from nodegraph.editor.transport import Transport

#: How near counts as on it, and the least distance of marks and of labels, in pixels.
REACH, SPACING, FRAME_LABEL, CODE_LABEL = 6.0, 6.0, 60.0, 110.0

Grip = Literal["playhead", "in", "out"]

#: Seconds between timecodes on the ruler; below one, whatever frames divide a second.
_SECONDS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400)


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on the ruler, at a pixel; minor ones have no label."""

    frame: int
    x: float
    label: str = ""


@dataclass(slots=True)
class Timeline:
    """One ruler onto a transport. `timecode` labels it by timecode instead of frames."""

    transport: Transport
    x: Axis = field(default_factory=lambda: Axis(smallest=1e-4, largest=120.0))
    timecode: bool = False
    #: What is dragged.
    grip: Grip | None = None
    _panned: float | None = None

    def resize(self, width: float) -> None:
        self.x.pixels = max(1.0, width)

    def fit(self, ranged: bool = False) -> None:
        """Show the whole document, or the range that is played."""
        t = self.transport
        self.x.fit(*((t.in_point, t.out_point) if ranged else (t.first, t.last)))

    def frame_at(self, px: float) -> int:
        """The frame under a pixel, of those the document has."""
        return max(self.transport.first, min(self.transport.last, round(self.x.to_value(px))))

    def label(self, frame: int) -> str:
        return timecode_of(frame, self.transport.rate) if self.timecode else str(frame)

    def marks(self) -> list[Mark]:
        """The marks of the ruler, on whole frames."""
        if self.timecode:
            return self._code_marks()
        found = ticks(self.x, SPACING, FRAME_LABEL, whole=True)
        return [
            Mark(round(t.value), self.x.to_panel(t.value), self.label(round(t.value)) if t.major else "") for t in found
        ]

    def _code_marks(self) -> list[Mark]:
        """Marks on frames, seconds, minutes: what timecodes count in."""
        second = max(1, round(self.transport.rate))
        steps = [f for f in range(1, second) if second % f == 0] + [s * second for s in _SECONDS]
        major = _first_from(steps, CODE_LABEL / self.x.zoom)
        minor = next(s for s in steps if major % s == 0 and (s * self.x.zoom >= SPACING or s == major))
        low, high = self.x.seen
        found = range(math.ceil(low / minor), math.floor(high / minor) + 1)
        return [
            Mark(i * minor, self.x.to_panel(i * minor), self.label(i * minor) if i * minor % major == 0 else "")
            for i in found
        ]

    # -- the mouse

    def grip_at(self, px: float) -> Grip | None:
        """What is under a pixel: the playhead before the ends of the range."""
        t = self.transport
        places: list[tuple[Grip, int]] = [("playhead", t.frame), ("in", t.in_point), ("out", t.out_point)]
        near = [(abs(self.x.to_panel(frame) - px), i, grip) for i, (grip, frame) in enumerate(places)]
        near = [n for n in near if n[0] <= REACH]
        return min(near, key=lambda n: (n[1] > 0, n[0]))[2] if near else None

    def press(self, px: float, *, ends: bool = False, middle: bool = False) -> None:
        """A button goes down: it scrubs. `middle` pans; `ends`, the strip of the ends, drags those instead."""
        self.grip, self._panned = None, px if middle else None
        if middle:
            return
        grip = self._end_at(px) if ends else "playhead"
        self.grip = grip
        if grip == "playhead":
            self.drag(px)

    def _end_at(self, px: float) -> Grip | None:
        near: list[tuple[float, Grip]] = [
            (abs(self.x.to_panel(self.transport.in_point) - px), "in"),
            (abs(self.x.to_panel(self.transport.out_point) - px), "out"),
        ]
        distance, grip = min(near)
        return grip if distance <= REACH else None

    def drag(self, px: float) -> None:
        """The hand moves with the button down; an end stops at the other one."""
        t = self.transport
        if self._panned is not None:
            self.x.pan(px - self._panned)
            self._panned = px
        elif self.grip == "playhead":
            if (frame := self.frame_at(px)) != t.frame:
                t.scrub(frame)
        elif self.grip == "in":
            t.set_in(min(self.frame_at(px), t.out_point))
        elif self.grip == "out":
            t.set_out(max(self.frame_at(px), t.in_point))

    def release(self) -> None:
        self.grip = self._panned = None


def runs(frames: Iterable[int]) -> list[tuple[int, int]]:
    """Frames as runs (first, last), both included, in order: what is drawn of those in the cache."""
    found: list[tuple[int, int]] = []
    for frame in sorted(set(frames)):
        if found and frame == found[-1][1] + 1:
            found[-1] = found[-1][0], frame
        else:
            found.append((frame, frame))
    return found


def timecode_of(frame: int, rate: Fraction) -> str:
    """A frame's timecode, frame 0 being 00:00:00:00; drop-frame at 29.97 and 59.94.

    Rates that no timecode is defined for give hours, minutes, seconds and thousandths.
    """
    if frame < 0:
        return "-" + timecode_of(-frame, rate)
    if rate.denominator != 1 and (rate.denominator != 1001 or rate.numerator % 1000):
        thousandths = round(frame / rate * 1000)
        seconds, rest = divmod(thousandths, 1000)
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
    from timecode import Timecode  # type: ignore[attr-defined]

    return str(Timecode(str(rate), frames=frame + 1))


def _first_from(steps: list[int], least: float) -> int:
    """The first of rising steps that isn't below `least`; the last when all are."""
    return steps[min(bisect_left(steps, least), len(steps) - 1)]
