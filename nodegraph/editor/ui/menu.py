# ruff: noqa: TID253
"""The menu bar, with the document's name and what goes on; and menus under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.actions import ACTIONS
from nodegraph.editor.ui import theme

if TYPE_CHECKING:
    from nodegraph.editor.ui.app import App

_MENUS: dict[str, tuple[str, ...]] = {
    "File": ("file.new", "file.open", "", "file.save", "file.save_as", "", "file.render", "", "file.close", "file.quit"),
    "Edit": ("edit.undo", "edit.redo", "", "graph.cut", "graph.copy", "graph.paste", "graph.duplicate", "graph.delete", "",
             "graph.select_all", "graph.find", "", "edit.project", "edit.preferences"),
    "Graph": ("graph.search", "graph.rename", "graph.bypass", "graph.extract", "graph.dot", "", "graph.group", "graph.ungroup",
              "graph.enter", "graph.leave", "", "graph.backdrop", "graph.note", "", "graph.tidy", "graph.align_left",
              "graph.align_top", "graph.align_middle", "graph.distribute_x", "graph.distribute_y", "", "graph.frame"),
    "Viewer": ("viewer.fit", "viewer.one_to_one", "", "viewer.wipe", "viewer.difference", "viewer.side_by_side", "",
               "viewer.matte", "viewer.alpha", "viewer.luminance", "viewer.reset", "", "viewer.roi", "viewer.proxy",
               "viewer.guides", "viewer.data_window", "viewer.handles"),
    "Panels": ("panel.viewer", "panel.graph", "panel.parameters", "panel.scopes", "panel.timeline", "panel.messages", "",
               "panel.maximise", "panel.reset"),
    "Help": ("help.sheet", "help.about"),
}  # fmt: skip
#: The bar's height at scale 1: its text and the frame around it.
_HEIGHT = 24.0
#: What has no key of its own.
_TITLES = {
    "file.render": "Render ...", "file.close": "Close", "edit.project": "Project settings ...", "help.about": "About nodegraph",
}  # fmt: skip


class Menu:
    def __init__(self, app: App) -> None:
        self._app = app
        self._said: Any = None
        with dpg.viewport_menu_bar() as self._bar:
            for title, actions in _MENUS.items():
                with dpg.menu(label=title):
                    for action in actions:
                        self._item(action)
            self._name = dpg.add_text("", color=theme.DIM, indent=int(420 * app.scale))
            self._state = dpg.add_text("", color=theme.FAINT, indent=int(640 * app.scale))
        self._popup: int | str | None = None

    @property
    def height(self) -> float:
        return round(_HEIGHT * self._app.scale)

    def update(self) -> None:
        app = self._app
        if not app.has_session:
            said: tuple[str, str] = ("", "")
        else:
            session = app.session
            said = (
                f"{'* ' if session.touched else ''}{session.name}",
                f"   {len(session.document.nodes)} nodes   {session.cost}",
            )
        if said != self._said:
            self._said = said
            dpg.set_value(self._name, said[0])
            dpg.set_value(self._state, said[1])
            dpg.set_viewport_title(f"{said[0]} - nodegraph" if said[0] else "nodegraph")

    def context(self, actions: Iterable[str]) -> None:
        """A menu of actions under the cursor."""
        with self._under_cursor():
            for action in actions:
                self._item(action)

    def choices(self, entries: Iterable[tuple[str, Callable[[], Any]]]) -> None:
        """A menu of anything under the cursor."""
        with self._under_cursor():
            for title, call in entries:
                dpg.add_menu_item(label=title, callback=lambda _s, _d, c=call: c())

    @contextmanager
    def _under_cursor(self) -> Iterator[None]:
        if self._popup is not None and dpg.does_item_exist(self._popup):
            dpg.delete_item(self._popup)
        x, y = self._app.events.mouse
        with dpg.window(popup=True, no_saved_settings=True, pos=[int(x), int(y)]) as self._popup:
            yield
        dpg.bind_item_theme(self._popup, theme.item_theme("popup"))

    def _item(self, action: str) -> None:
        if not action:
            dpg.add_separator()
            return
        title = _TITLES.get(action) or ACTIONS[action].title
        keys = self._app.keys(action)
        dpg.add_menu_item(label=title, shortcut=keys[0] if keys else "", callback=lambda: self._app.perform(action))
