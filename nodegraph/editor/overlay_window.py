"""Handles of four corners and of a crop's box."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from nodegraph.editor.geometry import Point
from nodegraph.editor.overlay import Keys, Overlay, Shape, Text, Values, inside, kept_to_axis

_TO, _FROM = (tuple(f"{side}{k}" for k in range(1, 5)) for side in ("to", "from"))


class CornerPin(Overlay):
    """The four corners that are pinned, the edges between them and the area within, which move two and all four.

    The points that go there are small ones below; with ctrl held a corner takes its own along.
    """

    def shapes(self) -> list[Shape]:
        to, source = ([self.values[name] for name in names] for names in (_TO, _FROM))
        made: list[Shape] = [self.line(source, closed=True)]
        for k, (a, b) in enumerate(pairwise([*to, to[0]])):
            made.append(self.line((a, b), "active", handle=f"edge:{k + 1}"))
        made += [self.spot(name, *p, name, look="diamond") for name, p in zip(_FROM, source, strict=True)]
        for name, p in zip(_TO, to, strict=True):
            spot = self.spot(name, *p, name)
            made += [Text(spot.x, spot.y, name[-1]), spot]
        return made

    def body(self, point: Point) -> str | None:
        return "all" if inside(self.format.meant(point), (self.values[name] for name in _TO)) else None

    def values_for(self, handle: str, start: Point, to: Point, keys: Keys) -> Values:
        if "shift" in keys:
            to = kept_to_axis(start, to)
        moved: Iterable[str] = ()
        if handle in _TO or handle in _FROM:
            moved = (handle, handle.replace("to", "from")) if "ctrl" in keys and handle in _TO else (handle,)
        elif handle == "all":
            moved = _TO
        elif handle.startswith("edge:"):
            k = int(handle.partition(":")[2]) - 1
            moved = (_TO[k], _TO[(k + 1) % 4])
        dx, dy = to[0] - start[0], to[1] - start[1]
        return {name: (self.values[name][0] + dx, self.values[name][1] + dy) for name in moved}


class Crop(Overlay):
    """The box that is kept, by its sides, its corners, and as a whole from within."""

    def _box(self) -> tuple[float, float, float, float]:
        v = self.values
        return v["left"], v["bottom"], self.format.width - v["right"], self.format.height - v["top"]

    def shapes(self) -> list[Shape]:
        x0, y0, x1, y1 = self._box()
        mx, my = (x0 + x1) / 2, (y0 + y1) / 2
        made: list[Shape] = []
        for side, a, b in (
            ("left", (x0, y0), (x0, y1)),
            ("right", (x1, y0), (x1, y1)),
            ("bottom", (x0, y0), (x1, y0)),
            ("top", (x0, y1), (x1, y1)),
        ):
            made.append(self.line((a, b), "active", handle="" if self.driven(side) else side))
        for sides, x, y in (
            (("left",), x0, my), (("right",), x1, my), (("bottom",), mx, y0), (("top",), mx, y1),
            (("left", "bottom"), x0, y0), (("right", "bottom"), x1, y0),
            (("left", "top"), x0, y1), (("right", "top"), x1, y1),
        ):  # fmt: skip
            made.append(self.spot("+".join(sides), x, y, *sides))
        return made

    def body(self, point: Point) -> str | None:
        x0, y0, x1, y1 = self._box()
        x, y = self.format.meant(point)
        return "all" if x0 <= x <= x1 and y0 <= y <= y1 else None

    def values_for(self, handle: str, start: Point, to: Point, keys: Keys) -> Values:
        if "shift" in keys:
            to = kept_to_axis(start, to)
        dx, dy = round(to[0] - start[0]), round(to[1] - start[1])
        sides = ["left", "right", "bottom", "top"] if handle == "all" else handle.split("+")
        made = {side: self.values[side] + by for side, by in _inwards(dx, dy) if side in sides}
        return made if handle == "all" else self._held(made)

    def _held(self, made: Values) -> Values:
        """A side stops a pixel before the one across."""
        across = {"left": "right", "right": "left", "bottom": "top", "top": "bottom"}
        room = {"left": self.format.width, "right": self.format.width}
        return {
            side: min(value, room.get(side, self.format.height) - self.values[across[side]] - 1)
            for side, value in made.items()
        }


def _inwards(dx: float, dy: float) -> list[tuple[str, float]]:
    """What a move to the right and up adds to what is cut off each side."""
    return [("left", dx), ("right", -dx), ("bottom", dy), ("top", -dy)]
