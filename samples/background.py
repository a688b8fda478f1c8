"""The demo's background: a rocket on its pad at dusk, far behind the actor and out of focus.

The picture is scikit-image's `rocket` (DSCOVR on a Falcon 9, photographed and released into
the public domain by SpaceX). It is enlarged, its clipped lamps are given back the light that
a lens spreads into discs, and a disc of confusion is laid over it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samples.actor import portrait, srgb_to_linear
from samples.sampling import Array, gaussian, scale

#: The part that is used: left, top, width, in its own pixels. The rocket stands right of the middle.
LEFT, TOP, WIDE = 0.0, 118.0, 530.0
#: Radius of the disc of confusion, in frame heights.
CONFUSION = 0.0085


def background(height: int, width: int) -> Array:
    """Scene-linear `(height, width, 3)`; the lamps reach far above 1."""
    light = srgb_to_linear(gaussian(portrait("rocket").astype(np.float32), 0.5).astype(np.float64))
    brightest = light.max(axis=-1, keepdims=True)
    light = light * (1.0 + 14.0 * np.clip((brightest - 0.8) / 0.2, 0.0, 1.0) ** 2)
    window = (LEFT, TOP, LEFT + WIDE, TOP + WIDE * height / width)
    sharp = np.maximum(scale(light.astype(np.float32), (height, width), window), 0.0)
    return defocus(sharp, CONFUSION * height)


def defocus(picture: Array, radius: float) -> Array:
    """`picture` (h, w, c) under a disc of `radius` pixels with a soft rim, the borders mirrored."""
    reach = int(np.ceil(radius)) + 1
    padded = np.pad(picture, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0.0, 1.0)
    kernel = np.zeros(padded.shape[:2])
    kernel[: 2 * reach + 1, : 2 * reach + 1] = disc / disc.sum()
    through: NDArray[np.complex128] = np.fft.rfft2(kernel)
    height, width = picture.shape[:2]
    planes = [np.fft.irfft2(np.fft.rfft2(padded[..., c]) * through, kernel.shape) for c in range(picture.shape[2])]
    wide = np.stack([p[2 * reach :, 2 * reach :] for p in planes], axis=-1)
    return np.ascontiguousarray(np.maximum(wide, 0.0), np.float32)[:height, :width]
