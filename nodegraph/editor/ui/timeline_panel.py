# ruff: noqa: TID253
"""Playing and scrubbing, and below the ruler the keys: as a dope sheet or as curves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.curves import CurveEditor
from nodegraph.editor.dope import DopeSheet
from nodegraph.editor.keyframes import Keyframes
from nodegraph.editor.timeline import Timeline, runs, timecode_of
from nodegraph.editor.ui import icons, theme
from nodegraph.editor.ui.events import MIDDLE, RIGHT
from nodegraph.editor.ui.key_views import draw_curves, draw_dope
from nodegraph.editor.ui.panel import Panel

#: The ruler's height, and the strip at its top where the ends of the range are dragged.
RULER, ENDS = 34.0, 9.0
_BUTTONS = (
    ("first", "timeline.first", "First frame"),
    ("step_back", "timeline.step_back", "One frame back"),
    ("play_back", "timeline.play_back", "Play backwards"),
    ("stop", "timeline.stop", "Stop"),
    ("play", "timeline.play", "Play; again for double speed"),
    ("step_forward", "timeline.step_forward", "One frame on"),
    ("last", "timeline.last", "Last frame"),
)
_VIEWS = ("Dope sheet", "Curves")


class TimelinePanel(Panel):
    name = "timeline"
    title = "Timeline"

    def build(self) -> None:
        scale = self.app.scale
        with dpg.group(horizontal=True):
            self._icons: dict[str, int | str] = {}
            for icon, action, tip in _BUTTONS:
                self._icons[action] = self._button(icon, action, tip)
            self._frame = dpg.add_input_text(width=int(64 * scale), on_enter=True, callback=self._typed)
            self._loop = dpg.add_button(label="loop", callback=lambda: self.app.perform("timeline.loop"))
            self._pace = dpg.add_button(label="real time", callback=self._toggle_pace)
            with dpg.tooltip(self._pace, delay=0.5):
                dpg.add_text("Real time leaves frames out to keep up; every frame shows all of them")
            self._views: dict[str, int | str] = {}
            for view in _VIEWS:
                self._views[view] = dpg.add_button(
                    label=view, user_data=view, callback=lambda _s, _d, v: self._choose(v)
                )
            self._words = dpg.add_text("", color=theme.DIM)
            dpg.bind_item_font(self._words, self.app.fonts.mono)
        for item in (self._loop, self._pace):
            dpg.bind_item_theme(item, theme.item_theme("flat"))
        with dpg.child_window(border=False, no_scrollbar=True, no_scroll_with_mouse=True) as self._box:
            self._list = dpg.add_drawlist(64, 64)
        dpg.bind_item_theme(self._box, theme.item_theme("bare"))
        self._ground = dpg.draw_rectangle(
            (0, 0), (64, RULER), fill=(30, 30, 30, 255), color=(0, 0, 0, 0), rounding=3, parent=self._list
        )
        self._marks_layer = dpg.add_draw_node(parent=self._list)
        self._cache_layer = dpg.add_draw_node(parent=self._list)
        self._keys_layer = dpg.add_draw_node(parent=self._list)
        self._head = dpg.draw_line((0, 0), (0, RULER), color=theme.ACCENT, thickness=1.5, parent=self._list)
        self._grip = dpg.draw_triangle((0, 0), (1, 0), (0, 1), fill=theme.ACCENT, color=(0, 0, 0, 0), parent=self._list)
        self.surface = self._list
        self._view = _VIEWS[0]
        self._in_ruler = False
        self._make()

    def _button(self, icon: str, action: str, tip: str) -> int | str:
        button: int | str = dpg.add_button(label=icons.ICONS[icon], callback=lambda: self.app.perform(action))
        dpg.bind_item_font(button, self.app.fonts.icons)
        dpg.bind_item_theme(button, theme.item_theme("flat"))
        with dpg.tooltip(button, delay=0.5):
            dpg.add_text(f"{tip}  {', '.join(self.app.keys(action))}")
        return button

    def _make(self) -> None:
        self._line: Timeline | None = None
        self._marked = self._cached = self._keyed = self._barred = self._headed = None

    def reset(self) -> None:
        session = self.session
        self._make()
        self._line = Timeline(session.transport)
        self._keys = Keyframes(session.document)
        self._dope = DopeSheet(self._keys, self._line.x)
        self._curves = CurveEditor(self._keys, self._line.x)
        self._fitted = False

    _marked: Any
    _cached: Any
    _keyed: Any
    _barred: Any
    _headed: Any

    # -- drawing

    def update(self) -> None:
        line = self._line
        width, height = (float(v) for v in dpg.get_item_rect_size(self._box))
        if line is None or width < 20:
            return
        line.resize(width)
        self._dope.resize(width, max(1.0, height - RULER))
        self._curves.resize(width, max(1.0, height - RULER))
        if not self._fitted:
            self._fitted = True
            line.fit()
        axis = (line.x.centre, line.x.zoom, width, height)
        if (*axis, line.transport.in_point, line.transport.out_point, line.timecode) != self._marked:
            self._marked = (*axis, line.transport.in_point, line.transport.out_point, line.timecode)
            dpg.configure_item(self._list, width=int(width), height=int(height))
            dpg.configure_item(self._ground, pmax=(width, RULER))
            self._draw_marks(line, width)
            self._headed = None
        self._update_cached(line, axis)
        self._update_keys(line, axis)
        self._update_head(line, height)
        self._update_bar(line)

    def _draw_marks(self, line: Timeline, width: float) -> None:
        layer, transport = self._marks_layer, line.transport
        dpg.delete_item(layer, children_only=True)
        left, right = line.x.to_panel(transport.in_point), line.x.to_panel(transport.out_point)
        for x0, x1 in ((0.0, left), (right, width)):
            if x1 > x0:
                dpg.draw_rectangle((x0, 0), (x1, RULER), fill=(0, 0, 0, 70), color=(0, 0, 0, 0), parent=layer)
        dpg.draw_line((left, 3), (right, 3), color=(120, 120, 120, 160), thickness=2, parent=layer)
        for x in (left, right):
            dpg.draw_rectangle(
                (x - 3, 0), (x + 3, ENDS), fill=(160, 160, 160, 255), color=(20, 20, 20, 255), rounding=2, parent=layer
            )
        for mark in line.marks():
            top = RULER - (12 if mark.label else 6)
            dpg.draw_line(
                (mark.x, top), (mark.x, RULER - 4), color=(255, 255, 255, 70 if mark.label else 34), parent=layer
            )
            if mark.label:
                text = dpg.draw_text((mark.x + 4, ENDS + 1), mark.label, size=12, color=theme.DIM, parent=layer)
                dpg.bind_item_font(text, self.app.fonts.small)

    def _update_cached(self, line: Timeline, axis: Any) -> None:
        state = (axis, tuple(runs(self.session.cached)))
        if state == self._cached:
            return
        self._cached = state
        dpg.delete_item(self._cache_layer, children_only=True)
        for first, last in state[1]:
            x0, x1 = line.x.to_panel(first - 0.5), line.x.to_panel(last + 0.5)
            dpg.draw_rectangle(
                (x0, RULER - 3), (x1, RULER), fill=theme.GOOD, color=(0, 0, 0, 0), parent=self._cache_layer
            )

    def _update_keys(self, line: Timeline, axis: Any) -> None:
        session = self.session
        state = (
            axis, session.document.revision, tuple(session.canvas.selection), self._view, tuple(self._keys.selection),
            self._dope.scroll, self._curves.y.centre, self._curves.y.zoom, repr(self._now.gesture),
        )  # fmt: skip
        if state == self._keyed:
            return
        self._keyed = state
        layer = self._keys_layer
        dpg.delete_item(layer, children_only=True)
        for frame in session.key_frames():
            x, y = line.x.to_panel(frame), RULER - 8
            dpg.draw_quad(
                (x - 4, y), (x, y - 4), (x + 4, y), (x, y + 4), fill=theme.ACCENT, color=(20, 20, 20, 255), parent=layer
            )
        if self._dope.height < 24:
            return
        origin = dpg.create_translation_matrix([0, RULER])
        inside = dpg.add_draw_node(parent=layer)
        dpg.apply_transform(inside, origin)
        if self._view == "Curves":
            draw_curves(self._curves, self._dope.height, inside, self.app.fonts)
        else:
            draw_dope(self._dope, inside, self.app.fonts)

    def _update_head(self, line: Timeline, height: float) -> None:
        x = line.x.to_panel(line.transport.frame)
        if (x, height) != self._headed:
            self._headed = (x, height)
            dpg.configure_item(self._head, p1=(x, 0), p2=(x, height))
            dpg.configure_item(self._grip, p1=(x - 6, 0), p2=(x + 6, 0), p3=(x, 9))

    def _update_bar(self, line: Timeline) -> None:
        transport = line.transport
        fps = f"{transport.fps(self.app.now):5.1f} fps" if transport.playing else f"{float(transport.rate):g} fps"
        dropped = f"  {transport.dropped} dropped" if transport.dropped else ""
        state = (
            transport.frame, transport.playing, transport.direction, transport.loop, transport.pace, self._view, fps, dropped,
        )  # fmt: skip
        if state == self._barred:
            return
        self._barred = state
        if not dpg.is_item_active(self._frame):
            dpg.set_value(self._frame, str(transport.frame))
        dpg.set_value(self._words, f"{timecode_of(transport.frame, transport.rate)}  {fps}{dropped}")
        dpg.configure_item(self._loop, label=str(transport.loop))
        dpg.configure_item(self._pace, label=str(transport.pace))
        on = {1: "timeline.play", -1: "timeline.play_back"}.get(transport.direction) if transport.playing else ""
        for action, item in self._icons.items():
            dpg.bind_item_theme(item, theme.item_theme("toggle_on" if action == on else "flat"))
        for view, item in self._views.items():
            dpg.bind_item_theme(item, theme.item_theme("toggle_on" if view == self._view else "toggle_off"))

    # -- settings

    @property
    def _now(self) -> DopeSheet | CurveEditor:
        return self._curves if self._view == "Curves" else self._dope

    def _choose(self, view: str) -> None:
        self._view = view
        if view == "Curves":
            self._curves.fit()

    def _typed(self, _sender: Any, text: str) -> None:
        try:
            self.session.transport.scrub(float(text))
        except ValueError:
            self.session.say(f"{text!r} is no frame")

    def _toggle_pace(self) -> None:
        transport = self.session.transport
        transport.pace = "every frame" if transport.pace == "real time" else "real time"

    # -- the mouse

    def press(self, button: int, x: float, y: float, double: bool) -> None:
        assert self._line is not None
        events = self.app.events
        self._in_ruler = y < RULER
        if self._in_ruler:
            if double:
                self._line.fit()
            else:
                self._line.press(x, ends=y < ENDS and not self._near_head(x), middle=button == MIDDLE)
        elif button == RIGHT:
            self._menu(x, y - RULER)
        elif self._view == "Curves":
            self._curves.press(x, y - RULER, shift=events.shift, ctrl=events.ctrl, middle=button == MIDDLE)
        else:
            self._dope.press(x, y - RULER, shift=events.shift, middle=button == MIDDLE)

    def _near_head(self, x: float) -> bool:
        assert self._line is not None
        return abs(self._line.x.to_panel(self._line.transport.frame) - x) < 7

    def move(self, x: float, y: float) -> None:
        if self._line is None or not any(dpg.is_mouse_button_down(b) for b in (0, 2)):
            return
        if self._in_ruler:
            self._line.drag(x)
        elif self._now.gesture is not None:
            self.session.dragging = True
            if self._view == "Curves":
                self._curves.drag(x, y - RULER, straight=self.app.events.shift)
            else:
                self._dope.drag(x, y - RULER)

    def release(self, button: int, x: float, y: float) -> None:
        assert self._line is not None
        self.session.dragging = False
        if self._in_ruler:
            self._line.release()
        else:
            self._now.release()
        if self._keys.notice:
            self.session.say(self._keys.notice)

    def wheel(self, x: float, y: float, notches: float) -> None:
        assert self._line is not None
        if y >= RULER and self._view != "Curves" and not self.app.events.ctrl:
            self._dope.scroll_by(-notches * 22)
        elif y >= RULER and self._view == "Curves":
            self._curves.wheel(x, y - RULER, 1.15**notches, x=not self.app.events.shift, y=not self.app.events.ctrl)
        else:
            self._line.x.zoom_at(x, 1.2**notches)

    def _menu(self, x: float, y: float) -> None:
        key = self._now.key_at(x, y)
        if key is None:
            return
        if key not in self._keys.selection:
            self._keys.select([key])
        keys = self._keys
        entries: list[tuple[str, Callable[[], Any]]] = [
            ("Linear", lambda: keys.set_interp("linear")),
            ("Smooth", lambda: keys.set_interp("smooth")),
            ("Hold", lambda: keys.set_interp("hold")),
            ("Flat tangents", keys.flatten),
            ("Automatic tangents", keys.automatic),
            ("Break tangents", keys.break_tangents),
            ("Unify tangents", keys.unify_tangents),
            ("Delete", keys.delete),
        ]
        self.app.menu.choices(entries)

    # -- actions of this panel

    def perform(self, action: str) -> bool:
        transport = self.session.transport
        mine: dict[str, Callable[[], Any]] = {
            "timeline.toggle": transport.toggle,
            "timeline.step_forward": lambda: transport.step(1),
            "timeline.step_back": lambda: transport.step(-1),
            "timeline.jump_forward": lambda: transport.step(10),
            "timeline.jump_back": lambda: transport.step(-10),
            "timeline.first": transport.to_first,
            "timeline.last": transport.to_last,
            "timeline.in": transport.set_in,
            "timeline.out": transport.set_out,
            "timeline.clear_range": transport.clear_range,
            "timeline.loop": transport.next_loop,
            "timeline.frame": self._fit,
            "timeline.delete": self._delete,
            "timeline.select_all": lambda: self._keys.select_all(),
        }
        if action not in mine:
            return False
        mine[action]()
        return True

    def _fit(self) -> None:
        span = float(self.session.transport.first), float(self.session.transport.last)
        self._now.fit(span)

    def _delete(self) -> None:
        self._keys.delete()
