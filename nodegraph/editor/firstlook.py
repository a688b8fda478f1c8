"""What to look at first in a graph nobody has looked at yet."""

from __future__ import annotations

from nodegraph.graph import Graph


def first_look(graph: Graph) -> str | None:
    """The node at the end of the longest way through the graph that gives a picture; None in an empty one.

    Outputs are left out: they show what comes into them.
    """
    depth: dict[str, int] = {}
    for name in _order(graph):
        above = [source for source, _ in graph.inputs(name).values()]
        depth[name] = 1 + max((depth[s] for s in above), default=0)
    best, found = 0, None
    for name, node in graph.nodes.items():
        signature = graph.signature_of(node)
        if signature is None or node.type.startswith("nodegraph.output."):
            continue
        if any(p.type in ("Frame", "Matte") for p in signature.outputs.values()) and depth[name] > best:
            best, found = depth[name], name
    return found


def _order(graph: Graph) -> list[str]:
    """Nodes, each after what it reads."""
    done: dict[str, None] = {}
    for start in graph.nodes:
        waiting = [start]
        while waiting:
            name = waiting[-1]
            above = [s for s, _ in graph.inputs(name).values() if s not in done]
            if above:
                waiting += above
            else:
                done[waiting.pop()] = None
    return list(done)
