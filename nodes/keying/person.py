"""A matte of people without a screen:

image ─> look ─┬─> networks ─┬─> fit ─> matte ─┬─> finish ─> out
               └─────────────┘        │        │
image ────────────────────────────────┴────────┘
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.kernels.shade import RGBA, V
from nodegraph.node import Choice, Compound, Float, FrameNode, In, Int, Out, Part, Parts, Query, pixel

from ..merge.premultiply import Premultiply
from ..merge.unpremultiply import Unpremultiply
from .guide import EXPOSURE, Look, rgb_of
from .people import Found, find

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, FrameSpec, Window

__all__ = ["Person"]

SUBJECT = Choice(
    "person",
    ("person", "person and props", "props"),
    help="props is whatever stands out, animals and things too: ten times slower.",
)
PEOPLE = Int(2, 1, 8, help="At most so many bodies are looked at closely; each costs time.")
REFINE = Float(
    5, 0, 32, soft=(0, 16), help="How far the matte is drawn to edges of the picture, in 256ths of its size."
)
DETAIL = Float(0.01, 0.0001, 1, soft=(0.001, 0.1), help="Edges weaker than this (in encoded values) are noise.")


class _Networks(FrameNode):
    """What the networks see in it."""

    id = "nodegraph.keying.person.networks"
    guide = In("Number")
    found = Out("Number")
    subject = SUBJECT
    people = PEOPLE

    def describe(self, q: Query) -> None:
        return None

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return region

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Found:
        return find(inputs["guide"], q.p.subject, int(q.p.people))


class _Fit(FrameNode):
    """The coarse matte as a sum of the picture's colours around each cell."""

    id = "nodegraph.keying.person.fit"
    guide = In("Number")
    found = In("Number")
    planes = Out("Number")
    refine = REFINE
    detail = DETAIL

    def describe(self, q: Query) -> None:
        return None

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return region

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Any:
        from nodegraph.kernels.filters.box import box
        from nodegraph.kernels.guided import encoded, fit

        guide, coarse = inputs["guide"].colour, inputs["found"].matte[None]
        rows, columns = coarse.shape[1:]
        radius = min(q.p.refine / 256 * max(rows, columns), min(rows, columns) / 2)
        if radius == 0:
            return np.concatenate([np.zeros((5, rows, columns), np.float32), coarse])
        fitted = fit(encoded(guide), coarse, radius, q.p.detail, pool)
        reach = int(np.ceil(radius))
        near = np.empty_like(coarse)
        box(np.pad(coarse, ((0, 0), (reach, reach), (reach, reach)), mode="edge"), near, radius, radius, pool)
        believed = np.clip(8 * near * (1 - near) - 0.1, 0, 1)  # where all around is one thing there's no edge to find
        return np.concatenate([fitted, believed, coarse])


class _Matte(FrameNode):
    """The matte at every pixel, or what is shown of it by cells."""

    id = "nodegraph.keying.person.matte"
    image = In()
    guide = In("Number")
    found = In("Number", optional=True)
    planes = In("Number", optional=True)
    makes = Choice("matte", ("matte", "network", "confidence"))
    clip_black = Float(0.05, 0, 1)
    clip_white = Float(0.95, 0, 1)

    def describe(self, q: Query) -> FrameSpec:
        return q.inputs["image"].with_(channels=("A",), colour_space="raw", premultiplied=False)

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return region

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.guided import refine
        from nodegraph.values import Frame

        spec, cell = self.describe(q).with_(data_window=region), inputs["guide"].cell
        whole = q.inputs["image"].data_window
        low, high = 0.0, 1.0
        if q.p.makes == "matte":
            planes = inputs["planes"]
            low, high = q.p.clip_black, q.p.clip_white
        else:
            found: Found = inputs["found"]
            shown = found.matte if q.p.makes == "network" else found.sure
            planes = np.concatenate([np.zeros((5, *shown.shape), np.float32), shown[None]])
        out = np.empty(spec.shape, np.float32)
        corner = region.x0 - whole.x0, region.y0 - whole.y0
        refine(rgb_of(inputs["image"].crop(region)), planes, cell, corner, low, high, out, pool)
        return Frame(spec, out)


class _Foreground(FrameNode):
    """The subject's own colours, by cells; where the matte is 1 the picture's. The picture comes unmultiplied."""

    id = "nodegraph.keying.person.foreground"
    image = In()
    matte = In("Matte")
    guide = In("Number")

    def describe(self, q: Query) -> FrameSpec:
        return q.inputs["image"].with_(channels=("R", "G", "B", "A"), premultiplied=False)

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.cells import shrink
        from nodegraph.kernels.foreground import estimate, mend
        from nodegraph.values import Frame

        image, cell = inputs["image"], inputs["guide"].cell
        whole = image.spec.data_window
        rgb, matte = rgb_of(image), inputs["matte"].crop(whole).pixels
        colour = estimate(shrink(rgb, cell, pool), shrink(matte, cell, pool)[0])
        out = np.empty((4, *rgb.shape[1:]), np.float32)
        mend(rgb, matte, colour, cell, out[:3], pool)
        np.copyto(out[3], matte[0])
        if "A" in image.spec.channels:
            out[3] *= image.channel("A")
        return Frame(self.describe(q).with_(data_window=whole), out)


@pixel("nodegraph.keying.person.held", inputs=("image", "matte"), maskable=False)
def _held(image_r: V, image_g: V, image_b: V, image_a: V, matte_a: V) -> RGBA:
    """The picture times the matte."""
    return image_r * matte_a, image_g * matte_a, image_b * matte_a, image_a * matte_a


@pixel("nodegraph.keying.person.shown", inputs=("image", "matte"), maskable=False)
def _shown(image_a: V, matte_a: V) -> RGBA:
    """The matte in all channels."""
    alpha = matte_a * image_a
    return alpha, alpha, alpha, alpha


class Person(Compound):
    """Key people without a screen, by trained networks.

    Needs the extra `ai` and the networks: `pip install "nodegraph[ai]"`, then `nodegraph models install`. It takes the picture
    as shot, scene-linear; use `exposure` where the plate is dark. Look at the view *network* first: it is what the
    networks saw, at their own size of 256 pixels; if somebody is missing there, nothing below helps. Then `refine` and `detail`,
    which draw the matte to the picture's edges, and last the clips. Follow it with keying.temporal against flicker,
    keying.refine for the edge; where there is a screen, keying.hybrid is better.

    Two networks look at people (Google MediaPipe: selfie segmentation, and BlazePose, V. Bazarevsky et al. 2020): one
    knows those near the camera, the other whole bodies, found by a detector. By the body's size in the picture, the
    side of its square being 2.4 to 1.4 picture heights, the second takes over. *props* is U^2-Net (X. Qin et al. 2020).

    Their matte p is refined by the guided filter (K. He, J. Sun, X. Tang, PAMI 2013): in each square of cells it is
    fitted by a sum of the colours, p = a . sqrt(C) + b, and a and b are used at every pixel. Where the networks see one thing
    all around, their word stands. `foreground` *estimate* finds the colours under the soft edge by multi-level
    foreground estimation (T. Germer et al., "Fast Multi-Level Foreground Estimation", ICPR 2020); *source* keeps the picture's,
    which is quicker, with the old background in the edge.

    The result is premultiplied. An alpha that comes in holds it out. Where nobody is found it is empty.
    """

    id = "nodegraph.keying.person"
    label = "person key"

    view = Choice(
        "result", ("result", "matte", "network", "confidence"), help="network is the matte before it is refined."
    )
    subject = SUBJECT
    people = PEOPLE
    exposure = EXPOSURE
    refine = REFINE
    detail = DETAIL
    clip_black = Float(0.05, 0, 1, soft=(0, 0.5), help="Matte values up to here become 0.")
    clip_white = Float(0.95, 0, 1, soft=(0.5, 1), help="Matte values from here become 1.")
    foreground = Choice("estimate", ("estimate", "source"), help="Where the colours of soft edges come from.")

    def compose(self, q: Query, parts: Parts) -> Part:
        image = parts.inputs["image"]
        if not q.inputs["image"].premultiplied:
            image = parts.use("premultiplied", _PREMULTIPLY, {"image": image})
        seen, clips = see(q, parts, image), {"clip_black": q.p.clip_black, "clip_white": q.p.clip_white}
        if q.p.view != "result":
            return grey(parts, image, seen.matte(q.p.view, **clips))
        matte = seen.matte(**clips)
        if q.p.foreground == "source":
            return parts.use("held", _held, {"image": image, "matte": matte})
        if "A" in q.inputs["image"].channels:
            image = parts.use("unpremultiplied", _UNPREMULTIPLY, {"image": image})
        own = parts.use("foreground", _FOREGROUND, {"image": image, "matte": matte, "guide": seen.guide})
        return parts.use("premultiply", _PREMULTIPLY, {"image": own})


@dataclass(frozen=True)
class Seen:
    """What the networks make of a picture, as parts of a node that has Person's parameters."""

    q: Query
    parts: Parts
    image: Part
    guide: Part
    found: Part

    def matte(self, view: str = "matte", **clips: float) -> Part:
        """The refined matte, "network" (before it is refined) or "confidence", as alpha."""
        wires = {"image": self.image, "guide": self.guide}
        if view in ("network", "confidence"):
            return self.parts.use(view, _MATTE, {**wires, "found": self.found}, makes=view)
        planes = self.parts.use("fit", _FIT, {"guide": self.guide, "found": self.found}, **self.q.given(_FIT))
        return self.parts.use("person", _MATTE, {**wires, "planes": planes}, **clips)


def grey(parts: Parts, image: Part, matte: Part) -> Part:
    """A matte in all channels, held out as the picture is."""
    return parts.use("shown", _shown, {"image": image, "matte": matte})


def see(q: Query, parts: Parts, image: Part) -> Seen:
    guide = parts.use("look", _LOOK, {"image": image}, **q.given(_LOOK))
    return Seen(q, parts, image, guide, parts.use("networks", _NETWORKS, {"guide": guide}, **q.given(_NETWORKS)))


_PREMULTIPLY, _UNPREMULTIPLY = Premultiply(), Unpremultiply()
_LOOK, _NETWORKS, _FIT, _MATTE, _FOREGROUND = Look(), _Networks(), _Fit(), _Matte(), _Foreground()
