"""A document seen without its groups: what the engine plans.

    group/over.bg <- group/plate.out        instead of        group( plate -> over )

Inner nodes appear under their paths; wires run from the node that makes a value to the node
that takes it, through any number of group ports. Nodes are the document's own, so values and
their stamps are too.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from nodegraph.graph.document import Graph
from nodegraph.graph.node import End, Node, Topology
from nodegraph.graph.schema import Catalog
from nodegraph.graph.signature import GROUP_IN, GROUP_OUT, Signature


class Flat(Topology):
    """A read-only view of a document for one state of its topology; it reads as a Graph does."""

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph
        self.topology = graph.topology
        self._collect(graph)

    def _collect(self, graph: Graph) -> None:
        prefix = graph.prefix.removeprefix(self.graph.prefix)
        for name, node in graph.nodes.items():
            if node.graph is not None:
                self._collect(node.graph)
            elif graph is self.graph or node.type not in (GROUP_IN, GROUP_OUT):
                self.nodes[prefix + name] = node
                for port, source in graph.inputs(name).items():
                    found = self._resolve(graph, source)
                    if found is not None:
                        self._link((prefix + name, port), found)

    def _resolve(self, graph: Graph, source: End) -> End | None:
        """The node that really makes what an output gives; None when nothing is connected."""
        start: End | None = source
        while start is not None:
            name, port = start
            node = graph.nodes[name]
            if node.graph is not None:
                if node.bypass:
                    start = _bypassed(graph, node)
                else:
                    graph, start = node.graph, _inside(node.graph, port)
            elif node.type == GROUP_IN and graph is not self.graph:
                outer, owner = graph.parent, graph.owner
                assert outer is not None and owner is not None
                graph, start = outer, outer.wires.get((owner.name, name))
            else:
                return graph.prefix.removeprefix(self.graph.prefix) + name, port
        return None

    def maker(self, group: str) -> str | None:
        """The node that makes a group's first output; None if there is no such group, or nothing in it."""
        found = self.graph.find(group)
        if found is None or found[1].graph is None:
            return None
        inside, node = found
        signature = inside.signature_of(node)
        output = next(iter(signature.outputs), None) if signature else None
        end = self._resolve(inside, (node.name, output)) if output is not None else None
        return end[0] if end is not None else None

    # -- what a Graph answers too

    @property
    def revision(self) -> int:
        return self.graph.revision

    @property
    def catalog(self) -> Catalog:
        return self.graph.catalog

    @property
    def settings(self) -> dict[str, Any]:
        return self.graph.settings

    @property
    def rate(self) -> Fraction:
        return self.graph.rate

    @property
    def format(self) -> tuple[int, int]:
        return self.graph.format

    def setting(self, name: str) -> Any:
        return self.graph.setting(name)

    def signature_of(self, node: Node) -> Signature | None:
        return node.signature

    def values(self, node: str, frame: float) -> Mapping[str, Any]:
        return self.graph.values(node, frame)

    def value(self, node: str, param: str, frame: float) -> Any:
        return self.graph.value(node, param, frame)

    def varies(self, node: str, param: str | None = None) -> bool:
        return self.graph.varies(node, param)

    def touched(self, node: str) -> int:
        return self.graph.touched(node)


def _bypassed(graph: Graph, group: Node) -> End | None:
    """What a bypassed group passes on: its first input."""
    signature = graph.signature_of(group)
    first = next(iter(signature.inputs), None) if signature else None
    return graph.wires.get((group.name, first)) if first is not None else None


def _inside(inner: Graph, output: str) -> End | None:
    node = inner.nodes.get(output)
    if node is None or node.type != GROUP_OUT:
        return None
    return next(iter(inner.inputs(output).values()), None)


def flatten(graph: Graph) -> Graph | Flat:
    """The document without groups: itself when it has none, else a view kept until its
    topology changes (parameter changes don't make a new one)."""
    if graph._flat is None or graph._flat[0] != graph.topology:
        grouped = any(node.graph is not None for node in graph.nodes.values())
        graph._flat = (graph.topology, Flat(graph) if grouped else None)
    view: Flat | None = graph._flat[1]
    return graph if view is None else view
