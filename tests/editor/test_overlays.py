"""Handles over the picture: where they lie beside cooked pictures, what drags set, and how it is undone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nodegraph.api import cook
from nodegraph.editor.overlay import Ellipse, Format, Handle, Line, Overlay
from nodegraph.editor.overlay_points import Radial
from nodegraph.editor.overlay_transform import Transform
from nodegraph.editor.overlays import overlay_for
from nodegraph.errors import DocumentError
from nodegraph.graph import Animation, Expression, Graph
from nodegraph.packs import registry

CATALOG = {id: kind.schema for id, kind in registry().items()}
W, H = 160, 90


def document(type: str, **params: Any) -> Graph:
    graph = Graph(CATALOG)
    graph.configure(width=W, height=H)
    graph.add(type, name="it", **params)
    graph.history.clear()
    return graph


def over(type: str, **params: Any) -> Overlay:
    made = overlay_for(document(type, **params), "it", 1)
    assert made is not None
    return made


def handle(overlay: Overlay, id: str) -> Handle:
    return next(s for s in overlay.shapes() if isinstance(s, Handle) and s.id == id)


def spot(overlay: Overlay, id: str) -> tuple[float, float]:
    found = handle(overlay, id)
    return found.x, found.y


def pulled(overlay: Overlay, id: str, dx: float, dy: float, *keys: str) -> dict[str, Any]:
    """What a drag of a handle by picture pixels (y down) sets."""
    x, y = spot(overlay, id)
    return overlay.drag(id, (x, y), (x + dx, y + dy), keys)


def again(overlay: Overlay, values: dict[str, Any]) -> Overlay:
    overlay.apply(values)
    made = overlay_for(overlay.graph, overlay.path, overlay.frame, overlay.format)
    assert made is not None
    return made


def white(overlay: Overlay) -> list[tuple[float, float]]:
    """The box of the picture as drawn, in picture points."""
    line = next(s for s in overlay.shapes() if isinstance(s, Line) and s.role == "active")
    return list(line.points)


# -- the transform beside cooked pictures

TRANSFORMS: list[dict[str, Any]] = [
    {"translate": (20, 10)},
    {"rotate": 30.0},
    {"scale": (0.5, 0.25), "translate": (-13.5, 7)},
    {"zoom": 0.5, "pivot": (-40, 20)},
    {"skew": (0.3, -0.1), "scale": (0.6, 0.6)},
    {"translate": (10, -5), "rotate": -140.0, "scale": (0.4, 0.7), "zoom": 0.9, "skew": (0.2, 0.1), "pivot": (15, -12)},
]


@pytest.mark.parametrize("params", TRANSFORMS)
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_a_transforms_box_lies_where_the_picture_goes(params: dict[str, Any], scale: float) -> None:
    graph = document("transform.transform", **params, filter="impulse")
    graph.add("capture.constant", name="flat", colour=(1, 1, 1, 1))
    graph.connect("flat", "it")
    picture = cook(graph, "it", scale=scale)
    alpha = picture.crop(picture.spec.display_window).channel("A")
    overlay = overlay_for(graph, "it", 1)
    assert isinstance(overlay, Transform)
    corners = np.array(white(overlay)) * scale
    rows, columns = np.mgrid[: alpha.shape[0], : alpha.shape[1]] + 0.5
    distance = np.full(alpha.shape, np.inf)
    turn = np.sign(_area(corners))
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, 0), strict=True):
        side = turn * ((bx - ax) * (rows - ay) - (by - ay) * (columns - ax)) / math.hypot(bx - ax, by - ay)
        distance = np.minimum(distance, side)
    clear = np.abs(distance) > 0.75  # the edge itself is a matter of the filter
    assert clear.mean() > 0.9
    np.testing.assert_array_equal(alpha[clear] > 0.5, distance[clear] > 0)


def _area(points: np.ndarray[Any, Any]) -> float:
    x, y = points.T
    return float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


CORNERS = ("scale:bottom left", "scale:bottom right", "scale:top right", "scale:top left")
SIDES = ("scale:left", "scale:right", "scale:top", "scale:bottom")


@pytest.mark.parametrize("params", TRANSFORMS)
@pytest.mark.parametrize("id", [*CORNERS, "translate", "skew:x", "skew:y"])
def test_a_transforms_handle_stays_under_the_hand(params: dict[str, Any], id: str) -> None:
    overlay = over("transform.transform", **params)
    x, y = spot(overlay, id)
    dx, dy = 3.0, -2.0
    if id.startswith("skew"):  # along its own axis
        flat = math.radians(overlay.values["rotate"]) + (math.pi / 2 if id == "skew:y" else 0)
        dx, dy = 4 * math.cos(flat), -4 * math.sin(flat)
    after = again(overlay, pulled(overlay, id, dx, dy))
    assert spot(after, id) == pytest.approx((x + dx, y + dy), abs=0.05)


@pytest.mark.parametrize("id", SIDES)
def test_a_side_scales_one_axis(id: str) -> None:
    overlay = over("transform.transform")
    dx, dy = {"left": (-16, 0), "right": (16, 0), "top": (0, -9), "bottom": (0, 9)}[id.partition(":")[2]]
    made = pulled(overlay, id, dx, dy)["scale"]
    assert made == (pytest.approx(1.2) if dx else 1, pytest.approx(1.2) if dy else 1)


def test_a_corner_keeps_the_proportion_with_shift() -> None:
    overlay = over("transform.transform", scale=(0.5, 1))
    x, y = pulled(overlay, "scale:top right", 40, -10, "shift")["scale"]
    assert y / x == pytest.approx(2, abs=1e-3) and x > 0.5


def test_the_pivot_moves_under_a_picture_that_stays() -> None:
    overlay = over("transform.transform", **TRANSFORMS[-1])
    x, y = spot(overlay, "translate")
    after = again(overlay, pulled(overlay, "translate", 12, 5, "ctrl"))
    assert spot(after, "translate") == pytest.approx((x + 12, y + 5), abs=0.05)
    np.testing.assert_allclose(white(after), white(overlay), atol=0.05)
    assert after.values["pivot"] != overlay.values["pivot"]


def test_the_ring_turns_counter_clockwise_and_in_steps() -> None:
    overlay = over("transform.transform")
    x, y = spot(overlay, "translate")
    assert overlay.drag("rotate", (x + 30, y), (x, y - 30)) == {"rotate": 90}
    assert overlay.drag("rotate", (x + 30, y), (x + 30, y - 13), {"shift"}) == {"rotate": 30}
    turned = over("transform.transform", rotate=170.0)
    assert turned.drag("rotate", (x - 30, y - 1), (x - 30, y + 1))["rotate"] == pytest.approx(173.8, abs=0.1)


def test_a_squashed_flat_transform_still_answers() -> None:
    overlay = over("transform.transform", zoom=0.0)
    for id in (*CORNERS, *SIDES, "translate", "rotate", "skew:x"):
        assert all(np.isfinite(v).all() for v in pulled(overlay, id, 5, 5).values())
    assert overlay.drag("translate", (80, 45), (85, 45), {"ctrl"})["pivot"] == (0, 0)


def test_hits_take_spots_before_the_ring_and_the_ring_before_the_area() -> None:
    overlay = over("transform.transform")
    assert overlay.hit(spot(overlay, "scale:left"), 3) == "scale:left"
    assert overlay.hit((W / 2, H / 2), 3) == "translate"
    ring = next(s for s in overlay.shapes() if isinstance(s, Ellipse))
    a = math.radians(200)
    assert overlay.hit((ring.x + ring.rx * math.cos(a), ring.y + ring.ry * math.sin(a)), 1) == "rotate"
    assert overlay.hit((10, 10), 3) == "translate"
    assert overlay.hit((-30, 10), 3) is None


def test_a_wide_pixels_points_are_stretched() -> None:
    graph = document("draw.text")
    graph.set("it.position", (30, 20))
    overlay = overlay_for(graph, "it", 1, Format(W, H, 2.0))
    assert overlay is not None and spot(overlay, "position") == (60, 70)
    assert overlay.drag("position", (60, 70), (70, 60)) == {"position": (35, 30)}


# -- corner pin and crop


def test_a_corner_pins_corners_lie_where_the_picture_goes() -> None:
    to = [(20, 10), (140, 25), (120, 80), (35, 70)]
    source = [(0, 0), (W, 0), (W, H), (0, H)]
    params = {f"to{k}": p for k, p in enumerate(to, 1)} | {f"from{k}": p for k, p in enumerate(source, 1)}
    graph = document("transform.corner_pin", **params, filter="impulse")
    graph.add("capture.constant", name="flat", colour=(1, 1, 1, 1))
    graph.connect("flat", "it")
    picture = cook(graph, "it")
    alpha = picture.crop(picture.spec.display_window).channel("A")
    overlay = overlay_for(graph, "it", 1)
    assert overlay is not None
    middle = (80, 45)
    for k in range(1, 5):
        x, y = spot(overlay, f"to{k}")
        inner, outer = ((x + (middle[0] - x) * t, y + (middle[1] - y) * t) for t in (0.06, -0.06))
        assert alpha[int(inner[1]), int(inner[0])] == 1 and alpha[int(outer[1]), int(outer[0])] == 0


def pin() -> Overlay:
    params = {f"{s}{k}": p for s in ("to", "from") for k, p in enumerate([(10, 10), (150, 10), (150, 80), (10, 80)], 1)}
    return over("transform.corner_pin", **params)


def test_corners_edges_and_the_area_of_a_corner_pin() -> None:
    overlay = pin()
    assert pulled(overlay, "to2", 5, 5) == {"to2": (155, 5)}
    assert pulled(overlay, "to2", 5, 5, "ctrl") == {"to2": (155, 5), "from2": (155, 5)}
    assert pulled(overlay, "from3", 1, 0) == {"from3": (151, 80)}
    assert overlay.hit((150, 10), 4) == "to3"
    assert overlay.hit((80, 10), 4) == "edge:3"
    assert overlay.drag("edge:4", (10, 40), (13, 42)) == {"to4": (13, 78), "to1": (13, 8)}
    assert overlay.hit((80, 45), 4) == "all" and overlay.hit((155, 45), 4) is None
    assert len(overlay.drag("all", (80, 45), (81, 45))) == 4
    assert overlay.drag("all", (80, 45), (90, 47), {"shift"})["to1"] == (20, 10)


def test_a_crops_box_is_what_is_kept() -> None:
    graph = document("transform.crop", left=20, right=10, top=5, bottom=30)
    graph.add("capture.constant", name="flat", colour=(1, 1, 1, 1))
    graph.connect("flat", "it")
    overlay = overlay_for(graph, "it", 1)
    assert overlay is not None
    window = cook(graph, "it").spec.data_window
    assert spot(overlay, "left+top") == (window.x0, window.y0)
    assert spot(overlay, "right+bottom") == (window.x1, window.y1)


def test_a_crops_sides_corners_and_area() -> None:
    overlay = over("transform.crop", left=20, right=10, top=5, bottom=30)
    assert pulled(overlay, "left", 7.4, 3) == {"left": 27}
    assert pulled(overlay, "right+bottom", -4, -6) == {"right": 14, "bottom": 36}
    assert overlay.hit((20, 20), 3) == "left" and overlay.hit((60, 30), 3) == "all"
    assert overlay.drag("all", (60, 30), (63, 29)) == {"left": 23, "right": 7, "bottom": 31, "top": 4}
    assert pulled(overlay, "left", 500, 0) == {"left": W - 11}
    assert overlay.hit((5, 5), 3) is None


# -- points


def test_a_ramps_ends() -> None:
    overlay = over("draw.ramp", start=(20, 10), end=(100, 60))
    assert spot(overlay, "start") == (20, H - 10)
    assert pulled(overlay, "end", 4, -6) == {"end": (104, 66)}
    assert pulled(overlay, "end", 4, -6, "shift") == {"end": (100, 66)}


def test_a_radials_outline_and_radii() -> None:
    overlay = over("draw.radial", centre=(80, 40), radius=(30, 20), softness=0.25)
    assert isinstance(overlay, Radial)
    outer, hard = (s for s in overlay.shapes() if isinstance(s, Ellipse))
    assert (outer.x, outer.y, outer.rx, outer.ry, hard.rx) == (80, 50, 30, 20, 22.5)
    assert pulled(overlay, "right", 6, 0) == {"radius": (36, 20)}
    assert pulled(overlay, "top", 0, -2, "shift") == {"radius": (33, 22)}
    assert pulled(overlay, "left", 100, 0) == {"radius": (0.01, 20)}
    assert pulled(overlay, "centre", 1, 1) == {"centre": (81, 39)}
    a = math.radians(50)
    on = (80 + 30 * math.cos(a), 50 - 20 * math.sin(a))
    assert overlay.hit(on, 1) == "radius"
    far = (80 + 45 * math.cos(a), 50 - 30 * math.sin(a))
    assert overlay.drag("radius", on, far) == {"radius": (45, 30)}


def test_any_node_with_a_point_has_a_handle_and_others_have_none() -> None:
    text = over("draw.text")
    text = again(text, {"position": (30, 20)})
    assert spot(text, "position") == (30, 70) and text.hit((31, 71), 4) == "position"
    zoom = over("filter.zoom_blur")
    assert spot(zoom, "centre") == (W / 2, H / 2)
    assert pulled(zoom, "centre", 16, 9) == {"centre": (0.6, 0.4)}
    graph = document("filter.blur")
    assert overlay_for(graph, "it", 1) is None and overlay_for(graph, "nobody", 1) is None


# -- how it is written down


def test_a_drag_is_one_step_of_undo() -> None:
    graph = document("transform.transform")
    overlay = overlay_for(graph, "it", 1)
    assert overlay is not None
    for step in range(1, 6):
        overlay.apply(overlay.drag("translate", (80, 45), (80 + step, 45), {"ctrl"}), merge="drag 1")
    assert graph.get("it.pivot") == (5, 0)
    graph.history.settle()
    overlay.apply(overlay.drag("translate", (80, 45), (90, 45)), merge="drag 1")
    assert graph.value("it", "translate", 1) == (10, 0)
    graph.undo()
    assert graph.get("it.pivot") == (5, 0) and graph.get("it.translate") == (0, 0)
    graph.undo()
    assert graph.get("it.pivot") == (0, 0) and not graph.undo()


def test_nothing_moved_is_no_step() -> None:
    graph = document("transform.transform", translate=(3, 4))
    overlay = overlay_for(graph, "it", 1)
    assert overlay is not None
    overlay.apply(overlay.drag("translate", (80, 45), (80, 45)))
    assert graph.history.undo_label is None


def test_what_is_animated_is_keyed_and_what_an_expression_drives_is_left() -> None:
    graph = document("transform.transform")
    graph.set("it.translate.x", Animation([(1, 0.0), (11, 100.0)]))
    graph.set("it.translate.y", "=frame*2")
    graph.history.clear()
    overlay = overlay_for(graph, "it", 6)
    assert overlay is not None
    overlay.apply(overlay.drag("translate", (80, 45), (90, 35)))
    x, y = graph.get("it.translate")
    assert isinstance(x, Animation) and [k.frame for k in x.keys] == [1, 6, 11] and x.at(6) == 60
    assert isinstance(y, Expression) and graph.value("it", "translate", 6) == (60, 12)
    graph.undo()
    assert graph.value("it", "translate", 6) == (50, 12)


def test_a_keys_manner_stays_when_its_value_is_dragged() -> None:
    from nodegraph.graph import Key

    graph = document("transform.transform")
    graph.set("it.rotate", Animation([Key(1, 0.0, "hold"), Key(9, 40.0)]))
    overlay = overlay_for(graph, "it", 1)
    assert overlay is not None
    overlay.apply({"rotate": 12.0})
    assert graph.get("it.rotate").keys[0] == Key(1, 12.0, "hold")


def test_handles_of_what_expressions_drive_are_locked() -> None:
    graph = document("transform.transform")
    for part in ("translate.x", "translate.y", "rotate"):
        graph.set(f"it.{part}", "=0")
    overlay = overlay_for(graph, "it", 1)
    assert overlay is not None
    assert handle(overlay, "translate").role == handle(overlay, "rotate").role == "locked"
    assert handle(overlay, "scale:left").role == "handle"
    assert overlay.hit((W / 2, H / 2), 3) is None


def test_values_stay_within_their_range_and_have_a_hands_digits() -> None:
    overlay = over("transform.transform")
    assert overlay.drag("translate", (0, 0), (1 / 3, 1e-9)) == {"translate": (0.33, 0)}
    assert pulled(overlay, "scale:right", 1e6, 0)["scale"][0] == 100


def test_handles_that_arent_there_set_nothing() -> None:
    for overlay in (over("transform.transform"), pin(), over("draw.ramp"), over("draw.radial"), over("draw.text")):
        assert overlay.drag("nobody", (0, 0), (5, 5)) == {}
    assert over("transform.crop").drag("nobody", (0, 0), (5, 5)) == {}


def test_a_node_in_a_group_has_its_handles() -> None:
    from nodegraph.graph.groups import make_group

    graph = document("draw.ramp")
    path = make_group(graph, ["it"], name="box")
    inner = f"{path or 'box'}/it" if graph.find("box/it") is None else "box/it"
    overlay = overlay_for(graph, inner, 1)
    assert overlay is not None
    overlay.apply(overlay.drag("start", (0, H), (4, H)))
    assert graph.value(inner, "start", 1) == (4, 0)


def test_an_expression_without_a_value_is_said() -> None:
    graph = document("transform.transform")
    graph.set("it.rotate", "=1/(frame-1)")
    with pytest.raises(DocumentError):
        overlay_for(graph, "it", 1)
