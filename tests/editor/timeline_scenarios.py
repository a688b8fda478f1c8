"""What the robot does on the timeline: each function uses it as a person would."""

from __future__ import annotations

import time

from nodegraph.editor.tracks import KeyId, TrackId
from nodegraph.graph import Animation, Graph, Key
from nodegraph.packs import registry
from tests.editor.screen import Robot

SIZE = TrackId("blur", "size", 0)


def animated() -> Graph:
    graph = Graph(registry().catalog)
    graph.configure(width=64, height=36, first=1, last=100)
    graph.add("filter.blur", name="blur")
    graph.set("blur.size", Animation([Key(10, 0.0), Key(30, 8.0), Key(50, 2.0)]))
    return graph


def opened(robot: Robot, tab: str = "") -> tuple[object, object]:
    """The panel over the whole window, and its desk."""
    app = robot.app
    app.open(animated())
    app.tiling.maximise("timeline")
    app.layout()
    robot.tick(3)
    panel = app.panels["timeline"]
    if tab:
        robot.click(*robot.item(panel._bar._items[f"tab {tab}"]))
    robot.tick(2)
    return panel, panel.desk


def place(robot: Robot, frame: float, row: int | None = None) -> tuple[float, float]:
    """A frame on the ruler or on a row, in the window."""
    panel = robot.app.panels["timeline"]
    desk, scale = panel.desk, robot.app.scale
    ox, oy = panel.origin()
    z = desk.zones
    y = z.ruler.middle[1] if row is None else z.below.y0 + desk.dope.row(row).middle[1]
    return ox + (z.gutter + desk.timeline.x.to_panel(frame)) * scale, oy + y * scale


def choose(robot: Robot, frame: float, label: str) -> None:
    """Something of the menu at a frame of the first row."""
    import dearpygui.dearpygui as dpg

    robot.click(*place(robot, frame, 0), button=3)
    robot.tick(3)
    popup = robot.app.panels["timeline"]._menu._popup
    item = next(i for i in dpg.get_item_children(popup, 1) if dpg.get_item_label(i) == label)
    (x, y), (dx, dy) = dpg.get_item_pos(popup), dpg.get_item_pos(item)
    robot.click(x + dx + 20, y + dy + 6)
    robot.tick(3)


def scrub_zoom_and_range(robot: Robot) -> None:
    """The hand on the ruler, the wheel, the ends of the range, a double click; and the keys of it all."""
    panel, desk = opened(robot)
    t = robot.app.session.transport
    robot.drag(place(robot, 20), place(robot, 61))
    assert t.frame == 61
    assert not robot.app.session.dragging
    before = place(robot, 61)
    robot.wheel(*before, 4)
    after = place(robot, 61)
    assert abs(after[0] - before[0]) < 1 and desk.timeline.x.seen[0] > 10
    robot.drag(place(robot, 61), place(robot, 51), button=2)
    assert abs(place(robot, 51)[0] - before[0]) > 40 and t.frame == 61
    robot.double_click(*place(robot, 55))
    assert desk.timeline.x.seen[0] < 1 and desk.timeline.x.seen[1] > 100 and t.frame == 61
    x, y = place(robot, 100)
    y = panel.origin()[1] + desk.zones.range.middle[1] * robot.app.scale
    robot.drag((x - 2, y), (place(robot, 80)[0], y))
    assert (t.in_point, t.out_point, t.frame) == (1, 80, 61)
    robot.move(*place(robot, 40))
    for key, wanted in (("Right", 62), ("Left", 61), ("Shift+Right", 71), ("Home", 1), ("End", 80), ("Ctrl+Left", 50)):
        robot.key(key)
        assert t.frame == wanted, (key, t.frame)
    robot.key("i")
    assert t.in_point == 50
    robot.key("Alt+i")
    assert not t.ranged
    robot.key("Ctrl+l")
    assert t.loop == "once"
    robot.key("Shift+ ")
    assert t.playing
    robot.key("k")
    assert not t.playing


def keys_on_rows(robot: Robot) -> None:
    """A key dragged, undone, boxed, deleted; the menu on one; Escape in the middle of a drag."""
    _, desk = opened(robot, "dope")
    graph = robot.app.session.document

    def frames() -> list[float]:
        return desk.keys.by_id[SIZE].frames

    robot.drag(place(robot, 30, 0), place(robot, 37, 0))
    assert frames() == [10, 37, 50]
    robot.key("Ctrl+z")
    assert frames() == [10, 30, 50]
    robot.move(*place(robot, 30, 0))
    robot.press()
    robot.move(*place(robot, 44, 0))
    assert frames() == [10, 44, 50]
    robot.key("Escape")
    robot.release()
    assert frames() == [10, 30, 50]
    x, y = place(robot, 24, 0)
    robot.drag((x, y + 30), (place(robot, 55, 0)[0], y - 4))
    assert [id.frame for id in desk.keys.selection] == [30, 50]
    robot.key("Delete")
    assert frames() == [10]
    robot.key("Ctrl+z")
    robot.key("Ctrl+a")
    assert len(desk.keys.selection) == 3
    robot.key("f")
    assert desk.timeline.x.seen[0] > 5
    choose(robot, 30, "Hold")
    assert {key.interp for key in desk.keys.by_id[SIZE].animation.keys} == {"hold"}  # all three were chosen
    assert graph.undo()
    choose(robot, 20, "Add a key at 20")
    assert frames() == [10, 20, 30, 50]
    for label, frame in (("Copy keys", 20), ("Paste keys at 45", 45)):
        choose(robot, frame, label)
    robot.until(lambda: frames() == [10, 20, 30, 45, 50])
    robot.app.session.transport.scrub(25)
    robot.key("Shift+k")
    assert 25 in frames()
    robot.key("Ctrl+Shift+k")
    assert 25 not in frames()


def curves_by_hand(robot: Robot) -> None:
    """A key moved in value, a tangent turned, a key added on the curve with Ctrl."""
    panel, desk = opened(robot, "curves")
    scale = robot.app.scale

    def on(x: float, y: float) -> tuple[float, float]:
        ox, oy = panel.origin()
        return ox + (desk.zones.gutter + x) * scale, oy + (desk.zones.below.y0 + y) * scale

    robot.drag(on(*desk.curves.place(30, 8.0)), on(*desk.curves.place(30, 5.0)))
    key = desk.keys.key(KeyId(SIZE, 30))
    assert key is not None and abs(key.value - 5.0) < 0.1
    handle = next(h for h in desk.curves.handles() if h.out)
    robot.drag(on(handle.x, handle.y), on(handle.x, handle.y - 60))
    key = desk.keys.key(KeyId(SIZE, 30))
    assert key is not None and key.slope_out is not None and key.slope_out > 0
    robot.down("Control_L")
    robot.click(*on(*desk.curves.place(40, desk.keys.by_id[SIZE].animation.at(40))))
    robot.up("Control_L")
    assert desk.keys.by_id[SIZE].frames == [10, 30, 40, 50]


def the_frame_is_typed(robot: Robot) -> None:
    """A number, then a change; letters in the field aren't shortcuts; the buttons play and stop."""
    panel, _ = opened(robot)
    t, items = robot.app.session.transport, panel._bar._items
    for text, wanted in (("42", 42), ("+=10", 52), ("999", 100)):
        robot.double_click(*robot.item(items["frame"]))
        robot.key("Ctrl+a")
        robot.type(text)
        robot.key("Return")
        robot.tick(2)
        assert t.frame == wanted, (text, t.frame)
    robot.double_click(*robot.item(items["frame"]))
    robot.type("i")
    robot.key("Escape")
    assert not t.ranged and t.frame == 100
    robot.click(*robot.item(items["play"]))
    assert t.playing and t.speed == 1
    robot.click(*robot.item(items["play"]))
    assert not t.playing
    robot.click(*robot.item(items["pace"]))
    assert t.pace == "every frame"


def playing_costs_little(robot: Robot) -> None:
    """What the panel does in Python for a new frame; printed in ms."""
    panel, desk = opened(robot)
    desk.transport.play()
    robot.tick(4)
    best = []
    for frame in range(2, 90):
        desk.transport.scrub(frame)
        begun = time.perf_counter()
        panel.update()
        best.append((time.perf_counter() - begun) * 1000)
        robot.tick(1)
    best.sort()
    print(f"{best[len(best) // 2]:.3f}")
