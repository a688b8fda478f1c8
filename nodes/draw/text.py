"""Words on the picture."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from nodegraph.media.type import Style, set_text
from nodegraph.node import Choice, Colour, Float, Int, Path, Query, Source, Vec2, default_spec
from nodegraph.node import Text as TextParam
from nodegraph.values import Frame, FrameSpec, Window

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.media.type import Coverage

_ALIGN = {"left": 0.0, "centre": 0.5, "right": 1.0}


class Text(Source):
    """Set text in the project's format, to be merged over a picture.

    `{frame}` and `{frame:04}` become the frame's number, `{time}` the seconds since frame 0 and
    `{timecode}` its timecode at the project's rate. The font is Inter unless a file is named.
    """

    id = "nodegraph.draw.text"
    label = "text"
    reads = frozenset({"frame"})

    text = TextParam("{frame}", help="Lines are separated by line breaks, or by \\n.")
    position = Vec2((960, 540), unit="px", soft=(0, 4000), help="Of the alignment's point, from the bottom left.")
    size = Float(72, 1, 2000, unit="px", soft=(8, 400), help="The height of an em.")
    align = Choice("centre", tuple(_ALIGN), help="Where the position is across the lines.")
    vertical = Choice("centre", ("top", "centre", "baseline", "bottom"), help="And along them.")
    colour = Colour((1, 1, 1, 1), help="Scene-linear, premultiplied.")
    weight = Int(500, 100, 900, help="From thin (100) to black (900), where the font varies.")
    tracking = Float(0, -500, 5000, soft=(-50, 200), help="Between letters, in thousandths of an em.")
    line_height = Float(1.25, 0.1, 10, soft=(0.8, 2), label="line height", help="In ems.")
    font = Path(help="A .ttf or .otf file; empty is Inter.")

    def varies(self, q: Query) -> bool:
        return "{" in q.p.text

    def stamp(self, q: Query) -> object:
        return _words(q)

    def describe(self, q: Query) -> FrameSpec:
        spec = default_spec(q)
        ink, place = self._set(q, spec)
        return spec.with_(data_window=Window(place[0], place[1], place[0] + ink.shape[1], place[1] + ink.shape[0]))

    def cook(self, q: Query, region: Window, pool: Pool) -> Frame:
        spec = self.describe(q)
        ink, _ = self._set(q, spec)
        colour = np.array(q.p.colour, np.float32)[:, None, None]
        return Frame(spec, colour * ink[None])

    def _set(self, q: Query, spec: FrameSpec) -> tuple[Coverage, tuple[int, int]]:
        """The ink, and where its top left lies in memory."""
        p = q.p
        font = q.resolve(p.font) if p.font else ""
        ink, (left, top) = set_text(_words(q), Style(p.size, font, p.weight, p.tracking, p.line_height, p.align))
        x, y = p.position[0], spec.display_window.y1 - p.position[1]
        down = {"top": -top, "centre": -top - ink.shape[0] / 2, "baseline": 0, "bottom": -top - ink.shape[0]}[
            p.vertical
        ]
        return ink, (round(x) + left, round(y + down) + top)


def _words(q: Query) -> str:
    text = q.p.text.replace("\\n", "\n")
    if "{" not in text:
        return str(text)
    frame, rate = q.frame, q.format.rate
    fields = {"frame": frame, "time": float(Fraction(frame) / rate), "timecode": _timecode(frame, round(rate))}
    try:
        return str(text.format(**fields))
    except (KeyError, ValueError, IndexError, AttributeError):
        return str(text)  # other braces are just braces


def _timecode(frame: int, rate: int) -> str:
    seconds, frames = divmod(max(0, frame), max(1, rate))
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"
