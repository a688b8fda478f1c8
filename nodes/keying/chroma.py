"""The colour-difference keyer.

The green-screen mathematics of Petro Vlahos (US 4,100,569) in the form compositors know from
Steve Wright, *Digital Compositing for Film and Video*: how much more of the screen's primary
a pixel has than of the others, as a share of how much the screen itself has, is how much
screen shows through. That share of the screen is then subtracted, so hair and motion blur
keep their own colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.kernels.shade import RGBA, V, clamp, maximum, minimum, mix, select
from nodegraph.node import Analysis, Choice, Colour, Float, Int, Prepared, Query, pixel

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, Window

_SCREEN = Choice(
    "auto",
    ("auto", "pick"),
    help="auto finds a green or blue screen by itself; pick uses the colour below.",
)
_LOOK = Choice(
    "once",
    ("once", "every frame"),
    help="When auto looks for the screen: once, so that the key doesn't flicker, or anew at every frame.",
)
_LOOK_AT = Int(1, label="look at", unit="frames", help="The frame at which it looks once.")
#: The picture is looked at through a grid of about this many pixels.
_SAMPLES = 20_000
#: The screen's light may fall to this, or rise to this, of its median.
_LIGHT = (0.2, 3.0)


class Screen(NamedTuple):
    """What is known of a screen. `light` is how bright it is over the picture, as a share of
    `colour`: c0 + c1 u + c2 v + c3 u^2 + c4 u v + c5 v^2, u and v from -1 to 1 across the
    display window, v upward. `weakest` is the share that its weakest parts still have of that.
    """

    colour: tuple[float, float, float]
    weakest: float = 1.0
    light: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class FindScreen(Analysis):
    """The screen's colour, and how its light falls off over the picture.

    Screen pixels are those whose green (or blue) stands out at least half as much as that of
    the picture's strongest part; the colour is their median, so what wears a little green
    doesn't move it. A quadratic surface is fitted to how much they stand out, twice more with
    the pixels near it, so that dark corners are known to be screen.
    """

    id = "nodegraph.keying.find_screen"
    screen = _SCREEN
    look = _LOOK
    look_at = _LOOK_AT

    def wanted(self, q: Query) -> bool:
        return bool(q.p.screen == "auto")

    def looks_at(self, q: Query) -> int | None:
        return int(q.p.look_at) if q.p.look == "once" else None

    def cook(self, q: Query, inputs: Mapping[str, Frame], region: Window, pool: Pool) -> Screen:
        frame = inputs["image"]
        if not {"R", "G", "B"} <= set(frame.spec.channels):
            raise CookError("needs a colour picture", where=q.path, hint="connect one with R, G and B")
        data, display = frame.spec.data_window, frame.spec.display_window
        stride = max(1, int((data.area / _SAMPLES) ** 0.5))
        rgb = np.stack([frame.channel(c)[::stride, ::stride] for c in "RGB"]).astype(np.float64)
        rows, columns = np.mgrid[data.y0 : data.y1 : stride, data.x0 : data.x1 : stride]
        place = np.stack([2 * (columns + 0.5) / display.width - 1, 2 * (display.y1 - rows - 0.5) / display.height - 1])
        known = np.isfinite(rgb).all(0)
        return find_screen(rgb[:, known], place[:, known])


Samples = NDArray[np.float64]


def find_screen(rgb: Samples, place: Samples) -> Screen:
    """The screen in pixels `(3, n)` at places `(2, n)`, -1..1; green or blue, whichever is more."""
    best: tuple[float, int] | None = None
    for primary in (1, 2):
        stands_out = _stands_out(rgb, primary)
        strongest = _strongest(stands_out)
        if strongest > 1e-4:
            weight = float((stands_out > 0.5 * strongest).mean()) * strongest
            best = max(best, (weight, primary)) if best else (weight, primary)
    if best is None:
        return Screen((0.0, 1.0, 0.0))
    stands_out = _stands_out(rgb, best[1])
    screen = stands_out > 0.5 * _strongest(stands_out)
    r, g, b = (float(v) for v in np.median(rgb[:, screen], 1))
    light, screen = _fall_off(stands_out / _stands_out(np.array([[r], [g], [b]]), best[1]), place, screen)
    share = (stands_out / _stands_out(np.array([[r], [g], [b]]), best[1]))[screen] / _surface(light, place[:, screen])
    return Screen((r, g, b), min(1.0, float(np.percentile(share, 2))), tuple(light.tolist()))


def _stands_out(rgb: Samples, primary: int) -> Samples:
    return np.asarray(rgb[primary] - np.delete(rgb, primary, 0).max(0))


def _strongest(stands_out: Samples) -> float:
    return float(np.percentile(stands_out, 99)) if stands_out.size else 0.0


def _fall_off(share: Samples, place: Samples, screen: NDArray[np.bool_]) -> tuple[Samples, NDArray[np.bool_]]:
    """The surface through the screen's pixels, and which they are."""
    light: Samples = np.array([1.0, 0, 0, 0, 0, 0])
    for _ in range(3):
        if screen.sum() < 50:
            break
        terms = _terms(place[:, screen])
        light = np.asarray(np.linalg.solve(terms.T @ terms + 1e-9 * np.eye(6), terms.T @ share[screen]), np.float64)
        expected = _surface(light, place)
        screen = (share > 0.75 * expected) & (share < 1.3 * expected)
    return light, screen


def _terms(place: Samples) -> Samples:
    u, v = place
    return np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], -1)


def _surface(light: Samples, place: Samples) -> Samples:
    return np.clip(_terms(place) @ light, *_LIGHT)


def _difference(rgb: tuple[float, float, float], primary: int, balance: float) -> float:
    others = [v for k, v in enumerate(rgb) if k != primary]
    return rgb[primary] - (max(others) * balance + min(others) * (1 - balance))


def _prepare(q: Query, found: Any) -> Mapping[str, Any]:
    screen = found or Screen(q.p.colour[:3])
    r, g, b = screen.colour
    primary = max(range(3), key=lambda k: (r, g, b)[k])
    full = _difference((r, g, b), primary, q.p.balance)
    return {
        "screen_colour": (r, g, b),
        "primary": float(primary),
        "full": max(full, 1e-6),
        "weakest": max(screen.weakest, 0.2),
        "light": screen.light,
    }


@pixel(
    "nodegraph.keying.chroma",
    label="chroma key",
    params={
        "screen": _SCREEN,
        "look": _LOOK,
        "look_at": _LOOK_AT,
        "colour": Colour((0.1, 0.5, 0.1), help="The screen's colour, for pick (scene-linear)."),
    },
    prepare=_prepare,
    analysis=FindScreen(),
)
def chroma(
    r: V,
    g: V,
    b: V,
    a: V,
    x: V,
    y: V,
    width: V,
    height: V,
    *,
    screen_colour: V = Prepared(3),
    primary: V = Prepared(),
    full: V = Prepared(),
    weakest: V = Prepared(),
    light: V = Prepared(6),
    gain: V = Float(1, 0, 4, soft=(0.5, 2), help="Above 1 removes more of the screen."),
    balance: V = Float(
        1, 0, 1, help="Against which of the other two colours the screen is measured: 1 the stronger, 0 the weaker."
    ),
    clip_black: V = Float(0.03, 0, 1, help="Matte values up to here become 0: cleans an uneven screen."),
    clip_white: V = Float(0.93, 0, 1, help="Matte values from here become 1: fills holes in the actor."),
    despill: V = Float(1, 0, 1, help="How far the screen's colour is taken out of the foreground."),
    spill_balance: V = Float(
        0.5, 0, 1, help="Spill is limited to the weaker (0) or stronger (1) of the other two colours."
    ),
) -> RGBA:
    """Key a green or blue screen: matte, screen subtraction and despill in one.

    Gives the foreground premultiplied, with the matte as its alpha. An alpha that comes in
    (a garbage matte) holds the result out.
    """
    p = select(primary < 0.5, r, select(primary < 1.5, g, b))
    first = select(primary < 0.5, g, r)
    second = select(primary < 1.5, b, g)
    high = maximum(first, second)
    low = minimum(first, second)
    u = 2.0 * x / width - 1.0
    v = 2.0 * y / height - 1.0
    lit = clamp(
        light[0] + light[1] * u + light[2] * v + light[3] * u * u + light[4] * u * v + light[5] * v * v, 0.2, 3.0
    )
    through = (p - mix(low, high, balance)) / (full * lit) * gain
    # What is left of the unevenness: the weakest part counts as all screen; from there on, linearly, to none.
    matte = 1.0 - clamp(through / weakest, 0.0, 1.0)
    alpha = clamp((matte - clip_black) / maximum(clip_white - clip_black, 0.0001), 0.0, 1.0) * a
    shows = (1.0 - alpha) * lit
    fr = maximum(r - shows * screen_colour[0], 0.0)
    fg = maximum(g - shows * screen_colour[1], 0.0)
    fb = maximum(b - shows * screen_colour[2], 0.0)
    # Spill: the screen's primary, limited to a mix of the other two.
    f1 = select(primary < 0.5, fg, fr)
    f2 = select(primary < 1.5, fb, fg)
    limit = mix(minimum(f1, f2), maximum(f1, f2), spill_balance)
    keep_r = select(primary < 0.5, mix(fr, minimum(fr, limit), despill), fr)
    keep_g = select((primary > 0.5) & (primary < 1.5), mix(fg, minimum(fg, limit), despill), fg)
    keep_b = select(primary > 1.5, mix(fb, minimum(fb, limit), despill), fb)
    visible = select(alpha > 0.0, 1.0, 0.0)
    return keep_r * visible, keep_g * visible, keep_b * visible, alpha
