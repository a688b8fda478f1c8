"""The middle value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodegraph.node import Filter, Int, Query, Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window


class Median(Filter):
    """The middle value of the square around each pixel: takes specks and dead pixels out, keeps edges.

    NaN pixels don't count, so a median of any size removes them.
    """

    id = "nodegraph.filter.median"
    label = "median"
    grows = False

    radius = Int(1, 0, 64, unit="px", soft=(0, 8), help="Pixels to each side: 1 is 3x3, 2 is 5x5.")
    channels = Text("all", shape=True, help='"all", "rgb", "rgba", "alpha", or names separated by commas.')

    def reach(self, q: Query) -> tuple[int, int]:
        from nodegraph.kernels.filters.median import median_reach

        return median_reach(q.p.radius)

    def apply(self, q: Query, src: NDArray[np.float32], dst: NDArray[np.float32], region: Window, pool: Pool) -> None:
        from nodegraph.kernels.filters.median import median

        median(src, dst, q.p.radius, pool)
