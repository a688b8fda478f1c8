"""A world as a number of lamps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodegraph.node import Bool, FrameNode, In, Int, Out, Query
from nodegraph.values import Environment, Lights

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window

__all__ = ["BakeLights"]


class BakeLights(FrameNode):
    """A world reduced to some directional lights, for fixtures on the stage and for other software.

    The lamps that shine hardest (the sun) are taken first, each with its own direction, colour and size; what remains is
    cut in two again and again, so that every part holds the same light, and each becomes a light at its middle (P. Debevec,
    "A Median Cut Algorithm for Light Probe Sampling", 2005). All together are all the light there is. The number is the
    next power of two, and the lamps.
    """

    id = "nodegraph.relight.bake_lights"
    label = "bake lights"

    environment = In("Environment")
    out = Out("Lights")
    count = Int(8, 0, 256, soft=(0, 64), help="Lights for all but the lamps; 0 is the lamps alone.")
    lamps = Bool(True, help="Take what shines hardest as lamps of its own.")

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Lights:
        from nodegraph.kernels.lamps import extract, median_cut

        world: Environment = inputs["environment"]
        found, rest = extract(world.panorama) if q.p.lamps else (Lights(), world.panorama)
        return found + median_cut(rest, int(q.p.count)) if q.p.count > 0 else found
