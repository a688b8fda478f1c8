"""Keys of animated parameters: choosing, dragging, tangents, copies."""

from __future__ import annotations

import json

import pytest

from nodegraph.editor.keyframes import Keyframes
from nodegraph.editor.tracks import KeyId, TrackId
from nodegraph.graph import Animation, Graph, Key
from nodegraph.graph.groups import make_group
from nodegraph.packs import registry

CATALOG = {id: kind.schema for id, kind in registry().items()}
SIZE, X, Y = TrackId("blur", "size", 0), TrackId("move", "translate", 0), TrackId("move", "translate", 1)


@pytest.fixture
def keys() -> Keyframes:
    """blur.size with keys on 1, 5 and 9, move.translate.y on 1 and 11, its x a constant."""
    graph = Graph(CATALOG)
    graph.add("filter.blur", name="blur")
    graph.add("transform.transform", name="move")
    graph.set("blur.size", Animation([Key(1, 10.0), Key(5, 20.0), Key(9, 30.0)]))
    graph.set("move.translate.y", Animation([Key(1, 0.0, "linear"), Key(11, 100.0)]))
    graph.history.clear()
    return Keyframes(graph)


def frames(keys: Keyframes, track: TrackId) -> dict[float, float]:
    """A track's values by frame."""
    return {key.frame: key.value for key in keys.by_id[track].animation.keys}


def choose(keys: Keyframes, track: TrackId, *at: float) -> None:
    keys.select(KeyId(track, frame) for frame in at)


def steps(keys: Keyframes) -> int:
    count = 0
    while keys.document.undo():
        count += 1
    return count


def test_tracks_are_the_animated_components(keys: Keyframes) -> None:
    assert [(t.label, t.id) for t in keys.tracks] == [("blur.size", SIZE), ("move.translate.y", Y)]
    assert Keyframes(keys.document, ["move"]).tracks == keys.tracks[1:]
    assert Keyframes(keys.document, ["nobody"]).tracks == []
    make_group(keys.document, ["blur"], "soft")
    assert {t.label for t in keys.tracks} == {"soft/blur.size", "move.translate.y"}


def test_a_fourth_component_has_a_name(keys: Keyframes) -> None:
    keys.document.add("colour.grade", name="grade")
    keys.document.key("grade.gain", 1, (1, 1, 1, 1))
    assert [t.label for t in keys.tracks if t.id.path == "grade"] == [f"grade.gain.{c}" for c in "rgba"]


def test_what_is_chosen_is_there(keys: Keyframes) -> None:
    keys.select_all()
    assert len(keys.selection) == 5
    keys.select_all(SIZE)
    assert [k.frame for k in keys.selection] == [1, 5, 9]
    keys.toggle(KeyId(SIZE, 5))
    keys.select([KeyId(Y, 11)], add=True)
    assert keys.selection == [KeyId(SIZE, 1), KeyId(SIZE, 9), KeyId(Y, 11)]
    keys.document.set("blur.size", 3.0)
    assert keys.selection == [KeyId(Y, 11)]


# -- dragging


def test_a_drag_of_keys_is_one_step_and_counts_from_its_start(keys: Keyframes) -> None:
    choose(keys, SIZE, 5)
    keys.select([KeyId(Y, 11)], add=True)
    keys.grab()
    for by in (1.2, 2.7, 2.1):
        keys.shift(by, 0.5)
    keys.settle()
    assert frames(keys, SIZE) == {1: 10, 7: 20.5, 9: 30}
    assert frames(keys, Y) == {1: 0, 13: 100.5}
    assert keys.selection == [KeyId(SIZE, 7), KeyId(Y, 13)]
    keys.shift(1, 0)
    assert steps(keys) == 2
    assert frames(keys, SIZE) == {1: 10, 5: 20, 9: 30}


def test_keys_pass_over_others_which_are_there_again_behind_them(keys: Keyframes) -> None:
    choose(keys, SIZE, 5)
    keys.grab()
    keys.shift(4, 0)
    assert frames(keys, SIZE) == {1: 10, 9: 20}  # the moved one takes the place
    keys.shift(5, 0)
    assert frames(keys, SIZE) == {1: 10, 9: 30, 10: 20}
    keys.settle()


def test_a_drag_is_cancelled(keys: Keyframes) -> None:
    choose(keys, SIZE, 5)
    keys.grab()
    keys.shift(4, 0)
    keys.cancel()
    assert frames(keys, SIZE) == {1: 10, 5: 20, 9: 30}
    assert keys.selection == [KeyId(SIZE, 5)]
    keys.grab()
    keys.cancel()  # nothing was done, so nothing is undone
    assert frames(keys, SIZE) == {1: 10, 5: 20, 9: 30}
    assert steps(keys) == 0


def test_values_are_held_to_the_range_and_frames_may_be_between(keys: Keyframes) -> None:
    choose(keys, SIZE, 5)
    keys.shift(0.5, -500.0, whole=False)
    assert frames(keys, SIZE) == {1: 10, 5.5: 0, 9: 30}
    keys.shift(1.4, 0)  # by whole frames it stays between them
    assert 6.5 in frames(keys, SIZE)


def test_keys_are_scaled_around_a_frame(keys: Keyframes) -> None:
    keys.document.set("blur.size", Animation([Key(1, 10.0), Key(5, 20.0, "smooth", 1.0, 2.0), Key(9, 30.0)]))
    keys.select_all(SIZE)
    keys.stretch(2.0, 0.5, frame=5, value=20.0)
    assert frames(keys, SIZE) == {-3: 15, 5: 20, 13: 25}
    middle = keys.key(KeyId(SIZE, 5))
    assert middle is not None
    assert (middle.slope_in, middle.slope_out) == (0.25, 0.5)


def test_of_keys_scaled_onto_one_frame_the_later_counts(keys: Keyframes) -> None:
    keys.select_all(SIZE)
    keys.stretch(0.1, 1.0, frame=5)
    assert frames(keys, SIZE) == {5: 30}
    keys.stretch(0.0, 1.0, frame=5)
    assert keys.notice
    keys.stretch(-1.0, 1.0, frame=5)
    assert frames(keys, SIZE) == {5: 30}


def test_nothing_chosen_nothing_happens(keys: Keyframes) -> None:
    keys.shift(3, 3)
    keys.delete()
    keys.flatten()
    keys.set_interp("hold")
    assert keys.copy() == ""
    assert steps(keys) == 0


def test_a_refused_move_says_so(keys: Keyframes) -> None:
    choose(keys, SIZE, 5)
    keys.shift(1e301, 0.0, whole=False)
    assert "out of range" in keys.notice
    assert frames(keys, SIZE) == {1: 10, 5: 20, 9: 30}


# -- keys


def test_a_key_is_added_on_the_curve_or_at_a_value(keys: Keyframes) -> None:
    before = keys.by_id[SIZE].animation
    keys.add(SIZE, 3)
    after = keys.by_id[SIZE].animation
    assert keys.selection == [KeyId(SIZE, 3)]
    assert [after.at(f / 4) for f in range(50)] == pytest.approx([before.at(f / 4) for f in range(50)])
    keys.add(SIZE, 7, -4.0)
    assert frames(keys, SIZE)[7] == 0.0
    keys.add(X, 3)
    assert "isn't animated" in keys.notice


def test_deleting_the_last_keys_leaves_a_constant(keys: Keyframes) -> None:
    choose(keys, SIZE, 5)
    keys.delete()
    assert frames(keys, SIZE) == {1: 10, 9: 30}
    keys.select_all()
    keys.delete()
    assert keys.tracks == []
    assert keys.document.get("blur.size") == 10.0
    assert keys.document.get("move.translate") == (0.0, 0.0)
    assert steps(keys) == 2


def test_interpolation(keys: Keyframes) -> None:
    choose(keys, SIZE, 1, 5)
    keys.set_interp("hold")
    assert [k.interp for k in keys.by_id[SIZE].animation.keys] == ["hold", "hold", "smooth"]
    assert keys.document.value("blur", "size", 4) == 10.0


# -- tangents


def test_tangents_turn_together_until_they_are_broken(keys: Keyframes) -> None:
    id = KeyId(SIZE, 5)
    choose(keys, SIZE, 5)
    keys.set_slope(id, 3.0, out=True)
    assert keys.key(id) == Key(5, 20.0, "smooth", 3.0, 3.0)
    keys.break_tangents()
    keys.shift(1, 0)  # broken they stay
    id = KeyId(SIZE, 6)
    assert keys.is_broken(id)
    keys.set_slope(id, 1.0, out=False)
    assert keys.key(id) == Key(6, 20.0, "smooth", 1.0, 3.0)
    keys.unify_tangents()
    assert keys.key(id) == Key(6, 20.0, "smooth", 2.0, 2.0)
    assert not keys.is_broken(id)
    keys.flatten()
    assert keys.key(id) == Key(6, 20.0, "smooth", 0.0, 0.0)
    keys.automatic()
    assert keys.key(id) == Key(6, 20.0)


def test_breaking_keeps_the_curve(keys: Keyframes) -> None:
    before = keys.by_id[SIZE].animation
    choose(keys, SIZE, 5)
    keys.break_tangents()
    after = keys.by_id[SIZE].animation
    assert after != before
    assert [after.at(f / 4) for f in range(50)] == pytest.approx([before.at(f / 4) for f in range(50)])


def test_a_drag_of_a_tangent_is_one_step(keys: Keyframes) -> None:
    choose(keys, SIZE, 5)
    keys.grab()
    for slope in (1.0, 2.0, 3.0):
        keys.set_slope(KeyId(SIZE, 5), slope, out=True, drag=True)
    keys.settle()
    assert steps(keys) == 1


def test_a_tangent_of_a_key_that_is_gone(keys: Keyframes) -> None:
    keys.set_slope(KeyId(X, 5), 1.0, out=True)
    assert "isn't animated" in keys.notice


# -- copies


def test_keys_are_pasted_later_over_what_is_there(keys: Keyframes) -> None:
    choose(keys, SIZE, 1, 5)
    text = keys.copy()
    keys.paste(text, 5)
    assert frames(keys, SIZE) == {1: 10, 5: 10, 9: 20}
    assert [k.frame for k in keys.selection] == [5, 9]
    assert steps(keys) == 1


def test_several_tracks_keep_their_offsets(keys: Keyframes) -> None:
    choose(keys, SIZE, 5)
    keys.select([KeyId(Y, 11)], add=True)
    keys.paste(keys.copy(), 20)
    assert frames(keys, SIZE)[20] == 20
    assert frames(keys, Y)[26] == 100


def test_keys_of_one_track_go_onto_another_even_a_constant(keys: Keyframes) -> None:
    keys.select_all(Y)
    text = keys.copy()
    keys.paste(text, 3, X)
    assert frames(keys, X) == {3: 0, 13: 100}
    assert keys.by_id[X].animation.keys[0].interp == "linear"
    keys.paste(text, 3, TrackId("move", "filter", 0))
    assert "can't take these keys" in keys.notice
    keys.document.set("blur.mix", "=frame / 100")
    keys.paste(text, 3, TrackId("blur", "mix", 0))
    assert "is an expression" in keys.notice
    keys.select_all()
    keys.paste(keys.copy(), 3, X)
    assert "3 tracks" in keys.notice


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        '{"keys": []}',
        json.dumps({"keys": [{"track": ["blur", "size"], "animation": [[1, 2.0, "smooth"]]}]}),
        json.dumps({"keys": [{"track": ["blur", "size", 0], "animation": []}]}),
        json.dumps({"keys": [{"track": ["blur", "size", "x"], "animation": [[1, 2.0, "smooth"]]}]}),
        json.dumps({"keys": [{"track": ["nobody", "size", 0], "animation": [[1, 2.0, "smooth"]]}]}),
        json.dumps({"keys": [{"track": ["blur", "size", 3], "animation": [[1, 2.0, "smooth"]]}]}),
    ],
)
def test_other_text_isnt_pasted(keys: Keyframes, text: str) -> None:
    keys.paste(text, 1)
    assert keys.notice
    assert steps(keys) == 0


def test_a_key_at_the_playhead_on_every_track_or_those_of_the_chosen_keys(keys: Keyframes) -> None:
    keys.set_at(3)
    assert all(3 in track.frames for track in keys.tracks) and len(keys.tracks) > 1
    keys.document.undo()
    choose(keys, SIZE, 5)
    keys.set_at(3)
    assert [t.id for t in keys.tracks if 3 in t.frames] == [SIZE]
    keys.remove_at(3)
    assert frames(keys, SIZE) == {1: 10, 5: 20, 9: 30}
    keys.remove_at(4)
    assert keys.notice == "the timeline: there is no key on frame 4"


def test_without_animation_there_is_no_key_to_set(keys: Keyframes) -> None:
    keys.select_all()
    keys.delete()
    keys.set_at(3)
    assert "nothing is animated here" in keys.notice
