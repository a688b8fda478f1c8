"""Exposure."""

from nodegraph.kernels.shade import exp2
from nodegraph.node import Float, V, pixel


@pixel("nodegraph.colour.exposure")
def exposure(
    c: V, *, stops: V = Float(0, -20, 20, unit="stops", soft=(-5, 5), help="One stop doubles the light.")
) -> V:
    """Brighten or darken by photographic stops: c * 2**stops."""
    return c * exp2(stops)
