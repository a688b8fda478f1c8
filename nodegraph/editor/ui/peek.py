# ruff: noqa: TID253
"""What runs through a wire: hold Ctrl over it, and its picture and values are shown."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg
import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.glance import Glance, glance
from nodegraph.editor.ui import theme
from nodegraph.editor.ui.textures import LiveTexture

if TYPE_CHECKING:
    from nodegraph.editor.canvas import Canvas
    from nodegraph.editor.geometry import Wire
    from nodegraph.editor.ui.app import App

_WIDTH, _HEIGHT = 256, 144


class Peek:
    """A small window beside the cursor."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._wire: tuple[str, str] | None = None
        self._asked: Future[Glance] | None = None
        self._texture: LiveTexture | None = None
        with dpg.window(
            no_title_bar=True, no_move=True, no_resize=True, no_saved_settings=True, show=False, no_focus_on_appearing=True,
            autosize=True,
        ) as self._window:  # fmt: skip
            self._title = dpg.add_text("", color=theme.TEXT)
            self._list = dpg.add_drawlist(_WIDTH, _HEIGHT)
            self._lines = dpg.add_text("", color=theme.DIM)
        dpg.bind_item_theme(self._window, theme.item_theme("popup"))
        dpg.bind_item_font(self._title, app.fonts.semibold)
        dpg.bind_item_font(self._lines, app.fonts.mono)

    def over(self, canvas: Canvas, x: float, y: float) -> None:
        """The cursor is here over the graph."""
        wire = canvas.wire_under(*canvas.view.to_plane(x, y)) if self._app.events.ctrl else None
        if wire is None:
            self.hide()
        elif wire.end != self._wire:
            self._ask(canvas, wire)

    def hide(self) -> None:
        if self._wire is not None:
            self._wire = self._asked = None
            dpg.configure_item(self._window, show=False)

    def _ask(self, canvas: Canvas, wire: Wire) -> None:
        self._wire = wire.end
        path, frame = canvas.graph.prefix + wire.source.node, self._app.session.transport.frame
        self._asked = self._app.session.cooker.run(lambda engine: glance(engine, path, frame, (_WIDTH, _HEIGHT)))
        dpg.set_value(self._title, f"{wire.source.node}.{wire.source.port}  >  {wire.target.node}.{wire.target.port}")
        dpg.set_value(self._lines, "cooking ...")
        dpg.delete_item(self._list, children_only=True)
        x, y = self._app.events.mouse
        dpg.configure_item(self._window, show=True, pos=[int(x + 18), int(max(0, y - 200))])

    def update(self) -> None:
        """Show what has been cooked."""
        if self._texture is not None:
            self._texture.tick()
        if self._wire is not None and not self._app.events.ctrl:
            self.hide()
        if self._asked is None or not self._asked.done():
            return
        asked, self._asked = self._asked, None
        error = asked.exception()
        if error is not None:
            dpg.set_value(self._lines, str(error))
            return
        found = asked.result()
        dpg.set_value(self._lines, "\n".join(found.lines))
        if found.picture is not None:
            self._show(found.picture)

    def _show(self, picture: NDArray[np.float32]) -> None:
        if self._texture is None:
            self._texture = LiveTexture(_WIDTH, _HEIGHT)
        self._texture.show(picture)
        dpg.draw_image(self._texture.tag, (0, 0), (_WIDTH, _HEIGHT), parent=self._list)
