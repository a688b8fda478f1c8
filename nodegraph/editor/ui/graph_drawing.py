# ruff: noqa: TID253
"""The node graph as retained draw items on a plot, which scales them as it is zoomed.

Layers, from the back: grid, backdrops, wires, bodies, far titles or detail, and what the hand has under way. A
node is four groups of items (body, detail, far, tiny) in four layers, so that one switch per layer changes the level
of detail of the whole graph: near, bodies with all their words; further off with larger titles; furthest, where a
whole film's graph is seen, a rectangle for a node and a straight line for a wire. Only nodes whose face changed are
drawn again. y is negated: a plot's grows upwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import dearpygui.dearpygui as dpg

from nodegraph.editor.badges import Badge, Badges
from nodegraph.editor.canvas import Boxing, Canvas, Cutting, Pull
from nodegraph.editor.decor import backdrops, notes
from nodegraph.editor.geometry import TITLE, Box, Pin, Point, Wire, wire_curve
from nodegraph.editor.ui import theme
from nodegraph.editor.ui.fonts import Fonts
from nodegraph.editor.ui.measure import elide
from nodegraph.editor.ui.textures import StillTextures
from nodegraph.graph import Node

#: Below the first zoom port names and times give way to larger titles, below the second those go too.
DETAIL, FAR = 0.75, 0.22
_LAYERS = ("grid", "backdrops", "lines", "wires", "tiny", "bodies", "detail", "far", "over")
_PIN = 4.5
_TITLE_SIZE, _SMALL_SIZE, _FAR_SIZE = 13.0, 10.5, 22.0


class Face(NamedTuple):
    """All that decides how a node looks."""

    box: Box
    title: str
    family: str
    chosen: bool
    badge: Badge
    missing: bool
    group: bool
    stamp: int | str | None


class _Drawn(NamedTuple):
    face: Face
    groups: tuple[int, int, int, int]


class GraphDrawing:
    """Draws a canvas on a plot. `update` draws what changed since the last time."""

    def __init__(self, plot: int | str, fonts: Fonts) -> None:
        self._fonts = fonts
        self._layer = {name: dpg.add_draw_node(parent=plot) for name in _LAYERS}
        self._nodes: dict[str, _Drawn] = {}
        self._hidden: set[str] = set()
        self._wires: dict[Any, tuple[tuple[int, int], tuple[Any, ...]]] = {}
        self._grid: tuple[Any, ...] = ()
        self._decor: Any = None
        self._seen: Any = None
        #: Small pictures by path; set by whoever has them.
        self.stamps: Mapping[str, Any] = {}
        self._stamped: dict[str, Any] = {}
        self._textures = StillTextures(300)

    def clear(self) -> None:
        for name, layer in self._layer.items():
            if name != "grid":
                dpg.delete_item(layer, children_only=True)
        self._nodes.clear()
        self._wires.clear()
        self._hidden.clear()
        self._decor = self._seen = None

    def update(self, canvas: Canvas, badges: Badges, changed: set[str] | None = None) -> None:
        """Draw nodes (those of `changed` and those that moved, all for None), wires and backdrops as they are now."""
        geometry, graph = canvas.geometry, canvas.graph
        chosen = set(canvas.selection)
        for name in [n for n in self._nodes if n not in geometry.boxes]:
            self._forget(name)
        for name, box in geometry.boxes.items():
            drawn = self._nodes.get(name)
            if drawn is not None and changed is not None and name not in changed:
                old = drawn.face
                if old.box is box and old.chosen == (name in chosen):
                    continue
            path = graph.prefix + name
            face = _face(graph.nodes[name], box, name in chosen, badges.of(path), graph, self._stamp(path))
            if drawn is None or drawn.face != face:
                self._draw_node(name, face)
        self._draw_wires(canvas, chosen)
        self._draw_decor(canvas)
        self._seen = None

    def _stamp(self, path: str) -> int | str | None:
        """The texture of a node's stamp as it is now."""
        array = self.stamps.get(path)
        if array is None:
            return None
        if self._stamped.get(path) is not array:
            self._stamped[path] = array
            self._textures.put((path, id(array)), array)
        return self._textures.get((path, id(array)))

    def look(self, canvas: Canvas) -> None:
        """The view changed: level of detail, what is seen at all, the grid."""
        view = canvas.view
        dpg.configure_item(self._layer["detail"], show=view.zoom >= DETAIL)
        dpg.configure_item(self._layer["far"], show=FAR <= view.zoom < DETAIL)
        for name in ("bodies", "wires"):
            dpg.configure_item(self._layer[name], show=view.zoom >= FAR)
        for name in ("tiny", "lines"):
            dpg.configure_item(self._layer[name], show=view.zoom < FAR)
        self._draw_grid(view.seen, view.zoom)
        seen = view.seen
        if seen == self._seen:
            return
        self._seen = seen
        near = seen.grown(20)
        for name, box in canvas.geometry.boxes.items():
            out = not box.rect.meets(near)
            if out != (name in self._hidden) and name in self._nodes:
                (self._hidden.add if out else self._hidden.discard)(name)
                for group in self._nodes[name].groups:
                    dpg.configure_item(group, show=not out)

    def gesture(self, canvas: Canvas, hand: Point) -> None:
        """What the hand has under way."""
        over = self._layer["over"]
        dpg.delete_item(over, children_only=True)
        match canvas.gesture:
            case Pull(pin, to):
                a, b = ((pin.x, pin.y), to) if pin.output else (to, (pin.x, pin.y))
                _bezier(over, wire_curve(a, b), theme.ACCENT, 2.2)
            case Boxing() as boxing:
                rect = boxing.rect
                dpg.draw_rectangle(
                    (rect.x0, -rect.y0), (rect.x1, -rect.y1), fill=(*theme.ACCENT[:3], 24),
                    color=(*theme.ACCENT[:3], 150), parent=over,
                )  # fmt: skip
            case Cutting(start, to):
                dpg.draw_line((start[0], -start[1]), (to[0], -to[1]), color=theme.ERROR, thickness=2, parent=over)

    # -- nodes

    def _forget(self, name: str) -> None:
        for group in self._nodes.pop(name).groups:
            dpg.delete_item(group)
        self._hidden.discard(name)

    def _draw_node(self, name: str, face: Face) -> None:
        old = self._nodes.get(name)
        if old is None:
            body = dpg.add_draw_node(parent=self._layer["bodies"])
            detail = dpg.add_draw_node(parent=self._layer["detail"])
            far = dpg.add_draw_node(parent=self._layer["far"])
            tiny = dpg.add_draw_node(parent=self._layer["tiny"])
        else:
            body, detail, far, tiny = old.groups
            for group in old.groups:
                dpg.delete_item(group, children_only=True)
        self._nodes[name] = _Drawn(face, (body, detail, far, tiny))
        if face.box.dot:
            _draw_dot(body, face)
            return
        _draw_body(body, face)
        _draw_tiny(tiny, face)
        self._draw_detail(detail, face)
        self._draw_far(far, face)

    def _text(self, parent: int, x: float, y: float, text: str, size: float, colour: Any, font: int) -> None:
        item = dpg.draw_text((x, -y), text, size=size, color=colour, parent=parent)
        dpg.bind_item_font(item, font)

    def _draw_detail(self, parent: int, face: Face) -> None:
        rect, badge, fonts = face.box.rect, face.badge, self._fonts
        room = rect.x1 - rect.x0 - 18 - (16 if badge.error else 0)
        title = elide(face.title, _TITLE_SIZE, room)
        self._text(parent, rect.x0 + 9, rect.y0 + 3.5, title, _TITLE_SIZE, theme.ON_FAMILY, fonts.medium)
        if face.stamp is not None:
            many = len(face.box.inputs) > 1
            x, y = (rect.x1 - 58, rect.y0 + TITLE + 17) if many else (rect.x0 + 14, rect.y0 + TITLE + 2)
            w, h = (50, 28) if many and rect.y1 - y > 38 else (37, 21) if not many else (0, 0)
            if w:
                dpg.draw_image(face.stamp, (x, -y), (x + w, -y - h), parent=parent)
        for pin in face.box.inputs:
            if len(face.box.inputs) > 1 or pin.port not in ("image", "in"):
                colour = theme.FAINT if pin.optional else theme.DIM
                self._text(
                    parent, pin.x + 9, pin.y - 6.5, elide(pin.port, _SMALL_SIZE, 62), _SMALL_SIZE, colour, fonts.regular
                )
        if badge.ms is not None and not badge.fused_into:
            text = f"{badge.ms:.1f} ms" if badge.ms < 100 else f"{badge.ms:.0f} ms"
            x = rect.x1 - 11 - 5.9 * len(text)
            self._text(parent, x, rect.y0 + TITLE + 3, text, _SMALL_SIZE, theme.DIM, fonts.regular)
        elif badge.fused_into:
            self._text(parent, rect.x1 - 38, rect.y0 + TITLE + 3, "fused", _SMALL_SIZE, theme.FAINT, fonts.regular)
        if badge.viewed_in:
            text = " ".join(badge.viewed_in)
            self._text(
                parent, rect.x1 - 9 - 6 * len(text), rect.y1 + 2, text, _SMALL_SIZE, theme.ACCENT, fonts.semibold
            )
        if badge.error:
            self._text(parent, rect.x1 - 13.6, rect.y0 + 3.4, "!", _TITLE_SIZE, theme.TEXT, fonts.semibold)

    def _draw_far(self, parent: int, face: Face) -> None:
        rect = face.box.rect
        title = elide(face.title, _FAR_SIZE, rect.x1 - rect.x0 - 8)
        middle = (rect.y0 + TITLE + rect.y1) / 2
        self._text(parent, rect.x0 + 6, middle - _FAR_SIZE * 0.62, title, _FAR_SIZE, theme.TEXT, self._fonts.medium)

    # -- wires

    def _draw_wires(self, canvas: Canvas, chosen: set[str]) -> None:
        wires, layer = canvas.geometry.wires, self._layer["wires"]
        for end in [e for e in self._wires if e not in wires]:
            for item in self._wires.pop(end)[0]:
                dpg.delete_item(item)
        pulled = canvas.gesture.off if isinstance(canvas.gesture, Pull) else None
        for end, wire in wires.items():
            state = _wire_state(wire, chosen, pulled)
            old = self._wires.get(end)
            if old is not None and old[1] == state:
                continue
            points, colour, thickness = [(x, -y) for x, y in state[0]], state[1], state[2]
            p1, p2, p3, p4 = points
            if old is None:
                item = dpg.draw_bezier_cubic(*points, color=colour, thickness=thickness, segments=18, parent=layer)
                line = dpg.draw_line(p1, p4, color=colour, thickness=6, parent=self._layer["lines"])
            else:
                item, line = old[0]
                dpg.configure_item(item, p1=p1, p2=p2, p3=p3, p4=p4, color=colour, thickness=thickness)
                dpg.configure_item(line, p1=p1, p2=p4, color=colour)
            self._wires[end] = ((item, line), state)

    # -- backdrops, notes, grid

    def _draw_decor(self, canvas: Canvas) -> None:
        graph = canvas.graph
        state = (graph, repr(graph.backdrops), repr(graph.notes))
        if state == self._decor:
            return
        self._decor = state
        layer = self._layer["backdrops"]
        dpg.delete_item(layer, children_only=True)
        for each in backdrops(graph):
            rect, colour = each.rect, each.colour
            dpg.draw_rectangle(
                (rect.x0, -rect.y0), (rect.x1, -rect.y1), fill=(*colour, 46), color=(*colour, 120), rounding=6,
                parent=layer,
            )  # fmt: skip
            bright = tuple(min(255, c + 80) for c in colour)
            self._text(layer, rect.x0 + 12, rect.y0 + 7, each.label, 18, (*bright, 230), self._fonts.semibold)
        for note in notes(graph):
            rect = note.rect
            dpg.draw_rectangle(
                (rect.x0, -rect.y0), (rect.x1, -rect.y1), fill=(74, 70, 52, 235), color=(110, 104, 76, 255), rounding=4,
                parent=layer,
            )  # fmt: skip
            for k, line in enumerate(note.text.splitlines()):
                self._text(
                    layer, rect.x0 + 9, rect.y0 + 7 + 16 * k, line, 13, (226, 220, 196, 255), self._fonts.regular
                )

    def _draw_grid(self, seen: Any, zoom: float) -> None:
        step = 100.0 if zoom > 0.35 else 500.0 if zoom > 0.08 else 2500.0
        first = int(seen.x0 // step), int(seen.y0 // step)
        last = int(seen.x1 // step) + 1, int(seen.y1 // step) + 1
        if self._grid == (step, first, last):
            return
        self._grid = (step, first, last)
        layer = self._layer["grid"]
        dpg.delete_item(layer, children_only=True)
        for i in range(first[0], last[0] + 1):
            x, colour = i * step, theme.GRID_MAJOR if i % 5 == 0 else theme.GRID
            dpg.draw_line((x, -first[1] * step), (x, -last[1] * step), color=colour, parent=layer)
        for j in range(first[1], last[1] + 1):
            y, colour = -j * step, theme.GRID_MAJOR if j % 5 == 0 else theme.GRID
            dpg.draw_line((first[0] * step, y), (last[0] * step, y), color=colour, parent=layer)


def _face(node: Node, box: Box, chosen: bool, badge: Badge, graph: Any, stamp: int | str | None) -> Face:
    signature = graph.signature_of(node)
    group = node.graph is not None
    family = "group" if group else node.type.rpartition(".")[0].rpartition(".")[2]
    return Face(box, node.label or node.name, family, chosen, badge, signature is None, group, stamp)


def _draw_dot(parent: int, face: Face) -> None:
    x, y = face.box.rect.middle
    colour = theme.ACCENT if face.chosen else (150, 150, 150, 255)
    dpg.draw_circle((x, -y), 6, fill=colour, color=(24, 24, 24, 255), parent=parent)


def _draw_tiny(parent: int, face: Face) -> None:
    rect, badge = face.box.rect, face.badge
    edge = theme.ACCENT if face.chosen else theme.ERROR if badge.error or face.missing else (20, 20, 20, 255)
    fill = (*theme.family_colour(face.family), 90 if badge.bypass else 255)
    thickness = 8 if face.chosen or badge.error else 1
    dpg.draw_rectangle(
        (rect.x0, -rect.y0), (rect.x1, -rect.y1), fill=fill, color=edge, thickness=thickness, parent=parent
    )


def _draw_body(parent: int, face: Face) -> None:
    rect, badge = face.box.rect, face.badge
    colour = theme.family_colour(face.family)
    strength = 90 if badge.bypass else 255
    if badge.stale:
        colour = tuple(int(c * 0.72) for c in colour)  # type: ignore[assignment]
    x0, y0, x1, y1 = rect.x0, -rect.y0, rect.x1, -rect.y1
    dpg.draw_rectangle(
        (x0 + 2, y0 - 3), (x1 + 2, y1 - 4), fill=(0, 0, 0, 70), color=(0, 0, 0, 0), rounding=5, parent=parent
    )
    fill = (62, 62, 62, 255) if not badge.bypass else (48, 48, 48, 255)
    dpg.draw_rectangle((x0, y0), (x1, y1), fill=fill, color=(22, 22, 22, 255), rounding=4, parent=parent)
    band = (*colour, strength)
    dpg.draw_rectangle((x0, y0), (x1, y0 - TITLE), fill=band, color=(0, 0, 0, 0), rounding=4, parent=parent)
    dpg.draw_rectangle((x0, y0 - TITLE + 5), (x1, y0 - TITLE), fill=band, color=(0, 0, 0, 0), parent=parent)
    if face.group:  # a second edge, as of a stack
        dpg.draw_rectangle((x0 + 4, y1 - 3), (x1 - 4, y1 - 3.5), fill=band, color=band, parent=parent)
    _draw_foot(parent, face)
    for pin in face.box.pins:
        _draw_pin(parent, pin)
    if badge.bypass:
        dpg.draw_line((x0 + 3, y1 + 3), (x1 - 3, y0 - 3), color=(190, 150, 60, 255), thickness=2, parent=parent)
    if badge.error or face.missing:
        if badge.error:
            dpg.draw_circle((x1 - 12, y0 - 11), 7.2, fill=theme.ERROR, color=(40, 10, 10, 255), parent=parent)
        dpg.draw_rectangle(
            (x0 - 1, y0 + 1), (x1 + 1, y1 - 1), color=theme.ERROR, thickness=1.6, rounding=5, parent=parent
        )
    if face.chosen:
        dpg.draw_rectangle(
            (x0 - 2, y0 + 2), (x1 + 2, y1 - 2), color=theme.ACCENT, thickness=2, rounding=6, parent=parent
        )


def _draw_foot(parent: int, face: Face) -> None:
    """The bar of what the node cost, and the lamp of whether its picture is there."""
    rect, badge = face.box.rect, face.badge
    y = -rect.y1
    if badge.cached:
        dpg.draw_circle((rect.x0 + 8, y + 5.5), 2.4, fill=theme.GOOD, color=(0, 0, 0, 0), parent=parent)
    elif badge.stale:
        dpg.draw_circle((rect.x0 + 8, y + 5.5), 2.2, color=theme.WARNING, thickness=1, parent=parent)
    if badge.ms is None or badge.fused_into:
        return
    left, right = rect.x0 + 15, rect.x1 - 7
    end = left + (right - left) * max(0.02, min(1.0, badge.heat))
    dpg.draw_rectangle((left, y + 7), (right, y + 4), fill=(40, 40, 40, 255), color=(0, 0, 0, 0), parent=parent)
    dpg.draw_rectangle((left, y + 7), (end, y + 4), fill=theme.heat(badge.ms), color=(0, 0, 0, 0), parent=parent)


def _draw_pin(parent: int, pin: Pin) -> None:
    colour = (*theme.port_colour(pin.type), 255)
    if pin.optional:
        dpg.draw_circle((pin.x, -pin.y), _PIN - 0.7, fill=(46, 46, 46, 255), color=colour, thickness=1.4, parent=parent)
    else:
        dpg.draw_circle((pin.x, -pin.y), _PIN, fill=colour, color=(24, 24, 24, 255), parent=parent)


def _wire_state(wire: Wire, chosen: set[str], pulled: Pin | None) -> tuple[Any, ...]:
    if pulled is not None and (wire.target.node, wire.target.port) == (pulled.node, pulled.port):
        return wire.curve(), (120, 120, 120, 60), 1.4
    if wire.source.node in chosen or wire.target.node in chosen:
        return wire.curve(), theme.ACCENT, 2.2
    return wire.curve(), (*theme.port_colour(wire.source.type), 200), 1.7


def _bezier(parent: int, curve: tuple[Point, ...], colour: Any, thickness: float) -> None:
    a, b, c, d = ((x, -y) for x, y in curve)
    dpg.draw_bezier_cubic(a, b, c, d, color=colour, thickness=thickness, segments=24, parent=parent)
