"""The compiler process: reads the path of an emitted module a line, answers "ok" or what was wrong.

It runs at low priority: the pictures being made meanwhile come first. It ends when its input
does, so it never outlives the program that started it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path


def main() -> None:
    with contextlib.suppress(AttributeError, OSError):
        os.nice(5)
    import numba  # noqa: F401  ready before the first request

    from nodegraph.kernels.link import load_module

    for line in sys.stdin:
        try:
            load_module(Path(line.strip()))
            answer = "ok"
        except Exception as error:
            answer = f"{type(error).__name__}: {error}".replace("\n", " ")
        try:
            print(answer, flush=True)
        except BrokenPipeError:  # who asked is gone
            return


if __name__ == "__main__":
    main()
