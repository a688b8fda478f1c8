"""nodegraph from Python, in a few lines.

    import nodegraph as ng

    graph = ng.new()
    graph.add("capture.read", name="plate", path="plate.mov")
    graph.add("keying.chroma", name="key", gain=1.1)
    graph.connect("plate", "key")
    picture = ng.cook(graph, "key", frame=12).to_array()    # (height, width, channels), float32

In a notebook, `ng.cook(graph, "key", frame=12)` shows itself as a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from nodegraph.graph import Graph
from nodegraph.graph import load as load_document

if TYPE_CHECKING:
    from nodegraph.engine import Engine
    from nodegraph.engine.render import Report
    from nodegraph.values import Frame

_engines: WeakKeyDictionary[Graph, Engine] = WeakKeyDictionary()


def new(**settings: Any) -> Graph:
    """An empty document: `new(width=1920, height=1080, rate="24")`."""
    from nodegraph.packs import registry

    graph = Graph(registry().catalog)
    if settings:
        graph.configure(**settings)
    return graph


def load(path: str | Path) -> Graph:
    """The document in a `.graph` file; DocumentError if there is none in it."""
    from nodegraph.packs import registry

    return load_document(path, registry().catalog)


def engine_for(graph: Graph) -> Engine:
    """The engine of a document; made once, with its cache, and gone with the document."""
    found = _engines.get(graph)
    if found is None:
        from nodegraph.engine import Engine

        found = _engines[graph] = Engine(graph)
    return found


def cook(graph: Graph, node: str, frame: int = 1, *, scale: float = 1.0) -> Any:
    """A node's Frame (or other value) at a frame; what didn't change since is not made again.

    Raises CookError naming the node that failed, DocumentError for one that isn't there.
    """
    return engine_for(graph).cook(node, frame, scale=scale)


def render(
    graph: Graph,
    frames: Iterable[int] | None = None,
    sinks: Iterable[str] = (),
    *,
    scale: float = 1.0,
    resume: bool = False,
    progress: Callable[[int, int, int, bool], None] | None = None,
) -> Report:
    """Render a document's outputs (all, or those named) over its own range or these frames."""
    from nodegraph.engine import Engine
    from nodegraph.engine.render import find_sinks
    from nodegraph.engine.render import render as run

    wanted = range(graph.setting("first"), graph.setting("last") + 1) if frames is None else frames
    with Engine(graph, tier="wait") as own:
        return run(own, find_sinks(own, list(sinks)), list(wanted), scale=scale, resume=resume, progress=progress)


def write(frame: Frame, path: str | Path, **options: Any) -> list[str]:
    """Write a picture as `output.write` does, whose parameters are the options; the files made.

    MediaError names the file that couldn't be written.
    """
    from nodegraph.engine import Engine
    from nodegraph.engine.internal import Given
    from nodegraph.node import Sink
    from nodegraph.packs import registry

    types = {**registry(), Given.id: Given(frame)}
    graph = Graph({id: kind.schema for id, kind in types.items()})
    graph.add(Given.id, name="picture")
    graph.add("output.write", name="write", path=str(Path(path).absolute()), **options)
    graph.connect("picture", "write")
    sink = types["nodegraph.output.write"]
    assert isinstance(sink, Sink)
    with Engine(graph, types, tier="numpy") as own:
        picture, q = own.deliver("write")
        writer = sink.open(q, [1])
        try:
            writer.write(1, picture, q)
        except BaseException:
            writer.close(False)
            raise
        return writer.close(True)
