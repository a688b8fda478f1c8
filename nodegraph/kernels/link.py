"""From a program to something that runs: NumPy at once, a compiled kernel as soon as there is one.

    NumPy body ──runs now──────────────┐
    module file ─> compiler process ─> Numba's disk cache ─> loaded here, swapped in

Compiling holds the GIL for a second or more, so another process does it; this one only
loads the finished code. A second start finds it on disk.
"""

from __future__ import annotations

import ast
import importlib.util
import itertools
import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.kernels import shade
from nodegraph.kernels.emit import PLANAR, Program
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.rows import SCRATCH_MARGIN, decode_strip
from nodegraph.values import Window

Floats = NDArray[np.float32]

#: Pixels of a strip in tier 0: many enough that NumPy, not Python, takes the time.
_STRIP = 131072


@dataclass(slots=True)
class Binding:
    """The arguments of one run of a kernel.

    `windows[0]` is what `out` covers; then one for each of the program's windows. `planes` are
    each load's arrays, `uniforms` and `tables` the numbers in the order the program asked.
    `top` is the display window's bottom row edge, from which y is counted upward.
    """

    out: Floats
    windows: Sequence[Window]
    planes: Sequence[Sequence[NDArray[Any]]]
    uniforms: Sequence[float] = ()
    tables: Sequence[Floats] = ()
    top: float = 0.0

    def columns(self) -> NDArray[np.int64]:
        """Where segments begin and end: the edges of all windows within the domain."""
        domain = self.windows[0]
        edges = {domain.x0, domain.x1}
        for window in self.windows[1:]:
            edges.update(x for x in (window.x0, window.x1) if domain.x0 < x < domain.x1)
        return np.array(sorted(edges), np.int64)


class Kernel:
    """A program that can be run. `tier` says how the next run will go: 0 or 1."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._interpreted = _interpret(program)
        self._compiled: Callable[..., None] | None = None

    @property
    def tier(self) -> int:
        return 0 if self._compiled is None else 1

    def compile(self) -> None:
        """Compile (or load) tier 1 here and now."""
        if self._compiled is None:
            self._compiled = load_module(write_module(self.program))

    def run(self, bound: Binding, pool: Pool, tier: int | None = None) -> None:
        """Compute `bound.out`, on the pool's threads. `tier` asks for one; else the best there is."""
        domain = bound.windows[0]
        if domain.empty:
            return
        if tier == 1:
            self.compile()
        if tier == 0 or self._compiled is None:
            rows = max(1, _STRIP // domain.width)
            pool.map(domain.height, lambda a, b: self._interpret(bound, a, b), rows)
        else:
            self._run_compiled(bound, pool, self._compiled)

    def _run_compiled(self, bound: Binding, pool: Pool, compiled: Callable[..., None]) -> None:
        domain = bound.windows[0]
        windows = np.array(bound.windows, np.int64)
        uniforms = np.array([*bound.uniforms, bound.top], np.float32)
        arrays = [plane for planes in bound.planes for plane in planes]
        columns = bound.columns()
        rows = self.program.scratch_rows

        def strip(a: int, b: int) -> None:
            with pool.scratch((rows, domain.width + SCRATCH_MARGIN)) as scratch:
                compiled(
                    domain.y0 + a,
                    domain.y0 + b,
                    columns,
                    windows,
                    uniforms,
                    *bound.tables,
                    *arrays,
                    bound.out,
                    scratch,
                )

        pool.map(domain.height, strip, 16)

    def _interpret(self, bound: Binding, a: int, b: int) -> None:
        domain = bound.windows[0]
        edges = {domain.y0 + a, domain.y0 + b}
        edges.update(y for w in bound.windows for y in (w.y0, w.y1) if domain.y0 + a < y < domain.y0 + b)
        rows, columns = sorted(edges), bound.columns().tolist()
        step = max(1, _STRIP // domain.width)
        with np.errstate(all="ignore"):
            for top, bottom in itertools.pairwise(rows):
                for y0 in range(top, bottom, step):
                    for x0, x1 in itertools.pairwise(columns):
                        self._block(bound, Window(x0, y0, x1, min(bottom, y0 + step)))

    def _block(self, bound: Binding, block: Window) -> None:
        """Tier 0 over a block that crosses no window's edge."""
        values: dict[str, Any] = {f"u{k}": np.float32(v) for k, v in enumerate(bound.uniforms)}
        values |= {f"t{k}": t for k, t in enumerate(bound.tables)}
        for load, planes in zip(self.program.loads, bound.planes, strict=True):
            values |= _load_block(load, planes, bound.windows[load.window + 1], block)
        values |= {f"in{w}": bound.windows[w + 1].contains(block) for w in self.program.inside}
        if self.program.positions:
            values["px"] = (np.arange(block.x0, block.x1, dtype=np.float32) + np.float32(0.5))[None, :]
            rows = np.arange(block.y0, block.y1, dtype=np.float32)[:, None]
            values["py"] = np.float32(bound.top) - (rows + np.float32(0.5))
        results = self._interpreted(values)
        target = bound.out[(slice(None), *block.within(bound.windows[0]))]
        for plane, value in zip(target, results, strict=True):
            plane[...] = value


def _load_block(load: Any, planes: Sequence[NDArray[Any]], window: Window, block: Window) -> dict[str, Any]:
    if not window.contains(block):
        return dict.fromkeys(load.values, np.float32(0))
    rows, columns = block.within(window)
    if load.layout == PLANAR:
        return {v: planes[0][c, rows, columns] for v, c in zip(load.values, load.channels, strict=True)}
    decoded = decode_strip(
        load.layout, planes, window.width, load.channels, rows.start, rows.stop, columns.start, columns.stop
    )
    return dict(zip(load.values, decoded, strict=True))


def _interpret(program: Program) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """The body as a function over arrays: the same text the compiled kernel has inside its loop.

    Of a `select` that numbers alone decide only the side that counts is computed.
    """
    body = "\n".join((*program.body, f"_stored = ({''.join(s + ', ' for s in program.stores)})"))
    code = compile(body, f"<{program.title}>", "exec")
    scope: dict[str, Any] = {name: getattr(shade, name) for name in shade.PRIMITIVES}
    scope |= {"f32": np.float32, "_select": _select}
    for source in program.functions:
        if source.fast:
            exec(_lazy(source.text), scope)

    def run(values: dict[str, Any]) -> tuple[Any, ...]:
        names = {**scope, **values}
        exec(code, names)
        return names["_stored"]  # type: ignore[no-any-return]

    return run


@lru_cache(maxsize=4096)
def _lazy(text: str) -> CodeType:
    """A pixel function's source, its `select`s given their two sides as functions."""
    return compile(ast.fix_missing_locations(_LazySelect().visit(ast.parse(text))), "<pixel function>", "exec")


class _LazySelect(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if not (isinstance(node.func, ast.Name) and node.func.id == "select"):
            return node
        none = ast.arguments([], [], None, [], [], None, [])
        condition, *sides = node.args
        return ast.Call(ast.Name("_select", ast.Load()), [condition, *(ast.Lambda(none, s) for s in sides)], [])


def _select(condition: Any, yes: Callable[[], Any], no: Callable[[], Any]) -> Any:
    if np.ndim(condition) == 0:
        return yes() if condition else no()
    return np.where(condition, yes(), no())


# --- modules on disk --------------------------------------------------------------------


def cache_folder() -> Path:
    """Where emitted kernels and Numba's compiled code for them live."""
    override = os.environ.get("NODEGRAPH_CACHE")
    if override:
        return Path(override)
    from platformdirs import user_cache_path

    return user_cache_path("nodegraph")


@lru_cache(maxsize=1)
def _toolchain() -> str:
    """What besides its text a compiled kernel depends on; Numba itself checks the processor."""
    import llvmlite
    import numba

    return f"numba{numba.__version__}-llvmlite{llvmlite.__version__}-py{sys.version_info[0]}{sys.version_info[1]}"


def write_module(program: Program) -> Path:
    """The program's module file, named by its digest; written once, atomically."""
    folder = cache_folder() / "kernels" / _toolchain()
    path = folder / f"k_{program.digest}.py"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.tmp")
        partial.write_text(program.text)
        partial.replace(path)
    return path


def warm() -> None:
    """Have Numba ready: what it does at the first kernel of a process takes most of a second."""
    import numba  # noqa: F401  before its parts: two threads that import parts of it first wait for each other
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.registry import cpu_target

    # Made before the lock is taken: making them takes a lock of their own first, and then this one.
    contexts = cpu_target.typing_context, cpu_target.target_context
    with global_compiler_lock:  # a kernel compiled meanwhile would see half of what Numba knows
        for context in contexts:
            context.refresh()


def load_module(path: Path) -> Callable[..., None]:
    """Import an emitted module: its kernel comes from Numba's disk cache, or is compiled."""
    name = f"nodegraph_kernel_{path.stem}"
    if name in sys.modules:
        return sys.modules[name].run  # type: ignore[no-any-return]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # Numba looks the module up by name when it loads its cache
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module.run  # type: ignore[no-any-return]
