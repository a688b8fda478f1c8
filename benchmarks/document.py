"""What the document costs at 1,000 nodes. `python benchmarks/document.py`

Times are the best of several, in milliseconds (or microseconds where said).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from nodegraph.graph import Graph, Param, Port, Schema, dumps, loads
from nodegraph.graph.commands import Batch, SetParam
from nodegraph.graph.flat import flatten
from nodegraph.graph.groups import make_group

CATALOG = {
    "nodegraph.capture.read": Schema(
        "nodegraph.capture.read", 1, "source", params=(Param("path", "path", ""), Param("gain", "float", 1.0))
    ),
    "nodegraph.colour.grade": Schema(
        "nodegraph.colour.grade",
        1,
        "pixel",
        (Port("source"), Port("mask", "Matte", optional=True)),
        params=(
            *(Param(n, "float", 1.0) for n in ("gain", "lift", "gamma", "mix")),
            Param("tint", "colour", (1.0, 1.0, 1.0)),
        ),
    ),
    "nodegraph.merge.merge": Schema("nodegraph.merge.merge", 1, "pixel", (Port("bg"), Port("fg"))),
}


def comp(count: int) -> Graph:
    """A comp of reads, chains of grades and merges; every tenth grade animated or computed."""
    graph = Graph(CATALOG)
    last = graph.add("capture.read", path="plate.%04d.exr").name
    while len(graph.nodes) < count:
        i = len(graph.nodes)
        if i % 10 == 0:
            branch = graph.add("capture.read", path=f"layer{i}.exr").name
            merge = graph.add("merge.merge").name
            graph.connect(last, f"{merge}.bg")
            graph.connect(branch, f"{merge}.fg")
            last = merge
        else:
            node = graph.add("colour.grade", position=(i, i), gain=1.5, tint=(1, 0.5, 0.25)).name
            graph.connect(last, node)
            if i % 10 == 5:
                graph.set(f"{node}.lift", "=frame / 100")
            last = node
    return graph


def best(run: Callable[[], object], repeat: int = 7) -> float:
    """The shortest time of a call in milliseconds."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def show(what: str, ms: float, aim: str = "") -> None:
    unit = f"{ms:9.3f} ms" if ms >= 0.1 else f"{1000 * ms:9.2f} us"
    print(f"{what:<52}{unit}   {aim}")


def main(count: int = 1000) -> None:
    start = time.perf_counter()
    graph = comp(count)
    print(f"{len(graph.nodes)} nodes, {len(graph.wires)} wires")
    show("build through commands, with undo", 1000 * (time.perf_counter() - start))
    binary, text = dumps(graph), dumps(graph, text=True)
    show(f"load msgpack ({len(binary) >> 10} KiB)", best(lambda: loads(binary, CATALOG)), "<= 200 ms")
    show(f"load text ({len(text) >> 10} KiB)", best(lambda: loads(text, CATALOG)), "<= 200 ms")
    show("write msgpack", best(lambda: dumps(graph)))
    show("write text", best(lambda: dumps(graph, text=True)))
    names = list(graph.nodes)
    leaf = next(n for n in reversed(names) if n.startswith("grade"))

    def order() -> object:
        graph.topology += 1
        return graph.order()

    show("order, topology changed", best(order))
    show("order, nothing changed", best(lambda: [graph.order() for _ in range(1000)]) / 1000)
    show("flatten, no groups", best(lambda: [flatten(graph) for _ in range(1000)]) / 1000)
    values = graph.values
    show("values of all nodes, same frame", best(lambda: [values(n, 1) for n in names]))
    show("  per node", best(lambda: [values(n, 1) for n in names]) / count, "<= 2 us")
    frames = iter(range(1, 1000))

    def next_frame() -> None:
        frame = next(frames)
        for name in names:
            values(name, frame)

    show("values of all nodes, next frame", best(next_frame))
    numbers = iter(range(1, 10**6))
    show(
        "set a parameter",
        best(lambda: [graph.set(f"{leaf}.gain", next(numbers)) for _ in range(200)]) / 200,
        "O(1)",
    )
    show(
        "set in a drag",
        best(lambda: [graph.set(f"{leaf}.gain", next(numbers), merge="d") for _ in range(200)]) / 200,
    )
    command = Batch(tuple(SetParam(n, "gain", 2.0) for n in names if n.startswith("grade")))
    show("set a parameter of every grade in a batch", best(lambda: graph.do(command)))
    show("undo and redo that", best(lambda: (graph.undo(), graph.redo())))
    show("connect and disconnect in the middle", best(lambda: _rewire(graph, f"grade{count // 2}")))
    group = [n for n in names if n.startswith("grade")][:9]
    show("make a group of 9", best(lambda: (make_group(graph, group), graph.undo()), 3))
    make_group(graph, group)

    def flat() -> object:
        graph.topology += 1
        return flatten(graph)

    show("flatten with a group, topology changed", best(flat))


def _rewire(graph: Graph, node: str) -> None:
    (port, source), *_ = graph.inputs(node).items()
    graph.disconnect(f"{node}.{port}")
    graph.connect(".".join(source), f"{node}.{port}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
