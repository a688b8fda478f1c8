"""The key light that words asked for."""

from __future__ import annotations

from collections.abc import Mapping
from math import pi
from typing import TYPE_CHECKING, Any

from nodegraph.node import Float, FrameNode, In, Out, Query
from nodegraph.values import Light, Lights, World
from nodegraph.values.environment import direction

from .temperature import of_kelvin

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window

__all__ = ["WorldLight"]


class WorldLight(FrameNode):
    """The key light of a world ("warm key light from the left"), as a lamp for relight.

    At `key_stops` 0 it gives the actor three quarters of a clear noon's light, whatever hour the world's exposure is set to;
    its warmth goes from 12,000 K (-1) over 5,600 K to 2,400 K (1). A world without a key adds none.
    """

    id = "nodegraph.relight.world_light"
    label = "world's light"

    world = In("World", help="What environment.prompt made of words.")
    lights = In("Lights", optional=True, help="Lamps that it joins.")
    out = Out("Lights")
    stops = Float(0, -20, 20, unit="stops", soft=(-3, 3), help="How much brighter than the world says.")
    size = Float(8, 0, 60, unit="deg", soft=(0, 30), help="How soft it is.")

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Lights:
        before: Lights = inputs.get("lights") or Lights()
        world: World = inputs["world"]
        if world.key <= 0:
            return before
        kelvin = 5600 * (
            (12000 / 5600) ** -world.key_warmth if world.key_warmth < 0 else (2400 / 5600) ** world.key_warmth
        )
        power = 0.75 * pi * world.key * 2.0 ** (world.key_stops + q.p.stops)
        r, g, b = (power * k for k in of_kelvin(kelvin))
        return before + Lights(
            (
                Light(
                    "directional",
                    (r, g, b),
                    direction(world.key_azimuth, world.key_elevation),
                    size=q.p.size,
                    name="key",
                ),
            )
        )
