"""A shoulder for highlights."""

from nodegraph.kernels.shade import V, exp, maximum, select
from nodegraph.node import Float, pixel


@pixel("nodegraph.colour.soft_clip", label="soft clip", colour=True)
def soft_clip(
    c: V,
    *,
    start: V = Float(0.8, 0, 100, soft=(0, 1), help="Up to here nothing changes."),
    limit: V = Float(1, 0.001, 100, soft=(0.5, 2), help="What is never passed; at or below start it is a hard clip."),
) -> V:
    """Bend values from `start` on so that they come near `limit` but never pass it.

    start + (limit - start) (1 - exp(-(c - start) / (limit - start))): slope 1 where it begins.
    """
    room = maximum(limit - start, 0.000001)
    bent = start + room * (1.0 - exp(0.0 - (c - start) / room))
    return select(c > start, bent, c)
