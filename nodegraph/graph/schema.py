"""What a node type looks like from outside, as plain data.

The document refuses a bad wire or a bad value with these alone: no behaviour is imported to
open, check or edit a graph. `nodegraph.node` adds behaviour to a schema.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from nodegraph.errors import DocumentError, did_you_mean

ParamKind = Literal["float", "int", "bool", "choice", "text", "path", "colour", "vec2", "vec3", "curve"]

#: Port types a wire may carry.
PORT_TYPES = (
    "Frame",
    "Matte",
    "Environment",
    "Lights",
    "World",
    "Camera",
    "Performance",
    "Audio",
    "Text",
    "Number",
)

#: Wires allowed between different types: a picture gives its alpha as a matte, a matte is a
#: one-channel picture.
CONVERSIONS = frozenset({("Frame", "Matte"), ("Matte", "Frame")})

_SIZES: Mapping[str, int] = {"vec2": 2, "vec3": 3, "colour": 3}


def fits(source: str, target: str) -> bool:
    """Whether a wire may run from an output of type `source` to an input of type `target`."""
    return source == target or (source, target) in CONVERSIONS


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a node type."""

    name: str
    type: str = "Frame"
    optional: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter: its kind, range, unit, default and help.

    `minimum` and `maximum` are hard limits (a value beyond is refused), `soft` the range a
    slider shows. `unit` is "px" (scaled with the proxy), "deg", "stops", "s", "frames" or "".
    `shape` parameters choose *what* is computed and so enter the shape key; choices and
    booleans always do. `size` is the length of a vector or colour.
    """

    name: str
    kind: ParamKind
    default: Any
    minimum: float = -math.inf
    maximum: float = math.inf
    soft: tuple[float, float] | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    size: int = 0
    label: str = ""
    help: str = ""
    shape: bool = False
    file_kind: str = ""  # "open" or "save", for paths

    @property
    def animatable(self) -> bool:
        return self.kind in ("float", "int", "bool", "colour", "vec2", "vec3")

    @property
    def length(self) -> int:
        """Numbers in a value: 1 for scalars, the size of a vector or colour."""
        return self.size or _SIZES.get(self.kind, 1)

    def check(self, value: Any, where: str | None = None) -> Any:
        """The value in canonical form (floats as float, vectors as tuples of floats).

        Raises DocumentError naming the parameter when the value doesn't fit.
        """
        try:
            return _CHECKS[self.kind](self, value)
        except (TypeError, ValueError) as error:
            raise DocumentError(f"parameter {self.name!r} {error}", where=where, hint=self.describe_range()) from None

    def describe_range(self) -> str:
        """What values are taken, in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        kind = f"{self.length} numbers" if self.length > 1 else self.kind
        if math.isinf(self.minimum) and math.isinf(self.maximum):
            return kind
        return f"{kind} from {self.minimum:g} to {self.maximum:g}"


def _number(param: Param, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"wants a number, got {value!r}")
    if not param.minimum <= value <= param.maximum:  # NaN fails too
        raise ValueError(f"is out of range: {value!r}")
    if math.isinf(value):
        raise ValueError(f"is not finite: {value!r}")
    return float(value)


def _int(param: Param, value: Any) -> int:
    number = _number(param, value)
    if number != int(number):
        raise ValueError(f"wants a whole number, got {value!r}")
    return int(number)


def _bool(param: Param, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"wants true or false, got {value!r}")
    return value


def _choice(param: Param, value: Any) -> str:
    if value not in param.choices:
        hint = did_you_mean(str(value), param.choices)
        raise ValueError(f"has no choice {value!r}" + (f", {hint}" if hint else ""))
    return str(value)


def _text(param: Param, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"wants text, got {value!r}")
    return value


def _vector(param: Param, value: Any) -> tuple[float, ...]:
    if not isinstance(value, (list, tuple)) or len(value) != param.length:
        raise TypeError(f"wants {param.length} numbers, got {value!r}")
    return tuple(_number(param, v) for v in value)


def _curve(param: Param, value: Any) -> tuple[tuple[float, ...], ...]:
    """A curve is control points (x, y) or (x, y, slope in, slope out), x rising."""
    if not isinstance(value, (list, tuple)) or not value:
        raise TypeError(f"wants control points, got {value!r}")
    points = []
    for point in value:
        if not isinstance(point, (list, tuple)) or len(point) not in (2, 4):
            raise TypeError(f"wants points of 2 or 4 numbers, got {point!r}")
        points.append(tuple(_number(param, v) for v in point))
    if any(b[0] <= a[0] for a, b in pairwise(points)):
        raise ValueError("wants control points with rising x")
    return tuple(points)


_CHECKS = {
    "float": _number,
    "int": _int,
    "bool": _bool,
    "choice": _choice,
    "text": _text,
    "path": _text,
    "colour": _vector,
    "vec2": _vector,
    "vec3": _vector,
    "curve": _curve,
}


@dataclass(frozen=True, slots=True)
class Schema:
    """A node type as the document sees it."""

    id: str
    version: int
    kind: str  # "pixel" "filter" "frame" "source" "sink" "flow"
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = (Port("out"),)
    params: tuple[Param, ...] = ()
    label: str = ""
    doc: str = ""

    @property
    def family(self) -> str:
        """ "keying" for "nodegraph.keying.chroma"."""
        parts = self.id.split(".")
        return parts[-2] if len(parts) > 1 else ""

    def input(self, name: str, where: str | None = None) -> Port:
        port: Port = _named("input", self.inputs, name, where or self.id)
        return port

    def output(self, name: str, where: str | None = None) -> Port:
        port: Port = _named("output", self.outputs, name, where or self.id)
        return port

    def param(self, name: str, where: str | None = None) -> Param:
        param: Param = _named("parameter", self.params, name, where or self.id)
        return param


def _named(noun: str, items: tuple[Any, ...], name: str, where: str) -> Any:
    for item in items:
        if item.name == name:
            return item
    names = [i.name for i in items]
    hint = did_you_mean(name, names) or (f"it has {', '.join(names)}" if names else f"it has no {noun}s")
    raise DocumentError(f"has no {noun} {name!r}", where=where, hint=hint)


#: The node types a document is checked against, by id.
Catalog = Mapping[str, Schema]
