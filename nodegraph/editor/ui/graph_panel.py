# ruff: noqa: TID253
"""The node graph's panel: its header, the plot it is drawn on, the minimap, and the mouse over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg

from nodegraph.editor import decor
from nodegraph.editor.canvas import Ask
from nodegraph.editor.geometry import Rect
from nodegraph.editor.ui import icons, theme
from nodegraph.editor.ui.events import LEFT, MIDDLE, RIGHT
from nodegraph.editor.ui.graph_drawing import GraphDrawing
from nodegraph.editor.ui.minimap import Minimap
from nodegraph.editor.ui.panel import Panel
from nodegraph.editor.ui.peek import Peek

if TYPE_CHECKING:
    from nodegraph.editor.canvas import Canvas

_TOOLS = (
    ("plus", "graph.search", "Add a node"),
    ("frame", "graph.frame", "Frame the chosen nodes, or all"),
    ("tidy", "graph.tidy", "Tidy"),
    ("group", "graph.group", "Group"),
    ("search", "graph.find", "Find a node"),
)


class GraphPanel(Panel):
    name = "graph"
    title = "Node graph"

    def build(self) -> None:
        fonts = self.app.fonts
        with dpg.group(horizontal=True):
            self._title = dpg.add_text(self.title)
            dpg.bind_item_font(self._title, fonts.semibold)
            self._crumbs = dpg.add_group(horizontal=True)
            for icon, action, tip in _TOOLS:
                self._tool(icon, action, tip)
            self._info = dpg.add_text("", color=theme.DIM)
        with dpg.plot(
            width=-1, height=-1, no_title=True, no_menus=True, no_mouse_pos=True, no_box_select=True, no_frame=True,
            no_inputs=True,
        ) as self.plot:  # fmt: skip
            bare = dict.fromkeys(
                ("no_label", "no_tick_marks", "no_tick_labels", "no_menus", "no_highlight", "no_gridlines"), True
            )
            self._x = dpg.add_plot_axis(dpg.mvXAxis, **bare)
            self._y = dpg.add_plot_axis(dpg.mvYAxis, **bare)
        dpg.bind_item_theme(self.plot, theme.item_theme("canvas"))
        self.surface = self.plot
        self._drawing = GraphDrawing(self.plot, fonts)
        self._minimap = Minimap(self.window)
        self._peek = Peek(self.app)
        self._drawn: Any = None
        self._limits: Any = None
        self._shown: list[str] = []
        self._crumbed: str | None = None
        self._first = True

    def _tool(self, icon: str, action: str, tip: str) -> None:
        button = dpg.add_button(label=icons.ICONS[icon], callback=lambda: self.app.perform(action))
        dpg.bind_item_font(button, self.app.fonts.icons)
        dpg.bind_item_theme(button, theme.item_theme("flat"))
        with dpg.tooltip(button, delay=0.5):
            keys = ", ".join(self.app.keys(action))
            dpg.add_text(f"{tip}  {keys}" if keys else tip)

    @property
    def canvas(self) -> Canvas:
        return self.session.canvas

    def reset(self) -> None:
        self._drawing.clear()
        self._drawn = self._limits = self._crumbed = None
        self._first = True
        self._peek.hide()

    # -- drawing

    def update(self) -> None:
        canvas = self.canvas
        width, height = dpg.get_item_rect_size(self.plot)
        if width < 8:
            return
        canvas.view.width, canvas.view.height = float(width), float(height)
        if self._first:
            self._first = False
            canvas.frame(everything=True)
            canvas.view.zoom = min(canvas.view.zoom, 1.0)
        self._draw()
        self._look()
        self._header()
        self._peek.update()
        chosen = list(canvas.selection)
        if chosen != self._shown:
            self._shown = chosen
            if chosen:
                self.session.sheet.show(canvas.graph.prefix + chosen[-1])

    def _draw(self) -> None:
        canvas, badges = self.canvas, self.session.badges
        badges.view(self.session.viewer.slots)
        changed = {path.removeprefix(canvas.graph.prefix) for path in badges.changed()}
        now = (canvas.path, canvas.graph.revision, tuple(canvas.selection), canvas.gesture is None)
        if now != self._drawn or changed:
            everything = self._drawn is None or self._drawn[:2] != now[:2]
            if self._drawn is not None and self._drawn[0] != now[0]:
                self._drawing.clear()
            self._drawn = now
            self._drawing.stamps = self.session.stamps
            self._drawing.update(canvas, badges, None if everything and canvas.gesture is None else changed)
            self._minimap.draw(canvas)
            self._limits = None
        if canvas.gesture is not None or self._gesturing:
            self._drawing.gesture(canvas, self.session.hand)
        self._gesturing = canvas.gesture is not None

    _gesturing = False

    def _look(self) -> None:
        view = self.canvas.view
        limits = (view.x, view.y, view.zoom, view.width, view.height)
        if limits == self._limits:
            return
        self._limits = limits
        half_width, half_height = view.width / 2 / view.zoom, view.height / 2 / view.zoom
        dpg.set_axis_limits(self._x, view.x - half_width, view.x + half_width)
        dpg.set_axis_limits(self._y, -view.y - half_height, -view.y + half_height)
        self._drawing.look(self.canvas)
        left, top = dpg.get_item_pos(self.plot)
        self._minimap.look(self.canvas, Rect(left, top, left + view.width, top + view.height))

    def _header(self) -> None:
        session, canvas = self.session, self.canvas
        if canvas.path != self._crumbed:
            self._crumbed = canvas.path
            dpg.delete_item(self._crumbs, children_only=True)
            parts = canvas.path.split("/") if canvas.path else []
            for depth in range(len(parts) + 1):
                label = session.name if depth == 0 else parts[depth - 1]
                path = "/".join(parts[:depth])
                crumb = dpg.add_button(
                    label=label, parent=self._crumbs, user_data=path,
                    callback=lambda _s, _d, target: self.session.canvas.go(target),
                )  # fmt: skip
                dpg.bind_item_theme(crumb, theme.item_theme("flat"))
        dpg.set_value(self._info, session.badges.summary(canvas.graph))

    # -- the mouse

    def press(self, button: int, x: float, y: float, double: bool) -> None:
        canvas, events = self.canvas, self.app.events
        self._peek.hide()
        self.session.hand = (x, y)
        if button == LEFT and self._minimap.under():
            self._minimap.press(canvas, *events.mouse)
            self._panning_minimap = True
            return
        if button == RIGHT:
            self._menu(x, y)
            return
        if double and button == LEFT:
            self._double(x, y)
            return
        canvas.press(
            x, y, shift=events.shift, ctrl=events.ctrl, alt=events.alt, middle=button == MIDDLE,
            cut=self.app.held("graph.cut_held"),
        )  # fmt: skip

    _panning_minimap = False

    def _double(self, x: float, y: float) -> None:
        canvas = self.canvas
        at = canvas.view.to_plane(x, y)
        name = canvas.geometry.node_at(*at)
        if name is None and canvas.decor is not None and canvas.over_decor(at):
            self._edit_decor(*canvas.decor)
        elif name is None:
            self.app.palette.show(Ask(*at))
        elif not canvas.enter(name):
            self.session.sheet.show(canvas.graph.prefix + name)

    def _edit_decor(self, kind: str, name: str) -> None:
        graph = self.canvas.graph
        if kind == "note":
            text = next(n.text for n in decor.notes(graph) if n.name == name)
            self.app.dialogs.ask_text("Note", text, lambda t: decor.change_note(graph, name, text=t), multiline=True)
        else:
            label = next(b.label for b in decor.backdrops(graph) if b.name == name)
            self.app.dialogs.ask_text("Backdrop", label, lambda t: decor.change_backdrop(graph, name, label=t))

    def _menu(self, x: float, y: float) -> None:
        canvas = self.canvas
        name = canvas.geometry.node_at(*canvas.view.to_plane(x, y))
        if name is not None and name not in canvas.selection:
            canvas.selection = [name]
        self.app.menu.context(
            ("graph.view_1", "graph.bypass", "graph.rename", "graph.extract", "graph.duplicate", "graph.group",
             "graph.backdrop", "graph.delete")
            if name is not None
            else ("graph.search", "graph.paste", "graph.note", "graph.select_all", "graph.tidy", "graph.frame")
        )  # fmt: skip

    def move(self, x: float, y: float) -> None:
        """Over the graph, or under way."""
        self.session.hand = (x, y)
        if self._panning_minimap:
            self._minimap.press(self.canvas, *self.app.events.mouse)
        elif self.canvas.gesture is not None:
            self.canvas.drag(x, y)
        else:
            self._peek.over(self.canvas, x, y)

    def release(self, button: int, x: float, y: float) -> None:
        if self._panning_minimap:
            self._panning_minimap = False
            return
        ask = self.canvas.release(x, y)
        if self.canvas.notice:
            self.session.say(self.canvas.notice)
        self.session.document.history.settle()
        if ask is not None:
            self.app.palette.show(ask)

    def wheel(self, x: float, y: float, notches: float) -> None:
        self.canvas.view.zoom_at(x, y, 1.18**notches)

    # -- actions of this panel

    def perform(self, action: str) -> bool:
        canvas = self.canvas
        if action == "graph.search":
            self.app.palette.show(Ask(*canvas.view.to_plane(*self.session.hand)))
        elif action == "graph.find":
            self.app.palette.find()
        elif action == "graph.minimap":
            self._minimap.toggle()
            self._limits = None
        elif action == "graph.rename":
            self._rename()
        elif action == "graph.note":
            self.app.dialogs.ask_text("Note", "", self._note, multiline=True)
        else:
            return False
        return True

    def _rename(self) -> None:
        canvas = self.canvas
        if canvas.selection:
            name = canvas.selection[-1]
            self.app.dialogs.ask_text("Rename", name, lambda text: self._renamed(name, text))

    def _renamed(self, name: str, text: str) -> None:
        canvas = self.canvas
        with canvas.step("rename"):
            canvas.graph.rename(name, text.strip())
            canvas.selection = [text.strip()]
        if canvas.notice:
            self.session.say(canvas.notice)

    def _note(self, text: str) -> None:
        if text.strip():
            with self.canvas.step("note"):
                decor.add_note(self.canvas.graph, text, self.canvas.view.to_plane(*self.session.hand))
