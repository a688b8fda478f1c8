"""The editor's cooking thread, with a copy of the document of its own.

    document (the hand's)  -- every command -->  replica -- engine --> Shot --> painter
                           -- newest wish  -->

Commands reach the copy between two cooks, so nothing the hand does waits for a cook and no cook sees half
an edit. The newest wish wins: a cook that nobody waits for any more is cancelled, except a draft, since
while a slider is dragged an older small picture is better than none.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import ceil, floor
from time import perf_counter
from typing import Any

from nodegraph.editor.painter import Shot
from nodegraph.engine import Engine
from nodegraph.engine.context import Context
from nodegraph.engine.stats import Stats
from nodegraph.engine.trace import Registry
from nodegraph.errors import Cancelled, CookError, NodegraphError
from nodegraph.graph import Command, Graph, dumps, loads
from nodegraph.node import Sink
from nodegraph.values import Frame, Window
from nodegraph.values.environment import as_picture

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the viewer wants: nodes (A, B) at a frame.

    `scale` is the proxy's; with `draft` a picture of that smaller scale is shown first, or alone while the
    hand is `dragging`. Of a `region` (full-size pixels, from the format's top left) only that is cooked. `ahead` are frames that come next, for the sources to read meanwhile.
    """

    frame: int = 1
    nodes: tuple[str | None, str | None] = (None, None)
    scale: float = 1.0
    draft: float | None = None
    dragging: bool = False
    region: Window | None = None
    ahead: tuple[int, ...] = ()
    serial: int = 0

    @property
    def passes(self) -> list[float]:
        """Scales to cook at, one after the other."""
        if self.draft is None or self.draft >= self.scale:
            return [self.scale]
        return [self.draft] if self.dragging else [self.draft, self.scale]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a node's picture cost when it was last made. `fused_into` names the last node of its run."""

    ms: float = 0.0
    tier: str = ""
    fused_into: str = ""


@dataclass(frozen=True, slots=True)
class Cooked:
    """How a wish went: errors by node path, costs of the nodes made, nodes found in the cache."""

    wish: Wish
    ms: float
    errors: dict[str, NodegraphError] = field(default_factory=dict)
    made: dict[str, Cost] = field(default_factory=dict)
    hits: frozenset[str] = frozenset()
    final: bool = True
    memory: int = 0


class _Watch(Stats):
    """Stats that also say what happened since last asked."""

    def __init__(self) -> None:
        super().__init__()
        self.fresh: dict[str, Cost] = {}
        self.found: set[str] = set()

    def made(self, members: Iterable[str], seconds: float, tier: str) -> None:
        names = list(members)
        super().made(names, seconds, tier)
        for name in names[:-1]:
            self.fresh[name] = Cost(0.0, tier, names[-1])
        self.fresh[names[-1]] = Cost(seconds * 1e3, tier)

    def hit(self, name: str) -> None:
        super().hit(name)
        self.found.add(name)

    def take(self) -> tuple[dict[str, Cost], frozenset[str]]:
        made, found = self.fresh, frozenset(self.found)
        self.fresh, self.found = {}, set()
        return made, found


class Cooker:
    """Cooks what is wished for, for one document. `shown` is called, on this thread, with every shot."""

    def __init__(
        self,
        document: Graph,
        registry: Registry,
        shown: Callable[[Shot], None],
        *,
        memory: int | None = None,
        threads: int | None = None,
    ) -> None:
        self._document = document
        self._registry = registry
        self._shown = shown
        self._options = {"memory": memory, "threads": threads}
        self._edits: list[Command] = []  # since the last wish
        self._news: deque[Command] = deque()  # of wishes the copy doesn't follow yet
        self._tasks: deque[tuple[Future[Any], Callable[[Engine], Any]]] = deque()
        self._wish: Wish | None = None
        self._running: tuple[Wish, bool] | None = None
        self._results: deque[Cooked] = deque(maxlen=64)
        self._stopped = False
        #: Whether the copy no longer follows the document: a new cooker must be made.
        self.lost = False
        self._changed = threading.Condition()
        self._engine = self._start()
        document.history.listeners.append(self._follow)
        self._thread = threading.Thread(target=self._work, name="cook", daemon=True)
        self._thread.start()

    # -- the editor's side

    def ask(self, wish: Wish) -> None:
        """Cook this now, instead of what was asked for before."""
        with self._changed:
            self._publish()
            self._wish = wish
            if self._running is not None and self._running[1] and _differs(self._running[0], wish):
                self._engine.cancel()
            self._changed.notify_all()

    def run(self, task: Callable[[Engine], Any]) -> Future[Any]:
        """Do something with the engine when nothing is wished for: a thumbnail, a look at a wire."""
        future: Future[Any] = Future()
        with self._changed:
            self._publish()
            self._tasks.append((future, task))
            self._changed.notify_all()
        return future

    def results(self) -> Iterator[Cooked]:
        """What has been cooked since last asked, oldest first."""
        while self._results:
            yield self._results.popleft()

    def settle(self, timeout: float = 60.0) -> bool:
        """Wait until nothing is left to do; whether that was so in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._idle, timeout)

    def close(self) -> None:
        if self._follow in self._document.history.listeners:
            self._document.history.listeners.remove(self._follow)
        with self._changed:
            self._stopped = True
            self._engine.cancel()
            self._changed.notify_all()
        self._thread.join()
        for future, _ in self._tasks:
            future.cancel()
        self._engine.close()

    @property
    def busy(self) -> bool:
        """Whether something is cooking or waits for it."""
        return not self._idle

    @property
    def _idle(self) -> bool:
        return self._running is None and self._wish is None and not self._tasks

    def _follow(self, command: Command) -> None:
        self._edits.append(command)

    def _publish(self) -> None:
        """Edits are handed over with a wish: a cook never sees half of a step."""
        self._news.extend(self._edits)
        self._edits.clear()

    # -- the thread's side

    def _start(self) -> Engine:
        replica = loads(dumps(self._document), self._document.types)
        replica.folder = self._document.folder
        engine = Engine(replica, self._registry, **self._options)  # type: ignore[arg-type]
        engine.stats = _Watch()
        return engine

    def _work(self) -> None:
        while True:
            with self._changed:
                self._running = None
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._wish is not None or self._tasks or self._stopped)
                if self._stopped:
                    return
                wish, self._wish = self._wish, None
                task = self._tasks.popleft() if wish is None else None
                self._running = (wish or Wish(), False)
            if not self._catch_up():
                continue
            if wish is not None:
                self._grant(wish)
            elif task is not None:
                self._do(*task)

    def _catch_up(self) -> bool:
        """Make every edit since the last cook on the copy too; False, for good, once one didn't go."""
        try:
            while self._news and not self.lost:
                self._news.popleft().apply(self._engine.graph)
        except Exception:
            _log.exception("the cooking thread's copy of the document is lost")
            self.lost = True
        self._engine.graph.folder = self._document.folder
        return not self.lost

    def _do(self, future: Future[Any], task: Callable[[Engine], Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(task(self._engine))
        except BaseException as error:
            future.set_exception(error)

    def _grant(self, wish: Wish) -> None:
        passes = [wish.scale] if self._ready(wish) else wish.passes
        for k, scale in enumerate(passes):
            final = scale == wish.scale
            with self._changed:
                if k and self._wish is not None:
                    return
                self._running = (wish, scale == wish.scale)
            try:
                self._cook(replace(wish, scale=scale), wish, final)
            except Cancelled:
                return

    def _region(self, node: str, wish: Wish) -> Window | None:
        """The region wished for in the picture's own pixels at the wish's scale."""
        spec = self._engine.describe(node, wish.frame, wish.scale) if wish.region is not None else None
        if wish.region is None or spec is None:
            return None
        x, y = spec.display_window.x0, spec.display_window.y0
        x0, y0, x1, y1 = wish.region
        low = floor(x0 * wish.scale) + x, floor(y0 * wish.scale) + y
        return Window(*low, ceil(x1 * wish.scale) + x, ceil(y1 * wish.scale) + y)

    def _ready(self, wish: Wish) -> bool:
        """Whether the finished pictures are in the cache: no draft is needed then."""
        if len(wish.passes) == 1 and not wish.dragging:
            return False
        try:
            return all(is_cached(self._engine, n, wish.frame, wish.scale) for n in wish.nodes if n is not None)
        except NodegraphError:
            return False

    def _cook(self, at: Wish, wish: Wish, final: bool) -> None:
        begun = perf_counter()
        errors: dict[str, NodegraphError] = {}
        pictures = [self._picture(node, at, errors) for node in at.nodes]
        if not errors:
            self._shown(Shot(at.frame, (pictures[0], pictures[1]), at.serial, final))
        watch = self._engine.stats
        assert isinstance(watch, _Watch)
        made, hits = watch.take()
        spent = (perf_counter() - begun) * 1e3
        self._results.append(Cooked(wish, spent, errors, made, hits, final, self._engine.cache.bytes))

    def _picture(self, node: str | None, wish: Wish, errors: dict[str, NodegraphError]) -> Frame | None:
        if node is None or node not in self._engine.graph:
            return None
        try:
            seen = viewed(self._engine, node)
            if seen is None:
                return None
            for frame in wish.ahead:
                self._engine.expect(seen, frame, scale=wish.scale)
            value = self._engine.cook(seen, wish.frame, region=self._region(seen, wish), scale=wish.scale)
        except Cancelled:
            raise
        except (ArithmeticError, LookupError, TypeError, ValueError, AssertionError, OSError) as error:
            _log.exception("cooking %s", node)
            errors[node] = CookError(f"this is our mistake: {type(error).__name__}: {error}", where=node)
            return None
        except NodegraphError as error:
            where = getattr(error, "node", None) or error.where or node
            errors[where if where in self._engine.graph else node] = error
            return None
        return as_picture(value)


def viewed(engine: Engine, node: str) -> str | None:
    """The node whose picture shows a node: itself, or what comes into an output; None if nothing does."""
    graph, found = engine.graph.locate(node)
    if not isinstance(engine.registry.get(found.type), Sink):
        return node
    source = next(iter(graph.inputs(found.name).values()), None)
    return None if source is None else graph.prefix + source[0]


def is_cached(engine: Engine, node: str, frame: int, scale: float) -> bool:
    """Whether a node's picture is there already, whole."""
    seen = viewed(engine, node)
    if seen is None:
        return False
    return engine.cache.peek(engine.trace(seen, Context(frame, scale=scale)).key)


def cached_frames(engine: Engine, node: str, frames: Iterable[int], scale: float) -> list[int]:
    """The frames at which a node's picture is in the cache."""
    found = []
    for frame in frames:
        with suppress(NodegraphError):
            if is_cached(engine, node, frame, scale):
                found.append(frame)
    return found


def _differs(a: Wish, b: Wish) -> bool:
    return a != replace(b, ahead=a.ahead)


def draft_scale(wanted: float, scale: float) -> float | None:
    """A proxy at which a picture that is shown at `wanted` panel pixels for one of its own looks nearly the same."""
    draft = scale
    while draft > 0.125 and draft / 2 >= wanted * 0.75:
        draft /= 2
    return draft if draft < scale else scale / 2


__all__ = ["Cooked", "Cooker", "Cost", "Wish", "cached_frames", "draft_scale", "is_cached", "viewed"]
