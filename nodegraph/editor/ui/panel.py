# ruff: noqa: TID253
"""What all panels are: a window in its place, drawn anew only where something changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import dearpygui.dearpygui as dpg

from nodegraph.editor.geometry import Rect
from nodegraph.editor.ui import theme

if TYPE_CHECKING:
    from nodegraph.editor.session import Session
    from nodegraph.editor.ui.app import App


class Panel:
    """One panel. Subclasses fill `build` (once), `update` (every frame: cheap), `reset` (another document).

    Those that are drawn on give their drawing's item as `surface`: while the cursor is over it, `press`,
    `move`, `release`, `wheel` and `key` get the events, with positions from its top left corner.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""

    def __init__(self, app: App) -> None:
        self.app = app
        self.window: int | str = 0
        self.rect = Rect(0, 0, 0, 0)
        self.surface: int | str | None = None

    @property
    def session(self) -> Session:
        return self.app.session

    def create(self) -> None:
        with dpg.window(
            no_title_bar=True, no_move=True, no_resize=True, no_close=True, no_collapse=True, no_saved_settings=True,
            no_bring_to_front_on_focus=True, no_scrollbar=True, no_scroll_with_mouse=True, show=False,
        ) as self.window:  # fmt: skip
            self.build()
        dpg.bind_item_theme(self.window, theme.item_theme("panel"))

    def place(self, rect: Rect | None) -> None:
        """Put the panel there, or hide it."""
        if rect is None:
            dpg.configure_item(self.window, show=False)
            self.rect = Rect(0, 0, 0, 0)
            return
        dpg.configure_item(self.window, show=True)
        if rect != self.rect:
            self.rect = rect
            dpg.set_item_pos(self.window, [int(rect.x0), int(rect.y0)])
            dpg.configure_item(self.window, width=int(rect.x1 - rect.x0), height=int(rect.y1 - rect.y0))

    @property
    def visible(self) -> bool:
        return self.rect.x1 > self.rect.x0

    # -- for subclasses

    def build(self) -> None:
        raise NotImplementedError

    def reset(self) -> None:
        """Another document is shown from now on."""

    def update(self) -> None:
        """Draw what changed."""

    def press(self, button: int, x: float, y: float, double: bool) -> None:
        pass

    def move(self, x: float, y: float) -> None:
        """The cursor moved: over the surface, or with a button that went down on it."""

    def release(self, button: int, x: float, y: float) -> None:
        pass

    def wheel(self, x: float, y: float, notches: float) -> None:
        pass

    def perform(self, action: str) -> bool:
        """Do an action that is this panel's own; whether it was."""
        return False

    # -- places

    def origin(self) -> tuple[float, float]:
        """The surface's top left corner in the window."""
        assert self.surface is not None
        x, y = dpg.get_item_rect_min(self.surface)
        return float(x), float(y)

    def under(self) -> bool:
        """Whether the cursor is over the surface, with nothing above it."""
        return self.surface is not None and self.visible and dpg.is_item_hovered(self.surface)
