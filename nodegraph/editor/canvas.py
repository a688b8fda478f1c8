"""The node graph under the hand: selection, and what presses, drags and drops do to the document.

Positions come in panel pixels, changes go out as commands; nothing is drawn here. What is under
way (a loose wire, a box, a cut) can be read for drawing. What the document refuses is left as it
was, and `notice` says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from nodegraph.editor import clipboard, decor
from nodegraph.editor.geometry import DOT, DOT_TYPE, WIDTH, Geometry, Pin, Point, Rect, Wire
from nodegraph.editor.view import View
from nodegraph.errors import DocumentError
from nodegraph.graph import Graph
from nodegraph.graph.groups import make_group, ungroup
from nodegraph.graph.schema import Schema, fits

#: How near to a pin and to a wire counts as on it, and how far a press must move to be a drag, in pixels.
PIN_REACH, WIRE_REACH, SLACK = 9.0, 6.0, 4.0
#: Turns of the hand that shake a node out of its wires.
_TURNS = 4


@dataclass(frozen=True, slots=True)
class Ask:
    """The palette is wanted here; with a pin, for what fits its loose wire."""

    x: float
    y: float
    pin: Pin | None = None

    def fits(self, schema: Schema) -> bool:
        """Whether a new node of this type could take the loose wire."""
        if self.pin is None:
            return True
        if self.pin.output:
            return any(fits(self.pin.type, port.type) for port in schema.inputs)
        return any(fits(port.type, self.pin.type) for port in schema.outputs)


@dataclass(slots=True)
class Pull:
    """A loose wire from a pin to the hand; `off` is the input it was pulled off."""

    pin: Pin
    to: Point
    off: Pin | None = None


@dataclass(slots=True)
class Boxing:
    """A selection box."""

    start: Point
    to: Point
    before: list[str]

    @property
    def rect(self) -> Rect:
        return Rect.between(self.start, self.to)


@dataclass(slots=True)
class Moving:
    """Nodes under way; `merge` makes one step of the whole drag."""

    start: Point
    origins: dict[str, Point]
    merge: str
    moved: bool = False
    shift: bool = False
    turns: int = 0
    last: Point = (0.0, 0.0)
    heading: float = 0.0


@dataclass(slots=True)
class Cutting:
    """A line that cuts wires."""

    start: Point
    to: Point


@dataclass(slots=True)
class Panning:
    last: Point


@dataclass(slots=True)
class Carrying:
    """A backdrop with all that lies on it, or a note, under way; or a backdrop's corner."""

    kind: Literal["backdrop", "corner", "note"]
    name: str
    last: Point
    merge: str
    contents: decor.Contents | None = None
    moved: bool = False


Gesture = Pull | Boxing | Moving | Cutting | Panning | Carrying


@dataclass(slots=True)
class Canvas:
    """One panel onto a document, at the group `path`."""

    document: Graph
    path: str = ""
    view: View = field(default_factory=View)
    #: Names of the nodes chosen; the last is the one whose parameters are shown first.
    selection: list[str] = field(default_factory=list)
    #: The backdrop or note chosen: (kind, name).
    decor: tuple[str, str] | None = None
    gesture: Gesture | None = None
    #: Why the last wish wasn't granted; "" when it was.
    notice: str = ""
    _geometry: Geometry | None = None
    _drags: count[int] = field(default_factory=count)

    # -- what there is

    @property
    def graph(self) -> Graph:
        return self.document.inside(self.path)

    @property
    def geometry(self) -> Geometry:
        graph = self.graph
        if self._geometry is None or self._geometry.graph is not graph or self._geometry.revision != graph.revision:
            self._geometry = Geometry(graph, self._geometry)
            self.selection = [name for name in self.selection if name in graph.nodes]
        return self._geometry

    def pin_under(self, x: float, y: float, output: bool | None = None) -> Pin | None:
        return self.geometry.pin_at(x, y, PIN_REACH / self.view.zoom, output)

    def wire_under(self, x: float, y: float) -> Wire | None:
        return self.geometry.wire_at(x, y, WIRE_REACH / self.view.zoom)

    # -- the mouse

    def press(
        self,
        px: float,
        py: float,
        *,
        shift: bool = False,
        ctrl: bool = False,
        alt: bool = False,
        middle: bool = False,
        cut: bool = False,
    ) -> None:
        """A button goes down. `middle` (or alt) pans, `cut` is held to cut wires, ctrl puts a dot on a wire."""
        self.notice = ""
        x, y = here = self.view.to_plane(px, py)
        if middle or alt:
            self.gesture = Panning((px, py))
        elif cut:
            self.gesture = Cutting(here, here)
        elif (pin := self.pin_under(x, y)) is not None and not self.geometry.boxes[pin.node].dot:
            self.gesture = self._pull(pin, here)
        elif (name := self.geometry.node_at(x, y)) is not None:
            self._choose(name, shift)
            origins = {n: self.graph.nodes[n].position for n in self.selection}
            self.gesture = Moving(here, origins, f"move {next(self._drags)}", shift=shift, last=here)
        elif ctrl and (wire := self.wire_under(x, y)) is not None:
            self.dot(wire, here)
        elif (carried := self._decor_under(here, alone=ctrl)) is not None:
            self.selection, self.decor = [], ("note" if carried.kind == "note" else "backdrop", carried.name)
            self.gesture = carried
        else:
            before = list(self.selection) if shift else []
            self.selection, self.decor = before, None
            self.gesture = Boxing(here, here, before)

    def drag(self, px: float, py: float) -> None:
        """The hand moves with the button down."""
        here = self.view.to_plane(px, py)
        match self.gesture:
            case Panning(last):
                self.view.pan(px - last[0], py - last[1])
                self.gesture.last = (px, py)
            case Pull() | Cutting():
                self.gesture.to = here
            case Boxing():
                self.gesture.to = here
                inside = self.geometry.within(self.gesture.rect)
                self.selection = list(dict.fromkeys([*self.gesture.before, *inside]))
            case Moving():
                self._move(self.gesture, here)
            case Carrying():
                self._carry(self.gesture, here)

    def release(self, px: float, py: float) -> Ask | None:
        """The button goes up. What is wanted now: the palette, or nothing."""
        gesture, self.gesture = self.gesture, None
        here = self.view.to_plane(px, py)
        match gesture:
            case Pull():
                return self._drop(gesture, here)
            case Cutting():
                wires = self.geometry.crossed(gesture.start, here)
                if wires:
                    with self.step("cut wires"):
                        for wire in wires:
                            self.graph.disconnect(f"{wire.target.node}.{wire.target.port}")
            case Moving() if gesture.moved and len(gesture.origins) == 1:
                self._drop_on_wire(next(iter(gesture.origins)))
            case Moving() if not gesture.moved and not gesture.shift:
                self.selection = self.selection[-1:]  # a click means this one alone
        return None

    def cancel(self) -> None:
        """Escape: what is under way didn't happen."""
        if isinstance(self.gesture, (Carrying, Moving)) and self.gesture.moved:
            self.document.undo()
        self.gesture = None

    def _decor_under(self, here: Point, alone: bool) -> Carrying | None:
        """What of notes and backdrops can be taken hold of; `alone` leaves a backdrop's contents where they are."""
        graph, merge = self.graph, f"carry {next(self._drags)}"
        for note in reversed(decor.notes(graph)):
            if note.rect.has(*here):
                return Carrying("note", note.name, here, merge)
        for each in reversed(decor.backdrops(graph)):
            hit = each.hit(*here)
            if hit == "corner":
                return Carrying("corner", each.name, here, merge)
            if hit == "bar":
                return Carrying("backdrop", each.name, here, merge, None if alone else decor.inside(graph, each.name))
        return None

    def over_decor(self, here: Point) -> bool:
        """Whether a note or a backdrop's title lies under a point."""
        return self._decor_under(here, alone=True) is not None

    def _carry(self, carrying: Carrying, here: Point) -> None:
        graph, (x, y) = self.graph, carrying.last
        dx, dy = here[0] - x, here[1] - y
        if carrying.kind == "corner":
            decor.resize_backdrop(graph, carrying.name, here, merge=carrying.merge)
        elif carrying.kind == "backdrop":
            decor.move_backdrop(graph, carrying.name, dx, dy, carrying.contents, merge=carrying.merge)
        else:
            note = next(n for n in decor.notes(graph) if n.name == carrying.name)
            decor.change_note(graph, carrying.name, at=(note.x + dx, note.y + dy), merge=carrying.merge)
        carrying.last, carrying.moved = here, True

    def _choose(self, name: str, shift: bool) -> None:
        if shift and name in self.selection:
            self.selection.remove(name)
        elif shift:
            self.selection.append(name)
        elif name not in self.selection:
            self.selection = [name]
        else:  # stays chosen with the others, and comes first
            self.selection = [*(n for n in self.selection if n != name), name]

    def _move(self, moving: Moving, here: Point) -> None:
        dx, dy = here[0] - moving.start[0], here[1] - moving.start[1]
        if not moving.moved and max(abs(dx), abs(dy)) * self.view.zoom < SLACK:
            return
        moving.moved = True
        step = here[0] - moving.last[0]
        if abs(step) * self.view.zoom >= 2 * SLACK:
            moving.turns += step * moving.heading < 0
            moving.heading, moving.last = step, here
        with self.graph.batch("move", merge=moving.merge):
            for name, (x, y) in moving.origins.items():
                self.graph.move(name, round(x + dx, 1), round(y + dy, 1))
        if moving.turns >= _TURNS:
            moving.turns = 0
            self.extract(moving.origins)

    # -- wires

    def _pull(self, pin: Pin, here: Point) -> Pull:
        wire = None if pin.output else self.geometry.wires.get((pin.node, pin.port))
        return Pull(pin, here) if wire is None else Pull(wire.source, here, off=pin)

    def _drop(self, pull: Pull, here: Point) -> Ask | None:
        target = self.pin_under(*here, output=not pull.pin.output) or self._fitting(pull.pin, here)
        if pull.off is not None:
            if target is not None and target.node == pull.off.node and target.port == pull.off.port:
                return None
            with self.step("rewire"):
                self.graph.disconnect(f"{pull.off.node}.{pull.off.port}")
                if target is not None:
                    self._connect(pull.pin, target)
            return None
        if target is None:
            own = self.geometry.boxes[pull.pin.node].rect.has(*here)
            return None if own else Ask(*here, pull.pin)
        with self.step("connect"):
            self._connect(pull.pin, target)
        return None

    def _fitting(self, pin: Pin, here: Point) -> Pin | None:
        """A pin of the node under the hand that a wire from `pin` fits: free and required ones first."""
        name = self.geometry.node_at(*here)
        if name is None or name == pin.node:
            return None
        box, taken = self.geometry.boxes[name], self.geometry.wires
        if not pin.output:
            return next((p for p in box.outputs if fits(p.type, pin.type)), None)
        able = [p for p in box.inputs if fits(pin.type, p.type)]
        able.sort(key=lambda p: ((p.node, p.port) in taken, p.optional))
        return able[0] if able else (box.inputs[0] if box.inputs else None)

    def _connect(self, a: Pin, b: Pin) -> None:
        source, target = (a, b) if a.output else (b, a)
        self.graph.connect(f"{source.node}.{source.port}", f"{target.node}.{target.port}")

    def _drop_on_wire(self, name: str) -> None:
        """A lone node that was dropped on a wire goes into it."""
        box = self.geometry.boxes[name]
        wired = {end[0] for end in self.geometry.wires} | {w.source.node for w in self.geometry.wires.values()}
        if name in wired or not box.inputs or not box.outputs:
            return
        wire = self.geometry.wire_at(*box.rect.middle, max(WIRE_REACH / self.view.zoom, DOT))
        if wire is not None:
            with self.step("insert"):
                self._insert(name, wire)

    def _insert(self, name: str, wire: Wire) -> None:
        box = self.geometry.boxes[name]
        input = next((p for p in box.inputs if fits(wire.source.type, p.type)), None)
        output = next((p for p in box.outputs if fits(p.type, wire.target.type)), None)
        if input is None or output is None:
            raise DocumentError(f"a {wire.source.type} wire doesn't go through it", where=name)
        self._connect(wire.source, input)
        self._connect(output, wire.target)

    def dot(self, wire: Wire, at: Point) -> str | None:
        """A dot on a wire; its name."""
        graph, made = self.graph, None
        with self.step("dot"):
            corner = (round(at[0] - DOT / 2, 1), round(at[1] - DOT / 2, 1))
            made = graph.add(DOT_TYPE, name=graph.free_name("dot"), position=corner).name
            self._insert(made, wire)
            self.selection = [made]
        return made if made in graph.nodes else None

    # -- nodes

    def add(self, type: str, at: Point, pin: Pin | None = None) -> str | None:
        """A new node; on a loose wire's end, or else after the one node that is chosen, as Nuke does. Its name."""
        graph, chosen = self.graph, self.selection
        with self.step("add"):
            name = graph.add(type, position=(round(at[0], 1), round(at[1], 1))).name
            if pin is not None:
                self._join(pin, name)
            elif len(chosen) == 1:
                self._after(chosen[0], name)
            self.selection = [name]
            return name
        return None

    def _join(self, pin: Pin, name: str) -> None:
        box = self.geometry.boxes[name]
        pins = box.inputs if pin.output else box.outputs
        able = [p for p in pins if (fits(pin.type, p.type) if pin.output else fits(p.type, pin.type))]
        if able:
            self._connect(pin, able[0])

    def _after(self, before: str, name: str) -> None:
        """Wire a new node behind another, into the wires that left it."""
        box, new = self.geometry.boxes[before], self.geometry.boxes[name]
        if not box.outputs or not new.inputs or not fits(box.outputs[0].type, new.inputs[0].type):
            return
        leaving = [w for w in self.geometry.wires.values() if w.source == box.outputs[0]]
        self._connect(box.outputs[0], new.inputs[0])
        if new.outputs and all(fits(new.outputs[0].type, w.target.type) for w in leaving):
            for wire in leaving:
                self._connect(new.outputs[0], wire.target)
        x, y = self.graph.nodes[before].position
        self.graph.move(name, x + WIDTH + 60, y)

    def extract(self, names: Iterable[str] | None = None) -> None:
        """Take nodes out of their wires; what came in goes on to where they led."""
        with self.step("extract"):
            for name in list(self.selection if names is None else names):
                self._heal(name)
                if self.graph.inputs(name):
                    self.graph.disconnect(name)

    def remove(self) -> None:
        """Remove the chosen nodes; wires close over the gap. Or the chosen note or backdrop."""
        if self.decor is not None and not self.selection:
            self._remove_decor(*self.decor)
            return
        chosen = [name for name in self.selection if name in self.graph.nodes]
        if not chosen:
            return
        with self.step("remove"):
            for name in chosen:
                self._heal(name)
            self.graph.remove(*chosen)
            self.selection = []

    def _remove_decor(self, kind: str, name: str) -> None:
        self.decor = None
        if kind == "note" and name in self.graph.notes:
            self.graph.remove_note(name)
        elif kind == "backdrop" and name in self.graph.backdrops:
            self.graph.remove_backdrop(name)

    def _heal(self, name: str) -> None:
        box, wires = self.geometry.boxes[name], self.geometry.wires
        above = next((wires[name, p.port].source for p in box.inputs if (name, p.port) in wires), None)
        for wire in [w for w in wires.values() if w.source.node == name]:
            if above is not None and fits(above.type, wire.target.type):
                self._connect(above, wire.target)
            else:
                self.graph.disconnect(f"{wire.target.node}.{wire.target.port}")

    def bypass(self) -> None:
        """Bypass the chosen nodes, or none of them if all are."""
        nodes = [self.graph.nodes[name] for name in self.selection]
        on = not all(node.bypass for node in nodes)
        with self.step("bypass"):
            for node in nodes:
                self.graph.bypass(node.name, on)

    def copy(self) -> str:
        """The chosen nodes as text."""
        return clipboard.copy(self.graph, self.selection)

    def paste(self, text: str, at: Point | None = None) -> None:
        with self.step("paste"):
            self.selection = clipboard.paste(self.graph, text, at)

    def duplicate(self) -> None:
        if self.selection:
            self.paste(self.copy())

    def group(self, name: str = "group") -> None:
        """The chosen nodes into a group."""
        with self.step("group"):
            node = make_group(self.graph, self.selection, self.graph.free_name(name))
            self.selection = [node.name]

    def ungroup(self) -> None:
        with self.step("ungroup"):
            groups = [name for name in self.selection if self.graph.nodes[name].graph is not None]
            self.selection = [inner for name in groups for inner in ungroup(self.graph, name)]

    # -- where one is

    def enter(self, name: str) -> bool:
        """Go inside a group; whether it is one."""
        if self.graph.nodes[name].graph is None:
            return False
        self.go(f"{self.path}/{name}" if self.path else name)
        return True

    def leave(self) -> None:
        """Go to the graph around this group, its node chosen."""
        if self.path:
            around, _, name = self.path.rpartition("/")
            self.go(around)
            self.selection = [name]

    def go(self, path: str) -> None:
        self.path, self.selection, self.gesture = path, [], None
        self.frame()

    def frame(self, everything: bool = False) -> None:
        """Show the chosen nodes; without any, or if asked for, all, with the backdrops and notes."""
        chosen = [] if everything else self.selection
        bounds = self.geometry.bounds(chosen or None)
        if not chosen:
            rects = [b.rect for b in decor.backdrops(self.graph)] + [n.rect for n in decor.notes(self.graph)]
            for rect in rects:
                bounds = rect if bounds is None else bounds.union(rect)
        self.view.frame(bounds)

    # -- steps

    @contextmanager
    def step(self, label: str) -> Iterator[None]:
        """One step of undo; what the document refuses becomes the notice, and nothing is changed."""
        self.notice, before = "", list(self.selection)
        try:
            with self.document.batch(label):
                yield
        except DocumentError as error:
            self.notice, self.selection = str(error), before
