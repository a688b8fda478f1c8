"""A viewer's own thread: pictures become what its panel shows.

The cooker hands pictures over, the editor says how it wants to look at them; whichever changes, the
newest of both is painted. Panning and exposing stay smooth while a long cook goes on.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.display import Look, paint
from nodegraph.kernels.pool import Pool
from nodegraph.values import Frame

Panel = NDArray[np.float32]
#: Made from a finished panel on the painter's thread: scopes, say.
Extra = Callable[[Panel], Any]

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
    """A panel (height, width, 4), and what it shows."""

    panel: Panel
    shot: Shot
    look: Look
    ms: float
    extras: Mapping[str, Any] = field(default_factory=dict)


class Painter:
    """Paints the newest shot with the newest look; `take` gives each result once."""

    def __init__(self, pool: Pool | None = None) -> None:
        self._pool = pool or Pool()
        self._look = Look()
        self._shot: Shot | None = None
        self._extras: dict[str, Extra] = {}
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
            begun = perf_counter()
            paint(panel, look, *shot.pictures, self._pool)
            made = {name: make(panel) for name, make in extras.items()}
            with self._changed:
                self._done = Painted(panel, shot, look, (perf_counter() - begun) * 1e3, made)

    def _free(self, look: Look) -> Panel:
        """A panel of the size that nobody reads."""
        shape = (look.height, look.width, 4)
        busy = [*self._taken, *([self._done.panel] if self._done is not None else [])]
        self._panels = [p for p in self._panels if p.shape == shape]
        for panel in self._panels:
            if not any(panel is other for other in busy):
                return panel
        self._panels.append(np.zeros(shape, np.float32))
        return self._panels[-1]
