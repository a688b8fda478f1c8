"""The colours of tracks: components as one knows them, single numbers each its own; and which of their keys are seen."""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from nodegraph.editor.axis import Axis
from nodegraph.editor.tracks import Track, TrackId, letter
from nodegraph.graph import Key

RGB = tuple[int, int, int]

#: First, second, third component, and those after them.
COMPONENTS: tuple[RGB, ...] = ((224, 98, 88), (112, 188, 108), (104, 152, 224), (196, 196, 196))
#: For numbers of their own.
SCALARS: tuple[RGB, ...] = (
    (222, 178, 104), (122, 190, 186), (198, 138, 196), (164, 190, 110), (222, 142, 112), (144, 156, 214), (206, 198, 150),
    (134, 182, 152),
)  # fmt: skip


def tints(tracks: Iterable[Track]) -> dict[TrackId, RGB]:
    """A colour for each track. A number keeps its own whatever else is animated, as far as colours suffice."""
    found: dict[TrackId, RGB] = {}
    taken: set[int] = set()
    for track in tracks:
        if track.param.length > 1:
            found[track.id] = COMPONENTS[min(track.id.component, len(COMPONENTS) - 1)]
            continue
        if len(taken) == len(SCALARS):
            taken.clear()
        index = zlib.crc32(f"{track.id.path}.{track.id.param}".encode()) % len(SCALARS)
        while index in taken:
            index = (index + 1) % len(SCALARS)
        taken.add(index)
        found[track.id] = SCALARS[index]
    return found


def names(track: Track) -> tuple[str, str]:
    """How a row is called: the node, and what of it: ("blur", "size.x")."""
    param = track.id.param
    return track.id.path, f"{param}.{letter(track.param, track.id.component)}" if track.param.length > 1 else param


def seen(track: Track, axis: Axis, margin: float = 8.0) -> tuple[list[Key], list[float]]:
    """The keys of a track that an axis shows, with so many pixels on both sides, and the pixels they are at."""
    low, high = axis.seen
    frames, beyond = track.frames, margin / axis.zoom
    keys = list(track.animation.keys[bisect_left(frames, low - beyond) : bisect_right(frames, high + beyond)])
    middle, zoom, centre = axis.pixels / 2, axis.zoom, axis.centre
    return keys, [middle + (key.frame - centre) * zoom for key in keys]


def bunches(places: Sequence[float], gap: float) -> list[tuple[int, int]]:
    """Rising places as runs (first, last index) in which none is `gap` or more from the next: what is too close
    to be drawn one by one."""
    found: list[tuple[int, int]] = []
    for i, place in enumerate(places):
        if found and place - places[i - 1] < gap:
            found[-1] = found[-1][0], i
        else:
            found.append((i, i))
    return found
