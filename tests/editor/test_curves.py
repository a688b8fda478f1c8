"""The curve editor, the dope sheet and curve fields by panel pixels, as a person uses them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from nodegraph.editor.axis import Axis
from nodegraph.editor.curvefield import CurveField
from nodegraph.editor.curves import CurveEditor
from nodegraph.editor.dope import ROW, DopeSheet
from nodegraph.editor.geometry import Point
from nodegraph.editor.keyframes import Keyframes
from nodegraph.editor.tracks import KeyId, TrackId
from nodegraph.graph import Animation, Graph, Key, curve_value
from nodegraph.packs import registry

CATALOG = {id: kind.schema for id, kind in registry().items()}
SIZE, Y = TrackId("blur", "size", 0), TrackId("move", "translate", 1)


def document() -> Graph:
    graph = Graph(CATALOG)
    graph.add("filter.blur", name="blur")
    graph.add("transform.transform", name="move")
    graph.set("blur.size", Animation([Key(1, 10.0), Key(5, 20.0), Key(9, 30.0)]))
    graph.set("move.translate.y", Animation([Key(1, 0.0, "linear"), Key(11, 100.0, "hold"), Key(15, 50.0)]))
    graph.history.clear()
    return graph


@pytest.fixture
def panel() -> CurveEditor:
    editor = CurveEditor(Keyframes(document()))
    editor.resize(800, 400)
    editor.fit()
    return editor


@pytest.fixture
def dope() -> DopeSheet:
    sheet = DopeSheet(Keyframes(document()), Axis(800, 8.0, 40.0))
    sheet.resize(800, 100)
    return sheet


def steps(graph: Graph) -> int:
    count = 0
    while graph.undo():
        count += 1
    return count


def size(editor: CurveEditor | DopeSheet) -> dict[float, float]:
    return {k.frame: k.value for k in editor.keys.by_id[SIZE].animation.keys}


def hand(editor: CurveEditor, *places: Point, **keys: bool) -> None:
    editor.press(*places[0], **keys)
    for place in places[1:]:
        editor.drag(*place)
    editor.release()


# -- the curve editor


def test_fit_shows_all_keys_or_the_chosen_ones(panel: CurveEditor) -> None:
    assert panel.place(1, 0) == pytest.approx((40, 360))
    assert panel.place(15, 100) == pytest.approx((760, 40))
    panel.keys.select_all(SIZE)
    panel.fit()
    assert panel.place(9, 30) == pytest.approx((760, 40))
    panel.keys.select([])
    panel.hidden = {SIZE, Y}
    panel.fit((1, 50))
    assert panel.place(50, 1) == pytest.approx((760, 40))


def test_keys_are_chosen_by_press_shift_and_box(panel: CurveEditor) -> None:
    at = panel.place(5, 20)
    hand(panel, at)
    assert panel.keys.selection == [KeyId(SIZE, 5)]
    hand(panel, panel.place(9, 30), shift=True)
    assert [k.frame for k in panel.keys.selection] == [5, 9]
    hand(panel, at, shift=True)
    assert [k.frame for k in panel.keys.selection] == [9]
    hand(panel, (1, 1), (200, 399))
    assert {(k.track, k.frame) for k in panel.keys.selection} == {(SIZE, 1), (Y, 1)}
    hand(panel, (1, 1))
    assert panel.keys.selection == []
    assert steps(panel.keys.document) == 0


def test_hidden_tracks_arent_under_the_hand(panel: CurveEditor) -> None:
    panel.hidden.add(SIZE)
    hand(panel, panel.place(5, 20))
    assert panel.keys.selection == []


def test_keys_are_dragged_in_time_and_value_as_one_step(panel: CurveEditor) -> None:
    x, y = panel.place(5, 20)
    hand(panel, (x, y), (x + 1, y + 1))
    assert steps(panel.keys.document) == 0  # a shaking hand isn't a drag
    hand(panel, (x, y), (x + 20, y - 20), panel.place(7.2, 40))
    assert size(panel) == pytest.approx({1: 10, 7: 40, 9: 30})
    assert steps(panel.keys.document) == 1


def test_a_straight_drag_keeps_the_value(panel: CurveEditor) -> None:
    x, y = panel.place(5, 20)
    panel.press(x, y)
    panel.drag(x + 120, y + 30, straight=True)
    panel.release()
    assert set(size(panel).values()) == {10, 20, 30}
    assert size(panel).keys() != {1, 5, 9}


def test_escape_takes_a_drag_back(panel: CurveEditor) -> None:
    panel.press(*panel.place(5, 20))
    panel.drag(*panel.place(7, 40))
    panel.cancel()
    assert size(panel) == {1: 10, 5: 20, 9: 30}


def test_ctrl_on_a_curve_puts_a_key_there(panel: CurveEditor) -> None:
    before = panel.keys.by_id[SIZE].animation
    hand(panel, panel.place(3, before.at(3)), ctrl=True)
    assert size(panel)[3] == pytest.approx(before.at(3))
    hand(panel, (400, 5), ctrl=True)
    assert len(size(panel)) == 4  # there is no curve


def test_tangents_are_found_and_turned(panel: CurveEditor) -> None:
    panel.keys.select([KeyId(SIZE, 5)])
    into, out = panel.handles()
    assert (into.out, out.out) == (False, True)
    assert panel.tangent_at(out.x + 2, out.y) == out
    x, y = panel.place(5, 20)
    hand(panel, (out.x, out.y), (x + 60, y), (x + 60, y - 60))
    key = panel.keys.key(KeyId(SIZE, 5))
    assert key is not None
    assert key.slope_out == key.slope_in == pytest.approx(panel.x.zoom / panel.y.zoom)
    assert steps(panel.keys.document) == 1


def test_a_tangent_never_turns_over(panel: CurveEditor) -> None:
    panel.keys.select([KeyId(SIZE, 5)])
    out = panel.handles()[1]
    x, y = panel.place(5, 20)
    hand(panel, (out.x, out.y), (x - 100, y - 50))
    key = panel.keys.key(KeyId(SIZE, 5))
    assert key is not None
    assert key.slope_out is not None
    assert key.slope_out > 0


def test_only_tangents_that_count_have_handles(panel: CurveEditor) -> None:
    panel.keys.select_all(Y)  # linear, hold, last
    assert panel.handles() == []
    panel.keys.select_all(SIZE)
    assert [(h.key.frame, h.out) for h in panel.handles()] == [(1, True), (5, False), (5, True), (9, False)]
    assert panel.tangent_at(2, 2) is None


def test_polylines_follow_the_curve(panel: CurveEditor) -> None:
    track = panel.keys.by_id[SIZE]
    points = panel.polyline(track)
    assert points[0][0] == pytest.approx(0)
    assert points[-1][0] == pytest.approx(800)
    assert all(a[0] <= b[0] for a, b in pairwise(points))
    for x, y in points:
        assert panel.y.to_value(y) == pytest.approx(track.animation.at(panel.x.to_value(x)))
    first, last = panel.place(1, 10)[0], panel.place(9, 30)[0]
    bent = [x for x, _ in points if first <= x <= last]
    assert max(b - a for a, b in pairwise(bent)) <= 2.001


def test_polylines_of_lines_and_holds_have_corners_alone(panel: CurveEditor) -> None:
    points = panel.polyline(panel.keys.by_id[Y])
    corners = [panel.place(11, 100), panel.place(15, 100), panel.place(15, 50)]
    assert len(points) < 10
    for corner in corners:
        assert any(p == pytest.approx(corner) for p in points)


def test_polylines_when_all_keys_are_outside(panel: CurveEditor) -> None:
    panel.x.fit(6, 7)
    track = panel.keys.by_id[SIZE]
    points = panel.polyline(track)
    assert len(points) > 100
    assert all(
        panel.y.to_value(y) == pytest.approx(track.animation.at(panel.x.to_value(x)), abs=1e-6) for x, y in points
    )
    panel.x.fit(100, 200)
    assert {round(panel.y.to_value(y), 6) for _, y in panel.polyline(track)} == {30.0}


def test_pan_and_wheel(panel: CurveEditor) -> None:
    frame, value = panel.x.to_value(300), panel.y.to_value(100)
    hand(panel, (300, 100), (350, 160), middle=True)
    assert panel.place(frame, value) == pytest.approx((350, 160))
    zoom = panel.y.zoom
    panel.wheel(350, 160, 2.0, y=False)
    assert panel.place(frame, value) == pytest.approx((350, 160))
    assert panel.y.zoom == zoom


# -- the dope sheet


def test_rows_and_keys_of_the_dope_sheet(dope: DopeSheet) -> None:
    x = dope.x.to_panel(5)
    assert dope.key_at(x + 3, ROW / 2) == KeyId(SIZE, 5)
    assert dope.key_at(x + 3, ROW * 1.5) is None  # translate has none there
    assert dope.key_at(x, ROW * 5) is None
    assert dope.track_at(ROW * 1.5) == dope.keys.tracks[1]
    assert dope.track_at(-1) is None


def test_dragging_in_the_dope_sheet_moves_in_time_alone(dope: DopeSheet) -> None:
    x = dope.x.to_panel(5)
    dope.press(x, 10)
    dope.drag(x + 30, 50)
    dope.drag(x + 75, 90)
    dope.release()
    assert size(dope) == {1: 10, 7: 20, 9: 30}
    assert steps(dope.keys.document) == 1


def test_a_box_in_the_dope_sheet(dope: DopeSheet) -> None:
    dope.press(dope.x.to_panel(4), 35)
    dope.drag(dope.x.to_panel(12), 5)
    dope.release()
    assert [(k.track, k.frame) for k in dope.keys.selection] == [(SIZE, 5), (SIZE, 9), (Y, 11)]
    dope.press(dope.x.to_panel(5), 10, shift=True)
    dope.release()
    assert [k.frame for k in dope.keys.selection] == [9, 11]
    dope.fit((1, 2))
    assert dope.x.to_panel(9) == pytest.approx(40)


def test_the_dope_sheet_scrolls_as_far_as_there_are_rows(dope: DopeSheet) -> None:
    dope.scroll_by(500)
    assert dope.scroll == 0
    dope.resize(800, ROW)
    dope.scroll_by(500)
    assert dope.scroll == ROW
    assert dope.track_at(5) == dope.keys.tracks[1]
    dope.press(10, 5, middle=True)
    dope.drag(10, 15)
    dope.release()
    assert dope.scroll == ROW - 10


# -- curve fields


@pytest.fixture
def curve() -> CurveField:
    graph = Graph(CATALOG)
    graph.add("colour.curves", name="curves")
    graph.history.clear()
    made = CurveField(graph, "curves", "master")
    made.resize(240, 240)
    return made


def test_a_point_is_added_found_moved_and_removed(curve: CurveField) -> None:
    assert curve.add(0.5) == 1
    assert curve.points[1] == pytest.approx((0.5, 0.5))
    assert curve.point_at(*curve.place((0.5, 0.5))) == 1
    assert curve.point_at(120, 40) is None
    for y in (0.6, 0.7, 0.8):
        curve.move(1, 0.4, y)
    curve.settle()
    assert curve.points[1] == (0.4, 0.8)
    curve.remove(1)
    assert len(curve.points) == 2
    assert steps(curve.document) == 3


def test_points_dont_pass_each_other(curve: CurveField) -> None:
    curve.add(0.5, 0.7)
    curve.move(1, 2.0, 0.9)
    assert curve.points[1][0] < 1.0
    assert curve.points[1][1] == 0.9
    curve.move(0, 5.0, 0.0)
    assert [p[0] for p in curve.points] == sorted(p[0] for p in curve.points)
    assert curve.notice == ""
    assert curve.add(curve.points[1][0]) == 1  # there is one already
    assert len(curve.points) == 3


def test_slopes_of_points(curve: CurveField) -> None:
    curve.add(0.5)
    curve.turn(1, 0.0, 2.0)
    assert curve.points[1] == pytest.approx((0.5, 0.5, 0.0, 2.0))
    curve.move(1, 0.6, 0.5)
    assert curve.points[1] == pytest.approx((0.6, 0.5, 0.0, 2.0))
    curve.turn(1, None, None)
    assert len(curve.points[1]) == 2


def test_what_a_curve_refuses(curve: CurveField) -> None:
    curve.remove(0)
    assert "two points" in curve.notice
    curve.move(7, 0.5, 0.5)
    assert "no point 7" in curve.notice
    curve.move(0, 0.0, float("nan"))
    assert curve.notice
    assert curve.points == [(0.0, 0.0), (1.0, 1.0)]
    assert steps(curve.document) == 0


def test_samples_are_what_the_node_uses(curve: CurveField) -> None:
    curve.add(0.3, 0.6)
    for x, y in curve.sample(64):
        assert y == pytest.approx(curve_value(curve.points, x), abs=1e-6)
    curve.reset()
    assert curve.points == [(0.0, 0.0), (1.0, 1.0)]
