"""Axes: pixels and numbers, zoom, ticks."""

from __future__ import annotations

from itertools import pairwise

import pytest

from nodegraph.editor.axis import Axis, Tick, nice_step, ticks


@pytest.mark.parametrize("up", [False, True])
def test_pixels_and_numbers_are_inverse(up: bool) -> None:
    axis = Axis(800, 50.0, 4.0, up)
    assert axis.to_panel(50.0) == 400
    assert (axis.to_panel(51.0) < 400) == up
    for value in (-3.0, 0.5, 120.0):
        assert axis.to_value(axis.to_panel(value)) == pytest.approx(value)
    low, high = axis.seen
    assert {axis.to_panel(low), axis.to_panel(high)} == {0, 800}


@pytest.mark.parametrize("up", [False, True])
def test_pan_and_zoom_hold_what_is_under_the_hand(up: bool) -> None:
    axis = Axis(800, 50.0, 4.0, up)
    under = axis.to_value(130)
    axis.pan(25)
    assert axis.to_value(155) == pytest.approx(under)
    axis.zoom_at(155, 3.0)
    assert axis.to_value(155) == pytest.approx(under)
    assert axis.zoom == 12.0
    axis.zoom_at(155, 1e30)
    assert axis.zoom == axis.largest


def test_fit_shows_a_range_and_centres_a_number() -> None:
    axis = Axis(840)
    axis.fit(1, 101)
    assert (axis.to_panel(1), axis.to_panel(101)) == (20, 820)
    axis.fit(7, 7)
    assert axis.to_panel(7) == 420
    assert axis.zoom == 8.0


def test_ticks_on_whole_frames() -> None:
    axis = Axis(800, 50.0, 8.0)  # frames 0 to 100
    found = ticks(axis, whole=True)
    assert found[0] == Tick(0.0, True)
    assert len(found) == 101
    assert [t.value for t in found if t.major] == [float(v) for v in range(0, 101, 10)]
    axis.zoom = 500.0  # between two frames nothing is marked
    assert all(t.value == int(t.value) for t in ticks(axis, whole=True))


@pytest.mark.parametrize("zoom", [0.001, 0.013, 0.4, 3.0, 8.1, 77.0, 1234.0])
def test_ticks_are_apart_and_their_labels_too(zoom: float) -> None:
    axis = Axis(1000, 123.4, zoom)
    found = ticks(axis)
    places = [axis.to_panel(t.value) for t in found]
    assert min(b - a for a, b in pairwise(places)) >= 8 - 1e-6
    majors = [axis.to_panel(t.value) for t in found if t.major]
    assert len(majors) >= 3
    assert min(b - a for a, b in pairwise(majors)) >= 60 - 1e-6
    assert 0 <= places[0] <= places[-1] <= 1000


def test_nice_steps() -> None:
    assert [nice_step(v) for v in (0.9, 1.0, 1.1, 3.0, 6.0)] == [1.0, 1.0, 2.0, 5.0, 10.0]
    assert nice_step(0.03) == pytest.approx(0.05)
    assert nice_step(0.03, 1.0) == 1.0
