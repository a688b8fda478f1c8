# ruff: noqa: TID253
"""The first thing one sees: work to go on with, and ways to begin."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg
import numpy as np

from nodegraph.editor.geometry import Rect
from nodegraph.editor.recovery import Abandoned, abandoned
from nodegraph.editor.sketch import sketch
from nodegraph.editor.start import Card, cards, open_card
from nodegraph.editor.ui import theme
from nodegraph.editor.ui.measure import elide
from nodegraph.editor.ui.textures import StillTextures
from nodegraph.errors import NodegraphError
from nodegraph.graph import Graph

if TYPE_CHECKING:
    from nodegraph.editor.ui.app import App

_TITLES = {"recent": "Recent", "sample": "Samples", "starter": "Begin with", "template": "The show's templates"}
_CARD = (208, 178)
_PICTURE = (192, 108)


class StartPage:
    """The whole window, until a document is open."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._textures: StillTextures | None = None
        self._rect = Rect(0, 0, 1, 1)
        self.shown = False
        with dpg.window(
            no_title_bar=True, no_move=True, no_resize=True, no_saved_settings=True, show=False,
            no_bring_to_front_on_focus=True,
        ) as self._window:  # fmt: skip
            pass
        dpg.bind_item_theme(self._window, theme.item_theme("panel"))

    def place(self, rect: Rect) -> None:
        if rect != self._rect:
            self._rect = rect
            dpg.set_item_pos(self._window, [int(rect.x0), int(rect.y0)])
            dpg.configure_item(self._window, width=int(rect.x1 - rect.x0), height=int(rect.y1 - rect.y0))
            if self.shown:
                self._app.later(self._fill)

    def show(self, on: bool) -> None:
        self.shown = on
        dpg.configure_item(self._window, show=on)
        if on:
            self._app.layout()
            self._fill()

    def update(self) -> None:
        """Nothing moves here."""

    def _fill(self) -> None:
        app, scale = self._app, self._app.scale
        dpg.delete_item(self._window, children_only=True)
        self._textures = self._textures or StillTextures(80)
        dpg.push_container_stack(self._window)
        try:
            dpg.add_spacer(height=int(22 * scale))
            with dpg.group(indent=int(36 * scale)):
                name = dpg.add_text("nodegraph")
                dpg.bind_item_font(name, app.fonts.title)
                dpg.add_text(
                    "Open a graph, begin with a template, or drop into an empty one and press Tab.", color=theme.DIM
                )
                dpg.add_spacer(height=int(6 * scale))
                with dpg.group(horizontal=True):
                    self._button("New graph", app.new, "accent")
                    self._button("Open ...", app.dialogs.open_graph, "card")
                for found in abandoned(app.state):
                    self._lost(found)
                self._sections()
        finally:
            dpg.pop_container_stack()

    def _button(self, label: str, call: object, look: str) -> None:
        button = dpg.add_button(
            label=label,
            width=int(120 * self._app.scale),
            height=int(32 * self._app.scale),
            callback=lambda: call(),  # type: ignore[operator]
        )
        dpg.bind_item_theme(button, theme.item_theme(look))

    def _lost(self, found: Abandoned) -> None:
        """Work of an editor that was killed."""
        scale = self._app.scale
        dpg.add_spacer(height=int(8 * scale))
        with dpg.child_window(
            width=int(640 * scale), height=int(92 * scale), border=False, always_use_window_padding=True
        ) as card:
            when = time.strftime("%A %H:%M", time.localtime(found.when))
            title = dpg.add_text(f"Unsaved work: {found.path or 'a graph without a file'}", color=theme.ACCENT)
            dpg.bind_item_font(title, self._app.fonts.semibold)
            dpg.add_text(found.problem or f"{found.changes} changes, the last on {when}", color=theme.DIM)
            with dpg.group(horizontal=True):
                self._button("Take it back", lambda: self._recover(found), "accent")
                self._button("Throw away", lambda: self._discard(found), "card")
        dpg.bind_item_theme(card, theme.item_theme("card"))

    def _recover(self, found: Abandoned) -> None:
        try:
            document = found.recover(self._app.registry.catalog)
        except NodegraphError as error:
            self._app.dialogs.tell("This work can't be read", str(error))
            return
        self._app.open(document, found.path, changes=found.changes)
        found.discard()

    def _discard(self, found: Abandoned) -> None:
        found.discard()
        self._app.later(self._fill)

    # -- cards

    def _sections(self) -> None:
        scale = self._app.scale
        columns = max(1, int((self._rect.x1 - self._rect.x0 - 72 * scale) // ((_CARD[0] + 12) * scale)))
        groups: dict[str, list[Card]] = {}
        for card in cards(self._app.preferences):
            groups.setdefault(card.kind, []).append(card)
        for kind, each in groups.items():
            dpg.add_spacer(height=int(12 * scale))
            heading = dpg.add_text(_TITLES.get(kind, kind), color=theme.DIM)
            dpg.bind_item_font(heading, self._app.fonts.semibold)
            for k in range(0, len(each), columns):
                with dpg.group(horizontal=True, horizontal_spacing=int(12 * scale)):
                    for card in each[k : k + columns]:
                        self._card(card)

    def _card(self, card: Card) -> None:
        scale, fonts = self._app.scale, self._app.fonts
        size = tuple(int(v * scale) for v in _CARD)
        with dpg.child_window(
            width=size[0], height=size[1], border=False, no_scrollbar=True, always_use_window_padding=True
        ) as box:
            picture = tuple(int(v * scale) for v in _PICTURE)
            dpg.add_image_button(
                self._picture(card), width=picture[0], height=picture[1], frame_padding=0,
                callback=lambda: self._open(card),
            )  # fmt: skip
            title = dpg.add_text(card.title)
            dpg.bind_item_font(title, fonts.medium)
            said = elide(card.problem or card.subtitle, 13 * scale, _PICTURE[0] * scale, 400)
            subtitle = dpg.add_text(said, color=theme.ERROR if card.problem else theme.FAINT)
            dpg.bind_item_font(subtitle, fonts.small)
        dpg.bind_item_theme(box, theme.item_theme("card"))

    def _picture(self, card: Card) -> int | str:
        """Its thumbnail, or a drawing of its graph."""
        assert self._textures is not None
        key = (card.kind, card.path, card.title, None if card.picture is None else card.picture.tobytes())
        found = self._textures.get(key)
        if found is not None:
            return found
        if card.picture is not None:
            return self._textures.put(key, _fitted(card.picture))
        try:
            graph = open_card(card, self._app.registry.catalog)[0]
        except (NodegraphError, OSError):
            graph = Graph(self._app.registry.catalog)
        return self._textures.put(key, sketch(graph, _PICTURE, theme.family_colour))

    def _open(self, card: Card) -> None:
        try:
            document, path = open_card(card, self._app.registry.catalog)
        except (NodegraphError, OSError) as error:
            self._app.dialogs.tell("This graph can't be opened", str(error))
            return
        self._app.open(document, path)


def _fitted(picture: np.ndarray) -> np.ndarray:
    """A thumbnail on a card's ground, whole and in the middle."""
    height, width = picture.shape[:2]
    zoom = min(_PICTURE[0] / width, _PICTURE[1] / height)
    made = np.full((_PICTURE[1], _PICTURE[0], 4), 0.1, np.float32)
    made[..., 3] = 1
    w, h = max(1, int(width * zoom)), max(1, int(height * zoom))
    rows, columns = (np.arange(h) / zoom).astype(int), (np.arange(w) / zoom).astype(int)
    y, x = (_PICTURE[1] - h) // 2, (_PICTURE[0] - w) // 2
    made[y : y + h, x : x + w, :3] = picture[rows[:, None], columns[None], :3] / np.float32(255)
    return made
