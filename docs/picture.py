"""The picture in the README: the sample comp's graph, drawn by nodegraph itself over a sky made of its nodes.

python docs/picture.py
"""

from __future__ import annotations

import json
from math import hypot
from pathlib import Path

import nodegraph as ng
from nodegraph.graph import Graph

HERE = Path(__file__).parent
WIDTH, HEIGHT = 1280, 560
FAMILY = {
    "capture": (0.05, 0.22, 0.16), "keying": (0.06, 0.3, 0.05), "colour": (0.3, 0.16, 0.03),
    "merge": (0.05, 0.1, 0.34), "output": (0.3, 0.05, 0.07),
}  # fmt: skip
BOX = (168, 46)
STEP = (1.0, 0.78)  # the sample's spacing to this picture's


def main() -> None:
    sample = ng.load(HERE.parent / "samples/comp.graph")
    picture = ng.new(width=WIDTH, height=HEIGHT)
    last = sky(picture)
    for name in sample.nodes:
        for source, _ in sample.inputs(name).values():
            last = over(picture, last, wire(picture, place(sample, source), place(sample, name)))
    for name, node in sample.nodes.items():
        last = over(picture, last, box(picture, name, node.type, place(sample, name)))
    for file in ng.write(ng.cook(picture, last), HERE / "picture.jpg"):
        print(file)


def sky(graph: Graph) -> str:
    """Dusk: two ramps, a low sun, hills, a little grain."""
    graph.add(
        "draw.ramp",
        name="high",
        start=(0, 120),
        end=(0, 560),
        first=(0.42, 0.16, 0.07, 1),
        second=(0.012, 0.03, 0.1, 1),
        smooth=1,
    )
    graph.add("draw.radial", name="sun", centre=(1010, 150), radius=(420, 260), colour=(0.9, 0.32, 0.06, 0))
    graph.connect("high", "sun")
    hills = [(0, 60), (160, 128), (330, 84), (520, 150), (760, 90), (930, 132), (1110, 88), (1280, 140)]
    shape = [[-40, -40], *([x, y, -70, 0, 70, 0] for x, y in hills), [1320, -40]]
    graph.add(
        "draw.roto",
        name="hills",
        shapes=json.dumps([{"points": shape, "feather": 1.2}]),
        colour=(0.006, 0.008, 0.016, 1),
    )
    last = over(graph, "sun", "hills")
    graph.add("filter.grain", name="film", amount=(0.012, 0.012, 0.016), size=(1.2, 1.2, 1.4))
    graph.connect(last, "film")
    return "film"


def place(sample: Graph, name: str) -> tuple[float, float]:
    """The middle of a node's box, from the bottom left."""
    x, y = sample.nodes[name].position
    return 210 + x * STEP[0] + (x > 400) * 170, HEIGHT - 70 - y * STEP[1]


def wire(graph: Graph, start: tuple[float, float], end: tuple[float, float]) -> str:
    (x0, y0), (x1, y1) = (start[0], start[1] - BOX[1] / 2), (end[0], end[1] + BOX[1] / 2)
    bend, length = max(24.0, (y0 - y1) * 0.5), hypot(x1 - x0, y0 - y1)
    u, v = 1.5 * (y0 - y1) / length, 1.5 * (x1 - x0) / length
    outline = [
        [x0 - u, y0 - v, 0, 0, 0, -bend], [x1 - u, y1 - v, 0, bend, 0, 0],
        [x1 + u, y1 + v, 0, 0, 0, bend], [x0 + u, y0 + v, 0, -bend, 0, 0],
    ]  # fmt: skip
    return shape(graph, outline, (0.45, 0.45, 0.5, 1))


def box(graph: Graph, name: str, type: str, middle: tuple[float, float]) -> str:
    x, y = middle[0] - BOX[0] / 2, middle[1] - BOX[1] / 2
    w, h, r, k = *BOX, 9.0, 5.0
    corners = [
        [x + r, y, -k, 0, 0, 0], [x + w - r, y, 0, 0, k, 0], [x + w, y + r, 0, -k, 0, 0], [x + w, y + h - r, 0, 0, 0, k],
        [x + w - r, y + h, k, 0, 0, 0], [x + r, y + h, 0, 0, -k, 0], [x, y + h - r, 0, k, 0, 0], [x, y + r, 0, 0, 0, -k],
    ]  # fmt: skip
    family = type.removeprefix("nodegraph.").partition(".")[0]
    card = shape(graph, corners, (*FAMILY.get(family, (0.1, 0.1, 0.1)), 1))
    kind = type.rpartition(".")[2].replace("_", " ")
    title = words(graph, name.replace("_", " "), 17, (middle[0], middle[1] + 9), (0.9, 0.9, 0.9, 1), 600)
    return over(
        graph, over(graph, card, title), words(graph, kind, 13, (middle[0], middle[1] - 11), (0.4, 0.4, 0.4, 0.7), 450)
    )


def shape(graph: Graph, points: list[list[float]], colour: tuple[float, ...]) -> str:
    return graph.add("draw.roto", shapes=json.dumps([{"points": points}]), colour=colour).name


def words(graph: Graph, text: str, size: float, at: tuple[float, float], colour: tuple[float, ...], weight: int) -> str:
    values = {"text": text, "size": size, "position": at, "colour": colour, "weight": weight}
    return graph.add("draw.text", params=values).name


def over(graph: Graph, bg: str, fg: str) -> str:
    merge = graph.add("merge.merge").name
    graph.connect(bg, f"{merge}.bg")
    graph.connect(fg, f"{merge}.fg")
    return merge


if __name__ == "__main__":
    main()
