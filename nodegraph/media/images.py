"""Reading pictures: EXR with parts, layers and windows, DPX, TIFF, PNG, JPEG, HDR.

Pixels come as the file has them (`Raw`): halves as their bits, integers as codes. The first
kernel that loads them converts, so no float copy is made on the way. Everything a file says
is taken as a claim and checked before memory is given to it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import MediaError, did_you_mean
from nodegraph.values import Frame, FrameSpec, Layout, Raw, Stamp, Window

#: Pixels a picture may claim; 16K x 16K. `NODEGRAPH_MAX_PIXELS` changes it.
MAX_PIXELS = 1 << 28
#: A file may claim at most this many bytes of pixels for each byte it has: what the best
#: codecs reach on flat pictures, and far from what a forged header claims.
MAX_RATIO = 5000

IMAGE_SUFFIXES = frozenset(
    ".exr .dpx .cin .tif .tiff .png .jpg .jpeg .hdr .tga .bmp .webp .psd .pfm .pgm .ppm .sgi .rgb .tx .jp2 .gif".split()
)
_EXR_MAGIC = b"\x76\x2f\x31\x01"
_COMPONENTS = {
    "r": "R", "red": "R", "x": "R", "g": "G", "green": "G", "y": "G", "b": "B", "blue": "B", "z": "B",
    "a": "A", "alpha": "A",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One part (subimage) of a file: everything but its pixels."""

    index: int
    name: str
    view: str
    channels: tuple[str, ...]
    sample: str  # "half" "float" "uint8" "uint16" ...
    data_window: Window
    display_window: Window
    pixel_aspect: float
    deep: bool
    metadata: Mapping[str, Any] = field(hash=False, compare=False, default_factory=dict)

    @property
    def layers(self) -> tuple[str, ...]:
        """Layer names in the order of their channels; "" is the main one."""
        return tuple(dict.fromkeys(c.rpartition(".")[0] for c in self.channels))


@dataclass(frozen=True, slots=True)
class Picked:
    """The part and channels a layer's name stands for: file channels, and what they are called here."""

    part: Part
    indices: tuple[int, ...]
    names: tuple[str, ...]


def is_image(path: str) -> bool:
    return Path(path).suffix.lower() in IMAGE_SUFFIXES


def check_file(path: str) -> os.stat_result:
    """The file's status; MediaError if it can't be a picture or clip at all."""
    file = Path(path)
    try:
        status = file.stat()
    except FileNotFoundError:
        near = [p.name for p in file.parent.iterdir()] if file.parent.is_dir() else []
        hint = did_you_mean(file.name, near) or (None if near else "its folder doesn't exist either")
        raise MediaError("no such file", where=path, hint=hint) from None
    except OSError as error:
        raise MediaError(error.strerror or str(error), where=path) from None
    if file.is_dir():
        raise MediaError("is a folder", where=path, hint="name a file, or a sequence such as shot.%04d.exr")
    if status.st_size == 0:
        raise MediaError("is empty (0 bytes)", where=path, hint="was it still being written?")
    if not os.access(path, os.R_OK):
        raise MediaError("may not be read", where=path, hint="check its permissions")
    return status


def parts(path: str) -> tuple[Part, ...]:
    """The file's parts, from its header alone. Remembered until the file changes."""
    status = check_file(path)
    return _parts(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=4096)
def _parts(path: str, size: int, mtime: int) -> tuple[Part, ...]:
    _check_magic(path)
    try:
        found = _parts_oiio(path)
    except UnicodeDecodeError:
        raise MediaError("has a damaged header: a name in it is not text", where=path) from None
    for part in found:
        check_claim(path, size, part.data_window, len(part.channels))
    return found


def _check_magic(path: str) -> None:
    with open(path, "rb") as file:
        magic = file.read(4)
    if path.lower().endswith(".exr") and magic != _EXR_MAGIC:
        raise MediaError("is not an OpenEXR file, whatever its name says", where=path)


def check_claim(path: str, size: int, window: Window, channels: int) -> None:
    """Refuse a header of a file of `size` bytes that asks for absurd memory."""
    limit = int(os.environ.get("NODEGRAPH_MAX_PIXELS", MAX_PIXELS))
    w, h = window.width, window.height
    if w <= 0 or h <= 0 or not channels:
        raise MediaError("has no pixels", where=path)
    if window.area > limit:
        raise MediaError(
            f"claims {w} x {h} pixels, more than {limit}", where=path, hint="set NODEGRAPH_MAX_PIXELS if that is right"
        )
    if window.area * channels > size * MAX_RATIO:
        raise MediaError(f"claims {w} x {h} x {channels} samples in {size} bytes", where=path)


def _parts_oiio(path: str) -> tuple[Part, ...]:
    import OpenImageIO as oiio

    source = _open(path)
    try:
        found: list[Part] = []
        while source.seek_subimage(len(found), 0):
            found.append(_part(oiio, source.spec(), len(found)))
        oiio.geterror()  # running off the last part is no error
    finally:
        source.close()
    if not found:
        raise MediaError("has no picture in it", where=path)
    return tuple(found)


def _open(path: str) -> Any:
    import OpenImageIO as oiio

    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)  # nobody multiplies behind our back
    config.attribute("oiio:RawColor", 1)
    source = oiio.ImageInput.open(path, config)
    if source is None:
        reason = _message(oiio.geterror)
        if "ubsampled" in " ".join(reason):
            raise _Subsampled(reason[0], where=path)
        if not reason or "could not find a format reader" in reason[0]:
            raise MediaError("is no picture of a known format", where=path)
        raise MediaError(f"can't be read: {reason[0]}", where=path)
    return source


def _message(ask: Callable[[], str]) -> list[str]:
    """A library's error text; a damaged header may have put anything into it."""
    try:
        return ask().strip().splitlines()
    except UnicodeDecodeError as error:
        return error.object.decode("utf-8", "replace").strip().splitlines()


class _Subsampled(MediaError):
    """A luminance-chroma EXR, which OpenImageIO refuses."""


def _part(oiio: Any, spec: Any, index: int) -> Part:
    data = Window(spec.x, spec.y, spec.x + spec.width, spec.y + spec.height)
    full = Window(spec.full_x, spec.full_y, spec.full_x + spec.full_width, spec.full_y + spec.full_height)
    metadata = {a.name: a.value for a in spec.extra_attribs if _is_plain(a.value)}
    name = metadata.get("oiio:subimagename", metadata.get("name", ""))
    aspect = float(metadata.get("PixelAspectRatio", 1.0) or 1.0)
    return Part(
        index, str(name), str(metadata.get("view", "")), tuple(spec.channelnames), str(spec.format), data,
        data if full.empty else full, aspect if 0 < aspect < 100 else 1.0, bool(spec.deep), metadata,
    )  # fmt: skip


def _is_plain(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return len(value) <= 64 and all(isinstance(v, (int, float, str)) for v in value)
    return isinstance(value, (str, int, float))


# --- choosing ---------------------------------------------------------------------------


def pick(path: str, layer: str = "", part: str = "", view: str = "") -> Picked:
    """The channels of a layer. "" is the main one, "*" all of a part under their full names."""
    found = parts(path)
    chosen = [p for p in found if (not part or part in (p.name, str(p.index))) and (not view or p.view in (view, ""))]
    if not chosen:
        views = list(dict.fromkeys(p.view for p in found if p.view))
        if view and view not in views:
            hint = did_you_mean(view, views) or ("it has " + ", ".join(views) if views else None)
            raise MediaError(f"has no view {view!r}", where=path, hint=hint)
        names = [p.name or str(p.index) for p in found]
        hint = did_you_mean(part, names) or "it has " + ", ".join(names)
        raise MediaError(f"has no part {part!r}", where=path, hint=hint)
    if layer == "*":
        return Picked(chosen[0], tuple(range(len(chosen[0].channels))), chosen[0].channels)
    for candidate in chosen:
        picked = _layer(candidate, layer, view)
        if picked is not None:
            return picked
    layers = [x or "(main)" for p in found for x in (p.layers if any(p.layers) else (p.name.split(".")[0],))]
    hint = did_you_mean(layer, layers) or "it has " + ", ".join(dict.fromkeys(layers))
    raise MediaError(f"has no layer {layer!r}", where=path, hint=hint)


def _layer(part: Part, layer: str, view: str) -> Picked | None:
    """The layer in this part, in its channels' names or by the part's own name."""
    prefixes = [layer, f"{layer}.{view}" if layer else view, f"{view}.{layer}"] if view else [layer]
    for prefix in prefixes:
        inside = [(i, c) for i, c in enumerate(part.channels) if c.rpartition(".")[0] == prefix]
        if inside:
            return _ordered(part, inside)
    if layer and part.name.split(".")[0] == layer:
        return _ordered(part, list(enumerate(part.channels)))
    if not layer and not any("." not in c for c in part.channels):
        return _layer(part, part.layers[0], view)
    return None


def _ordered(part: Part, channels: Sequence[tuple[int, str]]) -> Picked:
    """R, G, B, A first, whatever the file calls and orders them; a single Y stands for all three."""
    plain = {c.rpartition(".")[2]: i for i, c in channels}
    if "Y" in plain and not {"R", "G", "B"} & set(plain):
        luma = plain.pop("Y")
        plain = {"R": luma, "G": luma, "B": luma, **plain}
    elif not {"R", "G", "B"} & set(plain):
        vector = {"x", "y", "z"} <= {c.lower() for c in plain}
        plain = {
            _COMPONENTS.get(c.lower(), c) if (vector or c.lower() not in "xyz") else c: i for c, i in plain.items()
        }
    names = [c for c in ("R", "G", "B", "A") if c in plain] + [c for c in plain if c not in ("R", "G", "B", "A")]
    return Picked(part, tuple(plain[c] for c in names), tuple(names))


def spec_of(picked: Picked, path: str) -> FrameSpec:
    """The spec a picked layer's picture has."""
    part = picked.part
    unassociated = part.metadata.get("oiio:UnassociatedAlpha", 0)
    return FrameSpec(
        picked.names, part.data_window, part.display_window, part.pixel_aspect, _colour_space(part, path),
        premultiplied=not unassociated, stamp=_stamp(part), metadata=dict(part.metadata),
    )  # fmt: skip


def _colour_space(part: Part, path: str) -> str:
    """A guess from sample type and header: floats are linear light, integers are encoded."""
    if part.sample in ("half", "float", "double"):
        return "linear"
    if Path(path).suffix.lower() in (".dpx", ".cin"):
        transfer = str(part.metadata.get("dpx:Transfer", "")).lower()
        return "rec709" if "709" in transfer else ("linear" if transfer == "linear" else "cineon")
    return "srgb"


def rate_of(metadata: Mapping[str, Any]) -> Fraction | None:
    """Frames a second, where the header tells."""
    value = metadata.get("FramesPerSecond") or metadata.get("framesPerSecond") or metadata.get("dpx:FrameRate")
    if isinstance(value, (tuple, list)) and len(value) == 2 and value[1]:
        return Fraction(int(value[0]), int(value[1]))
    if isinstance(value, (int, float)) and 0 < value < 1000:
        return Fraction(value).limit_denominator(1001)
    return None


def _stamp(part: Part) -> Stamp:
    code = part.metadata.get("smpte:TimeCode", part.metadata.get("timeCode"))
    if isinstance(code, (tuple, list)) and code:
        word = int(code[0]) & 0xFFFFFFFF
        digits = [(word >> s & 0xF) + 10 * (word >> s + 4 & m) for s, m in ((24, 3), (16, 7), (8, 7), (0, 3))]
        drop = ";" if word >> 6 & 1 else ":"
        hours, minutes, seconds, frames = digits
        code = f"{hours:02}:{minutes:02}:{seconds:02}{drop}{frames:02}"
    return Stamp(timecode=code if isinstance(code, str) and code else None)


# --- reading ----------------------------------------------------------------------------


def describe_image(path: str, layer: str = "", part: str = "", view: str = "") -> FrameSpec:
    """The spec of a picture, from its header."""
    try:
        return spec_of(pick(path, layer, part, view), path)
    except _Subsampled:
        from nodegraph.media.chroma_exr import describe_chroma

        return describe_chroma(path)


def read_image(path: str, layer: str = "", part: str = "", view: str = "") -> Raw | Frame:
    """A layer of a picture in its own samples. MediaError names the file and what is wrong with it."""
    try:
        picked = pick(path, layer, part, view)
    except _Subsampled:
        from nodegraph.media.chroma_exr import read_chroma

        return read_chroma(path)
    if picked.part.deep:
        raise MediaError("is a deep picture (several samples a pixel)", where=path, hint="flatten it first")
    pixels = _pixels(path, picked)
    layout = _layout(pixels)
    return _oriented(
        Raw(spec_of(picked, path), layout, (pixels.view(np.uint16) if layout.sample == "f16" else pixels,))
    )


def _layout(pixels: NDArray[Any]) -> Layout:
    if pixels.dtype == np.float16:
        return Layout("interleaved", "f16")
    if pixels.dtype == np.uint8:
        return Layout("interleaved", "u8", 8)
    if pixels.dtype == np.uint16:
        return Layout("interleaved", "u16", 16)
    return Layout("interleaved", "f32")


def _pixels(path: str, picked: Picked) -> NDArray[Any]:
    """`(height, width, channels)` of the picked channels."""
    import OpenImageIO as oiio

    types = {"half": oiio.HALF, "uint8": oiio.UINT8, "uint16": oiio.UINT16}
    wanted = types.get(picked.part.sample, oiio.FLOAT)
    first, last = min(picked.indices), max(picked.indices) + 1
    source = _open(path)
    try:
        pixels = source.read_image(picked.part.index, 0, first, last, wanted)
        problem = _message(source.geterror)
    finally:
        source.close()
    if pixels is None or problem:
        reason = problem[0] if problem else "no pixels came"
        raise MediaError(f"is damaged or cut short: {reason}", where=path, hint="was it still being written?")
    order = [i - first for i in picked.indices]
    if order != list(range(pixels.shape[2])):
        pixels = pixels[:, :, order]
    return np.ascontiguousarray(pixels)


def _oriented(raw: Raw) -> Raw:
    """Turned as the Exif orientation says (1 to 8), as every viewer shows it."""
    orientation = int(raw.spec.metadata.get("Orientation", 1) or 1)
    if orientation not in range(2, 9):
        return raw
    pixels = raw.planes[0]
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    window = Window.sized(pixels.shape[1], pixels.shape[0])
    metadata = {k: v for k, v in raw.spec.metadata.items() if k != "Orientation"}
    spec = raw.spec.with_(data_window=window, display_window=window, metadata=metadata)
    return Raw(spec, raw.layout, (np.ascontiguousarray(pixels),))
