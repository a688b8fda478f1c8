"""Waveform, parade, histogram and vectorscope: what they are set to, their pictures, graticules and readings.

`Scopes.compute` may run in any one thread at a time; the rest is the window's. Panel positions are in
pixels from the panel's top left, sizes are (width, height).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.graticule import Axis, Graticule, axis_of, plane_graticule, scale_graticule
from nodegraph.errors import DocumentError
from nodegraph.values import Frame

if TYPE_CHECKING:
    from nodegraph.kernels.scopes import Scale, Source

Size = tuple[int, int]

MODES = ("waveform", "parade", "histogram", "vectorscope")
CHANNELS = ("rgb", "luma", "red", "green", "blue")
SCALES = ("percent", "ire", "values", "stops")
#: Panels smaller than this stay dark.
_SMALLEST = (32, 24)


@dataclass(frozen=True, slots=True)
class Setup:
    """What a scope shows.

    `span` are the values at the ends of its axis for scales other than stops, `stops` those of that one,
    from the grey of 0.18. `logarithmic` heights are for the histogram, `zoom` (1 or more) for the vectorscope.
    """

    mode: str = "waveform"
    channels: str = "rgb"
    scale: str = "percent"
    span: tuple[float, float] = (0.0, 1.0)
    stops: tuple[float, float] = (-8.0, 8.0)
    logarithmic: bool = False
    zoom: float = 1.0

    def __post_init__(self) -> None:
        for name, known in (("mode", MODES), ("channels", CHANNELS), ("scale", SCALES)):
            if getattr(self, name) not in known:
                raise DocumentError(f"a scope has no {name} {getattr(self, name)!r}", hint=f"one of {', '.join(known)}")
        for name in ("span", "stops"):
            low, high = getattr(self, name)
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise DocumentError(f"a scope's {name} runs upwards, not from {low} to {high}")
        if not 1 <= self.zoom <= 16:
            raise DocumentError(f"a vectorscope's zoom is 1 to 16, not {self.zoom}")


class Scopes:
    """One scope. `odd` says how many values of the last picture were NaN, +inf and -inf."""

    def __init__(self, setup: Setup | None = None) -> None:
        self.setup = setup or Setup()
        self.odd: tuple[int, int, int] = (0, 0, 0)
        self._counts: dict[tuple[int, ...], NDArray[np.uint32]] = {}

    def change(self, **settings: Any) -> None:
        """Other settings; DocumentError names what a scope hasn't got."""
        self.setup = replace(self.setup, **settings)

    @property
    def wants_scene(self) -> bool:
        """Whether it should be given the picture itself: what is shown has no stops and stays within 0..1."""
        return self.setup.mode != "vectorscope" and (self.setup.scale == "stops" or self.setup.span != (0.0, 1.0))

    @property
    def axis(self) -> Axis:
        return axis_of(self.setup.scale, self.setup.stops if self.setup.scale == "stops" else self.setup.span)

    # -- the picture

    def compute(
        self, picture: NDArray[np.float32] | Frame, size: Size, out: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """The scope's picture `(height, width, 4)`, of a panel's `(height, width, 4)` pixels or of a Frame's values."""
        from nodegraph.kernels import phosphor, scopes

        setup, (width, height) = self.setup, size
        source = _source(picture, setup)
        if width < _SMALLEST[0] or height < _SMALLEST[1] or source.width == 0 or source.height == 0:
            return phosphor.blank(height, width, out)
        odd = np.zeros(3, np.uint32)
        shape = (height, width)
        if setup.mode == "vectorscope":
            plane = self._array(min(size), min(size))
            scopes.vectorscope(plane, odd, source, setup.zoom)
            made = phosphor.draw_vectorscope(plane, shape, setup.zoom, out)
        elif setup.mode == "histogram":
            bins = self._array(_count(setup), phosphor.levels_in(width))
            scopes.histogram(bins, odd, source, _scale(setup))
            made = phosphor.draw_histogram(bins, shape, setup.logarithmic, out)
        else:
            parade = setup.mode == "parade"
            columns = min(source.width, phosphor.sections(width, parade)[0][1])
            wave = self._array(_count(setup), phosphor.levels_in(height), columns)
            scopes.waveform(wave, odd, source, _scale(setup))
            made = phosphor.draw_waveform(wave, shape, source.width, parade, out)
        self.odd = (int(odd[0]), int(odd[1]), int(odd[2]))
        return made

    def _array(self, *shape: int) -> NDArray[np.uint32]:
        """Counts of a shape; those of the last one are used again."""
        if shape not in self._counts:
            self._counts = {shape: np.zeros(shape, np.uint32)}
        return self._counts[shape]

    # -- what lies over it

    def graticule(self, size: Size) -> Graticule:
        """Lines, boxes and labels to draw over the picture."""
        if self.setup.mode == "vectorscope":
            return plane_graticule(size, self.setup.zoom)
        return scale_graticule(size, self.axis, across=self.setup.mode == "histogram", parts=len(self._parts(size[0])))

    def reading(self, x: float, y: float, size: Size) -> str:
        """What a panel position stands for, in words; "" off the panel."""
        if not (0 <= x < size[0] and 0 <= y < size[1]):
            return ""
        if self.setup.mode == "vectorscope":
            return self._colour_at(x, y, size)
        if self.setup.mode == "histogram":
            return self.axis.words(self.axis.at((x - _rim() - 0.5) / max(1, size[0] - 2 * _rim() - 1)))
        words = self.axis.words(self.axis.at((size[1] - 0.5 - _rim() - y) / max(1, size[1] - 2 * _rim() - 1)))
        if self.setup.mode != "parade":
            return words
        part = next((k for k, (x0, x1) in enumerate(self._parts(size[0])) if x0 <= x < x1), None)
        return "" if part is None else f"{'RGB'[part]} {words}"

    def _parts(self, width: int) -> list[tuple[int, int]]:
        from nodegraph.kernels.phosphor import sections

        return sections(width, self.setup.mode == "parade")

    def _colour_at(self, x: float, y: float, size: Size) -> str:
        n = min(size)
        per = max(1, n - 3) * self.setup.zoom
        cb = (x - (size[0] - n) // 2 - n / 2) / per
        cr = ((size[1] - n) // 2 + n / 2 - y) / per
        if max(abs(cb), abs(cr)) > 0.5 / self.setup.zoom:
            return ""
        angle = math.degrees(math.atan2(cr, cb)) % 360
        return f"Cb {cb:+.3f}  Cr {cr:+.3f}  {angle:.0f}°  {200 * math.hypot(cb, cr):.0f} %"

    @property
    def notice(self) -> str:
        """What the last picture holds that is no number; "" when there is none of it."""
        return ", ".join(f"{n} {name}" for n, name in zip(self.odd, ("NaN", "+inf", "-inf"), strict=True) if n)


def _rim() -> int:
    from nodegraph.kernels.phosphor import RIM

    return RIM


def _count(setup: Setup) -> int:
    """A parade is of three channels, whatever is chosen."""
    return 3 if setup.channels == "rgb" or setup.mode == "parade" else 1


def _scale(setup: Setup) -> Scale:
    from nodegraph.kernels import scopes

    return scopes.stops(*setup.stops) if setup.scale == "stops" else scopes.linear(*setup.span)


def _source(picture: NDArray[np.float32] | Frame, setup: Setup) -> Source:
    from nodegraph.editor.display import planes
    from nodegraph.kernels import scopes

    red, green, blue, _ = planes(picture.spec.channels) if isinstance(picture, Frame) else (0, 1, 2, 3)
    chosen = (red, green, blue)
    if setup.channels in CHANNELS[2:] and setup.mode not in ("parade", "vectorscope"):
        chosen = (chosen[CHANNELS.index(setup.channels) - 2],) * 3
    if isinstance(picture, Frame):
        # A layer that isn't there reads as the one that is: a matte is grey.
        chosen = (max(chosen[0], 0), max(chosen[1], 0), max(chosen[2], 0))
        return scopes.planar(picture.pixels, chosen)
    return scopes.interleaved(picture, chosen)
