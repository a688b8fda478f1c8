"""Real panoramas, found by words or by looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.errors import CookError
from nodegraph.node import Choice, Float, FrameNode, In, Int, Out, Path, Query, Text
from nodegraph.values import Environment, Made

from .shelf import Entry, index, load, ranked

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window, World

__all__ = ["Library"]


class Library(FrameNode):
    """The real panorama of a folder that is nearest to what is asked for.

    Give a folder of lat-long EXR or HDR files. They are looked at once: how high their sun stands and how hard it is, how bright
    and of which colour sky and ground are; the words of their names and folders count too. Then ask: by words ("sunset at the
    beach"), by a world that came along the wire (its words, its sun, its warmth), or by a number, one after the other.
    `turn sun` brings the panorama's sun to where the world's stands. Real light, real reflections; as fine as the file is.

    What is nearest: each word that a name has counts 1 (of one letter's difference 0.7); the sun's height, its hardness, warmth and
    brightness count by how far they are from what the words mean, 0.5 each at most.
    """

    id = "nodegraph.environment.library"
    label = "library of worlds"

    world = In("World", optional=True, help="What is asked for, by environment.prompt.")
    out = Out("Environment")
    folder = Path("", help="A folder of EXR and HDR panoramas; those in its folders too.")
    words = Text("", help="What is asked for; with a world it isn't needed.")
    by = Choice("words", ("words", "number"), help="By number goes through the folder.")
    number = Int(1, 1, 100_000, help="For by number; of words, 2 is the second nearest.")
    turn_sun = Choice(
        "as it is", ("as it is", "to the world's", "by hand"), label="turn sun", help="Where the panorama's sun stands."
    )
    turn = Float(0, -360, 360, unit="deg", soft=(-180, 180), help="For by hand: turns the world to the right.")
    exposure = Float(0, -20, 20, unit="stops", soft=(-4, 4), help="How much brighter.")
    normalise = Float(1, 0, 1, help="How far it is made as bright as a world of ours: files have no unit.")

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Environment:
        from nodegraph.kernels.lamps import extract
        from nodegraph.kernels.relighting import reduced

        world: World | None = inputs.get("world")
        entry = self.chosen(q, world)
        panorama = load(entry.file, q.path) * np.float32(2.0**q.p.exposure * (np.pi / entry.light) ** q.p.normalise)
        degrees = q.p.turn if q.p.turn_sun == "by hand" else 0.0
        if q.p.turn_sun == "to the world's" and world is not None and entry.hardness > 0:
            degrees = world.sun_azimuth - entry.sun_azimuth
        panorama = np.ascontiguousarray(np.roll(panorama, round(degrees / 360 * panorama.shape[2]), axis=2))
        lights, _ = extract(reduced(panorama, 256))
        return Environment(
            panorama, Made(f"photographed: {entry.name}", q.p.words or (world.prompt if world else "")), lights
        )

    def chosen(self, q: Query, world: World | None) -> Entry:
        if not q.p.folder:
            raise CookError("needs a folder", where=f"{q.path}.folder", hint="give one with lat-long EXR or HDR files")
        found = index(q.resolve(q.p.folder), q.path)
        if q.p.by == "number":
            return found[(int(q.p.number) - 1) % len(found)]
        words = q.p.words or (world.prompt if world is not None else "")
        return ranked(found, words, world)[(int(q.p.number) - 1) % len(found)]
