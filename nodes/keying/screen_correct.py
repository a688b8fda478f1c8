"""Flattening a screen that isn't lit evenly, made of a few parts:

    image ─┬─> fit ──> field ──┐             without a clean plate
           └───────────────────┴─> correct ─> out
    plate ─┬─> fit ────────────┐             with one
           └─> soft ──> local ─┴─> correct

All but the fit (once) and the softened plate (once, for a still) are pixels, and fuse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nodegraph.kernels.shade import RGB, RGBA, V, clamp, exp2, lookup3, maximum, minimum, mix, select, smoothstep
from nodegraph.node import Choice, Colour, Compound, Float, In, Part, Parts, Pixel, Prepared, Query, Table, pixel

from ..filter.blur import Blur
from .screen_field import TINTED, FitField

if TYPE_CHECKING:
    from nodegraph.values import FrameSpec

__all__ = ["ScreenCorrect"]

_FIT = FitField()
_TARGETS = ("median", "brightest", "picked")
_VIEWS = ("result", "field", "screen mask")
_DARK = 0.000001


# --- the screen's colour at a pixel ---------------------------------------------------------
# As RGB; alpha is how sure it is that there is a screen.


def across(x: V, width: V, centre: V, scale: V) -> V:
    """Where a pixel lies in the part of the picture that the field was fitted to, -1..1 and a little beyond."""
    return clamp((2.0 * x / width - 1.0 - centre) * scale, -1.1, 1.1)


def smooth(k: V, u: V, v: V) -> V:
    """A polynomial of degree 4; what depends on v alone is worked out once a row."""
    c0 = k[0] + v * (k[1] + v * (k[2] + v * (k[3] + v * k[4])))
    c1 = k[5] + v * (k[6] + v * (k[7] + v * k[8]))
    c2 = k[9] + v * (k[10] + v * k[11])
    return c0 + u * (c1 + u * (c2 + u * (k[12] + v * k[13] + u * k[14])))


def _prepare_field(q: Query, found: Any) -> Mapping[str, Any]:
    return {
        "known": float(found.found),
        "place": found.place,
        "bounds": tuple(found.bounds.ravel().tolist()),
        "red": tuple(found.light[0].tolist()),
        "green": tuple(found.light[1].tolist()),
        "blue": tuple(found.light[2].tolist()),
        "rest": found.rest,
    }


def _smooth_field(
    x: V,
    y: V,
    width: V,
    height: V,
    *,
    known: V = Prepared(),
    place: V = Prepared(4),
    bounds: V = Prepared(6),
    red: V = Prepared(15),
    green: V = Prepared(15),
    blue: V = Prepared(15),
) -> RGBA:
    """The polynomial."""
    u, v = across(x, width, place[0], place[1]), across(y, height, place[2], place[3])
    return (
        exp2(clamp(smooth(red, u, v), bounds[0], bounds[3])) * known,
        exp2(clamp(smooth(green, u, v), bounds[1], bounds[4])) * known,
        exp2(clamp(smooth(blue, u, v), bounds[2], bounds[5])) * known,
        known,
    )


def _gridded_field(
    x: V,
    y: V,
    width: V,
    height: V,
    *,
    known: V = Prepared(),
    place: V = Prepared(4),
    bounds: V = Prepared(6),
    red: V = Prepared(15),
    green: V = Prepared(15),
    blue: V = Prepared(15),
    rest: Table = Prepared(0),
) -> RGBA:
    """The polynomial, and what it misses."""
    u, v = across(x, width, place[0], place[1]), across(y, height, place[2], place[3])
    none = 0.0 * (u + v)  # a table is read with arrays of one shape
    more_r, more_g, more_b = lookup3(rest, none, 0.5 * v + 0.5 + none, 0.5 * u + 0.5 + none)
    return (
        exp2(clamp(smooth(red, u, v), bounds[0], bounds[3]) + more_r) * known,
        exp2(clamp(smooth(green, u, v), bounds[1], bounds[4]) + more_g) * known,
        exp2(clamp(smooth(blue, u, v), bounds[2], bounds[5]) + more_b) * known,
        known,
    )


_FIELD = pixel(
    "nodegraph.keying.screen_correct.field",
    cases={"smooth": _smooth_field, "grid": _gridded_field},
    by="of",
    prepare=_prepare_field,
    analysis=_FIT,
    maskable=False,
)(_smooth_field)


@pixel("nodegraph.keying.screen_correct.opaque", maskable=False)
def _opaque(r: V, g: V, b: V, a: V) -> RGBA:
    """The picture with an alpha channel, so that a blur knows where it ends."""
    return r, g, b, a


def _prepare_plate(q: Query, found: Any) -> Mapping[str, Any]:
    return {"kind": found.kind, "known": float(found.found), "median": found.median}


def tinted(c: V, expected: V) -> V:
    """A channel of the plate, within what lamps may make of the screen's hue: a weak one may be noise alone."""
    return clamp(c, expected / TINTED, expected * TINTED)


@pixel("nodegraph.keying.screen_correct.plate", prepare=_prepare_plate, analysis=_FIT, maskable=False)
def _plate(
    r: V,
    g: V,
    b: V,
    a: V,
    *,
    kind: V = Prepared(),
    known: V = Prepared(),
    median: V = Prepared(3),
) -> RGBA:
    """The clean plate's own colour; where it stands out by less than a tenth of its median it isn't screen."""
    there = maximum(a, _DARK)
    full = maximum(stands_out(median[0], median[1], median[2], kind), _DARK)
    sure = clamp(stands_out(r, g, b, kind) / (there * full) * 12.0 - 1.0, 0.0, 1.0)
    light = (r + g + b) / (there * maximum(median[0] + median[1] + median[2], _DARK))
    return (
        tinted(r / there, median[0] * light),
        tinted(g / there, median[1] * light),
        tinted(b / there, median[2] * light),
        sure * known,
    )


# --- what becomes of a pixel ----------------------------------------------------------------


def stands_out(r: V, g: V, b: V, kind: V) -> V:
    """How much a colour stands out in a screen's way: one channel above the others (kind 0, 1, 2), or below (3, 4, 5)."""
    channel = select(kind > 2.5, kind - 3.0, kind)
    p = select(channel < 0.5, r, select(channel < 1.5, g, b))
    first = select(channel < 0.5, g, r)
    second = select(channel < 1.5, b, g)
    return select(kind > 2.5, minimum(first, second) - p, p - maximum(first, second))


def held(local: V, target: V, limit: V) -> V:
    """The screen's colour, no farther from the target than the limit, a factor."""
    local, target = maximum(local, _DARK), maximum(target, _DARK)
    return clamp(local, target / limit, target * limit)


def relit(c: V, local: V, target: V, share: V, wholly: V, amount: V) -> V:
    """C (1 + k w) + k (1 - w) min(s S, C), k = T / S - 1: what is screen in it is moved, the rest stays."""
    k = (maximum(target, _DARK) / local - 1.0) * amount
    return c * (1.0 + k * wholly) + k * (1.0 - wholly) * minimum(share * local, maximum(c, 0.0))


def share_of(r: V, g: V, b: V, local_r: V, local_g: V, local_b: V, kind: V) -> V:
    """How much of the screen is in a pixel; above 1 where it is brighter."""
    full = maximum(stands_out(local_r, local_g, local_b, kind), _DARK)
    return clamp(stands_out(r, g, b, kind) / full, 0.0, 2.0)


def _result(
    image_r: V,
    image_g: V,
    image_b: V,
    local_r: V,
    local_g: V,
    local_b: V,
    local_a: V,
    *,
    kind: V = Prepared(),
    goal: V = Prepared(3),
    factor: V = Prepared(),
    amount: V = Float(1, 0, 1),
    subject: V = Float(0, 0, 1),
) -> RGB:
    """The picture, with what is screen in it lit as the target is."""
    share = share_of(image_r, image_g, image_b, local_r, local_g, local_b, kind)
    light = maximum(image_r + image_g + image_b, _DARK)
    pure = share * (local_r + local_g + local_b) / light  # how much of the pixel's light that explains
    wholly = mix(smoothstep(0.75, 0.95, share) * smoothstep(0.6, 0.85, pure), 1.0, subject)
    much = amount * local_a
    return (
        relit(image_r, held(local_r, goal[0], factor), goal[0], share, wholly, much),
        relit(image_g, held(local_g, goal[1], factor), goal[1], share, wholly, much),
        relit(image_b, held(local_b, goal[2], factor), goal[2], share, wholly, much),
    )


def _mask(
    image_r: V,
    image_g: V,
    image_b: V,
    local_r: V,
    local_g: V,
    local_b: V,
    local_a: V,
    *,
    kind: V = Prepared(),
) -> RGBA:
    """How much of a pixel is screen."""
    share = minimum(share_of(image_r, image_g, image_b, local_r, local_g, local_b, kind), 1.0) * local_a
    return share, share, share, share


class _Correct(Pixel):
    """The picture corrected, or what is taken for screen, over the picture's own window, whatever the plate's."""

    id = "nodegraph.keying.screen_correct.correct"
    maskable = False
    analysis = _FIT
    image = In()
    local = In()
    view = Choice("result", ("result", "screen mask"))
    target = Choice("median", _TARGETS)
    target_colour = Colour((0.1, 0.5, 0.1))
    limit = Float(3, 0, 10)
    amount = Float(1, 0, 1)
    subject = Float(0, 0, 1)

    def function(self, q: Query) -> Callable[..., Any]:
        return _mask if q.p.view == "screen mask" else _result

    def prepare(self, q: Query, found: Any = None) -> Mapping[str, Any]:
        target = found.brightest if q.p.target == "brightest" else found.median
        if q.p.target == "picked" and found.found:
            target = tuple(q.p.target_colour[:3])
        return {"kind": found.kind, "goal": target, "factor": 2.0 ** float(q.p.limit)}

    def describe(self, q: Query) -> FrameSpec:
        spec = q.inputs["image"]
        adds = q.p.view == "screen mask" and "A" not in spec.channels
        return spec.with_(channels=(*spec.channels, "A")) if adds else spec


@pixel("nodegraph.keying.screen_correct.shown", maskable=False)
def _shown(r: V, g: V, b: V, a: V) -> RGBA:
    """The field, opaque."""
    return r, g, b, 1.0


class ScreenCorrect(Compound):
    """Flatten a screen that isn't lit evenly, before it is keyed.

    Put it between the plate and the keyer. It finds the screen and how its light falls off by itself; with a clean
    plate (the same set without the subject) on `plate` it takes that from there, folds and seams included. Look at
    the view *field*: it should be the screen as it would be without the subject. If a wide shadow or a fold stays,
    switch `grid` on; if the field swings where little is seen of the screen, lower `degree`. *screen mask* shows what
    is taken for screen.

    S is the screen's colour at a pixel, T the target, s = e(C) / e(S) how much of the pixel is screen, where e is the
    colour difference (P. Vlahos, US 4,100,569). What is wholly screen becomes C T / S, for each channel; of a mixed
    pixel, C = f + s S, only the screen's part moves: C + s (T - S). So hair keeps its colour, and what hasn't the
    screen's hue isn't touched at all, unless `subject` asks for it.

    Without a plate log2 S is a polynomial of x and y, fitted to pixels that have the screen's hue by least squares,
    iteratively reweighted so that outliers don't count (Tukey's biweight; P. Huber, E. Ronchetti, *Robust
    Statistics*). A picture without a screen stays as it is.
    """

    id = "nodegraph.keying.screen_correct"
    label = "screen correct"
    analysis = _FIT

    plate = In(optional=True, help="A clean plate: the same screen without the subject.")
    view = Choice("result", _VIEWS, help="field is the screen's colour all over; screen mask is how much is screen.")
    screen = FitField.screen
    look = FitField.look
    look_at = FitField.look_at
    colour = FitField.colour
    degree = FitField.degree
    grid = FitField.grid
    soften_plate = Float(2, 0, 100, unit="px", soft=(0, 10), label="soften plate", help="Blurs the plate's noise away.")
    target = Choice(
        "median",
        _TARGETS,
        help="What the screen becomes: its median colour, that of its brightest twentieth, or the colour below.",
    )
    target_colour = Colour((0.1, 0.5, 0.1), 0, label="target colour", help="For picked (scene-linear).")
    amount = Float(1, 0, 1, help="How far the screen is brought to the target.")
    subject = Float(0, 0, 1, help="How far what isn't screen is lit likewise; 0 leaves the subject's colours alone.")
    limit = Float(3, 0, 10, unit="stops", soft=(0, 5), help="No pixel is made brighter or darker by more than this.")

    def compose(self, q: Query, parts: Parts) -> Part:
        image, plate = parts.inputs["image"], parts.inputs.get("plate")
        own = q.p.asdict()

        def given(part: Any) -> dict[str, Any]:
            return {p.name: own[p.name] for p in part.schema.params if p.name in own}

        if plate is None:
            found = parts.found
            of = "grid" if q.p.grid else "smooth"
            local = parts.use("field", _FIELD, {"image": image}, found, of=of)
        else:
            found = parts.use("plate fit", _FIT, {"image": plate}, **{**given(_FIT), "grid": False})
            soft = plate
            if q.p.soften_plate > 0:
                opaque = parts.use("plate", _opaque, {"image": plate})
                soft = parts.use("soft plate", _BLUR, {"image": opaque}, size=q.p.soften_plate, channels="all")
            local = parts.use("local", _plate, {"image": soft}, found)
        if q.p.view == "field":
            return parts.use("shown", _shown, {"image": local})
        return parts.use("correct", _CORRECT, {"image": image, "local": local}, found, **given(_CORRECT))


_BLUR, _CORRECT = Blur(), _Correct()
