"""The green screen: painted cloth under two lamps that don't quite match, out of focus.

And the light that comes back off it: green on the edges of whoever stands before it.
"""

from __future__ import annotations

import numpy as np

from samples.sampling import Array, gaussian, scale, wide_gaussian

#: Scene-linear reflectance of chroma-key green under the screen's lamps, in Rec.709 primaries.
GREEN = np.array([0.048, 0.345, 0.088], np.float32)


def green_screen(height: int, width: int, seed: int) -> Array:
    """Scene-linear `(height, width, 3)`: what the camera sees of the screen with nobody before it."""
    rng = np.random.default_rng([seed, 2])
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (x + 0.5) / height, (y + 0.5) / height  # in frame heights, so that 0 <= y < 1
    across = width / height
    light = _lamps(x, y, across)
    folds = _folds(x, y, across, rng)
    cloth = 1.0 + 0.05 * _fractal((height, width), 0.45, 4, rng)
    weave = 1.0 + 0.012 * rng.standard_normal((height, width)).astype(np.float32)
    shade = light * folds * cloth * weave * _seams(x, y, across)
    # Less light is also bluer light, from the rest of the stage; a hot spot shines a little white.
    dim = np.clip(0.9 - light, 0.0, 1.0)
    sheen = 0.016 * np.clip(light - 1.0, 0.0, None) ** 2
    tint = np.stack([1.0 - 0.25 * dim, np.ones_like(dim), 1.0 + 0.35 * dim], axis=-1)
    screen = GREEN * tint * shade[..., None] + sheen[..., None]
    return np.asarray(gaussian(screen, 0.0048 * height), np.float32)


def _lamps(x: Array, y: Array, across: float) -> Array:
    """Two soft lamps from above, the left one nearer; the floor and the corners get less."""
    left = np.exp(-(((x - 0.26 * across) / 0.62) ** 2) - ((y - 0.27) / 0.75) ** 2)
    right = np.exp(-(((x - 0.83 * across) / 0.70) ** 2) - ((y - 0.40) / 0.85) ** 2)
    corner = ((x - 0.5 * across) / (0.5 * across)) ** 2 + ((y - 0.5) / 0.5) ** 2
    return np.asarray((0.42 + 0.72 * left + 0.50 * right) * (1.0 - 0.13 * corner), np.float32)


def _folds(x: Array, y: Array, across: float, rng: np.random.Generator) -> Array:
    """Cloth that hangs: long, nearly upright folds, each with a lit and a shaded side."""
    shade = np.ones_like(x)
    for _ in range(15):
        foot, lean, bow = rng.uniform(-0.05, across + 0.05), rng.normal(0, 0.10), rng.normal(0, 0.03)
        width, depth = rng.uniform(0.010, 0.040), rng.uniform(0.015, 0.055)
        middle, reach = rng.uniform(0.1, 1.0), rng.uniform(0.25, 0.7)
        side = (x - foot - lean * (1.0 - y) - bow * np.sin(3.0 * y)) / width
        shade += depth * side * np.exp(0.5 - 0.5 * side**2 - 0.5 * ((y - middle) / reach) ** 2)
    return shade


def _seams(x: Array, y: Array, across: float) -> Array:
    """Two lengths of cloth, sewn: the right one a shade darker, the seam itself darker still."""
    side = x - 0.715 * across - 0.006 * np.sin(5.0 * y)
    darker = 1.0 - 0.035 / (1.0 + np.exp(np.clip(-side / 0.002, -40, 40)))
    return np.asarray(darker * (1.0 - 0.13 * np.exp(-0.5 * (side / 0.0022) ** 2)), np.float32)


def _fractal(shape: tuple[int, int], cell: float, octaves: int, rng: np.random.Generator) -> Array:
    """Smooth noise of many sizes, about -1 to 1; the largest is `cell` frame heights."""
    height, width = shape
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        size = cell * height / 2**octave
        grid = (int(height / size) + 3, int(width / size) + 3)
        start = rng.uniform(0, 1, 2)
        window = (1 + start[0], 1 + start[1], 1 + start[0] + width / size, 1 + start[1] + height / size)
        total += scale(rng.uniform(-1, 1, grid).astype(np.float32), shape, window) / 2**octave
    return total


def spill(actor: Array, height: int) -> Array:
    """The colours of `actor` (premultiplied RGBA, `height` rows to a frame) with the screen's light on them.

    A surface gives back the screen's light in the measure of its own colour and of how much
    of the screen it faces: little where she faces the camera, half a hemisphere at her
    outline. At grazing angles everything is also a mirror (Fresnel).
    """
    unit = height / 1080
    alpha = actor[..., 3]
    near = np.clip(2.0 - 2.0 * _inside(alpha, 7 * unit), 0.0, 1.0)
    far = np.clip(2.0 - 2.0 * _inside(alpha, 42 * unit), 0.0, 1.0)
    faces = 0.05 + 0.24 * far + 0.46 * near**2
    mirror = 0.005 + 0.05 * far**2 + 0.12 * near**3
    colour = actor[..., :3] * faces[..., None] + (alpha * mirror)[..., None]
    return np.asarray(actor[..., :3] + GREEN * colour, np.float32)


def _inside(alpha: Array, sigma: float) -> Array:
    """How much of a pixel's surroundings the actor fills; what lies below the picture counts as filled."""
    rows = int(3 * sigma)
    tall = np.concatenate([alpha, np.repeat(alpha[-1:], rows, axis=0)])
    wide = np.pad(tall, ((0, 0), (rows, rows)))
    return wide_gaussian(wide, sigma)[: alpha.shape[0], rows : rows + alpha.shape[1]]
