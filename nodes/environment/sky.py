"""A sky by physics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.node import Bool, Choice, Float, FrameNode, In, Int, Out, Query, Text
from nodegraph.values import Environment, Made

from .fields import of, parameter
from .skies import sky_of

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window, World

__all__ = ["Sky"]

_FIELDS = (
    "sun_elevation", "sun_azimuth", "turbidity", "cloud_cover", "cloud_weight", "cirrus", "wind", "fog", "stars", "moon",
    "moon_azimuth", "moon_elevation", "exposure", "warmth", "colourful", "tint", "seed",
)  # fmt: skip
#: A preview is a quarter as wide; none is less than an eighth.
_PREVIEW, _SMALLEST = 4, 1 / 8


class Sky(FrameNode):
    """The sky at any hour and weather, as light: horizon to zenith in scene-linear HDR, with a real sun.

    Wire a world to `world` (environment.prompt makes one of words) and its numbers take the place of those below. The
    sun can be placed by hand, or by date, time and place. Look at the result through environment.view; put
    environment.terrain between for ground under it.

    Clear air is computed in eight bands of the spectrum: Rayleigh's and haze's scattering with a table for light that
    is scattered many times, ozone, the shadow of the earth at dusk (E. Bruneton and F. Neyret 2008; S. Hillaire 2020; haze by
    turbidity after A. Preetham et al. 1999). The sun's irradiance at noon comes out as the 133 klx over the air that
    are published, and within some percent of the IES's 127.5 exp(-0.21 / sin h) klx at the ground. Clouds are a layer
    that light is followed through, lit by the sun or the moon and by the sky; they move with the wind. Fog fills the
    low air. In the darkest night stars and the moon are left.

    Radiance 1 is a white card under 100,000 lux. `adapt` is how far the camera is opened when it gets darker: 1 shows
    any hour as bright as noon, 0 as dark as it is. The lamps in it (sun, moon) also go along the wire as lights.
    """

    id = "nodegraph.environment.sky"
    label = "sky"
    reads = frozenset({"frame", "quality", "scale"})

    out = Out("Environment")
    world = In("World", optional=True, help="A world whose numbers take the place of the parameters.")
    place_sun = Choice("by hand", ("by hand", "by date"), label="place sun", help="By date: from day, time and place.")
    date = Text("2026-06-21", help="Year-month-day, for by date.")
    hour = Float(12, 0, 24, unit="h", help="UTC, for by date.")
    latitude = Float(52.5, -90, 90, unit="deg", help="North is above 0, for by date.")
    longitude = Float(13.4, -180, 180, unit="deg", help="East is above 0, for by date.")
    north = Float(0, -180, 180, unit="deg", help="The azimuth at which north lies in the picture, for by date.")
    sun_elevation = parameter("sun_elevation")
    sun_azimuth = parameter("sun_azimuth")
    turbidity = parameter("turbidity")
    ozone = Float(300, 0, 600, unit="DU", help="Ozone over the place; it keeps the zenith blue at dusk.")
    cloud_cover = parameter("cloud_cover")
    cloud_weight = parameter("cloud_weight")
    cirrus = parameter("cirrus")
    wind = parameter("wind")
    fog = parameter("fog")
    stars = parameter("stars")
    moon = parameter("moon")
    moon_azimuth = parameter("moon_azimuth")
    moon_elevation = parameter("moon_elevation")
    exposure = parameter("exposure")
    adapt = Float(0.85, 0, 1, help="How far the camera is opened when it is darker than noon.")
    warmth = parameter("warmth")
    colourful = parameter("colourful")
    tint = parameter("tint")
    seed = parameter("seed")
    animate = Bool(False, help="Clouds move with the wind; every frame is then painted anew.")
    speed = Float(1, -100, 100, soft=(0, 20), help="For animate: how much faster than real time.")
    width = Int(2048, 64, 8192, unit="px", help="Of the panorama at full size; it is half as high.")

    def varies(self, q: Query) -> bool:
        return bool(q.p.animate)

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Environment:
        world = self.placed(q, of(q.p, _FIELDS, inputs.get("world")))
        time = float(q.time) * q.p.speed if q.p.animate else 0.0
        made = sky_of(world, ozone=q.p.ozone, adapt=q.p.adapt, time=time, fine=q.quality == "full", pool=pool)
        share = min(q.scale, 1.0) / (_PREVIEW if q.quality == "preview" else 1)
        height = max(round(q.p.width * max(share, _SMALLEST) / 2), 16)
        panorama = made.heavens.paint(-180, 180, 90, -90, 2 * height, height, pool)
        panorama.flags.writeable = False
        return Environment(
            panorama, Made("procedural sky", world.prompt, world.seed), made.lights, painter=made.heavens
        )

    def placed(self, q: Query, world: World) -> World:
        """The world with its sun where date, time and place put it."""
        if q.p.place_sun == "by hand":
            return world
        from .almanac import sun_at

        azimuth, elevation = sun_at(q.p.date, q.p.hour, q.p.latitude, q.p.longitude, q.path)
        turned = (azimuth + q.p.north + 180) % 360 - 180
        return world.with_(sun_elevation=max(elevation, -20), sun_azimuth=float(np.clip(turned, -180, 180)))
