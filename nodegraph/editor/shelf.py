"""A bar of widgets in three sections: left, in the middle, right. What doesn't fit goes, the least needed first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Between two items, and between sections, in pixels at scale 1.
APART, SECTIONS = 3.0, 16.0


@dataclass(frozen=True, slots=True)
class Slot:
    """One item: its name, width and section (0 left, 1 middle, 2 right). `rank`: needed more the higher; `before`
    is room beside the usual one."""

    name: str
    width: float
    section: int
    rank: int = 9
    before: float = 0.0


def arrange(slots: Sequence[Slot], width: float) -> dict[str, float]:
    """Where those that fit begin. The lowest rank goes first, and of one rank all together."""
    shown = list(slots)
    while len(ranks := {slot.rank for slot in shown}) > 1 and _whole(shown) > width:
        shown = [slot for slot in shown if slot.rank != min(ranks)]
    sizes = [_size([s for s in shown if s.section == n]) for n in range(3)]
    right = max(width - sizes[2], 0.0)
    left_end = sizes[0] + (SECTIONS if sizes[0] else 0.0)
    middle = max(left_end, min((width - sizes[1]) / 2, right - SECTIONS - sizes[1]))
    right = max(right, middle + sizes[1] + (SECTIONS if sizes[1] else 0.0))
    found: dict[str, float] = {}
    for section, start in enumerate((0.0, middle, right)):
        at = start
        for i, slot in enumerate(s for s in shown if s.section == section):
            at += slot.before if i else 0.0
            found[slot.name] = at
            at += slot.width + APART
    return found


def _size(slots: Sequence[Slot]) -> float:
    return sum(s.width + APART for s in slots) + sum(s.before for s in slots[1:]) - (APART if slots else 0.0)


def _whole(slots: Sequence[Slot]) -> float:
    sizes = [_size([s for s in slots if s.section == n]) for n in range(3)]
    full = [size for size in sizes if size]
    return sum(full) + SECTIONS * (len(full) - 1)
