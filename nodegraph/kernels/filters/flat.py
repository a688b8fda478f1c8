"""How a filter's Python side hands pictures to its kernels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from nodegraph.errors import CookError

Image = NDArray[np.float32]

#: How every filter kernel is compiled. Full fast-math would drop the handling of NaN. Numba's
#: disk cache doesn't see a change made here: bump the kernel modules with it.
KERNEL: dict[str, Any] = {
    "nogil": True,
    "cache": True,
    "fastmath": {"reassoc", "contract", "arcp", "nsz"},
    "error_model": "numpy",
    "boundscheck": False,
}


class Flat(NamedTuple):
    """A strided picture as one contiguous run: pixel (c, y, x) lies at `c*channel + y*row + x`.

    Kernels take this instead of a 3-D view because Numba gives every layout and every
    writability its own compilation, and doesn't vectorise over a stride it can't see.
    """

    data: NDArray[np.float32]
    channel: int
    row: int


def readable(image: Image) -> Flat:
    """`image` for reading; copied only if its last axis isn't contiguous or a stride is negative."""
    return _flat(image if _runs(image) else np.ascontiguousarray(image), writeable=False)


def writable(image: Image) -> Flat:
    """`image` for writing in place; its last axis must be contiguous."""
    if not _runs(image) or not image.flags.writeable:
        raise CookError(
            f"a filter can't write into an array of strides {image.strides}",
            hint="pass a writable array whose last axis is contiguous",
        )
    return _flat(image, writeable=True)


def check(name: str, src: Image, dst: Image, reach: tuple[int, int]) -> None:
    """Refuse arrays that don't fit: `src` must be `dst` grown by `reach` (x, y) on every side."""
    if src.dtype != np.float32 or dst.dtype != np.float32 or src.ndim != 3 or dst.ndim != 3:
        raise CookError(
            f"{name} takes float32 (channels, height, width), not {src.dtype}{src.shape} and {dst.dtype}{dst.shape}"
        )
    x, y = reach
    wanted = (dst.shape[0], dst.shape[1] + 2 * y, dst.shape[2] + 2 * x)
    if src.shape != wanted:
        raise CookError(
            f"{name} makes {dst.shape} from {wanted}, not from {src.shape}",
            hint=f"grow the source by {x} columns and {y} rows on each side",
        )


def grain(width: int) -> int:
    """Fewest rows of `width` pixels that are worth a strip of their own."""
    return max(1, 16384 // max(1, width))


def _runs(image: Image) -> bool:
    return image.size == 0 or ((image.shape[2] == 1 or image.strides[2] == image.itemsize) and min(image.strides) >= 0)


def _flat(image: Image, *, writeable: bool) -> Flat:
    channels, height, width = image.shape
    channel, row, _ = (s // image.itemsize for s in image.strides)
    if image.size == 0:
        return Flat(as_strided(image, (0,), (image.itemsize,), writeable=writeable), 0, 0)
    length = (channels - 1) * channel + (height - 1) * row + width
    return Flat(as_strided(image, (length,), (image.itemsize,), writeable=writeable), channel, row)
