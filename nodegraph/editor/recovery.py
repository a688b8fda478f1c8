"""What killed editors left behind: journals that no living process has, and the documents in them."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from nodegraph.editor.journal import MAGIC, SUFFIX, journal_folder, lock
from nodegraph.errors import DocumentError
from nodegraph.graph import Graph, command_from_plain, loads
from nodegraph.graph.schema import Catalog
from nodegraph.graph.signature import Types

_LARGEST = 1 << 30  # bytes: no journal of ours gets near it
_HEAD = 8  # a record's length and checksum


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A journal whose process is gone.

    `path` is the document's file, "" when it had none; `when` the last change, in seconds of
    `time.time`; `changes` how many changes the file lacks. `problem` says why it can't be
    recovered, or that its end is missing.
    """

    file: Path
    path: str
    when: float
    changes: int
    problem: str = ""

    def recover(self, catalog: Catalog | Types) -> Graph:
        """The document as it was last; DocumentError when its beginning can't be read.

        A change that can't be made again (its node type is gone) ends it there.
        """
        where = str(self.file)
        contents = _read(self.file)
        graph = loads(contents.document, catalog, where=where)
        if contents.path:
            graph.folder = str(Path(contents.path).parent)
        for record in contents.commands:
            try:
                command_from_plain(_unpack(record)).apply(graph)
            except DocumentError:
                break
        return graph

    def discard(self) -> None:
        """Remove it; DocumentError when the folder doesn't allow that."""
        try:
            self.file.unlink(missing_ok=True)
        except OSError as error:
            raise DocumentError(f"can't be removed: {error.strerror}", where=str(self.file)) from None


def abandoned(folder: str | os.PathLike[str] | None = None) -> list[Abandoned]:
    """What processes that are gone left unsaved, newest first; what has nothing unsaved is removed."""
    found = []
    for file in journal_folder(folder).glob(f"*{SUFFIX}"):
        with suppress(OSError):
            if not _held(file):
                found.append(_look(file))
    for left in found:
        if left.changes == 0 and not left.problem:
            with suppress(DocumentError):
                left.discard()
    return sorted((a for a in found if a.changes or a.problem), key=lambda a: a.when, reverse=True)


def _look(file: Path) -> Abandoned:
    when = file.stat().st_mtime
    try:
        contents = _read(file)
    except DocumentError as error:
        return Abandoned(file, "", when, 0, f"it can't be recovered: {error.message}")
    problem = f"its last {contents.left} bytes can't be read" if contents.left else ""
    return Abandoned(file, contents.path, when, contents.changes + len(contents.commands), problem)


# -- reading a journal


class _Contents(NamedTuple):
    path: str
    changes: int
    document: bytes
    commands: list[bytes]
    left: int


def _records(data: bytes, start: int) -> Iterator[bytes]:
    """The payloads of whole records, until one is torn or damaged."""
    while start + _HEAD <= len(data):
        length = int.from_bytes(data[start : start + 4], "little")
        payload = data[start + _HEAD : start + _HEAD + length]
        checksum = int.from_bytes(data[start + 4 : start + _HEAD], "little")
        if not length or len(payload) < length or zlib.crc32(payload) != checksum:
            return
        yield payload
        start += _HEAD + length


def _read(file: Path) -> _Contents:
    where = str(file)
    try:
        if file.stat().st_size > _LARGEST:
            raise DocumentError("is too large to be a journal", where=where)
        data = file.read_bytes()
    except OSError as error:
        raise DocumentError(f"can't be read: {error.strerror}", where=where) from None
    records = list(_records(data, len(MAGIC))) if data.startswith(MAGIC) else []
    if not records:
        raise DocumentError("its beginning is damaged or missing", where=where, hint="open the document's file")
    header = _unpack(records[0])
    if not isinstance(header, dict) or header.get("schema") != 1:
        raise DocumentError("is a journal of another version", where=where, hint="recover it with that version")
    path, changes, document = (header.get(name) for name in ("path", "changes", "document"))
    if not (isinstance(path, str) and isinstance(changes, int) and isinstance(document, bytes)):
        raise DocumentError("isn't a journal", where=where)
    left = len(data) - len(MAGIC) - sum(_HEAD + len(r) for r in records)
    return _Contents(path, changes, document, records[1:], left)


def _unpack(data: bytes) -> Any:
    import msgpack

    try:
        return msgpack.unpackb(data, raw=False, strict_map_key=True)
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as error:
        raise DocumentError(f"can't be read as msgpack: {error}") from None


# -- who has it


def _held(file: Path) -> bool:
    """Whether the process that writes a journal lives."""
    handle = os.open(file, os.O_RDWR)
    try:
        free = lock(handle)
    finally:
        os.close(handle)
    return _alive(file) if free is None else not free


def _alive(file: Path) -> bool:
    """Whether there is a process of the number in a journal's name."""
    try:
        os.kill(int(file.name.partition("-")[0]), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
