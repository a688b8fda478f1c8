"""What is drawn over scopes: lines, boxes and labels as data, and what a place on an axis is worth."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from nodegraph.editor.geometry import Point

Size = tuple[int, int]

#: The angle of skin on a vectorscope, from +Cb: the +I axis.
SKIN = 123.0
GREY = 0.18
#: Half the side of a target's box, in Cb and Cr.
_BOX = 0.022


@dataclass(frozen=True, slots=True)
class Line:
    """A line through panel points. `role` is "limit", "major", "minor", "target" or "skin"."""

    points: tuple[Point, ...]
    role: str = "major"
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Text beside a panel point: to its right and below it, or in the middle of it."""

    x: float
    y: float
    text: str
    middle: bool = False


@dataclass(slots=True)
class Graticule:
    lines: list[Line] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Axis:
    """Values along an axis from `low` to `high`, in the units of `scale`: fractions of 1, or stops from grey."""

    scale: str
    low: float
    high: float

    def at(self, share: float) -> float:
        """The value at a share of the way, in the axis's units."""
        return self.low + share * (self.high - self.low)

    def place(self, value: float) -> float:
        """The share of the way at which a value lies."""
        return (value - self.low) / (self.high - self.low)

    def words(self, value: float) -> str:
        """A value in the words of the scale."""
        if self.scale == "percent":
            return f"{100 * value:.1f} %"
        if self.scale == "ire":
            return f"{100 * value:.1f} IRE"
        if self.scale == "stops":
            return f"{value:+.2f} stops ({GREY * 2.0**value:.4g})"
        return f"{value:.4f}"

    def short(self, value: float) -> str:
        """A value for a label."""
        if self.scale in ("percent", "ire"):
            return f"{100 * value:.4g}"
        return (f"{value:+.4g}" if value else "0") if self.scale == "stops" else f"{value:.4g}"

    def marks(self) -> list[tuple[float, bool]]:
        """Values to draw lines at, and whether they are labelled."""
        fine, coarse = self._steps()
        first, last = math.ceil(self.low / fine - 1e-9), math.floor(self.high / fine + 1e-9)
        return [(k * fine, abs(k * fine / coarse - round(k * fine / coarse)) < 1e-6) for k in range(first, last + 1)]

    def _steps(self) -> tuple[float, float]:
        """The steps of lines and of labels: about a quarter of the axis for these, half of that for those."""
        rough = 0.99 * (self.high - self.low) / (5 if self.scale == "ire" else 4)
        if self.scale == "stops":
            coarse = max(1.0, 2.0 ** math.ceil(math.log2(rough)))
        else:
            power = 10.0 ** math.floor(math.log10(rough))
            coarse = next(k * power for k in (1, 2, 2.5, 5, 10) if k * power >= rough)
        return coarse / 2, coarse


def axis_of(scale: str, ends: tuple[float, float]) -> Axis:
    return Axis(scale, *ends)


def scale_graticule(size: Size, axis: Axis, across: bool, parts: int = 1) -> Graticule:
    """Lines at round values, the ends as limits; `across` where values run to the right."""
    from nodegraph.kernels.phosphor import RIM, sections

    made, (width, height) = Graticule(), size
    for value, major in axis.marks():
        share = axis.place(value)
        role = "limit" if min(abs(share), abs(share - 1)) < 1e-9 else "major" if major else "minor"
        if across:
            x = RIM + 0.5 + share * (width - 2 * RIM - 1)
            made.lines.append(Line(((x, 0.0), (x, float(height))), role))
            place = (x + 3, 2.0)
        else:
            y = height - 0.5 - RIM - share * (height - 2 * RIM - 1)
            made.lines.append(Line(((0.0, y), (float(width), y)), role))
            place = (4.0, y + 1)
        if major or role == "limit":
            made.labels.append(Label(*_held(place, size), axis.short(value)))
    if parts > 1:
        for name, (x0, x1) in zip("RGB", sections(width, True)):
            made.labels.append(Label((x0 + x1) / 2, 10.0, name, middle=True))
    return made


def _held(place: Point, size: Size) -> Point:
    """Within the panel, with room for a label's text."""
    return min(place[0], size[0] - 26.0), min(place[1], size[1] - 15.0)


def targets(level: float = 0.75) -> list[tuple[str, float, float]]:
    """Where bars of that level lie: (label, Cb, Cr) in BT.709."""
    from nodegraph.kernels.scopes import CB, CR

    made = []
    for name, (r, g, b) in zip(
        ("R", "Mg", "B", "Cy", "G", "Yl"),
        ((1, 0, 0), (1, 0, 1), (0, 0, 1), (0, 1, 1), (0, 1, 0), (1, 1, 0)),
        strict=True,
    ):
        y = 0.2126 * r + 0.7152 * g + 0.0722 * b
        made.append((name, level * (b - y) / CB, level * (r - y) / CR))
    return made


def plane_graticule(size: Size, zoom: float = 1.0) -> Graticule:
    """The cross, circles, the boxes of 75 % bars and the line of skin of a vectorscope."""
    n = min(size)
    mx, my = (size[0] - n) // 2 + n / 2, (size[1] - n) // 2 + n / 2
    per = max(1, n - 3) * zoom
    edge = 0.5 / zoom

    def panel(cb: float, cr: float) -> Point:
        return mx + cb * per, my - cr * per

    made = Graticule()
    made.lines.append(Line((panel(-edge, 0), panel(edge, 0)), "minor"))
    made.lines.append(Line((panel(0, -edge), panel(0, edge)), "minor"))
    for radius, role in ((edge, "limit"), (edge / 2, "minor")):
        around = (2 * math.pi * k / 64 for k in range(64))
        made.lines.append(Line(tuple(panel(radius * math.cos(a), radius * math.sin(a)) for a in around), role, True))
    skin = math.radians(SKIN)
    made.lines.append(Line((panel(0, 0), panel(edge * math.cos(skin), edge * math.sin(skin))), "skin"))
    for name, cb, cr in targets():
        if max(abs(cb), abs(cr)) + _BOX > edge:
            continue
        corners = ((-_BOX, -_BOX), (_BOX, -_BOX), (_BOX, _BOX), (-_BOX, _BOX))
        made.lines.append(Line(tuple(panel(cb + i, cr + j) for i, j in corners), "target", True))
        far = math.hypot(cb, cr)
        out = (far + 2.6 * _BOX) / far
        made.labels.append(Label(*panel(cb * out, cr * out), name, middle=True))
    return made
