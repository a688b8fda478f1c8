"""Fewer channels."""

from __future__ import annotations

from nodegraph.kernels.emit import Value
from nodegraph.node import Choice, In, Pixel, Query, Text, chosen_channels
from nodegraph.shading import Shading
from nodegraph.values import FrameSpec


class Remove(Pixel):
    """Take channels out of a picture, or keep only some. What nobody reads is never computed."""

    id = "nodegraph.merge.remove"
    maskable = False

    image = In()

    operation = Choice("remove", ("remove", "keep"), help="What happens to the channels named.")
    channels = Text("alpha", shape=True, help='"all", "rgb", "rgba", "alpha", names, or a layer ("depth").')

    def describe(self, q: Query) -> FrameSpec:
        spec = q.inputs["image"]
        return spec.with_(channels=_left(q, spec.channels))

    def shade(self, s: Shading, q: Query) -> dict[str, Value]:
        return {name: s.inputs["image"][name] for name in _left(q, q.inputs["image"].channels)}


def _left(q: Query, channels: tuple[str, ...]) -> tuple[str, ...]:
    named = chosen_channels(q.values.channels, channels)
    return named if q.values.operation == "keep" else tuple(c for c in channels if c not in named)
