"""The file browser without its window: where it is, what it shows, and what is chosen."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from nodegraph.editor.listing import KINDS, Entry, list_folder, matches, natural, of_kinds, suffix_of
from nodegraph.errors import DocumentError, MediaError
from nodegraph.media.sequences import find_sequence, is_pattern

SORTS = ("name", "size", "date")


class Bookmark(NamedTuple):
    name: str
    folder: Path


@dataclass
class Browser:
    """Shows one folder.

    `kinds` are those of `KINDS` to show. Each method that can fail says why in `notice` and
    leaves the browser where it was. With `saving`, `name` is the file name proposed. Listing a
    folder reads the state of each file in it.
    """

    folder: Path
    kinds: Collection[str] = ("all",)
    saving: bool = False
    name: str = ""
    text: str = ""  # typed, to narrow down
    hidden: bool = False
    folding: bool = True  # numbered pictures in one entry
    sort: str = "name"
    descending: bool = False
    selected: Entry | None = None
    notice: str = ""
    _listed: list[Entry] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        unknown = [k for k in self.kinds if k not in KINDS]
        if unknown or not self.kinds:
            raise DocumentError(f"there are no kinds of file {unknown}", hint=f"some of {', '.join(KINDS)}")
        asked = Path(os.path.abspath(self.folder))
        self.folder = next((p for p in (asked, *asked.parents) if os.path.isdir(p)), asked)
        self.refresh()
        if self.folder != asked and not self.notice:
            self.notice = f"{asked}: there is no such folder"

    # -- what it shows

    @property
    def entries(self) -> list[Entry]:
        """The lines to show: folders first."""
        shown = [e for e in self._listed if of_kinds(e, self.kinds) and matches(e, self.text)]
        shown.sort(key=lambda e: natural(e.name))
        if self.sort == "size":
            shown.sort(key=lambda e: e.size, reverse=self.descending)
        elif self.sort == "date":
            shown.sort(key=lambda e: e.when, reverse=self.descending)
        elif self.descending:
            shown.reverse()
        return sorted(shown, key=lambda e: not e.folder)

    def refresh(self) -> bool:
        """List the folder again; False, with the old list kept, when that can't be done."""
        return self._show(self.folder)

    def order(self, sort: str) -> None:
        """A click on a column's title: sort by it, or the other way round."""
        if sort not in SORTS:
            raise DocumentError(f"can't be sorted by {sort!r}", hint=f"one of {', '.join(SORTS)}")
        self.descending = not self.descending if sort == self.sort else sort != "name"
        self.sort = sort

    def show_hidden(self, on: bool) -> None:
        self.hidden = on
        self.refresh()

    def fold(self, on: bool) -> None:
        """Show numbered pictures as sequences, or each by itself."""
        self.folding = on
        self.refresh()

    # -- going about

    def up(self) -> bool:
        """To the folder around, the one left being selected."""
        left = self.folder
        if not self._show(left.parent):
            return False
        self.selected = next((e for e in self._listed if e.folder and e.name == left.name), None)
        return True

    def home(self) -> bool:
        return self._show(Path.home())

    def enter(self, entry: Entry) -> bool:
        """A double click: into a folder, or a file selected; True when a file is chosen by it."""
        if entry.folder:
            self._show(Path(entry.path))
            return False
        self.select(entry)
        return True

    def select(self, entry: Entry | None) -> None:
        """A click; when saving, a file's name is proposed."""
        self.selected = entry
        if self.saving and entry is not None and not entry.folder:
            self.name = entry.name

    def go(self, path: str) -> bool:
        """Where a typed or dropped path leads: into a folder, or to a file or sequence, selected.

        "~" and "$VARIABLES" are expanded, relative paths start here, quotes around are dropped.
        """
        typed = os.path.expandvars(os.path.expanduser(path.strip().strip("'\"")))
        if not typed:
            return self._refuse(path, "no path was typed")
        if "\0" in typed:
            return self._refuse(path.replace("\0", "?"), "isn't a path")
        target = Path(os.path.normpath(self.folder / typed))
        if os.path.isdir(target):
            return self._show(target)
        if self.saving and os.path.isdir(target.parent):
            self.name = target.name
            return self._show(target.parent)
        return self._show_file(target)

    def bookmarks(self, project: str | Path | None = None, recent: Iterable[str | Path] = ()) -> list[Bookmark]:
        """Home, the project's folder, the samples and the folders of recent files: those that are there."""
        samples = Path(__file__).parents[2] / "samples"
        places = [Bookmark("home", Path.home()), Bookmark("samples", samples)]
        if project:
            places.insert(1, Bookmark("project", Path(project)))
        places += [Bookmark(folder.name or str(folder), folder) for folder in (Path(p).parent for p in recent)]
        first: dict[Path, Bookmark] = {}
        for place in places:
            first.setdefault(place.folder, place)
        return [p for p in first.values() if os.path.isdir(p.folder)]

    # -- what is chosen

    def chosen(self) -> str | None:
        """The path chosen, as capture.read (or a file's writer) takes it; None when there is none yet."""
        if self.saving:
            return str(self.folder / self.file_name) if self.file_name else None
        return self.selected.path if self.selected is not None and not self.selected.folder else None

    @property
    def file_name(self) -> str:
        """When saving: the name typed, with the suffix of the kind where only one is possible."""
        name = self.name.strip()
        suffixes = {s for kind in self.kinds for s in KINDS[kind]}
        if not name.strip(".") or "/" in name or "\0" in name:
            return ""
        if len(suffixes) == 1 and "all" not in self.kinds and suffix_of(name) not in suffixes:
            name += next(iter(suffixes))
        return name

    def overwrites(self) -> int:
        """When saving: how many files are there already under the name chosen."""
        path = self.chosen() if self.saving else None
        if path is None:
            return 0
        if not is_pattern(path):
            return int(os.path.lexists(path))
        try:
            return len(find_sequence(path).frames)
        except (MediaError, OSError):
            return 0

    # -- inside

    def _show(self, folder: Path) -> bool:
        try:
            self._listed = list_folder(folder, hidden=self.hidden, folding=self.folding)
        except OSError as error:
            return self._refuse(str(folder), error.strerror or str(error))
        if folder != self.folder:
            self.text, self.selected = "", None
        elif self.selected is not None:
            self.selected = next((e for e in self._listed if e.path == self.selected.path), None)
        self.folder, self.notice = folder, ""
        return True

    def _show_file(self, target: Path) -> bool:
        """The folder of a file or sequence, with that selected."""
        try:
            listed = list_folder(target.parent, hidden=True, folding=self.folding)
        except OSError as error:
            return self._refuse(str(target), error.strerror or str(error))
        if is_pattern(str(target)):
            found = next((e for e in listed if e.frames and _same_pattern(e.path, str(target))), None)
        else:
            single = [e for e in listed if e.path == str(target)]
            found = (single or [_single(target)])[0] if os.path.isfile(target) else None
        if found is None:
            return self._refuse(str(target), "there is no such file or folder")
        if not self._show(target.parent):
            return False
        self.selected = found
        return True

    def _refuse(self, path: str, why: str) -> bool:
        self.notice = f"{path}: {why}"
        return False


def _single(file: Path) -> Entry:
    """A file that is listed as part of a sequence, by itself."""
    status = file.stat()
    return Entry(file.name, str(file), False, status.st_size, status.st_mtime)


def _same_pattern(listed: str, typed: str) -> bool:
    """Whether two spellings (%04d, ####) find the same frames."""
    try:
        return find_sequence(listed).frames == find_sequence(typed).frames
    except MediaError:
        return False
