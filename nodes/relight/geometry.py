"""The shape of an actor, from what there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.node import Choice, Float, FrameNode, In, Query
from nodegraph.values import Frame, FrameSpec, Window

from .shapes import SHAPE

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool

__all__ = ["Geometry"]

Plane = NDArray[np.float32]
#: The matte is blown up in cells, about this many along the picture's longer side.
_CELLS = 320
_LUMA = (0.2126, 0.7152, 0.0722)


class Geometry(FrameNode):
    """Normals and depth of the actor, for light to fall on.

    Without anything else the shape comes from the matte: its outline is blown up like a balloon, which makes heads and
    limbs round, and `detail` adds folds and features from the picture's own light and dark, taking dark for turned
    away. It is a guess, and says so: confidence is 0.5 in the midst of a body and falls to 0.2 at its edge. A
    pass of normals (from a render, a relighting tool, a trained network, a volumetric stage) on `normals` takes its place,
    with confidence 1; so does a pass of depth on `depth`. Look at the view *normals*.

    The height h over the matte solves -laplace(h) = 4 with h = 0 around it, the depth is its root (T. Igarashi et al.,
    "Teddy", SIGGRAPH 1999; M. Prasad et al. 2006); a normal is (-dz/dx, -dz/dy, 1) made one long. What the frame cuts
    goes on beyond it.
    """

    id = "nodegraph.relight.geometry"
    label = "geometry of an actor"

    image = In(help="The keyed picture, with alpha.")
    normals = In(optional=True, help="A pass of normals, in its R, G and B (or normal.X, Y, Z).")
    depth = In(optional=True, help="A pass of depth, in its first channel.")
    view = Choice("shape", ("shape", "normals", "depth"), help="normals and depth are to be looked at.")
    roundness = Float(1, 0, 3, help="How far bodies stand out; 0 is a cardboard figure.")
    detail = Float(0.35, 0, 2, soft=(0, 1), help="How much of the picture's light and dark is taken for shape.")
    encoding = Choice("-1 to 1", ("-1 to 1", "0 to 1"), help="How the pass of normals is written.")
    up = Choice("up", ("up", "down"), help="Which way green points in the pass of normals.")
    nearer = Choice("larger", ("larger", "smaller"), help="Whether nearer is a larger or a smaller depth in the pass.")
    depth_scale = Float(
        1, -1000, 1000, soft=(0, 4), label="depth scale", help="From the pass to heights of the picture."
    )

    def describe(self, q: Query) -> FrameSpec:
        channels = SHAPE if q.p.view == "shape" else ("R", "G", "B", "A")
        return q.inputs["image"].with_(channels=channels, colour_space="raw", premultiplied=False)

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return q.inputs[port].data_window if port in q.inputs else region

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        image: Frame = inputs["image"]
        window = image.spec.data_window
        shape = self.guessed(q, image, pool)
        if inputs.get("normals") is not None:
            shape[:3] = self.read_normals(q, inputs["normals"].crop(window))
            shape[4] = 1
        if inputs.get("depth") is not None:
            sign = 1 if q.p.nearer == "larger" else -1
            shape[3] = np.nan_to_num(inputs["depth"].crop(window).pixels[0]) * np.float32(sign * q.p.depth_scale)
        spec = self.describe(q).with_(data_window=window)
        if q.p.view == "normals":
            shape = np.concatenate([shape[:3] * 0.5 + 0.5, np.ones_like(shape[:1])])
        elif q.p.view == "depth":
            span = max(float(np.abs(shape[3]).max()), 1e-6)
            shape = np.stack([shape[3] / span] * 3 + [np.ones_like(shape[3])])
        return Frame(spec, np.ascontiguousarray(shape)).crop(region)

    def guessed(self, q: Query, image: Frame, pool: Pool) -> Plane:
        """The shape (5, height, width) by the matte and the picture's light."""
        from nodegraph.kernels.cells import shrink
        from nodegraph.kernels.inflating import inflate, slopes, soften, upsample

        height, width = image.pixels.shape[1:]
        cell = max(1, round(max(height, width) / _CELLS))
        alpha = image.channel("A") if "A" in image.spec.channels else np.ones((height, width), np.float32)
        matte = shrink(np.nan_to_num(alpha)[None], cell, pool)[0]
        body = soften(inflate(matte)) * np.float32(q.p.roundness)
        dx, dy = slopes(body)
        if q.p.detail > 0 and {"R", "G", "B"} <= set(image.spec.channels):
            fold_x, fold_y = slopes(self.folds(image, matte, cell, pool))
            dx, dy = dx + np.float32(q.p.detail) * fold_x, dy + np.float32(q.p.detail) * fold_y
        unit = image.spec.display_window.height
        depth = body * np.float32(cell / max(unit, 1))
        inside = np.clip(2 * matte - 1, 0, 1)
        sure = (0.2 + 0.3 * np.minimum(body / max(float(body.max()), 1e-6) * 3, 1)) * inside
        coarse = np.stack([-dx, -dy, np.ones_like(dx), depth, sure.astype(np.float32)])
        return upsample(coarse, cell, (height, width), pool)

    def folds(self, image: Frame, matte: Plane, cell: int, pool: Pool) -> Plane:
        """What is lighter than around it, as if it stood out: the logarithm of light less its blur, in cells."""
        from nodegraph.kernels.cells import shrink
        from nodegraph.kernels.inflating import soften

        light = shrink(np.stack([image.channel(c) for c in "RGB"]), cell, pool)
        grey = np.tensordot(np.array(_LUMA, np.float32), light, 1) / np.maximum(matte, 0.05)
        logs = np.where(matte > 0.5, np.log(np.maximum(grey, 0.01)), np.nan)
        logs = np.where(np.isnan(logs), np.nanmean(logs) if (matte > 0.5).any() else 0, logs).astype(np.float32)
        fine, coarse = soften(logs, 1), soften(logs, 24)
        return np.asarray(np.clip(fine - coarse, -1.2, 1.2) * np.float32(1.6) * (matte > 0.5), np.float32)

    def read_normals(self, q: Query, given: Frame) -> Plane:
        names = given.spec.channels
        wanted = next((w for w in (SHAPE[:3], ("N.X", "N.Y", "N.Z"), ("R", "G", "B")) if set(w) <= set(names)), None)
        if wanted is None:
            raise CookError(
                f"there are no normals among {', '.join(names)}",
                where=f"{q.path}.normals",
                hint="give R, G and B, or normal.X, Y, Z",
            )
        normals = np.nan_to_num(np.stack([given.channel(c) for c in wanted]))
        if q.p.encoding == "0 to 1":
            normals = normals * 2 - 1
        if q.p.up == "down":
            normals[1] *= -1
        length = np.sqrt((normals**2).sum(0))
        return np.asarray(np.where(length > 1e-3, normals / np.maximum(length, 1e-3), 0), np.float32)
