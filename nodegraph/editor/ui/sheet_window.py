# ruff: noqa: TID253
"""The shortcut sheet: every key, by section."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from nodegraph.editor.ui import theme

if TYPE_CHECKING:
    from nodegraph.editor.ui.app import App
    from nodegraph.editor.ui.dialogs import Dialogs

_COLUMNS = 3


class SheetWindow:
    def __init__(self, app: App, dialogs: Dialogs) -> None:
        width = int(dpg.get_viewport_client_width() / app.scale) - 60
        height = int(dpg.get_viewport_client_height() / app.scale) - 60
        window = dialogs.begin("Shortcuts", min(1080, width), min(780, height), lambda: None)
        sections = app.keymap.sheet()
        total = sum(len(s.rows) + 3 for s in sections)
        columns: list[list[int]] = [[] for _ in range(_COLUMNS)]
        heights = [0] * _COLUMNS
        for k, section in enumerate(sections):
            column = next(
                (c for c in range(_COLUMNS) if heights[c] + len(section.rows) <= total / _COLUMNS + 6), _COLUMNS - 1
            )
            columns[column].append(k)
            heights[column] += len(section.rows) + 3
        with (
            dpg.child_window(parent=window, border=False, height=-40),
            dpg.table(header_row=False, borders_innerV=False, policy=dpg.mvTable_SizingStretchSame),
        ):
            for _ in columns:
                dpg.add_table_column()
            with dpg.table_row():
                for held in columns:
                    with dpg.group():
                        for k in held:
                            title = dpg.add_text(sections[k].title, color=theme.ACCENT)
                            dpg.bind_item_font(title, app.fonts.semibold)
                            for row in sections[k].rows:
                                with dpg.group(horizontal=True):
                                    keys = dpg.add_text(f"{', '.join(row.keys):<20}", color=theme.TEXT)
                                    dpg.bind_item_font(keys, app.fonts.mono)
                                    dpg.add_text(row.title, color=theme.DIM)
                            dpg.add_spacer(height=6)
        dialogs.buttons(("Close", lambda: None))
