"""The parameter panel: rows, edits as steps of undo, keys, expressions, copies, presets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nodegraph.editor.parameters import Sheet
from nodegraph.editor.presets import Presets
from nodegraph.editor.rows import Row
from nodegraph.graph import Animation, Expression, Graph, Key
from nodegraph.graph.groups import make_group
from nodegraph.packs import registry

CATALOG = {id: kind.schema for id, kind in registry().items()}


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    """A blur, two grades and a transform."""
    graph = Graph(CATALOG)
    graph.add("filter.blur", name="blur")
    graph.add("colour.grade", name="grade")
    graph.add("colour.grade", name="other")
    graph.add("transform.transform", name="move")
    graph.history.clear()
    return Sheet(graph, Presets(tmp_path / "presets"))


def row(sheet: Sheet, target: str, frame: float = 1) -> Row:
    path, _, name = target.partition(".")
    return next(r for r in sheet.rows(path, frame) if r.param.name == name)


def steps(sheet: Sheet) -> int:
    """How many steps undo takes back; all of them are taken back."""
    count = 0
    while sheet.document.undo():
        count += 1
    return count


# -- which nodes are shown


def test_the_chosen_node_is_first_and_pinned_ones_stay(sheet: Sheet) -> None:
    sheet.show("blur")
    sheet.pin("blur")
    sheet.show("grade")
    assert sheet.nodes == ["grade", "blur"]
    sheet.show("move")
    assert sheet.nodes == ["move", "blur"]
    sheet.show("blur")
    assert sheet.nodes == ["blur"]
    sheet.close("blur")
    assert sheet.nodes == []


def test_shown_nodes_follow_renaming_and_its_undo_and_vanish_when_removed(sheet: Sheet) -> None:
    sheet.pin("blur")
    make_group(sheet.document, ["grade"], "looks")
    sheet.show("looks/grade")
    sheet.document.rename("blur", "soft")
    sheet.document.rename("looks", "style")
    assert sheet.nodes == ["style/grade", "soft"]
    sheet.document.undo()
    sheet.document.undo()
    assert sheet.nodes == ["looks/grade", "blur"]
    sheet.document.remove("blur")
    assert sheet.nodes == ["looks/grade"]
    sheet.leave()
    sheet.document.rename("looks", "style")
    assert sheet.nodes == []


# -- rows


def test_rows_are_all_parameters_in_their_order(sheet: Sheet) -> None:
    assert [r.param.name for r in sheet.rows("blur", 1)] == [p.name for p in CATALOG["nodegraph.filter.blur"].params]
    size = row(sheet, "blur.size")
    assert (size.value, size.state, size.changed, size.settable, size.label) == (4.0, "default", False, True, "size")
    assert size.help


def test_states_of_a_row(sheet: Sheet) -> None:
    graph = sheet.document
    graph.set("blur.size", 4.0)
    assert (row(sheet, "blur.size").state, row(sheet, "blur.size").changed) == ("constant", False)
    graph.key("blur.size", 5, 10.0)
    assert (row(sheet, "blur.size", 5).state, row(sheet, "blur.size", 6).state) == ("key here", "animated")
    graph.set("move.translate.x", "=frame * 2")
    graph.key("move.translate.y", 3, 7.0)
    moved = row(sheet, "move.translate", 3)
    assert moved.states == ("expression", "key here")
    assert (moved.state, moved.expression, moved.value, moved.settable) == ("expression", "frame * 2", (6.0, 7.0), True)


def test_a_failing_expression_says_why(sheet: Sheet) -> None:
    sheet.document.set("blur.size", "=1 / (frame - 3)")
    assert row(sheet, "blur.size", 4).value == 1.0
    failed = row(sheet, "blur.size", 3)
    assert failed.value is None
    assert "no value at frame 3" in failed.error
    assert not failed.settable


def test_a_group_that_decides_is_named(sheet: Sheet) -> None:
    graph = sheet.document
    make_group(graph, ["blur"], "soft")
    graph.expose("soft", "amount", "blur.size")
    assert row(sheet, "soft/blur.size").settable
    sheet.change("soft", "amount", 9.0, 1)
    inner = row(sheet, "soft/blur.size")
    assert (inner.held_by, inner.value, inner.settable) == ("soft.amount", 9.0, False)


def test_no_rows_for_what_is_gone_or_missing() -> None:
    from nodegraph.graph import loads

    graph = loads(b'{"nodegraph": 1, "nodes": {"odd": {"type": "gone.pack.thing", "version": 1}}}', CATALOG, where="t")
    sheet = Sheet(graph)
    assert sheet.rows("odd", 1) == sheet.rows("nobody", 1) == []
    sheet.change("odd", "size", 1, 1)
    assert "is missing" in sheet.notice


# -- changing


def test_a_change_is_one_step(sheet: Sheet) -> None:
    sheet.change("blur", "size", 8, 1)
    assert (row(sheet, "blur.size").value, sheet.notice) == (8.0, "")
    sheet.change("blur", "size", 8, 1)  # nothing new
    assert steps(sheet) == 1
    assert row(sheet, "blur.size").state == "default"


def test_a_drag_is_one_step_within_the_range_and_the_next_another(sheet: Sheet) -> None:
    for value in (5.0, 6.0, -3.0):
        sheet.change("blur", "size", value, 1, drag=True)
    assert row(sheet, "blur.size").value == 0.0  # held to the hard range
    sheet.settle()
    sheet.change("blur", "size", 9.0, 1, drag=True)
    sheet.settle()
    assert steps(sheet) == 2


def test_drags_of_two_panels_stay_apart(sheet: Sheet) -> None:
    second = Sheet(sheet.document)
    sheet.change("blur", "size", 5.0, 1, drag=True)
    second.change("blur", "size", 6.0, 1, drag=True)
    assert steps(sheet) == 2


def test_a_value_out_of_range_is_refused(sheet: Sheet) -> None:
    sheet.change("blur", "size", -3.0, 1)
    assert "out of range" in sheet.notice
    assert row(sheet, "blur.size").state == "default"
    sheet.change("blur", "sise", 3.0, 1)
    assert "did you mean size" in sheet.notice
    sheet.change("move", "translate", 3.0, 1, component=2)
    assert "no component" in sheet.notice
    assert steps(sheet) == 0


def test_one_component_changes_alone(sheet: Sheet) -> None:
    sheet.change("grade", "gain", 2.0, 1, component=3)
    assert row(sheet, "grade.gain").value == (1.0, 1.0, 1.0, 2.0)


def test_a_change_where_it_is_animated_sets_a_key(sheet: Sheet) -> None:
    sheet.document.set("blur.size", Animation([Key(1, 0.0, "linear"), Key(11, 10.0, "linear", 1.0, 2.0)]))
    sheet.change("blur", "size", 7.0, 6)
    sheet.change("blur", "size", 12.0, 11)
    assert sheet.document.get("blur.size").keys == (
        Key(1, 0.0, "linear"),
        Key(6, 7.0, "linear"),  # goes on as the one before it
        Key(11, 12.0, "linear", 1.0, 2.0),  # keeps its shape
    )


def test_a_vector_set_whole_keys_only_what_changes(sheet: Sheet) -> None:
    graph = sheet.document
    graph.key("move.translate", 1, (0.0, 0.0))
    graph.key("move.translate", 11, (10.0, 20.0))
    value = graph.value("move", "translate", 6)
    sheet.change("move", "translate", (value[0], 99.0), 6)
    x, y = graph.get("move.translate")
    assert ([k.frame for k in x.keys], [k.frame for k in y.keys]) == ([1, 11], [1, 6, 11])


def test_an_expression_is_replaced_only_when_asked(sheet: Sheet) -> None:
    sheet.document.set("blur.size", "=frame")
    sheet.change("blur", "size", 3.0, 1)
    assert "is an expression" in sheet.notice
    assert sheet.document.get("blur.size") == Expression("frame")
    sheet.change("blur", "size", 3.0, 1, replace=True)
    assert (sheet.document.get("blur.size"), sheet.notice) == (3.0, "")


def test_nodes_changed_together(sheet: Sheet) -> None:
    sheet.change("other", "mix", 0.5, 1)
    for value in (0.9, 0.2, 0.7):
        sheet.change_together(["grade", "other"], "mix", value, 1, drag=True)
    sheet.settle()
    assert row(sheet, "grade.mix").value == 0.7
    assert row(sheet, "other.mix").value == pytest.approx(0.2)  # came along by -0.3, over a value held to its range
    sheet.change_together(["grade", "other"], "mix", 0.25, 1)
    assert row(sheet, "other.mix").value == 0.25
    sheet.change_together(["grade", "blur", "move"], "gain", (2, 2, 2, 2), 1)
    assert sheet.notice
    assert row(sheet, "grade.gain").state == "default"  # all of them or none
    assert steps(sheet) == 3


def test_vectors_move_together(sheet: Sheet) -> None:
    sheet.change("other", "gain", (2.0, 2.0, 2.0, 2.0), 1)
    sheet.change_together(["grade", "other"], "gain", (1.5, 1.0, 1.0, 1.0), 1, drag=True)
    assert row(sheet, "other.gain").value == (2.5, 2.0, 2.0, 2.0)
    sheet.settle()
    sheet.change_together(["grade", "other"], "gain", 3.0, 1, 0, drag=True)
    assert row(sheet, "other.gain").value == (4.0, 2.0, 2.0, 2.0)


# -- typing


@pytest.mark.parametrize(
    ("text", "value"),
    [("1/4", 0.25), ("2*3+1", 7), ("+=1", 5), ("-=1", 3), ("*= 2", 8), ("/=8", 0.5), ("sqrt(16)", 4), ("frame", 10)],
)
def test_arithmetic_is_typed(sheet: Sheet, text: str, value: float) -> None:
    sheet.type("blur", "size", text, 10)
    assert (row(sheet, "blur.size").value, sheet.notice) == (value, "")


@pytest.mark.parametrize(
    "text", ["", "1/0", "nan", "move.zoom", "__import__('os')", "1e400", "+=", "-5", "1, 2", "(", "x" * 3000]
)
def test_what_is_no_number_is_refused(sheet: Sheet, text: str) -> None:
    sheet.type("blur", "size", text, 1)
    assert sheet.notice
    assert row(sheet, "blur.size").state == "default"


def test_vectors_are_typed_with_commas_or_at_once(sheet: Sheet) -> None:
    sheet.type("move", "translate", "max(1, 2), 3", 1)
    assert row(sheet, "move.translate").value == (2.0, 3.0)
    sheet.type("move", "translate", "*=2", 1)
    assert row(sheet, "move.translate").value == (4.0, 6.0)
    sheet.type("move", "translate", "(1, 2)", 1)
    assert row(sheet, "move.translate").value == (1.0, 2.0)
    sheet.type("move", "translate", "(1 + 2) * 3", 1, 1)
    assert row(sheet, "move.translate").value == (1.0, 9.0)
    sheet.type("move", "translate", "1, 2, 3", 1)
    assert "wants 2 numbers" in sheet.notice


def test_other_kinds_are_typed_as_they_are(sheet: Sheet) -> None:
    sheet.type("move", "filter", "mitchell", 1)
    sheet.type("move", "invert", "on", 1)
    sheet.type("grade", "channels", "=rgb", 1)
    assert row(sheet, "move.filter").value == "mitchell"
    assert row(sheet, "move.invert").value is True
    assert row(sheet, "grade.channels").value == "=rgb"
    sheet.type("move", "filter", "mitchel", 1)
    assert "did you mean mitchell" in sheet.notice


def test_whole_numbers_stay_whole(sheet: Sheet) -> None:
    node, param = next(
        (schema.id, p.name)
        for schema in CATALOG.values()
        for p in schema.params
        if p.kind == "int" and p.minimum <= 3 <= p.maximum
    )
    sheet.document.add(node, name="whole")
    sheet.type("whole", param, "6/2", 1)
    assert row(sheet, f"whole.{param}").value == 3
    sheet.type("whole", param, "1/3", 1)
    assert "whole number" in sheet.notice
    sheet.change("whole", param, 2.6, 1, drag=True)
    assert row(sheet, f"whole.{param}").value == 3


# -- resetting


def test_reset_whole_or_by_component(sheet: Sheet) -> None:
    sheet.change("grade", "gain", (2.0, 3.0, 4.0, 5.0), 1)
    sheet.reset("grade", "gain", 1)
    assert row(sheet, "grade.gain").value == (2.0, 1.0, 4.0, 5.0)
    sheet.reset("grade", "gain")
    sheet.reset("grade", "gain")  # nothing is left to do
    assert row(sheet, "grade.gain").state == "default"
    assert steps(sheet) == 3


def test_resetting_the_last_component_is_the_default(sheet: Sheet) -> None:
    sheet.change("grade", "gain", 2.0, 1, component=1)
    sheet.reset("grade", "gain", 1)
    assert row(sheet, "grade.gain").state == "default"


# -- keys


def test_toggling_keys(sheet: Sheet) -> None:
    sheet.change("blur", "size", 6.0, 1)
    sheet.toggle_key("blur", "size", 10)
    assert sheet.document.get("blur.size") == Animation([Key(10, 6.0)])
    sheet.change("blur", "size", 8.0, 20)
    sheet.toggle_key("blur", "size", 10)
    sheet.toggle_key("blur", "size", 20)
    assert (row(sheet, "blur.size").value, row(sheet, "blur.size").state) == (8.0, "constant")


def test_a_vector_is_keyed_whole_beside_its_expressions(sheet: Sheet) -> None:
    sheet.document.set("move.translate.x", "=frame")
    sheet.toggle_key("move", "translate", 4)
    assert row(sheet, "move.translate", 4).states == ("expression", "key here")
    sheet.toggle_key("move", "translate", 5, 0)
    assert "is an expression" in sheet.notice
    sheet.remove_key("move", "translate", 9)
    assert "no key on frame 9" in sheet.notice


def test_switches_hold_and_text_isnt_animated(sheet: Sheet) -> None:
    sheet.toggle_key("move", "invert", 1)
    assert sheet.document.get("move.invert").keys[0].interp == "hold"
    sheet.toggle_key("move", "filter", 1)
    assert "can't be animated" in sheet.notice


def test_going_from_key_to_key(sheet: Sheet) -> None:
    graph = sheet.document
    graph.key("blur.size", 5, 1.0)
    graph.key("blur.size", 15, 1.0)
    graph.key("blur.mix", 10, 1.0)
    graph.key("move.translate.y", 7, 1.0)
    assert sheet.next_key(5, "blur", "size") == 15
    assert sheet.next_key(5, "blur") == 10
    assert sheet.next_key(15, "blur") is None
    assert sheet.previous_key(15, "blur") == 10
    assert sheet.next_key(1) is None  # nothing is shown
    sheet.show("blur")
    sheet.pin("move")
    assert (sheet.next_key(5), sheet.previous_key(10)) == (7, 7)


# -- expressions and links


def test_setting_and_clearing_an_expression(sheet: Sheet) -> None:
    sheet.type("blur", "size", "= frame * 2", 1)
    assert row(sheet, "blur.size", 3).value == 6.0
    sheet.clear_expression("blur", "size", 5)
    assert sheet.document.get("blur.size") == 10.0
    sheet.clear_expression("blur", "size", 5)
    assert "has no expression" in sheet.notice


def test_an_expression_that_fails_is_cleared_to_the_default(sheet: Sheet) -> None:
    sheet.set_expression("blur", "size", "1 / (frame - 3)")
    sheet.clear_expression("blur", "size", 3)
    assert sheet.document.get("blur.size") == 4.0


def test_expressions_of_vectors(sheet: Sheet) -> None:
    sheet.set_expression("move", "translate", "=frame, time")
    assert row(sheet, "move.translate").expressions == ("frame", "time")
    sheet.set_expression("move", "translate", "max(frame, 3)", 1)
    assert row(sheet, "move.translate").expressions == ("frame", "max(frame, 3)")
    sheet.set_expression("move", "translate", "min(frame, 9)")
    assert row(sheet, "move.translate").expressions == ("min(frame, 9)",) * 2


def test_a_wrong_expression_changes_nothing(sheet: Sheet) -> None:
    for text in ("1 +", "nobody.size", "import os"):
        sheet.set_expression("blur", "size", text)
        assert sheet.notice
        assert row(sheet, "blur.size").state == "default"


def test_linking(sheet: Sheet) -> None:
    sheet.link("blur.size", "grade", "mix")
    assert row(sheet, "grade.mix").expression == "blur.size"
    sheet.link("move.translate", "move", "pivot")
    assert row(sheet, "move.pivot").expressions == ("translate.x", "translate.y")
    sheet.link("move.translate.y", "blur", "size")
    assert row(sheet, "blur.size").expression == "move.translate.y"
    sheet.link("blur.mix", "move", "scale")
    assert row(sheet, "move.scale").expressions == ("blur.mix", "blur.mix")
    assert sheet.notice == ""
    assert steps(sheet) == 4


def test_links_that_cant_be(sheet: Sheet) -> None:
    sheet.link("blur.size", "grade", "mix")
    sheet.link("grade.mix", "blur", "size")
    assert "loop" in sheet.notice
    sheet.link("move.translate", "blur", "size")
    assert "move.translate.x" in sheet.notice
    sheet.link("move.filter", "blur", "size")
    assert "can't be linked" in sheet.notice
    sheet.link("move.translate.q", "blur", "size")
    assert "no component 'q'" in sheet.notice
    assert row(sheet, "blur.size").state == "default"


def test_a_colour_is_linked_as_far_as_expressions_can_name_it(sheet: Sheet) -> None:
    sheet.link("grade.gain", "other", "gain")
    assert row(sheet, "other.gain").expressions[:3] == ("grade.gain.r", "grade.gain.g", "grade.gain.b")
    assert bool(row(sheet, "other.gain").expressions[3]) != bool(sheet.notice)  # named, or said that it isn't


def test_links_into_groups(sheet: Sheet) -> None:
    graph = sheet.document
    make_group(graph, ["blur", "grade"], "soft")
    graph.expose("soft", "amount", "blur.size")
    sheet.link("soft/blur.mix", "soft/grade", "mix")
    assert row(sheet, "soft/grade.mix").expression == "blur.mix"
    sheet.link("soft.amount", "soft/grade", "mix")
    assert row(sheet, "soft/grade.mix").expression == "group.amount"
    sheet.link("soft/blur.mix", "move", "zoom")
    assert "different groups" in sheet.notice


def test_a_name_that_means_something_else_isnt_linked(sheet: Sheet) -> None:
    sheet.document.rename("blur", "frame")
    sheet.document.rename("other", "gain")
    sheet.document.set("gain.gain", (2, 2, 2, 2))
    sheet.link("gain.gain.r", "grade", "mix")  # gain.gain: of the node, not of grade's own gain
    assert sheet.document.value("grade", "mix", 1) == 1.0
    assert row(sheet, "grade.mix").expression == "gain.gain.r"


# -- copies and presets


def test_a_value_is_pasted_on_another_parameter(sheet: Sheet) -> None:
    sheet.document.key("blur.size", 5, 0.5)
    sheet.paste(sheet.copy("blur", "size"), "grade", "mix")
    assert sheet.document.get("grade.mix") == Animation([Key(5, 0.5)])
    sheet.paste(sheet.copy("move", "filter"), "grade", "mix")
    assert sheet.notice
    assert sheet.document.get("grade.mix") == Animation([Key(5, 0.5)])


def test_a_node_is_pasted_on_another_as_one_step(sheet: Sheet) -> None:
    sheet.change("grade", "gain", 2.0, 1, component=0)
    sheet.set_expression("grade", "mix", "frame / 100")
    sheet.change("other", "lift", 0.5, 1, component=0)
    sheet.document.history.clear()
    sheet.paste(sheet.copy("grade"), "other")
    assert sheet.document.node("other").params == sheet.document.node("grade").params  # the lift is reset, too
    assert steps(sheet) == 1


def test_pasting_on_another_type_takes_what_fits(sheet: Sheet) -> None:
    sheet.change("grade", "mix", 0.5, 1)
    sheet.paste(sheet.copy("grade"), "blur")
    assert row(sheet, "blur.mix").value == 0.5
    assert "gain" in sheet.notice


@pytest.mark.parametrize(
    "text", ["", "hello", "[]", '{"parameters": {}}', '{"parameters": {"zoom": 1}}', '{"parameters": {"size": "x"}}']
)
def test_other_text_isnt_pasted(sheet: Sheet, text: str) -> None:
    sheet.paste(text, "blur")
    assert sheet.notice
    assert steps(sheet) == 0


def test_copying_what_isnt_there(sheet: Sheet) -> None:
    assert sheet.copy("nobody") == ""
    assert "no node" in sheet.notice


def test_presets_are_kept_by_type_and_applied_as_one_step(sheet: Sheet) -> None:
    assert sheet.preset_names("grade") == []
    sheet.change("grade", "gain", (2.0, 1.0, 1.0, 1.0), 1)
    sheet.save_preset("grade", "warm / süß")
    sheet.reset("grade", "gain")
    sheet.save_preset("grade", "Plain")
    assert sheet.preset_names("other") == ["Plain", "warm / süß"]
    assert sheet.preset_names("blur") == []
    sheet.document.history.clear()
    sheet.apply_preset("other", "warm / süß")
    assert (row(sheet, "other.gain").value, sheet.notice) == ((2.0, 1.0, 1.0, 1.0), "")
    assert steps(sheet) == 1
    sheet.remove_preset("grade", "Plain")
    sheet.apply_preset("other", "Plain")
    assert "no preset 'Plain'" in sheet.notice


def test_presets_that_cant_be_read_or_written(sheet: Sheet, tmp_path: Path) -> None:
    folder = tmp_path / "presets"
    folder.mkdir()
    file = folder / "nodegraph.filter.blur.json"
    for broken in ("{", "[1]", '{"soft": 1}'):
        file.write_text(broken)
        sheet.save_preset("blur", "soft")
        assert str(file) in sheet.notice
        assert file.read_text() == broken
    file.write_text(json.dumps({"bad": {"size": {"animation": [[1]]}}}))
    sheet.apply_preset("blur", "bad")
    assert "wants keys" in sheet.notice
    sheet.save_preset("blur", " ")
    assert "can't be called" in sheet.notice
    assert "no folder" in (bare := Sheet(sheet.document)).notice or bare.preset_names("blur") == []
    assert "no folder" in bare.notice
