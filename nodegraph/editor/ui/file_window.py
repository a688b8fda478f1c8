# ruff: noqa: TID253
"""The file browser's window: places, a path, a list that folds sequences, and a name when saving."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.browser import Browser
from nodegraph.editor.listing import Entry, human_size
from nodegraph.editor.ui import icons, theme

if TYPE_CHECKING:
    from nodegraph.editor.ui.app import App
    from nodegraph.editor.ui.dialogs import Dialogs


class FileWindow:
    def __init__(
        self,
        app: App,
        dialogs: Dialogs,
        window: int | str,
        kinds: Collection[str],
        start: str,
        chosen: Callable[[str], Any],
        *,
        saving: bool,
        name: str,
    ) -> None:
        self._app, self._dialogs, self._chosen = app, dialogs, chosen
        self._browser = Browser(Path(start), kinds, saving, name)
        self._replacing = False
        scale = app.scale
        with dpg.group(horizontal=True, parent=window):
            self._icon("arrow_up", lambda: self._go(self._browser.up))
            self._path = dpg.add_input_text(width=-int(230 * scale), on_enter=True, callback=self._typed_path)
            dpg.add_input_text(width=-1, hint="narrow down ...", callback=self._narrow)
        with dpg.group(horizontal=True, parent=window):
            with dpg.child_window(width=int(150 * scale), height=-int(108 * scale), border=False) as places:
                recent = {str(Path(p).parent) for p in app.preferences.recent}
                project = Path(app.session.path).parent if app.has_session and app.session.path else None
                for mark in self._browser.bookmarks(project, [Path(p) for p in sorted(recent)]):
                    button = dpg.add_button(
                        label=mark.name, width=-1, user_data=str(mark.folder),
                        callback=lambda _s, _d, folder: self._go(lambda: self._browser.go(folder)),
                    )  # fmt: skip
                    dpg.bind_item_theme(button, theme.item_theme("flat"))
            dpg.bind_item_theme(places, theme.item_theme("bare"))
            self._list = dpg.add_child_window(height=-int(108 * scale), border=False)
        self._notice = dpg.add_text("", color=theme.WARNING, parent=window)
        if saving:
            self._name = dpg.add_input_text(
                default_value=name, width=-1, parent=window, auto_select_all=True, callback=self._typed_name
            )
            dpg.focus_item(self._name)
        else:
            dpg.add_checkbox(
                label="numbered pictures as one", default_value=True, parent=window,
                callback=lambda _s, on: self._go(lambda: self._browser.fold(on)),
            )  # fmt: skip
        with dpg.group(horizontal=True, parent=window):
            accept = dpg.add_button(label="Save" if saving else "Open", width=int(110 * scale), callback=self._press)
            dpg.bind_item_theme(accept, theme.item_theme("accent"))
            cancel = dpg.add_button(label="Cancel", width=int(110 * scale), callback=dialogs.close)
            dpg.bind_item_theme(cancel, theme.item_theme("card"))
        self._draw()

    def _icon(self, name: str, call: Callable[[], Any]) -> None:
        button = dpg.add_button(label=icons.ICONS[name], callback=call)
        dpg.bind_item_font(button, self._app.fonts.icons)
        dpg.bind_item_theme(button, theme.item_theme("flat"))

    def _go(self, step: Callable[[], Any]) -> None:
        step()
        self._draw()

    def _typed_path(self, _sender: Any, text: str) -> None:
        if self._browser.go(text) and self._browser.selected is not None:
            self.accept()
            self._dialogs.close()
        else:
            self._draw()

    def _narrow(self, _sender: Any, text: str) -> None:
        self._browser.text = text
        self._draw()

    def _typed_name(self, _sender: Any, text: str) -> None:
        self._browser.name = text
        self._replacing = False

    # -- the list

    def _draw(self) -> None:
        dpg.set_value(self._path, str(self._browser.folder))
        dpg.set_value(self._notice, self._browser.notice)
        dpg.delete_item(self._list, children_only=True)
        entries = self._browser.entries
        if not entries:
            dpg.add_text("nothing here to open", color=theme.FAINT, parent=self._list)
            return
        with dpg.table(parent=self._list, header_row=False, policy=dpg.mvTable_SizingStretchProp):
            dpg.add_table_column(width_fixed=True, init_width_or_weight=20 * self._app.scale)
            dpg.add_table_column(init_width_or_weight=5)
            dpg.add_table_column(init_width_or_weight=1)
            dpg.add_table_column(init_width_or_weight=1.6)
            for entry in entries[:1500]:
                self._line(entry)

    def _line(self, entry: Entry) -> None:
        with dpg.table_row():
            icon = icons.ICONS["folder" if entry.folder else "film" if entry.frames else "file"]
            mark = dpg.add_text(icon, color=theme.ACCENT if entry.folder else theme.FAINT)
            dpg.bind_item_font(mark, self._app.fonts.icons)
            dpg.add_selectable(
                label=entry.label, span_columns=False, user_data=entry, callback=self._selected,
                default_value=entry == self._browser.selected,
            )  # fmt: skip
            dpg.add_text("" if entry.folder else human_size(entry.size), color=theme.FAINT)
            dpg.add_text(time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.when)), color=theme.FAINT)

    def _selected(self, sender: Any, _data: Any, entry: Entry) -> None:
        twice = entry == self._browser.selected
        self._browser.select(entry)
        if entry.folder or twice:
            if self._browser.enter(entry) and not self._browser.saving:
                self._press()
                return
            self._app.later(self._draw)
            return
        if self._browser.saving:
            dpg.set_value(self._name, self._browser.name)
        self._app.later(self._draw)

    # -- the end

    def returned(self) -> None:
        """Return was pressed: in the path's field it goes there, anywhere else it is the button."""
        if not dpg.is_item_focused(self._path):
            self._press()

    def _press(self) -> None:
        if self._browser.saving and self._browser.overwrites() and not self._replacing:
            self._replacing = True
            dpg.set_value(self._notice, "That file is there already. Press Save again to replace it.")
            return
        if self._browser.chosen() is None:
            self._draw()
            return
        self.accept()
        self._dialogs.close()

    def accept(self) -> None:
        """Take what is chosen."""
        path = self._browser.chosen()
        if path is not None:
            self._app.later(lambda: self._chosen(path))
