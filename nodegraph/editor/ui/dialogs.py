# ruff: noqa: TID253
"""Windows that ask something: files, text, what to do about unsaved work, preferences, the shortcut sheet."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.ui import theme
from nodegraph.editor.ui.file_window import FileWindow
from nodegraph.editor.ui.settings_windows import PreferencesWindow, ProjectWindow
from nodegraph.editor.ui.sheet_window import SheetWindow

if TYPE_CHECKING:
    from nodegraph.editor.ui.app import App


class Dialogs:
    """One window at a time. `open` while one is shown: shortcuts and the panels rest then."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._window: int | str | None = None
        self._accept: Callable[[], None] | None = None
        self._stays = False

    @property
    def open(self) -> bool:
        return self._window is not None and dpg.does_item_exist(self._window) and dpg.is_item_shown(self._window)

    def close(self) -> None:
        if self._window is not None and dpg.does_item_exist(self._window):
            dpg.configure_item(self._window, show=False)
            self._app.later(lambda item=self._window: dpg.delete_item(item) if dpg.does_item_exist(item) else None)  # type: ignore[misc]
        self._window = self._accept = None

    def begin(self, title: str, width: int, height: int, accept: Callable[[], None] | None = None) -> int | str:
        """An empty window in the middle, to be filled; Return does `accept`, Escape closes."""
        self.close()
        scale = self._app.scale
        size = int(width * scale), int(height * scale)
        x = (dpg.get_viewport_client_width() - size[0]) // 2
        y = (dpg.get_viewport_client_height() - size[1]) // 2
        with dpg.window(
            modal=True, no_title_bar=True, no_move=True, no_resize=True, no_saved_settings=True, width=size[0],
            height=size[1], pos=[max(0, x), max(20, y)],
        ) as self._window:  # fmt: skip
            heading = dpg.add_text(title)
            dpg.bind_item_font(heading, self._app.fonts.large)
            dpg.add_spacer(height=int(4 * scale))
        dpg.bind_item_theme(self._window, theme.item_theme("popup"))
        self._accept, self._stays = accept, False
        return self._window

    def on_return(self, call: Callable[[], None]) -> None:
        """What Return does in the window that is open; it closes the window itself."""
        self._accept, self._stays = call, True

    def buttons(self, *buttons: tuple[str, Callable[[], None]]) -> None:
        """A row of buttons; the first is what Return does, and is drawn so."""
        dpg.add_spacer(height=int(8 * self._app.scale), parent=self._window or 0)
        with dpg.group(horizontal=True, parent=self._window or 0):
            for k, (label, call) in enumerate(buttons):
                button = dpg.add_button(
                    label=label, width=int(110 * self._app.scale), callback=lambda _s, _d, c=call: self._do(c)
                )
                dpg.bind_item_theme(button, theme.item_theme("accent" if k == 0 else "card"))

    def _do(self, call: Callable[[], None]) -> None:
        self.close()
        call()

    def key(self, key: str) -> bool:
        """A key while a window is open; whether one is."""
        if not self.open:
            return False
        if key == "Escape":
            self.close()
        elif key == "Return" and self._accept is not None:
            if self._stays:
                self._accept()
            else:
                self._do(self._accept)
        return True

    # -- simple ones

    def tell(self, title: str, text: str) -> None:
        """Say something that must be read."""
        window = self.begin(title, 480, 190, lambda: None)
        dpg.add_text(text, wrap=int(450 * self._app.scale), parent=window)
        self.buttons(("All right", lambda: None))

    def ask_text(self, title: str, text: str, done: Callable[[str], None], *, multiline: bool = False) -> None:
        """Ask for a text."""
        field: list[Any] = []

        def accept() -> None:
            done(text_of[0]())

        text_of: list[Callable[[], str]] = [lambda: text]
        window = self.begin(title, 380, 230 if multiline else 140, None if multiline else accept)
        made = dpg.add_input_text(
            default_value=text, width=-1, multiline=multiline, height=int(90 * self._app.scale) if multiline else 0,
            auto_select_all=True, parent=window, callback=lambda _s, value: text_of.__setitem__(0, lambda: value),
        )  # fmt: skip
        field.append(made)
        self.buttons(("Apply", accept), ("Cancel", lambda: None))
        dpg.focus_item(made)

    def ask_about_unsaved(self, go_on: Callable[[], None]) -> None:
        """Go on at once where nothing is unsaved; else after the question."""
        app = self._app
        if not app.has_session or not app.session.unsaved:
            go_on()
            return

        def save_first() -> None:
            if app.session.path:
                if app.session.save():
                    go_on()
            else:
                self.save_as(go_on)

        window = self.begin("Save the changes?", 460, 160, save_first)
        text = f"{app.session.name} has changes that are not on the disk yet."
        dpg.add_text(text, wrap=int(430 * app.scale), parent=window)
        self.buttons(("Save", save_first), ("Don't save", go_on), ("Cancel", lambda: None))

    # -- files

    def browse(
        self,
        kinds: Collection[str],
        start: str,
        chosen: Callable[[str], Any],
        *,
        saving: bool = False,
        name: str = "",
        title: str = "",
    ) -> None:
        """Choose a file; `chosen` gets its path, a sequence as a pattern."""
        title = title or ("Save as" if saving else "Open")
        window = self.begin(title, 760, 500)
        asked = FileWindow(self._app, self, window, kinds, start or os.getcwd(), chosen, saving=saving, name=name)
        self.on_return(asked.returned)

    def open_graph(self) -> None:
        self.ask_about_unsaved(
            lambda: self.browse(("graphs",), self._folder(), self._app.open_file, title="Open a graph")
        )

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        session = self._app.session

        def chosen(path: str) -> None:
            if session.save(path) and then is not None:
                then()

        self.browse(
            ("graphs",), self._folder(), chosen, saving=True, name=session.name if session.path else "comp.graph",
            title="Save the graph as",
        )  # fmt: skip

    def _folder(self) -> str:
        path = self._app.session.path if self._app.has_session else ""
        return os.path.dirname(path) if path else os.getcwd()

    # -- actions

    def perform(self, action: str) -> bool:
        """Do an action that opens a window; whether it was one."""
        app = self._app
        if action == "file.new":
            self.ask_about_unsaved(app.new)
        elif action == "file.open":
            self.open_graph()
        elif action == "file.quit":
            app.quit()
        elif action == "edit.preferences":
            PreferencesWindow(app, self)
        elif action == "help.sheet":
            SheetWindow(app, self)
        elif action == "help.about":
            self._about()
        elif not app.has_session:
            return False
        elif action == "file.close":
            self.ask_about_unsaved(app.close_document)
        elif action == "file.save_as" or (action == "file.save" and not app.session.path):
            self.save_as()
        elif action == "edit.project":
            ProjectWindow(app, self)
        elif action == "file.render":
            from nodegraph.editor.ui.render_window import RenderWindow

            RenderWindow(app, self)
        else:
            return False
        return True

    def _about(self) -> None:
        from importlib.metadata import version

        text = f"nodegraph {version('nodegraph')}\nA real-time node-graph compositor for hybrid film production.\nApache-2.0"
        self.tell("nodegraph", text)
