"""A small pack of nodes for testing the engine: each shows one thing, none needs a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from nodegraph.engine import Engine
from nodegraph.graph import Graph
from nodegraph.kernels.shade import RGB, RGBA, Alpha, V, maximum, mix
from nodegraph.node import Bool, Choice, Colour, Filter, Float, FrameNode, Int, NodeType, Query, Source, pixel
from nodegraph.values import Frame, FrameSpec, Stamp, Window


class Noise(Source):
    """Random pixels over a window of its own; the same for the same seed and frame."""

    id = "test.noise"
    reads = frozenset({"frame"})
    seed = Int(1)
    x = Int(0)
    y = Int(0)
    width = Int(12)
    height = Int(9)
    alpha = Bool(True)
    moving = Bool(False)
    made: list[int] = []  # noqa: RUF012  frames made, for tests to count

    def describe(self, q: Query) -> FrameSpec | None:
        p = q.p
        window = Window(p.x, p.y, p.x + p.width, p.y + p.height)
        channels = ("R", "G", "B", "A")[: 4 if p.alpha else 3]
        return FrameSpec(channels, window, q.format.window, stamp=Stamp(frame=q.frame))

    def cook(self, q: Query, region: Window, pool: Any) -> Frame:
        self.made.append(q.frame)
        spec = self.describe(q)
        assert spec is not None
        seed = (q.p.seed, q.frame if q.p.moving else 0)
        return Frame(spec, np.random.default_rng(seed).random(spec.shape, np.float32))


class Box(Filter):
    """Mean over a square."""

    id = "test.box"
    radius = Int(1, 0, 9, unit="px")

    def reach(self, q: Query) -> tuple[int, int]:
        return (q.p.radius, q.p.radius)

    def apply(self, q: Query, src: NDArray[np.float32], dst: NDArray[np.float32], region: Window, pool: Any) -> None:
        size = 2 * q.p.radius + 1
        view = np.lib.stride_tricks.sliding_window_view(src, (size, size), (1, 2))
        dst[...] = view.mean((-1, -2))


class Late(FrameNode):
    """The input some frames later."""

    id = "test.late"
    declared_inputs = Box.declared_inputs
    frames = Int(1)

    def upstream(self, q: Query, port: str) -> Sequence[int]:
        return (q._context["frame"] + q.p.frames,)

    def cook(self, q: Query, inputs: Any, region: Window, pool: Any) -> Frame:
        return inputs["image"][0]  # type: ignore[no-any-return]


class Unknown(FrameNode):
    """Doubles its input; nobody knows its size before it has cooked."""

    id = "test.unknown"
    declared_inputs = Box.declared_inputs

    def describe(self, q: Query) -> FrameSpec | None:
        return None

    def cook(self, q: Query, inputs: Any, region: Window, pool: Any) -> Frame:
        frame = inputs["image"]
        return Frame(frame.spec, frame.pixels * 2)


class Fails(FrameNode):
    """Raises on frames that a number divides."""

    id = "test.fails"
    reads = frozenset({"frame"})
    declared_inputs = Box.declared_inputs
    every = Int(2, 1)

    def cook(self, q: Query, inputs: Any, region: Window, pool: Any) -> Frame:
        if q.frame % q.p.every == 0:
            raise ValueError("boom")
        return inputs["image"]  # type: ignore[no-any-return]


class Peeks(FrameNode):
    """Reads the frame without declaring it."""

    id = "test.peeks"
    declared_inputs = Box.declared_inputs

    def cook(self, q: Query, inputs: Any, region: Window, pool: Any) -> Frame:
        return Frame(inputs["image"].spec, inputs["image"].pixels * np.float32(q.frame))


@pixel("test.lift", colour=True)
def lift(c: V, *, amount: V = Float(0.1), tint: V = Colour((1, 0.5, 2))) -> V:
    """Not zero at zero."""
    return c * tint + amount


@pixel("test.swap")
def swap(r: V, g: V, b: V) -> RGB:
    """Red and blue change places."""
    return b, g, r


@pixel("test.key")
def key(r: V, g: V, b: V, *, strength: V = Float(2)) -> Alpha:
    """Writes alpha alone."""
    return 1.0 - (g - maximum(r, b)) * strength


@pixel("test.ramp", inputs=())
def ramp(x: V, y: V, width: V, height: V, *, level: V = Float(1)) -> RGBA:
    """A picture of where it is."""
    return x / width * level, y / height, level, 1.0


def _over(fg_c: V, bg_c: V, fg_a: V) -> V:
    return fg_c + bg_c * (1.0 - fg_a)


def _plus(fg_c: V, bg_c: V) -> V:
    return fg_c + bg_c


def _average(fg_c: V, bg_c: V, fg_a: V, bg_a: V) -> V:
    return mix(fg_c, bg_c, 0.5) + fg_a * bg_a * 0.0


merge = pixel(
    "test.merge",
    inputs=("fg", "bg"),
    main="bg",
    cases={"over": _over, "plus": _plus, "average": _average},
    by="operation",
    params={"operation": Choice("over", ("over", "plus", "average"))},
)(_over)

TYPES: dict[str, NodeType] = {
    t.id: t for t in (Noise(), Box(), Late(), Unknown(), Fails(), Peeks(), lift, swap, key, ramp, merge)
}


def new_graph() -> Graph:
    graph = Graph({i: t.schema for i, t in TYPES.items()})
    graph.settings.update(width=20, height=14)
    return graph


def new_engine(graph: Graph, tier: Any = "numpy", **options: Any) -> Engine:
    return Engine(graph, TYPES, tier=tier, threads=2, **options)


@st.composite
def graphs(draw: st.DrawFn, most: int = 9) -> Graph:
    """A random graph whose last node is "last": sources of odd windows, pixel nodes, filters, merges."""
    graph = new_graph()
    names: list[str] = []
    small = st.integers(-4, 12)
    for k in range(draw(st.integers(1, 3))):
        name = f"source{k}"
        window = {
            "x": draw(small),
            "y": draw(small),
            "width": draw(st.integers(1, 15)),
            "height": draw(st.integers(1, 12)),
        }
        graph.add("test.noise", name=name, seed=k, alpha=draw(st.booleans()), **window)
        names.append(name)
    kinds = ["lift", "swap", "key", "box", "merge", "merge", "lift", "ramp"]
    count = draw(st.integers(1, most))
    for k in range(count):
        kind = draw(st.sampled_from(kinds))
        name = "last" if k == count - 1 else f"n{k}"
        graph.add(f"test.{kind}", name=name)
        pick = st.sampled_from(names)
        if kind == "merge":
            graph.set(f"{name}.operation", draw(st.sampled_from(["over", "plus", "average"])))
            graph.connect(draw(pick), f"{name}.fg")
            graph.connect(draw(pick), f"{name}.bg")
        elif kind != "ramp":
            graph.connect(draw(pick), f"{name}.image")
        if kind not in ("ramp",) and draw(st.booleans()):
            graph.connect(draw(pick), f"{name}.mask")
            graph.set(f"{name}.invert_mask", draw(st.booleans()))
        if kind != "ramp":
            graph.set(f"{name}.mix", draw(st.sampled_from([1.0, 0.5, 0.0])))
        names.append(name)
    return graph
