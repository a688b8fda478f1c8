# ruff: noqa: TID253
"""The whole graph, small, in a corner; press in it to go there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from nodegraph.editor.geometry import Rect
from nodegraph.editor.ui import theme

if TYPE_CHECKING:
    from nodegraph.editor.canvas import Canvas

_WIDTH, _HEIGHT, _EDGE = 168, 100, 10
#: Fewer nodes than this are seen well enough without a map.
_FEWEST = 8


class Minimap:
    """A map over the lower right of the graph. It hides itself where the whole graph is seen anyhow."""

    def __init__(self, window: int | str) -> None:
        with dpg.child_window(
            parent=window, width=_WIDTH, height=_HEIGHT, border=False, no_scrollbar=True, show=False
        ) as self._box:
            self._list = dpg.add_drawlist(_WIDTH, _HEIGHT)
        dpg.bind_item_theme(self._box, theme.item_theme("bare"))
        self._nodes = dpg.add_draw_node(parent=self._list)
        self._view = dpg.draw_rectangle((0, 0), (1, 1), color=(210, 210, 210, 170), parent=self._list)
        self._wanted = True
        self._whole = Rect(0, 0, 1, 1)
        self._few = True

    def toggle(self) -> None:
        self._wanted = not self._wanted

    def under(self) -> bool:
        return bool(dpg.is_item_shown(self._box) and dpg.is_item_hovered(self._list))

    def draw(self, canvas: Canvas) -> None:
        """The nodes changed."""
        dpg.delete_item(self._nodes, children_only=True)
        boxes = canvas.geometry.boxes
        self._few = len(boxes) < _FEWEST
        if self._few:
            return
        bounds = canvas.geometry.bounds()
        assert bounds is not None
        self._whole = bounds.grown(60)
        dpg.draw_rectangle(
            (0, 0), (_WIDTH, _HEIGHT), fill=(24, 24, 24, 235), color=theme.LINE, rounding=3, parent=self._nodes
        )
        chosen = set(canvas.selection)
        for name, box in boxes.items():
            family = canvas.graph.nodes[name].type.rpartition(".")[0].rpartition(".")[2]
            colour = theme.ACCENT if name in chosen else (*theme.family_colour(family), 255)
            a, b = self._at(box.rect.x0, box.rect.y0), self._at(box.rect.x1, box.rect.y1)
            b = (max(b[0], a[0] + 2), max(b[1], a[1] + 1.5))
            dpg.draw_rectangle(a, b, fill=colour, color=(0, 0, 0, 0), parent=self._nodes)

    def look(self, canvas: Canvas, area: Rect) -> None:
        """The view changed; `area` is the plot's place in its window."""
        seen = canvas.view.seen
        needed = (
            self._wanted and not self._few and area.x1 - area.x0 > 2.2 * _WIDTH and area.y1 - area.y0 > 1.6 * _HEIGHT
        )
        hides = (
            seen.x0 <= self._whole.x0
            and seen.x1 >= self._whole.x1
            and seen.y0 <= self._whole.y0
            and seen.y1 >= self._whole.y1
        )
        dpg.configure_item(self._box, show=needed and not hides)
        if not needed or hides:
            return
        dpg.set_item_pos(self._box, [int(area.x1 - _WIDTH - _EDGE), int(area.y1 - _HEIGHT - _EDGE)])
        a, b = self._at(seen.x0, seen.y0), self._at(seen.x1, seen.y1)
        dpg.configure_item(
            self._view, pmin=(max(1.0, a[0]), max(1.0, a[1])), pmax=(min(_WIDTH - 1.0, b[0]), min(_HEIGHT - 1.0, b[1]))
        )

    def press(self, canvas: Canvas, x: float, y: float) -> None:
        """Go where was pressed (window pixels)."""
        left, top = dpg.get_item_rect_min(self._list)
        scale, ox, oy = self._fit()
        canvas.view.x, canvas.view.y = (x - left - ox) / scale, (y - top - oy) / scale

    def _fit(self) -> tuple[float, float, float]:
        whole = self._whole
        scale = min((_WIDTH - 8) / (whole.x1 - whole.x0), (_HEIGHT - 8) / (whole.y1 - whole.y0))
        mx, my = whole.middle
        return scale, _WIDTH / 2 - mx * scale, _HEIGHT / 2 - my * scale

    def _at(self, x: float, y: float) -> tuple[float, float]:
        scale, ox, oy = self._fit()
        return x * scale + ox, y * scale + oy
