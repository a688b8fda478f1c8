"""Shapes drawn by hand.

A shape is a closed bezier outline. Shapes are kept as JSON text in the node's parameter, so that
the document stays plain data:

    [{"name": "head", "mode": "add", "feather": 4, "opacity": 1, "invert": false,
      "points": [[x, y], [x, y, in_x, in_y, out_x, out_y], ...]}]

Tangents are relative to their point; without them corners are sharp. An animated shape has
`"keys": {"1": [points], "24": [points]}` instead of points, all of the same number; between
keys points move in straight lines. Coordinates are pixels from the bottom left.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.node import Bool, Colour, Float, Int, Query, Source, Text, default_spec
from nodegraph.values import Frame, FrameSpec, Window

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool

Points = NDArray[np.float64]
_MODES = ("add", "subtract", "intersect")


@dataclass(frozen=True, eq=False)
class Shape:
    """One shape; `keys` are frames and points (n, 6), rising."""

    mode: str
    feather: float
    opacity: float
    invert: bool
    keys: tuple[tuple[float, Points], ...]

    def at(self, frame: float) -> Points:
        times = [time for time, _ in self.keys]
        after = int(np.searchsorted(times, frame))
        if after == 0 or after == len(times):
            return self.keys[min(after, len(times) - 1)][1]
        (t0, a), (t1, b) = self.keys[after - 1], self.keys[after]
        part = (frame - t0) / (t1 - t0)
        return a + (b - a) * part


class Roto(Source):
    """Bezier shapes, feathered and animated, as a matte and a colour.

    Shapes add up in their order: each is added to, taken from, or intersected with what is
    there. The feather is the standard deviation of a Gaussian across the outline. With a
    shutter the shapes are blurred by their motion.
    """

    id = "nodegraph.draw.roto"
    label = "roto"
    reads = frozenset({"frame", "scale"})

    shapes = Text("[]", help='JSON: [{"points": [[x, y], ...], "feather": 4}]; see the node\'s page.')
    colour = Colour((1, 1, 1, 1), help="Of the inside, scene-linear, premultiplied.")
    feather = Float(0, 0, 1000, unit="px", soft=(0, 50), help="Added to each shape's own.")
    invert = Bool(False, help="The outside instead.")
    shutter = Float(0, 0, 4, unit="frames", soft=(0, 1), help="How long it is open, around the frame; 0 is sharp.")
    samples = Int(8, 1, 64, help="Moments within the shutter.")

    def varies(self, q: Query) -> bool:
        return '"keys"' in q.p.shapes

    def stamp(self, q: Query) -> object:
        return (q.frame if self.varies(q) else None, q.scale)

    def describe(self, q: Query) -> FrameSpec:
        _parsed(q)
        return default_spec(q)

    def cook(self, q: Query, region: Window, pool: Pool) -> Frame:
        spec = self.describe(q)
        moments = self._moments(q)
        matte = np.zeros(spec.shape[1:], np.float32)
        for moment in moments:
            matte += self._matte(q, moment, spec.display_window, pool)
        matte /= len(moments)
        if q.p.invert:
            np.subtract(1, matte, out=matte)
        colour = np.array(q.p.colour, np.float32)[:, None, None]
        return Frame(spec, colour * matte[None])

    def _moments(self, q: Query) -> list[float]:
        if q.p.shutter == 0 or q.p.samples == 1 or not self.varies(q):
            return [float(q.frame)]
        return [q.frame + q.p.shutter * ((k + 0.5) / q.p.samples - 0.5) for k in range(q.p.samples)]

    def _matte(self, q: Query, moment: float, display: Window, pool: Pool) -> NDArray[np.float32]:
        matte = np.zeros((display.height, display.width), np.float32)
        for shape in _parsed(q):
            inside = _inside(shape, moment, q.scale, display, q.p.feather, pool)
            inside *= np.float32(shape.opacity)
            if shape.mode == "add":
                matte += inside * (1 - matte)
            elif shape.mode == "subtract":
                matte *= 1 - inside
            else:
                matte *= inside
        return matte


def _inside(
    shape: Shape, moment: float, scale: float, display: Window, feather: float, pool: Pool
) -> NDArray[np.float32]:
    """A shape's soft coverage over the display window."""
    from nodegraph.kernels.filters.blur import gaussian, gaussian_reach
    from nodegraph.kernels.roto import coverage, flattened

    soft = shape.feather * scale + feather
    grown = max(gaussian_reach(soft, soft)) if soft > 0 else 0
    outline = flattened(shape.at(moment) * scale)
    outline[:, 0] += grown - display.x0
    outline[:, 1] = display.y1 - outline[:, 1] + grown
    made = coverage(outline, display.width + 2 * grown, display.height + 2 * grown)
    if soft > 0:
        blurred = np.empty((1, display.height, display.width), np.float32)
        gaussian(made[None], blurred, soft, soft, pool)
        made = blurred[0]
    return 1 - made if shape.invert else made


# --- reading shapes ---------------------------------------------------------------------


def _parsed(q: Query) -> tuple[Shape, ...]:
    try:
        return _parse(q.p.shapes)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CookError(
            f"parameter 'shapes': {error}", where=q.path, hint='write [{"points": [[x, y], ...]}]'
        ) from None


@lru_cache(maxsize=64)
def _parse(text: str) -> tuple[Shape, ...]:
    data = json.loads(text or "[]")
    if not isinstance(data, list):
        raise ValueError("wants a list of shapes")
    return tuple(_shape(k, each) for k, each in enumerate(data, 1))


def _shape(number: int, data: Any) -> Shape:
    name = f"shape {data.get('name', number)!r}" if isinstance(data, dict) else f"shape {number}"
    if not isinstance(data, dict) or ("points" in data) == ("keys" in data):
        raise ValueError(f"{name} needs either points or keys")
    mode = data.get("mode", "add")
    if mode not in _MODES:
        raise ValueError(f"{name} has mode {mode!r}, not one of {', '.join(_MODES)}")
    keys = data.get("keys") or {"1": data.get("points")}
    made = sorted(((float(frame), _points(name, points)) for frame, points in keys.items()), key=lambda key: key[0])
    if len({len(points) for _, points in made}) > 1:
        raise ValueError(f"{name} has keys with different numbers of points")
    feather, opacity = float(data.get("feather", 0)), float(data.get("opacity", 1))
    if not (0 <= feather <= 1000 and 0 <= opacity <= 1):
        raise ValueError(f"{name}: feather is 0 to 1000, opacity 0 to 1")
    return Shape(mode, feather, opacity, bool(data.get("invert", False)), tuple(made))


def _points(name: str, points: Any) -> Points:
    if not isinstance(points, list) or not all(isinstance(p, list) and len(p) in (2, 6) for p in points):
        raise ValueError(f"{name}: a point is [x, y] or [x, y, in_x, in_y, out_x, out_y]")
    made = np.array([[*p, 0, 0, 0, 0] if len(p) == 2 else p for p in points], np.float64).reshape(-1, 6)
    if not np.isfinite(made).all() or np.abs(made).max(initial=0) > 1e6:
        raise ValueError(f"{name}: a coordinate is out of range")
    return made
