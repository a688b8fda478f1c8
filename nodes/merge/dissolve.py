"""From one picture to another."""

from nodegraph.kernels.shade import blend
from nodegraph.node import Float, Text, V, pixel


@pixel(
    "nodegraph.merge.dissolve",
    inputs=("image", "other"),
    params={"channels": Text("all", shape=True, help='"all", "rgb", "rgba", "alpha", or names.')},
)
def dissolve(
    image_c: V,
    other_c: V,
    *,
    amount: V = Float(0, 0, 1, help="0 is the first picture, 1 the other."),
) -> V:
    """Cross-dissolve: image*(1-amount) + other*amount; exactly one of them at the ends."""
    return blend(image_c, other_c, amount)
