"""Writing clips: planes in, a finished file out, or nothing.

The encoder runs on its own thread behind a bounded queue, so that encoding overlaps with
cooking and a slow encoder holds the cook back instead of filling memory. The file gets its
name when it is closed whole.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from queue import Queue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import MediaError, did_you_mean
from nodegraph.media.stills import _os_reason
from nodegraph.values import Layout

#: Frames waiting for the encoder at the most.
_WAITING = 4


@dataclass(frozen=True, slots=True)
class Codec:
    """An encoder as nodegraph names it: FFmpeg encoders to try in turn, pixel format, options."""

    encoders: tuple[str, ...]
    pixel_format: str
    options: Mapping[str, str]
    containers: tuple[str, ...]
    quality: str = ""  # the option that holds the quality, if any
    least: tuple[int, int] = (2, 2)  # the smallest picture it takes


CODECS: Mapping[str, Codec] = {
    "h264": Codec(("libx264", "libopenh264"), "yuv420p", {"preset": "veryfast"}, (".mp4", ".mov", ".mkv"), "crf"),
    "h264-fast": Codec(("libx264", "libopenh264"), "yuv420p", {"preset": "ultrafast"}, (".mp4", ".mov", ".mkv"), "crf"),
    "hevc": Codec(("libx265",), "yuv420p10le", {"preset": "ultrafast", "x265-params": "log-level=error"}, (".mp4", ".mov", ".mkv"), "crf"),
    "prores": Codec(("prores_ks",), "yuv422p10le", {"profile": "3", "vendor": "apl0"}, (".mov", ".mkv", ".mxf")),
    "prores-lt": Codec(("prores_ks",), "yuv422p10le", {"profile": "1", "vendor": "apl0"}, (".mov", ".mkv", ".mxf")),
    "prores4444": Codec(("prores_ks",), "yuv444p10le", {"profile": "4", "vendor": "apl0"}, (".mov", ".mkv")),
    "dnxhr": Codec(("dnxhd",), "yuv422p10le", {"profile": "dnxhr_hqx"}, (".mov", ".mxf"), least=(256, 120)),
    "ffv1": Codec(("ffv1",), "yuv444p10le", {"level": "3"}, (".mkv",)),
    "mjpeg": Codec(("mjpeg",), "yuvj420p", {"qmin": "2", "qmax": "3"}, (".mov", ".avi", ".mkv")),
}  # fmt: skip


def available_codecs() -> list[str]:
    """The codecs whose encoder this machine's FFmpeg has."""
    return [name for name, codec in CODECS.items() if _encoder(codec) is not None]


def _encoder(codec: Codec) -> str | None:
    import av

    return next((e for e in codec.encoders if e in av.codecs_available), None)


def layout_for(codec: str, height: int) -> Layout:
    """The planes a codec takes: Y'CbCr, chroma left-sited, BT.709 from 720 lines on, else BT.601.

    DNxHR's stream has no code for BT.601: its decoders take BT.709 at any size.
    """
    pixel_format = CODECS[codec].pixel_format
    bits = 10 if "10" in pixel_format else 8
    subsample = {"420": (1, 1), "422": (1, 0), "444": (0, 0)}[pixel_format.removeprefix("yuvj").removeprefix("yuv")[:3]]
    matrix = "bt709" if height >= 720 or codec == "dnxhr" else "bt601"
    return Layout("yuv", "u8" if bits == 8 else "u16", bits, subsample, matrix, "yuvj" in pixel_format, "left")


class MovieWriter:
    """Writes one clip. `write` from one thread; errors of the encoder come back there or at `close`."""

    def __init__(
        self,
        path: str,
        width: int,
        height: int,
        rate: Fraction,
        codec: str = "h264",
        *,
        quality: int = 18,
        timecode: str | None = None,
        audio_from: str | None = None,
        audio_start: Fraction = Fraction(0),
        pixel_aspect: float = 1.0,
    ) -> None:
        self.path = path
        self._codec = _known(codec, path)
        self.layout = layout_for(codec, height)
        if (width % 2 and self.layout.subsample[0]) or (height % 2 and self.layout.subsample[1]):
            raise MediaError(f"{codec} needs even sizes, not {width} x {height}", where=path, hint="reformat first")
        least = self._codec.least
        if width < least[0] or height < least[1]:
            asked = f"{codec} takes no picture below {least[0]} x {least[1]}, not {width} x {height}"
            raise MediaError(asked, where=path, hint="reformat first")
        folder, name = os.path.split(path)
        self._partial = os.path.join(folder, f".{os.getpid()}.part.{name}")
        self._queue: Queue[Sequence[NDArray[Any]] | None] = Queue(_WAITING)
        self._failure: MediaError | None = None
        self._frames = 0
        self._rate = rate
        try:
            os.makedirs(folder or ".", exist_ok=True)
            self._open(width, height, quality, timecode, pixel_aspect, audio_from)
        except BaseException as error:
            self.abort()
            if isinstance(error, OSError):
                raise MediaError(_os_reason(error), where=path) from error
            if isinstance(error, (_ffmpeg_error(), ValueError)):
                raise MediaError(f"can't be encoded: {error}", where=path) from error
            raise
        self._audio_start = audio_start
        self._thread = threading.Thread(target=self._work, name="encode", daemon=True)
        self._thread.start()

    def _open(
        self, width: int, height: int, quality: int, timecode: str | None, aspect: float, audio_from: str | None
    ) -> None:
        import av

        self._container: Any = None
        self._container = av.open(self._partial, "w")
        stream = self._container.add_stream(_encoder(self._codec), rate=self._rate)
        stream.width, stream.height, stream.pix_fmt = width, height, self._codec.pixel_format
        stream.options = dict(self._codec.options)
        if self._codec.quality:
            stream.options = {**stream.options, self._codec.quality: str(quality)}
        context = stream.codec_context
        context.time_base = 1 / self._rate
        context.thread_count = os.cpu_count() or 1
        code = 1 if self.layout.matrix == "bt709" else 6
        context.colorspace, context.color_primaries, context.color_trc = code, code, 1
        context.color_range = 2 if self.layout.full_range else 1
        if aspect != 1:
            context.sample_aspect_ratio = Fraction(aspect).limit_denominator(1000)
        if timecode:
            stream.metadata["timecode"] = timecode
            self._container.metadata["timecode"] = timecode
        self._stream = stream
        self._audio = _audio_input(audio_from)
        if self._audio is not None:
            self._audio_stream = self._container.add_stream_from_template(self._audio.streams.audio[0])

    # -- giving frames

    def write(self, planes: Sequence[NDArray[Any]]) -> None:
        """Hand over one frame's planes (`layout`); waits while the encoder is behind."""
        if self._failure is not None:
            raise self._failure
        self._queue.put(planes)

    def close(self) -> None:
        """Finish the file and give it its name; MediaError if anything failed on the way."""
        self._queue.put(None)
        self._thread.join()
        if self._failure is not None:
            self._discard()
            raise self._failure
        os.replace(self._partial, self.path)

    def abort(self) -> None:
        """Leave nothing behind."""
        thread = getattr(self, "_thread", None)
        if thread is not None and thread.is_alive():
            self._failure = self._failure or MediaError("was given up", where=self.path)
            self._queue.put(None)
            thread.join()
        self._discard()

    def _discard(self) -> None:
        container = getattr(self, "_container", None)
        if container is not None:
            _quietly(container.close)
        if os.path.exists(self._partial):
            os.unlink(self._partial)

    # -- the encoder's thread

    def _work(self) -> None:
        import av

        while (planes := self._queue.get()) is not None:
            if self._failure is not None:
                continue  # take what is still handed over, so that nobody waits for ever
            try:
                self._encode(planes)
            except (av.error.FFmpegError, OSError, ValueError) as error:
                self._fail(error)
        if self._failure is None:
            try:
                for packet in self._stream.encode(None):
                    self._container.mux(packet)
                self._pass_audio()
                self._container.close()
            except (av.error.FFmpegError, OSError, ValueError) as error:
                self._fail(error)

    def _fail(self, error: Exception) -> None:
        reason = _os_reason(error) if isinstance(error, OSError) else f"can't be encoded: {error}"
        self._failure = MediaError(reason, where=self.path)

    def _encode(self, planes: Sequence[NDArray[Any]]) -> None:
        import av

        frame = av.VideoFrame(self._stream.width, self._stream.height, self._codec.pixel_format)
        for plane, values in zip(frame.planes, planes, strict=True):
            rows: NDArray[Any] = np.frombuffer(memoryview(plane), values.dtype).reshape(plane.height, -1)
            rows[:, : values.shape[1]] = values
        frame.pts = self._frames
        frame.time_base = 1 / self._rate
        self._frames += 1
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def _pass_audio(self) -> None:
        """The source's sound, its packets untouched, from where the picture starts to where it ends."""
        if self._audio is None:
            return
        source = self._audio.streams.audio[0]
        base = Fraction(source.time_base)
        begin, end = self._audio_start, self._audio_start + self._frames / self._rate
        if begin:
            self._audio.seek(int(begin / base), stream=source, backward=True)
        for packet in self._audio.demux(source):
            if packet.dts is None or packet.pts * base < begin or packet.pts * base >= end:
                continue
            shift = int(begin / base)
            packet.pts -= shift
            packet.dts -= shift
            packet.stream = self._audio_stream
            self._container.mux(packet)
        self._audio.close()


def _ffmpeg_error() -> type[Exception]:
    import av

    return av.error.FFmpegError


def _known(codec: str, path: str) -> Codec:
    known = available_codecs()
    if codec not in known:
        hint = did_you_mean(codec, known) or "there are " + ", ".join(known)
        raise MediaError(f"codec {codec!r} is not available", where=path, hint=hint)
    chosen = CODECS[codec]
    if not path.lower().endswith(chosen.containers):
        raise MediaError(
            f"{codec} doesn't go into this kind of file", where=path, hint="use " + ", ".join(chosen.containers)
        )
    return chosen


def _audio_input(path: str | None) -> Any:
    if not path:
        return None
    import av

    from nodegraph.media.images import check_file

    check_file(path)
    try:
        container = av.open(path)
    except (av.error.FFmpegError, ValueError) as error:
        raise MediaError(f"its sound can't be read: {error}", where=path) from error
    if container.streams.audio:
        return container
    container.close()
    return None


def _quietly(act: Callable[[], object]) -> None:
    """Closing what is given up may fail once more; that says nothing new."""
    import av

    with contextlib.suppress(av.error.FFmpegError, OSError, ValueError):
        act()
