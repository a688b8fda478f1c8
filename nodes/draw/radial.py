"""A soft ellipse."""

from nodegraph.graph.schema import Port
from nodegraph.kernels.shade import RGBA, V, hypot, maximum, saturate
from nodegraph.node import Colour, Float, Vec2, pixel


@pixel("nodegraph.draw.radial", inputs=(Port("bg", optional=True, help="The ellipse goes over it."),), label="radial")
def radial(
    bg_r: V,
    bg_g: V,
    bg_b: V,
    bg_a: V,
    x: V,
    y: V,
    *,
    centre: V = Vec2((960, 540), unit="px", soft=(0, 4000), help="From the bottom left."),
    radius: V = Vec2((400, 400), 0.01, unit="px", soft=(1, 2000), help="Half its width and height."),
    softness: V = Float(1, 0, 1, help="0 has a hard edge, 1 fades from the centre on."),
    colour: V = Colour((1, 1, 1, 1), help="Scene-linear, premultiplied."),
) -> RGBA:
    """An ellipse that fades towards its edge, over the picture if there is one: a vignette, a glow, a quick matte."""
    d = hypot((x - centre[0]) / radius[0], (y - centre[1]) / radius[1])
    # A hard edge is still as wide as a pixel.
    width = maximum(softness, 1.0 / maximum(radius[0], radius[1]))
    t = saturate((1.0 - d) / width)
    t = t * t * (3.0 - 2.0 * t)
    a = colour[3] * t
    return (
        colour[0] * t + bg_r * (1.0 - a),
        colour[1] * t + bg_g * (1.0 - a),
        colour[2] * t + bg_b * (1.0 - a),
        a + bg_a * (1.0 - a),
    )
