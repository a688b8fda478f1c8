"""Memory for pictures, used again and again.

A fresh 1080p frame costs more in page faults than the kernel that fills it, so blocks go back
to a pool when the last array over them dies, wherever that happens: no one has to say so.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from functools import lru_cache
from math import prod

import numpy as np
from numpy.typing import NDArray

#: Blocks are whole multiples of this, so that nearly equal pictures share them.
_GRAIN = 1 << 16


@lru_cache(maxsize=1)
def keep_freed_memory() -> None:
    """Have the C library keep what is freed instead of handing it to the system and asking again.

    NumPy's temporaries are a megabyte or so; given back at once, every one of them is zeroed page
    by page when it comes again, which took three quarters of the NumPy tier's time. glibc only
    (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of mallopt(3)); elsewhere nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        mallopt(-1, 256 << 20)
        mallopt(-3, 32 << 20)


class _Block:
    """Owns pooled memory on behalf of the arrays made from it."""

    __slots__ = ("__array_interface__", "__weakref__", "_memory", "_pool")

    def __init__(self, memory: NDArray[np.uint8], shape: tuple[int, ...], pool: Buffers) -> None:
        self._memory = memory
        self._pool = pool
        self.__array_interface__ = {
            "data": (memory.ctypes.data, False),
            "shape": shape,
            "typestr": "<f4",
            "version": 3,
        }

    def __del__(self) -> None:
        self._pool._give_back(self._memory)


class Buffers:
    """A pool of float32 arrays. `idle_limit` bytes are kept for the next who asks."""

    def __init__(self, idle_limit: int = 1 << 30) -> None:
        self.idle_limit = idle_limit
        self.idle = 0
        self._free: dict[int, list[NDArray[np.uint8]]] = {}
        self._lock = threading.Lock()

    def take(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """An uninitialised array; its memory returns here when nothing refers to it any more."""
        size = max(_GRAIN, -(-prod(shape) * 4 // _GRAIN) * _GRAIN)
        with self._lock:
            free = self._free.get(size)
            memory = free.pop() if free else None
            if memory is not None:
                self.idle -= size
        if memory is None:
            memory = np.empty(size, np.uint8)
        return np.asarray(_Block(memory, shape, self))

    def _give_back(self, memory: NDArray[np.uint8]) -> None:
        with self._lock:
            if self.idle + memory.size <= self.idle_limit:
                self._free.setdefault(memory.size, []).append(memory)
                self.idle += memory.size

    def trim(self) -> None:
        """Give idle memory back to the system."""
        with self._lock:
            self._free.clear()
            self.idle = 0
