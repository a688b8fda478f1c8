"""Unsharp masking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodegraph.node import Filter, Float, Query, Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window


class Sharpen(Filter):
    """Add back what a Gaussian blur takes away: out = in + amount (in - blurred).

    The threshold leaves faint differences alone, grain above all. Works on scene-linear
    light, so that bright edges overshoot; a log node around it tames them.
    """

    id = "nodegraph.filter.sharpen"
    label = "sharpen"
    grows = False

    amount = Float(0.5, -1, 20, soft=(0, 3), help="How much; below 0 it softens.")
    size = Float(1.5, 0, 100, unit="px", soft=(0.3, 10), help="Standard deviation of the blur.")
    threshold = Float(0, 0, 10, soft=(0, 0.1), help="Differences are brought nearer to 0 by this.")
    channels = Text("rgb", shape=True, help='"all", "rgb", "rgba", "alpha", or names separated by commas.')

    def identity(self, q: Query) -> str | None:
        return "image" if q.p.amount == 0 or q.p.size == 0 else None

    def reach(self, q: Query) -> tuple[int, int]:
        from nodegraph.kernels.filters.sharpen import unsharp_reach

        return unsharp_reach(q.p.size)

    def apply(self, q: Query, src: NDArray[np.float32], dst: NDArray[np.float32], region: Window, pool: Pool) -> None:
        from nodegraph.kernels.filters.sharpen import unsharp

        origin = (region.x0, region.y0)
        unsharp(src, dst, q.p.size, q.p.amount, pool, threshold=q.p.threshold, origin=origin)
