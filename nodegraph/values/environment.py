"""Worlds: what surrounds the actor, as a picture, as lights, and as numbers.

Directions are (x, y, z): x to the right, y up, z towards the camera, which looks along -z. An azimuth is counted in
degrees from -z to the right, an elevation upwards from the horizon. A panorama is lat-long: azimuth -180 to 180 from
left to right, so that its middle column lies straight ahead, elevation 90 to -90 from top to bottom.

Radiance has no unit of its own; 1 is what a white card shows, laid flat under a clear noon sun (its irradiance is pi).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import asin, atan2, cos, degrees, radians, sin
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nodegraph.values.frame import Frame
from nodegraph.values.stamp import Stamp

Pixels = NDArray[np.float32]
Vector = tuple[float, float, float]
LightKind = Literal["directional", "point", "spot", "area"]


def direction(azimuth: float, elevation: float) -> Vector:
    """The unit vector of an azimuth and an elevation in degrees."""
    a, e = radians(azimuth), radians(elevation)
    return (sin(a) * cos(e), sin(e), -cos(a) * cos(e))


def angles(vector: Vector) -> tuple[float, float]:
    """Azimuth and elevation in degrees of a vector of any length but 0."""
    x, y, z = vector
    length = max((x * x + y * y + z * z) ** 0.5, 1e-12)
    return degrees(atan2(x, -z)), degrees(asin(max(-1.0, min(1.0, y / length))))


@dataclass(frozen=True, slots=True)
class Light:
    """A lamp. `colour` is scene-linear.

    Of a *directional* light it is the irradiance on a surface that faces it, and `direction` points towards the light.
    Of the others it is that irradiance one unit away; it falls with the square of the distance from `position`
    (x, y, z in units of the picture's height, 0 being its middle and the actor's plane). A *spot* shines along
    `-direction` within a cone of `cone` degrees (half its opening), fading over the outer `soft` of it, 0..1.
    `size` is how large the light is: of a directional one its radius in degrees, else its radius in units.
    """

    kind: LightKind
    colour: Vector
    direction: Vector = (0.0, 1.0, 0.0)
    position: Vector = (0.0, 0.0, 1.0)
    size: float = 0.0
    cone: float = 45.0
    soft: float = 0.2
    name: str = ""


@dataclass(frozen=True, slots=True)
class Lights:
    """Lamps on a wire."""

    items: tuple[Light, ...] = ()

    def __add__(self, other: Lights) -> Lights:
        return Lights(self.items + other.items)


@dataclass(frozen=True, slots=True)
class Made:
    """What made an environment: shown on its node, and written into what is made of it."""

    engine: str
    prompt: str = ""
    seed: int = 0
    model: str = ""
    licence: str = ""


class Painter(Protocol):
    """Paints any part of a panorama anew, as finely as wanted: what a procedural world can do."""

    def paint(self, left: float, right: float, top: float, bottom: float, width: int, height: int, pool: Any) -> Pixels:
        """Radiance (3, height, width) over azimuths left..right and elevations top..bottom, in degrees; `pool` is whose threads work."""
        ...


@dataclass(frozen=True, slots=True)
class Environment:
    """A world around the actor.

    `panorama` is scene-linear (3, height, width), lat-long, never negative. `lights` are what of it shines so hard
    that it is better taken as a lamp (the sun, the moon); they are in the panorama too.
    """

    panorama: Pixels
    made: Made
    lights: Lights = Lights()
    stamp: Stamp = Stamp()  # noqa: RUF009
    painter: Painter | None = None

    def __post_init__(self) -> None:
        if self.panorama.ndim != 3 or self.panorama.shape[0] != 3:
            raise ValueError(f"a panorama is (3, height, width), not {self.panorama.shape}")

    @property
    def nbytes(self) -> int:
        return self.panorama.nbytes

    @property
    def picture(self) -> Frame:
        """The panorama, to be looked at."""
        return Frame.of(self.panorama, stamp=self.stamp)

    def with_(self, **changes: Any) -> Environment:
        """A copy with some fields changed."""
        return replace(self, **changes)


def as_picture(value: Any) -> Frame | None:
    """What there is to look at of a value: a picture itself, a world's panorama; None of others."""
    if isinstance(value, Environment):
        return value.picture
    return value if isinstance(value, Frame) else None


Ground = Literal["none", "plain", "desert", "sea", "mountains", "city", "forest"]
GROUNDS: tuple[Ground, ...] = ("none", "plain", "desert", "sea", "mountains", "city", "forest")


@dataclass(frozen=True, slots=True)
class World:
    """A world in numbers: what words become, and what sky, terrain and lights are made of.

    Every number but the seed lies within `RANGES`.
    """

    sun_elevation: float = 35.0
    sun_azimuth: float = 60.0
    turbidity: float = 3.0
    cloud_cover: float = 0.3
    cloud_weight: float = 0.3  # white and thin .. a storm's
    cirrus: float = 0.2
    wind: float = 0.2
    fog: float = 0.0
    stars: float = 1.0  # how clearly they are seen when it is dark
    moon: float = 0.0  # how much of it is lit; 0 is no moon
    moon_azimuth: float = -30.0
    moon_elevation: float = 30.0
    relief: float = 0.5  # how high the ground's shapes are
    snow: float = 0.0
    green: float = 0.5  # how much grows
    wet: float = 0.0
    exposure: float = 0.0  # stops
    warmth: float = 0.0  # -1 colder .. 1 warmer than it would be
    colourful: float = 1.0
    key_stops: float = 0.0  # the key light on the actor, in stops over what the world gives
    key_azimuth: float = 0.0
    key_elevation: float = 30.0
    key_warmth: float = 0.0
    key: float = 0.0  # how much of a key light there is
    seed: int = 1
    ground: Ground = "plain"
    tint: Vector = (1.0, 1.0, 1.0)
    prompt: str = ""
    said: tuple[str, ...] = ()  # what was understood of it

    def with_(self, **changes: Any) -> World:
        """A copy with some fields changed, held within their ranges."""
        held: dict[str, Any] = {
            name: min(max(float(value), RANGES[name][0]), RANGES[name][1]) if name in RANGES else value
            for name, value in changes.items()
        }
        return replace(self, **held)

    def asdict(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self)}


RANGES: Mapping[str, tuple[float, float]] = {
    "sun_elevation": (-20, 90), "sun_azimuth": (-180, 180), "turbidity": (1.5, 10), "cloud_cover": (0, 1),
    "cloud_weight": (0, 1), "cirrus": (0, 1), "wind": (0, 1), "fog": (0, 1), "stars": (0, 1), "moon": (0, 1),
    "moon_azimuth": (-180, 180), "moon_elevation": (-10, 90), "relief": (0, 1), "snow": (0, 1), "green": (0, 1),
    "wet": (0, 1), "exposure": (-6, 6), "warmth": (-1, 1), "colourful": (0, 2), "key_stops": (-6, 6),
    "key_azimuth": (-180, 180), "key_elevation": (-30, 90), "key_warmth": (-1, 1), "key": (0, 1),
}  # fmt: skip
