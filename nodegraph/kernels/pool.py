"""Our own threads: kernels release the GIL and run over strips of rows.

Numba's `parallel=True` costs compile time and its threading layer breaks when several
threads cook at once, so strips are dealt out here.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Strip = Callable[[int, int], object]


class Pool:
    """Threads that share out row strips, and scratch arrays that are used again.

    Several threads may call `map` at once: each caller works on its own strips, helped by
    whichever pool threads are idle, so a busy pool never blocks a caller.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or os.cpu_count() or 1
        self._executor = ThreadPoolExecutor(self.threads - 1, thread_name_prefix="cook") if self.threads > 1 else None
        self._scratch: dict[int, list[NDArray[np.uint8]]] = {}
        self._lock = threading.Lock()

    @classmethod
    def serial(cls) -> Pool:
        """A pool that runs everything in the calling thread."""
        return cls(1)

    def map(self, rows: int, strip: Strip, min_rows: int = 16) -> None:
        """Run `strip(y0, y1)` over all rows, in strips of at least `min_rows`; blocks.

        The first error of any strip is raised here once every strip has stopped.
        """
        if rows <= 0:
            return
        count = min(max(1, rows // max(1, min_rows)), 4 * self.threads)
        if count == 1 or self._executor is None:
            strip(0, rows)
            return
        bounds = [rows * i // count for i in range(count + 1)]
        dealt = itertools.count()  # next() is atomic under the GIL
        failed = False

        def work() -> None:
            nonlocal failed
            while not failed and (i := next(dealt)) < count:
                try:
                    strip(bounds[i], bounds[i + 1])
                except BaseException:
                    failed = True
                    raise

        helpers: list[Future[None]] = [self._executor.submit(work) for _ in range(min(self.threads, count) - 1)]
        try:
            work()
        finally:
            # A helper that never started has nothing left to do: every strip is dealt.
            errors = [h.exception() for h in helpers if not h.cancel()]
        for error in errors:
            if error is not None:
                raise error

    @contextmanager
    def scratch(self, shape: tuple[int, ...], dtype: Any = np.float32) -> Iterator[NDArray[Any]]:
        """An uninitialised array for the length of a `with`, reused by the next that asks."""
        size = prod(shape) * np.dtype(dtype).itemsize
        bucket = 1 << max(12, (size - 1).bit_length())
        with self._lock:
            free = self._scratch.setdefault(bucket, [])
            block = free.pop() if free else None
        if block is None:
            block = np.empty(bucket, np.uint8)
        try:
            yield block[:size].view(dtype).reshape(shape)
        finally:
            with self._lock:
                self._scratch[bucket].append(block)

    def trim(self) -> None:
        """Give unused scratch memory back."""
        with self._lock:
            self._scratch.clear()

    def close(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
