"""Undo and redo bring back every byte."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from nodegraph.errors import DocumentError
from nodegraph.graph import Graph, ResetParam, SetParam, command_from_plain, dumps
from nodegraph.graph.commands import Command
from nodegraph.graph.stored import same
from tests.graph.catalog import CATALOG
from tests.graph.strategies import Edit, apply, edit_lists


@settings(max_examples=80, deadline=None)
@given(edit_lists(), edit_lists())
def test_undo_and_redo_bring_back_every_byte(before: list[Edit], after: list[Edit]) -> None:
    graph = Graph(CATALOG)
    apply(graph, before)
    graph.history.clear()
    start = dumps(graph)
    states = [start]
    for change in after:
        apply(graph, [change])
        states.append(dumps(graph))
    end = states[-1]
    while graph.undo():
        assert dumps(graph) in states
    assert dumps(graph) == start
    while graph.redo():
        assert dumps(graph) in states
    assert dumps(graph) == end


@settings(max_examples=60, deadline=None)
@given(edit_lists())
def test_a_refused_edit_changes_nothing(changes: list[Edit]) -> None:
    graph = Graph(CATALOG)
    for change in changes:
        before = dumps(graph)
        try:
            change(graph)
        except DocumentError:
            assert dumps(graph) == before


@settings(max_examples=60, deadline=None)
@given(edit_lists())
def test_commands_written_and_read_make_the_same_document(changes: list[Edit]) -> None:
    graph, copy = Graph(CATALOG), Graph(CATALOG)
    seen: list[Command] = []
    graph.history.listeners.append(seen.append)
    apply(graph, changes)
    graph.undo()
    for command in seen:
        data = command.to_plain()
        again = command_from_plain(data)
        assert same(again.to_plain(), data)
        again.apply(copy)
    assert dumps(copy) == dumps(graph)


@settings(max_examples=60, deadline=None)
@given(edit_lists())
def test_caches_agree_with_a_fresh_document(changes: list[Edit]) -> None:
    """Order, links and evaluated values don't depend on how the document came to be."""
    from nodegraph.graph import loads

    graph = Graph(CATALOG)
    for change in changes:
        apply(graph, [change])
        for path, _ in graph.walk():  # fill the caches that the next edit must keep right
            _values(graph, path)
    fresh = loads(dumps(graph), CATALOG)
    assert graph.order() == fresh.order()
    for path, _ in graph.walk():
        assert _values(graph, path) == _values(fresh, path)
        assert graph.dependents(path) == fresh.dependents(path)
    for name in graph.nodes:
        assert graph.inputs(name) == fresh.inputs(name)
        assert graph.consumers(name) == fresh.consumers(name)


def _values(graph: Graph, path: str) -> object:
    try:
        return dict(graph.values(path, 7)), graph.varies(path)
    except DocumentError as error:
        return str(error)


@pytest.fixture
def graph() -> Graph:
    graph = Graph(CATALOG)
    graph.add("colour.grade", name="grade")
    graph.history.clear()
    return graph


def test_a_drag_is_one_step(graph: Graph) -> None:
    for value in range(10):
        graph.set("grade.gain", value, merge="drag 1")
    assert graph.undo()
    assert graph.get("grade.gain") == 1.0
    assert not graph.undo()
    graph.redo()
    assert graph.get("grade.gain") == 9.0


def test_two_drags_are_two_steps(graph: Graph) -> None:
    graph.set("grade.gain", 2, merge="drag")
    graph.history.settle()
    graph.set("grade.gain", 3, merge="drag")
    graph.undo()
    assert graph.get("grade.gain") == 2.0


def test_a_drag_over_two_parameters_is_one_step(graph: Graph) -> None:
    graph.set("grade.gain", 2, merge="drag")
    graph.set("grade.clamp", True, merge="drag")
    graph.set("grade.gain", 4, merge="drag")
    graph.undo()
    assert (graph.get("grade.gain"), graph.get("grade.clamp")) == (1.0, False)


def test_a_batch_is_one_step_and_fails_whole(graph: Graph) -> None:
    before = dumps(graph)
    with pytest.raises(DocumentError, match="no node 'nowhere'"), graph.batch("edit"):
        graph.set("grade.gain", 2)
        graph.add("capture.read", name="plate")
        graph.connect("nowhere", "grade")
    assert dumps(graph) == before
    assert not graph.undo()
    with graph.batch("edit"):
        graph.add("capture.read", name="plate")
        graph.connect("plate", "grade")
    assert graph.history.undo_label == "edit"
    graph.undo()
    assert dumps(graph) == before


def test_steps_are_forgotten_beyond_the_limit() -> None:
    graph = Graph(CATALOG)
    graph.add("colour.grade", name="grade")
    from nodegraph.graph import History

    history = History(graph, limit=3)
    for value in range(1, 6):
        history.do(SetParam("grade", "gain", float(value)))
    while history.undo():
        pass
    assert graph.get("grade.gain") == 2.0


def test_a_new_edit_drops_what_was_undone(graph: Graph) -> None:
    graph.set("grade.gain", 2)
    graph.undo()
    graph.set("grade.gain", 3)
    assert not graph.redo()
    assert graph.get("grade.gain") == 3.0


def test_a_reset_left_over_value_comes_back() -> None:
    graph = Graph(CATALOG)
    graph.add("flow.group", name="group")
    graph.add("colour.grade", name="group/inner")
    graph.expose("group", "gain", "inner.gain")
    graph.set("group.gain", 2.0)
    graph.remove("group/inner")
    before = dumps(graph)
    graph.do(ResetParam("group", "gain"))
    assert dumps(graph) != before
    graph.undo()
    assert dumps(graph) == before
