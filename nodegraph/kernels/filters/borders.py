"""What lies beyond a picture's border, where black isn't what is meant: a matte that the frame cuts goes on."""

from __future__ import annotations

from nodegraph.kernels.filters.flat import Image
from nodegraph.values import Window


def hold(padded: Image, window: Window, data: Window) -> None:
    """Continue the border pixels of a picture with the data window `data` over the rest of `window`, in place.

    `padded` `(channels, height, width)` holds the picture over `window`, with zeros beyond it.
    """
    inside = window.intersect(data)
    if inside == window or inside.empty:
        return
    rows, columns = inside.within(window)
    padded[:, rows, : columns.start] = padded[:, rows, columns.start, None]
    padded[:, rows, columns.stop :] = padded[:, rows, columns.stop - 1, None]
    padded[:, : rows.start] = padded[:, rows.start, None]
    padded[:, rows.stop :] = padded[:, rows.stop - 1, None]
