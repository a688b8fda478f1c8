# ruff: noqa: TID253
"""Pictures as a codec hands them on: 4:2:0, and H.264 through PyAV."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np

from benchmarks.mattes.light import Array, Codes, linear, to_bytes

CRF = 23  # x264's own default
RATE = 25


@dataclass(frozen=True)
class Picture:
    """sRGB bytes `(h, w, 3)`; `frame` is the decoded 4:2:0 one they came from, if they did."""

    codes: Codes
    frame: Any = None

    @property
    def light(self) -> Array:
        return linear(self.codes)


def subsampled(pictures: Sequence[Codes]) -> list[Picture]:
    """8-bit 4:2:0, BT.709, limited range, and nothing lost but that."""
    return [_picture(_frame(codes)) for codes in pictures]


def h264(pictures: Sequence[Codes], crf: int = CRF) -> list[Picture]:
    """Encoded by x264 (preset medium) in 4:2:0, and decoded. One thread: the same bytes each time."""
    file = io.BytesIO()
    height, width = pictures[0].shape[:2]
    with av.open(file, mode="w", format="matroska") as out:
        stream: Any = out.add_stream(
            "libx264", rate=RATE, options={"crf": str(crf), "preset": "medium", "threads": "1"}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.colorspace, stream.codec_context.color_range = 1, 1
        for number, codes in enumerate(pictures):
            frame = _frame(codes)
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, mode="r") as source:
        return [_picture(frame) for frame in source.decode(video=0)]


#: R, G, B 0..1 to Y 0..1, Cb and Cr -0.5..0.5: ITU-R BT.709.
_RED, _BLUE = 0.2126, 0.0722
_TO_YUV = np.array(
    [
        [_RED, 1 - _RED - _BLUE, _BLUE],
        np.array([-_RED, -(1 - _RED - _BLUE), 1 - _BLUE]) / (2 * (1 - _BLUE)),
        np.array([1 - _RED, -(1 - _RED - _BLUE), -_BLUE]) / (2 * (1 - _RED)),
    ]
)


def _frame(codes: Codes) -> Any:
    """8-bit 4:2:0 in limited range. Not by swscale, whose quick path is a code too dark."""
    height, width = codes.shape[:2]
    yuv = codes / 255.0 @ _TO_YUV.T
    luma = 16 + 219 * yuv[..., 0]
    chroma = 128 + 224 * yuv[..., 1:].reshape(height // 2, 2, width // 2, 2, 2).mean((1, 3))
    planes = [luma, *np.moveaxis(chroma, -1, 0)]
    packed = np.concatenate([np.clip(np.round(p), 0, 255).astype(np.uint8).ravel() for p in planes])
    frame = av.VideoFrame.from_ndarray(packed.reshape(height * 3 // 2, width), format="yuv420p")
    frame.colorspace, frame.color_range = 1, 1  # BT.709, limited
    return frame


def _picture(frame: Any) -> Picture:
    """Back to RGB, chroma read bilinearly."""
    height, width = frame.height, frame.width
    packed = frame.to_ndarray().ravel().astype(np.float64)
    luma, chroma = packed[: height * width], packed[height * width :].reshape(2, height // 2, width // 2)
    wide = [cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR) for plane in chroma]
    yuv = np.stack([(luma.reshape(height, width) - 16) / 219, *((plane - 128) / 224 for plane in wide)], -1)
    return Picture(to_bytes(yuv @ np.linalg.inv(_TO_YUV).T), frame)
