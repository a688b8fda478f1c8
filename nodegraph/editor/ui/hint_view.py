"""What is said beside the hand on the timeline: the key under it, the frame it would go to."""

from __future__ import annotations

from typing import Any

from nodegraph.editor.geometry import Point, Rect
from nodegraph.editor.timeline_desk import TimelineDesk
from nodegraph.editor.timeline_pointing import Hint, hint
from nodegraph.editor.ui import theme
from nodegraph.editor.ui.fonts import Fonts
from nodegraph.editor.ui.measure import width
from nodegraph.editor.ui.pen import MONO_FIGURE, Pen

_SIZE, _TAG = 13.0, 12.0
_GHOST = (255, 255, 255, 60)


class HintView:
    """Draws one hint over all else, anew when the hand or what is under it moved."""

    def __init__(self, layer: int | str, fonts: Fonts) -> None:
        self._pen = Pen(layer, fonts)
        self._drawn: Any = None

    def clear(self) -> None:
        self._drawn = None
        self._pen.clear(1.0)

    def draw(self, desk: TimelineDesk, hand: Point | None, scale: float) -> None:
        """Draw what there is to say with the hand there; None: it is elsewhere."""
        x = desk.timeline.x
        state = (hand, hand and (desk.keys.document.revision, desk.changed, desk.zones, x.centre, x.zoom, scale))
        if state == self._drawn:
            return
        self._drawn = state
        self._pen.clear(scale)
        said = hint(desk, *hand) if hand is not None else None
        if said is None or hand is None:
            return
        if said.line is not None:
            self._draw_ghost(desk, said.text, said.line)
        else:
            self._draw_words(desk, hand, said)

    def _draw_ghost(self, desk: TimelineDesk, text: str, x: float) -> None:
        """Where the playhead would go."""
        z, half = desk.zones, (len(text) * MONO_FIGURE * _TAG + 9) / 2
        at = min(max(x + z.gutter, half), z.width - half)
        self._pen.line(x + z.gutter, z.ruler.y0 + 8, x + z.gutter, z.height, _GHOST)
        self._pen.box(Rect(at - half, z.ruler.y0 + 1, at + half, z.ruler.y0 + 17), (74, 74, 74, 255), rounding=3)
        self._pen.text(at - half + 4.5, z.ruler.y0 + 2, text, theme.TEXT, "mono", _TAG)

    def _draw_words(self, desk: TimelineDesk, hand: Point, said: Hint) -> None:
        z, wide = desk.zones, width(said.text, _SIZE, 400) + 16
        x, y = hand[0] + 14, hand[1] - 26
        if said.key is not None:
            kx, ky = said.key[0] + z.gutter, said.key[1] + z.below.y0
            self._pen.diamond(kx, ky, 7.0, (0, 0, 0, 0), theme.ACCENT)
            x, y = kx + 12, ky - 28
        x = min(x, z.width - wide - 2)
        y = y if y >= 2 else min(z.height - 22, y + 44)
        self._pen.box(Rect(x, y, x + wide, y + 20), (*theme.POPUP[:3], 240), (72, 72, 72, 255), 3)
        self._pen.text(x + 8, y + 3, said.text, theme.TEXT)
