"""What a lens does to light out of focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodegraph.node import Filter, Float, Int, Query, Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window


class Defocus(Filter):
    """Spread every pixel evenly over the aperture of a lens: a disc, or a polygon of blades.

    Bright points become discs, as through glass, since it works on scene-linear light. The
    cost is that of the aperture's rim. NaN counts as black here: a sum that slides along
    couldn't get rid of it.
    """

    id = "nodegraph.filter.defocus"
    label = "defocus"

    radius = Float(8, 0, 500, unit="px", soft=(0, 60), help="Of the circle around the aperture.")
    blades = Int(0, 0, 16, help="0 is a disc; 3 or more the blades of the iris.")
    rotation = Float(0, unit="deg", soft=(-180, 180), help="Of the iris, counter-clockwise.")
    ratio = Float(1, 0.1, 10, soft=(0.5, 2), help="Width over height; about 0.5 for an anamorphic lens.")
    channels = Text("all", shape=True, help='"all", "rgb", "rgba", "alpha", or names separated by commas.')

    def identity(self, q: Query) -> str | None:
        return "image" if q.p.radius == 0 else None

    def reach(self, q: Query) -> tuple[int, int]:
        from nodegraph.kernels.filters.defocus import defocus_reach

        return defocus_reach(q.p.radius, blades=_blades(q), rotation=q.p.rotation, ratio=q.p.ratio)

    def apply(self, q: Query, src: NDArray[np.float32], dst: NDArray[np.float32], region: Window, pool: Pool) -> None:
        from nodegraph.kernels.filters.defocus import defocus

        defocus(src, dst, q.p.radius, pool, blades=_blades(q), rotation=q.p.rotation, ratio=q.p.ratio)


def _blades(q: Query) -> int:
    """Fewer than three make no polygon."""
    return q.p.blades if q.p.blades >= 3 else 0
