"""Where the nodes of a graph lie, and what lies under a point. Graph units: y down, a node 132 wide.

Nothing here draws: the canvas asks it for hits, the drawing layer for rectangles and curves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from nodegraph.graph import Graph, Node
from nodegraph.graph.node import End

#: A node's width, the height of its title and of a row of ports, and what is below them.
WIDTH, TITLE, ROW, FOOT = 132.0, 22.0, 16.0, 10.0
#: A dot's diameter.
DOT = 14.0
DOT_TYPE = "nodegraph.flow.dot"

Point = tuple[float, float]

#: Straight pieces a wire is measured in.
_PIECES = 24


@dataclass(frozen=True, slots=True)
class Rect:
    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def between(cls, a: Point, b: Point) -> Rect:
        return cls(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))

    @property
    def middle(self) -> Point:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def has(self, x: float, y: float) -> bool:
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1

    def meets(self, other: Rect) -> bool:
        return self.x0 <= other.x1 and other.x0 <= self.x1 and self.y0 <= other.y1 and other.y0 <= self.y1

    def grown(self, by: float) -> Rect:
        return Rect(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)

    def union(self, other: Rect) -> Rect:
        x0, y0 = min(self.x0, other.x0), min(self.y0, other.y0)
        return Rect(x0, y0, max(self.x1, other.x1), max(self.y1, other.y1))


@dataclass(frozen=True, slots=True)
class Pin:
    """A port on the canvas."""

    node: str
    port: str
    type: str
    output: bool
    x: float
    y: float
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A node on the canvas. A dot has its two pins in its middle."""

    name: str
    rect: Rect
    inputs: tuple[Pin, ...]
    outputs: tuple[Pin, ...]
    dot: bool = False

    @property
    def pins(self) -> tuple[Pin, ...]:
        return self.inputs + self.outputs


@dataclass(frozen=True, slots=True)
class Wire:
    source: Pin
    target: Pin

    @property
    def end(self) -> End:
        """The input it runs to: what names a wire."""
        return self.target.node, self.target.port

    def curve(self) -> tuple[Point, Point, Point, Point]:
        return wire_curve((self.source.x, self.source.y), (self.target.x, self.target.y))


def wire_curve(a: Point, b: Point) -> tuple[Point, Point, Point, Point]:
    """The cubic Bezier of a wire from an output at `a` to an input at `b`."""
    pull = min(120.0, max(24.0, abs(b[0] - a[0]) * 0.45))
    return a, (a[0] + pull, a[1]), (b[0] - pull, b[1]), b


def along(curve: tuple[Point, Point, Point, Point], pieces: int = _PIECES) -> list[Point]:
    """Points on a Bezier, both ends included."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = curve
    points = []
    for k in range(pieces + 1):
        t = k / pieces
        u = 1 - t
        p, q, r, s = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        points.append((p * ax + q * bx + r * cx + s * dx, p * ay + q * by + r * cy + s * dy))
    return points


class Geometry:
    """Boxes and wires of one graph as it is now. Make a new one when the graph's revision has changed."""

    def __init__(self, graph: Graph, before: Geometry | None = None) -> None:
        self.graph = graph
        self.revision = graph.revision
        known = before.boxes if before is not None and before.graph is graph else {}
        self.boxes: dict[str, Box] = {name: _box(graph, node, known.get(name)) for name, node in graph.nodes.items()}

    @cached_property
    def wires(self) -> dict[End, Wire]:
        """By the input they run to. Wires of ports that aren't shown (of another version) are left out."""
        found = {}
        for end, (source, output) in self.graph.wires.items():
            a = next((p for p in self.boxes[source].outputs if p.port == output), None)
            b = next((p for p in self.boxes[end[0]].inputs if p.port == end[1]), None)
            if a is not None and b is not None:
                found[end] = Wire(a, b)
        return found

    def node_at(self, x: float, y: float) -> str | None:
        """The node under a point; the one drawn last where several are."""
        return next((name for name, box in reversed(self.boxes.items()) if box.rect.has(x, y)), None)

    def pin_at(self, x: float, y: float, reach: float, output: bool | None = None) -> Pin | None:
        """The nearest pin within `reach` of a point, of one side if asked for."""
        best, found = reach * reach, None
        for box in self.boxes.values():
            if not box.rect.grown(reach).has(x, y):
                continue
            for pin in box.pins:
                distance = (pin.x - x) ** 2 + (pin.y - y) ** 2
                if distance <= best and output in (None, pin.output):
                    best, found = distance, pin
        return found

    def wire_at(self, x: float, y: float, reach: float) -> Wire | None:
        """The nearest wire within `reach` of a point."""
        best, found = reach * reach, None
        for wire in self.wires.values():
            curve = wire.curve()
            xs, ys = [p[0] for p in curve], [p[1] for p in curve]
            if not Rect(min(xs), min(ys), max(xs), max(ys)).grown(reach).has(x, y):
                continue
            points = along(curve)
            distance = min(_distance2((x, y), a, b) for a, b in pairwise(points))
            if distance <= best:
                best, found = distance, wire
        return found

    def crossed(self, a: Point, b: Point) -> list[Wire]:
        """The wires that a straight line cuts."""
        found = []
        for wire in self.wires.values():
            points = along(wire.curve())
            if any(_cross(a, b, c, d) for c, d in pairwise(points)):
                found.append(wire)
        return found

    def within(self, rect: Rect) -> list[str]:
        """The nodes that a rectangle touches."""
        return [name for name, box in self.boxes.items() if box.rect.meets(rect)]

    def bounds(self, names: Iterable[str] | None = None) -> Rect | None:
        """The rectangle around nodes (all of them); None when there are none."""
        total: Rect | None = None
        for name in self.boxes if names is None else names:
            rect = self.boxes[name].rect
            total = rect if total is None else total.union(rect)
        return total


def node_size(graph: Graph, node: Node) -> tuple[float, float]:
    """Width and height of a node."""
    if node.type == DOT_TYPE:
        return DOT, DOT
    signature = graph.signature_of(node)
    if signature is not None:
        rows = max(len(signature.inputs), len(signature.outputs))
    else:
        rows = max(len(graph.inputs(node.name)), 1)
    return WIDTH, TITLE + max(1, rows) * ROW + FOOT


def _box(graph: Graph, node: Node, before: Box | None) -> Box:
    x, y = node.position
    width, height = node_size(graph, node)
    rect = Rect(x, y, x + width, y + height)
    inputs, outputs = _ports(graph, node)
    if before is not None and before.rect == rect and _same_ports(before, inputs, outputs):
        return before
    if node.type == DOT_TYPE:
        mx, my = rect.middle
        sides = [
            tuple(Pin(node.name, port, kind, out, mx, my, optional) for port, kind, optional in ports)
            for out, ports in ((False, inputs), (True, outputs))
        ]
        return Box(node.name, rect, sides[0], sides[1], dot=True)
    return Box(
        node.name,
        rect,
        tuple(_pins(node.name, inputs, False, x, y)),
        tuple(_pins(node.name, outputs, True, x + width, y)),
    )


_Ports = list[tuple[str, str, bool]]


def _ports(graph: Graph, node: Node) -> tuple[_Ports, _Ports]:
    """(name, type, optional) of the inputs and outputs; of a placeholder, those that wires use."""
    signature = graph.signature_of(node)
    if signature is not None:
        inputs = [(p.name, p.type, p.optional) for p in signature.inputs.values()]
        return inputs, [(p.name, p.type, False) for p in signature.outputs.values()]
    used = dict.fromkeys(output for source, output in graph.wires.values() if source == node.name)
    return [(port, "", False) for port in graph.inputs(node.name)], [(port, "", False) for port in used]


def _same_ports(box: Box, inputs: _Ports, outputs: _Ports) -> bool:
    return [(p.port, p.type, p.optional) for p in box.inputs] == inputs and [
        (p.port, p.type, p.optional) for p in box.outputs
    ] == outputs


def _pins(node: str, ports: _Ports, output: bool, x: float, y: float) -> Iterator[Pin]:
    for row, (port, kind, optional) in enumerate(ports):
        yield Pin(node, port, kind, output, x, y + TITLE + ROW * (row + 0.5) + 2, optional)


def _distance2(p: Point, a: Point, b: Point) -> float:
    """The square of a point's distance from a piece of line."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = 0.0 if length == 0 else max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length))
    return (a[0] + t * dx - p[0]) ** 2 + (a[1] + t * dy - p[1]) ** 2


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    # A point on the line counts to one side: a cut through the end of two pieces then meets one of them.
    return (side(a, b, c) < 0) != (side(a, b, d) < 0) and (side(c, d, a) < 0) != (side(c, d, b) < 0)
