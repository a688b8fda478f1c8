"""Numbered files: `shot.%04d.exr`, `shot.####.exr`, `shot.@@@@.exr`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nodegraph.errors import MediaError, did_you_mean
from nodegraph.values.ranges import format_frames

_PLACE = re.compile(r"%(0?)(\d*)d|(#+)|(@+)")
_NUMBER = re.compile(r"(-?\d+)(?=\D*$)")


@dataclass(frozen=True, slots=True)
class Sequence:
    """Files of one pattern (with `%0Nd`), and which frames there are, rising."""

    pattern: str
    frames: tuple[int, ...]

    @property
    def missing(self) -> tuple[int, ...]:
        have = set(self.frames)
        return tuple(f for f in range(self.frames[0], self.frames[-1] + 1) if f not in have)

    def __str__(self) -> str:
        return f"{self.pattern} {format_frames(self.frames)}"


def is_pattern(path: str) -> bool:
    """Whether a file's name has a place for the frame number."""
    return _PLACE.search(os.path.basename(path)) is not None


def expand(path: str, frame: int) -> str:
    """The file of a frame; a path without a place for it is every frame's."""
    folder, name = os.path.split(path)

    def number(match: re.Match[str]) -> str:
        width = int(match[2] or 0) if match[3] is None and match[4] is None else len(match[0])
        return f"{frame:0{width}d}" if width else str(frame)

    return os.path.join(folder, _PLACE.sub(number, name, count=1))


def find_sequence(path: str) -> Sequence:
    """The frames of a pattern that are on disk; MediaError if there are none."""
    folder = os.path.dirname(path) or "."
    try:
        changed = os.stat(folder).st_mtime_ns
    except OSError:
        raise MediaError("its folder doesn't exist", where=path) from None
    found = _frames(path, folder, changed)
    if not found:
        others = [s.pattern for s in fold(os.listdir(folder)) if len(s.frames) > 1]
        hint = did_you_mean(os.path.basename(path), others)
        raise MediaError("no frame of the sequence is there", where=path, hint=hint)
    return Sequence(path, found)


@lru_cache(maxsize=256)
def _frames(path: str, folder: str, changed: int) -> tuple[int, ...]:
    name = os.path.basename(path)
    place = _PLACE.search(name)
    if place is None:
        return ()
    before, after = re.escape(name[: place.start()]), re.escape(name[place.end() :])
    pattern = re.compile(f"{before}(-?\\d+){after}$")
    frames = {int(m[1]) for entry in os.listdir(folder) if (m := pattern.match(entry))}
    return tuple(sorted(f for f in frames if Path(expand(path, f)).exists()))


def fold(names: Iterable[str]) -> list[Sequence]:
    """A folder's names with numbered ones folded into sequences; a single file is its own pattern."""
    groups: dict[tuple[str, str], list[tuple[int, str]]] = {}
    alone: list[Sequence] = []
    for name in sorted(names):
        match = _NUMBER.search(name)
        if match is None:
            alone.append(Sequence(name, (0,)))
        else:
            key = (name[: match.start()], name[match.end() :])
            groups.setdefault(key, []).append((int(match[1]), match[1]))
    for (before, after), numbers in groups.items():
        if len(numbers) == 1:
            alone.append(Sequence(f"{before}{numbers[0][1]}{after}", (numbers[0][0],)))
            continue
        width = min(len(text) for _, text in numbers)
        alone.append(Sequence(f"{before}%0{width}d{after}", tuple(sorted(n for n, _ in numbers))))
    return sorted(alone, key=lambda s: s.pattern)
