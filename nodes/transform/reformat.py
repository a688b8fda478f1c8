"""From one format to another."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

import numpy as np

from nodegraph.node import Bool, Choice, Float, Int, Query, Warp
from nodegraph.values import FrameSpec, Window

from .transform import FILTER

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Reformat(Warp):
    """Give the picture another display window and fit it in.

    Pixels beyond the new display window are kept; crop cuts them. Concatenates with transforms.
    """

    id = "nodegraph.transform.reformat"
    label = "reformat"

    to = Choice("project", ("project", "size", "scale"), help="The project's format, a size, or a factor.")
    width = Int(1920, 1, 65536, unit="px", help="Of the new format, for size.")
    height = Int(1080, 1, 65536, unit="px", help="Of the new format, for size.")
    factor = Float(1, 0.001, 100, soft=(0.1, 4), help="For scale.")
    resize = Choice(
        "fit",
        ("fit", "fill", "width", "height", "distort", "none"),
        help="fit shows all of the picture, fill leaves no edge empty, distort does both.",
    )
    centre = Bool(True, help="In the middle; else at the bottom left.")
    filter = FILTER

    def describe(self, q: Query) -> FrameSpec:
        spec = q.inputs["image"]
        return spec.with_(pixel_aspect=q.format.pixel_aspect) if q.p.to == "project" else spec

    def display(self, q: Query) -> Window:
        given = q.inputs["image"].display_window
        if q.p.to == "project":
            return q.format.window
        if q.p.to == "size":
            return Window.sized(max(1, q.p.width), max(1, q.p.height))
        return Window.sized(max(1, round(given.width * q.p.factor)), max(1, round(given.height * q.p.factor)))

    def matrix(self, q: Query) -> NDArray[np.float64]:
        given, wanted = q.inputs["image"].display_window, self.display(q)
        across, down = self._zoom(q, given, wanted)
        if q.p.centre:
            x = (given.x0 + given.x1) / 2 - (wanted.x0 + wanted.x1) / 2 / across
            y = (given.y0 + given.y1) / 2 - (wanted.y0 + wanted.y1) / 2 / down
        else:
            x, y = given.x0 - wanted.x0 / across, given.y1 - wanted.y1 / down
        if q.p.resize == "none":  # an odd difference must not filter the picture
            x, y = floor(x), floor(y)
        return np.array([[1 / across, 0, x], [0, 1 / down, y], [0, 0, 1]])

    def _zoom(self, q: Query, given: Window, wanted: Window) -> tuple[float, float]:
        """How much larger the picture gets along x and y; shapes are kept on the screen."""
        before = q.inputs["image"].pixel_aspect
        after = q.format.pixel_aspect if q.p.to == "project" else before
        wide = wanted.width * after / (given.width * before)
        tall = wanted.height / given.height
        if q.p.resize == "distort":
            return wanted.width / given.width, tall
        if q.p.resize == "none":
            return 1.0, 1.0
        zoom = {"fit": min(wide, tall), "fill": max(wide, tall), "width": wide, "height": tall}[q.p.resize]
        return zoom * before / after, zoom
