"""The ASC's Color Decision List, version 1.2: slope, offset, power, saturation."""

from nodegraph.kernels.shade import RGB, V, clamp, luma, mix, power, select
from nodegraph.node import Bool, Colour, Float, pixel


def _sop(c: V, slope: V, offset: V, exponent: V, clamped: V) -> V:
    v = c * slope + offset
    v = select(clamped > 0.5, clamp(v, 0.0, 1.0), v)
    return select(v > 0.0, power(v, exponent), select(clamped > 0.5, 0.0, v))


@pixel("nodegraph.colour.cdl", label="ASC CDL", colour=True)
def cdl(
    r: V,
    g: V,
    b: V,
    *,
    slope: V = Colour((1, 1, 1), 0, 100, soft=(0, 2), help="Multiplies."),
    offset: V = Colour((0, 0, 0), -10, 10, soft=(-0.2, 0.2), help="Adds."),
    exponent: V = Colour((1, 1, 1), 0.01, 100, soft=(0.3, 3), label="power", help="Bends; above 1 is darker."),
    saturation: V = Float(1, 0, 10, soft=(0, 2), help="With BT.709's luma."),
    clamped: V = Bool(
        True, label="clamp", help="Hold values to 0..1, as the ASC says; without it light stays above 1."
    ),
) -> RGB:
    """out = (in * slope + offset)^power, then saturation: what travels between set and lab.

    CDLs belong to a working space, most often a log one: put it between two log nodes.
    """
    x = _sop(r, slope[0], offset[0], exponent[0], clamped)
    y = _sop(g, slope[1], offset[1], exponent[1], clamped)
    z = _sop(b, slope[2], offset[2], exponent[2], clamped)
    grey = luma(x, y, z)
    x = mix(grey, x, saturation)
    y = mix(grey, y, saturation)
    z = mix(grey, z, saturation)
    return (
        select(clamped > 0.5, clamp(x, 0.0, 1.0), x),
        select(clamped > 0.5, clamp(y, 0.0, 1.0), y),
        select(clamped > 0.5, clamp(z, 0.0, 1.0), z),
    )
