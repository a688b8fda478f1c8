# ruff: noqa: TID253
"""Drawing in pixels at scale 1, whatever the UI scale: straight lines and boxes come on whole pixels of the screen."""

from __future__ import annotations

from collections.abc import Sequence

import dearpygui.dearpygui as dpg

from nodegraph.editor.geometry import Point, Rect
from nodegraph.editor.ui.fonts import Fonts

Colour = Sequence[int]
_NOTHING = (0, 0, 0, 0)
#: A figure of the mono font, as a share of its size.
MONO_FIGURE = 0.455


class Pen:
    """Draws on one group of draw items, from the left edge at `left` pixels on."""

    def __init__(self, layer: int | str, fonts: Fonts) -> None:
        self.layer, self.fonts = layer, fonts
        self.scale, self.left, self.top = 1.0, 0.0, 0.0

    def clear(self, scale: float, left: float = 0.0, top: float = 0.0) -> None:
        """Take away what was drawn; the next is drawn at this scale, from this corner on."""
        dpg.delete_item(self.layer, children_only=True)
        self.scale, self.left, self.top = scale, left, top

    def at(self, x: float, y: float) -> list[float]:
        return [(x + self.left) * self.scale, (y + self.top) * self.scale]

    def whole(self, x: float, y: float) -> list[float]:
        return [float(round((x + self.left) * self.scale)), float(round((y + self.top) * self.scale))]

    def line(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, thickness: float = 1.0) -> int:
        """A straight line along an axis."""
        width = max(1, round(thickness * self.scale))
        made: int = dpg.draw_line(
            self.whole(x0, y0), self.whole(x1, y1), color=colour, thickness=width, parent=self.layer
        )
        return made

    def slanted(self, a: Point, b: Point, colour: Colour, thickness: float = 1.0) -> int:
        made: int = dpg.draw_line(
            self.at(*a), self.at(*b), color=colour, thickness=thickness * self.scale, parent=self.layer
        )
        return made

    def path(self, points: Sequence[Point], colour: Colour, thickness: float = 1.0) -> int:
        made: int = dpg.draw_polyline(
            [self.at(*p) for p in points], color=colour, thickness=thickness * self.scale, parent=self.layer
        )
        return made

    def box(self, rect: Rect, fill: Colour, edge: Colour = _NOTHING, rounding: float = 0.0) -> int:
        made: int = dpg.draw_rectangle(
            self.whole(rect.x0, rect.y0), self.whole(rect.x1, rect.y1), fill=fill, color=edge,
            rounding=rounding * self.scale, parent=self.layer,
        )  # fmt: skip
        return made

    def dot(self, x: float, y: float, radius: float, fill: Colour, edge: Colour = _NOTHING) -> int:
        made: int = dpg.draw_circle(self.at(x, y), radius * self.scale, fill=fill, color=edge, parent=self.layer)
        return made

    def diamond(self, x: float, y: float, radius: float, fill: Colour, edge: Colour = _NOTHING) -> int:
        made: int = dpg.draw_quad(*self.corners(x, y, radius), fill=fill, color=edge, parent=self.layer)
        return made

    def corners(self, x: float, y: float, radius: float) -> list[list[float]]:
        """A diamond's, from the left on; its middle is on whole pixels."""
        cx, cy = self.whole(x, y)
        r = round(radius * self.scale * 2) / 2
        return [[cx - r, cy], [cx, cy - r], [cx + r, cy], [cx, cy + r]]

    def text(self, x: float, y: float, text: str, colour: Colour, font: str = "small", size: float = 13.0) -> int:
        """A line of text, from its top left corner on."""
        made: int = dpg.draw_text(
            self.whole(x, y), text, color=colour, size=round(size * self.scale), parent=self.layer
        )
        dpg.bind_item_font(made, getattr(self.fonts, font))
        return made
