"""One of several."""

from nodegraph.node import In, Int, NodeType, Query

_PORTS = "abcdefgh"


class Switch(NodeType):
    """Passes one of its pictures on; the others are not made at all."""

    id = "nodegraph.flow.switch"
    label = "switch"
    kind = "flow"

    a = In(optional=True)
    b = In(optional=True)
    c = In(optional=True)
    d = In(optional=True)
    e = In(optional=True)
    f = In(optional=True)
    g = In(optional=True)
    h = In(optional=True)

    which = Int(0, 0, len(_PORTS) - 1, help="0 is a, 1 is b and so on. May be animated: a cut list.")

    def identity(self, q: Query) -> str:
        return _PORTS[q.p.which]
