"""Playback with a clock that is told, and the timeline by panel pixels."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest

from nodegraph.editor.timeline import Timeline, runs, timecode_of
from nodegraph.editor.transport import LoopMode, Transport


@pytest.fixture
def transport() -> Transport:
    return Transport(1, 10, Fraction(24))


def play(transport: Transport, frames: int, start: float = 100.0) -> list[int]:
    """The frames seen at so many frames' times after the first look, all shown at once."""
    seen = []
    transport.advance(start)
    for k in range(1, frames + 1):
        now = start + (k + 0.01) / 24
        frame = transport.advance(now)
        if frame is not None:
            transport.shown(frame, now)
            seen.append(frame)
    return seen


# -- the range


def test_scrubbing_stays_in_the_document(transport: Transport) -> None:
    for frame, got in ((5, 5), (5.6, 6), (-3, 1), (99, 10)):
        transport.scrub(frame)
        assert transport.frame == got


def test_in_and_out_points(transport: Transport) -> None:
    assert (transport.in_point, transport.out_point, transport.ranged) == (1, 10, False)
    transport.set_in(4)
    transport.scrub(7)
    transport.set_out()
    assert (transport.in_point, transport.out_point, transport.ranged) == (4, 7, True)
    transport.set_in(9)  # the out point before it goes
    assert (transport.in_point, transport.out_point) == (9, 10)
    transport.set_out(2)
    assert (transport.in_point, transport.out_point) == (1, 2)
    transport.clear_range()
    assert not transport.ranged


def test_a_document_that_becomes_shorter(transport: Transport) -> None:
    transport.set_in(3)
    transport.set_out(9)
    transport.scrub(9)
    transport.configure(2, 6, Fraction(25))
    assert (transport.frame, transport.in_point, transport.out_point, transport.rate) == (6, 3, 6, 25)
    transport.configure(5, 2, Fraction(25))  # ends before it begins
    assert transport.frame == 5
    transport.play()
    assert play(transport, 3) == []


def test_jumps(transport: Transport) -> None:
    transport.set_in(3)
    transport.to_first()
    assert transport.frame == 3
    transport.to_first()
    assert transport.frame == 1
    transport.to_last()
    assert transport.frame == 10
    keys = [2, 5.5, 8]
    assert [(transport.jump(keys, forward=False), transport.frame) for _ in range(4)] == [
        (True, 8),
        (True, 6),
        (True, 2),
        (False, 2),
    ]
    assert transport.jump(keys, forward=True)
    assert transport.frame == 6


def test_steps_stop_playback(transport: Transport) -> None:
    transport.play()
    transport.step(3)
    transport.step(-1)
    assert (transport.frame, transport.playing) == (3, False)


# -- playing


@pytest.mark.parametrize(
    ("mode", "frames"),
    [
        ("loop", [9, 10, 1, 2, 3]),
        ("once", [9, 10]),
        ("bounce", [9, 10, 9, 8, 7]),
    ],
)
def test_what_comes_after_the_end(transport: Transport, mode: LoopMode, frames: list[int]) -> None:
    transport.loop = mode
    transport.scrub(8)
    transport.play()
    assert play(transport, 5) == frames
    assert transport.playing == (mode != "once")


@pytest.mark.parametrize(("mode", "frames"), [("loop", [1, 10, 9]), ("once", [1]), ("bounce", [1, 2, 3])])
def test_backwards(transport: Transport, mode: LoopMode, frames: list[int]) -> None:
    transport.loop = mode
    transport.scrub(2)
    transport.play(-1)
    assert play(transport, 3) == frames


def test_playing_once_again_begins_anew(transport: Transport) -> None:
    transport.loop = "once"
    transport.scrub(10)
    transport.play()
    assert transport.frame == 1
    transport.stop()
    transport.play(-1)
    assert transport.frame == 10


def test_only_the_range_is_played_and_entered_from_outside(transport: Transport) -> None:
    transport.set_in(4)
    transport.set_out(6)
    transport.play()
    assert play(transport, 5) == [4, 5, 6, 4, 5]
    transport.scrub(9)
    transport.play()
    assert play(transport, 2, 200.0) == [4, 5]
    transport.scrub(9)
    transport.play(-1)
    assert play(transport, 2, 300.0) == [6, 5]
    transport.loop = "bounce"
    transport.scrub(9)
    transport.play()
    assert play(transport, 3, 400.0) == [6, 5, 4]


def test_nothing_is_asked_between_frames_or_when_stopped(transport: Transport) -> None:
    assert transport.advance(1.0) is None
    transport.play()
    assert transport.advance(1.0) is None  # the clock starts here
    assert transport.advance(1.0 + 0.9 / 24) is None
    assert transport.advance(1.0 + 1.1 / 24) == 2
    assert transport.advance(1.0 + 1.2 / 24) is None
    transport.toggle()
    assert transport.advance(9.0) is None
    transport.toggle(-1)
    assert (transport.playing, transport.direction) == (True, -1)


def test_j_k_and_l(transport: Transport) -> None:
    speeds = []
    for _ in range(5):
        transport.key_l()
        speeds.append(transport.speed)
    assert speeds == [1, 2, 4, 8, 8]
    transport.key_j()
    assert (transport.direction, transport.speed) == (-1, 1)
    transport.key_j()
    assert transport.speed == 2
    transport.key_k()
    assert (transport.playing, transport.speed) == (False, 1)
    transport.scrub(5)
    transport.key_l(k_held=True)
    assert (transport.frame, transport.playing) == (6, False)
    transport.key_j(k_held=True)
    assert transport.frame == 5


def test_twice_as_fast_is_twice_the_frames() -> None:
    transport = Transport(1, 1000, Fraction(24))
    transport.play(speed=2)
    transport.advance(0.0)
    for k in range(1, 101):
        transport.advance(k / 100)
    assert transport.frame == pytest.approx(49, abs=1)


def test_the_loop_modes_take_turns(transport: Transport) -> None:
    seen = [transport.loop]
    for _ in range(3):
        transport.next_loop()
        seen.append(transport.loop)
    assert seen == ["loop", "once", "bounce", "loop"]


# -- real time and every frame


def test_real_time_keeps_up_with_the_clock_and_counts_what_it_left_out() -> None:
    transport = Transport(1, 1000, Fraction(24))
    transport.play()
    transport.advance(0.0)
    transport.shown(1, 0.0)
    for k in range(1, 11):  # the panel looks ten times a second
        now = k / 10 + 0.001
        frame = transport.advance(now)
        assert frame is not None
        transport.shown(frame, now)
    assert transport.frame == 25
    assert transport.dropped == 24 - 10
    transport.stop()
    transport.play()
    assert transport.dropped == 0


def test_frames_that_come_late_arent_dropped(transport: Transport) -> None:
    transport.play()
    transport.advance(0.0)
    transport.shown(1, 0.0)
    for k in range(1, 5):  # each is shown when the next is already wanted
        transport.advance((k + 0.01) / 24)
        if k > 1:
            transport.shown(k, (k + 0.5) / 24)
    assert transport.dropped == 0
    transport.advance(6.01 / 24)  # 6 and 7 are wanted, 5 and 6 never come
    transport.shown(7, 6.5 / 24)
    assert transport.dropped == 2


def test_a_long_sleep_isnt_made_up_for(transport: Transport) -> None:
    transport.play()
    transport.advance(0.0)
    transport.advance(1.1 / 24)
    assert transport.advance(3600.0) is None
    assert transport.frame == 2
    assert transport.advance(3600.0 + 1.1 / 24) == 3
    assert transport.dropped == 0


def test_every_frame_waits_for_the_picture(transport: Transport) -> None:
    transport.pace = "every frame"
    transport.shown(1, 0.0)  # it was looked at before playing
    transport.play()
    transport.advance(0.0)
    assert transport.advance(1.1 / 24) == 2
    assert transport.advance(1.0) is None
    transport.shown(1, 1.0)  # an old one doesn't count
    assert transport.advance(1.1) is None
    transport.shown(2, 1.2)
    assert transport.advance(1.2) == 3
    transport.shown(3, 1.21)
    assert transport.advance(1.21) is None  # and no faster than the rate
    transport.failed(7)
    assert transport.advance(1.2 + 1.1 / 24) == 4
    transport.failed(4)
    assert transport.advance(1.2 + 2.2 / 24) == 5
    assert transport.dropped == 0


def test_every_frame_waits_for_the_first_one_too(transport: Transport) -> None:
    transport.pace = "every frame"
    transport.play()
    transport.advance(0.0)
    assert transport.advance(0.5) is None
    transport.shown(1, 0.6)
    assert transport.advance(0.6) == 2


def test_every_frame_keeps_the_rate_when_the_panel_looks_unevenly() -> None:
    transport = Transport(1, 1000, Fraction(24))
    transport.pace = "every frame"
    transport.shown(1, 0.0)
    transport.play()
    transport.advance(0.0)
    for k in range(1, 601):  # sixty looks a second, ten seconds
        frame = transport.advance(k / 60)
        if frame is not None:
            transport.shown(frame, k / 60)
    assert transport.frame == pytest.approx(241, abs=1)


def test_the_measured_rate_is_of_frames_on_screen() -> None:
    transport = Transport(1, 1000, Fraction(24))
    assert transport.fps(0.0) == 0.0
    for k in range(60):
        transport.shown(k // 2, k / 24)  # every one twice
    assert transport.fps(59 / 24) == pytest.approx(12, rel=0.05)
    assert transport.fps(59 / 24 + 0.5) < 9  # it has come to a halt
    assert transport.fps(99.0) == 0.0


# -- the timeline


@pytest.fixture
def timeline() -> Timeline:
    made = Timeline(Transport(1, 101, Fraction(24)))
    made.resize(1040)
    made.fit()
    return made


def test_frames_and_pixels(timeline: Timeline) -> None:
    assert timeline.x.to_panel(1) == 20
    assert timeline.x.to_panel(101) == 1020
    assert timeline.frame_at(24) == 1
    assert timeline.frame_at(26) == 2
    assert (timeline.frame_at(-500), timeline.frame_at(5000)) == (1, 101)
    timeline.transport.set_in(41)
    timeline.transport.set_out(61)
    timeline.fit(ranged=True)
    assert (timeline.frame_at(20), timeline.frame_at(1020)) == (41, 61)


def test_marks_are_on_frames_with_labels_apart(timeline: Timeline) -> None:
    marks = timeline.marks()
    assert [m.label for m in marks if m.label][:3] == ["0", "10", "20"]
    assert [m.frame for m in marks] == list(range(-1, 104))
    timeline.x.zoom = 0.05
    labels = [m.x for m in timeline.marks() if m.label]
    assert min(b - a for a, b in pairwise(labels)) >= 60


@pytest.mark.parametrize("zoom", [0.001, 0.02, 0.5, 3.0, 10.0, 60.0])
@pytest.mark.parametrize("rate", [Fraction(24), Fraction(30000, 1001), Fraction(1)])
def test_marks_of_timecode(timeline: Timeline, zoom: float, rate: Fraction) -> None:
    timeline.timecode, timeline.x.zoom, timeline.transport.rate = True, zoom, rate
    marks = timeline.marks()
    labels = [m for m in marks if m.label]
    assert all(m.label == timecode_of(m.frame, rate) for m in labels)
    assert all(b.x - a.x >= 110 - 1e-6 for a, b in pairwise(labels)) or labels[1].frame - labels[0].frame >= 86400
    assert all(b.x - a.x >= 6 - 1e-6 for a, b in pairwise(marks))


def test_timecode_marks_are_on_seconds(timeline: Timeline) -> None:
    timeline.timecode = True
    assert {m.frame % 12 for m in timeline.marks() if m.label} == {0}


def test_pressing_scrubs(timeline: Timeline) -> None:
    timeline.press(220)
    assert timeline.transport.frame == 21
    timeline.drag(326)
    assert timeline.transport.frame == 32
    timeline.release()
    timeline.drag(500)
    assert timeline.transport.frame == 32


def test_the_ends_are_dragged_and_stop_at_each_other(timeline: Timeline) -> None:
    timeline.press(22, ends=True)
    timeline.drag(220)
    assert timeline.transport.in_point == 21
    timeline.release()
    timeline.press(1018, ends=True)
    timeline.drag(30)
    assert (timeline.transport.in_point, timeline.transport.out_point) == (21, 21)
    timeline.release()
    timeline.press(600, ends=True)  # there is none
    timeline.drag(700)
    assert timeline.grip is None
    assert timeline.transport.frame == 1


def test_what_is_under_the_hand(timeline: Timeline) -> None:
    timeline.transport.scrub(50)
    timeline.transport.set_out(51)
    assert timeline.grip_at(20) == "in"
    assert timeline.grip_at(timeline.x.to_panel(50) + 5) == "playhead"  # before the end that is as near
    timeline.transport.scrub(60)
    assert timeline.grip_at(timeline.x.to_panel(51)) == "out"
    assert timeline.grip_at(700) is None


def test_panning(timeline: Timeline) -> None:
    timeline.press(500, middle=True)
    timeline.drag(600)
    timeline.release()
    assert timeline.x.to_panel(1) == pytest.approx(120)
    assert timeline.transport.frame == 1


def test_runs() -> None:
    assert runs([]) == []
    assert runs([5]) == [(5, 5)]
    assert runs([9, 1, 2, 3, 7, 8, 2]) == [(1, 3), (7, 9)]


@pytest.mark.parametrize(
    ("frame", "rate", "text"),
    [
        (0, Fraction(24), "00:00:00:00"),
        (1001, Fraction(24), "00:00:41:17"),
        (90000, Fraction(25), "01:00:00:00"),
        (1800, Fraction(30000, 1001), "00:01:00;02"),  # drop-frame leaves two numbers out
        (1440, Fraction(24000, 1001), "00:01:00:00"),
        (-24, Fraction(24), "-00:00:01:00"),
        (25, Fraction(25, 2), "00:00:02.000"),
        (1, Fraction(1, 2), "00:00:02.000"),
    ],
)
def test_timecode(frame: int, rate: Fraction, text: str) -> None:
    assert timecode_of(frame, rate) == text
