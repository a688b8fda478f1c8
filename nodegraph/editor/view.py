"""The window onto a plane: which part of it is seen, and how large. For the graph and for pictures."""

from __future__ import annotations

from dataclasses import dataclass

from nodegraph.editor.geometry import Point, Rect


@dataclass(slots=True)
class View:
    """`centre` of the plane lies in the middle of a panel of `width` x `height` pixels."""

    width: float = 1.0
    height: float = 1.0
    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0
    smallest: float = 0.05
    largest: float = 4.0

    def to_plane(self, px: float, py: float) -> Point:
        """A panel position (from its top left, in pixels) as a point of the plane."""
        return self.x + (px - self.width / 2) / self.zoom, self.y + (py - self.height / 2) / self.zoom

    def to_panel(self, x: float, y: float) -> Point:
        return (x - self.x) * self.zoom + self.width / 2, (y - self.y) * self.zoom + self.height / 2

    @property
    def seen(self) -> Rect:
        """What of the plane is seen."""
        (x0, y0), (x1, y1) = self.to_plane(0, 0), self.to_plane(self.width, self.height)
        return Rect(x0, y0, x1, y1)

    def pan(self, dx: float, dy: float) -> None:
        """Move what is seen along with the hand, by pixels."""
        self.x -= dx / self.zoom
        self.y -= dy / self.zoom

    def zoom_at(self, px: float, py: float, factor: float) -> None:
        """Zoom so that the point under the cursor stays there."""
        x, y = self.to_plane(px, py)
        self.zoom = min(self.largest, max(self.smallest, self.zoom * factor))
        self.x, self.y = x - (px - self.width / 2) / self.zoom, y - (py - self.height / 2) / self.zoom

    def frame(self, rect: Rect | None, margin: float = 40.0, largest: float = 1.5) -> None:
        """Show a rectangle whole, with `margin` of the plane around it."""
        if rect is None:
            self.x = self.y = 0.0
            self.zoom = 1.0
            return
        rect = rect.grown(margin)
        fit = min(self.width / max(1e-9, rect.x1 - rect.x0), self.height / max(1e-9, rect.y1 - rect.y0))
        self.zoom = max(self.smallest, min(largest, self.largest, fit))
        self.x, self.y = rect.middle
