"""Cooking one node over pictures a test hands it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodegraph.engine import Engine
from nodegraph.graph import Graph
from nodegraph.packs import registry
from nodegraph.values import Frame
from tests.nodes.generic import Given


def cook(type: str, inputs: Mapping[str, Frame] | None = None, /, *, frame: int = 1, **values: Any) -> Frame:
    """The picture a node makes of these inputs at these values, through NumPy."""
    inputs = inputs or {}
    types = {**registry(), Given.id: Given(inputs)}
    graph = Graph({id: node.schema for id, node in types.items()})
    graph.add(type, name="node", params=values)
    for port in inputs:
        graph.add(Given.id, name=f"in_{port}", which=port)
        graph.connect(f"in_{port}", f"node.{port}")
    with Engine(graph, types, tier="numpy", threads=1) as engine:
        return engine.cook("node", frame)
