"""Backdrops and notes: what lies behind the nodes of a graph, and what is written beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, NamedTuple

from nodegraph.editor.geometry import Geometry, Point, Rect
from nodegraph.errors import DocumentError
from nodegraph.graph import Graph, SetItem

#: A backdrop's title bar, its margin around nodes, the corner that resizes it, its smallest size. Graph units.
BAR, MARGIN, CORNER, SMALLEST = 30.0, 34.0, 16.0, 60.0
COLOURS = ((70, 100, 140), (70, 130, 80), (140, 100, 60), (120, 80, 140), (130, 70, 80), (90, 90, 90))
#: A note's letters and lines.
_LETTER, _LINE, _PADDING = 7.2, 16.0, 9.0

RGB = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Backdrop:
    name: str
    label: str
    rect: Rect
    colour: RGB

    def hit(self, x: float, y: float) -> str | None:
        """ "corner", "bar", or None: the inside belongs to the nodes."""
        if not self.rect.has(x, y):
            return None
        if x > self.rect.x1 - CORNER and y > self.rect.y1 - CORNER:
            return "corner"
        return "bar" if y < self.rect.y0 + BAR else None


@dataclass(frozen=True, slots=True)
class Note:
    name: str
    text: str
    x: float
    y: float

    @property
    def rect(self) -> Rect:
        lines = self.text.splitlines() or [""]
        width = max(60.0, max(len(line) for line in lines) * _LETTER + 2 * _PADDING)
        return Rect(self.x, self.y, self.x + width, self.y + len(lines) * _LINE + 2 * _PADDING - 4)


class Contents(NamedTuple):
    """What lies whole on a backdrop, by name."""

    nodes: list[str]
    notes: list[str]
    backdrops: list[str]


def backdrops(graph: Graph) -> list[Backdrop]:
    """The backdrops of a graph, the largest first, so that small ones lie on top. Damaged ones are left out."""
    found = []
    for name, data in graph.backdrops.items():
        if isinstance(data, Mapping):
            try:
                x, y, w, h = (_number(data, k, d) for k, d in (("x", 0), ("y", 0), ("width", 200), ("height", 120)))
                rect = Rect.between((x, y), (x + w, y + h))
                found.append(Backdrop(name, str(data.get("label", "")), rect, _colour(data)))
            except (TypeError, ValueError):
                continue
    return sorted(found, key=lambda b: -(b.rect.x1 - b.rect.x0) * (b.rect.y1 - b.rect.y0))


def notes(graph: Graph) -> list[Note]:
    """The notes of a graph; damaged ones are left out."""
    found = []
    for name, data in graph.notes.items():
        if isinstance(data, Mapping):
            try:
                found.append(Note(name, str(data.get("text", "")), _number(data, "x"), _number(data, "y")))
            except (TypeError, ValueError):
                continue
    return found


def backdrop_around(graph: Graph, names: Iterable[str], label: str = "Backdrop") -> str:
    """A backdrop behind nodes, with room for its title; its name."""
    bounds = Geometry(graph).bounds(list(names))
    if bounds is None:
        bounds = Rect(-100, -60, 100, 60)
    name = _free("backdrop", graph.backdrops)
    colour = COLOURS[len(graph.backdrops) % len(COLOURS)]
    rect = Rect(bounds.x0 - MARGIN, bounds.y0 - MARGIN - BAR / 2, bounds.x1 + MARGIN, bounds.y1 + MARGIN)
    _put(graph, Backdrop(name, label, rect, colour))
    return name


def inside(graph: Graph, name: str) -> Contents:
    """What lies whole on a backdrop."""
    rect = _backdrop(graph, name).rect
    return Contents(
        [n for n, box in Geometry(graph).boxes.items() if _holds(rect, box.rect)],
        [n.name for n in notes(graph) if _holds(rect, n.rect)],
        [b.name for b in backdrops(graph) if b.name != name and _holds(rect, b.rect)],
    )


def move_backdrop(
    graph: Graph, name: str, dx: float, dy: float, contents: Contents | None = None, *, merge: str | None = None
) -> None:
    """A backdrop goes by (dx, dy), and `contents` with it; one step of undo for one `merge` key."""
    held = _backdrop(graph, name)
    with graph.batch(f"move {held.label or name}", merge=merge):
        _shift(graph, held, dx, dy)
        if contents is None:
            return
        for node in contents.nodes:
            if node in graph.nodes:
                x, y = graph.nodes[node].position
                graph.move(node, round(x + dx, 1), round(y + dy, 1))
        for note in notes(graph):
            if note.name in contents.notes:
                _put_note(graph, replace(note, x=note.x + dx, y=note.y + dy))
        for each in backdrops(graph):
            if each.name in contents.backdrops:
                _shift(graph, each, dx, dy)


def resize_backdrop(graph: Graph, name: str, to: Point, *, merge: str | None = None) -> None:
    """A backdrop's lower right corner goes there."""
    held = _backdrop(graph, name)
    rect = Rect(held.rect.x0, held.rect.y0, max(to[0], held.rect.x0 + SMALLEST), max(to[1], held.rect.y0 + SMALLEST))
    with graph.batch(f"resize {held.label or name}", merge=merge):
        _put(graph, replace(held, rect=rect))


def change_backdrop(
    graph: Graph, name: str, *, label: str | None = None, colour: RGB | None = None, merge: str | None = None
) -> None:
    """Another title or colour."""
    held = _backdrop(graph, name)
    with graph.batch(f"backdrop {held.label or name}", merge=merge):
        _put(graph, replace(held, label=held.label if label is None else label, colour=colour or held.colour))


def add_note(graph: Graph, text: str, at: Point) -> str:
    """A note; its name."""
    name = _free("note", graph.notes)
    _put_note(graph, Note(name, text, *at))
    return name


def change_note(
    graph: Graph, name: str, *, text: str | None = None, at: Point | None = None, merge: str | None = None
) -> None:
    """Another text, or another place."""
    held = next((n for n in notes(graph) if n.name == name), None)
    if held is None:
        raise DocumentError(f"there is no note {name!r}", where=graph.prefix[:-1] or None)
    x, y = at or (held.x, held.y)
    with graph.batch("note", merge=merge):
        _put_note(graph, Note(name, held.text if text is None else text, x, y))


def _backdrop(graph: Graph, name: str) -> Backdrop:
    held = next((b for b in backdrops(graph) if b.name == name), None)
    if held is None:
        raise DocumentError(f"there is no backdrop {name!r}", where=graph.prefix[:-1] or None)
    return held


def _shift(graph: Graph, held: Backdrop, dx: float, dy: float) -> None:
    rect = held.rect
    _put(graph, replace(held, rect=Rect(rect.x0 + dx, rect.y0 + dy, rect.x1 + dx, rect.y1 + dy)))


def _put(graph: Graph, b: Backdrop) -> None:
    """Write a backdrop; what another version wrote besides stays."""
    new: dict[str, Any] = {
        "label": b.label,
        "x": round(b.rect.x0, 1),
        "y": round(b.rect.y0, 1),
        "width": round(b.rect.x1 - b.rect.x0, 1),
        "height": round(b.rect.y1 - b.rect.y0, 1),
        "colour": [c / 255 for c in b.colour],
    }
    graph.do(SetItem("backdrops", b.name, {**_fields(graph.backdrops.get(b.name)), **new}, graph.prefix[:-1]))


def _put_note(graph: Graph, note: Note) -> None:
    new: dict[str, Any] = {"text": note.text, "x": round(note.x, 1), "y": round(note.y, 1)}
    graph.do(SetItem("notes", note.name, {**_fields(graph.notes.get(note.name)), **new}, graph.prefix[:-1]))


def _fields(data: Any) -> dict[str, Any]:
    return dict(data) if isinstance(data, Mapping) else {}


def _number(data: Mapping[str, Any], name: str, default: float = 0.0) -> float:
    found = float(data.get(name, default))
    if not isfinite(found):
        raise ValueError(name)
    return found


def _colour(data: Mapping[str, Any]) -> RGB:
    given = data.get("colour")
    if isinstance(given, (list, tuple)) and len(given) >= 3:
        r, g, b = (round(255 * min(1.0, max(0.0, float(c)))) for c in given[:3])
        return r, g, b
    return COLOURS[0]


def _free(base: str, taken: Mapping[str, Any]) -> str:
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}{number}"
    return name


def _holds(outer: Rect, inner: Rect) -> bool:
    return outer.x0 <= inner.x0 and outer.y0 <= inner.y0 and outer.x1 >= inner.x1 and outer.y1 >= inner.y1
