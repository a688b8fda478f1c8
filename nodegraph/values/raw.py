"""Pictures as a codec or a camera hands them over, before they are float.

A source passes its planes on untouched; the conversion to float RGB is fused into the first
kernel that loads them, so no decoded copy of the picture is ever made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from nodegraph.values.frame import FrameSpec

Packing = Literal["planar", "interleaved", "yuv"]
Sample = Literal["u8", "u16", "f16", "f32"]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the samples of a `Raw` lie in memory.

    - `planar`: one array `(channels, height, width)`.
    - `interleaved`: one array `(height, width, channels)`.
    - `yuv`: three arrays Y', Cb, Cr (and A' where there are four), each `(rows, columns)`,
      chroma smaller by `1 << subsample[0]` across and `1 << subsample[1]` down. A plane's
      row stride may be longer than its width.

    `sample` is the storage type; half floats ("f16") come as their uint16 bits. Integers use
    the low `bits` bits: a channel's value is code / (2**bits - 1); a Y'CbCr code is decoded by
    `matrix` ("bt601" "bt709" "bt2020") and `full_range` (ITU-R BT.709-6 and BT.2100-2).
    `chroma` tells where the chroma samples sit ("left", "center", "topleft").
    """

    packing: Packing
    sample: Sample
    bits: int = 0
    subsample: tuple[int, int] = (0, 0)
    matrix: str = "bt709"
    full_range: bool = False
    chroma: str = "left"


@dataclass(frozen=True, slots=True)
class Raw:
    """A picture in its source's own layout. The spec describes it as if it were decoded to float,
    so `spec.channels` are R, G, B for a Y'CbCr picture; its transfer curve is not yet undone."""

    spec: FrameSpec
    layout: Layout
    planes: tuple[NDArray[Any], ...]
