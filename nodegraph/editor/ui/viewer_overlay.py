# ruff: noqa: TID253
"""What is drawn over the picture: its edges, guides, the wipe, boxes under way, and a node's handles."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg

from nodegraph.editor.geometry import Point
from nodegraph.editor.overlay import Ellipse, Format, Handle, Line, Overlay, Text
from nodegraph.editor.overlay_roto import Roto
from nodegraph.editor.overlays import overlay_for
from nodegraph.editor.ui import theme
from nodegraph.editor.viewer import GUIDES, Viewer
from nodegraph.errors import DocumentError

if TYPE_CHECKING:
    from nodegraph.editor.ui.app import App

_REACH = 9.0
_ROLES = {"guide": (220, 220, 220, 130), "active": theme.ACCENT, "handle": theme.ACCENT, "locked": (140, 140, 140, 180)}


class ViewerOverlay:
    """Draws into one layer of the viewer, anew when anything it shows has changed."""

    def __init__(self, app: App, layer: int) -> None:
        self._app = app
        self._layer = layer
        self._drawn: Any = None
        self._held: tuple[Overlay, str, Point, str] | None = None
        self._drags = count()
        #: Points of a roto shape that is being drawn, None when none is.
        self.pen: list[Point] | None = None

    def clear(self) -> None:
        dpg.delete_item(self._layer, children_only=True)
        self._drawn = self._held = self.pen = None

    def update(self, viewer: Viewer, gesture: Any) -> None:
        session = self._app.session
        view = viewer.view
        state = (
            view.x, view.y, view.zoom, view.width, view.height, viewer.format, viewer.data_edges(), viewer.compare,
            viewer.wipe, viewer.b, tuple(viewer.guides), viewer.data_window, viewer.handles, viewer.region, gesture,
            session.document.revision, session.transport.frame, tuple(session.sheet.nodes), tuple(self.pen or ()),
            tuple(session.badges.errors.items()), viewer.a,
        )  # fmt: skip
        if state == self._drawn:
            return
        self._drawn = state
        dpg.delete_item(self._layer, children_only=True)
        edges = viewer.edges()
        self._say(viewer)
        if edges is None:
            return
        self._box(edges, (92, 92, 92, 255))
        if viewer.data_window and (data := viewer.data_edges()) is not None:
            self._dashed(data, (150, 150, 190, 200))
        self._guides(viewer, edges)
        self._compare(viewer)
        if viewer.region is not None:
            aspect = viewer.frame.spec.pixel_aspect if viewer.frame is not None else 1.0
            region = viewer.region
            a, b = view.to_panel(region.x0 * aspect, region.y0), view.to_panel(region.x1 * aspect, region.y1)
            self._dashed((*a, *b), theme.ACCENT)
        if gesture is not None and gesture[0] in ("pick", "region"):
            rect = gesture[1]
            self._box((rect.x0, rect.y0, rect.x1, rect.y1), theme.ACCENT)
        if viewer.handles:
            self._handles(viewer)
        if self.pen:
            points = [view.to_panel(*p) for p in self.pen]
            dpg.draw_polyline(points, color=theme.ACCENT, thickness=1.4, parent=self._layer)
            for x, y in points:
                dpg.draw_rectangle(
                    (x - 3, y - 3), (x + 3, y + 3), fill=theme.ACCENT, color=(0, 0, 0, 0), parent=self._layer
                )

    def _say(self, viewer: Viewer) -> None:
        """Why there is no picture, or why it is an older one."""
        errors = self._app.session.badges.errors
        if errors:
            path, text = next(iter(errors.items()))
            lines, colour = [f"{path}: {text}" if not text.startswith(path) else text], theme.ERROR
        elif viewer.a is None:
            lines, colour = ["Nothing is viewed: choose a node and press 1"], theme.DIM
        else:
            return
        for k, line in enumerate(lines):
            item = dpg.draw_text(
                (14, viewer.view.height - 26 - 18 * k), line, size=14, color=colour, parent=self._layer
            )
            dpg.bind_item_font(item, self._app.fonts.regular)

    # -- pieces

    def _box(self, edges: tuple[float, ...], colour: Any) -> None:
        dpg.draw_rectangle(edges[:2], edges[2:], color=colour, parent=self._layer)

    def _dashed(self, edges: tuple[float, ...], colour: Any) -> None:
        x0, y0, x1, y1 = edges
        for a, b in (((x0, y0), (x1, y0)), ((x1, y0), (x1, y1)), ((x1, y1), (x0, y1)), ((x0, y1), (x0, y0))):
            length = max(abs(b[0] - a[0]), abs(b[1] - a[1]))
            pieces = min(200, max(1, int(length / 10)))
            for k in range(pieces):
                s, t = k / pieces, (k + 0.55) / pieces
                ends = [(a[0] + (b[0] - a[0]) * u, a[1] + (b[1] - a[1]) * u) for u in (s, t)]
                dpg.draw_line(*ends, color=colour, parent=self._layer)

    def _guides(self, viewer: Viewer, edges: tuple[float, float, float, float]) -> None:
        x0, y0, x1, y1 = edges
        mx, my = (x0 + x1) / 2, (y0 + y1) / 2
        for name in viewer.guides:
            across, down = GUIDES[name]
            w, h = (x1 - x0) * across / 2, (y1 - y0) * down / 2
            self._box((mx - w, my - h, mx + w, my + h), (230, 230, 230, 150))
            dpg.draw_text((mx - w + 5, my - h + 3), name, size=12, color=(230, 230, 230, 170), parent=self._layer)
            dpg.draw_line((mx - 8, my), (mx + 8, my), color=(230, 230, 230, 150), parent=self._layer)
            dpg.draw_line((mx, my - 8), (mx, my + 8), color=(230, 230, 230, 150), parent=self._layer)

    def _compare(self, viewer: Viewer) -> None:
        if viewer.compare not in ("wipe", "side"):
            return
        width, height = viewer.view.width, viewer.view.height
        x = viewer.wipe * width if viewer.compare == "wipe" else width / 2
        dpg.draw_line((x, 0), (x, height), color=theme.ACCENT, thickness=1.5, parent=self._layer)
        if viewer.compare == "wipe":
            dpg.draw_circle((x, height / 2), 7, fill=theme.ACCENT, color=(20, 20, 20, 255), parent=self._layer)
        for text, at in (("A", x - 22), ("B", x + 12)):
            item = dpg.draw_text((at, 8), text, size=15, color=theme.ACCENT, parent=self._layer)
            dpg.bind_item_font(item, self._app.fonts.semibold)

    # -- handles

    def _overlay(self, viewer: Viewer) -> Overlay | None:
        session = self._app.session
        nodes = session.sheet.nodes
        if not nodes or viewer.frame is None:
            return None
        spec = viewer.frame.spec
        window = spec.display_window
        format = Format(window.width / spec.scale, window.height / spec.scale, spec.pixel_aspect)
        try:
            return overlay_for(session.document, nodes[0], session.transport.frame, format)
        except DocumentError:
            return None

    def _handles(self, viewer: Viewer) -> None:
        overlay = self._overlay(viewer)
        if overlay is None:
            return
        to_panel = viewer.view.to_panel
        for shape in overlay.shapes():
            colour = _ROLES.get(shape.role, theme.ACCENT)
            match shape:
                case Line(points, _, closed, _):
                    placed = [to_panel(*p) for p in points]
                    dpg.draw_polyline(placed, color=colour, closed=closed, thickness=1.4, parent=self._layer)
                case Ellipse():
                    placed = [to_panel(*p) for p in shape.outline()]
                    dpg.draw_polyline(placed, color=colour, closed=True, thickness=1.4, parent=self._layer)
                case Text(x, y, text, _):
                    dpg.draw_text(to_panel(x, y), text, size=13, color=colour, parent=self._layer)
                case Handle():
                    self._spot(shape, to_panel(shape.x, shape.y), colour)

    def _spot(self, handle: Handle, at: Point, colour: Any) -> None:
        x, y = at
        dark = (16, 16, 16, 255)
        if handle.look == "round":
            dpg.draw_circle(at, 5, fill=colour, color=dark, parent=self._layer)
        elif handle.look == "cross":
            dpg.draw_line((x - 9, y), (x + 9, y), color=colour, thickness=1.6, parent=self._layer)
            dpg.draw_line((x, y - 9), (x, y + 9), color=colour, thickness=1.6, parent=self._layer)
        elif handle.look == "diamond":
            dpg.draw_quad((x - 6, y), (x, y - 6), (x + 6, y), (x, y + 6), fill=colour, color=dark, parent=self._layer)
        else:
            dpg.draw_rectangle((x - 4.5, y - 4.5), (x + 4.5, y + 4.5), fill=colour, color=dark, parent=self._layer)

    def press(self, viewer: Viewer, x: float, y: float) -> bool:
        """Take hold of what is under the hand; whether there is something."""
        overlay = self._overlay(viewer) if viewer.handles else None
        if overlay is None:
            return False
        at = viewer.view.to_plane(x, y)
        handle = overlay.hit(at, _REACH / viewer.view.zoom)
        if handle is None:
            return False
        self._held = (overlay, handle, at, f"handle {next(self._drags)}")
        return True

    def drag(self, viewer: Viewer, x: float, y: float) -> None:
        if self._held is None:
            return
        overlay, handle, start, merge = self._held
        events, session = self._app.events, self._app.session
        keys = [k for k, down in (("shift", events.shift), ("ctrl", events.ctrl), ("alt", events.alt)) if down]
        session.dragging = True
        overlay.apply(overlay.drag(handle, start, viewer.view.to_plane(x, y), keys), merge)

    # -- roto shapes

    def roto(self, viewer: Viewer) -> Roto | None:
        """The shapes of the node that is chosen, if it has any to draw."""
        overlay = self._overlay(viewer)
        return overlay if isinstance(overlay, Roto) else None

    def add_point(self, viewer: Viewer, x: float, y: float) -> bool:
        """A point on the outline under the hand; whether there is one."""
        roto = self.roto(viewer)
        values = roto.add_point(viewer.view.to_plane(x, y), _REACH / viewer.view.zoom) if roto is not None else {}
        if roto is not None and values:
            roto.apply(values)
        return bool(values)

    def close_shape(self, viewer: Viewer) -> None:
        """The shape that is drawn is finished."""
        points, self.pen = self.pen or [], None
        roto = self.roto(viewer)
        if roto is not None and points:
            try:
                roto.apply(roto.add_shape(points))
            except DocumentError as error:
                self._app.session.say(str(error))

    def menu(self, viewer: Viewer, x: float, y: float) -> list[tuple[str, Callable[[], Any]]]:
        """What can be done with the point under the hand."""
        roto = self.roto(viewer)
        handle = roto.hit(viewer.view.to_plane(x, y), _REACH / viewer.view.zoom) if roto is not None else None
        if roto is None or handle is None:
            return []
        held = roto
        return [
            ("Delete the point", lambda: held.apply(held.delete_point(handle))),
            ("Smooth or sharp", lambda: held.apply(held.toggle_point(handle))),
            ("Key the shape here", lambda: held.apply(held.animate(handle))),
            ("Delete the shape", lambda: held.apply(held.delete_point(f"{handle.partition('.')[0]}.all"))),
        ]

    def release(self) -> None:
        self._held = None
        self._app.session.dragging = False
        self._app.session.document.history.settle()
