"""Node files watched, and taken in again while the editor runs.

    watch.changed()  ->  reload(registry, path)  ->  adopt(graph, reloaded)  ->  Engine(graph, registry)

`adopt` is in `nodegraph.editor.adopt`. A file with an error in it changes nothing. Nodes' keys hold their code, so a picture made by
the old code isn't taken for one of the new; a new Engine is made for the new registry.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from nodegraph.errors import DocumentError
from nodegraph.node import FunctionNode, NodeType
from nodegraph.packs import Registry, file_of, hold_source, load_file, module_of, nodes_in, pack_files

#: What tells one state of a file from another: time in ns, size in bytes, inode.
_State = tuple[int, int, int]


class Watch:
    """Tells which of some files changed, when asked.

    One that is away or empty, as while an editor saves it, counts when it is back.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        self._seen: dict[Path, _State | None] = {Path(f).absolute(): None for f in files}
        for path in self._seen:
            self._seen[path] = _state(path)

    @property
    def files(self) -> list[Path]:
        return list(self._seen)

    def add(self, files: Iterable[Path]) -> None:
        """Watch more files; those that weren't watched count as changed."""
        for path in files:
            self._seen.setdefault(Path(path).absolute(), None)

    def changed(self) -> list[Path]:
        """The files that aren't what they were when this was asked last."""
        found = []
        for path, seen in self._seen.items():
            now = _state(path)
            if now is not None and now != seen:
                self._seen[path] = now
                found.append(path)
        return found


def _state(path: Path) -> _State | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino) if status.st_size else None


def node_files(registry: Registry) -> list[Path]:
    """The files to watch: of all node types, and on `NODEGRAPH_PATH` also those that failed.

    From now on the node types keep the code they were loaded from, whatever becomes of the files.
    """
    files = {path for node in registry.values() if (path := file_of(node)) is not None}
    for path in files:
        hold_source(path)
    return sorted(files | set(pack_files()))


# -- taking a file in again


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What came of it: the registry to go on with, and ids of types that are new or other code.

    With a `problem` (file, line and what is wrong) the registry is the one there was.
    """

    registry: Registry
    path: Path
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problem: str = ""


def reload(registry: Registry, path: Path) -> Reloaded:
    """Run a node file again; the registry given stays as it is, and so does all that uses it."""
    path = path.absolute()
    old = {id: node for id, node in registry.items() if file_of(node) == path}
    digests = {id: node.digest for id, node in old.items()}  # while their module is the one there is
    before = next((m for m in map(module_of, old.values()) if m is not None), None)
    kept = {id: node for id, node in registry.items() if id not in old}
    new: dict[str, NodeType] = {}
    try:
        load_file(path, before, lambda module: new.update(_nodes_of(module, path, kept)))
    except (Exception, SystemExit) as error:
        return Reloaded(registry, path, problem=_words(error, path))
    problems = tuple(p for p in registry.problems if not p.startswith(f"{path}: "))
    return Reloaded(
        Registry(dict(sorted({**kept, **new}.items())), problems),
        path,
        tuple(id for id, node in new.items() if digests.get(id) != node.digest),
        tuple(id for id in old if id not in new),
    )


def _nodes_of(module: ModuleType, path: Path, kept: dict[str, NodeType]) -> dict[str, NodeType]:
    """The node types of a file, each declared well; what it merely imports is left out."""
    found: dict[str, NodeType] = {}
    for node in nodes_in(module):
        if file_of(node) != path:
            continue
        if node.id in kept or node.id in found:
            raise DocumentError(f"{node.id} is already defined elsewhere", where=f"{path}:{_line_of(node)}")
        try:
            node.schema  # noqa: B018  a bad declaration shows here
        except Exception as error:
            raise DocumentError(f"{node.id}: {error}", where=f"{path}:{_line_of(node)}") from error
        found[node.id] = node
    return found


def _line_of(node: NodeType) -> int:
    """The line that a node type's declaration begins at."""
    try:
        of = next(iter(node.functions.values())) if isinstance(node, FunctionNode) else type(node)
        return inspect.getsourcelines(of)[1]
    except (OSError, TypeError):
        return 1


def _words(error: BaseException, path: Path) -> str:
    """File, line and what is wrong."""
    if isinstance(error, DocumentError) and (error.where or "").startswith(str(path)):
        return str(error)
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"{path}:{error.lineno or 1}: {error.msg}"
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    line = f":{lines[-1]}" if lines else ""
    return f"{path}{line}: {type(error).__name__}: {error}"
