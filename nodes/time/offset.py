"""Earlier or later."""

from __future__ import annotations

from collections.abc import Sequence

from nodegraph.node import Bool, In, Int, NodeType, Query


class Offset(NodeType):
    """Show a picture later (above 0) or earlier. Costs nothing: the other frame is made instead."""

    id = "nodegraph.time.offset"
    label = "time offset"
    kind = "flow"
    reads = frozenset({"frame"})
    image = In()

    frames = Int(0, unit="frames", soft=(-100, 100), help="Later by this many.")
    reverse = Bool(False, help="Backwards: frame 0 stays where it is before the offset.")

    def upstream(self, q: Query, port: str) -> Sequence[int]:
        at = q.frame - q.p.frames
        return (-at if q.p.reverse else at,)
