"""Colours picked from the picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodegraph.editor.display import planes
from nodegraph.editor.geometry import Rect
from nodegraph.graph import Graph
from nodegraph.values import Frame

#: Of several colours, the ones a pick is meant for, best first.
_PREFERRED = ("screen", "colour", "key", "whitepoint", "gain", "first")
#: What else a picked colour needs: a keyer that finds its screen by itself would ignore it.
_ALONG = {("screen", "pick")}


def picked(frame: Frame, rect: Rect, layer: str = "") -> tuple[float, float, float, float] | None:
    """The mean colour of a box of the picture, scene values: red, green, blue, alpha (1 without one).

    The box is in the viewer's points: full-size pixels from the format's top left, x times the pixel aspect.
    A box within one pixel is that pixel. NaN and infinities don't count; None where nothing else is.
    """
    spec = frame.spec
    across, down = spec.scale / spec.pixel_aspect, spec.scale
    format, data = spec.display_window, spec.data_window
    x0, x1 = _covered(rect.x0 * across + format.x0, rect.x1 * across + format.x0, data.x0, data.x1)
    y0, y1 = _covered(rect.y0 * down + format.y0, rect.y1 * down + format.y0, data.y0, data.y1)
    if x0 >= x1 or y0 >= y1:
        return None
    box = frame.pixels[:, y0 - data.y0 : y1 - data.y0, x0 - data.x0 : x1 - data.x0].astype(np.float64)
    chosen = planes(spec.channels, layer)
    means = []
    for plane in chosen[:3]:
        values = box[max(plane, 0)]
        number = np.isfinite(values)
        if not number.any():
            return None
        means.append(float(values[number].mean()))
    alpha = box[chosen[3]][np.isfinite(box[chosen[3]])] if chosen[3] >= 0 else np.ones(1)
    return means[0], means[1], means[2], float(alpha.mean()) if alpha.size else 1.0


def pick_targets(graph: Graph, path: str) -> list[str]:
    """The colour parameters of a node, those that a pick is meant for first."""
    found = graph.find(path)
    signature = found[0].signature_of(found[1]) if found is not None else None
    names = [name for name, param in signature.params.items() if param.kind == "colour"] if signature else []
    return sorted(names, key=lambda name: _PREFERRED.index(name) if name in _PREFERRED else len(_PREFERRED))


def pick_target(graph: Graph, path: str) -> str | None:
    """The colour parameter that a pick sets; None for nodes without."""
    return next(iter(pick_targets(graph, path)), None)


def pick_values(graph: Graph, path: str, colour: tuple[float, ...], target: str | None = None) -> dict[str, Any]:
    """The parameters that a picked colour sets, a keyer's "pick" included; {} for nodes without a colour."""
    name = target or pick_target(graph, path)
    if name is None:
        return {}
    inside, node = graph.locate(path)
    signature = inside.signature_of(node)
    assert signature is not None  # it has a colour
    param = signature.params[name]
    held = tuple(min(max(v, param.minimum), param.maximum) for v in (*colour, 1.0)[: param.length])
    made: dict[str, Any] = {name: held}
    for other, choice in _ALONG:
        if other in signature.params and choice in signature.params[other].choices:
            made[other] = choice
    return made


def _covered(begin: float, end: float, first: int, last: int) -> tuple[int, int]:
    """The pixels whose middles lie between two edges, at least the one at the beginning, of those there are."""
    low, high = int(np.ceil(begin - 0.5)), int(np.ceil(end - 0.5))
    if high <= low:
        low = int(np.floor((begin + end) / 2))
        high = low + 1
    return max(low, first), min(high, last)
