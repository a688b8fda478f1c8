"""nodegraph: a real-time node-graph compositor for hybrid film production.

`nodegraph.api` shows the way in; its functions are here too. Importing this package imports
nothing else: what a name needs comes with its first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nodegraph.api import cook, engine_for, load, new, render, write
    from nodegraph.engine import Engine
    from nodegraph.errors import NodegraphError
    from nodegraph.graph import Graph, save
    from nodegraph.values import Frame, FrameSpec

__all__ = [
    "Engine", "Frame", "FrameSpec", "Graph", "NodegraphError", "cook", "engine_for", "load", "new", "render", "save", "write",
]  # fmt: skip

_HOMES = {
    "Engine": "nodegraph.engine", "Frame": "nodegraph.values", "FrameSpec": "nodegraph.values",
    "Graph": "nodegraph.graph", "NodegraphError": "nodegraph.errors", "save": "nodegraph.graph",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES.get(name, "nodegraph.api")), name)
    globals()[name] = value
    return value
