"""Pictures, sequences and clips to disk.

What is written is made by this node's encode stage (dividing by alpha, the transfer curve),
which is fused with the picture's own last kernel; then stored in the file's samples.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal

from nodegraph.errors import MediaError
from nodegraph.kernels.transfer import CURVES
from nodegraph.media.movie import CODECS, MovieWriter
from nodegraph.media.sequences import expand, is_pattern
from nodegraph.media.stills import DEPTHS, EXR_COMPRESSIONS, Depth, StillOptions, is_whole, write_image
from nodegraph.media.video import VIDEO_SUFFIXES, is_video, open_clip
from nodegraph.node import Choice, In, Int, Path, Pixel, Query, Sink, SinkWriter, Text, chosen_channels
from nodegraph.shading import unpremultiplied
from nodegraph.values import Frame, FrameSpec, Window
from nodegraph.values.ranges import parse_frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nodegraph.shading import Shading

_PATH = Path(
    save=True, help="out.%04d.exr for a sequence; .exr .png .tif .dpx .jpg .hdr, or .mp4 .mov .mkv for a clip."
)
_COLOUR_SPACE = Choice(
    "auto",
    ("auto", "raw", *CURVES),
    label="colour space",
    help="The file's transfer curve. auto: linear for EXR, HDR and floats, cineon for DPX, rec709 for clips, srgb for the rest.",
)
_ALPHA = Choice(
    "auto",
    ("auto", "premultiplied", "unpremultiplied"),
    help="auto: PNG, TIFF and TGA with integers hold unpremultiplied colours, the others premultiplied.",
)
_CHANNELS = Text(
    "all", shape=True, help='"all", "rgb", "rgba", "alpha" or names separated by commas; clips and JPEG hold RGB.'
)
_DEPTH = Choice(
    "auto",
    ("auto", "u8", "u10", "u12", "u16", "half", "float"),
    help="Sample type; auto: half for EXR, 8 bits for PNG, 16 for TIFF, 10 for DPX.",
)
_RGB_ONLY = (".jpg", ".jpeg", ".bmp", ".hdr")
_UNASSOCIATED = (".png", ".tif", ".tiff", ".tga")


class Write(Sink):
    """Write a picture, a numbered sequence or a clip.

    Frames appear under their names only when they are whole, a clip when its render has ended.
    `nodegraph render --resume` leaves out what is there already.
    """

    id = "nodegraph.output.write"
    label = "write"
    image = In()

    path = _PATH
    frames = Text("", help='Only these, such as "1" or "1-48x8"; empty is all that are rendered.')
    channels = _CHANNELS
    colour_space = _COLOUR_SPACE
    alpha = _ALPHA
    depth = _DEPTH
    compression = Choice("zip", EXR_COMPRESSIONS, help="Of EXR files.")
    quality = Int(0, 0, 100, help="JPEG 1-100 (0: 95). H.264 and HEVC constant rate factor, lower is better (0: 18).")
    codec = Choice("h264", tuple(CODECS), help="Of clips.")
    audio = Path(help="A file whose sound goes into the clip, untouched.")
    audio_start = Int(1, label="audio start", unit="frames", help="The frame at which that sound begins.")
    timecode = Text("", help='Of the first frame, "10:00:00:00"; empty is the picture\'s own.')

    def encode(self, q: Query) -> Pixel | None:
        return _ENCODE

    def open(self, q: Query, frames: Sequence[int]) -> SinkWriter:
        if not q.p.path:
            raise MediaError("no file is chosen", where=q.path, hint=f"--set {q.path}.path=FILE")
        path = q.resolve(q.p.path)
        only = set(parse_frames(q.p.frames, f"{q.path}.frames")) if q.p.frames.strip() else None
        wanted = [f for f in frames if only is None or f in only]
        if is_video(path) and not is_pattern(path):
            return ClipWriter(path, q, wanted)
        if len(wanted) > 1 and not is_pattern(path):
            hint = f"write {PurePath(path).stem}.%04d{PurePath(path).suffix}"
            raise MediaError(f"{len(wanted)} frames can't go into one file", where=path, hint=hint)
        return StillWriter(path, q, wanted)


class StillWriter(SinkWriter):
    """A file a frame."""

    def __init__(self, path: str, q: Query, frames: Sequence[int]) -> None:
        from nodegraph.kernels.pool import Pool

        self.path, self._frames = path, frozenset(frames)
        depth: Depth | Literal[""] = "" if q.p.depth == "auto" else q.p.depth
        self._options = StillOptions(depth, q.p.compression, q.p.quality or 95, q.format.rate)
        self._depth = self._options.depth_for(path)
        self._files: list[str] = []
        self._pool = Pool.serial()  # the cook has the cores

    def wants(self, frame: int) -> bool:
        return frame in self._frames

    def whole(self, frame: int) -> bool:
        return is_whole(expand(self.path, frame))

    def write(self, frame: int, picture: Frame, q: Query) -> None:
        from nodegraph.kernels.encode import to_codes, to_half, to_interleaved

        shown = _window(picture.spec, self.path)
        picture = picture.crop(shown)
        pixels: NDArray[Any]
        if self._depth == "half":
            pixels = to_half(picture.pixels, self._pool)
        elif self._depth == "float":
            pixels = to_interleaved(picture.pixels, self._pool)
        else:
            pixels = to_codes(picture.pixels, 255 if self._depth == "u8" else 65535, self._pool)
        file = expand(self.path, frame)
        write_image(file, pixels, picture.spec, self._options)
        self._files.append(file)

    def close(self, ok: bool) -> list[str]:
        return self._files  # each is whole by itself


class ClipWriter(SinkWriter):
    """A clip; opened with the first frame, whose size it takes."""

    def __init__(self, path: str, q: Query, frames: Sequence[int]) -> None:
        from nodegraph.kernels.pool import Pool

        self.path, self._frames = path, frozenset(frames)
        self._count = len(frames)
        self._first = min(frames, default=1)
        self._movie: MovieWriter | None = None
        self._size = (0, 0)
        self._there: bool | None = None
        self._pool = Pool.serial()
        if PurePath(path).suffix.lower() not in VIDEO_SUFFIXES:
            raise MediaError("is no clip", where=path)

    def wants(self, frame: int) -> bool:
        return frame in self._frames

    def whole(self, frame: int) -> bool:
        """A clip is there whole or not at all."""
        if self._there is None:
            self._there = os.path.exists(self.path) and self._holds_all()
        return self._there

    def _holds_all(self) -> bool:
        try:
            return open_clip(self.path).info.frames == self._count
        except MediaError:
            return False

    def write(self, frame: int, picture: Frame, q: Query) -> None:
        from nodegraph.kernels.encode import to_yuv

        display = picture.spec.display_window
        size = (display.width, display.height)
        if self._movie is None:
            self._movie, self._size = self._open(picture.spec, q), size
        if size != self._size:
            was, now = "{} x {}".format(*self._size), "{} x {}".format(*size)
            raise MediaError(f"frame {frame} is {now}, the clip {was}", where=self.path, hint="reformat before it")
        self._movie.write(to_yuv(picture.crop(display).pixels, self._movie.layout, self._pool))

    def _open(self, spec: FrameSpec, q: Query) -> MovieWriter:
        rate, p = q.format.rate, q.p
        return MovieWriter(
            self.path, spec.display_window.width, spec.display_window.height, rate, p.codec,
            quality=p.quality or 18, timecode=p.timecode or spec.stamp.timecode,
            audio_from=q.resolve(p.audio) if p.audio else None,
            audio_start=max(Fraction(0), (self._first - p.audio_start) / rate),
            pixel_aspect=spec.pixel_aspect,
        )  # fmt: skip

    def close(self, ok: bool) -> list[str]:
        if self._movie is None:
            return []
        if not ok:
            self._movie.abort()
            return []
        self._movie.close()
        return [self.path]


# --- from scene-linear light ------------------------------------------------------------


def _suffix(q: Query) -> str:
    return PurePath(q.p.path).suffix.lower()


def _window(spec: FrameSpec, path: str) -> Window:
    """The pixels a file gets: EXR keeps the data window (one black pixel if it is empty)."""
    if PurePath(path).suffix.lower() != ".exr":
        return spec.display_window
    if not spec.data_window.empty:
        return spec.data_window
    corner = spec.display_window
    return Window(corner.x0, corner.y0, corner.x0 + 1, corner.y0 + 1)


def _is_float(q: Query) -> bool:
    suffix = _suffix(q)
    depth = q.p.depth if q.p.depth != "auto" else DEPTHS.get(suffix, ("u8",))[0]
    return depth in ("half", "float")


def _curve(q: Query) -> str:
    chosen: str = q.p.colour_space
    if chosen != "auto":
        return chosen
    suffix = _suffix(q)
    if suffix in VIDEO_SUFFIXES:
        return "rec709"
    if _is_float(q):
        return "linear"
    return "cineon" if suffix == ".dpx" else "srgb"


class Encode(Pixel):
    """Scene-linear light to a file's values: the channels it holds, divided by alpha, on its curve."""

    maskable = False
    image = In()
    path = Path(save=True, shape=True)
    channels = _CHANNELS
    colour_space = _COLOUR_SPACE
    alpha = _ALPHA
    depth = _DEPTH

    def describe(self, q: Query) -> FrameSpec:
        spec = q.inputs["image"]
        return spec.with_(
            channels=_held(q, spec), colour_space=_curve(q), premultiplied=not _divides(q) and spec.premultiplied
        )

    def shade(self, s: Shading, q: Query) -> Mapping[str, str]:
        spec, values = q.inputs["image"], s.inputs["image"]
        curve = CURVES.get(_curve(q), CURVES["linear"])[1]
        alpha = s.channel("image", "A") if _divides(q) and "A" in spec.channels else None
        made: dict[str, str] = {}
        for channel in _held(q, spec):
            value = values.get(channel) or s.channel("image", channel)
            if channel in ("R", "G", "B"):
                value = s.call(unpremultiplied, value, alpha)[0] if alpha and spec.premultiplied else value
                value = value if curve is CURVES["linear"][1] else s.call(curve, value)[0]
            made[channel] = value
        return made


def _divides(q: Query) -> bool:
    if q.p.alpha != "auto":
        return bool(q.p.alpha == "unpremultiplied")
    return _suffix(q) in _UNASSOCIATED and not _is_float(q)


def _held(q: Query, spec: FrameSpec) -> tuple[str, ...]:
    """The channels that are written, in the file's order."""
    if _suffix(q) in VIDEO_SUFFIXES or _suffix(q) in _RGB_ONLY:
        return ("R", "G", "B")
    names = chosen_channels(q.p.channels, spec.channels)
    if not names:
        raise MediaError(
            f"has no channel {q.p.channels!r} to write", where=q.path, hint="it has " + ", ".join(spec.channels)
        )
    if _suffix(q) == ".exr":
        return names
    return tuple(c for c in ("R", "G", "B", "A") if c in names) or names[:1]


_ENCODE = Encode()
