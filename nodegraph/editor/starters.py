"""Graphs to begin with: what the start page offers besides files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from nodegraph.graph import Graph
from nodegraph.graph.schema import Catalog

#: Between two nodes of a row, and between two rows, in graph units.
_ACROSS, _DOWN = 192.0, 144.0


@dataclass(frozen=True, slots=True)
class Starter:
    """A graph that is built when it is asked for."""

    title: str
    subtitle: str
    build: Callable[[Graph], None]

    def document(self, catalog: Catalog) -> Graph:
        """The graph, new and with nothing to undo; DocumentError when a node type is missing."""
        graph = Graph(catalog)
        self.build(graph)
        graph.history.clear()
        return graph


def _add(graph: Graph, name: str, type: str, column: float, row: float = 0) -> None:
    graph.add(type, name=name, position=(column * _ACROSS, row * _DOWN))


def _chain(graph: Graph, *ends: str) -> None:
    """Wires from each node to the next, which may name its input: "over.bg"."""
    for source, target in pairwise(ends):
        graph.connect(source.partition(".")[0], target)


def _blank(graph: Graph) -> None:
    graph.configure(width=1920, height=1080, rate="24", first=1, last=100)


def _green_screen(graph: Graph) -> None:
    _add(graph, "plate", "capture.read", 0, 0)
    _add(graph, "key", "keying.chroma", 1, 0)
    _add(graph, "background", "capture.read", 0, 1)
    _add(graph, "over", "merge.merge", 2, 0.5)
    _add(graph, "grade", "colour.grade", 3, 0.5)
    _add(graph, "write", "output.write", 4, 0.5)
    _chain(graph, "plate", "key", "over.fg")
    _chain(graph, "background", "over.bg")
    _chain(graph, "over", "grade", "write")


def _colour(graph: Graph) -> None:
    for column, (name, type) in enumerate(
        (
            ("plate", "capture.read"),
            ("grade", "colour.grade"),
            ("curves", "colour.curves"),
            ("write", "output.write"),
        )
    ):
        _add(graph, name, type, column)
    _chain(graph, "plate", "grade", "curves", "write")


def _title(graph: Graph) -> None:
    _add(graph, "title", "draw.text", 0, 0)
    _add(graph, "plate", "capture.read", 0, 1)
    _add(graph, "over", "merge.merge", 1, 0.5)
    _add(graph, "write", "output.write", 2, 0.5)
    graph.set("title.text", "Title")
    _chain(graph, "title", "over.fg")
    _chain(graph, "plate", "over.bg")
    _chain(graph, "over", "write")


def _patch(graph: Graph) -> None:
    _add(graph, "shapes", "draw.roto", 0, 0)
    _add(graph, "plate", "capture.read", 0, 1)
    _add(graph, "clean", "time.hold", 1, 0.5)
    _add(graph, "patch", "merge.keymix", 2, 0.5)
    _add(graph, "write", "output.write", 3, 0.5)
    _chain(graph, "plate", "clean", "patch.fg")
    _chain(graph, "plate", "patch.bg")
    _chain(graph, "shapes", "patch.mask")
    _chain(graph, "patch", "write")


STARTERS = (
    Starter("Blank", "1920 x 1080, 24 frames per second", _blank),
    Starter("Green screen comp", "a keyed plate over a background, graded", _green_screen),
    Starter("Colour grade", "a plate through a grade and curves", _colour),
    Starter("Title over plate", "text over a plate", _title),
    Starter("Clean plate", "a held frame patched in through shapes", _patch),
)
