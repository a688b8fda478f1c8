"""The cooking thread: it follows every edit, the newest wish wins, and nothing is lost by an error."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from nodegraph.editor.cooker import Cooked, Cooker, Wish, draft_scale
from nodegraph.editor.display import RAW, Look
from nodegraph.editor.painter import Painter, Shot
from nodegraph.engine import Engine
from nodegraph.graph import Graph
from nodegraph.packs import registry
from nodegraph.values import Frame


class Desk:
    """A document, its cooker, and what came out of it."""

    def __init__(self) -> None:
        self.graph = Graph(registry().catalog)
        self.graph.configure(width=64, height=36)
        self.graph.add("capture.constant", name="grey", colour=(0.5, 0.5, 0.5, 1.0))
        self.graph.add("colour.exposure", name="lift", stops=0.0)
        self.graph.connect("grey", "lift")
        self.shots: list[Shot] = []
        self.cooker = Cooker(self.graph, registry(), self.shots.append)

    def ask(self, node: str = "lift", **wish: object) -> Shot | None:
        """Wish, wait, and give the last shot."""
        before = len(self.shots)
        self.cooker.ask(Wish(nodes=(node, None), **wish))  # type: ignore[arg-type]
        assert self.cooker.settle()
        return self.shots[-1] if len(self.shots) > before else None

    def value(self, node: str = "lift", **wish: object) -> float:
        shot = self.ask(node, **wish)
        assert shot is not None and shot.pictures[0] is not None
        return float(shot.pictures[0].pixels[0].mean())

    def results(self) -> list[Cooked]:
        return list(self.cooker.results())


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.cooker.close()


def test_it_follows_edits_undo_and_redo(desk: Desk) -> None:
    assert desk.value() == pytest.approx(0.5)
    desk.graph.set("lift.stops", 1.0)
    assert desk.value() == pytest.approx(1.0)
    desk.graph.undo()
    assert desk.value() == pytest.approx(0.5)
    desk.graph.redo()
    assert desk.value() == pytest.approx(1.0)
    with pytest.raises(RuntimeError), desk.graph.batch("broken"):
        desk.graph.set("lift.stops", 3.0)
        raise RuntimeError
    assert desk.value() == pytest.approx(1.0)
    desk.graph.rename("lift", "brighter")
    assert desk.value("brighter") == pytest.approx(1.0)


def test_half_a_step_is_never_cooked(desk: Desk) -> None:
    with desk.graph.batch("both"):
        desk.graph.set("lift.stops", 5.0)
        desk.cooker._changed.acquire()
        desk.cooker._changed.release()
        assert float(desk.cooker._engine.graph.value("lift", "stops", 1)) == 0.0
        desk.graph.set("lift.stops", 2.0)
    assert desk.value() == pytest.approx(2.0)


def test_a_draft_comes_first_and_alone_while_dragging(desk: Desk) -> None:
    desk.ask(draft=0.5)
    assert [s.pictures[0].spec.scale for s in desk.shots if s.pictures[0]] == [0.5, 1.0]
    assert [s.final for s in desk.shots] == [False, True]
    desk.graph.set("lift.stops", 1.0)
    shot = desk.ask(draft=0.5, dragging=True)
    assert shot is not None and shot.pictures[0] is not None
    assert shot.pictures[0].spec.scale == 0.5
    assert not shot.final
    desk.ask(draft=0.5)
    desk.shots.clear()
    desk.graph.undo()
    shot = desk.ask(draft=0.5, dragging=True)
    assert shot is not None and shot.final  # it is there already: a draft would be worse
    assert len(desk.shots) == 1


def test_an_error_names_the_node_and_the_last_picture_stays(desk: Desk) -> None:
    desk.ask()
    desk.graph.add("capture.read", name="plate", path="nowhere.exr")
    desk.graph.connect("plate", "lift")
    assert desk.ask() is None
    last = desk.results()[-1]
    assert set(last.errors) == {"plate"}
    desk.graph.undo()
    assert desk.ask() is not None
    assert not desk.results()[-1].errors


def test_what_a_node_cost_and_what_was_found(desk: Desk) -> None:
    desk.ask()
    first = desk.results()[-1]
    assert first.made["lift"].ms > 0
    desk.ask()
    again = desk.results()[-1]
    assert "lift" in again.hits
    assert not again.made


def test_the_newest_wish_wins(desk: Desk) -> None:
    """While one cook is held up, of many wishes only the last is granted."""
    gate, begun = threading.Event(), threading.Event()

    def hold(engine: Engine) -> str:
        begun.set()
        gate.wait(10)
        return "held"

    held = desk.cooker.run(hold)
    assert begun.wait(10)
    for stops in range(1, 9):
        desk.graph.set("lift.stops", float(stops))
        desk.cooker.ask(Wish(nodes=("lift", None), serial=stops))
    gate.set()
    assert desk.cooker.settle()
    assert held.result(10) == "held"
    assert [s.serial for s in desk.shots] == [8]
    assert desk.shots[0].pictures[0] is not None
    assert float(desk.shots[0].pictures[0].pixels[0].mean()) == pytest.approx(128.0)


def test_a_node_that_is_gone_and_an_output_are_no_trouble(desk: Desk) -> None:
    desk.graph.add("output.write", name="write", path="nowhere/x.png")
    desk.graph.connect("lift", "write")
    assert desk.value("write") == pytest.approx(0.5)
    desk.graph.remove("write")
    shot = desk.ask("write")
    assert shot is not None
    assert shot.pictures == (None, None)


def test_a_task_that_fails_says_so_to_who_asked(desk: Desk) -> None:
    assert desk.cooker.run(lambda engine: 1 // 0).exception(10) is not None
    assert desk.value() == pytest.approx(0.5)


def test_what_is_shown_is_painted_with_the_newest_look() -> None:
    painter = Painter()
    try:
        frame = Frame.of(np.full((4, 4, 4), 0.25, np.float32))
        painter.extras(mean=lambda painted: float(painted.shown[..., :3].mean()))
        painter.look(Look(4, 4, 2, 2, 1.0, view=RAW))
        painter.show(Shot(1, (frame, None)))
        assert painter.settle()
        first = painter.take()
        assert first is not None
        assert first.extras["mean"] == pytest.approx(0.25, abs=0.01)
        assert painter.take() is None
        kept = first.shown.copy()
        for exposure in (0.5, 1.0, 1.5):
            painter.look(Look(4, 4, 2, 2, 1.0, view=RAW, exposure=exposure))
            assert painter.settle()
        assert np.array_equal(first.shown, kept)  # what was taken is not written to
        last = painter.take()
        assert last is not None
        assert last.extras["mean"] == pytest.approx(0.25 * 2**1.5, abs=0.01)
    finally:
        painter.close()


@pytest.mark.parametrize(("wanted", "scale", "draft"), [
    (0.5, 1.0, 0.5), (1.0, 1.0, 0.5), (0.25, 1.0, 0.25), (0.05, 1.0, 0.125), (0.5, 0.5, 0.25),
])  # fmt: skip
def test_a_draft_is_as_large_as_it_is_looked_at(wanted: float, scale: float, draft: float) -> None:
    assert draft_scale(wanted, scale) == draft


def test_a_copy_that_no_longer_follows_says_so(desk: Desk) -> None:
    """An edit that goes here but not there must not pass unnoticed: the pictures would be of another document."""
    desk.ask()
    del desk.cooker._engine.graph.nodes["lift"]
    desk.graph.set("lift.stops", 1.0)
    desk.cooker.ask(Wish(nodes=("lift", None)))
    assert desk.cooker.settle()
    assert desk.cooker.lost


def test_a_view_that_is_not_there_leaves_the_last_panel_and_the_painter_goes_on() -> None:
    painter = Painter()
    try:
        frame = Frame.of(np.full((4, 4, 4), 0.25, np.float32))
        painter.look(Look(4, 4, 2, 2, 1.0, view="no such display/view"))
        painter.show(Shot(1, (frame, None)))
        assert painter.settle()
        assert painter.take() is None
        assert "no such display" in painter.problem
        painter.look(Look(4, 4, 2, 2, 1.0, view=RAW))
        assert painter.settle()
        assert painter.take() is not None
        assert painter.problem == ""
    finally:
        painter.close()
