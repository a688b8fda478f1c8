"""Several pictures, at several frames, on one sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.errors import CookError
from nodegraph.node import Colour, FrameNode, In, Int, Query, Text
from nodegraph.values import Frame, FrameSpec, Window
from nodegraph.values.ranges import parse_frames

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool

_PORTS = tuple("abcdefgh")


class ContactSheet(FrameNode):
    """Lay pictures out on a sheet: a row for each frame, a column for each input.

    A picture that has no alpha but one channel (a matte) shows as grey; pictures are fitted
    into their cells, over black.
    """

    id = "nodegraph.output.contact_sheet"
    label = "contact sheet"

    a = In()
    b = In(optional=True)
    c = In(optional=True)
    d = In(optional=True)
    e = In(optional=True)
    f = In(optional=True)
    g = In(optional=True)
    h = In(optional=True)

    frames = Text("", help='The rows: "1,24,48"; empty is the frame being looked at.')
    labels = Text("", help='Above the columns, separated by commas: "before, matte, after".')
    width = Int(640, 16, 8192, unit="px", soft=(160, 1920), help="Of a picture on the sheet.")
    gap = Int(12, 0, 512, unit="px", soft=(0, 48), help="Between pictures, and around them.")
    background = Colour((0.02, 0.02, 0.02), 0, help="Scene-linear.")

    def varies(self, q: Query) -> bool:
        return not q.p.frames.strip()

    def upstream(self, q: Query, port: str) -> Sequence[int]:
        if q.p.frames.strip():
            return parse_frames(q.p.frames, f"{q.path}.frames")
        return super().upstream(q, port)

    def describe(self, q: Query) -> FrameSpec:
        rows = len(self.upstream(q, "a"))
        columns = len(self._ports(q))
        width, height = self._cell(q)
        whole = Window.sized(
            columns * (width + q.p.gap) + q.p.gap, rows * (height + q.p.gap) + q.p.gap + self._heading(q)
        )
        first = q.inputs["a"]
        return first.with_(channels=("R", "G", "B", "A"), data_window=whole, display_window=whole, pixel_aspect=1.0)

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        spec = self.describe(q)
        sheet = np.empty(spec.shape, np.float32)
        sheet[:3] = np.array(q.p.background[:3], np.float32)[:, None, None]
        sheet[3] = 1
        width, height = self._cell(q)
        for column, port in enumerate(self._ports(q)):
            left = q.p.gap + column * (width + q.p.gap)
            self._label(q, sheet, column, left, width)
            for row, picture in enumerate(inputs[port]):
                top = self._heading(q) + q.p.gap + row * (height + q.p.gap)
                cell = sheet[:3, top : top + height, left : left + width]
                cell[...] = _fitted(picture, width, height, q.path, pool)
        return Frame(spec, sheet)

    def _ports(self, q: Query) -> list[str]:
        return [port for port in _PORTS if port in q.inputs]

    def _cell(self, q: Query) -> tuple[int, int]:
        """Width and height of a picture on the sheet: the first input's shape."""
        shown = q.inputs["a"].display_window
        ratio = shown.height / (shown.width * q.inputs["a"].pixel_aspect)
        return q.p.width, max(1, round(q.p.width * ratio))

    def _heading(self, q: Query) -> int:
        return round(q.p.width * 0.055) if q.p.labels.strip() else 0

    def _label(
        self, q: Query, sheet: np.ndarray[Any, np.dtype[np.float32]], column: int, left: int, width: int
    ) -> None:
        from nodegraph.media.type import Style, set_text

        names = [name.strip() for name in q.p.labels.split(",")]
        if not q.p.labels.strip() or column >= len(names):
            return
        size = self._heading(q) * 0.62
        ink = set_text(names[column], Style(size, weight=500))[0]
        height = min(ink.shape[0], self._heading(q))
        shown = ink[:height, :width]
        top = q.p.gap + max(0, (self._heading(q) - height) // 2)
        place = sheet[:3, top : top + height, left : left + shown.shape[1]]
        place += (np.float32(0.75) - place) * shown


def _fitted(picture: Frame, width: int, height: int, where: str, pool: Pool) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A picture's colours in a cell of the sheet, in the middle, as large as fits."""
    from nodegraph.kernels.resample import warp_projective

    names = picture.spec.channels
    if not names:
        raise CookError("got a picture without channels", where=where)
    colours = [names.index(c) for c in ("R", "G", "B")] if {"R", "G", "B"} <= set(names) else [0]
    shown = picture.spec.display_window
    aspect = picture.spec.pixel_aspect
    zoom = min(width / (shown.width * aspect), height / shown.height)
    across, down = zoom * aspect, zoom
    move = (width - shown.width * across) / 2, (height - shown.height * down) / 2
    matrix = np.array(
        [[1 / across, 0, shown.x0 - move[0] / across], [0, 1 / down, shown.y0 - move[1] / down], [0, 0, 1]]
    )
    source = np.ascontiguousarray(picture.pixels[colours])
    cell = np.empty((len(colours), height, width), np.float32)
    warp_projective(source, cell, matrix, Window.sized(width, height), picture.spec.data_window, "cubic", pool)
    return cell
