"""A curve as a parameter's value (colour.curves): its control points under the hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from nodegraph.editor import edits
from nodegraph.editor.axis import Axis
from nodegraph.editor.curves import REACH
from nodegraph.editor.geometry import Point
from nodegraph.editor.parts import param_of, stored
from nodegraph.errors import DocumentError
from nodegraph.graph import Graph, curve_value, sample_curve

#: How near points may come to each other along x, as a share of what is seen.
_APART = 1e-3

_DRAGS = count()


@dataclass(slots=True)
class CurveField:
    """The control points of one parameter of kind "curve": (x, y), or (x, y, slope in, slope out).

    Points never pass each other. All raise DocumentError once the node is gone. Every edit is one step of undo; a drag is one until `settle`.
    """

    document: Graph
    path: str
    param: str
    x: Axis = field(default_factory=lambda: Axis(centre=0.5))
    y: Axis = field(default_factory=lambda: Axis(centre=0.5, up=True))
    #: Why the last wish wasn't granted; "" when it was.
    notice: str = ""
    _merge: str | None = None

    @property
    def points(self) -> list[tuple[float, ...]]:
        return list(stored(self.document, self.path, self.param))

    def resize(self, width: float, height: float) -> None:
        """Panel size in pixels; 0 to 1 is shown both ways, with a margin."""
        self.x.pixels, self.y.pixels = max(1.0, width), max(1.0, height)
        self.x.fit(0.0, 1.0)
        self.y.fit(0.0, 1.0)

    def place(self, point: Sequence[float]) -> Point:
        """Where a point lies in the panel."""
        return self.x.to_panel(point[0]), self.y.to_panel(point[1])

    def point_at(self, px: float, py: float) -> int | None:
        """The nearest control point within reach, by its number."""
        near = []
        for i, point in enumerate(self.points):
            x, y = self.place(point)
            near.append(((x - px) ** 2 + (y - py) ** 2, i))
        distance, index = min(near)
        return index if distance <= REACH * REACH else None

    def sample(self, n: int = 128) -> list[Point]:
        """The curve as the node uses it, at `n` even places across the panel: (x, y), not pixels."""
        low, high = self.x.seen
        table = sample_curve(self.points, n, low, high)
        return [(low + (high - low) * i / (n - 1), float(y)) for i, y in enumerate(table)]

    def add(self, x: float, y: float | None = None) -> int | None:
        """A point, on the curve unless `y` is given; its number, or that of one that is there already."""
        points = self.points
        distance, near = min((abs(p[0] - x), i) for i, p in enumerate(points))
        if distance < self._apart:
            return near
        index = sum(p[0] < x for p in points)
        points.insert(index, (x, curve_value(points, x) if y is None else y))
        return index if self._put(points, None) else None

    def move(self, index: int, x: float, y: float, *, drag: bool = True) -> None:
        """A point goes to (x, y), or as near as its neighbours let it; its own slopes go with it."""
        points = self.points
        if not self._has(points, index):
            return
        low = points[index - 1][0] + self._apart if index else -math.inf
        high = points[index + 1][0] - self._apart if index + 1 < len(points) else math.inf
        x = (low + high) / 2 if low > high else min(max(x, low), high)
        points[index] = (x, y, *points[index][2:])
        self._put(points, self._dragging() if drag else None)

    def turn(self, index: int, into: float | None, out: float | None, *, drag: bool = True) -> None:
        """A point's slopes, in y per x; without both of them they are automatic: monotone through the neighbours."""
        points = self.points
        if self._has(points, index):
            both = () if into is None or out is None else (into, out)
            points[index] = (*points[index][:2], *both)
            self._put(points, self._dragging() if drag else None)

    def remove(self, index: int) -> None:
        """A point goes; two always stay."""
        points = self.points
        if len(points) <= 2:
            self.notice = f"{self.path}: a curve needs two points"
        elif self._has(points, index):
            del points[index]
            self._put(points, None)

    def reset(self) -> None:
        self.notice = ""
        edits.reset(self.document, self.path, self.param)

    def settle(self) -> None:
        """A drag is over."""
        if self._merge is not None:
            self.document.history.settle()
            self._merge = None

    @property
    def _apart(self) -> float:
        low, high = self.x.seen
        return (high - low) * _APART

    def _dragging(self) -> str:
        if self._merge is None:
            self._merge = f"curve {next(_DRAGS)}"
        return self._merge

    def _has(self, points: list[tuple[float, ...]], index: int) -> bool:
        self.notice = "" if 0 <= index < len(points) else f"{self.path}: the curve has no point {index}"
        return not self.notice

    def _put(self, points: list[tuple[float, ...]], merge: str | None) -> bool:
        self.notice = ""
        try:
            param = param_of(self.document, self.path, self.param)[2]
            edits.put(self.document, self.path, param, [points], "curve", merge)
        except DocumentError as error:
            self.notice = str(error)
        return not self.notice
