"""A document goes over to node types that were reloaded, and keeps its history."""

from __future__ import annotations

from collections.abc import Iterator

from nodegraph.editor.watch import Reloaded
from nodegraph.errors import DocumentError
from nodegraph.graph import Batch, Command, Disconnect, Graph, Node, ResetParam
from nodegraph.graph.checks import check_wire, lenient
from nodegraph.graph.stored import decode, encode


def adopt(graph: Graph, reloaded: Reloaded) -> list[str]:
    """Have a document's nodes be of the reloaded types; what had to go for it, in words.

    Values that no parameter takes any more, and wires without a port, go in one step of the
    history: with them the document couldn't be opened again. (To undo a value that doesn't fit
    is refused.) Nodes whose type was removed become placeholders and keep all they have. A
    journal has to be begun anew afterwards: its document is the one of the old types.
    """
    root, ids = graph.root, {*reloaded.changed, *reloaded.removed}
    root.types.catalog = reloaded.registry.catalog
    nodes = [(path, node) for path, node in root.walk() if node.type in ids and node.graph is None]
    for path, node in nodes:
        node.signature = root.types.get(node.type)
        inside, _ = root.locate(path)
        inside._bump(structure=True)
        inside._changed(node.name)
    gone: dict[Command, str] = {}
    for path, node in nodes:
        gone.update(_stale_params(path, node))
        gone.update(_stale_wires(root.locate(path)[0], node.name))
    if gone:
        root.do(Batch(tuple(gone), "node code changed"))
    return list(gone.values())


def _stale_params(path: str, node: Node) -> Iterator[tuple[Command, str]]:
    """Values that don't fit; those that do get the form that their parameter has now."""
    if node.signature is None:
        return
    for name, value in list(node.params.items()):
        param = node.signature.params.get(name)
        if param is None:
            if not lenient(node):
                yield ResetParam(path, name), f"{path}.{name}: there is no such parameter any more"
            continue
        try:
            node.params[name] = decode(param, encode(value), path)
        except DocumentError as error:
            yield ResetParam(path, name), f"{path}.{name}: back to its default: {error.message}"


def _stale_wires(inside: Graph, name: str) -> Iterator[tuple[Command, str]]:
    """Wires on a node that have no port, or not the right one."""
    ends = [(name, port) for port in inside.inputs(name)] + list(inside.consumers(name))
    for end in ends:
        try:
            check_wire(inside, end, inside.wires[end])
        except DocumentError as error:
            target = f"{inside.prefix}{end[0]}"
            yield Disconnect(target, end[1]), f"{target}.{end[1]}: disconnected: {error.message}"
