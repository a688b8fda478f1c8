"""Keying against a clean plate:

    image ─┬─> delta ──> blur ──> key ─> out
    plate ─┘                       │
    image, plate ──────────────────┘

Without a blur all of it is one run of pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import pi
from typing import Any

from nodegraph.graph.schema import Port
from nodegraph.kernels.shade import RGB, RGBA, V, clamp, luma, maximum, sqrt
from nodegraph.node import Bool, Choice, Compound, Float, In, Part, Parts, Prepared, Query, pixel

from ..merge.premultiply import Premultiply
from ..merge.remove import Remove
from .held import HeldBlur

__all__ = ["Difference"]

_VIEWS = ("result", "matte", "distance")

_GAIN = Float(1, 0, 100, soft=(0, 4), help="Multiplies the distance.")
_THRESHOLD = Float(6, 0, 1000, soft=(0, 50), help="Distances up to this, in multiples of the noise, are the plate.")
_SOFTNESS = Float(12, 0, 1000, soft=(0, 50), help="How much more, in the same measure, is wholly subject.")
_LUMINANCE = Float(0.5, 0, 10, soft=(0, 2), help="How much a difference in brightness counts: less forgives shadows.")
_CHROMA = Float(1, 0, 10, soft=(0, 2), help="How much a difference in colour counts.")
_NOISE = Float(0.004, 0.00001, 1, soft=(0.001, 0.05), help="Standard deviation of the noise in the dark.")
_GRAIN = Float(0.01, 0, 1, soft=(0, 0.1), help="What light adds: at a luminance of 1 the noise has this more.")


@pixel("nodegraph.keying.difference.delta", inputs=("image", "plate"), main="image", maskable=False)
def _delta(image_r: V, image_g: V, image_b: V, image_a: V, plate_r: V, plate_g: V, plate_b: V) -> RGB:
    """What the picture has more than the plate."""
    return image_r - plate_r * image_a, image_g - plate_g * image_a, image_b - plate_b * image_a


def distance(r: V, g: V, b: V, plate_light: V, luminance: V, chroma: V, noise: V, grain: V) -> V:
    """A difference in multiples of the noise there."""
    light = luma(r, g, b)
    r, g, b = chroma * (r - light), chroma * (g - light), chroma * (b - light)
    light = luminance * light
    expected = noise * noise + grain * grain * maximum(plate_light, 0.0)
    return sqrt((light * light + r * r + g * g + b * b) / expected)


def _result(
    image_r: V,
    image_g: V,
    image_b: V,
    image_a: V,
    plate_r: V,
    plate_g: V,
    plate_b: V,
    delta_r: V,
    delta_g: V,
    delta_b: V,
    *,
    quiet: V = Prepared(2),
    taken: V = Prepared(),
    gain: V = _GAIN,
    threshold: V = _THRESHOLD,
    softness: V = _SOFTNESS,
    luminance: V = _LUMINANCE,
    chroma: V = _CHROMA,
) -> RGBA:
    """The picture times the matte; or less the plate's part in it, which leaves the subject's."""
    far = distance(delta_r, delta_g, delta_b, luma(plate_r, plate_g, plate_b), luminance, chroma, quiet[0], quiet[1])
    key = clamp((gain * far - threshold) / maximum(softness, 0.0001), 0.0, 1.0)
    back = (1.0 - key) * image_a
    r = image_r * key + taken * (maximum(image_r - back * plate_r, 0.0) - image_r * key)
    g = image_g * key + taken * (maximum(image_g - back * plate_g, 0.0) - image_g * key)
    b = image_b * key + taken * (maximum(image_b - back * plate_b, 0.0) - image_b * key)
    there = clamp(key * 1000000.0, 0.0, 1.0)  # where nothing is left noise isn't either
    return r * there, g * there, b * there, key * image_a


def _matte(
    image_a: V,
    plate_r: V,
    plate_g: V,
    plate_b: V,
    delta_r: V,
    delta_g: V,
    delta_b: V,
    *,
    quiet: V = Prepared(2),
    gain: V = _GAIN,
    threshold: V = _THRESHOLD,
    softness: V = _SOFTNESS,
    luminance: V = _LUMINANCE,
    chroma: V = _CHROMA,
) -> RGBA:
    far = distance(delta_r, delta_g, delta_b, luma(plate_r, plate_g, plate_b), luminance, chroma, quiet[0], quiet[1])
    key = clamp((gain * far - threshold) / maximum(softness, 0.0001), 0.0, 1.0) * image_a
    return key, key, key, key


def _distance(
    plate_r: V,
    plate_g: V,
    plate_b: V,
    delta_r: V,
    delta_g: V,
    delta_b: V,
    *,
    quiet: V = Prepared(2),
    luminance: V = _LUMINANCE,
    chroma: V = _CHROMA,
) -> RGBA:
    far = distance(delta_r, delta_g, delta_b, luma(plate_r, plate_g, plate_b), luminance, chroma, quiet[0], quiet[1])
    return far, far, far, 1.0


def _prepare(q: Query) -> Mapping[str, Any]:
    """The noise that is left of a blurred picture: a Gaussian of s pixels has 1 / (4 pi s^2) of white noise's power."""
    left = 1 / max(1.0, 2 * pi**0.5 * q.p.blur)
    return {"quiet": (q.p.noise * left, q.p.grain * left), "taken": float(q.p.subtract)}


_key = pixel(
    "nodegraph.keying.difference.key",
    inputs=(Port("image"), Port("plate"), Port("delta")),
    main="image",
    cases={"result": _result, "matte": _matte, "distance": _distance},
    by="view",
    params={"noise": _NOISE, "grain": _GRAIN, "blur": Float(0, 0), "subtract": Bool(False)},
    prepare=_prepare,
    maskable=False,
)(_result)


class Difference(Compound):
    """Key what differs from a clean plate: the same view without the subject, from a camera that stands still.

    Connect the plate to `plate`: a frame without the subject, or what keying.clean_plate learns. Look at the view
    *distance* first: it counts in multiples of the noise, so empty set should be near 1. Set `noise` and `grain`
    until it is; then raise `threshold` until the set is black in *matte*, and `softness` until edges are natural.
    Grain that still comes through goes with `blur`. What is like the plate behind it can't be keyed so.

    With D = C - P, Y its luminance (ITU-R BT.709-6) and D - Y the rest of it, for each channel:

        d = sqrt((luminance Y)^2 + chroma^2 |D - Y|^2) / sqrt(noise^2 + grain^2 luminance(P))
        matte = clamp((gain d - threshold) / softness)

    A difference of colour counts for more than one of brightness, since shadows have only that, and what noise makes
    of the plate counts for nothing: its power has a part that is always there and one that grows with the light
    (G. Healey and R. Kondepudy, "Radiometric CCD camera calibration and noise estimation", PAMI 1994). `blur` is of D,
    so that noise averages out before it is measured; the noise expected falls by 1 / (2 sqrt(pi) blur) with it.
    """

    id = "nodegraph.keying.difference"
    label = "difference key"

    plate = In(help="The clean plate.")
    view = Choice("result", _VIEWS, help="result is premultiplied; distance is in multiples of the noise.")
    gain = _GAIN
    threshold = _THRESHOLD
    softness = _SOFTNESS
    luminance = _LUMINANCE
    chroma = _CHROMA
    noise = _NOISE
    grain = _GRAIN
    blur = Float(0, 0, 100, unit="px", soft=(0, 10), help="Blurs the difference before it is measured.")
    subtract = Bool(False, help="Take the plate out of half-covered pixels, C - (1 - matte) P, instead of C matte.")

    def compose(self, q: Query, parts: Parts) -> Part:
        image, plate = parts.inputs["image"], parts.inputs["plate"]
        if not q.inputs["image"].premultiplied:
            image = parts.use("premultiplied", _PREMULTIPLY, {"image": image})
        delta = parts.use("delta", _DELTA, {"image": image, "plate": plate})
        if q.p.blur > 0:
            colour = parts.use("colour", _REMOVE, {"image": delta}, operation="keep", channels="rgb")
            delta = parts.use("blur", _BLUR, {"image": colour}, size=q.p.blur, channels="all")
        return parts.use("key", _KEY, {"image": image, "plate": plate, "delta": delta}, **q.given(_KEY))


_REMOVE, _PREMULTIPLY, _BLUR = Remove(), Premultiply(), HeldBlur()
_DELTA, _KEY = _delta, _key
