"""What an overlay is made of: shapes and handles over the viewer's picture, and how a drag is written down.

Picture points are those of the viewer: full-size pixels from the format's top left, y down, x times the
pixel aspect. Nodes count from the bottom left, y up, in plain pixels; `Format` takes one to the other.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from nodegraph.editor.geometry import Point
from nodegraph.graph import Graph
from nodegraph.graph.animation import Animation, Key
from nodegraph.graph.expression import Expression
from nodegraph.graph.schema import Param

#: Keys held during a drag: "shift" keeps to an axis, a step or a proportion, "ctrl" and "alt" are a handle's own.
Keys = Collection[str]
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """Straight pieces through picture points. `role` is "guide" or "active"; `handle` is what a press on it takes."""

    points: tuple[Point, ...]
    role: str = "guide"
    closed: bool = False
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Ellipse:
    """`rx` and `ry` are picture pixels."""

    x: float
    y: float
    rx: float
    ry: float
    role: str = "guide"
    handle: str = ""

    def outline(self, pieces: int = 64) -> tuple[Point, ...]:
        turns = (2 * math.pi * k / pieces for k in range(pieces))
        return tuple((self.x + self.rx * math.cos(a), self.y + self.ry * math.sin(a)) for a in turns)


@dataclass(frozen=True, slots=True)
class Text:
    x: float
    y: float
    text: str
    role: str = "guide"


@dataclass(frozen=True, slots=True)
class Handle:
    """A spot to take hold of. `look` is "square", "round", "cross" or "diamond"; `role` "handle" or "locked"."""

    id: str
    x: float
    y: float
    look: str = "square"
    role: str = "handle"


Shape = Line | Ellipse | Text | Handle


@dataclass(frozen=True, slots=True)
class Format:
    """The format of a picture: full-size pixels, and how much wider than high one of them is."""

    width: float
    height: float
    aspect: float = 1.0

    @classmethod
    def of(cls, graph: Graph) -> Format:
        """A document's own format."""
        root = graph.root
        return cls(*(float(root.setting(name)) for name in ("width", "height", "pixel_aspect")))

    def shown(self, x: float, y: float) -> Point:
        """A node's point as a picture point."""
        return x * self.aspect, self.height - y

    def meant(self, point: Point) -> Point:
        """A picture point as a node's."""
        return point[0] / self.aspect, self.height - point[1]


class Overlay:
    """The handles of one node at one frame. Keep it through a drag: values follow from where the drag began.

    Subclasses list `shapes` and turn drags into parameter values.
    """

    def __init__(self, graph: Graph, path: str, frame: float, format: Format) -> None:
        self.graph = graph
        self.path = path
        self.frame = frame
        self.format = format
        inside, node = graph.locate(path)
        signature = inside.signature_of(node)
        self.params: Mapping[str, Param] = signature.params if signature is not None else {}
        self.values: Mapping[str, Any] = dict(graph.values(path, frame))

    def shapes(self) -> list[Shape]:
        """In the order they are drawn; a press takes the last handle under it, and handles before lines."""
        raise NotImplementedError

    def values_for(self, handle: str, start: Point, to: Point, keys: Keys) -> Values:
        """What a drag of a handle between two of a node's points makes of the parameters."""
        raise NotImplementedError

    # -- under the hand

    def hit(self, point: Point, reach: float) -> str | None:
        """The handle within `reach` picture pixels of a picture point: spots first, then lines, then areas."""
        shapes = self.shapes()
        spots = [s for s in shapes if isinstance(s, Handle) and s.role != "locked"]
        near = [(math.dist((s.x, s.y), point), -k, s.id) for k, s in enumerate(spots)]
        best = min(near, default=None)
        if best is not None and best[0] <= reach:
            return best[2]
        for shape in reversed(shapes):
            if isinstance(shape, (Line, Ellipse)) and shape.handle and off(shape, point) <= reach:
                return shape.handle
        return self.body(point)

    def body(self, point: Point) -> str | None:
        """The handle that an area is; None outside of it."""
        return None

    def drag(self, handle: str, start: Point, to: Point, keys: Keys = ()) -> Values:
        """The values that a drag between two picture points sets, within their parameters' ranges."""
        made = self.values_for(handle, self.format.meant(start), self.format.meant(to), keys)
        return {
            name: fitted(self.params[name], value) for name, value in made.items() if name in self.params
        }  # fmt: skip

    def apply(self, values: Values, merge: str | None = None) -> None:
        """Set values as one step of undo, those with one `merge` key together: keyed where they are animated.

        What an expression drives is left to it.
        """
        changed = {}
        for name, value in values.items():
            old = self.graph.get(f"{self.path}.{name}")
            new = _written(old, value, self.frame)
            if new != old and (not isinstance(old, (list, tuple)) or list(new) != list(old)):
                changed[name] = new
        if not changed:
            return
        with self.graph.batch(f"{self.path}: {', '.join(changed)}", merge=merge):
            for name, value in changed.items():
                self.graph.set(f"{self.path}.{name}", value)

    # -- for subclasses

    def spot(self, id: str, x: float, y: float, *params: str, look: str = "square") -> Handle:
        """A handle at a node's point; locked where expressions drive all that it would set."""
        locked = bool(params) and all(self.driven(name) for name in params)
        return Handle(id, *self.format.shown(x, y), look, "locked" if locked else "handle")

    def driven(self, name: str) -> bool:
        """Whether a parameter is an expression's, in all of its components."""
        held = self.graph.get(f"{self.path}.{name}")
        parts = held if isinstance(held, (list, tuple)) else [held]
        return bool(parts) and all(isinstance(part, Expression) for part in parts)

    def line(
        self, points: Iterable[Point], role: str = "guide", closed: bool = False, handle: str = ""
    ) -> Line:  # fmt: skip
        """A line through a node's points."""
        return Line(tuple(self.format.shown(x, y) for x, y in points), role, closed, handle)


def fitted(param: Param, value: Any) -> Any:
    """A value within its parameter's range, with as many digits as a hand has."""
    if isinstance(value, (list, tuple)):
        return tuple(_number(param, float(v)) for v in value)
    return _number(param, float(value)) if param.kind in ("float", "int") else value


def _number(param: Param, value: float) -> float:
    digits = 2 if param.unit in ("px", "deg") else 4
    held = min(max(value, param.minimum), param.maximum)
    return round(held) if param.kind == "int" else min(max(round(held, digits), param.minimum), param.maximum)


def _written(old: Any, value: Any, frame: float) -> Any:
    """What a parameter holds after a value was given it at a frame."""
    if isinstance(value, tuple) and isinstance(old, (list, tuple)):
        return [_written(part, each, frame) for part, each in zip(old, value, strict=True)]
    if isinstance(old, Animation):
        there = next((key for key in old.keys if key.frame == frame), None)
        if old.at(frame) == value and there is not None:
            return old
        return old.with_key(replace(there, value=value) if there is not None else Key(frame, value))
    return old if isinstance(old, Expression) else value


def kept_to_axis(start: Point, to: Point) -> Point:
    """A drag's end, moved along the axis it went further on."""
    dx, dy = to[0] - start[0], to[1] - start[1]
    return (to[0], start[1]) if abs(dx) >= abs(dy) else (start[0], to[1])


def off(shape: Line | Ellipse, point: Point) -> float:
    """How far a point is off a line."""
    points = shape.points if isinstance(shape, Line) else shape.outline()
    if isinstance(shape, Ellipse) or shape.closed:
        points = (*points, points[0])
    return min((_distance(point, a, b) for a, b in pairwise(points)), default=math.inf)


def inside(point: Point, corners: Iterable[Point]) -> bool:
    """Whether a point lies in a polygon (even-odd)."""
    points, x, y, found = list(corners), *point, False
    for (ax, ay), (bx, by) in pairwise([*points, points[0]] if points else []):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            found = not found
    return found


def _distance(p: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = 0.0 if length == 0 else max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length))
    return math.dist(p, (a[0] + t * dx, a[1] + t * dy))
