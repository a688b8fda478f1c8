"""One lamp on a wire."""

from __future__ import annotations

from collections.abc import Mapping
from math import pi
from typing import TYPE_CHECKING, Any

from nodegraph.node import Choice, Colour, Float, FrameNode, In, Out, Query, Vec2
from nodegraph.values import Light, Lights
from nodegraph.values.environment import direction

from .temperature import of_kelvin

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window

__all__ = ["Lamp"]


class Lamp(FrameNode):
    """A lamp for relight: wire several one after the other.

    *directional* shines from afar, as the sun does: give where it stands. *point*, *spot* and *area* stand in the
    picture: drag `position`, and `depth` brings them before the actor or behind. At 0 stops a lamp gives a surface
    that faces it (one height of the picture away, if it has a place) the light of a clear noon: an irradiance of pi.

    Temperatures: CIE 15's daylight from 4,000 K on, Planck's black body below (M. Krystek 1985).
    """

    id = "nodegraph.relight.light"
    label = "light"

    lights = In("Lights", optional=True, help="Lamps that this one joins.")
    out = Out("Lights")
    kind_of = Choice("directional", ("directional", "point", "spot", "area"), label="kind", help="What kind of lamp.")
    stops = Float(0, -20, 20, unit="stops", soft=(-4, 4), help="How bright; 0 is a clear noon's light.")
    temperature = Float(5600, 1000, 25000, unit="K", soft=(2000, 10000), help="3200 is tungsten, 5600 daylight.")
    colour = Colour((1, 1, 1), 0, 16, help="A gel over it.")
    azimuth = Float(
        -120, -360, 360, unit="deg", soft=(-180, 180), help="0 is behind the actor, -90 left, 180 behind the camera."
    )
    elevation = Float(30, -90, 90, unit="deg", help="How high it stands.")
    position = Vec2((480, 810), unit="px", help="Where it stands in the picture, y upwards.")
    depth = Float(0.6, -10, 10, soft=(-2, 2), help="How far before the actor, in heights of the picture.")
    size = Float(
        0.1, 0, 60, soft=(0, 5), help="Radius: in degrees from afar, else in heights of the picture. Larger is softer."
    )
    cone = Float(30, 1, 90, unit="deg", help="Of a spot, half its opening.")
    aim = Vec2((960, 540), unit="px", help="Where a spot points in the picture.")

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Lights:
        before: Lights = inputs.get("lights") or Lights()
        return before + Lights((self.lamp(q),))

    def lamp(self, q: Query) -> Light:
        p = q.p
        kelvin = of_kelvin(p.temperature)
        power = pi * 2.0**p.stops
        r, g, b = (power * k * c for k, c in zip(kelvin, p.colour[:3], strict=True))
        name = q.path.rpartition("/")[2]
        if p.kind_of == "directional":
            return Light("directional", (r, g, b), direction(p.azimuth, p.elevation), size=p.size, name=name)
        place, target = self.placed(q, p.position, p.depth), self.placed(q, p.aim, 0.0)
        back = (place[0] - target[0], place[1] - target[1], place[2] - target[2])
        length = max(sum(v * v for v in back) ** 0.5, 1e-6)
        x, y, z = (v / length for v in back)
        return Light(p.kind_of, (r, g, b), (x, y, z), place, p.size, p.cone, name=name)

    def placed(self, q: Query, at: Any, depth: float) -> tuple[float, float, float]:
        height = max(q.format.height, 1)
        return (at[0] - q.format.width / 2) / height, (at[1] - q.format.height / 2) / height, float(depth)
