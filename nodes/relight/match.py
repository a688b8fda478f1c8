"""An actor brought into a plate, by measure:

image, plate ─> measured ─┐
image ────────────────────┴─> matched ─> out
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.kernels.shade import RGBA, V, clamp, exp2, hash3, log2, luma, maximum, mix, select, sqrt
from nodegraph.node import Compound, Float, FrameNode, In, Out, Part, Parts, Prepared, Query, pixel

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, Window

__all__ = ["Match"]

_LUMA = np.array([0.2126, 0.7152, 0.0722])
#: Pixels along the longer side that are looked at.
_LOOKED_AT = 480
_DARK = 2.0
"""Black is the mean of this per cent of the darkest."""
_MOST = 2.0
"""No exposure, colour or contrast is changed by more than this factor at amount 1."""


@dataclass(frozen=True)
class _Look:
    """What a picture looks like: the mean of its logarithms, their spread, its colour, black and grain."""

    level: float
    spread: float
    colour: NDArray[np.float64]
    black: NDArray[np.float64]
    grain: float


class _Measure(FrameNode):
    """The actor's look, and the plate's."""

    id = "nodegraph.relight.match.measured"
    is_part = True
    image = In()
    plate = In()
    out = Out("Number")

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> tuple[_Look, _Look] | None:
        actor, plate = look(inputs["image"]), look(inputs["plate"])
        return None if actor is None or plate is None else (actor, plate)


def look(frame: Frame) -> _Look | None:
    """The look of what is opaque of a picture; None if there is too little of it."""
    names = frame.spec.channels
    if not {"R", "G", "B"} <= set(names) or frame.pixels[0].size == 0:
        return None
    step = max(1, max(frame.pixels.shape[1:]) // _LOOKED_AT)
    rgb = np.stack([frame.channel(c)[::step, ::step] for c in "RGB"]).astype(np.float64)
    alpha = frame.channel("A")[::step, ::step] if "A" in names else np.ones(rgb.shape[1:])
    there = (alpha > 0.98) & np.isfinite(rgb).all(0)
    if int(there.sum()) < 64:
        return None
    pixels = np.maximum(rgb[:, there], 0)
    bright = np.maximum(_LUMA @ pixels, 1e-5)
    logs = np.log2(bright)
    dark = bright <= np.percentile(bright, _DARK)
    mean = np.maximum(pixels.mean(1), 1e-6)
    return _Look(
        float(logs.mean()), float(logs.std()), mean / float(_LUMA @ mean), pixels[:, dark].mean(1), grain_of(frame)
    )


def grain_of(frame: Frame) -> float:
    """Standard deviation of the noise in a picture's square root (in which grain is even): the Laplacian's median
    deviation in smooth places (J. Immerkaer, "Fast Noise Variance Estimation", 1996)."""
    height, width = frame.pixels.shape[1:]
    y, x = max(0, height // 2 - 256), max(0, width // 2 - 256)
    green = np.sqrt(np.maximum(np.nan_to_num(frame.channel("G")[y : y + 512, x : x + 512].astype(np.float64)), 0))
    if min(green.shape) < 8:
        return 0.0
    rows = green[:-2] - 2 * green[1:-1] + green[2:]
    laplacian = rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:]
    if "A" in frame.spec.channels:
        solid = frame.channel("A")[y : y + 512, x : x + 512][1:-1, 1:-1] > 0.98
        laplacian = laplacian[solid]
    return float(1.4826 * np.median(np.abs(laplacian)) / 6) if laplacian.size > 64 else 0.0


def _prepare(q: Query, found: Any) -> Mapping[str, Any]:
    if found is None:
        return {
            "gain": (1.0, 1.0, 1.0),
            "stops": 0.0,
            "steeper": 1.0,
            "pivot": 0.0,
            "lift": (0.0, 0.0, 0.0),
            "grit": 0.0,
        }
    actor, plate = found
    low, high = 1 / _MOST, _MOST
    gain = np.clip(plate.colour / actor.colour, low, high)
    gain = gain / float(_LUMA @ (gain * actor.colour))
    stops = float(np.clip(plate.level - actor.level, -_MOST, _MOST))
    return {
        "gain": tuple(float(v) for v in gain),
        "stops": stops,
        "steeper": float(np.clip(plate.spread / max(actor.spread, 0.05), low, high)),
        "pivot": actor.level,
        "lift": tuple(float(v) for v in np.clip(plate.black - actor.black, -0.1, 0.2)),
        "grit": float(np.sqrt(max(plate.grain**2 - actor.grain**2, 0.0))),
    }


@pixel("nodegraph.relight.match.matched", prepare=_prepare, maskable=False)
def _matched(
    r: V, g: V, b: V, a: V, x: V, y: V, frame: V, *,
    gain: V = Prepared(3), stops: V = Prepared(), steeper: V = Prepared(), pivot: V = Prepared(), lift: V = Prepared(3), grit: V = Prepared(),
    exposure: V = Float(0, 0, 1), balance: V = Float(0.3, 0, 1), contrast: V = Float(0.3, 0, 1),
    black: V = Float(0.7, 0, 1), grain: V = Float(1, 0, 4),
) -> RGBA:  # fmt: skip
    there = a > 0.000001
    part = select(there, a, 1.0)
    r, g, b = r / part, g / part, b / part
    bright = maximum(luma(r, g, b), 0.00001)
    bend = exp2(clamp((log2(bright) - pivot) * (steeper - 1.0) * contrast + stops * exposure, -4.0, 4.0))
    r = r * bend * mix(1.0, gain[0], balance)
    g = g * bend * mix(1.0, gain[1], balance)
    b = b * bend * mix(1.0, gain[2], balance)
    # black is lifted like a veil: what is bright stays
    veil = black / (1.0 + 8.0 * bright)
    r, g, b = maximum(r + veil * lift[0], 0.0), maximum(g + veil * lift[1], 0.0), maximum(b + veil * lift[2], 0.0)
    # three even numbers make nearly a Gaussian one, of variance 1/4
    noise = hash3(x, y, frame) + hash3(x + 171.0, y, frame) + hash3(x, y + 613.0, frame) - 1.5
    rough = maximum(sqrt(maximum(luma(r, g, b), 0.0)) + 2.0 * noise * grit * grain, 0.0)
    rough = rough * rough / maximum(luma(r, g, b), 0.0001)
    rough = select(grit * grain > 0.0, clamp(rough, 0.0, 4.0), 1.0)  # in the dark too
    return select(there, r * rough * a, r), select(there, g * rough * a, g), select(there, b * rough * a, b), a


class Match(Compound):
    """Bring the actor into the plate by measure: colour, contrast, blacks and grain.

    Put it behind relight: the light is right already, what is left is what the lens, the air and the film do to a picture.
    `black` is what shows most: a plate's blacks are lifted by haze and glare, and a cut-out's aren't. `grain` gives the
    actor as much as the plate has more than they (never less). `exposure` is 0 as relight has set it; without relight
    raise it. All are measured in every frame from what is opaque of the actor and from all of the plate.

    With l the mean and s the spread of log2 luminance, c the mean colour over its luminance: out = image c_plate / c_actor
    2^((log2 Y - l) (s_plate / s_actor - 1)), each as far as its amount (E. Reinhard et al., "Color Transfer between
    Images", 2001, in scene-linear light); black is the mean of the darkest fiftieth; grain by J. Immerkaer (1996) in the
    square root of light. No factor goes beyond 2.
    """

    id = "nodegraph.relight.match"
    label = "match to plate"
    reads = frozenset({"frame"})

    image = In(help="The actor, premultiplied.")
    plate = In(help="What they are put before.")
    exposure = Float(0, 0, 1, help="How far it is made as bright as the plate.")
    balance = Float(0.3, 0, 1, help="How far its colour goes to the plate's.")
    contrast = Float(0.3, 0, 1, help="How far its contrast goes to the plate's.")
    black = Float(0.7, 0, 1, help="How far its blacks are brought to the plate's.")
    grain = Float(1, 0, 4, help="How much of the grain it lacks is added.")

    def compose(self, q: Query, parts: Parts) -> Part:
        image = parts.inputs["image"]
        found = parts.use("measured", _MEASURE, {"image": image, "plate": parts.inputs["plate"]})
        return parts.use("matched", _matched, {"image": image}, found, **q.given(_matched))


_MEASURE = _Measure()
