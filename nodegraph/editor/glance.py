"""A quick look at what a node gives: a small picture, and its values in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.cooker import viewed
from nodegraph.editor.display import Look, format_rect, paint
from nodegraph.engine import Engine
from nodegraph.values import Frame

#: Proxy at which it is cooked where the full picture isn't there already.
_SCALE = 0.25


@dataclass(frozen=True, slots=True)
class Glance:
    """`picture` is (height, width, 4) as it is shown, None where there is none."""

    picture: NDArray[np.float32] | None
    lines: tuple[str, ...]


def glance(engine: Engine, path: str, frame: int, size: tuple[int, int]) -> Glance:
    """Cook a node small and describe it. NodegraphError when it can't be cooked."""
    seen = viewed(engine, path)
    if seen is None:
        return Glance(None, ("nothing comes in",))
    value = engine.cook(seen, frame, scale=_SCALE)
    if not isinstance(value, Frame):
        return Glance(None, (str(value),))
    width, height = format_rect(value)
    picture = np.zeros((size[1], size[0], 4), np.float32)
    zoom = min(size[0] / width, size[1] / height)
    paint(picture, Look(size[0], size[1], width / 2, height / 2, zoom), value, None, engine.pool)
    return Glance(picture, tuple(_lines(value)))


def _lines(frame: Frame) -> list[str]:
    spec = frame.spec
    width, height = round(spec.display_window.width / spec.scale), round(spec.display_window.height / spec.scale)
    lines = [f"{width} x {height}  {spec.colour_space}"]
    for name, plane in zip(spec.channels, frame.pixels, strict=True):
        finite = plane[np.isfinite(plane)]
        if not finite.size:
            lines.append(f"{name:>3}  empty" if not plane.size else f"{name:>3}  no finite value")
            continue
        lines.append(f"{name:>3}  {finite.min():8.4f} .. {finite.max():8.4f}  mean {finite.mean():8.4f}")
        if finite.size < plane.size:
            lines[-1] += f"  {plane.size - finite.size} not finite"
    return lines
