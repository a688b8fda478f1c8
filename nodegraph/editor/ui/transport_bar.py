# ruff: noqa: TID253
"""The bar over the timeline: its tabs, playback, the frame, the range, and how fast it really goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.shelf import Slot, arrange
from nodegraph.editor.timeline import timecode_of
from nodegraph.editor.timeline_zones import TABS, Tab
from nodegraph.editor.transport import Transport
from nodegraph.editor.typed import number
from nodegraph.editor.ui import theme
from nodegraph.editor.ui.icons import ICONS

if TYPE_CHECKING:
    from nodegraph.editor.ui.app import App

#: The bar's height, and its margins, at scale 1.
HEIGHT, LEFT, TOP = 36.0, 8.0, 6.0
_TITLES: dict[Tab, str] = {"timeline": "Timeline", "dope": "Dope sheet", "curves": "Curves"}
_TAB_WIDTHS: dict[Tab, float] = {"timeline": 74.0, "dope": 92.0, "curves": 64.0}
#: name, icon, action, what it does.
_BUTTONS = (
    ("first", "first", "timeline.first", "First frame of the range"),
    ("step_back", "step_back", "timeline.step_back", "One frame back"),
    ("back", "play_back", "timeline.play_back", "Play backwards"),
    ("stop", "stop", "timeline.stop", "Stop"),
    ("play", "play", "timeline.play", "Play"),
    ("step_forward", "step_forward", "timeline.step_forward", "One frame on"),
    ("last", "last", "timeline.last", "Last frame of the range"),
)
_LOOPS = {
    "loop": "Loop: at the end from the start again",
    "once": "Once: stop at the end",
    "bounce": "Bounce: there and back",
}
_PACES = {
    "real time": "Real time: frames that can't be made in time are left out",
    "every frame": "Every frame is shown, however long it takes",
}
#: How often the measured rate is read, in seconds.
_READ = 0.3

_SLOTS = (
    *(Slot(f"tab {tab}", _TAB_WIDTHS[tab], 0) for tab in TABS),
    *(Slot(name, 28.0, 1, rank=9 if name in ("back", "stop", "play") else 7) for name, *_ in _BUTTONS),
    Slot("frame", 62.0, 1, 8, before=10.0),
    Slot("timecode", 92.0, 1, 3, before=2.0),
    Slot("dropped", 84.0, 2, 1),
    Slot("fps", 96.0, 2, 4),
    Slot("in", 30.0, 2, 5, before=8.0),
    Slot("out", 36.0, 2, 5),
    Slot("whole", 26.0, 2, 5),
    Slot("loop", 28.0, 2, 6, before=8.0),
    Slot("pace", 86.0, 2, 2),
)


class TransportBar:
    """Made inside the panel's window. `tab` is told which tab was asked for."""

    def __init__(self, app: App, tab: Callable[[Tab], None], timecode: Callable[[], None]) -> None:
        self._app = app
        self._items: dict[str, int] = {}
        self._laid: Any = None
        self._said: Any = None
        self._reading: Any = None
        self._read_at = 0.0
        self._rate = 0.0
        for own in TABS:
            self._button(f"tab {own}", _TITLES[own], lambda _s, _d, to: tab(to), user_data=own)
        for name, icon, action, tip in _BUTTONS:
            self._icon(name, icon, lambda _s, _d, to: self._press(to), action, user_data=action, tip=tip)
        self._items["frame"] = dpg.add_input_text(
            on_enter=True, no_spaces=True, auto_select_all=True, callback=lambda _s, text: self._typed(text)
        )
        dpg.bind_item_font(self._items["frame"], app.fonts.mono)
        self._tip("frame", "Frame; also +=10, or arithmetic")
        self._button("timecode", "", timecode, tip="Timecode; press for a ruler in timecode, or in frames")
        dpg.bind_item_font(self._items["timecode"], app.fonts.mono)
        self._texts("dropped", "fps")
        self._button("in", "In", lambda: app.perform("timeline.in"), "timeline.in", tip="In point here")
        self._button("out", "Out", lambda: app.perform("timeline.out"), "timeline.out", tip="Out point here")
        self._icon(
            "whole", "close", lambda: app.perform("timeline.clear_range"), "timeline.clear_range", tip="Whole range"
        )
        self._icon("loop", "loop", lambda: app.perform("timeline.loop"), "timeline.loop", tip=_LOOPS["loop"])
        self._button("pace", "Real time", self._next_pace, tip=_PACES["real time"])

    # -- making

    def _button(
        self, name: str, label: str, pressed: Callable[..., Any], action: str = "", *, tip: str = "", **more: Any
    ) -> None:
        self._items[name] = dpg.add_button(label=label, callback=pressed, **more)
        dpg.bind_item_theme(self._items[name], theme.item_theme("flat"))
        if tip:
            self._tip(name, tip, action)

    def _icon(self, name: str, icon: str, pressed: Callable[..., Any], action: str, *, tip: str, **more: Any) -> None:
        self._button(name, ICONS[icon], pressed, action, tip=tip, **more)
        dpg.bind_item_font(self._items[name], self._app.fonts.icons)

    def _tip(self, name: str, text: str, action: str = "") -> None:
        keys = ", ".join(self._app.keys(action)) if action else ""
        with dpg.tooltip(self._items[name], delay=0.5):
            self._items[f"{name} tip"] = dpg.add_text(f"{text}   {keys}" if keys else text)

    def _texts(self, *names: str) -> None:
        for name in names:
            self._items[name] = dpg.add_text("", color=theme.DIM)
            dpg.bind_item_font(self._items[name], self._app.fonts.mono)

    # -- what they do

    @property
    def _transport(self) -> Transport:
        return self._app.session.transport

    def _press(self, action: str) -> None:
        """The play buttons stop what they started; keys go faster instead."""
        t = self._transport
        direction = {"timeline.play": 1, "timeline.play_back": -1}.get(action)
        if direction is None:
            self._app.perform(action)
        elif t.playing and t.direction == direction:
            t.stop()
        else:
            t.play(direction)
        self._app.wake()

    def _typed(self, text: str) -> None:
        t = self._transport
        self._said = None
        t.scrub(number(text, t.frame, t.frame, t.rate))

    def _next_pace(self) -> None:
        t = self._transport
        t.pace = "every frame" if t.pace == "real time" else "real time"

    # -- once per frame

    def clear(self) -> None:
        """Another document: say everything anew."""
        self._said = self._reading = None

    def update(self, width: float, tab: Tab, timecode: bool) -> None:
        """Follow the panel's width (pixels at scale 1) and the transport."""
        self._lay(width)
        t = self._transport
        state = (tab, t.playing and t.direction, t.loop, t.pace, t.ranged, t.in_point, t.out_point, timecode)
        if self._said is None or state != self._said[0]:
            self._say(t, tab, timecode)
            self._said = (state, None)
        if self._said[1] != (t.frame, t.rate):
            self._said = (state, (t.frame, t.rate))
            dpg.configure_item(self._items["timecode"], label=timecode_of(t.frame, t.rate))
            if not dpg.is_item_active(self._items["frame"]):
                dpg.set_value(self._items["frame"], str(t.frame))
        self._read(t)

    def _lay(self, width: float) -> None:
        scale = self._app.scale
        if (width, scale) == self._laid:
            return
        self._laid = (width, scale)
        places = arrange(_SLOTS, width - 2 * LEFT)
        for slot in _SLOTS:
            item = self._items[slot.name]
            shown = slot.name in places
            dpg.configure_item(item, show=shown)
            if not shown:
                continue
            text = slot.name in ("dropped", "fps")
            down = 1 if text or slot.name == "frame" else 0
            dpg.set_item_pos(item, [round((LEFT + places[slot.name]) * scale), round((TOP + down) * scale)])
            if not text:
                dpg.configure_item(item, width=round(slot.width * scale))
                if slot.name != "frame":
                    dpg.configure_item(item, height=round(24 * scale))

    def _say(self, t: Transport, tab: Tab, timecode: bool) -> None:
        on = {f"tab {tab}"}
        on |= {"play" if t.direction > 0 else "back"} if t.playing else set()
        on |= {"pace"} if t.pace == "every frame" else set()
        on |= {"in"} if t.in_point != t.first else set()
        on |= {"out"} if t.out_point != t.last else set()
        for name, item in self._items.items():
            if name.startswith("tab ") or name in ("play", "back", "pace", "in", "out"):
                dpg.bind_item_theme(item, theme.item_theme("toggle_on" if name in on else "toggle_off"))
        dpg.configure_item(self._items["loop"], label=ICONS[t.loop])
        dpg.configure_item(self._items["pace"], label=t.pace.capitalize())
        dpg.configure_item(self._items["whole"], enabled=t.ranged)
        dpg.set_value(self._items["loop tip"], f"{_LOOPS[t.loop]}   {', '.join(self._app.keys('timeline.loop'))}")
        dpg.set_value(self._items["pace tip"], _PACES[t.pace])
        dpg.set_value(
            self._items["in tip"], f"In point here   {', '.join(self._app.keys('timeline.in'))}   now {t.in_point}"
        )
        dpg.set_value(
            self._items["out tip"], f"Out point here   {', '.join(self._app.keys('timeline.out'))}   now {t.out_point}"
        )

    def _read(self, t: Transport) -> None:
        """The measured rate while it plays, or else the document's; it is read a few times a second."""
        now = time.monotonic()
        if t.playing and now - self._read_at >= _READ:
            self._read_at, self._rate = now, t.fps(now)
        reading = (t.playing, round(self._rate, 1) if t.playing else float(t.rate), t.speed, t.dropped)
        if reading == self._reading:
            return
        self._reading = reading
        playing, rate, speed, dropped = reading
        slow = playing and 0 < rate < float(t.rate) * speed * 0.95
        times = f" x{speed}" if playing and speed > 1 else ""
        text = f"{rate:5.1f} fps{times}" if playing else f"{f'{rate:.5g}':>5} fps"
        dpg.configure_item(self._items["fps"], color=theme.WARNING if slow else theme.TEXT if playing else theme.DIM)
        dpg.set_value(self._items["fps"], text)
        dpg.set_value(self._items["dropped"], f"{dropped} dropped".rjust(12) if dropped else "")
        dpg.configure_item(self._items["dropped"], color=theme.WARNING if playing else theme.FAINT)
