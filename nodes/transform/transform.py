"""Move, turn, scale and skew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodegraph.kernels import geometry
from nodegraph.node import Bool, Choice, Float, Query, Vec2, Warp

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILTERS = ("catmull-rom", "impulse", "bilinear", "cubic", "mitchell", "lanczos")
FILTER = Choice(
    "catmull-rom",
    FILTERS,
    help="How the picture is read between its pixels. impulse takes the nearest, cubic is soft, catmull-rom and "
    "lanczos are sharp, mitchell lies between. Grows where the picture shrinks.",
)


class Transform(Warp):
    """Scale, skew, rotate about the pivot, then translate.

    Transforms that follow one another are put together first and filter the picture once,
    with the last one's filter. Pixels that leave the display window are kept: a later
    transform may bring them back.
    """

    id = "nodegraph.transform.transform"
    label = "transform"

    translate = Vec2((0, 0), unit="px", soft=(-1000, 1000), help="To the right, and up.")
    rotate = Float(0, unit="deg", soft=(-180, 180), help="Counter-clockwise.")
    scale = Vec2((1, 1), -100, 100, soft=(0, 4), help="Of width and height; below 0 it mirrors.")
    zoom = Float(1, -100, 100, soft=(0, 4), help="Both at once.")
    skew = Vec2((0, 0), soft=(-1, 1), help="x for each pixel of y, y for each pixel of x.")
    pivot = Vec2((0, 0), unit="px", soft=(-1000, 1000), help="What stays in place, from the middle of the picture.")
    invert = Bool(False, help="The way back.")
    filter = FILTER

    def identity(self, q: Query) -> str | None:
        p = q.p
        still = p.translate == (0, 0) and p.rotate % 360 == 0 and p.skew == (0, 0)
        return "image" if still and p.scale == (1, 1) and p.zoom == 1 else None

    def matrix(self, q: Query) -> NDArray[np.float64]:
        p, display = q.p, q.inputs["image"].display_window
        x, y = display.width / 2 + p.pivot[0], display.height / 2 + p.pivot[1]
        forward = (
            geometry.translation(x + p.translate[0], y + p.translate[1])
            @ geometry.rotation(p.rotate)
            @ geometry.shear(*p.skew)
            @ geometry.scaling(p.scale[0] * p.zoom, p.scale[1] * p.zoom)
            @ geometry.translation(-x, -y)
        )
        return geometry.in_memory(forward if p.invert else geometry.inverted(forward), display, display)
