"""`.graph` files: one document in two spellings, the same bytes for the same document.

- msgpack, the default: the array ["nodegraph", document, CRC-32 of all bytes before it];
- canonical JSON text, for git: keys sorted, one fact a line, a newline at the end.

The loader tells them apart by their first bytes. Opening a file runs nothing of it: whatever
the bytes are, the answer is a Graph or a DocumentError naming the file.
"""

from __future__ import annotations

import json
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from nodegraph.errors import DocumentError
from nodegraph.graph.checks import check_plain
from nodegraph.graph.document import Graph
from nodegraph.graph.migrate import migrate
from nodegraph.graph.plain import fill_graph, graph_to_plain
from nodegraph.graph.schema import Catalog
from nodegraph.graph.signature import Types

MAGIC = b"\x93\xa9nodegraph"
_TAIL = 5  # msgpack uint32: 0xce and four bytes

#: A larger file is refused: its parsed form might not fit in memory.
MAX_BYTES = 64 << 20
_MAX_LENGTH = 1_000_000  # items of one list


def dumps(graph: Graph, *, text: bool = False) -> bytes:
    """A document as the bytes of a file."""
    return spell(graph_to_plain(graph), text=text)


def loads(data: bytes, catalog: Catalog | Types, *, where: str = "document") -> Graph:
    """The document in the bytes of a file; `where` names it in errors."""
    try:
        plain = migrate(read_plain(data))
        graph = Graph(catalog)
        fill_graph(graph, plain)
        for path, _ in graph.walk():
            graph.evaluator.changed(path)
        return graph
    except DocumentError as error:
        message = f"{error.where}: {error.message}" if error.where else error.message
        raise DocumentError(message, where=where, hint=error.hint) from None
    except RecursionError:
        raise DocumentError("is nested too deep", where=where) from None


def load(path: str | os.PathLike[str], catalog: Catalog | Types) -> Graph:
    """Open a `.graph` file."""
    graph = loads(read_bytes(path), catalog, where=str(path))
    graph.folder = str(Path(path).absolute().parent)
    return graph


def save(graph: Graph, path: str | os.PathLike[str], *, text: bool | None = None) -> bytes:
    """Write a `.graph` file atomically; the bytes written.

    Without `text` the spelling of the file that is there is kept; a new file is text when its
    name ends in ".json" or ".txt", else msgpack.
    """
    target = Path(path)
    data = dumps(graph, text=is_text(target) if text is None else text)
    write_atomic(target, data)
    graph.folder = str(target.absolute().parent)
    return data


def is_text(path: Path) -> bool:
    """The spelling a file has, or would be given."""
    try:
        with open(path, "rb") as file:
            head = file.read(len(MAGIC))
    except OSError:
        head = b""
    if head:
        return head != MAGIC
    return path.suffix in (".json", ".txt")


# -- spellings


def spell(plain: dict[str, Any], *, text: bool) -> bytes:
    """Plain data in one of the spellings."""
    if text:
        return ("".join(_lines(plain, "\n")) + "\n").encode()
    import msgpack

    head: bytes = MAGIC + msgpack.packb(_sorted(plain), use_bin_type=True)
    return head + b"\xce" + zlib.crc32(head).to_bytes(4, "big")


def read_plain(data: bytes) -> Any:
    """Plain data from either spelling, checked to be nothing but plain data."""
    if len(data) > MAX_BYTES:
        raise DocumentError(f"is larger than {MAX_BYTES >> 20} MiB", hint="it can't be a document")
    if data[: len(MAGIC)] == MAGIC:
        plain = _read_msgpack(data)
    elif data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        plain = _read_text(data)
    elif not data:
        raise DocumentError("is empty", hint="restore it from a copy or the journal")
    else:
        raise DocumentError("isn't a nodegraph document", hint="open a file that nodegraph saved")
    return check_plain(plain, "document")


def _read_msgpack(data: bytes) -> Any:
    import msgpack

    body, tail = data[:-_TAIL], data[-_TAIL:]
    if len(data) < len(MAGIC) + _TAIL or tail != b"\xce" + zlib.crc32(body).to_bytes(4, "big"):
        raise DocumentError(
            "is damaged or cut off: its checksum is wrong", hint="restore it from a copy or the journal"
        )
    try:
        return msgpack.unpackb(
            body[len(MAGIC) :],
            raw=False,
            strict_map_key=True,
            max_array_len=_MAX_LENGTH,
            max_map_len=_MAX_LENGTH,
            ext_hook=_refuse_extension,
        )
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as error:
        raise DocumentError(f"can't be read as msgpack: {error}", hint="restore it from a copy") from None


def _refuse_extension(code: int, data: bytes) -> Any:
    raise ValueError(f"it has an extension type {code}")


def _read_text(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_unique)
    except UnicodeDecodeError as error:
        raise DocumentError(f"isn't UTF-8 at byte {error.start}", hint="restore it from a copy") from None
    except json.JSONDecodeError as error:
        hint = "finish the merge" if b"<<<<<<<" in data else "restore it from a copy, or mend that line"
        raise DocumentError(f"can't be read: {error.msg} at line {error.lineno}", hint=hint) from None
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"can't be read: {error}", hint="restore it from a copy") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field {twice!r} is there twice")
    return made


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_sorted(v) for v in value]
    return value


def _lines(value: Any, newline: str) -> Iterator[str]:
    """Canonical JSON: one field or nested item a line, indented by one space a level."""
    inner = newline + " "
    if isinstance(value, dict) and value:
        for i, key in enumerate(sorted(value)):
            yield f"{',' if i else '{'}{inner}{_scalar(key)}: "
            yield from _lines(value[key], inner)
        yield newline + "}"
    elif isinstance(value, (list, tuple)) and any(isinstance(v, (dict, list, tuple)) for v in value):
        for i, item in enumerate(value):
            yield f"{',' if i else '['}{inner}"
            yield from _lines(item, inner)
        yield newline + "]"
    elif isinstance(value, (list, tuple)):
        yield f"[{', '.join(map(_scalar, value))}]"
    else:
        yield _scalar(value)


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


# -- bytes on disk


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """A document's bytes; DocumentError when it isn't a readable file of sensible size."""
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise DocumentError("isn't a file", where=str(path), hint="name a .graph file")
            if status.st_size > MAX_BYTES:
                raise DocumentError(
                    f"is larger than {MAX_BYTES >> 20} MiB", where=str(path), hint="it can't be a document"
                )
            return file.read()
    except FileNotFoundError:
        raise DocumentError("there is no such file", where=str(path), hint="check the path") from None
    except IsADirectoryError:
        raise DocumentError("is a folder", where=str(path), hint="name a .graph file in it") from None
    except (OSError, ValueError) as error:
        raise DocumentError(f"can't be read: {_reason(error)}", where=str(path)) from None


def write_atomic(path: Path, data: bytes) -> None:
    """Replace a file's content whole: a reader, or a crash, sees the old or the new.

    A link is followed, permissions are kept. DocumentError when the disk refuses; the old
    file is then untouched.
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        with open(part, "wb") as file:
            file.write(data)
            file.flush()
            if mode is not None:
                os.chmod(part, mode)
            os.fsync(file.fileno())
        os.replace(part, target)
        _sync_folder(target.parent)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise DocumentError(
            f"can't be saved: {_reason(error)}",
            where=str(path),
            hint="save it elsewhere; nothing was changed",
        ) from None


def _sync_folder(folder: Path) -> None:
    """Make a rename durable, where folders can be synced."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
