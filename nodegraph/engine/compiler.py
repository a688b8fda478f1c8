"""Kernels by shape, and who compiles them when.

`wait` compiles in the first cook that needs a kernel, as a render wants (every frame through
the same code); otherwise NumPy runs the first pictures while another process compiles.
"""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import IO, Literal

from nodegraph.engine import runs
from nodegraph.engine.plan import Step
from nodegraph.engine.runs import Picture, Run
from nodegraph.kernels.link import Binding, Kernel, warm, write_module
from nodegraph.kernels.pool import Pool
from nodegraph.values import Raw

Tier = Literal["auto", "wait", "numpy"]

_log = logging.getLogger(__name__)


class Compiler:
    """Finds or makes the kernel of a run."""

    def __init__(self, tier: Tier = "auto") -> None:
        self.tier = tier
        self._runs: dict[object, Run] = {}
        self._kernels: dict[str, Kernel] = {}
        if tier == "auto":
            background().warm()

    def run_for(self, step: Step, pictures: Sequence[Picture]) -> Run:
        key = runs.signature(step, pictures)
        run = self._runs.get(key)
        if run is None:
            run = self._runs[key] = self._shared(runs.build(step, pictures))
        return run

    def decoder_for(self, raw: Raw, title: str) -> Run:
        key = ("decode", raw.layout, raw.spec.channels)
        run = self._runs.get(key)
        if run is None:
            run = self._runs[key] = self._shared(runs.decode(raw, title))
        return run

    def execute(self, run: Run, bound: Binding, pool: Pool) -> str:
        """Run it by the best tier there is, which is returned; what NumPy did is compiled for the next time."""
        if self.tier == "wait":
            run.kernel.compile()
        tier = run.kernel.tier
        run.kernel.run(bound, pool)
        if tier == 0 and self.tier == "auto":
            background().ask(run.kernel)  # after the picture: the first one has the machine for itself
        return ("numpy", "numba")[tier]

    def _shared(self, run: Run) -> Run:
        """The same text is one kernel, however many runs have it."""
        kernel = self._kernels.setdefault(run.kernel.program.digest, run.kernel)
        return Run(kernel, run.windows, run.numbers, run.tables)

    def sources(self) -> list[str]:
        """The text of every kernel made so far."""
        return [kernel.program.text for kernel in self._kernels.values()]

    def settle(self, timeout: float = 30.0) -> bool:
        """Wait until the compiler is ready and every kernel asked for is compiled and loaded; whether all are."""
        return self.tier != "auto" or background().settle(timeout)


class Background:
    """Compiles in another process, loads here, one kernel after the other.

    The process starts with the first engine that wants it and ends with this one. Without it (a platform
    that can't start one) kernels are compiled in this thread: slower pictures meanwhile, but
    never a stall of the caller.
    """

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._queue: SimpleQueue[Kernel] = SimpleQueue()
        self._waiting = 0
        self._idle = threading.Condition()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[str] | None = None

    def warm(self) -> None:
        """Have the process, and Numba in this one, ready when the first kernel is asked for."""
        with self._idle:
            if self._thread is None:
                self._waiting += 1
                self._thread = threading.Thread(target=self._work, name="compile", daemon=True)
                self._thread.start()

    def ask(self, kernel: Kernel) -> None:
        digest = kernel.program.digest
        if digest in self._asked:
            return
        self._asked.add(digest)
        self.warm()
        with self._idle:
            self._waiting += 1
        self._queue.put(kernel)

    def settle(self, timeout: float) -> bool:
        with self._idle:
            return self._idle.wait_for(lambda: self._waiting == 0, timeout)

    def _work(self) -> None:
        with contextlib.suppress(OSError):
            self._start()
        warm()
        self._compile("")
        self._done()
        while True:
            try:
                kernel = self._queue.get(timeout=60)
            except Empty:
                continue
            try:
                path = write_module(kernel.program)
                self._compile(str(path))
                kernel.compile()
            except Exception as error:  # the NumPy tier goes on
                _log.warning("%s stays uncompiled: %s", kernel.program.title, error)
            self._done()

    def _done(self) -> None:
        with self._idle:
            self._waiting -= 1
            self._idle.notify_all()

    def _start(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "nodegraph.kernels.worker"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            )  # fmt: skip
        return self._process

    def _compile(self, path: str) -> None:
        """Have the other process put a module's kernel in the disk cache; without a path, wait until it is ready."""
        for _ in range(2):  # once more if the process died
            try:
                process = self._start()
                stdin, stdout = process.stdin, process.stdout
                assert stdin is not None and stdout is not None
                answer = _exchange(stdin, stdout, path)
                if answer:
                    if answer != "ok":
                        _log.warning("compiler: %s", answer)
                    return
            except OSError as error:
                _log.info("no compiler process: %s", error)


def _exchange(stdin: IO[str], stdout: IO[str], path: str) -> str:
    stdin.write(path + "\n")
    stdin.flush()
    return stdout.readline().strip()


_background: Background | None = None
_lock = threading.Lock()


def background() -> Background:
    """The one compiler process of this one."""
    global _background
    with _lock:
        if _background is None:
            _background = Background()
        return _background
