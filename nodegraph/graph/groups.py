"""Groups: making them of a selection, dissolving them, keeping them in files, seeing through them.

A group is a node of type `nodegraph.flow.group` with a graph inside. Inner nodes of type
`group_in` and `group_out` are its ports, named after them; `exposed` shows inner parameters.
What a group sets of those overrides the inner value.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nodegraph.errors import DocumentError
from nodegraph.graph.commands import AddNode, Batch, Command, Connect, RemoveNode, SetField, SetParam
from nodegraph.graph.document import Graph
from nodegraph.graph.evaluate import reference_path
from nodegraph.graph.expression import Expression, Reference
from nodegraph.graph.files import is_text, load, spell, write_atomic
from nodegraph.graph.node import End, Node
from nodegraph.graph.plain import VERSION, node_to_plain
from nodegraph.graph.signature import GROUP, GROUP_IN, GROUP_OUT
from nodegraph.graph.stored import Rewrite, live_parts, rewrite

_PORTS = (GROUP_IN, GROUP_OUT)

#: The output of a group_in and the input of a group_out.
PORT_OUT, PORT_IN = "out", "in"


def make_group(graph: Graph, names: Iterable[str], name: str = "group") -> Node:
    """Put nodes of one graph into a new group, wired as they were.

    Refused when the group would both give to and take from a node outside, directly or not,
    and when expressions cross its border.
    """
    chosen = sorted(set(names))
    if not chosen:
        raise DocumentError("nothing is selected to group", hint="name at least one node")
    for node in chosen:
        if node not in graph.nodes:
            graph.locate(node)
            raise DocumentError("is inside another group", where=node, hint="group nodes of one graph")
        if graph.nodes[node].type in _PORTS:
            raise DocumentError("is a port of this graph", where=graph.prefix + node, hint="leave it out")
    _check_convex(graph, set(chosen))
    _check_references(graph, set(chosen))
    name = graph.free_name(name)
    data, wires = _inside(graph, chosen)
    prefix = graph.prefix
    commands: list[Command] = [RemoveNode(prefix + n) for n in chosen]
    commands.append(AddNode(prefix + name, data | {"exposed": _shown(graph, chosen)}))
    for (node, port), (source, output) in wires:
        commands.append(Connect(prefix + (node or name), port, source or name, output))
    commands += _reexposed(graph, chosen, name)
    graph.do(Batch(tuple(commands), f"group {name}"))
    return graph.nodes[name]


def _check_convex(graph: Graph, chosen: set[str]) -> None:
    below = set().union(*(graph.downstream(n) for n in chosen)) - chosen
    above = set().union(*(graph.upstream(n) for n in chosen)) - chosen
    between = sorted(below & above)
    if between:
        raise DocumentError(
            "would be both before and after the group", where=graph.prefix + between[0], hint="select it too"
        )


def _check_references(graph: Graph, chosen: set[str]) -> None:
    for node in graph.nodes.values():
        for chain in _references(node):
            path, rest = reference_path(graph, node, chain)
            inside = path.startswith(graph.prefix) and path.removeprefix(graph.prefix) in chosen
            if len(rest) < len(chain) and inside != (node.name in chosen):
                raise DocumentError(
                    f"refers to {'.'.join(chain)} across the group's border",
                    where=graph.prefix + node.name,
                    hint="select both nodes, or make it a number",
                )


def _references(node: Node) -> Iterable[Reference]:
    for value in node.params.values():
        for part in live_parts(value):
            if isinstance(part, Expression):
                yield from part.references


def _inside(graph: Graph, chosen: list[str]) -> tuple[dict[str, Any], list[tuple[End, End]]]:
    """The plain group node, and the wires outside that run to and from it.

    In these wires the group's own name is "", as it isn't placed yet.
    """
    nodes = {n: node_to_plain(graph.nodes[n]) for n in chosen}
    wires: dict[str, str] = {}
    outside: list[tuple[End, End]] = []
    entries: dict[End, str] = {}
    exits: dict[End, str] = {}
    for end, source in sorted(graph.wires.items()):
        enters, leaves = end[0] in nodes, source[0] in nodes
        if enters and leaves:
            wires[".".join(end)] = ".".join(source)
        elif enters:
            if source not in entries:
                port = entries[source] = _port(nodes, end[1], GROUP_IN, graph.port_type(*source, True))
                outside.append((("", port), source))
            wires[".".join(end)] = f"{entries[source]}.{PORT_OUT}"
        elif leaves:
            if source not in exits:
                port = exits[source] = _port(nodes, source[1], GROUP_OUT, graph.port_type(*source, True))
                wires[f"{port}.{PORT_IN}"] = ".".join(source)
            outside.append((end, ("", exits[source])))
    x = sum(graph.nodes[n].position[0] for n in chosen) / len(chosen)
    y = sum(graph.nodes[n].position[1] for n in chosen) / len(chosen)
    data = {"type": GROUP, "position": [x, y], "graph": {"nodes": nodes, "wires": wires}}
    return data, outside


def _port(nodes: dict[str, Any], base: str, type: str, kind: str | None) -> str:
    """Add a port node called after `base`; its name."""
    name, number = base, 1
    while name in nodes:
        number += 1
        name = f"{base}{number}"
    nodes[name] = {"type": type, "params": {"type": kind}} if kind and kind != "Frame" else {"type": type}
    return name


def _shown(graph: Graph, chosen: list[str]) -> dict[str, str]:
    """What the group around shows of the chosen nodes: the new group must show it first."""
    owner = graph.owner
    shown = owner.exposed.items() if owner else ()
    return {name: target for name, target in shown if target.rpartition(".")[0] in chosen}


def _reexposed(graph: Graph, chosen: list[str], group: str) -> list[Command]:
    shown = _shown(graph, chosen)
    if not shown or graph.owner is None:
        return []
    exposed = graph.owner.exposed | {name: f"{group}.{name}" for name in shown}
    return [SetField(graph.prefix[:-1], "exposed", exposed)]


def ungroup(graph: Graph, name: str) -> list[str]:
    """Put a group's nodes in its place, with its wires, values and expressions; their names."""
    node = graph.nodes[name] if name in graph.nodes else graph.locate(name)[1]
    if node.graph is None or name not in graph.nodes:
        raise DocumentError("is not a group of this graph", where=graph.prefix + name)
    with graph.batch(f"ungroup {name}"):
        _make_names_free(graph, node.graph)
        inner = node.graph
        wires = _dissolved_wires(graph, node)
        moved = [n for n in inner.nodes.values() if n.type not in _PORTS]
        dx, dy = _shift(node, moved)
        commands: list[Command] = [RemoveNode(graph.prefix + name)]
        for other in moved:
            data = node_to_plain(other) | {"position": [other.position[0] + dx, other.position[1] + dy]}
            commands.append(AddNode(graph.prefix + other.name, data))
        commands += _dissolved_params(graph, node)
        commands += [Connect(graph.prefix + end[0], end[1], *source) for end, source in wires]
        names = [n.name for n in moved]
        graph.do(Batch(tuple(commands), f"ungroup {name}"))
    return names


def _make_names_free(graph: Graph, inner: Graph) -> None:
    """Rename inner nodes whose name is taken outside, or free only because the group goes."""
    for name in sorted(inner.nodes):
        if name in graph.nodes and inner.nodes[name].type not in _PORTS:
            new, number = name, 1
            while new in graph.nodes or new in inner.nodes:
                number += 1
                new = f"{name}{number}"
            inner.rename(name, new)


def _shift(group: Node, moved: list[Node]) -> tuple[float, float]:
    """What brings the middle of the inner nodes to where the group was."""
    if not moved:
        return 0.0, 0.0
    x = sum(n.position[0] for n in moved) / len(moved)
    y = sum(n.position[1] for n in moved) / len(moved)
    return group.position[0] - x, group.position[1] - y


def _dissolved_wires(graph: Graph, group: Node) -> list[tuple[End, End]]:
    """The wires that replace those through the group's ports."""
    inner = group.graph
    assert inner is not None
    wires = []
    for end, source in sorted(inner.wires.items()):
        if inner.nodes[end[0]].type in _PORTS:
            continue
        found = _leave(graph, group, source)
        if found is not None:
            wires.append((end, found))
    for end, output in sorted(graph.consumers(group.name).items()):
        start = _feeding(inner, output)
        found = _leave(graph, group, start) if start is not None else None
        if found is not None:
            wires.append((end, found))
    return wires


def _leave(graph: Graph, group: Node, source: End) -> End | None:
    """An inner source as seen from outside once the group is gone."""
    inner = group.graph
    assert inner is not None
    if inner.nodes[source[0]].type == GROUP_IN:
        return graph.wires.get((group.name, source[0]))
    return source


def _feeding(inner: Graph, output: str) -> End | None:
    """What feeds a group's output inside."""
    node = inner.nodes.get(output)
    if node is None or node.type != GROUP_OUT:
        return None
    return next(iter(inner.inputs(output).values()), None)


def _dissolved_params(graph: Graph, group: Node) -> list[Command]:
    """Values the group set go to the inner nodes; references to the group's parameters too."""
    inner = group.graph
    assert inner is not None
    targets: dict[str, tuple[str, str]] = {}
    for name, target in group.exposed.items():
        node, _, param = target.rpartition(".")
        targets[name] = (node, param)

    def shown(first: str) -> Rewrite:
        """References to the group's parameters, said with `first`, become those to the inner ones."""

        def change(chain: Reference) -> Reference | None:
            known = len(chain) > 1 and chain[0] == first and chain[1] in targets
            return (*targets[chain[1]], *chain[2:]) if known else None

        return change

    # within another group, "group" is that one, whatever this one is called
    outside = shown("" if group.name == "group" and graph.owner is not None else group.name)

    def own(chain: Reference) -> Reference | None:
        return (*targets[chain[0]], *chain[1:]) if chain[0] in targets else outside(chain)

    changed: dict[tuple[str, str], Any] = {}
    for nodes, change in ((graph.nodes, outside), (inner.nodes, shown("group"))):
        for other in nodes.values():
            if other is group or (nodes is inner.nodes and other.type in _PORTS):
                continue
            for param, value in other.params.items():
                if (new := rewrite(value, change)) != value:
                    changed[other.name, param] = new
    for name, value in group.params.items():
        if name in targets and targets[name][0] in inner.nodes:
            changed[targets[name]] = rewrite(value, own)
    commands: list[Command] = [SetParam(graph.prefix + n, p, value) for (n, p), value in changed.items()]
    return commands + _exposed_through(graph, group, targets)


def _exposed_through(graph: Graph, group: Node, targets: dict[str, tuple[str, str]]) -> list[Command]:
    """What the group around shows of the dissolved one, it now shows of its inner nodes."""
    if graph.owner is None:
        return []
    exposed = {}
    for name, target in graph.owner.exposed.items():
        node, _, param = target.rpartition(".")
        if node != group.name:
            exposed[name] = target
        elif param in targets:
            exposed[name] = ".".join(targets[param])
    return [SetField(graph.prefix[:-1], "exposed", exposed)] if exposed != graph.owner.exposed else []


def save_group(graph: Graph, name: str, path: str | os.PathLike[str], *, text: bool | None = None) -> None:
    """Write a group to a file of its own: a document with this one node."""
    node = graph.locate(name)[1]
    if node.graph is None:
        raise DocumentError("is not a group", where=name)
    data = node_to_plain(node)
    data.pop("position", None)
    document = {"nodegraph": VERSION, "nodes": {node.name: data}}
    target = Path(path)
    write_atomic(target, spell(document, text=is_text(target) if text is None else text))


def insert_group(graph: Graph, path: str | os.PathLike[str], name: str | None = None) -> Node:
    """Add the group of a file (see `save_group`) to a graph, under a name that is free."""
    document = load(path, graph.types)
    groups = [n for n in document.nodes.values() if n.graph is not None]
    if len(groups) != 1 or len(document.nodes) != 1:
        raise DocumentError(
            f"holds {len(document.nodes)} nodes, not one group",
            where=str(path),
            hint="save a group with save_group",
        )
    place = graph.free_name(name or groups[0].name)
    graph.do(AddNode(graph.prefix + place, node_to_plain(groups[0])), label=f"insert {place}")
    return graph.nodes[place]
