"""This project's keyers, through the engine, at their defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.mattes.codec import Picture
from benchmarks.mattes.metrics import Result
from nodegraph.engine import Engine
from nodegraph.graph import Graph
from nodegraph.node import Query, Source
from nodegraph.packs import registry
from nodegraph.values import Frame, FrameSpec, Window

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool

#: Node, by the name it has in tables.
OURS = {
    "chroma": "nodegraph.keying.chroma",
    "image_based": "nodegraph.keying.image_based",
    "person": "nodegraph.keying.person",
    "hybrid": "nodegraph.keying.hybrid",
}
#: Values of `chroma` for a set, by the set's name, found by the documented procedure of tuning.
TUNED: dict[str, dict[str, Any]] = {}
#: A node's type, or with values of its parameters.
Link = str | tuple[str, dict[str, Any]]


class Clip(Source):
    """Pictures that are in memory, one for each frame from 1, over and over."""

    id = "benchmarks.clip"
    reads = frozenset({"frame", "scale"})

    def __init__(self, frames: Sequence[Frame]) -> None:
        self.frames = frames

    def describe(self, q: Query) -> FrameSpec:
        return self.frames[0].spec

    def cook(self, q: Query, region: Window, pool: Pool) -> Frame:
        return self.frames[(q.frame - 1) % len(self.frames)]


class Keyed(Clip):
    """The same of keyed pictures."""

    id = "benchmarks.keyed"


class Missing(Exception):
    """The node isn't there (yet), or what it needs isn't installed."""


def key(type: str, pictures: Sequence[Picture], **values: Any) -> list[Result]:
    """What a node makes of pictures, one after the other as a clip; Missing where it can't be had."""
    from nodegraph.errors import NodegraphError

    clip = Clip([Frame.of(p.light.transpose(2, 0, 1).astype(np.float32)) for p in pictures])
    types = {**registry(), Clip.id: clip}
    if type not in types:
        raise Missing("there is no such node yet")
    graph = chain(types, [Clip.id, (type, values)])
    with Engine(graph, types, tier="numpy") as engine:
        try:
            return [_result(engine.cook("n1", number + 1)) for number in range(len(pictures))]
        except NodegraphError as error:
            raise Missing(str(error)) from error


def chain(types: Mapping[str, Any], links: Sequence[Link]) -> Graph:
    """A graph of nodes in a row, n0, n1 ..., each fed the one before, and the first where it must have a plate."""
    graph = Graph({id: kind.schema for id, kind in types.items()})
    for number, link in enumerate(links):
        node, values = link if isinstance(link, tuple) else (link, {})
        graph.add(node, name=f"n{number}", params=values)
        inputs = types[node].schema.inputs
        if inputs:
            graph.connect(f"n{number - 1}", f"n{number}")
        if any(port.name == "plate" and not port.optional for port in inputs):
            graph.connect("n0", f"n{number}.plate")
    return graph


def _result(frame: Frame) -> Result:
    alpha = frame.channel("A").astype(np.float64)
    if not {"R", "G", "B"} <= set(frame.spec.channels):
        return Result(alpha, np.zeros((*alpha.shape, 3)))
    colour = np.stack([frame.channel(c) for c in "RGB"], -1).astype(np.float64)
    return Result(alpha, colour if frame.spec.premultiplied else colour * alpha[..., None])
