"""How a screen's colour and light vary over the picture, as a smooth field fitted to what is surely screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.node import Analysis, Bool, Colour, Int, Query

from .screen import LOOK, LOOK_AT, SCREEN, difference, find_screen

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, Window

__all__ = ["TINTED", "Field", "FitField", "Samples", "fit_field", "screen_samples", "seen"]

Samples = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: The picture is looked at through about this many small blocks of pixels, of at most so many a side.
_BLOCKS, _BLOCK = 6_000, 4
#: Every so manieth of them tells what the screen's colour is.
_THIN = 3
#: Powers (i, j) of u^i v^j, in the order of `Field.light`.
POWERS = tuple((i, j) for i in range(5) for j in range(5 - i))
#: Nodes along a side of the grid that the polynomial's rest is averaged on.
NODES = 17
#: A screen has at least this share of the picture, and its colour stands out by this share of the channels' sum: one of
#: two channels (yellow) by more, for skin, sand and leaves are of its kind.
_SHARE, _HUE, _HUE_OF_TWO = 0.015, 0.1, 0.22
#: What counts as screen: hue and chromaticity near the screen's, and no darker than this share of it.
_SAME_HUE, _SAME_COLOUR, _DARKEST = 0.7, 0.12, 0.03
#: How far lamps may tint a screen: a channel's share of the light changes by this factor at the most.
TINTED = 4.0
_DARK = 1e-6
#: Tukey's constant (95 % efficient for Gaussian noise), and the least scale, in stops.
_TUKEY, _LEAST = 4.685, 0.02


class Field(NamedTuple):
    """A screen's colour over the picture.

    `light` is (3, 15): log2 of each channel is the sum of light[c, k] u^i v^j over `POWERS`; u and v are
    ((2x / width - 1) - place[0]) place[1] and, y upward, ((2y / height - 1) - place[2]) place[3], held to -1.1..1.1.
    `bounds` are the least and greatest log2 of each channel that occur. `rest` is what the polynomial misses, in
    stops, as a table for `lookup3` over (0, v, u), 0..1 for -1..1. `noise` is the robust spread about the field, in
    stops.
    """

    kind: float
    light: Samples
    place: tuple[float, float, float, float]
    bounds: Samples
    median: tuple[float, ...]
    brightest: tuple[float, ...]
    rest: NDArray[np.float32]
    noise: float
    found: bool = True


#: What is known where there is no screen: nothing is screen, nothing is corrected.
NONE = Field(
    1.0, np.zeros((3, len(POWERS))), (0.0, 1.0, 0.0, 1.0), np.zeros((2, 3)), (0.0, 1.0, 0.0), (0.0, 1.0, 0.0),
    np.zeros(3 * 2**3, np.float32), 0.0, False,
)  # fmt: skip


class FitField(Analysis):
    """The screen's smooth field; see `fit_field`."""

    id = "nodegraph.keying.fit_field"
    screen = SCREEN
    look = LOOK
    look_at = LOOK_AT
    colour = Colour((0.1, 0.5, 0.1), help="The screen's colour, for pick (scene-linear).")
    degree = Int(4, 2, 4, help="Of the polynomial: 2 is a vignette or one lamp's fall-off, 4 bends more.")
    grid = Bool(False, help="Adds what the polynomial misses, on a grid of 16 cells a side: wide shadows and folds.")

    def looks_at(self, q: Query) -> int | None:
        return int(q.p.look_at) if q.p.look == "once" else None

    def cook(self, q: Query, inputs: Mapping[str, Frame], region: Window, pool: Pool) -> Field:
        rgb, place = seen(inputs["image"], q.path)
        picked = None if q.p.screen == "auto" else q.p.colour[:3]
        return fit_field(rgb, place, int(q.p.degree), grid=bool(q.p.grid), colour=picked)


def seen(frame: Frame, where: str) -> tuple[Samples, Samples]:
    """Colours `(3, rows, columns)` of small blocks all over a picture, and their places, -1..1 in the display window."""
    if not {"R", "G", "B"} <= set(frame.spec.channels):
        raise CookError("needs a colour picture", where=where, hint="connect one with R, G and B")
    data, display = frame.spec.data_window, frame.spec.display_window
    stride = max(1, int((data.area / _BLOCKS) ** 0.5))
    block = min(stride, _BLOCK, data.width or 1, data.height or 1)
    rows, columns = (np.arange(block - 1, size, stride) - (block - 1) for size in (data.height, data.width))
    rgb = np.zeros((3, rows.size, columns.size))
    for c, name in enumerate("RGB"):
        plane = frame.channel(name)
        for j in range(block):
            for i in range(block):
                rgb[c] += plane[j::stride, i::stride][: rows.size, : columns.size]
    middle = 0.5 * block
    u = 2 * (data.x0 + columns + middle) / max(1, display.width) - 1
    v = 2 * (display.y1 - data.y0 - rows - middle) / max(1, display.height) - 1
    return rgb / block**2, np.stack(np.broadcast_arrays(u[None, :], v[:, None]))


def screen_samples(
    rgb: Samples, place: Samples, picked: tuple[float, ...] | None = None
) -> tuple[int, tuple[float, float, float], Mask] | None:
    """The screen's kind (`nodegraph.kernels.adaptive_key.kind_of`), its colour, and which samples are surely screen.

    `rgb` is (3, rows, columns), `place` (2, rows, columns), as `seen` gives them. Light changes a colour's brightness,
    hardly its chromaticity c / (r + g + b): dark corners are screen too. Surely is what lies among its like, for a
    mixture with dark hair has the hue too. None where there is no screen: it has 1.5 % of the picture at least, and
    stands out by a tenth of its light, a yellow one by more.
    """
    from nodegraph.kernels.adaptive_key import kind_of

    known = np.isfinite(rgb).all(0)
    if not known.any():
        return None
    colour = picked
    if colour is None:
        screen = find_screen(rgb[:, known][:, ::_THIN], place[:, known][:, ::_THIN])
        if not screen.found:
            return None
        colour = screen.colour
    reference = np.maximum(np.array(colour[:3], np.float64), 0)
    kind = kind_of(tuple(reference))
    light = float(reference.sum())
    full = float(difference(reference[:, None], kind)[0])
    if not full > max(1e-5, (_HUE if kind < 3 else _HUE_OF_TWO) * light):
        return None
    if picked is None and kind == 0:  # skin: red screens have to be picked
        return None
    rgb = np.where(known, rgb, 0)
    total = rgb.sum(0)
    lit = total > _DARKEST * light
    safe = np.where(lit, total, 1)
    near = np.abs(rgb / safe - (reference / light)[:, None, None]).max(0) < _SAME_COLOUR
    same = lit & near & (difference(rgb, kind) / safe > _SAME_HUE * full / light)
    if same.mean() < _SHARE:
        return None
    among = _among(same)
    if among.sum() > 0.2 * same.sum():
        same = among
    r, g, b = (float(v) for v in np.median(rgb[:, same], 1))
    return kind, (r, g, b), same


def _among(same: Mask) -> Mask:
    """What has only its like around it, within the picture."""
    wide = np.pad(same, 1, constant_values=True)
    across = wide[:, :-2] & wide[:, 1:-1] & wide[:, 2:]
    return np.asarray(across[:-2] & across[1:-1] & across[2:])


def fit_field(
    rgb: Samples,
    place: Samples,
    degree: int = 3,
    *,
    grid: bool = False,
    colour: tuple[float, ...] | None = None,
) -> Field:
    """The field of the screen in samples `(3, rows, columns)` at places `(2, rows, columns)`, -1..1.

    A polynomial of u and v for log2 of each channel, by iteratively reweighted least squares: Tukey's biweight of the
    residual of log2(r + g + b), so that what isn't screen after all, and folds, weigh nothing (P. Huber, E. Ronchetti,
    *Robust Statistics*, ch. 7). The degree rises from 1, so that the first weights come of a stiff surface. What lies
    beyond the screen that is seen is held, not extrapolated.
    """
    sure = screen_samples(rgb, place, colour)
    if sure is None:
        return NONE
    kind, middle, same = sure
    deep = _among(_among(same))[same]
    rgb, place = rgb[:, same], place[:, same]
    expected = np.array(middle)[:, None] / max(sum(middle), _DARK) * rgb.sum(0)
    logs = np.log2(np.maximum(np.clip(rgb, expected / TINTED, expected * TINTED), _DARK))
    light = np.log2(np.maximum(rgb.sum(0), _DARK))
    low, high = place.min(1), place.max(1)
    centre, half = (low + high) / 2, np.maximum((high - low) / 2, 1e-3)
    u, v = (place - centre[:, None]) / half[:, None]
    every = _terms(u, v, degree)
    weight, scale = np.ones(u.size), _LEAST
    for current in (1, 1, *range(2, degree + 1), degree, degree):
        chosen = [k for k, (i, j) in enumerate(POWERS) if i + j <= current]
        if len(chosen) * 4 > u.size:  # too little is seen of it for more than its mean
            chosen = [0]
        terms = every[chosen]
        residual = light - _solve(terms, light[None], weight, chosen)[0] @ terms
        scale = max(1.4826 * float(np.median(np.abs(residual))), _LEAST)
        weight = np.square(np.maximum(1 - np.square(residual / (_TUKEY * scale)), 0))
    coefficients = np.zeros((3, len(POWERS)))
    coefficients[:, chosen] = _solve(terms, logs, weight, chosen)
    fitted = (coefficients[:, chosen] @ terms).T
    inside = weight > 0.1
    kept = fitted[inside] if inside.any() else fitted
    bounds = np.stack([kept.min(0) - 0.25, kept.max(0) + 0.25])
    light = kept.sum(1)
    top = kept[light >= np.percentile(light, 95)]
    rest = np.zeros(3 * 2**3, np.float32)
    if grid:
        told = deep if deep.any() else inside
        rest = _rest((logs.T - np.clip(fitted, *bounds))[told], u[told], v[told])
    return Field(
        float(kind), coefficients, (float(centre[0]), float(1 / half[0]), float(centre[1]), float(1 / half[1])), bounds,
        tuple(np.exp2(np.median(kept, 0)).tolist()), tuple(np.exp2(top.mean(0)).tolist()), rest, scale,
    )  # fmt: skip


def _terms(u: Samples, v: Samples, degree: int) -> Samples:
    """u^i v^j, a row for each of `POWERS`; those above the degree are 0."""
    across, up = [np.ones_like(u)], [np.ones_like(v)]
    for _ in range(degree):
        across.append(across[-1] * u)
        up.append(up[-1] * v)
    return np.stack([across[i] * up[j] if i + j <= degree else np.zeros_like(u) for i, j in POWERS])


def _solve(terms: Samples, values: Samples, weight: Samples, chosen: list[int]) -> Samples:
    """Weighted least squares; a little ridge, more for higher powers, decides what the screen's shape leaves open."""
    ridge = np.diag([1e-9 + 1e-6 * sum(POWERS[k]) ** 2 for k in chosen]) * max(float(weight.sum()), 1.0)
    weighed = terms * weight
    return np.asarray(np.linalg.solve(terms @ weighed.T + ridge, weighed @ values.T).T, np.float64)


def _rest(residual: Samples, u: Samples, v: Samples) -> NDArray[np.float32]:
    """Residuals `(n, 3)` averaged onto the grid's nodes, spread to nodes without any, and smoothed once."""
    from nodegraph.kernels.pushpull import spread

    held = np.abs(residual.mean(1)) < 1.5  # darker is no fold: it would only pull its neighbours along
    residual, u, v = residual[held], u[held], v[held]
    x, y = ((np.clip(w, -1, 1) + 1) * (NODES - 1) / 2 for w in (u, v))
    sums = np.zeros((4, NODES * NODES))
    i, j = (np.minimum(w.astype(int), NODES - 2) for w in (x, y))
    for di in (0, 1):
        for dj in (0, 1):
            share = np.abs(1 - di - (x - i)) * np.abs(1 - dj - (y - j))
            node = (j + dj) * NODES + i + di
            for c in range(3):
                sums[c] += np.bincount(node, share * residual[:, c], NODES * NODES)
            sums[3] += np.bincount(node, share, NODES * NODES)
    known = np.minimum(sums[3], 1).reshape(NODES, NODES).astype(np.float32)
    mean = (sums[:3] / np.maximum(sums[3], 1e-6)).reshape(3, NODES, NODES).astype(np.float32)
    filled = spread(mean * known, known, (0, 0, 0))
    around = np.pad(filled, ((0, 0), (1, 1), (1, 1)), mode="edge")
    across = around[:, :, :-2] + 2 * around[:, :, 1:-1] + around[:, :, 2:]
    smooth = (across[:, :-2] + 2 * across[:, 1:-1] + across[:, 2:]) / 16
    cube = np.zeros((NODES, NODES, NODES, 3), np.float32)
    cube[0] = smooth.transpose(1, 2, 0)
    return cube.ravel()
