"""The offline render: sinks fed frame after frame, decode and encode overlapping the cook.

    sources      read ahead of the cook, in their own threads (`Source.prefetch`)
    this thread  cooks frame n+1 ...
    a thread per sink  ... while the sink's writer encodes frame n

Each writer takes its frames in order through a queue of two, so a slow disk holds the cook
back instead of filling memory. Whatever happens, every writer is closed: with what was asked
for whole on the disk, or with nothing half-written.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from queue import Queue
from time import perf_counter
from typing import Literal

from nodegraph.engine.engine import Engine
from nodegraph.errors import Cancelled, CookError, DocumentError, NodegraphError
from nodegraph.node import Query, Sink, SinkWriter
from nodegraph.values import Frame

#: Frames the sources are told of before they are cooked, and pictures a writer may have waiting.
AHEAD = 4
WAITING = 2

OnError = Literal["stop", "skip"]


@dataclass(slots=True)
class Report:
    """What a render did. `failed` is (frame, error); `skipped` were there already."""

    done: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    failed: list[tuple[int, NodegraphError]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def fps(self) -> float:
        return len(self.done) / self.seconds if self.seconds else 0.0


#: Told after each frame: how many are through, of how many, the frame, whether it was made.
Progress = Callable[[int, int, int, bool], None]


def find_sinks(engine: Engine, names: Sequence[str] = ()) -> list[str]:
    """The sinks named, or all of the document that aren't bypassed; DocumentError if there is none."""
    nodes = dict(engine.graph.walk())
    kinds = {path: engine.registry.get(node.type) for path, node in nodes.items()}
    if names:
        for name in names:
            if not isinstance(kinds.get(engine.graph.locate(name) and name), Sink):
                raise DocumentError("is not an output", where=name, hint="name a write node, or `nodegraph cook` it")
        return list(names)
    sinks = [path for path, kind in kinds.items() if isinstance(kind, Sink) and not nodes[path].bypass]
    if not sinks:
        raise DocumentError(
            "the document has no output to render", hint="add an output.write node, or use `nodegraph cook`"
        )
    return sinks


def render(
    engine: Engine,
    sinks: Sequence[str],
    frames: Sequence[int],
    *,
    scale: float = 1.0,
    on_error: OnError = "stop",
    resume: bool = False,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Report:
    """Render frames into sinks.

    With `on_error` "stop" the first failing node ends the render with its error; with "skip" the
    frame is left out and reported. `resume` leaves out frames that are there, whole. Setting
    `cancel` raises Cancelled after the step that is running; finished frames of a sequence stay.
    """
    return _Render(engine, sinks, list(frames), scale, on_error, cancel or threading.Event()).run(resume, progress)


class _Render:
    def __init__(
        self,
        engine: Engine,
        sinks: Sequence[str],
        frames: list[int],
        scale: float,
        on_error: OnError,
        cancel: threading.Event,
    ) -> None:
        self.engine = engine
        self.frames = frames
        self.scale = scale
        self.on_error = on_error
        self.cancel = cancel
        self.report = Report()
        self.failed: dict[int, NodegraphError] = {}
        self.feeds: list[_Feed] = []
        self.names = sinks
        self._told = 0

    def run(self, resume: bool, progress: Progress | None) -> Report:
        begun = perf_counter()
        whole = False
        try:
            self._open()
            for k, frame in enumerate(self.frames):
                made = self._frame(k, frame, resume)
                if progress:
                    progress(k + 1, len(self.frames), frame, made)
            for feed in self.feeds:
                feed.finish()
            self._check_writers()
            whole = True
        finally:
            self._close(whole)
            self.report.seconds = perf_counter() - begun
        self.report.failed = sorted(self.failed.items())
        self.report.done = [f for f in self.report.done if f not in self.failed]
        return self.report

    # -- frames

    def _frame(self, k: int, frame: int, resume: bool) -> bool:
        """Cook a frame for every sink that lacks it; whether any picture was made."""
        wanting = [feed for feed in self.feeds if feed.writer.wants(frame)]
        if resume:
            wanting = [feed for feed in wanting if not feed.writer.whole(frame)]
        if not wanting:
            self.report.skipped.append(frame)
            return False
        self._look_ahead(k)
        try:
            feeds = {feed.name: feed for feed in wanting}
            made = self.engine.deliver_all(list(feeds), frame, scale=self.scale)
            with closing(made):
                for name, picture, q in made:
                    feeds[name].put(frame, picture, q)
                    self._check_cancelled()
        except Cancelled:
            raise
        except NodegraphError as error:
            self._fail(frame, error)
            return False
        self._check_writers()
        self.report.done.append(frame)
        return True

    def _look_ahead(self, k: int) -> None:
        """Have the sources read what is cooked after the k-th frame.

        A frame that can't even be asked for is told of when its turn comes.
        """
        for coming in self.frames[max(self._told, k + 1) : k + 1 + AHEAD]:
            for feed in self.feeds:
                with suppress(NodegraphError):
                    self.engine.expect(feed.name, coming, scale=self.scale)
        self._told = k + 1 + AHEAD

    def _fail(self, frame: int, error: NodegraphError) -> None:
        if self.on_error == "stop":
            raise error
        self.failed.setdefault(frame, error)

    def _check_cancelled(self) -> None:
        if self.cancel.is_set():
            raise Cancelled("cancelled", hint="finished frames are on the disk; --resume goes on from there")

    def _check_writers(self) -> None:
        for feed in self.feeds:
            for frame, error in feed.take_errors():
                self._fail(frame, error)

    # -- sinks

    def _open(self) -> None:
        for name in self.names:
            kind = self.engine.registry[self.engine.graph.node(name).type]
            assert isinstance(kind, Sink)
            q = self._question(name)
            if q is not None:
                try:
                    writer = kind.open(q, self.frames)
                except NodegraphError as error:
                    error.at(name)
                    raise
                self.feeds.append(_Feed(name, writer, self.engine))

    def _question(self, name: str) -> Query | None:
        """What the sink is asked with at the first frame that can be; that frame's error if none can."""
        first: NodegraphError | None = None
        for frame in self.frames:
            try:
                return self.engine.question(name, frame, scale=self.scale)
            except NodegraphError as error:
                first = first or error
                if self.on_error == "stop":
                    break
        if first is not None:
            raise first
        return None

    def _close(self, whole: bool) -> None:
        """Close every writer, whatever the others do; the first error is raised if all went well so far."""
        first: Exception | None = None
        for feed in self.feeds:
            feed.stop()
            try:
                self.report.files += feed.writer.close(whole)
            except Exception as error:
                first = first or _named(error, feed.name)
        if first is not None and whole:
            raise first


class _Feed:
    """A sink's writer, in a thread of its own."""

    def __init__(self, name: str, writer: SinkWriter, engine: Engine) -> None:
        self.name = name
        self.writer = writer
        self._engine = engine
        self._errors: list[tuple[int, NodegraphError]] = []
        self._queue: Queue[tuple[int, Frame, Query] | None] = Queue(WAITING)
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"write {name}", daemon=True)
        self._thread.start()

    def put(self, frame: int, picture: Frame, q: Query) -> None:
        """Hand a frame over; waits while two are waiting."""
        self._queue.put((frame, picture, q))

    def finish(self) -> None:
        """Wait until all that was handed over is written."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def stop(self) -> None:
        """Drop what is waiting, and wait for the frame that is being written."""
        self._given_up.set()
        self.finish()

    def take_errors(self) -> list[tuple[int, NodegraphError]]:
        taken, self._errors = self._errors, []
        return taken

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            if self._given_up.is_set():
                continue
            frame, picture, q = item
            begun = perf_counter()
            try:
                self.writer.write(frame, picture, q)
                self._engine.stats.made([f"{self.name}#file"], perf_counter() - begun, "")
            except Exception as error:
                self._errors.append((frame, _named(error, self.name)))


def _named(error: Exception, name: str) -> NodegraphError:
    """An error that says which sink it belongs to."""
    if isinstance(error, NodegraphError):
        error.at(name)
        return error
    made = CookError(f"{type(error).__name__}: {error}", where=name)
    made.__cause__ = error
    return made
