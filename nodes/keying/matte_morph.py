"""The shapes between two mattes:

image ─> field ─┬─> between ─> out
to ────> field ─┘

A field, how far each pixel is from the matte's edge, is kept while only the amount changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.node import Bool, Compound, Float, FrameNode, In, Int, Part, Parts, Query
from nodegraph.values import Window

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, FrameSpec
    from nodegraph.values.frame import Pixels

__all__ = ["MatteMorph"]

_FIELD = ("A", "edge.distance", "edge.softness")


class _Field(FrameNode):
    """A matte, and for each pixel of it the distance to its edge and how soft that is."""

    id = "nodegraph.keying.matte_morph.field"
    image = In("Matte")
    x0 = Int(0)
    y0 = Int(0)
    x1 = Int(0)
    y1 = Int(0)

    def describe(self, q: Query) -> FrameSpec:
        window = Window(q.p.x0, q.p.y0, q.p.x1, q.p.y1)
        return q.inputs["image"].with_(channels=_FIELD, data_window=window, colour_space="raw", premultiplied=False)

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.distance import signed_distance
        from nodegraph.values import Frame

        spec = self.describe(q)
        image: Frame = inputs["image"]
        planes = np.zeros(spec.shape, np.float32)
        if "A" in image.spec.channels:
            planes[0] = image.crop(spec.data_window).channel("A")
        else:  # opaque
            planes[(0, *image.spec.data_window.within(spec.data_window))] = 1
        signed_distance(np.clip(np.nan_to_num(planes[0], nan=0.0), 0, 1), planes[1], planes[2], pool)
        return Frame(spec, planes)


class _Between(FrameNode):
    """The matte between two fields, as a grey picture."""

    id = "nodegraph.keying.matte_morph.between"
    image = In()
    to = In()
    amount = Float(0.5, 0, 1)
    softness = Float(0, 0)
    align = Bool(True)

    def describe(self, q: Query) -> FrameSpec:
        return q.inputs["image"].with_(channels=("R", "G", "B", "A"), colour_space="linear", premultiplied=True)

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.values import Frame

        spec = self.describe(q)
        t = float(q.p.amount)
        first, second = (inputs[port].crop(spec.data_window).pixels for port in ("image", "to"))
        pixels = np.empty(spec.shape, np.float32)
        pixels[:] = (first, second)[int(t)][0] if t in (0, 1) else _between(first, second, q, pool)
        return Frame(spec, pixels)


def _between(first: Pixels, second: Pixels, q: Query, pool: Pool) -> Pixels:
    from nodegraph.kernels.distance import between

    t = float(q.p.amount)
    first, second = (_numbers(each) for each in (first, second))
    known = [bool(each[2, :1].any()) for each in (first, second)]
    if not any(known):  # neither has an edge
        made: Pixels = first[0] + (second[0] - first[0]) * np.float32(t)
        return made
    moves = (0.0, 0.0), (0.0, 0.0)
    if not known[0]:
        first = _gone(first[0], second)
    elif not known[1]:
        second = _gone(second[0], first)
    elif q.p.align:
        here, there = _centre(first[0]), _centre(second[0])
        x, y = there[0] - here[0], there[1] - here[1]
        moves = (t * x, t * y), ((t - 1) * x, (t - 1) * y)
    out: Pixels = np.empty_like(first[0])
    between((first, second), moves, t, float(q.p.softness), out, pool)
    return out


def _numbers(field: Pixels) -> Pixels:
    """The field with its matte held to 0..1; what isn't a number is 0."""
    matte = field[0]
    if matte.size == 0 or (matte.min() >= 0 and matte.max() <= 1):
        return field
    scrubbed: Pixels = np.stack([np.clip(np.nan_to_num(matte, nan=0.0), 0, 1), field[1], field[2]])
    return scrubbed


def _gone(matte: Pixels, other: Pixels) -> Pixels:
    """A matte without an edge, as the other's shape grown until it is all there is or shrunk until it is gone."""
    _, distance, softness = other
    if matte[0, 0] >= 0.5:
        return np.stack([matte, distance - distance.min() + softness.max(), softness])
    return np.stack([matte, distance - distance.max() - softness.max(), softness])


def _centre(matte: Pixels) -> tuple[float, float]:
    """The centre of gravity (x, y)."""
    columns, rows = matte.sum(0, dtype=np.float64), matte.sum(1, dtype=np.float64)
    total = max(float(columns.sum()), 1e-9)
    return float(columns @ np.arange(columns.size)) / total, float(rows @ np.arange(rows.size)) / total


class MatteMorph(Compound):
    """Make the shape between two mattes: for a roto drawn every few frames, or one key that turns into another.

    Connect the first matte to `image` and the second to `to`, hold each on its frame, and animate `amount` from 0 to
    1. The result is a grey picture with the matte in its alpha too. The edge wanders from one shape to the other,
    where a dissolve would show both half.

    d being the distance to a matte's edge in pixels, above 0 inside of it and found to a part of a pixel, the shape
    between lies where d = (1 - t) d0 + t d1 is above 0: a disc of one radius becomes one of another by way of all
    between. That only holds for shapes that overlap; two that don't would both shrink to nothing on the way. `align`
    therefore moves both to one centre of gravity first, which travels from the first's to the second's in a straight
    line, so that a shape that only travelled keeps its form. Turn it off where parts stand still while others grow.

    With `softness` 0 the edge is as soft as both are near there, blended: alpha = clamp(d / s + 1/2), s being 1 over
    the slope of the matte at its edge, at least 1 px. What of the mattes isn't such an edge (smoke, holes that are
    half transparent) is dissolved. With a softness in pixels the edge is that wide everywhere, and nothing else is in
    the matte. At 0 and 1 the result is exactly the matte that came in. A matte with nothing in it counts as the other
    shape, shrunk until it is gone; one that is white all over as the other, grown until it is all.

    Sources: S. Gustavson and R. Strand, "Anti-aliased Euclidean distance transform", Pattern Recognition Letters 32,
    2011; P. Felzenszwalb and D. Huttenlocher, "Distance transforms of sampled functions", Theory of Computing 8, 2012;
    the mixture of distances by D. Cohen-Or et al., "Three-dimensional distance field metamorphosis", ACM Transactions
    on Graphics 17, 1998.
    """

    id = "nodegraph.keying.matte_morph"
    label = "matte morph"
    maskable = False

    image = In("Matte", help="The shape at amount 0.")
    to = In("Matte", help="The shape at amount 1.")
    amount = Float(0.5, 0, 1, help="How far from the first shape to the second.")
    softness = Float(0, 0, 1000, unit="px", soft=(0, 50), help="How wide the edge is; 0 takes that of both mattes.")
    align = Bool(True, help="Move both to one centre of gravity, which travels along.")

    def compose(self, q: Query, parts: Parts) -> Part:
        image, to = q.inputs["image"], q.inputs["to"]
        window = image.data_window.union(image.display_window)  # what touches its border goes on beyond it
        x0, y0, x1, y1 = window.union(to.data_window)
        fields = {
            port: parts.use(f"{port} field", _FIELD_OF, {"image": parts.inputs[port]}, x0=x0, y0=y0, x1=x1, y1=y1)
            for port in ("image", "to")
        }
        return parts.use("between", _BETWEEN, fields, **q.given(_BETWEEN))


_FIELD_OF, _BETWEEN = _Field(), _Between()
