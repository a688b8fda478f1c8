"""Blur towards a point."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, log2
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.node import Float, FrameNode, In, Query, Vec2
from nodegraph.values import Frame, FrameSpec, Window

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool


class ZoomBlur(FrameNode):
    """Mean of the picture and ever smaller copies of it around a centre, as when a lens zooms.

    Copies are made by doubling: the mean of 2n copies is that of n, and of the same n scaled
    once more; so 64 copies cost six. They are spaced so that none is more than about a pixel
    from the next.
    """

    id = "nodegraph.filter.zoom_blur"
    label = "zoom blur"
    maskable = True
    image = In()

    amount = Float(0.1, 0, 0.95, soft=(0, 0.5), help="By how much the smallest copy is smaller.")
    centre = Vec2((0.5, 0.5), soft=(0, 1), help="In parts of the display window, from its bottom left.")

    def identity(self, q: Query) -> str | None:
        return "image" if q.p.amount == 0 else None

    def describe(self, q: Query) -> FrameSpec:
        spec = q.inputs["image"]
        x, y = _centre(q, spec)
        held = Window(int(x), int(y), int(x) + 1, int(y) + 1)  # shrinking copies move towards it
        return spec.with_(data_window=spec.data_window.union(held))

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.resample import warp_projective

        spec = self.describe(q)
        made = np.ascontiguousarray(inputs["image"].crop(spec.data_window).pixels)
        x, y = _centre(q, spec)
        window = spec.data_window
        farthest = max(abs(v) for v in (window.x0 - x, window.x1 - x, window.y0 - y, window.y1 - y))
        doublings = max(1, ceil(log2(max(2.0, farthest * q.p.amount))))
        # Copies 0 .. 2^n - 1 at step^k; the last is the smallest.
        step = (1 - q.p.amount) ** (1 / (2**doublings - 1))
        other = np.empty_like(made)
        result = np.array(made) if made is inputs["image"].pixels or not made.flags.writeable else made
        for k in range(doublings):
            scale = step ** (2**k)
            matrix = np.array([[1 / scale, 0, x - x / scale], [0, 1 / scale, y - y / scale], [0, 0, 1]])
            warp_projective(result, other, matrix, window, window, "bilinear", pool)
            _average(result, other, pool)
        return Frame(spec, result)


def _average(
    into: np.ndarray[Any, np.dtype[np.float32]], other: np.ndarray[Any, np.dtype[np.float32]], pool: Pool
) -> None:
    def strip(y0: int, y1: int) -> None:
        part = into[:, y0:y1]
        part += other[:, y0:y1]
        part *= np.float32(0.5)

    pool.map(into.shape[1], strip, 64)


def _centre(q: Query, spec: FrameSpec) -> tuple[float, float]:
    """In pixels of memory."""
    display = spec.display_window
    return (
        display.x0 + q.p.centre[0] * display.width,
        display.y1 - q.p.centre[1] * display.height,
    )
