# ruff: noqa: TID253
"""The widgets of one parameter: made from its declaration, kept in step with the document."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg

from nodegraph.editor import slider
from nodegraph.editor.curvefield import CurveField
from nodegraph.editor.parts import split
from nodegraph.editor.rows import Row
from nodegraph.editor.ui import icons, theme

if TYPE_CHECKING:
    from nodegraph.editor.ui.app import App

_TINTS = {
    3: ((226, 110, 100), (120, 200, 124), (120, 160, 236)),
    4: ((226, 110, 100), (120, 200, 124), (120, 160, 236), (200, 200, 200)),
}
#: Width of a number's field, at scale 1.
_NUMBER = 74


class Field:
    """What a parameter is edited with. `show` brings it up to date; subclasses make the widgets."""

    def __init__(self, app: App, row: Row) -> None:
        self.app = app
        self.row = row
        self.items: list[int | str] = []
        self.build()

    def build(self) -> None:
        raise NotImplementedError

    def show(self, row: Row) -> None:
        self.row = row

    @property
    def room(self) -> float:
        """Pixels there are for the fields of a row."""
        rect = self.app.panels["parameters"].rect
        return max(150.0 * self.app.scale, rect.x1 - rect.x0 - 172 * self.app.scale)

    # -- what fields do

    @property
    def frame(self) -> int:
        return self.app.session.transport.frame

    def type(self, text: str, component: int | None = None) -> None:
        row, sheet = self.row, self.app.session.sheet
        sheet.type(row.node, row.param.name, text, self.frame, component)
        self.said()

    def change(self, value: Any, component: int | None = None, *, drag: bool = False) -> None:
        row, session = self.row, self.app.session
        session.dragging = drag
        session.sheet.change(row.node, row.param.name, value, self.frame, component, drag=drag)
        self.said()

    def settle(self) -> None:
        self.app.session.dragging = False
        self.app.session.sheet.settle()

    def said(self) -> None:
        sheet = self.app.session.sheet
        if sheet.notice:
            self.app.session.say(sheet.notice)

    def on_release(self, item: int | str, call: Callable[[], None]) -> None:
        """Do something when the hand lets go of a widget."""
        with dpg.item_handler_registry() as handlers:
            dpg.add_item_deactivated_handler(callback=lambda: call())
        dpg.bind_item_handler_registry(item, handlers)
        self.items.append(handlers)


def words(value: float, kind: str) -> str:
    """A number as a field shows it."""
    if kind == "int":
        return str(int(value))
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return text if text not in ("-0", "") else "0"


class NumberField(Field):
    """A number to type arithmetic into, and a slider. Shift drags finely, Ctrl coarsely."""

    def build(self) -> None:
        param = self.row.param
        self._slider = slider.slider(param, self.row.value)
        self._from = (0.0, 0.0)
        with dpg.group(horizontal=True):
            self._text = dpg.add_input_text(width=int(_NUMBER * self.app.scale), on_enter=False)
            self.on_release(self._text, self._typed)
            self._bar = dpg.add_slider_float(
                width=-1, min_value=0.0, max_value=1.0, format="", no_input=True, callback=lambda _s, v: self._slid(v)
            )
        with dpg.item_handler_registry() as handlers:
            dpg.add_item_activated_handler(callback=lambda: self._grabbed())
            dpg.add_item_deactivated_handler(callback=lambda: self.settle())
        dpg.bind_item_handler_registry(self._bar, handlers)
        self.items.append(handlers)
        self.show(self.row)

    def show(self, row: Row) -> None:
        self.row = row
        if row.value is None:
            return
        if not dpg.is_item_active(self._text):
            dpg.set_value(self._text, words(row.value, row.param.kind))
        if not dpg.is_item_active(self._bar):
            self._slider = slider.slider(row.param, row.value)
            dpg.set_value(self._bar, self._slider.place(row.value))
        look = "error" if row.error else "expression" if row.state == "expression" else None
        dpg.bind_item_theme(self._text, theme.item_theme(look) if look else 0)

    def _typed(self) -> None:
        text = dpg.get_value(self._text)
        if self.row.value is None or text != words(self.row.value, self.row.param.kind):
            self.type(text)

    def _grabbed(self) -> None:
        value = float(self.row.value or 0.0)
        self._from = (value, self._slider.place(value))

    def _slid(self, place: float) -> None:
        value, events = self._slider.value(place), self.app.events
        if events.shift:
            value = self._from[0] + (value - self._from[0]) * 0.1
        elif events.ctrl:
            step = slider.step(self.row.param, coarse=True)
            value = round(value / step) * step if step else value
        self.change(value, drag=True)


class VectorField(Field):
    """A field for each component, tinted; a swatch and a colour wheel for colours."""

    def build(self) -> None:
        param = self.row.param
        count = param.length
        tints = _TINTS.get(count) if param.kind == "colour" else None
        self._texts: list[int | str] = []
        width = max(
            int(34 * self.app.scale),
            int((self.room - (36 * self.app.scale if param.kind == "colour" else 8)) / count) - 4,
        )
        with dpg.group(horizontal=True, horizontal_spacing=4):
            for k in range(count):
                text = dpg.add_input_text(width=width)
                self.on_release(text, lambda k=k: self._typed(k))  # type: ignore[misc]
                if tints is not None:
                    with dpg.tooltip(text, delay=0.6):
                        dpg.add_text("RGBA"[k], color=(*tints[k], 255))
                self._texts.append(text)
            self._wheel: int | str | None = None
            if param.kind == "colour":
                self._swatch = dpg.add_color_button(
                    (128, 128, 128, 255), width=int(24 * self.app.scale), height=int(22 * self.app.scale), no_border=True,
                    no_drag_drop=True, callback=lambda: None,
                )  # fmt: skip
                self._make_wheel(self._swatch, count)
        self.show(self.row)

    def _make_wheel(self, swatch: int | str, count: int) -> None:
        with dpg.popup(swatch, mousebutton=0, min_size=(10, 10)):
            self._wheel = dpg.add_color_picker(
                (128, 128, 128, 255), no_alpha=count < 4, no_side_preview=True, picker_mode=dpg.mvColorPicker_wheel,
                display_hsv=True, display_type=dpg.mvColorEdit_float, width=int(220 * self.app.scale),
                callback=lambda _s, colour: self._picked(colour),
            )  # fmt: skip
        self.on_release(self._wheel, self.settle)

    def show(self, row: Row) -> None:
        self.row = row
        if row.value is None:
            return
        values = [float(v) for v in row.value]
        for k, text in enumerate(self._texts):
            if not dpg.is_item_active(text):
                dpg.set_value(text, words(values[k], "float"))
                look = "expression" if row.states[min(k, len(row.states) - 1)] == "expression" else None
                dpg.bind_item_theme(text, theme.item_theme(look) if look else 0)
        if self._wheel is not None:
            shown = [min(255, max(0, round(_encoded(v) * 255))) for v in values[:3]]
            dpg.set_value(self._swatch, [*shown, 255])
            if not dpg.is_item_active(self._wheel):
                dpg.set_value(self._wheel, [*shown, 255])

    def _typed(self, k: int) -> None:
        text = dpg.get_value(self._texts[k])
        if self.row.value is None or text != words(float(self.row.value[k]), "float"):
            self.type(text, k)

    def _picked(self, colour: list[float]) -> None:
        """A colour of the wheel: display-referred, so it is taken back to light."""
        if self.row.value is None:
            return
        light = [round(_decoded(c), 5) for c in colour[:3]]
        old = split(self.row.param, tuple(self.row.value))
        self.change((*light, *[float(v) for v in old[3:]]), drag=True)


def _encoded(x: float) -> float:
    """Light as an sRGB code value."""
    x = min(1.0, max(0.0, x))
    return x * 12.92 if x <= 0.0031308 else 1.055 * x ** (1 / 2.4) - 0.055


def _decoded(x: float) -> float:
    return x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4


class BoolField(Field):
    def build(self) -> None:
        self._box = dpg.add_checkbox(default_value=bool(self.row.value), callback=lambda _s, on: self.change(on))

    def show(self, row: Row) -> None:
        self.row = row
        dpg.set_value(self._box, bool(row.value))


class ChoiceField(Field):
    def build(self) -> None:
        self._combo = dpg.add_combo(
            list(self.row.param.choices), default_value=str(self.row.value), width=-1,
            callback=lambda _s, text: self.change(text),
        )  # fmt: skip

    def show(self, row: Row) -> None:
        self.row = row
        dpg.set_value(self._combo, str(row.value))


class TextField(Field):
    """Text, and paths with a button to look for them."""

    def build(self) -> None:
        path = self.row.param.kind == "path"
        many = "\n" in str(self.row.value)
        with dpg.group(horizontal=True):
            self._text = dpg.add_input_text(
                default_value=str(self.row.value), width=-int(36 * self.app.scale) if path else -1, multiline=many,
                height=int(70 * self.app.scale) if many else 0,
            )  # fmt: skip
            self.on_release(self._text, self._typed)
            if path:
                button = dpg.add_button(label=icons.ICONS["folder"], callback=self._browse)
                dpg.bind_item_font(button, self.app.fonts.icons)
                dpg.bind_item_theme(button, theme.item_theme("flat"))

    def show(self, row: Row) -> None:
        self.row = row
        if not dpg.is_item_active(self._text):
            dpg.set_value(self._text, str(row.value))

    def _typed(self) -> None:
        text = dpg.get_value(self._text)
        if text != str(self.row.value):
            self.change(text)

    def _browse(self) -> None:
        import os

        session, saving = self.app.session, self.row.param.file_kind == "save"
        held = os.path.join(session.document.folder, str(self.row.value)) if self.row.value else session.document.folder
        start = os.path.dirname(held) if self.row.value else held
        self.app.dialogs.browse(
            ("pictures", "movies") if not saving else ("all",), start, self._chosen, saving=saving,
            name=os.path.basename(str(self.row.value)), title=self.row.label,
        )  # fmt: skip

    def _chosen(self, path: str) -> None:
        """Paths inside the document's folder are kept relative to it: the folder can then be moved."""
        import os

        folder = self.app.session.document.folder
        inside = folder and os.path.abspath(path).startswith(os.path.join(os.path.abspath(folder), ""))
        self.change(os.path.relpath(path, folder) if inside else path)


class CurveParamField(Field):
    """A curve on a small plot: points to drag; one more, one less, and back with buttons below."""

    def build(self) -> None:
        self._model = CurveField(self.app.session.document, self.row.node, self.row.param.name)
        self._model.resize(200, 200)
        self._last = 0
        with dpg.group():
            with dpg.plot(
                height=int(150 * self.app.scale),
                width=-1,
                no_title=True,
                no_menus=True,
                no_mouse_pos=True,
                no_box_select=True,
            ) as self._plot:
                bare = dict.fromkeys(("no_label", "no_tick_marks", "no_tick_labels", "no_menus"), True)
                x = dpg.add_plot_axis(dpg.mvXAxis, **bare)
                self._y = dpg.add_plot_axis(dpg.mvYAxis, **bare)
                dpg.set_axis_limits(x, -0.04, 1.04)
                dpg.set_axis_limits(self._y, -0.06, 1.06)
                self._line = dpg.add_line_series([], [], parent=self._y)
            with dpg.group(horizontal=True):
                for label, call in (("add a point", self._add), ("remove", self._remove), ("reset", self._model.reset)):
                    button = dpg.add_button(label=label, callback=lambda _s, _d, c=call: c())
                    dpg.bind_item_theme(button, theme.item_theme("flat"))
        self._points: list[int | str] = []
        self.on_release(self._plot, self._let_go)
        self.show(self.row)

    def show(self, row: Row) -> None:
        self.row = row
        points = self._model.points
        sampled = self._model.sample(96)
        dpg.set_value(self._line, [[p[0] for p in sampled], [p[1] for p in sampled]])
        while len(self._points) < len(points):
            k = len(self._points)
            self._points.append(
                dpg.add_drag_point(
                    parent=self._plot,
                    color=theme.ACCENT,
                    show_label=False,
                    thickness=5,
                    callback=lambda _s, _d, k=k: self._moved(k),
                )
            )
        for extra in self._points[len(points) :]:
            self.app.later(lambda item=extra: dpg.delete_item(item))  # type: ignore[misc]
        del self._points[len(points) :]
        if not dpg.is_mouse_button_down(0):
            for item, point in zip(self._points, points, strict=True):
                dpg.set_value(item, list(point[:2]))

    def _moved(self, k: int) -> None:
        x, y = dpg.get_value(self._points[k])[:2]
        self._last = k
        self.app.session.dragging = True
        self._model.move(k, float(x), float(y))
        self.app.when_released(self._let_go)

    def _let_go(self) -> None:
        self._model.settle()
        self.app.session.dragging = False

    def _add(self) -> None:
        points = self._model.points
        gaps = [(b[0] - a[0], (a[0] + b[0]) / 2) for a, b in itertools.pairwise(points)]
        self._model.add(max(gaps)[1] if gaps else 0.5)

    def _remove(self) -> None:
        self._model.remove(min(self._last, len(self._model.points) - 1))
        if self._model.notice:
            self.app.session.say(self._model.notice)


def field_for(app: App, row: Row) -> Field:
    """The widgets for a parameter, made in the container that is open."""
    param = row.param
    if param.kind == "curve":
        return CurveParamField(app, row)
    if param.kind == "bool":
        return BoolField(app, row)
    if param.kind == "choice":
        return ChoiceField(app, row)
    if param.kind in ("text", "path"):
        return TextField(app, row)
    return NumberField(app, row) if param.length == 1 else VectorField(app, row)
