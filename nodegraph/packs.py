"""Finding node packs: by entry point `nodegraph.nodes`, and in folders on `NODEGRAPH_PATH`.

Ours is found as anybody else's is. A pack that fails to import is reported and left out; its
nodes in a document stay as they are.
"""

from __future__ import annotations

import importlib
import importlib.util
import linecache
import os
import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from nodegraph.graph.schema import Schema
from nodegraph.node import Analysis, FunctionNode, NodeType

GROUP = "nodegraph.nodes"


@dataclass(frozen=True)
class Registry(Mapping[str, NodeType]):
    """Node types by id, and what went wrong while looking for them."""

    types: dict[str, NodeType] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def __getitem__(self, id: str) -> NodeType:
        return self.types[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.types)

    def __len__(self) -> int:
        return len(self.types)

    @property
    def catalog(self) -> dict[str, Schema]:
        """What the document checks against."""
        return {id: node.schema for id, node in self.types.items()}


@lru_cache(maxsize=1)
def registry() -> Registry:
    """All node types that can be found; looked for once."""
    types: dict[str, NodeType] = {}
    problems: list[str] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        _collect(f"pack {entry.name!r}", lambda entry=entry: _tree(entry.load()), types, problems)  # type: ignore[misc]
    for path in pack_files():
        _collect(str(path), lambda path=path: [load_file(path)], types, problems)  # type: ignore[misc]
    for folder in filter(None, os.environ.get("NODEGRAPH_PATH", "").split(os.pathsep)):
        if not Path(folder).is_dir():
            problems.append(f"NODEGRAPH_PATH: {folder} is not a folder")
    return Registry(dict(sorted(types.items())), tuple(problems))


def _collect(name: str, load: object, types: dict[str, NodeType], problems: list[str]) -> None:
    try:
        modules = load()  # type: ignore[operator]
        for module in modules:
            for node in nodes_in(module):
                if node.id in types and types[node.id] is not node:
                    problems.append(f"{name}: {node.id} is already defined elsewhere")
                else:
                    node.schema  # noqa: B018  a bad declaration shows here, not later
                    types[node.id] = node
    except (Exception, SystemExit) as error:
        problems.append(f"{name}: {type(error).__name__}: {error}")


def _tree(package: ModuleType) -> list[ModuleType]:
    """A pack's modules: the package and all below it."""
    if not hasattr(package, "__path__"):
        return [package]
    names = [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    return [package, *map(importlib.import_module, sorted(names))]


def pack_files() -> list[Path]:
    """The node files in the folders on `NODEGRAPH_PATH`."""
    folders = filter(None, os.environ.get("NODEGRAPH_PATH", "").split(os.pathsep))
    return [path.absolute() for folder in folders for path in sorted(Path(folder).glob("*.py"))]


def load_file(
    path: Path, instead_of: ModuleType | None = None, check: Callable[[ModuleType], object] | None = None
) -> ModuleType:
    """Run a node file as it is now; when it, or `check` of the module, raises, all stays as it was.

    It takes the name of the module `instead_of`, or gets one of its own. What `inspect` gives
    for it later is the text that was run, whatever the file becomes: kernels and keys are made
    of that. (So no bytecode is kept either, which couldn't tell two edits in one second apart.)
    """
    path = path.absolute()
    name = instead_of.__name__ if instead_of else _free_name(path)
    inside = getattr(instead_of, "__path__", None)
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=inside)
    if spec is None:
        raise ImportError(f"can't load {path}")
    module = importlib.util.module_from_spec(spec)
    text = importlib.util.decode_source(path.read_bytes())
    code = compile(text, str(path), "exec", dont_inherit=True)
    module_before, source_before = sys.modules.get(name), linecache.cache.get(str(path))
    sys.modules[name] = module
    hold_source(path, text)
    try:
        exec(code, module.__dict__)
        if check is not None:
            check(module)
    except BaseException:
        _put_back(sys.modules, name, module_before)
        _put_back(linecache.cache, str(path), source_before)
        raise
    return module


def hold_source(path: Path, text: str | None = None) -> None:
    """Have `inspect` give this text for a file (without one, what it gives now) even when the file changes."""
    lines = linecache.getlines(str(path)) if text is None else text.splitlines(keepends=True)
    if lines:
        size = sum(map(len, lines))
        linecache.cache[str(path)] = (size, None, lines, str(path))  # no time: linecache doesn't look again


def _put_back(into: Any, name: str, before: Any) -> None:
    if before is None:
        into.pop(name, None)
    else:
        into[name] = before


def _free_name(path: Path) -> str:
    """A module name for a file; files of one name in two folders are two modules."""
    name = f"nodegraph_pack_{path.stem}"
    while name in sys.modules and getattr(sys.modules[name], "__file__", None) != str(path):
        name += "_"
    return name


def module_of(node: NodeType) -> ModuleType | None:
    """The module that a node type's code is in: its class's, or its function's."""
    of = next(iter(node.functions.values())) if isinstance(node, FunctionNode) else type(node)
    return sys.modules.get(of.__module__)


def file_of(node: NodeType) -> Path | None:
    """The file that a node type's code is in; None for one made without a file."""
    file = getattr(module_of(node), "__file__", None)
    return Path(file).absolute() if file else None


def nodes_in(module: ModuleType) -> list[NodeType]:
    """The node types a module declares: objects and classes of its own with an id.

    What only serves other nodes has a private name, is declared `is_part`, or is an Analysis.
    """
    found = []
    for name, value in vars(module).items():
        if name.startswith("_"):
            continue
        if getattr(value, "is_part", False):
            continue
        if isinstance(value, NodeType) and value.id:
            found.append(value)
        elif (
            isinstance(value, type)
            and issubclass(value, NodeType)
            and not issubclass(value, Analysis)
            and value.id
            and value.__module__ == module.__name__
        ):
            found.append(value())
    return found
