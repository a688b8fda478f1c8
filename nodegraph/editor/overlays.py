"""Which handles a node has in the viewer."""

from __future__ import annotations

from nodegraph.editor.overlay import Format, Overlay
from nodegraph.editor.overlay_points import Points, Radial, Ramp
from nodegraph.editor.overlay_roto import Roto
from nodegraph.editor.overlay_transform import Transform
from nodegraph.editor.overlay_window import CornerPin, Crop
from nodegraph.graph import Graph

#: Nodes with handles of their own, by type.
KINDS: dict[str, type[Overlay]] = {
    "nodegraph.transform.transform": Transform,
    "nodegraph.transform.corner_pin": CornerPin,
    "nodegraph.transform.crop": Crop,
    "nodegraph.draw.roto": Roto,
    "nodegraph.draw.radial": Radial,
    "nodegraph.draw.ramp": Ramp,
}


def overlay_for(graph: Graph, path: str, frame: float, format: Format | None = None) -> Overlay | None:
    """The handles of a node at a frame; None for nodes without, placeholders and what isn't there.

    `format` is that of the node's picture, the document's unless given. Raises DocumentError when a
    parameter's expression has no value.
    """
    found = graph.find(path)
    if found is None or found[0].signature_of(found[1]) is None:
        return None
    kind = KINDS.get(found[1].type, Points)
    made = kind(graph, path, frame, format or Format.of(graph))
    return None if isinstance(made, Points) and not made.names() else made
