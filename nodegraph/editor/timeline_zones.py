"""Which part of the timeline's panel lies where, by its size and tab. Pixels at scale 1, from its top left corner.

From the top: a strip with the ends of the range, the ruler, a line of frames in the cache, a lane of keys, and what
is below: the dope sheet or the curves, with the names of their tracks in a gutter on the left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nodegraph.editor.dope import ROW
from nodegraph.editor.geometry import Rect

Tab = Literal["timeline", "dope", "curves"]
TABS: tuple[Tab, ...] = ("timeline", "dope", "curves")
Place = Literal["range", "ruler", "lane", "below", "names", "outside"]
View = Literal["", "dope", "curves"]

#: Heights; and how wide the gutter is at most, and as a share of a narrow panel.
RANGE, RULER, CACHE, LANE = 9.0, 23.0, 3.0, 24.0
GUTTER, GUTTER_SHARE = 176.0, 0.25
#: Rows of the dope sheet that must fit before the timeline shows them by itself.
_ROWS = 2


@dataclass(frozen=True, slots=True)
class Zones:
    """`view` is what is below; its room is empty where there is none."""

    width: float
    height: float
    gutter: float
    lane: Rect
    below: Rect
    view: View

    @property
    def range(self) -> Rect:
        return Rect(self.gutter, 0.0, self.width, RANGE)

    @property
    def ruler(self) -> Rect:
        return Rect(self.gutter, RANGE, self.width, RANGE + RULER)

    @property
    def cache(self) -> Rect:
        return Rect(self.gutter, RANGE + RULER, self.width, RANGE + RULER + CACHE)

    @property
    def names(self) -> Rect:
        """The gutter beside what is below."""
        return Rect(0.0, self.below.y0, self.gutter, self.below.y1)

    def at(self, x: float, y: float) -> Place:
        """What is under a point."""
        if not (0.0 <= x <= self.width and 0.0 <= y <= self.height):
            return "outside"
        if self.view and y >= self.below.y0:
            return "names" if x < self.gutter else "below"
        if x < self.gutter:
            return "outside"
        if y < RANGE:
            return "range"
        return "ruler" if y < RANGE + RULER + CACHE else "lane"


def zones(width: float, height: float, tab: Tab, tracks: int) -> Zones:
    """The zones of a panel. The timeline has a dope sheet below it where there are tracks and room for them."""
    top = RANGE + RULER + CACHE
    view: View = "" if tab == "timeline" else tab
    lane = 0.0
    if tab == "timeline":
        lane = min(LANE, max(0.0, height - top))
        if tracks and height - top - LANE >= _ROWS * ROW:
            view = "dope"
        else:
            lane = max(0.0, height - top)
    gutter = round(min(GUTTER, width * GUTTER_SHARE)) if view else 0.0
    under = min(height, top + lane)
    lane_rect = Rect(gutter, min(top, under), width, under)
    return Zones(width, height, gutter, lane_rect, Rect(gutter, under, width, height), view)
