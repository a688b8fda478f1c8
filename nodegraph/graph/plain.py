"""Documents as plain data (dicts, lists, text, numbers), the form that both spellings write.

    {"nodegraph": 1, "settings": {...},
     "nodes": {"key": {"type": "nodegraph.keying.chroma", "version": 1, "params": {...}}},
     "wires": {"key.source": "plate.out"}, "backdrops": {...}, "notes": {...}}

What is empty is left out. A group's node has the inside of the same form in "graph". Fields
that this version doesn't know are kept in `extra` and written back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodegraph.errors import DocumentError
from nodegraph.graph.checks import MAX_GROUPS, check_name, check_setting, check_wire, lenient
from nodegraph.graph.node import End, Node
from nodegraph.graph.schema import fits
from nodegraph.graph.signature import GROUP
from nodegraph.graph.stored import decode, decode_unknown, encode

if TYPE_CHECKING:
    from nodegraph.graph.document import Graph

#: The version of the form; `nodegraph.graph.migrate` brings older ones up to it.
VERSION = 1

_NODE_FIELDS = frozenset(("type", "version", "params", "position", "bypass", "label", "graph", "exposed"))
_GRAPH_FIELDS = frozenset(("nodegraph", "settings", "nodes", "wires", "backdrops", "notes"))


def graph_to_plain(graph: Graph) -> dict[str, Any]:
    """A document with its header."""
    return {"nodegraph": VERSION, **body_to_plain(graph)}


def body_to_plain(graph: Graph) -> dict[str, Any]:
    """What is in a graph, empty parts left out."""
    parts: dict[str, Any] = {
        "settings": graph.settings,
        "nodes": {name: node_to_plain(graph.nodes[name]) for name in sorted(graph.nodes)},
        "wires": {".".join(end): ".".join(source) for end, source in sorted(graph.wires.items())},
        "backdrops": graph.backdrops,
        "notes": graph.notes,
    }
    return graph.extra | {name: part for name, part in parts.items() if part}


def node_to_plain(node: Node) -> dict[str, Any]:
    data = dict(node.extra)
    data["type"] = node.type
    data["version"] = node.version
    if node.params:
        data["params"] = {name: encode(value) for name, value in node.params.items()}
    if node.position != (0.0, 0.0):
        data["position"] = list(node.position)
    if node.bypass:
        data["bypass"] = True
    if node.label:
        data["label"] = node.label
    if node.graph is not None:
        data["graph"] = body_to_plain(node.graph)
    if node.exposed:
        data["exposed"] = dict(node.exposed)
    return data


def fill_graph(graph: Graph, data: Any, depth: int = 0) -> None:
    """Put plain data (checked by `check_plain`) into an empty graph; refused when it is wrong."""
    where = graph.prefix[:-1] or None
    if depth > MAX_GROUPS:
        raise DocumentError(f"groups are nested more than {MAX_GROUPS} deep", where=where)
    data = _dict(data, "graph", where)
    for name, value in _dict(data.get("settings", {}), "settings", where).items():
        graph.settings[name] = check_setting(name, value)
    for name, node in _dict(data.get("nodes", {}), "nodes", where).items():
        graph.nodes[check_name(name, where)] = node_from_plain(graph, name, node, depth)
    graph.backdrops = dict(_dict(data.get("backdrops", {}), "backdrops", where))
    graph.notes = dict(_dict(data.get("notes", {}), "notes", where))
    graph.extra = {name: value for name, value in data.items() if name not in _GRAPH_FIELDS}
    _fill_wires(graph, _dict(data.get("wires", {}), "wires", where))


def _fill_wires(graph: Graph, wires: dict[str, Any]) -> None:
    for written, source in wires.items():
        end, start = _end(written, written), _end(source, written)
        for node, _ in (end, start):
            if node not in graph.nodes:
                raise DocumentError(f"there is no node {node!r}", where=f"{graph.prefix}{written}")
        graph._link(end, start)
    graph.topology += 1
    graph.order()  # refuses cycles, all at once
    for end, start in graph.wires.items():
        _check_ends(graph, end, start)


def _check_ends(graph: Graph, end: End, start: End) -> None:
    # the order was made, so there is no cycle: only the ends are left to check, and
    # searching for a cycle again at each wire would take longer than all the rest
    made, taken = (
        None if lenient(graph.nodes[start[0]]) else graph.port_type(*start, True),
        None if lenient(graph.nodes[end[0]]) else graph.port_type(*end, False),
    )
    if made is not None and taken is not None and not fits(made, taken):
        check_wire(graph, end, start)


def _end(text: Any, where: str) -> End:
    node, dot, port = text.partition(".") if isinstance(text, str) else ("", "", "")
    if not dot or not port:
        raise DocumentError(f"wants a port as node.port, got {text!r}", where=f"wire {where}")
    return node, port


def node_from_plain(graph: Graph, name: str, data: Any, depth: int = 0) -> Node:
    """A node for `graph` from plain data. It isn't put into the graph."""
    where = f"{graph.prefix}{name}"
    data = _dict(data, "node", where)
    type_id, version = data.get("type"), data.get("version", 1)
    if not isinstance(type_id, str) or not type_id:
        raise DocumentError("has no node type", where=where)
    if type(version) is not int:
        raise DocumentError(f"wants a whole number as version, got {version!r}", where=where)
    node = Node(name, type_id, version, graph.types.get(type_id))
    node.position = position(data.get("position", (0.0, 0.0)), where)
    node.bypass = _typed(data, "bypass", bool, False, where)
    node.label = _typed(data, "label", str, "", where)
    node.extra = {key: value for key, value in data.items() if key not in _NODE_FIELDS}
    if "graph" in data or type_id == GROUP:
        node.graph = type(graph)(graph.types, parent=graph, owner=node)
        node.exposed = exposed(data.get("exposed", {}), where)
        fill_graph(node.graph, data.get("graph", {}), depth + 1)
    elif "exposed" in data:
        node.extra["exposed"] = data["exposed"]
    _fill_params(graph, node, _dict(data.get("params", {}), "params", where), where)
    return node


def _fill_params(graph: Graph, node: Node, params: dict[str, Any], where: str) -> None:
    signature = graph.signature_of(node)
    for name, data in params.items():
        param = signature.params.get(name) if signature else None
        if param is not None:
            node.params[name] = decode(param, data, where)
        elif signature is None or lenient(node) or name in node.exposed:  # its inner node is missing
            node.params[name] = decode_unknown(data)
        else:
            signature.param(name, where)  # refuses, naming what there is


def position(value: Any, where: str) -> tuple[float, float]:
    """A node's place on the canvas."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise DocumentError(f"wants a position [x, y], got {value!r}", where=where)
    for number in value:
        if type(number) not in (int, float) or not abs(number) <= 1e9:
            raise DocumentError(f"position is out of range: {value!r}", where=where, hint="at most 1e9")
    return float(value[0]) + 0.0, float(value[1]) + 0.0  # -0.0 is 0.0


def exposed(value: Any, where: str) -> dict[str, str]:
    """A group's exposed parameters: name -> "inner.param"."""
    for name, target in _dict(value, "exposed", where).items():
        inner, _, param = target.rpartition(".") if isinstance(target, str) else ("", "", "")
        if not inner.isidentifier() or not param or not name.isidentifier():
            raise DocumentError(f"exposes {name!r} as {target!r}", where=where, hint='write name: "inner.param"')
    return dict(value)


def _dict(data: Any, what: str, where: str | None) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise DocumentError(f"{what}: wants named fields, got {type(data).__name__}", where=where)
    return data


def _typed(data: dict[str, Any], name: str, kind: type, default: Any, where: str) -> Any:
    value = data.get(name, default)
    if type(value) is not kind:
        raise DocumentError(f"{name!r} wants {kind.__name__}, got {value!r}", where=where)
    return value
