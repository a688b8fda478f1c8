# ruff: noqa: TID253
"""Contact sheets: what methods made of a picture, at 1:1, over grey, black and something busy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from benchmarks.mattes.light import Array, Codes, encoded, to_bytes
from benchmarks.mattes.metrics import Mask, Result

SIDE = 300
_LABEL = 22


def busy(height: int, width: int, seed: int = 3) -> Array:
    """A background full of colour and edges, scene-linear: paint of five sizes, and a checker."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3))
    for cells in (3, 6, 13, 29, 61):
        paint = rng.random((cells, cells, 3)).astype(np.float64) ** 2
        picture += cv2.resize(paint, (width, height), interpolation=cv2.INTER_NEAREST) / 3
    y, x = np.mgrid[0:height, 0:width]
    return np.asarray(picture * np.where((x // 16 + y // 16) % 2, 1.0, 0.35)[..., None])


def over(result: Result, background: Array | float) -> Codes:
    """A result over a scene-linear background, as sRGB bytes."""
    return to_bytes(encoded(result.colour + (1 - result.alpha[..., None]) * background))


def grey(plane: Array) -> Codes:
    """A plane 0..1 as it is, as bytes in three channels."""
    return np.repeat(to_bytes(plane)[..., None], 3, -1)


def window(edge: Mask, side: int = SIDE) -> tuple[slice, slice]:
    """The square of a picture that holds the most of its edges."""
    height, width = edge.shape
    rows, columns = min(side, height), min(side, width)
    total = np.pad(np.cumsum(np.cumsum(edge.astype(np.int64), 0), 1), ((1, 0), (1, 0)))
    held = total[rows:, columns:] - total[:-rows, columns:] - total[rows:, :-columns] + total[:-rows, :-columns]
    y, x = np.unravel_index(int(held.argmax()), held.shape)
    return slice(int(y), int(y) + rows), slice(int(x), int(x) + columns)


def sheet(source: Codes, results: Mapping[str, Result], at: tuple[slice, slice], truth: Array | None = None) -> Codes:
    """A row for each method: source, matte, over mid grey, black and busy; and 4 x its error, if truth is known."""
    background = busy(*source.shape[:2])[at]
    rows = []
    for name, result in results.items():
        cut = Result(result.alpha[at], result.colour[at])
        tiles = [source[at], grey(cut.alpha), over(cut, 0.18), over(cut, 0.0), over(cut, background)]
        if truth is not None:
            tiles.append(grey(4 * np.abs(cut.alpha - truth[at])))
        strip = np.concatenate([np.pad(t, ((0, 0), (0, 2), (0, 0))) for t in tiles], 1)
        label = np.zeros((_LABEL, strip.shape[1], 3), np.uint8)
        cv2.putText(label, name, (4, _LABEL - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
        rows += [label, strip]
    return np.concatenate(rows)


def save(path: Path, picture: Codes) -> None:
    """Write sRGB bytes; PNG or JPEG by the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    settings = [cv2.IMWRITE_JPEG_QUALITY, 88] if path.suffix == ".jpg" else []
    if not cv2.imwrite(str(path), np.ascontiguousarray(picture[..., ::-1]), settings):
        raise OSError(f"{path} couldn't be written")
