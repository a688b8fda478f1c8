"""Filters within the frame, for mattes: what the frame cuts goes on beyond it, instead of turning black."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodegraph.node import Filter, Query

from ..filter.blur import Blur
from ..filter.dilate_erode import DilateErode

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import FrameSpec, Window
    from nodegraph.values.frame import Pixels


class _Held(Filter):
    is_part = True
    grows = False

    def describe(self, q: Query) -> FrameSpec | None:
        return q.inputs["image"]

    def apply(self, q: Query, src: Pixels, dst: Pixels, region: Window, pool: Pool) -> None:
        from nodegraph.kernels.filters.borders import hold

        hold(src, region.grow(*self.reach(q)), q.inputs["image"].data_window)
        super().apply(q, src, dst, region, pool)


class HeldBlur(_Held, Blur):
    """A Gaussian blur."""

    id = "nodegraph.keying.held.blur"


class HeldDilateErode(_Held, DilateErode):
    """Grow or shrink."""

    id = "nodegraph.keying.held.dilate_erode"
