"""Several frames in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.node import Choice, FrameNode, In, Int, Query
from nodegraph.values import Frame, FrameSpec

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window


class FrameBlend(FrameNode):
    """The mean of the frames around this one: motion blur from what there is, less noise, trails.

    The result covers the display window and the data window of the earliest frame.
    """

    id = "nodegraph.time.frame_blend"
    label = "frame blend"
    maskable = True
    reads = frozenset({"frame"})
    image = In()

    before = Int(1, 0, 500, unit="frames", soft=(0, 12), help="Earlier frames that count.")
    after = Int(1, 0, 500, unit="frames", soft=(0, 12), help="Later frames that count.")
    weight = Choice("even", ("even", "fading"), help="All the same, or less the farther from this frame.")

    def identity(self, q: Query) -> str | None:
        return "image" if q.p.before == 0 and q.p.after == 0 else None

    def upstream(self, q: Query, port: str) -> Sequence[int]:
        return range(q.frame - q.p.before, q.frame + q.p.after + 1) if port == "image" else (q.frame,)

    def describe(self, q: Query) -> FrameSpec:
        spec = q.inputs["image"]
        return spec.with_(data_window=spec.data_window.union(spec.display_window))

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        before, after = q.p.before, q.p.after
        weights = np.ones(before + after + 1)
        if q.p.weight == "fading":
            weights = np.array([*(k / (before + 1) for k in range(1, before + 1)), 1.0,
                                *(k / (after + 1) for k in range(after, 0, -1))])  # fmt: skip
        return weighed(inputs["image"], list(weights / weights.sum()), self.describe(q), region, pool)


def weighed(frames: Sequence[Frame], weights: Sequence[float], spec: FrameSpec, region: Window, pool: Pool) -> Frame:
    """Frames added up over a region, each by its weight; a single one is handed on as it is."""
    if len(frames) == 1 and frames[0].spec.channels == spec.channels:
        only = frames[0].crop(region)
        return Frame(spec.with_(data_window=region, stamp=only.spec.stamp), only.pixels)
    made = np.zeros((len(spec.channels), region.height, region.width), np.float32)
    for frame, weight in zip(frames, weights, strict=True):
        shared = frame.spec.data_window.intersect(region)
        if shared.empty or not weight:
            continue
        there, here = shared.within(frame.spec.data_window), shared.within(region)
        planes = [
            (c, frame.spec.channels.index(name)) for c, name in enumerate(spec.channels) if name in frame.spec.channels
        ]
        into, out_of, factor = made[(slice(None), *here)], frame.pixels[(slice(None), *there)], np.float32(weight)

        def strip(
            y0: int, y1: int, into: Any = into, out_of: Any = out_of, factor: Any = factor, planes: Any = planes
        ) -> None:
            for c, k in planes:
                into[c, y0:y1] += out_of[k, y0:y1] * factor

        pool.map(shared.height, strip, 32)
    return Frame(spec.with_(data_window=region), made)
