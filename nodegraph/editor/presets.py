"""Presets: a node's values under a name, for all nodes of its type. One JSON file per type in a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from nodegraph.errors import DocumentError, did_you_mean
from nodegraph.graph.files import read_bytes, write_atomic


class Presets:
    """The presets in a folder, which is made when the first one is saved.

    They are read from disk every time: another window may have saved some. Every method raises
    DocumentError when a file can't be read or written; a broken file is never written over.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)

    def names(self, type: str) -> list[str]:
        """The presets of a node type, by name."""
        return sorted(self._read(type), key=str.casefold)

    def load(self, type: str, name: str) -> dict[str, Any]:
        """The values of a preset, as `nodegraph.editor.values` has them."""
        known = self._read(type)
        if name not in known:
            hint = did_you_mean(name, known) or "save one first"
            raise DocumentError(f"there is no preset {name!r}", where=type, hint=hint)
        return known[name]

    def save(self, type: str, name: str, values: dict[str, Any]) -> None:
        """Keep values under a name, over those that had it."""
        if not name.strip() or not name.isprintable():
            raise DocumentError(f"a preset can't be called {name!r}", where=type, hint="give it a name")
        self._write(type, {**self._read(type), name: values})

    def remove(self, type: str, name: str) -> None:
        self.load(type, name)
        self._write(type, {n: values for n, values in self._read(type).items() if n != name})

    def _file(self, type: str) -> Path:
        if not all(part.isidentifier() for part in type.split(".")):
            raise DocumentError(f"{type!r} is no node type")
        return self.folder / f"{type}.json"

    def _read(self, type: str) -> dict[str, dict[str, Any]]:
        file = self._file(type)
        if not file.exists():
            return {}
        try:
            data = json.loads(read_bytes(file))
        except (ValueError, RecursionError) as error:
            raise DocumentError(
                f"isn't a file of presets: {error}", where=str(file), hint="mend or remove it"
            ) from None
        if not isinstance(data, dict) or not all(isinstance(values, dict) for values in data.values()):
            raise DocumentError("isn't a file of presets", where=str(file), hint="mend or remove it")
        return data

    def _write(self, type: str, presets: dict[str, dict[str, Any]]) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DocumentError(f"can't be made: {error.strerror}", where=str(self.folder)) from None
        text = json.dumps(presets, ensure_ascii=False, sort_keys=True, indent=1)
        write_atomic(self._file(type), text.encode())
