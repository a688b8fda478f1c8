"""A folder as the file browser shows it: folders, then files, numbered pictures folded into sequences."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from nodegraph.media.images import IMAGE_SUFFIXES
from nodegraph.media.sequences import Sequence, expand, fold
from nodegraph.media.video import VIDEO_SUFFIXES

#: What may be asked for, and the suffixes that it means; none means every file.
KINDS: dict[str, frozenset[str]] = {
    "pictures": IMAGE_SUFFIXES,
    "movies": VIDEO_SUFFIXES,
    "graphs": frozenset({".graph"}),
    "all": frozenset(),
}
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `path` as capture.read takes it, `size` in bytes and `when` (of `time.time`) of all its files.

    `frames` are a sequence's, rising; empty for a folder or a single file.
    """

    name: str
    path: str
    folder: bool = False
    size: int = 0
    when: float = 0.0
    frames: tuple[int, ...] = ()

    @property
    def missing(self) -> int:
        """How many frames lack between the first and the last."""
        return self.frames[-1] - self.frames[0] + 1 - len(self.frames) if self.frames else 0

    @property
    def label(self) -> str:
        """ "shot.%04d.exr 1001-1100 (2 missing)" for a sequence, else the name."""
        if not self.frames:
            return self.name
        gaps = f" ({self.missing} missing)" if self.missing else ""
        return f"{self.name} {self.frames[0]}-{self.frames[-1]}{gaps}"


def list_folder(folder: Path, *, hidden: bool = False, folding: bool = True) -> list[Entry]:
    """All of a folder in no order; OSError when it can't be listed.

    What is neither a folder nor a file (a link that leads nowhere, a socket) is left out.
    """
    folders, files = [], {}
    with os.scandir(folder) as scan:
        for item in scan:
            if item.name.startswith(".") and not hidden:
                continue
            try:
                status = item.stat()
                if item.is_dir():
                    folders.append(Entry(item.name, item.path, True, 0, status.st_mtime))
                elif item.is_file():
                    files[item.name] = Entry(item.name, item.path, False, status.st_size, status.st_mtime)
            except OSError:
                continue
    return folders + (_folded(folder, files) if folding else list(files.values()))


def _folded(folder: Path, files: dict[str, Entry]) -> list[Entry]:
    """Numbered pictures in one entry each; clips and documents stay what they are."""
    pictures = [name for name in files if suffix_of(name) in IMAGE_SUFFIXES]
    found = [entry for name, entry in files.items() if suffix_of(name) not in IMAGE_SUFFIXES]
    for sequence in fold(pictures):
        names = {expand(sequence.pattern, f): f for f in sequence.frames}
        if len(names) == 1 or any(name not in files for name in names):
            found += [files[name] for name in _names_of(sequence, files)]
            continue
        parts = [files[name] for name in names]
        found.append(
            Entry(
                sequence.pattern,
                str(folder / sequence.pattern),
                size=sum(p.size for p in parts),
                when=max(p.when for p in parts),
                frames=tuple(sorted(names.values())),
            )
        )
    return found


def _names_of(sequence: Sequence, files: Iterable[str]) -> list[str]:
    """The files that were folded into a sequence: a single one, or numbers written in several ways (1, 01)."""
    if sequence.pattern in files:
        return [sequence.pattern]
    before, _, after = re.sub(r"%0\d+d", "\0", sequence.pattern, count=1).partition("\0")
    return [n for n in files if re.fullmatch(f"{re.escape(before)}-?\\d+{re.escape(after)}", n)]


def suffix_of(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def of_kinds(entry: Entry, kinds: Collection[str]) -> bool:
    """Whether an entry is of one of the kinds; folders always are."""
    return entry.folder or any(k == "all" or suffix_of(entry.name) in KINDS[k] for k in kinds)


def matches(entry: Entry, text: str) -> bool:
    """Whether every word typed is in the name, in whatever case."""
    name = entry.name.casefold()
    return all(word in name for word in text.casefold().split())


def natural(name: str) -> list[tuple[int, int, str]]:
    """The key that puts v2 before v10, whatever the case."""
    parts = _DIGITS.split(name.casefold())
    return [(0, int(p), p) if i % 2 else (1, 0, p) for i, p in enumerate(parts) if p]


def human_size(size: int) -> str:
    """Bytes in the units of storage: "812 B", "4.2 MB"."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"
