"""The second half of a layered layout: how high each vertex lies, so that paths run level.

Vertices whose ports shall be level are made one block: long links first, since a wire is drawn
straight from port to port and would else run under nodes, then the longest paths, and never two
that cross (after Brandes and Köpf, 2002). Blocks are then moved
as a whole towards what they are linked to, those that touch together (Sander's pendulum, 1996).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import pairwise

from nodegraph.editor.layering import Layered, Segment

_ROUNDS, _DAMPING, _TOUCH = 60, 0.7, 0.01


@dataclass(slots=True)
class _Blocks:
    """Which block each vertex is of and how far below the block's zero; what blocks keep from one another."""

    of: list[int]
    offset: list[float]
    y: list[float]
    #: (upper block, lower block): the least difference of their y.
    apart: dict[tuple[int, int], float] = field(default_factory=dict)


def heights_of(plane: Layered, gap: float, wire_gap: float) -> list[float]:
    """The y of every vertex's top: `gap` between neighbours of a layer, `wire_gap` beside a dummy."""
    blocks = _blocks(plane)
    _keep_apart(plane, blocks, gap, wire_gap)
    _drop(blocks)
    _swing(blocks, [s for segments in plane.right for s in segments if blocks.of[s.a] != blocks.of[s.b]])
    return [round(blocks.y[b], 1) + offset for b, offset in zip(blocks.of, blocks.offset, strict=True)]


def _blocks(plane: Layered) -> _Blocks:
    of, offset, count = [-1] * len(plane.layer), [0.0] * len(plane.layer), 0
    level = {s.b: s for s in _level_segments(plane)}
    for layer in plane.order:
        for v in layer:
            segment = level.get(v)
            if segment is None:
                of[v], count = count, count + 1
            else:
                of[v] = of[segment.a]
                offset[v] = offset[segment.a] + segment.out - segment.into
    return _Blocks(of, offset, [0.0] * count)


def _level_segments(plane: Layered) -> list[Segment]:
    """Segments to be level: at most one on each side of a vertex, none crossing another."""
    place, real = plane.positions(), plane.real
    found: list[Segment] = []
    for layer in plane.order:
        segments = [s for v in layer for s in plane.right[v]]
        segments.sort(key=lambda s: ((s.a < real) + (s.b < real), -s.weight, s.into, place[s.a], place[s.b]))
        starts: list[int] = []
        ends: list[int] = []
        for s in segments:
            a, b = place[s.a], place[s.b]
            k = bisect_left(starts, a)
            if (k == len(starts) or (starts[k] != a and ends[k] > b)) and (k == 0 or ends[k - 1] < b):
                starts.insert(k, a)
                ends.insert(k, b)
                found.append(s)
    return found


def _keep_apart(plane: Layered, blocks: _Blocks, gap: float, wire_gap: float) -> None:
    for layer in plane.order:
        for u, v in pairwise(layer):
            space = gap if u < plane.real and v < plane.real else wire_gap
            pair = blocks.of[u], blocks.of[v]
            least = blocks.offset[u] + plane.heights[u] + space - blocks.offset[v]
            blocks.apart[pair] = max(least, blocks.apart.get(pair, least))


def _drop(blocks: _Blocks) -> None:
    """Every block as high as those above it allow."""
    below: dict[int, list[tuple[int, float]]] = {}
    waiting = [0] * len(blocks.y)
    for (upper, lower), least in blocks.apart.items():
        below.setdefault(upper, []).append((lower, least))
        waiting[lower] += 1
    todo = [b for b, n in enumerate(waiting) if n == 0]
    for b in todo:
        for lower, least in below.get(b, ()):
            blocks.y[lower] = max(blocks.y[lower], blocks.y[b] + least)
            waiting[lower] -= 1
            if waiting[lower] == 0:
                todo.append(lower)


def _swing(blocks: _Blocks, links: list[Segment]) -> None:
    """Move blocks towards the mean of what they are linked to, until nothing moves much."""
    count = len(blocks.y)
    above: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    below: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for (upper, lower), least in blocks.apart.items():
        above[lower].append((upper, least))
        below[upper].append((lower, least))
    pulls = [(blocks.of[s.a], blocks.of[s.b], blocks.offset[s.a] + s.out - blocks.offset[s.b] - s.into) for s in links]
    for _ in range(_ROUNDS):
        groups = _groups(blocks, pulls)
        moved = 0.0
        for members, wish in groups:
            moved = max(moved, _move(blocks, members, _DAMPING * wish, above, below))
        if moved < 0.1:
            return


def _groups(blocks: _Blocks, pulls: list[tuple[int, int, float]]) -> list[tuple[list[int], float]]:
    """Blocks that touch and press on one another, as one; each with how far it wants to go down."""
    count, y = len(blocks.y), blocks.y
    force, weight, root = [0.0] * count, [0] * count, list(range(count))
    for a, b, offset in pulls:
        pull = y[a] + offset - y[b]
        force[a], force[b] = force[a] - pull, force[b] + pull
        weight[a], weight[b] = weight[a] + 1, weight[b] + 1
    touching = [pair for pair, least in blocks.apart.items() if y[pair[1]] - y[pair[0]] - least < _TOUCH]
    pressed = True
    while pressed:
        pressed = False
        for upper, lower in touching:
            a, b = _root(root, upper), _root(root, lower)
            if a != b and force[a] * max(1, weight[b]) > force[b] * max(1, weight[a]):
                root[b] = a
                force[a], weight[a] = force[a] + force[b], weight[a] + weight[b]
                pressed = True
    groups: dict[int, list[int]] = {}
    for block in range(count):
        groups.setdefault(_root(root, block), []).append(block)
    return [(members, force[r] / max(1, weight[r])) for r, members in groups.items()]


def _root(root: list[int], k: int) -> int:
    while root[k] != k:
        root[k] = root[root[k]]
        k = root[k]
    return k


_Sides = list[list[tuple[int, float]]]


def _move(blocks: _Blocks, members: list[int], wish: float, above: _Sides, below: _Sides) -> float:
    """Move a group by what it wishes, no further than its neighbours allow; how far it went."""
    y, inside = blocks.y, set(members)
    if wish > 0:
        room = min((y[o] - y[m] - d for m in members for o, d in below[m] if o not in inside), default=wish)
        step = max(0.0, min(wish, room))
    else:
        room = min((y[m] - y[o] - d for m in members for o, d in above[m] if o not in inside), default=-wish)
        step = -max(0.0, min(-wish, room))
    for m in members:
        y[m] += step
    return abs(step)
