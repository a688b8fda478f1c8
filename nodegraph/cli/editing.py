"""The visual editor's command."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from nodegraph.cli.app import command
from nodegraph.errors import NodegraphError

_SIZE = "1600x900"


@command("edit")
def edit(
    graph: Annotated[str, typer.Argument(metavar="[GRAPH]", help="A .graph document; without it the start page.")] = "",
    screenshot: Annotated[
        str, typer.Option(metavar="PICTURE", help="Write a PNG of the editor once its pictures are there, and end.")
    ] = "",
    view: Annotated[str, typer.Option(metavar="NODE", help="Look at this node first.")] = "",
    frame: Annotated[int | None, typer.Option(help="At this frame.", show_default=False)] = None,
    select: Annotated[str, typer.Option(metavar="NODE", help="Choose this node: its parameters are shown.")] = "",
    do: Annotated[
        list[str] | None, typer.Option("--do", metavar="ACTION", help="Do this first: graph.search, help.sheet ...")
    ] = None,
    size: Annotated[str, typer.Option(metavar="WxH", help="The window's size in pixels.")] = _SIZE,
) -> None:
    """Build and tune a graph while it runs: node graph, viewer, parameters, scopes, timeline.

    Example: nodegraph edit samples/comp.graph
    """
    width, height = _parse_size(size)
    if graph and not Path(graph).is_file():
        raise NodegraphError("there is no such file", where=graph, hint="`nodegraph edit` alone opens the start page")
    check_display()
    from nodegraph.editor.ui.launch import launch

    launch(graph, screenshot=screenshot, view=view, frame=frame, select=select, actions=do or (), size=(width, height))


def _parse_size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and 320 <= int(width) <= 16384 and 200 <= int(height) <= 16384):
        raise NodegraphError(f"{text!r} is no size", where="--size", hint="write 1600x900, at least 320x200")
    return int(width), int(height)


def check_display() -> None:
    """Refuse where there is no screen: the toolkit would abort the whole process."""
    if not sys.platform.startswith("linux"):
        return
    if not os.environ.get("DISPLAY"):
        raise NodegraphError(
            "there is no display to open a window on",
            where="edit",
            hint="log in to a desktop, or use `xvfb-run nodegraph edit`; `nodegraph render` needs none",
        )
    if not _answers(os.environ["DISPLAY"]):
        raise NodegraphError(
            f"the display {os.environ['DISPLAY']!r} doesn't answer", where="edit", hint="check $DISPLAY"
        )


def _answers(display: str) -> bool:
    """Whether an X server can be connected to, by the X library itself where it is there."""
    import ctypes
    import ctypes.util

    name = ctypes.util.find_library("X11")
    if name is None:
        return True  # not ours to judge: the window says what is missing
    library = ctypes.CDLL(name)
    library.XOpenDisplay.restype = ctypes.c_void_p
    library.XCloseDisplay.argtypes = [ctypes.c_void_p]
    opened = library.XOpenDisplay(display.encode())
    if not opened:
        return False
    library.XCloseDisplay(opened)
    return True
