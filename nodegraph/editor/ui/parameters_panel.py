# ruff: noqa: TID253
"""The parameter panel: a block for every node shown, a row for every parameter."""

from __future__ import annotations

from typing import Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.rows import Row
from nodegraph.editor.ui import icons, theme
from nodegraph.editor.ui.panel import Panel
from nodegraph.editor.ui.parameter_fields import Field, field_for
from nodegraph.graph import Node

_LABEL = 104
_LAST = ("mask", "invert_mask", "mix")
_PAYLOAD = "parameter"


class ParametersPanel(Panel):
    name = "parameters"
    title = "Parameters"

    def build(self) -> None:
        with dpg.child_window(border=False) as self._list:
            pass
        dpg.bind_item_theme(self._list, theme.item_theme("bare"))
        self._made: Any = None
        self._seen: Any = None
        self._fields: dict[tuple[str, str], Field] = {}
        self._keys: dict[tuple[str, str], int | str] = {}
        self._labels: dict[tuple[str, str], int | str] = {}
        self._helped: set[str] = set()
        self._registries: list[int | str] = []

    def reset(self) -> None:
        self._made = self._seen = None

    # -- keeping up

    def update(self) -> None:
        session = self.session
        nodes = tuple(session.sheet.nodes)
        seen = (
            nodes,
            session.document.revision,
            session.transport.frame,
            tuple(map(session.sheet.pinned, nodes)),
            len(self._helped),
        )
        if seen == self._seen:
            return
        self._seen = seen
        rows = {path: session.sheet.rows(path, session.transport.frame) for path in nodes}
        made = (int(self.rect.x1 - self.rect.x0), *((path, self._shape(path, rows[path])) for path in nodes))
        if made != self._made:
            self._made = made
            self._rebuild(rows)
        for path, each in rows.items():
            for row in each:
                self._show(path, row)

    def _shape(self, path: str, rows: list[Row]) -> Any:
        """All that decides which widgets there are."""
        node = self.session.document.node(path)
        lines = tuple("\n" in str(r.value) for r in rows if r.param.kind == "text")
        return (
            node.type, node.label, node.bypass, self.session.sheet.pinned(path), path in self._helped,
            tuple((r.param.name, r.expression, bool(r.error)) for r in rows), lines,
        )  # fmt: skip

    def _show(self, path: str, row: Row) -> None:
        key = path, row.param.name
        self._fields[key].show(row)
        state = {"key here": "key_here", "animated": "key_anim"}.get(row.state, "key_none")
        if key in self._keys:
            dpg.bind_item_theme(self._keys[key], theme.item_theme(state))
        dpg.configure_item(self._labels[key], color=theme.TEXT if row.changed else theme.DIM)

    # -- making

    def _rebuild(self, rows: dict[str, list[Row]]) -> None:
        dpg.delete_item(self._list, children_only=True)
        for field in self._fields.values():
            for item in field.items:
                dpg.delete_item(item)
        for item in self._registries:
            dpg.delete_item(item)
        for each in (self._fields, self._keys, self._labels, self._registries):
            each.clear()
        dpg.push_container_stack(self._list)
        try:
            if not rows:
                self._empty()
            for path, each_rows in rows.items():
                self._block(path, each_rows)
        finally:
            dpg.pop_container_stack()

    def _empty(self) -> None:
        heading = dpg.add_text("Nothing chosen")
        dpg.bind_item_font(heading, self.app.fonts.semibold)
        dpg.add_text("Choose a node to see its parameters; pin it to keep them.", color=theme.FAINT, wrap=0)

    def _block(self, path: str, rows: list[Row]) -> None:
        node = self.session.document.node(path)
        self._header(path, node)
        if path in self._helped:
            self._help(node)
        last = [r for r in rows if r.param.name in _LAST]
        self._table([r for r in rows if r not in last])
        if last and len(rows) > len(last):
            dpg.add_spacer(height=2)
            self._table(last)
        dpg.add_spacer(height=int(8 * self.app.scale))

    def _header(self, path: str, node: Node) -> None:
        family = "group" if node.graph is not None else node.type.rpartition(".")[0].rpartition(".")[2]
        with dpg.group(horizontal=True):
            dpg.add_color_button(
                (*theme.family_colour(family), 255), width=int(8 * self.app.scale), height=int(22 * self.app.scale),
                no_border=True, enabled=False,
            )  # fmt: skip
            name = dpg.add_input_text(default_value=path.rpartition("/")[2], width=int(118 * self.app.scale))
            with dpg.item_handler_registry() as handlers:
                dpg.add_item_deactivated_handler(callback=lambda: self._rename(path, dpg.get_value(name)))
            dpg.bind_item_handler_registry(name, handlers)
            self._registries.append(handlers)
            dpg.add_text(node.type.removeprefix("nodegraph."), color=theme.FAINT)
        pinned = self.session.sheet.pinned(path)
        with dpg.group(horizontal=True):
            self._tool("power", lambda: self._bypass(path), "Bypass", lit=not node.bypass)
            self._tool("pin", lambda: self.session.sheet.pin(path, not pinned), "Keep these here", lit=pinned)
            self._tool("reset", lambda: self._reset_all(path), "Everything back to its default")
            self._tool("copy", lambda: self.session.copied(self.session.sheet.copy(path)), "Copy the values")
            self._tool("paste", lambda: self._paste(path), "Paste values")
            self._tool("star", lambda: self._presets(path), "Presets")
            self._tool("question", lambda: self._toggle_help(path), "What this node does", lit=path in self._helped)
            self._tool("close", lambda: self.session.sheet.close(path), "Close")

    def _tool(self, icon: str, call: Any, tip: str, *, lit: bool = False) -> None:
        button = dpg.add_button(label=icons.ICONS[icon], callback=lambda: self._do(call))
        dpg.bind_item_font(button, self.app.fonts.icons)
        dpg.bind_item_theme(button, theme.item_theme("toggle_on" if lit else "toggle_off"))
        with dpg.tooltip(button, delay=0.5):
            dpg.add_text(tip)

    def _do(self, call: Any) -> None:
        call()
        self._seen = None
        if self.session.sheet.notice:
            self.session.say(self.session.sheet.notice)

    def _help(self, node: Node) -> None:
        schema = self.session.document.catalog.get(node.type)
        text = schema.doc if schema is not None else "This node's type isn't installed."
        dpg.add_text(" ".join(text.split()), color=theme.DIM, wrap=int(max(180, self.rect.x1 - self.rect.x0 - 40)))

    def _table(self, rows: list[Row]) -> None:
        scale = self.app.scale
        with dpg.table(header_row=False, policy=dpg.mvTable_SizingStretchProp, pad_outerX=False):
            dpg.add_table_column(width_fixed=True, init_width_or_weight=_LABEL * scale)
            dpg.add_table_column(width_stretch=True)
            dpg.add_table_column(width_fixed=True, init_width_or_weight=24 * scale)
            for row in rows:
                with dpg.table_row():
                    self._label(row)
                    self._fields[row.node, row.param.name] = field_for(self.app, row)
                    if row.param.animatable:
                        self._diamond(row)
                    else:
                        dpg.add_text("")

    def _label(self, row: Row) -> None:
        key = row.node, row.param.name
        with dpg.group():
            label = self._labels[key] = dpg.add_text(row.label.replace("_", " "))
            if row.expression or row.error:
                told = dpg.add_text(
                    row.error or f"= {row.expression}", color=theme.ERROR if row.error else (130, 190, 164, 255)
                )
                dpg.bind_item_font(told, self.app.fonts.small)
        with dpg.tooltip(label, delay=0.5):
            dpg.add_text(row.help or row.label, wrap=int(300 * self.app.scale))
            dpg.add_text(row.param.describe_range(), color=theme.FAINT)
        with dpg.drag_payload(parent=label, drag_data=f"{row.node}.{row.param.name}", payload_type=_PAYLOAD):
            dpg.add_text(f"link to {row.node}.{row.param.name}")
        dpg.configure_item(
            label,
            payload_type=_PAYLOAD,
            drop_callback=lambda _s, source: self._do(lambda: self.session.sheet.link(source, *key)),
        )
        with dpg.popup(label, mousebutton=1):
            self._menu(row)

    def _menu(self, row: Row) -> None:
        sheet, session, key = self.session.sheet, self.session, (row.node, row.param.name)
        frame = session.transport.frame
        entries: list[tuple[str, Any]] = [("Reset", lambda: sheet.reset(*key))]
        if row.param.animatable:
            entries += [
                ("Set or remove a key", lambda: sheet.toggle_key(*key, session.transport.frame)),
                ("Expression ...", lambda: self._ask_expression(row)),
            ]
        if row.expression:
            entries.append(("Remove the expression", lambda: sheet.clear_expression(*key, frame)))
        entries += [
            ("Copy", lambda: session.copied(sheet.copy(*key))),
            ("Paste", lambda: self._paste(*key)),
            ("Copy a link", lambda: session.copied(f"={row.node.rpartition('/')[2]}.{row.param.name}")),
        ]
        for title, call in entries:
            dpg.add_menu_item(label=title, callback=lambda _s, _d, c=call: self._do(c))

    def _diamond(self, row: Row) -> None:
        key = row.node, row.param.name
        button = self._keys[key] = dpg.add_button(
            label=icons.ICONS["key"],
            callback=lambda: self._do(lambda: self.session.sheet.toggle_key(*key, self.session.transport.frame)),
        )
        dpg.bind_item_font(button, self.app.fonts.icons)
        with dpg.tooltip(button, delay=0.5):
            dpg.add_text("Set or remove a key at this frame")

    # -- what the buttons do

    def _rename(self, path: str, text: str) -> None:
        old = path.rpartition("/")[2]
        if text.strip() and text.strip() != old:
            graph, _ = self.session.document.locate(path)
            graph.rename(old, text.strip())
            self.session.canvas.selection = [text.strip() if n == old else n for n in self.session.canvas.selection]

    def _bypass(self, path: str) -> None:
        graph, node = self.session.document.locate(path)
        graph.bypass(node.name, not node.bypass)

    def _reset_all(self, path: str) -> None:
        node = self.session.document.node(path)
        with self.session.document.batch(f"reset {path}"):
            for param in list(node.params):
                self.session.document.reset(f"{path}.{param}")

    def _paste(self, path: str, param: str | None = None) -> None:
        self.session.take_pasted(lambda text: self._do(lambda: self.session.sheet.paste(text, path, param)))

    def _toggle_help(self, path: str) -> None:
        self._helped ^= {path}

    def _ask_expression(self, row: Row) -> None:
        def done(text: str) -> None:
            self._do(lambda: self.session.sheet.set_expression(row.node, row.param.name, text.removeprefix("=")))

        self.app.dialogs.ask_text(f"{row.label}: expression of frame, time and other parameters", row.expression, done)

    def _presets(self, path: str) -> None:
        sheet = self.session.sheet
        x, y = self.app.events.mouse
        with dpg.window(popup=True, no_saved_settings=True, pos=[int(x), int(y)]) as popup:
            dpg.add_menu_item(label="Save as a preset ...", callback=lambda: self._save_preset(path))
            names = sheet.preset_names(path)
            if names:
                dpg.add_separator()
            for name in names:
                dpg.add_menu_item(
                    label=name, callback=lambda _s, _d, n=name: self._do(lambda: sheet.apply_preset(path, n))
                )
            for name in names:
                dpg.add_menu_item(
                    label=f"remove {name}",
                    callback=lambda _s, _d, n=name: self._do(lambda: sheet.remove_preset(path, n)),
                )
        dpg.bind_item_theme(popup, theme.item_theme("popup"))

    def _save_preset(self, path: str) -> None:
        self.app.dialogs.ask_text(
            "Name of the preset", "", lambda name: self._do(lambda: self.session.sheet.save_preset(path, name))
        )
