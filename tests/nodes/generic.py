"""The test every pixel node goes through: float64 = NumPy = compiled, on pixels of every kind.

Compiling each node by itself would take minutes. Many uses of nodes are put side by side into
one kernel instead, each reading the same few pictures and storing all its channels:

    given pictures ──┬─> use 1 (grade, defaults) ──> stores
                     ├─> use 2 (grade, black clamp) ─> stores      one Program
                     └─> use 3 (merge, "screen") ───> stores

A use is the node at its defaults, at random values, and once for each word of each of its
choices. Pictures have NaN, infinities, negative and bright values, data windows that differ
and reach beyond the display window.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.engine import Engine, runs
from nodegraph.engine.context import Context
from nodegraph.engine.instance import Instance
from nodegraph.engine.runs import Run
from nodegraph.graph import Graph, Param
from nodegraph.kernels.emit import PLANAR, ZERO, Build, Value
from nodegraph.kernels.link import Kernel
from nodegraph.kernels.pool import Pool
from nodegraph.node import NodeType, Pixel, Query, Source, Text
from nodegraph.shading import Number, Shading, shade_node
from nodegraph.values import Frame, FrameSpec, Window

Registry = Mapping[str, NodeType]

DISPLAY = Window.sized(24, 14)
#: Data windows of a node's first, second ... picture, and of its mask.
WINDOWS = (Window(2, 1, 21, 13), Window(-3, 4, 18, 17), Window(6, -2, 27, 9))
MASK = Window(4, 2, 30, 11)
REGION = Window(-4, -3, 31, 18)

#: Calls of pixel functions in one kernel at the most: compile time grows faster than that.
KERNEL_CALLS = 60


# --- pictures -------------------------------------------------------------------------------


class Given(Source):
    """A picture handed over by a test."""

    id = "tests.given"
    which = Text()

    def __init__(self, frames: Mapping[str, Frame]) -> None:
        self.frames = frames

    def describe(self, q: Query) -> FrameSpec:
        return self.frames[q.values.which].spec

    def cook(self, q: Query, region: Window, pool: Pool) -> Frame:
        return self.frames[q.values.which]


def hard_pixels(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Values of every kind a picture may hold: about half in 0..1, the rest not."""
    pixels = rng.random(shape)
    kind = rng.random(shape)
    pixels = np.where(kind > 0.55, rng.normal(0, 2, shape), pixels)
    pixels = np.where(kind > 0.8, rng.normal(0, 40, shape), pixels)
    special = np.array([0, -0.0, 1, 0.5, 0.18, -1, 1e-6, 65504, np.nan, np.inf, -np.inf])
    chosen = special[rng.integers(0, len(special), shape)]
    return np.where(kind > 0.85, chosen, pixels).astype(np.float32)


def hard_frame(rng: np.random.Generator, window: Window, channels: tuple[str, ...] = ("R", "G", "B", "A")) -> Frame:
    """A picture of hard pixels; its alpha is 0 or 1 as often as between, and sometimes absurd."""
    pixels = hard_pixels(rng, (len(channels), window.height, window.width))
    if "A" in channels:
        kind = rng.random(pixels.shape[1:])
        alpha = np.select([kind < 0.25, kind < 0.5, kind < 0.9], [0, 1, rng.random(kind.shape)], pixels[-1])
        pixels[channels.index("A")] = alpha
    return Frame(FrameSpec(channels, window, DISPLAY), pixels)


def given_frames(seed: int = 5) -> dict[str, Frame]:
    rng = np.random.default_rng(seed)
    frames = {f"picture{k}": hard_frame(rng, window) for k, window in enumerate(WINDOWS)}
    mask = Frame(FrameSpec(("A",), MASK, DISPLAY), rng.random((1, MASK.height, MASK.width)).astype(np.float32))
    return {**frames, "mask": mask}


# --- uses -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Use:
    """A node type, the parameter values it is used with, and whether its mask is connected."""

    type: str
    values: Mapping[str, Any]
    masked: bool

    def __str__(self) -> str:
        chosen = {k: v for k, v in self.values.items() if not isinstance(v, (float, tuple, list))}
        return f"{self.type} {chosen or ''}{' masked' if self.masked else ''}"


def uses(node: Pixel, rng: np.random.Generator, fixed: Mapping[str, Any]) -> Iterator[Use]:
    """The uses of a node that are compared. `fixed` values are set in all of them."""
    masked = any(port.name == "mask" for port in node.schema.inputs)
    yield Use(node.id, dict(fixed), False)
    yield Use(node.id, {**_random_values(node, rng), **fixed}, masked)
    for param in node.schema.params:
        if param.name in fixed or param.name == "invert_mask":
            continue
        words: Sequence[Any] = param.choices if param.kind == "choice" else (not param.default,)
        for word in words if param.kind in ("choice", "bool") else ():
            if word != param.default:
                yield Use(node.id, {**_random_values(node, rng), **fixed, param.name: word}, False)


def _random_values(node: Pixel, rng: np.random.Generator) -> dict[str, Any]:
    """Values within the ranges declared; one channel where a function is called for each in turn."""
    made = {p.name: _random_value(p, rng) for p in node.schema.params}
    channels = next((p for p in node.schema.params if p.name == "channels"), None)
    if channels is not None and channels.default in ("all", "rgb"):
        made["channels"] = str(rng.choice(["R", "G", "B", "A"] if channels.default == "all" else ["R", "G", "B"]))
    return {name: value for name, value in made.items() if value is not None}


def _random_value(param: Param, rng: np.random.Generator) -> Any:
    if param.kind == "curve":
        inner = np.sort(rng.uniform(0.1, 0.9, 2))
        return [(0.0, rng.uniform(-0.1, 0.1)), *((float(x), float(rng.random())) for x in inner), (1.0, 1.2)]
    if param.kind not in ("float", "int", "colour", "vec2", "vec3"):
        return None
    default = np.atleast_1d(np.asarray(param.default, float))
    low, high = param.soft or (default - 1, default + 1)
    low = np.maximum(np.maximum(low, param.minimum), default - 1e3)
    high = np.minimum(np.minimum(high, param.maximum), default + 1e3)
    value = rng.uniform(low, np.maximum(low, high), default.shape).astype(np.float32).astype(float)
    value = np.clip(value, param.minimum, param.maximum)
    if param.kind == "int":
        return round(float(value[0]))
    return float(value[0]) if param.length == 1 else tuple(value.tolist())


def instances(registry: Registry, all_uses: Sequence[Use], frames: Mapping[str, Frame]) -> list[Instance]:
    """Every use in one graph over the given pictures, ready to be shaded."""
    types = {**registry, Given.id: Given(frames)}
    graph = Graph({id: node.schema for id, node in types.items()})
    graph.configure(width=DISPLAY.width, height=DISPLAY.height)
    for name in frames:
        graph.add(Given.id, name=name, which=name)
    for k, use in enumerate(all_uses):
        graph.add(use.type, name=f"use{k}", **use.values)
        pictures = cycle(f"picture{i}" for i in range(len(WINDOWS)))
        for port in types[use.type].schema.inputs:
            if port.name != "mask":
                graph.connect(next(pictures), f"use{k}.{port.name}")
            elif use.masked:
                graph.connect("mask", f"use{k}.mask")
    with Engine(graph, types, tier="numpy", threads=1) as engine:
        return [engine.trace(f"use{k}", Context(7)) for k in range(len(all_uses))]


# --- many uses in one kernel ------------------------------------------------------------------


@dataclass
class Batch:
    """Uses side by side in one program, and the channels of each that are stored: those it changes."""

    run: Run
    members: list[Instance]
    reads: list[Instance]
    channels: list[tuple[str, ...]]

    def results(self, stored: NDArray[Any]) -> list[NDArray[Any]]:
        """Each member's stored channels over its own data window."""
        ends = np.cumsum([len(names) for names in self.channels])
        parts = zip(self.channels, ends, self.members, strict=True)
        return [stored[(slice(end - len(names), end), *m.window.within(REGION))] for names, end, m in parts]


def batches(members: Iterable[Instance]) -> list[Batch]:
    """Uses in as many kernels as it takes."""
    made: list[Batch] = []
    waiting: list[Instance] = []
    for member in members:
        waiting.append(member)
        batch = _batch(waiting)
        if len(batch.run.kernel.program.body) > KERNEL_CALLS:
            made.append(batch)
            waiting = []
    return made + ([_batch(waiting)] if waiting else [])


def _batch(members: Sequence[Instance]) -> Batch:
    """As `nodegraph.engine.runs.build` makes a run, but every member reads sources alone and is stored."""
    b = Build()
    numbers: list[Number] = []
    tables: list[Number] = []
    windows: dict[int, tuple[str, int]] = {}
    values: dict[Instance, dict[str, Value]] = {}
    place: dict[Instance, int] = {}
    reads = list(dict.fromkeys(source for m in members for _, source in m.sources()))
    for k, source in enumerate(reads):
        assert source.spec is not None
        names = source.spec.channels
        values[source] = dict(zip(names, b.load(PLANAR, range(len(names))), strict=True))
        place[source] = b.window()
        windows[place[source] - 1], windows[place[source]] = ("picture", k), ("source", k)
    stored: list[Value] = []
    channels: list[tuple[str, ...]] = []
    for slot, member in enumerate(members):
        assert isinstance(member.type, Pixel) and member.spec is not None
        b.title(member.type.id)
        inputs = {port: values[each[0]] for port, each in member.inputs.items()}
        rows = {port: place[each[0]] for port, each in member.inputs.items()}
        made = shade_node(member.type, Shading(b, slot, inputs, rows, numbers, tables), member.q)
        before = inputs.get(member.type.main_input, {})
        changed = [c for c in member.spec.channels if made.get(c, ZERO) != before.get(c)]
        channels.append(tuple(changed or member.spec.channels[:1]))
        stored += [made.get(c, ZERO) for c in channels[-1]]
        windows[b.window()] = ("member", slot)
    run = Run(Kernel(b.finish(stored)), tuple(windows[j] for j in range(len(windows))), tuple(numbers), tuple(tables))
    return Batch(run, list(members), reads, channels)


def evaluate(batch: Batch, frames: Mapping[str, Frame], tier: int, pool: Pool) -> NDArray[np.float32]:
    """What the program stores over the region, through NumPy (0) or compiled (1)."""
    out = np.zeros((len(batch.run.kernel.program.stores), REGION.height, REGION.width), np.float32)
    pictures = [frames[r.path] for r in batch.reads]
    batch.run.kernel.run(runs.bind(batch.run, batch.members, batch.reads, pictures, REGION, out), pool, tier)
    return out


def evaluate64(batch: Batch, frames: Mapping[str, Frame], nudge: float = 0.0) -> NDArray[np.float64]:
    """The same in float64 throughout, every pixel and number changed by the relative amount `nudge`."""
    kernel = batch.run.kernel
    pictures = [frames[r.path] for r in batch.reads]
    out = np.zeros((len(kernel.program.stores), REGION.height, REGION.width))
    bound = runs.bind(batch.run, batch.members, batch.reads, pictures, REGION, out.astype(np.float32))
    factor = 1.0 + nudge
    values: dict[str, Any] = {f"u{k}": float(np.float32(u)) * factor for k, u in enumerate(bound.uniforms)}
    values |= {f"t{k}": t for k, t in enumerate(bound.tables)}
    for load, picture in zip(kernel.program.loads, pictures, strict=True):
        whole = picture.crop(REGION).pixels.astype(np.float64) * factor
        values |= {v: whole[c] for v, c in zip(load.values, load.channels, strict=True)}
    for w in kernel.program.inside:
        there = np.zeros((REGION.height, REGION.width), bool)
        there[bound.windows[w + 1].intersect(REGION).within(REGION)] = True
        values[f"in{w}"] = there
    values["px"] = np.arange(REGION.x0, REGION.x1)[None, :] + 0.5
    values["py"] = bound.top - (np.arange(REGION.y0, REGION.y1)[:, None] + 0.5)
    with np.errstate(all="ignore"):
        for plane, value in zip(out, kernel._interpreted(values), strict=True):
            plane[...] = value
    return out


# --- comparing --------------------------------------------------------------------------------


def allowance(nudged: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """How far a float32 result may be from the exact one.

    1e-5 of the value or of 1, whichever is more, plus what a change of the inputs in their
    sixth digit makes of it: float32 can't promise more where a function is steep or jumps.
    """
    with np.errstate(all="ignore"):
        finite = np.where(np.isfinite(nudged), nudged, 0)
        result: NDArray[np.float64] = 1e-5 * (1 + np.abs(finite[0])) + 4 * np.ptp(finite, axis=0)
    return result


def infinite_pixels(frames: Mapping[str, Frame]) -> NDArray[np.bool_]:
    """Where any picture has an infinite channel, over the region."""
    result: NDArray[np.bool_] = np.any([np.isinf(f.crop(REGION).pixels).any(axis=0) for f in frames.values()], axis=0)
    return result


def differences(
    found: NDArray[Any], nudged: Sequence[NDArray[np.float64]], infinite: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Where a result differs from the exact one, `nudged[0]`: by too much, or in being NaN or infinite.

    Two liberties. Where a nudge makes the exact result itself NaN or infinite, nothing is asked.
    Compiled arithmetic is reassociated, so that an infinity less an infinity, exactly NaN, may
    come out infinite; never finite, and never where no input is infinite.
    """
    with np.errstate(all="ignore"):
        wanted = nudged[0].astype(np.float32)  # beyond float32 is infinite
        same = (found == wanted) | (np.isnan(found) & np.isnan(wanted))
        near = np.abs(found.astype(np.float64) - nudged[0]) <= allowance(nudged)
        unsettled = np.any(np.isfinite(nudged) != np.isfinite(nudged[0]), axis=0)
        reassociated = np.isnan(wanted) & ~np.isfinite(found) & infinite
        result: NDArray[np.bool_] = ~(same | near | unsettled | reassociated)
    return result
