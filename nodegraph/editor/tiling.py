"""How panels share the window: rows and columns with bars between them that can be dragged.

    Split("row", 0.75, Split("column", 0.5, "viewer", "graph"), Split("column", 0.6, "parameters", "scopes"))

A layout is plain data, kept in a file. Sizes are shares, so that it fits any window.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from nodegraph.editor.geometry import Rect
from nodegraph.errors import NodegraphError
from nodegraph.graph.files import write_atomic

Way = Literal["row", "column"]
#: Between two panels, and the smallest a panel gets, in pixels.
BAR, SMALLEST = 4.0, 80.0
#: The least share of a part, whatever the window's size.
_LEAST = 0.02


@dataclass(frozen=True, slots=True)
class Split:
    """Two parts beside (row) or above (column) each other; `share` is the first one's."""

    way: Way
    share: float
    first: Tile
    second: Tile


Tile = str | Split

PANELS = ("viewer", "graph", "parameters", "scopes", "timeline", "messages")
#: Layouts that come with the editor.
LAYOUTS: dict[str, Tile] = {
    "compositing": Split(
        "column", 0.82,
        Split("row", 0.74, Split("column", 0.52, "viewer", "graph"), Split("column", 0.66, "parameters", "scopes")),
        Split("row", 0.74, "timeline", "messages"),
    ),
    "on set": Split(
        "column", 0.84,
        Split("row", 0.68, "viewer", Split("column", 0.5, "parameters", "graph")),
        Split("row", 0.68, "timeline", "scopes"),
    ),
    "graph": Split("row", 0.7, "graph", Split("column", 0.5, "viewer", "parameters")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar that can be dragged, at a path of 0s and 1s from the root."""

    path: tuple[int, ...]
    way: Way
    rect: Rect
    whole: Rect


@dataclass(slots=True)
class Tiling:
    """A layout in a window. `hidden` panels give their room to their neighbours, `maximised` takes it all."""

    tile: Tile = field(default_factory=lambda: LAYOUTS["compositing"])
    hidden: set[str] = field(default_factory=set)
    maximised: str | None = None

    def rects(self, area: Rect) -> dict[str, Rect]:
        """Where each panel that is seen lies."""
        if self.maximised is not None:
            return {self.maximised: area}
        return {name: rect for name, rect, _ in self._walk(area) if name}

    def bars(self, area: Rect) -> list[Bar]:
        if self.maximised is not None:
            return []
        return [bar for _, _, bar in self._walk(area) if bar is not None]

    def bar_at(self, area: Rect, x: float, y: float) -> Bar | None:
        return next((bar for bar in self.bars(area) if bar.rect.grown(2).has(x, y)), None)

    def drag(self, bar: Bar, x: float, y: float) -> None:
        """A bar goes where the hand is, as far as both sides keep room."""
        low, high = (bar.whole.x0, bar.whole.x1) if bar.way == "row" else (bar.whole.y0, bar.whole.y1)
        at = x if bar.way == "row" else y
        room = min(SMALLEST, (high - low) / 3)
        share = (min(max(at, low + room), high - room) - low) / max(1.0, high - low)
        self.tile = _with_share(self.tile, bar.path, round(min(max(share, _LEAST), 1 - _LEAST), 4))

    def toggle(self, panel: str) -> None:
        """Show or hide a panel; the last one stays. One that the layout doesn't have comes below it."""
        held = set(names(self.tile))
        if panel not in held:
            self.tile = Split("column", 0.75, self.tile, panel)
        elif panel in self.hidden:
            self.hidden.discard(panel)
        elif len(self.hidden) + 1 < len(held):
            self.hidden.add(panel)
        self.maximised = None

    def maximise(self, panel: str | None) -> None:
        """A panel takes the whole window, or gives it back."""
        self.maximised = None if panel == self.maximised else panel

    def to_plain(self) -> dict[str, Any]:
        return {"tile": _plain(self.tile), "hidden": sorted(self.hidden)}

    @classmethod
    def from_plain(cls, data: Any) -> Tiling:
        """A kept layout; the usual one when it is damaged."""
        try:
            tile = _tile(data["tile"])
            held = list(names(tile))
            hidden = {name for name in data.get("hidden", ()) if name in held}
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            return cls()
        if len(set(held)) < len(held):
            return cls()
        return cls(tile, hidden if len(hidden) < len(held) else set())

    @classmethod
    def load(cls, file: Path) -> Tiling:
        """The layout kept in a file; the usual one without it."""
        try:
            return cls.from_plain(json.loads(file.read_text("utf-8")))
        except (OSError, ValueError):
            return cls()

    def save(self, file: Path) -> None:
        """Keep the layout. A folder that can't be written to is no reason to stop: it is then as usual the next time."""
        with suppress(OSError, NodegraphError):
            file.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(file, json.dumps(self.to_plain(), indent=1).encode())

    def _walk(self, area: Rect) -> Iterator[tuple[str, Rect, Bar | None]]:
        yield from _walk(self.tile, area, self.hidden, ())


def names(tile: Tile) -> Iterator[str]:
    if isinstance(tile, str):
        yield tile
    else:
        yield from names(tile.first)
        yield from names(tile.second)


def _walk(tile: Tile, area: Rect, hidden: set[str], path: tuple[int, ...]) -> Iterator[tuple[str, Rect, Bar | None]]:
    if isinstance(tile, str):
        yield tile, area, None
        return
    seen = [any(n not in hidden for n in names(part)) for part in (tile.first, tile.second)]
    if not all(seen):
        part = tile.first if seen[0] else tile.second
        yield from _walk(part, area, hidden, (*path, 0 if seen[0] else 1))
        return
    across = tile.way == "row"
    low, high = (area.x0, area.x1) if across else (area.y0, area.y1)
    at = round(low + (high - low) * tile.share)
    before, after = max(low, at - BAR / 2), min(high, at + BAR / 2)
    if across:
        parts = Rect(low, area.y0, before, area.y1), Rect(after, area.y0, high, area.y1)
        bar = Rect(before, area.y0, after, area.y1)
    else:
        parts = Rect(area.x0, low, area.x1, before), Rect(area.x0, after, area.x1, high)
        bar = Rect(area.x0, before, area.x1, after)
    yield "", area, Bar(path, tile.way, bar, area)
    yield from _walk(tile.first, parts[0], hidden, (*path, 0))
    yield from _walk(tile.second, parts[1], hidden, (*path, 1))


def _with_share(tile: Tile, path: tuple[int, ...], share: float) -> Tile:
    assert isinstance(tile, Split)
    if not path:
        return replace(tile, share=share)
    if path[0] == 0:
        return replace(tile, first=_with_share(tile.first, path[1:], share))
    return replace(tile, second=_with_share(tile.second, path[1:], share))


def _plain(tile: Tile) -> Any:
    return tile if isinstance(tile, str) else [tile.way, tile.share, _plain(tile.first), _plain(tile.second)]


def _tile(data: Any, depth: int = 0) -> Tile:
    if isinstance(data, str) and data in PANELS:
        return data
    if depth > 8 or not isinstance(data, (list, tuple)) or len(data) != 4 or data[0] not in ("row", "column"):
        raise ValueError(data)
    share = float(data[1])
    if not _LEAST <= share <= 1 - _LEAST:
        raise ValueError(share)
    return Split(data[0], share, _tile(data[2], depth + 1), _tile(data[3], depth + 1))
