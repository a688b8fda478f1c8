"""A panorama that is there, read as a painter paints: what a photographed world can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool

Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Panorama:
    """`pixels` are lat-long (3, height, width)."""

    pixels: Plane

    def paint(self, left: float, right: float, top: float, bottom: float, width: int, height: int, pool: Pool) -> Plane:
        """Any part of it, read between its pixels: it gets no finer than it is."""
        from nodegraph.kernels.projecting import part

        return part(self.pixels, (left, right, top, bottom), width, height, pool)
