"""What a viewer looks at and how: its inputs, its settings, and what lies under the cursor."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, floor

import numpy as np

from nodegraph.editor.cooker import Wish, draft_scale
from nodegraph.editor.display import SRGB, Look, format_rect
from nodegraph.editor.geometry import Rect
from nodegraph.editor.painter import Painted
from nodegraph.editor.view import View
from nodegraph.values import Frame, Window
from nodegraph.values.window import EMPTY

#: Lines over the picture that can be asked for: shares of the format's width and height.
GUIDES = {"action safe": (0.93, 0.93), "title safe": (0.90, 0.90), "2.39:1": (1.0, 16 / 9 / 2.39), "4:3": (0.75, 1.0)}
PROXIES = (1.0, 0.5, 0.25)
#: As the display kernel has them.
CHANNELS = ("rgb", "red", "green", "blue", "alpha", "luminance", "matte")
COMPARES = ("a", "wipe", "difference", "side")


@dataclass(frozen=True, slots=True)
class Readout:
    """A pixel, or the mean of an area: x right and y up from the bottom left of the format, in full-size pixels."""

    x: int
    y: int
    channels: tuple[str, ...]
    values: tuple[float, ...]
    area: tuple[int, int] = (1, 1)

    def value(self, channel: str) -> float | None:
        return self.values[self.channels.index(channel)] if channel in self.channels else None


@dataclass(slots=True)
class Viewer:
    """One viewer. `slots` are what the keys 1 to 0 show; `a` and `b` the nodes (paths) looked at."""

    a: str | None = None
    b: str | None = None
    slots: dict[str, str] = field(default_factory=dict)
    view: View = field(default_factory=lambda: View(zoom=0.5, smallest=0.02, largest=64.0))
    compare: str = "a"
    wipe: float = 0.5
    channels: str = "rgb"
    layer: str = ""
    exposure: float = 0.0
    gamma: float = 1.0
    transform: str = SRGB
    proxy: float = 1.0
    #: A part of the format that alone is cooked, in full-size pixels from the top left.
    region: Window | None = None
    guides: list[str] = field(default_factory=list)
    data_window: bool = True
    handles: bool = True
    #: Whether the picture is kept whole in the panel.
    fitted: bool = True
    painted: Painted | None = None

    # -- what is looked at

    def show(self, node: str, slot: str = "1") -> None:
        """Look at a node, and keep it under a number key."""
        self.slots[slot] = node
        if self.compare != "a" and self.a is not None and slot == "2":
            self.b = node
        else:
            self.a = node

    def recall(self, slot: str) -> bool:
        """Look at what a number key holds; whether it holds anything."""
        if slot not in self.slots:
            return False
        self.a = self.slots[slot]
        return True

    def renamed(self, old: str, new: str) -> None:
        """A node has another path now, and with it all that is inside it."""

        def now(path: str) -> str:
            return new + path[len(old) :] if path == old or path.startswith(f"{old}/") else path

        self.a, self.b = (n if n is None else now(n) for n in (self.a, self.b))
        self.slots = {slot: now(n) for slot, n in self.slots.items()}

    def wish(self, frame: int, *, dragging: bool, ahead: tuple[int, ...] = (), draft: bool = True) -> Wish:
        """What must be cooked to look at this."""
        second = self.b if self.compare != "a" else None
        small = draft_scale(self.view.zoom, self.proxy) if draft else None
        return Wish(frame, (self.a, second), self.proxy, small, dragging, self.region, ahead)

    def look(self) -> Look:
        """How the pictures are painted."""
        view = self.view
        return Look(
            max(1, round(view.width)), max(1, round(view.height)), view.x, view.y, view.zoom, self.compare, self.wipe,
            self.channels, self.exposure, self.gamma, self.transform, self.layer,
        )  # fmt: skip

    # -- settings, as keys and buttons change them

    def channel(self, name: str) -> None:
        """Show one channel; all again if it is shown already."""
        self.channels = "rgb" if self.channels == name else name

    def compared(self, how: str) -> None:
        """Compare with B in this way; or no longer."""
        self.compare = "a" if self.compare == how else how

    def reset(self) -> None:
        """Exposure, gamma, channels and comparison as they were at first."""
        self.exposure, self.gamma, self.channels, self.compare = 0.0, 1.0, "rgb", "a"

    def guide(self, name: str) -> None:
        self.guides = [g for g in self.guides if g != name] if name in self.guides else [*self.guides, name]

    # -- the picture in the panel

    @property
    def frame(self) -> Frame | None:
        """The picture A that is shown, or B."""
        pictures = self.painted.shot.pictures if self.painted is not None else (None, None)
        return pictures[0] if pictures[0] is not None else pictures[1]

    @property
    def format(self) -> tuple[float, float] | None:
        """Width and height of the format as it is seen: full-size pixels, the width times the pixel aspect."""
        frame = self.frame
        return None if frame is None else format_rect(frame)

    def resize(self, width: float, height: float) -> None:
        changed = (self.view.width, self.view.height) != (width, height)
        self.view.width, self.view.height = max(1.0, width), max(1.0, height)
        if changed and self.fitted:
            self.fit()

    def took(self, painted: Painted) -> None:
        """A new panel is shown; a picture of another format is fitted."""
        before = self.format
        self.painted = painted
        if self.fitted and self.format != before:
            self.fit()

    def fit(self) -> None:
        """The whole format in the panel."""
        self.fitted = True
        size = self.format
        if size is not None:
            self.view.x, self.view.y = size[0] / 2, size[1] / 2
            zoom = min(self.view.width / size[0], self.view.height / size[1]) * 0.98
            self.view.zoom = min(self.view.largest, max(self.view.smallest, zoom))

    def one_to_one(self) -> None:
        self.fitted = False
        self.view.zoom = 1.0

    def zoom(self, px: float, py: float, factor: float) -> None:
        self.fitted = False
        self.view.zoom_at(px, py, factor)

    def pan(self, dx: float, dy: float) -> None:
        self.fitted = False
        self.view.pan(dx, dy)

    def edges(self) -> tuple[float, float, float, float] | None:
        """The format's edges on the panel: left, top, right, bottom in pixels."""
        size = self.format
        if size is None:
            return None
        return (*self.view.to_panel(0, 0), *self.view.to_panel(*size))

    def data_edges(self) -> tuple[float, float, float, float] | None:
        """The data window's edges on the panel, where it isn't the format."""
        frame = self.frame
        if frame is None or frame.spec.data_window == frame.spec.display_window:
            return None
        spec, format = frame.spec, frame.spec.display_window
        data = spec.data_window
        across, down = spec.pixel_aspect / spec.scale, 1 / spec.scale
        first = self.view.to_panel((data.x0 - format.x0) * across, (data.y0 - format.y0) * down)
        return (*first, *self.view.to_panel((data.x1 - format.x0) * across, (data.y1 - format.y0) * down))

    def window_of(self, rect: Rect) -> Window | None:
        """The pixels a box of the panel touches, full-size from the format's top left; None outside of it."""
        found = self._pixels(rect)
        return None if found.empty else found

    # -- values

    def readout(self, px: float, py: float) -> Readout | None:
        """The pixel under a panel position; None off the format."""
        return self._measured(self._pixels(Rect(px, py, px, py)))

    def sampled(self, rect: Rect) -> Readout | None:
        """The mean over the pixels that a box of the panel touches; NaN and infinities are left out.

        What isn't in the format isn't part of it; None when nothing of the box is.
        """
        return self._measured(self._pixels(rect))

    def _pixels(self, rect: Rect) -> Window:
        """The pixels a box of the panel touches, full-size from the format's top left; at least one where it lies on it."""
        frame, size = self.frame, self.format
        if frame is None or size is None:
            return EMPTY
        aspect = frame.spec.pixel_aspect
        (x0, y0), (x1, y1) = self.view.to_plane(rect.x0, rect.y0), self.view.to_plane(rect.x1, rect.y1)
        left, top = floor(x0 / aspect), floor(y0)
        found = Window(left, top, max(left + 1, ceil(x1 / aspect)), max(top + 1, ceil(y1)))
        return found.intersect(Window(0, 0, round(size[0] / aspect), round(size[1])))

    def _measured(self, window: Window) -> Readout | None:
        frame, size = self.frame, self.format
        if frame is None or size is None or window.empty:
            return None
        spec = frame.spec
        cut = frame.crop(window.scale(spec.scale).shift(*spec.display_window[:2])).pixels
        if window.area == 1:
            values = [float(v) for v in cut[:, 0, 0]]
        else:
            flat = cut.reshape(len(spec.channels), -1).astype(np.float64)
            finite = np.isfinite(flat)
            values = [float(f[k].mean()) if k.any() else float("nan") for f, k in zip(flat, finite, strict=True)]
        area = window.width, window.height
        return Readout(window.x0, round(size[1]) - window.y1, spec.channels, tuple(values), area)
