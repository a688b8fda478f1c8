"""Rendering beside the editor: a job with a copy of the document, an engine and a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from nodegraph.engine import Engine
from nodegraph.engine.render import Report, find_sinks, render
from nodegraph.engine.trace import Registry
from nodegraph.errors import Cancelled, NodegraphError
from nodegraph.graph import Graph, dumps, loads


class RenderJob:
    """A render of the document as it is now; edits made meanwhile don't reach it."""

    def __init__(self, document: Graph, registry: Registry, frames: Sequence[int], *, resume: bool = False) -> None:
        self._graph = loads(dumps(document), document.types)
        self._graph.folder = document.folder
        self._registry = registry
        self._frames = list(frames)
        self._resume = resume
        self._cancel = threading.Event()
        #: Frames that are through, and the last of them.
        self.done, self.frame = 0, 0
        self.report: Report | None = None
        self.error: NodegraphError | None = None
        self._thread = threading.Thread(target=self._work, name="render", daemon=True)
        self._thread.start()

    @property
    def total(self) -> int:
        return len(self._frames)

    @property
    def finished(self) -> bool:
        return not self._thread.is_alive()

    @property
    def cancelled(self) -> bool:
        return isinstance(self.error, Cancelled)

    def cancel(self) -> None:
        """Stop after the frame that is under way; finished frames stay."""
        self._cancel.set()

    def wait(self, timeout: float | None = None) -> bool:
        self._thread.join(timeout)
        return self.finished

    def words(self) -> str:
        """How it went, or how far it is."""
        if self.error is not None:
            return "cancelled" if self.cancelled else str(self.error)
        if self.report is None:
            return f"frame {self.frame}, {self.done} of {self.total}"
        made = f"{len(self.report.done)} frames in {self.report.seconds:.1f} s, {self.report.fps:.1f} per second"
        return f"{made}: {', '.join(self.report.files[:2])}" if self.report.files else made

    def _work(self) -> None:
        try:
            with Engine(self._graph, self._registry, tier="wait") as engine:
                self.report = render(
                    engine, find_sinks(engine), self._frames, resume=self._resume, progress=self._note,
                    cancel=self._cancel,
                )  # fmt: skip
        except NodegraphError as error:
            self.error = error
        except Exception as error:
            self.error = NodegraphError(f"{type(error).__name__}: {error}")

    def _note(self, done: int, total: int, frame: int, made: bool) -> None:
        self.done, self.frame = done, frame
