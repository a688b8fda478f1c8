"""What the engine itself costs: a thousand nodes, a new topology, a dragged slider, a long render.

Pictures are small where the engine's own time is asked for. The parts that render the sample
comp need its clip (`nodegraph samples --build`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any, ClassVar

import numpy as np
from nodegraph_nodes.capture.read import Read, moment

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.engine.internal import Given
from nodegraph.engine.render import render
from nodegraph.graph import Graph, dumps, loads
from nodegraph.kernels.pool import Pool
from nodegraph.media.video import open_clip
from nodegraph.node import In, NodeType, Query, Sink, SinkWriter
from nodegraph.packs import registry
from nodegraph.values import Frame, Raw, Window

COMP = Path(__file__).parents[1] / "samples/comp.graph"
MIB = 1 << 20


def best(run: Callable[[], object], repeat: int = 9) -> float:
    """Milliseconds of a call at its quickest."""
    times = []
    for _ in range(repeat):
        begun = perf_counter()
        run()
        times.append((perf_counter() - begun) * 1e3)
    return min(times)


def say(what: str, milliseconds: float, target: str) -> None:
    print(f"  {what:<58}{milliseconds:9.2f} ms   ({target})", flush=True)


# --- a thousand nodes -------------------------------------------------------------------


def thousand() -> Graph:
    """Chains of grades merged over one another; every tenth parameter computed."""
    graph = ng.new(width=64, height=36)
    last = graph.add("capture.constant", name="base", colour=(0.2, 0.3, 0.4, 1)).name
    while len(graph.nodes) < 1000:
        k = len(graph.nodes)
        if k % 10 == 0:
            branch = graph.add("capture.constant", name=f"layer{k}", colour=(0.5, 0.2, 0.1, 0.5)).name
            over = graph.add("merge.merge", name=f"over{k}").name
            graph.connect(last, f"{over}.bg")
            graph.connect(branch, f"{over}.fg")
            last = over
        else:
            grade = graph.add("colour.exposure", name=f"grade{k}", stops=0.01).name
            graph.connect(last, grade)
            if k % 10 == 5:
                graph.set(f"{grade}.stops", "=0.001 * 7")
            last = grade
    graph.add("colour.exposure", name="last")
    graph.connect(last, "last")
    return graph


def thousand_nodes() -> None:
    graph = thousand()
    data, catalog = dumps(graph), registry().catalog
    print(f"\n{len(graph.nodes)} nodes")
    say("load", best(lambda: loads(data, catalog)), "<= 200 ms")
    with Engine(graph, tier="numpy") as engine:
        engine.cook("last")
        say("cook again, nothing changed", best(lambda: engine.cook("last")), "<= 1 ms")
        values = iter(range(1, 10_000))

        def change() -> None:
            graph.set("last.stops", next(values) / 1e4)
            engine.cook("last")

        change()
        say("cook again, the last node's parameter changed (with its kernel)", best(change), "<= 2 ms above the kernel")


# --- a new topology ---------------------------------------------------------------------

TEN = ("exposure", "grade", "exposure", "grade", "exposure", "grade", "exposure", "grade", "exposure", "grade")


def types() -> dict[str, NodeType]:
    """All node types, and a plate that is in memory."""
    plate = np.random.default_rng(1).random((4, 1080, 1920), np.float32)
    return {**registry(), Given.id: Given(Frame.of(plate))}


def chain(types: dict[str, NodeType]) -> Graph:
    graph = Graph({id: kind.schema for id, kind in types.items()})
    last = graph.add(Given.id, name="base").name
    for k, kind in enumerate(TEN):
        node = graph.add(f"colour.{kind}", name=f"n{k}").name
        graph.connect(last, node)
        last = node
    graph.set("n0.stops", "=frame / 1000")
    return graph


def topology(report: bool = True) -> None:
    """The first picture of ten pixel nodes at 1080p, and what follows until the compiled kernel is in."""
    known = types()
    with Engine(chain(known), known) as engine:
        engine.compiler.settle()  # a session that has been up for two seconds
        engine.buffers.take((4, 1080, 1920))[...] = 0  # memory that was used before
        begun = perf_counter()
        engine.cook("n9", 1, keep=False)
        first = (perf_counter() - begun) * 1e3
        slowest, frame = 0.0, 2
        while engine.stats.nodes["n9"].tier == "numpy" and perf_counter() - begun < 60:
            then = perf_counter()
            engine.cook("n9", frame, keep=False)
            slowest = max(slowest, (perf_counter() - then) * 1e3)
            frame += 1
            sleep(0.01)
        swapped = (perf_counter() - begun) * 1e3
        frames = iter(range(1000, 2000))
        fast = best(lambda: engine.cook("n9", next(frames), keep=False), 5)
    say("first picture", first, "<= 150 ms")
    if report:
        say("compiled kernel swapped in after", swapped, "<= 5 s")
        say("slowest picture meanwhile", slowest, "<= 100 ms")
        say("a picture from then on", fast, "")


def new_topology() -> None:
    print("\na new topology in a running session: 10 pixel nodes, 1080p, nothing compiled before")
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NODEGRAPH_CACHE": folder}
        for title in ("first", "second"):
            if title == "second":
                print("the same in the next session")
            command = [sys.executable, __file__, "topology", title]
            subprocess.run(command, env=environment, check=True)


# --- the sample comp --------------------------------------------------------------------


class Held(Read):
    """A clip whose frames were decoded before, so that no decoding is measured."""

    id = "bench.held"
    frames: ClassVar[dict[int, Raw]] = {}

    def cook(self, q: Query, region: Window, pool: Pool) -> Frame | Raw:
        at = moment(q).frame
        assert at is not None
        return self.frames[at]

    def prefetch(self, q: Query) -> None:
        pass


class Nowhere(Sink):
    """Takes pictures and drops them, so that no encoder is measured."""

    id = "bench.nowhere"
    image = In()

    def open(self, q: Query, frames: Any) -> SinkWriter:
        return _Drop()


class _Drop(SinkWriter):
    def write(self, frame: int, picture: Frame, q: Query) -> None:
        pass


def sample_comp() -> None:
    if not (COMP.parent / "media").is_dir():
        print("\nthe sample comp: skipped, its clip isn't built (nodegraph samples --build)")
        return
    print("\nthe sample comp, 1080p")
    graph = ng.load(COMP)
    _drag(graph)
    known = {**registry(), Nowhere.id: Nowhere(), Held.id: Held()}
    graph = loads(dumps(graph), {id: kind.schema for id, kind in known.items()})
    graph.folder = str(COMP.parent)
    graph.add(Nowhere.id, name="nowhere")
    graph.connect("over", "nowhere")
    clip = open_clip(str(COMP.parent / "media/plate.mp4"))
    Held.frames.update((k, clip.raw(k)) for k in range(clip.info.frames))
    graph.add(Held.id, name="held", params=dict(graph.node("plate").params))
    with tempfile.TemporaryDirectory() as folder, Engine(graph, known, tier="wait") as engine:
        graph.set("write.path", f"{folder}/comp.mp4")
        frames = list(range(graph.setting("first"), graph.setting("last") + 1))
        for node in ("held", "plate"):
            for reader in ("key.image", "sheet.a"):
                graph.connect(node, reader)
            render(engine, ["nowhere"], frames[:4])
            alone = render(engine, ["nowhere"], frames)
            what = "decode excluded" if node == "held" else "decoding on the same cores"
            print(f"  {what:<58}{alone.fps:9.1f} frames/s" + ("   (>= 30)" if node == "held" else ""))
        render(engine, ["write"], frames[:4])
        whole = render(engine, ["write"], frames)
        print(f"  {'decoding, and encoding H.264, on the same cores':<58}{whole.fps:9.1f} frames/s")


def _drag(graph: Graph) -> None:
    """A slider of the node under the composite, dragged."""
    with Engine(graph, tier="wait") as engine:
        engine.cook("over", 1)
        values = iter(range(1, 10_000))

        def drag() -> None:
            graph.set("over.mix", 1 - next(values) / 1e5)
            engine.cook("over", 1)

        for _ in range(3):
            drag()
        times = []
        for _ in range(40):
            begun = perf_counter()
            drag()
            times.append((perf_counter() - begun) * 1e3)
        say("slider drag on the last node, median", median(times), "<= 12 ms")


# --- memory -----------------------------------------------------------------------------


def resident() -> int:
    """Bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def memory() -> None:
    """2,000 frames of a graph in which everything varies, with a small budget."""
    print("\n2,000 frames, 960x540, budget 64 MiB")
    graph = ng.new(width=960, height=540)
    graph.add("capture.constant", name="base", colour=(0.2, 0.3, 0.4, 1))
    graph.add("colour.exposure", name="a", stops=0.5)
    graph.add("colour.exposure", name="b")
    graph.set("a.stops", "=frame / 1000")
    graph.connect("base", "a")
    graph.connect("a", "b")
    picture = 4 * 4 * 960 * 540
    for keep in (False, True):
        with Engine(graph, tier="wait", memory=64 * MIB) as engine:
            seen = []
            for frame in range(2000):
                engine.cook("b", frame, keep=keep)
                if frame in (0, 100) or frame % 400 == 399:
                    seen.append(resident())
            assert engine.cache.bytes <= 64 * MIB
        grown = (max(seen[2:]) - seen[1]) / picture
        print(f"  {'editing' if keep else 'rendering'}: {' '.join(f'{s / MIB:.0f}' for s in seen)} MiB; "
              f"grown after frame 100 by {grown:+.2f} pictures")  # fmt: skip


PARTS = {"nodes": thousand_nodes, "new": new_topology, "comp": sample_comp, "memory": memory}

if __name__ == "__main__":
    if sys.argv[1:2] == ["topology"]:
        topology(sys.argv[2] == "first")
    else:
        for name in sys.argv[1:] or PARTS:
            PARTS[name]()
