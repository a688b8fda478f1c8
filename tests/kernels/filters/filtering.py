"""What the filter tests share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nodegraph.kernels.filters.flat import Image
from nodegraph.kernels.pool import Pool

Filter = Callable[[Image, Image, Pool], None]


def filtered(kernel: Filter, whole: Image, reach: tuple[int, int], pool: Pool) -> Image:
    """The middle of `whole`, `reach` in from every side, as `kernel` makes it."""
    x, y = reach
    channels, height, width = whole.shape
    dst = np.full((channels, height - 2 * y, width - 2 * x), np.nan, np.float32)
    kernel(whole, dst, pool)
    return dst
