"""Cutting edges off."""

from __future__ import annotations

from collections.abc import Mapping

from nodegraph.kernels.emit import Value
from nodegraph.node import In, Int, Pixel, Query
from nodegraph.shading import Shading
from nodegraph.values import FrameSpec, Window


class Crop(Pixel):
    """Make everything outside a box black; the display window stays.

    Costs nothing: the data window shrinks, so what follows has less to do.
    """

    id = "nodegraph.transform.crop"
    label = "crop"
    maskable = False
    image = In()

    left = Int(0, unit="px", soft=(0, 1000), help="Cut from the display window's left edge; below 0 keeps more.")
    right = Int(0, unit="px", soft=(0, 1000), help="Cut from its right edge.")
    top = Int(0, unit="px", soft=(0, 1000), help="Cut from its top edge.")
    bottom = Int(0, unit="px", soft=(0, 1000), help="Cut from its bottom edge.")

    def describe(self, q: Query) -> FrameSpec:
        spec, p = q.inputs["image"], q.p
        box = spec.display_window
        kept = Window(box.x0 + p.left, box.y0 + p.top, box.x1 - p.right, box.y1 - p.bottom)
        return spec.with_(data_window=spec.data_window.intersect(kept))

    def shade(self, s: Shading, q: Query) -> Mapping[str, Value]:
        return s.inputs["image"]
