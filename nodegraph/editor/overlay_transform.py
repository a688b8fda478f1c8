"""Handles of a transform: where the picture's corners go, and the pivot, turn, size and skew that take them there."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.geometry import Point
from nodegraph.editor.overlay import Ellipse, Format, Keys, Overlay, Shape, Text, Values, inside, kept_to_axis
from nodegraph.graph import Graph
from nodegraph.kernels import geometry

Matrix = NDArray[np.float64]

#: The ring's radius and that of the handle it is turned by, as shares of the format's shorter side.
_RING, _ARM = 0.16, 0.22
#: Degrees that a turn snaps to with shift.
_SNAP = 15.0
_SIDES = ("left", "right", "bottom", "top")


class Transform(Overlay):
    """The handles of `transform.transform`; of an inverted one those of the way that is taken back.

    The middle and the area within move, with ctrl the middle is the pivot: the picture then stays.
    Corners and sides scale about the pivot, corners with shift in proportion. The ring turns, and the
    ends of its cross skew.
    """

    def __init__(self, graph: Graph, path: str, frame: float, format: Format) -> None:
        super().__init__(graph, path, frame, format)
        v = self.values
        self.pivot: Point = (format.width / 2 + v["pivot"][0], format.height / 2 + v["pivot"][1])
        self.centre: Point = (self.pivot[0] + v["translate"][0], self.pivot[1] + v["translate"][1])
        self._turn = geometry.rotation(v["rotate"])
        self._bent = self._turn @ geometry.shear(*v["skew"])
        self._linear = self._bent @ geometry.scaling(v["scale"][0] * v["zoom"], v["scale"][1] * v["zoom"])
        self._ring = _RING * min(format.width, format.height)

    @property
    def matrix(self) -> Matrix:
        """From the picture before to the picture after, in a node's pixels; not inverted."""
        there = geometry.translation(*self.centre)
        return np.asarray(there @ self._linear @ geometry.translation(-self.pivot[0], -self.pivot[1]))

    def corners(self) -> list[Point]:
        """Where the format's corners go, counter-clockwise from the bottom left."""
        w, h = self.format.width, self.format.height
        return [_through(self.matrix, p) for p in ((0, 0), (w, 0), (w, h), (0, h))]

    def shapes(self) -> list[Shape]:
        corners = self.corners()
        (a, b, c, d), r, v = corners, self._ring, self.values
        x, y = self.format.shown(*self.centre)
        across = self._about((r, r * v["skew"][1]), self._turn)
        up = self._about((r * v["skew"][0], r), self._turn)
        arm = self._about((_ARM / _RING * r, 0), self._turn)
        made: list[Shape] = [
            self.line(corners, "active", closed=True),
            Ellipse(x, y, r * self.format.aspect, r, handle="" if self.driven("rotate") else "rotate"),
            self.line((self.centre, arm)),
            self.line((self.centre, across)),
            self.line((self.centre, up)),
            self.spot("skew:y", *across, "skew", look="diamond"),
            self.spot("skew:x", *up, "skew", look="diamond"),
            self.spot("rotate", *arm, "rotate", look="round"),
        ]
        for side, (p, q) in zip(_SIDES, ((a, d), (b, c), (a, b), (d, c)), strict=True):
            made.append(self.spot(f"scale:{side}", (p[0] + q[0]) / 2, (p[1] + q[1]) / 2, "scale"))
        for name, p in zip(("bottom left", "bottom right", "top right", "top left"), corners, strict=True):
            made.append(self.spot(f"scale:{name}", *p, "scale"))
        if v["invert"]:
            made.append(Text(*self.format.shown(*d), "inverted"))
        return [*made, self.spot("translate", *self.centre, "translate", look="cross")]

    def body(self, point: Point) -> str | None:
        held = self.driven("translate")
        return "translate" if not held and inside(self.format.meant(point), self.corners()) else None

    def values_for(self, handle: str, start: Point, to: Point, keys: Keys) -> Values:
        kind, _, side = handle.partition(":")
        if kind == "pivot" or (kind == "translate" and "ctrl" in keys):
            return self._pivoted(to[0] - start[0], to[1] - start[1])
        if kind == "translate":
            to = kept_to_axis(start, to) if "shift" in keys else to
            x, y = self.values["translate"]
            return {"translate": (x + to[0] - start[0], y + to[1] - start[1])}
        if kind == "rotate":
            return self._turned(start, to, "shift" in keys)
        if kind == "scale":
            return self._scaled(side, start, to, "shift" in keys)
        return self._skewed(side, start, to) if kind == "skew" else {}

    def _pivoted(self, dx: float, dy: float) -> Values:
        """Another pivot under the hand, and the translation that leaves the picture where it is."""
        back = geometry.inverted(self._linear)
        px, py = _through(back, (dx, dy)) if back.any() else (0.0, 0.0)
        (x, y), (tx, ty) = self.values["pivot"], self.values["translate"]
        return {"pivot": (x + px, y + py), "translate": (tx + dx - px, ty + dy - py)}

    def _turned(self, start: Point, to: Point, stepwise: bool) -> Values:
        angles = [math.atan2(p[1] - self.centre[1], p[0] - self.centre[0]) for p in (start, to)]
        by = (math.degrees(angles[1] - angles[0]) + 180) % 360 - 180
        angle = self.values["rotate"] + by
        return {"rotate": round(angle / _SNAP) * _SNAP if stepwise else angle}

    def _scaled(self, side: str, start: Point, to: Point, together: bool) -> Values:
        sx, sy = self.values["scale"]
        if together and " " in side:
            share = math.dist(to, self.centre) / max(1e-9, math.dist(start, self.centre))
            return {"scale": (sx * share, sy * share)}
        before, after = (self._flat(p, self._bent) for p in (start, to))
        if side not in ("top", "bottom"):
            sx = _grown(sx, before[0], after[0])
        if side not in ("left", "right"):
            sy = _grown(sy, before[1], after[1])
        return {"scale": (sx, sy)}

    def _skewed(self, axis: str, start: Point, to: Point) -> Values:
        before, after = (self._flat(p, self._turn) for p in (start, to))
        x, y = self.values["skew"]
        if axis == "x":
            return {"skew": (x + (after[0] - before[0]) / self._ring, y)}
        return {"skew": (x, y + (after[1] - before[1]) / self._ring)}

    def _about(self, offset: Point, matrix: Matrix) -> Point:
        x, y = _through(matrix, offset)
        return self.centre[0] + x, self.centre[1] + y

    def _flat(self, point: Point, matrix: Matrix) -> Point:
        """A point as an offset from the middle, before a matrix that bent it."""
        offset = (point[0] - self.centre[0], point[1] - self.centre[1])
        back = geometry.inverted(matrix)
        return _through(back, offset) if back.any() else offset


def _through(matrix: Matrix, point: Point) -> Point:
    x, y, _ = matrix @ np.array([*point, 1.0])
    return float(x), float(y)


def _grown(scale: float, before: float, after: float) -> float:
    """A scale after its edge went from one distance of the pivot to another; as it was where it lies on it."""
    return scale if abs(before) < 1e-6 else scale * after / before
