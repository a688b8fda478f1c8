"""Pictures, numbered sequences and clips from disk.

Which file frame shows at a frame of the document:

    frame of the document --(start at, offset)--> --(before, after)--> --(missing)--> file frame

The pixels come in the file's own layout; this node's decode stage (the transfer curve, and
multiplying by alpha) is fused with what reads it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nodegraph.errors import MediaError
from nodegraph.kernels.transfer import CURVES
from nodegraph.media.ahead import Ahead
from nodegraph.media.images import check_file, describe_image, rate_of, read_image
from nodegraph.media.sequences import expand, find_sequence, is_pattern
from nodegraph.media.video import is_video, open_clip
from nodegraph.node import Choice, In, Int, Path, Pixel, Query, Source, Text
from nodegraph.shading import premultiplied, times, unpremultiplied
from nodegraph.values import Frame, FrameSpec, Raw
from nodegraph.values.ranges import brought_inside

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.shading import Shading
    from nodegraph.values import Window

_BEYOND = ("hold", "loop", "bounce", "black", "error")

_COLOUR_SPACE = Choice(
    "auto",
    ("auto", "raw", *CURVES),
    label="colour space",
    help="The file's transfer curve. auto takes floats as linear, clips as rec709, other pictures as srgb "
    "unless the file says better; raw leaves the values alone (for data).",
)
_ALPHA = Choice(
    "auto",
    ("auto", "premultiplied", "unpremultiplied", "none"),
    help="How the file holds colours: auto believes the file; none leaves its alpha out.",
)

_ahead: Ahead[Raw | Frame] = Ahead()


@dataclass(frozen=True, slots=True)
class Moment:
    """What a file gives at a moment: a frame of it (None: a still's only one), or black."""

    path: str
    frame: int | None
    black: bool = False


class Read(Source):
    """Read a picture, a numbered sequence or a clip.

    A sequence's path has the frame number's place in it: `shot.%04d.exr` or `shot.####.exr`.
    Everything after this node is scene-linear and premultiplied.
    """

    id = "nodegraph.capture.read"
    label = "read"
    reads = frozenset({"frame"})

    path = Path(help="A picture, shot.%04d.exr or shot.####.exr for a sequence, or a clip.")
    colour_space = _COLOUR_SPACE
    alpha = _ALPHA
    layer = Text("", help='The layer of an EXR; empty is the main one, "*" all of them.')
    part = Text("", help="The part of a multi-part EXR, by name or number.")
    view = Text("", help='The view of a stereo EXR: "left", "right".')
    timing = Choice(
        "auto",
        ("auto", "start at"),
        help="auto shows a sequence's frames at their own numbers and a clip from frame 1 on.",
    )
    start_at = Int(1, label="start at", help="Where the first frame shows, when timing says so.")
    offset = Int(0, unit="frames", soft=(-100, 100), help="Shows later by this many frames.")
    before = Choice("hold", _BEYOND, help="What shows before the first frame.")
    after = Choice("hold", _BEYOND, help="What shows after the last frame.")
    missing = Choice(
        "error", ("error", "hold", "black"), help="A sequence's missing frame: hold shows the one before it."
    )

    def varies(self, q: Query) -> bool:
        return is_pattern(q.p.path) or is_video(q.p.path)

    def describe(self, q: Query) -> FrameSpec:
        return _spec(q, moment(q))

    def stamp(self, q: Query) -> object:
        now = moment(q)
        file = expand(now.path, now.frame or 0)
        status = check_file(file)
        return (file, now.frame, now.black, status.st_size, status.st_mtime_ns)

    def cook(self, q: Query, region: Window, pool: Pool) -> Frame | Raw:
        now = moment(q)
        if now.black:
            spec = _spec(q, now)
            return Frame(spec, np.zeros(spec.shape, np.float32))
        if is_video(now.path):
            assert now.frame is not None
            return open_clip(now.path).raw(now.frame)
        return _ahead.take(self._key(q), lambda: _picture(q, now))

    def prefetch(self, q: Query) -> None:
        now = moment(q)
        if now.black or now.frame is None:
            return
        if is_video(now.path):
            open_clip(now.path).prefetch(now.frame)
        else:
            _ahead.begin(self._key(q), lambda: _picture(q, now))

    def _key(self, q: Query) -> tuple[object, ...]:
        return (self.stamp(q), q.p.layer, q.p.part, q.p.view)

    def decode(self, q: Query) -> Pixel | None:
        spec = self.describe(q)
        plain = _curve(q, spec) in ("linear", "raw") and q.p.alpha in ("auto", "premultiplied")
        return None if plain and spec.premultiplied else _DECODE


# --- which frame ------------------------------------------------------------------------


def moment(q: Query) -> Moment:
    """What the file gives at the frame of the question; MediaError if nothing."""
    path = q.resolve(q.p.path)
    if not q.p.path:
        raise MediaError("no file is chosen", where=q.path, hint=f"--set {q.path}.path=FILE")
    if is_video(path) and not is_pattern(path):
        count = open_clip(path).info.frames
        first = q.p.start_at if q.p.timing == "start at" else 1
        at = _within(q, q.frame - first - q.p.offset, 0, count - 1)
        return Moment(path, 0 if at is None else at, at is None)
    if not is_pattern(path):
        return Moment(path, None)
    return _numbered(q, path)


def _numbered(q: Query, path: str) -> Moment:
    frames = find_sequence(path).frames
    shift = q.p.start_at - frames[0] if q.p.timing == "start at" else 0
    at = _within(q, q.frame - shift - q.p.offset, frames[0], frames[-1])
    if at is None:
        return Moment(path, frames[0], True)
    if os.path.exists(expand(path, at)):
        return Moment(path, at)
    if q.p.missing == "error":
        raise MediaError(
            "is missing", where=expand(path, at), hint=f'set {q.path}.missing to "hold" or "black" to go on'
        )
    nearest = max(f for f in frames if f < at)
    return Moment(path, nearest, q.p.missing == "black")


def _within(q: Query, at: int, first: int, last: int) -> int | None:
    """A frame inside the file's range, as `before` and `after` say; None is black."""
    if first <= at <= last:
        return at
    how = q.p.before if at < first else q.p.after
    if how == "black":
        return None
    if how == "error":
        side = "before" if at < first else "after"
        raise MediaError(
            f"has frames {first} to {last}, not {at}", where=q.path, hint=f'set {q.path}.{side} to "hold" or "loop"'
        )
    return brought_inside(at, first, last, how)


def _spec(q: Query, now: Moment) -> FrameSpec:
    if is_video(now.path) and not is_pattern(now.path):
        clip = open_clip(now.path)
        return clip.spec.with_(stamp=clip.stamp(now.frame or 0))
    spec = describe_image(expand(now.path, now.frame or 0), q.p.layer, q.p.part, q.p.view)
    if now.frame is None:
        return spec
    rate = rate_of(spec.metadata) or q.format.rate
    return spec.with_(stamp=replace(spec.stamp, frame=now.frame, time=now.frame / rate))


def _picture(q: Query, now: Moment) -> Raw | Frame:
    picture = read_image(expand(now.path, now.frame or 0), q.p.layer, q.p.part, q.p.view)
    stamp = _spec(q, now).stamp
    return replace(picture, spec=picture.spec.with_(stamp=stamp))


# --- to scene-linear light --------------------------------------------------------------


def _curve(q: Query, spec: FrameSpec) -> str:
    chosen: str = q.p.colour_space
    return spec.colour_space if chosen == "auto" else chosen


class Decode(Pixel):
    """A file's values to scene-linear, premultiplied light."""

    maskable = False
    image = In()
    colour_space = _COLOUR_SPACE
    alpha = _ALPHA

    def describe(self, q: Query) -> FrameSpec:
        spec = q.inputs["image"]
        names = tuple(c for c in spec.channels if c != "A") if q.p.alpha == "none" else spec.channels
        space = "raw" if _curve(q, spec) == "raw" else "linear"
        return spec.with_(channels=names, colour_space=space, premultiplied=True)

    def shade(self, s: Shading, q: Query) -> Mapping[str, str]:
        spec, values = q.inputs["image"], dict(s.inputs["image"])
        curve = CURVES.get(_curve(q, spec), CURVES["linear"])[0]
        alpha = values.get("A") if q.p.alpha != "none" else None
        held = spec.premultiplied if q.p.alpha == "auto" else q.p.alpha == "premultiplied"
        for channel in _colours(spec.channels):
            value = values[channel]
            if curve is not CURVES["linear"][0]:
                value = s.call(unpremultiplied, value, alpha)[0] if alpha and held else value
                value = s.call(curve, value)[0]
                value = s.call(premultiplied, value, alpha)[0] if alpha and held else value
            if alpha and not held:
                value = s.call(times, value, alpha)[0]
            values[channel] = value
        if q.p.alpha == "none":
            values.pop("A", None)
        return values


def _colours(channels: Sequence[str]) -> list[str]:
    return [c for c in channels if c in ("R", "G", "B")]


_DECODE = Decode()
