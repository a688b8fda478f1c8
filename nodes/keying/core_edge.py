"""A hard matte and a soft one in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from nodegraph.kernels.shade import RGBA, V, clamp, maximum, mix, select, smoothstep
from nodegraph.node import Choice, Float, In, Pixel, Query
from nodegraph.shading import describe_pixel
from nodegraph.values import FrameSpec

__all__ = ["CoreEdge"]

_BLACK = Float(0, 0, 1, label="core black", help="Core values up to here count as 0.")
_WHITE = Float(1, 0, 1, label="core white", help="Core values from here on count as 1.")
_FIRM = Float(0.5, 0, 1, help="For keep edge: up to this core the soft key stays as it is.")


def _max(edge: V, core: V, firm: V) -> V:
    return maximum(edge, core)


def _screen(edge: V, core: V, firm: V) -> V:
    return edge + core * (1.0 - edge)


def _keep_edge(edge: V, core: V, firm: V) -> V:
    return mix(edge, maximum(edge, core), smoothstep(_below_one(firm), 1.0, core))


def _below_one(firm: V) -> V:
    """Never 1 itself, of which no step could rise."""
    return clamp(firm, 0.0, 0.999)


_OPERATIONS: Mapping[str, Callable[..., Any]] = {"max": _max, "screen": _screen, "keep edge": _keep_edge}


@cache
def _combine(operation: str, premultiplied: bool) -> Callable[..., Any]:
    joined = _OPERATIONS[operation]
    straight = 0.0 if premultiplied else 1.0

    def combined(
        image_r: V,
        image_g: V,
        image_b: V,
        image_a: V,
        core_a: V,
        source_r: V,
        source_g: V,
        source_b: V,
        source_a: V,
        *,
        core_black: V = _BLACK,
        core_white: V = _WHITE,
        firm: V = _FIRM,
    ) -> RGBA:
        edge = clamp(image_a, 0.0, 1.0)
        core = clamp((core_a - core_black) / maximum(core_white - core_black, 0.0001), 0.0, 1.0)
        alpha = clamp(joined(edge, core, firm), 0.0, 1.0)
        more = alpha - edge
        there = select(edge > 0.0001, 1.0 / maximum(edge, 0.0001), 0.0)
        times = mix(1.0, edge, straight)  # premultiplies what isn't
        has_source = select(source_a > 0.0, 1.0 / maximum(source_a, 0.0001), 0.0)
        own = select(source_a > 0.0, 0.0, there)
        r = image_r * times + more * (source_r * has_source + image_r * times * own)
        g = image_g * times + more * (source_g * has_source + image_g * times * own)
        b = image_b * times + more * (source_b * has_source + image_b * times * own)
        back = select(alpha > 0.0001, 1.0 / maximum(alpha, 0.0001), 1.0)
        back = mix(1.0, back, straight)
        return r * back, g * back, b * back, alpha

    return combined


class CoreEdge(Pixel):
    """Put a hard core matte and a soft edge matte together.

    Key twice: once softly, for hair and motion blur, and once hard, for a subject without holes, shrunk a little.
    The soft key goes into `image`, with its colours; the alpha of `core` fills its holes. Connect the unkeyed picture
    to `source`, or what the core adds takes the soft key's own colours, which there are none of in a hole.

    e is the soft matte and c = (core - black) / (white - black) the hard one, both held to 0..1:

    - max: a = max(e, c)
    - screen: a = e + c - e c
    - keep edge: a = e + (max(e, c) - e) t, t = smoothstep(firm, 1, c): where the core itself is soft, the soft key
      is kept as it is, so that the core's own edge doesn't show

    Premultiplied colours become C + (a - e) F, F being the source's colours, or C / e. The operations are the
    compositor's additive keys (S. Wright, *Digital Compositing for Film and Video*, "Refining the matte").
    """

    id = "nodegraph.keying.core_edge"
    label = "core edge"
    main = "image"

    image = In(help="The soft key, with its colours.")
    core = In("Matte", help="The hard matte.")
    source = In(optional=True, help="The picture before it was keyed: fills what the core adds.")

    operation = Choice("keep edge", tuple(_OPERATIONS), help="How the two are combined; see above.")
    firm = _FIRM
    core_black = _BLACK
    core_white = _WHITE

    def function(self, q: Query) -> Callable[..., Any]:
        return _combine(q.p.operation, q.inputs["image"].premultiplied)

    def describe(self, q: Query) -> FrameSpec:
        image = q.inputs["image"]
        window = image.data_window.union(q.inputs["core"].data_window) if "core" in q.inputs else image.data_window
        channels = tuple(dict.fromkeys((*image.channels, "A")))
        return describe_pixel(self, q).with_(channels=channels, data_window=window)
