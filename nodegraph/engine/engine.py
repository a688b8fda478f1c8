"""The engine: a document's pictures, made when asked for and never twice.

    engine = Engine(graph)
    frame = engine.cook("over", frame=12)

One engine serves one document; several threads may ask, one cook runs at a time.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from nodegraph.engine import plan as planning
from nodegraph.engine.buffers import Buffers, keep_freed_memory
from nodegraph.engine.cache import Cache
from nodegraph.engine.compiler import Compiler, Tier
from nodegraph.engine.context import Context
from nodegraph.engine.cook import Cook
from nodegraph.engine.disk import DiskTier
from nodegraph.engine.explain import Explainer
from nodegraph.engine.instance import Instance
from nodegraph.engine.plan import Plan, Step
from nodegraph.engine.stats import Stats
from nodegraph.engine.trace import Registry, Tracer
from nodegraph.graph import Graph
from nodegraph.kernels.pool import Pool
from nodegraph.node import Query
from nodegraph.values import Frame, FrameSpec, Raw, Window

#: A quarter of the machine's memory, or this if that can't be told.
DEFAULT_MEMORY = 2 << 30


def default_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4
    except (AttributeError, ValueError, OSError):
        return DEFAULT_MEMORY


class Engine:
    """Cooks a graph.

    `memory` is the cache's budget in bytes, `disk` a folder for its second tier. `tier` is
    "auto" (NumPy at once, compiled code as soon as it is there), "wait" (compiled code
    always) or "numpy".
    """

    def __init__(
        self,
        graph: Graph,
        registry: Registry | None = None,
        *,
        memory: int | None = None,
        disk: Path | None = None,
        disk_budget: int = 20 << 30,
        threads: int | None = None,
        tier: Tier = "auto",
    ) -> None:
        if registry is None:
            from nodegraph.packs import registry as all_packs

            registry = all_packs()
        keep_freed_memory()
        Query.checking = os.environ.get("NODEGRAPH_CHECK") == "1"
        self.graph = graph
        self.registry = registry
        self.cache = Cache(
            default_memory() if memory is None else memory, DiskTier(disk, disk_budget) if disk else None
        )
        self.stats = Stats()
        self.explainer = Explainer()
        self.compiler = Compiler(tier)
        self.buffers = Buffers()
        self.pool = Pool(threads)
        self._tracers: dict[tuple[float, str], Tracer] = {}
        self._cancelled = threading.Event()
        self._shared: frozenset[Instance] = frozenset()
        self._lock = threading.RLock()

    # -- asking

    def cook(
        self,
        node: str,
        frame: int = 1,
        *,
        region: Window | None = None,
        scale: float = 1.0,
        quality: str = "full",
        keep: bool = True,
    ) -> Frame:
        """A node's picture (or other value) at a frame.

        Raises CookError naming the node that failed, DocumentError for a node that isn't there,
        Cancelled after `cancel()`.
        """
        context = Context(frame, region, scale, quality, keep)
        with self._lock:
            self._cancelled.clear()
            begun = perf_counter()
            value = self._cook(self.trace(node, context), context)
            self.stats.frame_ms.append((perf_counter() - begun) * 1e3)
            return value  # type: ignore[no-any-return]

    def describe(self, node: str, frame: int = 1, scale: float = 1.0) -> FrameSpec | None:
        """All of a node's picture but its pixels."""
        with self._lock:
            return self.trace(node, Context(frame, scale=scale)).spec

    def plan(self, node: str, frame: int = 1, *, region: Window | None = None, scale: float = 1.0) -> Plan:
        """What a cook would do now."""
        with self._lock:
            context = Context(frame, region, scale)
            return self._plan(self.trace(node, context), context)

    def deliver(
        self, sink: str, frame: int = 1, *, region: Window | None = None, scale: float = 1.0
    ) -> tuple[Frame, Query]:
        """What a sink writes at a frame, encoded as it asks, and what the sink is asked with.

        Nothing that varies in time is kept in the cache.
        """
        context = Context(frame, region, scale, keep=False)
        with self._lock:
            self._cancelled.clear()
            begun = perf_counter()
            target, q = self._tracer(context).delivered(sink, frame)
            value = self._cook(target, context)
            self.stats.frame_ms.append((perf_counter() - begun) * 1e3)
            return value, q

    def deliver_all(
        self, sinks: Sequence[str], frame: int = 1, *, scale: float = 1.0
    ) -> Generator[tuple[str, Frame, Query], None, None]:
        """What several sinks write at a frame, one after the other; what they share is made once."""
        with self._lock:
            tracer = self._tracer(Context(frame, scale=scale))
            targets = [tracer.delivered(sink, frame)[0] for sink in sinks] if len(sinks) > 1 else []
            self._shared = planning.shared_by(targets)
            try:
                for sink in sinks:
                    yield (sink, *self.deliver(sink, frame, scale=scale))
            finally:
                for each in self._shared:
                    if each.varies:
                        self.cache.forget(each.key)
                self._shared = frozenset()

    def question(self, sink: str, frame: int = 1, *, scale: float = 1.0) -> Query:
        """What a sink is asked with: its values, and what is known of its picture."""
        with self._lock:
            return self._tracer(Context(frame, scale=scale)).delivered(sink, frame)[1]

    def expect(self, node: str, frame: int, *, scale: float = 1.0) -> None:
        """Tell the sources of a node's picture that it will be asked for soon."""
        with self._lock:
            target = self.trace(node, Context(frame, scale=scale))
        for source in target.sources_read:
            source.type.prefetch(source.q)  # type: ignore[attr-defined]

    def why(self, node: str) -> list[str]:
        """Why the node cooked when it last did."""
        return self.explainer.why(node)

    def cancel(self) -> None:
        """Stop the cook that is running, at its next step."""
        self._cancelled.set()

    def settle(self, timeout: float = 30.0) -> bool:
        """Wait for kernels that are being compiled."""
        return self.compiler.settle(timeout)

    def close(self) -> None:
        self.pool.close()
        self.cache.clear()
        self.buffers.trim()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- doing

    def trace(self, node: str, context: Context) -> Instance:
        """The node's instance in a context."""
        return self._tracer(context).instance(node, context.frame)

    def _tracer(self, context: Context) -> Tracer:
        which = (context.scale, context.quality)
        tracer = self._tracers.get(which)
        if tracer is None:
            tracer = Tracer(self.graph, self.registry, *which, self._discover)
            self._tracers[which] = tracer
        return tracer

    def _discover(self, instance: Instance) -> FrameSpec | None:
        """The second stage of a plan: cook what can't be described, and look."""
        value = self._cook(instance, Context(instance.frame))
        return value.spec if isinstance(value, (Frame, Raw)) else None

    def _plan(self, target: Instance, context: Context) -> Plan:
        edited = self._tracer(context).edited if context.keep else frozenset()
        return planning.plan(target, context.region, self._has, edited, self._shared)

    def _has(self, instance: Instance, region: Window | None) -> bool:
        return self.cache.peek(instance.key, region)

    def _cook(self, target: Instance, context: Context) -> Any:
        plan = self._plan(target, context)
        found = {}
        for instance in plan.cached:
            value = self.cache.find(instance.key)
            if value is None:  # evicted since it was planned for
                return self._cook(target, context)
            found[instance] = value
            self.cache.hits += 1
            self.stats.hit(instance.path)
        self.cache.misses += sum(len(step.members) for step in plan.steps)

        def made(step: Step, value: Any, seconds: float, tier: str) -> None:
            self.stats.made((m.path for m in step.members), seconds, tier)
            for member in step.members:
                self.explainer.cooked(member)
            if self._is_kept(step, context):
                self.cache.store(step.result.key, value, seconds, (step.result.path, step.result.frame))

        cook = Cook(self.pool, self.buffers, self.compiler, self._cancelled)
        value = cook.run(plan, found, made)
        if isinstance(value, Frame) and plan.region is not None:
            value = value.crop(plan.region)
        return value

    def _is_kept(self, step: Step, context: Context) -> bool:
        """A render keeps what doesn't change with time, or other outputs want; an editor all that was made."""
        return context.keep or not step.result.varies or step.result in self._shared


__all__ = ["Engine", "default_memory"]
