"""Between scene-linear light and the curves of cameras and displays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nodegraph.kernels.transfer import CURVES
from nodegraph.node import Bool, Choice, In, Pixel, Query, Text
from nodegraph.shading import describe_pixel
from nodegraph.values import FrameSpec


class Log(Pixel):
    """Put light on a transfer curve, or take it off: a camera's log, a display's gamma, PQ, HLG.

    `nodegraph.kernels.transfer` names each curve's source. Only the curve changes, not the
    primaries: for those there is matrix, for both the OCIO transform.
    """

    id = "nodegraph.colour.log"
    label = "log"
    colour = True
    image = In()

    curve = Choice("cineon", tuple(name for name in CURVES if name != "linear"), help="Which curve.")
    direction = Choice("to curve", ("to curve", "to linear"), help="From scene-linear light, or back to it.")
    unpremultiply = Bool(True, help="Divide by alpha before and multiply after, where the picture is premultiplied.")
    channels = Text("rgb", shape=True, help='"all", "rgb", "rgba", or names separated by commas.')

    def function(self, q: Query) -> Callable[..., Any]:
        decode, encode = CURVES[q.p.curve]
        return encode if q.p.direction == "to curve" else decode

    def describe(self, q: Query) -> FrameSpec:
        space = q.p.curve if q.p.direction == "to curve" else "linear"
        return describe_pixel(self, q).with_(colour_space=space)
