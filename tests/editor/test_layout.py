"""Tidied nodes: nothing overlaps, every wire runs right, chains are level. And aligning and distributing."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import pytest

from nodegraph.editor.geometry import DOT, Geometry, Rect
from nodegraph.editor.layout import LAYER_GAP, NODE_GAP, align, distribute, tidy
from nodegraph.errors import DocumentError
from nodegraph.graph import Graph, dumps, loads
from nodegraph.packs import registry

CATALOG = registry().catalog
COMP = Path(__file__).parents[2] / "samples" / "comp.graph"
KINDS = ("filter.blur", "colour.grade", "merge.merge", "merge.copy", "flow.dot", "keying.chroma", "capture.read")


def graph_of(**types: str) -> Graph:
    graph = Graph(CATALOG)
    for name, type in types.items():
        graph.add(type, name=name)
    return graph


def some_graph(seed: int, count: int = 30) -> Graph:
    """Any acyclic graph, its nodes strewn about."""
    dice, graph = random.Random(seed), Graph(CATALOG)
    for k in range(count):
        at = (dice.uniform(-500, 500), dice.uniform(-500, 500))
        node = graph.add(dice.choice(KINDS), name=f"n{k}", position=at)
        signature = graph.signature_of(node)
        assert signature is not None
        for port in signature.inputs if k else ():
            if dice.random() < 0.7:
                graph.connect(f"n{dice.randrange(max(0, k - 7), k)}", f"n{k}.{port}")
    return graph


def tidied(graph: Graph) -> Geometry:
    for name, position in tidy(graph).items():
        graph.move(name, *position)
    return Geometry(graph)


def clear(a: Rect, b: Rect, gap: float) -> bool:
    return b.x0 - a.x1 >= gap or a.x0 - b.x1 >= gap or b.y0 - a.y1 >= gap or a.y0 - b.y1 >= gap


# -- what always holds


@pytest.mark.parametrize("seed", range(25))
def test_nothing_overlaps_and_every_wire_runs_right(seed: int) -> None:
    geometry = tidied(some_graph(seed))
    for a, b in combinations(geometry.boxes.values(), 2):
        assert clear(a.rect, b.rect, NODE_GAP - 0.2), (a.name, b.name)
    for wire in geometry.wires.values():
        source, target = geometry.boxes[wire.source.node], geometry.boxes[wire.target.node]
        assert target.rect.x0 - source.rect.x1 >= LAYER_GAP - 0.2


@pytest.mark.parametrize("seed", range(5))
def test_the_upper_left_corner_stays_and_positions_have_one_decimal(seed: int) -> None:
    graph = some_graph(seed)
    before = Geometry(graph).bounds()
    after = tidied(graph).bounds()
    assert before is not None and after is not None
    assert after.x0 == pytest.approx(before.x0, abs=0.06)
    assert after.y0 == pytest.approx(before.y0, abs=0.06)
    for node in graph.nodes.values():
        assert node.position == (round(node.position[0], 1), round(node.position[1], 1))


def test_the_same_graph_is_tidied_the_same_and_nothing_is_changed() -> None:
    graph = some_graph(3)
    revision = graph.revision
    assert tidy(graph) == tidy(graph) == tidy(some_graph(3))
    assert graph.revision == revision


# -- what reads well


def test_a_chain_is_level_through_dots_and_nodes_of_other_heights() -> None:
    graph = graph_of(
        plate="capture.read",
        grade="colour.grade",
        dot="flow.dot",
        key="keying.chroma",
        over="merge.merge",
        out="output.write",
    )
    for a, b in map(str.split, ("plate grade", "grade dot", "dot key", "key over.fg", "over out")):
        graph.connect(a, b)
    geometry = tidied(graph)
    for wire in geometry.wires.values():
        assert wire.source.y == pytest.approx(wire.target.y, abs=0.11)
    lefts = [geometry.boxes[name].rect.x0 for name in ("plate", "grade", "dot", "key", "over", "out")]
    assert lefts == sorted(lefts)
    gaps = [
        geometry.boxes[b].rect.x0 - geometry.boxes[a].rect.x1
        for a, b in (("plate", "grade"), ("grade", "dot"), ("dot", "key"))
    ]
    assert gaps == pytest.approx([LAYER_GAP] * 3, abs=0.11)
    assert geometry.boxes["dot"].rect.x1 - geometry.boxes["dot"].rect.x0 == DOT


def test_inputs_come_in_the_order_of_their_ports() -> None:
    for upper, lower in (("a", "b"), ("b", "a")):
        graph = graph_of(a="capture.read", b="capture.read", over="merge.merge")
        first, second = list(graph.signature_of(graph.nodes["over"]).inputs)[:2]  # type: ignore[union-attr]
        graph.connect(upper, f"over.{first}")
        graph.connect(lower, f"over.{second}")
        boxes = tidied(graph).boxes
        assert boxes[upper].rect.y0 < boxes[lower].rect.y0


def test_a_wire_past_other_nodes_is_level_and_runs_under_none() -> None:
    graph = graph_of(plate="capture.read", grade="colour.grade", blur="filter.blur", over="merge.merge")
    for a, b in map(str.split, ("plate grade", "grade blur", "blur over.bg", "plate over.fg")):
        graph.connect(a, b)
    geometry = tidied(graph)
    wire = geometry.wires["over", "fg"]
    assert wire.source.y == pytest.approx(wire.target.y, abs=0.11)
    for name in ("grade", "blur"):
        rect = geometry.boxes[name].rect
        assert not rect.y0 <= wire.source.y <= rect.y1
    assert geometry.wires["blur", "image"].source.y == pytest.approx(geometry.wires["blur", "image"].target.y, abs=0.11)


def test_wires_are_untangled() -> None:
    graph = Graph(CATALOG)
    for k in range(4):
        graph.add("capture.read", name=f"read{k}", position=(0, 100 * k))
        graph.add("filter.blur", name=f"blur{k}", position=(300, 100 * k))
    graph.add("output.contact_sheet", name="sheet", position=(600, 0))
    inputs = list(graph.signature_of(graph.nodes["sheet"]).inputs)  # type: ignore[union-attr]
    for k in range(4):
        graph.connect(f"read{k}", f"blur{3 - k}")
        graph.connect(f"blur{k}", f"sheet.{inputs[k]}")
    geometry = tidied(graph)
    for a, b in combinations(geometry.wires.values(), 2):
        if a.source.x == b.source.x:
            assert (a.source.y - b.source.y) * (a.target.y - b.target.y) > 0
    assert [name for name in sorted(geometry.boxes, key=lambda n: geometry.boxes[n].rect.y0) if "blur" in name] == [
        "blur0",
        "blur1",
        "blur2",
        "blur3",
    ]


def test_the_sample_comp_reads_well() -> None:
    graph = loads(COMP.read_bytes(), CATALOG)
    geometry = tidied(graph)
    crossed = 0
    for a, b in combinations(geometry.wires.values(), 2):
        if a.source.node != b.source.node and a.target.node != b.target.node:
            same_gap = a.source.x == b.source.x and a.target.x == b.target.x
            crossed += same_gap and (a.source.y - b.source.y) * (a.target.y - b.target.y) < 0
    assert crossed == 0
    level = [w for w in geometry.wires.values() if abs(w.source.y - w.target.y) < 0.11]
    assert len(level) >= len(graph.nodes) // 2
    for wire in level:  # and none of those runs under a node
        for box in geometry.boxes.values():
            if wire.source.x < box.rect.x0 and box.rect.x1 < wire.target.x:
                assert not box.rect.y0 <= wire.source.y <= box.rect.y1, box.name


def test_parts_lie_below_one_another_as_they_did_and_lone_nodes_in_rows() -> None:
    graph = Graph(CATALOG)
    for name, y in (("low", 500.0), ("high", -500.0)):
        graph.add("capture.read", name=f"{name}_read", position=(0, y))
        graph.add("filter.blur", name=f"{name}_blur", position=(0, y))
        graph.connect(f"{name}_read", f"{name}_blur")
    for k in range(6):
        graph.add("filter.blur", name=f"lone{k}", position=(10.0 * k, 0))
    boxes = tidied(graph).boxes
    assert boxes["high_blur"].rect.y1 < boxes["low_read"].rect.y0
    assert boxes["low_blur"].rect.y1 < boxes["lone0"].rect.y0
    assert [boxes[f"lone{k}"].rect.y0 == boxes["lone0"].rect.y0 for k in range(6)] == [True] * 4 + [False] * 2


# -- some of the nodes, and odd graphs


def test_only_what_is_asked_for_is_moved() -> None:
    graph = graph_of(a="capture.read", b="filter.blur", c="colour.grade", far="output.write")
    for a, b in map(str.split, ("a b", "b c", "c far")):
        graph.connect(a, b)
    graph.move("b", 70, 30)
    graph.move("c", 50, 50)
    found = tidy(graph, ["c", "b", "b"])
    assert set(found) == {"b", "c"}
    assert found["b"] == (50.0, 30.0)
    assert found["c"][0] > found["b"][0]


def test_no_nodes_one_node_and_no_such_node() -> None:
    graph = graph_of(blur="filter.blur")
    graph.move("blur", 12.3, -4.5)
    assert tidy(Graph(CATALOG)) == {} == tidy(graph, [])
    assert tidy(graph) == {"blur": (12.3, -4.5)}
    with pytest.raises(DocumentError, match=r"no node 'blue'.*blur"):
        tidy(graph, ["blue"])


def test_nodes_of_missing_types_are_tidied_too() -> None:
    graph = graph_of(a="capture.read", b="filter.blur", c="output.write")
    graph.connect("a", "b")
    graph.connect("b", "c")
    catalog = {id: schema for id, schema in CATALOG.items() if id != "nodegraph.filter.blur"}
    geometry = tidied(loads(dumps(graph), catalog))
    assert [geometry.boxes[n].rect.x0 for n in "abc"] == sorted(geometry.boxes[n].rect.x0 for n in "abc")
    assert geometry.boxes["b"].rect.x0 > geometry.boxes["a"].rect.x1


def test_a_thousand_nodes() -> None:
    geometry = tidied(some_graph(7, 1000))
    assert all(w.target.x > w.source.x for w in geometry.wires.values())


# -- by hand


def three() -> Geometry:
    graph = graph_of(a="filter.blur", dot="flow.dot", sheet="output.contact_sheet")
    graph.move("a", 0, 0)
    graph.move("dot", 200, 90)
    graph.move("sheet", 300, 20)
    return Geometry(graph)


def test_align_puts_edges_and_centres_on_a_line() -> None:
    geometry = three()
    names = ["a", "dot", "sheet"]
    sizes = {n: (b.rect.x1 - b.rect.x0, b.rect.y1 - b.rect.y0) for n, b in geometry.boxes.items()}
    bounds = geometry.bounds()
    assert bounds is not None

    def line(edge: str, at: float, k: int) -> set[float]:
        found = align(geometry.boxes, names, edge)  # type: ignore[arg-type]
        for name, box in geometry.boxes.items():  # the other axis stays
            assert found[name][1 - k] == (box.rect.x0, box.rect.y0)[1 - k]
        return {round(found[n][k] + at * sizes[n][k], 1) for n in names}

    assert line("left", 0, 0) == {bounds.x0}
    assert line("right", 1, 0) == {bounds.x1}
    assert line("centre", 0.5, 0) == {bounds.middle[0]}
    assert line("top", 0, 1) == {bounds.y0}
    assert line("bottom", 1, 1) == {bounds.y1}
    assert line("middle", 0.5, 1) == {bounds.middle[1]}


def test_distribute_leaves_equal_gaps_and_the_outermost_where_they_are() -> None:
    geometry = three()
    found = distribute(geometry.boxes, ["sheet", "a", "dot"], "x")
    assert (found["a"], found["sheet"]) == ((0, 0), (300, 20))
    assert found["dot"][0] - 132 == pytest.approx(300 - found["dot"][0] - DOT, abs=0.11)
    assert found["dot"][1] == 90
    assert distribute(geometry.boxes, ["a", "sheet"], "y") == {"a": (0, 0), "sheet": (300, 20)}


def test_align_and_distribute_refuse_what_they_do_not_know() -> None:
    boxes = three().boxes
    assert align(boxes, [], "left") == distribute(boxes, [], "x") == {}
    with pytest.raises(DocumentError, match=r"'center'.*centre"):
        align(boxes, ["a"], "center")  # type: ignore[arg-type]
    with pytest.raises(DocumentError, match="'z'"):
        distribute(boxes, ["a"], "z")  # type: ignore[arg-type]
    with pytest.raises(DocumentError, match="no node 'b'"):
        align(boxes, ["b"], "left")
