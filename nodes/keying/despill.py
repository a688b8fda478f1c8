"""Taking a screen's light out of a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from nodegraph.kernels.shade import RGB, RGBA, V, divide, luma, maximum, minimum, mix, select
from nodegraph.node import Choice, Colour, Float, In, Pixel, Prepared, Query
from nodegraph.shading import describe_pixel
from nodegraph.values import FrameSpec

__all__ = ["Despill"]

_STRENGTH = Float(1, 0, 2, soft=(0, 1), help="How much of the spill found is taken out.")
_BALANCE = Float(0.5, 0, 1, help="Which of the other two channels limits the screen's: 0 the first, 1 the second.")
_AMOUNT = Float(1, 0, 2, soft=(0, 1), label="replace amount", help="How much of the light taken out is put back.")
_SOFT = Colour((0.5, 0.5, 0.5), 0, label="replace colour", help="The hue for soft colour; its brightness is no matter.")


# --- the spill of a pixel: s its screen channel, p and q the others, kp and kq the screen's own p and q ------


def _average(s: V, p: V, q: V, balance: V, kp: V, kq: V) -> V:
    return s - mix(p, q, balance)


def _double(s: V, p: V, q: V, balance: V, kp: V, kq: V) -> V:
    of_p = (1.0 - balance) * select(p > q, 2.0, 1.0)
    of_q = balance * select(q > p, 2.0, 1.0)
    return s - (of_p * p + of_q * q) / (of_p + of_q)


def _between(p: V, both: V, q: V, balance: V) -> V:
    """p at 0, what holds for both at a half, q at 1."""
    return select(balance < 0.5, mix(p, both, 2.0 * balance), mix(both, q, 2.0 * balance - 1.0))


def _limit(s: V, p: V, q: V, balance: V, kp: V, kq: V) -> V:
    return s - _between(p, maximum(p, q), q, balance)


def _hue(s: V, p: V, q: V, balance: V, kp: V, kq: V) -> V:
    by_p, by_q = (s - p) / (1.0 - kp), (s - q) / (1.0 - kq)
    return _between(by_p, minimum(by_p, by_q), by_q, balance)


_METHODS: Mapping[str, Callable[..., Any]] = {
    "average": _average,
    "double": _double,
    "limit": _limit,
    "hue-preserving": _hue,
}


# --- the screen's channel first, and back ---------------------------------------------------


def _red_first(r: V, g: V, b: V) -> RGB:
    return r, g, b


def _green_first(r: V, g: V, b: V) -> RGB:
    return g, r, b


def _blue_first(r: V, g: V, b: V) -> RGB:
    return b, r, g


def _blue_last(s: V, p: V, q: V) -> RGB:
    return p, q, s


_ORDERS: Mapping[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "green": (_green_first, _green_first),
    "blue": (_blue_first, _blue_last),
    "red": (_red_first, _red_first),
}
_CHANNEL = {"red": 0, "green": 1, "blue": 2}


# --- what is put back: a colour whose luminance says nothing ----------------------------------


def _nothing(light: V, soft_r: V, soft_g: V, soft_b: V, back_r: V, back_g: V, back_b: V) -> RGB:
    return 0.0, 0.0, 0.0


def _grey(light: V, soft_r: V, soft_g: V, soft_b: V, back_r: V, back_g: V, back_b: V) -> RGB:
    return light, light, light


def _soft(light: V, soft_r: V, soft_g: V, soft_b: V, back_r: V, back_g: V, back_b: V) -> RGB:
    share = divide(light, luma(soft_r, soft_g, soft_b))
    return share * soft_r, share * soft_g, share * soft_b


def _back(light: V, soft_r: V, soft_g: V, soft_b: V, back_r: V, back_g: V, back_b: V) -> RGB:
    back_r, back_g, back_b = maximum(back_r, 0.0), maximum(back_g, 0.0), maximum(back_b, 0.0)
    share = divide(light, luma(back_r, back_g, back_b))
    return share * back_r, share * back_g, share * back_b


_REPLACE: Mapping[str, Callable[..., Any]] = {
    "none": _nothing,
    "luminance": _grey,
    "soft colour": _soft,
    "background": _back,
}


@cache
def _result(method: str, screen: str, replace: str) -> Callable[..., Any]:
    spill_of, put_back = _METHODS[method], _REPLACE[replace]
    first, last = _ORDERS[screen]

    def despilled(
        image_r: V,
        image_g: V,
        image_b: V,
        background_r: V,
        background_g: V,
        background_b: V,
        *,
        tint: V = Prepared(2),
        balance: V = _BALANCE,
        strength: V = _STRENGTH,
        replace_amount: V = _AMOUNT,
        replace_colour: V = _SOFT,
    ) -> RGB:
        s, p, q = first(image_r, image_g, image_b)
        spill = strength * maximum(spill_of(s, p, q, balance, tint[0], tint[1]), 0.0)
        left_s = maximum(s - spill, minimum(s, 0.0))
        left_p = maximum(p - spill * tint[0], minimum(p, 0.0))
        left_q = maximum(q - spill * tint[1], minimum(q, 0.0))
        r, g, b = last(left_s, left_p, left_q)
        light = replace_amount * maximum(luma(image_r - r, image_g - g, image_b - b), 0.0)
        more_r, more_g, more_b = put_back(
            light, replace_colour[0], replace_colour[1], replace_colour[2], background_r, background_g, background_b
        )
        return r + more_r, g + more_g, b + more_b

    return despilled


@cache
def _map(method: str, screen: str, premultiplied: bool) -> Callable[..., Any]:
    spill_of = _METHODS[method]
    first, _ = _ORDERS[screen]
    straight = 0.0 if premultiplied else 1.0

    def spill_map(
        image_r: V,
        image_g: V,
        image_b: V,
        image_a: V,
        *,
        tint: V = Prepared(2),
        balance: V = _BALANCE,
        strength: V = _STRENGTH,
    ) -> RGBA:
        s, p, q = first(image_r, image_g, image_b)
        spill = strength * maximum(spill_of(s, p, q, balance, tint[0], tint[1]), 0.0)
        spill = minimum(spill, maximum(s, 0.0)) * mix(1.0, image_a, straight)
        return spill, spill, spill, spill

    return spill_map


class Despill(Pixel):
    """Take the screen's light, which it throws onto the subject, out of the picture.

    Try *average* first. Where it turns yellow clothes orange, use *limit* or *hue-preserving*; where skin stays
    green, *double*, or move `balance`. Look at the view *spill map*: it should be on rims and shadows only.

    s is the screen's channel, p and q are the other two, in the order red, green, blue; b is `balance`. The spill is
    S = max(0, s - m), and s - S is what is left:

    - average: m = (1-b) p + b q
    - double: m = (u p + v q) / (u + v), u = 1-b and v = b, that of the larger of p and q doubled
    - limit: m = max(p, q) at b = 1/2; from there to p at 0 and to q at 1
    - hue-preserving: the screen's whole colour is taken out, not its own channel alone. With K = `screen_colour` made
      such that its strongest channel is 1 and stands for s, S is the least that leaves s no more than p or q:
      S = max(0, min((s-p) / (1-Kp), (s-q) / (1-Kq))), less of that to one side for b. C - S K is left. Where s is
      below p or q nothing changes, so hues without spill stay exactly; a grey with spill becomes the same grey.

    What is left is never pushed below 0. The light taken out, L = luminance(before) - luminance(after), may be put
    back: as grey (*luminance*), or as L k / luminance(k) in the hue k of a colour, or of the `background`, which is
    best blurred. All of it is homogeneous: premultiplied or not, it is the same picture, and alpha isn't touched.
    A value that isn't a number becomes 0.

    Sources: S. Wright, *Digital Compositing for Film and Video*, "Despill" (average, limit, and why they differ);
    the double average as compositors' expressions have it; the vector form follows from Vlahos' C = F + S K
    (US 4,100,569).
    """

    id = "nodegraph.keying.despill"
    label = "despill"
    main = "image"

    image = In()
    background = In(optional=True, help="For replace: what the subject stands before in the end, best blurred.")

    view = Choice("result", ("result", "spill map"), help="spill map is the spill, premultiplied, in RGB and alpha.")
    screen = Choice("green", ("green", "blue", "red"), help="Whose light it is.")
    method = Choice("average", tuple(_METHODS), help="What is taken for spill; see above.")
    balance = _BALANCE
    strength = _STRENGTH
    screen_colour = Colour(
        (0.2, 1, 0.2), 0, label="screen colour", help="For hue-preserving: pick the screen; its hue counts."
    )
    replace = Choice("none", tuple(_REPLACE), help="As what the light that was taken out comes back.")
    replace_amount = _AMOUNT
    replace_colour = _SOFT

    def function(self, q: Query) -> Callable[..., Any]:
        if q.p.view == "spill map":
            return _map(q.p.method, q.p.screen, q.inputs["image"].premultiplied)
        replace = q.p.replace if q.p.replace != "background" or "background" in q.inputs else "none"
        return _result(q.p.method, q.p.screen, replace)

    def prepare(self, q: Query, found: Any = None) -> Mapping[str, Any]:
        """The screen's p and q, as shares of its s."""
        if q.p.method != "hue-preserving":
            return {"tint": (0.0, 0.0)}
        colour = [max(0.0, float(v)) for v in q.p.screen_colour[:3]]
        strongest, own = colour.index(max(colour)), _CHANNEL[q.p.screen]
        colour[strongest], colour[own] = colour[own], colour[strongest]
        others = [v for channel, v in enumerate(colour) if channel != own]
        return {"tint": tuple(min(v / max(colour[own], 1e-6), 0.95) for v in others)}

    def describe(self, q: Query) -> FrameSpec:
        image = q.inputs["image"]
        spec = describe_pixel(self, q).with_(data_window=image.data_window)
        if q.p.view != "spill map":
            return spec
        return spec.with_(channels=tuple(dict.fromkeys((*image.channels, "A"))), premultiplied=True)
