"""Fused runs: from a plan's step to a kernel and its arguments.

The kernel depends on the run's shape alone, so it is found by it; windows, numbers and tables
are bound at every cook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from nodegraph.engine.instance import FOUND, Instance
from nodegraph.engine.plan import Step
from nodegraph.errors import CookError
from nodegraph.kernels.emit import PLANAR, Build, Value
from nodegraph.kernels.link import Binding, Kernel
from nodegraph.node import Pixel, Query
from nodegraph.shading import Number, Shading, shade_node
from nodegraph.values import Frame, Layout, Raw, Window

Picture = Frame | Raw


@dataclass(frozen=True, slots=True)
class Run:
    """A kernel and where its arguments come from.

    `windows[j]` says whose window argument j is: what the k-th "picture" read covers, or the
    data window of the k-th "source" or "member".
    """

    kernel: Kernel
    windows: tuple[tuple[str, int], ...]
    numbers: tuple[Number, ...]
    tables: tuple[Number, ...]


def layout_of(picture: Picture) -> Layout:
    return picture.layout if isinstance(picture, Raw) else PLANAR


def signature(step: Step, pictures: Sequence[Picture]) -> tuple[Any, ...]:
    """What decides the kernel of a run: each member's shape and wiring, each source's layout and channels."""
    place = {each: -1 - k for k, each in enumerate(step.pictures)}
    place |= {each: k for k, each in enumerate(step.members)}
    members = tuple((m.shape, tuple((port, place[each]) for port, each in m.pictures().items())) for m in step.members)
    sources = tuple((layout_of(p), p.spec.channels) for p in pictures)
    return members, sources, step.result.is_pixel


def build(step: Step, pictures: Sequence[Picture]) -> Run:
    """Emit the kernel of a run; each member shades itself over the values of what it reads."""
    b = Build()
    numbers: list[Number] = []
    tables: list[Number] = []
    windows: dict[int, tuple[str, int]] = {}
    values: dict[Instance, Mapping[str, Value]] = {}
    place: dict[Instance, int] = {}
    for k, (source, picture) in enumerate(zip(step.pictures, pictures, strict=True)):
        names = picture.spec.channels
        loaded = b.load(layout_of(picture), range(len(names)))
        values[source] = dict(zip(names, loaded, strict=True))
        place[source] = b.window()
        windows[place[source] - 1], windows[place[source]] = ("picture", k), ("source", k)
    for slot, member in enumerate(step.members):
        b.title(member.path)
        read = member.pictures()
        inputs = {port: values[each] for port, each in read.items()}
        if _may_reach_beyond(member):
            inputs = {port: _inside(b, each, place, values, step) for port, each in read.items()}
        rows = {port: place[each] for port, each in read.items()}
        shading = Shading(b, slot, inputs, rows, numbers, tables)
        assert isinstance(member.type, Pixel)
        try:
            q = member.q.choosing(member.type.choices) if Query.checking else member.q
            values[member] = shade_node(member.type, shading, q)
        except (KeyError, AttributeError, ValueError, TypeError) as error:
            raise CookError(f"can't be compiled: {type(error).__name__}: {error}", where=member.path) from error
        place[member] = b.window()
        windows[place[member]] = ("member", slot)
    assert step.result.spec is not None
    made = values[step.result]
    program = b.finish([made.get(c, "f32(0.0)") for c in step.result.spec.channels])
    ordered = tuple(windows[j] for j in range(len(windows)))
    return Run(Kernel(program), ordered, tuple(numbers), tuple(tables))


def _may_reach_beyond(member: Instance) -> bool:
    """Whether a member's data window may be larger than that of what it reads."""
    return len(member.pictures()) > 1 or type(member.type).describe is not Pixel.describe


def _inside(
    b: Build,
    source: Instance,
    place: Mapping[Instance, int],
    values: Mapping[Instance, Mapping[str, Value]],
    step: Step,
) -> Mapping[str, Value]:
    """A source's values, 0 outside its data window as they would be had it been stored.

    What is loaded is so already; a function of 0 need not be 0.
    """
    if source not in step.members:
        return values[source]
    return {channel: b.inside(value, place[source]) for channel, value in values[source].items()}


def decode(picture: Raw, title: str) -> Run:
    """A run that only turns a source's own layout into float."""
    b = Build()
    b.title(f"{title} to float")
    loaded = b.load(picture.layout, range(len(picture.spec.channels)))
    return Run(Kernel(b.finish(loaded)), (("picture", 0),), (), ())


def bind(
    run: Run,
    members: Sequence[Instance],
    sources: Sequence[Instance],
    pictures: Sequence[Picture],
    region: Window,
    out: np.ndarray[Any, np.dtype[np.float32]],
    found: Mapping[Instance, Any] = MappingProxyType({}),
) -> Binding:
    """A run's arguments for these members and pictures; `found` are the values of analyses."""
    given = [_given(m, found) for m in members]
    windows = [region]
    for whose, k in run.windows:
        if whose == "picture":
            windows.append(pictures[k].spec.data_window)
        else:
            windows.append((sources if whose == "source" else members)[k].window)
    planes = [_planes(p) for p in pictures]
    uniforms = [_number(given, n) for n in run.numbers]
    tables = [np.ascontiguousarray(given[t.slot][t.name], np.float32).ravel() for t in run.tables]
    display = (members[-1].spec or pictures[0].spec).display_window if members else pictures[0].spec.display_window
    return Binding(out, windows, planes, uniforms, tables, float(display.y1))


def _given(member: Instance, found: Mapping[Instance, Any]) -> dict[str, Any]:
    """The numbers a member's kernel may ask for."""
    assert isinstance(member.type, Pixel) and member.spec is not None
    analysis = member.inputs.get(FOUND)
    display = member.spec.display_window
    return {
        **member.q.values.asdict(),
        **member.type.prepare(member.q, found[analysis[0]] if analysis else None),
        "@width": float(display.width),
        "@height": float(display.height),
        "@frame": float(member.frame),
    }


def _number(given: Sequence[Mapping[str, Any]], number: Number) -> float:
    value = given[number.slot][number.name]
    return float(value if number.component is None else value[number.component])


def _planes(picture: Picture) -> Sequence[np.ndarray[Any, Any]]:
    """Arrays as the kernels take them: C order, rows at their own stride."""
    if isinstance(picture, Frame):
        return (np.ascontiguousarray(picture.pixels),)
    rank = 2 if picture.layout.packing == "yuv" else 3
    return [_whole_rows(p) if rank == 2 else np.ascontiguousarray(p) for p in picture.planes]


def _whole_rows(plane: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A padded plane seen with its padding, so that it is contiguous without a copy."""
    if plane.flags.c_contiguous:
        return plane
    rows, base = plane.shape[0], plane.base
    size = rows * plane.strides[0]
    if not isinstance(base, np.ndarray) or not base.flags.c_contiguous:
        return np.ascontiguousarray(plane)
    if base.nbytes >= size and base.ctypes.data == plane.ctypes.data:
        padded: np.ndarray[Any, Any] = base.reshape(-1).view(np.uint8)[:size].view(plane.dtype)
        return padded.reshape(rows, -1)
    return np.ascontiguousarray(plane)
