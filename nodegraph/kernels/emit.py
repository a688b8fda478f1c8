"""A fused run of pixel functions, built up value by value and emitted as one module.

    build = Build()
    picture = build.load(layout, ("R", "G", "B"))     # a source: planes of some frame
    gain = build.uniform()                            # a number given at every cook
    (r,) = build.call(exposure, picture["R"], gain)   # straight-line code over values
    program = build.finish([r, picture["G"], ...])    # what is stored

The same straight-line body serves every tier: in a loop over pixels for Numba and CUDA, over
rows of arrays for NumPy. Sources and the values made from them have *windows*; a row is cut
into segments at the windows' edges, so within a segment each source is wholly there or
wholly zero and the inner loop carries no test. Windows, numbers and tables are arguments:
nothing a slider changes enters the text, whose digest names the kernel.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nodegraph.kernels.functions import FAST, PRECISE
from nodegraph.kernels.language import Source, primitive, source_of
from nodegraph.kernels.rows import KERNELS, yuv_constants
from nodegraph.values import Layout

#: A value in the body: the text that names it ("v7", "u2", "f32(1.0)", "(u0, u1)").
Value = str

PLANAR = Layout("planar", "f32")
ZERO: Value = "f32(0.0)"
ONE: Value = "f32(1.0)"

_HEADER = '''"""A fused kernel of nodegraph, emitted; {title}."""
import math

import numpy as np
from numba import njit, types

from nodegraph.kernels.functions import FAST, fast, precise  # {flags}

f32 = np.float32
i32 = np.int32
u32 = np.uint32
'''


_FLAGS = "; ".join(" ".join(sorted(each["fastmath"])) for each in (FAST, PRECISE))


@dataclass(frozen=True)
class Load:
    """A source of a program: which of its channels are read, and into which values."""

    layout: Layout
    channels: tuple[int, ...]
    values: tuple[Value, ...]
    window: int  # its row in the windows argument


@dataclass(frozen=True)
class Program:
    """What a fused run computes; everything but the arrays and numbers it is run with."""

    loads: tuple[Load, ...]
    body: tuple[str, ...]
    stores: tuple[Value, ...]
    functions: tuple[Source, ...]
    uniforms: int
    tables: int
    windows: int
    inside: tuple[int, ...]  # windows whose presence the body asks for
    positions: bool
    title: str

    @cached_property
    def text(self) -> str:
        """The kernel's module."""
        return _emit(self)

    @cached_property
    def digest(self) -> str:
        return hashlib.blake2b(self.text.encode(), digest_size=16).hexdigest()

    @property
    def scratch_rows(self) -> int:
        """Float rows of the domain's width that a strip works in: zeros, then decoded sources."""
        return 1 + sum(_decoded_rows(load) for load in self.loads)


class Build:
    """Builds a Program. Values are opaque; make them with the methods below."""

    def __init__(self) -> None:
        self._loads: list[Load] = []
        self._body: list[str] = []
        self._sources: dict[str, Source] = {}
        self._values = self._uniforms = self._tables = self._windows = 0
        self._inside: list[int] = []
        self._called: dict[tuple[str, tuple[Value, ...]], tuple[Value, ...]] = {}
        self._positions = False
        self._titles: list[str] = []

    def title(self, name: str) -> None:
        """Name what comes next, for the kernel's first line."""
        self._titles.append(name)

    def _value(self) -> Value:
        self._values += 1
        return f"v{self._values - 1}"

    def window(self) -> int:
        """A further window argument; returns its row."""
        self._windows += 1
        return self._windows - 1

    def load(self, layout: Layout, channels: Sequence[int]) -> tuple[Value, ...]:
        """Values of some channels of a new source; 0 outside the source's window."""
        values = tuple(self._value() for _ in channels)
        self._loads.append(Load(layout, tuple(channels), values, self.window()))
        return values

    def uniform(self) -> Value:
        """A number given at every cook."""
        self._uniforms += 1
        return f"u{self._uniforms - 1}"

    def table(self) -> Value:
        """A one-dimensional float32 array given at every cook."""
        self._tables += 1
        return f"t{self._tables - 1}"

    def position(self) -> tuple[Value, Value]:
        """The pixel's centre (x, y), y growing upward from the display window's bottom."""
        self._positions = True
        return "px", "py"

    def call(self, function: Callable[..., Any], *args: Value, results: int = 1) -> tuple[Value, ...]:
        """Values of a pixel function."""
        source = source_of(function)
        known = self._called.get((source.name, args))
        if known is not None:  # a pixel function has no effects: the same call is the same values
            return known
        self._need(source)
        values = self._called[source.name, args] = tuple(self._value() for _ in range(results))
        self._body.append(f"{', '.join(values)} = {source.name}({', '.join(args)})")
        return values

    def inside(self, value: Value, window: int) -> Value:
        """The value inside a window, 0 outside it."""
        if value == ZERO:
            return value
        if window not in self._inside:
            self._inside.append(window)
        self._need(primitive("select"))
        result = self._value()
        self._body.append(f"{result} = select(in{window}, {value}, {ZERO})")
        return result

    def _need(self, source: Source) -> None:
        for each in source.unrolled():
            self._sources.setdefault(each.name, each)

    def finish(self, stores: Sequence[Value]) -> Program:
        return Program(
            tuple(self._loads), tuple(self._body), tuple(stores), tuple(self._sources.values()),
            self._uniforms, self._tables, self._windows, tuple(sorted(self._inside)), self._positions,
            " > ".join(self._titles),
        )  # fmt: skip


# --- text -------------------------------------------------------------------------------


def _decoded_rows(load: Load) -> int:
    if load.layout == PLANAR:
        return 0
    if load.layout.packing == "yuv":
        return 6 + (1 if 3 in load.channels else 0)
    return len(load.channels)


def _planes(load: Load) -> int:
    return (4 if 3 in load.channels else 3) if load.layout.packing == "yuv" else 1


def plane_names(program: Program) -> list[str]:
    """The kernel's array arguments, load by load."""
    return [f"s{k}_{p}" for k, load in enumerate(program.loads) for p in range(_planes(load))]


def plane_types(program: Program) -> list[str]:
    """Numba's type of each array argument: read-only, so that frozen frames are taken."""
    types = []
    for load in program.loads:
        sample = {"u8": "uint8", "u16": "uint16", "f16": "uint16", "f32": "float32"}[load.layout.sample]
        rank = 2 if load.layout.packing == "yuv" else 3
        types += [f"Array({sample}, {rank}, 'C', readonly=True)"] * _planes(load)
    return types


def _emit(program: Program) -> str:
    parts = [_HEADER.format(title=program.title, flags=_FLAGS)]
    if any(load.layout != PLANAR for load in program.loads):
        parts.append(KERNELS)
    for source in program.functions:
        parts.append(f"@{'fast' if source.fast else 'precise'}\n{source.text}\n")
    parts.append(_run(program))
    return "\n".join(parts) + "\n"


def arguments(program: Program) -> str:
    tables = [f"t{k}" for k in range(program.tables)]
    return ", ".join(["y0", "y1", "xs", "win", "u", *tables, *plane_names(program), "out", "scratch"])


def _signature(program: Program) -> str:
    tables = ["Array(float32, 1, 'C', readonly=True)"] * program.tables
    kinds = [
        "int64", "int64", "Array(int64, 1, 'C')", "Array(int64, 2, 'C')", "Array(float32, 1, 'C')",
        *tables, *plane_types(program), "Array(float32, 3, 'C')", "Array(float32, 2, 'C')",
    ]  # fmt: skip
    words = ", ".join("types." + k.replace("(", "(types.", 1) for k in kinds)
    return f"types.void({words})"


def _run(program: Program) -> str:
    lines = ["oy = win[0, 1]", "ox = win[0, 0]", "scratch[0, :] = f32(0.0)"]
    lines += [f"u{k} = u[{k}]" for k in range(program.uniforms)]
    if program.positions:
        lines.append(f"top = u[{program.uniforms}]")
    segment = ["xa = xs[k]", "n = xs[k + 1] - xa"]
    used = {load.window for load in program.loads} | set(program.inside)
    segment += [f"in{w} = {_in_window(w + 1)}" for w in sorted(used)]
    rows, row = [], 1
    for k, load in enumerate(program.loads):
        rows += _load_rows(load, k, row)
        row += _decoded_rows(load)
    segment += rows
    segment += [f"o{c} = out[{c}, y - oy, xa - ox : xa - ox + n]" for c in range(len(program.stores))]
    if program.positions:
        segment.append("py = top - (f32(i32(y)) + f32(0.5))")
    # Unsigned: Numba lets a signed index count from the end, and in a long body LLVM can't prove
    # that it never does, and gives up on vectors.
    segment.append("for i in range(np.uint64(n)):")
    pixel = [f"{v} = r{v}[i]" for load in program.loads for v in load.values]
    if program.positions:
        pixel.append("px = f32(i32(xa) + i32(i)) + f32(0.5)")
    pixel += program.body
    pixel += [f"o{c}[i] = {value}" for c, value in enumerate(program.stores)]
    segment += ["    " + line for line in pixel]
    lines += ["for y in range(y0, y1):", "    for k in range(xs.shape[0] - 1):"]
    lines += ["        " + line for line in segment]
    signature = f"@njit([{_signature(program)}], cache=True, **{{**FAST, 'forceinline': False}})\n"
    return signature + f"def run({arguments(program)}):\n" + "\n".join("    " + line for line in lines)


def _in_window(row: int) -> str:
    return f"(y >= win[{row}, 1]) & (y < win[{row}, 3]) & (xa >= win[{row}, 0]) & (xa < win[{row}, 2])"


def _load_rows(load: Load, k: int, row: int) -> list[str]:
    """Lines that name a row `rV` for each value V of a load, or the row of zeros outside it."""
    w, names = load.window, [f"r{v}" for v in load.values]
    there: list[str] = []
    y, x = f"y - win[{w + 1}, 1]", f"xa - win[{w + 1}, 0]"
    at = f"{y}, {x}"
    layout = load.layout
    if layout == PLANAR:
        there = [f"{name} = s{k}_0[{c}, {y}, {x} : {x} + n]" for name, c in zip(names, load.channels)]
    elif layout.packing == "yuv":
        constants = yuv_constants(layout)
        numbers = ", ".join(
            "(" + ", ".join(f"f32({v!r})" for v in constants[c]) + ",)" for c in ("wx", "wy", "code", "matrix")
        )
        sx, sy = layout.subsample
        width = f"win[{w + 1}, 2] - win[{w + 1}, 0]"
        there.append(
            f"rows_yuv(s{k}_0, s{k}_1, s{k}_2, {at}, n, {width}, {sx}, {sy}, {numbers}, scratch[{row} : {row + 6}])"
        )
        for name, c in zip(names, load.channels):
            if c == 3:
                there.append(f"row_alpha(s{k}_3, {at}, n, f32({_unit(layout)!r}), scratch[{row + 6}])")
            there.append(f"{name} = scratch[{row + (c if c < 3 else 6)}, 0:n]")
    else:
        kind = {"f16": "f16", "f32": "f32", "u8": "int", "u16": "int"}[layout.sample]
        for i, (name, c) in enumerate(zip(names, load.channels)):
            there.append(
                f"row_{kind}_{layout.packing}(s{k}_0, {c}, {at}, n, f32({_unit(layout)!r}), scratch[{row + i}])"
            )
            there.append(f"{name} = scratch[{row + i}, 0:n]")
    lines = [f"if in{w}:"] + ["    " + line for line in there] + ["else:"]
    return lines + [f"    {name} = scratch[0, 0:n]" for name in names]


def _unit(layout: Layout) -> float:
    return 1 / ((1 << layout.bits) - 1) if layout.bits else 1.0
