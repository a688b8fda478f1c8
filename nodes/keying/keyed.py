"""What the simple keyers share: a matte of a pixel's colour, and what becomes of the picture under it."""

from __future__ import annotations

from nodegraph.kernels.emit import Value
from nodegraph.kernels.shade import V, clamp, maximum
from nodegraph.node import Bool, In, Pixel, Query
from nodegraph.shading import Shading, describe_pixel, divisor, shade_function, times
from nodegraph.values import FrameSpec


def rising(v: V, low: V, softness: V) -> V:
    """0 up to `softness` below `low`, 1 from `low` on, straight between."""
    return clamp((v - low) / maximum(softness, 0.00001) + 1.0, 0.0, 1.0)


def inverted(key: V) -> V:
    return 1.0 - key


class _Keyer(Pixel):
    """A pixel function of the unmultiplied colours `r g b` that returns a matte.

    The result's alpha is the matte times the alpha that comes in. Its colours are premultiplied by it, or stay.
    """

    colour = True

    image = In()
    invert = Bool(False, help="Keep what would be thrown away.")
    premultiply = Bool(True, help="Multiply the colours by the matte; without, they stay whole and count as straight.")

    def describe(self, q: Query) -> FrameSpec:
        spec = describe_pixel(self, q)
        channels = tuple(dict.fromkeys((*spec.channels, "A")))
        return spec.with_(channels=channels, premultiplied=q.p.premultiply)

    def shade(self, s: Shading, q: Query) -> dict[str, Value]:
        image = q.inputs["image"]
        key = shade_function(self, s, q)["A"]
        if q.p.invert:
            (key,) = s.call(inverted, key)
        before = s.channel("image", "A")
        (alpha,) = s.call(times, key, before)
        result = {**s.inputs["image"], "A": alpha}
        for name in ("R", "G", "B"):
            if name not in image.channels:
                continue
            if q.p.premultiply:
                (result[name],) = s.call(times, result[name], key if image.premultiplied else alpha)
            elif image.premultiplied and "A" in image.channels:
                (result[name],) = s.call(times, result[name], *s.call(divisor, before))
        return result
