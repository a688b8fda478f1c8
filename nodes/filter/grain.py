"""Film grain and sensor noise."""

from nodegraph.kernels.shade import V, floor, hash3, maximum, mix, sqrt
from nodegraph.node import RGB, Colour, Float, Int, pixel


def _bell(x: V, y: V, z: V) -> V:
    """Random with mean 0 and variance 1: four uniform numbers added up (Irwin and Hall)."""
    return (
        hash3(x, y, z) + hash3(x, y, z + 1.0) + hash3(x, y, z + 2.0) + hash3(x, y, z + 3.0) - 2.0
    ) * 1.7320508075688772


def _grain(x: V, y: V, z: V, size: V) -> V:
    """Clumps about `size` pixels wide: bells on a grid, joined smoothly, their variance kept at 1."""
    u = x / size
    v = y / size
    i = floor(u)
    j = floor(v)
    s = u - i
    t = v - j
    s = s * s * (3.0 - 2.0 * s)
    t = t * t * (3.0 - 2.0 * t)
    a = (1.0 - s) * (1.0 - t)
    b = s * (1.0 - t)
    c = (1.0 - s) * t
    d = s * t
    mixed = a * _bell(i, j, z) + b * _bell(i + 1.0, j, z) + c * _bell(i, j + 1.0, z) + d * _bell(i + 1.0, j + 1.0, z)
    return mixed / sqrt(a * a + b * b + c * c + d * d)


def _grained(c: V, n: V, amount: V, response: V) -> V:
    return c + n * amount * mix(1.0, sqrt(maximum(c, 0.0)), response)


@pixel("nodegraph.filter.grain", label="grain", colour=True)
def grain(
    r: V,
    g: V,
    b: V,
    x: V,
    y: V,
    frame: V,
    *,
    amount: V = Colour((0.03, 0.025, 0.04), 0, 10, help="Standard deviation in red, green and blue, at white."),
    size: V = Colour(
        (1.6, 1.4, 2.0), 0.5, 50, unit="px", soft=(0.5, 6), help="Width of a grain in red, green and blue."
    ),
    response: V = Float(
        1, 0, 1, help="0 is the same in shadows and lights; 1 grows with the square root of light, as photons do."
    ),
    seed: V = Int(0, 0, 999, help="Another seed is other grain; the same seed and frame are always the same."),
) -> RGB:
    """Grain that differs from frame to frame, and is the same whenever a frame is made again."""
    x = x + seed * 8192.0
    z = frame * 16.0
    return (
        _grained(r, _grain(x, y, z, size[0]), amount[0], response),
        _grained(g, _grain(x, y, z + 4.0, size[1]), amount[1], response),
        _grained(b, _grain(x, y, z + 8.0, size[2]), amount[2], response),
    )
