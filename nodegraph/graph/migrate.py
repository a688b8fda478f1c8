"""Older forms of the file, brought up to date one version at a time.

A form change raises `plain.VERSION` and adds one pure function here, plain data to plain
data. Old functions are never edited: they describe files that exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nodegraph.errors import DocumentError
from nodegraph.graph.plain import VERSION

#: version -> what makes plain data of the next version out of it.
Migrations = Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]

MIGRATIONS: Migrations = {}


def migrate(data: Any, migrations: Migrations = MIGRATIONS, newest: int = VERSION) -> dict[str, Any]:
    """Plain data of any known version as plain data of the newest."""
    version = data.get("nodegraph") if isinstance(data, dict) else None
    if type(version) is not int or version < 1:
        raise DocumentError("isn't a nodegraph document", hint='it has no "nodegraph" version')
    if version > newest:
        raise DocumentError(
            f"was saved by a newer nodegraph (form {version}, this one reads up to {newest})",
            hint="update nodegraph",
        )
    while version < newest:
        step = migrations.get(version)
        if step is None:
            raise DocumentError(f"has form {version}, which nothing here reads", hint="update nodegraph")
        data = step(data) | {"nodegraph": version + 1}
        version += 1
    return dict(data)
