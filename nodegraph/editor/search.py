"""The node palette's search: by name, family, and what other tools call a node.

A hit is of one of a few ranks (the whole name, its beginning, the beginning of a word, ...), and a
rank counts for more than anything within it. Only where the better ranks leave room is a name also
found by letters scattered over it in order ("gsb": gaussian blur).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from nodegraph.editor.synonyms import FAMILIES, SYNONYMS
from nodegraph.graph.schema import Schema

Span = tuple[int, int]
Allowed = Callable[[Schema], bool]

#: Nodes used last that are remembered.
RECENT = 12


@dataclass(frozen=True, slots=True)
class Found:
    """A node type, why it was found, and which characters of `matched` did it, as (start, end)."""

    schema: Schema
    score: int
    matched: str
    spans: tuple[Span, ...] = ()


class _Kind(Enum):
    """What a term is to a node; what it scores as a whole, from its beginning, from the beginning of
    a word, from inside, as its words in any order, and as scattered letters. 0 doesn't count."""

    NAME = (1000, 800, 700, 500, 300, 200)
    SYNONYM = (900, 650, 550, 400, 250, 100)
    PATH = (1000, 600, 0, 0, 300, 0)
    ID = (1000, 0, 0, 0, 0, 0)
    FAMILY = (600, 600, 0, 0, 0, 0)


class _Term:
    """A name, and what is needed to search it: its letters in a row and where its words begin."""

    __slots__ = ("at", "heads", "kind", "letters", "mask", "starts", "text")

    def __init__(self, text: str, kind: _Kind) -> None:
        self.text, self.kind = text, kind
        self.at = tuple(k for k, c in enumerate(text) if c.isalnum())
        self.letters = "".join(_lower(text[k]) for k in self.at)
        self.starts = tuple(n for n, k in enumerate(self.at) if _begins_word(text, k))
        self.mask = _mask(self.letters)
        self.heads = _mask(self.letters[n] for n in self.starts)

    def closeness(self, query: str) -> int:
        """How much of the term was typed, in quarters: 0 to 40."""
        return 10 * (4 * len(query) // max(1, len(self.letters)))

    def start_of(self, letters: str) -> int | None:
        """Where these begin a word."""
        for n in self.starts:
            if self.letters.startswith(letters, n):
                return n
        return None

    def spans(self, places: Iterable[int]) -> tuple[Span, ...]:
        """Places among the letters as runs of characters of the text."""
        runs: list[Span] = []
        for k in sorted({self.at[n] for n in places}):
            if runs and runs[-1][1] == k:
                runs[-1] = (runs[-1][0], k + 1)
            else:
                runs.append((k, k + 1))
        return tuple(runs)


@dataclass(frozen=True, slots=True)
class _Query:
    letters: str
    words: tuple[str, ...]
    mask: int


@dataclass(frozen=True, slots=True)
class _Entry:
    schema: Schema
    terms: tuple[_Term, ...]  #: its own
    all: tuple[_Term, ...]  #: with its family's
    mask: int
    heads: int


class Palette:
    """Searches the node types of a catalog. `recent` are ids of those used before, the last one first."""

    def __init__(self, catalog: Mapping[str, Schema], recent: Iterable[str] = ()) -> None:
        families = {schema.family for schema in catalog.values()}
        terms = {f: tuple(_Term(t, _Kind.FAMILY) for t in (f, *FAMILIES.get(f, ())) if t) for f in families}
        self._entries = {id: _entry(schema, terms[schema.family]) for id, schema in catalog.items()}
        self._recent = list(dict.fromkeys(recent))[:RECENT]

    @property
    def recent(self) -> tuple[str, ...]:
        """Ids of the node types used last, the last one first; to be kept between sessions."""
        return tuple(self._recent)

    def used(self, id: str) -> None:
        """A node of this type was added."""
        self._recent = [id, *(other for other in self._recent if other != id)][:RECENT]

    def find(self, text: str, allowed: Allowed | None = None, limit: int = 12) -> list[Found]:
        """The best hits, best first. Nothing typed lists what was used last, then all by family."""
        limit = max(0, limit)
        if not text.strip():
            return self._all(allowed)[:limit]
        query = _query(text)
        if not query.letters:
            return []
        hits: dict[str, Found] = {}
        for search in (_direct, _scattered):
            for id, entry in self._entries.items():
                if id not in hits and (hit := search(entry, query)) and (allowed is None or allowed(entry.schema)):
                    hits[id] = hit
            if len(hits) >= limit:
                break
        place = {id: k for k, id in enumerate(self._recent)}
        order = sorted(
            hits.items(),
            key=lambda hit: (-hit[1].score, place.get(hit[0], RECENT), len(name_of(hit[1].schema)), hit[0]),
        )
        return [found for _, found in order[:limit]]

    def _all(self, allowed: Allowed | None) -> list[Found]:
        recent = [self._entries[id].schema for id in self._recent if id in self._entries]
        rest = sorted((e.schema for e in self._entries.values()), key=lambda s: (s.family, name_of(s).lower(), s.id))
        schemas = {schema.id: schema for schema in (*recent, *rest) if allowed is None or allowed(schema)}
        return [Found(schema, 0, name_of(schema)) for schema in schemas.values()]


def name_of(schema: Schema) -> str:
    """What a node type is called in lists."""
    return schema.label or schema.id.rpartition(".")[2].replace("_", " ")


def _entry(schema: Schema, family: tuple[_Term, ...]) -> _Entry:
    terms: dict[str, _Term] = {}
    for term in _terms(schema):
        terms.setdefault(term.letters, term)  # the first is the better kind
    own = tuple(terms.values())
    mask = heads = 0
    for term in (*own, *family):
        mask |= term.mask
        heads |= term.heads
    return _Entry(schema, own, (*own, *family), mask, heads)


def _terms(schema: Schema) -> Iterator[_Term]:
    name = name_of(schema)
    yield _Term(name, _Kind.NAME)
    yield _Term(schema.id.rpartition(".")[2].replace("_", " "), _Kind.NAME)
    for synonym in SYNONYMS.get(schema.id, ()):
        yield _Term(synonym, _Kind.SYNONYM)
    yield _Term(f"{schema.family} {schema.id.rpartition('.')[2].replace('_', ' ')}", _Kind.PATH)
    yield _Term(f"{schema.family} {name}", _Kind.PATH)
    yield _Term(schema.id, _Kind.ID)


def _query(text: str) -> _Query:
    words = "".join(_lower(c) if c.isalnum() else " " for c in text).split()
    letters = "".join(words)
    return _Query(letters, tuple(words), _mask(letters))


# -- matching


def _direct(entry: _Entry, query: _Query) -> Found | None:
    """The best of an entry's terms that has the query in one piece, or its words in any order."""
    if query.mask & ~(entry.mask if len(query.letters) > 1 else entry.heads):
        return None
    letters = query.letters
    best, found, places = 0, None, range(0)
    for term in entry.all:
        if letters in term.letters:
            score, at = _piece(term, letters)
            if score > best:
                best, found, places = score, term, range(at, at + len(letters))
    if found is not None:
        return Found(entry.schema, best, found.text, found.spans(places))
    return _any_order(entry, query) if len(query.words) > 1 else None


def _piece(term: _Term, letters: str) -> tuple[int, int]:
    """The score of a query that a term has in one piece, and where that begins; 0 when it doesn't count."""
    text = term.letters
    whole, beginning, word, inside, _, _ = term.kind.value
    at, score = 0, 0
    if text.startswith(letters):
        score = whole if len(letters) == len(text) else beginning
    elif word:
        start = term.start_of(letters)
        if start is not None:
            at, score = start, word
        elif len(letters) > 1:  # one letter is inside of nearly everything
            at, score = text.find(letters), inside
    return (score + term.closeness(letters) if score else 0), at


def _any_order(entry: _Entry, query: _Query) -> Found | None:
    """ "blur box": every word of the query begins a word of one term."""
    for term in entry.terms:
        places: list[int] = []
        for typed in query.words:
            start = term.start_of(typed)
            if start is None:
                break
            places += range(start, start + len(typed))
        else:
            if score := term.kind.value[4]:
                return Found(entry.schema, score + term.closeness(query.letters), term.text, term.spans(places))
    return None


def _scattered(entry: _Entry, query: _Query) -> Found | None:
    """The best of an entry's terms that has the query's letters in order, the first at a word's start."""
    letters = query.letters
    if len(letters) < 2 or query.mask & ~entry.mask:
        return None
    head, best, found, at = _mask(letters[0]), 0, None, None
    for term in entry.terms:
        base = term.kind.value[5]
        if not base or query.mask & ~term.mask or not term.heads & head:
            continue
        places = _places(term, letters)
        if places is not None and (score := base + _quality(term, places)) > best:
            best, found, at = score, term, places
    return Found(entry.schema, best, found.text, found.spans(at)) if found is not None and at is not None else None


def _places(term: _Term, letters: str) -> list[int] | None:
    """Where the letters lie in a term: next to one another or at words' starts wherever that can be."""
    text, latest, end = term.letters, [0] * len(letters), len(term.letters)
    for k in range(len(letters) - 1, -1, -1):  # the last place where the rest still fits behind
        end = latest[k] = text.rfind(letters[k], 0, end)
        if end < 0:
            return None
    places: list[int] = []
    for k, letter in enumerate(letters):
        near = places[-1] + 1 if places else 0
        if text[near] != letter:
            start = next((n for n in term.starts if near <= n <= latest[k] and text[n] == letter), None)
            if start is None and not places:
                return None
            near = text.find(letter, near) if start is None else start
        places.append(near)
    return places


def _quality(term: _Term, places: list[int]) -> int:
    """0 to 90: how many letters begin a word or follow the one before."""
    good = sum(n in term.starts or (k > 0 and places[k - 1] == n - 1) for k, n in enumerate(places))
    return 90 * good // len(places)


# -- letters


def _lower(c: str) -> str:
    low = c.lower()
    return low if len(low) == 1 else c


def _begins_word(text: str, k: int) -> bool:
    """After a gap, at a camel's hump ("FrameHold", "OCIODisplay"), at a number."""
    if k == 0 or not text[k - 1].isalnum():
        return True
    before, here, after = text[k - 1], text[k], text[k + 1 : k + 2]
    if here.isdigit():
        return not before.isdigit()
    return here.isupper() and (before.islower() or (after.islower() and before.isupper()))


def _mask(letters: Iterable[str]) -> int:
    """Which letters there are, folded into 64 bits: a quick no before a slow look."""
    mask = 0
    for c in letters:
        mask |= 1 << (ord(c) & 63)
    return mask
