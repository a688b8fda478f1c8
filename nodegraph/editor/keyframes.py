"""The keys of animated parameters: which are chosen, and every edit of them. The curve editor and the dope sheet
are two views of one of these.

A drag is `grab`, then `shift` or `stretch` as often as the hand moves, each counted from where the keys were, then
`settle`: one step of undo. Where a moved key comes upon one that isn't moved, the moved one takes its place; the
other is there again as soon as the hand moves on. Values are held to the parameter's hard range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from nodegraph.editor import edits, keyclip
from nodegraph.editor.keyselection import KeySelection
from nodegraph.editor.parts import constant, is_expression, keyed, param_of, split, stored
from nodegraph.editor.tangents import inserted, slopes
from nodegraph.editor.tracks import KeyId, TrackId
from nodegraph.errors import DocumentError
from nodegraph.graph import Animation, Graph, Key, Param
from nodegraph.graph.animation import Interp

_DRAGS = count()


class Keyframes(KeySelection):
    """The keys of some nodes of a document (paths from the root), or of all, under the hand."""

    def __init__(self, document: Graph, nodes: Iterable[str] | None = None) -> None:
        super().__init__(document, nodes)
        #: Keys whose tangents turn one by one though they are alike, and those of them that are under way.
        self._broken: set[KeyId] = set()
        self._carried: frozenset[KeyId] = frozenset()
        self._grabbed: dict[TrackId, Animation] | None = None
        self._picked: frozenset[KeyId] = frozenset()
        self._merge: str | None = None
        self._dragged = False

    # -- dragging

    def grab(self) -> None:
        """A drag of the chosen keys begins."""
        self.settle()
        self._picked = frozenset(self.selection)
        self._carried = self._picked & self._broken
        self._grabbed = {id: self.by_id[id].animation for id in dict.fromkeys(k.track for k in self.selection)}
        self._merge, self._dragged = f"keys {next(_DRAGS)}", False

    def settle(self) -> None:
        """The drag is over."""
        if self._dragged:
            self.document.history.settle()
        self._grabbed, self._merge, self._dragged = None, None, False

    def cancel(self) -> None:
        """The drag didn't happen."""
        if self._dragged:
            self.document.undo()
            self._selection = set(self._picked)
            self._broken |= self._carried
        self._grabbed, self._merge, self._dragged = None, None, False

    def shift(self, frames: float, value: float, *, whole: bool = True) -> None:
        """Move the chosen keys by so much since the grab; outside a drag it is a step of its own.

        `whole`: by whole frames, so that keys between frames stay between them.
        """
        by = round(frames) if whole else frames
        self._transform("move keys", lambda key: replace(key, frame=key.frame + by, value=key.value + value))

    def stretch(self, frames: float, values: float, frame: float, value: float = 0.0, *, whole: bool = True) -> None:
        """Scale the chosen keys around a frame and a value, by factors since the grab.

        `whole`: they come to whole frames; of two that come to one, the later counts. Time isn't
        turned round: the factor for frames must be above 0.
        """
        if frames <= 0:
            self.notice = "keys can't be scaled to nothing, nor backwards"
            return

        def scaled(key: Key) -> Key:
            at = frame + (key.frame - frame) * frames
            into, out = (None if s is None else s * values / frames for s in (key.slope_in, key.slope_out))
            return Key(round(at) if whole else at, value + (key.value - value) * values, key.interp, into, out)

        self._transform("scale keys", scaled)

    def _transform(self, label: str, change: Callable[[Key], Key]) -> None:
        if self._grabbed is None:
            self.grab()
            self._transform(label, change)
            return self.settle()
        new: dict[TrackId, Any] = {}
        went: dict[KeyId, KeyId] = {}
        with self._granting():
            for id, animation in self._grabbed.items():
                param = param_of(self.document, id.path, id.param)[2]
                picked = [k for k in animation.keys if KeyId(id, k.frame) in self._picked]
                moved = [_held(param, change(k)) for k in picked]
                new[id] = _together((k for k in animation.keys if KeyId(id, k.frame) not in self._picked), moved)
                went.update((KeyId(id, a.frame), KeyId(id, b.frame)) for a, b in zip(picked, moved, strict=True))
            before = self.document.revision
            self._store(new, label, self._merge)
            self._dragged = self._dragged or self.document.revision != before
            self._broken -= set(self._selection)
            self._broken |= {went[id] for id in self._carried}
            self._selection = set(went.values())

    # -- keys

    def add(self, track: TrackId, frame: float, value: float | None = None) -> None:
        """A key on a track: on the curve, which stays as it is, or at a value. It is chosen then."""
        with self._granting():
            found = self._track(track)
            new = inserted(found.animation, frame)
            if value is not None:
                new = keyed(found.param, found.animation, frame, constant(found.param, value))
            self._store({track: new}, "add key")
            self._selection = {KeyId(track, frame)}

    def set_at(self, frame: float) -> None:
        """A key on the curve of every track that has a chosen key, or of all of them."""
        with self._granting():
            found = self._meant()
            self._store({id: inserted(self.by_id[id].animation, frame) for id in found}, "add keys")
            self._selection = {KeyId(id, frame) for id in found}

    def remove_at(self, frame: float) -> None:
        """The keys on a frame go, of every track that has a chosen key, or of all of them."""
        with self._granting():
            there = {id: {frame} for id in self._meant() if frame in self.by_id[id].frames}
            if not there:
                raise DocumentError(f"there is no key on frame {frame:g}", where="the timeline")
            self._remove(there)

    def _meant(self) -> list[TrackId]:
        found = [*self._chosen()] or [*self.by_id]
        if not found:
            hint = "the diamond beside a parameter sets its first key"
            raise DocumentError("nothing is animated here", where="the timeline", hint=hint)
        return found

    def delete(self) -> None:
        """The chosen keys go; a track that loses them all is the constant that its first was."""
        with self._granting():
            self._remove(self._chosen())

    def _remove(self, keys: Mapping[TrackId, set[float]]) -> None:
        new: dict[TrackId, Any] = {}
        for id, frames in keys.items():
            track = self.by_id[id]
            rest = [key for key in track.animation.keys if key.frame not in frames]
            new[id] = Animation(rest) if rest else constant(track.param, track.animation.keys[0].value)
        self._store(new, "delete keys")
        self._selection = set()

    def set_interp(self, interp: Interp) -> None:
        """How the chosen keys run on to the next."""
        self._each("interpolation", lambda key, _: replace(key, interp=interp))

    # -- tangents

    def is_broken(self, id: KeyId) -> bool:
        """Whether the tangents of a key turn one by one: they differ, or were broken."""
        key = self.key(id)
        return id in self._broken or (key is not None and key.slope_in != key.slope_out)

    def set_slope(self, id: KeyId, slope: float, *, out: bool, drag: bool = False) -> None:
        """Turn a tangent of a key to a slope in value per frame; both of them unless they are broken.

        Inside a drag (`grab` before, `settle` after) it is part of the one step.
        """
        broken = self.is_broken(id)
        if broken:
            self._broken.add(id)

        def turned(key: Key, _: tuple[float, float]) -> Key:
            into = key.slope_in if broken and out else slope
            return replace(key, slope_in=into, slope_out=key.slope_out if broken and not out else slope)

        self._each("tangent", turned, [id], self._merge if drag else None)

    def flatten(self) -> None:
        """The tangents of the chosen keys become level."""
        self._each("flatten", lambda key, _: replace(key, slope_in=0.0, slope_out=0.0))

    def automatic(self) -> None:
        """The tangents of the chosen keys follow their neighbours again."""
        self._broken -= set(self.selection)
        self._each("automatic tangents", lambda key, _: replace(key, slope_in=None, slope_out=None))

    def break_tangents(self) -> None:
        """The two tangents of the chosen keys turn one by one; they stay where they are."""
        self._broken |= set(self.selection)
        self._each("break tangents", lambda key, s: replace(key, slope_in=s[0], slope_out=s[1]))

    def unify_tangents(self) -> None:
        """The two tangents of the chosen keys become one, halfway between them."""
        self._broken -= set(self.selection)
        self._each("unify tangents", lambda key, s: replace(key, slope_in=sum(s) / 2, slope_out=sum(s) / 2))

    def _each(
        self,
        label: str,
        change: Callable[[Key, tuple[float, float]], Key],
        ids: Iterable[KeyId] | None = None,
        merge: str | None = None,
    ) -> None:
        """Change keys (the chosen ones) where they are, each given with its slopes."""
        wanted = set(self.selection if ids is None else ids)
        new: dict[TrackId, Any] = {}
        with self._granting():
            for track in {self._track(id.track).id: self._track(id.track) for id in wanted}.values():
                keys = track.animation.keys
                new[track.id] = Animation(
                    change(key, slopes(track.animation, i)) if KeyId(track.id, key.frame) in wanted else key
                    for i, key in enumerate(keys)
                )
            before = self.document.revision
            self._store(new, label, merge)
            self._dragged = self._dragged or (merge is not None and self.document.revision != before)

    # -- copies

    def copy(self) -> str:
        """The chosen keys as text; "" when there are none."""
        chosen = self._chosen()
        if not chosen:
            return ""
        return keyclip.write({id: _of(self.by_id[id].animation, frames) for id, frames in chosen.items()})

    def paste(self, text: str, frame: float, onto: TrackId | None = None) -> None:
        """Copied keys come in with the first of them at `frame`, over those that are on their frames.

        They go to the tracks they are from, or those of a single track `onto` another; a constant
        becomes animated, an expression is left alone with a notice.
        """
        with self._granting():
            new: dict[TrackId, Any] = {}
            chosen: set[KeyId] = set()
            for id, keys in keyclip.read(text, frame, onto).items():
                param = param_of(self.document, id.path, id.param)[2]
                part = self._part(id, param)
                moved = [_held(param, key) for key in keys]
                new[id] = _together(part.keys if isinstance(part, Animation) else (), moved)
                chosen.update(KeyId(id, key.frame) for key in moved)
            self._store(new, "paste keys")
            self._selection = chosen

    def _part(self, id: TrackId, param: Param) -> Any:
        """What stands where keys are to come."""
        if not param.animatable or not 0 <= id.component < param.length:
            raise DocumentError(f"parameter {param.name!r} can't take these keys", where=id.path)
        part = split(param, stored(self.document, id.path, id.param))[id.component]
        if is_expression(part):
            raise edits.holds_expression(id.path, param)
        return part


def _held(param: Param, key: Key) -> Key:
    """A key with its value within the parameter's range, and whole where it must be."""
    return replace(key, value=float(constant(param, key.value)))


def _of(animation: Animation, frames: set[float]) -> list[Key]:
    return [key for key in animation.keys if key.frame in frames]


def _together(rest: Iterable[Key], moved: Iterable[Key]) -> Animation:
    """Keys as one animation: those that moved count over the rest, later ones over earlier ones."""
    return Animation(({k.frame: k for k in rest} | {k.frame: k for k in moved}).values())
