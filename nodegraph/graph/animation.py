"""Values over time, and curves: cubic Hermite segments between keys."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, get_args

from nodegraph.errors import DocumentError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Interp = Literal["linear", "smooth", "hold"]
_INTERPS = get_args(Interp)

#: Control points of a curve: (x, y) or (x, y, slope in, slope out), x rising.
Points = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Key:
    """A value at a frame, and how the value runs on from here to the next key.

    `slope_in` and `slope_out` are in units of the value per frame; None means automatic:
    the Catmull-Rom tangent through the neighbours.
    """

    frame: float
    value: float
    interp: Interp = "smooth"
    slope_in: float | None = None
    slope_out: float | None = None

    def __post_init__(self) -> None:
        if self.interp not in _INTERPS:
            raise DocumentError(f"a key has no interpolation {self.interp!r}", hint=f"one of {', '.join(_INTERPS)}")
        for name in ("frame", "value", "slope_in", "slope_out"):
            number = getattr(self, name)
            if number is None and name.startswith("slope"):
                continue
            if not isinstance(number, (int, float)) or not math.isfinite(number):
                raise DocumentError(f"a key's {name} must be a finite number, got {number!r}")
            if abs(number) > 1e300:  # differences of two such would overflow
                raise DocumentError(f"a key's {name} is out of range: {number!r}")


@dataclass(frozen=True)
class Animation:
    """A number over time: constant before the first and after the last key.

    Keys are sorted by frame; two keys on one frame are refused.
    """

    keys: tuple[Key, ...]
    _frames: tuple[float, ...] = field(init=False, repr=False, compare=False)
    _slopes: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __init__(self, keys: Iterable[Key | tuple[float, float]]) -> None:
        given = (k if isinstance(k, Key) else Key(*k) for k in keys)
        ordered = tuple(sorted(given, key=lambda k: k.frame))
        frames = tuple(k.frame for k in ordered)
        if not ordered:
            raise DocumentError("an animation needs at least one key")
        if len(set(frames)) != len(frames):
            raise DocumentError("an animation has two keys on one frame")
        object.__setattr__(self, "keys", ordered)
        object.__setattr__(self, "_frames", frames)
        object.__setattr__(self, "_slopes", _secants(frames, [k.value for k in ordered]))

    @property
    def constant(self) -> bool:
        """Whether the value never changes."""
        first = self.keys[0].value
        return all(k.value == first and not k.slope_in and not k.slope_out for k in self.keys)

    def at(self, frame: float) -> float:
        """The value at a frame (fractions of a frame are asked for by motion blur)."""
        keys = self.keys
        i = bisect_right(self._frames, frame)
        if i == 0:
            return keys[0].value
        left = keys[i - 1]
        if i == len(keys) or left.interp == "hold":
            return left.value
        right = keys[i]
        span = right.frame - left.frame
        t = (frame - left.frame) / span
        if left.interp == "linear":
            return left.value + (right.value - left.value) * t
        out = self._slopes[i - 1] if left.slope_out is None else left.slope_out
        into = self._slopes[i] if right.slope_in is None else right.slope_in
        return _hermite(left.value, right.value, out * span, into * span, t)

    def with_key(self, key: Key) -> Animation:
        """With a key added, or replaced when there is one on its frame."""
        return Animation([*(k for k in self.keys if k.frame != key.frame), key])

    def without_key(self, frame: float) -> Animation:
        """With the key on a frame removed; the last key can't be removed."""
        return Animation(k for k in self.keys if k.frame != frame)


def _hermite(a: float, b: float, slope_a: float, slope_b: float, t: float) -> float:
    """The cubic Hermite segment from a to b, slopes per whole segment, 0 <= t <= 1."""
    u = 1.0 - t
    return u * u * ((1.0 + 2.0 * t) * a + t * slope_a) + t * t * ((3.0 - 2.0 * t) * b - u * slope_b)


def _secants(frames: Sequence[float], values: Sequence[float]) -> tuple[float, ...]:
    """Catmull-Rom slopes: each key's is that of the line through its neighbours."""
    last = len(frames) - 1
    slopes = []
    for i in range(last + 1):
        a, b = max(0, i - 1), min(last, i + 1)
        slopes.append((values[b] - values[a]) / (frames[b] - frames[a]) if a != b else 0.0)
    return tuple(slopes)


def _curve_slopes(points: Points) -> list[tuple[float, float]]:
    """Slope in and out of each control point: given ones, else monotone.

    Monotone slopes are the weighted harmonic mean of the neighbouring secants, 0 at an
    extremum (Fritsch and Butland 1984), so a curve never overshoots its points.
    """
    secants = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(points)]
    slopes = []
    for i, point in enumerate(points):
        if len(point) == 4:
            slopes.append((point[2], point[3]))
            continue
        before = secants[i - 1] if i else None
        after = secants[i] if i < len(secants) else None
        if before is None or after is None:
            slope = before if before is not None else after if after is not None else 0.0
        elif before * after <= 0:
            slope = 0.0
        else:
            left, right = points[i][0] - points[i - 1][0], points[i + 1][0] - points[i][0]
            w0, w1 = 2 * right + left, right + 2 * left
            slope = (w0 + w1) / (w0 / before + w1 / after)
        slopes.append((slope, slope))
    return slopes


def curve_value(points: Points, x: float) -> float:
    """A curve at x: monotone cubic through the points, linear beyond the ends."""
    slopes = _curve_slopes(points)
    i = bisect_right([p[0] for p in points], x)
    if i == 0:
        return points[0][1] + (x - points[0][0]) * slopes[0][0]
    left = points[i - 1]
    if i == len(points):
        return left[1] + (x - left[0]) * slopes[-1][1]
    right = points[i]
    span = right[0] - left[0]
    return _hermite(left[1], right[1], slopes[i - 1][1] * span, slopes[i][0] * span, (x - left[0]) / span)


def sample_curve(points: Points, n: int, x0: float = 0.0, x1: float = 1.0) -> NDArray[np.float32]:
    """A curve at n even steps from x0 to x1, both included: a float32 table `(n,)`."""
    import numpy as np

    x = np.linspace(x0, x1, n)
    slopes = np.array(_curve_slopes(points), float).reshape(-1, 2)
    px = np.array([p[0] for p in points], float)
    py = np.array([p[1] for p in points], float)
    out = np.where(x < px[0], py[0] + (x - px[0]) * slopes[0, 0], py[-1] + (x - px[-1]) * slopes[-1, 1])
    if len(points) > 1:
        i = np.clip(np.searchsorted(px, x, "right") - 1, 0, len(points) - 2)
        span = px[i + 1] - px[i]
        t = np.clip((x - px[i]) / span, 0, 1)
        u = 1 - t
        inside = u * u * ((1 + 2 * t) * py[i] + t * slopes[i, 1] * span) + t * t * (
            (3 - 2 * t) * py[i + 1] - u * slopes[i + 1, 0] * span
        )
        out = np.where((x >= px[0]) & (x <= px[-1]), inside, out)
    table: NDArray[np.float32] = out.astype(np.float32)
    return table
