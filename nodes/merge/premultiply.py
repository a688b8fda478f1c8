"""Colour times alpha."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nodegraph.node import In, Pixel, Query, Text, V
from nodegraph.shading import describe_pixel
from nodegraph.values import FrameSpec


def times_alpha(c: V, a: V) -> V:
    return c * a


class Premultiply(Pixel):
    """Multiply colours by alpha, and mark the picture as premultiplied.

    A picture without alpha is opaque and stays as it is.
    """

    id = "nodegraph.merge.premultiply"

    image = In()
    channels = Text("rgb", shape=True, help="Channels to multiply; alpha itself never is.")

    def function(self, q: Query) -> Callable[..., Any]:
        return times_alpha

    def describe(self, q: Query) -> FrameSpec:
        return describe_pixel(self, q).with_(premultiplied=True)
