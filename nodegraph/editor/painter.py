"""A viewer's own thread: pictures become what its panel shows.

The cooker hands pictures over, the editor says how it wants to look at them; whichever changes, the
newest of both is painted. Panning and exposing stay smooth while a long cook goes on.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.display import Look, format_rect, paint
from nodegraph.kernels.pool import Pool
from nodegraph.values import Frame

Panel = NDArray[np.float32]
#: Made of what was painted, on the painter's thread: scopes, say.
Extra = Callable[["Painted"], Any]

#: Panels are made in steps of so many pixels, so that dragging a panel's edge makes no new one at every pixel.
STEP = 128
#: While the hand drags, extras wait; not longer than this, in seconds.
_EXTRAS_EVERY = 0.15
#: Panels handed out that may still be read: the one shown, and the one the graphics card uploads.
_IN_USE = 2


@dataclass(frozen=True, slots=True)
class Shot:
    """The pictures of the two viewer inputs at a frame; None where there is none."""

    frame: int
    pictures: tuple[Frame | None, Frame | None]
    serial: int = 0
    #: Whether these are what was asked for, not a smaller draft.
    final: bool = True


@dataclass(frozen=True, slots=True)
class Painted:
    """A panel (rows, columns, 4), and what it shows in its upper left look.height x look.width pixels."""

    panel: Panel
    shot: Shot
    look: Look
    ms: float
    extras: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> Panel:
        return self.panel[: self.look.height, : self.look.width]

    def picture_rect(self) -> tuple[int, int, int, int] | None:
        """The part of the panel that the picture's format covers (x0, y0, x1, y1); the whole when two lie side by side."""
        look = self.look
        frame = next((f for f in self.shot.pictures if f is not None), None)
        if frame is None:
            return None
        if look.compare == "side":
            return 0, 0, look.width, look.height
        width, height = format_rect(frame)
        x0, y0 = look.width / 2 - look.x * look.zoom, look.height / 2 - look.y * look.zoom
        x1, y1 = x0 + width * look.zoom, y0 + height * look.zoom
        left, top = max(0, round(x0)), max(0, round(y0))
        right, bottom = min(look.width, round(x1)), min(look.height, round(y1))
        return (left, top, right, bottom) if right > left and bottom > top else None


class Painter:
    """Paints the newest shot with the newest look; `take` gives each result once, the picture first and again with extras."""

    def __init__(self, pool: Pool | None = None) -> None:
        self._pool = pool or Pool()
        self._look = Look()
        self._shot: Shot | None = None
        self._extras: dict[str, Extra] = {}
        #: Why the last panel couldn't be painted; "" when it could.
        self.problem = ""
        self._made = 0.0
        self._wanted = self._painting = self._stopped = False
        self._done: Painted | None = None
        self._panels: list[Panel] = []
        self._taken: deque[Panel] = deque(maxlen=_IN_USE)
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="paint", daemon=True)
        self._thread.start()

    def look(self, look: Look) -> None:
        """Look at the pictures in this way from now on."""
        with self._changed:
            if look != self._look:
                self._look = look
                self._wake()

    def show(self, shot: Shot) -> None:
        """These are the pictures from now on."""
        with self._changed:
            self._shot = shot
            self._wake()

    def extras(self, **makers: Extra) -> None:
        """What to make of every panel besides."""
        with self._changed:
            self._extras = makers
            self._wake()

    def take(self) -> Painted | None:
        """The newest panel, unless it was taken already. It isn't written to while it is among the last two taken."""
        with self._changed:
            done, self._done = self._done, None
            if done is not None:
                self._taken.append(done.panel)
            return done

    def ready(self, timeout: float) -> bool:
        """Wait for a panel that hasn't been taken yet."""
        with self._changed:
            return self._changed.wait_for(lambda: self._done is not None, timeout)

    def settle(self, timeout: float = 30.0) -> bool:
        """Wait until the newest is painted."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._wanted and not self._painting, timeout)

    def close(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join()

    def _wake(self) -> None:
        if self._shot is not None:
            self._wanted = True
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._painting = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._wanted or self._stopped)
                if self._stopped:
                    return
                self._wanted, self._painting = False, True
                look, shot, extras = self._look, self._shot, dict(self._extras)
                panel = self._free(look)
            assert shot is not None
            try:
                self._paint(panel, look, shot, extras)
            except Exception as error:  # a view that the config hasn't got, say: the last panel stays
                self.problem = str(error) or type(error).__name__

    def _paint(self, panel: Panel, look: Look, shot: Shot, extras: Mapping[str, Extra]) -> None:
        begun = perf_counter()
        paint(panel[: look.height, : look.width], look, *shot.pictures, self._pool)
        painted = Painted(panel, shot, look, (perf_counter() - begun) * 1e3)
        self._publish(painted)
        if extras and (not self._wanted or perf_counter() - self._made > _EXTRAS_EVERY):
            self._made = perf_counter()
            self._publish(replace(painted, extras={name: make(painted) for name, make in extras.items()}))
        self.problem = ""

    def _publish(self, painted: Painted) -> None:
        with self._changed:
            self._done = painted
            self._changed.notify_all()

    def _free(self, look: Look) -> Panel:
        """A panel of the size that nobody reads."""
        shape = (-(-look.height // STEP) * STEP, -(-look.width // STEP) * STEP, 4)
        busy = [*self._taken, *([self._done.panel] if self._done is not None else [])]
        self._panels = [p for p in self._panels if p.shape == shape]
        for panel in self._panels:
            if not any(panel is other for other in busy):
                return panel
        self._panels.append(np.zeros(shape, np.float32))
        return self._panels[-1]
