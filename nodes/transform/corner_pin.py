"""Four points onto four points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodegraph.kernels import geometry
from nodegraph.node import Bool, Query, Vec2, Warp

from .transform import FILTER

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TO = "Where the corner goes, from the display window's bottom left."
_FROM = "What goes there."


class CornerPin(Warp):
    """The perspective that takes four points of the picture to four others: a screen insert.

    Corners run counter-clockwise from the bottom left. Three corners in one line leave nothing
    to see. Concatenates with other transforms.
    """

    id = "nodegraph.transform.corner_pin"
    label = "corner pin"

    to1 = Vec2((0, 0), unit="px", soft=(-1000, 5000), help=_TO)
    to2 = Vec2((1920, 0), unit="px", soft=(-1000, 5000), help=_TO)
    to3 = Vec2((1920, 1080), unit="px", soft=(-1000, 5000), help=_TO)
    to4 = Vec2((0, 1080), unit="px", soft=(-1000, 5000), help=_TO)
    from1 = Vec2((0, 0), unit="px", soft=(-1000, 5000), help=_FROM)
    from2 = Vec2((1920, 0), unit="px", soft=(-1000, 5000), help=_FROM)
    from3 = Vec2((1920, 1080), unit="px", soft=(-1000, 5000), help=_FROM)
    from4 = Vec2((0, 1080), unit="px", soft=(-1000, 5000), help=_FROM)
    invert = Bool(False, help="The way back: flattens what was pinned.")
    filter = FILTER

    def identity(self, q: Query) -> str | None:
        to, source = _corners(q)
        return "image" if to == source else None

    def matrix(self, q: Query) -> NDArray[np.float64]:
        to, source = _corners(q)
        backward = geometry.homography(source, to) if q.p.invert else geometry.homography(to, source)
        display = q.inputs["image"].display_window
        return geometry.in_memory(_facing(backward, source if q.p.invert else to), display, display)


def _corners(q: Query) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    p = q.p
    return [p.to1, p.to2, p.to3, p.to4], [p.from1, p.from2, p.from3, p.from4]


def _facing(backward: NDArray[np.float64], corners: list[tuple[float, float]]) -> NDArray[np.float64]:
    """The same map with the pinned corners before the eye: a homography's sign says nothing."""
    x, y = (sum(c[k] for c in corners) / 4 for k in (0, 1))
    return -backward if backward[2, 0] * x + backward[2, 1] * y + backward[2, 2] < 0 else backward
