"""sRGB codes and scene-linear light (IEC 61966-2-1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.uint8]


def linear(codes: Array | Codes) -> Array:
    """Scene-linear light of codes: bytes, or 0..1."""
    v = np.asarray(codes, np.float64) / (255.0 if codes.dtype == np.uint8 else 1.0)
    return np.where(v <= 0.04045, v / 12.92, ((np.maximum(v, 0) + 0.055) / 1.055) ** 2.4)


def encoded(light: Array) -> Array:
    """Code values 0..1 of scene-linear light, clipped."""
    v = np.clip(light, 0.0, 1.0)
    return np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055)


def to_bytes(codes: Array) -> Codes:
    """Codes 0..1 rounded to 8 bit."""
    return np.round(np.clip(codes, 0.0, 1.0) * 255).astype(np.uint8)
