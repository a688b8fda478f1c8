# ruff: noqa: TID253
"""The editor's window: it makes the panels, hands events on, and runs the loop that draws.

All of Dear PyGui happens on this thread. Callbacks are queued by it and run between two frames here
(`manual_callback_management`), so that nothing races the loop; an error in one is a message, not the end.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.actions import ACTIONS
from nodegraph.editor.desktop import clipboard_text
from nodegraph.editor.geometry import Rect
from nodegraph.editor.keymap import Keymap
from nodegraph.editor.preferences import config_folder, load_preferences
from nodegraph.editor.session import Session
from nodegraph.editor.tiling import Bar, Tiling
from nodegraph.editor.ui import fonts, measure, theme
from nodegraph.editor.ui.events import LEFT, Events, typing
from nodegraph.editor.ui.panel import Panel
from nodegraph.errors import DocumentError, NodegraphError
from nodegraph.graph import Graph
from nodegraph.packs import Registry

#: How long a notice stays, and how long the loop runs at full rate after something happened, in seconds.
_NOTICE, _AWAKE = 3.5, 0.5
#: Frames per second while nothing happens.
_IDLE_RATE = 10
TITLE = "nodegraph"


class App:
    """The editor. `open` shows a document; `run` returns when the window is closed."""

    def __init__(self, registry: Registry, *, size: tuple[int, int] = (1600, 900), state: Path | None = None) -> None:
        self.registry = registry
        self.state = state
        self.preferences, problems = load_preferences()
        self._layout_file = config_folder() / "layout.json"
        self.tiling = Tiling.load(self._layout_file)
        self.panels: dict[str, Panel] = {}
        self._session: Session | None = None
        self._grabbed: Panel | None = None
        self._bar: Bar | None = None
        self._notice_until = 0.0
        self._awake_until = 0.0
        self._area = Rect(0, 0, *map(float, size))
        self.closing = False
        self._keymap = Keymap()
        self._later: list[Callable[[], Any]] = []
        self._on_release: Callable[[], Any] | None = None
        self.frame_ms: list[float] = []
        self.now = time.monotonic()
        self.problems = problems
        self._create(size)

    # -- making

    def _create(self, size: tuple[int, int]) -> None:
        from nodegraph.editor.ui.dialogs import Dialogs
        from nodegraph.editor.ui.graph_panel import GraphPanel
        from nodegraph.editor.ui.menu import Menu
        from nodegraph.editor.ui.messages_panel import MessagesPanel
        from nodegraph.editor.ui.palette import PalettePopup
        from nodegraph.editor.ui.parameters_panel import ParametersPanel
        from nodegraph.editor.ui.scopes_panel import ScopesPanel
        from nodegraph.editor.ui.start_page import StartPage
        from nodegraph.editor.ui.timeline_panel import TimelinePanel
        from nodegraph.editor.ui.viewer_panel import ViewerPanel

        dpg.create_context()
        dpg.configure_app(manual_callback_management=True)
        dpg.create_viewport(
            title=TITLE, width=size[0], height=size[1], x_pos=0, y_pos=0, clear_color=theme.WINDOW,
            vsync="NODEGRAPH_NO_VSYNC" not in os.environ, disable_close=True,
        )  # fmt: skip
        dpg.setup_dearpygui()
        theme.apply(self.scale)
        self.fonts = fonts.load(self.scale)
        dpg.bind_font(self.fonts.regular)
        self.events = Events(self)
        self.menu = Menu(self)
        for kind in (ViewerPanel, GraphPanel, ParametersPanel, ScopesPanel, TimelinePanel, MessagesPanel):
            panel = self.panels[kind.name] = kind(self)
            panel.create()
        self.palette = PalettePopup(self)
        self.dialogs = Dialogs(self)
        self.start = StartPage(self)
        self._drawing = dpg.add_viewport_drawlist(front=True)
        dpg.show_viewport()

    @property
    def scale(self) -> float:
        return self.preferences.ui_scale

    @property
    def session(self) -> Session:
        assert self._session is not None, "no document is open"
        return self._session

    @property
    def has_session(self) -> bool:
        return self._session is not None

    # -- documents

    def open(self, document: Graph, path: str = "", *, changes: int = 0) -> None:
        """Show a document, instead of the one that was."""
        if self._session is not None:
            self.registry = self._session.registry  # with what was reloaded
            self._session.close()
        session = self._session = Session(
            document, self.registry, path=path, preferences=self.preferences, journal_folder=self.state, changes=changes
        )
        session.copied = dpg.set_clipboard_text
        session.pasted = clipboard_text
        if path:
            session.remember()
        for text in self.problems:
            session.messages.post(text, severity="warning")
        for problem in document.problems():
            session.messages.post(problem, problem.where, severity="warning")
        self.start.show(False)
        for panel in self.panels.values():
            panel.reset()
        self.layout()
        session.first_look()

    def open_file(self, path: str) -> bool:
        """Open a file; what is wrong with it is said, and the document that was stays."""
        from nodegraph.editor.session import open_document

        try:
            document = open_document(path, self.registry)
        except (NodegraphError, OSError) as error:
            self.dialogs.tell("This graph can't be opened", str(error))
            return False
        self.open(document, str(Path(path).resolve()))
        return True

    def close_document(self) -> None:
        """Back to the start page."""
        if self._session is not None:
            self._session.close()
            self._session = None
        for panel in self.panels.values():
            panel.place(None)
        self.start.show(True)

    def quit(self) -> None:
        """Close, having asked about what isn't saved."""
        self.dialogs.ask_about_unsaved(self._stop)

    def _stop(self) -> None:
        self.closing = True

    def new(self) -> None:
        """An empty document."""
        self.open(Graph(self.registry.catalog))

    # -- keys

    @property
    def keymap(self) -> Keymap:
        return self._session.keymap if self._session is not None else self._keymap

    def keys(self, action: str) -> tuple[str, ...]:
        """The keys of an action, for menus and tool-tips."""
        return self.keymap.keys(action) if action in ACTIONS else ()

    def held(self, action: str) -> bool:
        """Whether a key of an action is down."""
        return any(key in self.events.held for key in self.keys(action))

    def later(self, call: Callable[[], Any]) -> None:
        """Do something before the next frame: what may not happen while a widget's callback runs."""
        self._later.append(call)

    def when_released(self, call: Callable[[], Any]) -> None:
        """Do something when the mouse button is let go."""
        self._on_release = call

    def settle_preferences(self) -> None:
        """Preferences changed: sizes and keys follow at once."""
        theme.apply(self.scale)
        fonts.rescale(self.fonts, self.scale)
        if self._session is not None:
            self._session.settle_preferences()
        self.layout()

    # -- layout

    def layout(self) -> None:
        """Put every panel where it belongs."""
        top = self.menu.height
        self._area = Rect(0, top, float(dpg.get_viewport_client_width()), float(dpg.get_viewport_client_height()))
        if self._session is None:
            self.start.place(self._area)
            return
        rects = self.tiling.rects(self._area)
        for name, panel in self.panels.items():
            panel.place(rects.get(name))

    def panel_under(self) -> Panel | None:
        """The panel under the cursor."""
        x, y = self.events.mouse
        return next((p for p in self.panels.values() if p.visible and p.rect.has(x, y)), None)

    # -- events

    def press(self, button: int, x: float, y: float, double: bool) -> None:
        self.wake()
        if self.palette.open and self.palette.outside(x, y):
            self.palette.close()
        if self._session is None or self.dialogs.open or self.palette.open:
            return
        if button == LEFT and not any(p.under() for p in self.panels.values()):
            self._bar = self.tiling.bar_at(self._area, x, y)
            if self._bar is not None:
                return
        for panel in self.panels.values():
            if panel.under():
                self._grabbed = panel
                ox, oy = panel.origin()
                panel.press(button, x - ox, y - oy, double)
                return

    def move(self, x: float, y: float) -> None:
        self.wake()
        if self._session is None:
            return
        if self._bar is not None:
            self.tiling.drag(self._bar, x, y)
            self.layout()
            return
        panels = [self._grabbed] if self._grabbed is not None else [p for p in self.panels.values() if p.under()]
        for panel in panels:
            ox, oy = panel.origin()
            panel.move(x - ox, y - oy)

    def release(self, button: int, x: float, y: float) -> None:
        self.wake()
        if self._bar is not None:
            self.tiling.save(self._layout_file)
        self._bar = None
        waiting, self._on_release = self._on_release, None
        if waiting is not None:
            waiting()
        panel, self._grabbed = self._grabbed, None
        if panel is not None and self._session is not None:
            ox, oy = panel.origin()
            panel.release(button, x - ox, y - oy)

    def wheel(self, x: float, y: float, notches: float) -> None:
        self.wake()
        if self._session is None or self.dialogs.open or self.palette.open:
            return
        for panel in self.panels.values():
            if panel.under():
                ox, oy = panel.origin()
                panel.wheel(x - ox, y - oy, notches)

    def key(self, key: str, repeated: bool) -> None:
        self.wake()
        if self.palette.open:
            self.palette.key(key)
            return
        if self.dialogs.key(key) or typing():
            return
        panel = self.panel_under()
        place = panel.name if panel is not None and panel.name in ("graph", "viewer", "timeline") else "anywhere"
        action = self.keymap.action(key, place)
        if action is not None and not (repeated and action not in _REPEATING):
            self.perform(action)

    def perform(self, action: str) -> None:
        """Do an action: a key's, a button's, a menu's."""
        self.wake()
        if self.dialogs.perform(action) or self._session is None:
            return
        if any(panel.perform(action) for panel in self.panels.values()):
            return
        if action.startswith("panel."):
            self._arrange(action.removeprefix("panel."))
        else:
            self._session.perform(action)

    def _arrange(self, what: str) -> None:
        if what == "maximise":
            panel = self.panel_under()
            self.tiling.maximise(self.tiling.maximised or (panel.name if panel is not None else None))
        elif what == "reset":
            self.tiling = Tiling()
        else:
            self.tiling.toggle(what)
        self.tiling.save(self._layout_file)
        self.layout()

    # -- the loop

    def wake(self) -> None:
        """Something happens: draw at full rate for a while."""
        self._awake_until = time.monotonic() + _AWAKE

    def frame(self) -> None:
        """One frame: callbacks, what was cooked, what changed, and the picture of it all."""
        begun = time.perf_counter()
        self._dispatch()
        now = self.now = time.monotonic()
        size = Rect(0, self.menu.height, dpg.get_viewport_client_width(), dpg.get_viewport_client_height())
        if size != self._area:
            self.layout()
        if self._session is not None:
            if self._session.tick(now):
                self.wake()
            for panel in self.panels.values():
                if panel.visible:
                    self._guard(panel.update)
            self._notices(now)
        self._guard(self.menu.update)
        dpg.render_dearpygui_frame()
        self.frame_ms.append((time.perf_counter() - begun) * 1e3)
        del self.frame_ms[:-240]

    def run(self) -> None:
        """Draw until the window is closed."""
        dpg.set_exit_callback(self.quit)  # the window's own button asks too
        while not self.closing:
            if not dpg.is_dearpygui_running():
                break
            self.frame()
            busy = self._session is not None and self._session.busy
            if not busy and time.monotonic() > self._awake_until:
                time.sleep(1 / _IDLE_RATE)
        self.close()

    def close(self) -> None:
        """End it all. Work that nobody was asked about (an error, Ctrl-C) stays in its journal for the next start."""
        if self._session is not None:
            self._session.close(keep_journal=not self.closing and self._session.unsaved)
            self._session = None
        dpg.destroy_context()

    def _dispatch(self) -> None:
        """Run the callbacks that are waiting."""
        for job in dpg.get_callback_queue() or ():
            callback, *arguments = job
            if callback is not None:
                self._guard(callback, *arguments[: _wanted(callback)])
        waiting, self._later = self._later, []
        for call in waiting:
            self._guard(call)

    def _guard(self, call: Callable[..., Any], *arguments: Any) -> None:
        """An error while drawing is said, and the editor goes on."""
        try:
            call(*arguments)
        except DocumentError as error:
            if self._session is not None:
                self._session.say(str(error))
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            if self._session is not None:
                self._session.messages.post(f"this is our mistake: {type(error).__name__}: {error}", severity="error")

    def _notices(self, now: float) -> None:
        """What was just refused or done, for a moment at the bottom of the window."""
        if self.session.notice:
            text, self.session.notice = self.session.notice, ""
            self._notice_until = now + _NOTICE
            dpg.delete_item(self._drawing, children_only=True)
            size = 15 * self.scale
            width = measure.width(text, size, 400) + 8
            x, y = (self._area.x1 - width) / 2, self._area.y1 - 46 * self.scale
            dpg.draw_rectangle(
                (x - 12, y - 8), (x + width + 12, y + size + 9), fill=(24, 24, 24, 240), color=theme.LINE, rounding=6,
                parent=self._drawing,
            )  # fmt: skip
            item = dpg.draw_text((x + 4, y), text, size=size, color=theme.TEXT, parent=self._drawing)
            dpg.bind_item_font(item, self.fonts.regular)
        elif self._notice_until and now > self._notice_until:
            self._notice_until = 0.0
            dpg.delete_item(self._drawing, children_only=True)


#: Actions that go on while their key is held.
_REPEATING = frozenset((
    "edit.undo", "edit.redo", "timeline.step_forward", "timeline.step_back", "timeline.jump_forward",
    "timeline.jump_back", "viewer.exposure_up", "viewer.exposure_down", "viewer.gamma_up", "viewer.gamma_down",
    "graph.zoom_in", "graph.zoom_out", "viewer.zoom_in", "viewer.zoom_out",
))  # fmt: skip


def _wanted(callback: Callable[..., Any]) -> int:
    """How many of (sender, data, user data) a callback takes: defaults are its own."""
    code = getattr(callback, "__code__", None)
    if code is None or code.co_flags & 0x04:  # *args
        return 3
    own = 1 if getattr(callback, "__self__", None) is not None else 0
    defaults = len(getattr(callback, "__defaults__", None) or ())
    return min(3, int(code.co_argcount) - own - defaults)
