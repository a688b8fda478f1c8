"""The shadow an actor throws on the ground."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.node import Choice, Colour, Float, FrameNode, In, Query
from nodegraph.values import Environment, Frame, FrameSpec, Lights, Window
from nodegraph.values.environment import direction

if TYPE_CHECKING:
    from nodegraph.kernels.casting import Stage
    from nodegraph.kernels.pool import Pool

__all__ = ["Shadow"]


class Shadow(FrameNode):
    """Ground the actor: a cast shadow from the matte, and a contact shadow at the feet.

    Put the result between the plate and the actor: it is a picture of the shadow's colour with how dark it is as alpha. The light
    is the strongest lamp of the world or of `lights`, or the one below. Feet are where the matte ends at the bottom, or
    *by hand*; give the plate's `horizon`. Shadows get softer the longer they are, and fade.

    The actor is taken for a flat figure on level ground; the formula is in nodegraph/kernels/casting.py (J. Blinn, "Me and
    My (Fake) Shadow", 1988). Turn a light that stands exactly beside the actor a little, as a flat figure has no
    shadow there.
    """

    id = "nodegraph.relight.shadow"
    label = "shadow on the ground"
    reads = frozenset({"scale"})

    image = In(help="The actor, with alpha.")
    environment = In("Environment", optional=True, help="A world, for its sun.")
    lights = In("Lights", optional=True, help="Lamps; the strongest that shines from afar.")
    stand = Choice("found", ("found", "by hand"), help="Where the feet are.")
    feet = Float(60, unit="px", soft=(0, 1080), help="For by hand: the line of the feet, upwards from the bottom.")
    horizon = Float(540, unit="px", soft=(0, 1080), help="The plate's horizon, upwards from the bottom.")
    focal = Float(35, 4, 1000, unit="mm", soft=(14, 135), help="Of the lens, on a sensor 36 mm wide.")
    azimuth = Float(
        -40, -360, 360, unit="deg", soft=(-180, 180), help="Of the light, if no world is there: 0 is behind the actor."
    )
    elevation = Float(35, 1, 90, unit="deg", help="How high it stands.")
    amount = Float(0.7, 0, 1, help="How dark the cast shadow is.")
    contact = Float(0.6, 0, 1, help="How dark it is where the feet touch the ground.")
    softness = Float(0.03, 0, 1, soft=(0, 0.2), help="How much softer for each pixel that the light goes on.")
    fade = Float(0.25, 0, 10, soft=(0, 2), help="How fast a long shadow fades, by heights of the picture.")
    colour = Colour((0.01, 0.012, 0.02), 0, 1, help="The shadow's colour: what the sky leaves in it.")

    def describe(self, q: Query) -> FrameSpec:
        spec = q.inputs["image"]
        window = spec.data_window.union(spec.display_window)
        return spec.with_(channels=("R", "G", "B", "A"), data_window=window, premultiplied=True)

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return q.inputs["image"].data_window

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.casting import cast
        from nodegraph.kernels.filters.blur import gaussian, gaussian_reach

        image: Frame = inputs["image"]
        display = image.spec.display_window
        height = max(display.height, 1)
        whole = image.crop(display)
        alpha = (
            np.nan_to_num(whole.channel("A"))
            if "A" in whole.spec.channels
            else np.ones(whole.pixels.shape[1:], np.float32)
        )
        sigmas = (0.0, max(1.0, 0.012 * height), max(2.0, 0.05 * height))
        mattes = np.empty((3, *alpha.shape), np.float32)
        mattes[0] = np.clip(alpha, 0, 1)
        for k in (1, 2):
            reach = gaussian_reach(sigmas[k], sigmas[k])
            padded = np.pad(mattes[:1], ((0, 0), (reach[1], reach[1]), (reach[0], reach[0])), mode="edge")
            padded[:, : reach[1]] = 0
            gaussian(padded, mattes[k : k + 1], sigmas[k], sigmas[k], pool)
        stage = self.stage(q, inputs, mattes[0], display)
        out = np.zeros((4, region.height, region.width), np.float32)
        cast(mattes, sigmas, stage, (region.x0 - display.x0, region.y0 - display.y0), out[3], pool)
        out[3] *= np.float32(q.p.amount)
        for k in range(3):
            np.multiply(out[3], np.float32(q.p.colour[k]), out=out[k])
        return Frame(self.describe(q).with_(data_window=region), out)

    def stage(self, q: Query, inputs: Mapping[str, Any], matte: Any, display: Window) -> Stage:
        from nodegraph.kernels.casting import Stage

        height, width = max(display.height, 1), display.width
        feet = height - q.p.feet
        if q.p.stand == "found":
            rows = np.flatnonzero((matte > 0.5).any(1))
            feet = float(rows[-1] + 1) if rows.size else float(height)
        focal = q.p.focal / 36 * width
        contact = q.p.contact / max(q.p.amount, 1e-3)
        return Stage(
            feet,
            min(height - q.p.horizon, feet - 1),
            width / 2,
            focal,
            self.light(q, inputs),
            q.p.softness,
            contact,
            q.p.fade / height,
        )

    def light(self, q: Query, inputs: Mapping[str, Any]) -> tuple[float, float, float]:
        """The direction of the strongest lamp that shines from afar and above."""
        world: Environment | None = inputs.get("environment")
        given: Lights = inputs.get("lights") or Lights()
        lamps = [
            k
            for k in (*given.items, *(world.lights.items if world else ()))
            if k.kind == "directional" and k.direction[1] > 0
        ]
        if lamps:
            return max(lamps, key=lambda k: sum(k.colour)).direction
        return direction(q.p.azimuth, q.p.elevation)
