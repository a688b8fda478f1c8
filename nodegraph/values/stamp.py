"""When a value was seen."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Stamp:
    """When the light hit the sensor.

    `time` is rational seconds, `frame` the frame number at the source's rate, `timecode`
    SMPTE text ("10:00:00:00", ";" before the frames for drop-frame), `age` how stale the
    value is in seconds.
    """

    time: Fraction = Fraction(0)
    frame: int = 0
    timecode: str | None = None
    age: Fraction = Fraction(0)
