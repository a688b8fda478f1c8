"""Editing a document in words: every method makes commands and hands them to the history."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, cast

from nodegraph.errors import DocumentError
from nodegraph.graph.animation import Animation, Interp, Key
from nodegraph.graph.commands import (
    AddNode,
    Batch,
    Command,
    Connect,
    Disconnect,
    RemoveItem,
    RemoveNode,
    RenameNode,
    ResetParam,
    SetField,
    SetItem,
    SetParam,
)
from nodegraph.graph.expression import COMPONENTS
from nodegraph.graph.history import History
from nodegraph.graph.node import Node, Topology
from nodegraph.graph.schema import Param
from nodegraph.graph.signature import Signature
from nodegraph.graph.stored import store

if TYPE_CHECKING:
    from nodegraph.graph.document import Graph


class Editing(Topology):
    """The part of `Graph` that changes it. Paths and names are relative to this graph."""

    def __init__(self) -> None:
        super().__init__()
        self._history: History | None = None

    @property
    def _graph(self) -> Graph:
        return cast("Graph", self)

    @property
    def history(self) -> History:
        """Undo and redo of the whole document."""
        root = self._graph.root
        if root._history is None:
            root._history = History(root)
        return root._history

    def do(self, command: Command, *, label: str = "", merge: str | None = None) -> None:
        """Apply a command (its paths are from the root) as a step of the history."""
        self.history.do(command, label=label, merge=merge)

    def undo(self) -> bool:
        return self.history.undo()

    def redo(self) -> bool:
        return self.history.redo()

    def batch(self, label: str, *, merge: str | None = None) -> AbstractContextManager[None]:
        """`with graph.batch("paste"):` makes one step of all that is done inside."""
        return self.history.batch(label, merge=merge)

    # -- nodes

    def add(
        self,
        type: str,
        /,
        name: str | None = None,
        *,
        position: tuple[float, float] = (0.0, 0.0),
        params: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> Node:
        """A new node: `graph.add("capture.read", name="plate", path="plate.mov")`.

        `values` are parameters; those called name or position go in `params`. Without a name
        the node is called after its type ("read", "read2", ...).
        """
        graph = self._graph
        id = graph.types.resolve(type)
        signature = graph.types.get(id)
        if name is None:
            name = self.free_name(id.rpartition(".")[2])
        path = graph.prefix + name
        data: dict[str, Any] = {"type": id}
        if signature is not None and signature.schema is not None:
            data["version"] = signature.schema.version
        if tuple(position) != (0.0, 0.0):
            data["position"] = list(position)
        given = {**(params or {}), **values}
        if given and signature is None:
            raise DocumentError(f"has no parameter {next(iter(given))!r}", where=path)
        stored = {p: _stored(cast(Signature, signature), p, v, path) for p, v in given.items()}
        commands: list[Command] = [AddNode(path, data)]
        commands += [SetParam(path, param, value) for param, value in stored.items()]
        self.do(Batch(tuple(commands), f"add {name}"), label=f"add {name}")
        return graph.root.node(path)

    def free_name(self, base: str) -> str:
        """`base`, or with the first number that makes it new."""
        name, number = base, 1
        while name in self.nodes:
            number += 1
            name = f"{base}{number}"
        return name

    def remove(self, *nodes: str) -> None:
        """Nodes go, with the wires on them."""
        graph = self._graph
        paths = [graph.prefix + self._locate(node)[2] for node in nodes]
        self.do(Batch(tuple(RemoveNode(p) for p in paths), f"remove {', '.join(nodes)}"))

    def rename(self, node: str, name: str) -> None:
        """A node gets another name; wires, expressions and exposed parameters follow."""
        self.do(RenameNode(self._path(node), name))

    def bypass(self, node: str, on: bool = True) -> None:
        """A bypassed node passes its first input through."""
        self.do(SetField(self._path(node), "bypass", on))

    def move(self, node: str, x: float, y: float, *, merge: str | None = None) -> None:
        self.do(SetField(self._path(node), "position", (x, y)), merge=merge)

    def label(self, node: str, text: str) -> None:
        self.do(SetField(self._path(node), "label", text))

    # -- wires

    def connect(self, source: str, target: str) -> None:
        """A wire: `connect("plate", "key")`, `connect("plate.out", "over.bg")`.

        The first output is meant when none is named, and the first free input (required ones
        first); when all are taken, the first.
        """
        source_path, output = _split_port(source)
        path, input = _split_port(target)
        inside, node, path = self._locate(path)
        source_graph, source_node, source_path = self._locate(source_path)
        if source_graph is not inside:
            raise DocumentError(
                f"can't be connected to {source_path}: they are in different groups",
                where=path,
                hint="give the group an input or output",
            )
        signature = inside.signature_of(source_node)
        if output is None:
            output = _only(signature.outputs if signature else {}, "output", source_path)
        elif signature is not None:
            signature.output(output, source_path)
        signature = inside.signature_of(node)
        if input is None:
            input = _free_input(inside, node, signature)
        elif signature is not None:
            signature.input(input, path)
        self.do(Connect(self._graph.prefix + path, input, source_node.name, output))

    def disconnect(self, target: str) -> None:
        """The wire at an input goes: `disconnect("over.bg")`; at all inputs without a port."""
        path, port = _split_port(target)
        inside, node, path = self._locate(path)
        ports = [port] if port is not None else list(inside.inputs(node.name))
        full = self._graph.prefix + path
        self.do(Batch(tuple(Disconnect(full, p) for p in ports), f"disconnect {path}"))

    # -- parameters

    def set(self, target: str, value: Any, *, merge: str | None = None) -> None:
        """A parameter gets a value: `set("plate.path", "a.mov")`, `set("move.translate.x", "=frame*2")`.

        A value is a constant, an Animation, an Expression, text "=..." for an expression, or
        a list with one of these per component. `merge` names a drag (see `History.do`).
        """
        path, param, index = self._param(target)
        if index is not None:
            value = self._with_component(path, param, index, value)
        stored = store(param, value, path)
        self.do(SetParam(self._graph.prefix + path, param.name, stored), merge=merge)

    def reset(self, target: str) -> None:
        """A parameter goes back to its default."""
        path, param, _ = self._param(target)
        self.do(ResetParam(self._graph.prefix + path, param.name))

    def get(self, target: str) -> Any:
        """What a parameter holds: a constant, an Animation, an Expression, or its default."""
        path, param, index = self._param(target)
        inside, node, _ = self._locate(path)
        value = node.params.get(param.name, param.default)
        if param.name not in node.params:
            signature = inside.signature_of(node)
            value = signature.defaults[param.name] if signature else value
        return value if index is None else value[index]

    def key(
        self, target: str, frame: float, value: Any, interp: Interp = "smooth", *, merge: str | None = None
    ) -> None:
        """A key is set on a parameter, which is animated from then on (replacing an expression)."""
        path, param, index = self._param(target)
        old = self.get(target if index is not None else f"{path}.{param.name}")
        if param.length > 1 and index is None:
            if not isinstance(value, (list, tuple)) or len(value) != param.length:
                raise DocumentError(f"parameter {param.name!r} wants {param.length} numbers", where=path)
            new: Any = [_keyed(o, frame, v, interp) for o, v in zip(old, value, strict=True)]
        else:
            new = _keyed(old, frame, value, interp)
        self.set(target, new, merge=merge)

    def _with_component(self, path: str, param: Param, index: int, value: Any) -> list[Any]:
        parts = list(self.get(f"{path}.{param.name}"))
        parts[index] = value
        return parts

    def _param(self, target: str) -> tuple[str, Param, int | None]:
        """The node path, parameter and component of "group/node.param.x"."""
        path, name = _split_port(target)
        inside, node, path = self._locate(path)
        if not name:
            raise DocumentError(f"{target!r} names no parameter", hint="write node.param")
        signature = inside.signature_of(node)
        if signature is None:
            raise DocumentError(f"its type {node.type!r} is missing", where=path, hint="install the pack it comes from")
        name, _, component = name.partition(".")
        param = signature.param(name, path)
        if not component:
            return path, param, None
        index = COMPONENTS.get(component, param.length)
        if index >= param.length or param.length == 1:
            raise DocumentError(f"parameter {name!r} has no component {component!r}", where=path)
        return path, param, index

    # -- groups' parameters, settings, backdrops, notes

    def expose(self, group: str, name: str, target: str) -> None:
        """A group shows an inner parameter: `expose("comp", "gain", "grade.gain")`."""
        inside, node, path = self._locate(group)
        if node.graph is None:
            raise DocumentError("is not a group", where=path)
        if name in node.exposed:
            raise DocumentError(f"already exposes a parameter {name!r}", where=path, hint="choose another name")
        node.graph._param(target)
        self.do(SetField(inside.prefix + node.name, "exposed", {**node.exposed, name: target}))

    def unexpose(self, group: str, name: str) -> None:
        """A group no longer shows a parameter; the inner one keeps its own value."""
        inside, node, path = self._locate(group)
        if name not in node.exposed:
            raise DocumentError(f"exposes no parameter {name!r}", where=path)
        full = inside.prefix + node.name
        commands: list[Command] = [ResetParam(full, name)] if name in node.params else []
        rest = {n: target for n, target in node.exposed.items() if n != name}
        self.do(Batch((*commands, SetField(full, "exposed", rest)), f"unexpose {name}"))

    def configure(self, **settings: Any) -> None:
        """Settings of the document: `configure(width=1920, height=1080, rate="24000/1001")`."""
        self.do(Batch(tuple(SetItem("settings", n, v) for n, v in settings.items()), "settings"))

    def set_backdrop(self, name: str, **data: Any) -> None:
        """A backdrop of this graph: plain data (label, x, y, width, height, colour)."""
        self.do(SetItem("backdrops", name, data, self._graph.prefix[:-1]))

    def set_note(self, name: str, **data: Any) -> None:
        """A note of this graph: plain data (text, x, y)."""
        self.do(SetItem("notes", name, data, self._graph.prefix[:-1]))

    def remove_backdrop(self, name: str) -> None:
        self.do(RemoveItem("backdrops", name, self._graph.prefix[:-1]))

    def remove_note(self, name: str) -> None:
        self.do(RemoveItem("notes", name, self._graph.prefix[:-1]))

    # -- addresses

    def _locate(self, path: str) -> tuple[Graph, Node, str]:
        inside, node = self._graph.locate(path)
        return inside, node, path

    def _path(self, node: str) -> str:
        self._graph.locate(node)
        return self._graph.prefix + node


def _stored(signature: Signature, name: str, value: Any, path: str) -> Any:
    return store(signature.param(name, path), value, path)


def _split_port(text: str) -> tuple[str, str | None]:
    """ "group/node.port" -> ("group/node", "port")."""
    path, _, port = text.partition(".")
    return path, port or None


def _only(ports: Mapping[str, Any], noun: str, path: str) -> str:
    if not ports:
        raise DocumentError(f"has no {noun}", where=path, hint=f"name the {noun} if the node type is missing")
    return next(iter(ports))


def _free_input(inside: Graph, node: Node, signature: Signature | None) -> str:
    """The first free input, required ones before optional ones; the first when none is free."""
    ports = signature.inputs if signature else {}
    first = _only(ports, "input", inside.prefix + node.name)
    taken = inside.inputs(node.name)
    free = [port for port in ports.values() if port.name not in taken]
    free.sort(key=lambda port: port.optional)
    return free[0].name if free else first


def _keyed(old: Any, frame: float, value: Any, interp: Interp) -> Animation:
    key = Key(frame, value, interp)
    if isinstance(old, Animation):
        return old.with_key(key)
    return Animation([key])
