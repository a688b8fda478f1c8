"""The first half of a layered layout (Sugiyama): a layer for every vertex, and an order within each.

Layers run left to right, links always to a later one. A link over several layers is cut into
segments by dummy vertices, which links from one port share as far as they run together.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

#: Sweeps of crossing reduction, and how many without a better order end it.
_SWEEPS, _PATIENCE = 24, 6
_SWAPS = 8


@dataclass(frozen=True, slots=True)
class Link:
    """From a port of `source`, `out` below its top, to a port of `target`, `into` below its top."""

    source: int
    target: int
    out: float
    into: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a link from one layer to the next. The longer the paths it is part of, the more it weighs."""

    a: int
    b: int
    out: float
    into: float
    weight: int


@dataclass(slots=True)
class Layered:
    """Vertices in layers. Those from `real` on are dummies, of no height."""

    heights: list[float]
    layer: list[int]
    real: int
    left: list[list[Segment]] = field(default_factory=list)  #: segments that arrive at a vertex
    right: list[list[Segment]] = field(default_factory=list)  #: segments that leave it
    order: list[list[int]] = field(default_factory=list)  #: each layer from top to bottom

    def positions(self) -> list[int]:
        """Every vertex's place in its layer."""
        place = [0] * len(self.layer)
        for layer in self.order:
            for k, v in enumerate(layer):
                place[v] = k
        return place


def layered(heights: Sequence[float], links: Sequence[Link]) -> Layered:
    """Layers and orders of an acyclic graph; what has no reason to be elsewhere keeps the order of its number."""
    layer = assign_layers(len(heights), links)
    plane = _with_dummies(heights, links, layer)
    plane.order = _first_order(plane)
    _reduce_crossings(plane)
    return plane


# -- layers


def assign_layers(count: int, links: Sequence[Link]) -> list[int]:
    """A layer for every vertex, by longest paths and with short links: beside what it feeds or is fed by."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for link in links:
        before[link.target].append(link.source)
        after[link.source].append(link.target)
    order = _topological(before, after)
    layer = [-d for d in _depths(reversed(order), after)]  # as late as can be
    for _ in range(4):
        moved = _settle(layer, order, before, after, 1)
        if not _settle(layer, list(reversed(order)), after, before, -1) and not moved:
            break
    first = min(layer, default=0)
    return [k - first for k in layer]


def _topological(before: list[list[int]], after: list[list[int]]) -> list[int]:
    waiting = [len(b) for b in before]
    order = [v for v, n in enumerate(waiting) if n == 0]
    for v in order:
        for w in after[v]:
            waiting[w] -= 1
            if waiting[w] == 0:
                order.append(w)
    return order


def _depths(order: Iterator[int], towards: list[list[int]]) -> list[int]:
    """Steps on the longest path from a vertex `towards` an end."""
    depth = [0] * len(towards)
    for v in order:
        depth[v] = max((depth[w] + 1 for w in towards[v]), default=0)
    return depth


def _settle(layer: list[int], order: list[int], near: list[list[int]], far: list[list[int]], sign: int) -> bool:
    """Move vertices, with all that lies beyond them, as near to what they hang on as can be.

    With sign 1 to the left, towards what feeds them; with -1 to the right.
    """
    changed = False
    for v in order:
        if not near[v] or any(sign * (layer[v] - layer[u]) == 1 for u in near[v]):
            continue
        moving = _reach(v, far)
        room = min(sign * (layer[w] - layer[u]) - 1 for w in moving for u in near[w] if u not in moving)
        if room > 0:
            changed = True
            for w in moving:
                layer[w] -= sign * room
    return changed


def _reach(v: int, along: list[list[int]]) -> dict[int, None]:
    found, todo = {v: None}, [v]
    while todo:
        for w in along[todo.pop()]:
            if w not in found:
                found[w] = None
                todo.append(w)
    return found


def _with_dummies(heights: Sequence[float], links: Sequence[Link], layer: list[int]) -> Layered:
    plane = Layered(list(heights), layer, len(heights))
    weights = _weights(len(heights), links)
    ends: dict[tuple[int, float], list[tuple[Link, int]]] = {}
    for link, weight in zip(links, weights, strict=True):
        ends.setdefault((link.source, link.out), []).append((link, weight))
    segments = [s for (source, out), group in ends.items() for s in _chain(plane, source, out, group)]
    plane.left = [[] for _ in plane.layer]
    plane.right = [[] for _ in plane.layer]
    for segment in sorted(segments, key=lambda s: (s.into, s.a)):
        plane.left[segment.b].append(segment)
    for segment in sorted(segments, key=lambda s: (s.out, s.b)):
        plane.right[segment.a].append(segment)
    return plane


def _weights(count: int, links: Sequence[Link]) -> list[int]:
    """Vertices on the longest path through each link."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for link in links:
        before[link.target].append(link.source)
        after[link.source].append(link.target)
    order = _topological(before, after)
    ahead, behind = _depths(reversed(order), after), _depths(iter(order), before)
    return [behind[link.source] + ahead[link.target] + 2 for link in links]


def _chain(plane: Layered, source: int, out: float, group: list[tuple[Link, int]]) -> Iterator[Segment]:
    """The segments of all links from one port: a trunk of dummies, and a branch to each target."""
    layer, last, level = plane.layer, source, plane.layer[source]
    for at in range(level + 1, max(layer[link.target] for link, _ in group) + 1):
        for link, weight in group:
            if layer[link.target] == at:
                yield Segment(last, link.target, out, link.into, weight)
        further = [weight for link, weight in group if layer[link.target] > at]
        if further:
            layer.append(at)
            plane.heights.append(0.0)
            yield Segment(last, len(layer) - 1, out, 0.0, max(further))
            last, out = len(layer) - 1, 0.0


# -- the order within a layer


def _first_order(plane: Layered) -> list[list[int]]:
    """As a walk from the right finds the vertices, upper ports first: without crossings for a tree."""
    order: list[list[int]] = [[] for _ in range(max(plane.layer, default=-1) + 1)]
    seen = [False] * len(plane.layer)
    todo = [v for v in reversed(range(len(plane.layer))) if not plane.right[v]]
    while todo:
        v = todo.pop()
        if not seen[v]:
            seen[v] = True
            order[plane.layer[v]].append(v)
            todo += [s.a for s in reversed(plane.left[v])]
    return order


def crossings(plane: Layered) -> int:
    """Crossings of segments, their ports taken into account."""
    place, total = plane.positions(), 0
    for layer in plane.order:
        segments = [s for v in layer for s in plane.right[v]]
        keys = sorted(((place[s.a], s.out), (place[s.b], s.into)) for s in segments)
        passed: list[tuple[int, float]] = []
        for _, end in keys:
            total += len(passed) - bisect_right(passed, end)
            insort(passed, end)
    return total


def _reduce_crossings(plane: Layered) -> None:
    """Barycentre sweeps both ways, then swaps of neighbours; the best order that was seen stays."""
    best, order, idle = crossings(plane), [list(layer) for layer in plane.order], 0
    for sweep in range(_SWEEPS):
        if best == 0 or idle == _PATIENCE:
            break
        _sweep(plane, rightwards=sweep % 2 == 0)
        found, idle = crossings(plane), idle + 1
        if found < best:
            best, order, idle = found, [list(layer) for layer in plane.order], 0
    plane.order = order
    if best:
        _swap_neighbours(plane)


def _sweep(plane: Layered, rightwards: bool) -> None:
    place = plane.positions()
    numbers = range(1, len(plane.order)) if rightwards else range(len(plane.order) - 2, -1, -1)
    for k in numbers:
        layer = plane.order[k]
        centre = {v: _barycentre(plane, place, v, rightwards) for v in layer}
        bound = sorted((v for v in layer if centre[v] is not None), key=lambda v: (centre[v], place[v]))
        free = iter(bound)
        plane.order[k] = [v if centre[v] is None else next(free) for v in layer]
        for at, v in enumerate(plane.order[k]):
            place[v] = at


def _barycentre(plane: Layered, place: list[int], v: int, rightwards: bool) -> float | None:
    """The mean place of the ports a vertex hangs on; None when it hangs on nothing."""
    segments = plane.left[v] if rightwards else plane.right[v]
    if not segments:
        return None
    if rightwards:
        ends = [place[s.a] + s.out / (plane.heights[s.a] or 1.0) for s in segments]
    else:
        ends = [place[s.b] + s.into / (plane.heights[s.b] or 1.0) for s in segments]
    return sum(ends) / len(ends)


def _swap_neighbours(plane: Layered) -> None:
    """Swap neighbours wherever that leaves fewer crossings."""
    place = plane.positions()
    for _ in range(_SWAPS):
        swapped = False
        for layer in plane.order:
            for k, (u, v) in enumerate(pairwise(list(layer))):
                if layer[k] != u:
                    u = layer[k]  # the one before was swapped with it
                if _between(plane, place, u, v) > _between(plane, place, v, u):
                    layer[k], layer[k + 1] = v, u
                    place[v], place[u] = k, k + 1
                    swapped = True
        if not swapped:
            return


def _between(plane: Layered, place: list[int], upper: int, lower: int) -> int:
    """Crossings of two neighbours' segments, with one above the other."""
    total = 0
    for above, below in (
        ([(place[s.a], s.out) for s in plane.left[upper]], [(place[s.a], s.out) for s in plane.left[lower]]),
        ([(place[s.b], s.into) for s in plane.right[upper]], [(place[s.b], s.into) for s in plane.right[lower]]),
    ):
        total += sum(a > b for a in above for b in below)
    return total
