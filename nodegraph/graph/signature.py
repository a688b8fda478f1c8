"""Schemas with their names indexed: what the document looks up on every edit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nodegraph.errors import DocumentError, did_you_mean
from nodegraph.graph.schema import Catalog, Param, Port, Schema

#: A group's node type, and the inner nodes that make its ports.
GROUP = "nodegraph.flow.group"
GROUP_IN = "nodegraph.flow.group_in"
GROUP_OUT = "nodegraph.flow.group_out"


class Signature:
    """The ports and parameters of a node type (or of one group) by name, in declared order."""

    __slots__ = ("defaults", "inputs", "outputs", "params", "schema")

    def __init__(
        self,
        inputs: Iterable[Port],
        outputs: Iterable[Port],
        params: Iterable[Param],
        schema: Schema | None = None,
    ) -> None:
        self.schema = schema
        self.inputs = {port.name: port for port in inputs}
        self.outputs = {port.name: port for port in outputs}
        self.params = {param.name: param for param in params}
        self.defaults: dict[str, Any] = {p.name: p.check(p.default) for p in self.params.values()}

    @classmethod
    def of(cls, schema: Schema) -> Signature:
        return cls(schema.inputs, schema.outputs, schema.params, schema)

    def input(self, name: str, where: str) -> Port:
        return self.inputs.get(name) or _refuse("input", self.inputs, name, where)

    def output(self, name: str, where: str) -> Port:
        return self.outputs.get(name) or _refuse("output", self.outputs, name, where)

    def param(self, name: str, where: str) -> Param:
        return self.params.get(name) or _refuse("parameter", self.params, name, where)


def _refuse(noun: str, known: Iterable[str], name: str, where: str) -> Any:
    names = list(known)
    hint = did_you_mean(name, names) or (f"it has {', '.join(names)}" if names else f"it has no {noun}s")
    raise DocumentError(f"has no {noun} {name!r}", where=where, hint=hint)


class Types:
    """The catalog as a document uses it: signatures made once, short ids resolved."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._signatures: dict[str, Signature] = {}

    def get(self, id: str) -> Signature | None:
        """The signature of a type, or None when nobody here knows it."""
        schema = self.catalog.get(id)
        if schema is None:
            return None
        known = self._signatures.get(id)
        if known is None or known.schema is not schema:
            known = self._signatures[id] = Signature.of(schema)
        return known

    def resolve(self, name: str) -> str:
        """The id of a type: "merge.merge" means "nodegraph.merge.merge"."""
        if name in self.catalog:
            return name
        short = f"nodegraph.{name}"
        if short in self.catalog or short == GROUP:
            return short
        if name == GROUP:
            return name
        hint = did_you_mean(name, [*self.catalog, *(id.removeprefix("nodegraph.") for id in self.catalog)])
        raise DocumentError(f"there is no node type {name!r}", hint=hint or "`nodegraph nodes` lists the types")
