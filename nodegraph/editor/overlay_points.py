"""Handles of nodes that are a few points: ramp, radial, text, and any node with positions in pixels."""

from __future__ import annotations

from nodegraph.editor.geometry import Point
from nodegraph.editor.overlay import Ellipse, Keys, Overlay, Shape, Text, Values, kept_to_axis


class Points(Overlay):
    """A handle at each point from the bottom left, in pixels or in parts of the format as a plain centre is.

    What any node gets that says no more of itself.
    """

    def names(self) -> list[str]:
        return [name for name, param in self.params.items() if param.kind == "vec2" and self.unit(name) is not None]

    def unit(self, name: str) -> Point | None:
        """How many pixels 1 of a point's parameter is, across and up; None for what is no point."""
        unit = self.params[name].unit
        if unit == "px":
            return 1.0, 1.0
        return (self.format.width, self.format.height) if name == "centre" and not unit else None

    def place(self, name: str) -> Point:
        (x, y), (across, up) = self.values[name], self.unit(name) or (1.0, 1.0)
        return x * across, y * up

    def shapes(self) -> list[Shape]:
        made: list[Shape] = []
        for name in self.names():
            spot = self.spot(name, *self.place(name), name, look="round")
            made += [Text(spot.x, spot.y, self.params[name].label or name), spot]
        return made

    def values_for(self, handle: str, start: Point, to: Point, keys: Keys) -> Values:
        if handle not in self.names():
            return {}
        return {handle: self.moved(handle, start, to, keys)}

    def moved(self, name: str, start: Point, to: Point, keys: Keys) -> Point:
        """A point moved by a drag, along one axis with shift."""
        if "shift" in keys:
            to = kept_to_axis(start, to)
        (x, y), (across, up) = self.values[name], self.unit(name) or (1.0, 1.0)
        return x + (to[0] - start[0]) / across, y + (to[1] - start[1]) / up


class Ramp(Points):
    """From one colour to the other: the line between them, and across it where the colours begin."""

    def shapes(self) -> list[Shape]:
        start, end = self.values["start"], self.values["end"]
        dx, dy = (end[0] - start[0]) / 6, (end[1] - start[1]) / 6
        made: list[Shape] = [self.line((start, end))]
        for x, y in (start, end):
            made.append(self.line(((x - dy, y + dx), (x + dy, y - dx))))
        return [*made, *super().shapes()]


class Radial(Points):
    """An ellipse, where it begins to fade, its centre and its two radii on both sides."""

    def names(self) -> list[str]:
        return ["centre"]

    def shapes(self) -> list[Shape]:
        (x, y), (rx, ry) = self.values["centre"], self.values["radius"]
        px, py = self.format.shown(x, y)
        aspect, hard = self.format.aspect, 1 - self.values["softness"]
        made: list[Shape] = [Ellipse(px, py, rx * aspect, ry, handle="" if self.driven("radius") else "radius")]
        if 0 < hard < 1:
            made.append(Ellipse(px, py, rx * hard * aspect, ry * hard))
        for side, dx, dy in (("left", -rx, 0), ("right", rx, 0), ("top", 0, ry), ("bottom", 0, -ry)):
            made.append(self.spot(side, x + dx, y + dy, "radius"))
        return [*made, self.spot("centre", x, y, "centre", look="cross")]

    def values_for(self, handle: str, start: Point, to: Point, keys: Keys) -> Values:
        (x, y), (rx, ry) = self.values["centre"], self.values["radius"]
        grown = {
            "left": (rx + start[0] - to[0], ry),
            "right": (rx + to[0] - start[0], ry),
            "top": (rx, ry + to[1] - start[1]),
            "bottom": (rx, ry + start[1] - to[1]),
        }.get(handle)
        if handle == "radius":  # the outline: both, in proportion

            def far(point: Point) -> float:
                return float((((point[0] - x) / rx) ** 2 + ((point[1] - y) / ry) ** 2) ** 0.5)

            share = far(to) / max(1e-9, far(start))
            grown = rx * share, ry * share
        elif grown is not None and "shift" in keys:
            share = grown[0] / rx if handle in ("left", "right") else grown[1] / ry
            grown = rx * share, ry * share
        return {"radius": grown} if grown is not None else super().values_for(handle, start, to, keys)
