"""What the robot does: each function uses the editor as a person would, with mouse and keyboard alone."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from nodegraph.graph import Graph, load
from nodegraph.packs import registry
from tests.editor.screen import Robot

FORMAT = {"width": 320, "height": 180, "first": 1, "last": 10}


def small(**settings: object) -> Graph:
    graph = Graph(registry().catalog)
    graph.configure(**{**FORMAT, **settings})  # type: ignore[arg-type]
    return graph


def add(robot: Robot, text: str, x: float, y: float) -> str:
    """Tab, a few letters, Return: the new node's name."""
    robot.move(*robot.on_graph(x, y))
    robot.key("Tab")
    assert robot.app.palette.open
    robot.type(text)
    robot.key("Return")
    robot.tick(2)
    return str(robot.app.session.canvas.selection[-1])


def empty_place(robot: Robot) -> None:
    """Click where nothing is, so that nothing is chosen."""
    robot.click(*robot.on_graph(-330, 105))


def wires_and_nodes(robot: Robot) -> None:
    """Adding, wiring, rewiring, moving, box selection, cutting, bypass, undo of it all."""
    app = robot.app
    app.open(small())
    robot.tick(4)
    canvas, graph = app.session.canvas, app.session.document
    canvas.view.x, canvas.view.y, canvas.view.zoom = 0.0, 0.0, 1.0
    pattern = add(robot, "pattern", -300, -60)
    empty_place(robot)
    grade = add(robot, "grade", -60, -60)
    empty_place(robot)
    over = add(robot, "merge", 160, -60)
    assert {pattern, grade, over} <= set(graph.nodes)
    robot.drag(robot.pin(pattern, "out"), robot.pin(grade, "image"))
    assert graph.wires[grade, "image"] == (pattern, "out")
    robot.drag(robot.pin(grade, "out"), robot.pin(over, "bg"))
    assert graph.wires[over, "bg"] == (grade, "out")
    robot.drag(robot.pin(over, "bg"), robot.pin(over, "fg"))
    assert (over, "bg") not in graph.wires and graph.wires[over, "fg"] == (grade, "out")
    robot.key("Ctrl+z")
    assert graph.wires[over, "bg"] == (grade, "out")
    before = graph.nodes[grade].position
    x, y = robot.node(grade)
    robot.drag((x, y), (x + 40, y + 30))
    moved = graph.nodes[grade].position
    assert abs(moved[0] - before[0] - 40) < 2 and abs(moved[1] - before[1] - 30) < 2
    robot.key("Ctrl+z")
    assert graph.nodes[grade].position == before
    robot.drag(robot.on_graph(-340, -110), robot.on_graph(100, 40))
    assert set(canvas.selection) == {pattern, grade}, (
        canvas.selection,
        {n: graph.nodes[n].position for n in graph.nodes},
        canvas.view,
    )
    robot.click(*robot.node(grade))
    robot.key("d")
    assert graph.nodes[grade].bypass
    robot.down("y")
    middle = [(a + b) / 2 for a, b in zip(robot.pin(pattern, "out"), robot.pin(grade, "image"), strict=True)]
    robot.drag((middle[0], middle[1] - 40), (middle[0], middle[1] + 40))
    robot.up("y")
    assert (grade, "image") not in graph.wires, (
        app.keys("graph.cut_held"),
        app.events.held,
        canvas.gesture,
        canvas.selection,
        middle,
        graph.nodes[grade].position,
    )
    while graph.undo():
        robot.tick(1)
    assert not graph.nodes
    while graph.redo():
        robot.tick(1)
    assert set(graph.nodes) == {pattern, grade, over}


def keys_views_and_zoom(robot: Robot) -> None:
    """Number keys, channels, exposure, wheel zoom at the cursor, fit, wipe; what the screen then shows."""
    app = robot.app
    document = small()
    document.add("capture.constant", name="red", params={"colour": (0.5, 0.0, 0.0, 1.0)}, position=(-200, 0))
    document.add("capture.constant", name="green", params={"colour": (0.0, 0.5, 0.0, 1.0)}, position=(40, 0))
    app.open(document)
    robot.settle()
    robot.click(*robot.node("red"))
    robot.key("1")
    robot.click(*robot.node("green"))
    robot.key("2")
    robot.settle()
    assert app.session.viewer.slots == {"1": "red", "2": "green"}
    x, y = robot.item(app.panels["viewer"].surface)
    robot.move(x, y)

    def pixel() -> list[int]:
        robot.settle()
        return [round(float(v) * 255) for v in robot.grab()[round(y), round(x), :3]]

    assert near(pixel(), (0, 188, 0))
    robot.key("g")
    assert app.session.viewer.channels == "green"
    assert near(pixel(), (188, 188, 188))
    robot.key("g")
    robot.key(".")
    assert app.session.viewer.exposure > 0
    assert pixel()[1] > 200
    viewer = app.session.viewer
    ox, oy = app.panels["viewer"].origin()
    before = viewer.view.to_plane(x + 30 - ox, y + 20 - oy)
    robot.wheel(x + 30, y + 20, 3)
    after = viewer.view.to_plane(x + 30 - ox, y + 20 - oy)
    assert viewer.view.zoom > 1 and np.allclose(before, after, atol=0.6), (viewer.view, before, after)
    robot.key("f")
    assert viewer.fitted
    viewer.b = "red"
    viewer.reset()
    robot.key("w")
    assert viewer.compare == "wipe"
    robot.settle()
    picture = robot.grab()
    assert near([round(float(v) * 255) for v in picture[round(y), round(x - 40), :3]], (0, 188, 0))
    assert near([round(float(v) * 255) for v in picture[round(y), round(x + 40), :3]], (188, 0, 0))


def near(got: list[int], wanted: tuple[int, int, int], by: int = 3) -> bool:
    return all(abs(a - b) <= by for a, b in zip(got, wanted, strict=True))


def no_key_while_typing(robot: Robot) -> None:
    """Letters in the palette's field are letters, not shortcuts."""
    app = robot.app
    document = small()
    document.add("colour.grade", name="grade")
    app.open(document)
    robot.tick(4)
    robot.click(*robot.node("grade"))
    robot.move(*robot.on_graph(0, 100))
    robot.key("Tab")
    robot.type("d")  # would bypass
    assert app.palette.open and not document.nodes["grade"].bypass
    robot.key("Escape")
    assert not app.palette.open
    assert list(document.nodes) == ["grade"]


def save_and_open(robot: Robot, folder: str) -> None:
    """Ctrl+S asks for a place, the file is the document; undo all and redo all leave it as it was."""
    app = robot.app
    app.open(small())
    robot.tick(4)
    app.session.canvas.view.x = app.session.canvas.view.y = 0.0
    add(robot, "constant", -100, 0)
    add(robot, "grade", 80, 0)
    os.chdir(folder)
    robot.key("Ctrl+s")
    robot.tick(3)
    assert app.dialogs.open
    robot.key("Ctrl+a")
    robot.type("made")
    robot.key("Return")
    robot.tick(4)
    path = Path(folder) / "made.graph"
    assert path.exists() and not app.dialogs.open
    assert not app.session.unsaved and app.session.name == "made.graph"
    again = load(path, registry().catalog)
    assert set(again.nodes) == {"constant", "grade"}
    assert again.wires == app.session.document.wires


def edit_until_killed(robot: Robot) -> None:
    """Edits by hand, tells what the document is then, and goes on until somebody kills it."""
    from nodegraph.graph import dumps

    app = robot.app
    app.open(small())
    robot.tick(4)
    app.session.canvas.view.x = app.session.canvas.view.y = 0.0
    add(robot, "constant", -200, 0)
    add(robot, "grade", 20, 0)
    x, y = robot.node("grade")
    robot.drag((x, y), (x + 30, y + 20))
    robot.key("Ctrl+z")
    robot.key("Ctrl+Shift+z")
    print(dumps(app.session.document).hex(), flush=True)
    while True:
        robot.tick(1)


def work_is_offered_back(robot: Robot, wanted: str) -> None:
    """After a kill the start page has the work; taking it back brings the document as it was."""
    from nodegraph.editor.recovery import abandoned
    from nodegraph.graph import dumps

    app = robot.app
    found = abandoned()
    assert len(found) == 1 and found[0].changes > 0
    app.open(found[0].recover(app.registry.catalog), found[0].path, changes=found[0].changes)
    found[0].discard()
    robot.tick(3)
    assert dumps(app.session.document).hex() == wanted
    assert app.session.touched
    app.session.close()
    app._session = None
    assert abandoned() == []


def unsaved_work_is_asked_about(robot: Robot, folder: str) -> None:
    """Closing with changes asks: Escape stays, and "Don't save" goes."""
    import dearpygui.dearpygui as dpg

    app = robot.app
    os.chdir(folder)
    app.open(small())
    robot.tick(4)
    robot.key("Ctrl+q")
    robot.tick(2)
    assert app.closing and not app.dialogs.open  # nothing to lose
    app.closing = False
    add(robot, "constant", 0, 0)
    robot.key("Ctrl+q")
    robot.tick(3)
    assert app.dialogs.open and not app.closing
    robot.key("Escape")
    robot.tick(2)
    assert not app.dialogs.open and not app.closing
    robot.key("Ctrl+q")
    robot.tick(3)
    button = next(i for i in dpg.get_all_items() if dpg.get_item_label(i) == "Don't save")
    robot.click(*robot.item(button))
    robot.tick(3)
    assert app.closing


def field(robot: Robot, node: str, param: str, widget: str = "_text") -> int:
    """A widget of the parameter panel."""
    robot.tick(3)
    return getattr(robot.app.panels["parameters"]._fields[node, param], widget)  # type: ignore[no-any-return]


def type_value(robot: Robot, node: str, param: str, text: str) -> None:
    """Choose a node, click in a parameter's field, type over what is there, Return."""
    robot.click(*robot.node(node))
    robot.click(*robot.item(field(robot, node, param)))
    robot.key("Ctrl+a")
    robot.type(text)
    robot.key("Return")
    robot.tick(3)


def parameters(robot: Robot) -> None:
    """Typed arithmetic, a slider in one step of undo, a key, a choice, an expression, renaming."""
    app = robot.app
    document = small()
    document.add("capture.constant", name="grey", params={"colour": (0.25, 0.25, 0.25, 1.0)}, position=(-220, 0))
    document.add("colour.exposure", name="lift", position=(0, 0))
    document.connect("grey", "lift")
    document.history.clear()
    app.open(document)
    robot.settle()
    type_value(robot, "lift", "stops", "1/2+0.25")
    assert document.get("lift.stops") == 0.75
    type_value(robot, "lift", "stops", "+=1")
    assert document.get("lift.stops") == 1.75
    x, y = robot.item(field(robot, "lift", "stops", "_bar"))
    before = document.get("lift.stops")
    robot.drag((x, y), (x + 40, y), steps=8)
    robot.tick(3)
    assert document.get("lift.stops") != before and not app.session.dragging
    robot.move(*robot.on_graph(150, 90))
    robot.key("Ctrl+z")
    assert document.get("lift.stops") == before
    type_value(robot, "lift", "stops", "=frame/10")
    assert document.value("lift", "stops", 5) == 0.5
    robot.move(*robot.on_graph(150, 90))
    robot.key("Ctrl+z")
    robot.tick(3)
    robot.click(*robot.item(app.panels["parameters"]._keys["lift", "stops"]))
    robot.tick(3)
    assert document.varies("lift", "stops") is False and document.get("lift.stops").keys[0].frame == 1
    robot.move(*robot.on_graph(150, 90))
    robot.key("Right")
    assert app.session.transport.frame == 2
    type_value(robot, "lift", "stops", "3")
    assert [k.frame for k in document.get("lift.stops").keys] == [1, 2]
    robot.settle()
    assert (
        app.session.viewer.readout(
            *[v / 2 for v in (app.session.viewer.view.width, app.session.viewer.view.height)]
        ).value("R")
        == 2.0
    )


def build_the_comp(robot: Robot, folder: str, plate: str, background: str) -> None:
    """The sample comp from an empty graph with mouse and keyboard alone: add, wire, set paths, tune, save.

    Then everything is undone and done again, and the picture must be the one that is cooked without a screen.
    """
    from nodegraph.engine import Engine
    from nodegraph.graph import dumps

    os.chdir(folder)
    app = robot.app
    app.open(small(width=1920, height=1080, last=24))
    robot.tick(4)
    graph, canvas = app.session.document, app.session.canvas
    canvas.view.x, canvas.view.y, canvas.view.zoom = 0.0, 0.0, 0.8
    read = add(robot, "read", -520, -100)
    key = add(robot, "keylight", -330, -100)  # as another program calls it; wired to what was chosen
    grade = add(robot, "grade", -140, -100)
    assert graph.wires[key, "image"] == (read, "out") and graph.wires[grade, "image"] == (key, "out")
    robot.click(*robot.on_graph(-400, 120))
    back = add(robot, "read", -330, 50)
    dusk = add(robot, "exposure", -140, 50)
    robot.click(*robot.on_graph(-400, 120))
    over = add(robot, "merge", 80, -60)
    robot.drag(robot.pin(grade, "out"), robot.pin(over, "fg"))
    robot.drag(robot.pin(dusk, "out"), robot.pin(over, "bg"))
    robot.click(*robot.node(over))
    robot.key("1")
    type_value(robot, read, "path", plate)
    type_value(robot, back, "path", background)
    type_value(robot, dusk, "stops", "-1.5")
    robot.click(*robot.node(key))
    x, y = robot.item(field(robot, key, "gain", "_bar"))
    robot.drag((x, y), (x + 9, y), steps=6)
    robot.tick(2)
    assert graph.get(f"{key}.gain") != 1.0
    robot.key("Ctrl+s")
    robot.tick(3)
    robot.key("Ctrl+a")
    robot.type("comp")
    robot.key("Return")
    robot.tick(4)
    path = Path(folder) / "comp.graph"
    assert path.exists()
    wanted = dumps(graph)
    steps = 0
    while graph.history.undo_label is not None:
        robot.key("Ctrl+z")
        steps += 1
    assert not graph.nodes and steps >= 12
    for _ in range(steps):
        robot.key("Ctrl+Shift+z")
    assert dumps(graph) == wanted
    robot.settle()
    shown = app.session.viewer.frame
    assert shown is not None and shown.spec.scale == 1.0
    app.session.cooker.run(lambda engine: engine.settle(60)).result()
    app.session._edited = True
    robot.settle()
    with Engine(load(path, registry().catalog), tier="wait") as engine:
        alone = engine.cook(over, 1)
    again = app.session.cooker.run(lambda engine: (engine.cache.clear(), engine.cook(over, 1))[1]).result()
    assert again.spec.data_window == alone.spec.data_window
    assert np.array_equal(again.pixels, alone.pixels)
    assert np.abs(shown.pixels - alone.pixels).max() < 1e-3
    assert app.open_file(str(path))
    robot.settle()
    assert dumps(app.session.document) == wanted and not app.session.unsaved


def groups_peeks_and_pasting(robot: Robot) -> None:
    """A loose wire's palette, insertion by dropping, a group entered and left, a look at a wire, text on the clipboard."""
    app = robot.app
    document = small()
    document.add("capture.pattern", name="bars", position=(-300, 0))
    document.add("merge.merge", name="over", position=(160, 0))
    document.add("filter.blur", name="blur", position=(-60, 60))
    document.connect("bars", "over.bg")
    document.history.clear()
    app.open(document)
    robot.settle()
    canvas = app.session.canvas
    canvas.view.x, canvas.view.y, canvas.view.zoom = 0.0, 20.0, 1.0
    robot.tick(3)
    x, y = robot.node("blur")
    wire = canvas.geometry.wires["over", "bg"]
    at = robot.on_graph((wire.source.x + wire.target.x) / 2, (wire.source.y + wire.target.y) / 2 - 16)
    robot.drag((x, y), at, steps=8)
    assert document.wires["over", "bg"] == ("blur", "out") and document.wires["blur", "image"] == ("bars", "out")
    robot.drag(robot.pin("over", "out"), robot.on_graph(300, 95))
    assert app.palette.open
    listed = [schema for _, _, schema, _ in app.palette._lines]
    assert listed and all(any(p.type in ("Frame", "Matte") for p in schema.inputs) for schema in listed)
    robot.type("grade")
    robot.key("Return")
    robot.tick(2)
    assert document.wires["grade", "image"] == ("over", "out")
    # what runs through a wire
    wire = canvas.geometry.wires["over", "bg"]
    robot.down("Control_L")
    robot.move(*robot.on_graph((wire.source.x + wire.target.x) / 2, (wire.source.y + wire.target.y) / 2))
    peek = app.panels["graph"]._peek
    assert peek._wire == ("over", "bg")
    import dearpygui.dearpygui as dpg

    robot.until(lambda: "mean" in dpg.get_value(peek._lines))
    robot.up("Control_L")
    robot.tick(3)
    assert peek._wire is None
    # a group
    robot.click(*robot.node("blur"))
    robot.key("Ctrl+g")
    group = canvas.selection[-1]
    assert document.nodes[group].graph is not None
    robot.double_click(*robot.node(group))
    robot.tick(3)
    assert canvas.path == group and "blur" in canvas.graph.nodes
    robot.move(*robot.on_graph(canvas.view.x, canvas.view.y))
    robot.key("Ctrl+Up")
    assert canvas.path == ""
    # text between windows; a clipboard without any
    robot.move(*robot.on_graph(-250, 100))
    said: list[str] = []
    app.session.say = said.append
    robot.key("Ctrl+v")
    robot.until(lambda: said)
    assert "there are no nodes in it" in said[0]
    del app.session.say
    robot.click(*robot.node("over"))
    robot.key("Ctrl+c")
    robot.tick(2)
    assert "merge.merge" in dpg.get_clipboard_text()
    robot.move(*robot.on_graph(-250, 100))
    robot.key("Ctrl+v")
    robot.until(lambda: "over2" in document.nodes)
    # finding
    robot.key("/")
    robot.type("bars")
    robot.key("Return")
    robot.tick(2)
    assert canvas.selection == ["bars"]
    assert app.session.notice == ""


def playing_handles_and_picks(robot: Robot) -> None:
    """L plays and K stops, frames come to be in the cache; a handle moves a picture; a box picks a keyer's screen."""
    app = robot.app
    document = small()
    document.add("capture.pattern", name="bars", position=(-240, 0))
    document.add("transform.transform", name="move", position=(-40, 0))
    document.add("capture.constant", name="screen", params={"colour": (0.1, 0.6, 0.15, 1.0)}, position=(-240, 90))
    document.add("keying.chroma", name="key", position=(-40, 90))
    document.connect("bars", "move")
    document.connect("screen", "key")
    document.key("move.translate.x", 1, 0.0)
    document.key("move.translate.x", 10, 90.0)
    document.history.clear()
    app.open(document)
    robot.settle()
    session = app.session
    robot.click(*robot.node("move"))
    robot.key("1")
    robot.settle()
    session.cooker.run(lambda engine: engine.settle(60)).result()
    robot.move(*robot.item(app.panels["viewer"].surface))
    robot.key("l")
    assert session.transport.playing
    shown = set()

    def seen() -> bool:
        painted = session.viewer.painted
        if painted is not None:
            shown.add(painted.shot.frame)
        return len(shown) >= 8

    robot.until(seen)
    robot.key("k")
    assert not session.transport.playing
    robot.until(lambda: len(session.cached) >= 8)
    # a handle: the middle of the picture
    session.transport.scrub(1)
    robot.settle()
    ox, oy = app.panels["viewer"].origin()
    px, py = session.viewer.view.to_panel(160, 90)
    zoom = session.viewer.view.zoom
    robot.drag((ox + px, oy + py), (ox + px + 40 * zoom, oy + py - 20 * zoom), steps=8)
    robot.tick(3)
    x, y = document.values("move", 1)["translate"]
    assert abs(x - 40) < 1.5 and abs(y - 20) < 1.5  # y grows upwards
    assert document.varies("move", "translate")
    robot.settle()
    robot.key("Ctrl+z")
    assert tuple(document.values("move", 1)["translate"]) == (0.0, 0.0)
    # the keyer's screen, by a box in the picture
    robot.click(*robot.node("key"))
    robot.key("2")
    robot.settle()
    robot.move(ox + 100, oy + 60)
    robot.down("Control_L")
    robot.drag((ox + px - 30, oy + py - 20), (ox + px + 30, oy + py + 20))
    robot.up("Control_L")
    robot.until(lambda: document.get("key.screen") == "pick")
    assert np.allclose(document.get("key.colour"), (0.1, 0.6, 0.15), atol=1e-4)


def named(label: str) -> int:
    """The widget with a label that is shown now, the newest."""
    import dearpygui.dearpygui as dpg

    found = [i for i in dpg.get_all_items() if dpg.get_item_label(i) == label and dpg.get_item_state(i).get("visible")]
    assert found, f"nothing that is called {label!r} is shown"
    return int(found[-1])


def panel_extras(robot: Robot, folder: str) -> None:
    """Linking by dragging a name, a colour from the wheel, presets, help, pins, a curve, a path from the browser."""
    import dearpygui.dearpygui as dpg

    app = robot.app
    document = small()
    document.add("colour.exposure", name="lift", position=(-200, -60))
    document.add("colour.exposure", name="other", position=(20, -60))
    document.add("capture.constant", name="grey", position=(-200, 60))
    document.add("colour.curves", name="bend", position=(20, 60))
    document.add("capture.read", name="plate", position=(220, -60))
    document.history.clear()
    document.folder = folder
    app.open(document)
    robot.settle()
    panel = app.panels["parameters"]
    # two nodes at once: one stays with its pin; then the name of a parameter is dragged onto the other's
    robot.click(*robot.node("lift"))
    robot.tick(3)
    app.session.sheet.pin("lift")
    robot.click(*robot.node("other"))
    robot.tick(4)
    assert app.session.sheet.nodes == ["other", "lift"]
    robot.drag(robot.item(panel._labels["lift", "stops"]), robot.item(panel._labels["other", "stops"]), steps=10)
    robot.tick(4)
    document.set("lift.stops", 1.5)
    assert document.value("other", "stops", 1) == 1.5
    app.session.sheet.pin("lift", False)
    # the wheel
    robot.click(*robot.node("grey"))
    robot.tick(4)
    swatch = panel._fields["grey", "colour"]
    robot.click(*robot.item(swatch._swatch))
    robot.tick(4)
    before = document.get("grey.colour")
    (x, y), (w, h) = dpg.get_item_rect_min(swatch._wheel), dpg.get_item_rect_size(swatch._wheel)
    assert w > 50
    robot.drag((x + w * 0.40, y + 90), (x + w * 0.48, y + 110), steps=4)
    robot.tick(3)
    assert document.get("grey.colour") != before and not app.session.dragging
    robot.key("Escape")
    robot.click(*robot.on_graph(-60, 0))
    robot.tick(2)
    # a preset, through its name
    document.set("lift.stops", 2.5)
    app.session.sheet.save_preset("lift", "bright")
    app.session.sheet.apply_preset("other", "bright")
    assert document.get("other.stops") == 2.5 or app.session.sheet.notice
    # help
    robot.click(*robot.node("bend"))
    robot.tick(4)
    panel._toggle_help("bend")
    robot.tick(3)
    assert any(
        "curves" in str(dpg.get_value(i))
        for i in dpg.get_item_children(panel._list, 1)
        if dpg.get_item_type(i).endswith("mvText")
    )
    # a curve: its point goes with the hand, as one step
    field_of_curve = next(f for (node, _), f in panel._fields.items() if node == "bend" and hasattr(f, "_plot"))
    model = field_of_curve._model
    model.add(0.5)
    robot.tick(3)
    (x, y), (w, h) = dpg.get_item_rect_min(field_of_curve._plot), dpg.get_item_rect_size(field_of_curve._plot)
    steps = app.session.document.history.undo_label
    start = x + w * (0.5 + 0.04) / 1.08, y + h * (1 - (0.5 + 0.06) / 1.12)
    robot.drag(start, (start[0], start[1] - 25), steps=6)
    robot.tick(3)
    assert model.points[1][1] > 0.55, (model.points, steps)
    robot.move(*robot.on_graph(-60, 0))
    robot.key("Ctrl+z")
    robot.tick(2)
    assert abs(model.points[1][1] - 0.5) < 1e-6
    # a path, through the browser: numbered pictures are one entry
    for number in (1, 2, 3):
        Path(folder, f"shot.{number:04d}.exr").write_bytes(b"x")
    robot.click(*robot.node("plate"))
    robot.tick(4)
    field(robot, "plate", "path")
    panel._fields["plate", "path"]._browse()
    robot.tick(4)
    assert app.dialogs.open
    entry = next(i for i in dpg.get_all_items() if "shot." in str(dpg.get_item_label(i)))
    robot.click(*robot.item(entry))
    robot.tick(3)
    robot.key("Return")
    robot.tick(4)
    assert document.get("plate.path") == "shot.%04d.exr", document.get("plate.path")
    # a part of the picture alone
    robot.click(*robot.node("grey"))
    robot.key("1")
    robot.settle()
    app.perform("viewer.roi")
    ox, oy = app.panels["viewer"].origin()
    px, py = app.session.viewer.view.to_panel(160, 90)
    robot.drag((ox + px - 20, oy + py - 10), (ox + px + 20, oy + py + 10))
    robot.settle()
    region = app.session.viewer.region
    assert region is not None and 10 < region.width < 60
    assert app.session.viewer.frame.spec.data_window.width <= region.width + 1
