# ruff: noqa: TID253
"""Rendering the document's outputs from the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from nodegraph.editor.rendering import RenderJob
from nodegraph.editor.ui import theme
from nodegraph.errors import NodegraphError
from nodegraph.values.ranges import parse_frames

if TYPE_CHECKING:
    from nodegraph.editor.ui.app import App
    from nodegraph.editor.ui.dialogs import Dialogs


class RenderWindow:
    """Which frames, then how far it is. Closing it leaves the job running; its end is a message."""

    def __init__(self, app: App, dialogs: Dialogs) -> None:
        self._app, self._dialogs = app, dialogs
        transport = app.session.transport
        self._frames = f"{transport.in_point}-{transport.out_point}"
        self._resume = False
        self._job: RenderJob | None = None
        window = dialogs.begin("Render", 460, 230, self._start)
        with dpg.group(horizontal=True, parent=window):
            dpg.add_text("Frames", color=theme.DIM)
            dpg.add_input_text(default_value=self._frames, width=-1, callback=self._typed)
        dpg.add_checkbox(label="leave out frames that are there", parent=window, callback=self._resumed)
        self._bar = dpg.add_progress_bar(width=-1, height=int(8 * app.scale), parent=window)
        self._words = dpg.add_text("", color=theme.DIM, wrap=int(430 * app.scale), parent=window)
        with dpg.group(horizontal=True, parent=window):
            start = dpg.add_button(label="Render", width=int(110 * app.scale), callback=self._start)
            dpg.bind_item_theme(start, theme.item_theme("accent"))
            stop = dpg.add_button(label="Cancel", width=int(110 * app.scale), callback=self._stop)
            dpg.bind_item_theme(stop, theme.item_theme("card"))

    def _typed(self, _sender: int, text: str) -> None:
        self._frames = text

    def _resumed(self, _sender: int, on: bool) -> None:
        self._resume = on

    def _start(self) -> None:
        if self._job is not None and not self._job.finished:
            return
        try:
            frames = parse_frames(self._frames)
        except NodegraphError as error:
            dpg.set_value(self._words, str(error))
            return
        session = self._app.session
        self._job = RenderJob(session.document, session.registry, frames, resume=self._resume)
        self._app.later(self._follow)

    def _stop(self) -> None:
        if self._job is not None and not self._job.finished:
            self._job.cancel()
        else:
            self._dialogs.close()

    def _follow(self) -> None:
        """Once per frame while the job runs."""
        job, app = self._job, self._app
        assert job is not None
        if dpg.does_item_exist(self._bar):
            dpg.set_value(self._bar, job.done / max(1, job.total))
            dpg.set_value(self._words, job.words())
        if not job.finished:
            app.wake()
            app.later(self._follow)
        elif app.has_session:
            wrong = job.error is not None and not job.cancelled
            app.session.messages.post(f"render: {job.words()}", severity="error" if wrong else "info")
            app.session.say(f"render: {job.words()}")
