"""Keying against the screen as the picture itself shows it:

image ─┬─> sure ──> soft ──> plate ─┐
       └────────────────────────────┴─> key ─> out
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.errors import CookError
from nodegraph.graph.schema import Port
from nodegraph.kernels.shade import RGBA, Alpha, V, clamp, maximum, minimum, select
from nodegraph.node import Choice, Colour, Compound, Float, FrameNode, In, Part, Parts, Prepared, Query, pixel

from ..merge.premultiply import Premultiply
from ..merge.remove import Remove
from .chroma import FindScreen, Screen
from .held import HeldBlur

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, FrameSpec

__all__ = ["ImageBased"]

_FIND = FindScreen()
_VIEWS = ("result", "matte", "plate")
_COLOUR = Colour((0.1, 0.5, 0.1), help="The screen's colour, for pick (scene-linear).")
_TOLERANCE = Float(0.1, 0, 1, soft=(0, 0.5), help="How much paler than the screen is still surely screen.")
_RED = Float(0.5, 0, 2, soft=(0, 1), label="red weight", help="How much red counts against a green or blue screen.")
_OTHER = Float(0.5, 0, 2, soft=(0, 1), label="other weight", help="How much the third channel counts against it.")
_BLACK = Float(0, 0, 1, soft=(0, 0.3), label="clip black", help="Matte values up to here become 0.")
_WHITE = Float(1, 0, 1, soft=(0.5, 1), label="clip white", help="Matte values from here become 1.")
#: How dark a picked screen may be, as a share of its colour.
_PICKED_WEAKEST = 0.4
#: The light of a screen is held to this range of its colour.
_LIGHT = (0.2, 3.0)


def _known_screen(q: Query, found: Any) -> Screen:
    if found is not None:
        screen: Screen = found
        return screen
    r, g, b = (float(v) for v in q.p.colour[:3])
    return Screen((r, g, b), _PICKED_WEAKEST)


def _prepare(q: Query, found: Any) -> Mapping[str, Any]:
    """The screen's kind, as numbers: which channel it is, and +1 where it has more of that, -1 where it lacks it."""
    from nodegraph.kernels.adaptive_key import kind_of

    screen = _known_screen(q, found)
    kind = kind_of(screen.colour)
    own = kind % 3
    sign = 1.0 if kind < 3 else -1.0
    others = [v for c, v in enumerate(screen.colour) if c != own]
    limit = max(others) if kind < 3 else min(others)
    full = sign * (screen.colour[own] - limit)
    known = screen.found and full > 1e-5
    return {
        "own": float(own),
        "sign": sign,
        "full": max(full, 1e-6) if known else 1e6,
        "weakest": max(0.2, min(float(screen.weakest), 1.0)),
        "light": tuple(float(v) for v in screen.light),
        "known": float(known),
    }


# --- what is surely screen ------------------------------------------------------------------


def screen_channel(r: V, g: V, b: V, own: V) -> V:
    return select(own < 0.5, r, select(own < 1.5, g, b))


def first_other(r: V, g: V, b: V, own: V) -> V:
    """Red, or green for a red screen."""
    return select(own < 0.5, g, r)


def second_other(r: V, g: V, b: V, own: V) -> V:
    return select(own > 1.5, g, b)


@pixel(
    "nodegraph.keying.image_based.sure",
    params={"screen": FindScreen.screen, "colour": _COLOUR},
    prepare=_prepare,
    analysis=_FIND,
    maskable=False,
)
def _sure(
    r: V,
    g: V,
    b: V,
    a: V,
    x: V,
    y: V,
    width: V,
    height: V,
    *,
    own: V = Prepared(),
    sign: V = Prepared(),
    full: V = Prepared(),
    weakest: V = Prepared(),
    light: V = Prepared(6),
    known: V = Prepared(),
    tolerance: V = _TOLERANCE,
) -> Alpha:
    """1 where the colour difference is what the screen's is in this place, 0 where it is clearly less."""
    p, q = first_other(r, g, b, own), second_other(r, g, b, own)
    most = select(sign > 0.0, maximum(p, q), minimum(p, q))
    u = 2.0 * x / width - 1.0
    v = 2.0 * y / height - 1.0
    lit = light[0] + light[1] * u + light[2] * v + light[3] * u * u + light[4] * u * v + light[5] * v * v
    lit = clamp(lit, _LIGHT[0], _LIGHT[1])
    share = sign * (screen_channel(r, g, b, own) - most) / (full * lit)
    least = weakest - tolerance
    return clamp((share - least) / 0.02, 0.0, 1.0) * known * select(a > 0.999, 1.0, 0.0)


class _Plate(FrameNode):
    """The screen's pixels spread over the others: it looks at the whole picture."""

    id = "nodegraph.keying.image_based.plate"
    image = In()
    sure = In("Matte")

    def describe(self, q: Query) -> FrameSpec:
        return q.inputs["image"].with_(channels=("R", "G", "B", "A"), premultiplied=True)

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Any, pool: Pool) -> Frame:
        from nodegraph.kernels.filters.pushpull import spread
        from nodegraph.values import Frame

        image, sure = inputs["image"], inputs["sure"]
        names = image.spec.channels
        first = names.index("R")
        together = names[first : first + 3] == ("R", "G", "B")
        colour = image.pixels[first : first + 3] if together else np.stack([image.channel(c) for c in "RGB"])
        weight = sure.crop(image.spec.data_window).channel("A")[None]
        out = np.empty((4, *colour.shape[1:]), np.float32)
        # more than half of what is around must be screen: so the edge of the subject isn't, and a grain of noise is
        spread(colour, weight, weight, out[:3], pool, sure=(0.8, 0.95))
        out[3] = 1
        return Frame(self.describe(q).with_(data_window=image.spec.data_window), out)


# --- the key --------------------------------------------------------------------------------


def stands_out(r: V, g: V, b: V, own: V, sign: V, red_weight: V, other_weight: V) -> V:
    """The weighed colour difference: how much more of its channel than of the others a colour has."""
    p, q = first_other(r, g, b, own), second_other(r, g, b, own)
    return sign * (screen_channel(r, g, b, own) - (red_weight * p + other_weight * q))


def uncovered(
    r: V, g: V, b: V, a: V, plate_r: V, plate_g: V, plate_b: V, own: V, sign: V, red_weight: V, other_weight: V
) -> V:
    """How much of a pixel is screen; none of it where the plate isn't."""
    full = stands_out(plate_r, plate_g, plate_b, own, sign, red_weight, other_weight)
    here = stands_out(r, g, b, own, sign, red_weight, other_weight)
    there = full > 0.0001
    share = here / select(there, full * maximum(a, 0.0001), 1.0)
    return clamp(select(there, share, 0.0), 0.0, 1.0)


def levels(alpha: V, clip_black: V, clip_white: V) -> V:
    return clamp((alpha - clip_black) / maximum(clip_white - clip_black, 0.0001), 0.0, 1.0)


def _result(
    image_r: V,
    image_g: V,
    image_b: V,
    image_a: V,
    plate_r: V,
    plate_g: V,
    plate_b: V,
    *,
    own: V = Prepared(),
    sign: V = Prepared(),
    known: V = Prepared(),
    red_weight: V = _RED,
    other_weight: V = _OTHER,
    clip_black: V = _BLACK,
    clip_white: V = _WHITE,
) -> RGBA:
    """The picture less the screen in it, premultiplied."""
    share = known * uncovered(
        image_r, image_g, image_b, image_a, plate_r, plate_g, plate_b, own, sign, red_weight, other_weight
    )
    alpha = levels(1.0 - share, clip_black, clip_white)
    screen = share * image_a
    held = minimum(alpha / maximum(1.0 - share, 0.000001), 1.0)
    return (
        maximum(image_r - screen * plate_r, minimum(image_r, 0.0)) * held,
        maximum(image_g - screen * plate_g, minimum(image_g, 0.0)) * held,
        maximum(image_b - screen * plate_b, minimum(image_b, 0.0)) * held,
        alpha * image_a,
    )


def _matte(
    image_r: V,
    image_g: V,
    image_b: V,
    image_a: V,
    plate_r: V,
    plate_g: V,
    plate_b: V,
    *,
    own: V = Prepared(),
    sign: V = Prepared(),
    known: V = Prepared(),
    red_weight: V = _RED,
    other_weight: V = _OTHER,
    clip_black: V = _BLACK,
    clip_white: V = _WHITE,
) -> RGBA:
    share = known * uncovered(
        image_r, image_g, image_b, image_a, plate_r, plate_g, plate_b, own, sign, red_weight, other_weight
    )
    alpha = levels(1.0 - share, clip_black, clip_white) * image_a
    return alpha, alpha, alpha, alpha


_key = pixel(
    "nodegraph.keying.image_based.key",
    inputs=(Port("image"), Port("plate")),
    main="image",
    cases={"result": _result, "matte": _matte},
    by="view",
    params={"screen": FindScreen.screen, "colour": _COLOUR},
    prepare=_prepare,
    analysis=_FIND,
    maskable=False,
)(_result)


class ImageBased(Compound):
    """Key against the screen as this very picture shows it, folds, shadows, noise and all.

    It suits screens that are lit badly. Look at the view *plate* first: it should be the screen as it is where it is
    seen, and a likely one behind the subject. If parts of the subject are in it, lower `tolerance` or raise `erode`;
    if the screen's darkest parts aren't, raise `tolerance`. A clean plate on `plate` takes its place. Then the
    weights: skin and yellow that turn transparent want more red, cyan and blue more of the third channel, and what
    stays grey in the backing wants less.

    The plate: the screen's colour K and its light L over the picture are found (or picked). With e(C) = s - max(p, q),
    s being the screen's channel, a pixel is surely screen where e(C) / (e(K) L) is at least that of the screen's
    weakest parts less `tolerance`, and so is most of what lies around it (a Gaussian of `erode` px). Sure pixels are
    kept, each with its own noise; the others are filled from them by push-pull over ever coarser grids, as
    patches that shrink in other image-based keyers do.

    The key: with the weights w and v, f(C) = s - (w p + v q), p being red (green for a red screen) and q the third:

        alpha = 1 - clamp(f(C) / f(plate)),    foreground = C - (1 - alpha) plate

    A screen of two channels (yellow, cyan, magenta) is measured by the one it lacks, with the sign turned. The result
    is premultiplied. An alpha that comes in holds the result out; a picture without a screen stays whole.

    Sources: the image-based keyer as compositors know it (Foundry, Nuke Reference Guide, "IBKColour" and "IBKGizmo");
    P. Vlahos, US 4,100,569; S. Gortler et al., "The Lumigraph", SIGGRAPH 1996 (push-pull).
    """

    id = "nodegraph.keying.image_based"
    label = "image based key"
    analysis = _FIND

    plate = In(optional=True, help="A clean plate, instead of the one grown from the picture.")
    view = Choice("result", _VIEWS, help="plate is the screen that is keyed against.")
    screen = FindScreen.screen
    look = FindScreen.look
    look_at = FindScreen.look_at
    colour = _COLOUR
    tolerance = _TOLERANCE
    erode = Float(2, 0, 100, unit="px", soft=(0, 10), help="How far from the subject's edge screen is believed.")
    soften = Float(0, 0, 100, unit="px", soft=(0, 20), help="Blurs the plate; the screen's own noise then stays in.")
    red_weight = _RED
    other_weight = _OTHER
    clip_black = _BLACK
    clip_white = _WHITE

    def compose(self, q: Query, parts: Parts) -> Part:
        image = parts.inputs["image"]
        if not {"R", "G", "B"} <= set(q.inputs["image"].channels):
            raise CookError("needs a colour picture", where=q.path, hint="connect one with R, G and B")
        if not q.inputs["image"].premultiplied:
            image = parts.use("premultiplied", _PREMULTIPLY, {"image": image})
        plate = parts.inputs.get("plate")
        if plate is None:
            sure = parts.use("sure", _SURE, {"image": image}, parts.found, **q.given(_SURE))
            sure = parts.use("matte", _REMOVE, {"image": sure}, operation="keep", channels="alpha")
            sure = parts.use("soft", _BLUR, {"image": sure}, size=q.p.erode, channels="all")
            plate = parts.use("plate", _PLATE, {"image": image, "sure": sure})
        plate = parts.use("softened", _BLUR, {"image": plate}, size=q.p.soften, channels="rgb")
        if q.p.view == "plate":
            return parts.use("shown", _SHOWN, {"image": plate})
        return parts.use("key", _KEY, {"image": image, "plate": plate}, parts.found, **q.given(_KEY))


@pixel("nodegraph.keying.image_based.shown", maskable=False)
def _shown(r: V, g: V, b: V) -> RGBA:
    """The plate, opaque."""
    return r, g, b, 1.0


_REMOVE, _PREMULTIPLY, _BLUR = Remove(), Premultiply(), HeldBlur()
_SURE, _PLATE, _KEY, _SHOWN = _sure, _Plate(), _key, _shown
