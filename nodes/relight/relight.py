"""An actor in a world's light:

environment ─┐
lights ──────┴─> probe ─┐
geometry ───────────────┤
image ──────────────────┴─> shade ─> out

The probe is found once for a world; a frame costs one pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, radians
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.node import Choice, Compound, Float, FrameNode, In, Out, Part, Parts, Query
from nodegraph.values import Environment, Frame, FrameSpec, Light, Lights, Window

from .delight import FindLight, soft_front
from .shapes import SHAPE

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool

__all__ = ["Relight"]

Plane = NDArray[np.float32]
#: Lamps are looked for in panoramas of this height.
_LOOKED_AT = 256
_ROUGHNESS = Float(0.5, 0.12, 1, help="Of the shine: skin about 0.5, wet things less.")


@dataclass(frozen=True)
class Probe:
    """A world's light in numbers: `soft` (9, 3), lamps (n, 13), and a blurred panorama."""

    soft: Plane
    lamps: Plane
    mirror: Plane

    @property
    def nbytes(self) -> int:
        return self.soft.nbytes + self.lamps.nbytes + self.mirror.nbytes


class _Probe(FrameNode):
    """What of a world and of lamps a shading pass reads."""

    id = "nodegraph.relight.relight.probe"
    is_part = True
    environment = In("Environment", optional=True)
    lights = In("Lights", optional=True)
    out = Out("Number")
    roughness = _ROUGHNESS

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Probe:
        from nodegraph.kernels.harmonics import irradiance, polynomial, project
        from nodegraph.kernels.relighting import blurred

        world: Environment | None = inputs.get("environment")
        lamps: Lights = inputs.get("lights") or Lights()
        rest = np.zeros((3, 16, 32), np.float32)
        if world is not None:
            found, rest = self.parted(world)
            lamps = lamps + (world.lights if world.lights.items else found)
        soft = polynomial(irradiance(project(rest)))
        rows = [_row(light) for light in lamps.items]
        return Probe(soft, np.array(rows, np.float32).reshape(-1, 13), blurred(rest, q.p.roughness, pool))

    def parted(self, world: Environment) -> tuple[Lights, Plane]:
        """A world's lamps, and it without them."""
        from nodegraph.kernels.lamps import extract
        from nodegraph.kernels.relighting import reduced

        return extract(reduced(world.panorama, _LOOKED_AT))


def _row(light: Light) -> list[float]:
    inner, outer = (cos(radians(light.cone * part)) for part in (1 - light.soft, 1.0))
    beam = [*light.direction, inner, outer]
    if light.kind == "directional":
        return [0.0, *light.direction, light.size, *light.colour, *beam]
    return [2.0 if light.kind == "spot" else 1.0, *light.position, max(light.size, 0.01), *light.colour, *beam]


class _Shade(FrameNode):
    """The picture in a probe's light."""

    id = "nodegraph.relight.relight.shade"
    is_part = True
    image = In()
    geometry = In()
    probe = In("Number")
    filmed = In("Number", optional=True)
    amount = Float(1, 0, 1)
    exposure = Float(0)
    diffuse = Float(1, 0)
    specular = Float(1, 0)
    roughness = _ROUGHNESS
    rim = Float(0.5, 0)
    shadow = Float(0.7, 0, 1)
    saturation = Float(1, 0)
    limit = Float(4, 0)

    def describe(self, q: Query) -> FrameSpec:
        spec = q.inputs["image"]
        return spec.with_(channels=("R", "G", "B", "A"), premultiplied=True)

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return q.inputs["geometry"].data_window if port == "geometry" else region

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.relighting import Lighting, relight

        picture = _rgba(inputs["image"].crop(region), q)
        shape: Frame = inputs["geometry"]
        if not set(SHAPE[:4]) <= set(shape.spec.channels):
            raise CookError(
                f"there is no shape among {', '.join(shape.spec.channels)}",
                where=f"{q.path}.geometry",
                hint="connect relight.geometry",
            )
        cut = shape.crop(region)
        here = cut.pixels[:4] if cut.spec.channels[:4] == SHAPE[:4] else np.stack([cut.channel(c) for c in SHAPE[:4]])
        p, probe = q.p, inputs["probe"]
        old = np.zeros((9, 1), np.float32)
        filmed = inputs.get("filmed")
        old[:4, 0] = soft_front() if filmed is None else filmed
        gain = np.float32(2.0**p.exposure)
        lamps = probe.lamps.copy()
        lamps[:, 5:8] *= gain
        light = Lighting(
            probe.soft * gain, old, lamps, probe.mirror * gain, p.roughness, p.amount, p.diffuse, p.specular, p.rim,
            p.shadow, p.saturation, 2.0**p.limit,
        )  # fmt: skip
        display = q.inputs["image"].display_window
        middle = (display.x0 + display.x1) / 2, (display.y0 + display.y1) / 2
        at = region.x0 + 0.5 - middle[0], middle[1] - region.y0 - 0.5, float(max(display.height, 1))
        out = np.empty((4, region.height, region.width), np.float32)
        relight(picture, here, at, light, out, pool, self.coarse(shape, display, pool))
        return Frame(self.describe(q).with_(data_window=region), out)

    def coarse(self, shape: Frame, display: Window, pool: Pool) -> Plane:
        """Depth and matte (2, rows, columns) over the display window, for shadows."""
        step = max(1, display.height // 180)
        whole = shape.crop(display)
        depth = whole.channel("depth.Z")[step // 2 :: step, step // 2 :: step]
        body = whole.channel("confidence.Y")[step // 2 :: step, step // 2 :: step] > 0.15
        return np.ascontiguousarray(np.stack([depth, body.astype(np.float32)]))


def _rgba(frame: Frame, q: Query) -> Plane:
    names = frame.spec.channels
    if not {"R", "G", "B"} <= set(names):
        raise CookError("needs a colour picture", where=q.path, hint="connect one with R, G and B")
    if names[:4] == ("R", "G", "B", "A"):
        return frame.pixels[:4]
    alpha = frame.channel("A") if "A" in names else np.ones(frame.pixels.shape[1:], np.float32)
    return np.stack([*(frame.channel(c) for c in "RGB"), alpha])


class Relight(Compound):
    """Light an actor by the world behind, and by lamps: change the sun, and the actor follows in the same frame.

    Wire the keyed picture, its shape from relight.geometry, the world, and lamps (relight.light, relight.world_light) if there are
    some. `amount` says how much of it is believed. The actor is taken to have been filmed in soft light from the front, as
    stages mostly have it, or in what relight.delight finds: that light is divided out, the new one multiplied in, so texture and
    performance stay as they are.
    The picture's exposure should be as filmed, a white card 1; the world's radiance is in the same measure.

        out = image (1 + amount (E(n) / E_old(n) - 1)) + amount (shine + rim) alpha

    E is the irradiance over pi: the world's soft light as spherical harmonics of second order (R. Ramamoorthi and P.
    Hanrahan 2001), and each lamp's cosine (wrapped by 0.12, for skin), less what the actor's own shape keeps from it, looked
    for along the depth in ten steps. E_old(n) = 0.62 + 0.38 n_z, or what is found. Shine is GGX (B. Walter et al. 2007) with the split sum of B. Karis
    (2013), F0 0.04; `rim` adds what shines round the edge from behind. The world's own lamps are used if it has some, else those
    that are found in it. No pixel gets more than 2^limit times brighter or darker. Alpha stays.
    """

    id = "nodegraph.relight.relight"
    label = "relight"
    maskable = True

    image = In(help="The keyed picture, premultiplied.")
    geometry = In(help="Its shape, from relight.geometry.")
    environment = In("Environment", optional=True, help="The world.")
    lights = In("Lights", optional=True, help="More lamps.")
    filmed_in = Choice(
        "soft front",
        ("soft front", "found"),
        label="filmed in",
        help="The light that is divided out: found looks at the picture.",
    )
    amount = Float(1, 0, 1, help="How far the actor is relit.")
    exposure = Float(0, -20, 20, unit="stops", soft=(-4, 4), help="How much brighter the new light is.")
    diffuse = Float(1, 0, 4, soft=(0, 2), help="Of light that skin and cloth scatter.")
    specular = Float(0.6, 0, 4, soft=(0, 2), help="Of shine.")
    roughness = _ROUGHNESS
    rim = Float(0.5, 0, 4, soft=(0, 2), help="Light round the edge from what stands behind.")
    shadow = Float(0.7, 0, 1, help="How dark the actor's own shadows are.")
    saturation = Float(1, 0, 2, help="How much of the new light's colour is taken on.")
    limit = Float(4, 0, 10, unit="stops", help="No pixel changes by more than this.")

    def compose(self, q: Query, parts: Parts) -> Part:
        wires = {port: parts.inputs.get(port) for port in ("environment", "lights")}
        if not any(wires.values()):
            return parts.inputs["image"]
        probe = parts.use("probe", _PROBE, wires, roughness=q.p.roughness)
        given = {"image": parts.inputs["image"], "geometry": parts.inputs["geometry"]}
        if q.p.filmed_in == "found":
            given["filmed"] = parts.use("filmed", _FIND, given)
        given["probe"] = probe
        return parts.use("shade", _SHADE, given, **q.given(_SHADE))


_PROBE, _SHADE, _FIND = _Probe(), _Shade(), FindLight()
