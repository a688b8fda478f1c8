"""The compositor's grade."""

from nodegraph.kernels.shade import maximum, power, select
from nodegraph.node import Bool, Colour, V, pixel


@pixel("nodegraph.colour.grade", colour=True)
def grade(
    c: V,
    *,
    blackpoint: V = Colour((0, 0, 0, 0), soft=(-1, 1), help="This value becomes lift."),
    whitepoint: V = Colour((1, 1, 1, 1), soft=(0, 4), help="This value becomes gain."),
    lift: V = Colour((0, 0, 0, 0), soft=(-1, 1), help="What black becomes."),
    gain: V = Colour((1, 1, 1, 1), soft=(0, 4), help="What white becomes."),
    multiply: V = Colour((1, 1, 1, 1), soft=(0, 4), help="Everything times this."),
    offset: V = Colour((0, 0, 0, 0), soft=(-1, 1), help="Added to everything."),
    gamma: V = Colour((1, 1, 1, 1), 0.01, 100, soft=(0.2, 5), help="Bends the middle; above 1 is brighter."),
    black_clamp: V = Bool(False, help="No values below 0."),
) -> V:
    """Grade by black and white point, lift, gain, multiply, offset and gamma.

    out = (A c + B)^(1/gamma), A = multiply (gain - lift) / (whitepoint - blackpoint),
    B = offset + lift - A blackpoint: the formula of Nuke's Grade. Values at or below zero
    before gamma are left as they are.
    """
    scale = multiply * (gain - lift) / (whitepoint - blackpoint)
    x = scale * c + (offset + lift - scale * blackpoint)
    y = select(gamma == 1.0, x, select(x > 0.0, power(x, 1.0 / gamma), x))
    return select(black_clamp > 0.5, maximum(y, 0.0), y)
