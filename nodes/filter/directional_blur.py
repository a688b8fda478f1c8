"""Blur along a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodegraph.node import Filter, Float, Query, Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window


class DirectionalBlur(Filter):
    """Mean along a straight line: a pan, rain, a streak."""

    id = "nodegraph.filter.directional_blur"
    label = "directional blur"

    length = Float(20, 0, 1000, unit="px", soft=(0, 200), help="Of the line, which the pixel is in the middle of.")
    angle = Float(0, unit="deg", soft=(-180, 180), help="Of the line to the x axis, counter-clockwise.")
    channels = Text("all", shape=True, help='"all", "rgb", "rgba", "alpha", or names separated by commas.')

    def identity(self, q: Query) -> str | None:
        return "image" if q.p.length == 0 else None

    def reach(self, q: Query) -> tuple[int, int]:
        from nodegraph.kernels.filters.convolve import directional_reach

        return directional_reach(q.p.length, q.p.angle)

    def apply(self, q: Query, src: NDArray[np.float32], dst: NDArray[np.float32], region: Window, pool: Pool) -> None:
        from nodegraph.kernels.filters.convolve import directional

        directional(src, dst, q.p.length, q.p.angle, pool)
