"""The autosave journal: what is done to a document is on disk as soon as it is done.

One file per open document, in the user's state folder:

    magic | header: the whole document, its path, when | command | command | ...

Every piece is a record: length, CRC-32, msgpack. A record goes out in one write, so a process
that is killed loses nothing, and a torn last record is left out. `sync` makes it safe from a
power cut too. The file is locked while its process lives; one that nobody has locked is
abandoned, and `nodegraph.editor.recovery` offers what is in it.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from nodegraph.graph import Command, Graph, dumps

MAGIC = b"NGJRNL1\n"
SUFFIX = ".journal"

#: Commands that take more bytes than this, and than the document twice, are replaced by the document.
COMPACT = 8 << 20
_SYNC = 1.0  # seconds between two syncs
_REFUSED = (OSError, ValueError, TypeError, OverflowError)  # by the disk, or by msgpack
_RETRY = 5.0  # seconds between two attempts to write the whole document


def journal_folder(folder: str | os.PathLike[str] | None = None) -> Path:
    """Where journals are: as asked, else `NODEGRAPH_STATE`, else the user's state folder."""
    asked = folder or os.environ.get("NODEGRAPH_STATE")
    if asked:
        return Path(asked)
    from platformdirs import user_state_path

    return user_state_path("nodegraph", appauthor=False) / "journals"


class Journal:
    """Follows one document. Nothing here raises: `problem` says why work isn't being kept.

    `problem` is "" while all is well, and again once a disk that refused takes the document.
    """

    def __init__(self, graph: Graph, path: str, folder: Path, changes: int, clock: Callable[[], float]) -> None:
        self.problem = ""
        self.changes = changes
        self._graph = graph
        self._path = path
        self._file = folder / f"{os.getpid()}-{time.time_ns():x}{SUFFIX}"
        self._handle: int | None = None
        self._whole = False  # the file says all that was done
        self._size = self._header_size = 0
        self._clock = clock
        self._synced = self._tried = clock()
        self._dirty = False
        self._restart()
        graph.history.listeners.append(self._follow)

    @classmethod
    def begin(
        cls,
        graph: Graph,
        path: str | os.PathLike[str] = "",
        folder: str | os.PathLike[str] | None = None,
        *,
        changes: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> Journal:
        """Follow a document from now on.

        `path` is its file, "" for none yet. `changes` is how many changes the file hasn't got:
        give a recovered document's, so that it is offered again after a second crash.
        """
        return cls(graph, _absolute(path), journal_folder(folder), changes, clock)

    def saved(self, path: str | os.PathLike[str]) -> None:
        """The document as it is now is in this file: nothing is left to recover."""
        self._path, self.changes = _absolute(path), 0
        self._restart()

    def renew(self) -> None:
        """Begin again with the whole document as it is now: after node types were reloaded."""
        self._restart()

    def sync(self) -> None:
        """Make what was written safe from a power cut; call it often, when the hand rests.

        At most once a second does it reach the disk, and only when there is something new.
        """
        now = self._clock()
        if self._handle is None or not self._dirty or now - self._synced < _SYNC:
            return
        self._synced, self._dirty = now, False
        try:
            if os.fstat(self._handle).st_nlink == 0:  # somebody tidied the folder
                self._restart()
            else:
                os.fsync(self._handle)
        except OSError as error:
            self._fail(error)

    def close(self) -> None:
        """A clean end: the document was saved or let go, and there is nothing to recover."""
        with suppress(ValueError):
            self._graph.history.listeners.remove(self._follow)
        self._take(None)
        with suppress(OSError):
            self._file.unlink()

    def _follow(self, command: Command) -> None:
        self.changes += 1
        waited = self._clock() - self._tried >= _RETRY
        if not self._whole:
            if waited:
                self._restart()
            return
        try:
            record = _record(_pack(command.to_plain()))
            assert self._handle is not None
            _write(self._handle, record)
        except _REFUSED as error:
            self._fail(error)
            return
        self._size += len(record)
        self._dirty = True
        if waited and self._size - self._header_size > max(COMPACT, 2 * self._header_size):
            self._restart()

    def _restart(self) -> None:
        """Write the whole document in place of what was there, which stays when the disk refuses."""
        self._tried = self._clock()
        part = self._file.with_suffix(".part")
        handle = None
        try:
            data = MAGIC + _record(_header(self._graph, self._path, self.changes))
            part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
            lock(handle)
            _write(handle, data)
            if self.changes:  # what it replaces is all there is of them
                os.fsync(handle)
            os.replace(part, self._file)
        except _REFUSED as error:
            if handle is not None:
                os.close(handle)
            with suppress(OSError):
                part.unlink()
            if not self._whole:
                self._fail(error)
            return
        self._take(handle)
        self._whole, self._dirty, self.problem = True, True, ""
        self._size = self._header_size = len(data)

    def _fail(self, error: Exception) -> None:
        """Write no more to the file: a record left out would spoil the later ones. The lock stays."""
        self._whole = False
        self._tried = self._clock()
        reason = getattr(error, "strerror", None) or str(error)
        self.problem = f"changes can't be kept for recovery: {self._file.parent}: {reason} (save often, or make room)"

    def _take(self, handle: int | None) -> None:
        if self._handle is not None:
            with suppress(OSError):
                os.close(self._handle)
        self._handle = handle


# -- the file


def _header(graph: Graph, path: str, changes: int) -> bytes:
    about = {"schema": 1, "path": path, "pid": os.getpid(), "time": time.time(), "changes": changes}
    return _pack({**about, "document": dumps(graph)})


def _record(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "little") + zlib.crc32(payload).to_bytes(4, "little") + payload


def _pack(plain: dict[str, Any]) -> bytes:
    import msgpack

    packed: bytes = msgpack.packb(plain, use_bin_type=True)
    return packed


def _write(handle: int, data: bytes) -> None:
    """All of it, or OSError: a disk that fills up takes a part."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _absolute(path: str | os.PathLike[str]) -> str:
    return os.path.abspath(path) if os.fspath(path) else ""


def lock(handle: int) -> bool | None:
    """Lock an open file for this process; False when another has it, None where files can't be locked.

    The system lets go for the dead, and no later process of the same number takes it over.
    """
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
