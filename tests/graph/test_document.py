"""What a document takes and refuses, by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nodegraph.errors import DocumentError
from nodegraph.graph import Expression, Graph, parse_value
from tests.graph.catalog import CATALOG


@pytest.fixture
def comp() -> Graph:
    graph = Graph(CATALOG)
    graph.add("capture.read", name="plate", path="plate.mov")
    graph.add("nodegraph.keying.chroma", name="key")
    graph.add("merge.merge", name="over")
    graph.add("colour.grade", name="grade")
    graph.connect("plate", "key")
    graph.connect("plate", "over")
    graph.connect("key.out", "over")
    graph.connect("over", "grade")
    return graph


def refusal(graph: Graph, *call: Any, **values: Any) -> str:
    method, *arguments = call
    with pytest.raises(DocumentError) as caught:
        getattr(graph, method)(*arguments, **values)
    return str(caught.value)


def test_wires_take_the_first_free_input(comp: Graph) -> None:
    assert comp.wires == {
        ("key", "source"): ("plate", "out"),
        ("over", "bg"): ("plate", "out"),
        ("over", "fg"): ("key", "out"),
        ("grade", "source"): ("over", "out"),
    }
    assert comp.order() == ["plate", "key", "over", "grade"]
    assert dict(comp.consumers("plate")) == {("key", "source"): "out", ("over", "bg"): "out"}
    assert comp.upstream("over") == {"plate", "key"}
    assert comp.downstream("key") == {"over", "grade"}


def test_a_picture_gives_its_matte_and_a_matte_is_a_picture(comp: Graph) -> None:
    comp.connect("key.matte", "over.mask")
    comp.connect("plate", "grade.mask")
    comp.connect("key.matte", "grade.source")
    assert comp.inputs("grade") == {"source": ("key", "matte"), "mask": ("plate", "out")}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (("connect", "grade", "plate"), "plate: has no input"),
        (("connect", "grade", "key"), "key.source: a wire from grade would close a cycle"),
        (("connect", "over", "over.bg"), "over.bg: a wire from over would close a cycle"),
        (("connect", "plate.outt", "key"), "plate: has no output 'outt' (did you mean out?)"),
        (("connect", "plate", "over.bgg"), "over: has no input 'bgg' (did you mean bg?)"),
        (("connect", "plaet", "over"), "there is no node 'plaet' (did you mean plate?)"),
        (("disconnect", "over.mask"), "over: nothing is connected to 'mask'"),
        (("set", "plate.gian", 1), "plate: has no parameter 'gian' (did you mean gain?)"),
        (("set", "plate.gain", 11), "plate: parameter 'gain' is out of range: 11 (float from 0 to 10)"),
        (("set", "plate.gain", "much"), "plate: parameter 'gain' wants a number"),
        (("set", "plate.gain", float("nan")), "plate: parameter 'gain' is out of range: nan"),
        (("set", "plate.missing", "blak"), "has no choice 'blak', did you mean black?"),
        (("set", "plate.path", 3), "plate: parameter 'path' wants text"),
        (("set", "plate.path", "\udcff"), "plate: text is not valid Unicode"),
        (("set", "grade.tint", (1, 2)), "grade: parameter 'tint' wants 3 numbers"),
        (("set", "grade.tint.w", 1), "grade: parameter 'tint' has no component 'w'"),
        (("set", "plate", 1), "'plate' names no parameter"),
        (("set", "plate.path", Expression("frame")), "parameter 'path' can't hold an expression"),
        (("rename", "plate", "key"), "plate: there is already a node 'key'"),
        (("rename", "plate", "a b"), "'a b' can't be a node's name"),
        (("add", "capture.raed"), "there is no node type 'capture.raed' (did you mean capture.read"),
        (("add", "capture.read", "plate"), "plate: there is already a node of this name"),
        (("add", "capture.read", "a/b"), "there is no node 'a'"),
        (("remove", "nothing"), "there is no node 'nothing'"),
        (("move", "plate", float("inf"), 0), "plate: position is out of range"),
        (("expose", "plate", "gain", "plate.gain"), "plate: is not a group"),
    ],
)
def test_refusals_say_what_and_what_to_do(comp: Graph, call: tuple[Any, ...], said: str) -> None:
    before = dict(comp.wires), comp.revision
    assert said in refusal(comp, *call)
    assert (dict(comp.wires), comp.revision) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("width", 0),
        ("width", 1.5),
        ("rate", "0"),
        ("rate", "24/0"),
        ("rate", "fast"),
        ("first", "1"),
        ("pixel_aspect", 0),
    ],
)
def test_wrong_settings_are_refused(comp: Graph, name: str, value: Any) -> None:
    assert repr(name) in refusal(comp, "configure", **{name: value})
    assert name not in comp.settings


def test_settings(comp: Graph) -> None:
    assert comp.format == (1920, 1080) and comp.rate == 24
    comp.configure(width=2048, rate="24000/1001", show="dawn")
    assert comp.format == (2048, 1080) and comp.rate.numerator == 24000
    assert comp.setting("show") == "dawn" and comp.setting("nothing") is None


def test_a_wrong_type_of_wire_is_refused(comp: Graph) -> None:
    comp.add("draw.words")
    assert "over.bg: takes Frame, but words.out gives Text" in refusal(comp, "connect", "words", "over.bg")
    assert comp.wires["over", "bg"] == ("plate", "out")


def test_removing_a_node_takes_its_wires_and_undo_brings_them_back(comp: Graph) -> None:
    wires = dict(comp.wires)
    comp.remove("key", "over")
    assert not comp.wires and comp.order() == ["grade", "plate"]
    comp.undo()
    assert comp.wires == wires


def test_renaming_takes_wires_and_expressions_along(comp: Graph) -> None:
    comp.set("grade.gain", "=plate.gain + plate.gain*over.mix")
    comp.set("grade.tint", [1, "=plate.gain", "=gain"])
    comp.rename("plate", "größe")
    assert comp.wires["key", "source"] == ("größe", "out")
    assert comp.get("grade.gain") == Expression("größe.gain + größe.gain*over.mix")
    assert comp.get("grade.tint") == (1.0, Expression("größe.gain"), Expression("gain"))
    assert comp.value("grade", "gain", 1) == 2.0
    comp.rename("größe", "p")
    assert comp.get("grade.gain") == Expression("p.gain + p.gain*over.mix")


def test_values_are_canonical(comp: Graph) -> None:
    comp.set("plate.gain", np.float32(0.5))
    comp.set("grade.tint", np.array([1, 2, 3]))
    comp.set("grade.tint.g", 0)
    assert comp.values("plate", 1) == {"path": "plate.mov", "gain": 0.5, "missing": "error"}
    assert comp.values("grade", 1)["tint"] == (1.0, 0.0, 3.0)
    assert type(comp.value("plate", "gain", 1)) is float
    comp.reset("grade.tint")
    assert comp.get("grade.tint") == (1.0, 1.0, 1.0)


def test_unchanged_constants_are_not_computed_again(comp: Graph) -> None:
    assert comp.values("grade", 1) is comp.values("grade", 2)
    stamp = comp.touched("grade")
    comp.set("plate.gain", 2)
    comp.move("grade", 5, 5)
    assert comp.touched("grade") == stamp and comp.touched("plate") == comp.revision - 1


def test_topology_counts_only_what_plans_depend_on(comp: Graph) -> None:
    topology = comp.topology
    comp.set("plate.gain", 2)
    comp.move("plate", 1, 2)
    comp.label("plate", "Plate")
    comp.configure(width=10)
    assert comp.topology == topology
    comp.bypass("over")
    assert comp.topology > topology


@pytest.mark.parametrize(
    ("target", "text", "value"),
    [
        ("plate.path", "a=b.mov", "a=b.mov"),
        ("plate.path", "=x", "=x"),
        ("plate.gain", " 2.5 ", 2.5),
        ("plate.gain", "=frame/100", Expression("frame/100")),
        ("grade.clamp", "on", True),
        ("grade.clamp", "0", False),
        ("grade.tint", "(1, 0.5, =frame)", (1.0, 0.5, Expression("frame"))),
        ("grade.curve", "[[0,0],[1,2]]", ((0.0, 0.0), (1.0, 2.0))),
        ("move.taps", "5", 5),
        ("over.operation", "plus", "plus"),
    ],
)
def test_values_typed_as_text(comp: Graph, target: str, text: str, value: Any) -> None:
    comp.add("transform.move", name="move")
    node, name = target.split(".")
    schema = comp[node].schema
    assert schema is not None
    comp.set(target, parse_value(schema.param(name), text))
    assert comp.get(target) == value


@pytest.mark.parametrize(("param", "text"), [("gain", "x"), ("clamp", "2"), ("tint", "1,a,2"), ("curve", "[[")])
def test_wrong_text_is_refused(param: str, text: str) -> None:
    with pytest.raises(DocumentError, match=f"parameter '{param}' can't take"):
        parse_value(CATALOG["nodegraph.colour.grade"].param(param), text)


def test_names_are_made_and_notes_kept(comp: Graph) -> None:
    assert [comp.add("colour.grade").name for _ in range(2)] == ["grade2", "grade3"]
    comp.set_note("todo", text="more blue", x=1.0)
    comp.set_backdrop("keying", label="Keying", x=0, y=0, width=100, height=50)
    comp.remove_note("todo")
    assert not comp.notes and comp.backdrops["keying"]["label"] == "Keying"
    comp.undo()
    assert comp.notes["todo"]["text"] == "more blue"
    assert "has a set, which no file can hold" in refusal(comp, "set_note", "todo", text={1})


def test_a_long_chain_is_built_without_searching_it_all() -> None:
    """Connecting a new node to the end of a chain looks at a few nodes, not at the whole chain."""
    graph = Graph(CATALOG)
    graph.add("capture.read", name="n0")
    steps = 0

    class Counting(dict[str, Any]):
        def get(self, *key: Any) -> Any:
            nonlocal steps
            steps += 1
            return super().get(*key)

    graph._into, graph._out_of = Counting(), Counting()
    for i in range(1, 300):
        graph.add("colour.grade", name=f"n{i}")
        graph.connect(f"n{i - 1}", f"n{i}")
    assert steps < 300 * 10
    assert graph.order()[-1] == "n299"
