"""From one world to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.node import Float, FrameNode, In, Out, Query
from nodegraph.values import Environment, Light, Lights, Made

from .panorama import Panorama

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window
    from nodegraph.values.environment import Painter

__all__ = ["BlendWorlds"]

Plane = NDArray[np.float32]


@dataclass(frozen=True)
class _Both:
    """Two painters, mixed."""

    one: Painter
    other: Painter
    amount: float

    def paint(self, left: float, right: float, top: float, bottom: float, width: int, height: int, pool: Pool) -> Plane:
        first = self.one.paint(left, right, top, bottom, width, height, pool)
        return _mixed(first, self.other.paint(left, right, top, bottom, width, height, pool), self.amount)


class BlendWorlds(FrameNode):
    """One world becomes another, in light as well as in picture: animate `amount`.

    The panoramas are mixed, (1 - amount) a + amount b, in scene-linear light, and so is what each lamp shines: as the
    first sun goes out the second comes up, and the actor who is relit by this goes with the world. A world of another
    size is read at the first one's.
    """

    id = "nodegraph.environment.blend_worlds"
    label = "blend worlds"

    a = In("Environment", help="The world at 0.")
    b = In("Environment", help="The world at 1.")
    out = Out("Environment")
    amount = Float(0, 0, 1, help="0 is the first world, 1 the second.")

    def identity(self, q: Query) -> str | None:
        return {0.0: "a", 1.0: "b"}.get(float(q.p.amount))

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Environment:
        a: Environment = inputs["a"]
        b: Environment = inputs["b"]
        amount = float(q.p.amount)
        height, width = a.panorama.shape[1:]
        second = b.panorama
        if second.shape != a.panorama.shape:
            second = Panorama(second).paint(-180, 180, 90, -90, width, height, pool)
        painter = None
        if a.painter is not None or b.painter is not None:
            painter = _Both(a.painter or Panorama(a.panorama), b.painter or Panorama(b.panorama), amount)
        lights = Lights(dimmed(a.lights, 1 - amount).items + dimmed(b.lights, amount).items)
        return a.with_(
            panorama=_mixed(a.panorama, second, amount), made=_both(a.made, b.made), lights=lights, painter=painter
        )


def dimmed(lights: Lights, share: float) -> Lights:
    """Lamps at a share of their light; none that give nothing."""
    if share <= 0:
        return Lights()

    def one(light: Light) -> Light:
        r, g, b = light.colour
        return replace(light, colour=(r * share, g * share, b * share))

    return Lights(tuple(one(light) for light in lights.items))


def _mixed(a: Plane, b: Plane, amount: float) -> Plane:
    share = np.float32(amount)
    return np.asarray(a * (1 - share) + b * share)


def _both(a: Made, b: Made) -> Made:
    def joined(x: str, y: str) -> str:
        return x if x == y or not y else (f"{x} / {y}" if x else y)

    return Made(
        joined(a.engine, b.engine),
        joined(a.prompt, b.prompt),
        a.seed,
        joined(a.model, b.model),
        joined(a.licence, b.licence),
    )
