"""Tidying nodes: a layered layout (L), and aligning and distributing by hand.

Nothing here changes the document: positions come out, the editor moves the nodes by commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, get_args

from nodegraph.editor.geometry import Box, Geometry, Point, Rect
from nodegraph.editor.layering import Link, layered
from nodegraph.editor.levelling import heights_of
from nodegraph.errors import DocumentError, did_you_mean
from nodegraph.graph import Graph

#: Between layers, between nodes of a layer, beside a wire that passes, between parts: graph units.
LAYER_GAP, NODE_GAP, WIRE_GAP, PART_GAP = 60.0, 26.0, 16.0, 52.0
#: Nodes without wires stand in rows of at least so many.
_ROW = 4

Edge = Literal["left", "right", "top", "bottom", "centre", "middle"]
Axis = Literal["x", "y"]


def tidy(graph: Graph, names: Iterable[str] | None = None) -> dict[str, Point]:
    """Where nodes of a graph (all of them) would lie in a layered layout: the corners by name.

    Wires run to the right and paths level; parts without a wire between them lie below one another
    as they did. The upper left corner of the whole stays. DocumentError when there is no such node.
    """
    boxes = _chosen(Geometry(graph).boxes, graph.nodes if names is None else names)
    corners: dict[str, Point] = {}
    alone: list[Box] = []
    down = 0.0
    for part in _parts(graph, boxes):
        if len(part) == 1:
            alone += part
            continue
        corners |= {name: (x, y + down) for name, (x, y) in _part(graph, part).items()}
        down = max(corners[box.name][1] + _size(box)[1] for box in part) + PART_GAP
    width = max((corners[box.name][0] + _size(box)[0] for box in boxes if box.name in corners), default=0.0)
    corners |= _rows(alone, down, width)
    bounds = _bounds(boxes)
    return {box.name: _rounded(bounds, corners[box.name]) for box in boxes}


def align(boxes: Mapping[str, Box], names: Iterable[str], edge: Edge) -> dict[str, Point]:
    """Corners that put nodes' edges, or their centres ("centre" across, "middle" down), on one line."""
    if edge not in get_args(Edge):
        raise DocumentError(f"can't align by {edge!r}", hint="one of " + ", ".join(get_args(Edge)))
    chosen = _chosen(boxes, names)
    bounds = _bounds(chosen)
    corners = {}
    for box in chosen:
        (x, y), (width, height) = (box.rect.x0, box.rect.y0), _size(box)
        match edge:
            case "left":
                x = bounds.x0
            case "right":
                x = bounds.x1 - width
            case "top":
                y = bounds.y0
            case "bottom":
                y = bounds.y1 - height
            case "centre":
                x = bounds.middle[0] - width / 2
            case "middle":
                y = bounds.middle[1] - height / 2
        corners[box.name] = (round(x, 1), round(y, 1))
    return corners


def distribute(boxes: Mapping[str, Box], names: Iterable[str], axis: Axis) -> dict[str, Point]:
    """Corners that leave equal gaps between nodes along an axis; the two outermost stay."""
    if axis not in get_args(Axis):
        raise DocumentError(f"can't distribute along {axis!r}", hint="one of " + ", ".join(get_args(Axis)))
    k = 0 if axis == "x" else 1
    chosen = sorted(_chosen(boxes, names), key=lambda box: box.rect.middle[k])
    corners = {box.name: [box.rect.x0, box.rect.y0] for box in chosen}
    if len(chosen) > 2:
        first, last = corners[chosen[0].name][k], corners[chosen[-1].name][k]
        gap = (last - first - sum(_size(box)[k] for box in chosen[:-1])) / (len(chosen) - 1)
        at = first
        for box in chosen[:-1]:
            corners[box.name][k] = at
            at += _size(box)[k] + gap
    return {name: (round(x, 1), round(y, 1)) for name, (x, y) in corners.items()}


def _chosen(boxes: Mapping[str, Box], names: Iterable[str]) -> list[Box]:
    """The boxes of names, from top to bottom."""
    found = {}
    for name in names:
        if name not in boxes:
            raise DocumentError(f"there is no node {name!r}", hint=did_you_mean(name, boxes))
        found[name] = boxes[name]
    return sorted(found.values(), key=lambda box: (box.rect.y0, box.rect.x0, box.name))


def _size(box: Box) -> Point:
    return box.rect.x1 - box.rect.x0, box.rect.y1 - box.rect.y0


def _bounds(boxes: Sequence[Box]) -> Rect:
    total = boxes[0].rect if boxes else Rect(0.0, 0.0, 0.0, 0.0)
    for box in boxes:
        total = total.union(box.rect)
    return total


def _rounded(bounds: Rect, corner: Point) -> Point:
    return round(bounds.x0 + corner[0], 1), round(bounds.y0 + corner[1], 1)


def _parts(graph: Graph, boxes: list[Box]) -> list[list[Box]]:
    """Nodes that wires join, in the order of each part's first."""
    root = {box.name: box.name for box in boxes}

    def find(name: str) -> str:
        while root[name] != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    for (target, _), (source, _) in graph.wires.items():
        if target in root and source in root:
            root[find(target)] = find(source)
    parts: dict[str, list[Box]] = {}
    for box in boxes:
        parts.setdefault(find(box.name), []).append(box)
    return list(parts.values())


def _part(graph: Graph, boxes: list[Box]) -> dict[str, Point]:
    """The layout of nodes that wires join, from (0, 0) on."""
    number = {box.name: k for k, box in enumerate(boxes)}
    plane = layered([_size(box)[1] for box in boxes], _links(graph, boxes, number))
    tops = heights_of(plane, NODE_GAP, WIRE_GAP)
    highest = min(tops[: len(boxes)])
    widths = [0.0] * len(plane.order)
    for k, box in enumerate(boxes):
        widths[plane.layer[k]] = max(widths[plane.layer[k]], _size(box)[0])
    lefts = [sum(widths[:k]) + LAYER_GAP * k for k in range(len(widths))]
    corners = {}
    for k, box in enumerate(boxes):
        layer = plane.layer[k]
        corners[box.name] = (lefts[layer] + (widths[layer] - _size(box)[0]) / 2, tops[k] - highest)
    return corners


def _links(graph: Graph, boxes: list[Box], number: dict[str, int]) -> list[Link]:
    """The wires between nodes. A port that isn't shown (of another version) counts as the node's middle."""
    pins = {(p.node, p.port, p.output): p.y - box.rect.y0 for box in boxes for p in box.pins}
    links = []
    for (target, input), (source, output) in graph.wires.items():
        if target in number and source in number:
            a, b = number[source], number[target]
            out = pins.get((source, output, True), _size(boxes[a])[1] / 2)
            links.append(Link(a, b, out, pins.get((target, input, False), _size(boxes[b])[1] / 2)))
    return links


def _rows(boxes: list[Box], down: float, width: float) -> dict[str, Point]:
    """Nodes without wires, in rows as wide as the rest."""
    corners: dict[str, Point] = {}
    x, tallest = 0.0, 0.0
    widest = max((_size(box)[0] for box in boxes), default=0.0)
    width = max(width, _ROW * widest + (_ROW - 1) * LAYER_GAP)
    for box in boxes:
        if x > 0 and x + _size(box)[0] > width:
            x, down, tallest = 0.0, down + tallest + NODE_GAP, 0.0
        corners[box.name] = (x, down)
        x += _size(box)[0] + LAYER_GAP
        tallest = max(tallest, _size(box)[1])
    return corners
