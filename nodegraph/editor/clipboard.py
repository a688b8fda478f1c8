"""Copying and pasting nodes as text: a small `.graph` document, so that it goes between windows and mails."""

from __future__ import annotations

from collections.abc import Sequence

from nodegraph.errors import DocumentError
from nodegraph.graph import AddNode, Batch, Command, Connect, Graph, RenameNode, dumps, loads
from nodegraph.graph.plain import node_to_plain


def copy(graph: Graph, names: Sequence[str]) -> str:
    """Nodes of a graph, and the wires between them, as text."""
    part = Graph(graph.types)
    chosen = [name for name in graph.nodes if name in set(names)]
    for name in chosen:
        AddNode(name, node_to_plain(graph.nodes[name])).apply(part)
    for (node, port), source in graph.wires.items():
        if node in part.nodes and source[0] in part.nodes:
            Connect(node, port, *source).apply(part)
    return dumps(part, text=True).decode()


def paste(graph: Graph, text: str, at: tuple[float, float] | None = None) -> list[str]:
    """Put copied nodes into a graph as one step, under names that are free; these names.

    Expressions among them follow the new names. `at` is where the first one's corner comes; without
    it they lie a little below and right of where they were. DocumentError if the text isn't nodes.
    """
    part = loads(text.encode(), graph.types, where="the clipboard") if text.strip() else None
    if part is None or not part.nodes:
        raise DocumentError("there are no nodes in it", where="the clipboard", hint="copy nodes first")
    names = _free_names(graph, part)
    left = min(node.position[0] for node in part.nodes.values())
    top = min(node.position[1] for node in part.nodes.values())
    dx, dy = (at[0] - left, at[1] - top) if at is not None else (30.0, 30.0)
    commands: list[Command] = []
    for node in part.nodes.values():
        data = node_to_plain(node)
        data["position"] = [node.position[0] + dx, node.position[1] + dy]
        commands.append(AddNode(graph.prefix + node.name, data))
    commands += [Connect(graph.prefix + node, port, *source) for (node, port), source in part.wires.items()]
    graph.do(Batch(tuple(commands), "paste"), label="paste")
    return names


def _free_names(graph: Graph, part: Graph) -> list[str]:
    """Rename the pasted nodes to names that are free on both sides; expressions follow."""
    names = []
    for name in list(part.nodes):
        new, base, number = name, name.rstrip("0123456789") or name, 1
        while new in graph.nodes or (new != name and new in part.nodes):
            number += 1
            new = f"{base}{number}"
        if new != name:
            RenameNode(name, new).apply(part)
        names.append(new)
    return names
