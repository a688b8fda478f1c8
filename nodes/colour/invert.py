"""The negative."""

from nodegraph.kernels.shade import V
from nodegraph.node import Text, pixel


@pixel(
    "nodegraph.colour.invert",
    params={"channels": Text("all", shape=True, help='"all", "rgb", "rgba", "alpha", or names.')},
)
def invert(c: V) -> V:
    """1 - value: a matte's other side, a picture's negative."""
    return 1.0 - c
