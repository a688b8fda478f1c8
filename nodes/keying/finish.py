"""What becomes of a keyed picture whose matte is treated afterwards."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from nodegraph.kernels.shade import RGBA, V, clamp, maximum, minimum, select
from nodegraph.node import Bool, Choice, In, Pixel, Query
from nodegraph.shading import describe_pixel
from nodegraph.values import FrameSpec

#: Where there was less alpha than this, colours hold more noise than colour and are raised no further.
_FAINT = 0.02
VIEWS = ("result", "matte", "change")


@cache
def _result(multiplied: bool) -> Callable[..., Any]:
    """The picture with the new alpha; `multiplied`: its colours go with it."""
    held = float(multiplied)

    def result(image_r: V, image_g: V, image_b: V, image_a: V, edge_a: V) -> RGBA:
        there = image_a > 0.000001
        times = select(there, edge_a / select(there, image_a, 1.0), 1.0)
        times = minimum(times, maximum(edge_a / _FAINT, 1.0))
        times = select(held > 0.5, times, 1.0)
        return image_r * times, image_g * times, image_b * times, edge_a

    return result


def _matte(edge_a: V) -> RGBA:
    return edge_a, edge_a, edge_a, edge_a


def _change(image_a: V, edge_a: V) -> RGBA:
    """What was added green, what was taken red, the rest of the matte a dark grey."""
    before = clamp(image_a, 0.0, 1.0)
    kept = 0.2 * minimum(before, edge_a)
    return kept + maximum(before - edge_a, 0.0), kept + maximum(edge_a - before, 0.0), kept, 1.0


class Finish(Pixel):
    """The new matte put to use."""

    id = "nodegraph.keying.finish"
    is_part = True
    main = "image"
    maskable = False
    image = In()
    edge = In("Matte")
    view = Choice("result", VIEWS)
    rebuild = Bool(True)

    def function(self, q: Query) -> Callable[..., Any]:
        if q.p.view == "result":
            return _result(bool(q.p.rebuild) and q.inputs["image"].premultiplied)
        return _matte if q.p.view == "matte" else _change

    def describe(self, q: Query) -> FrameSpec:
        spec = describe_pixel(self, q).with_(data_window=q.inputs["image"].data_window)
        if q.p.view == "result":
            return spec
        return spec.with_(channels=tuple(dict.fromkeys((*spec.channels, "A"))), premultiplied=True)
