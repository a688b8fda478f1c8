"""Three-way merges of documents, fact by fact; and how git is told of them.

Both sides' changes are kept. Where both changed one fact differently, ours stays and the
conflict is named. Nodes that both added under one name are both kept, theirs under the next
free name. Positions never conflict: ours stay.

Git merges and shows `.graph` files, in either spelling, with

    # .gitattributes
    *.graph  merge=nodegraph diff=nodegraph

    git config merge.nodegraph.name   "nodegraph"
    git config merge.nodegraph.driver "nodegraph merge %O %A %B"
    git config diff.nodegraph.command "nodegraph diff --git"      # facts, or:
    git config diff.nodegraph.textconv "nodegraph convert --text -o -"

The driver writes the result to %A and ends with 1 when there are conflicts, 0 when not.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodegraph.errors import DocumentError
from nodegraph.graph.checks import SECTIONS
from nodegraph.graph.commands import (
    AddNode,
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
from nodegraph.graph.difference import ABSENT, Change, copied, facts, find_renames, open_side, shown
from nodegraph.graph.document import Graph
from nodegraph.graph.files import is_text, save
from nodegraph.graph.schema import Catalog
from nodegraph.graph.signature import Types
from nodegraph.graph.stored import decode_unknown, same


@dataclass(frozen=True, slots=True)
class Conflict:
    """A fact that both sides changed, or that only one side can have. Ours was kept.

    `where` is the node's path ("" for the document), `name` the parameter, field, input or
    item; the values are plain data, ABSENT where a side has none.
    """

    where: str
    name: str
    base: Any
    ours: Any
    theirs: Any
    reason: str = ""

    def __str__(self) -> str:
        place = ".".join(part for part in (self.where, self.name) if part) or "document"
        if self.reason:
            return f"{place}: {self.reason}; ours was kept"
        values = f"ours {_brief(self.ours)}, theirs {_brief(self.theirs)}, before {_brief(self.base)}"
        return f"{place}: both changed it: {values}; ours was kept"


def _brief(value: Any) -> str:
    if isinstance(value, dict) and "type" in value:
        return f"a {value['type']}"
    return shown(value)


def merge(base: Graph, ours: Graph, theirs: Graph) -> tuple[Graph, list[Conflict]]:
    """Our document with their changes since `base` put in, and what couldn't be.

    The result is a new, valid document; the three given are left alone.
    """
    base, ours, theirs, conflicts = _same_names(copied(base), copied(ours), copied(theirs))
    theirs = _make_room(base, ours, theirs)
    merging = _Merging(ours, theirs, facts(base, ours), facts(base, theirs))
    merging.run()
    return ours, conflicts + merging.conflicts


def merge_files(
    base: str | os.PathLike[str],
    ours: str | os.PathLike[str],
    theirs: str | os.PathLike[str],
    catalog: Catalog | Types,
    output: str | os.PathLike[str] | None = None,
) -> list[Conflict]:
    """Merge three files (git's %O %A %B) into `output`, or into `ours` in the spelling it has.

    An empty file is an empty document. When one can't be read nothing is written.
    """
    types = catalog if isinstance(catalog, Types) else Types(catalog)
    sides = [open_side(path, types) for path in (base, ours, theirs)]
    merged, conflicts = merge(*sides)
    target = Path(ours if output is None else output)
    save(merged, target, text=is_text(Path(ours)) if output is None else None)
    return conflicts


# -- names


def _same_names(base: Graph, ours: Graph, theirs: Graph) -> tuple[Graph, Graph, Graph, list[Conflict]]:
    """Give a node that was renamed the same name on all three sides: ours where both did.

    Paths of renames are those of the base; inner nodes are renamed before the groups they
    are in, so that the paths of the groups still hold.
    """
    mine, yours = dict(find_renames(base, ours)), dict(find_renames(base, theirs))
    conflicts = []
    for path in sorted(mine.keys() | yours.keys(), key=lambda p: (-p.count("/"), p)):
        old = path.rpartition("/")[2]
        name = mine.get(path, yours.get(path, old))
        if path in mine and path in yours and mine[path] != yours[path]:
            conflicts.append(Conflict(path, "name", old, mine[path], yours[path]))
        clash = None
        for side, now in ((ours, mine.get(path, old)), (theirs, yours.get(path, old)), (base, old)):
            place = _translated(path.rpartition("/")[0], mine if side is ours else yours if side is theirs else {})
            clash = clash or _clash(side, place, now, name)
        if clash:
            conflicts.append(Conflict(path, "name", old, mine.get(path, old), yours.get(path, old), clash))
            continue
        for side, renames in ((ours, mine), (theirs, yours), (base, {})):
            now = renames.get(path, old)
            place = _translated(path.rpartition("/")[0], renames)
            node = f"{place}/{now}" if place else now
            if now != name and node in side:
                RenameNode(node, name).apply(side)
    return base, ours, theirs, conflicts


def _translated(group: str, renames: dict[str, str]) -> str:
    """A group's path in the base as it is on a side that renamed groups around it."""
    parts = group.split("/") if group else []
    return "/".join(renames.get("/".join(parts[: i + 1]), part) for i, part in enumerate(parts))


def _clash(side: Graph, group: str, now: str, name: str) -> str:
    """Why a node can't be called `name` on a side; "" when it can."""
    taken = f"{group}/{name}" if group else name
    return f"it can't be renamed to {name}: there is another" if now != name and taken in side else ""


def _make_room(base: Graph, ours: Graph, theirs: Graph, prefix: str = "") -> Graph:
    """Rename nodes they added that we added too, as something else, to names that are free."""
    inside = [side.inside(prefix[:-1]) for side in (base, ours, theirs)]
    b, o, t = inside
    for name in sorted(t.nodes):
        if name in b.nodes:
            if all(name in side.nodes and side.nodes[name].graph is not None for side in inside):
                _make_room(base, ours, theirs, f"{prefix}{name}/")
        elif name in o.nodes and not _alike(o, t, name):
            new, number = name, 1
            while any(new in side.nodes for side in inside):
                number += 1
                new = f"{name}{number}"
            RenameNode(prefix + name, new).apply(theirs)
    return theirs


def _alike(ours: Graph, theirs: Graph, name: str) -> bool:
    """Whether a node both added is the same one: as when one commit was taken to both sides."""
    from nodegraph.graph.plain import node_to_plain

    mine, yours = ours.nodes[name], theirs.nodes[name]
    return same(node_to_plain(mine), node_to_plain(yours)) and ours.inputs(name) == theirs.inputs(name)


# -- facts


class _Merging:
    """Puts their changes into our document, one command after another."""

    def __init__(self, ours: Graph, theirs: Graph, mine: list[Change], yours: list[Change]) -> None:
        self.ours, self.theirs = ours, theirs
        self.mine = {_key(c): c for c in mine}
        self.yours = {_key(c): c for c in yours}
        self.conflicts: list[Conflict] = []
        self.removed = {c.where for c in mine if c.kind == "node" and c.after is ABSENT}
        self.kept: set[str] = set()

    def run(self) -> None:
        changes = list(self.yours.values())
        replaced = {c.where for c in changes if c.kind == "node" and c.before is ABSENT and c.where in self.ours}
        wires = self._wires_on(replaced)
        freed = self._free(changes)
        for change in sorted(changes, key=_turn):
            self._merge(change)
        for wire in freed:
            self._reconnect(wire, unless_changed=False)
        for command in wires:
            self._reconnect(command)

    def _free(self, changes: list[Change]) -> list[Connect]:
        """Take out the wires they moved, so that no cycle appears while they are put anew.

        What is taken out, to be put back where theirs turns out not to fit.
        """
        wires = []
        for change in changes:
            if change.kind == "wire" and ABSENT not in (change.before, change.after) and _key(change) not in self.mine:
                found = self.ours.find(change.where)
                if found is not None and (found[1].name, change.name) in found[0].wires:
                    inverse = Disconnect(change.where, change.name).apply(self.ours)
                    assert isinstance(inverse, Connect)
                    wires.append(inverse)
        return wires

    def _merge(self, change: Change) -> None:
        mine = self.mine.get(_key(change))
        if mine is not None:
            if not same(mine.after, change.after) and change.name != "position":
                self._conflict(change, mine.after)
            return
        gone = self._inside_of(change.where, self.removed)
        if gone:
            self._conflict(change, ABSENT, f"we removed {gone}, they changed it")
        elif self._inside_of(change.where, self.kept):
            return
        elif change.kind == "node" and change.after is ABSENT and (touched := self._touched(change.where)):
            self.kept.add(change.where)
            self._conflict(change, touched.after, f"they removed it, we changed {_named(touched)}")
        else:
            self._apply(change)

    def _apply(self, change: Change) -> None:
        try:
            command = self._command(change)
            if command is not None:
                command.apply(self.ours)
        except DocumentError as error:
            self._conflict(change, change.before, f"theirs can't be: {error.message}")

    def _command(self, change: Change) -> Command | None:
        where, name, after = change.where, change.name, change.after
        if change.kind == "node":
            return AddNode(where, after) if after is not ABSENT else RemoveNode(where) if where in self.ours else None
        if change.kind == "param":
            if after is ABSENT:
                return ResetParam(where, name)
            return SetParam(where, name, decode_unknown(after), loose=self._left_over(where, name))
        if change.kind == "field":
            return SetField(where, name, after)
        if change.kind == "wire":
            return self._wire(where, name, after)
        section = change.kind
        assert section in SECTIONS
        return RemoveItem(section, name, where) if after is ABSENT else SetItem(section, name, after, where)

    def _left_over(self, where: str, name: str) -> bool:
        """Whether theirs holds a value that its node doesn't show, as of an exposed node that went."""
        inside, node = self.theirs.locate(where)
        signature = inside.signature_of(node)
        return signature is not None and name not in signature.params

    def _wire(self, where: str, input: str, after: Any) -> Command | None:
        if after is not ABSENT:
            source, _, output = after.partition(".")
            return Connect(where, input, source, output)
        inside, node = self.ours.locate(where)
        return Disconnect(where, input) if (node.name, input) in inside.wires else None

    def _touched(self, path: str) -> Change | None:
        """A change of ours that a removal of theirs would lose."""
        for change in self.mine.values():
            if change.where == path or change.where.startswith(path + "/"):
                if change.name != "position":
                    return change
            elif change.kind == "wire" and change.after is not ABSENT:
                group, _, _ = change.where.rpartition("/")
                source = change.after.partition(".")[0]
                if path == (f"{group}/{source}" if group else source):
                    return change
        return None

    def _wires_on(self, replaced: set[str]) -> list[Connect]:
        """Our wires on nodes that they made anew as another type: to be put back after."""
        wires = []
        for path in replaced:
            inside, node = self.ours.locate(path)
            for end, source in inside.wires.items():
                if node.name in (end[0], source[0]):
                    wires.append(Connect(f"{inside.prefix}{end[0]}", end[1], *source))
        return wires

    def _reconnect(self, wire: Connect, unless_changed: bool = True) -> None:
        """Put a wire of ours back, where nothing is connected by now."""
        found = self.ours.find(wire.node)
        changed = unless_changed and ("wire", wire.node, wire.input, False) in self.yours
        if found is None or changed or wire.source not in found[0].nodes:
            return
        if (found[1].name, wire.input) in found[0].wires:
            return
        try:
            wire.apply(self.ours)
        except DocumentError as error:
            reason = f"the wire doesn't fit what they made of it: {error.message}"
            value = f"{wire.source}.{wire.output}"
            self.conflicts.append(Conflict(wire.node, wire.input, value, ABSENT, value, reason))

    @staticmethod
    def _inside_of(path: str, nodes: set[str]) -> str | None:
        """The node among `nodes` that a path is or is inside of."""
        parts = path.split("/")
        return next((n for i in range(len(parts)) if (n := "/".join(parts[: i + 1])) in nodes), None)

    def _conflict(self, change: Change, ours: Any, reason: str = "") -> None:
        self.conflicts.append(Conflict(change.where, change.name, change.before, ours, change.after, reason))


def _key(change: Change) -> tuple[str, str, str, bool]:
    """What a change is about. A node made anew as another type went and came: two changes."""
    return change.kind, change.where, change.name, change.kind == "node" and change.after is ABSENT


def _named(change: Change) -> str:
    return f"{change.where}.{change.name}" if change.name else change.where


#: Removals make room first; wires come when all their ends are there, freed ones first, so
#: that no cycle appears on the way to a document that has none.
_TURNS = {"field": 2, "param": 3}


def _turn(change: Change) -> tuple[int, int, str, str]:
    depth = change.where.count("/")
    if change.kind == "node":
        return (0, -depth, change.where, "") if change.after is ABSENT else (1, depth, change.where, "")
    if change.kind == "wire":
        return (4 if change.after is ABSENT else 5, depth, change.where, change.name)
    return (_TURNS.get(change.kind, 6), depth, change.where, change.name)
