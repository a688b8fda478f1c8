"""A sky from the numbers of a world: what `sky` makes, and `terrain` lights its ground with."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log2, pi
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph.values import Light, Lights, World
from nodegraph.values.environment import direction

if TYPE_CHECKING:
    from nodegraph.kernels.heavens import Body, Heavens
    from nodegraph.kernels.pool import Pool

Colour = NDArray[np.float64]

_LUMA = np.array([0.2126, 0.7152, 0.0722])
#: The full moon's light as a share of the sun's (0.25 lux to 100,000), made what it looks like: a little more, and bluer.
_MOON = 4e-6 * np.array([0.82, 1.0, 1.25])
#: Light that is left in the darkest night, as irradiance: stars and airglow.
_NIGHT = 2.5e-9 * pi
_LAYERS = (48, 32)
"""Rows and columns of a moonlit sky's table: it is dark."""


class Sky(NamedTuple):
    """A sky to be painted, its lamps as they shine on the ground, and how many stops it was brightened by."""

    heavens: Heavens
    lights: Lights
    stops: float


def sky_of(
    world: World, *, ozone: float = 300.0, adapt: float = 0.85, time: float = 0.0, fine: bool = True, pool: Pool
) -> Sky:
    """The sky of a world, `time` seconds after its beginning.

    `adapt` is how far eyes and camera get used to the dark: 1 shows any hour as bright as noon, 0 as dark as it is.
    """
    from nodegraph.kernels.heavens import Heavens
    from nodegraph.kernels.textures import billows, smooth

    sun = _body(world.sun_azimuth, world.sun_elevation, world.turbidity, ozone, np.ones(3), pool, fine)
    share = _MOON * world.moon if world.moon_elevation > -1 else np.zeros(3)
    moon = _body(world.moon_azimuth, world.moon_elevation, world.turbidity, ozone, share, pool, False)
    ambient = _mean(sun.sky) + _mean(moon.sky) + _NIGHT / pi
    stormy = world.cloud_cover**2 * (0.35 + 0.65 * world.cloud_weight)
    fog = extinction(world.fog)
    blown = 0.004 + 0.022 * world.wind
    heavens = Heavens(
        sun, moon, world.moon if world.moon_elevation > -1 else 0.0,
        smooth(world.seed, slope=1.75 + 0.125 * round(2 * world.cloud_weight), coarsest=2), billows(world.seed + 1),
        smooth(world.seed + 2, slope=1.5), world.cloud_cover, world.cloud_weight, world.cirrus,
        1.5 - 0.8 * world.cloud_weight, 0.7 + 2.2 * world.cloud_weight, (blown * time, 0.4 * blown * time),
        ambient.astype(np.float32), 0.4 + 0.2 * world.turbidity, fog, 0.06 + 0.25 * world.fog,
        np.zeros(3, np.float32), np.zeros(3, np.float32), world.stars, np.eye(3, dtype=np.float32), world.seed,
    )  # fmt: skip
    lights, irradiance = _lamps(heavens, stormy, ambient)
    stops = world.exposure + adapt * log2(pi / max(float(_LUMA @ irradiance), 1e-12))
    matrix = grading(world) * 2.0**stops
    fog_colour, fog_glow = _fog(heavens, irradiance, stormy)
    changed = {"matrix": matrix, "fog_colour": fog_colour, "fog_glow": fog_glow}
    graded = tuple(replace(light, colour=_tuple(matrix @ np.array(light.colour))) for light in lights)
    return Sky(replace(heavens, **changed), Lights(graded), float(stops))


def extinction(fog: float) -> float:
    """Of fog at the ground, per km: at 0.4 things are lost from 3 km on, at 0.6 from 700 m, at 1 from 70 m."""
    return 0.0 if fog <= 0.001 else 0.03 * exp(7.6 * fog**0.7)


def grading(world: World) -> NDArray[np.float32]:
    """The colours of a world's film: warmth, tint and saturation, as a matrix that keeps white's luminance."""
    warm = 1.32 ** np.array([world.warmth, 0.0, -world.warmth])
    gain = warm * np.array(world.tint, np.float64)
    gain /= max(float(_LUMA @ gain), 1e-6)
    colourful = world.colourful * np.eye(3) + (1 - world.colourful) * np.tile(_LUMA, (3, 1))
    return np.asarray(np.diag(gain) @ colourful, np.float32)


def _body(
    azimuth: float, elevation: float, turbidity: float, ozone: float, share: Colour, pool: Pool, fine: bool
) -> Body:
    from nodegraph.kernels.atmosphere import Air, sky, sunlight
    from nodegraph.kernels.heavens import Body

    air = Air(round(float(turbidity), 3), round(float(ozone), 1))
    vector = np.array(direction(azimuth, elevation), np.float32)
    nothing = np.zeros(3, np.float32)
    if not share.any():
        return Body(vector, nothing, nothing, 0.0, np.zeros((4, 2, 3), np.float32))
    table = sky(air, elevation, pool, size=(128, 64) if fine else _LAYERS) * share.astype(np.float32)
    ground = sunlight(air, elevation, pool) * share
    clouds = sunlight(air, max(elevation, -1.2), pool, height=2.5) * share
    return Body(vector, _positive(ground), _positive(clouds), float(np.radians(azimuth)), table)


def _positive(colour: Colour) -> NDArray[np.float32]:
    return np.maximum(colour, 0).astype(np.float32)


def _mean(table: NDArray[np.float32]) -> Colour:
    """The mean radiance of the upper half, as a horizontal card gathers it."""
    if not table.any():
        return np.zeros(3)
    half, columns = table.shape[0] // 2, table.shape[1]
    s, u = np.linspace(0, 1, half), np.linspace(0, 1, columns)
    elevation = 0.5 * pi * s * s
    weight = np.sin(elevation) * np.cos(elevation) * np.gradient(elevation)
    across = np.gradient(u * u)
    total = np.einsum("ijc,i,j->c", table[half:].astype(np.float64), weight, across)
    return np.asarray(total / (weight.sum() * across.sum()))


def _lamps(heavens: Heavens, stormy: float, ambient: Colour) -> tuple[tuple[Light, ...], Colour]:
    """Sun and moon as they shine on the ground, and the irradiance of what stands and lies there."""
    from nodegraph.kernels.atmosphere import SUN_RADIUS

    found = []
    total = pi * ambient * (1 - 0.55 * stormy)
    for body, name in ((heavens.sun, "sun"), (heavens.moon, "moon")):
        if not body.ground.any():
            continue
        through = heavens.seen_through(body.direction)
        colour = body.ground.astype(np.float64) * through
        upright = max(float(body.direction[1]), 0.6)  # a low sun shines on what stands
        total = total + colour * upright + 0.3 * body.clouds * (1 - through) * (1 - stormy)
        if colour.max() > 0.02 * float(total.max()):
            x, y, z = (float(v) for v in body.direction)
            spread = SUN_RADIUS + 6 * (1 - through)
            found.append(Light("directional", _tuple(colour), (x, y, z), size=spread, name=name))
    return tuple(found), total


def _fog(heavens: Heavens, irradiance: Colour, stormy: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    colour = irradiance / pi * 0.62
    colour = 0.5 * colour + 0.5 * float(_LUMA @ colour)
    lamp = heavens.sun if heavens.sun.clouds[1] >= heavens.moon.clouds[1] else heavens.moon
    return colour.astype(np.float32), (0.35 * lamp.clouds * (1 - 0.85 * stormy)).astype(np.float32)


def _tuple(colour: Colour) -> tuple[float, float, float]:
    r, g, b = (float(v) for v in colour)
    return r, g, b
