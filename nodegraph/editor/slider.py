"""How a number is handled: the range of its slider and the step of a drag."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nodegraph.graph import Param

#: A range above 0 that spans more than this factor has a logarithmic slider.
_WIDE = 8.0
#: Pixels of a drag that go through a slider's whole range, about.
_TRAVEL = 400.0


@dataclass(frozen=True, slots=True)
class Slider:
    """A range, and how its values lie along a slider from 0 to 1."""

    low: float
    high: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Where a value lies on the slider, 0 to 1; what is beyond its ends is at them."""
        value = min(max(value, self.low), self.high)
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def value(self, place: float) -> float:
        """The value at a place from 0 to 1."""
        place = min(max(place, 0.0), 1.0)
        if self.logarithmic:
            return float(self.low * (self.high / self.low) ** place)
        return self.low + (self.high - self.low) * place


def slider(param: Param, value: float | None = None) -> Slider:
    """A parameter's slider: its soft range, else its hard one, else one around its default.

    It reaches to `value` (within the hard range) where that lies beyond.
    """
    low, high = param.soft or (param.minimum, param.maximum)
    if math.isinf(low) or math.isinf(high):
        low, high = _around(param, low, high)
    if value is not None and math.isfinite(value):
        low = max(param.minimum, min(low, value))
        high = min(param.maximum, max(high, value))
    if not low < high:
        high = low + 1.0
    return Slider(float(low), float(high), low > 0 and high / low >= _WIDE)


def _around(param: Param, low: float, high: float) -> tuple[float, float]:
    """A range for a parameter that is open on one side or both."""
    default = param.default[0] if isinstance(param.default, tuple) else param.default
    reach = max(1.0, 2 * abs(float(default)))
    low = (0.0 if param.minimum <= 0 <= default else default - reach) if math.isinf(low) else low
    return low, max(low, float(default)) + reach if math.isinf(high) else high


def step(param: Param, *, fine: bool = False, coarse: bool = False) -> float:
    """The change that one pixel of a drag makes: a power of ten; 0 for what isn't a number.

    Of whole numbers and of pixels, degrees and frames it is 1 (or less where the range is short);
    `fine` is a tenth of it, `coarse` ten times as much. A drag adds up fractions of whole numbers.
    """
    if not param.animatable or param.kind == "bool":
        return 0.0
    span = slider(param)
    exponent = math.floor(math.log10((span.high - span.low) / _TRAVEL) + 0.5)
    size = float(10.0**exponent)
    if param.kind == "int" or param.unit in ("px", "deg", "frames"):
        size = min(1.0, size) if param.kind == "float" else 1.0
    return size * (0.1 if fine else 1.0) * (10.0 if coarse else 1.0)
