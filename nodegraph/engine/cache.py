"""Finished pictures by content key, within a budget of bytes.

A key says everything a value depends on, so nothing here is ever invalid, only unwanted. What
goes first is what is cheap to make again for its size and hasn't been asked for lately: the
GreedyDual-Size-Frequency rule (Cherkasova 1998), cost over bytes plus the age of the cache.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nodegraph.values import Frame, Raw, Window

if TYPE_CHECKING:
    from nodegraph.engine.disk import DiskTier

Key = bytes

#: Results of one node at one frame that are kept: enough to step through an undo, few enough
#: that a dragged slider runs in memory it has used before.
VERSIONS = 4


@dataclass(slots=True)
class Entry:
    value: Any
    window: Window | None  # what part of the data window is there; None: not a picture
    bytes: int
    seconds: float
    worth: float
    place: object
    uses: int = 0

    def covers(self, region: Window | None) -> bool:
        return self.window is None or region is None or self.window.contains(region)


def size_of(value: Any) -> int:
    if isinstance(value, Frame):
        return value.pixels.nbytes
    if isinstance(value, Raw):
        return sum(p.nbytes for p in value.planes)
    return int(getattr(value, "nbytes", 256))


class Cache:
    """Values by key. Thread-safe; a stored frame is frozen."""

    def __init__(self, budget: int, disk: DiskTier | None = None) -> None:
        self.budget = budget
        self.disk = disk
        self.bytes = self.hits = self.misses = self.evicted = 0
        self._entries: dict[Key, Entry] = {}
        self._places: dict[object, list[Key]] = {}
        self._age = 0.0
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    def peek(self, key: Key, region: Window | None = None) -> bool:
        """Whether the value is there and covers the region; the disk is asked too."""
        entry = self._entries.get(key)
        if entry is not None:
            return entry.covers(region)
        return self.disk is not None and self.find(key, region) is not None

    def find(self, key: Key, region: Window | None = None) -> Any | None:
        """The value if it is there and covers the region."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and entry.covers(region):
                entry.uses += 1
                entry.worth = self._age + entry.uses * entry.seconds / max(1, entry.bytes)
                return entry.value
        if self.disk is None:
            return None
        stored = self.disk.load(key)
        if stored is None or (region is not None and not stored.spec.data_window.contains(region)):
            return None
        self.store(key, stored, 1.0, ("disk", key), to_disk=False)
        return stored

    def store(self, key: Key, value: Any, seconds: float, place: object, *, to_disk: bool = True) -> None:
        """Keep a value that took `seconds` to make, if it fits the budget at all.

        `place` is the node and frame it belongs to; of its earlier values only a few stay.
        """
        size = size_of(value)
        if isinstance(value, Frame):
            value.freeze()
        if to_disk and self.disk is not None and isinstance(value, Frame):
            self.disk.offer(key, value, seconds)
        if size > self.budget:
            return
        window = value.spec.data_window if isinstance(value, (Frame, Raw)) else None
        with self._lock:
            self._drop(key)
            self._entries[key] = Entry(value, window, size, seconds, self._age + seconds / max(1, size), place)
            self.bytes += size
            versions = self._places.setdefault(place, [])
            versions.append(key)
            if len(versions) > VERSIONS:
                self._drop(versions[0])
            self._evict()

    def _drop(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self.bytes -= entry.bytes
        versions = self._places[entry.place]
        versions.remove(key)
        if not versions:
            del self._places[entry.place]

    def _evict(self) -> None:
        while self.bytes > self.budget:
            key = min(self._entries, key=lambda k: self._entries[k].worth)
            self._age = self._entries[key].worth
            self._drop(key)
            self.evicted += 1

    def forget(self, key: Key) -> None:
        with self._lock:
            self._drop(key)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._places.clear()
            self.bytes = 0

    def stats(self) -> dict[str, int]:
        return {
            "bytes": self.bytes, "budget": self.budget, "entries": len(self._entries),
            "hits": self.hits, "misses": self.misses, "evicted": self.evicted,
        }  # fmt: skip
