"""Roto shapes under the hand: points, tangents, feather, keys, and what comes and goes."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from nodegraph.api import cook
from nodegraph.editor import outline
from nodegraph.editor.overlay import Handle, Line
from nodegraph.editor.overlay_roto import Roto
from nodegraph.editor.overlays import overlay_for
from nodegraph.errors import DocumentError
from nodegraph.graph import Graph
from nodegraph.packs import registry

CATALOG = {id: kind.schema for id, kind in registry().items()}
W, H = 160, 90
SQUARE = [[40, 20], [120, 20], [120, 70], [40, 70]]
ROUND = [[40, 45, 0, 20, 0, -20], [80, 20, -25, 0, 25, 0], [120, 45, 0, -20, 0, 20], [80, 70, 25, 0, -25, 0]]


def roto(*shapes: dict[str, Any], frame: float = 1) -> Roto:
    graph = Graph(CATALOG)
    graph.configure(width=W, height=H)
    graph.add("draw.roto", name="it", shapes=json.dumps(list(shapes)))
    graph.history.clear()
    return at(graph, frame)


def at(graph: Graph, frame: float) -> Roto:
    made = overlay_for(graph, "it", frame)
    assert isinstance(made, Roto)
    return made


def spots(overlay: Roto) -> dict[str, tuple[float, float]]:
    return {s.id: (s.x, s.y) for s in overlay.shapes() if isinstance(s, Handle)}


def pulled(overlay: Roto, id: str, dx: float, dy: float, *keys: str) -> list[dict[str, Any]]:
    """The shapes after a drag of a handle by picture pixels (y down)."""
    x, y = spots(overlay)[id]
    return read(overlay.drag(id, (x, y), (x + dx, y + dy), keys))


def read(values: dict[str, Any]) -> list[dict[str, Any]]:
    assert list(values) == ["shapes"]
    found: list[dict[str, Any]] = json.loads(values["shapes"])
    return found


def alpha(overlay: Roto) -> np.ndarray[Any, Any]:
    return np.array(cook(overlay.graph, "it", int(overlay.frame)).channel("A"))


def test_handles_and_outline_lie_where_the_matte_is() -> None:
    overlay = roto({"points": ROUND})
    line = next(s for s in overlay.shapes() if isinstance(s, Line) and s.role == "active")
    matte = alpha(overlay)
    x, y = np.array(line.points).T
    area = abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))) / 2
    assert area == pytest.approx(float(matte.sum()), rel=0.01)
    for px, py in line.points[::7]:
        inner, outer = ((80 + (px - 80) * t, 45 + (py - 45) * t) for t in (0.9, 1.1))
        assert matte[int(inner[1]), int(inner[0])] == 1 and matte[int(outer[1]), int(outer[0])] == 0
    assert spots(overlay)["0.1"] == (80, H - 20) and spots(overlay)["0.1.out"] == (105, H - 20)


def test_a_point_moves_and_the_rest_stays_as_it_was_written() -> None:
    overlay = roto({"points": SQUARE, "name": "head", "opacity": 0.5, "mystery": 1}, {"points": ROUND})
    first, second = pulled(overlay, "0.2", 5, -3)
    assert first == {"points": [[40, 20], [120, 20], [125, 73], [40, 70]], "name": "head", "opacity": 0.5, "mystery": 1}
    assert second["points"] == ROUND
    assert pulled(overlay, "0.2", 5, -3, "shift")[0]["points"][2] == [125, 70]


def test_tangents_turn_together_and_with_alt_alone() -> None:
    overlay = roto({"points": ROUND})
    knot = pulled(overlay, "0.1.out", 0, -25)[0]["points"][1]
    assert knot[4:] == [25, 25]
    assert math.hypot(*knot[2:4]) == pytest.approx(25, abs=0.01) and knot[2] == pytest.approx(knot[3], abs=0.01)
    assert knot[2] < 0
    assert pulled(overlay, "0.1.in", 0, -25, "alt")[0]["points"][1] == [80, 20, -25, 25, 25, 0]


def test_alt_pulls_tangents_out_of_a_sharp_point() -> None:
    assert pulled(roto({"points": SQUARE}), "0.0", 6, 2, "alt")[0]["points"][0] == [40, 20, -6, 2, 6, -2]


def test_the_whole_shape_by_its_middle_and_its_outline() -> None:
    overlay = roto({"points": SQUARE})
    moved = [[x + 7, y - 2] for x, y in SQUARE]
    assert pulled(overlay, "0.all", 7, 2)[0]["points"] == moved
    assert overlay.hit((60, H - 70), 2) == "0.all"
    assert overlay.hit((40, H - 20), 3) == "0.0" and overlay.hit((60, 45), 3) is None


@pytest.mark.parametrize("points", [SQUARE, SQUARE[::-1], ROUND])
def test_a_feather_grows_away_from_the_shape(points: list[Any]) -> None:
    overlay = roto({"points": points, "feather": 3})
    x, y = spots(overlay)["0.feather"]
    assert alpha(overlay)[int(y), int(x)] < 0.01
    foot = min(
        (s.points for s in overlay.shapes() if isinstance(s, Line) and len(s.points) == 2),
        key=lambda p: math.dist(p[1], (x, y)),
    )[0]
    ux, uy = (x - foot[0]) / math.dist((x, y), foot), (y - foot[1]) / math.dist((x, y), foot)
    assert pulled(overlay, "0.feather", 4 * ux, 4 * uy)[0]["feather"] == pytest.approx(7, abs=0.01)
    assert pulled(overlay, "0.feather", -50 * ux, -50 * uy)[0]["feather"] == 0


# -- keys


def test_an_animated_shape_is_keyed_at_the_frame() -> None:
    later = [[x + 20, y] for x, y in SQUARE]
    overlay = roto({"keys": {"1": SQUARE, "11": later}}, frame=6)
    assert spots(overlay)["0.0"] == (50, H - 20)
    keys = pulled(overlay, "0.0", 0, -5)[0]["keys"]
    assert keys == {"1": SQUARE, "11": later, "6": [[50, 25], [130, 20], [130, 70], [50, 70]]}
    at_key = roto({"keys": {"1.0": SQUARE, "11": later}}, frame=1)
    assert list(pulled(at_key, "0.0", 1, 0)[0]["keys"]) == ["11", "1"]
    assert spots(roto({"keys": {"5": SQUARE}}, frame=1)) == spots(roto({"points": SQUARE}))


def test_a_shape_becomes_animated() -> None:
    overlay = roto({"points": SQUARE, "name": "a"}, frame=4)
    assert read(overlay.animate("0.2")) == [{"name": "a", "keys": {"4": SQUARE}}]
    overlay.apply(overlay.animate("0.all"))
    assert list(read(at(overlay.graph, 9).animate("0.0"))[0]["keys"]) == ["4", "9"]


# -- points and shapes that come and go


@pytest.mark.parametrize(("points", "where"), [(SQUARE, (63, 20)), (ROUND, (57, 23.5))])
def test_a_point_more_changes_no_pixel(points: list[Any], where: tuple[float, float]) -> None:
    overlay = roto({"points": points})
    before = alpha(overlay)
    overlay.apply(overlay.add_point((where[0], H - where[1]), 6))
    after = at(overlay.graph, 1)
    assert len(after.knots(0)) == 5
    assert min(math.dist(k[:2], where) for k in after.knots(0)) < 6
    assert np.abs(alpha(after) - before).max() < 0.03


def test_a_point_more_is_in_every_key() -> None:
    overlay = roto({"keys": {"1": SQUARE, "9": ROUND}})
    made = read(overlay.add_point((80, H - 20), 3))[0]["keys"]
    assert [len(points) for points in made.values()] == [5, 5]
    assert made["1"][1] == [80, 20]


def test_no_point_is_added_off_the_outlines() -> None:
    assert roto({"points": SQUARE}).add_point((80, 45), 5) == {} and roto().add_point((80, 45), 5) == {}


def test_the_nearer_outline_gets_the_point() -> None:
    overlay = roto({"points": SQUARE}, {"points": [[x, y + 4] for x, y in SQUARE]})
    assert [len(s["points"]) for s in read(overlay.add_point((80, H - 23), 10))] == [4, 5]


def test_deleting_points_down_to_none() -> None:
    overlay = roto({"points": SQUARE}, {"keys": {"1": ROUND, "2": ROUND}})
    assert read(overlay.delete_point("0.1"))[0]["points"] == [SQUARE[0], *SQUARE[2:]]
    assert [len(p) for p in read(overlay.delete_point("1.3.out"))[1]["keys"].values()] == [3, 3]
    assert len(read(overlay.delete_point("0.all"))) == 1
    triangle = roto({"points": SQUARE[:3]})
    assert read(triangle.delete_point("0.0")) == []


def test_a_sharp_point_is_made_round_and_sharp_again() -> None:
    overlay = roto({"points": SQUARE})
    made = read(overlay.toggle_point("0.1"))[0]["points"][1]
    assert made == [120, 20, -13.33, -8.33, 13.33, 8.33]
    overlay.apply(overlay.toggle_point("0.1"))
    assert read(at(overlay.graph, 1).toggle_point("0.1"))[0]["points"] == SQUARE


def test_a_new_shape_goes_through_its_points() -> None:
    overlay = roto({"points": SQUARE})
    made = read(overlay.add_shape([(10, 10), (50, 10), (30, 40)]))
    assert made[0]["points"] == SQUARE and made[1]["name"] == "shape 2"
    assert [p[:2] for p in made[1]["points"]] == [[10, 80], [50, 80], [30, 50]]
    with pytest.raises(DocumentError, match="three points"):
        overlay.add_shape([(0, 0), (1, 1)])


# -- what is wrong


@pytest.mark.parametrize(
    "text",
    [
        "nonsense", "{}", "[1]", '[{"points": [[1, 2]], "keys": {}}]', '[{"points": [[1, 2, 3]]}]', "[{}]",
        '[{"points": [[1, "x"]]}]', '[{"keys": {}}]', '[{"keys": {"one": [[1, 2]]}}]', '[{"points": [[NaN, 1]]}]',
        '[{"keys": {"1": [[1, 2]], "2": []}}]', '[{"keys": {"1": 5}}]',
    ],
)  # fmt: skip
def test_text_that_cant_be_read_has_no_handles_and_is_left_alone(text: str) -> None:
    graph = Graph(CATALOG)
    graph.add("draw.roto", name="it", shapes=text)
    overlay = at(graph, 1)
    assert overlay.shapes() == [] and "can't be read" in overlay.notice
    assert overlay.drag("0.0", (0, 0), (1, 1)) == {} == overlay.add_point((0, 0), 99)
    with pytest.raises(DocumentError, match="can't be read"):
        overlay.add_shape([(0, 0), (9, 0), (9, 9)])


@pytest.mark.parametrize("id", ["", "nobody", "7.0", "0.9", "0.0.up", "0.x", "-1.0"])
def test_handles_that_arent_there(id: str) -> None:
    overlay = roto({"points": SQUARE})
    assert overlay.drag(id, (0, 0), (5, 5)) == {}
    assert overlay.delete_point(id) == overlay.toggle_point(id) == overlay.animate(id) == {}


def test_shapes_of_few_points_have_handles_too() -> None:
    for points in ([[5, 5]], [[5, 5], [9, 9]], []):
        overlay = roto({"points": points})
        assert sum(id.count(".") == 1 and id[-1].isdigit() for id in spots(overlay)) == len(points)


def test_the_nearest_place_of_an_outline() -> None:
    distance, k, t = outline.nearest([[float(v) for v in p] + [0.0] * 4 for p in SQUARE], (100, 26))
    assert (distance, k) == (pytest.approx(6, abs=0.01), 0)
    assert 3 * t * t - 2 * t * t * t == pytest.approx(0.75, abs=1e-3)  # how a straight arc runs
