"""The shapes between two mattes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nodegraph.node import Bool, Float, FrameNode, In, Query

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, FrameSpec, Window

    Plane = NDArray[np.float32]

__all__ = ["MatteMorph"]

_CHANNELS = ("R", "G", "B", "A")


class _Shape(NamedTuple):
    """A matte, how far each pixel is from its edge, and how soft that is."""

    matte: Plane
    distance: Plane
    softness: Plane


class MatteMorph(FrameNode):
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
    main = "image"

    image = In("Matte", help="The shape at amount 0.")
    to = In("Matte", help="The shape at amount 1.")
    amount = Float(0.5, 0, 1, help="How far from the first shape to the second.")
    softness = Float(0, 0, 1000, unit="px", soft=(0, 50), help="How wide the edge is; 0 takes that of both mattes.")
    align = Bool(True, help="Move both to one centre of gravity, which travels along.")

    def describe(self, q: Query) -> FrameSpec | None:
        image = q.inputs.get("image")
        if image is None:
            return super().describe(q)
        window = image.data_window.union(image.display_window)  # what touches its border goes on beyond it
        if "to" in q.inputs:
            window = window.union(q.inputs["to"].data_window)
        return image.with_(channels=_CHANNELS, data_window=window, premultiplied=True)

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.values import Frame

        spec: FrameSpec = self.describe(q)  # type: ignore[assignment]
        t = float(q.p.amount)
        mattes = [_alpha(inputs[port], spec.data_window) for port in ("image", "to")]
        if t in (0, 1):
            made = mattes[int(t)]
        else:
            first, second = (np.clip(np.nan_to_num(m, nan=0.0), 0, 1) for m in mattes)
            made = _between(first, second, t, float(q.p.softness), bool(q.p.align), pool)
        pixels = np.empty(spec.shape, np.float32)
        pixels[:] = made
        return Frame(spec, pixels)


def _alpha(frame: Frame, window: Window) -> Plane:
    """The matte over a window; a picture without one is opaque."""
    names = frame.spec.channels
    if "A" in names:
        return frame.crop(window).channel("A")
    matte = np.zeros((window.height, window.width), np.float32)
    matte[frame.spec.data_window.intersect(window).within(window)] = 1
    return matte


def _between(first: Plane, second: Plane, t: float, softness: float, align: bool, pool: Pool) -> Plane:
    from nodegraph.kernels.distance import edge_of

    plain: Plane = first + (second - first) * np.float32(t)
    shapes = _shapes(first, second, pool)
    if shapes is None:  # neither has an edge
        return plain
    one, other, both = shapes
    if align and both:
        here, there = _centre(first), _centre(second)
        way = there[0] - here[0], there[1] - here[1]
        one = _moved(one, t * way[0], t * way[1], pool)
        other = _moved(other, (t - 1) * way[0], (t - 1) * way[1], pool)
    share = np.float32(t)
    distance = one.distance + (other.distance - one.distance) * share
    out = np.empty_like(first)
    if softness > 0:
        edge_of(distance, np.full_like(first, softness), out, pool)
        return out
    edge_of(distance, one.softness + (other.softness - one.softness) * share, out, pool)
    rests = []
    for shape in (one, other):
        edge = np.empty_like(first)
        edge_of(shape.distance, shape.softness, edge, pool)
        rests.append(shape.matte - edge)
    made: Plane = np.clip(out + rests[0] + (rests[1] - rests[0]) * share, 0, 1)
    return made


def _shapes(first: Plane, second: Plane, pool: Pool) -> tuple[_Shape, _Shape, bool] | None:
    """Both, and whether both have an edge of their own."""
    from nodegraph.kernels.distance import signed_distance

    found = signed_distance(first, pool), signed_distance(second, pool)
    if found[0] is None and found[1] is None:
        return None
    if found[0] is not None and found[1] is not None:
        return _Shape(first, *found[0]), _Shape(second, *found[1]), True
    if found[0] is not None:
        return _Shape(first, *found[0]), _gone(second, *found[0]), False
    assert found[1] is not None
    return _gone(first, *found[1]), _Shape(second, *found[1]), False


def _gone(matte: Plane, distance: Plane, softness: Plane) -> _Shape:
    """A matte without an edge, as the other's shape grown until it is all there is or shrunk until it is gone."""
    beyond = distance.min() if matte[0, 0] >= 0.5 else distance.max()
    margin = softness.max() if matte[0, 0] >= 0.5 else -softness.max()
    return _Shape(matte, distance - beyond + margin, softness)


def _centre(matte: Plane) -> tuple[float, float]:
    """The centre of gravity (x, y)."""
    columns, rows = matte.sum(0, dtype=np.float64), matte.sum(1, dtype=np.float64)
    total = max(float(columns.sum()), 1e-9)
    return float(columns @ np.arange(columns.size)) / total, float(rows @ np.arange(rows.size)) / total


def _moved(shape: _Shape, x: float, y: float, pool: Pool) -> _Shape:
    from nodegraph.kernels.distance import shifted

    def moved(plane: Plane) -> Plane:
        out = np.empty_like(plane)
        shifted(plane, x, y, out, pool)
        return out

    return _Shape(*(moved(np.ascontiguousarray(plane)) for plane in shape))
