"""Growing and shrinking mattes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodegraph.node import Choice, Filter, Float, Query, Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodegraph.kernels.pool import Pool
    from nodegraph.values import FrameSpec, Window


class DilateErode(Filter):
    """Grow (size above 0) or shrink (below 0) what is bright: the maximum or minimum around a pixel.

    A square costs the same at any size; a disc costs more the larger it is. Fractional sizes
    lie between the whole ones, so that the size may change smoothly. Outside its data window
    the picture is black, which an eroded edge eats into.
    """

    id = "nodegraph.filter.dilate_erode"
    label = "dilate erode"

    size = Float(0, -1000, 1000, unit="px", soft=(-50, 50), help="Above 0 dilates, below 0 erodes.")
    shape = Choice("square", ("square", "round"), help="What is looked through.")
    channels = Text("alpha", shape=True, help='"all", "rgb", "rgba", "alpha", or names separated by commas.')

    def identity(self, q: Query) -> str | None:
        return "image" if q.p.size == 0 else None

    def reach(self, q: Query) -> tuple[int, int]:
        from nodegraph.kernels.filters.disc import disc_reach
        from nodegraph.kernels.filters.morphology import square_reach

        return disc_reach(q.p.size) if q.p.shape == "round" else square_reach(q.p.size, q.p.size)

    def describe(self, q: Query) -> FrameSpec | None:
        """What shrinks stays within its data window."""
        return super().describe(q) if q.p.size > 0 else q.inputs["image"]

    def apply(self, q: Query, src: NDArray[np.float32], dst: NDArray[np.float32], region: Window, pool: Pool) -> None:
        from nodegraph.kernels.filters.disc import disc
        from nodegraph.kernels.filters.morphology import square

        if q.p.shape == "round":
            disc(src, dst, q.p.size, pool)
        else:
            square(src, dst, q.p.size, q.p.size, pool)
