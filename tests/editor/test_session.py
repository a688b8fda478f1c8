"""A session without a screen: what keys and edits lead to, with the clock in the test's hand."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodegraph.editor.recovery import abandoned
from nodegraph.editor.session import _METHODS, Session
from nodegraph.graph import Graph, dumps, load
from nodegraph.packs import Registry, load_file, nodes_in, registry
from tests.editor.test_watch import HEAD, SCALE


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEGRAPH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("NODEGRAPH_STATE", str(tmp_path / "state"))


def document(types: Registry | None = None) -> Graph:
    graph = Graph((types or registry()).catalog)
    graph.configure(width=32, height=18, first=1, last=5)
    graph.add("capture.constant", name="grey", params={"colour": (0.25, 0.25, 0.25, 1.0)})
    graph.add("colour.exposure", name="lift", position=(200, 0))
    graph.add("filter.blur", name="blur", position=(200, 120))
    graph.connect("grey", "lift")
    graph.history.clear()
    return graph


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(document(), registry())
    made.first_look()
    yield made
    made.close()


def settle(session: Session, now: float = 1.0) -> None:
    """Until all that was asked for is cooked, painted and taken in."""
    for k in range(4):
        session.tick(now + k * 0.01)
        assert session.cooker.settle() and session.painter.settle()
        session.tick(now + k * 0.01 + 0.005)


def value(session: Session) -> float:
    frame = session.viewer.frame
    assert frame is not None
    return float(frame.pixels[0].mean())


@pytest.mark.parametrize("action", sorted(_METHODS))
def test_every_action_does_no_harm_and_can_be_undone(session: Session, action: str, tmp_path: Path) -> None:
    settle(session)
    session.canvas.selection = ["lift", "blur"]
    session.clipboard = session.canvas.copy()
    before = dumps(session.document)
    assert session.perform(action)
    while session.document.undo():
        pass
    if action != "graph.enter":
        assert dumps(session.document) == before
    settle(session)


def test_an_edit_is_cooked_and_a_move_is_not(session: Session) -> None:
    settle(session)
    assert session.viewer.a == "lift"
    assert value(session) == pytest.approx(0.25)
    session.document.set("lift.stops", 1.0)
    settle(session)
    assert value(session) == pytest.approx(0.5)
    session.document.move("lift", 50, 60)
    assert session._wish() is False
    session.document.undo()
    session.document.undo()
    settle(session)
    assert value(session) == pytest.approx(0.25)


def test_number_keys_keep_nodes(session: Session) -> None:
    session.canvas.selection = ["grey"]
    session.view("2")
    session.canvas.selection = ["lift"]
    session.view("1")
    session.canvas.selection = []
    session.view("2")
    assert session.viewer.a == "grey"
    session.view("7")
    assert "choose a node" in session.notice
    session.document.rename("grey", "base")
    assert session.viewer.a == "base"


def test_an_error_is_a_message_and_a_badge_until_it_is_gone(session: Session) -> None:
    settle(session)
    session.document.add("capture.read", name="plate", params={"path": "nowhere.exr"})
    session.document.connect("plate", "lift.image")
    settle(session)
    assert session.messages.errors == 1
    assert session.badges.of("plate").error
    assert session.viewer.frame is not None  # the last good picture stays
    session.document.undo()
    session.document.undo()
    settle(session)
    assert session.messages.errors == 0
    session.show_node("grey")
    assert session.canvas.selection == ["grey"]


def test_saving_and_what_is_unsaved(session: Session, tmp_path: Path) -> None:
    assert not session.unsaved
    session.document.set("lift.stops", 2.0)
    assert session.unsaved and session.touched
    session.document.undo()
    assert not session.unsaved  # it is again what it was
    session.document.redo()
    assert session.save(str(tmp_path / "comp"))
    assert session.path.endswith("comp.graph") and not session.unsaved
    assert load(session.path, registry().catalog).get("lift.stops") == 2.0
    assert session.preferences.recent[0] == session.path
    assert not session.save(str(tmp_path / "no" / "such" / "folder" / "x.graph"))
    assert session.notice


def test_work_that_was_not_let_go_is_offered_again() -> None:
    lost = Session(document(), registry())
    lost.document.set("lift.stops", 3.0)
    lost.close(keep_journal=True)
    lost.journal._take(None)  # as the end of the process does: nobody holds the file any more
    found = abandoned()
    assert [f.changes for f in found] == [1]
    again = Session(found[0].recover(registry().catalog), registry(), changes=found[0].changes)
    found[0].discard()
    try:
        assert again.unsaved
        assert again.document.get("lift.stops") == 3.0
    finally:
        again.close()
    assert abandoned() == []


def test_playing_shows_every_frame_and_asks_ahead(session: Session) -> None:
    settle(session)
    session.document.key("lift.stops", 1, 0.0)
    session.document.key("lift.stops", 5, 4.0)
    session.transport.pace = "every frame"
    session.perform("timeline.play")
    assert session._coming() == (2, 3, 4)
    seen, now = [], 1.0
    while len(seen) < 5 and now < 60:
        now += 0.05
        session.tick(now)
        assert session.cooker.settle() and session.painter.settle()
        session.tick(now)
        painted = session.viewer.painted
        if painted is not None and (not seen or seen[-1] != painted.shot.frame):
            seen.append(painted.shot.frame)
    session.perform("timeline.stop")
    assert seen[:5] == [1, 2, 3, 4, 5] or seen[:4] == [2, 3, 4, 5]
    settle(session, 100.0)
    assert set(session.cached) >= {2, 3, 4, 5}


def test_a_picked_colour_comes_from_what_goes_into_the_node(session: Session) -> None:
    from nodegraph.editor.geometry import Rect

    session.document.add("keying.chroma", name="key")
    session.document.connect("grey", "key")
    session.canvas.selection = ["key"]
    session.sheet.show("key")
    session.pick(Rect(2, 2, 9, 9))
    settle(session)
    assert session.document.get("key.colour") == pytest.approx((0.25, 0.25, 0.25))
    assert session.document.get("key.screen") == "pick"
    session.sheet.show("blur")
    session.pick(Rect(2, 2, 9, 9))
    assert "choose a node" in session.notice


def test_a_node_file_that_is_edited_is_taken_in(tmp_path: Path) -> None:
    file = tmp_path / "scale.py"
    file.write_text(HEAD + SCALE)
    types = Registry({**registry(), **{n.id: n for n in nodes_in(load_file(file))}}, ())
    graph = document(types)
    graph.add("test.watch.scale", name="scale")
    graph.connect("grey", "scale")
    session = Session(graph, types)
    try:
        session.viewer.show("scale")
        settle(session)
        assert value(session) == pytest.approx(0.5)
        file.write_text(HEAD + SCALE.replace("c * by", "c * by * 2"))
        settle(session, 10.0)
        assert value(session) == pytest.approx(1.0)
        file.write_text(HEAD + "this is no Python")
        settle(session, 20.0)
        assert value(session) == pytest.approx(1.0)
        assert any("scale.py" in m.text for m in session.messages.lines("error"))
    finally:
        session.close()
        for name in [n for n in sys.modules if n.startswith("nodegraph_pack_")]:
            del sys.modules[name]


def test_closing_leaves_nothing_behind() -> None:
    graph = document()
    before = {t.name for t in threading.enumerate()}
    Session(graph, registry()).close()
    left = {t.name for t in threading.enumerate()} - before - {"compile"}
    assert not [name for name in left if name in ("cook", "paint", "render")]
    assert graph.history.listeners == []
