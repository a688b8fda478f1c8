"""Graphs as small drawings."""

from __future__ import annotations

import numpy as np

from nodegraph.editor.sketch import sketch
from nodegraph.graph import Graph
from nodegraph.packs import registry


def test_nodes_and_wires_lie_where_the_graph_has_them() -> None:
    graph = Graph(registry().catalog)
    graph.add("capture.read", name="plate", position=(0, 0))
    graph.add("colour.grade", name="grade", position=(400, 0))
    graph.connect("plate", "grade")
    made = sketch(graph, (192, 108), lambda family: (255, 0, 0) if family == "capture" else (0, 0, 255))
    assert made.shape == (108, 192, 4) and made.dtype == np.float32
    red = np.argwhere((made[..., :3] == (1, 0, 0)).all(-1))
    blue = np.argwhere((made[..., :3] == (0, 0, 1)).all(-1))
    assert red[:, 1].max() < 96 < blue[:, 1].min()
    between = made[:, red[:, 1].max() + 2 : blue[:, 1].min() - 1, 0]
    assert (between.max(0) == 0.5).all()  # a wire runs all the way


def test_an_empty_graph_and_a_large_one() -> None:
    graph = Graph(registry().catalog)
    assert np.ptp(sketch(graph, (20, 10), lambda family: (9, 9, 9))[..., :3]) == 0
    for k in range(200):
        graph.add("colour.grade", position=(k * 300.0, k % 7 * 900.0))
    assert sketch(graph, (20, 10), lambda family: (255, 255, 255)).max() == 1
