"""Keying by hue, saturation and luminance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nodegraph.kernels.shade import Alpha, V, absolute, floor, luma, maximum, minimum, select
from nodegraph.node import Float, Query

from .keyed import _Keyer, rising

__all__ = ["Range"]

_HUE = Float(120, unit="deg", soft=(0, 360), help="The hue in the middle: red 0, green 120, blue 240.")
_HUE_WIDTH = Float(60, 0, 360, unit="deg", label="hue width", help="Hues wholly in, to both sides together.")
_HUE_SOFT = Float(30, 0, 180, unit="deg", label="hue softness", help="How far beyond they fade.")
_SAT = Float(0.6, 0, 2, soft=(0, 1), help="The saturation in the middle.")
_SAT_WIDTH = Float(0.8, 0, 4, soft=(0, 1), label="saturation width", help="Saturations wholly in.")
_SAT_SOFT = Float(0.1, 0, 4, soft=(0, 1), label="saturation softness", help="How far beyond they fade.")
_LUM = Float(0.5, soft=(0, 1), help="The luminance in the middle (scene-linear).")
_LUM_WIDTH = Float(4, 0, soft=(0, 4), label="luminance width", help="Luminances wholly in.")
_LUM_SOFT = Float(0.1, 0, soft=(0, 1), label="luminance softness", help="How far beyond they fade.")


def hue_of(r: V, g: V, b: V) -> V:
    """HSV's hue in degrees, 0 up to 360; 0 of a grey."""
    high, low = maximum(maximum(r, g), b), minimum(minimum(r, g), b)
    span = high - low
    per = 60.0 / select(span > 0.0, span, 1.0)
    of_green = 120.0 + (b - r) * per
    of_blue = 240.0 + (r - g) * per
    hue = select(r >= high, (g - b) * per, select(g >= high, of_green, of_blue))
    return select(span > 0.0, select(hue < 0.0, hue + 360.0, hue), 0.0)


def _range(
    r: V,
    g: V,
    b: V,
    *,
    hue: V = _HUE,
    hue_width: V = _HUE_WIDTH,
    hue_softness: V = _HUE_SOFT,
    saturation: V = _SAT,
    saturation_width: V = _SAT_WIDTH,
    saturation_softness: V = _SAT_SOFT,
    luminance: V = _LUM,
    luminance_width: V = _LUM_WIDTH,
    luminance_softness: V = _LUM_SOFT,
) -> Alpha:
    high, low = maximum(maximum(r, g), b), minimum(minimum(r, g), b)
    turn = (hue_of(r, g, b) - hue) / 360.0
    away = 360.0 * absolute(turn - floor(turn + 0.5))
    away = select(high > low, away, 180.0)  # a grey has no hue: only the whole circle holds it
    share = select(high > 0.0, (high - low) / select(high > 0.0, high, 1.0), 0.0)
    of_hue = rising(-away, -0.5 * hue_width, hue_softness)
    of_saturation = rising(-absolute(share - saturation), -0.5 * saturation_width, saturation_softness)
    of_light = rising(-absolute(luma(r, g, b) - luminance), -0.5 * luminance_width, luminance_softness)
    return of_hue * of_saturation * of_light


class Range(_Keyer):
    """Key what lies in a range of hues, saturations and luminances.

    Begin with the hue: put its centre on what should be keyed, then narrow the width and open the softness; then keep
    greys out with the saturation. It is a hard tool beside the chroma key: for garbage mattes, skies, secondary
    grades, and screens that need only be told from the rest.

    For each of the three the distance d to the centre gives clamp((width/2 - d) / softness + 1): 1 within half the
    width, 0 from there on by the softness; the matte is their product. Hue is that of HSV, in degrees, and goes round
    (359 is 2 from 1); a grey has none, and is in only if the width is 360 or the softness reaches so far.
    Saturation is (max - min) / max, luminance that of ITU-R BT.709-6; all of colours divided by alpha.
    An alpha that comes in holds the result out. Source: A. R. Smith, "Color gamut transform pairs", SIGGRAPH 1978.
    """

    id = "nodegraph.keying.range"
    label = "range key"

    hue = _HUE
    hue_width = _HUE_WIDTH
    hue_softness = _HUE_SOFT
    saturation = _SAT
    saturation_width = _SAT_WIDTH
    saturation_softness = _SAT_SOFT
    luminance = _LUM
    luminance_width = _LUM_WIDTH
    luminance_softness = _LUM_SOFT

    def function(self, q: Query) -> Callable[..., Any]:
        return _range
