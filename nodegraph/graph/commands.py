"""Every change of a document. A command is plain data; applied, it gives its inverse.

A command that is refused leaves the document as it was. Nodes are named by their path from
the root ("group/inner"); the two ends of a wire are in one graph, so its source is a name.
Undo, the journal, the remote and merges all speak these and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from nodegraph.errors import DocumentError
from nodegraph.graph import plain
from nodegraph.graph.checks import (
    SECTIONS,
    check_group_port,
    check_name,
    check_plain,
    check_setting,
    check_wire,
    lenient,
)
from nodegraph.graph.evaluate import reference_path
from nodegraph.graph.expression import Expression, Reference
from nodegraph.graph.node import Node
from nodegraph.graph.signature import GROUP_IN, GROUP_OUT
from nodegraph.graph.stored import Rewrite, decode_unknown, encode, live_parts, rewrite, store

if TYPE_CHECKING:
    from nodegraph.graph.document import Graph


class Command:
    """A change of a document."""

    __slots__ = ()
    verb: ClassVar[str]

    def apply(self, graph: Graph) -> Command:
        """Change the (root) graph; the command that takes the change back."""
        raise NotImplementedError

    def to_plain(self) -> dict[str, Any]:
        """Plain data for the journal and the remote: `{"do": verb, field: value, ...}`."""
        data = {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]
        return {"do": self.verb, **{name: encode(value) for name, value in data.items()}}

    @property
    def target(self) -> tuple[str, ...] | None:
        """What the command sets, for those that only set; drags of one target are merged."""
        return None


@dataclass(frozen=True, slots=True)
class AddNode(Command):
    """A node comes in, `data` being the form of `nodegraph.graph.plain`."""

    verb: ClassVar[str] = "add_node"
    node: str
    data: dict[str, Any]

    def apply(self, graph: Graph) -> Command:
        inside, name = _place(graph, self.node)
        check_name(name, self.node)
        if name in inside.nodes:
            raise DocumentError("there is already a node of this name", where=self.node, hint="choose another")
        check_plain(self.data, self.node)
        depth = self.node.count("/")
        inside.nodes[name] = plain.node_from_plain(inside, name, self.data, depth)
        inside._bump(structure=True)
        inside._changed(name)
        return RemoveNode(self.node)


@dataclass(frozen=True, slots=True)
class RemoveNode(Command):
    """A node goes, and the wires on it. Expressions that refer to it stay, and say so."""

    verb: ClassVar[str] = "remove_node"
    node: str

    def apply(self, graph: Graph) -> Command:
        inside, node = graph.locate(self.node)
        back: list[Command] = [AddNode(self.node, plain.node_to_plain(node))]
        back += _cut(inside, node.name)
        if node.type in (GROUP_IN, GROUP_OUT) and inside.parent is not None and inside.owner is not None:
            back += _cut(inside.parent, inside.owner.name, node.name, node.type == GROUP_IN)
        gone = [node.name] + [f"{node.name}/{p}" for p, _ in (node.graph.walk() if node.graph else [])]
        del inside.nodes[node.name]
        inside._bump(structure=True)
        for name in gone:
            inside._changed(name)
        return Batch(tuple(back), "add node")


@dataclass(frozen=True, slots=True)
class RenameNode(Command):
    """A node gets another name; with `follow`, expressions and exposed parameters follow."""

    verb: ClassVar[str] = "rename_node"
    node: str
    name: str
    follow: bool = True

    def apply(self, graph: Graph) -> Command:
        inside, node = graph.locate(self.node)
        old = node.name
        check_name(self.name, self.node)
        if self.name != old and self.name in inside.nodes:
            raise DocumentError(f"there is already a node {self.name!r}", where=self.node, hint="choose another name")
        followers = _followers(inside, node, self.name) if self.follow else []
        _rename(inside, node, self.name)
        back: list[Command] = [c.apply(graph) for c in followers]
        back.reverse()
        return Batch((*back, RenameNode(f"{inside.prefix}{self.name}", old, False)), "rename")


@dataclass(frozen=True, slots=True)
class SetParam(Command):
    """A parameter gets a value: a constant, an Animation, an Expression (see `stored`).

    `loose` keeps a name that the node doesn't show, as a file's would be kept.
    """

    verb: ClassVar[str] = "set_param"
    node: str
    param: str
    value: Any
    loose: bool = False

    def apply(self, graph: Graph) -> Command:
        inside, node = graph.locate(self.node)
        signature = inside.signature_of(node)
        param = signature.params.get(self.param) if signature else None
        if param is not None:
            value = store(param, self.value, self.node)
        elif self.loose or signature is None or lenient(node) or self.param in node.params:
            check_plain(encode(self.value), f"{self.node}.{self.param}")
            value = self.value
        else:
            signature.param(self.param, self.node)
        return _put_param(inside, node, self.param, (value,))

    @property
    def target(self) -> tuple[str, ...]:
        return ("param", self.node, self.param)


@dataclass(frozen=True, slots=True)
class ResetParam(Command):
    """A parameter goes back to its default."""

    verb: ClassVar[str] = "reset_param"
    node: str
    param: str

    def apply(self, graph: Graph) -> Command:
        inside, node = graph.locate(self.node)
        signature = inside.signature_of(node)
        if self.param not in node.params and signature is not None:
            signature.param(self.param, self.node)
        return _put_param(inside, node, self.param, ())

    @property
    def target(self) -> tuple[str, ...]:
        return ("param", self.node, self.param)


@dataclass(frozen=True, slots=True)
class SetField(Command):
    """What a node has besides parameters: position, bypass, label, version, exposed, extra."""

    verb: ClassVar[str] = "set_field"
    node: str
    field: str
    value: Any

    def apply(self, graph: Graph) -> Command:
        inside, node = graph.locate(self.node)
        check = _FIELDS.get(self.field)
        if check is None:
            raise DocumentError(f"has no field {self.field!r}", where=self.node, hint=f"one of {', '.join(_FIELDS)}")
        old = getattr(node, self.field)
        value = check(self.value, self.node)
        if self.field == "exposed" and node.graph is None:
            raise DocumentError("isn't a group, so it exposes nothing", where=self.node)
        setattr(node, self.field, value)
        inside._bump(structure=self.field in ("bypass", "version"))
        if self.field == "exposed":
            inside._changed(node.name)
        return SetField(self.node, self.field, old)

    @property
    def target(self) -> tuple[str, ...]:
        return ("field", self.node, self.field)


@dataclass(frozen=True, slots=True)
class Connect(Command):
    """A wire from `source`'s output to an input; it replaces the wire that was there."""

    verb: ClassVar[str] = "connect"
    node: str
    input: str
    source: str
    output: str

    def apply(self, graph: Graph) -> Command:
        inside, node = graph.locate(self.node)
        end = (node.name, self.input)
        old = inside._unlink(end) if end in inside.wires else None
        try:
            check_wire(inside, end, (self.source, self.output))
        except DocumentError:
            if old is not None:
                inside._link(end, old)
            raise
        inside._link(end, (self.source, self.output))
        inside._bump(structure=True)
        return Disconnect(self.node, self.input) if old is None else Connect(self.node, self.input, *old)


@dataclass(frozen=True, slots=True)
class Disconnect(Command):
    """The wire at an input goes."""

    verb: ClassVar[str] = "disconnect"
    node: str
    input: str

    def apply(self, graph: Graph) -> Command:
        inside, node = graph.locate(self.node)
        end = (node.name, self.input)
        if end not in inside.wires:
            raise DocumentError(f"nothing is connected to {self.input!r}", where=self.node)
        old = inside._unlink(end)
        inside._bump(structure=True)
        return Connect(self.node, self.input, *old)


@dataclass(frozen=True, slots=True)
class SetItem(Command):
    """A named piece of a graph: one of its settings, backdrops, notes or unknown fields.

    `graph` is the path of a group, "" for the document itself.
    """

    verb: ClassVar[str] = "set_item"
    section: str
    name: str
    value: Any
    graph: str = ""

    def apply(self, graph: Graph) -> Command:
        inside, items = _section(graph, self.graph, self.section)
        value = check_plain(self.value, f"{self.section}.{self.name}")
        if self.section == "settings":
            value = check_setting(self.name, value)
        had, old = self.name in items, items.get(self.name)
        items[self.name] = value
        _item_changed(inside, self.section)
        if had:
            return SetItem(self.section, self.name, old, self.graph)
        return RemoveItem(self.section, self.name, self.graph)

    @property
    def target(self) -> tuple[str, ...]:
        return ("item", self.graph, self.section, self.name)


@dataclass(frozen=True, slots=True)
class RemoveItem(Command):
    """A named piece of a graph goes."""

    verb: ClassVar[str] = "remove_item"
    section: str
    name: str
    graph: str = ""

    def apply(self, graph: Graph) -> Command:
        inside, items = _section(graph, self.graph, self.section)
        if self.name not in items:
            raise DocumentError(f"has nothing named {self.name!r}", where=self.section)
        old = items.pop(self.name)
        _item_changed(inside, self.section)
        return SetItem(self.section, self.name, old, self.graph)


@dataclass(frozen=True, slots=True)
class Batch(Command):
    """Commands applied as one: all of them, or, when one is refused, none."""

    verb: ClassVar[str] = "batch"
    commands: tuple[Command, ...]
    label: str = ""

    def apply(self, graph: Graph) -> Command:
        done: list[Command] = []
        try:
            for command in self.commands:
                done.append(command.apply(graph))
        except DocumentError:
            for inverse in reversed(done):
                inverse.apply(graph)
            raise
        return Batch(tuple(reversed(done)), self.label)

    def to_plain(self) -> dict[str, Any]:
        return {"do": self.verb, "label": self.label, "commands": [c.to_plain() for c in self.commands]}


COMMANDS: dict[str, type[Command]] = {
    kind.verb: kind
    for kind in (
        AddNode, RemoveNode, RenameNode, SetParam, ResetParam, SetField,
        Connect, Disconnect, SetItem, RemoveItem, Batch,
    )
}  # fmt: skip


_PLAIN_TYPES: dict[Any, type] = {"str": str, "bool": bool, "dict[str, Any]": dict}


def command_from_plain(data: Any, depth: int = 0) -> Command:
    """The command written as plain data; DocumentError when it isn't one."""
    verb = data.get("do") if isinstance(data, dict) else None
    kind = COMMANDS.get(verb) if isinstance(verb, str) else None
    if kind is None:
        raise DocumentError(f"there is no command {verb!r}", hint=f"one of {', '.join(COMMANDS)}")
    given = {name: value for name, value in data.items() if name != "do"}
    if kind is Batch:
        if depth > 8 or not isinstance(given.get("commands"), list):
            raise DocumentError("a batch wants a list of commands")
        commands = tuple(command_from_plain(c, depth + 1) for c in given["commands"])
        return Batch(commands, str(given.get("label", "")))
    hints = {f.name: f.type for f in fields(kind)}  # type: ignore[arg-type]
    for name, value in given.items():
        if name not in hints or type(value) is not _PLAIN_TYPES.get(hints[name], type(value)):
            raise DocumentError(f"command {verb!r} has a wrong field {name!r}")
    if kind is SetParam and "value" in given:
        given["value"] = decode_unknown(given["value"])
    try:
        return kind(**given)
    except TypeError:
        raise DocumentError(f"command {verb!r} wants the fields {', '.join(hints)}") from None


# -- what the commands do with


def _place(graph: Graph, path: str) -> tuple[Graph, str]:
    group, _, name = path.rpartition("/")
    return graph.inside(group), name


def _section(graph: Graph, path: str, section: str) -> tuple[Graph, dict[str, Any]]:
    if section not in SECTIONS:
        raise DocumentError(f"there is no section {section!r}", hint=f"one of {', '.join(SECTIONS)}")
    inside = graph.inside(path)
    return inside, getattr(inside, section)


def _item_changed(inside: Graph, section: str) -> None:
    inside._bump()
    if section == "settings":
        inside._settings_changed()


def _cut(graph: Graph, name: str, port: str | None = None, inputs: bool = True) -> list[Command]:
    """Remove the wires on a node (or on one of its ports), giving the commands that restore them."""
    back: list[Command] = []
    ends = [(name, i) for i in graph.inputs(name) if port is None or (inputs and i == port)]
    ends += [end for end, o in graph.consumers(name).items() if port is None or (not inputs and o == port)]
    for end in ends:
        source = graph._unlink(end)
        back.append(Connect(f"{graph.prefix}{end[0]}", end[1], *source))
    if ends:
        graph._bump(structure=True)
    return back


def _put_param(inside: Graph, node: Node, name: str, value: tuple[Any, ...]) -> Command:
    """Set a parameter to the one value given, or reset it when none is; the inverse."""
    path = inside.prefix + node.name
    had, old = name in node.params, node.params.pop(name, None)
    if value:
        node.params[name] = value[0]
    try:
        check_group_port(inside, node)
    except DocumentError:
        node.params.pop(name, None)
        if had:
            node.params[name] = old
        raise
    inside._bump()
    inside._changed(node.name)
    return SetParam(path, name, old, loose=True) if had else ResetParam(path, name)


def _rename(inside: Graph, node: Node, new: str) -> None:
    """Put a node under another name, and the wires on it; a port's wires outside go with it."""
    old = node.name
    gone = [old] + [f"{old}/{path}" for path, _ in (node.graph.walk() if node.graph else [])]
    wires = [(end, inside._unlink(end)) for end in [(old, i) for i in inside.inputs(old)]]
    wires += [(end, inside._unlink(end)) for end in list(inside.consumers(old))]
    outer = _outer_wires(inside, node)
    del inside.nodes[old]
    node.name = new
    inside.nodes[new] = node
    for end, source in wires:
        inside._link(_moved(end, old, new), _moved(source, old, new))
    if inside.parent is not None and inside.owner is not None:
        group = inside.owner.name
        for end, source in outer:
            ends = [(n, new) if (n, port) == (group, old) else (n, port) for n, port in (end, source)]
            inside.parent._link(ends[0], ends[1])
    inside._bump(structure=True)
    for path in gone:
        inside._changed(path)
    inside._changed(new)


def _outer_wires(inside: Graph, node: Node) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Take out the wires on the port that a group_in or group_out node makes."""
    outer, owner = inside.parent, inside.owner
    if outer is None or owner is None or node.type not in (GROUP_IN, GROUP_OUT):
        return []
    if node.type == GROUP_IN:
        ends = [(owner.name, node.name)] if (owner.name, node.name) in outer.wires else []
    else:
        ends = [end for end, output in outer.consumers(owner.name).items() if output == node.name]
    return [(end, outer._unlink(end)) for end in ends]


def _moved(end: tuple[str, str], old: str, new: str) -> tuple[str, str]:
    return (new, end[1]) if end[0] == old else end


def _followers(inside: Graph, node: Node, new: str) -> list[Command]:
    """What must be said anew when a node is called `new`: expressions and exposed parameters.

    To be applied after the renaming, so the node itself is named `new` in them.
    """
    path, commands = inside.prefix + node.name, list[Command]()
    for other in inside.nodes.values():
        place = inside.prefix + (new if other is node else other.name)
        for name, value in other.params.items():
            if not any(isinstance(part, Expression) for part in live_parts(value)):
                continue
            follow = _following(inside, other, path, new)
            changed = rewrite(value, follow)
            if changed != value:
                commands.append(SetParam(place, name, changed))
    owner = inside.owner
    if owner is not None:
        prefix = f"{node.name}."
        shown = {
            name: f"{new}.{target.removeprefix(prefix)}" if target.startswith(prefix) else target
            for name, target in owner.exposed.items()
        }
        if shown != owner.exposed:
            commands.append(SetField(inside.prefix[:-1], "exposed", shown))
    return commands


def _following(inside: Graph, node: Node, path: str, new: str) -> Rewrite:
    """For expressions of `node`: references to the node at `path` get the new first name."""

    def rename(chain: Reference) -> Reference | None:
        named, rest = reference_path(inside, node, chain)
        return (new, *rest) if named == path and len(rest) < len(chain) else None

    return rename


def _flag(value: Any, where: str) -> bool:
    if type(value) is not bool:
        raise DocumentError(f"wants true or false, got {value!r}", where=where)
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise DocumentError(f"wants text, got {value!r}", where=where)
    check_plain(value, where)
    return value


def _number(value: Any, where: str) -> int:
    if type(value) is not int:
        raise DocumentError(f"wants a whole number, got {value!r}", where=where)
    return value


def _extra(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DocumentError(f"wants named fields, got {value!r}", where=where)
    check_plain(value, where)
    return value


_FIELDS: dict[str, Callable[[Any, str], Any]] = {
    "position": plain.position,
    "bypass": _flag,
    "label": _text,
    "version": _number,
    "exposed": plain.exposed,
    "extra": _extra,
}
