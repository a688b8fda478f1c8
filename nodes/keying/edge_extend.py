"""Colours of the foreground pushed outwards under its soft edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.errors import CookError
from nodegraph.node import Compound, Float, FrameNode, In, Part, Parts, Query

from ..merge.remove import Remove
from .held import HeldDilateErode

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, FrameSpec, Window

__all__ = ["EdgeExtend"]


class _Extend(FrameNode):
    """Sure colours spread over the others; `sure` says how sure, else alpha does."""

    id = "nodegraph.keying.edge_extend.extend"
    image = In()
    sure = In("Matte", optional=True)
    size = Float(10, 0)
    threshold = Float(0.98, 0, 1)

    def needs(self, q: Query, port: str, region: Window) -> Window:
        from nodegraph.kernels.filters.pushpull import spread_reach

        return region.grow(spread_reach(q.p.size))

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.filters.pushpull import spread
        from nodegraph.values import Frame

        spec: FrameSpec = self.describe(q)  # type: ignore[assignment]
        window = self.needs(q, "image", region).intersect(spec.data_window)
        image: Frame = inputs["image"].crop(window)
        out = np.empty((len(spec.channels), region.height, region.width), np.float32)
        alpha = image.channel("A")[None]
        weight = inputs["sure"].crop(window).channel("A")[None] if "sure" in inputs else alpha
        first = spec.channels.index("R")
        together = spec.channels[first : first + 3] == ("R", "G", "B")
        colour = image.pixels[first : first + 3] if together else np.stack([image.channel(c) for c in "RGB"])
        spread_to = out[first : first + 3] if together else np.empty((3, *out.shape[1:]), np.float32)
        threshold = float(q.p.threshold)
        spread(
            colour, alpha, weight, spread_to, pool, size=float(q.p.size),
            sure=(2 * threshold - 1, threshold), premultiplied=spec.premultiplied,
            origin=(window.x0, window.y0), at=(region.x0 - window.x0, region.y0 - window.y0),
        )  # fmt: skip
        cut = image.crop(region)
        for c, name in enumerate(spec.channels):
            if name not in ("R", "G", "B"):
                out[c] = cut.pixels[c]
            elif not together:
                out[c] = spread_to["RGB".index(name)]
        return Frame(spec.with_(data_window=region), out)


class EdgeExtend(Compound):
    """Push the foreground's own colour outwards under its soft edge, in place of what the screen left there.

    Put it behind the keyer, before the merge. Dark or coloured fringes go, hair takes the colour of the hair
    beside it; alpha stays as it is. Where the fringe reaches into what alpha calls solid, raise `inset`; where colours
    run too far, lower `size`.

    The colours, divided by alpha, of pixels that are surely foreground are spread by push-pull (S. Gortler et al.,
    "The Lumigraph", SIGGRAPH 1996, section 3.4.2): averaged onto ever coarser grids, then every pixel gets from them
    what it isn't sure of itself, and is multiplied by its own alpha again. With alpha a and the threshold t a pixel
    is sure by w = clamp((a - (2t-1)) / (1-t)), and C' = w C + (1-w) S, S being what was spread. S replaces a colour
    wholly up to `size` pixels from what is sure; from there it fades, over twice to seven times that.
    """

    id = "nodegraph.keying.edge_extend"
    label = "edge extend"

    size = Float(10, 0, 1000, unit="px", soft=(0, 100), help="How far colours reach at least.")
    threshold = Float(0.98, 0.01, 1, soft=(0.5, 1), help="Alpha from here on is surely foreground.")
    inset = Float(0, 0, 100, unit="px", soft=(0, 10), help="What is sure is shrunk by this first.")

    def identity(self, q: Query) -> str | None:
        return "image" if q.p.size == 0 else None

    def compose(self, q: Query, parts: Parts) -> Part:
        image, names = parts.inputs["image"], q.inputs["image"].channels
        if "A" not in names:
            return image  # opaque: there is no edge
        if not {"R", "G", "B"} <= set(names):
            raise CookError("needs a colour picture", where=q.path, hint="connect one with R, G and B")
        sure = None
        if q.p.inset > 0:
            alpha = parts.use("alpha", _REMOVE, {"image": image}, operation="keep", channels="alpha")
            sure = parts.use("sure", _ERODE, {"image": alpha}, size=-q.p.inset, shape="square")
        return parts.use("extend", _EXTEND, {"image": image, "sure": sure}, size=q.p.size, threshold=q.p.threshold)


_REMOVE, _ERODE, _EXTEND = Remove(), HeldDilateErode(), _Extend()
