"""The functions inside emitted kernels, each compiled once in a process however many kernels call it.

Typing and lowering them anew is a third of what a new kernel costs. A name says what a function
does: those of pixel functions end in a digest of their source, primitives have one source.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

BASE: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}
PRECISE = {**BASE, "fastmath": {"contract"}, "forceinline": True}
FAST = {**BASE, "fastmath": {"reassoc", "contract", "arcp", "nsz"}, "forceinline": True}

_known: dict[str, Any] = {}


def precise(function: Callable[..., Any]) -> Any:
    """A function whose order of operations counts."""
    return _once(function, PRECISE)


def fast(function: Callable[..., Any]) -> Any:
    """A function whose sums may be taken in any order."""
    return _once(function, FAST)


def _once(function: Callable[..., Any], options: dict[str, Any]) -> Any:
    from numba import njit

    known = _known.get(function.__name__)
    if known is None:
        # A cached kernel names the modules of what it calls: this one can be imported, the kernel that
        # happened to define the function first need not be there.
        function.__module__ = __name__
        known = _known[function.__name__] = njit(**options)(function)
    return known


def compile_primitives() -> None:
    """Compile what nearly every kernel calls."""
    from numba import types

    from nodegraph.kernels.language import primitive
    from nodegraph.kernels.shade import PRIMITIVES

    scope: dict[str, Any] = {"np": np, "math": math, "f32": np.float32, "i32": np.int32, "u32": np.uint32}
    for name in PRIMITIVES:
        for source in primitive(name).unrolled():
            exec(source.text, scope)
            scope[source.name] = precise(scope[source.name])
        names = scope[name].py_func.__code__.co_varnames[: scope[name].py_func.__code__.co_argcount]
        if "table" not in names:
            first = types.boolean if names[0] == "condition" else types.float32
            scope[name].compile((first, *[types.float32] * (len(names) - 1)))
