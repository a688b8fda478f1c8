"""Reading a picture where another one says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.errors import CookError
from nodegraph.node import FrameNode, In, Query
from nodegraph.values import Frame, FrameSpec, Window

from .transform import FILTER

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool


class STMap(FrameNode):
    """Each pixel is read where the map's red (across) and green (up) say, in parts of the display window.

    0 is the left or bottom edge, 1 the right or top one, so a pixel's own centre is at
    (x + 0.5) / width. What other programs write as a lens's ST map works as it is.
    """

    id = "nodegraph.transform.st_map"
    label = "ST map"
    maskable = True

    image = In()
    map = In(help="Red and green are the place to read from.")
    filter = FILTER

    def describe(self, q: Query) -> FrameSpec:
        given = q.inputs["map"]
        if not {"R", "G"} <= set(given.channels):
            raise CookError("the map needs red and green", where=q.path, hint="connect a picture with R and G")
        return q.inputs["image"].with_(data_window=given.data_window, display_window=given.display_window)

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return region if port == "map" else q.inputs[port].data_window

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.resample import sample_at

        image, given = inputs["image"], inputs["map"].crop(region)
        display = image.spec.display_window
        u = display.x0 + given.channel("R") * np.float32(display.width)
        v = display.y1 - given.channel("G") * np.float32(display.height)
        spec = self.describe(q).with_(data_window=region)
        out = np.empty(spec.shape, np.float32)
        sample_at(image.pixels, out, u, v, image.spec.data_window, q.p.filter, pool)
        return Frame(spec, out)
