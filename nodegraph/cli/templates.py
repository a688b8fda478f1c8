"""What `nodegraph new --template` begins with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nodegraph.graph import Graph


def _empty(graph: Graph) -> None:
    pass


def _grade(graph: Graph) -> None:
    """A clip through a grade into a file."""
    graph.add("capture.read", name="plate", position=(0, 0))
    graph.add("colour.grade", name="grade", position=(0, 120))
    graph.add("output.write", name="write", position=(0, 240))
    graph.connect("plate", "grade")
    graph.connect("grade", "write")


def _key(graph: Graph) -> None:
    """A green-screen clip keyed over a background."""
    graph.add("capture.read", name="plate", position=(0, 0))
    graph.add("keying.chroma", name="key", position=(0, 120))
    graph.add("capture.read", name="background", position=(240, 0))
    graph.add("colour.grade", name="grade", position=(240, 120))
    graph.add("merge.merge", name="over", position=(120, 240))
    graph.add("output.write", name="write", position=(120, 360))
    graph.connect("plate", "key")
    graph.connect("background", "grade")
    graph.connect("key", "over.fg")
    graph.connect("grade", "over.bg")
    graph.connect("over", "write")


TEMPLATES: Mapping[str, Callable[[Graph], None]] = {"empty": _empty, "grade": _grade, "key": _key}
