"""Finding a green, blue or other screen in a picture: its colour, and how its light falls off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.node import Analysis, Choice, Int, Query

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, Window

SCREEN = Choice(
    "auto",
    ("auto", "pick"),
    help="auto finds a screen by itself, green, blue, cyan, yellow or magenta; pick uses the colours below.",
)
LOOK = Choice(
    "once",
    ("once", "every frame"),
    help="When auto looks for the screen: once, so that the key doesn't flicker, or anew at every frame.",
)
LOOK_AT = Int(1, label="look at", unit="frames", help="The frame at which it looks once.")
#: The picture is looked at through a grid of about this many pixels.
_SAMPLES = 20_000
#: The screen's light may fall to this, or rise to this, of its median.
_LIGHT = (0.2, 3.0)
#: A screen stands out by at least this share of its brightest channel: cloth and paint have 0.7, foliage and skin 0.3.
_SATURATED = 0.35
#: Kinds of screen that are looked for, and how readily one is believed: skin is never taken for one.
_LIKELY = {1: 1.0, 2: 1.0, 3: 0.35, 4: 0.35, 5: 0.35}


class Screen(NamedTuple):
    """What is known of a screen. `light` is how bright it is over the picture, as a share of
    `colour`: c0 + c1 u + c2 v + c3 u^2 + c4 u v + c5 v^2, u and v from -1 to 1 across the
    display window, v upward. `weakest` is the share that its weakest parts still have of that.
    """

    colour: tuple[float, float, float]
    weakest: float = 1.0
    light: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    #: False where none was found: the colour is then only a place-holder that keys nothing.
    found: bool = True


class FindScreen(Analysis):
    """The screen's colour, and how its light falls off over the picture.

    Screen pixels are those that stand out at least half as much as the picture's strongest
    part; the colour is their median, so what wears a little green doesn't move it; if it isn't
    saturated, there is no screen. A quadratic
    surface is fitted to how much they stand out, twice more with the pixels near it, so that
    dark corners are known to be screen.
    """

    id = "nodegraph.keying.find_screen"
    screen = SCREEN
    look = LOOK
    look_at = LOOK_AT

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
    """The screen in pixels `(3, n)` at places `(2, n)`, -1..1: whichever kind there is more of."""
    best: tuple[float, int] | None = None
    for kind, likely in _LIKELY.items():
        stands_out = difference(rgb, kind)
        strongest = _strongest(stands_out)
        if strongest > 1e-4:
            weight = float((stands_out > 0.5 * strongest).mean()) * strongest * likely
            best = max(best, (weight, kind)) if best else (weight, kind)
    if best is None:
        return Screen((0.0, 1.0, 0.0), found=False)
    kind = best[1]
    stands_out = difference(rgb, kind)
    screen = stands_out > 0.5 * _strongest(stands_out)
    r, g, b = (float(v) for v in np.median(rgb[:, screen], 1))
    full = difference(np.array([[r], [g], [b]]), kind)
    if not full[0] > max(1e-4, _SATURATED * max(r, g, b)):
        return Screen((0.0, 1.0, 0.0), found=False)
    light, screen = _fall_off(stands_out / full, place, screen)
    share = (stands_out / full)[screen] / _surface(light, place[:, screen])
    return Screen((r, g, b), min(1.0, float(np.percentile(share, 2))), tuple(light.tolist()))


def difference(rgb: Samples, kind: int) -> Samples:
    """How much pixels `(3, ...)` stand out in the way of a kind of screen (`nodegraph.kernels.adaptive_key.kind_of`)."""
    others = np.delete(rgb, kind % 3, 0)
    return np.asarray(rgb[kind] - others.max(0) if kind < 3 else others.min(0) - rgb[kind - 3])


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
