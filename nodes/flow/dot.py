"""A bend in a wire."""

from nodegraph.node import In, NodeType


class Dot(NodeType):
    """Passes its picture on, unchanged: a place to bend a wire, or to gather several."""

    id = "nodegraph.flow.dot"
    label = "dot"
    kind = "flow"
    image = In()
