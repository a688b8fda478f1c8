"""Small clips whose every frame bears its own number."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.media.movie import MovieWriter
from nodegraph.values import Layout, Raw

WIDTH, HEIGHT = 288, 128
#: The number is written in nine bits, bright or dark blocks in the topmost lines.
_BITS, _TALL = 9, 24
_BLOCK = WIDTH // _BITS


def planes(number: int, layout: Layout) -> list[NDArray[Any]]:
    """Y', Cb, Cr of a frame with its number on top and a texture below that slides, as encoders like it."""
    kind = np.uint8 if layout.bits == 8 else np.uint16
    top = (1 << layout.bits) - 1
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    slid = x + number
    light = 0.5 + 0.2 * np.sin(slid / 5) * np.cos(y / 7 + slid / 31)
    light[:_TALL] = 0.25 + (number >> (x[:_TALL] // _BLOCK) & 1) / 2
    luma = (light * top).astype(kind)
    sx, sy = layout.subsample
    chroma = np.full((HEIGHT >> sy, WIDTH >> sx), 1 << (layout.bits - 1), kind)
    return [luma, chroma, chroma]


def number(raw: Raw) -> int:
    """The number that a decoded frame bears."""
    luma = raw.planes[0].astype(float) / ((1 << raw.layout.bits) - 1)
    blocks = luma[4 : _TALL - 4].reshape(-1, _BITS, _BLOCK)[:, :, 6:-6].mean((0, 2))
    return sum(1 << k for k, value in enumerate(blocks) if value > 0.5)


def write_clip(path: Path, codec: str = "h264", frames: int = 40, rate: Fraction = Fraction(24), **options: Any) -> str:
    writer = MovieWriter(str(path), WIDTH, HEIGHT, rate, codec, **options)
    try:
        for k in range(frames):
            writer.write(planes(k, writer.layout))
        writer.close()
    except BaseException:
        writer.abort()
        raise
    return str(path)
