"""The background's light around the edge of what stands before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from nodegraph.kernels.shade import RGBA, Alpha, V, clamp, luma, minimum
from nodegraph.node import Bool, Choice, Compound, Float, In, Part, Parts, Pixel, Query, pixel
from nodegraph.shading import describe_pixel
from nodegraph.values import FrameSpec

from ..merge.premultiply import Premultiply
from ..merge.remove import Remove
from ..merge.unpremultiply import Unpremultiply
from .held import HeldBlur

__all__ = ["LightWrap"]

_OUTPUTS = ("foreground", "composite", "wrap")
_INTENSITY = Float(1, 0, 100, soft=(0, 2), help="How bright the wrap is.")


def _plus(c: V, light: V, share: V) -> V:
    return c + light


def _screen(c: V, light: V, share: V) -> V:
    return c + light * (1.0 - clamp(c, 0.0, 1.0))


def _over(c: V, light: V, share: V) -> V:
    return light + c * (1.0 - share)


_MODES: Mapping[str, Callable[..., Any]] = {"screen": _screen, "plus": _plus, "over": _over}


def _colour(r: V, g: V, b: V) -> tuple[V, V, V]:
    return r, g, b


def _grey(r: V, g: V, b: V) -> tuple[V, V, V]:
    light = luma(r, g, b)
    return light, light, light


def _same(made: V, before: V) -> V:
    return before


def _changed(made: V, before: V) -> V:
    return made


@cache
def _wrapped(output: str, mode: str, luma_only: bool, keep_alpha: bool) -> Callable[..., Any]:
    laid, tinted = _MODES[mode], _grey if luma_only else _colour
    foreground, under = (0.0, 0.0) if output == "wrap" else (1.0, float(output == "composite"))
    alpha = _same if keep_alpha and output != "wrap" else _changed

    def wrapped(
        image_r: V,
        image_g: V,
        image_b: V,
        image_a: V,
        edge_a: V,
        soft_r: V,
        soft_g: V,
        soft_b: V,
        soft_a: V,
        bg_r: V,
        bg_g: V,
        bg_b: V,
        bg_a: V,
        *,
        intensity: V = _INTENSITY,
    ) -> RGBA:
        amount = clamp(1.0 - edge_a, 0.0, 1.0) * clamp(image_a, 0.0, 1.0) * intensity
        share = minimum(amount, 1.0)
        r, g, b = tinted(soft_r, soft_g, soft_b)
        r = laid(image_r * foreground, amount * r, share)
        g = laid(image_g * foreground, amount * g, share)
        b = laid(image_b * foreground, amount * b, share)
        a = alpha(laid(image_a * foreground, share * soft_a, share), image_a)
        behind = (1.0 - a) * under
        return r + bg_r * behind, g + bg_g * behind, b + bg_b * behind, a + bg_a * behind

    return wrapped


class _Wrap(Pixel):
    """All that is done to a pixel; what isn't asked for isn't read."""

    id = "nodegraph.keying.light_wrap.wrap"
    main = "image"
    maskable = False

    image = In()
    edge = In("Matte")
    soft = In()
    bg = In()
    output = Choice("foreground", _OUTPUTS)
    mode = Choice("screen", tuple(_MODES))
    luma_only = Bool(False)
    keep_alpha = Bool(True)
    intensity = _INTENSITY

    def function(self, q: Query) -> Callable[..., Any]:
        return _wrapped(q.p.output, q.p.mode, bool(q.p.luma_only), bool(q.p.keep_alpha))

    def describe(self, q: Query) -> FrameSpec:
        spec = describe_pixel(self, q)
        channels = tuple(dict.fromkeys((*spec.channels, "A")))
        window = spec.data_window if q.p.output == "composite" else q.inputs["image"].data_window
        return spec.with_(channels=channels, data_window=window)


@pixel("nodegraph.keying.light_wrap.opaque", maskable=False)
def _opaque(a: V) -> Alpha:
    """The picture with an alpha channel."""
    return a


class LightWrap(Compound):
    """Let the background's light wrap around the edge of the foreground.

    Connect the keyed foreground to `image` and what it stands before to `bg`; the result goes over the same `bg`
    (or choose *composite*). A little of it ties the two together; what shows as a halo is too much. `size` is how
    deep the light reaches in, `soften` how blurred the background is in it.

    With a the foreground's alpha and B the background, each blurred by a Gaussian:

        e = (1 - blur(a, size)) a intensity,    W = e blur(B, soften)

    *plus*: C + W, as light adds; *screen*: C + W (1 - clamp(C)), which never makes white brighter; *over*: W + C (1-e),
    which covers the edge, e held to 1. With `keep_alpha` alpha stays; without, it goes through the same formula.
    *wrap* gives W alone, to be graded. Source: S. Wright, *Digital Compositing for Film and Video*, "Light wrap".
    """

    id = "nodegraph.keying.light_wrap"
    label = "light wrap"

    bg = In(help="What the foreground stands before.")
    output = Choice("foreground", _OUTPUTS, help="The foreground with its wrap, that over bg, or the wrap alone.")
    mode = Choice("screen", tuple(_MODES), help="How the light is laid on.")
    size = Float(15, 0, 1000, unit="px", soft=(0, 100), help="How deep the light reaches in (standard deviation).")
    soften = Float(15, 0, 1000, unit="px", soft=(0, 100), help="How far the background is blurred in it.")
    intensity = _INTENSITY
    luma_only = Bool(False, label="luma only", help="Wrap the background's brightness, without its colour.")
    keep_alpha = Bool(True, label="keep alpha", help="Leave the foreground's alpha as it is.")

    def compose(self, q: Query, parts: Parts) -> Part:
        image, bg = parts.inputs["image"], parts.inputs["bg"]
        if "A" not in q.inputs["image"].channels:  # it has no edge, and hides what is behind
            image = parts.use("opaque", _OPAQUE, {"image": image})
        straight = not q.inputs["image"].premultiplied
        if straight:
            image = parts.use("premultiplied", _PREMULTIPLY, {"image": image})
        alpha = parts.use("alpha", _REMOVE, {"image": image}, operation="keep", channels="alpha")
        edge = parts.use("edge", _BLUR, {"image": alpha}, size=q.p.size, channels="all")
        soft = parts.use("soft", _BLUR, {"image": bg}, size=q.p.soften, channels="all")
        wires = {"image": image, "edge": edge, "soft": soft, "bg": bg}
        own = {name: getattr(q.p, name) for name in ("output", "mode", "luma_only", "keep_alpha", "intensity")}
        made = parts.use("wrap", _WRAP, wires, **own)
        if straight and q.p.output == "foreground":
            return parts.use("straight", _UNPREMULTIPLY, {"image": made})
        return made


_REMOVE, _PREMULTIPLY, _UNPREMULTIPLY = Remove(), Premultiply(), Unpremultiply()
_BLUR, _WRAP, _OPAQUE = HeldBlur(), _Wrap(), _opaque
