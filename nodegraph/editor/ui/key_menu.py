# ruff: noqa: TID253
"""The menu under the cursor on keys, tracks and the ruler."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, get_args

import dearpygui.dearpygui as dpg

from nodegraph.editor.timeline_desk import TimelineDesk
from nodegraph.editor.timeline_pointing import Pointed
from nodegraph.editor.tracks import KeyId
from nodegraph.editor.ui import theme
from nodegraph.graph.animation import Interp

if TYPE_CHECKING:
    from nodegraph.editor.ui.app import App

_TANGENTS: tuple[tuple[str, str], ...] = (
    ("Break tangents", "break_tangents"),
    ("Unify tangents", "unify_tangents"),
    ("Flatten tangents", "flatten"),
    ("Automatic tangents", "automatic"),
)
#: Heights of an item, of a line between items, and of the margins, at scale 1.
_ROW, _RULE, _MARGINS = 21.0, 7.0, 22.0


class KeyMenu:
    """One menu at a time. `did` is called after each edit."""

    def __init__(self, app: App, did: Callable[[], None]) -> None:
        self._app, self._did = app, did
        self._popup: int | str | None = None

    def show(self, desk: TimelineDesk, at: Pointed) -> None:
        """Open it for what was pointed at."""
        if self._popup is not None and dpg.does_item_exist(self._popup):
            dpg.delete_item(self._popup)
        with dpg.window(popup=True, no_saved_settings=True) as self._popup:
            if at.keys:
                self._keys(desk)
            track = at.track
            if track is not None and desk.keys.key(KeyId(track, at.frame)) is None:
                self._item(f"Add a key at {at.frame}", lambda: desk.keys.add(track, at.frame))
            self._item(f"Paste keys at {at.frame}", lambda: self._paste(desk, at.frame))
            dpg.add_separator()
            for title, action in (("Choose all keys", "timeline.select_all"), ("Frame the keys", "timeline.frame")):
                self._action(title, action, enabled=bool(desk.keys.tracks))
            if not at.keys and at.track is None:
                self._range(desk, at.frame)
        dpg.bind_item_theme(self._popup, theme.item_theme("popup"))
        dpg.set_item_pos(self._popup, self._corner(self._popup))

    def _corner(self, popup: int | str) -> list[int]:
        """Where it begins: under the cursor, or as far above it as it needs to be seen whole."""
        x, y = self._app.events.mouse
        heights = [_RULE if "Separator" in dpg.get_item_type(i) else _ROW for i in dpg.get_item_children(popup, 1)]
        high = (sum(heights) + _MARGINS) * self._app.scale
        return [int(x), max(0, int(min(y, dpg.get_viewport_client_height() - high)))]

    def _keys(self, desk: TimelineDesk) -> None:
        keys = desk.keys
        used = {key.interp for id in keys.selection if (key := keys.key(id)) is not None}
        for interp in get_args(Interp):
            self._item(interp.capitalize(), partial(keys.set_interp, interp), check=True, on=used == {interp})
        dpg.add_separator()
        for title, method in _TANGENTS:
            self._item(title, getattr(keys, method))
        dpg.add_separator()
        self._item("Copy keys", lambda: self._app.session.copied(desk.keys.copy()))
        self._action("Delete keys", "timeline.delete")

    def _paste(self, desk: TimelineDesk, frame: int) -> None:
        def take(text: str) -> None:
            desk.keys.paste(text, frame)
            self._did()

        self._app.session.take_pasted(take)

    def _range(self, desk: TimelineDesk, frame: int) -> None:
        dpg.add_separator()
        self._item(f"In point at {frame}", lambda: desk.transport.set_in(frame))
        self._item(f"Out point at {frame}", lambda: desk.transport.set_out(frame))
        self._action("Whole range", "timeline.clear_range", enabled=desk.transport.ranged)

    def _action(self, title: str, action: str, enabled: bool = True) -> None:
        keys = self._app.keys(action)
        self._item(title, lambda: self._app.perform(action), enabled=enabled, shortcut=keys[0] if keys else "")

    def _item(
        self, title: str, chosen: Callable[[], Any], *, check: bool = False, on: bool = False, enabled: bool = True,
        shortcut: str = "",
    ) -> None:  # fmt: skip
        def done() -> None:
            chosen()
            self._did()

        dpg.add_menu_item(label=title, callback=done, check=check, default_value=on, enabled=enabled, shortcut=shortcut)
