"""One use of a node type, and how nodes hang together."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nodegraph.errors import DocumentError
from nodegraph.graph.schema import Schema
from nodegraph.graph.signature import Signature

if TYPE_CHECKING:
    from nodegraph.graph.document import Graph

#: An input or output of a node: (node, port).
End = tuple[str, str]


@dataclass(slots=True, eq=False)
class Node:
    """One use of a node type.

    `params` holds stored values (see `nodegraph.graph.stored`) of the parameters that were
    set; the others have their defaults. `signature` is None when nobody here knows the type:
    the node is then a placeholder that takes any port and parameter and is kept whole. A
    group has its inside in `graph` and shows inner parameters under the names in `exposed`:
    name -> "inner.param". `extra` keeps fields of the file that this version doesn't know.
    """

    name: str
    type: str
    version: int = 1
    signature: Signature | None = None
    params: dict[str, Any] = field(default_factory=dict)
    position: tuple[float, float] = (0.0, 0.0)
    bypass: bool = False
    label: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    graph: Graph | None = None
    exposed: dict[str, str] = field(default_factory=dict)

    @property
    def schema(self) -> Schema | None:
        """The declared schema; None for groups and placeholders."""
        return self.signature.schema if self.signature else None

    @property
    def known(self) -> bool:
        """Whether its type is known here, or it is a group."""
        return self.signature is not None or self.graph is not None


class Topology:
    """Nodes and wires. `topology` counts every change of them, and of what plans depend on.

    Wires run from one output to one input: `wires[(node, input)] == (node, output)`. Treat
    all of it as read-only: changes are commands.
    """

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.wires: dict[End, End] = {}
        self.topology = 0
        self._into: dict[str, dict[str, End]] = {}
        self._out_of: dict[str, dict[End, str]] = {}
        self._order: tuple[int, list[str]] = (-1, [])

    def inputs(self, name: str) -> Mapping[str, End]:
        """Connected inputs of a node: input -> (source node, its output)."""
        return self._into.get(name, {})

    def consumers(self, name: str) -> Mapping[End, str]:
        """Who reads a node: (node, input) -> this node's output."""
        return self._out_of.get(name, {})

    def order(self) -> list[str]:
        """Every node after all it reads; equals by name, so the order is the graph's alone."""
        if self._order[0] != self.topology:
            self._order = (self.topology, self._sort())
        return self._order[1]

    def _sort(self) -> list[str]:
        waiting = {name: len(self._into.get(name, ())) for name in self.nodes}
        ready = [name for name, count in waiting.items() if not count]
        heapq.heapify(ready)
        order = []
        while ready:
            name = heapq.heappop(ready)
            order.append(name)
            for reader, _ in self._out_of.get(name, ()):
                waiting[reader] -= 1
                if not waiting[reader]:
                    heapq.heappush(ready, reader)
        if len(order) < len(self.nodes):
            stuck = next(name for name, count in waiting.items() if count and self._reaches(name, name))
            raise DocumentError("is in a cycle", where=stuck, hint="remove one of the wires of the loop")
        return order

    def upstream(self, name: str) -> set[str]:
        """All nodes a node reads, directly or not; itself left out."""
        return self._reach(name, lambda n: (source for source, _ in self._into.get(n, {}).values()))

    def downstream(self, name: str) -> set[str]:
        """All nodes that read a node, directly or not; itself left out."""
        return self._reach(name, lambda n: (reader for reader, _ in self._out_of.get(n, ())))

    @staticmethod
    def _reach(name: str, step: Any) -> set[str]:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            for other in step(waiting.pop()):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return seen

    def _reaches(self, start: str, goal: str) -> bool:
        """Whether following wires down from `start` one comes to `goal`.

        Searched from both ends in turn: a new node at either end of a long chain, the usual
        case, is then answered at once.
        """
        down, up = _walk(self._readers, start), _walk(self._sources, goal)
        while True:
            if (a := next(down, None)) is None or (b := next(up, None)) is None:
                return False
            if a == goal or b == start:
                return True

    def readers_of(self, name: str) -> list[str]:
        """The nodes that a node's outputs run to."""
        return list(dict.fromkeys(self._readers(name)))

    def _readers(self, name: str) -> Iterator[str]:
        return (reader for reader, _ in self._out_of.get(name, ()))

    def _sources(self, name: str) -> Iterator[str]:
        return (source for source, _ in self._into.get(name, {}).values())

    def _link(self, end: End, source: End) -> None:
        self.wires[end] = source
        self._into.setdefault(end[0], {})[end[1]] = source
        self._out_of.setdefault(source[0], {})[end] = source[1]

    def _unlink(self, end: End) -> End:
        source = self.wires.pop(end)
        del self._into[end[0]][end[1]]
        del self._out_of[source[0]][end]
        return source


def _walk(step: Any, start: str) -> Iterator[str]:
    """Nodes reached from `start`, which comes only if a cycle leads back to it."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for other in step(waiting.pop()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
                yield other
