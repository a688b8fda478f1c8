"""Where a picture changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodegraph.node import Choice, Filter, Query, Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window


class EdgeDetect(Filter):
    """The length of the gradient of each channel, in value per pixel; or its second derivative."""

    id = "nodegraph.filter.edge_detect"
    label = "edge detect"
    grows = False

    operator = Choice(
        "sobel",
        ("sobel", "scharr", "prewitt", "laplacian"),
        help="scharr is the most even in all directions; laplacian is signed: bright spots are negative.",
    )
    channels = Text("rgb", shape=True, help='"all", "rgb", "rgba", "alpha", or names separated by commas.')

    def reach(self, q: Query) -> tuple[int, int]:
        return 1, 1

    def apply(self, q: Query, src: NDArray[np.float32], dst: NDArray[np.float32], region: Window, pool: Pool) -> None:
        from nodegraph.kernels.filters.edges import edges, laplacian

        if q.p.operator == "laplacian":
            laplacian(src, dst, pool)
        else:
            edges(src, dst, pool, kind=q.p.operator)
