# ruff: noqa: TID253
"""Composites whose truth is known: a real subject before a screen, through a lens, a sensor and a codec.

Everything happens in scene-linear light and in the order of the world: the screen lights the
subject (spill), the lens and the shutter blur subject and matte together, light reaches the
sensor, is sRGB-encoded, gets noise and 8 bits, and goes through a codec. The truth is the blurred
matte and the blurred premultiplied foreground without spill. A scene's name and the seed make it
the same each time.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from benchmarks.mattes import codec
from benchmarks.mattes.codec import Picture
from benchmarks.mattes.light import Array, encoded, linear, to_bytes
from benchmarks.mattes.metrics import Truth
from benchmarks.mattes.subjects import available, photograph, subject

#: sRGB codes of the issue's backing, and of a blue one.
BACKINGS = {"green": (60, 170, 75), "blue": (50, 85, 190)}
FRAMES = 12


@dataclass(frozen=True)
class Scene:
    """How a set of pictures is made.

    `screen` smooth is the issue's: its colour x (0.8 + 0.2 cos(2(x - .5)) cos(2(y - .5))), x and y
    0..1 across the picture; cloth has two unlike lamps, folds and seams (`samples/screen.py`);
    none is the photograph as it was taken, for mattes that need no screen.
    `noise` is the sigma on encoded values. `spill` is how strongly the screen lights the subject.
    `defocus` is the radius of a disc, `motion` the length of a line, in pixels.
    """

    name: str
    subject: str
    hue: Literal["green", "blue"] = "green"
    screen: Literal["smooth", "cloth", "none"] = "smooth"
    noise: float = 0.004
    spill: float = 0.0
    defocus: float = 0.0
    motion: float = 0.0
    codec: Literal["none", "420", "h264"] = "none"
    scale: float = 1.0
    frames: int = 1
    #: The issue's own recipe, for which it states absolute bounds.
    recipe: bool = False


SCENES = (
    Scene("issue, portrait", "portrait", recipe=True),
    Scene("issue, child", "child", recipe=True),
    Scene("issue, astronaut", "astronaut", recipe=True),
    Scene("issue, lemur", "lemur", recipe=True),
    Scene("blue, portrait", "portrait", hue="blue"),
    Scene("blue, plant", "plant", hue="blue"),
    Scene("uneven cloth", "portrait", screen="cloth"),
    Scene("spill", "child", screen="cloth", spill=0.5),
    Scene("blue spill", "child", hue="blue", screen="cloth", spill=0.5),
    Scene("noise", "portrait", noise=0.02),
    Scene("defocus", "child", defocus=4.0),
    Scene("motion blur", "portrait", motion=24.0),
    Scene("4:2:0", "portrait", codec="420"),
    Scene("H.264", "lemur", codec="h264"),
    Scene("all of it", "astronaut", screen="cloth", noise=0.01, spill=0.4, defocus=1.2, codec="h264"),
    Scene("no screen, portrait", "portrait", screen="none", noise=0.0),
    Scene("no screen, child", "child", screen="none", noise=0.0),
    Scene("clip", "portrait", scale=0.5, frames=FRAMES),
    Scene("clip, H.264", "child", screen="cloth", noise=0.01, spill=0.3, codec="h264", scale=0.5, frames=FRAMES),
)


def scenes() -> Iterator[Scene]:
    """Those whose material is there."""
    return (scene for scene in SCENES if available(scene.subject))


def make(scene: Scene, seed: int = 1) -> tuple[list[Picture], list[Truth]]:
    """The pictures of a scene, as a camera delivers them, and the truth of each."""
    rng = np.random.default_rng([seed, zlib.crc32(scene.name.encode())])
    found = subject(scene.subject, scene.scale)
    height, width = found.alpha.shape
    if scene.screen == "none":
        shown = to_bytes(photograph(scene.subject, scene.scale)[:height, :width])
        return [Picture(shown)], [Truth(found.alpha, found.colour * found.alpha[..., None])]
    backing = _backing(scene, height, width, seed)
    colour = np.median(backing.reshape(-1, 3), 0)
    clean = found.colour * found.alpha[..., None]
    lit = spilled(found.colour, found.alpha, colour, scene.spill) * found.alpha[..., None]
    truths, codes = [], []
    for frame in range(scene.frames):
        moved = [_moved(layer, frame, scene.frames) for layer in (found.alpha, clean, lit)]
        alpha, true, seen = (_blurred(layer, scene) for layer in moved)
        light = seen + backing * (1 - alpha[..., None])
        codes.append(to_bytes(encoded(light) + rng.normal(0, scene.noise, light.shape)))
        truths.append(Truth(alpha, true, colour))
    if scene.codec == "none":
        return [Picture(code) for code in codes], truths
    return (codec.subsampled(codes) if scene.codec == "420" else codec.h264(codes)), truths


def smooth_backing(height: int, width: int, codes: tuple[int, int, int]) -> Array:
    """The issue's backing: sRGB codes made linear x (0.8 + 0.2 cos(2(x - .5)) cos(2(y - .5)))."""
    y, x = np.mgrid[0:height, 0:width]
    x, y = (x + 0.5) / width, (y + 0.5) / height
    light = 0.8 + 0.2 * np.cos(2 * (x - 0.5)) * np.cos(2 * (y - 0.5))
    return np.asarray(linear(np.array(codes) / 255) * light[..., None])


def _backing(scene: Scene, height: int, width: int, seed: int) -> Array:
    if scene.screen == "smooth":
        return smooth_backing(height, width, BACKINGS[scene.hue])
    from samples.screen import green_screen

    cloth = green_screen(height, width, seed).astype(np.float64)
    return cloth if scene.hue == "green" else np.ascontiguousarray(cloth[..., [0, 2, 1]])


def spilled(colour: Array, alpha: Array, screen: Array, amount: float) -> Array:
    """A subject lit by the screen behind it: + amount x near x (F / 2 + 0.03) x screen / max(screen).

    `near` is the share of screen in the surroundings, a Gaussian of 4 % of the height; the constant
    is what even black hair reflects.
    """
    if not amount:
        return colour
    near = cv2.GaussianBlur(1 - alpha, (0, 0), 0.04 * alpha.shape[0], borderType=cv2.BORDER_REPLICATE)
    return np.asarray(colour + amount * near[..., None] * (colour / 2 + 0.03) * screen / screen.max())


def _moved(layer: Array, frame: int, frames: int) -> Array:
    """A layer where the actor is at a frame: she sways, by fractions of pixels, and nods."""
    if frames == 1:
        return layer
    phase = 2 * math.pi * frame / frames
    height, width = layer.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height), 1.5 * math.sin(phase), 1.0)
    turn[:, 2] += 0.015 * width * math.sin(phase + 0.7), 0.004 * height * math.cos(phase)
    return np.asarray(cv2.warpAffine(layer, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.float64)


def _blurred(layer: Array, scene: Scene) -> Array:
    """Through the lens and the shutter; the borders repeat."""
    for kernel in (_disc(scene.defocus), _line(scene.motion, 20.0)):
        if kernel is not None:
            layer = np.asarray(cv2.filter2D(layer, cv2.CV_64F, kernel, borderType=cv2.BORDER_REPLICATE), np.float64)
    return layer


def _disc(radius: float) -> Array | None:
    if radius <= 0:
        return None
    reach = math.ceil(radius) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0.0, 1.0)
    return np.asarray(disc / disc.sum())


def _line(length: float, degrees: float) -> Array | None:
    if length <= 0:
        return None
    reach = math.ceil(length / 2) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float64)
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    along, aside = np.abs(x * c - y * s), np.abs(x * s + y * c)
    line = np.clip(length / 2 + 0.5 - along, 0, 1) * np.clip(1 - aside, 0, 1)
    return np.asarray(line / line.sum())
