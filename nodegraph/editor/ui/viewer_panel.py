# ruff: noqa: TID253
"""The viewer's panel: its bar of settings, the picture, what is drawn over it, and the line of values below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.display import views
from nodegraph.editor.geometry import Point, Rect
from nodegraph.editor.ui import icons, theme
from nodegraph.editor.ui.events import LEFT, MIDDLE
from nodegraph.editor.ui.panel import Panel
from nodegraph.editor.ui.textures import LiveTexture
from nodegraph.editor.ui.viewer_overlay import ViewerOverlay
from nodegraph.editor.viewer import CHANNELS, Viewer

_COMPARES = {"A": "a", "wipe": "wipe", "difference": "difference", "side by side": "side"}
_SCALES = {"full": 1.0, "1/2": 0.5, "1/4": 0.25}


class ViewerPanel(Panel):
    name = "viewer"
    title = "Viewer"

    def build(self) -> None:
        with dpg.group(horizontal=True):
            self._bar()
        with dpg.child_window(border=False, no_scrollbar=True, no_scroll_with_mouse=True, height=-26) as self._box:
            self._list = dpg.add_drawlist(64, 64)
        dpg.bind_item_theme(self._box, theme.item_theme("bare"))
        self._back = dpg.draw_rectangle((0, 0), (64, 64), fill=theme.VIEWER, color=(0, 0, 0, 0), parent=self._list)
        self._image_layer = dpg.add_draw_node(parent=self._list)
        self._over = ViewerOverlay(self.app, dpg.add_draw_node(parent=self._list))
        self._values = dpg.add_text("", color=theme.DIM)
        dpg.bind_item_font(self._values, self.app.fonts.mono)
        self.surface = self._list
        self._texture: LiveTexture | None = None
        self._shown_rect: tuple[int, int, int, int] | None = None
        self._hand: Point = (0.0, 0.0)
        self._gesture: Any = None
        self._picking: Callable[[Rect], None] | None = None
        self._barred: Any = None

    # -- the bar

    def _bar(self) -> None:
        scale = self.app.scale
        self._node = dpg.add_text("")
        dpg.bind_item_font(self._node, self.app.fonts.semibold)
        self._compare = self._combo(
            list(_COMPARES), 104, lambda text: self._set(compare=_COMPARES[text]), "Compare A with B"
        )
        self._b = self._combo([], 110, lambda text: self._set(b=text), "The node shown as B")
        self._channels = self._combo(list(CHANNELS), 92, lambda text: self._set(channels=text), "Channels")
        self._exposure = self._number(
            "stops", 0.02, -20, 20, lambda v: self._set(exposure=v), "Exposure, in stops", "%+.2f"
        )
        self._gamma = self._number("gamma", 0.01, 0.1, 5, lambda v: self._set(gamma=v), "Gamma, over the view", "%.2f")
        self._view = self._combo(
            [], 150, lambda text: self._set(transform=text), "How light becomes what the display shows"
        )
        self._proxy = self._combo(
            list(_SCALES), 58, lambda text: self._set(proxy=_SCALES[text]), "Proxy: cook at this scale"
        )
        self._zoom = dpg.add_button(label="fit", width=int(50 * scale), callback=lambda: self.session.viewer.fit())
        dpg.bind_item_theme(self._zoom, theme.item_theme("flat"))
        self._tip(self._zoom, "Zoom; press to fit")
        self._pick = dpg.add_button(label=icons.ICONS["eyedropper"], callback=self._start_pick)
        dpg.bind_item_font(self._pick, self.app.fonts.icons)
        self._tip(self._pick, "Pick a colour for the chosen node: drag a box in the picture (Ctrl+drag)")
        self._pen = dpg.add_button(label=icons.ICONS["pen"], callback=self._toggle_pen, show=False)
        dpg.bind_item_font(self._pen, self.app.fonts.icons)
        self._tip(self._pen, "Draw a shape; press again to close it")

    def _combo(self, items: list[str], width: int, chosen: Callable[[str], None], tip: str) -> int:
        made: int = dpg.add_combo(
            items, width=int(width * self.app.scale), callback=lambda _s, text: chosen(text), no_arrow_button=True
        )
        self._tip(made, tip)
        return made

    def _number(
        self, name: str, speed: float, low: float, high: float, set_to: Callable[[float], None], tip: str, form: str
    ) -> int:
        made: int = dpg.add_drag_float(
            width=int(64 * self.app.scale), speed=speed, min_value=low, max_value=high, format=form,
            callback=lambda _s, value: set_to(value),
        )  # fmt: skip
        self._tip(made, tip)
        return made

    def _tip(self, item: int, text: str) -> None:
        with dpg.tooltip(item, delay=0.5):
            dpg.add_text(text)

    def _set(self, **settings: Any) -> None:
        viewer = self.session.viewer
        for name, value in settings.items():
            setattr(viewer, name, value)
        self.app.wake()

    def _update_bar(self) -> None:
        viewer = self.session.viewer
        nodes = tuple(self.session.document.nodes)
        state = (
            viewer.a, viewer.b, viewer.compare, viewer.channels, viewer.exposure, viewer.gamma, viewer.transform,
            viewer.proxy, round(viewer.view.zoom, 3), viewer.fitted, nodes, self._picking is None,
            self._over.pen is None, tuple(self.session.sheet.nodes[:1]),
        )  # fmt: skip
        if state == self._barred:
            return
        self._barred = state
        dpg.set_value(self._node, viewer.a or "nothing viewed")
        dpg.set_value(self._compare, next(k for k, v in _COMPARES.items() if v == viewer.compare))
        dpg.configure_item(self._b, items=list(nodes), show=viewer.compare != "a")
        dpg.set_value(self._b, viewer.b or "B: choose")
        dpg.set_value(self._channels, viewer.channels)
        if not dpg.is_item_active(self._exposure):
            dpg.set_value(self._exposure, viewer.exposure)
        if not dpg.is_item_active(self._gamma):
            dpg.set_value(self._gamma, viewer.gamma)
        dpg.configure_item(self._view, items=views())
        dpg.set_value(self._view, viewer.transform.rpartition("/")[2])
        dpg.set_value(self._proxy, next((k for k, v in _SCALES.items() if v == viewer.proxy), "full"))
        dpg.configure_item(self._zoom, label=f"{viewer.view.zoom:.0%}")
        dpg.configure_item(self._pen, show=self._over.roto(viewer) is not None)
        dpg.bind_item_theme(self._pen, theme.item_theme("toggle_on" if self._over.pen is not None else "toggle_off"))
        dpg.bind_item_theme(self._pick, theme.item_theme("toggle_on" if self._picking is not None else "toggle_off"))

    # -- drawing

    def reset(self) -> None:
        dpg.delete_item(self._image_layer, children_only=True)
        self._shown_rect = None
        self._barred = None
        self._over.clear()

    def update(self) -> None:
        viewer = self.session.viewer
        width, height = (int(v) for v in dpg.get_item_rect_size(self._box))
        if width < 8 or height < 8:
            return
        if (width, height) != (int(viewer.view.width), int(viewer.view.height)):
            dpg.configure_item(self._list, width=width, height=height)
            dpg.configure_item(self._back, pmax=(width, height))
            viewer.resize(width, height)
        self._update_picture(viewer)
        self._update_bar()
        self._over.update(viewer, self._gesture)
        self._update_values(viewer)

    def _update_picture(self, viewer: Viewer) -> None:
        painted = viewer.painted
        if self._texture is not None:
            self._texture.tick()
        if painted is None or painted is self._last:
            return
        before, self._last = self._last, painted
        if (
            before is not None
            and before.panel is painted.panel
            and before.shot is painted.shot
            and before.look == painted.look
        ):
            return  # the same, with extras
        rows, columns, _ = painted.panel.shape
        if self._texture is None or self._texture.size != (columns, rows):
            if self._texture is not None:
                dpg.delete_item(self._image_layer, children_only=True)
                self._texture.close()
            self._texture = LiveTexture(columns, rows)
            self._shown_rect = None
        self._texture.show(painted.panel)
        rect = painted.picture_rect()
        if rect != self._shown_rect:
            self._shown_rect = rect
            dpg.delete_item(self._image_layer, children_only=True)
            if rect is not None:
                x0, y0, x1, y1 = rect
                dpg.draw_image(
                    self._texture.tag, (x0, y0), (x1, y1), uv_min=(x0 / columns, y0 / rows),
                    uv_max=(x1 / columns, y1 / rows), parent=self._image_layer,
                )  # fmt: skip

    _last: Any = None

    def _update_values(self, viewer: Viewer) -> None:
        frame = viewer.frame
        if frame is None:
            dpg.set_value(self._values, "")
            return
        spec = frame.spec
        width, height = round(spec.display_window.width / spec.scale), round(spec.display_window.height / spec.scale)
        text = f"{width} x {height}  {''.join(c for c in spec.channels if len(c) == 1)}  {spec.colour_space}"
        if spec.scale != 1:
            text += f"  proxy 1/{round(1 / spec.scale)}"
        sample = viewer.sampled(self._sample) if self._sample is not None else None
        sample = sample or (viewer.readout(*self._hand) if self.under() else None)
        if sample is not None:
            area = f" ({sample.area[0]} x {sample.area[1]})" if sample.area != (1, 1) else ""
            text += f"   x {sample.x:>4} y {sample.y:>4}{area}  "
            text += "  ".join(
                f"{c.rpartition('.')[2]} {v:.4f}" for c, v in zip(sample.channels[:6], sample.values[:6], strict=True)
            )
        dpg.set_value(self._values, text)

    # -- the mouse

    def press(self, button: int, x: float, y: float, double: bool) -> None:
        viewer, events = self.session.viewer, self.app.events
        self._hand = (x, y)
        if button == MIDDLE or events.alt:
            self._gesture = ("pan", (x, y))
        elif button != LEFT and (entries := self._over.menu(viewer, x, y)):
            self.app.menu.choices(entries)
        elif button != LEFT:
            self.app.menu.context(
                ("viewer.fit", "viewer.one_to_one", "viewer.reset", "viewer.wipe", "viewer.difference",
                 "viewer.side_by_side", "viewer.matte", "viewer.guides", "viewer.data_window", "viewer.handles")
            )  # fmt: skip
        elif self._over.pen is not None:
            self._draw_shape(x, y, double)
        elif events.shift:
            self._gesture = ("sample", Rect(x, y, x, y), (x, y))
        elif self._picking is not None or events.ctrl:
            self._gesture = ("pick", Rect(x, y, x, y), (x, y))
        elif self.app.held("viewer.roi") or self._roi:
            self._gesture = ("region", Rect(x, y, x, y), (x, y))
        elif viewer.compare == "wipe" and abs(x - viewer.wipe * viewer.view.width) < 8:
            self._gesture = ("wipe", (x, y))
        elif double and self._over.add_point(viewer, x, y):
            pass
        elif self._over.press(viewer, x, y):
            self._gesture = ("handle", (x, y))
        elif double:
            viewer.fit()
        else:
            self._gesture = ("pan", (x, y))

    _roi = False
    #: The part of the panel whose mean is read out, None for the pixel under the cursor.
    _sample: Rect | None = None

    def _draw_shape(self, x: float, y: float, double: bool) -> None:
        """A point of a roto shape; a double click, or one on the first point, closes it."""
        viewer, pen = self.session.viewer, self._over.pen
        assert pen is not None
        first = viewer.view.to_panel(*pen[0]) if pen else (-99.0, -99.0)
        if double or (len(pen) > 2 and max(abs(first[0] - x), abs(first[1] - y)) < 8):
            self._over.close_shape(viewer)
        else:
            pen.append(viewer.view.to_plane(x, y))

    def _toggle_pen(self) -> None:
        if self._over.pen is not None:
            self._over.close_shape(self.session.viewer)
        elif self._over.roto(self.session.viewer) is not None:
            self._over.pen = []
            self.session.say("press for each point; double-click, or press the first one, to close the shape")

    def move(self, x: float, y: float) -> None:
        viewer = self.session.viewer
        before, self._hand = self._hand, (x, y)
        match self._gesture:
            case ("pan", _):
                viewer.pan(x - before[0], y - before[1])
            case ("wipe", _):
                viewer.wipe = min(1.0, max(0.0, x / viewer.view.width))
            case ("handle", _):
                self._over.drag(viewer, x, y)
            case ("pick" | "region" | "sample" as what, _, (sx, sy)):
                self._gesture = (what, Rect.between((sx, sy), (x, y)), (sx, sy))

    def release(self, button: int, x: float, y: float) -> None:
        viewer = self.session.viewer
        gesture, self._gesture = self._gesture, None
        match gesture:
            case ("handle", _):
                self._over.release()
            case ("pick", rect, _):
                self._picked(
                    Rect.between(viewer.view.to_plane(rect.x0, rect.y0), viewer.view.to_plane(rect.x1, rect.y1))
                )
            case ("sample", rect, _):
                self._sample = rect if rect.x1 - rect.x0 > 2 and rect.y1 - rect.y0 > 2 else None
            case ("region", rect, _):
                self._roi = False
                small = rect.x1 - rect.x0 < 4 or rect.y1 - rect.y0 < 4
                viewer.region = None if small else viewer.window_of(rect)

    def wheel(self, x: float, y: float, notches: float) -> None:
        self.session.viewer.zoom(x, y, 1.2**notches)

    def perform(self, action: str) -> bool:
        if action == "viewer.roi":
            self._roi = self.session.viewer.region is None
            self.session.viewer.region = None
            self.session.say("drag a box: only that is cooked" if self._roi else "the whole picture")
            return True
        return False

    # -- picking a colour

    def _start_pick(self) -> None:
        self.pick(None if self._picking is not None else self._set_picked)

    def pick(self, chosen: Callable[[Rect], None] | None) -> None:
        """The next box dragged in the picture is handed over (picture points); None: no longer."""
        self._picking = chosen
        if chosen is not None:
            self.session.say("drag a box in the picture")

    def _picked(self, rect: Rect) -> None:
        chosen, self._picking = self._picking or self._set_picked, None
        chosen(rect)

    def _set_picked(self, rect: Rect) -> None:
        self.session.pick(rect)
