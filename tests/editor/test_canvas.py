"""The node graph under the hand: presses, drags and drops, by panel pixels, as a person makes them."""

from __future__ import annotations

import pytest

from nodegraph.editor.canvas import Ask, Canvas
from nodegraph.editor.decor import backdrop_around, backdrops
from nodegraph.editor.geometry import TITLE, WIDTH, Geometry, Pin, along
from nodegraph.graph import Expression, Graph, dumps, loads
from nodegraph.packs import registry

CATALOG = {id: kind.schema for id, kind in registry().items()}


def comp() -> Canvas:
    """plate > grade > over.bg, plate > over.fg, and a lone blur; seen one to one, the origin in the middle."""
    graph = Graph(CATALOG)
    graph.add("capture.read", name="plate", position=(-300, 0))
    graph.add("colour.grade", name="grade", position=(-100, 0))
    graph.add("merge.merge", name="over", position=(100, 0))
    graph.add("filter.blur", name="blur", position=(100, 200))
    graph.connect("plate", "grade")
    graph.connect("grade", "over.bg")
    graph.connect("plate", "over.fg")
    graph.history.clear()
    canvas = Canvas(graph)
    canvas.view.width, canvas.view.height = 1000, 800
    return canvas


def pin(canvas: Canvas, name: str, output: bool = False) -> Pin:
    node, port = name.split(".")
    return next(p for p in canvas.geometry.boxes[node].pins if p.port == port and p.output == output)


def panel(canvas: Canvas, x: float, y: float) -> tuple[float, float]:
    return canvas.view.to_panel(x, y)


def hand(canvas: Canvas, *points: tuple[float, float], **keys: bool) -> Ask | None:
    """Press at the first point of the plane, go through the others, let go at the last."""
    places = [panel(canvas, *p) for p in points]
    canvas.press(*places[0], **keys)
    for place in places[1:]:
        canvas.drag(*place)
    return canvas.release(*places[-1])


def at(p: Pin) -> tuple[float, float]:
    return p.x, p.y


def title(canvas: Canvas, name: str) -> tuple[float, float]:
    rect = canvas.geometry.boxes[name].rect
    return rect.x0 + WIDTH / 2, rect.y0 + TITLE / 2


def wires(canvas: Canvas) -> dict[str, str]:
    return {f"{n}.{p}": source[0] for (n, p), source in canvas.graph.wires.items()}


# -- choosing and moving


def test_a_click_chooses_and_shift_adds_and_takes_away() -> None:
    canvas = comp()
    hand(canvas, title(canvas, "plate"))
    assert canvas.selection == ["plate"]
    hand(canvas, title(canvas, "over"), shift=True)
    assert canvas.selection == ["plate", "over"]
    hand(canvas, title(canvas, "plate"), shift=True)
    assert canvas.selection == ["over"]
    hand(canvas, (0, 380))
    assert canvas.selection == []


def test_a_box_chooses_what_it_touches_and_shift_keeps_the_rest() -> None:
    canvas = comp()
    hand(canvas, (-320, -20), (0, 60))
    assert canvas.selection == ["plate", "grade"]
    hand(canvas, (90, 190), (150, 220), shift=True)
    assert canvas.selection == ["plate", "grade", "blur"]


def test_a_drag_moves_all_that_is_chosen_as_one_step() -> None:
    canvas = comp()
    before = dumps(canvas.document)
    hand(canvas, (-320, -20), (0, 60))
    x, y = title(canvas, "grade")
    hand(canvas, (x, y), (x + 10, y), (x + 40, y + 25), (x + 50, y + 70))
    assert canvas.graph.nodes["plate"].position == (-250, 70)
    assert canvas.graph.nodes["grade"].position == (-50, 70)
    canvas.document.undo()
    assert dumps(canvas.document) == before and not canvas.document.undo()


def test_a_hand_that_trembles_moves_nothing_and_escape_undoes_a_drag() -> None:
    canvas = comp()
    x, y = title(canvas, "plate")
    hand(canvas, (x, y), (x + 2, y + 2))
    assert canvas.graph.nodes["plate"].position == (-300, 0) and not canvas.document.undo()
    canvas.press(*panel(canvas, x, y))
    canvas.drag(*panel(canvas, x + 60, y))
    canvas.cancel()
    assert canvas.graph.nodes["plate"].position == (-300, 0)


def test_panning_and_zooming_keep_the_point_under_the_cursor() -> None:
    canvas = comp()
    point = canvas.view.to_plane(200, 300)
    canvas.press(200, 300, middle=True)
    canvas.drag(260, 280)
    canvas.release(260, 280)
    assert canvas.view.to_plane(260, 280) == pytest.approx(point)
    canvas.view.zoom_at(260, 280, 1.7)
    assert canvas.view.to_plane(260, 280) == pytest.approx(point) and canvas.view.zoom == pytest.approx(1.7)
    canvas.frame()
    seen, all_ = canvas.view.seen, canvas.geometry.bounds()
    assert all_ and seen.x0 <= all_.x0 and seen.x1 >= all_.x1 and seen.y0 <= all_.y0 and seen.y1 >= all_.y1


# -- wires


def test_a_wire_is_drawn_from_either_end_and_onto_a_body() -> None:
    canvas = comp()
    hand(canvas, at(pin(canvas, "over.out", True)), (0, 150), at(pin(canvas, "blur.image")))
    assert wires(canvas)["blur.image"] == "over"
    canvas.document.undo()
    hand(canvas, at(pin(canvas, "blur.image")), at(pin(canvas, "grade.out", True)))
    assert wires(canvas)["blur.image"] == "grade"
    canvas.document.undo()
    hand(canvas, at(pin(canvas, "over.out", True)), title(canvas, "blur"))
    assert wires(canvas)["blur.image"] == "over"


def test_a_wire_that_closes_a_circle_is_refused_with_the_reason() -> None:
    canvas = comp()
    before = dumps(canvas.document)
    hand(canvas, at(pin(canvas, "over.out", True)), at(pin(canvas, "grade.image")))
    assert "cycle" in canvas.notice and dumps(canvas.document) == before
    assert not canvas.document.undo()
    hand(canvas, title(canvas, "blur"))
    assert canvas.notice == ""


def test_a_wire_is_pulled_off_and_let_go_or_put_elsewhere() -> None:
    canvas = comp()
    hand(canvas, at(pin(canvas, "over.fg")), (0, 120), at(pin(canvas, "blur.image")))
    assert "over.fg" not in wires(canvas) and wires(canvas)["blur.image"] == "plate"
    canvas.document.undo()
    assert wires(canvas)["over.fg"] == "plate" and "blur.image" not in wires(canvas)
    assert hand(canvas, at(pin(canvas, "over.fg")), (0, 390)) is None
    assert "over.fg" not in wires(canvas)
    hand(canvas, at(pin(canvas, "over.bg")), (60, 60), at(pin(canvas, "over.bg")))
    assert wires(canvas)["over.bg"] == "grade"


def test_a_loose_wire_asks_for_what_fits_it() -> None:
    canvas = comp()
    ask = hand(canvas, at(pin(canvas, "over.out", True)), (300, 300))
    assert isinstance(ask, Ask) and ask.fits(CATALOG["nodegraph.filter.blur"])
    assert not ask.fits(CATALOG["nodegraph.capture.read"])
    name = canvas.add("filter.blur", (ask.x, ask.y), ask.pin)
    assert name is not None and wires(canvas)[f"{name}.image"] == "over"
    ask = hand(canvas, at(pin(canvas, "blur.image")), (-50, 300))
    assert ask is not None and ask.fits(CATALOG["nodegraph.capture.read"])


def test_a_cut_takes_the_wires_it_crosses() -> None:
    canvas = comp()
    hand(canvas, (50, -40), (50, 120), cut=True)
    assert wires(canvas) == {"grade.image": "plate"}
    canvas.document.undo()
    assert len(wires(canvas)) == 3


def test_ctrl_on_a_wire_puts_a_dot_that_moves_like_a_node() -> None:
    canvas = comp()
    wire = canvas.geometry.wires["over", "bg"]
    hand(canvas, along(wire.curve())[12], ctrl=True)
    (dot,) = canvas.selection
    assert wires(canvas)["over.bg"] == dot and wires(canvas)[f"{dot}.image"] == "grade"
    middle = canvas.geometry.boxes[dot].rect.middle
    hand(canvas, middle, (middle[0], middle[1] + 80))
    assert canvas.geometry.boxes[dot].rect.middle[1] == pytest.approx(middle[1] + 80, abs=0.2)


def test_a_lone_node_dropped_on_a_wire_goes_into_it_and_a_shake_takes_it_out() -> None:
    canvas = comp()
    wire = canvas.geometry.wires["grade", "image"]
    spot = along(wire.curve())[12]
    x, y = title(canvas, "blur")
    box = canvas.geometry.boxes["blur"].rect
    middle = box.middle
    dx, dy = spot[0] - middle[0], spot[1] - middle[1]
    hand(canvas, (x, y), (x + dx / 2, y + dy), (x + dx, y + dy))
    assert wires(canvas)["blur.image"] == "plate" and wires(canvas)["grade.image"] == "blur"
    x, y = title(canvas, "blur")
    hand(canvas, (x, y), *((x + (20 if k % 2 else -20), y + 40) for k in range(8)), (x, y + 300))
    assert "blur.image" not in wires(canvas) and wires(canvas)["grade.image"] == "plate"


# -- nodes


def test_removing_closes_the_gap() -> None:
    canvas = comp()
    hand(canvas, title(canvas, "grade"))
    canvas.remove()
    assert wires(canvas) == {"over.bg": "plate", "over.fg": "plate"} and canvas.selection == []
    canvas.document.undo()
    assert wires(canvas)["over.bg"] == "grade"


def test_a_new_node_goes_behind_the_chosen_one() -> None:
    canvas = comp()
    hand(canvas, title(canvas, "plate"))
    name = canvas.add("colour.saturation", (0, 0))
    assert name and set(wires(canvas).values()) == {"plate", name, "grade"}
    assert wires(canvas)[f"{name}.image"] == "plate" and wires(canvas)["grade.image"] == name
    canvas.document.undo()
    assert name not in canvas.graph.nodes and wires(canvas)["grade.image"] == "plate"


def test_bypass_is_for_all_or_none() -> None:
    canvas = comp()
    canvas.selection = ["grade", "blur"]
    canvas.graph.bypass("grade")
    canvas.bypass()
    assert canvas.graph.nodes["grade"].bypass and canvas.graph.nodes["blur"].bypass
    canvas.bypass()
    assert not canvas.graph.nodes["grade"].bypass and not canvas.graph.nodes["blur"].bypass


def test_copies_keep_their_wires_and_expressions_follow() -> None:
    canvas = comp()
    canvas.graph.set("over.mix", "=grade.mix / 2")
    canvas.selection = ["grade", "over"]
    text = canvas.copy()
    canvas.paste(text, (500, 500))
    assert canvas.selection == ["grade2", "over2"]
    assert wires(canvas)["over2.bg"] == "grade2" and "over2.fg" not in wires(canvas)
    assert canvas.graph.get("over2.mix") == Expression("grade2.mix / 2")
    assert canvas.graph.nodes["grade2"].position == (500, 500)
    assert canvas.graph.nodes["over2"].position == (700, 500)
    other = Canvas(loads(dumps(Graph(CATALOG)), CATALOG))
    other.paste(text)
    assert wires(other) == {"over.bg": "grade"}
    other.paste("no nodes at all")
    assert "clipboard" in other.notice and len(other.graph.nodes) == 2


def test_groups_are_made_entered_and_left() -> None:
    canvas = comp()
    canvas.selection = ["grade"]
    canvas.group("look")
    assert canvas.selection == ["look"] and wires(canvas)["over.bg"] == "look"
    assert canvas.enter("look") and "grade" in canvas.graph.nodes
    canvas.selection = ["grade"]
    canvas.bypass()
    assert canvas.document["look/grade"].bypass
    canvas.leave()
    assert canvas.path == "" and canvas.selection == ["look"] and not canvas.enter("plate")
    canvas.ungroup()
    assert canvas.selection == ["grade"] and wires(canvas)["over.bg"] == "grade"


def test_a_name_that_went_leaves_the_selection() -> None:
    canvas = comp()
    canvas.add("filter.blur", (0, 300))
    assert canvas.selection
    canvas.document.undo()
    assert canvas.geometry and canvas.selection == []


def test_unchanged_boxes_are_kept() -> None:
    canvas = comp()
    before = canvas.geometry
    canvas.graph.move("blur", 0, 300)
    after = canvas.geometry
    assert after is not before and after.boxes["plate"] is before.boxes["plate"]
    assert after.boxes["blur"] is not before.boxes["blur"]


def test_a_node_of_a_type_that_is_missing_shows_the_ports_its_wires_use() -> None:
    graph = comp().graph
    text = dumps(graph, text=True).replace(b"nodegraph.colour.grade", b"gone.grade")
    geometry = Geometry(loads(text, CATALOG))
    box = geometry.boxes["grade"]
    assert [p.port for p in box.inputs] == ["image"] and [p.port for p in box.outputs] == ["out"]
    assert len(geometry.wires) == 3


def test_a_cut_through_the_middle_of_a_wire_cuts_it() -> None:
    """Where two of the pieces a wire is measured in meet, a cut goes through both ends or neither."""
    canvas = comp()
    a, b = canvas.geometry.wires["over", "fg"].curve()[0], canvas.geometry.wires["over", "fg"].curve()[3]
    x, y = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    wires = Geometry(canvas.document).crossed((x, y - 40), (x, y + 40))
    assert ("over", "fg") in [w.end for w in wires]


def test_a_click_on_one_of_several_chooses_it_alone_and_a_drag_moves_all() -> None:
    canvas = comp()
    canvas.selection = ["plate", "grade"]
    at = canvas.view.to_panel(-250, 5)
    canvas.press(*at)
    canvas.drag(at[0] + 50, at[1])
    canvas.release(at[0] + 50, at[1])
    assert set(canvas.selection) == {"plate", "grade"}
    at = canvas.view.to_panel(-200, 5)
    canvas.press(*at)
    canvas.release(*at)
    assert canvas.selection == ["plate"]


def test_a_backdrop_carries_what_lies_on_it_in_one_step() -> None:
    canvas = comp()
    graph = canvas.document
    name = backdrop_around(graph, ["plate", "grade"], "Plates")
    held = backdrops(graph)[0].rect
    at = canvas.view.to_panel(held.x0 + 20, held.y0 + 10)
    canvas.press(*at)
    canvas.drag(at[0] + 15, at[1] + 5)
    canvas.drag(at[0] + 30, at[1] + 10)
    canvas.release(at[0] + 30, at[1] + 10)
    assert graph.nodes["plate"].position == (-270, 10)
    assert graph.nodes["over"].position == (100, 0)
    assert backdrops(graph)[0].rect.x0 == held.x0 + 30
    assert canvas.decor == ("backdrop", name)
    graph.undo()
    assert graph.nodes["plate"].position == (-300, 0)
    assert backdrops(graph)[0].rect == held
    canvas.remove()
    assert not graph.backdrops
    graph.undo()
    assert name in graph.backdrops
