"""What a session looks after when nothing else is to do: cached frames, stamps on nodes, node files that were edited.

Errands that need the engine are asked of the cooking thread, one of a kind at a time, and only when something
happened since the last: an editor at rest does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from nodegraph.editor.cooker import Cooked, Cooker, cached_frames
from nodegraph.editor.stamps import Stamp, stamps
from nodegraph.editor.viewer import Viewer
from nodegraph.editor.watch import Watch, node_files
from nodegraph.graph import Graph
from nodegraph.packs import Registry, pack_files

#: Seconds between two looks at which frames are in the cache, and at the node files.
_CACHE_LOOK, _FILE_LOOK = 0.5, 1.0
#: Frames looked for in the cache, and nodes whose stamps are made, at one go.
_FRAMES, _STAMPS = 2000, 12


class Errands:
    """`cached` are the frames at which what is viewed is in the cache, `stamps` the small pictures of nodes by path."""

    def __init__(self, document: Graph, viewer: Viewer, registry: Registry) -> None:
        self._document, self._viewer = document, viewer
        self.cached: list[int] = []
        self.stamps: dict[str, Stamp] = {}
        self._watch = Watch(node_files(registry))
        self._watched = self._looked = 0.0
        self._stale: Any = None  # what was looked for last, None when something was cooked since
        self._unstamped: set[str] = set()
        self._looking: Future[list[int]] | None = None
        self._stamping: Future[dict[str, Stamp]] | None = None
        self._waiting: list[tuple[Future[Any], Callable[[Any], object]]] = []

    def cooked(self, result: Cooked) -> None:
        """Something cooked: there is something to look at."""
        self._stale = None
        self._unstamped |= {*result.made, *(result.hits - self.stamps.keys())}

    # -- answers

    def answer(self, future: Future[Any], call: Callable[[Any], object]) -> None:
        """Do something with what the cooking thread answers, once it has."""
        self._waiting.append((future, call))

    def take_answers(self, failed: Callable[[str], None]) -> set[str]:
        """Hand out what was answered; the nodes that have a new stamp."""
        for item in [w for w in self._waiting if w[0].done()]:
            self._waiting.remove(item)
            if item[0].cancelled():
                continue
            error = item[0].exception()
            if error is not None:
                failed(str(error))
            else:
                item[1](item[0].result())
        if self._looking is not None and self._looking.done():
            self.cached = [] if _failed(self._looking) else self._looking.result()
            self._looking = None
        if self._stamping is None or not self._stamping.done():
            return set()
        made, self._stamping = self._stamping, None
        if _failed(made):
            return set()
        self.stamps.update(made.result())
        return set(made.result())

    # -- errands

    def changed_files(self, now: float) -> list[Path]:
        """Node files that were edited since last asked."""
        if now - self._watched < _FILE_LOOK:
            return []
        self._watched = now
        self._watch.add(pack_files())
        return self._watch.changed()

    def run(self, cooker: Cooker, now: float, *, frame: int, idle: bool, thumbnails: bool) -> None:
        """Ask for what is out of date."""
        self._look_at_cache(cooker, now)
        if idle and thumbnails and self._unstamped and self._stamping is None and not cooker.busy:
            paths = [*self._unstamped][:_STAMPS]
            self._unstamped.difference_update(paths)
            self._stamping = cooker.run(lambda engine: stamps(engine, paths, frame))

    def _look_at_cache(self, cooker: Cooker, now: float) -> None:
        node, scale = self._viewer.a, self._viewer.proxy
        first, last = self._document.setting("first"), self._document.setting("last")
        wanted = node, scale, first, last, self._document.revision
        if node is None or self._looking is not None or wanted == self._stale or now - self._looked < _CACHE_LOOK:
            return
        self._looked, self._stale = now, wanted
        frames = range(first, min(last, first + _FRAMES) + 1)
        self._looking = cooker.run(lambda engine: cached_frames(engine, node, frames, scale))


def _failed(future: Future[Any]) -> bool:
    """Whether nothing came of it: the thread that was asked may have gone before it could answer."""
    return future.cancelled() or future.exception() is not None
