"""EXR headers written by hand: what no library would write for us."""

from __future__ import annotations

import struct


def exr_header(width: int, height: int, channels: dict[str, tuple[int, int]], compression: int = 3) -> bytes:
    """A scanline EXR up to its offset table: float channels -> (x, y) subsampling. 3 is ZIP, 0 none."""
    listed = b"".join(n.encode() + b"\0" + struct.pack("<iBxxxii", 2, 0, *s) for n, s in sorted(channels.items()))
    box = struct.pack("<4i", 0, 0, width - 1, height - 1)
    attributes = [
        _attribute("channels", "chlist", listed + b"\0"),
        _attribute("compression", "compression", bytes([compression])),
        _attribute("dataWindow", "box2i", box),
        _attribute("displayWindow", "box2i", box),
        _attribute("lineOrder", "lineOrder", b"\0"),
        _attribute("pixelAspectRatio", "float", struct.pack("<f", 1)),
        _attribute("screenWindowCenter", "v2f", struct.pack("<2f", 0, 0)),
        _attribute("screenWindowWidth", "float", struct.pack("<f", 1)),
    ]
    return b"\x76\x2f\x31\x01\x02\0\0\0" + b"".join(attributes) + b"\0"


def _attribute(name: str, kind: str, value: bytes) -> bytes:
    return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value
