"""Frame ranges in words: "1-48", "1-100x2" (every second), "1,5,10-20", "48-1" (backwards)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nodegraph.errors import NodegraphError

_PART = re.compile(r"(-?\d+)(?:-(-?\d+)(?:x(\d+))?)?")

#: More frames than anybody renders: a slip of the keyboard must not fill the memory.
LONGEST = 10_000_000


def parse_frames(text: str, where: str = "frames") -> list[int]:
    """The frames a range names, in order and without repeats; NodegraphError says what is wrong."""
    frames: dict[int, None] = {}
    for part in text.replace(" ", "").split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise NodegraphError(
                f"can't read {part or text!r} as frames", where=where, hint="write 1-48, 1-100x2 or 1,5,9"
            )
        first = int(match[1])
        last = first if match[2] is None else int(match[2])
        step = int(match[3] or 1)
        if not step or abs(last - first) // step > LONGEST:
            raise NodegraphError(f"{part!r} is no range to render", where=where, hint="write 1-48, 1-100x2 or 1,5,9")
        frames.update(dict.fromkeys(range(first, last + 1, step) if last >= first else range(first, last - 1, -step)))
    return list(frames)


def format_frames(frames: Sequence[int]) -> str:
    """The shortest words for frames in rising order: runs of a constant step become ranges."""
    parts: list[str] = []
    k = 0
    while k < len(frames):
        step = frames[k + 1] - frames[k] if k + 1 < len(frames) else 1
        end = k
        while end + 1 < len(frames) and frames[end + 1] - frames[end] == step:
            end += 1
        if step < 1 or end - k < (2 if step > 1 else 1):
            end = k
        run = f"{frames[k]}-{frames[end]}" if end > k else f"{frames[k]}"
        parts.append(f"{run}x{step}" if end > k and step > 1 else run)
        k = end + 1
    return ",".join(parts)


def brought_inside(at: int, first: int, last: int, how: str) -> int:
    """The frame of first..last that shows at another: "loop", "bounce", else the nearer end is held."""
    if first <= at <= last:
        return at
    count = last - first + 1
    if how == "loop":
        return first + (at - first) % count
    if how == "bounce":
        period = max(1, 2 * (count - 1))
        step = (at - first) % period
        return first + min(step, period - step)
    return first if at < first else last
