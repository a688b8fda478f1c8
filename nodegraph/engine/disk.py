"""The cache's second tier: expensive pictures on disk, surviving restarts.

One file a picture, named by its key, written to a temporary name and renamed. Nothing is read
at the start; a full, broken or vanished disk is a miss and one warning.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from nodegraph.values import Frame, FrameSpec, Stamp, Window

_log = logging.getLogger(__name__)
_MAGIC = b"nodegraph-frame-1\n"


class DiskTier:
    """Keeps frames that took longer than `worth_seconds`, within `budget` bytes."""

    def __init__(self, folder: Path, budget: int, worth_seconds: float = 0.25) -> None:
        self.folder = folder
        self.budget = budget
        self.worth_seconds = worth_seconds
        self.broken = False
        self._bytes: int | None = None  # counted when first needed
        self._lock = threading.Lock()

    def _path(self, key: bytes) -> Path:
        name = key.hex()
        return self.folder / name[:2] / f"{name}.frame"

    def load(self, key: bytes) -> Frame | None:
        path = self._path(key)
        try:
            with path.open("rb") as file:
                frame = _read(file)
            os.utime(path)  # recently used
            return frame
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            self._warn(f"can't read {path.name}: {error}")
            return None

    def offer(self, key: bytes, frame: Frame, seconds: float) -> None:
        """Keep the frame if it was expensive enough; never raises."""
        path = self._path(key)
        if seconds < self.worth_seconds or self.broken or path.exists():
            return
        partial = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                _write(file, frame)
            partial.replace(path)
        except OSError as error:
            self.broken = True
            self._warn(f"{error}; going on without it")
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            return
        self._count(path.stat().st_size)

    def _count(self, added: int) -> None:
        with self._lock:
            if self._bytes is None:
                self._bytes = sum(p.stat().st_size for p in self.folder.glob("*/*.frame"))
            else:
                self._bytes += added
            if self._bytes > self.budget:
                self._shrink()

    def _shrink(self) -> None:
        """Delete the longest unused until nine tenths of the budget are left."""
        files = sorted((p.stat().st_mtime, p.stat().st_size, p) for p in self.folder.glob("*/*.frame"))
        total = sum(size for _, size, _ in files)
        for _, size, path in files:
            if total <= self.budget * 9 // 10:
                break
            path.unlink(missing_ok=True)
            total -= size
        self._bytes = total

    def _warn(self, message: str) -> None:
        _log.warning("disk cache %s: %s", self.folder, message)


def _write(file: Any, frame: Frame) -> None:
    import msgpack

    s = frame.spec
    stamp = (str(s.stamp.time), s.stamp.frame, s.stamp.timecode, str(s.stamp.age))
    plain = {k: v for k, v in s.metadata.items() if isinstance(v, (str, int, float, bool))}
    header = msgpack.packb(
        [
            s.channels,
            s.data_window,
            s.display_window,
            s.pixel_aspect,
            s.colour_space,
            s.premultiplied,
            s.scale,
            stamp,
            plain,
        ]
    )
    file.write(_MAGIC + len(header).to_bytes(4, "little") + header)
    file.write(np.ascontiguousarray(frame.pixels).data)


def _read(file: Any) -> Frame:
    import msgpack

    if file.read(len(_MAGIC)) != _MAGIC:
        raise ValueError("not a cached frame")
    fields = msgpack.unpackb(file.read(int.from_bytes(file.read(4), "little")))
    channels, data, display, aspect, space, premultiplied, scale, stamp, metadata = fields
    when = Stamp(Fraction(stamp[0]), stamp[1], stamp[2], Fraction(stamp[3]))
    spec = FrameSpec(
        tuple(channels), Window(*data), Window(*display), aspect, space, premultiplied, scale, when, metadata
    )
    pixels = np.fromfile(file, np.float32)
    if pixels.size * 4 != spec.nbytes:
        raise ValueError("cut short")
    return Frame(spec, pixels.reshape(spec.shape))
