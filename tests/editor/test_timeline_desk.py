"""The timeline's panel under the hand, without a window."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from nodegraph.editor.timeline_desk import TimelineDesk
from nodegraph.editor.timeline_pointing import hint, point
from nodegraph.editor.tracks import KeyId, TrackId
from nodegraph.editor.transport import Transport
from nodegraph.graph import Animation, Graph
from nodegraph.packs import registry

SIZE, GAIN = TrackId("blur", "size", 0), TrackId("grade", "gain", 1)


@pytest.fixture
def desk() -> TimelineDesk:
    graph = Graph(registry().catalog)
    graph.configure(first=1, last=100)
    graph.add("filter.blur", name="blur", params={"size": Animation([(10, 0.0), (30, 8.0), (50, 2.0)])})
    graph.add("colour.grade", name="grade")
    graph.set("grade.gain", (1.0, Animation([(10, 0.0), (80, 3.0)]), 1.0, 1.0))
    desk = TimelineDesk(graph, Transport(1, 100, Fraction(24)))
    desk.look(["blur", "grade"])
    desk.resize(1000, 300)
    return desk


def at(desk: TimelineDesk, frame: float, row: int | None = None) -> tuple[float, float]:
    """The place of a frame on the ruler, or on a row below."""
    x = desk.zones.gutter + desk.timeline.x.to_panel(frame)
    if row is None:
        return x, desk.zones.ruler.middle[1]
    return x, desk.zones.below.y0 + desk.dope.row(row).middle[1]


def test_it_shows_the_whole_document_and_keeps_doing_so(desk: TimelineDesk) -> None:
    for width, tab in ((1000, "timeline"), (600, "timeline"), (600, "curves")):
        desk.show(tab)  # type: ignore[arg-type]
        desk.resize(width, 300)
        low, high = desk.timeline.x.seen
        assert low < 1 and high > 100 and high - low < 115
    desk.transport.configure(1, 500, Fraction(24))
    desk.resize(600, 300)
    assert desk.timeline.x.seen[1] > 500


def test_a_chosen_zoom_survives_another_size(desk: TimelineDesk) -> None:
    desk.wheel(*at(desk, 20), 5)
    zoom = desk.timeline.x.zoom
    desk.resize(700, 300)
    assert desk.timeline.x.zoom == zoom


def test_the_wheel_keeps_the_frame_under_the_cursor(desk: TimelineDesk) -> None:
    before = at(desk, 33)
    desk.wheel(*before, 3)
    assert at(desk, 33) == pytest.approx(before)


def test_pressing_on_the_ruler_scrubs_and_so_does_the_lane(desk: TimelineDesk) -> None:
    desk.press(*at(desk, 40))
    assert desk.transport.frame == 40 and desk.held == "timeline"
    desk.drag(*at(desk, 60.4))
    assert desk.transport.frame == 60
    desk.release()
    desk.drag(*at(desk, 70))
    assert desk.transport.frame == 60 and not desk.held
    desk.press(at(desk, 22)[0], desk.zones.lane.middle[1])
    assert desk.transport.frame == 22


def test_escape_takes_a_scrub_back(desk: TimelineDesk) -> None:
    desk.press(*at(desk, 40))
    assert desk.perform("edit.cancel")
    assert desk.transport.frame == 1
    assert not desk.perform("edit.cancel")  # nothing is under way: it is somebody else's


def test_a_double_click_fits_and_leaves_the_playhead(desk: TimelineDesk) -> None:
    desk.transport.scrub(7)
    desk.wheel(*at(desk, 20), 8)
    place = at(desk, 21)
    for double in (False, True):
        desk.press(*place, double=double)
        desk.release()
    assert desk.transport.frame == 7
    assert desk.timeline.x.seen[0] < 1 and desk.timeline.x.seen[1] > 100
    desk.transport.set_in(20)
    desk.transport.set_out(30)
    desk.press(*at(desk, 25), double=True)
    assert 15 < desk.timeline.x.seen[0] < 20  # the whole is shown already: the range


def test_the_strip_drags_the_ends_and_scrubs_elsewhere(desk: TimelineDesk) -> None:
    y = desk.zones.range.middle[1]
    desk.press(at(desk, 100)[0] - 3, y)
    desk.drag(at(desk, 60)[0], y)
    desk.release()
    assert desk.transport.out_point == 60 and desk.transport.frame == 1
    desk.press(at(desk, 30)[0], y)
    assert desk.transport.frame == 30


def test_a_key_is_dragged_on_its_row_as_one_step(desk: TimelineDesk) -> None:
    desk.press(*at(desk, 30, 0))
    assert desk.keys.selection == [KeyId(SIZE, 30)]
    for frame in (32, 35, 38):
        desk.drag(*at(desk, frame, 0))
    desk.release()
    assert desk.keys.by_id[SIZE].frames == [10, 38, 50]
    desk.keys.document.undo()
    assert desk.keys.by_id[SIZE].frames == [10, 30, 50]


def test_escape_puts_a_dragged_key_back(desk: TimelineDesk) -> None:
    desk.press(*at(desk, 30, 0))
    desk.drag(*at(desk, 44, 0))
    assert desk.keys.by_id[SIZE].frames == [10, 44, 50]
    assert desk.perform("edit.cancel")
    assert desk.keys.by_id[SIZE].frames == [10, 30, 50] and not desk.held


def test_a_double_click_on_a_row_adds_a_key_on_the_curve(desk: TimelineDesk) -> None:
    value = desk.keys.by_id[SIZE].animation.at(20)
    desk.press(*at(desk, 20, 0), double=True)
    key = desk.keys.key(KeyId(SIZE, 20))
    assert key is not None and key.value == pytest.approx(value)


def test_a_name_chooses_the_keys_of_its_row(desk: TimelineDesk) -> None:
    y = at(desk, 0, 1)[1]
    desk.press(60, y)
    assert {id.track for id in desk.keys.selection} == {GAIN}
    desk.press(60, at(desk, 0, 0)[1], shift=True)
    assert len(desk.keys.selection) == 5
    desk.press(60, desk.zones.below.y1 - 1)
    assert desk.keys.selection == []


def test_a_name_s_colour_hides_its_curve(desk: TimelineDesk) -> None:
    desk.show("curves")
    desk.resize(1000, 300)
    place = 8, desk.zones.below.y0 + desk.dope.row(0).middle[1]
    desk.press(*place)
    assert [t.id for t in desk.curves.tracks] == [GAIN]
    desk.press(*place)
    assert len(desk.curves.tracks) == 2


def test_values_are_fitted_with_what_swings_beyond_the_keys(desk: TimelineDesk) -> None:
    desk.show("curves")
    desk.resize(1000, 300)
    low, high = desk.curves.y.seen
    track = desk.keys.by_id[SIZE]
    reached = max(track.animation.at(10 + k / 4) for k in range(160))
    assert high > reached >= 8 and low < 0
    desk.wheel(600, 200, 4, shift=True)  # values alone
    zoomed, seen = desk.curves.y.zoom, desk.timeline.x.seen
    assert zoomed > 0 and seen[0] < 1
    desk.resize(1000, 280)
    assert desk.curves.y.zoom == zoomed  # the hand's zoom stays
    desk.look(["grade"])
    desk.resize(1000, 280)
    assert desk.curves.y.seen[1] < 5  # other curves: theirs


def test_an_animation_that_never_moves_is_seen_in_the_middle(desk: TimelineDesk) -> None:
    desk.keys.document.set("blur.size", Animation([(5, 40.0), (9, 40.0)]))
    desk.look(["blur"])
    desk.show("curves")
    desk.resize(1000, 300)
    low, high = desk.curves.y.seen
    assert low < 40 < high and high - low < 100


def test_framing_shows_the_chosen_keys(desk: TimelineDesk) -> None:
    desk.keys.select([KeyId(SIZE, 30), KeyId(SIZE, 50)])
    assert desk.perform("timeline.frame")
    low, high = desk.timeline.x.seen
    assert 25 < low < 30 and 50 < high < 55
    desk.keys.nodes = []
    desk.perform("timeline.frame")
    assert desk.timeline.x.seen[0] < 1  # no keys: the document


def test_the_page_turns_with_the_playhead(desk: TimelineDesk) -> None:
    desk.wheel(*at(desk, 20), 10)
    high = desk.timeline.x.seen[1]
    desk.transport.scrub(math.ceil(high) + 1)
    desk.follow()
    low = desk.timeline.x.seen[0]
    assert low < desk.transport.frame < desk.timeline.x.seen[1]
    assert desk.transport.frame - low < (desk.timeline.x.seen[1] - low) * 0.2
    centre = desk.timeline.x.centre
    desk.timeline.x.pan(-5000)  # looked away: it stays there until the playhead goes on
    desk.follow()
    assert desk.timeline.x.centre != centre and not desk.timeline.x.seen[0] < desk.transport.frame


def test_actions(desk: TimelineDesk) -> None:
    t = desk.transport
    frames = []
    for action in ("step_forward", "jump_forward", "step_back", "jump_back", "last", "first"):
        assert desk.perform(f"timeline.{action}")
        frames.append(t.frame)
    assert frames == [2, 12, 11, 1, 100, 1]
    t.scrub(20)
    desk.perform("timeline.in")
    t.scrub(30)
    desk.perform("timeline.out")
    assert (t.in_point, t.out_point) == (20, 30)
    desk.perform("timeline.clear_range")
    assert not t.ranged
    desk.perform("timeline.loop")
    assert t.loop == "once"
    desk.perform("timeline.toggle")
    assert t.playing
    desk.perform("timeline.select_all")
    assert len(desk.keys.selection) == 5
    desk.perform("timeline.delete")
    assert desk.keys.tracks == []
    assert not desk.perform("timeline.play") and not desk.perform("graph.tidy")


def test_pointing_at_a_key_chooses_it_and_in_the_lane_its_frame(desk: TimelineDesk) -> None:
    found = point(desk, *at(desk, 30, 0))
    assert found.keys and found.track == SIZE and desk.keys.selection == [KeyId(SIZE, 30)]
    desk.keys.select_all()
    point(desk, *at(desk, 30, 0))
    assert len(desk.keys.selection) == 5  # one of the chosen: they stay
    found = point(desk, at(desk, 10)[0] + 2, desk.zones.lane.middle[1])
    assert found.keys and desk.keys.selection == [KeyId(SIZE, 10), KeyId(GAIN, 10)]
    found = point(desk, at(desk, 70)[0], desk.zones.lane.middle[1])
    assert not found.keys and found.frame == 70
    found = point(desk, *at(desk, 65, 1))
    assert (found.track, found.frame, found.keys) == (GAIN, 65, False)


def test_rows_scroll_on_their_names_as_far_as_there_are_some(desk: TimelineDesk) -> None:
    desk.wheel(20, 200, -3)
    assert desk.dope.scroll == 0  # all rows fit
    desk.resize(1000, 82)
    assert desk.zones.view == ""
    desk.show("dope")
    desk.resize(1000, 60)
    desk.wheel(20, 55, -3)
    assert desk.dope.scroll == pytest.approx(2 * 20 - (60 - desk.zones.below.y0))


def test_the_middle_button_pans(desk: TimelineDesk) -> None:
    centre = desk.timeline.x.centre
    for place in (at(desk, 40), at(desk, 40, 1)):
        desk.press(*place, middle=True)
        desk.drag(place[0] + 50, place[1])
        desk.release()
    assert desk.timeline.x.centre == pytest.approx(centre - 100 / desk.timeline.x.zoom)
    assert desk.transport.frame == 1 and desk.keys.selection == []


def test_what_is_said_beside_the_hand(desk: TimelineDesk) -> None:
    def said(place: tuple[float, float]) -> str | None:
        found = hint(desk, *place)
        return found.text if found is not None else None

    assert said(at(desk, 30)) == "30"
    assert said(at(desk, 1)) is None  # the playhead is there, and says so itself
    assert said(at(desk, 30, 0)) == "blur.size   30   8   smooth"
    assert said(at(desk, 35, 0)) is None
    y = desk.zones.range.middle[1]
    assert said((at(desk, 100)[0] - 3, y)) == "out 100" and said((at(desk, 50)[0], y)) is None
    desk.timeline.timecode = True
    assert said(at(desk, 49)) == "00:00:02:01"
    desk.timeline.timecode = False
    desk.press(*at(desk, 30, 0))
    assert said(at(desk, 30, 0)) is None  # not moved yet
    desk.drag(*at(desk, 34, 0))
    assert said(at(desk, 90, 0)) == "blur.size   34   8   smooth"
    desk.cancel()
    desk.show("curves")
    desk.resize(1000, 300)
    x, y = desk.curves.place(60, 2.0)
    assert said((x + desk.zones.gutter, y + desk.zones.below.y0)) == "blur.size   60   2"


def test_a_hint_on_a_key_marks_its_middle(desk: TimelineDesk) -> None:
    x, y = at(desk, 30, 0)
    found = hint(desk, x + 3, y + 2)
    assert found is not None and found.key is not None
    assert found.key == pytest.approx((x - desk.zones.gutter, y - desk.zones.below.y0))


def test_the_chosen_keys_are_known_by_track(desk: TimelineDesk) -> None:
    assert desk.chosen == {}
    desk.press(*at(desk, 30, 0))
    assert desk.chosen == {SIZE: {30}}
    desk.drag(*at(desk, 33, 0))
    assert desk.chosen == {SIZE: {33}}
    desk.release()
    desk.keys.document.undo()
    desk.perform("timeline.select_all")
    assert desk.chosen == {SIZE: {10, 30, 50}, GAIN: {10, 80}}
