"""From words to a world, phrase by phrase, and every step said aloud."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from nodegraph.values import World

from .words import BODIES, DEGREES, HEIGHTS, KEYS, NEUTRAL, NUMBERS, PHRASES, PLACES, SIDES, SILENT, STEPS, TINTS

_LONGEST = 4
_NEGATIONS = frozenset({"no", "not", "without", "never"})
_MORE, _LESS = (
    frozenset({"more", "bigger", "stronger", "additional"}),
    frozenset({"less", "fewer", "weaker", "smaller"}),
)
#: How far the sun goes from a storm that comes from a side.
_AWAY = 70.0


@dataclass(frozen=True)
class Effect:
    """What a phrase did: its words, a world's number, and what it became."""

    words: str
    field: str
    value: float | str

    def __str__(self) -> str:
        shown = f"{self.value:.3g}" if isinstance(self.value, float) else self.value
        return f"{self.words} -> {self.field} {shown}"


#: The phrase of the vocabulary that is nearest in meaning to a word, and how near, if any is.
Guess = Callable[[str], tuple[str, float] | None]


class _Reader:
    """Reads the words of one prompt from left to right."""

    def __init__(self, world: World, guess: Guess | None) -> None:
        self.world = world
        self.guess = guess
        self.effects: list[Effect] = []
        self.unknown: list[str] = []
        self.body = ""  # what was last spoken of that stands somewhere
        self.fresh()

    def fresh(self) -> None:
        """Forget what only counts for the next phrase."""
        self.degree, self.negated, self.change, self.number = 1.0, False, 0, 0.0
        self.prefix: list[str] = []

    def set(self, words: str, field: str, value: float | str) -> None:
        if field == "tint":
            self.world = self.world.with_(tint=TINTS[str(value)])
        else:
            self.world = self.world.with_(**{field: value})
            value = getattr(self.world, field)
        self.effects.append(Effect(" ".join([*self.prefix, words]), field, value))

    def phrase(self, words: str) -> bool:
        """Take in a phrase, if it is one."""
        if words in DEGREES and not (words in BODIES and self.number):
            return self.scaled(words, DEGREES[words])
        if words in _NEGATIONS or words in _MORE or words in _LESS:
            self.negated = self.negated or words in _NEGATIONS
            self.change = 1 if words in _MORE else -1 if words in _LESS else self.change
            self.prefix.append(words)
            return True
        if words in NUMBERS or re.fullmatch(r"-?\d+(\.\d+)?", words):
            self.number = NUMBERS[words] if words in NUMBERS else float(words)
            self.prefix.append(words)
            return True
        return self.meant(words)

    def scaled(self, words: str, degree: float) -> bool:
        self.degree *= degree
        self.prefix.append(words)
        return True

    def meant(self, words: str) -> bool:
        """A phrase that changes something."""
        if words in ("degrees", "degree", "deg") and self.number:
            self.prefix.append(words)
            if self.body in BODIES and BODIES[self.body][1]:
                self.set(f"{self.body} {words}", BODIES[self.body][1], self.number)
            return True
        if words in ("stop", "stops"):
            self.prefix.append(words)
            return True
        if words in STEPS:
            field, step = STEPS[words]
            by_stops = "stop" in " ".join(self.prefix) and field == "exposure" and self.number
            step = (1 if step > 0 else -1) * self.number if by_stops else step * self.degree
            self.set(words, field, getattr(self.world, field) + step)
        elif words in SIDES:
            self.stands(words)
        elif words in HEIGHTS:
            self.body = self.body or "sun"
            if BODIES[self.body][1]:
                self.set(f"{self.body} {words}", BODIES[self.body][1], HEIGHTS[words])
        elif words in ("higher", "lower"):
            self.body = self.body or "sun"
            field = BODIES[self.body][1] or "sun_elevation"
            step = 12.0 * self.degree * (1 if words == "higher" else -1)
            self.set(words, field, getattr(self.world, field) + step)
        elif words in PHRASES or words in BODIES:
            self.thing(words)
        else:
            return False
        self.fresh()
        return True

    def thing(self, words: str) -> None:
        """A phrase of the vocabulary, or something that stands somewhere."""
        if words in BODIES:
            self.body = words
            if BODIES[words][0] == "key_azimuth":
                self.key(words)
        if "moon" in words and words in PHRASES:
            self.body = "moon"
        if words in PHRASES:
            known = {effect.field for effect in self.effects}
            for field, target in PHRASES[words].items():
                if words not in PLACES or field == "ground" or field not in known:  # weather has the last word
                    self.apply(words, field, target)

    def key(self, words: str) -> None:
        """A key light is spoken of: it is there, with the warmth and strength that were said for it."""
        if self.negated:
            self.set(words, "key", 0.0)
            return
        self.set(words, "key", 1.0)
        if self.world.key_azimuth == 0.0:
            self.set(words, "key_azimuth", -125.0)
        if self.change:
            self.set(words, "key_stops", self.world.key_stops + self.change)

    def apply(self, words: str, field: str, target: float | str) -> None:
        if isinstance(target, str):
            if not self.negated:
                self.set(words, field, target)
            return
        neutral = NEUTRAL.get(field)
        now = float(getattr(self.world, field))
        if self.negated:
            if neutral is not None:
                self.set(words, field, neutral)
        elif self.change and neutral is not None:
            goal = neutral
            if self.change > 0:  # more never brings it back
                goal = max(target, now) if target > neutral else min(target, now)
            self.set(words, field, now + 0.5 * min(self.degree, 2.0) * (goal - now))
        elif neutral is not None and self.degree != 1:
            self.set(words, field, neutral + (target - neutral) * self.degree)
        else:
            self.set(words, field, target)

    def stands(self, words: str) -> None:
        """A side: of what was last spoken of, else of the key."""
        if not self.body:
            lamp = "moon" if self.world.sun_elevation < -6 and self.world.moon > 0 else "sun"
            self.body = lamp if "behind" in words or words.startswith("back") else "light"
            if self.body == "light":
                self.key(words)
        azimuth, _ = BODIES[self.body]
        seen, lit = SIDES[words]
        if azimuth == "storm":
            self.set(
                f"{self.body} {words}",
                "sun_azimuth",
                -_AWAY if seen > 20 else _AWAY if seen < -20 else self.world.sun_azimuth,
            )
        elif azimuth == "key_azimuth":
            self.set(f"{self.body} {words}", azimuth, lit)
        elif words in ("to the left", "to the right"):
            turn = (self.number or 30.0 * self.degree) * (1 if words == "to the right" else -1)
            self.set(f"{self.body} {words}", azimuth, (getattr(self.world, azimuth) + turn + 180) % 360 - 180)
        else:
            self.set(f"{self.body} {words}", azimuth, seen)


def understand(
    text: str, start: World | None = None, guess: Guess | None = None
) -> tuple[World, tuple[Effect, ...], tuple[str, ...]]:
    """The world that words make of another: what it becomes, what each phrase did, and the words not understood."""
    reader = _Reader(start or World(), guess)
    for clause in re.split(r"[,;.\n]+|\bthen\b|\bbut\b", text.lower()):
        tokens = re.findall(r"-?\d+(?:\.\d+)?|[a-zäöüéè]+", clause)
        reader.fresh()
        reader.body = reader.body if reader.body in ("sun", "moon") else ""
        _warm_key(reader, tokens)
        k = 0
        while k < len(tokens):
            k += _taken(reader, tokens, k)
        reader.fresh()
    return reader.world, tuple(reader.effects), tuple(dict.fromkeys(reader.unknown))


def _turned(reader: _Reader, tokens: list[str]) -> int:
    """ "30 degrees (to the) left": where a body stands, counted from straight ahead."""
    match = re.match(r"(\S+) deg(?:ree)?s? (to the )?(left|right)\b", " ".join(tokens))
    if match is None:
        return 0
    number = NUMBERS.get(match[1]) or (float(match[1]) if re.fullmatch(r"\d+(\.\d+)?", match[1]) else None)
    field = BODIES[reader.body or "sun"][0]
    if number is None or field == "storm":
        return 0
    side = number if match[3] == "right" else -number
    if field == "key_azimuth":  # a key stands before the actor
        side = (180 - number) * (1 if match[3] == "right" else -1)
    reader.set(f"{reader.body or 'sun'} {match[0]}", field, side)
    return len(match[0].split())


def _warm_key(reader: _Reader, tokens: list[str]) -> None:
    """Warm, cold, hard and bright just before a light are its own, not the world's."""
    for k, noun in enumerate(tokens):
        first = k
        while noun in ("key", "light") and first > 0 and tokens[first - 1] in KEYS:
            first -= 1
            field, value = KEYS[tokens[first]]
            reader.set(f"{tokens[first]} {noun}", field, value)
            tokens[first] = "the"
        if first < k and noun == "light":
            tokens[k] = "key"


def _taken(reader: _Reader, tokens: list[str], k: int) -> int:
    """Read the longest phrase at a place; how many words it has."""
    turned = _turned(reader, tokens[k : k + 5])
    if turned:
        return turned
    for length in range(min(_LONGEST, len(tokens) - k), 0, -1):
        words = " ".join(tokens[k : k + length])
        if (
            words == "light"
            and not (k and tokens[k - 1] in ("key", "the"))
            and k + 1 < len(tokens)
            and tokens[k + 1] in PHRASES
        ):
            reader.scaled("light", DEGREES["light"])
            return 1
        if words == "light" and reader.meant("light"):
            return 1
        if reader.phrase(words):
            return length
    word = tokens[k]
    if word in SILENT:
        return 1
    near = get_close_matches(word, _ONE_WORD, 1, 0.8) if len(word) >= 4 else []
    if near and reader.phrase(near[0]):
        return 1
    if not _guessed(reader, word):
        reader.unknown.append(word)
    return 1


def _guessed(reader: _Reader, word: str) -> bool:
    """Read a word as the phrase nearest to it in meaning."""
    meant = reader.guess(word) if reader.guess and len(word) >= 4 else None
    if meant is None:
        return False
    reader.prefix.append(f"{word} ~ ({meant[1]:.2f})")
    return reader.phrase(meant[0])


_ONE_WORD = [p for p in (*PHRASES, *STEPS, *BODIES, *SIDES, *HEIGHTS) if " " not in p and len(p) >= 4]
