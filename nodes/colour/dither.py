"""Noise that hides the steps of few bits."""

from nodegraph.kernels.shade import RGB, V, exp2, hash3
from nodegraph.node import Float, Int, pixel


def _triangular(x: V, y: V, z: V) -> V:
    """Two uniform numbers' difference: the error of what is rounded next doesn't depend on the picture."""
    return hash3(x, y, z) - hash3(x, y, z + 1.0)


@pixel("nodegraph.colour.dither", label="dither")
def dither(
    r: V,
    g: V,
    b: V,
    x: V,
    y: V,
    frame: V,
    *,
    bits: V = Int(8, 1, 16, help="Of what is written next: the noise is one of its steps to each side."),
    amount: V = Float(1, 0, 4, soft=(0, 2), help="1 takes banding away wholly."),
) -> RGB:
    """Add triangular noise of one code's size, other in every frame (Lipshitz and others, 1992).

    Belongs last, where values are as they are written: behind the display view or log node.
    """
    step = amount / (exp2(bits) - 1.0)
    z = frame * 8.0
    return (
        r + _triangular(x, y, z) * step,
        g + _triangular(x, y, z + 2.0) * step,
        b + _triangular(x, y, z + 4.0) * step,
    )
