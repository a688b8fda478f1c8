"""One axis of a panel: which numbers (frames, values) lie at which pixels, with zoom, pan and ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(slots=True)
class Axis:
    """`centre` lies in the middle of `pixels`; `zoom` is in pixels per unit. With `up`, numbers grow to smaller
    pixels: the value axis of a curve, whose panel counts its pixels from the top."""

    pixels: float = 1.0
    centre: float = 0.0
    zoom: float = 10.0
    up: bool = False
    smallest: float = 1e-6
    largest: float = 1e6

    def to_panel(self, value: float) -> float:
        offset = (value - self.centre) * self.zoom
        return self.pixels / 2 + (-offset if self.up else offset)

    def to_value(self, pixel: float) -> float:
        offset = (pixel - self.pixels / 2) / self.zoom
        return self.centre + (-offset if self.up else offset)

    @property
    def seen(self) -> tuple[float, float]:
        """The lowest and highest number that is seen."""
        half = self.pixels / 2 / self.zoom
        return self.centre - half, self.centre + half

    def pan(self, pixels: float) -> None:
        """Move what is seen along with the hand."""
        self.centre -= (-pixels if self.up else pixels) / self.zoom

    def zoom_at(self, pixel: float, factor: float) -> None:
        """Zoom so that the number under the cursor stays there."""
        value = self.to_value(pixel)
        self.zoom = min(self.largest, max(self.smallest, self.zoom * factor))
        self.centre += value - self.to_value(pixel)

    def fit(self, low: float, high: float, margin: float = 20.0) -> None:
        """Show a range whole, with `margin` pixels on both sides; a single number comes into the middle."""
        self.centre = (low + high) / 2
        if high > low:
            room = max(1.0, self.pixels - 2 * margin)
            self.zoom = min(self.largest, max(self.smallest, room / (high - low)))


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis; major ones are labelled."""

    value: float
    major: bool


def ticks(axis: Axis, spacing: float = 8.0, label: float = 60.0, whole: bool = False) -> list[Tick]:
    """Round marks: minor ones at least `spacing` pixels apart, major ones `label`. `whole`: on whole numbers."""
    minor = nice_step(spacing / axis.zoom, 1.0 if whole else 0.0)
    major = nice_step(max(minor, label / axis.zoom), minor)
    while not _divides(minor, major):  # 2 doesn't go into 5
        major = nice_step(major * 1.01)
    low, high = axis.seen
    first, last, every = math.ceil(low / minor), math.floor(high / minor), round(major / minor)
    return [Tick(i * minor, i % every == 0) for i in range(first, last + 1)]


def nice_step(wanted: float, least: float = 0.0) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that isn't less than either."""
    wanted = max(wanted, least)
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(f * power for f in (1.0, 2.0, 5.0, 10.0) if f * power >= wanted * (1 - 1e-9))


def _divides(a: float, b: float) -> bool:
    return abs(b / a - round(b / a)) < 1e-6
