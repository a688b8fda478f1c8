"""Another speed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor
from typing import TYPE_CHECKING, Any

from nodegraph.node import Choice, Float, FrameNode, In, Int, Query

from .frame_blend import weighed

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, FrameSpec, Window


class Retime(FrameNode):
    """Show a picture at another speed, or at the frame a curve says.

    Between two frames the nearest is shown, or a mix of both. (Motion-compensated
    in-betweens need a flow estimator, which is another node's work.)
    """

    id = "nodegraph.time.retime"
    label = "retime"
    reads = frozenset({"frame"})
    image = In()

    method = Choice("speed", ("speed", "frame"), help="By a constant speed, or by the frame below (animate it).")
    speed = Float(1, -100, 100, soft=(-2, 4), help="2 is twice as fast, -1 backwards.")
    start = Int(1, unit="frames", help="The frame that stays in its place, for speed.")
    frame = Float(1, unit="frames", help="The source's frame to show, for frame.")
    between = Choice("mix", ("mix", "nearest"), help="What shows between two frames.")

    def upstream(self, q: Query, port: str) -> Sequence[int]:
        at = self._at(q)
        if q.p.between == "nearest" or at == floor(at):
            return (floor(at + 0.5),)
        return (floor(at), floor(at) + 1)

    def describe(self, q: Query) -> FrameSpec:
        return q.inputs["image"]

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        frames: list[Frame] = inputs["image"]
        part = self._at(q) % 1
        weights = [1.0] if len(frames) == 1 else [1 - part, part]
        return weighed(frames, weights, q.inputs["image"], region, pool)

    def _at(self, q: Query) -> float:
        if q.p.method == "frame":
            return float(q.p.frame)
        return float(q.p.start + (q.frame - q.p.start) * q.p.speed)
