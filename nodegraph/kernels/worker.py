"""The compiler process: reads the path of an emitted module a line, answers "ok" or what was wrong.

An empty line asks whether it is ready. It ends when its input does, so it never outlives the
program that started it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from nodegraph.kernels.functions import compile_primitives
from nodegraph.kernels.link import load_module, warm


def main() -> None:
    warm()
    compile_primitives()
    for line in sys.stdin:
        try:
            if line.strip():
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
