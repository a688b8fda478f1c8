"""Gaussian blur."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodegraph.node import Filter, Float, Query, Text, Vec2

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window


class Blur(Filter):
    """Gaussian blur of any size; a large one costs little more than a small one.

    The size is the Gaussian's standard deviation. Small ones are convolved with the sampled
    Gaussian, large ones on halved grids that keep its variance; the result differs from the
    exact convolution by less than 1e-3 of the picture's range. Outside its data window the
    picture is black, and the data window grows by what the blur carries out of it.
    """

    id = "nodegraph.filter.blur"
    label = "blur"

    size = Float(4, 0, 2000, unit="px", soft=(0, 100), help="Standard deviation.")
    stretch = Vec2((1, 1), 0, 100, soft=(0, 2), help="The size's factor along x and along y; 0 leaves an axis sharp.")
    channels = Text("all", shape=True, help='"all", "rgb", "rgba", "alpha", or names separated by commas.')

    def identity(self, q: Query) -> str | None:
        return "image" if max(_sigmas(q)) == 0 else None

    def reach(self, q: Query) -> tuple[int, int]:
        from nodegraph.kernels.filters.blur import gaussian_reach

        return gaussian_reach(*_sigmas(q))

    def apply(self, q: Query, src: NDArray[np.float32], dst: NDArray[np.float32], region: Window, pool: Pool) -> None:
        from nodegraph.kernels.filters.blur import gaussian

        gaussian(src, dst, *_sigmas(q), pool, origin=(region.x0, region.y0))


def _sigmas(q: Query) -> tuple[float, float]:
    return q.p.size * q.p.stretch[0], q.p.size * q.p.stretch[1]
