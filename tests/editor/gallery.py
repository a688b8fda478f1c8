# ruff: noqa: TID253
"""Every widget in every theme, on one window: to look at, and for tests. Run as a process of its own.

python -m tests.editor.gallery SCALE PICTURE.npy: writes what the window shows, then the same with the live
texture changed, shape (2, height, width, 4), and prints where things are, as JSON: [x, y, width, height].
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import dearpygui.dearpygui as dpg
import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.ui import fonts, theme
from nodegraph.editor.ui.icons import ICONS
from nodegraph.editor.ui.textures import LiveTexture, StillTextures

#: In pixels at scale 1.
SIZE = (1100, 640)
BEFORE, AFTER, STILL = (0.2, 0.4, 0.6, 1.0), (0.8, 0.5, 0.1, 1.0), (0.3, 0.7, 0.5, 1.0)
_BUTTONS = ("flat", "accent", "toggle_on", "toggle_off", "card", "dim", "error")
_KEYS = ("key_none", "key_anim", "key_here")


def flat(colour: tuple[float, ...], width: int, height: int) -> NDArray[np.float32]:
    return np.tile(np.array(colour, np.float32), (height, width, 1))


class Gallery:
    """The window with everything."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.fonts = fonts.load(scale)
        dpg.bind_font(self.fonts.regular)
        theme.apply(scale)
        self.live = LiveTexture(64, 48)
        self.live.show(flat(BEFORE, 64, 48))
        self.stills = StillTextures(2)
        self.stills.put("still", flat(STILL, 20, 20))
        self.places: dict[str, Any] = {}
        width, height = (round(v * scale) for v in SIZE)
        with dpg.window(
            pos=(0, 0), width=width, height=height, no_title_bar=True, no_move=True, no_resize=True
        ) as window:
            dpg.bind_item_theme(window, theme.item_theme("panel"))
            with dpg.child_window(
                height=round(34 * scale), no_scrollbar=True, always_use_window_padding=True
            ) as header:
                dpg.bind_item_theme(header, theme.item_theme("header"))
                with dpg.group(horizontal=True):
                    self.places["name"] = self._text("Grade_key", self.fonts.semibold)
                    dpg.bind_item_theme(dpg.add_text("Grade"), theme.item_theme("dim"))
                    for name in ("gear", "copy", "close"):
                        self.places[name] = self._icon(name)
            with dpg.group(horizontal=True):
                with dpg.child_window(width=round(350 * scale), height=round(540 * scale)):
                    self._fields()
                with dpg.child_window(width=round(350 * scale), height=round(540 * scale)):
                    self._lists()
                with dpg.child_window(height=round(540 * scale)):
                    self._pictures()
        self._popup()

    def _text(self, text: str, font: int) -> int | str:
        item: int | str = dpg.add_text(text)
        dpg.bind_item_font(item, font)
        return item

    def _icon(self, name: str, look: str = "flat") -> int | str:
        item: int | str = dpg.add_button(label=ICONS[name])
        dpg.bind_item_font(item, self.fonts.icons)
        dpg.bind_item_theme(item, theme.item_theme(look))
        return item

    def _row(self, label: str, add: Callable[[], int | str], key: str = "key_none", look: str = "") -> None:
        with dpg.table_row():
            dpg.bind_item_theme(dpg.add_text(label), theme.item_theme("dim"))
            item = add()
            if look:
                dpg.bind_item_theme(item, theme.item_theme(look))
            self._icon("key", key)

    def _fields(self) -> None:
        with dpg.collapsing_header(label="Tone", default_open=True), self._table():
            self._row(
                "Exposure",
                lambda: dpg.add_slider_float(default_value=0.35, min_value=-4, max_value=4, width=-1),
                "key_here",
            )
            self._row("Gain", lambda: dpg.add_slider_float(default_value=2, max_value=4, width=-1), "key_anim")
            self._row("Offset", lambda: dpg.add_drag_floatx(size=3, default_value=(0.01, 0, 1), width=-1))
            self._row("Multiply", lambda: dpg.add_color_edit((255, 232, 206, 255), width=-1, no_alpha=True))
            self._row("Channels", lambda: dpg.add_combo(("rgb", "rgba"), default_value="rgb", width=-1))
            self._row("Invert", lambda: dpg.add_checkbox(default_value=True))
            self._row("Size", lambda: dpg.add_input_int(default_value=12, width=-1))
            self._row("Blend", lambda: dpg.add_input_text(default_value="sin(frame / 12)", width=-1), look="expression")
            self._row("File", lambda: dpg.add_input_text(default_value="nowhere.exr", width=-1), look="error")
            self._row("Name", lambda: dpg.add_input_text(hint="type a name", width=-1))
            self._row("Locked", lambda: dpg.add_slider_float(default_value=0.35, width=-1, enabled=False))
            self._row("Locked", lambda: dpg.add_checkbox(default_value=True, enabled=False))
            self._row("Locked", lambda: dpg.add_input_text(default_value="disabled", width=-1, enabled=False))
        with dpg.collapsing_header(label="More"):
            dpg.add_text("nothing")
        with dpg.tree_node(label="Tree", default_open=True):
            dpg.add_text("leaf", bullet=True)

    def _table(self) -> Any:
        made = dpg.table(header_row=False, policy=dpg.mvTable_SizingStretchProp)
        with made as table:
            for width in (84, None, 26):
                if width is None:
                    dpg.add_table_column(width_stretch=True, parent=table)
                else:
                    dpg.add_table_column(width_fixed=True, init_width_or_weight=width * self.scale, parent=table)
        return _Again(table)

    def _lists(self) -> None:
        with dpg.tab_bar():
            for name in ("Waveform", "Histogram", "Vectorscope"):
                with dpg.tab(label=name):
                    dpg.add_text(f"the {name.lower()}")
        with dpg.group(horizontal=True):
            for name in _BUTTONS[:4]:
                self.places[name] = dpg.add_button(label=name)
                dpg.bind_item_theme(self.places[name], theme.item_theme(name))
        with dpg.group(horizontal=True):
            self.places["plain"] = dpg.add_button(label="plain")
            self.places["disabled"] = dpg.add_button(label="disabled", enabled=False)
            dpg.bind_item_theme(dpg.add_button(label="flat", enabled=False), theme.item_theme("flat"))
            for name in _BUTTONS[4:]:
                dpg.bind_item_theme(dpg.add_button(label=name), theme.item_theme(name))
        dpg.add_separator()
        dpg.add_separator(label="Files")
        for k, name in enumerate(("plate.%04d.exr", "bg_v012.mov", "matte.png")):
            item = dpg.add_selectable(label=name, default_value=k == 1)
            if k == 1:
                dpg.bind_item_theme(item, theme.item_theme("selected"))
        dpg.add_radio_button(("left", "middle", "right"), default_value="left", horizontal=True)
        dpg.add_progress_bar(default_value=0.6, width=-1, overlay="60 %")
        dpg.add_listbox(("one", "two", "three"), width=-1, num_items=3)
        with dpg.table(header_row=True, borders_innerH=True, row_background=True, sortable=True, resizable=True):
            for name in ("Node", "ms"):
                dpg.add_table_column(label=name)
            for node, ms in (("Denoise", "27.4"), ("Blur", "12.7")):
                with dpg.table_row():
                    dpg.add_text(node)
                    dpg.add_text(ms)
        with dpg.child_window(height=round(70 * self.scale), always_use_window_padding=True) as card:
            dpg.bind_item_theme(card, theme.item_theme("card"))
            for k in range(6):
                dpg.bind_item_theme(dpg.add_text(f"line {k}"), theme.item_theme("error" if k == 1 else "dim"))

    def _pictures(self) -> None:
        for size in ("title", "large", "semibold", "medium", "regular", "small", "mono"):
            self.places[size] = self._text(f"{size} 0123456789", getattr(self.fonts, size))
        with dpg.group(horizontal=True):
            for name in ("first", "step_back", "play", "step_forward", "last", "loop", "save", "undo", "redo"):
                self._icon(name)
        with dpg.group(horizontal=True):
            self.places["live"] = dpg.add_image(self.live.tag)
            self.places["still"] = dpg.add_image(self.stills.get("still"))
        with dpg.drawlist(round(360 * self.scale), round(40 * self.scale)) as swatches:
            self.places["swatches"] = swatches
            for k, colour in enumerate(theme.FAMILIES.values()):
                x = 26 * k * self.scale
                dpg.draw_rectangle(
                    (x, 0), (x + 22 * self.scale, 18 * self.scale), fill=colour, color=colour, rounding=3
                )
            for k, colour in enumerate(theme.PORTS.values()):
                dpg.draw_circle((11 + 26 * k * self.scale, 30 * self.scale), 5, fill=colour, color=colour)
        with dpg.plot(height=round(120 * self.scale), width=-1):
            dpg.add_plot_axis(dpg.mvXAxis)
            with dpg.plot_axis(dpg.mvYAxis):
                dpg.add_line_series([0, 1, 2, 3], [0, 2, 1, 3])
        with dpg.plot(height=round(60 * self.scale), width=-1, no_inputs=True, no_frame=True) as canvas:
            flags = {"no_label": True, "no_tick_marks": True, "no_tick_labels": True, "no_gridlines": True}
            dpg.add_plot_axis(dpg.mvXAxis, **flags)
            dpg.add_plot_axis(dpg.mvYAxis, **flags)
        dpg.bind_item_theme(canvas, theme.item_theme("canvas"))
        self.places["canvas"] = canvas

    def _popup(self) -> None:
        s = self.scale
        with dpg.window(
            pos=(round(800 * s), round(470 * s)), width=round(220 * s), height=round(120 * s), no_title_bar=True
        ) as popup:
            dpg.bind_item_theme(popup, theme.item_theme("popup"))
            dpg.add_input_text(hint="search", width=-1)
            for name in ("Copy", "Paste"):
                dpg.add_menu_item(label=name, shortcut="Ctrl+C", check=name == "Paste", default_value=True)


class _Again:
    """A container to add to, again."""

    def __init__(self, item: int | str) -> None:
        self._item = item

    def __enter__(self) -> None:
        dpg.push_container_stack(self._item)

    def __exit__(self, *_: object) -> None:
        dpg.pop_container_stack()


def window(size: tuple[int, int]) -> None:
    """A window to fill and then to show."""
    dpg.create_context()
    dpg.configure_app(manual_callback_management=True)
    dpg.create_viewport(width=size[0], height=size[1], x_pos=0, y_pos=0, clear_color=theme.WINDOW, vsync=False)
    dpg.setup_dearpygui()


def grab(frame: Callable[[], None]) -> NDArray[np.float32]:
    """What the window shows, drawing frames until it is known."""
    got: list[Any] = []
    dpg.output_frame_buffer(callback=lambda _sender, buffer: got.append(buffer))
    for _ in range(20):
        frame()
        for callback, sender, data, _user in dpg.get_callback_queue() or ():
            if callback is not None:
                callback(sender, data)
        if got:
            return np.array(got[0], np.float32).reshape(got[0].get_height(), got[0].get_width(), 4)
    raise AssertionError("no picture of the window came")


def main(scale: float, path: str) -> None:
    width, height = (round(v * scale) for v in SIZE)
    window((width, height))
    gallery = Gallery(scale)
    dpg.show_viewport()

    def frame() -> None:
        gallery.live.tick()
        dpg.render_dearpygui_frame()

    def draw(frames: int) -> None:
        for _ in range(frames):
            frame()

    def places() -> dict[str, list[float]]:
        return {n: [*dpg.get_item_rect_min(i), *dpg.get_item_rect_size(i)] for n, i in gallery.places.items()}

    draw(5)
    before = grab(frame)
    gallery.live.show(flat(AFTER, 64, 48))
    draw(5)
    assert not gallery.live.sending
    np.save(path, np.stack([before, grab(frame)]))
    shown = places()
    theme.apply(scale * 2)
    fonts.rescale(gallery.fonts, scale * 2)
    draw(5)
    print(json.dumps({"places": shown, "twice": places()}))
    dpg.destroy_context()


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2])
