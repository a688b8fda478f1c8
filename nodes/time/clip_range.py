"""A beginning and an end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nodegraph.errors import CookError
from nodegraph.kernels.emit import Value
from nodegraph.kernels.shade import V, select
from nodegraph.node import Choice, In, Int, Pixel, Query
from nodegraph.shading import Shading
from nodegraph.values.ranges import brought_inside

_BEYOND = ("hold", "loop", "bounce", "black", "error")


class ClipRange(Pixel):
    """Give a moving picture a first and a last frame, and say what shows beyond them."""

    id = "nodegraph.time.clip_range"
    label = "clip range"
    maskable = False
    reads = frozenset({"frame"})
    image = In()

    first = Int(1, unit="frames", help="The first frame.")
    last = Int(100, unit="frames", help="The last frame; before the first it counts as the first.")
    before = Choice("hold", _BEYOND, help="What shows before the first frame.")
    after = Choice("hold", _BEYOND, help="What shows after the last frame.")

    def upstream(self, q: Query, port: str) -> Sequence[int]:
        return (_shown(q),)

    def prepare(self, q: Query, found: Any = None) -> Mapping[str, Any]:
        return {"there": 0.0 if _is_black(q) else 1.0}

    def shade(self, s: Shading, q: Query) -> Mapping[str, Value]:
        there = s.number("there")
        return {channel: s.call(_kept, value, there)[0] for channel, value in s.inputs["image"].items()}


def _kept(c: V, there: V) -> V:
    return select(there > 0.5, c, 0.0)


def _beyond(q: Query) -> str:
    last = max(q.p.first, q.p.last)
    return str(q.p.before) if q.frame < q.p.first else str(q.p.after) if q.frame > last else ""


def _is_black(q: Query) -> bool:
    return _beyond(q) == "black"


def _shown(q: Query) -> int:
    first, last, how = q.p.first, max(q.p.first, q.p.last), _beyond(q)
    if how == "error":
        raise CookError(f"has frames {first} to {last}, not {q.frame}", where=q.path)
    return brought_inside(q.frame, first, last, how)
