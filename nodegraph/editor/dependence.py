"""Which nodes' pictures depend on which, by path from the document's root: through wires, expressions and groups."""

from __future__ import annotations

from collections.abc import Iterable

from nodegraph.graph import Graph
from nodegraph.graph.signature import GROUP_IN, GROUP_OUT


def below(document: Graph, path: str) -> list[str]:
    """A node, and all whose pictures depend on it; of a group, also those in it whose parameters it shows."""
    marked: dict[str, None] = {}
    seen: set[str] = set()
    waiting = [path, *_exposed(document, path)]
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        marked[each] = None
        found = document.find(each)
        if found is None:
            continue
        graph, node = found
        prefix = graph.prefix
        waiting += [prefix + reader for reader in graph.readers_of(node.name)]
        waiting += document.evaluator.readers(each)
        if node.graph is not None:
            waiting += [f"{each}/{n.name}" for n in node.graph.nodes.values() if n.type == GROUP_IN]
        elif node.type == GROUP_OUT and graph.owner is not None and graph.parent is not None:
            # The group is left here, not entered: what else is in it doesn't depend on this.
            marked[prefix[:-1]] = None
            waiting += [graph.parent.prefix + reader for reader in graph.parent.readers_of(graph.owner.name)]
    return list(marked)


def above(document: Graph, paths: Iterable[str]) -> set[str]:
    """Nodes, and all that their pictures are made of by wires."""
    seen: set[str] = set()
    waiting = list(paths)
    while waiting:
        each = waiting.pop()
        found = document.find(each) if each not in seen else None
        if found is None:
            continue
        seen.add(each)
        graph, node = found
        waiting += [graph.prefix + source for source, _ in graph.inputs(node.name).values()]
        if node.graph is not None:
            waiting += [f"{each}/{n.name}" for n in node.graph.nodes.values() if n.type == GROUP_OUT]
        elif node.type == GROUP_IN and graph.owner is not None and graph.parent is not None:
            outer = graph.parent
            waiting += [outer.prefix + source for source, _ in outer.inputs(graph.owner.name).values()]
    return seen


def _exposed(document: Graph, path: str) -> list[str]:
    """The inner nodes whose parameters a group shows, when the path is a group's."""
    found = document.find(path)
    if found is None:
        return []
    return [f"{path}/{target.partition('.')[0]}" for target in found[1].exposed.values()]
