"""Rectangles of pixels."""

from __future__ import annotations

from math import ceil, floor
from typing import NamedTuple


class Window(NamedTuple):
    """A half-open rectangle of pixels: columns x0..x1-1, rows y0..y1-1, y growing downward.

    An EXR box `(min, max)` is `Window(min.x, min.y, max.x + 1, max.y + 1)`. Any window with
    no area is *empty*; `EMPTY` is the canonical one.
    """

    x0: int
    y0: int
    x1: int
    y1: int

    @classmethod
    def sized(cls, width: int, height: int) -> Window:
        return cls(0, 0, width, height)

    @property
    def width(self) -> int:
        return max(0, self.x1 - self.x0)

    @property
    def height(self) -> int:
        return max(0, self.y1 - self.y0)

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def empty(self) -> bool:
        return self.x1 <= self.x0 or self.y1 <= self.y0

    def union(self, other: Window) -> Window:
        """The smallest window holding both; an empty one adds nothing."""
        if self.empty:
            return other
        if other.empty:
            return self
        return Window(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def intersect(self, other: Window) -> Window:
        window = Window(max(self.x0, other.x0), max(self.y0, other.y0), min(self.x1, other.x1), min(self.y1, other.y1))
        return EMPTY if window.empty else window

    def contains(self, other: Window) -> bool:
        return other.empty or self.union(other) == self

    def grow(self, x: int, y: int | None = None) -> Window:
        """Larger by x columns left and right and y rows above and below (y = x if absent)."""
        if self.empty:
            return self
        y = x if y is None else y
        return Window(self.x0 - x, self.y0 - y, self.x1 + x, self.y1 + y)

    def shift(self, x: int, y: int) -> Window:
        return Window(self.x0 + x, self.y0 + y, self.x1 + x, self.y1 + y)

    def scale(self, factor: float) -> Window:
        """The window at a proxy scale: every pixel it touches is kept."""
        if factor == 1 or self.empty:
            return self
        return Window(floor(self.x0 * factor), floor(self.y0 * factor), ceil(self.x1 * factor), ceil(self.y1 * factor))

    def within(self, outer: Window) -> tuple[slice, slice]:
        """NumPy slices (rows, columns) that cut this window out of an array covering `outer`."""
        return (
            slice(self.y0 - outer.y0, self.y1 - outer.y0),
            slice(self.x0 - outer.x0, self.x1 - outer.x0),
        )


EMPTY = Window(0, 0, 0, 0)
