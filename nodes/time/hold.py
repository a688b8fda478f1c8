"""Standing still."""

from __future__ import annotations

from collections.abc import Sequence

from nodegraph.node import In, Int, NodeType, Query


class Hold(NodeType):
    """Show one frame all the time, or a new one only every few frames. What is held is made once."""

    id = "nodegraph.time.hold"
    label = "frame hold"
    kind = "flow"
    reads = frozenset({"frame"})
    image = In()

    frame = Int(1, unit="frames", help="The frame that is held.")
    every = Int(0, 0, 100_000, unit="frames", soft=(0, 48), help="Above 0: the next one after this many frames.")

    def varies(self, q: Query) -> bool:
        return bool(q.p.every > 0)

    def upstream(self, q: Query, port: str) -> Sequence[int]:
        first, every = q.p.frame, q.p.every
        return (first if every == 0 else first + (q.frame - first) // every * every,)
