# ruff: noqa: TID253
"""The palette: type a few letters, press Return. For new nodes, and for finding one that is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas import Ask
from nodegraph.editor.search import Found, name_of
from nodegraph.editor.ui import theme

if TYPE_CHECKING:
    from nodegraph.editor.ui.app import App

_WIDTH, _ROWS, _ROW = 340, 11, 24


class PalettePopup:
    """A list under a text field, at the cursor. `open` while it is shown: it has the keyboard then."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.open = False
        self._ask: Ask | None = None
        self._lines: list[tuple[str, str, Any, Callable[[], None]]] = []
        self._at = 0
        self._text = ""
        self._finding = False
        scale = app.scale
        with dpg.window(
            no_title_bar=True, no_move=True, no_resize=True, no_saved_settings=True, show=False, no_scrollbar=True,
            width=int(_WIDTH * scale), autosize=False, height=int((_ROWS * _ROW + 84) * scale),
        ) as self._window:  # fmt: skip
            self._field = dpg.add_input_text(width=-1, callback=self._typed)
            self._list = dpg.add_child_window(border=False, height=int((_ROWS * _ROW + 4) * scale))
            self._help = dpg.add_text("", color=theme.FAINT, wrap=int((_WIDTH - 24) * scale))
        dpg.bind_item_theme(self._window, theme.item_theme("popup"))
        dpg.bind_item_theme(self._list, theme.item_theme("bare"))
        dpg.bind_item_font(self._help, app.fonts.small)

    # -- opening

    def show(self, ask: Ask) -> None:
        """For a new node there; only what fits, when it hangs on a loose wire."""
        self._ask, self._finding = ask, False
        fitting = "" if ask.pin is None else f", fitting {ask.pin.type or 'the wire'}"
        self._start(f"add a node{fitting} ...")

    def find(self) -> None:
        """To find a node of the document."""
        self._ask, self._finding = None, True
        self._start("find a node ...")

    def _start(self, hint: str) -> None:
        app = self._app
        x, y = app.events.mouse
        width, height = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        size = dpg.get_item_width(self._window), dpg.get_item_height(self._window)
        x, y = min(x, width - size[0] - 8), min(y, height - size[1] - 8)
        dpg.set_value(self._field, "")
        dpg.configure_item(self._field, hint=hint)
        dpg.configure_item(self._window, show=True, pos=[int(max(0, x)), int(max(0, y))])
        dpg.focus_item(self._field)
        self.open, self._at, self._text = True, 0, ""
        self._search()

    def close(self) -> None:
        self.open = False
        dpg.configure_item(self._window, show=False)

    # -- what it lists

    def _typed(self, _sender: Any, text: str) -> None:
        self._text, self._at = text, 0
        self._search()

    def _search(self) -> None:
        self._lines = self._nodes_there() if self._finding else self._new_nodes()
        self._draw()

    def _new_nodes(self) -> list[tuple[str, str, Any, Callable[[], None]]]:
        ask = self._ask
        assert ask is not None
        found = self._app.session.palette.find(self._text, ask.fits if ask.pin is not None else None, 60)
        return [(name_of(f.schema), _why(f), f.schema, lambda id=f.schema.id: self._add(id)) for f in found]  # type: ignore[misc]

    def _nodes_there(self) -> list[tuple[str, str, Any, Callable[[], None]]]:
        wanted = self._text.lower()
        document = self._app.session.document
        lines = []
        for path, node in document.walk():
            kind = node.type.removeprefix("nodegraph.")
            if wanted in path.lower() or wanted in kind.lower() or wanted in node.label.lower():
                schema = document.catalog.get(node.type)
                lines.append((path, kind, schema, lambda p=path: self._app.session.show_node(p)))
        lines.sort(key=lambda line: (not line[0].lower().startswith(wanted), line[0]))
        return lines[:60]  # type: ignore[return-value]

    def _add(self, id: str) -> None:
        session, ask = self._app.session, self._ask
        assert ask is not None
        name = session.canvas.add(id, (ask.x, ask.y), ask.pin)
        session.palette.used(id)
        if session.canvas.notice:
            session.say(session.canvas.notice)
        if name is not None and session.viewer.a is None:
            session.viewer.show(session.canvas.graph.prefix + name)

    # -- drawing

    def _draw(self) -> None:
        dpg.delete_item(self._list, children_only=True)
        if not self._lines:
            dpg.add_text("nothing is called that", parent=self._list, color=theme.FAINT)
        with dpg.table(parent=self._list, header_row=False, policy=dpg.mvTable_SizingStretchProp, pad_outerX=False):
            dpg.add_table_column(width_fixed=True, init_width_or_weight=8 * self._app.scale)
            dpg.add_table_column(init_width_or_weight=1.0)
            dpg.add_table_column(init_width_or_weight=1.1)
            for k, line in enumerate(self._lines):
                self._draw_line(k, *line[:3])
        self._explain()

    def _draw_line(self, k: int, name: str, why: str, schema: Any) -> None:
        family = theme.family_colour(schema.family if schema is not None else "")
        with dpg.table_row():
            dpg.add_color_button(
                (*family, 255),
                width=int(6 * self._app.scale),
                height=int(16 * self._app.scale),
                no_border=True,
                enabled=False,
            )
            line = dpg.add_selectable(
                label=f"{name}##{k}",
                span_columns=True,
                default_value=k == self._at,
                callback=self._pressed,
                user_data=k,
            )
            dpg.add_text(why, color=theme.FAINT if k != self._at else theme.DIM)
        if k == self._at:
            dpg.bind_item_theme(line, theme.item_theme("selected"))

    def _explain(self) -> None:
        schema = self._lines[self._at][2] if self._at < len(self._lines) else None
        text = " ".join(schema.doc.split(".")[0].split()) if schema is not None and schema.doc else ""
        dpg.set_value(self._help, text[:110])

    def _pressed(self, _sender: Any, _data: Any, line: int) -> None:
        self._at = line
        self._take()

    def _take(self) -> None:
        lines, at = self._lines, self._at
        self.close()
        if at < len(lines):
            lines[at][3]()

    # -- keys

    def key(self, key: str) -> None:
        """A key while it is open."""
        if key == "Escape":
            self.close()
        elif key in ("Return", "Tab"):
            if key == "Tab" and not self._text:
                return  # the press that opened it
            self._take()
        elif key in ("Up", "Down") and self._lines:
            self._at = (self._at + (1 if key == "Down" else -1)) % len(self._lines)
            self._draw()
            dpg.set_y_scroll(self._list, max(0.0, (self._at - _ROWS + 2) * _ROW * self._app.scale))

    def outside(self, x: float, y: float) -> bool:
        """Whether a press at a window position was meant for something else."""
        left, top = dpg.get_item_pos(self._window)
        width, height = dpg.get_item_width(self._window), dpg.get_item_height(self._window)
        return not (left <= x <= left + width and top <= y <= top + height)


def _why(found: Found) -> str:
    """The family, and the name it was found by where that is another."""
    name = name_of(found.schema)
    return (
        found.schema.family
        if found.matched.lower() in (name.lower(), found.schema.family)
        else f"{found.schema.family}, {found.matched}"
    )
