"""Putting a lens's distortion in, and taking it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.kernels.lens import Lens, distorted, undistorted
from nodegraph.node import Choice, Float, FrameNode, In, Query, Vec2
from nodegraph.values import Frame, FrameSpec, Window

from .transform import FILTER

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool

Doubles = NDArray[np.float64]


class LensDistortion(FrameNode):
    """Brown and Conrady's lens: radial k1 k2 k3 and tangential p1 p2, with OpenCV's meaning.

    `undistort` makes straight lines straight; `distort` puts rendered elements behind the
    lens of the plate. The result covers the display window.
    """

    id = "nodegraph.transform.lens_distortion"
    label = "lens distortion"
    maskable = True
    image = In()

    direction = Choice("undistort", ("undistort", "distort"), help="Take the distortion out, or put it in.")
    k1 = Float(0, soft=(-0.5, 0.5), help="Radial, with the square of the distance: below 0 is a barrel.")
    k2 = Float(0, soft=(-0.5, 0.5), help="With its fourth power.")
    k3 = Float(0, soft=(-0.5, 0.5), help="With its sixth power.")
    p1 = Float(0, soft=(-0.05, 0.05), help="Tangential, down.")
    p2 = Float(0, soft=(-0.05, 0.05), help="Tangential, to the right.")
    focal = Float(1, 0.01, 100, soft=(0.3, 3), help="The focal length in widths of the display window.")
    centre = Vec2(
        (0.5, 0.5), soft=(0, 1), help="The optical axis, in parts of the display window from its bottom left."
    )
    filter = FILTER

    def identity(self, q: Query) -> str | None:
        return "image" if _lens(q).straight else None

    def describe(self, q: Query) -> FrameSpec:
        spec = q.inputs["image"]
        return spec.with_(data_window=spec.display_window)

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.resample import sample_at

        image: Frame = inputs["image"]
        display = image.spec.display_window
        focal = q.p.focal * display.width
        axis = display.x0 + q.p.centre[0] * display.width, display.y1 - q.p.centre[1] * display.height
        moves = distorted if q.p.direction == "undistort" else undistorted
        u = np.empty((region.height, region.width), np.float32)
        v = np.empty_like(u)

        def strip(y0: int, y1: int) -> None:
            x = (np.arange(region.x0, region.x1) + 0.5 - axis[0])[None, :] / focal
            y = (np.arange(region.y0 + y0, region.y0 + y1) + 0.5 - axis[1])[:, None] / focal
            across, down = moves(x + 0 * y, y + 0 * x, _lens(q))
            u[y0:y1] = across * focal + axis[0]
            v[y0:y1] = down * focal + axis[1]

        pool.map(region.height, strip, 32)
        spec = image.spec.with_(data_window=region)
        out = np.empty(spec.shape, np.float32)
        sample_at(image.pixels, out, u, v, image.spec.data_window, q.p.filter, pool)
        return Frame(spec, out)


def _lens(q: Query) -> Lens:
    p = q.p
    return Lens(p.k1, p.k2, p.k3, p.p1, p.p2)
