"""Test pictures."""

from nodegraph.kernels.shade import (
    RGBA,
    V,
    absolute,
    atan2,
    cos,
    floor,
    fract,
    hash3,
    hypot,
    minimum,
    mix,
    saturate,
    select,
    step,
)
from nodegraph.node import Choice, Float, pixel

_PATTERNS = ("bars", "ramp", "checker", "grid", "zone plate", "noise", "colour wheel")
_LEVEL = Float(1, 0, 100, soft=(0, 2), help="Scene-linear white; 0.75 makes the usual bars.")
_SIZE = Float(64, 1, 4096, unit="px", soft=(8, 256), help="Of a square of the checker and the grid.")
TAU = 6.283185307179586


def bars(x: V, width: V, *, level: V = _LEVEL) -> RGBA:
    """White, yellow, cyan, green, magenta, red, blue, black: EBU Tech 3206's order."""
    bar = floor(x / width * 8.0)
    r = select(fract(bar / 4.0) < 0.5, 1.0, 0.0)
    g = select(bar < 4.0, 1.0, 0.0)
    b = select(fract(bar / 2.0) < 0.5, 1.0, 0.0)
    return r * level, g * level, b * level, 1.0


def ramp(x: V, width: V, *, level: V = _LEVEL) -> RGBA:
    v = x / width * level
    return v, v, v, 1.0


def checker(x: V, y: V, *, level: V = _LEVEL, size: V = _SIZE) -> RGBA:
    v = select(fract((floor(x / size) + floor(y / size)) * 0.5) < 0.25, 0.18, 1.0) * level
    return v, v, v, 1.0


def grid(x: V, y: V, width: V, height: V, *, level: V = _LEVEL, size: V = _SIZE) -> RGBA:
    """Lines two pixels wide, those through the middle red and green."""
    u = absolute(x - width * 0.5)
    v = absolute(y - height * 0.5)
    near = (
        minimum(minimum(fract(u / size), 1.0 - fract(u / size)), minimum(fract(v / size), 1.0 - fract(v / size))) * size
    )
    line = 1.0 - step(1.0, near)
    across = saturate(1.0 - step(1.0, v))
    down = saturate(1.0 - step(1.0, u))
    base = 0.02 + line * 0.4
    return (
        level * select(down > 0.5, 0.0, select(across > 0.5, 1.0, base)),
        level * select(down > 0.5, 1.0, select(across > 0.5, 0.0, base)),
        level * select(down + across > 0.5, 0.0, base),
        1.0,
    )


def zone_plate(x: V, y: V, width: V, height: V, *, level: V = _LEVEL) -> RGBA:
    """Rings that reach the finest a picture can hold at its left and right edges."""
    u = x - width * 0.5
    v = y - height * 0.5
    # The phase's slope at the edge, pi radians a pixel, is the limit; taken modulo a turn for precision.
    turns = fract((u * u + v * v) / (2.0 * width))
    c = (0.5 + 0.5 * cos(turns * TAU)) * level
    return c, c, c, 1.0


def noise(x: V, y: V, frame: V, *, level: V = _LEVEL) -> RGBA:
    """Every pixel and channel by itself, other in every frame."""
    z = frame * 4.0
    return hash3(x, y, z) * level, hash3(x, y, z + 1.0) * level, hash3(x, y, z + 2.0) * level, 1.0


def _hue(turn: V, shift: V) -> V:
    return saturate(absolute(fract(turn + shift) * 6.0 - 3.0) - 1.0)


def colour_wheel(x: V, y: V, width: V, height: V, *, level: V = _LEVEL) -> RGBA:
    """Hue around, saturation from the middle out; black outside."""
    u = (x - width * 0.5) / (height * 0.48)
    v = (y - height * 0.5) / (height * 0.48)
    distance = hypot(u, v)
    turn = atan2(v, u) / TAU
    inside = saturate((1.0 - distance) * height * 0.48 + 0.5) * level
    return (
        mix(1.0, _hue(turn, 0.0), saturate(distance)) * inside,
        mix(1.0, _hue(turn, 0.6666666666666667), saturate(distance)) * inside,
        mix(1.0, _hue(turn, 0.3333333333333333), saturate(distance)) * inside,
        1.0,
    )


pattern = pixel(
    "nodegraph.capture.pattern",
    inputs=(),
    label="pattern",
    by="pattern",
    cases=dict(zip(_PATTERNS, (bars, ramp, checker, grid, zone_plate, noise, colour_wheel), strict=True)),
    params={"pattern": Choice("bars", _PATTERNS, help="Which picture.")},
    doc="""Test pictures: colour bars, a ramp, a checker, a grid, a zone plate, noise, a colour wheel.

    For a running timecode put draw.text with {timecode} over it.

    The zone plate shows what a filter does to every frequency: where rings come up that
    weren't there, it lets through what the picture can't hold.
    """,
)(None)
