"""Reading clips, exact to the frame, their planes untouched.

swscale's conversion to RGB is off by up to four ten-bit codes, so a frame's Y'CbCr planes are
handed on as the codec left them (`Raw`) and converted in the first kernel that loads them.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import MediaError
from nodegraph.media.images import check_file
from nodegraph.values import FrameSpec, Layout, Raw, Stamp, Window

VIDEO_SUFFIXES = frozenset(".mp4 .mov .mkv .mxf .avi .webm .m4v .mts .m2ts .ts .mpg .mpeg .y4m .nut .wmv".split())

#: Frames decoded ahead of being asked for, and kept after: 4:2:0 HD is 3 MB each.
_AHEAD = 8
#: Going on decoding beats seeking when the wanted frame is at most this far ahead.
_NEAR = 48

# ITU-T H.273 code points, as FFmpeg numbers them.
_MATRICES = {1: "bt709", 5: "bt601", 6: "bt601", 9: "bt2020", 10: "bt2020"}
_TRANSFERS = {4: "gamma22", 8: "linear", 13: "srgb", 16: "pq", 18: "hlg"}


def is_video(path: str) -> bool:
    return Path(path).suffix.lower() in VIDEO_SUFFIXES


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """What a clip's headers say."""

    width: int
    height: int
    frames: int
    rate: Fraction
    pixel_format: str
    codec: str
    pixel_aspect: float
    timecode: str | None
    audio: tuple[str, ...]


class Clip:
    """One video file, open. Frames count from 0. Any thread may ask; one decodes at a time."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._ready: OrderedDict[int, Future[Raw]] = OrderedDict()
        self._worker: ThreadPoolExecutor | None = None
        self._decoder: Iterator[Any] | None = None
        self._at = -1
        self._container = _open(path)
        try:
            self._start()
        except BaseException:
            self._container.close()
            raise

    def _start(self) -> None:
        if not self._container.streams.video:
            raise MediaError("has no video in it", where=self.path)
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"
        context = self._stream.codec_context
        if context is None:
            raise MediaError("its video codec isn't known here", where=self.path)
        rate = self._stream.average_rate or self._stream.guessed_rate or self._stream.base_rate or Fraction(24)
        self._pts = self._times(Fraction(rate))
        if not len(self._pts):
            raise MediaError("has no frames", where=self.path, hint="was its recording finished?")
        aspect = self._stream.sample_aspect_ratio or context.sample_aspect_ratio  # the container's word goes first
        self.info = ClipInfo(
            context.width, context.height, len(self._pts), Fraction(rate), context.pix_fmt or "", context.name,
            float(aspect) if aspect else 1.0, self._find_timecode(),
            tuple(f"{a.codec_context.name} {a.codec_context.sample_rate} Hz {a.codec_context.layout.name}"
                  for a in self._container.streams.audio if a.codec_context),
        )  # fmt: skip
        self._first = self._decode(0)

    def _times(self, rate: Fraction) -> NDArray[np.int64]:
        """Every frame's time stamp. Counted from the rate where the container's count fits it; else read."""
        stream = self._stream
        count, base = stream.frames, stream.time_base
        if count and stream.duration and base and abs(stream.duration * base * rate - count) < Fraction(1, 2):
            begin = stream.start_time or 0
            step = 1 / (rate * base)
            return np.array([begin + round(k * step) for k in range(count)], np.int64)
        found = [p.pts for p in self._container.demux(stream) if p.pts is not None and not p.is_discard]
        self._container.seek(0)
        return np.array(sorted(found), np.int64)

    def _find_timecode(self) -> str | None:
        places = [self._stream.metadata, self._container.metadata, *(s.metadata for s in self._container.streams)]
        return next((m["timecode"] for m in places if "timecode" in m), None)

    # -- asking

    @property
    def spec(self) -> FrameSpec:
        """The spec of every frame, its stamp that of the first."""
        return self._first.spec

    def stamp(self, frame: int) -> Stamp:
        """When a frame was taken, by the clip's own clock and timecode."""
        code = _timecode(self.info.timecode, self.info.rate, frame)
        return Stamp(Fraction(frame) / self.info.rate, frame, code)

    def raw(self, frame: int) -> Raw:
        """A frame's planes. MediaError naming the frame if it isn't there or can't be decoded."""
        with self._lock:
            waiting = self._ready.pop(frame, None)
        return waiting.result() if waiting is not None else self._decode(frame)

    def prefetch(self, frame: int) -> None:
        """Begin decoding a frame that will be asked for soon."""
        with self._lock:
            if frame in self._ready or not 0 <= frame < self.info.frames:
                return
            if self._worker is None:
                self._worker = ThreadPoolExecutor(1, thread_name_prefix="decode")
            self._ready[frame] = self._worker.submit(self._decode, frame)
            while len(self._ready) > _AHEAD:
                self._ready.popitem(last=False)

    def close(self) -> None:
        if self._worker is not None:
            self._worker.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._decoder = None
            self._container.close()

    # -- decoding

    def _decode(self, frame: int) -> Raw:
        if not 0 <= frame < len(self._pts):
            raise MediaError(f"has no frame {frame}", where=self.path, hint=f"it has frames 0 to {len(self._pts) - 1}")
        with self._lock:
            try:
                return self._converted(self._find(frame), frame)
            except _errors() as error:
                self._decoder = None
                raise MediaError(f"frame {frame} can't be decoded: {error}", where=self.path) from error

    def _find(self, frame: int) -> Any:
        """The decoded frame: on from where we are if that is near, else from the key frame before."""
        wanted = int(self._pts[frame])
        if self._decoder is None or not self._at < frame <= self._at + _NEAR:
            self._container.seek(wanted, stream=self._stream, backward=True, any_frame=False)
            self._decoder = self._container.decode(self._stream)
        half = self._half_step(frame)
        for picture in self._decoder:
            if picture.pts is not None and picture.pts + half >= wanted:
                self._at = frame
                return picture
        self._decoder = None
        raise MediaError(f"ends before frame {frame}", where=self.path, hint="the file is cut short")

    def _half_step(self, frame: int) -> int:
        """Time stamps in coarse time bases are rounded; nearer than half a frame is the same."""
        if len(self._pts) < 2:
            return 0
        k = min(max(frame, 1), len(self._pts) - 1)
        return max(0, int(self._pts[k] - self._pts[k - 1]) // 2 - 1)

    def _converted(self, picture: Any, frame: int) -> Raw:
        layout, names, planes = _planes(picture, self.info.height)
        window = Window.sized(picture.width, picture.height)
        context = self._stream.codec_context
        space = _TRANSFERS.get(int(context.color_trc or 0), "rec709")
        if layout.packing != "yuv" and layout.matrix == "rgb" and int(context.color_trc or 0) in (0, 2):
            space = "srgb"
        metadata = {"codec": self.info.codec, "rate": str(self.info.rate)}
        spec = FrameSpec(
            names, window, window, self.info.pixel_aspect, space, "A" not in names,
            stamp=self.stamp(frame), metadata=metadata,
        )  # fmt: skip
        return Raw(spec, layout, planes)


def _open(path: str) -> Any:
    import av

    check_file(path)
    try:
        return av.open(path, metadata_errors="replace")
    except _errors() as error:
        raise MediaError(f"is no video that can be read: {error}", where=path) from error


def _errors() -> tuple[type[Exception], ...]:
    import av

    return (av.error.FFmpegError, EOFError, ValueError)


def _timecode(start: str | None, rate: Fraction, frame: int) -> str | None:
    if start is None:
        return None
    from timecode import Timecode  # type: ignore[attr-defined]

    try:
        code = Timecode(str(rate) if rate.denominator == 1 else f"{rate.numerator}/{rate.denominator}", start)
        return str(code + frame) if frame else str(code)
    except (ValueError, TypeError):  # a rate no timecode is defined for
        return start


# --- layouts ------------------------------------------------------------------------------

_YUV = re.compile(r"yuv(?P<alpha>a?)(?P<full>j?)(?P<sub>420|422|444|440)p(?P<bits>9|10|12|14|16)?(?:le)?$")
_GBR = re.compile(r"gbr(?P<alpha>a?)p(?P<bits>9|10|12|14|16)?(?:le)?$")
_GRAY = re.compile(r"gray(?P<bits>10|12|14|16)?(?:le)?$")
_SUBSAMPLES = {"420": (1, 1), "422": (1, 0), "444": (0, 0), "440": (0, 1)}


def _planes(picture: Any, height: int) -> tuple[Layout, tuple[str, ...], tuple[NDArray[Any], ...]]:
    """Layout, channel names and plane arrays of a decoded frame, without a copy where there is a way."""
    name = picture.format.name.replace("yuvj", "yuv")
    full = picture.format.name.startswith("yuvj") or int(picture.color_range or 0) == 2
    matrix = _MATRICES.get(int(picture.colorspace or 0), "bt709" if height >= 720 else "bt601")
    if name in ("nv12", "p010le", "nv16", "p210le"):
        return _semiplanar(picture, name, matrix, full)
    if match := _YUV.match(name):
        bits = int(match["bits"] or 8)
        layout = Layout("yuv", _sample(bits), bits, _SUBSAMPLES[match["sub"]], matrix, full, "left")
        names = ("R", "G", "B", "A") if match["alpha"] else ("R", "G", "B")
        return layout, names, tuple(_array(p, bits) for p in picture.planes)
    if match := _GRAY.match(name):
        bits = int(match["bits"] or 8)
        luma = _array(picture.planes[0], bits)
        neutral = np.full((luma.shape[0], luma.shape[1]), 1 << (bits - 1), luma.dtype)
        return Layout("yuv", _sample(bits), bits, (0, 0), matrix, full), ("R", "G", "B"), (luma, neutral, neutral)
    if not (match := _GBR.match(name)):
        picture = picture.reformat(
            format="gbrap16le" if picture.format.name in ("rgba", "bgra", "argb", "abgr") else "gbrp16le"
        )
        match = _GBR.match(picture.format.name)
        assert match is not None
    bits = int(match["bits"] or 8)
    g, b, r, *alpha = (_array(p, bits) for p in picture.planes)
    stacked = np.stack([r, g, b, *alpha])
    names = ("R", "G", "B", "A") if alpha else ("R", "G", "B")
    return Layout("planar", _sample(bits), bits, matrix="rgb", full_range=True), names, (stacked,)


def _semiplanar(
    picture: Any, name: str, matrix: str, full: bool
) -> tuple[Layout, tuple[str, ...], tuple[NDArray[Any], ...]]:
    bits = 10 if "10" in name else 8
    shift = 6 if bits == 10 else 0
    luma = _array(picture.planes[0], bits)
    plane = picture.planes[1]
    pairs = np.frombuffer(plane, luma.dtype).reshape(plane.height, -1)[:, : 2 * plane.width]
    subsample = (1, 0) if name in ("nv16", "p210le") else (1, 1)
    layout = Layout("yuv", _sample(bits), bits, subsample, matrix, full, "left")
    planes = (luma, pairs[:, ::2], pairs[:, 1::2])
    return layout, ("R", "G", "B"), tuple(np.ascontiguousarray(p >> shift if shift else p) for p in planes)


def _sample(bits: int) -> Literal["u8", "u16"]:
    return "u8" if bits == 8 else "u16"


def _array(plane: Any, bits: int) -> NDArray[Any]:
    """A plane's rows, seen in FFmpeg's own memory (which the array keeps alive)."""
    kind = np.dtype(np.uint8 if bits == 8 else np.uint16)
    rows = np.frombuffer(plane, kind, plane.height * plane.line_size // kind.itemsize)
    return rows.reshape(plane.height, -1)[:, : plane.width]


# --- open clips ---------------------------------------------------------------------------


def open_clip(path: str) -> Clip:
    """The clip, opened once while its file stays the same; a few stay open."""
    status = check_file(path)
    return _opened(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=16)
def _opened(path: str, size: int, mtime: int) -> Clip:
    return Clip(path)
