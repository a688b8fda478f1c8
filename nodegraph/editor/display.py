"""What a viewer shows: which part of which pictures, and through which display transform."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.values import Frame, Window

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool

#: Views that need no OCIO config, shown before those of its displays.
SRGB, RAW = "sRGB", "none"
#: Points along a side of a view's cube: enough for eight bits, small enough for a core's cache.
_CUBE = 49

Compare = str


@dataclass(frozen=True, slots=True)
class Look:
    """A viewer's settings.

    The picture's point (x, y), in full-size pixels from the top left of its format (x times the pixel
    aspect), lies in the middle of a panel of width x height pixels; a picture pixel is `zoom` panel pixels
    wide. `compare` is "a", "b", "wipe", "difference" or "side"; `wipe` is where B begins, as a share of the
    panel. `exposure` is in stops; `view` is "sRGB", "none" or "display/view" of the OCIO config.
    """

    width: int = 960
    height: int = 540
    x: float = 960.0
    y: float = 540.0
    zoom: float = 0.5
    compare: Compare = "a"
    wipe: float = 0.5
    channels: str = "rgb"
    exposure: float = 0.0
    gamma: float = 1.0
    view: str = SRGB
    layer: str = ""

    def to_picture(self, px: float, py: float) -> tuple[float, float]:
        """A panel position as a point of the picture, pixel aspect included."""
        return self.x + (px - self.width / 2) / self.zoom, self.y + (py - self.height / 2) / self.zoom


def paint(out: NDArray[np.float32], look: Look, a: Frame | None, b: Frame | None, pool: Pool) -> None:
    """Fill a panel (height, width, 4) with what the look shows of one or two pictures."""
    from nodegraph.kernels.display import show

    way, first, second = (
        _way(look, a, b),
        _picture(a, look, half=_half(look, 0)),
        _picture(b, look, half=_half(look, 1)),
    )
    height = out.shape[0]
    pool.map(height, lambda y0, y1: show(out, y0, y1, first, second, way), 32)


def _half(look: Look, which: int) -> int | None:
    return which if look.compare == "side" else None


def _way(look: Look, a: Frame | None, b: Frame | None) -> Any:
    from nodegraph.kernels.display import CHANNELS, COMPARE, Way

    width = look.width
    split = {"a": width, "b": 0, "side": width // 2, "difference": width}.get(look.compare, round(look.wipe * width))
    if b is None and look.compare != "b":
        split = width
    difference = look.compare == "difference" and b is not None
    curve, cube, size = _transform(look.view, a if a is not None else b)
    channels = CHANNELS.index(look.channels) if look.channels in CHANNELS else 0
    return Way(
        channels, COMPARE.index("difference" if difference else "a"), split,
        np.float32(2.0**look.exposure), np.float32(look.gamma), curve, cube, size,
    )  # fmt: skip


_NOTHING = np.zeros(1, np.float32)


def _transform(view: str, frame: Frame | None) -> tuple[NDArray[np.float32], NDArray[np.float32], int]:
    """The curve, or the cube and its size, of a view; none for data and for what is display-referred already."""
    space = frame.spec.colour_space if frame is not None else "linear"
    if view == RAW or space == "raw" or space.startswith("display"):
        return _NOTHING, _NOTHING, 0
    if view == SRGB or "/" not in view:
        return _srgb(), _NOTHING, 0
    display, _, name = view.partition("/")
    return _NOTHING, _baked(display, name, "" if space == "linear" else space), _CUBE


@lru_cache(maxsize=1)
def _srgb() -> NDArray[np.float32]:
    """The sRGB curve (IEC 61966-2-1) over 0..1."""
    x = np.linspace(0, 1, 4097)
    return np.where(x <= 0.0031308, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055).astype(np.float32)


@lru_cache(maxsize=8)
def _baked(display: str, view: str, space: str) -> NDArray[np.float32]:
    """A view's code values on a cube of shaped light, flat, blue fastest."""
    from nodegraph.kernels.display import shaped_axis
    from nodegraph.media import ocio

    axis = shaped_axis(_CUBE)
    grid = np.ascontiguousarray(np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3))
    ocio.view(space or ocio.working_space(), display, view).getDefaultCPUProcessor().applyRGB(grid)
    return grid.ravel()


def views() -> list[str]:
    """What a viewer's view may be: the plain ones, then "display/view" of the OCIO config."""
    from nodegraph.media import ocio

    return [SRGB, RAW, *(f"{display}/{view}" for display, each in ocio.displays().items() for view in each)]


# -- where a picture lies


def _picture(frame: Frame | None, look: Look, half: int | None) -> Any:
    from nodegraph.kernels.display import Picture
    from nodegraph.kernels.filters.flat import readable

    if frame is None or frame.pixels.size == 0:
        none = np.zeros(max(look.width, look.height), np.int32)
        return Picture(readable(np.zeros((1, 1, 1), np.float32)).data, 0, 0, none, none, none, none, -1, -1, -1, -1)
    spec = frame.spec
    flat = readable(frame.pixels)
    data, format = spec.data_window, spec.display_window
    across, shift = look.zoom / spec.scale * spec.pixel_aspect, 0.0
    if half is not None:  # each half of the panel shows the middle of the whole
        shift = look.width * (0.25 - 0.5 * half)
    left, right = covered(
        look.width, across, look.width / 2 - look.x * look.zoom - shift, data.x0 - format.x0, data.x1 - format.x0
    )
    down = look.zoom / spec.scale
    top, bottom = covered(
        look.height, down, look.height / 2 - look.y * look.zoom, data.y0 - format.y0, data.y1 - format.y0
    )
    return Picture(flat.data, flat.channel, flat.row, left, right, top, bottom, *planes(spec.channels, look.layer))


def covered(
    count: int, zoom: float, origin: float, first: int, last: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Which source pixels each of `count` panel pixels covers, along one axis.

    A source pixel is `zoom` panel pixels wide, pixel 0 begins at panel position `origin`, and the pixels
    from `first` up to `last` exist; the result counts from `first`. Zoomed in it is the one under the
    panel pixel's middle, zoomed out those whose middles the panel pixel covers, at least one.
    """
    edges = (np.arange(count + 1) - origin) / zoom
    middles = np.floor((np.arange(count) + 0.5 - origin) / zoom)
    begin, end = (middles, middles + 1) if zoom >= 1 else (np.ceil(edges[:-1] - 0.5), np.ceil(edges[1:] - 0.5))
    end = np.maximum(end, begin + 1)
    begin, end = np.clip(begin, first, last) - first, np.clip(end, first, last) - first
    return begin.astype(np.int32), end.astype(np.int32)


def planes(channels: tuple[str, ...], layer: str = "") -> tuple[int, int, int, int]:
    """The planes shown as red, green, blue and alpha: of a layer, else of the picture, else its first one."""
    names = {name: k for k, name in enumerate(channels)}
    prefix = f"{layer}." if layer else ""
    found = [names.get(prefix + c, -1) for c in "RGBA"]
    if max(found[:3]) < 0:
        one = found[3] if found[3] >= 0 else next((k for n, k in names.items() if n.startswith(prefix)), 0)
        found = [one, one, one, found[3]]
    return found[0], found[1], found[2], found[3]


def format_rect(frame: Frame) -> tuple[float, float]:
    """Width and height of a picture's format as the viewer measures it."""
    window: Window = frame.spec.display_window
    return window.width / frame.spec.scale * frame.spec.pixel_aspect, window.height / frame.spec.scale
