"""Flip and flop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nodegraph.node import Bool, Query, Warp

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Mirror(Warp):
    """Mirror the picture in its display window. Pixels fall on pixels, so nothing is filtered."""

    id = "nodegraph.transform.mirror"
    label = "mirror"

    horizontal = Bool(True, help="Left becomes right (flop).")
    vertical = Bool(False, help="Top becomes bottom (flip).")

    def identity(self, q: Query) -> str | None:
        return None if q.p.horizontal or q.p.vertical else "image"

    def matrix(self, q: Query) -> NDArray[np.float64]:
        display = q.inputs["image"].display_window
        made = np.eye(3)
        if q.p.horizontal:
            made[0] = (-1, 0, display.x0 + display.x1)
        if q.p.vertical:
            made[1] = (0, -1, display.y0 + display.y1)
        return made
