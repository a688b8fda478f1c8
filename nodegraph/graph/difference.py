"""What differs between two documents, fact by fact.

A change is one fact: a node came, went or got another name; a parameter, a field, a wire, a
setting is another. Nodes that were only renamed are recognised, so a rename is one line and
not a removal and an addition of everything around.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nodegraph.graph.checks import SECTIONS
from nodegraph.graph.commands import RenameNode
from nodegraph.graph.document import Graph
from nodegraph.graph.files import dumps, loads, read_bytes
from nodegraph.graph.node import Node
from nodegraph.graph.plain import node_to_plain
from nodegraph.graph.schema import Catalog
from nodegraph.graph.signature import Types
from nodegraph.graph.stored import encode, same


class Absent:
    """A fact that isn't there: a parameter at its default, an unconnected input."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()

#: Pairs of a removed and an added node of one type that are looked at for a rename.
MAX_PAIRS = 10_000


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that differs. Values are plain data, ABSENT where there is none.

    `kind` and `where`, `name`:
    - "node": a node's path; the values are the node's data;
    - "rename": the old path; the values are the old and the new name;
    - "param", "field", "wire": a node's path and the parameter, field or input; a wire's
      values are "source.output";
    - "settings", "backdrops", "notes", "extra": the path of a graph and the item's name.
    """

    kind: str
    where: str
    name: str
    before: Any
    after: Any

    @property
    def sign(self) -> str:
        """ "+" for what came, "-" for what went, "~" for what is otherwise."""
        return "+" if self.before is ABSENT else "-" if self.after is ABSENT else "~"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """The change in words, one fact a line, each beginning with its sign."""
        if self.kind == "node":
            yield from self._node_lines()
        elif self.kind == "rename":
            yield f"~ {self.where} is now called {self.after}"
        elif self.kind == "wire":
            yield f"{self.sign} wire {self.where}.{self.name}: {self._values()}"
        elif self.kind == "param":
            yield f"~ {self.where}.{self.name}: {self._values('default')}"
        elif self.kind == "field":
            yield f"~ {self.where} {self.name}: {self._values()}"
        else:
            place = f"{self.where} " if self.where else ""
            yield f"{self.sign} {place}{self.kind} {self.name}: {self._values()}"

    def _node_lines(self) -> Iterator[str]:
        data = self.before if self.after is ABSENT else self.after
        yield f"{self.sign} node {self.where} ({data['type']})"
        if self.after is ABSENT:
            return
        for name, value in sorted(data.get("params", {}).items()):
            yield f"+ {self.where}.{name}: {shown(value)}"
        for name in sorted(data.get("graph", {}).get("nodes", {})):
            inner = Change("node", f"{self.where}/{name}", "", ABSENT, data["graph"]["nodes"][name])
            yield from inner.lines()

    def _values(self, absent: str = "") -> str:
        if absent:
            return f"{shown(self.before, absent)} -> {shown(self.after, absent)}"
        if self.before is ABSENT or self.after is ABSENT:
            return shown(self.after if self.before is ABSENT else self.before)
        return f"{shown(self.before)} -> {shown(self.after)}"


def shown(value: Any, absent: str = "none") -> str:
    """A value in words, cut when it is long."""
    if value is ABSENT:
        return absent
    if isinstance(value, dict) and value.keys() == {"expression"}:
        return f"={value['expression']}"
    if isinstance(value, dict) and value.keys() == {"animation"}:
        return "keys " + ", ".join(f"{k[0]}: {k[1]} {k[2]}" for k in value["animation"])
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 120 else text[:117] + "..."


def diff(a: Graph, b: Graph) -> list[Change]:
    """What must change in `a` to make it `b`."""
    renames = find_renames(a, b)
    changes: list[Change] = []
    if renames:
        a = renamed(a, renames)
        changes = [Change("rename", path, "", path.rpartition("/")[2], new) for path, new in renames]
    return changes + facts(a, b)


def copied(graph: Graph) -> Graph:
    """A document of its own with the same content."""
    return loads(dumps(graph), graph.types)


def renamed(graph: Graph, renames: list[tuple[str, str]]) -> Graph:
    """A copy with nodes renamed, all that refers to them following; inner nodes come first."""
    graph = copied(graph)
    for path, name in renames:
        RenameNode(path, name).apply(graph)
    return graph


# -- facts


def facts(a: Graph, b: Graph) -> list[Change]:
    """What differs, nodes being the same when their paths are."""
    return list(_graph_facts(a, b, ""))


def _graph_facts(a: Graph, b: Graph, prefix: str) -> Iterator[Change]:
    for name in sorted(a.nodes.keys() | b.nodes.keys()):
        yield from _node_facts(a.nodes.get(name), b.nodes.get(name), prefix + name)
    for end in sorted(a.wires.keys() | b.wires.keys()):
        if end[0] in b.nodes:
            before, after = _dotted(a.wires.get(end)), _dotted(b.wires.get(end))
            if before != after:
                yield Change("wire", prefix + end[0], end[1], before, after)
    for section in SECTIONS:
        yield from _items(section, prefix[:-1], getattr(a, section), getattr(b, section))


def _dotted(end: tuple[str, str] | None) -> str | Absent:
    return ABSENT if end is None else ".".join(end)


def _node_facts(a: Node | None, b: Node | None, path: str) -> Iterator[Change]:
    before = ABSENT if a is None else node_to_plain(a)
    after = ABSENT if b is None else node_to_plain(b)
    if a is None or b is None or a.type != b.type:
        if a is not None:
            yield Change("node", path, "", before, ABSENT)
        if b is not None:
            yield Change("node", path, "", ABSENT, after)
        return
    if a.graph is not None and b.graph is not None:
        yield from _graph_facts(a.graph, b.graph, path + "/")
    yield from _items("param", path, _encoded(a), _encoded(b))
    for name in ("version", "position", "bypass", "label", "exposed", "extra"):
        old, new = encode(getattr(a, name)), encode(getattr(b, name))
        if not same(old, new):
            yield Change("field", path, name, old, new)


def _encoded(node: Node) -> dict[str, Any]:
    return {name: encode(value) for name, value in node.params.items()}


def _items(kind: str, where: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Change]:
    for name in sorted(a.keys() | b.keys()):
        before, after = a.get(name, ABSENT), b.get(name, ABSENT)
        if not same(before, after):
            yield Change(kind, where, name, before, after)


# -- renames


def find_renames(a: Graph, b: Graph) -> list[tuple[str, str]]:
    """Nodes of `a` that have another name in `b`: (path in a, new name), inner ones first."""
    found = _level_renames(a, b)
    deeper: list[tuple[str, str]] = []
    names = dict(found)
    for name, node in a.nodes.items():
        other = b.nodes.get(names.get(name, name))
        if other is not None and node.graph is not None and other.graph is not None:
            deeper += [(f"{name}/{path}", new) for path, new in find_renames(node.graph, other.graph)]
    return deeper + found


def _level_renames(a: Graph, b: Graph) -> list[tuple[str, str]]:
    gone, come = _by_type(a, b), _by_type(b, a)
    found = []
    for type, old_names in gone.items():
        new_names = come.get(type, [])
        if len(old_names) * len(new_names) > MAX_PAIRS:
            continue
        scores = {(o, n): _likeness(a, b, o, n) for o in old_names for n in new_names}
        for (old, new), score in sorted(scores.items(), key=lambda item: (-item[1], item[0])):
            rivals = [s for (o, n), s in scores.items() if (o == old) != (n == new)]
            if score >= 4 and all(score > rival for rival in rivals):
                found.append((old, new))
    return sorted(found)


def _by_type(graph: Graph, other: Graph) -> dict[str, list[str]]:
    """Names that only this graph has, by node type."""
    names: dict[str, list[str]] = defaultdict(list)
    for name in sorted(graph.nodes.keys() - other.nodes.keys()):
        names[graph.nodes[name].type].append(name)
    return names


def _likeness(a: Graph, b: Graph, old: str, new: str) -> int:
    """How likely two nodes of one type are one node renamed, 0 to 6; from 4 on it is believed."""
    x, y = a.nodes[old], b.nodes[new]
    placed = x.position == y.position and x.position != (0.0, 0.0)
    score = 2 * same(_encoded(x), _encoded(y)) + 2 * placed
    score += _sources(a, b, old) == _sources(b, a, new)
    return score + (_readers(a, b, old) == _readers(b, a, new))


def _sources(graph: Graph, other: Graph, name: str) -> list[tuple[str, str, str]]:
    """A node's wires in; neighbours that only this graph has may be renamed too, so they are "?"."""
    wires = graph.inputs(name).items()
    return sorted((i, source if source in other.nodes else "?", output) for i, (source, output) in wires)


def _readers(graph: Graph, other: Graph, name: str) -> list[tuple[str, str, str]]:
    wires = graph.consumers(name).items()
    return sorted((output, reader if reader in other.nodes else "?", i) for (reader, i), output in wires)


# -- files


def open_side(path: str | os.PathLike[str], catalog: Catalog | Types) -> Graph:
    """One side of a difference; an empty file, which git gives for none, is an empty document."""
    if os.fspath(path) == os.devnull:
        return Graph(catalog)
    data = read_bytes(path)
    return loads(data, catalog, where=str(path)) if data else Graph(catalog)


def diff_files(a: str | os.PathLike[str], b: str | os.PathLike[str], catalog: Catalog | Types) -> list[Change]:
    """What differs between two files, whatever their spellings."""
    types = catalog if isinstance(catalog, Types) else Types(catalog)
    return diff(open_side(a, types), open_side(b, types))


def textconv(path: str | os.PathLike[str], catalog: Catalog | Types) -> str:
    """A file in the text spelling, for `git diff` (see `nodegraph.graph.merging`)."""
    return dumps(open_side(path, catalog), text=True).decode()
