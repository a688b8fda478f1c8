"""What is under the cursor on the timeline, for menus and for what is said beside the hand. Pixels as on its desk."""

from __future__ import annotations

from dataclasses import dataclass

from nodegraph.editor.curves import Moving, Turning
from nodegraph.editor.geometry import Point
from nodegraph.editor.timeline import REACH
from nodegraph.editor.timeline_desk import TimelineDesk
from nodegraph.editor.tracks import KeyId, Track, TrackId

#: With more keys than this what is under the cursor isn't looked for while it only passes.
_MANY = 3000


@dataclass(frozen=True, slots=True)
class Pointed:
    """What a menu is asked for at: a track, whether keys are chosen there, and the frame."""

    track: TrackId | None
    keys: bool
    frame: int


@dataclass(frozen=True, slots=True)
class Hint:
    """What is said beside the hand. `line`: a frame to be marked by a line, at that pixel; `key`: a key's middle."""

    text: str
    line: float | None = None
    key: Point | None = None


def key_at(desk: TimelineDesk, x: float, y: float) -> KeyId | None:
    """The key under a point of what is below the ruler."""
    z = desk.zones
    if z.at(x, y) != "below":
        return None
    view = desk.dope if z.view == "dope" else desk.curves
    return view.key_at(x - z.gutter, y - z.below.y0)


def point(desk: TimelineDesk, x: float, y: float) -> Pointed:
    """A menu is asked for: the key there is chosen, in the lane all of its frame; chosen ones stay so."""
    z, keys = desk.zones, desk.keys
    place, px, py = z.at(x, y), x - z.gutter, y - z.below.y0
    frame = desk.timeline.frame_at(px)
    desk.changed += 1
    if place == "lane":
        here = column(desk, px)
        keys.select(here)
        return Pointed(None, bool(here), frame)
    if place == "names":
        found = desk.dope.track_at(py)
        return Pointed(found.id if found is not None else None, bool(keys.selection), desk.transport.frame)
    if place != "below":
        return Pointed(None, False, frame)
    key = key_at(desk, x, y)
    if key is None:
        track = _track_at(desk, px, py)
        return Pointed(track.id if track is not None else None, bool(keys.selection), frame)
    if key not in keys.selection:
        keys.select([key])
    return Pointed(key.track, True, round(key.frame))


def column(desk: TimelineDesk, px: float) -> list[KeyId]:
    """The keys of all tracks at the frame of the nearest of them within reach."""
    ids = [KeyId(track.id, frame) for track in desk.keys.tracks for frame in track.frames]
    near = min(ids, key=lambda id: abs(desk.timeline.x.to_panel(id.frame) - px), default=None)
    if near is None or abs(desk.timeline.x.to_panel(near.frame) - px) > REACH:
        return []
    return [id for id in ids if round(id.frame) == round(near.frame)]


def _track_at(desk: TimelineDesk, px: float, py: float) -> Track | None:
    """The row under a point, or the curve."""
    if desk.zones.view == "dope":
        return desk.dope.track_at(py)
    found = desk.curves.curve_at(px, py)
    return desk.keys.by_id[found] if found is not None else None


def hint(desk: TimelineDesk, x: float, y: float) -> Hint | None:
    """What there is to say where the hand is: the key it moves, the one under it, a curve's value, a frame."""
    if desk.held:
        return _moving(desk)
    z, t = desk.zones, desk.transport
    place, px = z.at(x, y), x - z.gutter
    if place in ("ruler", "lane"):
        frame = desk.timeline.frame_at(px)
        return Hint(desk.timeline.label(frame), desk.timeline.x.to_panel(frame)) if frame != t.frame else None
    if place == "range":
        near = {"in": t.in_point, "out": t.out_point}
        ends = [(abs(desk.timeline.x.to_panel(f) - px), f"{name} {desk.timeline.label(f)}") for name, f in near.items()]
        distance, text = min(ends)
        return Hint(text) if distance <= REACH else None
    if place != "below" or sum(len(track.animation.keys) for track in desk.keys.tracks) > _MANY:
        return None
    key = key_at(desk, x, y)
    if key is not None:
        return _of_key(desk, key)
    track = _track_at(desk, px, y - z.below.y0) if z.view == "curves" else None
    if track is None:
        return None
    frame = round(desk.timeline.x.to_value(px))
    return Hint(f"{track.label}   {desk.timeline.label(frame)}   {track.animation.at(frame):.4g}")


def _moving(desk: TimelineDesk) -> Hint | None:
    """The keys under way."""
    gesture = {"dope": desk.dope.gesture, "curves": desk.curves.gesture}.get(desk.held)
    if isinstance(gesture, Turning):
        return _of_key(desk, gesture.handle.key)
    if not isinstance(gesture, Moving) or not gesture.moved:
        return None
    chosen = desk.keys.selection
    return _of_key(desk, chosen[0]) if len(chosen) == 1 else Hint(f"{len(chosen)} keys")


def _of_key(desk: TimelineDesk, id: KeyId) -> Hint | None:
    """A key in words, and where it is."""
    key, z = desk.keys.key(id), desk.zones
    if key is None:
        return None
    rows = list(desk.keys.by_id)
    y = desk.dope.row(rows.index(id.track)).middle[1] if z.view == "dope" else desk.curves.y.to_panel(key.value)
    frame = desk.timeline.label(int(key.frame)) if key.frame == int(key.frame) else f"{key.frame:g}"
    text = f"{desk.keys.by_id[id.track].label}   {frame}   {key.value:.4g}   {key.interp}"
    return Hint(text, key=(desk.timeline.x.to_panel(key.frame), y))
