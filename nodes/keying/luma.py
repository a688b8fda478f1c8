"""Keying by brightness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from nodegraph.kernels.shade import Alpha, V, luma, maximum, minimum
from nodegraph.node import Choice, Float, Query

from .keyed import _Keyer, rising

__all__ = ["Luma"]

_LOW = Float(0.5, soft=(0, 1), help="From here on a pixel is wholly in.")
_LOW_SOFT = Float(0.25, 0, soft=(0, 1), label="low softness", help="How far below low it begins to be.")
_HIGH = Float(65504, soft=(0, 2), help="Up to here a pixel is wholly in.")
_HIGH_SOFT = Float(0.25, 0, soft=(0, 1), label="high softness", help="How far above high it still is a little.")


def _red(r: V, g: V, b: V) -> V:
    return r


def _green(r: V, g: V, b: V) -> V:
    return g


def _blue(r: V, g: V, b: V) -> V:
    return b


def _max(r: V, g: V, b: V) -> V:
    return maximum(maximum(r, g), b)


def _min(r: V, g: V, b: V) -> V:
    return minimum(minimum(r, g), b)


def _average(r: V, g: V, b: V) -> V:
    return (r + g + b) * 0.3333333333333333


_MEASURES: Mapping[str, Callable[..., Any]] = {
    "luminance": luma,
    "max": _max,
    "min": _min,
    "average": _average,
    "red": _red,
    "green": _green,
    "blue": _blue,
}


@cache
def _matte(measure: str) -> Callable[..., Any]:
    measured = _MEASURES[measure]

    def luma_matte(
        r: V, g: V, b: V, *, low: V = _LOW, low_softness: V = _LOW_SOFT, high: V = _HIGH, high_softness: V = _HIGH_SOFT
    ) -> Alpha:
        v = measured(r, g, b)
        return rising(v, low, low_softness) * rising(-v, -high, high_softness)

    return luma_matte


class Luma(_Keyer):
    """Key what is bright, or what lies between two brightnesses.

    Set `low` to where the wanted part is surely in, then open `low_softness` until its edge is natural; lower `high`
    to leave out what is brighter. The values are scene-linear: middle grey is 0.18, and light may be above 1.

    v is measured on colours divided by alpha: luminance (ITU-R BT.709-6), the largest, smallest or mean of red, green
    and blue, or one of them. The matte is

        clamp((v - low) / low_softness + 1) clamp((high - v) / high_softness + 1)

    0 at `low - low_softness` and 1 at `low`; 1 at `high` and 0 at `high + high_softness`. An alpha that comes in
    holds the result out.
    """

    id = "nodegraph.keying.luma"
    label = "luma key"

    measure = Choice("luminance", tuple(_MEASURES), help="What is called bright.")
    low = _LOW
    low_softness = _LOW_SOFT
    high = _HIGH
    high_softness = _HIGH_SOFT

    def function(self, q: Query) -> Callable[..., Any]:
        return _matte(q.p.measure)
