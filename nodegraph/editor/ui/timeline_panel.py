# ruff: noqa: TID253
"""The timeline's panel: the transport bar, and below it ruler, dope sheet and curves in one drawing."""

from __future__ import annotations

from typing import Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.geometry import Point
from nodegraph.editor.timeline_desk import TimelineDesk
from nodegraph.editor.timeline_pointing import point
from nodegraph.editor.timeline_zones import Tab
from nodegraph.editor.ui import theme
from nodegraph.editor.ui.curve_view import CurveView
from nodegraph.editor.ui.dope_view import DopeView, NamesView
from nodegraph.editor.ui.events import LEFT, MIDDLE, RIGHT
from nodegraph.editor.ui.hint_view import HintView
from nodegraph.editor.ui.key_menu import KeyMenu
from nodegraph.editor.ui.panel import Panel
from nodegraph.editor.ui.ruler_view import LAYERS, RulerView
from nodegraph.editor.ui.transport_bar import HEIGHT, TransportBar

#: Room around the drawing, at scale 1.
_EDGE = 8.0


class TimelinePanel(Panel):
    name = "timeline"
    title = "Timeline"

    def build(self) -> None:
        self._bar = TransportBar(self.app, self._show, self._switch_labels)
        with dpg.child_window(border=False, no_scrollbar=True, no_scroll_with_mouse=True) as self._box:
            self.surface = self._list = dpg.add_drawlist(64, 64)
        dpg.bind_item_theme(self._box, theme.item_theme("bare"))
        self._layers: dict[str, int | str] = {name: dpg.add_draw_node(parent=self._list) for name in LAYERS}
        self._ruler = RulerView(self._layers, self.app.fonts)
        self._rows = DopeView(self._group("below"), self.app.fonts)
        self._curves = CurveView(self._group("below"), self._group("values"), self.app.fonts)
        self._names = NamesView(self._group("names"), self.app.fonts)
        self._hint = HintView(self._layers["over"], self.app.fonts)
        self._hand: Point | None = None
        self._menu = KeyMenu(self.app, self._edited)
        self._desk: TimelineDesk | None = None
        self._keys: tuple[Any, list[int]] = (None, [])
        self._size: Any = None

    def _group(self, layer: str) -> int | str:
        made: int | str = dpg.add_draw_node(parent=self._layers[layer])
        return made

    @property
    def desk(self) -> TimelineDesk:
        assert self._desk is not None, "no document is open"
        return self._desk

    def reset(self) -> None:
        tab: Tab = self._desk.tab if self._desk is not None else "timeline"
        self._desk = TimelineDesk(self.session.document, self.session.transport)
        self._desk.show(tab)
        self._keys = (None, [])
        for part in (self._ruler, self._rows, self._curves, self._names, self._hint, self._bar):
            part.clear()

    def _show(self, tab: Tab) -> None:
        self.desk.show(tab)
        self.app.wake()

    def _switch_labels(self) -> None:
        self.desk.timeline.timecode = not self.desk.timeline.timecode
        self.app.wake()

    # -- drawing

    def update(self) -> None:
        desk, scale = self.desk, self.app.scale
        width, height = self.rect.x1 - self.rect.x0, self.rect.y1 - self.rect.y0
        self._place(width, height, scale)
        canvas = self.session.canvas
        chosen = [n for n in canvas.selection if n in canvas.graph.nodes] or list(canvas.graph.nodes)
        desk.look(canvas.graph.prefix + name for name in chosen)
        desk.resize(width / scale - 2 * _EDGE, height / scale - HEIGHT - _EDGE)
        desk.follow()
        self._bar.update(width / scale, desk.tab, desk.timeline.timecode)
        keys = self._key_frames()
        self._draw_below(scale)
        self._ruler.draw(desk.timeline, desk.zones, scale, self.session.cached, keys)
        self._ruler.place(desk.timeline, desk.zones, scale, desk.transport.frame in keys)
        self._hint.draw(desk, self._hand if desk.held or self.under() else None, scale)

    def _draw_below(self, scale: float) -> None:
        desk = self.desk
        if desk.zones.view != self._seen:
            self._seen = desk.zones.view
            for part in (self._rows, self._curves, self._names):
                part.clear()
        if self._seen == "dope":
            self._rows.draw(desk, scale)
        elif self._seen == "curves":
            self._curves.draw(desk, scale)
        if self._seen:
            self._names.draw(desk, scale)

    _seen = ""

    def _place(self, width: float, height: float, scale: float) -> None:
        if (width, height, scale) == self._size:
            return
        self._size = (width, height, scale)
        dpg.set_item_pos(self._box, [round(_EDGE * scale), round(HEIGHT * scale)])
        inside = max(1, round(width - 2 * _EDGE * scale)), max(1, round(height - (HEIGHT + _EDGE) * scale))
        for item in (self._box, self._list):
            dpg.configure_item(item, width=inside[0], height=inside[1])

    def _key_frames(self) -> list[int]:
        """Frames with keys; the same list as long as they are the same."""
        canvas = self.session.canvas
        state = (self.session.document.revision, canvas.path, tuple(canvas.selection))
        if state != self._keys[0]:
            self._keys = (state, sorted(self.session.key_frames()))
        return self._keys[1]

    # -- the mouse

    def press(self, button: int, x: float, y: float, double: bool) -> None:
        events, scale, desk = self.app.events, self.app.scale, self.desk
        if button == RIGHT:
            self._menu.show(desk, point(desk, x / scale, y / scale))
            self._hand = None
            return
        desk.press(
            x / scale, y / scale, middle=button == MIDDLE or (button == LEFT and events.alt), double=double,
            shift=events.shift, ctrl=events.ctrl,
        )  # fmt: skip
        self.session.dragging = bool(desk.held) and button == LEFT
        self._tell()

    def move(self, x: float, y: float) -> None:
        events, scale = self.app.events, self.app.scale
        self._hand = (x / scale, y / scale)
        if self.desk.held:
            self.desk.drag(x / scale, y / scale, shift=events.shift, alt=events.alt)
            self._tell()

    def release(self, button: int, x: float, y: float) -> None:
        self.desk.release()
        self.session.dragging = False

    def wheel(self, x: float, y: float, notches: float) -> None:
        events, scale = self.app.events, self.app.scale
        self.desk.wheel(x / scale, y / scale, notches, shift=events.shift, ctrl=events.ctrl)

    def perform(self, action: str) -> bool:
        if self._desk is None or not self._desk.perform(action):
            return False
        if action == "edit.cancel":
            self.session.dragging = False
        self._tell()
        return True

    def _edited(self) -> None:
        self.desk.changed += 1
        self._tell()
        self.app.wake()

    def _tell(self) -> None:
        """What was refused."""
        if self.desk.keys.notice:
            self.session.say(self.desk.keys.notice)
            self.desk.keys.notice = ""
