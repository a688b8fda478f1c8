"""Roto shapes as a hand changes them: closed bezier outlines with points, tangents and keys.

The JSON text of `draw.roto` is read to plain dicts and written back; what isn't touched stays as it was.
Points are [x, y, in x, in y, out x, out y], tangents relative, in pixels from the bottom left.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from nodegraph.editor.geometry import Point, along
from nodegraph.errors import DocumentError

Knot = list[float]
Knots = list[Knot]
Curve = tuple[Point, Point, Point, Point]

#: Straight pieces an arc is measured in.
PIECES = 16


def read(text: str) -> list[dict[str, Any]]:
    """The shapes of a roto node; DocumentError when the text isn't a list of them."""
    try:
        shapes = json.loads(text or "[]")
        good = isinstance(shapes, list) and all(_is_shape(shape) for shape in shapes)
    except ValueError:
        good = False
    if not good:
        raise DocumentError("the shapes can't be read", hint='write [{"points": [[x, y], ...]}]')
    return list(shapes)


def write(shapes: list[dict[str, Any]]) -> str:
    return json.dumps(shapes, separators=(", ", ": "))


def knots_at(shape: dict[str, Any], frame: float) -> Knots:
    """A shape's points at a frame, straight between its keys."""
    if "keys" not in shape:
        return [_whole(p) for p in shape["points"]]
    keys = _sorted_keys(shape)
    before = [k for k in keys if k[0] <= frame]
    after = [k for k in keys if k[0] >= frame]
    if not before or not after or before[-1][0] == after[0][0]:
        return (before[-1] if before else after[0])[1]
    (t0, a), (t1, b) = before[-1], after[0]
    part = (frame - t0) / (t1 - t0)
    return [[p + (q - p) * part for p, q in zip(u, v, strict=True)] for u, v in zip(a, b, strict=True)]


def with_knots(shape: dict[str, Any], frame: float, knots: Knots) -> dict[str, Any]:
    """A shape with other points, keyed at the frame when it is animated."""
    stored = [_stored(knot) for knot in knots]
    if "keys" not in shape:
        return {**shape, "points": stored}
    kept = {name: points for name, points in shape["keys"].items() if float(name) != frame}
    return {**shape, "keys": {**kept, f"{frame:g}": stored}}


def keyed(shape: dict[str, Any], frame: float) -> dict[str, Any]:
    """A shape that is animated from here on, with a key at the frame."""
    if "keys" in shape:
        return with_knots(shape, frame, knots_at(shape, frame))
    rest = {name: value for name, value in shape.items() if name != "points"}
    return {**rest, "keys": {f"{frame:g}": shape["points"]}}


def everywhere(shape: dict[str, Any], change: Callable[[Knots], Knots]) -> dict[str, Any]:
    """A shape changed alike at all of its keys: their numbers of points must agree."""

    def changed(points: list[Any]) -> list[Any]:
        return [_stored(knot) for knot in change([_whole(p) for p in points])]

    if "keys" in shape:
        return {**shape, "keys": {name: changed(points) for name, points in shape["keys"].items()}}
    return {**shape, "points": changed(shape["points"])}


def arc(knots: Knots, k: int) -> Curve:
    """The cubic from point `k` to the one after it."""
    a, b = knots[k], knots[(k + 1) % len(knots)]
    return (a[0], a[1]), (a[0] + a[4], a[1] + a[5]), (b[0] + b[2], b[1] + b[3]), (b[0], b[1])


def outline(knots: Knots) -> list[Point]:
    """A closed outline as straight pieces."""
    return [point for k in range(len(knots)) for point in along(arc(knots, k), PIECES)[:-1]]


def nearest(knots: Knots, point: Point) -> tuple[float, int, float]:
    """How far a point is off the outline, in which arc it is nearest to it and where along that (0..1)."""
    found = (math.inf, 0, 0.0)
    for k in range(len(knots)):
        curve, low, high = arc(knots, k), 0.0, 1.0
        for _ in range(4):  # each time between the neighbours of the nearest
            ts = [low + (high - low) * i / PIECES for i in range(PIECES + 1)]
            best = min(ts, key=lambda t: math.dist(_on(curve, t), point))
            step = (high - low) / PIECES
            low, high = max(0.0, best - step), min(1.0, best + step)
        found = min(found, (math.dist(_on(curve, best), point), k, best))
    return found


def split(knots: Knots, k: int, t: float) -> Knots:
    """A point more in an arc; the outline stays the same (de Casteljau)."""
    p0, p1, p2, p3 = arc(knots, k)
    a, b, c = _mix(p0, p1, t), _mix(p1, p2, t), _mix(p2, p3, t)
    d, e = _mix(a, b, t), _mix(b, c, t)
    x, y = _mix(d, e, t)
    made = [list(knot) for knot in knots]
    after = (k + 1) % len(made)
    straight = not any(made[k][4:6]) and not any(made[after][2:4])
    new = [x, y, 0.0, 0.0, 0.0, 0.0] if straight else [x, y, d[0] - x, d[1] - y, e[0] - x, e[1] - y]
    if not straight:
        made[k][4:6] = a[0] - p0[0], a[1] - p0[1]
        made[after][2:4] = c[0] - p3[0], c[1] - p3[1]
    return [*made[: k + 1], new, *made[k + 1 :]]


def smoothed(knots: Knots, k: int) -> Knots:
    """A sharp point made round, along its neighbours; a round one made sharp."""
    made = [list(knot) for knot in knots]
    if any(made[k][2:6]):
        made[k][2:6] = 0.0, 0.0, 0.0, 0.0
        return made
    before, after = made[k - 1], made[(k + 1) % len(made)]
    dx, dy = (after[0] - before[0]) / 6, (after[1] - before[1]) / 6
    made[k][2:6] = -dx, -dy, dx, dy
    return made


def middle(knots: Knots) -> Point:
    return sum(p[0] for p in knots) / len(knots), sum(p[1] for p in knots) / len(knots)


def _on(curve: Curve, t: float) -> Point:
    u = 1 - t
    p, q, r, s = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = curve
    return p * ax + q * bx + r * cx + s * dx, p * ay + q * by + r * cy + s * dy


def _mix(a: Point, b: Point, t: float) -> Point:
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t


def _whole(point: list[float]) -> Knot:
    return [float(v) for v in point] + [0.0] * (6 - len(point))


def _stored(knot: Knot) -> list[float]:
    values = [round(v, 2) + 0.0 for v in knot]
    return values if any(values[2:]) else values[:2]


def _sorted_keys(shape: dict[str, Any]) -> list[tuple[float, Knots]]:
    return sorted(((float(name), [_whole(p) for p in points]) for name, points in shape["keys"].items()), key=_first)


def _first(key: tuple[float, Knots]) -> float:
    return key[0]


def _is_shape(shape: Any) -> bool:
    if not isinstance(shape, dict) or ("points" in shape) == ("keys" in shape):
        return False
    keys = shape["keys"] if "keys" in shape else {"1": shape["points"]}
    if not isinstance(keys, dict) or not keys or len({len(p) for p in keys.values() if isinstance(p, list)}) != 1:
        return False
    return all(
        _is_number(name) and isinstance(points, list) and all(_is_point(p) for p in points)
        for name, points in keys.items()
    )


def _is_point(point: Any) -> bool:
    if not isinstance(point, list) or len(point) not in (2, 6):
        return False
    return all(isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v) for v in point)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
