"""Postage stamps: the small pictures on nodes. Made only of what is in the cache: they never make anything cook."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.cooker import viewed
from nodegraph.editor.display import Look, format_rect, paint
from nodegraph.engine import Engine
from nodegraph.engine.context import Context
from nodegraph.errors import NodegraphError
from nodegraph.values import Frame, Raw

#: Width and height, in pixels.
SIZE = (64, 36)
#: Scales at which a picture may be there, the cheapest to look at first.
_SCALES = (0.125, 0.25, 0.5, 1.0)

Stamp = NDArray[np.float32]


def stamps(engine: Engine, paths: Iterable[str], frame: int) -> dict[str, Stamp]:
    """The stamps of those nodes that have a picture in the cache at this frame."""
    found = {}
    for path in paths:
        try:
            picture = _cached(engine, path, frame)
        except NodegraphError:
            continue
        if picture is not None:
            found[path] = _stamp(engine, picture)
    return found


def _cached(engine: Engine, path: str, frame: int) -> Frame | None:
    if path not in engine.graph or (seen := viewed(engine, path)) is None:
        return None
    for scale in _SCALES:
        instance = engine.trace(seen, Context(frame, scale=scale))
        value = engine.cache.find(instance.key) if engine.cache.peek(instance.key) else None
        if isinstance(value, Raw):  # a clip's own planes: made into a picture without decoding again
            value = engine.cook(seen, frame, scale=scale)
        if isinstance(value, Frame):
            return value
    return None


def _stamp(engine: Engine, picture: Frame) -> Stamp:
    width, height = format_rect(picture)
    made = np.zeros((SIZE[1], SIZE[0], 4), np.float32)
    zoom = max(SIZE[0] / width, SIZE[1] / height)
    paint(made, Look(SIZE[0], SIZE[1], width / 2, height / 2, zoom), picture, None, engine.pool)
    return made
