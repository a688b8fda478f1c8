"""The shading language: what a pixel function may call.

A pixel function is ordinary Python over numbers, without branches or loops. NumPy runs it as
it stands, on whole rows: that is its readable definition, and tier 0. For the other tiers
the emitter pastes the function's source, and the source of what it calls, into a module of
its own: *primitives* come from `nodegraph.kernels.scalar`, which says the same for one
pixel, *composed* functions from here.

All arithmetic is float32. Two definitions are the same everywhere and worth knowing:
`minimum(a, b)` is `a if a < b else b` and `maximum(a, b)` is `a if a > b else b`, so a NaN in
the first place gives b; and `select` evaluates both sides.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

#: A number in a pixel function: a float for one pixel, an array in tier 0.
V = Any
RGB = tuple[V, V, V]
RGBA = tuple[V, V, V, V]
#: The value of the alpha channel, for a function that writes alpha alone.
Alpha = Annotated[Any, "alpha"]
#: A table of numbers (float32), read with `lookup` or `lookup3`.
Table = Any

PRIMITIVES = (
    "select",
    "minimum",
    "maximum",
    "absolute",
    "floor",
    "sqrt",
    "log2",
    "exp2",
    "power",
    "sin",
    "cos",
    "atan2",
    "lookup",
    "lookup3",
    "hash3",
    "blend",
)
COMPOSED = (
    "mix",
    "clamp",
    "saturate",
    "step",
    "smoothstep",
    "fract",
    "sign",
    "exp",
    "log",
    "dot",
    "luma",
    "hypot",
    "divide",
)

__all__ = ["RGB", "RGBA", "Alpha", "Table", "V", *PRIMITIVES, *COMPOSED]


# --- primitives, as NumPy has them ------------------------------------------------------


def select(condition: V, yes: V, no: V) -> V:
    """`yes` where the condition holds, else `no`."""
    if np.ndim(condition) == 0:  # of numbers alone: nothing to do for each pixel
        return yes if condition else no
    return np.where(condition, yes, no)


def minimum(a: V, b: V) -> V:
    return np.where(a < b, a, b)


def maximum(a: V, b: V) -> V:
    return np.where(a > b, a, b)


def absolute(x: V) -> V:
    return np.abs(x)


def floor(x: V) -> V:
    return np.floor(x)


def sqrt(x: V) -> V:
    """Square root; NaN below zero."""
    return np.sqrt(x)


def log2(x: V) -> V:
    """Base-2 logarithm: -inf at 0, NaN below. Subnormal numbers count as the smallest normal one."""
    return np.log2(x)


def exp2(x: V) -> V:
    """2**x; 0 below 2**-126.5, infinite from 2**127.5 on."""
    return np.exp2(x)


def power(x: V, y: V) -> V:
    """x**y for finite x > 0; 0 where x <= 0, as colour wants it; infinity and NaN stay."""
    if np.ndim(y) == 0 and y > 0:  # the common case in half the passes
        base = np.maximum(x, np.float32(0))
        return base if y == 1 else np.exp2(y * np.log2(base))
    positive = x > 0
    finite = np.exp2(y * np.log2(np.where(positive, x, 1)))
    return np.where(x < np.inf, np.where(positive, finite, 0), x)


def sin(x: V) -> V:
    """Sine of radians; meant for |x| up to 10,000."""
    return np.sin(x)


def cos(x: V) -> V:
    """Cosine of radians; meant for |x| up to 10,000."""
    return np.cos(x)


def atan2(y: V, x: V) -> V:
    """The angle of (x, y) in radians, -pi to pi; 0 at the origin."""
    return np.arctan2(y, x)


def lookup(table: Table, t: V) -> V:
    """A table over 0..1 read at t with linear interpolation; held beyond the ends."""
    last = table.size - 1
    t = maximum(np.asarray(t, np.float32), np.float32(0))
    position = minimum(t, np.float32(1)) * np.float32(last)
    below = np.minimum(position.astype(np.int32), last - 1)
    return table[below] + (table[below + 1] - table[below]) * (position - below)


def lookup3(table: Table, r: V, g: V, b: V) -> RGB:
    """A colour cube over 0..1 read with tetrahedral interpolation; held beyond the faces.

    `table` is flat, `(size, size, size, 3)` in C order with blue fastest.
    """
    size = round((table.size / 3) ** (1 / 3))
    cube = table.reshape(size, size, size, 3)
    points = [minimum(maximum(np.asarray(v, np.float32), np.float32(0)), np.float32(1)) * (size - 1) for v in (r, g, b)]
    base = [np.minimum(p.astype(np.int32), size - 2) for p in points]
    f = np.stack([p - i for p, i in zip(points, base, strict=True)], -1).astype(np.float32)
    order = np.argsort(-f, axis=-1, kind="stable")
    ranked = np.take_along_axis(f, order, -1)
    corner = np.stack(base, -1)
    result = cube[corner[..., 0], corner[..., 1], corner[..., 2]]
    value = result
    for rank in range(3):
        corner = corner + (np.arange(3) == order[..., rank : rank + 1])
        beyond = cube[corner[..., 0], corner[..., 1], corner[..., 2]]
        value = value + ranked[..., rank : rank + 1] * (beyond - result)
        result = beyond
    return value[..., 0], value[..., 1], value[..., 2]


def hash3(x: V, y: V, z: V) -> V:
    """A uniform random number in 0..1, the same for the same three whole numbers.

    Each is taken as its floor. PCG3D of Jarzynski and Olano, "Hash Functions for GPU
    Rendering", JCGT 9(3), 2020 (first component).
    """
    with np.errstate(over="ignore", invalid="ignore"):
        shape = np.broadcast_shapes(np.shape(x), np.shape(y), np.shape(z))
        u, v, w = (
            np.broadcast_to(np.floor(n).astype(np.int32), shape).astype(np.uint32) * np.uint32(1664525)
            + np.uint32(1013904223)
            for n in (x, y, z)
        )
        for _ in range(2):
            u = u + v * w
            v = v + w * u
            w = w + u * v
            if _ == 0:
                u, v, w = (n ^ (n >> np.uint32(16)) for n in (u, v, w))
    return (u >> np.uint32(8)).astype(np.float32) * np.float32(1 / (1 << 24))


def blend(old: V, new: V, amount: V) -> V:
    """`old` at 0 and `new` at 1, exactly, whatever the other holds; a mix between."""
    if np.ndim(amount) == 0 and not 0 < amount < 1:
        return new if amount >= 1 else old if amount <= 0 else old + (new - old) * amount
    return np.where(amount >= 1, new, np.where(amount <= 0, old, old + (new - old) * amount))


# --- composed: the same source on every tier --------------------------------------------


def mix(a: V, b: V, t: V) -> V:
    """a at t = 0, b at t = 1."""
    return a + (b - a) * t


def clamp(x: V, low: V, high: V) -> V:
    return minimum(maximum(x, low), high)


def saturate(x: V) -> V:
    return minimum(maximum(x, 0.0), 1.0)


def step(edge: V, x: V) -> V:
    """0 below the edge, 1 from it on."""
    return select(x < edge, 0.0, 1.0)


def smoothstep(low: V, high: V, x: V) -> V:
    """0 up to `low`, 1 from `high`, 3t^2 - 2t^3 between."""
    t = saturate((x - low) / (high - low))
    return t * t * (3.0 - 2.0 * t)


def fract(x: V) -> V:
    return x - floor(x)


def sign(x: V) -> V:
    return select(x < 0.0, -1.0, select(x > 0.0, 1.0, 0.0))


def exp(x: V) -> V:
    return exp2(x * 1.4426950408889634)


def log(x: V) -> V:
    """Natural logarithm."""
    return log2(x) * 0.6931471805599453


def dot(ax: V, ay: V, az: V, bx: V, by: V, bz: V) -> V:
    return ax * bx + ay * by + az * bz


def luma(r: V, g: V, b: V) -> V:
    """Relative luminance of scene-linear Rec. 709 (ITU-R BT.709-6)."""
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def hypot(x: V, y: V) -> V:
    return sqrt(x * x + y * y)


def divide(a: V, b: V) -> V:
    """a / b, and 0 where b is 0."""
    return select(b == 0.0, 0.0, a / select(b == 0.0, 1.0, b))
