"""A picture of one colour."""

from nodegraph.node import RGBA, Colour, V, pixel


@pixel("nodegraph.capture.constant", inputs=(), label="constant")
def constant(*, colour: V = Colour((0, 0, 0, 0), help="Scene-linear, premultiplied.")) -> RGBA:
    """Fill the project's format with one colour."""
    return colour[0], colour[1], colour[2], colour[3]
