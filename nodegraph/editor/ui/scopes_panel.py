# ruff: noqa: TID253
"""Waveform, parade, histogram and vectorscope of what the viewer shows."""

from __future__ import annotations

from typing import Any

import dearpygui.dearpygui as dpg
import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.painter import Painted
from nodegraph.editor.scopes import Scopes
from nodegraph.editor.ui import theme
from nodegraph.editor.ui.panel import Panel
from nodegraph.editor.ui.textures import LiveTexture

_MODES = {"Wave": "waveform", "Parade": "parade", "Histogram": "histogram", "Vector": "vectorscope"}
_LINES = {
    "limit": (255, 255, 255, 60), "major": (255, 255, 255, 30), "minor": (255, 255, 255, 14),
    "target": (255, 255, 255, 90), "skin": (240, 190, 150, 120),
}  # fmt: skip
#: Sizes go in these steps, so that dragging the panel's edge makes few textures.
_STEP = 32
#: Pictures in turn: one shown, one on its way to the card, one being made.
_TURNS = 4


class ScopesPanel(Panel):
    name = "scopes"
    title = "Scopes"

    def build(self) -> None:
        self._scopes = Scopes()
        self._tabs: dict[str, int | str] = {}
        with dpg.group(horizontal=True):
            for label, mode in _MODES.items():
                self._tabs[mode] = dpg.add_button(
                    label=label, user_data=mode, callback=lambda _s, _d, m: self._choose(m)
                )
            self._luma = dpg.add_button(label="luma", callback=self._toggle_luma)
            with dpg.tooltip(self._luma, delay=0.5):
                dpg.add_text("One trace of the luma instead of red, green and blue")
        with dpg.child_window(border=False, no_scrollbar=True, height=-22) as self._box:
            self._list = dpg.add_drawlist(32, 32)
        dpg.bind_item_theme(self._box, theme.item_theme("bare"))
        self._picture = dpg.add_draw_node(parent=self._list)
        self._over = dpg.add_draw_node(parent=self._list)
        self._words = dpg.add_text("", color=theme.DIM)
        dpg.bind_item_font(self._words, self.app.fonts.mono)
        self.surface = self._list
        self._texture: LiveTexture | None = None
        self._asked: Any = None
        self._shown: Painted | None = None
        self._size = (0, 0)

    def reset(self) -> None:
        self._asked = self._shown = None

    def place(self, rect: Any) -> None:
        if rect is None and self.visible and self.app.has_session:
            self.session.painter.extras()
            self._asked = None
        super().place(rect)

    # -- settings

    def _choose(self, mode: str) -> None:
        self._scopes.change(mode=mode)

    def _toggle_luma(self) -> None:
        self._scopes.change(channels="rgb" if self._scopes.setup.channels != "rgb" else "luma")

    # -- drawing

    def update(self) -> None:
        width, height = (int(v) for v in dpg.get_item_rect_size(self._box))
        size = max(_STEP, width // _STEP * _STEP), max(_STEP, height // _STEP * _STEP)
        if width < 40 or height < 40:
            return
        asked = (size, self._scopes.setup, id(self.session.painter))
        if asked != self._asked:
            self._asked = asked
            self._ask(size)
            self._draw_over(size)
            for mode, tab in self._tabs.items():
                dpg.bind_item_theme(
                    tab, theme.item_theme("toggle_on" if mode == self._scopes.setup.mode else "toggle_off")
                )
            on = self._scopes.setup.channels != "rgb"
            dpg.bind_item_theme(self._luma, theme.item_theme("toggle_on" if on else "toggle_off"))
        if self._texture is not None:
            self._texture.tick()
        painted = self.session.viewer.painted
        if painted is not None and painted is not self._shown and "scope" in painted.extras:
            self._shown = painted
            self._show(painted.extras.get("scope"))
        reading = self._scopes.reading(*self._hand, self._size) if self.under() else ""
        dpg.set_value(self._words, reading or self._scopes.notice)

    def _ask(self, size: tuple[int, int]) -> None:
        """Have the painter make the scope with every picture from now on."""
        scopes = Scopes(self._scopes.setup)
        turns = [np.zeros((size[1], size[0], 4), np.float32) for _ in range(_TURNS)]
        state = {"turn": 0}

        def make(painted: Painted) -> NDArray[np.float32] | None:
            rect = painted.picture_rect()
            if rect is None:
                return None
            x0, y0, x1, y1 = rect
            state["turn"] = (state["turn"] + 1) % _TURNS
            part = np.ascontiguousarray(painted.shown[y0:y1, x0:x1])
            made = scopes.compute(part, size, out=turns[state["turn"]])
            self._scopes.odd = scopes.odd
            return made

        self.session.painter.extras(scope=make)

    def _show(self, picture: NDArray[np.float32] | None) -> None:
        if picture is None or picture.shape[:2] != (self._size[1], self._size[0]):
            return
        if self._texture is None or self._texture.size != self._size:
            if self._texture is not None:
                dpg.delete_item(self._picture, children_only=True)
                self._texture.close()
            self._texture = LiveTexture(*self._size)
            dpg.draw_image(self._texture.tag, (0, 0), self._size, parent=self._picture)
        self._texture.show(picture)

    def _draw_over(self, size: tuple[int, int]) -> None:
        self._size = size
        dpg.configure_item(self._list, width=size[0], height=size[1])
        dpg.delete_item(self._over, children_only=True)
        graticule = self._scopes.graticule(size)
        for line in graticule.lines:
            colour = _LINES.get(line.role, _LINES["major"])
            dpg.draw_polyline([list(p) for p in line.points], color=colour, closed=line.closed, parent=self._over)
        for label in graticule.labels:
            x, y = (label.x - 4, label.y - 6) if label.middle else (label.x + 3, label.y + 1)
            item = dpg.draw_text(
                (x, min(y, size[1] - 13)), label.text, size=11, color=(200, 200, 200, 150), parent=self._over
            )
            dpg.bind_item_font(item, self.app.fonts.small)

    # -- the mouse

    _hand = (0.0, 0.0)

    def move(self, x: float, y: float) -> None:
        self._hand = (x, y)
