"""The mean of a rectangle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodegraph.node import Filter, Float, Query, Text, Vec2

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window


class Box(Filter):
    """Mean over a rectangle around each pixel; the cost doesn't depend on its size.

    A radius of r covers 2r + 1 pixels along an axis; a fraction counts the end pixels by it,
    so that the size may change smoothly. Outside its data window the picture is black.
    """

    id = "nodegraph.filter.box"
    label = "box blur"

    radius = Float(4, 0, 4000, unit="px", soft=(0, 100), help="Pixels to each side.")
    stretch = Vec2((1, 1), 0, 100, soft=(0, 2), help="The radius's factor along x and along y.")
    channels = Text("all", shape=True, help='"all", "rgb", "rgba", "alpha", or names separated by commas.')

    def identity(self, q: Query) -> str | None:
        return "image" if max(_radii(q)) == 0 else None

    def reach(self, q: Query) -> tuple[int, int]:
        from nodegraph.kernels.filters.box import box_reach

        return box_reach(*_radii(q))

    def apply(self, q: Query, src: NDArray[np.float32], dst: NDArray[np.float32], region: Window, pool: Pool) -> None:
        from nodegraph.kernels.filters.box import box

        box(src, dst, *_radii(q), pool)


def _radii(q: Query) -> tuple[float, float]:
    return q.p.radius * q.p.stretch[0], q.p.radius * q.p.stretch[1]
