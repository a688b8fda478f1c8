"""What the start page offers: recent graphs, the show's templates, starters, and samples.

A `Card` is one offer. A recent graph and a sample are opened where they lie; of a template or a starter
a new, untitled document is made, whose relative paths count from where it will be saved.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray

from nodegraph.editor.preferences import Preferences
from nodegraph.editor.starters import STARTERS
from nodegraph.editor.thumbnails import recall
from nodegraph.errors import DocumentError
from nodegraph.graph import Graph, load
from nodegraph.graph.schema import Catalog

Kind = Literal["recent", "show", "starter", "sample"]

#: Files of a folder that are offered at most.
_MOST = 60
_SAMPLES = {
    "comp": ("Green screen demo", "keyed, relit and put before a rocket launch"),
    "key": ("Green screen key", "the plate and its keyer"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One offer. `path` is "" for a starter; `when` the file's last change, in seconds of `time.time`, or 0.

    `picture` is a thumbnail, (rows, columns, 3) bytes. `problem` says why opening it will show less than it should.
    """

    kind: Kind
    title: str
    subtitle: str
    path: str = ""
    when: float = 0.0
    problem: str = ""
    picture: NDArray[Any] | None = field(default=None, compare=False, repr=False)

    @property
    def untitled(self) -> bool:
        """Whether a new document is made of it."""
        return self.kind in ("show", "starter")


def cards(preferences: Preferences, thumbnails: str | os.PathLike[str] | None = None) -> list[Card]:
    """All offers, in the order of the page; `thumbnails` is their folder if not the usual one."""
    return [*recent(preferences, thumbnails), *show_templates(preferences), *starters(), *samples(thumbnails)]


def recent(preferences: Preferences, thumbnails: str | os.PathLike[str] | None = None) -> list[Card]:
    """The graphs that were open last and are still there, newest first."""
    found = preferences.recent_files()
    return [_file_card("recent", file, file.stem, _shortened(file.parent), thumbnails) for file in found]


def show_templates(preferences: Preferences) -> list[Card]:
    """The `.graph` files of the show's template folder, by name; none when it isn't there."""
    if not preferences.templates:
        return []
    folder = Path(preferences.templates).expanduser()
    return [_file_card("show", file, file.stem.replace("_", " "), folder.name) for file in _graphs(folder)]


def starters() -> list[Card]:
    """What comes with the editor to begin with."""
    return [Card("starter", starter.title, starter.subtitle) for starter in STARTERS]


def samples(
    thumbnails: str | os.PathLike[str] | None = None, folder: str | os.PathLike[str] | None = None
) -> list[Card]:
    """The repository's samples; an installed package has none."""
    place = Path(folder) if folder is not None else _sample_folder()
    made = (place / "media" / "sample.json").is_file()
    found = []
    for file in _graphs(place):
        title, subtitle = _SAMPLES.get(file.stem, (file.stem, "a sample"))
        problem = "" if made else "its clip isn't made yet: `nodegraph samples --build`"
        found.append(_file_card("sample", file, title, subtitle, thumbnails, problem))
    return found


def open_card(card: Card, catalog: Catalog) -> tuple[Graph, str]:
    """A card's document and its file; the file is "" for one that is new. DocumentError when it can't be opened."""
    if card.untitled:
        return template_document(card, catalog), ""
    return load(card.path, catalog), os.path.abspath(card.path)


def template_document(card: Card, catalog: Catalog) -> Graph:
    """A new document, with nothing to undo and no folder yet, of any card."""
    if card.kind != "starter":
        graph = load(card.path, catalog)
        graph.folder = ""
        return graph
    for starter in STARTERS:
        if starter.title == card.title:
            return starter.document(catalog)
    raise DocumentError("there is no such starter", where=card.title)


# -- files


def _graphs(folder: Path) -> list[Path]:
    """The graphs of a folder by name, hidden ones left out."""
    with suppress(OSError, ValueError):
        found = [f for f in folder.glob("*.graph") if f.is_file() and not f.name.startswith(".")]
        return sorted(found, key=lambda f: (f.name.casefold(), f.name))[:_MOST]
    return []


def _sample_folder() -> Path:
    import nodegraph

    return Path(nodegraph.__file__).resolve().parents[1] / "samples"


def _file_card(
    kind: Kind,
    file: Path,
    title: str,
    subtitle: str,
    thumbnails: str | os.PathLike[str] | None = None,
    problem: str = "",
) -> Card:
    when = 0.0
    with suppress(OSError):
        when = file.stat().st_mtime
    picture = None if kind == "show" else recall(file, thumbnails)
    return Card(kind, title, subtitle, str(file), when, problem, picture)


def _shortened(folder: Path) -> str:
    """A folder as a person writes it, their home as "~"."""
    home, text = os.path.expanduser("~"), str(folder)
    if text == home:
        return "~"
    return "~" + text[len(home) :] if len(home) > 1 and text.startswith(home + os.sep) else text
