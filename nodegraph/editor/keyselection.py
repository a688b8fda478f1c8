"""Keys by name: the tracks of a document, which of their keys are chosen, and how changed ones are stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nodegraph.editor import edits
from nodegraph.editor.parts import param_of, split, stored
from nodegraph.editor.tracks import KeyId, Track, TrackId, tracks
from nodegraph.errors import DocumentError
from nodegraph.graph import Graph, Key


class KeySelection:
    """The keys of some nodes of a document (paths from the root), or of all."""

    def __init__(self, document: Graph, nodes: Iterable[str] | None = None) -> None:
        self.document = document
        self.nodes = None if nodes is None else list(nodes)
        #: Why the last wish wasn't granted; "" when it was.
        self.notice = ""
        self._selection: set[KeyId] = set()
        self._tracks: tuple[Any, dict[TrackId, Track]] = (None, {})

    # -- what there is

    @property
    def by_id(self) -> dict[TrackId, Track]:
        """The tracks, in the order of nodes and parameters."""
        state = (self.document.revision, None if self.nodes is None else tuple(self.nodes))
        if self._tracks[0] != state:
            self._tracks = (state, {track.id: track for track in tracks(self.document, self.nodes)})
        return self._tracks[1]

    @property
    def tracks(self) -> list[Track]:
        return list(self.by_id.values())

    def key(self, id: KeyId) -> Key | None:
        track = self.by_id.get(id.track)
        return next((k for k in track.animation.keys if k.frame == id.frame), None) if track is not None else None

    @property
    def selection(self) -> list[KeyId]:
        """The chosen keys that are there, by track and frame."""
        return [KeyId(t.id, f) for t in self.tracks for f in t.frames if KeyId(t.id, f) in self._selection]

    def select(self, ids: Iterable[KeyId], add: bool = False) -> None:
        """Choose keys, in place of those that were chosen or with them."""
        self._selection = (set(self.selection) if add else set()) | set(ids)

    def toggle(self, id: KeyId) -> None:
        self._selection ^= {id}

    def select_all(self, track: TrackId | None = None) -> None:
        """Choose every key, or those of one track."""
        self.select(KeyId(t.id, f) for t in self.tracks for f in t.frames if track in (None, t.id))

    # -- steps

    def _chosen(self) -> dict[TrackId, set[float]]:
        found: dict[TrackId, set[float]] = {}
        for id in self.selection:
            found.setdefault(id.track, set()).add(id.frame)
        return found

    def _track(self, id: TrackId) -> Track:
        track = self.by_id.get(id)
        if track is None:
            raise DocumentError(f"parameter {id.param!r} isn't animated", where=id.path)
        return track

    def _store(self, new: Mapping[TrackId, Any], label: str, merge: str | None = None) -> None:
        """Put parts where they belong, all as one step."""
        params: dict[tuple[str, str], dict[int, Any]] = {}
        for id, part in new.items():
            params.setdefault((id.path, id.param), {})[id.component] = part
        with self.document.batch(label, merge=merge):
            for (path, name), changed in params.items():
                param = param_of(self.document, path, name)[2]
                parts = split(param, stored(self.document, path, name))
                edits.put(self.document, path, param, [changed.get(i, p) for i, p in enumerate(parts)], label)

    @contextmanager
    def _granting(self) -> Iterator[None]:
        """What the document refuses becomes the notice."""
        self.notice = ""
        try:
            yield
        except DocumentError as error:
            self.notice = str(error)
