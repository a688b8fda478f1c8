"""Where the timeline's parts lie, how its tracks are coloured, and what of its bar fits."""

from __future__ import annotations

from itertools import pairwise

import pytest

from nodegraph.editor.axis import Axis
from nodegraph.editor.shelf import APART, SECTIONS, Slot, arrange
from nodegraph.editor.timeline_zones import CACHE, LANE, RANGE, RULER, TABS, zones
from nodegraph.editor.tints import COMPONENTS, SCALARS, bunches, names, seen, tints
from nodegraph.editor.tracks import Track, TrackId
from nodegraph.graph import Animation, Param

TOP = RANGE + RULER + CACHE


def track(path: str, param: str, component: int = 0, kind: str = "float", length: int = 1) -> Track:
    declared = Param(param, kind, 0.0 if length == 1 else (0.0,) * length)  # type: ignore[arg-type]
    return Track(TrackId(path, param, component), declared, Animation([(1, 0.0)]))


def test_a_low_timeline_is_all_lane() -> None:
    z = zones(800, 66, "timeline", 5)
    assert (z.view, z.gutter) == ("", 0)
    assert (z.lane.y0, z.lane.y1) == (TOP, 66)
    assert [z.at(400, y) for y in (2, 12, TOP - 1, TOP + 1, 66)] == ["range", "ruler", "ruler", "lane", "lane"]


def test_a_high_timeline_shows_rows_when_there_are_tracks() -> None:
    z = zones(800, 260, "timeline", 5)
    assert z.view == "dope" and z.gutter > 100
    assert z.lane.y1 - z.lane.y0 == LANE and z.below.y1 == 260
    assert z.at(10, 200) == "names" and z.at(400, 200) == "below" and z.at(10, 12) == "outside"
    assert zones(800, 260, "timeline", 0).view == ""


def test_a_tab_asks_for_its_view_whatever_the_height() -> None:
    for tab in ("dope", "curves"):
        z = zones(800, 66, tab, 0)
        assert z.view == tab and z.lane.y1 == z.lane.y0
        assert z.at(400, TOP + 2) == "below"


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("height", [0, 5, 20, 40, 77, 300])
def test_zones_never_leave_the_panel(tab: str, height: float) -> None:
    z = zones(120, height, tab, 3)  # type: ignore[arg-type]
    assert z.gutter <= 0.3 * 120
    assert z.lane.y0 <= z.lane.y1 == z.below.y0 <= z.below.y1 == height
    assert z.at(-1, 0) == z.at(0, height + 1) == "outside"


def test_components_are_red_green_blue_and_numbers_differ() -> None:
    found = tints([track("grade", "gain", i, "colour", 4) for i in range(4)])
    assert list(found.values()) == list(COMPONENTS)
    several = [track("blur", f"p{i}") for i in range(len(SCALARS))]
    assert len(set(tints(several).values())) == len(SCALARS)
    assert len(tints([*several, track("more", "size")])) == len(SCALARS) + 1


def test_a_number_keeps_its_colour_when_another_is_animated_after_it() -> None:
    first, second = track("blur", "size"), track("mix", "mix")
    assert tints([first])[first.id] == tints([first, second])[first.id]


def test_rows_are_called_by_node_and_component() -> None:
    assert names(track("set/blur", "size")) == ("set/blur", "size")
    assert names(track("grade", "gain", 1, "colour", 4)) == ("grade", "gain.g")


def test_only_keys_that_are_seen_are_found_with_their_pixels() -> None:
    axis = Axis(pixels=100, centre=50, zoom=2)
    animation = Animation([(f, 0.0) for f in (10, 22, 25, 50, 75, 80)])
    keys, places = seen(Track(TrackId("a", "b", 0), Param("b", "float", 0.0), animation), axis)
    assert [key.frame for key in keys] == [22, 25, 50, 75]
    assert places == [axis.to_panel(key.frame) for key in keys]


def test_bunches() -> None:
    assert bunches([], 4) == []
    assert bunches([1, 2, 3, 10, 20, 23.9, 28], 4) == [(0, 2), (3, 3), (4, 5), (6, 6)]


SLOTS = [
    Slot("a", 50, 0),
    Slot("b", 60, 1, 2),
    Slot("c", 20, 1),
    Slot("d", 40, 2, 1, before=5),
    Slot("e", 30, 2, before=7),
]


def test_a_wide_bar_centres_its_middle_and_ends_at_its_edge() -> None:
    at = arrange(SLOTS, 600)
    assert at["a"] == 0
    assert at["b"] == (600 - 83) / 2 and at["c"] == at["b"] + 60 + APART
    assert at["e"] + 30 == 600 and at["d"] + 40 + APART + 7 == at["e"]


def test_a_narrow_bar_loses_the_least_needed_first() -> None:
    whole = 50 + 83 + 80 + 2 * SECTIONS
    assert set(arrange(SLOTS, whole)) == set("abcde")
    assert set(arrange(SLOTS, whole - 1)) == set("abce")
    assert set(arrange(SLOTS, 140)) == set("ace")
    assert set(arrange(SLOTS, 10)) == set("ace")  # what is needed stays, if it overflows


@pytest.mark.parametrize("width", [10, 120, 180, 245, 300, 900])
def test_items_of_a_bar_never_overlap(width: float) -> None:
    at = arrange(SLOTS, width)
    ends = sorted((at[s.name], at[s.name] + s.width) for s in SLOTS if s.name in at)
    assert all(a[1] <= b[0] for a, b in pairwise(ends))
