"""The colour-difference keyer, made of a few parts:

    image ─┬─> chroma softened ─┬─> survey ──grid──┐
           │                    └────────────────> matte ─> levels ─> choke ─> edge blur ─┐
           └────────────────────────────────────────────────────────────────────────> finish ─> out

Only the matte is a picture of its own: levels fuse with what reads them, and finish with what comes after.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.errors import CookError
from nodegraph.graph.schema import Port
from nodegraph.kernels.shade import RGB, RGBA, Alpha, V, clamp, luma, maximum, minimum, mix, select
from nodegraph.node import Choice, Colour, Compound, Float, FrameNode, In, Int, Out, Part, Parts, Prepared, Query, pixel

from ..merge.unpremultiply import Unpremultiply
from .held import HeldBlur, HeldDilateErode
from .screen import LOOK, LOOK_AT, SCREEN, FindScreen, Screen, find_screen

if TYPE_CHECKING:
    from nodegraph.kernels.adaptive_key import Grid
    from nodegraph.kernels.adaptive_key import Screen as Surveyed
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, FrameSpec, Window

__all__ = ["Chroma", "FindScreen", "Screen", "find_screen"]

_FIND = FindScreen()
_COLOURS: dict[str, Any] = {
    "colour": Colour((0.1, 0.5, 0.1), help="The screen's colour, for pick (scene-linear)."),
    "colour_2": Colour((0.1, 0.5, 0.1), label="colour 2", help="A second sample of it."),
    "colour_3": Colour((0.1, 0.5, 0.1), label="colour 3", help="A third sample of it."),
    "samples": Int(1, 1, 3, help="How many of the colours are used; the screen is their mean."),
}
_VIEWS = ("result", "source", "matte", "status", "unpremultiplied", "confidence")
_REPLACE = ("source", "none", "soft colour", "background")
#: How much darker than the picked colour a picked screen may be, before it is no longer looked at as screen.
_PICKED_WEAKEST = 0.4


def known_screen(q: Query, found: Any) -> Screen:
    """What the analysis found, or the mean of the colours that were picked."""
    if found is not None:
        screen: Screen = found
        return screen
    picked = np.mean([q.p.colour[:3], q.p.colour_2[:3], q.p.colour_3[:3]][: int(q.p.samples)], axis=0)
    r, g, b = (float(v) for v in picked)
    return Screen((r, g, b), _PICKED_WEAKEST)


# --- the matte ------------------------------------------------------------------------------


@pixel("nodegraph.keying.chroma.softened", inputs=("image", "soft"), maskable=False)
def _softened(image_r: V, image_g: V, image_b: V, soft_r: V, soft_g: V, soft_b: V) -> RGB:
    """The luminance of one picture in the colours of another."""
    light = luma(image_r, image_g, image_b) - luma(soft_r, soft_g, soft_b)
    return soft_r + light, soft_g + light, soft_b + light


class _Survey(FrameNode):
    """The grid of the adaptive keyer: it looks at the whole picture."""

    id = "nodegraph.keying.chroma.survey"
    image = In()
    grid = Out("Number")
    screen = SCREEN
    colour = _COLOURS["colour"]
    colour_2 = _COLOURS["colour_2"]
    colour_3 = _COLOURS["colour_3"]
    samples = _COLOURS["samples"]
    bias = Colour((1, 1, 1), 0.01)
    fill = Float(1, 0, 1)

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Grid:
        from nodegraph.kernels.adaptive_key import survey

        frame: Frame = inputs["image"]
        screen = _placed(known_screen(q, inputs.get("@found")), frame.spec)
        return survey(_rgb(frame, q), screen, q.p.bias[:3], q.p.fill, pool)


class _Adaptive(FrameNode):
    """The matte of the adaptive keyer, or how sure it is of it, as a grey picture."""

    id = "nodegraph.keying.chroma.adaptive"
    image = In()
    grid = In("Number")
    makes = Choice("matte", ("matte", "confidence"))

    def describe(self, q: Query) -> FrameSpec:
        channels = ("A",) if q.p.makes == "matte" else ("R", "G", "B", "A")
        return q.inputs["image"].with_(channels=channels, colour_space="raw", premultiplied=False)

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return region

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.adaptive_key import key
        from nodegraph.values import Frame

        spec = self.describe(q).with_(data_window=region)
        whole = q.inputs["image"].data_window
        corner = region.x0 - whole.x0, region.y0 - whole.y0
        if q.p.makes == "matte":
            out = np.empty(spec.shape, np.float32)
            key(_rgb(inputs["image"].crop(region), q), inputs["grid"], corner, out, pool)
            return Frame(spec, out)
        both = np.empty((2, *spec.shape[1:]), np.float32)
        key(_rgb(inputs["image"].crop(region), q), inputs["grid"], corner, both, pool)
        return Frame(spec, np.stack([both[1]] * 3 + [np.ones_like(both[1])]))


def _rgb(frame: Frame, q: Query) -> np.ndarray[Any, np.dtype[np.float32]]:
    names = frame.spec.channels
    if not {"R", "G", "B"} <= set(names):
        raise CookError("needs a colour picture", where=q.path, hint="connect one with R, G and B")
    first = names.index("R")
    if names[first : first + 3] == ("R", "G", "B"):
        return frame.pixels[first : first + 3]
    return np.stack([frame.channel(c) for c in "RGB"])


def _placed(screen: Screen, spec: FrameSpec) -> Surveyed:
    from nodegraph.kernels.adaptive_key import Screen as Surveyed

    data, display = spec.data_window, spec.display_window
    step = 2 / max(1, display.width), -2 / max(1, display.height)
    u = (data.x0 + 0.5) * step[0] - 1
    v = (display.y1 - data.y0 - 0.5) * -step[1] - 1
    weakest = max(0.2, 0.95 * screen.weakest) if screen.found else 2.0
    return Surveyed(screen.colour, screen.light, (u, v, *step), weakest)


def _prepare_difference(q: Query, found: Any) -> Mapping[str, Any]:
    from nodegraph.kernels.adaptive_key import difference, kind_of

    screen = known_screen(q, found)
    kind = kind_of(screen.colour)
    biased = [c / max(k, 0.01) for c, k in zip(screen.colour, q.p.bias[:3], strict=True)]
    others = [v for c, v in enumerate(biased) if c != kind % 3]
    top = biased[kind] if kind < 3 else None
    high, low = max(others), min(others)
    full = top - (high * q.p.balance + low * (1 - q.p.balance)) if top is not None else difference(biased, kind)
    return {
        "kind": float(kind),
        "full": max(full, 1e-6),
        "weakest": max(screen.weakest, 0.2) if found is not None else 1.0,
        "light": screen.light,
    }


@pixel(
    "nodegraph.keying.chroma.difference",
    params={"screen": SCREEN, "look": LOOK, "look_at": LOOK_AT, **_COLOURS},
    prepare=_prepare_difference,
    analysis=_FIND,
    maskable=False,
)
def _difference(
    r: V,
    g: V,
    b: V,
    x: V,
    y: V,
    width: V,
    height: V,
    *,
    kind: V = Prepared(),
    full: V = Prepared(),
    weakest: V = Prepared(),
    light: V = Prepared(6),
    bias: V = Colour((1, 1, 1), 0.01),
    balance: V = Float(1, 0, 1),
) -> Alpha:
    """One less the pixel's colour difference as a share of the screen's."""
    r, g, b = r / bias[0], g / bias[1], b / bias[2]
    channel = select(kind > 2.5, kind - 3.0, kind)
    p = select(channel < 0.5, r, select(channel < 1.5, g, b))
    first = select(channel < 0.5, g, r)
    second = select(channel < 1.5, b, g)
    high, low = maximum(first, second), minimum(first, second)
    lit = screen_light(light, x, y, width, height)
    stands_out = select(kind > 2.5, low - p, p - mix(low, high, balance))
    return 1.0 - clamp(stands_out / (full * lit * weakest), 0.0, 1.0)


def screen_light(light: V, x: V, y: V, width: V, height: V) -> V:
    """How bright the screen is at a pixel, as a share of its colour."""
    u = 2.0 * x / width - 1.0
    v = 2.0 * y / height - 1.0
    return clamp(
        light[0] + light[1] * u + light[2] * v + light[3] * u * u + light[4] * u * v + light[5] * v * v, 0.2, 3.0
    )


@pixel("nodegraph.keying.chroma.levels", maskable=False)
def _levels(
    a: V,
    *,
    gain: V = Float(1, 0, 4),
    clip_black: V = Float(0.02, 0, 1),
    clip_white: V = Float(0.98, 0, 1),
    roll_off: V = Float(1, 0, 1),
) -> Alpha:
    """Black and white point of a matte.

    Hard, values between them are stretched. With roll-off only what is near them changes: from the black point b on
    a cubic leads to the untouched value at 3b, with its slope; likewise at the other end.
    """
    a = clamp(1.0 - (1.0 - a) * gain, 0.0, 1.0)
    hard = clamp((a - clip_black) / maximum(clip_white - clip_black, 0.0001), 0.0, 1.0)
    soft = 1.0 - _toe(1.0 - _toe(a, clip_black), 1.0 - clip_white)
    return mix(hard, soft, roll_off)


def _toe(a: V, k: V) -> V:
    u = clamp((a - k) / maximum(2.0 * k, 0.0001), 0.0, 1.0)
    return select(a < 3.0 * k, k * u * u * (7.0 - 4.0 * u), a)


@pixel("nodegraph.keying.chroma.plain_confidence", maskable=False)
def _plain_confidence(a: V) -> RGBA:
    """How sure plain colour difference is: of what is half covered not at all."""
    sure = select(a > 0.5, 2.0 * a - 1.0, 1.0 - 2.0 * a)
    return sure, sure, sure, 1.0


# --- the picture ----------------------------------------------------------------------------


def _prepare_finish(q: Query, found: Any) -> Mapping[str, Any]:
    from nodegraph.kernels.adaptive_key import kind_of

    screen = known_screen(q, found)
    return {
        "screen_colour": screen.colour,
        "kind": float(kind_of(screen.colour)),
        "light": screen.light,
        "spills": float(screen.found),
        "fills": tuple(float(q.p.replace == word) for word in ("source", "soft colour", "background")),
    }


def _alpha(edge: V, inside: V, outside: V, alpha: V) -> V:
    return clamp(maximum(edge, inside) * (1.0 - outside), 0.0, 1.0) * alpha


def _foreground(
    image_r: V,
    image_g: V,
    image_b: V,
    image_a: V,
    raw_a: V,
    edge_a: V,
    inside_a: V,
    outside_a: V,
    background_r: V,
    background_g: V,
    background_b: V,
    x: V,
    y: V,
    width: V,
    height: V,
    *,
    screen_colour: V = Prepared(3),
    kind: V = Prepared(),
    light: V = Prepared(6),
    spills: V = Prepared(),
    fills: V = Prepared(3),
    replace_colour: V = Colour((0.18, 0.18, 0.18)),
    despill: V = Float(1, 0, 1),
    spill_balance: V = Float(0.5, 0, 1),
    keep_luminance: V = Float(0, 0, 1),
) -> RGBA:
    """The subject, multiplied by the matte."""
    alpha = _alpha(edge_a, inside_a, outside_a, image_a)
    light_here = screen_light(light, x, y, width, height)
    lit = (1.0 - raw_a) * image_a * light_here
    held = minimum(alpha / maximum(raw_a * image_a, 0.0001), 1.0)
    r = maximum(image_r - lit * screen_colour[0], 0.0) * held
    g = maximum(image_g - lit * screen_colour[1], 0.0) * held
    b = maximum(image_b - lit * screen_colour[2], 0.0) * held
    # what the matte has more than the screen left is filled in; with what was taken away, it is the source again
    filled = maximum(alpha - raw_a * image_a, 0.0)
    again = fills[0] * light_here
    grey = luma(image_r, image_g, image_b) / maximum(
        luma(replace_colour[0], replace_colour[1], replace_colour[2]), 0.0001
    )
    r = r + filled * (again * screen_colour[0] + fills[1] * grey * replace_colour[0] + fills[2] * background_r)
    g = g + filled * (again * screen_colour[1] + fills[1] * grey * replace_colour[1] + fills[2] * background_g)
    b = b + filled * (again * screen_colour[2] + fills[1] * grey * replace_colour[2] + fills[2] * background_b)
    # spill: what the screen's channels have more than the others
    channel = select(kind > 2.5, kind - 3.0, kind)
    p = select(channel < 0.5, r, select(channel < 1.5, g, b))
    first = select(channel < 0.5, g, r)
    second = select(channel < 1.5, b, g)
    high, low = maximum(first, second), minimum(first, second)
    spill = maximum(select(kind > 2.5, low - p, p - mix(low, high, spill_balance)), 0.0) * despill * spills
    on_one = select(kind > 2.5, 0.0, spill)
    on_both = select(kind > 2.5, spill, 0.0)
    less_r = select(channel < 0.5, on_one, on_both)
    less_g = select((channel > 0.5) & (channel < 1.5), on_one, on_both)
    less_b = select(channel > 1.5, on_one, on_both)
    kept = luma(less_r, less_g, less_b) * keep_luminance
    there = alpha > 0.0
    return (
        select(there, r - less_r + kept, 0.0),
        select(there, g - less_g + kept, 0.0),
        select(there, b - less_b + kept, 0.0),
        alpha,
    )


def _matte_view(image_a: V, edge_a: V, inside_a: V, outside_a: V) -> RGBA:
    alpha = _alpha(edge_a, inside_a, outside_a, image_a)
    return alpha, alpha, alpha, alpha


def _status_view(image_a: V, raw_a: V, edge_a: V, inside_a: V, outside_a: V) -> RGBA:
    """Black is screen, white is solid, grey lies between; green was filled in, red was taken away."""
    alpha = _alpha(edge_a, inside_a, outside_a, image_a)
    base = select(alpha <= 0.0, 0.0, select(alpha >= 1.0, 1.0, 0.5))
    raw = raw_a * image_a
    filled = select(alpha > raw + 0.02, 0.35, 0.0)
    eaten = select(alpha < raw - 0.02, 0.35, 0.0)
    return base * (1.0 - filled) + eaten, base * (1.0 - eaten), base * (1.0 - filled) * (1.0 - eaten), 1.0


_finish = pixel(
    "nodegraph.keying.chroma.finish",
    inputs=(
        Port("image"), Port("raw"), Port("edge"), Port("inside", "Matte", True), Port("outside", "Matte", True),
        Port("background", "Frame", True),
    ),
    cases={
        "result": _foreground, "matte": _matte_view, "status": _status_view,
    },
    by="view",
    params={"screen": SCREEN, "look": LOOK, "look_at": LOOK_AT, **_COLOURS, "replace": Choice("source", _REPLACE)},
    prepare=_prepare_finish,
    analysis=_FIND,
    maskable=False,
)(_foreground)  # fmt: skip


class Chroma(Compound):
    """Key a green, blue or other screen: matte, screen subtraction and despill in one.

    It finds the screen by itself. If the key isn't good at once, in this order: look at the *status* and *matte*
    views; raise `clip_black` until the backing is black and lower `clip_white` until the subject is white; hold what
    is missing inside with a matte on `inside`, throw away what isn't screen with one on `outside`; soften noisy
    colour with `pre_blur`; only then choke and blur the edge.

    The *adaptive* method solves every pixel as a mixture of the screen near it and of the subject's hue near it,
    C = p f + q S, alpha = 1 - q; where a pixel is no such mixture, and everywhere with the *difference* method, alpha
    is 1 less the colour difference (P. Vlahos, US 4,100,569; S. Wright, *Digital Compositing for Film and Video*):
    how much more of the screen's channel a pixel has than of the others, as a share of how much the screen has. A
    screen of two channels (yellow, cyan, magenta) is measured by the third, which it lacks.

    The foreground is C - (1 - alpha) S, so hair and motion blur keep their own colour. It comes premultiplied, with
    the matte as its alpha. An alpha that comes in holds the result out. A picture without a screen stays whole. Pixels
    that aren't numbers are solid, but in the midst of the screen they go.
    """

    id = "nodegraph.keying.chroma"
    version = 2
    label = "chroma key"
    analysis = _FIND

    inside = In("Matte", optional=True, help="What is solid whatever its colour (holdout).")
    outside = In("Matte", optional=True, help="What is thrown away (garbage).")
    background = In(optional=True, help="For replace.")
    view = Choice(
        "result",
        _VIEWS,
        help="result is premultiplied; status shows screen black, solid white, edges grey, filled green, eaten red.",
    )
    screen = SCREEN
    colour = _COLOURS["colour"]
    method = Choice(
        "adaptive",
        ("adaptive", "difference"),
        help="adaptive knows the subject's colour beside each edge; difference is the classical formula.",
    )
    gain = Float(1, 0, 4, soft=(0.5, 2), help="Above 1 removes more of the screen.")
    clip_black = Float(0.02, 0, 1, soft=(0, 0.3), help="Matte values up to here become 0: cleans the backing.")
    clip_white = Float(0.98, 0, 1, soft=(0.5, 1), help="Matte values from here become 1: fills holes in the subject.")
    roll_off = Float(1, 0, 1, help="How far values between the clips stay as they are, instead of being stretched.")
    fill = Float(1, 0, 1, help="For adaptive: how far spill well inside the subject is kept from looking transparent.")
    pre_blur = Float(0, 0, 50, unit="px", soft=(0, 5), help="Blurs the colour that is keyed, not its brightness.")
    bias = Colour((1, 1, 1), 0.01, soft=(0.5, 1.5), help="What counts as grey: pick a skin tone to keep skin.")
    balance = Float(
        1,
        0,
        1,
        help="For difference: against which other colour the screen is measured, 1 the stronger, 0 the weaker.",
    )
    choke = Float(0, -100, 100, unit="px", soft=(-5, 5), help="Above 0 shrinks the matte, below 0 grows it.")
    edge_blur = Float(0, 0, 100, unit="px", soft=(0, 10), help="Blurs the matte.")
    despill = Float(1, 0, 1, help="How far the screen's colour is taken out of the foreground.")
    spill_balance = Float(
        0.5, 0, 1, help="Spill is limited to the weaker (0) or stronger (1) of the other two colours."
    )
    keep_luminance = Float(0, 0, 1, help="How much of the spill's brightness is given back, as grey.")
    replace = Choice(
        "source",
        _REPLACE,
        help="What fills the matte where it was raised: the picture, nothing, a colour as bright as it, or background.",
    )
    replace_colour = Colour((0.18, 0.18, 0.18), help="For soft colour.")
    look = LOOK
    look_at = LOOK_AT
    samples = _COLOURS["samples"]
    colour_2 = _COLOURS["colour_2"]
    colour_3 = _COLOURS["colour_3"]

    def identity(self, q: Query) -> str | None:
        return "image" if q.p.view == "source" else None

    def compose(self, q: Query, parts: Parts) -> Part:
        if q.p.view == "confidence":
            return self.confidence(q, parts)
        raw, edge = self.mattes(q, parts)
        edge = parts.use("choke", _CHOKE, {"image": edge}, size=-q.p.choke, channels="alpha")
        edge = parts.use("edge blur", _BLUR, {"image": edge}, size=q.p.edge_blur, channels="alpha")
        wires = {port: parts.inputs.get(port) for port in ("image", "inside", "outside", "background")}
        view = q.p.view if q.p.view in ("matte", "status") else "result"
        values = {**q.given(_finish), "view": view}
        made = parts.use("finish", _finish, {"raw": raw, "edge": edge, **wires}, parts.found, **values)
        return parts.use("unpremultiply", _UNPREMULTIPLY, {"image": made}) if q.p.view == "unpremultiplied" else made

    def mattes(self, q: Query, parts: Parts) -> tuple[Part, Part]:
        """The keyer's own matte, by which the screen is subtracted, and that of the result before its edge is treated."""
        keyed = self._keyed(q, parts)
        if q.p.method == "adaptive":
            grid = parts.use("survey", _SURVEY, {"image": keyed}, parts.found, **q.given(_SURVEY))
            raw = parts.use("matte", _ADAPTIVE, {"image": keyed, "grid": grid})
        else:
            raw = parts.use("matte", _difference, {"image": keyed}, parts.found, **q.given(_difference))
        return raw, parts.use("levels", _levels, {"image": raw}, **q.given(_levels))

    def confidence(self, q: Query, parts: Parts) -> Part:
        """How sure the matte is, as a grey picture."""
        keyed = self._keyed(q, parts)
        if q.p.method == "adaptive":
            grid = parts.use("survey", _SURVEY, {"image": keyed}, parts.found, **q.given(_SURVEY))
            return parts.use("confidence", _ADAPTIVE, {"image": keyed, "grid": grid}, makes="confidence")
        raw = parts.use("matte", _difference, {"image": keyed}, parts.found, **q.given(_difference))
        return parts.use("confidence", _plain_confidence, {"image": raw})

    def _keyed(self, q: Query, parts: Parts) -> Part:
        """The picture that is keyed: its colour softened, its brightness not."""
        image = parts.inputs["image"]
        if q.p.pre_blur == 0:
            return image
        soft = parts.use("pre blur", _BLUR, {"image": image}, size=q.p.pre_blur, channels="rgb")
        return parts.use("softened", _softened, {"image": image, "soft": soft})


_BLUR, _CHOKE, _UNPREMULTIPLY = HeldBlur(), HeldDilateErode(), Unpremultiply()
_SURVEY, _ADAPTIVE = _Survey(), _Adaptive()
