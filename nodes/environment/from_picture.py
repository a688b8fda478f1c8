"""A photographed world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.errors import CookError
from nodegraph.node import Float, FrameNode, In, Out, Query, Text
from nodegraph.values import Environment, Made

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, Window

__all__ = ["FromPicture"]


class FromPicture(FrameNode):
    """A lat-long HDR panorama, read by capture.read or made in the graph, as a world.

    Its width must be twice its height. `turn` moves what lies at an azimuth to the right, to bring the wanted part behind
    the actor. Negative values, which resampled HDRs have beside the sun, and values that aren't numbers become 0.
    """

    id = "nodegraph.environment.from_picture"
    label = "world from picture"

    image = In(help="A lat-long panorama, its middle straight ahead.")
    out = Out("Environment")
    turn = Float(0, -360, 360, unit="deg", soft=(-180, 180), help="Turns the world to the right.")
    exposure = Float(0, -20, 20, unit="stops", soft=(-4, 4), help="How much brighter.")
    licence = Text("", help="Of the panorama; goes along into what is made of it.")

    def describe(self, q: Query) -> None:
        return None

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return q.inputs["image"].data_window

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Environment:
        image: Frame = inputs["image"].crop(inputs["image"].spec.display_window)
        height, width = image.pixels.shape[1:]
        if not {"R", "G", "B"} <= set(image.spec.channels):
            raise CookError("needs a colour picture", where=q.path, hint="connect one with R, G and B")
        if abs(width - 2 * height) > max(2, width // 100):
            raise CookError(
                f"a panorama is twice as wide as high, this is {width} x {height}",
                where=q.path,
                hint="connect a lat-long picture",
            )
        light = np.nan_to_num(np.stack([image.channel(c) for c in "RGB"]), nan=0, posinf=65504, neginf=0)
        panorama = np.maximum(light, 0) * np.float32(2.0**q.p.exposure)
        panorama = np.roll(panorama, round(float(q.p.turn) / 360 * width), axis=2)
        file = str(image.spec.metadata.get("file", ""))
        return Environment(
            panorama, Made("photographed panorama", model=file, licence=q.p.licence), stamp=image.spec.stamp
        )
