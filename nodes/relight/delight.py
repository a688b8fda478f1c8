"""The light an actor was filmed in, found and divided out:

image ─┬─> found ─┐
geometry ─────────┤
image ────────────┴─> divide ─> out
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.graph.schema import Port
from nodegraph.kernels.shade import RGBA, V, clamp, maximum, mix, select, sqrt
from nodegraph.node import Choice, Compound, Float, FrameNode, In, Out, Part, Parts, Prepared, Query, pixel

from .shapes import SHAPE

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, Window

__all__ = ["Delight", "FindLight"]

_LUMA = np.array([0.2126, 0.7152, 0.0722])
#: Cells along the picture's longer side that are looked at.
_CELLS = 160
#: The light that is assumed where nothing can be found: soft, from the front.
SIDEWAYS = 0.62
#: How far what is found may go from even light, and how many cells it must be found in.
_LEAST, _ENOUGH = 0.25, 40
_TURNS = 12


class FindLight(FrameNode):
    """Light by direction, of a white card 1: factors (4,) of 1, y, z, x, as harmonics of the first order have it."""

    id = "nodegraph.relight.delight.found"
    is_part = True
    image = In()
    geometry = In()
    out = Out("Number")

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> NDArray[np.float64]:
        image: Frame = inputs["image"]
        shape: Frame = inputs["geometry"].crop(image.spec.data_window)
        step = max(1, max(image.pixels.shape[1:]) // _CELLS)
        names = image.spec.channels
        if not ({"R", "G", "B"} <= set(names) and set(SHAPE) <= set(shape.spec.channels)):
            return soft_front()
        cut = slice(step // 2, None, step), slice(step // 2, None, step)
        light = np.tensordot(_LUMA, np.stack([image.channel(c)[cut] for c in "RGB"]).astype(np.float64), 1)
        alpha = image.channel("A")[cut].astype(np.float64) if "A" in names else np.ones_like(light)
        normals = np.stack([shape.channel(c)[cut] for c in SHAPE[:3]]).astype(np.float64)
        sure = shape.channel(SHAPE[4])[cut].astype(np.float64)
        there = (alpha > 0.95) & np.isfinite(light) & (light > 1e-4) & (sure > 0.1) & np.isfinite(normals).all(0)
        return fitted(light[there] / alpha[there], normals[:, there], sure[there])


def soft_front() -> NDArray[np.float64]:
    return np.array([SIDEWAYS, 0.0, 1 - SIDEWAYS, 0.0])


def fitted(light: NDArray[np.float64], normals: NDArray[np.float64], sure: NDArray[np.float64]) -> NDArray[np.float64]:
    """Factors (4,) by weighted least squares over luminances (n,) and normals (3, n), again and again with what lies far
    off counting less (Geman and McClure): cloth of other colours, eyes, hair. Divided so that its mean is 1."""
    if light.size < _ENOUGH:
        return soft_front()
    terms = np.stack([np.ones_like(light), normals[1], normals[2], normals[0]], 1)
    level = float(np.median(light))
    weight = sure.copy()
    found = np.array([level, 0.0, 0.0, 0.0])
    # a ridge holds what no cell shows: light from where nothing faces
    ridge = np.diag([0.0, 1.0, 1.0, 1.0]) * 0.02 * light.size * float(sure.mean())
    for _ in range(_TURNS):
        weighted = terms * weight[:, None]
        found = np.linalg.solve(weighted.T @ terms + ridge, weighted.T @ light)
        off = light - terms @ found
        spread = 1.4826 * float(np.median(np.abs(off))) + 0.02 * level + 1e-9
        weight = sure / (1 + (off / (2 * spread)) ** 2) ** 2
    mean = float(np.average(np.maximum(terms @ found, 1e-6), weights=sure))
    found = found / max(mean, 1e-9)
    most = float(np.linalg.norm(found[1:]))
    limit = found[0] - _LEAST * 0.5  # so that even what faces away keeps some light
    return found if most <= limit else np.array([found[0], *(found[1:] * max(limit, 0.0) / most)])


def _prepare(q: Query, found: Any) -> Mapping[str, Any]:
    factors = soft_front() if found is None else found
    return {"factors": tuple(float(v) for v in factors)}


def _light(x: V, y: V, z: V, factors: V) -> V:
    return maximum(factors[0] + factors[1] * y + factors[2] * z + factors[3] * x, _LEAST)


def _flat(
    image_r: V, image_g: V, image_b: V, image_a: V, shape_r: V, shape_g: V, shape_b: V, *,
    factors: V = Prepared(4), amount: V = Float(1, 0, 1), limit: V = Float(2, 0, 10),
) -> RGBA:  # fmt: skip
    length = maximum(shape_r * shape_r + shape_g * shape_g + shape_b * shape_b, 0.000001)
    there = select(length > 0.01, 1.0, 0.0)
    size = 1.0 / sqrt(length)
    light = mix(1.0, _light(shape_r * size, shape_g * size, shape_b * size, factors), amount * there)
    gain = clamp(1.0 / light, 0.0, limit)
    return image_r * gain, image_g * gain, image_b * gain, image_a


def _shown(image_a: V, shape_r: V, shape_g: V, shape_b: V, *, factors: V = Prepared(4)) -> RGBA:
    light = _light(shape_r, shape_g, shape_b, factors) * 0.5 * image_a
    return light, light, light, image_a


_divide = pixel(
    "nodegraph.relight.delight.divide",
    inputs=(Port("image"), Port("shape")),
    main="image",
    cases={"result": _flat, "light": _shown},
    by="view",
    prepare=_prepare,
    maskable=False,
)(_flat)


class Delight(Compound):
    """Take the light out that an actor was filmed in: an approximate albedo, for another light to go on.

    The light is found from the picture: luminances over the shape's normals, fitted by harmonics of the first order
    (a light from one side over an even one), robustly, so that hair, eyes and cloth of other colours don't decide. It is
    divided out as far as `amount`; no pixel gets brighter than by `limit`, and skin stays believable. What can't be
    told from a picture stays in: whether a cheek is dark or in the dark. relight finds and divides by itself with
    *filmed in: found*; this node is for looking at it, and for other uses. The view *light* shows what was found.

    E(n) = c0 + c1 y + c2 z + c3 x, least squares reweighted by (1 + (r / 2 s)^2)^-2 (S. Geman and D. McClure 1987), s being the
    residuals' spread (1.4826 times their median); divided by its own mean. R. Basri and D. Jacobs (2003) have shown that this
    holds most of what a matt surface shows.
    """

    id = "nodegraph.relight.delight"
    label = "delight"

    image = In(help="The keyed picture, premultiplied.")
    geometry = In(help="Its shape, from relight.geometry.")
    view = Choice("result", ("result", "light"), help="light shows what was found, a half being the mean.")
    amount = Float(1, 0, 1, help="How far the light is divided out.")
    limit = Float(2, 1, 10, help="No pixel gets more than this many times brighter.")

    def compose(self, q: Query, parts: Parts) -> Part:
        image, geometry = parts.inputs["image"], parts.inputs["geometry"]
        found = parts.use("found", _FIND, {"image": image, "geometry": geometry})
        normals = parts.use("normals", _NORMALS, {"image": geometry})
        return parts.use("divide", _divide, {"image": image, "shape": normals}, found, **q.given(_divide))


class _Normals(FrameNode):
    """The normals of a shape as a colour picture: pixel functions know colours."""

    id = "nodegraph.relight.delight.normals"
    is_part = True
    image = In()

    def describe(self, q: Query) -> Any:
        return q.inputs["image"].with_(channels=("R", "G", "B"), colour_space="raw", premultiplied=False)

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.values import Frame

        shape: Frame = inputs["image"].crop(region)
        return Frame(self.describe(q).with_(data_window=region), shape.pixels[:3])


_FIND, _NORMALS = FindLight(), _Normals()
