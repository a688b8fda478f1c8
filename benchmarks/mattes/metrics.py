# ruff: noqa: TID253
"""How far a matte is from the truth, and its foreground from the true one.

SAD, MSE, gradient and connectivity error are those of Rhemann, Rother, Wang, Gelautz, Kohli and
Rott, *A perceptually motivated online benchmark for image matting* (CVPR 2009), over the whole
picture; dtSSD is that of Erofeev, Gitman, Vatolin, Fedorov and Wang, *Perceptually motivated
benchmark for video matting* (BMVC 2015). Mattes are `(height, width)`, 0..1; foregrounds are
`(height, width, 3)`, scene-linear and premultiplied by their own matte.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: A true matte between these is soft edge.
SOFT = (0.02, 0.98)
#: A true matte beyond these is surely backing, surely subject.
SURE = (0.001, 0.999)
_TINY = 1e-12


@dataclass(frozen=True)
class Result:
    """What a keyer made of a picture: its matte and premultiplied scene-linear foreground."""

    alpha: Array
    colour: Array


@dataclass(frozen=True)
class Truth:
    """What it should have made: the true matte and premultiplied foreground, and the screen before which it stood."""

    alpha: Array
    colour: Array
    screen: Array = field(default_factory=lambda: np.zeros(3))


def soft(alpha: Array) -> Mask:
    """Where a true matte is soft edge: 0.02 < a < 0.98."""
    return (alpha > SOFT[0]) & (alpha < SOFT[1])


def sad(alpha: Array, truth: Array) -> float:
    """Sum of absolute differences / 1000."""
    return float(np.abs(alpha - truth).sum() / 1000)


def mse(alpha: Array, truth: Array) -> float:
    """Mean of squared differences."""
    return float(((alpha - truth) ** 2).mean())


def mad(alpha: Array, truth: Array, where: Mask | None = None) -> float:
    """Mean of absolute differences, in a part of the picture or all of it; 0 over no pixels."""
    difference = np.abs(alpha - truth)
    return _mean(difference if where is None else difference[where])


def gradient_error(alpha: Array, truth: Array, sigma: float = 1.4) -> float:
    """Sum of (|grad a| - |grad t|)^2 / 1000; grad by derivatives of a Gaussian, sigma 1.4 px, of unit energy."""
    return float(((_slope(alpha, sigma) - _slope(truth, sigma)) ** 2).sum() / 1000)


def _slope(matte: Array, sigma: float) -> Array:
    """Strength of a matte's gradient. The kernel ends where the Gaussian falls under 1 %, as published."""
    reach = math.ceil(sigma * math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) * sigma * 0.01)))
    at = np.arange(-reach, reach + 1)
    bell = np.exp(-0.5 * (at / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
    rise = -at * bell / sigma**2
    energy = np.linalg.norm(bell) * np.linalg.norm(rise)
    across, down = (
        cv2.sepFilter2D(matte, cv2.CV_64F, kx / energy, ky, borderType=cv2.BORDER_REPLICATE)
        for kx, ky in ((rise, bell), (bell, rise))
    )
    return np.asarray(np.hypot(across, down))


def connectivity_error(alpha: Array, truth: Array, theta: float = 0.15, step: float = 0.1) -> float:
    """Sum of |phi(a) - phi(t)| / 1000: parts that hang free of the subject, or should.

    At every threshold (0.1, 0.2 .. 1) the subject is the largest 4-connected part in which both
    mattes reach it. A pixel is connected up to the last threshold l before it drops out of that;
    d = a - l, and phi = 1 - d where d >= theta, else 1.
    """
    levels = np.arange(step, 1 + step / 2, step)
    connected = np.full(alpha.shape, -1.0)
    for level in levels:
        together = (alpha >= level - 1e-9) & (truth >= level - 1e-9)
        connected[(connected < 0) & ~_largest(together)] = level - step
    connected[connected < 0] = 1.0

    def phi(matte: Array) -> Array:
        free = matte - connected
        return np.asarray(1.0 - np.where(free >= theta, free, 0.0))

    return float(np.abs(phi(alpha) - phi(truth)).sum() / 1000)


def _largest(mask: Mask) -> Mask:
    """The largest 4-connected part of a mask."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    if count < 2:
        return np.zeros(mask.shape, bool)
    return np.asarray(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])))


def colour_error(result: Result, truth: Truth) -> float:
    """Mean |F a - F_t a_t| over pixels with a_t > 0.02 and the three channels, scene-linear."""
    where = truth.alpha > SOFT[0]
    return _mean(np.abs(result.colour - truth.colour)[where])


def edge_colour_error(result: Result, truth: Truth) -> float:
    """Mean |F - F_t| of unpremultiplied colours over the soft edge, weighted by a_t, scene-linear.

    The weight keeps colours that one can't see from counting; where the result's matte is under
    0.02, its F is what it premultiplied divided by 0.02.
    """
    where = soft(truth.alpha)
    weight = truth.alpha[where]
    straight = result.colour[where] / np.maximum(result.alpha[where], SOFT[0])[:, None]
    meant = truth.colour[where] / weight[:, None]
    error = np.abs(straight - meant).mean(-1)
    return float((error * weight).sum() / max(weight.sum(), _TINY))


def primaries(screen: Array) -> list[int]:
    """Which of R, G, B make a screen's colour: those above the middle of its weakest and strongest.

    One for green and blue screens, two for yellow ones.
    """
    middle = (screen.min() + screen.max()) / 2
    return [k for k in range(3) if screen[k] >= middle]


def excess(colour: Array, screen: Array) -> Array:
    """How much a colour is of the screen's kind: its weakest screen primary less its strongest other."""
    own = primaries(screen)
    others = [k for k in range(3) if k not in own]
    if not others:
        return np.zeros(colour.shape[:-1])
    return np.asarray(colour[..., own].min(-1) - colour[..., others].max(-1))


def spill(result: Result, screen: Array, where: Mask) -> float:
    """Share of the screen's colour in the foreground of a band: sum of max(0, e(F a)) / (sum of a . e(screen)).

    e is `excess`: for a green screen G - max(R, B). So it is the mean of the straight foreground's
    positive excess, weighted by the matte, relative to the screen's own.
    """
    weight = float(result.alpha[where].sum())
    full = float(excess(screen, screen))
    if weight < _TINY or full < _TINY:
        return 0.0
    return float(np.maximum(excess(result.colour[where], screen), 0.0).sum() / (weight * full))


def spill_left(result: Result, truth: Truth) -> float:
    """`spill` in the soft edge, beyond what the true foreground has there; never below 0."""
    band = soft(truth.alpha)
    own = spill(Result(truth.alpha, truth.colour), truth.screen, band)
    return max(0.0, spill(result, truth.screen, band) - own)


def residue(alpha: Array, backing: Mask) -> float:
    """Mean matte in sure backing."""
    return _mean(alpha[backing])


def holes(alpha: Array, subject: Mask) -> float:
    """Mean of what the matte lacks of 1 in sure subject."""
    return _mean(np.maximum(1.0 - alpha[subject], 0.0))


def dtssd(alphas: Sequence[Array], truths: Sequence[Array]) -> float:
    """Flicker: mean over frames of sqrt(mean over pixels of (da/dt - dt/dt)^2), x 100.

    The root is of a mean, not of Erofeev's sum, so that it doesn't grow with the picture
    (as Lin, Yang, Saleemi and Sengupta, *Robust High-Resolution Video Matting*, 2022, do it).
    """
    steps = [
        math.sqrt((((a1 - a0) - (t1 - t0)) ** 2).mean())
        for a0, a1, t0, t1 in zip(alphas, alphas[1:], truths, truths[1:], strict=False)
    ]
    return 100 * sum(steps) / len(steps) if steps else 0.0


def measure(result: Result, truth: Truth) -> dict[str, float]:
    """All measures of one picture, by name."""
    a, t = result.alpha, truth.alpha
    return {
        "SAD": sad(a, t),
        "MSE": mse(a, t),
        "MAD": mad(a, t),
        "MAD edge": mad(a, t, soft(t)),
        "Grad": gradient_error(a, t),
        "Conn": connectivity_error(a, t),
        "F": colour_error(result, truth),
        "F edge": edge_colour_error(result, truth),
        "spill": spill_left(result, truth),
        "residue": residue(a, t < SURE[0]),
        "holes": holes(a, t > SURE[1]),
    }


def _mean(values: Array) -> float:
    return float(values.mean()) if values.size else 0.0
