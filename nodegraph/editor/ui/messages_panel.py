# ruff: noqa: TID253
"""What went wrong, newest first, with a way to where."""

from __future__ import annotations

import time
from typing import Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.messages import Message
from nodegraph.editor.ui import icons, theme
from nodegraph.editor.ui.panel import Panel

_MARKS = {"error": ("error", theme.ERROR), "warning": ("warning", theme.WARNING), "info": ("info", theme.DIM)}
_SHOWN = 60


class MessagesPanel(Panel):
    name = "messages"
    title = "Messages"

    def build(self) -> None:
        with dpg.group(horizontal=True):
            title = dpg.add_text(self.title)
            dpg.bind_item_font(title, self.app.fonts.semibold)
            self._count = dpg.add_text("", color=theme.DIM)
            self._only = dpg.add_button(label="errors", callback=self._toggle)
            clear = dpg.add_button(label="clear", callback=lambda: self.session.messages.clear())
            dpg.bind_item_theme(clear, theme.item_theme("flat"))
        self._list = dpg.add_child_window(border=False)
        dpg.bind_item_theme(self._list, theme.item_theme("bare"))
        self._errors_only = False
        self._seen: Any = None

    def reset(self) -> None:
        self._seen = None

    def _toggle(self) -> None:
        self._errors_only = not self._errors_only

    def update(self) -> None:
        messages = self.session.messages
        seen = (messages.revision, self._errors_only, self.rect)
        if seen == self._seen:
            return
        self._seen = seen
        dpg.bind_item_theme(self._only, theme.item_theme("toggle_on" if self._errors_only else "toggle_off"))
        errors = messages.errors
        dpg.set_value(self._count, f"{errors} error{'s' if errors != 1 else ''}" if errors else "all is well")
        dpg.configure_item(self._count, color=theme.ERROR if errors else theme.FAINT)
        dpg.delete_item(self._list, children_only=True)
        for message in messages.lines("error" if self._errors_only else None)[:_SHOWN]:
            self._line(message)

    def _line(self, message: Message) -> None:
        icon, colour = _MARKS[message.severity]
        faded = message.gone or message.severity == "info"
        with dpg.group(horizontal=True, parent=self._list):
            mark = dpg.add_text(icons.ICONS[icon], color=theme.FAINT if message.gone else colour)
            dpg.bind_item_font(mark, self.app.fonts.icons)
            when = dpg.add_text(time.strftime("%H:%M:%S", time.localtime(message.when)), color=theme.FAINT)
            dpg.bind_item_font(when, self.app.fonts.mono)
            if message.node:
                link = dpg.add_button(label=message.node, callback=lambda: self.session.show_node(message.node))
                dpg.bind_item_theme(link, theme.item_theme("flat"))
                with dpg.tooltip(link, delay=0.4):
                    dpg.add_text("show me")
            if message.count > 1:
                dpg.add_text(f"x{message.count}", color=theme.FAINT)
        room = int(max(120, self.rect.x1 - self.rect.x0 - 44))
        with dpg.group(parent=self._list, indent=int(20 * self.app.scale)):
            dpg.add_text(message.text, color=theme.FAINT if faded else theme.TEXT, wrap=room)
            if message.hint and not message.gone:
                dpg.add_text(message.hint, color=theme.DIM, wrap=room)
