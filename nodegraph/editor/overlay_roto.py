"""Handles of roto shapes: points, tangents, feather and whole shapes; points and shapes that come and go."""

from __future__ import annotations

import math

from nodegraph.editor import outline
from nodegraph.editor.geometry import Point
from nodegraph.editor.outline import Knots
from nodegraph.editor.overlay import Format, Keys, Overlay, Shape, Text, Values, kept_to_axis
from nodegraph.errors import DocumentError
from nodegraph.graph import Graph

#: Pixels from the outline to the handle of a feather of 0.
_FEATHER = 16.0
#: The fewest points of a shape.
FEWEST = 3


class Roto(Overlay):
    """The shapes of `draw.roto` at a frame. Handles are "shape.point", "shape.point.in", "shape.point.out",
    "shape.feather", "shape.all" (its middle, or its outline).

    Tangents turn together, with alt one by itself; alt on a sharp point pulls tangents out of it. An
    animated shape is keyed at the frame. What a node holds that can't be read is left alone.
    """

    def __init__(self, graph: Graph, path: str, frame: float, format: Format) -> None:
        super().__init__(graph, path, frame, format)
        self.notice = ""
        try:
            self.outlines = outline.read(self.values["shapes"])
        except DocumentError as error:
            self.outlines, self.notice = [], error.message

    def knots(self, k: int) -> Knots:
        return outline.knots_at(self.outlines[k], self.frame)

    def shapes(self) -> list[Shape]:
        made: list[Shape] = []
        for k in range(len(self.outlines)):
            knots = self.knots(k)
            if knots:
                made += self._shape(k, knots)
        return made

    def _shape(self, k: int, knots: Knots) -> list[Shape]:
        made: list[Shape] = [self.line(outline.outline(knots), "active", closed=True, handle=f"{k}.all")]
        feather = float(self.outlines[k].get("feather", 0))
        if feather > 0:
            made.append(self.line(_grown(knots, feather), closed=True))
        foot, (nx, ny) = _foot(knots)
        tip = (foot[0] + nx * (feather + _FEATHER), foot[1] + ny * (feather + _FEATHER))
        made += [self.line((foot, tip)), self.spot(f"{k}.feather", *tip, "shapes", look="diamond")]
        centre = outline.middle(knots)
        made.append(self.spot(f"{k}.all", *centre, "shapes", look="cross"))
        if name := self.outlines[k].get("name"):
            made.append(Text(*self.format.shown(*centre), str(name)))
        for i, (x, y, ix, iy, ox, oy) in enumerate(knots):
            for side, dx, dy in (("in", ix, iy), ("out", ox, oy)):
                if dx or dy:
                    made.append(self.line(((x, y), (x + dx, y + dy))))
                    made.append(self.spot(f"{k}.{i}.{side}", x + dx, y + dy, "shapes", look="round"))
            made.append(self.spot(f"{k}.{i}", x, y, "shapes"))
        return made

    # -- dragging

    def values_for(self, handle: str, start: Point, to: Point, keys: Keys) -> Values:
        named = self._named(handle)
        if named is None:
            return {}
        k, part = named
        if "shift" in keys:
            to = kept_to_axis(start, to)
        dx, dy = to[0] - start[0], to[1] - start[1]
        knots = [list(knot) for knot in self.knots(k)]
        if part == "feather":
            _, (nx, ny) = _foot(knots)
            feather = float(self.outlines[k].get("feather", 0)) + dx * nx + dy * ny
            return self._with(k, {**self.outlines[k], "feather": round(min(1000.0, max(0.0, feather)), 2)})
        if part == "all":
            for knot in knots:
                knot[0], knot[1] = knot[0] + dx, knot[1] + dy
        else:
            number, _, side = part.partition(".")
            _drag_knot(knots[int(number)], side, dx, dy, "alt" in keys)
        return self._with(k, outline.with_knots(self.outlines[k], self.frame, knots))

    def _named(self, handle: str) -> tuple[int, str] | None:
        """The shape and the part of it that a handle is; None when there is no such."""
        number, _, part = handle.partition(".")
        if not number.isdigit() or int(number) >= len(self.outlines):
            return None
        k, (point, _, side) = int(number), part.partition(".")
        if part in ("all", "feather"):
            return k, part
        known = point.isdigit() and int(point) < len(self.knots(k)) and side in ("", "in", "out")
        return (k, part) if known else None

    def _with(self, k: int, shape: dict[str, object] | None) -> Values:
        others = [*self.outlines[:k], *([shape] if shape is not None else []), *self.outlines[k + 1 :]]
        return {"shapes": outline.write(others)}

    # -- what comes and goes

    def add_point(self, point: Point, reach: float) -> Values:
        """A point more where an outline passes within `reach` of a picture point; its course stays. {} if none does."""
        at = self.format.meant(point)
        found = [(*outline.nearest(knots, at), k) for k in range(len(self.outlines)) if (knots := self.knots(k))]
        if not found or min(found)[0] > reach:
            return {}
        _, i, t, k = min(found)
        return self._with(k, outline.everywhere(self.outlines[k], lambda knots: outline.split(knots, i, t)))

    def delete_point(self, handle: str) -> Values:
        """Without a point, at all keys; without the shape when it would have fewer than three."""
        named = self._named(handle)
        if named is None:
            return {}
        k, part = named
        number = part.partition(".")[0]
        if not number.isdigit():
            return self._with(k, None)
        if len(self.knots(k)) <= FEWEST:
            return self._with(k, None)
        i = int(number)
        return self._with(k, outline.everywhere(self.outlines[k], lambda knots: [*knots[:i], *knots[i + 1 :]]))

    def toggle_point(self, handle: str) -> Values:
        """A sharp point round, a round one sharp, at this frame."""
        named = self._named(handle)
        if named is None or not named[1].partition(".")[0].isdigit():
            return {}
        k, part = named
        knots = outline.smoothed(self.knots(k), int(part.partition(".")[0]))
        return self._with(k, outline.with_knots(self.outlines[k], self.frame, knots))

    def add_shape(self, points: list[Point]) -> Values:
        """A new shape through picture points, round ones.

        DocumentError for fewer than three, and where it would replace what can't be read.
        """
        if self.notice:
            raise DocumentError(self.notice, where=self.path)
        if len(points) < FEWEST:
            raise DocumentError("a shape needs three points", where=self.path)
        meant = [self.format.meant(p) for p in points]
        knots: Knots = [[x, y, 0.0, 0.0, 0.0, 0.0] for x, y in meant]
        for i in range(len(knots)):
            knots = outline.smoothed(knots, i)
        shape = outline.with_knots({"name": f"shape {len(self.outlines) + 1}", "points": []}, self.frame, knots)
        return {"shapes": outline.write([*self.outlines, shape])}

    def animate(self, handle: str) -> Values:
        """A key of a shape at this frame: from then on drags are keyed."""
        named = self._named(handle)
        return self._with(named[0], outline.keyed(self.outlines[named[0]], self.frame)) if named else {}


def _drag_knot(knot: list[float], side: str, dx: float, dy: float, alone: bool) -> None:
    if not side and alone and not any(knot[2:6]):
        knot[2:6] = -dx, -dy, dx, dy
    elif not side:
        knot[0], knot[1] = knot[0] + dx, knot[1] + dy
    else:
        at, other = (2, 4) if side == "in" else (4, 2)
        knot[at], knot[at + 1] = knot[at] + dx, knot[at + 1] + dy
        length, pulled = math.hypot(*knot[other : other + 2]), math.hypot(*knot[at : at + 2])
        if not alone and length > 0 and pulled > 0:
            knot[other], knot[other + 1] = -knot[at] * length / pulled, -knot[at + 1] * length / pulled


def _foot(knots: Knots) -> tuple[Point, Point]:
    """Where the feather's handle stands on the first arc, and the direction away from the shape."""
    points = outline.outline(knots)
    i = min(outline.PIECES // 2, len(points) - 1)
    return points[i], _normals(points)[i]


def _grown(knots: Knots, by: float) -> list[Point]:
    """The outline moved outwards."""
    points = outline.outline(knots)
    return [(x + nx * by, y + ny * by) for (x, y), (nx, ny) in zip(points, _normals(points), strict=True)]


def _normals(points: list[Point]) -> list[Point]:
    """Unit vectors away from a closed outline's inside; up where it stands still."""
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, [*points[1:], points[0]], strict=True))
    sign = 1.0 if area >= 0 else -1.0
    made = []
    for i in range(len(points)):
        (ax, ay), (bx, by) = points[i - 1], points[(i + 1) % len(points)]
        length = math.hypot(bx - ax, by - ay)
        made.append((sign * (by - ay) / length, -sign * (bx - ax) / length) if length > 0 else (0.0, 1.0))
    return made
