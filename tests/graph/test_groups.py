"""Groups: made, dissolved, nested, kept in files, and seen through."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodegraph.errors import DocumentError
from nodegraph.graph import Expression, Graph, dumps, loads
from nodegraph.graph.flat import Flat, flatten
from nodegraph.graph.groups import insert_group, make_group, save_group, ungroup
from tests.graph.catalog import CATALOG
from tests.graph.strategies import graphs


@pytest.fixture
def comp() -> Graph:
    graph = Graph(CATALOG)
    graph.add("capture.read", name="plate")
    graph.add("capture.read", name="back")
    graph.add("keying.chroma", name="key", position=(10, 0))
    graph.add("colour.grade", name="grade", position=(30, 0))
    graph.add("merge.merge", name="over")
    graph.connect("plate", "key")
    graph.connect("key", "grade")
    graph.connect("key.matte", "grade.mask")
    graph.connect("back", "over")
    graph.connect("grade", "over")
    graph.connect("key.matte", "over.mask")
    graph.history.clear()
    return graph


FLAT = {
    ("group/key", "source"): ("plate", "out"),
    ("group/grade", "source"): ("group/key", "out"),
    ("group/grade", "mask"): ("group/key", "matte"),
    ("over", "bg"): ("back", "out"),
    ("over", "fg"): ("group/grade", "out"),
    ("over", "mask"): ("group/key", "matte"),
}


def test_a_group_of_a_selection(comp: Graph) -> None:
    before = dumps(comp)
    group = make_group(comp, ["key", "grade"])
    assert comp.order() == ["back", "plate", "group", "over"]
    signature = comp.signature_of(group)
    assert signature is not None
    assert [(p.name, p.type) for p in signature.inputs.values()] == [("source", "Frame")]
    assert [(p.name, p.type) for p in signature.outputs.values()] == [("matte", "Matte"), ("out", "Frame")]
    assert group.position == (20.0, 0.0)
    flat = flatten(comp)
    assert flat.wires == FLAT
    assert flat.order() == ["back", "plate", "group/key", "group/grade", "over"]
    assert flat.nodes["group/key"] is comp["group/key"]
    for text in (True, False):
        assert flatten(loads(dumps(comp, text=text), CATALOG)).wires == FLAT
    comp.undo()
    assert dumps(comp) == before and flatten(comp) is comp


def test_ungroup_brings_all_back(comp: Graph) -> None:
    before = dumps(comp)
    make_group(comp, ["key", "grade"])
    assert sorted(ungroup(comp, "group")) == ["grade", "key"]
    assert dumps(comp) == before
    comp.undo()
    assert flatten(comp).wires == FLAT


def test_what_would_loop_or_cross_the_border_is_refused(comp: Graph) -> None:
    before = dumps(comp)
    with pytest.raises(DocumentError, match=r"^grade: would be both before and after the group"):
        make_group(comp, ["key", "over"])
    comp.set("grade.gain", "=plate.gain")
    with pytest.raises(DocumentError, match=r"^grade: refers to plate\.gain across the group's border"):
        make_group(comp, ["key", "grade"])
    with pytest.raises(DocumentError, match="nothing is selected"):
        make_group(comp, [])
    with pytest.raises(DocumentError, match="there is no node 'nothing'"):
        make_group(comp, ["nothing"])
    with pytest.raises(DocumentError, match="is not a group"):
        ungroup(comp, "key")
    comp.undo()
    assert dumps(comp) == before


def test_exposed_parameters(comp: Graph) -> None:
    make_group(comp, ["key", "grade"])
    comp.set("group/grade.gain", 3)
    comp.expose("group", "amount", "grade.gain")
    assert comp.get("group.amount") == 3.0 == comp.value("group", "amount", 1)
    comp.set("group/grade.gain", 4)
    assert comp.value("group", "amount", 1) == 4.0
    comp.set("group.amount", "=plate.gain * frame")
    assert comp.values("group/grade", 5)["gain"] == 5.0
    assert flatten(comp).values("group/grade", 5)["gain"] == 5.0
    assert comp.varies("group/grade", "gain")
    comp.set("plate.gain", 2)
    assert comp.values("group/grade", 5)["gain"] == 10.0
    comp.set("group/grade.tint.r", "=group.amount / 10")
    assert comp.value("group/grade", "tint", 5) == (1.0, 1.0, 1.0)
    assert comp.value("group/grade", "tint", 1) == (0.2, 1.0, 1.0)
    comp.rename("group", "g")
    assert comp.value("g/grade", "tint", 1) == (0.2, 1.0, 1.0)
    comp.rename("g/grade", "corrected")
    assert comp["g"].exposed == {"amount": "corrected.gain"}
    comp.reset("g.amount")
    assert comp.value("g/corrected", "tint", 1) == (0.4, 1.0, 1.0)
    with pytest.raises(DocumentError, match=r"g: parameter 'amount' is out of range"):
        comp.set("g.amount", 1000)
    with pytest.raises(DocumentError, match="there is no node 'grade'"):
        comp.expose("g", "other", "grade.gain")
    comp.unexpose("g", "amount")
    with pytest.raises(DocumentError, match="no parameter 'amount'"):
        comp.values("g/corrected", 1)


def test_loops_through_a_group_are_refused(comp: Graph) -> None:
    make_group(comp, ["key", "grade"])
    comp.expose("group", "amount", "grade.gain")
    comp.set("plate.gain", "=group.amount")
    with pytest.raises(DocumentError, match=r"in a loop: .*plate.gain -> group.amount"):
        comp.set("group.amount", "=plate.gain")
    with pytest.raises(DocumentError, match="in a loop"):
        comp.set("group/grade.gain", "=group.amount")
    assert comp.value("plate", "gain", 1) == 1.0


def test_ungroup_keeps_what_the_group_set(comp: Graph) -> None:
    make_group(comp, ["key", "grade"], "comp")
    comp.expose("comp", "amount", "grade.gain")
    comp.set("comp.amount", "=plate.gain*3")
    comp.set("comp/grade.tint.g", "=group.amount/10")
    comp.set("over.mix", "=comp.amount/30")
    comp.add("keying.chroma", name="grade")  # the name is taken outside meanwhile
    values = comp.value("comp/grade", "tint", 1), comp.value("over", "mix", 1)
    ungroup(comp, "comp")
    assert comp.get("grade2.gain") == Expression("plate.gain*3")
    assert comp.get("over.mix") == Expression("grade2.gain/30")
    assert (comp.value("grade2", "tint", 1), comp.value("over", "mix", 1)) == values
    assert comp.wires["over", "fg"] == ("grade2", "out")


def test_groups_in_groups(comp: Graph) -> None:
    make_group(comp, ["key", "grade"], "inner")
    comp.expose("inner", "amount", "grade.gain")
    make_group(comp, ["inner", "over"], "outer")
    assert flatten(comp).wires == {
        ("outer/inner/key", "source"): ("plate", "out"),
        ("outer/inner/grade", "source"): ("outer/inner/key", "out"),
        ("outer/inner/grade", "mask"): ("outer/inner/key", "matte"),
        ("outer/over", "bg"): ("back", "out"),
        ("outer/over", "fg"): ("outer/inner/grade", "out"),
        ("outer/over", "mask"): ("outer/inner/key", "matte"),
    }
    comp.expose("outer", "deep", "inner.amount")
    comp.set("outer.deep", 7)
    assert comp.value("outer/inner/grade", "gain", 1) == 7.0
    again = loads(dumps(comp), CATALOG)
    assert again.values("outer/inner/grade", 1)["gain"] == 7.0
    inner = comp["outer"].graph
    assert inner is not None
    ungroup(inner, "inner")
    assert comp["outer"].exposed == {"deep": "grade.gain"}
    assert comp.value("outer/grade", "gain", 1) == 7.0


def test_ports_follow_their_nodes(comp: Graph) -> None:
    group = make_group(comp, ["key", "grade"])
    before = dumps(comp)
    comp.rename("group/source", "screen")
    comp.rename("group/matte", "alpha")
    assert comp.inputs("group") == {"screen": ("plate", "out")}
    assert comp.wires["over", "mask"] == ("group", "alpha")
    comp.remove("group/screen")
    assert not comp.inputs("group")
    with pytest.raises(DocumentError, match="would not fit"):
        comp.set("group/alpha.type", "Text")
    assert group.graph is not None and "type" in group.graph["alpha"].params
    for _ in range(3):
        comp.undo()
    assert dumps(comp) == before


def test_a_bypassed_group_passes_its_first_input(comp: Graph) -> None:
    make_group(comp, ["key", "grade"])
    comp.bypass("group")
    assert flatten(comp).wires["over", "fg"] == ("plate", "out")
    comp.disconnect("group.source")
    assert ("over", "fg") not in flatten(comp).wires


def test_the_view_lasts_until_the_topology_changes(comp: Graph) -> None:
    make_group(comp, ["key", "grade"])
    view = flatten(comp)
    assert isinstance(view, Flat)
    comp.set("group/grade.gain", 2)
    assert flatten(comp) is view and view.values("group/grade", 1)["gain"] == 2.0
    comp.disconnect("over.mask")
    assert flatten(comp) is not view


def test_a_group_in_a_file(comp: Graph, tmp_path: Path) -> None:
    make_group(comp, ["key", "grade"], "tool")
    comp.expose("tool", "amount", "grade.gain")
    comp.set("tool.amount", 2)
    for text in (True, False):
        path = tmp_path / f"tool{text}.graph"
        save_group(comp, "tool", path, text=text)
        other = Graph(CATALOG)
        other.add("capture.read", name="tool")
        node = insert_group(other, path)
        assert node.name == "tool2" and other.value("tool2/grade", "gain", 1) == 2.0
        other.connect("tool", "tool2")
        assert flatten(other).wires["tool2/key", "source"] == ("tool", "out")
        other.undo()
        other.undo()
        assert "tool2" not in other
    with pytest.raises(DocumentError, match="is not a group"):
        save_group(comp, "over", tmp_path / "x.graph")
    (tmp_path / "no.graph").write_bytes(dumps(Graph(CATALOG)))
    with pytest.raises(DocumentError, match="holds 0 nodes, not one group"):
        insert_group(comp, tmp_path / "no.graph")


@settings(max_examples=80, deadline=None)
@given(graphs(40), st.lists(st.integers(0, 50), min_size=1, max_size=4))
def test_grouping_changes_nothing_that_is_cooked(graph: Graph, chosen: list[int]) -> None:
    """Seen without groups, a document is the same before and after grouping and ungrouping."""
    names = sorted(graph.nodes)
    if not names:
        return
    selection = {names[i % len(names)] for i in chosen}
    plain = flatten(graph)
    before, values = dict(plain.wires), {n: _values(plain, n) for n in plain.nodes}
    bytes_before = dumps(graph)
    try:
        group = make_group(graph, selection, "made")
    except DocumentError:
        assert dumps(graph) == bytes_before
        return

    def moved(path: str) -> str:
        return f"made/{path}" if path.split("/")[0] in selection else path

    flat = flatten(graph)
    assert flat.wires == {(moved(n), i): (moved(s), o) for (n, i), (s, o) in before.items()}
    assert {n: _values(flat, n) for n in flat.nodes} == {moved(n): v for n, v in values.items()}
    ungroup(graph, group.name)
    flat = flatten(graph)
    assert flat.wires == before
    assert {n: _values(flat, n) for n in flat.nodes} == values
    graph.undo()
    graph.undo()
    assert dumps(graph) == bytes_before


def _values(graph: Graph | Flat, path: str) -> object:
    try:
        return dict(graph.values(path, 7))
    except DocumentError as error:
        return error.message
