"""An editing session: one document, everything that shows it, and what keys and menus do to it.

The drawing layer calls `tick` once per frame of its own and draws what it then finds here; it changes
nothing but through these methods. Nothing here waits for a picture.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from nodegraph.editor import thumbnails
from nodegraph.editor.actions import ACTIONS
from nodegraph.editor.adopt import adopt
from nodegraph.editor.badges import Badges
from nodegraph.editor.canvas import Canvas
from nodegraph.editor.cooker import Cooker, Wish
from nodegraph.editor.decor import backdrop_around
from nodegraph.editor.display import SRGB
from nodegraph.editor.effects import decorates, removed, renamed, touched
from nodegraph.editor.errands import Errands
from nodegraph.editor.geometry import Rect
from nodegraph.editor.journal import Journal
from nodegraph.editor.keymap import Keymap
from nodegraph.editor.layout import Edge, align, distribute, tidy
from nodegraph.editor.messages import Messages
from nodegraph.editor.painter import Painter
from nodegraph.editor.parameters import Sheet
from nodegraph.editor.picking import pick_target, pick_values, picked
from nodegraph.editor.preferences import Preferences, config_folder
from nodegraph.editor.presets import Presets
from nodegraph.editor.search import Palette
from nodegraph.editor.stamps import Stamp
from nodegraph.editor.transport import Transport
from nodegraph.editor.viewer import Viewer
from nodegraph.editor.watch import reload
from nodegraph.errors import DocumentError, NodegraphError
from nodegraph.graph import Command, Graph, dumps, load, save
from nodegraph.graph.stored import live_parts
from nodegraph.packs import Registry

#: What a frame of the screen waits for a draft while the hand drags: less than the frame that would come without it.
_DRAFT_WAIT = 0.016
#: Frames asked of the sources ahead of a playing picture.
_AHEAD = 3


class Session:
    """One document being edited. `path` is "" until it is saved; `clipboard` is how text is copied out and in."""

    def __init__(
        self,
        document: Graph,
        registry: Registry,
        *,
        path: str = "",
        preferences: Preferences | None = None,
        journal_folder: Path | None = None,
        changes: int = 0,
    ) -> None:
        self.document, self.registry, self.path = document, registry, path
        self.preferences = preferences or Preferences()
        self.canvas = Canvas(document)
        self.viewer = Viewer(transform=self.preferences.view)
        self.sheet = Sheet(document, Presets(config_folder() / "presets"))
        self.transport = Transport(document.setting("first"), document.setting("last"), document.rate)
        self.palette = Palette(document.catalog)
        self.messages = Messages()
        self.keymap = self._keys()
        self.badges = Badges(document)
        self.clipboard = ""
        self.copied: Callable[[str], None] = self._keep
        self.pasted: Callable[[], Future[str]] = self._kept
        #: What was just refused, for a moment on the screen.
        self.notice = ""
        #: Whether a slider or a handle is being dragged: drafts are enough meanwhile.
        self.dragging = False
        self._saved = dumps(document)
        self._saved_revision = document.revision
        self._asked: Wish | None = None
        self._edited = True
        self.errands = Errands(document, self.viewer, registry)
        self.painter = Painter()
        self.cooker = self._cook()
        document.history.listeners.append(self._heard)
        self.journal = Journal.begin(document, path, journal_folder, changes=changes)
        if changes:
            self._saved_revision = -1
            self._saved = b""

    def close(self, *, keep_journal: bool = False) -> None:
        """End the session; what wasn't saved is gone, unless the journal is kept for the next start."""
        self.document.history.listeners.remove(self._heard)
        if self.path:
            self.remember()
        self.sheet.leave()
        if not keep_journal:
            self.journal.close()
        self.cooker.close()
        self.painter.close()

    # -- once per frame of the screen

    def tick(self, now: float | None = None) -> bool:
        """Take in what was made, and ask for what is missing; whether the viewer's picture is new."""
        now = time.monotonic() if now is None else now
        for cooked in self.cooker.results():
            self.badges.cooked(cooked)
            self.errands.cooked(cooked)
            self.cook_ms, self.cost_memory = cooked.ms, cooked.memory
            for node in cooked.made:
                self.messages.resolve(node)
            if cooked.errors:
                self.transport.failed(cooked.wish.frame)
            for node, error in cooked.errors.items():
                self.messages.post(error, node)
        self.badges.touch(self.errands.take_answers(self.say))
        self._look_after_threads()
        self._follow_settings()
        self.transport.advance(now)
        asked = self._wish()
        self.painter.look(self.viewer.look())
        if asked and self.dragging:
            self.painter.ready(_DRAFT_WAIT)
        painted = self.painter.take()
        if painted is not None:
            self.viewer.took(painted)
            self.transport.shown(painted.shot.frame, now)
        self._tidy_up(now)
        return painted is not None

    def _look_after_threads(self) -> None:
        """A viewer that can't be painted says why; a cooking thread that lost the document gets it again."""
        if self.painter.problem:
            self.messages.post(self.painter.problem)
            self.say(self.painter.problem)
            self.painter.problem = ""
            self.viewer.transform = SRGB
        if self.cooker.lost:
            self.cooker.close()
            self.cooker = self._cook()
            self._edited = True

    def _tidy_up(self, now: float) -> None:
        """What can wait."""
        idle = not (self.dragging or self.transport.playing)
        self.errands.run(
            self.cooker, now, frame=self.transport.frame, idle=idle, thumbnails=self.preferences.thumbnails
        )
        for path in self.errands.changed_files(now):
            self.reload(path)
        if not self.dragging:
            self.journal.sync()

    @property
    def cached(self) -> list[int]:
        """The frames at which what is viewed is in the cache."""
        return self.errands.cached

    @property
    def stamps(self) -> Mapping[str, Stamp]:
        """The small pictures on nodes, by path."""
        return self.errands.stamps

    def _wish(self) -> bool:
        """Ask for what isn't there; whether anything was."""
        wish = self.viewer.wish(
            self.transport.frame, dragging=self.dragging, ahead=self._coming(), draft=not self.transport.playing
        )
        if self._edited or self._asked is None or wish != replace(self._asked, draft=wish.draft):
            self._edited = False
            self._asked = wish
            self.cooker.ask(wish)
            return True
        return False

    def _coming(self) -> tuple[int, ...]:
        """Frames that will be wanted next."""
        if not self.transport.playing:
            return ()
        frame, step, last = self.transport.frame, self.transport.direction, self.document.setting("last")
        return tuple(
            f for k in range(1, _AHEAD + 1) if self.document.setting("first") <= (f := frame + k * step) <= last
        )

    def reload(self, path: Path) -> None:
        """Load a node file anew. What is wrong with it is a message, and the nodes stay as they were."""
        found = reload(self.registry, path)
        if found.problem:
            self.messages.post(found.problem, severity="error")
            self.say(f"{path.name} can't be loaded: its nodes stay as they were")
            return
        gone = adopt(self.document, found)
        self.registry = found.registry
        self.palette = Palette(self.document.catalog, self.palette.recent)
        self.cooker.close()
        self.cooker = self._cook()
        self.journal.renew()
        self._edited = True
        for text in gone:
            self.messages.post(text, severity="warning")
        self.say(f"reloaded {path.name}")

    def _follow_settings(self) -> None:
        first, last = self.document.setting("first"), self.document.setting("last")
        if (first, last, self.document.rate) != (self.transport.first, self.transport.last, self.transport.rate):
            self.transport.configure(first, last, self.document.rate)

    # -- the document

    def _heard(self, command: Command) -> None:
        if not decorates(command):
            self._edited = True
        for node in touched(command):
            self.badges.edited(node)
        for old, new in renamed(command):
            for follower in (self.viewer, self.badges, self.messages):
                follower.renamed(old, new)
        for node in removed(command):
            self.messages.resolve(node)

    @property
    def name(self) -> str:
        return Path(self.path).name if self.path else "untitled"

    @property
    def unsaved(self) -> bool:
        """Whether the document differs from what is on the disk."""
        if self.document.revision == self._saved_revision:
            return False
        if dumps(self.document) != self._saved:
            return True
        self._saved_revision = self.document.revision
        return False

    @property
    def touched(self) -> bool:
        """Whether anything happened since the last save; quicker than `unsaved`, and also true after an undo."""
        return self.document.revision != self._saved_revision

    def save(self, path: str | None = None) -> bool:
        """Save here, or where it is; whether that went well."""
        target = path or self.path
        if not target:
            self.say("the graph has no file yet")
            return False
        if not target.endswith(".graph"):
            target += ".graph"
        try:
            self._saved = save(self.document, target)
        except (NodegraphError, OSError) as error:
            self.messages.post(str(error), severity="error")
            self.say(str(error))
            return False
        self._saved = dumps(self.document)
        self._saved_revision = self.document.revision
        moved = target != self.path
        self.path = target
        self.document.folder = str(Path(target).resolve().parent)
        self._edited = self._edited or moved
        self.journal.saved(target)
        self.remember()
        self.say(f"saved {self.name}")
        return True

    def remember(self) -> None:
        """Put the file among the recent ones, with what the viewer shows as its picture."""
        painted = self.viewer.painted
        rect = painted.picture_rect() if painted is not None else None
        if painted is not None and rect is not None and self.path:
            x0, y0, x1, y1 = rect
            thumbnails.remember(self.path, painted.shown[y0:y1, x0:x1])
        try:
            self.preferences.add_recent(self.path)
            self.preferences.save()
        except (NodegraphError, OSError) as error:
            self.messages.post(str(error), severity="warning")

    def say(self, text: str) -> None:
        """Show a line for a moment."""
        self.notice = text

    def _cook(self) -> Cooker:
        memory = self.preferences.cache_memory << 20
        return Cooker(self.document, self.registry, self.painter.show, memory=memory or None)

    def _keys(self) -> Keymap:
        try:
            return Keymap(self.preferences.keymap, self.preferences.keys)
        except NodegraphError as error:
            self.messages.post(error, severity="warning")
            return Keymap()

    def _keep(self, text: str) -> None:
        self.clipboard = text

    def _kept(self) -> Future[str]:
        kept: Future[str] = Future()
        kept.set_result(self.clipboard)
        return kept

    def take_pasted(self, call: Callable[[str], object]) -> None:
        """Do something with the clipboard's text, once it is here."""
        self.errands.answer(self.pasted(), call)

    def settle_preferences(self) -> None:
        """Keys changed."""
        self.keymap = self._keys()

    @property
    def busy(self) -> bool:
        """Whether pictures are on their way, or run."""
        return self.transport.playing or self.cooker.busy

    @property
    def cost(self) -> str:
        """What goes on, in a few words."""
        memory = self.cost_memory / (1 << 20)
        shown = f"{self.transport.fps(time.monotonic()):.1f} fps   " if self.transport.playing else ""
        return f"{shown}cook {self.cook_ms:.0f} ms   cache {memory:.0f} MB"

    cook_ms = 0.0
    cost_memory = 0

    def first_look(self) -> None:
        """Look at the end of the graph: an output that comes of something, or else the last node that does."""
        from nodegraph.editor.firstlook import first_look

        node = first_look(self.document)
        if node is not None:
            self.viewer.show(node)

    def pick(self, rect: Rect) -> None:
        """Give the chosen node the mean colour of a box of its own source's picture (picture points)."""
        path = next(iter(self.sheet.nodes), None)
        if path is None or pick_target(self.document, path) is None:
            self.say("choose a node with a colour first, a keyer say")
            return
        graph, node = self.document.locate(path)
        source = next(iter(graph.inputs(node.name).values()), None)
        seen = graph.prefix + source[0] if source is not None else self.viewer.a
        if seen is None:
            return
        frame, scale = self.transport.frame, self.viewer.proxy
        asked = self.cooker.run(lambda engine: picked(engine.cook(seen, frame, scale=scale), rect))
        self.errands.answer(asked, lambda colour: self._take_colour(path, colour))

    def _take_colour(self, path: str, colour: tuple[float, ...] | None) -> None:
        if colour is None or path not in self.document:
            self.say("there is no colour")
            return
        values = pick_values(self.document, path, colour)
        with self.document.batch(f"pick a colour for {path}"):
            for name, value in values.items():
                self.document.set(f"{path}.{name}", value)

    # -- what keys and menus do

    def perform(self, action: str) -> bool:
        """Do an action by name; False when it isn't one of the session's (it opens a window, say)."""
        method = _METHODS.get(action)
        if method is None:
            if action.startswith("graph.view_"):
                self.view(action.removeprefix("graph.view_"))
                return True
            return False
        self.canvas.notice = ""
        try:
            method(self)
        except DocumentError as error:
            self.say(str(error))
        if self.canvas.notice:
            self.say(self.canvas.notice)
        return True

    @property
    def _chosen(self) -> list[str]:
        return [name for name in self.canvas.selection if name in self.canvas.graph.nodes]

    def _prefixed(self, name: str) -> str:
        return self.canvas.graph.prefix + name

    def view(self, slot: str) -> None:
        """Send the chosen node to the viewer; without one, look at what the key holds."""
        chosen = self._chosen
        if chosen:
            self.viewer.show(self._prefixed(chosen[-1]), slot)
        elif not self.viewer.recall(slot):
            self.say(f"nothing is on {slot}: choose a node first")

    def undo(self) -> None:
        label = self.document.history.undo_label
        self.say(f"undone: {label}" if self.document.undo() else "nothing to undo")

    def redo(self) -> None:
        label = self.document.history.redo_label
        self.say(f"done again: {label}" if self.document.redo() else "nothing to redo")

    def copy(self) -> None:
        if self._chosen:
            self.copied(self.canvas.copy())

    def cut(self) -> None:
        self.copy()
        self.canvas.remove()

    def paste(self, at: tuple[float, float] | None = None) -> None:
        self.take_pasted(lambda text: self._paste(text, at))

    def _paste(self, text: str, at: tuple[float, float] | None) -> None:
        self.canvas.paste(text, at)
        if self.canvas.notice:
            self.say(self.canvas.notice)

    def tidy(self) -> None:
        """Lay the chosen nodes out, or all."""
        names = self._chosen if len(self._chosen) > 1 else None
        self._arrange(tidy(self.canvas.graph, names))
        if names is None:
            self.canvas.view.frame(self.canvas.geometry.bounds())

    def _arrange(self, positions: dict[str, tuple[float, float]]) -> None:
        graph = self.canvas.graph
        moved = {name: at for name, at in positions.items() if graph.nodes[name].position != at}
        if moved:
            with self.canvas.step("arrange"):
                for name, (x, y) in moved.items():
                    graph.move(name, x, y)

    def select_all(self) -> None:
        self.canvas.selection = list(self.canvas.graph.nodes)

    def enter(self) -> None:
        if self._chosen:
            self.canvas.enter(self._chosen[-1])

    def add_dot(self) -> None:
        """A dot after the chosen node, or where the hand is."""
        self.canvas.add("nodegraph.flow.dot", self.canvas.view.to_plane(*self.hand))

    #: Where the hand last was over the graph, in panel pixels.
    hand: tuple[float, float] = (0.0, 0.0)

    def backdrop(self) -> None:
        if self._chosen:
            with self.canvas.step("backdrop"):
                backdrop_around(self.canvas.graph, self._chosen, "Backdrop")

    def zoom_graph(self, factor: float) -> None:
        view = self.canvas.view
        view.zoom_at(view.width / 2, view.height / 2, factor)

    def zoom_viewer(self, factor: float) -> None:
        self.viewer.zoom(self.viewer.view.width / 2, self.viewer.view.height / 2, factor)

    def expose(self, stops: float) -> None:
        self.viewer.exposure = round(self.viewer.exposure + stops, 3)

    def gamma(self, step: float) -> None:
        self.viewer.gamma = round(min(5.0, max(0.1, self.viewer.gamma + step)), 3)

    def next_proxy(self) -> None:
        """Full size, a half, a quarter, and again."""
        self.viewer.proxy = {1.0: 0.5, 0.5: 0.25}.get(self.viewer.proxy, 1.0)

    def next_guide(self) -> None:
        """No guides, then one after the other."""
        from nodegraph.editor.viewer import GUIDES

        names = [*GUIDES]
        now = names.index(self.viewer.guides[0]) + 1 if self.viewer.guides else 0
        self.viewer.guides = [names[now]] if now < len(names) else []

    def jump_key(self, forward: bool) -> None:
        """To the next key of what is chosen, or of all."""
        self.transport.jump(self.key_frames(), forward=forward)

    def key_frames(self) -> set[int]:
        """Frames with a key: of the chosen nodes, or of all of the graph."""
        names = self._chosen or list(self.canvas.graph.nodes)
        found: set[int] = set()
        for name in names:
            for value in self.canvas.graph.nodes[name].params.values():
                for part in live_parts(value):
                    found.update(round(key.frame) for key in getattr(part, "keys", ()))
        return found

    def show_node(self, path: str) -> None:
        """Go where a node is, choose and frame it: what "show me" does."""
        if path not in self.document:
            self.say(f"{path} is gone")
            return
        around, _, name = path.rpartition("/")
        if around != self.canvas.path:
            self.canvas.go(around)
        self.canvas.selection = [name]
        self.canvas.frame()


def _aligned(edge: Edge) -> Callable[[Session], Any]:
    return lambda session: session._arrange(align(session.canvas.geometry.boxes, session._chosen, edge))


_METHODS: dict[str, Callable[[Session], Any]] = {
    **{f"graph.align_{edge}": _aligned(edge) for edge in get_args(Edge)},
    "edit.undo": Session.undo,
    "edit.redo": Session.redo,
    "edit.cancel": lambda s: s.canvas.cancel(),
    "file.save": Session.save,
    "graph.delete": lambda s: s.canvas.remove(),
    "graph.extract": lambda s: s.canvas.extract(),
    "graph.dot": Session.add_dot,
    "graph.tidy": Session.tidy,
    "graph.distribute_x": lambda s: s._arrange(distribute(s.canvas.geometry.boxes, s._chosen, "x")),
    "graph.distribute_y": lambda s: s._arrange(distribute(s.canvas.geometry.boxes, s._chosen, "y")),
    "graph.group": lambda s: s.canvas.group(),
    "graph.ungroup": lambda s: s.canvas.ungroup(),
    "graph.enter": Session.enter,
    "graph.leave": lambda s: s.canvas.leave(),
    "graph.copy": Session.copy,
    "graph.cut": Session.cut,
    "graph.paste": lambda s: s.paste(s.canvas.view.to_plane(*s.hand)),
    "graph.duplicate": lambda s: s.canvas.duplicate(),
    "graph.bypass": lambda s: s.canvas.bypass(),
    "graph.frame": lambda s: s.canvas.frame(),
    "graph.zoom_in": lambda s: s.zoom_graph(1.25),
    "graph.zoom_out": lambda s: s.zoom_graph(0.8),
    "graph.select_all": Session.select_all,
    "graph.backdrop": Session.backdrop,
    "viewer.fit": lambda s: s.viewer.fit(),
    "viewer.one_to_one": lambda s: s.viewer.one_to_one(),
    "viewer.zoom_in": lambda s: s.zoom_viewer(1.25),
    "viewer.zoom_out": lambda s: s.zoom_viewer(0.8),
    "viewer.red": lambda s: s.viewer.channel("red"),
    "viewer.green": lambda s: s.viewer.channel("green"),
    "viewer.blue": lambda s: s.viewer.channel("blue"),
    "viewer.alpha": lambda s: s.viewer.channel("alpha"),
    "viewer.luminance": lambda s: s.viewer.channel("luminance"),
    "viewer.matte": lambda s: s.viewer.channel("matte"),
    "viewer.exposure_up": lambda s: s.expose(0.5),
    "viewer.exposure_down": lambda s: s.expose(-0.5),
    "viewer.gamma_up": lambda s: s.gamma(0.1),
    "viewer.gamma_down": lambda s: s.gamma(-0.1),
    "viewer.reset": lambda s: s.viewer.reset(),
    "viewer.wipe": lambda s: s.viewer.compared("wipe"),
    "viewer.difference": lambda s: s.viewer.compared("difference"),
    "viewer.side_by_side": lambda s: s.viewer.compared("side"),
    "viewer.proxy": Session.next_proxy,
    "viewer.guides": Session.next_guide,
    "viewer.data_window": lambda s: setattr(s.viewer, "data_window", not s.viewer.data_window),
    "viewer.handles": lambda s: setattr(s.viewer, "handles", not s.viewer.handles),
    "timeline.play": lambda s: s.transport.key_l(),
    "timeline.stop": lambda s: s.transport.key_k(),
    "timeline.play_back": lambda s: s.transport.key_j(),
    "timeline.next_key": lambda s: s.jump_key(True),
    "timeline.previous_key": lambda s: s.jump_key(False),
}

#: Actions that open something: the drawing layer does them.
WINDOWS = frozenset(ACTIONS) - frozenset(_METHODS)


def open_document(path: str, registry: Registry) -> Graph:
    """The document in a file; DocumentError says what is wrong with it."""
    return load(path, registry.catalog)
