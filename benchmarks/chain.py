"""The reference chain: key, despill, grade, soft knee, over; 1080p RGBA float32.

Ours goes through the whole engine (trace, plan, bind, strips); the peers are called directly
with their inputs ready. memcpy is the copy of one RGBA frame. Halide, OpenCV and libvips take
part where they are installed (`pip install -e '.[bench]'`). Halide does it twice: with `pow`, as
exact as ours, and with `fast_pow`, six times less so.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from timing import side_by_side, table

from nodegraph.engine import Engine
from nodegraph.graph import Graph
from nodegraph.kernels.shade import RGB, RGBA, Alpha, V, maximum, minimum, power, saturate, select
from nodegraph.node import Float, Query, Source, pixel
from nodegraph.values import Frame, FrameSpec, Window

Floats = NDArray[np.float32]
WIDTH, HEIGHT = 1920, 1080
GAIN, OFFSET, GAMMA, KNEE = 1.3, 0.01, 0.8, 0.7


@pixel("bench.key")
def key(r: V, g: V, b: V, *, strength: V = Float(3)) -> Alpha:
    """Alpha from how much greener than red and blue a pixel is."""
    return 1.0 - saturate((g - maximum(r, b)) * strength)


@pixel("bench.despill")
def despill(r: V, g: V, b: V) -> RGB:
    """Green no more than the mean of red and blue."""
    return r, minimum(g, (r + b) * 0.5), b


@pixel("bench.grade")
def grade(c: V, *, gain: V = Float(GAIN), offset: V = Float(OFFSET), gamma: V = Float(GAMMA)) -> V:
    """Gain, offset, gamma."""
    return power(maximum(c * gain + offset, 0.0), gamma)


@pixel("bench.knee")
def knee(c: V, *, start: V = Float(KNEE)) -> V:
    """Roll off towards 1 above the knee."""
    over = (c - start) / (1.0 - start)
    return select(c > start, start + (1.0 - start) * over / (1.0 + over), c)


@pixel("bench.premultiply")
def premultiply(r: V, g: V, b: V, a: V) -> RGBA:
    """Colours times alpha."""
    return r * a, g * a, b * a, a


@pixel("bench.over", inputs=("fg", "bg"), main="bg")
def over(fg_r: V, fg_g: V, fg_b: V, fg_a: V, bg_r: V, bg_g: V, bg_b: V, bg_a: V) -> RGBA:
    """Porter-Duff over."""
    k = 1.0 - fg_a
    return fg_r + bg_r * k, fg_g + bg_g * k, fg_b + bg_b * k, fg_a + bg_a * k


class Still(Source):
    """A picture that is already in memory, so that no decoding is measured."""

    id = "bench.still"
    pictures: dict[str, Frame] = {}  # noqa: RUF012

    def describe(self, q: Query) -> FrameSpec | None:
        return self.pictures[q.path].spec

    def cook(self, q: Query, region: Window, pool: Any) -> Frame:
        return self.pictures[q.path]


def our_chain(plate: Floats, background: Floats) -> tuple[Engine, Graph]:
    """The chain as a graph, compiled."""
    types = {t.id: t for t in (key, despill, grade, knee, premultiply, over, Still())}
    Still.pictures = {"plate": Frame.of(plate), "background": Frame.of(background)}
    graph = Graph({i: t.schema for i, t in types.items()})
    chain = ["plate", "key", "despill", "grade", "knee", "premultiply", "over"]
    for name in chain:
        graph.add("bench.still" if name == "plate" else f"bench.{name}", name=name)
    graph.add("bench.still", name="background")
    for above, below in itertools.pairwise(chain):
        graph.connect(above, f"{below}.fg" if below == "over" else below)
    graph.connect("background", "over.bg")
    return Engine(graph, types, tier="wait"), graph


def reference(plate: Floats, background: Floats) -> NDArray[np.float64]:
    """The chain's formula in float64."""
    r, g, b = plate[:3].astype(np.float64)
    a = 1 - np.clip((g - np.maximum(r, b)) * 3, 0, 1)
    rgb = np.stack([r, np.minimum(g, (r + b) / 2), b])
    rgb = np.maximum(rgb * GAIN + OFFSET, 0) ** GAMMA
    t = (rgb - KNEE) / (1 - KNEE)
    rgb = np.where(rgb > KNEE, KNEE + (1 - KNEE) * t / (1 + np.maximum(t, 0)), rgb)
    fg = np.concatenate([rgb * a, a[None]])
    return fg + background * (1 - a)


def opencv_chain(plate: Floats, background: Floats) -> Callable[[], object]:
    """The same in OpenCV, planes as it likes them best (one channel each)."""
    import cv2

    cv2.setNumThreads(2)
    r, g, b = (np.ascontiguousarray(p) for p in plate[:3])
    bg = [np.ascontiguousarray(p) for p in background]

    def run() -> list[Any]:
        a = cv2.subtract(g, cv2.max(r, b))
        a = cv2.min(cv2.max(cv2.addWeighted(a, -3.0, a, 0.0, 1.0), 0.0), 1.0)
        limited = cv2.min(g, cv2.addWeighted(r, 0.5, b, 0.5, 0.0))
        k = cv2.subtract(1.0, a)
        out = []
        for c, plane in enumerate((r, limited, b)):
            x = cv2.pow(cv2.max(cv2.addWeighted(plane, GAIN, plane, 0.0, OFFSET), 0.0), GAMMA)
            t = cv2.max(cv2.addWeighted(x, 1 / (1 - KNEE), x, 0.0, -KNEE / (1 - KNEE)), 0.0)
            rolled = cv2.addWeighted(cv2.divide(t, cv2.add(t, 1.0)), 1 - KNEE, t, 0.0, KNEE)
            x = np.where(x > KNEE, rolled, x)
            out.append(cv2.add(cv2.multiply(x, a), cv2.multiply(bg[c], k)))
        return [*out, cv2.add(a, cv2.multiply(bg[3], k))]

    return run


def halide_chain(plate: Floats, background: Floats, pow: str = "pow") -> Callable[[], Floats]:
    """The same in Halide, scheduled by hand: fused, rows in parallel, vectorised."""
    import halide as hl

    x, y, c = hl.Var("x"), hl.Var("y"), hl.Var("c")
    p, q = hl.Buffer(plate.copy()), hl.Buffer(background.copy())
    r, g, b = p[x, y, 0], p[x, y, 1], p[x, y, 2]
    a = hl.Func("a")
    a[x, y] = 1.0 - hl.clamp((g - hl.max(r, b)) * 3.0, 0.0, 1.0)
    limited = hl.mux(c, [r, hl.min(g, (r + b) * 0.5), b])
    gain, offset, gamma, knee = (hl.f32(value) for value in (GAIN, OFFSET, GAMMA, KNEE))
    graded = getattr(hl, pow)(hl.max(limited * gain + offset, hl.f32(1e-30)), gamma)
    t = (graded - knee) / (1.0 - knee)
    rolled = hl.select(graded > knee, knee + (1.0 - knee) * t / (1.0 + t), graded)
    out = hl.Func("out")
    out[x, y, c] = hl.select(c == 3, a[x, y], rolled * a[x, y]) + q[x, y, c] * (1.0 - a[x, y])
    yo, yi = hl.Var("yo"), hl.Var("yi")
    out.bound(c, 0, 4).unroll(c).reorder(c, x, y).split(y, yo, yi, 64).parallel(yo).vectorize(x, 8)
    a.compute_at(out, x).vectorize(x)
    made = np.empty((4, HEIGHT, WIDTH), np.float32)
    target = hl.Buffer(made)
    out.compile_jit()
    inputs = (p, q)  # Halide doesn't keep NumPy's memory alive by itself

    def run() -> Floats:
        assert inputs
        out.realize(target)
        return made

    return run


def libvips_chain(plate: Floats, background: Floats) -> Callable[[], object]:
    """The same in libvips, two threads."""
    import pyvips

    def image(planes: Floats) -> Any:
        packed = np.ascontiguousarray(planes.transpose(1, 2, 0))
        return pyvips.Image.new_from_memory(packed.data, WIDTH, HEIGHT, 4, "float")

    p, q = image(plate), image(background)

    def run() -> Any:
        r, g, b = p[0], p[1], p[2]
        greater = (r > b).ifthenelse(r, b)
        a = 1 - (g - greater) * 3
        a = (a < 0).ifthenelse(0, (a > 1).ifthenelse(1, a))
        mean = (r + b) * 0.5
        rgb = r.bandjoin([(g < mean).ifthenelse(g, mean), b]) * GAIN + OFFSET
        rgb = (rgb < 0).ifthenelse(0, rgb) ** GAMMA
        t = (rgb - KNEE) / (1 - KNEE)
        rgb = (rgb > KNEE).ifthenelse(t / (t + 1) * (1 - KNEE) + KNEE, rgb)
        result = (rgb * a).bandjoin(a) + q * (1 - a)
        return result.cast("float").write_to_memory()

    return run


def main() -> None:
    rng = np.random.default_rng(1)
    plate, background = rng.random((2, 4, HEIGHT, WIDTH), np.float32)
    copy = np.empty_like(plate)
    engine, graph = our_chain(plate, background)
    values = iter(range(1 << 30))

    def ours() -> Frame:
        # A changed strength makes it cook again; only the last node's result could be kept.
        graph.set("key.strength", 3 + 1e-6 * next(values))
        return engine.cook("over", keep=False)

    candidates: dict[str, Callable[[], object]] = {
        "memcpy of one frame": lambda: np.copyto(copy, plate),
        "nodegraph": ours,
    }
    fast = partial(halide_chain, pow="fast_pow")
    for name, make in {
        "Halide": halide_chain,
        "Halide, fast_pow": fast,
        "OpenCV": opencv_chain,
        "libvips": libvips_chain,
    }.items():
        try:
            candidates[name] = make(plate, background)
        except ImportError as error:
            print(f"without {name}: {error}")
    graph.set("key.strength", 3.0)
    exact = reference(plate, background)
    made = {"nodegraph": engine.cook("over", keep=False).pixels}
    made |= {name: cast(Floats, run()) for name, run in candidates.items() if name.startswith("Halide")}
    print(
        "largest difference from float64:", *(f"{n} {np.abs(p - exact).max():.1e}" for n, p in made.items()), sep="  "
    )
    table("key, despill, grade, knee, over: 1080p RGBA float32", side_by_side(candidates), "memcpy of one frame")
    engine.cache.clear()
    print("\nwhat was fused:", *(step.name for step in engine.plan("over").steps), sep="\n  ")


if __name__ == "__main__":
    main()
