"""More or less colour."""

from nodegraph.kernels.shade import RGB, V, luma, mix
from nodegraph.node import Float, pixel


@pixel("nodegraph.colour.saturation", colour=True)
def saturation(
    r: V,
    g: V,
    b: V,
    *,
    amount: V = Float(1, -10, 10, soft=(0, 2), help="0 is grey, 1 leaves it, 2 is twice the colour."),
) -> RGB:
    """Move colours away from, or towards, the grey of the same luminance (ITU-R BT.709 weights)."""
    y = luma(r, g, b)
    return mix(y, r, amount), mix(y, g, amount), mix(y, b, amount)
