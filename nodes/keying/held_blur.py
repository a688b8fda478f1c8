"""A blur within the frame, for mattes: what the frame cuts goes on beyond it, instead of turning black."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodegraph.node import Query

from ..filter.blur import Blur

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window
    from nodegraph.values.frame import Pixels


class _HeldBlur(Blur):
    """Part of other nodes."""

    id = "nodegraph.keying.held_blur"
    grows = False

    def apply(self, q: Query, src: Pixels, dst: Pixels, region: Window, pool: Pool) -> None:
        from nodegraph.kernels.filters.borders import hold

        hold(src, region.grow(*self.reach(q)), q.inputs["image"].data_window)
        super().apply(q, src, dst, region, pool)
