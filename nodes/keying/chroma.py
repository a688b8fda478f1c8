"""The colour-difference keyer.

The green-screen mathematics of Petro Vlahos (US 4,100,569) in the form compositors know from
Steve Wright, *Digital Compositing for Film and Video*: how much more of the screen's primary
a pixel has than of the others, as a share of how much the screen itself has, is how much
screen shows through. That share of the screen is then subtracted, so hair and motion blur
keep their own colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.errors import CookError
from nodegraph.kernels.shade import RGBA, V, clamp, maximum, minimum, mix, select
from nodegraph.node import Analysis, Choice, Colour, Float, Prepared, Query, pixel

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, Window

_SCREEN = Choice(
    "auto",
    ("auto", "pick"),
    help="auto finds a green or blue screen by itself; pick uses the colour below.",
)
#: The picture is looked at through a grid of about this many pixels.
_SAMPLES = 60_000


class FindScreen(Analysis):
    """The screen's colour, and how strong its weakest parts are.

    Screen pixels are those whose green (or blue) stands out at least half as much as that of
    the picture's strongest part; the colour is their median, so what wears a little green
    doesn't move it. The weak end is the fifth percentile: what an uneven light leaves.
    """

    id = "nodegraph.keying.find_screen"
    screen = _SCREEN

    def wanted(self, q: Query) -> bool:
        return bool(q.p.screen == "auto")

    def cook(self, q: Query, inputs: Mapping[str, Frame], region: Window, pool: Pool) -> tuple[float, ...]:
        frame = inputs["image"]
        stride = max(1, int((frame.spec.data_window.area / _SAMPLES) ** 0.5))
        names = frame.spec.channels
        if not {"R", "G", "B"} <= set(names):
            raise CookError("needs a colour picture", where=q.path, hint="connect one with R, G and B")
        rgb = np.stack([frame.channel(c)[::stride, ::stride].ravel() for c in "RGB"]).astype(np.float64)
        rgb = rgb[:, np.isfinite(rgb).all(0)]
        return find_screen(rgb)


def find_screen(rgb: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float, float, float]:
    """(r, g, b, weakest difference) of the screen in pixels `(3, n)`; green or blue, whichever is more."""
    best: tuple[float, tuple[float, float, float, float]] | None = None
    for primary in (1, 2):
        others = np.delete(rgb, primary, 0)
        stands_out = rgb[primary] - others.max(0)
        strongest = float(np.percentile(stands_out, 99)) if stands_out.size else 0.0
        if strongest <= 1e-4:
            continue
        screen = stands_out > 0.5 * strongest
        weight = float(screen.mean()) * strongest
        if best is None or weight > best[0]:
            r, g, b = np.median(rgb[:, screen], 1)
            best = weight, (float(r), float(g), float(b), float(np.percentile(stands_out[screen], 5)))
    return best[1] if best else (0.0, 1.0, 0.0, 1.0)


def _difference(rgb: tuple[float, float, float], primary: int, balance: float) -> float:
    others = [v for k, v in enumerate(rgb) if k != primary]
    return rgb[primary] - (max(others) * balance + min(others) * (1 - balance))


def _prepare(q: Query, found: Any) -> Mapping[str, Any]:
    r, g, b = (found or q.p.colour)[:3]
    primary = max(range(3), key=lambda k: (r, g, b)[k])
    full = _difference((r, g, b), primary, q.p.balance)
    weakest = min(full, found[3]) if found else full
    return {
        "screen_colour": (r, g, b),
        "primary": float(primary),
        "full": max(full, 1e-6),
        "weakest": max(weakest / max(full, 1e-6), 0.05),
    }


@pixel(
    "nodegraph.keying.chroma",
    label="chroma key",
    params={"screen": _SCREEN, "colour": Colour((0.1, 0.5, 0.1), help="The screen's colour, for pick (scene-linear).")},
    prepare=_prepare,
    analysis=FindScreen(),
)
def chroma(
    r: V,
    g: V,
    b: V,
    a: V,
    *,
    screen_colour: V = Prepared(3),
    primary: V = Prepared(),
    full: V = Prepared(),
    weakest: V = Prepared(),
    gain: V = Float(1, 0, 4, soft=(0.5, 2), help="Above 1 removes more of the screen."),
    balance: V = Float(
        1, 0, 1, help="Against which of the other two colours the screen is measured: 1 the stronger, 0 the weaker."
    ),
    clip_black: V = Float(0.03, 0, 1, help="Matte values up to here become 0: cleans an uneven screen."),
    clip_white: V = Float(0.93, 0, 1, help="Matte values from here become 1: fills holes in the actor."),
    despill: V = Float(1, 0, 1, help="How far the screen's colour is taken out of the foreground."),
    spill_balance: V = Float(0.5, 0, 1, help="Spill is limited to the weaker (0) or stronger (1) of the other two colours."),
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
    through = (p - mix(low, high, balance)) / full * gain
    # An uneven screen's weakest part counts as all screen; from there on, linearly, to none.
    matte = 1.0 - clamp(through / weakest, 0.0, 1.0)
    alpha = clamp((matte - clip_black) / maximum(clip_white - clip_black, 0.0001), 0.0, 1.0) * a
    shows = 1.0 - alpha
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
