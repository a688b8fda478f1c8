"""Backdrops and notes: found, held, moved with what lies on them, and never a trouble when damaged."""

from __future__ import annotations

from typing import Any

import pytest

from nodegraph.editor.canvas import Canvas
from nodegraph.editor.decor import (
    BAR,
    COLOURS,
    CORNER,
    SMALLEST,
    Backdrop,
    Note,
    add_note,
    backdrop_around,
    backdrops,
    change_backdrop,
    change_note,
    inside,
    move_backdrop,
    notes,
    resize_backdrop,
)
from nodegraph.editor.geometry import Geometry, Rect
from nodegraph.errors import DocumentError
from nodegraph.graph import Graph, dumps, loads
from nodegraph.graph.groups import make_group
from nodegraph.packs import registry

CATALOG = registry().catalog


def graph() -> Graph:
    """Two reads beside each other, and a third far off."""
    made = Graph(CATALOG)
    for name, x in (("a", 0), ("b", 200), ("far", 2000)):
        made.add("capture.read", name=name, position=(x, 0))
    made.history.clear()
    return made


def only(graph: Graph) -> Backdrop:
    (found,) = backdrops(graph)
    return found


def named(graph: Graph, name: str) -> Rect:
    return next(b.rect for b in backdrops(graph) if b.name == name)


def contains(outer: Rect, inner: Rect) -> bool:
    return outer.union(inner) == outer


# -- where they are


def test_a_backdrop_lies_around_its_nodes_with_its_title_above_them() -> None:
    g = graph()
    name = backdrop_around(g, ["a", "b"], "Plates")
    boxes = Geometry(g).boxes
    held = only(g)
    assert (held.name, held.label) == (name, "Plates")
    assert contains(held.rect, boxes["a"].rect) and contains(held.rect, boxes["b"].rect)
    assert boxes["a"].rect.y0 > held.rect.y0 + BAR
    assert not held.rect.meets(boxes["far"].rect)


def test_a_backdrop_around_nothing_is_around_the_origin() -> None:
    g = Graph(CATALOG)
    backdrop_around(g, [])
    assert only(g).rect.has(0, 0)


def test_backdrops_have_names_and_colours_of_their_own() -> None:
    g = graph()
    names = [backdrop_around(g, ["a"]) for _ in range(len(COLOURS) + 1)]
    assert len(set(names)) == len(names)
    assert {b.colour for b in backdrops(g)} == set(COLOURS)


def test_small_backdrops_lie_on_large_ones() -> None:
    g = graph()
    small, large = backdrop_around(g, ["a"]), backdrop_around(g, ["a", "b"])
    assert [b.name for b in backdrops(g)] == [large, small]


@pytest.mark.parametrize(
    ("x", "y", "what"),
    [
        (1, 1, "bar"), (199, BAR - 1, "bar"), (100, BAR + 1, None), (200, 120, "corner"),
        (200 - CORNER + 1, 120 - CORNER + 1, "corner"), (200 - CORNER - 1, 119, None), (-1, 5, None), (50, 121, None),
    ],
)  # fmt: skip
def test_what_of_a_backdrop_lies_under_a_point(x: float, y: float, what: str | None) -> None:
    assert Backdrop("b", "", Rect(0, 0, 200, 120), COLOURS[0]).hit(x, y) == what


def test_a_note_is_as_large_as_its_text() -> None:
    one, wide = Note("n", "a note of some words", 10, 20).rect, Note("n", "a note of some more words", 10, 20).rect
    tall = Note("n", "a note of some words\nand a line", 10, 20).rect
    assert (one.x0, one.y0) == (10, 20)
    assert wide.x1 > one.x1 and wide.y1 == one.y1
    assert tall.x1 == one.x1 and tall.y1 > one.y1
    empty = Note("n", "", 0, 0).rect
    assert empty.x1 > 0 and empty.y1 > 0


# -- what lies on them


def test_only_what_lies_whole_on_a_backdrop_is_on_it() -> None:
    g = graph()
    g.set_backdrop("outer", x=-10, y=-50, width=300, height=200)
    g.set_backdrop("inner", x=0, y=-10, width=150, height=100)
    g.set_backdrop("beside", x=250, y=-10, width=150, height=100)
    on = add_note(g, "on", (10, 100))
    add_note(g, "half on", (270, 100))
    assert inside(g, "outer") == (["a"], [on], ["inner"])  # b ends at 332
    assert inside(g, "inner") == (["a"], [], [])


def test_a_backdrop_moves_with_what_lies_on_it_in_one_step() -> None:
    g = graph()
    inner = backdrop_around(g, ["a"])
    resize_backdrop(g, inner, (160, 90))
    outer = backdrop_around(g, ["a", "b"])
    change_backdrop(g, outer, label="outer")
    resize_backdrop(g, outer, (500, 300))
    move_backdrop(g, outer, -30, -30)
    note = add_note(g, "on", (300, 100))
    before = {name: named(g, name) for name in (inner, outer)}
    contents = inside(g, outer)
    assert (set(contents.nodes), contents.notes, contents.backdrops) == ({"a", "b"}, [note], [inner])
    g.history.clear()
    for _ in range(3):
        move_backdrop(g, outer, 10, -5, contents, merge="drag 1")
    assert (g.nodes["a"].position, g.nodes["b"].position, g.nodes["far"].position) == ((30, -15), (230, -15), (2000, 0))
    assert (notes(g)[0].x, notes(g)[0].y) == (330, 85)
    for name, rect in before.items():
        assert named(g, name) == Rect(rect.x0 + 30, rect.y0 - 15, rect.x1 + 30, rect.y1 - 15)
    assert g.undo()
    assert {name: named(g, name) for name in before} == before
    assert g.nodes["a"].position == (0, 0)
    assert not g.undo()


def test_a_backdrop_moves_alone() -> None:
    g = graph()
    name = backdrop_around(g, ["a"])
    before = only(g).rect
    move_backdrop(g, name, 100, 0)
    assert only(g).rect.x0 == before.x0 + 100
    assert g.nodes["a"].position == (0, 0)


def test_what_was_removed_while_it_was_carried_is_left_out() -> None:
    g = graph()
    name = backdrop_around(g, ["a", "b"])
    contents = inside(g, name)
    g.remove("a")
    move_backdrop(g, name, 10, 10, contents)
    assert g.nodes["b"].position == (210, 10)


# -- changing them


def test_a_corner_goes_where_the_hand_is_but_not_too_near() -> None:
    g = graph()
    name = backdrop_around(g, ["a"])
    rect = only(g).rect
    resize_backdrop(g, name, (900, 700), merge="drag 1")
    assert only(g).rect == Rect(rect.x0, rect.y0, 900, 700)
    resize_backdrop(g, name, (-5000, -5000), merge="drag 1")
    assert only(g).rect == Rect(rect.x0, rect.y0, rect.x0 + SMALLEST, rect.y0 + SMALLEST)
    g.undo()
    assert only(g).rect == rect


def test_a_title_and_a_colour_change_apart_and_come_back() -> None:
    g = graph()
    name = backdrop_around(g, ["a"], "old")
    rect, colour = only(g).rect, only(g).colour
    change_backdrop(g, name, label="")
    assert (only(g).label, only(g).colour) == ("", colour)
    for red in range(10, 14):
        change_backdrop(g, name, colour=(red, 0, 255), merge="picker")
    assert (only(g).label, only(g).colour, only(g).rect) == ("", (13, 0, 255), rect)
    g.undo()
    assert only(g).colour == colour
    g.undo()
    assert only(g).label == "old"


def test_notes_are_written_edited_and_moved() -> None:
    g = graph()
    first, second = add_note(g, "one", (1.26, 2)), add_note(g, "two", (3, 4))
    assert notes(g) == [Note(first, "one", 1.3, 2), Note(second, "two", 3, 4)]
    change_note(g, first, text="three\nfour")
    for x in (10, 20, 30):
        change_note(g, first, at=(x, 5), merge="drag 1")
    assert notes(g)[0] == Note(first, "three\nfour", 30, 5)
    g.undo()
    assert notes(g)[0] == Note(first, "three\nfour", 1.3, 2)


def test_they_are_kept_with_the_document() -> None:
    g = graph()
    backdrop_around(g, ["a", "b"], "Plates")
    add_note(g, "check the edge", (5, 6))
    again = loads(dumps(g), CATALOG)
    assert (backdrops(again), notes(again)) == (backdrops(g), notes(g))


def test_they_work_inside_a_group() -> None:
    g = graph()
    make_group(g, ["a", "b"], "plates")
    inner = g.inside("plates")
    name = backdrop_around(inner, ["a"])
    add_note(inner, "here", (0, 0))
    move_backdrop(inner, name, 5, 5, inside(inner, name))
    assert backdrops(g) == [] and notes(g) == []
    assert only(inner).name == name
    assert inner.nodes["a"].position == (5, 5)


def test_what_another_version_wrote_stays() -> None:
    g = graph()
    g.set_backdrop("b", label="x", x=0, y=0, width=100, height=100, locked=True)
    g.set_note("n", text="x", x=0, y=0, size=14)
    change_backdrop(g, "b", label="y")
    change_note(g, "n", text="y")
    assert (g.backdrops["b"]["locked"], g.notes["n"]["size"]) == (True, 14)


# -- damage


@pytest.mark.parametrize(
    "data",
    [{"x": "left"}, {"x": None}, {"width": [1]}, {"x": "inf"}, {"y": "nan"}, {"colour": ["red", 0, 0]}],
)
def test_a_damaged_backdrop_is_left_out(data: dict[str, Any]) -> None:
    g = graph()
    g.set_backdrop("bad", **data)
    g.set_note("fine", text="x", x=1, y=2)
    backdrop_around(g, ["a"])
    assert only(g).name != "bad"
    assert len(notes(g)) == 1


def test_a_backdrop_that_says_little_has_the_usual_size_and_colour() -> None:
    g = graph()
    g.set_backdrop("b")
    assert only(g) == Backdrop("b", "", Rect(0, 0, 200, 120), COLOURS[0])


def test_odd_sizes_and_colours_are_made_sense_of() -> None:
    g = graph()
    g.set_backdrop("b", x=100, y=100, width=-80, height=-60, colour=[4.0, -1, 0.5, 1.0])
    assert only(g) == Backdrop("b", "", Rect(20, 40, 100, 100), (255, 0, 128))


def test_a_damaged_note_is_left_out() -> None:
    g = graph()
    g.set_note("bad", text="x", x="left")
    g.set_note("fine", text="x")
    assert [n.name for n in notes(g)] == ["fine"]


def test_what_isnt_there_says_so() -> None:
    g = graph()
    for change in (
        lambda: change_backdrop(g, "gone", label="x"),
        lambda: move_backdrop(g, "gone", 1, 1),
        lambda: resize_backdrop(g, "gone", (1, 1)),
        lambda: inside(g, "gone"),
        lambda: change_note(g, "gone", text="x"),
    ):
        with pytest.raises(DocumentError, match="'gone'"):
            change()
    assert not g.undo()


# -- under the hand


def test_a_drag_with_ctrl_leaves_what_lies_on_a_backdrop() -> None:
    canvas = Canvas(graph())
    canvas.view.width, canvas.view.height = 800, 600
    backdrop_around(canvas.document, ["a"])
    rect = only(canvas.document).rect
    at = canvas.view.to_panel(rect.x0 + 20, rect.y0 + 10)
    canvas.press(*at, ctrl=True)
    canvas.drag(at[0] + 50, at[1])
    canvas.release(at[0] + 50, at[1])
    assert only(canvas.document).rect.x0 == rect.x0 + 50
    assert canvas.document.nodes["a"].position == (0, 0)


def test_escape_before_a_backdrop_moved_undoes_nothing() -> None:
    canvas = Canvas(graph())
    canvas.view.width, canvas.view.height = 800, 600
    backdrop_around(canvas.document, ["a"])
    rect = only(canvas.document).rect
    at = canvas.view.to_panel(rect.x0 + 20, rect.y0 + 10)
    canvas.press(*at)
    canvas.cancel()
    assert only(canvas.document).rect == rect
    canvas.press(*at)
    canvas.drag(at[0] + 50, at[1])
    canvas.cancel()
    assert only(canvas.document).rect == rect
