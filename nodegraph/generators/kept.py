"""Generated pictures on disk by their content, so that nothing is generated twice, not even after a restart.

A file's name is the digest of the engine, of its workflow or weights and of the request with its pixels. Files are
written under another name and renamed; a damaged or unreadable one is a miss and a warning. They stay until somebody
deletes them: what a seed once made may be impossible to make again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import threading
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from nodegraph.generators.interface import Asked, Engine, Progress, Request, Result
from nodegraph.values import Made

_log = logging.getLogger(__name__)
_MAGIC = b"nodegraph-made-1\n"


def folder() -> Path:
    """`generated` in $NODEGRAPH_CACHE, or in the user's cache folder."""
    cache = os.environ.get("NODEGRAPH_CACHE")
    if cache:
        return Path(cache).expanduser() / "generated"
    import platformdirs

    return Path(platformdirs.user_cache_dir("nodegraph")) / "generated"


def path_of(engine: Engine, request: Request) -> Path:
    words = json.dumps([engine.name, engine.digest, request.digest]).encode()
    name = hashlib.blake2b(words, digest_size=20).hexdigest()
    return folder() / name[:2] / f"{name}.made"


def generate_once(engine: Engine, request: Request, progress: Progress, cancelled: Asked) -> Result:
    """What the engine makes of the request, from disk if it was made before."""
    path = path_of(engine, request)
    known = load(path)
    if known is not None:
        return known
    result = engine.generate(request, progress, cancelled)
    keep(path, result)
    return result


def load(path: Path) -> Result | None:
    """The picture of a file; None if there is none, or it is damaged."""
    try:
        return _unpacked(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, zlib.error) as error:
        _log.warning("generated picture %s can't be read: %s; it is made again", path.name, error)
        return None


def keep(path: Path, result: Result) -> None:
    """Put it on disk, whole or not at all; never raises."""
    partial = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(_packed(result))
        partial.replace(path)
    except OSError as error:
        _log.warning("generated picture %s can't be kept: %s; going on without it", path.name, error)
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _packed(result: Result) -> bytes:
    pixels = np.ascontiguousarray(result.picture)
    body = zlib.compress(pixels.tobytes(), 1)
    about: dict[str, Any] = {
        "shape": pixels.shape,
        "type": pixels.dtype.str,
        "linear": result.linear,
        "made": asdict(result.made),
        "sum": hashlib.blake2b(body, digest_size=16).hexdigest(),
    }
    header = json.dumps(about).encode()
    return _MAGIC + len(header).to_bytes(4, "little") + header + body


def _unpacked(data: bytes) -> Result:
    start = len(_MAGIC) + 4
    if not data.startswith(_MAGIC):
        raise ValueError("not a generated picture")
    size = int.from_bytes(data[len(_MAGIC) : start], "little")
    about, body = json.loads(data[start : start + size]), data[start + size :]
    if hashlib.blake2b(body, digest_size=16).hexdigest() != about["sum"]:
        raise ValueError("cut short or changed")
    pixels = np.frombuffer(zlib.decompress(body), np.dtype(about["type"])).reshape(about["shape"])
    return Result(pixels, Made(**about["made"]), bool(about["linear"]))
