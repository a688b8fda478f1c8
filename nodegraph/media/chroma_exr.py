"""Luminance-chroma EXRs (Y, RY, BY with chroma at half size), which OpenImageIO refuses.

The OpenEXR package reads their planes. RGB follows *Technical Introduction to OpenEXR*,
"Luminance/Chroma Images": RY = (R - Y) / Y and BY = (B - Y) / Y, with Y weighted for the file's
primaries (Rec. 709 here); chroma is brought to full size by linear interpolation.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import MediaError
from nodegraph.media.images import check_claim
from nodegraph.values import Frame, FrameSpec, Window

_WEIGHTS = (0.2126, 0.7152, 0.0722)


def _file(path: str, header_only: bool) -> Any:
    import OpenEXR

    try:
        return OpenEXR.File(path, separate_channels=True, header_only=header_only)
    except Exception as error:
        raise MediaError(f"can't be read: {error}", where=path) from error


def _spec(path: str, file: Any) -> FrameSpec:
    try:
        header = file.header()
    except Exception as error:
        raise MediaError(f"has a damaged header: {error}", where=path) from error

    def window(box: Any) -> Window:
        (x0, y0), (x1, y1) = box
        return Window(int(x0), int(y0), int(x1) + 1, int(y1) + 1)

    aspect = float(header.get("pixelAspectRatio", 1.0))
    names = ("R", "G", "B", "A") if "A" in {c.name for c in header["channels"]} else ("R", "G", "B")
    return FrameSpec(names, window(header["dataWindow"]), window(header["displayWindow"]), aspect)


def describe_chroma(path: str) -> FrameSpec:
    """The spec of the RGB or RGBA picture."""
    return _spec(path, _file(path, True))


def read_chroma(path: str) -> Frame:
    """The picture as RGB, or RGBA where it has an alpha."""
    check_claim(path, os.path.getsize(path), describe_chroma(path).data_window, 4)
    file = _file(path, False)
    spec = _spec(path, file)
    planes = {name: np.asarray(c.pixels, np.float32) for name, c in file.channels().items()}
    if "Y" not in planes:
        raise MediaError("has subsampled channels, yet no Y", where=path)
    luma = planes["Y"]
    ry, by = (_enlarged(planes[c], luma.shape) if c in planes else np.zeros_like(luma) for c in ("RY", "BY"))
    r, b = (ry + 1) * luma, (by + 1) * luma
    wr, wg, wb = _WEIGHTS
    g = (luma - wr * r - wb * b) / wg
    alpha = [planes["A"]] if "A" in spec.channels else []
    return Frame(spec, np.stack([r, g, b, *alpha]).astype(np.float32))


def _enlarged(plane: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A subsampled plane at full size; samples sit on the even pixels."""
    if plane.shape == shape:
        return plane
    for axis in (0, 1):
        at = np.arange(shape[axis]) / 2
        low = np.minimum(at.astype(int), plane.shape[axis] - 1)
        high = np.minimum(low + 1, plane.shape[axis] - 1)
        t = (at - low).astype(np.float32).reshape((-1, 1) if axis == 0 else (1, -1))
        plane = plane.take(low, axis) * (1 - t) + plane.take(high, axis) * t
    return plane
