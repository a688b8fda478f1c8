# ruff: noqa: TID253
"""Real photographs with their alpha: what is put before screens.

Two portraits (P3M), a lemur and a potted plant from the shared test material, whose mattes were
made by hand or by matting, and scikit-image's astronaut as `samples/actor.py` cuts her out. As the
photograph shows its own background through soft edges, the foreground's colour is estimated there
(Germer, Uelwer, Conrad and Harmeling, *Fast multi-level foreground estimation*, 2020, PyMatting)
on the encoded picture, then linearised. With that, matte and colour of a composite are known exactly.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from benchmarks.mattes.light import Array, Codes, linear

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"

#: Photograph, matte, and the longest side it is brought to (None: as it is).
PHOTOGRAPHS = {
    "portrait": ("matting/P3M/p_22fc0130/p_22fc0130.jpg", "matting/P3M/p_22fc0130/p_22fc0130.png", 800),
    "child": ("matting/P3M/p_bc5cfad1/p_bc5cfad1.jpg", "matting/P3M/p_bc5cfad1/p_bc5cfad1.png", 800),
    "lemur": ("matting/pymatting/lemur.png", "matting/pymatting/lemur_alpha.png", None),
    "plant": ("matting/opencv_contrib/plant.jpg", "matting/opencv_contrib/plant_result.png", None),
}
NAMES = (*PHOTOGRAPHS, "astronaut")


@dataclass(frozen=True)
class Subject:
    """Unpremultiplied scene-linear colour `(h, w, 3)`, also where alpha is 0, and alpha `(h, w)`; even sizes."""

    colour: Array
    alpha: Array


def available(name: str) -> bool:
    """Whether the material is there."""
    return name == "astronaut" or all((SHARED / path).is_file() for path in PHOTOGRAPHS[name][:2])


@lru_cache(maxsize=8)
def subject(name: str, scale: float = 1.0) -> Subject:
    """A subject by name, at a share of its usual size."""
    if name == "astronaut":
        from samples.actor import cut_out

        colour, alpha = (np.asarray(v, np.float64) for v in cut_out())
        colour, alpha = _resized(colour, scale), _resized(alpha, scale)
    else:
        _, matte, _ = PHOTOGRAPHS[name]
        alpha = read(SHARED / matte, False) / 255.0
        codes, alpha = photograph(name, scale), _resized(alpha, _size(name, scale))
        with warnings.catch_warnings():  # PyMatting's own notes on its Numba use
            warnings.simplefilter("ignore")
            from pymatting import estimate_foreground_ml
        colour = linear(np.clip(estimate_foreground_ml(codes, alpha), 0, 1))
    rows, columns = alpha.shape[0] // 2 * 2, alpha.shape[1] // 2 * 2
    return Subject(np.ascontiguousarray(colour[:rows, :columns]), np.clip(alpha[:rows, :columns], 0, 1))


def photograph(name: str, scale: float = 1.0) -> Array:
    """The photograph itself, with what was behind the subject: sRGB 0..1, `(h, w, 3)`."""
    return _resized(read(SHARED / PHOTOGRAPHS[name][0]) / 255.0, _size(name, scale))


def read(path: Path, colour: bool = True) -> Codes:
    """A picture file's bytes: `(h, w, 3)` R, G, B, or `(h, w)`."""
    found = cv2.imread(str(path), cv2.IMREAD_COLOR if colour else cv2.IMREAD_GRAYSCALE)
    if found is None:
        raise FileNotFoundError(path)
    codes = np.asarray(found, np.uint8)
    return np.ascontiguousarray(codes[..., ::-1]) if colour else codes


def _size(name: str, scale: float) -> float:
    """The share of its own size that a photograph is brought to."""
    path, _, longest = PHOTOGRAPHS[name]
    return scale * (longest / max(read(SHARED / path).shape) if longest else 1.0)


def _resized(picture: Array, scale: float) -> Array:
    if scale == 1:
        return np.ascontiguousarray(picture)
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.float64)
