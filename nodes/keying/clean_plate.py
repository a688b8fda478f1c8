"""The set without its actors, learnt from the take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.node import Float, FrameNode, In, Int, Query

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, FrameSpec, Window

__all__ = ["CleanPlate"]


class CleanPlate(FrameNode):
    """Learn a clean plate from footage: at every pixel the median over time.

    The camera must stand still, and every part of the set must be seen in more than half of the samples. Choose a
    range over which the subject moves; take more samples where it moves little. The result is one picture, the same
    at all frames, for the `plate` of keying.difference, keying.image_based and keying.screen_correct.

    The samples are spread evenly from `first` to `last`. At every pixel and in every channel they are sorted; the
    plate is the middle one, or with `smooth` the mean of that share of all samples around it, which has less noise
    and still doesn't know what passed by (the alpha-trimmed mean; J. Bednar and T. Watt, 1984). Pixels that aren't
    numbers, or lie outside a frame's data window, don't count.
    """

    id = "nodegraph.keying.clean_plate"
    label = "clean plate"

    image = In()

    first = Int(1, unit="frames", help="The first frame looked at.")
    last = Int(100, unit="frames", help="The last frame looked at.")
    samples = Int(15, 1, 99, soft=(3, 31), help="How many frames between them are looked at; all are held in memory.")
    smooth = Float(0.3, 0, 1, help="The share of the samples, around the middle one, that is averaged.")

    def varies(self, q: Query) -> bool:
        return False

    def upstream(self, q: Query, port: str) -> Sequence[int]:
        first, last = sorted((int(q.p.first), int(q.p.last)))
        chosen = np.linspace(first, last, min(int(q.p.samples), last - first + 1))
        return [round(float(frame)) for frame in chosen]

    def describe(self, q: Query) -> FrameSpec:
        return q.inputs["image"]

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return region

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.filters.samples import middle
        from nodegraph.values import Frame

        spec = q.inputs["image"].with_(data_window=region)
        out = np.empty(spec.shape, np.float32)
        middle([_sample(frame, spec, region) for frame in inputs["image"]], out, pool, float(q.p.smooth))
        return Frame(spec, out)


def _sample(frame: Frame, spec: FrameSpec, region: Window) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A frame's channels over a region, NaN where it has no pixels."""
    names = frame.spec.channels
    if frame.spec.data_window.contains(region) and names == spec.channels:
        return frame.crop(region).pixels
    made = np.full(spec.shape, np.nan, np.float32)
    shared = frame.spec.data_window.intersect(region)
    if not shared.empty:
        there, here = shared.within(frame.spec.data_window), shared.within(region)
        for c, name in enumerate(spec.channels):
            if name in names:
                made[(c, *here)] = frame.pixels[(names.index(name), *there)]
    return made
