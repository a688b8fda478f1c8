# ruff: noqa: TID253
"""Starting the editor: a window, a document, and the loop; or a picture of it all."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import dearpygui.dearpygui as dpg

from nodegraph.editor.ui.app import App
from nodegraph.errors import NodegraphError
from nodegraph.packs import registry

#: Seconds to wait for the pictures of a screenshot.
_PATIENCE = 60.0


def launch(
    graph: str = "",
    *,
    screenshot: str = "",
    view: str = "",
    frame: int | None = None,
    select: str = "",
    actions: Sequence[str] = (),
    size: tuple[int, int] = (1600, 900),
) -> None:
    """Open the editor, and return when it is closed; with `screenshot`, when that is written."""
    app = App(registry(), size=size)
    try:
        if graph:
            from nodegraph.editor.session import open_document

            app.open(open_document(graph, app.registry), str(Path(graph).resolve()))
        else:
            app.start.show(True)
        if app.has_session:
            _look(app, view, frame, select)
        if screenshot:
            picture(app, screenshot, actions)
            return
        for action in actions:
            app.perform(action)
        app.run()
    finally:
        app.close()


def _look(app: App, view: str, frame: int | None, select: str) -> None:
    """Look at a node, at a frame, with another chosen."""
    session = app.session
    for node in (view, select):
        if node:
            session.document.locate(node)
    if view:
        session.viewer.show(view)
    if frame is not None:
        session.transport.scrub(frame)
    if select:
        session.show_node(select)


def picture(app: App, path: str, actions: Sequence[str] = ()) -> None:
    """Write a PNG of the window once all that was asked for is shown."""
    settle(app)
    for action in actions:
        app.perform(action)
    settle(app)
    target = Path(path)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "window.png"
        dpg.output_frame_buffer(str(made))
        deadline = time.monotonic() + 10
        while not (made.exists() and made.stat().st_size) and time.monotonic() < deadline:
            app.frame()
        for _ in range(3):
            app.frame()
        _keep(made, target)


def _keep(made: Path, target: Path) -> None:
    """Put the window's picture where it was asked for, in the format of its name."""
    import OpenImageIO as oiio

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NodegraphError(str(error.strerror), where=str(target.parent), hint="name another folder") from None
    picture = oiio.ImageBufAlgo.channels(oiio.ImageBuf(str(made)), (0, 1, 2))
    picture.specmod().attribute("Compression", "jpeg:85")
    if not picture.write(str(target)):
        raise NodegraphError(
            "the picture couldn't be written",
            where=str(target),
            hint="name a .png or .jpg in a folder that can be written",
        )


def settle(app: App, frames: int = 12) -> None:
    """Draw until nothing is cooking or being painted any more, and then some frames."""
    deadline = time.monotonic() + _PATIENCE
    quiet = 0
    while quiet < frames and time.monotonic() < deadline:
        app.frame()
        busy = app.has_session and (app.session.cooker.busy or not app.session.painter.settle(0))
        quiet = 0 if busy else quiet + 1
