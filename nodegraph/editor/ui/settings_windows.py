# ruff: noqa: TID253
"""Preferences of the person, and settings of the project."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.actions import SETS
from nodegraph.editor.display import views
from nodegraph.editor.ui import theme
from nodegraph.errors import NodegraphError

if TYPE_CHECKING:
    from nodegraph.editor.ui.app import App
    from nodegraph.editor.ui.dialogs import Dialogs

_RATES = ("23.976", "24", "25", "29.97", "30", "48", "50", "59.94", "60")
_EXACT = {"23.976": "24000/1001", "29.97": "30000/1001", "59.94": "60000/1001"}


class _Form:
    """Labels on the left, fields on the right; `values` is what is in them now."""

    def __init__(self, app: App, dialogs: Dialogs, title: str, height: int) -> None:
        self.app = app
        self.values: dict[str, Any] = {}
        self._window = dialogs.begin(title, 460, height, self.apply)
        self.rows()
        dialogs.buttons(("Apply", self.apply), ("Cancel", lambda: None))

    def rows(self) -> None:
        raise NotImplementedError

    def apply(self) -> None:
        raise NotImplementedError

    def row(self, name: str, label: str, kind: str, value: Any, **options: Any) -> None:
        self.values[name] = value
        with dpg.group(horizontal=True, parent=self._window):
            dpg.add_text(f"{label:<24}", color=theme.DIM)
            dpg.bind_item_font(dpg.last_item(), self.app.fonts.mono)
            make = {
                "combo": dpg.add_combo,
                "int": dpg.add_input_int,
                "float": dpg.add_input_float,
                "bool": dpg.add_checkbox,
            }[kind]
            if kind == "combo":
                options = {"items": options["items"]}
            elif kind in ("int", "float"):
                options = {"step": 0, **options}
            if kind != "bool":
                options["width"] = -1
            make(default_value=value, callback=lambda _s, new: self.values.__setitem__(name, new), **options)


class PreferencesWindow(_Form):
    def __init__(self, app: App, dialogs: Dialogs) -> None:
        super().__init__(app, dialogs, "Preferences", 310)

    def rows(self) -> None:
        held = self.app.preferences
        self.row("ui_scale", "Size of everything", "float", held.ui_scale, format="%.2f")
        self.row("keymap", "Keys as in", "combo", held.keymap, items=list(SETS))
        self.row("cache_memory", "Cache, MB (0: choose)", "int", held.cache_memory)
        self.row("thumbnails", "Pictures on nodes", "bool", held.thumbnails)
        self.row("view", "Viewers begin with", "combo", held.view, items=views())

    def apply(self) -> None:
        app = self.app
        try:
            for name, value in self.values.items():
                app.preferences.set(name, value)
            app.preferences.save()
        except NodegraphError as error:
            app.dialogs.tell("That can't be set", str(error))
            return
        app.settle_preferences()


class ProjectWindow(_Form):
    def __init__(self, app: App, dialogs: Dialogs) -> None:
        super().__init__(app, dialogs, "Project settings", 320)

    def rows(self) -> None:
        document = self.app.session.document
        rate = str(document.setting("rate"))
        shown = next((k for k, v in _EXACT.items() if v == rate), rate)
        self.row("width", "Width", "int", int(document.setting("width")))
        self.row("height", "Height", "int", int(document.setting("height")))
        self.row("pixel_aspect", "Pixel aspect", "float", float(document.setting("pixel_aspect")), format="%.3f")
        self.row("rate", "Frames per second", "combo", shown, items=list(dict.fromkeys((*_RATES, shown))))
        self.row("first", "First frame", "int", int(document.setting("first")))
        self.row("last", "Last frame", "int", int(document.setting("last")))

    def apply(self) -> None:
        values = dict(self.values)
        values["rate"] = _EXACT.get(values["rate"], str(Fraction(values["rate"])))
        document = self.app.session.document
        changed = {k: v for k, v in values.items() if document.setting(k) != v}
        if changed:
            document.configure(**changed)
