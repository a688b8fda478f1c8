"""More channels."""

from __future__ import annotations

from nodegraph.kernels.emit import Value
from nodegraph.node import Float, In, Pixel, Query, Text
from nodegraph.shading import Shading
from nodegraph.values import FrameSpec


class AddChannels(Pixel):
    """Give a picture channels it doesn't have, filled with one value; those it has stay as they are."""

    id = "nodegraph.merge.add_channels"
    maskable = False

    image = In()

    channels = Text("A", shape=True, help='Names separated by commas: "A, depth.Z".')
    value = Float(1, soft=(0, 1), help="What the new channels hold, inside the data window.")

    def describe(self, q: Query) -> FrameSpec:
        spec = q.inputs["image"]
        return spec.with_(channels=(*spec.channels, *_new(q)))

    def shade(self, s: Shading, q: Query) -> dict[str, Value]:
        return {**s.inputs["image"], **{name: s.number("value") for name in _new(q)}}


def _new(q: Query) -> tuple[str, ...]:
    named = (name.strip() for name in q.values.channels.split(","))
    return tuple(dict.fromkeys(n for n in named if n and n not in q.inputs["image"].channels))
