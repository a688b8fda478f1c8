"""Pictures as engines send and get them: small files in memory."""

from __future__ import annotations

import os
import struct
import tempfile
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import CookError

#: Pixels an answer may claim: 16K x 8K.
MAX_PIXELS = 1 << 27
_PNG = b"\x89PNG\r\n\x1a\n"
#: How each kind of file begins. What begins otherwise is no picture, whatever its name says.
_MAGIC = {
    _PNG: ".png",
    b"\xff\xd8\xff": ".jpg",
    b"RIFF": ".webp",
    b"\x76\x2f\x31\x01": ".exr",
    b"#?RADIANCE": ".hdr",
    b"II*\0": ".tif",
    b"MM\0*": ".tif",
}
_LINEAR = (".exr", ".hdr")


def to_png(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG of `(height, width)` grey, or `(height, width, 3 or 4)` colours."""
    height, width = pixels.shape[:2]
    colour = 0 if pixels.ndim == 2 else {3: 2, 4: 6}[pixels.shape[2]]
    rows = np.ascontiguousarray(pixels, np.uint8).reshape(height, -1)
    filtered = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered, 3)), (b"IEND", b""))
    return _PNG + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def png_texts(data: bytes) -> dict[str, str]:
    """The texts a PNG carries (tEXt), by their keys: where ComfyUI puts the workflow."""
    found: dict[str, str] = {}
    at = len(_PNG)
    while data.startswith(_PNG) and at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind == b"tEXt":
            key, _, text = data[at + 8 : at + 8 + size].partition(b"\0")
            found[key.decode("latin-1")] = text.decode("utf-8", "replace")
        at += 12 + size
    return found


def decode(data: bytes, engine: str) -> tuple[NDArray[Any], bool]:
    """The colours `(height, width, 3)` of a picture file, uint8 or float32, and whether they are scene-linear."""
    suffix = next((s for magic, s in _MAGIC.items() if data.startswith(magic)), None)
    if suffix is None:
        raise CookError(
            f"{engine} sent {len(data)} bytes that are no picture",
            hint="PNG, JPEG, WebP, TIFF, EXR and HDR are read",
        )
    with tempfile.TemporaryDirectory(prefix="nodegraph-") as folder:
        file = os.path.join(folder, f"picture{suffix}")
        with open(file, "wb") as out:
            out.write(data)
        return _colours(_read(file, engine)), suffix in _LINEAR


def _read(file: str, engine: str) -> NDArray[Any]:
    import OpenImageIO as oiio

    asked = oiio.ImageSpec()
    asked["oiio:UnassociatedAlpha"] = 1  # colours as they are stored
    source = oiio.ImageInput.open(file, asked)
    if source is None:
        raise CookError(f"{engine} sent a damaged picture: {oiio.geterror().replace(file, 'it')}")
    try:
        spec = source.spec()
        if spec.width * spec.height > MAX_PIXELS:
            raise CookError(f"{engine} sent {spec.width} x {spec.height}: too large", hint="ask for a smaller one")
        whole = str(spec.format) == "uint8"
        pixels = source.read_image(0, 0, 0, min(spec.nchannels, 4), oiio.UINT8 if whole else oiio.FLOAT)
        problem = source.geterror()
    finally:
        source.close()
    if pixels is None or problem:
        raise CookError(f"{engine} sent a picture that is damaged or cut short: {problem or 'no pixels'}")
    return np.asarray(pixels)


def _colours(pixels: NDArray[Any]) -> NDArray[Any]:
    colours = pixels[..., :3] if pixels.shape[2] >= 3 else np.repeat(pixels[..., :1], 3, axis=2)
    return np.ascontiguousarray(colours)
