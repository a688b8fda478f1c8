"""Pictures, and all that is known of a picture before its pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.values.stamp import Stamp
from nodegraph.values.window import Window

Pixels = NDArray[np.float32]

RGB = ("R", "G", "B")
RGBA = ("R", "G", "B", "A")


def _no_metadata() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FrameSpec:
    """All of a Frame but its pixels.

    `channels` are EXR names in order ("R", "G", "B", "A", "depth.Z"). The *display window*
    is the format the picture is shown in, the *data window* the pixels that exist; outside
    it every channel is 0. `scale` is the proxy scale the windows are in (1 = full size).
    `colour_space` is an OpenColorIO name or "linear" (scene-linear in the working primaries)
    or "raw" (data that no colour transform may touch).
    """

    channels: tuple[str, ...]
    data_window: Window
    display_window: Window
    pixel_aspect: float = 1.0
    colour_space: str = "linear"
    premultiplied: bool = True
    scale: float = 1.0
    stamp: Stamp = Stamp()  # noqa: RUF009  frozen, so it may be shared
    metadata: Mapping[str, Any] = field(default_factory=_no_metadata)

    @property
    def shape(self) -> tuple[int, int, int]:
        return (len(self.channels), self.data_window.height, self.data_window.width)

    @property
    def nbytes(self) -> int:
        return 4 * len(self.channels) * self.data_window.area

    def with_(self, **changes: Any) -> FrameSpec:
        """A copy with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture: float32 planar `(channels, height, width)` pixels over the spec's data window.

    Immutable once cooked: the cache freezes the array (`writeable = False`).
    """

    spec: FrameSpec
    pixels: Pixels

    def __post_init__(self) -> None:
        if self.pixels.shape != self.spec.shape:
            raise ValueError(f"pixels are {self.pixels.shape}, the spec says {self.spec.shape}")

    @classmethod
    def of(cls, pixels: NDArray[Any], channels: tuple[str, ...] | None = None, **spec: Any) -> Frame:
        """A frame from an array `(channels, height, width)`, its windows being its size."""
        planar = np.ascontiguousarray(pixels, dtype=np.float32)
        names = channels or (("A",), ("Y", "A"), RGB, RGBA)[planar.shape[0] - 1]
        window = Window.sized(planar.shape[2], planar.shape[1])
        spec.setdefault("data_window", window)
        spec.setdefault("display_window", window)
        return cls(FrameSpec(names, **spec), planar)

    def freeze(self) -> Frame:
        self.pixels.flags.writeable = False
        return self

    def channel(self, name: str) -> NDArray[np.float32]:
        """One channel's `(height, width)` plane."""
        plane: NDArray[np.float32] = self.pixels[self.spec.channels.index(name)]
        return plane

    def crop(self, window: Window) -> Frame:
        """The frame over `window`: cut where it is larger, zero where it has no pixels."""
        mine = self.spec.data_window
        if window == mine:
            return self
        spec = self.spec.with_(data_window=window)
        shared = window.intersect(mine)
        if shared == window:
            return Frame(spec, self.pixels[(slice(None), *window.within(mine))])
        pixels = np.zeros(spec.shape, np.float32)
        if not shared.empty:
            pixels[(slice(None), *shared.within(window))] = self.pixels[(slice(None), *shared.within(mine))]
        return Frame(spec, pixels)

    def to_array(self) -> NDArray[np.float32]:
        """Interleaved `(height, width, channels)` over the display window: what other tools expect."""
        return np.ascontiguousarray(self.crop(self.spec.display_window).pixels.transpose(1, 2, 0))

    def to_srgb8(self) -> NDArray[np.uint8]:
        """`(height, width, 3)` sRGB bytes for looking at (IEC 61966-2-1), over the display window."""
        shown = self.crop(self.spec.display_window)
        names = shown.spec.channels
        planes = [shown.channel(c) for c in RGB] if set(RGB) <= set(names) else [shown.pixels[0]] * 3
        linear = np.clip(np.nan_to_num(np.stack(planes, -1)), 0, 1)
        srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
        codes: NDArray[np.uint8] = (srgb * 255 + 0.5).astype(np.uint8)
        return codes

    def _repr_png_(self) -> bytes:
        """Notebooks show the frame as a picture."""
        import struct
        import zlib

        image = self.to_srgb8()
        height, width, _ = image.shape
        rows = b"".join(b"\0" + row.tobytes() for row in image)

        def chunk(kind: bytes, data: bytes) -> bytes:
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b"")
        )
