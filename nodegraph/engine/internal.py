"""Node types the engine puts in by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nodegraph.graph.schema import Port
from nodegraph.kernels.shade import blend
from nodegraph.node import Bool, Float, In, NodeType, Pixel, Query, Source
from nodegraph.shading import masked, masked_inverse
from nodegraph.values import Frame, FrameSpec, Window

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.shading import Shading


class Blend(Pixel):
    """Mask and mix of a filter: its result over its input, fused like any pixel node."""

    id = "nodegraph.engine.blend"
    maskable = False
    main = "image"
    declared_inputs = (Port("image"), Port("result"), Port("mask", "Matte", True))
    mix = Float(1.0)
    invert_mask = Bool(False)

    def describe(self, q: Query) -> FrameSpec | None:
        before, after = q.inputs["image"], q.inputs["result"]
        return after.with_(data_window=before.data_window.union(after.data_window))

    def shade(self, s: Shading, q: Query) -> Mapping[str, str]:
        amount = s.number("mix")
        mask = s.inputs.get("mask")
        if mask:
            value = mask.get("A") or next(iter(mask.values()))
            (amount,) = s.call(masked_inverse if q.p.invert_mask else masked, amount, value)
        return {
            channel: s.call(blend, s.channel("image", channel), value, amount)[0]
            for channel, value in s.inputs["result"].items()
        }


class Proxy(NodeType):
    """A source's picture at the proxy scale."""

    id = "nodegraph.engine.proxy"
    kind = "filter"
    image = In()

    def describe(self, q: Query) -> FrameSpec | None:
        spec, scale = q.inputs["image"], q.scale
        return spec.with_(
            data_window=spec.data_window.scale(scale),
            display_window=spec.display_window.scale(scale),
            scale=scale,
        )

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return region.scale(1 / q.scale).grow(2)


class Given(Source):
    """A picture that is there already."""

    id = "nodegraph.engine.given"
    reads = frozenset({"scale"})  # it is what it is: no proxy of it is made

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def describe(self, q: Query) -> FrameSpec:
        return self.frame.spec

    def stamp(self, q: Query) -> object:
        return id(self.frame)

    def cook(self, q: Query, region: Window, pool: Pool) -> Frame:
        return self.frame


BLEND = Blend()
PROXY = Proxy()
