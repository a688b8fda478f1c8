"""Reading files before they are asked for, in a few threads."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Ahead(Generic[Value]):
    """Values being made, by key; each is handed out once. At most `limit` wait, the oldest goes first."""

    def __init__(self, limit: int = 8, threads: int = 2) -> None:
        self._limit = limit
        self._threads = min(threads, os.cpu_count() or 1)
        self._pool: ThreadPoolExecutor | None = None
        self._waiting: OrderedDict[Hashable, Future[Value]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, key: Hashable, make: Callable[[], Value]) -> None:
        """Start making a value, unless it is on its way."""
        with self._lock:
            if key in self._waiting:
                return
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="read ahead")
            self._waiting[key] = self._pool.submit(make)
            while len(self._waiting) > self._limit:
                self._waiting.popitem(last=False)[1].cancel()

    def take(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value: waited for if it is on its way, else made here. Raises what making it raised."""
        with self._lock:
            coming = self._waiting.pop(key, None)
        if coming is None or coming.cancelled():
            return make()
        return coming.result()
