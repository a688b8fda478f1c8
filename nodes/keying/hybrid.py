"""A screen keyer and a network in one:

image ─┬─> chroma's matte ─────────────┬─> weigh ─> combine ─> choke ... finish, as in chroma ─> out
       └─> person's matte, refined ────┘
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.node import Bool, Choice, FrameNode, In, Out, Part, Parts, Query

from .chroma import Chroma, known_screen
from .guide import Guide, rgb_of
from .person import Person, grey, see

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, FrameSpec, Window

__all__ = ["Hybrid"]


class _Weigh(FrameNode):
    """How far each matte is to be believed, by cells: it looks at the whole picture."""

    id = "nodegraph.keying.hybrid.weigh"
    image = In()
    keyed = In("Matte")
    seen = In("Matte")
    guide = In("Number")
    weights = Out("Number")
    screen = Chroma.screen
    colour = Chroma.colour
    samples = Chroma.samples
    colour_2 = Chroma.colour_2
    colour_3 = Chroma.colour_3
    off_screen = Bool(True)

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Any:
        from nodegraph.kernels.adaptive_key import kind_of
        from nodegraph.kernels.weighing import measure

        from .weighing import weigh

        whole = inputs["image"].spec.data_window
        keyed, seen = (inputs[port].crop(whole).channel("A") for port in ("keyed", "seen"))
        screen = known_screen(q, inputs.get("@found"))
        kind = kind_of(screen.colour)
        others = [c for c in range(3) if c != kind % 3]
        lacking, weights = (others, (1.0, 1.0)) if kind < 3 else ([kind - 3, kind - 3], (1.0, 0.0))
        sums = measure(rgb_of(inputs["image"]), keyed, seen, lacking, inputs["guide"].cell, pool)
        planes = weigh(sums, weights)
        if not screen.found:
            planes[0] = 0
        elif not q.p.off_screen:
            planes[0] = 1
        return planes


class _Combine(FrameNode):
    """One matte of both."""

    id = "nodegraph.keying.hybrid.combine"
    keyed = In("Matte")
    seen = In("Matte")
    guide = In("Number")
    weights = In("Number")
    makes = Choice("matte", ("matte", "confidence"))

    def describe(self, q: Query) -> FrameSpec:
        return q.inputs["keyed"].with_(channels=("A",), colour_space="raw", premultiplied=False)

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return region

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.weighing import combine
        from nodegraph.values import Frame

        guide: Guide = inputs["guide"]
        keyed, seen = (inputs[port].crop(region).channel("A")[None] for port in ("keyed", "seen"))
        whole = q.inputs["keyed"].data_window
        corner = region.x0 - whole.x0, region.y0 - whole.y0
        sure = q.p.makes == "confidence"
        out = np.empty((2 if sure else 1, region.height, region.width), np.float32)
        combine(keyed, seen, inputs["weights"], guide.cell, corner, out, pool)
        return Frame(self.describe(q).with_(data_window=region), out[-1:])


class Hybrid(Chroma):
    """Key by the screen where there is screen, by trained networks where there isn't.

    For stages where the screen alone doesn't do: it ends within the picture, throws its light on the actor, or shines
    through from glass, gloss and green clothes. It is keying.chroma, with all that it has, and keying.person beside
    it; what that needs, this needs. Tune the chroma key first, as said there; then look at the view *network*: that is
    what the networks add. The view *confidence* is dark where the two disagree and neither is plainly right.

    Pixel for pixel, with the keyer's matte K and the refined network's N, smooth weights being found in
    cells of a 512th of the picture:

    - Within the screen's reach the keyer counts. Where N > K it is raised towards N by w = smoothstep(4 (1 - b)), b being how
      much of the transparency that the keyer sees the subject's own light shows: where K is right, a colour which the
      screen has little of falls with it, from the subject's F to the screen's S, by F - S; where green light lies on a solid
      subject nothing falls. b is the slope of that colour over K in a neighbourhood (least squares), divided by F - S.
    - Well inside N (14 to 20 256ths of the picture) the subject is solid: reflections, green clothes.
    - Far from N, what the keyer only suspects is screen: noise.
    - Where things stand beyond the screen's convex hull that the networks see nobody in, N counts: lamps, the edge
      of the cloth, the studio. So it does everywhere if there is no screen.

    Sources: P. Vlahos, US 4,100,569; K. He et al., PAMI 2013; V. Bazarevsky et al., BlazePose, 2020; the
    weighing is our own.
    """

    id = "nodegraph.keying.hybrid"
    version = 1
    label = "hybrid key"

    view = Choice(
        "result",
        ("result", "source", "matte", "status", "unpremultiplied", "confidence", "network"),
        help="As keying.chroma's; network is the matte of keying.person.",
    )
    off_screen = Bool(True, label="off screen", help="Take away what stands beyond the screen and isn't a person.")
    subject = Person.subject
    people = Person.people
    exposure = Person.exposure
    refine = Person.refine
    detail = Person.detail

    def compose(self, q: Query, parts: Parts) -> Part:
        if q.p.view == "network":
            image = parts.inputs["image"]
            return grey(parts, image, see(q, parts, image).matte())
        return super().compose(q, parts)

    def mattes(self, q: Query, parts: Parts) -> tuple[Part, Part]:
        raw, keyed = super().mattes(q, parts)
        return raw, self._both(q, parts, keyed, "matte")

    def confidence(self, q: Query, parts: Parts) -> Part:
        _, keyed = super().mattes(q, parts)
        return grey(parts, parts.inputs["image"], self._both(q, parts, keyed, "confidence"))

    def _both(self, q: Query, parts: Parts, keyed: Part, makes: str) -> Part:
        image = parts.inputs["image"]
        seen = see(q, parts, image)
        wires = {"keyed": keyed, "seen": seen.matte(), "guide": seen.guide}
        weights = parts.use("weigh", _WEIGH, {"image": image, **wires}, parts.found, **q.given(_WEIGH))
        return parts.use("combine", _COMBINE, {**wires, "weights": weights}, makes=makes)


_WEIGH, _COMBINE = _Weigh(), _Combine()
