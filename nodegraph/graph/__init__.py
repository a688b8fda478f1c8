"""The document: what a `.graph` file says, changed by commands only.

graph = Graph(catalog)
graph.add("capture.read", name="plate", path="plate.mov")
graph.add("keying.chroma", name="key")
graph.connect("plate", "key")
graph.undo()
save(graph, "comp.graph")
"""

from nodegraph.graph.animation import Animation, Key, curve_value, sample_curve
from nodegraph.graph.commands import (
    AddNode,
    Batch,
    Command,
    Connect,
    Disconnect,
    RemoveItem,
    RemoveNode,
    RenameNode,
    ResetParam,
    SetField,
    SetItem,
    SetParam,
    command_from_plain,
)
from nodegraph.graph.document import Graph
from nodegraph.graph.expression import Expression
from nodegraph.graph.files import dumps, load, loads, save
from nodegraph.graph.history import History
from nodegraph.graph.node import Node
from nodegraph.graph.schema import Catalog, Param, Port, Schema
from nodegraph.graph.stored import parse_value

__all__ = [
    "AddNode",
    "Animation",
    "Batch",
    "Catalog",
    "Command",
    "Connect",
    "Disconnect",
    "Expression",
    "Graph",
    "History",
    "Key",
    "Node",
    "Param",
    "Port",
    "RemoveItem",
    "RemoveNode",
    "RenameNode",
    "ResetParam",
    "Schema",
    "SetField",
    "SetItem",
    "SetParam",
    "command_from_plain",
    "curve_value",
    "dumps",
    "load",
    "loads",
    "parse_value",
    "sample_curve",
    "save",
]
