"""Engines that generate pictures, behind one small interface.

An engine is opened from a file (a workflow, a spec, a folder of weights) and asked with a `Request`. Nothing here
talks to the network, or imports what is heavy, before a picture is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nodegraph.errors import NodegraphError, did_you_mean
from nodegraph.generators import comfyui, diffusers_folder, job_http, onnx_file
from nodegraph.generators.interface import Engine, Kind, Request, Result
from nodegraph.generators.kept import generate_once

__all__ = ["ENGINES", "Engine", "Kind", "Request", "Result", "generate_once", "open_engine", "stamp"]

#: What opens each engine, given its file, a server and the seconds it may take.
_OPEN: dict[str, Callable[[str, str, float], Engine]] = {
    comfyui.NAME: comfyui.open_engine,
    job_http.NAME: job_http.open_engine,
    onnx_file.NAME: onnx_file.open_engine,
    diffusers_folder.NAME: diffusers_folder.open_engine,
}
ENGINES = tuple(_OPEN)


def open_engine(name: str, path: str, server: str = "", timeout: float = 300.0) -> Engine:
    """The engine of this name for a file; an error says what is wrong with the file."""
    if name not in _OPEN:
        raise NodegraphError(f"there is no engine {name!r}", hint=did_you_mean(name, _OPEN) or ", ".join(ENGINES))
    return _OPEN[name](path, server, timeout)


def stamp(name: str, path: str) -> object:
    """Sizes and times of the files an engine is made from: it changes when they do."""
    files = {onnx_file.NAME: onnx_file.files, diffusers_folder.NAME: diffusers_folder.files}
    return tuple(_status(file) for file in files.get(name, lambda file: [file])(path))


def _status(file: str) -> tuple[object, ...]:
    try:
        status = Path(file).stat()
    except OSError:
        return (file, "missing")  # opening it says so
    return (file, status.st_size, status.st_mtime_ns)
