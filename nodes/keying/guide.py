"""What the networks, the flow and the guided filter see of a picture: its colours in cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.node import Float, FrameNode, In, Out, Query

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, Window

Plane = NDArray[np.float32]
#: The picture is looked at through cells, about this many along its longer side.
_CELLS = 512
EXPOSURE = Float(0, -10, 10, unit="stops", soft=(-4, 4), help="What is looked at is brightened by this.")


@dataclass(frozen=True)
class Guide:
    """A picture in cells: `colour` (3, rows, columns) is linear light 0..1."""

    colour: Plane
    cell: int

    @property
    def nbytes(self) -> int:
        return self.colour.nbytes

    @property
    def shape(self) -> tuple[int, int]:
        return self.colour.shape[1:]  # type: ignore[return-value]


def look(frame: Frame, exposure: float, pool: Pool, where: str = "") -> Guide:
    """The picture as the networks and the guided filter see it."""
    from nodegraph.kernels.cells import shrink

    if not {"R", "G", "B"} <= set(frame.spec.channels):
        raise CookError("needs a colour picture", where=where, hint="connect one with R, G and B")
    rgb = rgb_of(frame)
    cell = max(1, ceil(max(rgb.shape[1:]) / _CELLS))
    return Guide(np.clip(shrink(rgb, cell, pool) * np.float32(2**exposure), 0, 1), cell)


def rgb_of(frame: Frame) -> Plane:
    names = frame.spec.channels
    first = names.index("R")
    together = names[first : first + 3] == ("R", "G", "B")
    return frame.pixels[first : first + 3] if together else np.stack([frame.channel(c) for c in "RGB"])


def srgb(colour: Plane) -> Plane:
    """Interleaved, as the networks were trained (IEC 61966-2-1)."""
    linear: Plane = colour.transpose(1, 2, 0)
    return np.asarray(np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055), np.float32)


class Look(FrameNode):
    """The picture in cells."""

    id = "nodegraph.keying.look"
    is_part = True
    image = In()
    guide = Out("Number")
    exposure = EXPOSURE

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Guide:
        return look(inputs["image"], q.p.exposure, pool, q.path)
