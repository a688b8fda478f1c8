"""Playback without a clock of its own: the time is told (seconds that only grow), and which frame that makes is asked.

In real time the frame follows the clock, and what can't be made in time is left out; with every
frame shown, the next one waits until the one before was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

LoopMode = Literal["loop", "once", "bounce"]
LOOPS: tuple[LoopMode, ...] = ("loop", "once", "bounce")
Pace = Literal["real time", "every frame"]

#: The fastest that J and L go, in times the rate.
FASTEST = 8
#: A pause longer than this between two looks at the clock isn't made up for, in seconds.
_STALL = 2.0
#: What the measured rate looks back on, in seconds.
_WINDOW = 1.0

#: Frames gone by that may still come on screen late.
_MEMORY = 1000


class Transport:
    """The frame that is looked at, and how it goes on. `first` and `last` are the document's, both included."""

    def __init__(self, first: int, last: int, rate: Fraction) -> None:
        self.first, self.last, self.rate = first, last, rate
        self.frame = first
        self.loop: LoopMode = "loop"
        self.pace: Pace = "real time"
        self.playing = False
        #: 1 forwards, -1 backwards; and how many times as fast as the rate.
        self.direction, self.speed = 1, 1
        #: Frames that were left out since playing began.
        self.dropped = 0
        self._in: int | None = None
        self._out: int | None = None
        self._due: float | None = None  # when the next frame's time comes
        self._waiting = False  # the frame hasn't been shown yet
        self._passed: list[int] = []  # frames gone by, none of which was shown yet
        self._times: deque[float] = deque()  # when frames were shown
        self._shown: int | None = None

    def configure(self, first: int, last: int, rate: Fraction) -> None:
        """The document's range or rate changed; in and out points beyond it go."""
        self.first, self.last, self.rate = first, last, rate
        self._in = self._in if self._in is not None and first <= self._in <= last else None
        self._out = self._out if self._out is not None and first <= self._out <= last else None
        self.scrub(self.frame)

    # -- the range that is played

    @property
    def in_point(self) -> int:
        return self.first if self._in is None else self._in

    @property
    def out_point(self) -> int:
        """The last frame that is played; never before the in point."""
        return max(self.in_point, self.last if self._out is None else self._out)

    def set_in(self, frame: int | None = None) -> None:
        """Play from a frame (the one looked at) on; an out point before it goes."""
        self._in = self._within(self.frame if frame is None else frame)
        if self._out is not None and self._out < self._in:
            self._out = None

    def set_out(self, frame: int | None = None) -> None:
        """Play to a frame (the one looked at); an in point behind it goes."""
        self._out = self._within(self.frame if frame is None else frame)
        if self._in is not None and self._in > self._out:
            self._in = None

    def clear_range(self) -> None:
        """Play the whole document."""
        self._in = self._out = None

    @property
    def ranged(self) -> bool:
        """Whether an in or out point is set."""
        return self._in is not None or self._out is not None

    def next_loop(self) -> None:
        """The next of loop, once and bounce."""
        self.loop = LOOPS[(LOOPS.index(self.loop) + 1) % len(LOOPS)]

    # -- going

    def play(self, direction: int = 1, speed: int = 1) -> None:
        """Play on, forwards (1) or backwards (-1); at the end of the range, from its other end."""
        if not self.playing:
            self.dropped = 0
            self._times.clear()
        self.playing, self.direction, self.speed = True, 1 if direction >= 0 else -1, max(1, speed)
        end = self.out_point if self.direction > 0 else self.in_point
        if self.loop == "once" and self.frame == end:
            self.frame = self.in_point if self.direction > 0 else self.out_point
        self._restart()

    def stop(self) -> None:
        self.playing, self.speed = False, 1
        self._restart()

    def toggle(self, direction: int = 1) -> None:
        """Play, or stop."""
        if self.playing:
            self.stop()
        else:
            self.play(direction)

    def key_l(self, *, k_held: bool = False) -> None:
        """Forwards; pressed again, twice as fast each time. While K is held, one frame on."""
        self._shuttle(1, k_held)

    def key_j(self, *, k_held: bool = False) -> None:
        """Backwards; pressed again, twice as fast each time. While K is held, one frame back."""
        self._shuttle(-1, k_held)

    def key_k(self) -> None:
        self.stop()

    def _shuttle(self, direction: int, k_held: bool) -> None:
        if k_held:
            self.step(direction)
        elif self.playing and self.direction == direction:
            self.play(direction, min(FASTEST, self.speed * 2))
        else:
            self.play(direction)

    def scrub(self, frame: float) -> None:
        """Look at a frame, as near as the document has it. Playback goes on from there."""
        self.frame = self._within(round(frame))
        self._restart()

    def step(self, frames: int = 1) -> None:
        """Stop, and look at the frame so many on."""
        self.stop()
        self.scrub(self.frame + frames)

    def to_first(self) -> None:
        """To the in point; from there, to the document's first frame."""
        self.scrub(self.in_point if self.frame != self.in_point else self.first)

    def to_last(self) -> None:
        self.scrub(self.out_point if self.frame != self.out_point else self.last)

    def jump(self, frames: Iterable[float], *, forward: bool) -> bool:
        """To the nearest of some frames (keys) on one side; False when there is none."""
        whole = {round(frame) for frame in frames}
        if forward:
            target = min((f for f in whole if f > self.frame), default=None)
        else:
            target = max((f for f in whole if f < self.frame), default=None)
        if target is not None:
            self.scrub(target)
        return target is not None

    def _within(self, frame: int) -> int:
        return max(self.first, min(self.last, frame))

    # -- with the clock

    def advance(self, now: float) -> int | None:
        """The frame to be shown from `now` on, where it is another than before; None where it isn't."""
        if not self.playing:
            return None
        interval = float(1 / (self.rate * self.speed))
        if self._due is None or now - self._due > _STALL:
            self._due = now + interval
            return None
        if now < self._due or (self.pace == "every frame" and self._waiting):
            return None
        steps = 1 if self.pace == "every frame" else 1 + int((now - self._due) / interval)
        self._due += steps * interval
        if self._due <= now:  # every frame, and late: there is nothing to catch up with
            self._due = now + interval
        before = self.frame
        for _ in range(steps):
            if not self._go():
                break
        return self.frame if self.frame != before else None

    def _go(self) -> bool:
        """One frame on; False at the end, where playing stops."""
        low, high = self.in_point, self.out_point
        beyond = self.frame >= high if self.direction > 0 else self.frame <= low
        if beyond and self.loop == "once":
            self.stop()
            return False
        if self._waiting:
            self._passed.append(self.frame)
            self._leave_out(max(0, len(self._passed) - _MEMORY))
        if not beyond:
            outside = self.frame < low if self.direction > 0 else self.frame > high
            self.frame = (low if self.direction > 0 else high) if outside else self.frame + self.direction
        elif self.loop == "bounce":
            inside = low <= self.frame <= high
            self.direction = -self.direction
            self.frame = max(low, min(high, self.frame + self.direction if inside else self.frame))
        else:
            self.frame = low if self.direction > 0 else high
        self._waiting = low < high  # a single frame needn't be shown again
        return True

    def _restart(self) -> None:
        """Count time from the next look at the clock."""
        self._due, self._waiting = None, self.playing and self.frame != self._shown
        self._passed.clear()

    def shown(self, frame: int, now: float) -> None:
        """A frame came on screen. Those that went by before it and never did were left out."""
        if frame == self.frame:
            self._waiting = False
            self._leave_out(len(self._passed))
        elif frame in self._passed:
            self._leave_out(self._passed.index(frame), 1)
        if frame != self._shown:
            self._shown = frame
            self._times.append(now)
        self._forget(now)

    def failed(self, frame: int) -> None:
        """A frame can't be made: playback doesn't wait for it."""
        if frame == self.frame:
            self._waiting = False

    def _leave_out(self, frames: int, shown: int = 0) -> None:
        """The oldest of those gone by weren't shown, and then some were."""
        self.dropped += frames
        del self._passed[: frames + shown]

    def fps(self, now: float) -> float:
        """Frames a second that came on screen in the last second; 0 when that was none or one."""
        self._forget(now)
        if len(self._times) < 2:
            return 0.0
        between, span = len(self._times) - 1, self._times[-1] - self._times[0]
        if now - self._times[-1] > 2 * span / between:  # it has come to a halt
            span = now - self._times[0]
        return between / span if span > 0 else 0.0

    def _forget(self, now: float) -> None:
        while self._times and self._times[0] < now - _WINDOW:
            self._times.popleft()
