"""From one colour to another along a line."""

from nodegraph.graph.schema import Port
from nodegraph.kernels.shade import RGBA, V, maximum, mix, saturate
from nodegraph.node import Colour, Float, Vec2, pixel


@pixel("nodegraph.draw.ramp", inputs=(Port("bg", optional=True, help="The ramp goes over it."),), label="ramp")
def ramp(
    bg_r: V,
    bg_g: V,
    bg_b: V,
    bg_a: V,
    x: V,
    y: V,
    *,
    start: V = Vec2((0, 0), unit="px", soft=(0, 4000), help="Where the first colour ends, from the bottom left."),
    end: V = Vec2((0, 1080), unit="px", soft=(0, 4000), help="Where the second one begins."),
    first: V = Colour((0, 0, 0, 0), help="Scene-linear, premultiplied."),
    second: V = Colour((1, 1, 1, 1), help="Scene-linear, premultiplied."),
    smooth: V = Float(0, 0, 1, help="0 is a straight line between the colours, 1 eases out of both."),
) -> RGBA:
    """A linear gradient between two points, over the picture if there is one."""
    dx = end[0] - start[0]
    dy = end[1] - start[1]
    t = saturate(((x - start[0]) * dx + (y - start[1]) * dy) / maximum(dx * dx + dy * dy, 0.000001))
    t = mix(t, t * t * (3.0 - 2.0 * t), smooth)
    a = mix(first[3], second[3], t)
    return (
        mix(first[0], second[0], t) + bg_r * (1.0 - a),
        mix(first[1], second[1], t) + bg_g * (1.0 - a),
        mix(first[2], second[2], t) + bg_b * (1.0 - a),
        a + bg_a * (1.0 - a),
    )
