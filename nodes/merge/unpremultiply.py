"""Colour divided by alpha."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nodegraph.node import In, Pixel, Query, Text
from nodegraph.shading import describe_pixel, unpremultiplied
from nodegraph.values import FrameSpec


class Unpremultiply(Pixel):
    """Divide colours by alpha, and mark the picture as not premultiplied.

    Where alpha isn't positive the colour is light added on top: there it stays as it is, so
    nothing turns infinite. (The way back, premultiply, makes it 0.) Colour nodes do this by
    themselves; the node is for where a chain of them should work on one division.
    """

    id = "nodegraph.merge.unpremultiply"

    image = In()
    channels = Text("rgb", shape=True, help="Channels to divide; alpha itself never is.")

    def function(self, q: Query) -> Callable[..., Any]:
        return unpremultiplied

    def describe(self, q: Query) -> FrameSpec:
        return describe_pixel(self, q).with_(premultiplied=False)
