"""The document: nodes, wires, settings, and what parameters are worth at a frame.

    Graph --- nodes: name -> Node --- graph: Graph (the inside of a group) --- ...
          |-- wires: (node, input) -> (node, output)
          |-- settings, backdrops, notes

A graph is plain data. Only commands change it (`nodegraph.graph.commands`); the methods here
that read well (`add`, `connect`, `set`) make commands and hand them to the history, so that
undo, the journal and the remote see every change. Groups are graphs inside nodes, and a
change inside one counts as a change of every graph around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from nodegraph.errors import DocumentError, did_you_mean
from nodegraph.graph.editing import Editing
from nodegraph.graph.evaluate import SETTINGS, Evaluator
from nodegraph.graph.node import Node
from nodegraph.graph.schema import Catalog, Param, Port
from nodegraph.graph.signature import GROUP_IN, GROUP_OUT, Signature, Types
from nodegraph.graph.stored import is_live, live_parts

#: Settings of a graph that says nothing else: HD at film rate.
DEFAULTS: Mapping[str, Any] = {
    "width": 1920,
    "height": 1080,
    "pixel_aspect": 1.0,
    "rate": "24",
    "first": 1,
    "last": 100,
}


class Graph(Editing):
    """A document, or the inside of a group.

    `revision` grows with every change and never returns to an earlier number; `topology`
    grows when nodes, wires or bypasses change. `catalog` maps type ids to schemas.
    """

    def __init__(self, catalog: Catalog | Types, *, parent: Graph | None = None, owner: Node | None = None) -> None:
        super().__init__()
        self.types = catalog if isinstance(catalog, Types) else Types(catalog)
        self.parent = parent
        self.owner = owner
        self.revision = 0
        self.settings: dict[str, Any] = {}
        self.backdrops: dict[str, Any] = {}
        self.notes: dict[str, Any] = {}
        self.extra: dict[str, Any] = {}
        #: Where the file is; relative paths in it are taken from there.
        self.folder = ""
        self._evaluator = None if parent else Evaluator(self)
        self._ports: tuple[Any, Signature] | None = None
        self._flat: tuple[int, Any] | None = None  # kept for nodegraph.graph.flat

    def __repr__(self) -> str:
        return f"<Graph {self.prefix or '/'}: {len(self.nodes)} nodes, {len(self.wires)} wires>"

    # -- where things are

    @property
    def catalog(self) -> Catalog:
        return self.types.catalog

    @property
    def root(self) -> Graph:
        """The document this graph is in; itself when it isn't the inside of a group."""
        graph = self
        while graph.parent is not None:
            graph = graph.parent
        return graph

    @property
    def prefix(self) -> str:
        """The path of this graph from the root: "" or "group/"."""
        if self.parent is None or self.owner is None:
            return ""
        return f"{self.parent.prefix}{self.owner.name}/"

    def find(self, path: str) -> tuple[Graph, Node] | None:
        """The graph and node at a path ("group/inner"), or None."""
        node = self.nodes.get(path)
        if node is not None:
            return self, node
        *groups, name = path.split("/")
        graph = self
        for group in groups:
            outer = graph.nodes.get(group)
            if outer is None or outer.graph is None:
                return None
            graph = outer.graph
        node = graph.nodes.get(name)
        return (graph, node) if node is not None else None

    def locate(self, path: str, where: str | None = None) -> tuple[Graph, Node]:
        """The graph and node at a path; DocumentError when there is none."""
        found = self.find(path)
        if found is None:
            group = path.rpartition("/")[0]
            owner = self.find(group) if group else None
            inside = owner[1].graph if owner else self
            known = inside.nodes if inside is not None else {}
            hint = did_you_mean(path.rpartition("/")[2], known) or "`nodegraph info` lists the nodes"
            raise DocumentError(f"there is no node {path!r}", where=where, hint=hint)
        return found

    def inside(self, path: str) -> Graph:
        """The inside of the group at a path; itself for ""."""
        if not path:
            return self
        node = self.locate(path)[1]
        if node.graph is None:
            raise DocumentError("is not a group", where=path)
        return node.graph

    def node(self, path: str) -> Node:
        return self.locate(path)[1]

    __getitem__ = node

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self.find(path) is not None

    def walk(self) -> list[tuple[str, Node]]:
        """Every node of this graph and of the groups in it, with its path from here."""
        found = []
        for name, node in self.nodes.items():
            found.append((name, node))
            if node.graph is not None:
                found += [(f"{name}/{path}", inner) for path, inner in node.graph.walk()]
        return found

    # -- ports and parameters

    def signature_of(self, node: Node) -> Signature | None:
        """Ports and parameters of a node of this graph; None for a placeholder."""
        return node.signature if node.graph is None else node.graph.as_group(node)

    def as_group(self, owner: Node) -> Signature:
        """The signature of the group whose inside this is: ports in the order of their names."""
        key = (self.revision, dict(owner.exposed))
        if self._ports is None or self._ports[0] != key:
            inner = sorted(self.nodes.values(), key=lambda n: n.name)
            inputs = [_group_port(n) for n in inner if n.type == GROUP_IN]
            outputs = [_group_port(n) for n in inner if n.type == GROUP_OUT]
            shown = (self._exposed(name, target) for name, target in sorted(owner.exposed.items()))
            self._ports = (key, Signature(inputs, outputs, [p for p in shown if p is not None]))
        return self._ports[1]

    def _exposed(self, name: str, target: str) -> Param | None:
        inner, _, param_name = target.rpartition(".")
        node = self.nodes.get(inner)
        signature = self.signature_of(node) if node else None
        param = signature.params.get(param_name) if signature else None
        if node is None or param is None:
            return None
        value = node.params.get(param_name, param.default)
        return replace(param, name=name, default=param.default if is_live(value) else value)

    def port_type(self, name: str, port: str, output: bool) -> str | None:
        """The type of a port of a node here; None when its node type is missing."""
        node = self.nodes[name]
        signature = self.signature_of(node)
        if signature is None:
            return None
        where = self.prefix + name
        found = signature.output(port, where) if output else signature.input(port, where)
        if node.type in (GROUP_IN, GROUP_OUT):
            return _group_port(node).type
        return found.type

    # -- values

    def values(self, node: str, frame: float) -> Mapping[str, Any]:
        """Every parameter of a node at a frame. The mapping is shared: don't change it."""
        evaluator = self._evaluator
        if evaluator is None:
            return self.evaluator.values(self.prefix + node, frame)
        return evaluator.values(node, frame)

    def value(self, node: str, param: str, frame: float) -> Any:
        """One parameter at a frame, in canonical form and within its hard range."""
        return self.evaluator.value(self.prefix + node, param, frame)

    def varies(self, node: str, param: str | None = None) -> bool:
        """Whether a parameter (or any of the node's) depends on the frame."""
        return self.evaluator.varies(self.prefix + node, param)

    def touched(self, node: str) -> int:
        """The root's revision when the node's values last may have changed."""
        return self.evaluator.touched(self.prefix + node)

    def dependents(self, node: str) -> set[str]:
        """Paths (from the root) of nodes whose parameters read this node's, directly."""
        return set(self.evaluator.readers(self.prefix + node))

    @property
    def evaluator(self) -> Evaluator:
        evaluator = self.root._evaluator
        assert evaluator is not None
        return evaluator

    # -- settings

    def setting(self, name: str) -> Any:
        """A setting of the document, or its default."""
        root = self.root
        return root.settings[name] if name in root.settings else DEFAULTS.get(name)

    @property
    def rate(self) -> Fraction:
        """Frames per second."""
        return Fraction(self.setting("rate"))

    @property
    def format(self) -> tuple[int, int]:
        """Width and height of pictures that nothing else decides, in pixels."""
        return self.setting("width"), self.setting("height")

    # -- what isn't right

    def problems(self) -> list[DocumentError]:
        """What a document was opened with that can't work here: missing types, unknown
        parameters and ports of other versions, references that lead nowhere."""
        from nodegraph.graph.checks import problems

        return problems(self)

    # -- for commands only

    def _bump(self, structure: bool = False) -> None:
        graph: Graph | None = self
        while graph is not None:
            graph.revision += 1
            graph.topology += structure
            graph = graph.parent

    def _changed(self, name: str) -> None:
        """A node's parameters changed, or it came or went."""
        evaluator, path = self.evaluator, self.prefix + name
        evaluator.changed(path)
        node = self.nodes.get(name)
        if node is not None and node.graph is not None:
            for inner, _ in node.graph.walk():
                evaluator.changed(f"{path}/{inner}")

    def _settings_changed(self) -> None:
        self.evaluator.touch(SETTINGS)


def _group_port(node: Node) -> Port:
    """The port that a group_in or group_out node makes."""
    kind = node.params.get("type", "Frame")
    return Port(node.name, kind if isinstance(kind, str) else "Frame", optional=True, help=node.label)


def has_live(node: Node) -> bool:
    """Whether any parameter of a node is animated or computed."""
    return any(True for value in node.params.values() for _ in live_parts(value))
