"""Writing pictures, each whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import MediaError
from nodegraph.values import FrameSpec

EXR_COMPRESSIONS = ("none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab")

Depth = Literal["u8", "u10", "u12", "u16", "half", "float"]

#: What each kind of file can hold, its usual depth first.
DEPTHS: Mapping[str, tuple[Depth, ...]] = {
    ".exr": ("half", "float"),
    ".png": ("u8", "u16"),
    ".tif": ("u16", "u8", "half", "float"),
    ".tiff": ("u16", "u8", "half", "float"),
    ".dpx": ("u10", "u8", "u12", "u16"),
    ".jpg": ("u8",),
    ".jpeg": ("u8",),
    ".hdr": ("float",),
    ".tga": ("u8",),
    ".bmp": ("u8",),
}


#: On a full disk libjpeg ends the process and libpng goes on without a word: they write to a pipe.
_UNSAFE = frozenset((".jpg", ".jpeg", ".png"))
#: Writers that say nothing of a full disk and need to seek: what they wrote is read again.
_SILENT = frozenset((".tga", ".bmp"))


@dataclass(frozen=True, slots=True)
class StillOptions:
    """How a picture is stored. `depth` "" is the format's usual one."""

    depth: Depth | Literal[""] = ""
    compression: str = "zip"
    quality: int = 95
    rate: Fraction | None = None

    def depth_for(self, path: str) -> Depth:
        """The depth a file of this name gets; MediaError if it can't hold what is asked."""
        suffix = Path(path).suffix.lower()
        if suffix not in DEPTHS:
            known = ", ".join(s[1:] for s in DEPTHS)
            raise MediaError(f"can't write {suffix or 'a file without a suffix'}", where=path, hint=f"use {known}")
        depths = DEPTHS[suffix]
        if self.depth and self.depth not in depths:
            raise MediaError(
                f"{suffix[1:]} can't hold {self.depth}", where=path, hint=f"it can hold {', '.join(depths)}"
            )
        return self.depth or depths[0]


def write_image(path: str, pixels: NDArray[Any], spec: FrameSpec, options: StillOptions) -> None:
    """Write `(height, width, channels)` samples over the spec's data window.

    Samples are as stored: uint8, uint16 (codes in the high bits' full range), float16 or
    float32. The file appears under its name only when it is whole; a full disk or an error
    leaves nothing. MediaError names the file.
    """
    import OpenImageIO as oiio

    partial = _partial(path)
    out = oiio.ImageOutput.create(path)
    if out is None:
        raise MediaError(f"can't be written: {oiio.geterror().strip()}", where=path)
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        described = _described(oiio, path, pixels, spec, options)
        with _through_pipe(partial) if _piped(path) else nullcontext(partial) as name:
            _write(out, name, np.ascontiguousarray(pixels), described, path)
        if Path(path).suffix.lower() in _SILENT and not is_whole(partial):
            raise MediaError(_reason("it is cut short", path), where=path)
        _settle(partial)
        os.replace(partial, path)
    except OSError as error:
        raise MediaError(_os_reason(error), where=path) from error
    finally:
        if os.path.exists(partial):
            os.unlink(partial)


def _write(out: Any, name: str, pixels: NDArray[Any], described: Any, path: str) -> None:
    if not out.open(name, described):
        raise MediaError(_reason(out.geterror(), path), where=path)
    done, closed, problem = False, False, ""
    try:
        done = out.write_image(pixels)
        problem = "" if done else out.geterror()
    finally:
        closed = out.close()
    if not (done and closed):
        raise MediaError(_reason(problem or out.geterror(), path), where=path)


def _piped(path: str) -> bool:
    return Path(path).suffix.lower() in _UNSAFE and os.path.isdir("/dev/fd")


@contextmanager
def _through_pipe(file: str) -> Iterator[str]:
    """A name to write under whose writing never fails; OSError after it if `file` could not take it all."""
    taking, giving = os.pipe()
    failures: list[OSError] = []

    def copy() -> None:
        with os.fdopen(taking, "rb") as source:
            try:
                with open(file, "wb") as target:
                    shutil.copyfileobj(source, target)
            except OSError as error:
                failures.append(error)
                while source.read(1 << 16):  # the writer must not wait for ever
                    pass

    thread = threading.Thread(target=copy, name="write")
    thread.start()
    try:
        yield f"/dev/fd/{giving}"
    finally:
        os.close(giving)
        thread.join()
    if failures:
        raise failures[0]


def _partial(path: str) -> str:
    """A name beside the file: the same suffix, since it chooses the format."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{os.getpid()}-{threading.get_ident()}.part.{name}")


def _settle(path: str) -> None:
    """On disk before it gets its name, so that a power cut can't leave a hole under it."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def _reason(text: str, path: str) -> str:
    """A writer's complaint in words; libraries report a full disk as a failed write."""
    line = text.strip().splitlines()[0] if text.strip() else "the write failed"
    try:
        statistics = os.statvfs(os.path.dirname(path) or ".")
        if statistics.f_bavail * statistics.f_frsize < 1 << 20:
            return f"the disk is full ({line})"
    except (OSError, AttributeError):
        pass
    return f"can't be written: {line}"


def _os_reason(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    return f"can't be written: {error.strerror or error}"


def _described(oiio: Any, path: str, pixels: NDArray[Any], spec: FrameSpec, options: StillOptions) -> Any:
    depth = options.depth_for(path)
    types = {"u8": oiio.UINT8, "half": oiio.HALF, "float": oiio.FLOAT}
    data, full = spec.data_window, spec.display_window
    image = oiio.ImageSpec(data.width, data.height, len(spec.channels), types.get(depth, oiio.UINT16))
    image.channelnames = spec.channels
    image.x, image.y = data.x0, data.y0
    image.full_x, image.full_y, image.full_width, image.full_height = full.x0, full.y0, full.width, full.height
    if "A" in spec.channels:
        image.alpha_channel = spec.channels.index("A")
    suffix = Path(path).suffix.lower()
    image.attribute("Software", "nodegraph")
    image.attribute("PixelAspectRatio", float(spec.pixel_aspect))
    if depth in ("u10", "u12"):
        image.attribute("oiio:BitsPerSample", int(depth[1:]))
    if suffix == ".exr":
        image.attribute("compression", options.compression)
    elif suffix in (".jpg", ".jpeg"):
        image.attribute("CompressionQuality", options.quality)
    elif suffix in (".tif", ".tiff"):
        image.attribute("compression", "zip")
    if not spec.premultiplied and "A" in spec.channels:
        image.attribute("oiio:UnassociatedAlpha", 1)
    if spec.stamp.timecode:
        image.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), _timecode_words(spec.stamp.timecode))
    if options.rate is not None and suffix == ".exr":
        image.attribute(
            "framesPerSecond", oiio.TypeDesc("rational"), (options.rate.numerator, options.rate.denominator)
        )
    return image


def _timecode_words(code: str) -> tuple[int, int]:
    """SMPTE 12M's binary-coded timecode: hours, minutes, seconds, frames; bit 6 is drop-frame."""
    hours, minutes, seconds, frames = (int(x) for x in code.replace(";", ":").split(":"))
    word = 0x40 if ";" in code else 0
    for value, shift in ((frames, 0), (seconds, 8), (minutes, 16), (hours, 24)):
        word |= ((value // 10) << 4 | value % 10) << shift
    return word, 0


def is_whole(path: str) -> bool:
    """Whether a picture is there and complete, to its last pixel: what `--resume` may skip."""
    from nodegraph.media.images import read_image

    try:
        read_image(path)
    except MediaError:
        return False
    return True
