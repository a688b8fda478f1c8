"""Keys do what people expect of them, where they expect it, and can be given to other actions."""

from __future__ import annotations

import pytest

from nodegraph.editor.actions import ACTIONS, SETS
from nodegraph.editor.keymap import Conflict, Keymap
from nodegraph.editor.keys import normalise
from nodegraph.errors import DocumentError

NUKE = """
graph: Tab search, / find, Delete delete, Backspace delete, Ctrl+Shift+X extract, . dot, L tidy, Ctrl+G group,
  Ctrl+Shift+G ungroup, Return enter, Ctrl+Up leave, Ctrl+C copy, Ctrl+X cut, Ctrl+V paste, Alt+C duplicate,
  Ctrl+D duplicate, D bypass, F frame, Ctrl+A select_all, F2 rename, Shift+B backdrop, Shift+N note, Y cut_held,
  M minimap, 1 view_1, 9 view_9, 0 view_0
viewer: F fit, H fit, R red, G green, B blue, A alpha, Y luminance, W wipe, M matte
"""
ANYWHERE = """
Ctrl+Z edit.undo, Ctrl+Shift+Z edit.redo, Ctrl+Y edit.redo, Ctrl+N file.new, Ctrl+O file.open, Ctrl+S file.save,
Ctrl+Shift+S file.save_as, L timeline.play, J timeline.play_back, K timeline.stop, Left timeline.step_back,
Right timeline.step_forward, Home timeline.first, End timeline.last, I timeline.in, O timeline.out, ? help.sheet
"""


@pytest.mark.parametrize("line", NUKE.strip().replace(",\n ", ",").splitlines())
def test_the_usual_keys_as_in_nuke(line: str) -> None:
    place, _, pairs = line.partition(": ")
    for pair in pairs.split(", "):
        key, _, name = pair.strip().partition(" ")
        assert Keymap().action(key, place) == f"{place}.{name}", pair


@pytest.mark.parametrize("base", SETS)
def test_the_keys_of_every_panel(base: str) -> None:
    for pair in ANYWHERE.replace("\n", " ").split(", "):
        key, name = pair.split()
        assert Keymap(base).action(key, "messages") == name, pair


@pytest.mark.parametrize("base", SETS)
def test_no_two_actions_of_one_place_share_a_key(base: str) -> None:
    keymap = Keymap(base)
    assert keymap.conflicts() == []
    seen: set[tuple[str, str]] = set()
    for name, action in ACTIONS.items():
        for key in keymap.keys(name):
            assert (action.place, key) not in seen, (name, key)
            seen.add((action.place, key))


@pytest.mark.parametrize("base", SETS)
def test_every_action_has_a_key_written_by_its_name_and_does_what_it_says(base: str) -> None:
    keymap = Keymap(base)
    assert set(SETS[base]) == set(ACTIONS)
    for name, action in ACTIONS.items():
        assert keymap.keys(name), name
        assert [normalise(key) for key in SETS[base][name]] == list(SETS[base][name])
        assert all(keymap.action(key, action.place) == name for key in keymap.keys(name))


def test_the_panel_goes_before_anywhere() -> None:
    keymap = Keymap()
    assert [keymap.action("L", place) for place in ("graph", "viewer", "timeline", "scopes")] == [
        "graph.tidy",
        *["timeline.play"] * 3,
    ]
    assert keymap.action("F", "timeline") == "timeline.frame"
    assert keymap.action("F", "anywhere") is None
    assert keymap.action("ctrl-shift-z", "graph") == "edit.redo"


def test_touchdesigner_differs_where_it_should() -> None:
    keymap = Keymap("touchdesigner")
    assert keymap.action("I", "graph") == "graph.enter"
    assert keymap.action("U", "graph") == "graph.leave"
    assert keymap.action("O", "graph") == "graph.minimap"
    assert keymap.action("Space", "viewer") == "timeline.toggle"
    assert Keymap().action("Space", "viewer") == "panel.maximise"
    assert keymap.action("M", "graph") is None
    assert keymap.keys("graph.group") == Keymap().keys("graph.group")


def test_only_cutting_is_held() -> None:
    assert [name for name, action in ACTIONS.items() if action.held] == ["graph.cut_held"]


# -- what the user changes


def test_overrides_replace_an_actions_keys() -> None:
    keymap = Keymap("nuke", {"graph.tidy": ["ctrl-t", "Control+T", "F9"], "graph.minimap": []})
    assert keymap.keys("graph.tidy") == ("Ctrl+T", "F9")
    assert keymap.action("Ctrl+T", "graph") == "graph.tidy"
    assert keymap.action("L", "graph") == "timeline.play"  # what it is anywhere
    assert keymap.keys("graph.minimap") == ()
    assert keymap.action("M", "graph") is None
    assert keymap.overrides == {"graph.tidy": ["Ctrl+T", "F9"], "graph.minimap": []}
    assert Keymap("touchdesigner", keymap.overrides).keys("graph.tidy") == ("Ctrl+T", "F9")


def test_a_users_key_counts_over_the_shipped_one_and_the_conflict_is_told() -> None:
    keymap = Keymap("nuke", {"graph.tidy": ["Tab"], "viewer.fit": ["Tab"]})
    assert keymap.action("Tab", "graph") == "graph.tidy"
    assert keymap.conflicts() == [Conflict("graph", "Tab", ("graph.tidy", "graph.search"))]
    assert keymap.rebound("graph.search", ["Shift+A"]).conflicts() == []


def test_rebinding_makes_another_key_map_and_can_be_taken_back() -> None:
    keymap = Keymap()
    changed = keymap.rebound("edit.undo", ["F5"])
    assert (keymap.keys("edit.undo"), changed.keys("edit.undo")) == (("Ctrl+Z",), ("F5",))
    assert changed.rebound("edit.undo", None).overrides == {}
    assert changed.rebound("edit.undo", None).action("Ctrl+Z", "graph") == "edit.undo"


def test_what_is_unknown_is_named() -> None:
    with pytest.raises(DocumentError, match=r"'maya'.*nuke, touchdesigner"):
        Keymap("maya")
    with pytest.raises(DocumentError, match=r"'graph.serch'.*graph.search"):
        Keymap("nuke", {"graph.serch": ["Tab"]})
    with pytest.raises(DocumentError, match=r"graph.search: there is no key 'Blorp'"):
        Keymap("nuke", {"graph.search": ["Ctrl+Blorp"]})
    with pytest.raises(DocumentError, match=r"'graph\.fly'"):
        Keymap().keys("graph.fly")
    with pytest.raises(DocumentError, match=r"'graph\.fly'"):
        Keymap().rebound("graph.fly", None)


@pytest.mark.parametrize("keys", ["Tab", 5, None, [1], {"Tab": 1}])
def test_keys_from_a_damaged_file_are_refused(keys: object) -> None:
    with pytest.raises(DocumentError, match=r"graph.search: wants a list of keys"):
        Keymap("nuke", {"graph.search": keys})  # type: ignore[dict-item]


# -- the sheet


def test_the_sheet_shows_every_key_once_by_section() -> None:
    keymap = Keymap("nuke", {"graph.minimap": [], "graph.tidy": ["F9"]})
    sheet = {section.title: {row.title: row.keys for row in section.rows} for section in keymap.sheet()}
    assert list(sheet) == ["File", "Edit", "Node graph", "Viewer", "Timeline", "Panels and help"]
    assert sheet["Node graph"]["Show in the viewer"] == tuple("1234567890")
    assert sheet["Node graph"]["Tidy"] == ("F9",)
    assert "Minimap" not in sheet["Node graph"]
    shown = sum(len(keys) for rows in sheet.values() for keys in rows.values())
    assert shown == sum(len(keymap.keys(name)) for name in ACTIONS)
