# ruff: noqa: TID253
"""The shot: how the actor moves, and what lens, shutter, sensor and recorder make of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from nodegraph.kernels.pool import Pool
from samples.actor import HEAD, HEAD_RADIUS, NECK
from samples.sampling import INLINE, KERNEL, Array, accumulate_pose, gaussian

#: The move repeats after this many seconds.
PERIOD = 3.0
#: Seconds the shutter is open: half of a frame at 24 frames a second, a 180 degree shutter.
SHUTTER = 0.5 / 24
#: Share of the light that glass and air scatter over the whole picture.
GLARE = 0.010
#: Variance of the sensor's noise per unit of light, and with no light at all, for R, G and B.
#: White balance lifts red and blue, and their noise with them.
SENSOR = ((2.6e-4, 3.0e-6), (1.4e-4, 1.4e-6), (3.4e-4, 4.0e-6))
#: The actor's size (film pixels a portrait pixel) and place (of the head, in frame heights).
SIZE = 3.16 / 1080
PLACE = (0.635, 0.345)
PAD = 4  # empty columns on either side of the canvas, for the reconstruction filter
_PIVOT = (0.60, 1.15)  # she sways about a point below the frame

ZERO = np.float32(0.0)
HALF = np.float32(0.5)
ONE = np.float32(1.0)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the actor is at a moment; lengths in frame heights, angles in radians."""

    x: float
    y: float
    turn: float
    size: float
    tilt: float
    nod: float
    swing: float


def pose_at(seconds: float) -> Pose:
    """She shifts her weight, leans in, tilts and turns her head; one round every `PERIOD`."""
    w = 2 * math.pi * seconds / PERIOD

    def wave(times: int, phase: float) -> float:
        return math.sin(times * w + phase)

    return Pose(
        x=0.026 * wave(1, 0.0) + 0.013 * wave(2, 0.9) + 0.0015 * wave(5, 2.0),
        y=0.004 * wave(2, 0.4) + 0.0010 * wave(4, 1.3),
        turn=math.radians(1.1 * wave(1, 0.5) + 0.35 * wave(3, 2.2)),
        size=1.0 + 0.013 * wave(1, 2.1) + 0.002 * wave(3, 0.3),
        tilt=math.radians(2.6 * wave(1, 1.3) + 1.0 * wave(2, 2.9)),
        nod=0.0040 * wave(2, 2.0) + 0.0012 * wave(5, 0.2),
        swing=0.0050 * wave(1, 0.2) + 0.0022 * wave(3, 1.5),
    )


def canvas_of(actor: Array, lit: Array) -> Array:
    """What `film` takes: clean colour, alpha and lit colour side by side, `(h, w + 2 * PAD, 8)`."""
    height, width = actor.shape[:2]
    canvas = np.zeros((height, width + 2 * PAD, 8), np.float32)
    canvas[:, PAD:-PAD, :4] = actor
    canvas[:, PAD:-PAD, 4:7] = lit
    return canvas


def film(canvas: Array, height: int, width: int, seconds: float, pool: Pool) -> Array:
    """The actor over the shutter's opening at `seconds`: `(height, width, 8)`, linear light.

    `canvas` comes from `canvas_of`, `SIZE * height` pixels to a portrait pixel.
    """
    opened, closed = pose_at(seconds), pose_at(seconds + SHUTTER)
    travel = math.hypot(closed.x - opened.x, closed.y - opened.y) + abs(closed.turn - opened.turn)
    samples = int(np.clip(math.ceil(1.6 * travel * height), 3, 8))
    out = np.zeros((height, width, 8), np.float32)
    weight = np.float32(1.0 / samples)
    numbers = [_numbers(pose_at(seconds + SHUTTER * (sample + 0.5) / samples), height) for sample in range(samples)]

    def strip(y0: int, y1: int) -> None:
        for body, head in numbers:
            accumulate_pose(canvas, out, body, head, weight, y0, y1)

    pool.map(height, strip)
    return out


def _numbers(pose: Pose, height: int) -> tuple[Array, Array]:
    """`body` and `head` as `accumulate_pose` takes them."""
    per_pixel = SIZE * height
    x, y = HEAD[0] * per_pixel + PAD, HEAD[1] * per_pixel
    cosine, sine = math.cos(pose.turn) / pose.size, math.sin(pose.turn) / pose.size
    pivot, shift = (_PIVOT[0] * height, _PIVOT[1] * height), (pose.x * height, pose.y * height)
    body = [cosine, sine, *pivot, *shift, PLACE[0] * height - x, PLACE[1] * height - y]
    radius, neck = HEAD_RADIUS * per_pixel, NECK * per_pixel
    head = [x, y, radius, neck, pose.tilt, 0.0, pose.nod * height, pose.swing * height]
    return np.array(body, np.float32), np.array(head, np.float32)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _before(filmed: Array, screen: Array, planes: Array, clean: Array, y0: int, y1: int) -> None:
    """`clean` (4, h, w): truth, held to what light can be; `planes` (3, h, w): the lit actor before the screen."""
    for y in range(y0, y1):
        for x in range(filmed.shape[1]):
            a = min(filmed[y, x, 3], ONE)
            if a < np.float32(0.002):  # the reconstruction filter's ripple, no cover
                a = ZERO
            elif a > np.float32(0.998):
                a = ONE
            clean[3, y, x] = a
            for c in range(3):
                lit = screen[y, x, c]
                own = ZERO
                if a > ZERO:
                    own = max(filmed[y, x, c], ZERO)
                    lit = max(filmed[y, x, 4 + c], ZERO) + (ONE - a) * lit
                clean[c, y, x] = own
                planes[c, y, x] = lit


def before_screen(filmed: Array, screen: Array, pool: Pool) -> tuple[Array, Array]:
    """`(3, h, w)` scene-linear light on the lens, and the truth `(4, h, w)`: clean colour and alpha."""
    height, width = filmed.shape[:2]
    planes = np.empty((3, height, width), np.float32)
    clean = np.empty((4, height, width), np.float32)
    pool.map(height, lambda y0, y1: _before(filmed, screen, planes, clean, y0, y1))
    return planes, clean


@njit(**INLINE)  # type: ignore[untyped-decorator]
def _grain(x: Any, y: Any, salt: Any) -> Any:
    """A number around 0 with deviation 1, fixed by place and `salt`: four bytes of a hash, summed."""
    h = np.uint32(x) * np.uint32(0x9E3779B1) ^ np.uint32(y) * np.uint32(0x85EBCA77) ^ np.uint32(salt)
    h = np.uint32(h ^ (h >> np.uint32(16))) * np.uint32(0x7FEB352D)
    h = np.uint32(h ^ (h >> np.uint32(15))) * np.uint32(0x846CA68B)
    h = np.uint32(h ^ (h >> np.uint32(16)))
    total = (h & np.uint32(255)) + (h >> np.uint32(8) & np.uint32(255))
    total += (h >> np.uint32(16) & np.uint32(255)) + (h >> np.uint32(24))
    return (np.float32(np.int32(total)) - np.float32(510.0)) * np.float32(0.0067659)


@njit(**INLINE)  # type: ignore[untyped-decorator]
def _grain_row(row: Array, y: Any, salt: Any) -> None:
    for x in range(row.size):
        row[x] = _grain(x, y, salt)


@njit(**INLINE)  # type: ignore[untyped-decorator]
def _between(position: Any, step: Any, size: int) -> Any:
    """The sample before pixel `position` on a grid of `size` cells of `step` pixels, and how far after it."""
    at = min(max((np.float32(position) + HALF) / step - HALF, ZERO), np.float32(size - 1))
    before = min(np.int32(at), np.int32(size - 2))
    return before, at - np.float32(before)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _record(planes: Array, veil: Array, step: Any, salts: Any, work: Array, out: Array, y0: int, y1: int) -> None:
    """Rows `[y0, y1)` of what the recorder gets: glare, sensor noise, then BT.709's curve.

    The noise of a sensor's mosaic is a little soft, so a pixel's grain leans on its neighbours'.
    work: two rows of grain and one of glare, each a pixel wider than the picture.
    """
    width = planes.shape[2]
    grain, below, glow = work[0], work[1], work[2]
    keep = np.float32(1.0 - GLARE)
    for c in range(3):
        gain, floor = np.float32(SENSOR[c][0]), np.float32(SENSOR[c][1])
        _grain_row(grain, y0, salts[c])
        for y in range(y0, y1):
            _grain_row(below, y + 1, salts[c])
            j, fy = _between(y, step, veil.shape[1])
            for x in range(width):
                i, fx = _between(x, step, veil.shape[2])
                above = veil[c, j, i] + (veil[c, j, i + 1] - veil[c, j, i]) * fx
                under = veil[c, j + 1, i] + (veil[c, j + 1, i + 1] - veil[c, j + 1, i]) * fx
                glow[x] = np.float32(GLARE) * (above + (under - above) * fy)
            for x in range(width):
                light = planes[c, y, x] * keep + glow[x]
                noise = np.float32(0.74) * grain[x] + np.float32(0.31) * below[x + 1]
                noise += np.float32(0.42) * (grain[x + 1] + below[x])
                light = max(light + noise * math.sqrt(light * gain + floor), ZERO)
                bent = np.float32(1.09929682680944) * light ** np.float32(0.45) - np.float32(0.09929682680944)
                code = light * np.float32(4.5) if light < np.float32(0.018053968510807) else bent
                out[c, y, x] = min(code, ONE)
            grain, below = below, grain


def record(planes: Array, frame: int, seed: int, pool: Pool) -> Array:
    """R'G'B' `(3, h, w)` in 0..1 as BT.709 codes it, with the noise of this `frame`."""
    _, height, width = planes.shape
    step = max(2, height // 72)
    rows, columns = height // step * step, width // step * step
    cells = planes[:, :rows, :columns].reshape(3, rows // step, step, columns // step, step)
    veil = np.stack([gaussian(plane, 0.16 * height / step) for plane in cells.mean(axis=(2, 4))])
    salts = np.random.default_rng([seed, 3, frame]).integers(1, 2**32, 3, np.uint32)
    out = np.empty_like(planes)

    def strip(y0: int, y1: int) -> None:
        with pool.scratch((3, width + 1)) as work:
            _record(planes, veil, np.float32(step), salts, work, out, y0, y1)

    pool.map(height, strip)
    return out
