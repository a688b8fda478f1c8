"""Ground under a sky."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodegraph.node import Bool, Float, FrameNode, In, Out, Query
from nodegraph.values import Environment, Made

from .fields import of, parameter
from .grounds import ground_of
from .panorama import Panorama

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window

__all__ = ["Terrain"]

_FIELDS = ("ground", "relief", "snow", "green", "wet", "wind", "fog", "turbidity", "sun_elevation", "seed")


class Terrain(FrameNode):
    """Ground as far as the eye sees: a plain, dunes, the sea, mountains, a city, the edge of a forest.

    It stands in front of any environment, a sky of environment.sky or a photographed panorama, and is lit by it: by its
    strongest lamp with shadows, by its sky from above; the air between takes the colour of its horizon. The sea
    mirrors it. Wire the same world to `world` as to the sky. The same seed always gives the same ground.

    Every column of the panorama is followed outwards over a field of heights, made of noise (ridged, bent and
    terraced by kind; K. Perlin 1985, F. Musgrave 1994), and filled where it rises over what is nearer. Waves'
    slopes follow the wind (C. Cox and W. Munk 1954), their mirror Fresnel's law in Schlick's form (1994).
    """

    id = "nodegraph.environment.terrain"
    label = "terrain"
    reads = frozenset({"frame"})

    sky = In("Environment", help="What is over it.")
    out = Out("Environment")
    world = In("World", optional=True, help="A world whose numbers take the place of the parameters.")
    ground = parameter("ground")
    relief = parameter("relief")
    green = parameter("green")
    snow = parameter("snow")
    wet = parameter("wet")
    wind = parameter("wind")
    fog = parameter("fog")
    turbidity = parameter("turbidity")
    sun_elevation = parameter("sun_elevation")
    seed = parameter("seed")
    animate = Bool(False, help="Waves move; every frame is then painted anew.")
    speed = Float(1, -100, 100, soft=(0, 4), help="For animate: how much faster than real time.")

    def varies(self, q: Query) -> bool:
        return bool(q.p.animate)

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Environment:
        sky: Environment = inputs["sky"]
        world = of(q.p, _FIELDS, inputs.get("world"))
        if world.ground == "none":
            return sky
        time = float(q.time) * q.p.speed if q.p.animate else 0.0
        under = sky.painter or Panorama(sky.panorama)
        ground = ground_of(world, sky, under, time=time, pool=pool)
        height, width = sky.panorama.shape[1:]
        panorama = ground.paint(-180, 180, 90, -90, width, height, pool)
        panorama.flags.writeable = False
        made = Made(
            f"{sky.made.engine}, procedural {world.ground}",
            sky.made.prompt,
            world.seed,
            sky.made.model,
            sky.made.licence,
        )
        return sky.with_(panorama=panorama, made=made, painter=ground)
