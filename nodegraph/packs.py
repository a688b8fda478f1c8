"""Finding node packs: by entry point `nodegraph.nodes`, and in folders on `NODEGRAPH_PATH`.

Ours is found as anybody else's is. A pack that fails to import is reported and left out; its
nodes in a document stay as they are.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from nodegraph.graph.schema import Schema
from nodegraph.node import Analysis, NodeType

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
    for folder in filter(None, os.environ.get("NODEGRAPH_PATH", "").split(os.pathsep)):
        for path in sorted(Path(folder).glob("*.py")):
            _collect(str(path), lambda path=path: [_from_file(path)], types, problems)  # type: ignore[misc]
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
    except Exception as error:
        problems.append(f"{name}: {type(error).__name__}: {error}")


def _tree(package: ModuleType) -> list[ModuleType]:
    """A pack's modules: the package and all below it."""
    if not hasattr(package, "__path__"):
        return [package]
    names = [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    return [package, *map(importlib.import_module, sorted(names))]


def _from_file(path: Path) -> ModuleType:
    name = f"nodegraph_pack_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"can't load {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def nodes_in(module: ModuleType) -> list[NodeType]:
    """The node types a module declares: objects and classes of its own with an id.

    What only serves another node has none, or is an Analysis.
    """
    found = []
    for value in vars(module).values():
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
