"""The actor of the sample clip: a public-domain portrait, cut out and brought to film size.

The portrait is scikit-image's `astronaut` (Eileen Collins, NASA, no known copyright
restrictions). Her outline was traced by hand; what lies near it is left open and solved by
closed-form matting (Levin, Lischinski and Weiss 2008, PyMatting), and the colour under
half-covered pixels by multi-level foreground estimation (Germer et al. 2020). What the
512-pixel picture can't hold (single hairs, weave, pores) is added, and is synthetic.
"""

from __future__ import annotations

import warnings
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import MediaError
from samples.sampling import Array, gaussian, scale

COLUMNS, ROWS = 420, 348  # the part of the portrait that is used, from its top left corner
HEAD = (226.0, 92.0)  # middle of the head, and below it where the neck bends (portrait pixels)
NECK = 186.0
HEAD_RADIUS = 95.0

# x, y, half width of the open band around the outline; portrait pixels, clockwise from bottom left.
# Hair gets a wide band, cloth and metal a narrow one.
OUTLINE = np.array(
    [
        *[(25.5, 349, 2), (28, 335, 2), (30.5, 330, 2), (33.5, 318, 2), (38.5, 306.5, 2)],
        *[(39.7, 295, 2), (43.5, 283, 2), (49, 273.5, 2), (54.3, 265.8, 2), (60, 255, 2)],
        *[(69.3, 243, 2), (78.5, 234, 2), (90, 227, 2), (96.7, 220.8, 2), (105, 214.7, 2)],
        *[(112.3, 206.5, 2), (113.2, 202, 2), (113.8, 198, 2), (112.3, 189.5, 2), (115.5, 185.5, 2)],
        *[(120.5, 183, 2), (124.3, 176, 2), (125.8, 171, 2), (134.3, 160.4, 2), (146.5, 152.4, 2)],
        *[(160.4, 149, 2), (174.4, 148.2, 2), (183, 148.8, 2), (182.3, 145, 2), (180.8, 132.5, 2)],
        *[(175, 128, 2.5), (170.5, 120, 3), (166.5, 115, 4), (160, 108.3, 4), (155.8, 100, 4)],
        *[(154, 88, 4), (153, 71.7, 4), (154.7, 61.7, 4), (160, 55, 5), (170, 45.8, 6)],
        *[(180, 39.2, 7), (187.5, 33.5, 7), (192.5, 28.5, 6), (201.7, 23, 5), (213, 19.6, 5)],
        *[(225, 16.4, 4), (231.7, 15.5, 4), (241.7, 16.3, 4), (251.7, 19, 4), (260, 22, 4)],
        *[(275, 29.7, 4), (285.8, 39, 4), (293.3, 50, 4), (297.5, 63.3, 4), (301, 80, 4)],
        *[(301.7, 88, 4), (299, 100, 4), (293, 111.7, 4), (283.3, 121.7, 4), (279, 128.5, 3)],
        *[(275, 135, 2.5), (271, 136.8, 2), (267.3, 136, 2), (264.6, 149, 2), (260.6, 156.5, 2)],
        *[(258.2, 160.2, 2), (256.0, 172, 2), (267.0, 180.6, 2), (278.8, 190, 2), (291.7, 202.5, 2), (300, 215, 2)],
        *[(303.8, 226.7, 2), (304.2, 234, 2), (313, 239, 2), (323, 245.8, 2), (333, 253, 2)],
        *[(340, 261.7, 2), (345, 270, 2), (348, 280, 2), (351.7, 283.7, 2), (353.5, 291.7, 2)],
        *[(356.9, 303.3, 2), (358.4, 318, 2), (359.3, 325, 2), (363, 331.7, 2), (360.5, 333.5, 2)],
        *[(360.3, 349, 2)],
    ]
)
HAIR_FROM, HAIR_TO = 30, 60  # the points of OUTLINE that run along hair


def srgb_to_linear(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """IEC 61966-2-1, the curve of the portrait."""
    return np.where(code <= 0.04045, code / 12.92, ((np.maximum(code, 0) + 0.055) / 1.055) ** 2.4)


def portrait(name: str) -> NDArray[np.float64]:
    """A picture of scikit-image's, 0..1, (h, w, 3); MediaError when the package is absent."""
    try:
        from skimage import data
    except ImportError as error:
        raise MediaError(
            "the sample clip is made from pictures of scikit-image, which isn't installed",
            where="samples",
            hint="pip install 'nodegraph[samples]'",
        ) from error
    return np.asarray(getattr(data, name)(), np.float64) / 255.0


def trimap() -> NDArray[np.float64]:
    """(ROWS, COLUMNS): 1 inside the traced outline, 0 outside, 0.5 where it is for matting to say."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS] + 0.5
    inside = np.zeros((ROWS, COLUMNS), bool)
    open_band = np.zeros((ROWS, COLUMNS), bool)
    for (ax, ay, aw), (bx, by, bw) in zip(OUTLINE, np.roll(OUTLINE, -1, axis=0)):
        dx, dy = bx - ax, by - ay
        if dy != 0:
            inside ^= ((ay > y) != (by > y)) & (x < ax + (y - ay) / dy * dx)
        along = np.clip(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0, 1)
        reach = aw + (bw - aw) * along
        open_band |= np.hypot(x - ax - along * dx, y - ay - along * dy) < reach
    return np.where(open_band & (y < ROWS - 1), 0.5, inside.astype(np.float64))


@lru_cache(maxsize=1)
def cut_out() -> tuple[Array, Array]:
    """Scene-linear colour (h, w, 3), also where the picture shows none of her, and alpha (h, w)."""
    picture = np.ascontiguousarray(portrait("astronaut")[:ROWS, :COLUMNS])
    try:
        with warnings.catch_warnings():  # PyMatting's own notes on its Numba use
            warnings.simplefilter("ignore")
            from pymatting import estimate_alpha_cf, estimate_foreground_ml
    except ImportError as error:
        raise MediaError(
            "the sample's actor is cut out by PyMatting, which isn't installed",
            where="samples",
            hint="pip install 'nodegraph[samples]'",
        ) from error
    known = trimap()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alpha = estimate_alpha_cf(picture, known, laplacian_kwargs={"epsilon": 1e-5})
    alpha = np.where(known == 0.5, alpha, known)
    # Grain of the portrait leaves a film of a few per cent on both ends.
    alpha = np.clip((alpha - 0.05) / 0.90, 0.0, 1.0)
    colour = estimate_foreground_ml(picture, alpha, regularization=5e-4, n_small_iterations=20)
    return srgb_to_linear(np.clip(colour, 0, 1)).astype(np.float32), alpha.astype(np.float32)


def film_actor(per_pixel: float, seed: int) -> Array:
    """The actor, premultiplied scene-linear RGBA (h, w, 4), at `per_pixel` film pixels a portrait pixel."""
    colour, alpha = cut_out()
    shape = (round(ROWS * per_pixel), round(COLUMNS * per_pixel))
    whole = (0.0, 0.0, float(COLUMNS), float(ROWS))
    rng = np.random.default_rng([seed, 1])
    colour = scale(colour, shape, whole)
    alpha = scale(alpha, shape, whole)
    colour = np.maximum(_sharpen(colour, per_pixel), 0.0)
    colour *= _weave(shape, per_pixel, rng)[..., None]
    alpha = _firm(alpha, per_pixel)
    actor = np.concatenate([colour * alpha[..., None], alpha[..., None]], axis=-1)
    _grow_hair(actor, colour, per_pixel, rng)
    return np.ascontiguousarray(actor, np.float32)


def _sharpen(colour: Array, per_pixel: float) -> Array:
    """Lift the portrait's own finest detail, in the ratio to its surroundings so that no edge rings."""
    soft = gaussian(colour, 0.55 * per_pixel)
    ratio = (colour + 0.02) / (soft + 0.02)
    return np.asarray(colour * np.clip(ratio, 0.80, 1.25), np.float32)


def _weave(shape: tuple[int, int], per_pixel: float, rng: np.random.Generator) -> Array:
    """Weave and pores: fine detail around 1 that the enlarged portrait lacks."""
    noise = rng.standard_normal(shape, np.float32)
    fine = gaussian(noise, 0.20 * per_pixel) - gaussian(noise, 0.55 * per_pixel)
    return np.asarray(np.clip(1.0 + 0.035 * fine / max(float(fine.std()), 1e-6), 0.85, 1.15), np.float32)


def _firm(alpha: Array, per_pixel: float) -> Array:
    """Cloth and skin have firm edges: undo the enlargement's softness there, not on hair."""
    height = alpha.shape[0]
    hair = OUTLINE[HAIR_FROM:HAIR_TO, :2] * per_pixel
    top, bottom = hair[:, 1].min(), hair[:, 1].max()
    y = (np.arange(height, dtype=np.float32) - top) / (bottom - top)
    soft = np.clip((1.0 - y) * 6.0, 0.0, 1.0)[:, None]
    gain = 1.0 + (1.0 - 0.75 * soft) * max(0.0, 0.35 * (per_pixel - 1.0))
    return np.asarray(np.clip((alpha - 0.5) * gain + 0.5, 0.0, 1.0), np.float32)


def _grow_hair(actor: Array, colour: Array, per_pixel: float, rng: np.random.Generator) -> None:
    """Lay single stray hairs over the edge of the hair; `actor` is changed in place."""
    points = OUTLINE[HAIR_FROM:HAIR_TO, :2]
    legs = np.hypot(*np.diff(points, axis=0).T)
    length = np.concatenate([[0.0], np.cumsum(legs)])
    coverage = np.zeros(actor.shape[:2], np.float32)
    tint = np.zeros((*actor.shape[:2], 3), np.float32)
    for _ in range(420):
        at = rng.uniform(0, length[-1])
        leg = int(np.clip(np.searchsorted(length, at) - 1, 0, len(legs) - 1))
        along = (points[leg + 1] - points[leg]) / legs[leg]
        root = points[leg] + along * (at - length[leg])
        outward = np.array([along[1], -along[0]])
        root = root - outward * rng.uniform(1.5, 5.0)
        # Hair lies along the head and lifts off it a little.
        way = along * rng.choice([-1.0, 1.0]) + outward * rng.uniform(0.15, 0.75)
        _draw_hair(coverage, tint, colour, root, way, outward, per_pixel, rng)
    coverage = np.minimum(coverage, 0.95)
    tint /= np.maximum(coverage, 1e-4)[..., None]
    keep = 1.0 - coverage[..., None]
    actor[..., :3] = actor[..., :3] * keep + np.clip(tint, 0, 1) * coverage[..., None]
    actor[..., 3:] = actor[..., 3:] * keep + coverage[..., None]


def _draw_hair(
    coverage: Array,
    tint: Array,
    colour: Array,
    root: NDArray[np.float64],
    way: NDArray[np.float64],
    outward: NDArray[np.float64],
    per_pixel: float,
    rng: np.random.Generator,
) -> None:
    """One hair: a parabola from `root`, fading to its tip, about a film pixel thick."""
    reach = rng.uniform(4.0, 15.0) * rng.uniform(0.5, 1.0)
    bend = outward * rng.normal(-0.35, 0.35) + way * rng.normal(0, 0.1)
    t = np.linspace(0.0, 1.0, max(8, int(reach * per_pixel * 1.5)))[:, None]
    path = (root + reach * (way / np.hypot(*way) * t + bend * t * t)) * per_pixel - 0.5
    sigma = rng.uniform(0.42, 0.62) * max(per_pixel / 3.1, 0.8)
    strength = rng.uniform(0.35, 0.95) * min(1.0, per_pixel / 3.1)
    height, width = coverage.shape
    ry, rx = np.clip(np.rint(root[::-1] * per_pixel).astype(int), 0, [height - 1, width - 1])
    shade = colour[ry, rx] * rng.uniform(0.7, 1.3)
    spacing = max(1e-3, float(np.hypot(*(path[-1] - path[0]))) / len(t))
    fade = strength * (1.0 - t[:, 0] ** 2) * spacing / (sigma * np.sqrt(2 * np.pi))
    cell = np.floor(path).astype(int)
    for dy in range(-2, 4):
        for dx in range(-2, 4):
            x, y = cell[:, 0] + dx, cell[:, 1] + dy
            near = (x >= 0) & (y >= 0) & (x < width) & (y < height)
            spread = np.exp(-0.5 * ((x - path[:, 0]) ** 2 + (y - path[:, 1]) ** 2) / sigma**2)
            amount = np.where(near, fade * spread, 0).astype(np.float32)
            where = (np.clip(y, 0, height - 1), np.clip(x, 0, width - 1))
            np.add.at(coverage, where, amount)
            np.add.at(tint, where, amount[:, None] * shade)
