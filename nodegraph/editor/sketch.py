"""A graph as a small drawing: what a card shows of a graph that nobody has looked at yet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.geometry import TITLE, Geometry, Rect, along
from nodegraph.graph import Graph

#: Room around the graph, in its own units.
_MARGIN = 50.0
_GROUND, _BODY, _WIRE = 0.135, 0.27, 0.5

Colour = Callable[[str], tuple[int, int, int]]


def sketch(graph: Graph, size: tuple[int, int], colour: Colour) -> NDArray[np.float32]:
    """The nodes and wires of a graph, (height, width, 4) in 0..1; `colour` gives that of a family of nodes (0..255)."""
    width, height = size
    made = np.full((height, width, 4), _GROUND, np.float32)
    made[..., 3] = 1
    geometry = Geometry(graph)
    bounds = geometry.bounds()
    if bounds is None:
        return made
    whole = bounds.grown(_MARGIN)
    zoom = min(width / (whole.x1 - whole.x0), height / (whole.y1 - whole.y0), 1.0)
    mx, my = whole.middle

    def place(x: float, y: float) -> tuple[int, int]:
        return round((x - mx) * zoom + width / 2), round((y - my) * zoom + height / 2)

    for wire in geometry.wires.values():
        for x, y in along(wire.curve(), 160):
            column, row = place(x, y)
            if 0 <= column < width and 0 <= row < height:
                made[row, column, :3] = _WIRE
    for name, box in geometry.boxes.items():
        family = graph.nodes[name].type.rpartition(".")[0].rpartition(".")[2]
        _fill(made, box.rect, place, (_BODY,) * 3)
        rect = box.rect
        title = rect if box.dot else Rect(rect.x0, rect.y0, rect.x1, rect.y0 + TITLE)
        _fill(made, title, place, tuple(c / 255 for c in colour(family)))
    return made


def _fill(
    made: NDArray[np.float32], rect: Rect, place: Callable[[float, float], tuple[int, int]], colour: tuple[float, ...]
) -> None:
    (x0, y0), (x1, y1) = place(rect.x0, rect.y0), place(rect.x1, rect.y1)
    made[max(0, y0) : max(0, y0 + 1, y1), max(0, x0) : max(0, x0 + 1, x1), :3] = colour
