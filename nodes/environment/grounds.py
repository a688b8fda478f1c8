"""Ground from the numbers of a world, lit by whatever sky is over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.values import Environment, World

from .skies import extinction

if TYPE_CHECKING:
    from nodegraph.kernels.ground import Ground
    from nodegraph.kernels.pool import Pool

_LUMA = np.array([0.2126, 0.7152, 0.0722])
#: What air alone takes of each kilometre, in clear weather, by channel; haze adds to it.
_AIR = np.array([0.006, 0.013, 0.029])
#: How smooth the ground's shapes are, by kind.
_SLOPES = {"desert": 2.45, "mountains": 2.05}
_KINDS = ("plain", "desert", "sea", "mountains", "city", "forest")


def ground_of(world: World, sky: Environment, painter: Any, *, time: float = 0.0, pool: Pool) -> Ground:
    """The ground of a world under a sky that `painter` paints."""
    from nodegraph.kernels.ground import Ground
    from nodegraph.kernels.textures import billows, smooth

    low = np.maximum(_small(sky.panorama), 0)
    rows = low.shape[1] // 2
    upper = low[:, :rows]
    elevation = (0.5 - (np.arange(rows) + 0.5) / (2 * rows)) * np.pi
    weight = (np.sin(elevation) * np.cos(elevation))[None, :, None]
    bright = np.tensordot(_LUMA, upper, 1)
    capped = upper * np.minimum(1, 8 * np.median(bright) / np.maximum(bright, 1e-12))  # lamps are taken as lamps
    above = (capped * weight).sum((1, 2)) / (weight.sum() * upper.shape[2])
    lamp, shine = _lamp(sky)
    fog = extinction(world.fog)
    light = float(_LUMA @ above)
    return Ground(
        painter, _KINDS.index(world.ground), lamp, shine, above, _horizon(capped), capped.astype(np.float32),
        _AIR + 0.004 * (world.turbidity - 1.5) + 0.02 * world.cloud_weight * world.cloud_cover**2, fog,
        0.06 + 0.25 * world.fog, world.relief, world.snow, world.green, world.wet, world.wind,
        _night(world), 1.1 * (0.25 + light), time, smooth(world.seed + 5, slope=_SLOPES.get(world.ground, 2.0), coarsest=1),
        billows(world.seed + 6), world.seed,
    )  # fmt: skip


def _small(panorama: NDArray[np.float32], columns: int = 256) -> NDArray[np.float64]:
    """A panorama at a fraction of its size, by means over blocks."""
    step = max(1, panorama.shape[2] // columns)
    rows, wide = panorama.shape[1] // step, panorama.shape[2] // step
    cut = panorama[:, : rows * step, : wide * step].astype(np.float64)
    return np.asarray(cut.reshape(3, rows, step, wide, step).mean((2, 4)))


def _horizon(upper: NDArray[np.float64]) -> NDArray[np.float32]:
    """The colour of the air over the horizon by azimuths: the lowest twelfth of the sky, a little blurred around."""
    rows = max(1, upper.shape[1] // 12)
    air = upper[:, -rows:].mean(1)
    window = max(3, upper.shape[2] // 24 | 1)
    kernel = np.hanning(window + 2)[1:-1]
    wrapped = np.concatenate([air[:, -window:], air, air[:, :window]], 1)
    blurred = np.stack([np.convolve(plane, kernel / kernel.sum(), "same") for plane in wrapped])
    return blurred[:, window:-window].astype(np.float32)


def _lamp(sky: Environment) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The strongest of a sky's lamps."""
    suns = [light for light in sky.lights.items if light.kind == "directional"]
    if not suns:
        return np.array([0.0, 1.0, 0.0]), np.zeros(3)
    sun = max(suns, key=lambda light: sum(light.colour))
    return np.array(sun.direction, np.float64), np.array(sun.colour, np.float64)


def _night(world: World) -> float:
    """How many lamps are lit: all when the sun is 4 degrees down, none when it stands 8 high."""
    return float(np.clip((8 - world.sun_elevation) / 12, 0, 1)) + 0.25 * world.cloud_weight * world.cloud_cover
