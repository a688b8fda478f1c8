"""The key map: which key does what, where. One of those that come with the editor, and what the user changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nodegraph.editor.actions import ACTIONS, SETS, Action, Place
from nodegraph.editor.keys import normalise
from nodegraph.errors import DocumentError, did_you_mean


@dataclass(frozen=True, slots=True)
class Conflict:
    """Actions of one place that share a key; the first is what the key does."""

    place: Place
    key: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the shortcut sheet and what stands under it."""

    title: str
    rows: tuple[Row, ...]


class Keymap:
    """A named set of keys with a user's changes. It doesn't change: `rebound` makes another.

    `overrides` maps actions to keys; an empty list leaves an action without. Where a user's key was
    another action's, the user's counts. DocumentError names an unknown set, action or key.
    """

    def __init__(self, base: str = "nuke", overrides: Mapping[str, Sequence[str]] | None = None) -> None:
        if base not in SETS:
            raise DocumentError(f"there is no key map {base!r}", hint="one of " + ", ".join(SETS))
        self.base = base
        self._own = {_known(name).name: _normal(name, keys) for name, keys in (overrides or {}).items()}
        shipped = {name: tuple(map(normalise, SETS[base][name])) for name in ACTIONS}
        self._keys = shipped | self._own
        self._actions: dict[tuple[str, str], list[str]] = {}
        for name in sorted(ACTIONS, key=lambda name: name not in self._own):
            for key in self._keys[name]:
                self._actions.setdefault((ACTIONS[name].place, key), []).append(name)

    @property
    def overrides(self) -> dict[str, list[str]]:
        """What the user changed, as preferences keep it."""
        return {name: list(keys) for name, keys in self._own.items()}

    def action(self, key: str, place: str) -> str | None:
        """What a key does in a panel: what it does there, else anywhere. None when nothing.

        `place` is any panel's name: one that has no keys of its own takes those of anywhere.
        """
        key = normalise(key)
        found = self._actions.get((place, key)) or self._actions.get(("anywhere", key))
        return found[0] if found else None

    def keys(self, action: str) -> tuple[str, ...]:
        """The keys of an action, the one to show in menus first."""
        return self._keys[_known(action).name]

    def conflicts(self) -> list[Conflict]:
        """Keys that two actions of one place want."""
        return [
            Conflict(ACTIONS[names[0]].place, key, tuple(names))
            for (_, key), names in self._actions.items()
            if len(names) > 1
        ]

    def rebound(self, action: str, keys: Sequence[str] | None) -> Keymap:
        """This key map with other keys for an action; None gives it its usual ones back."""
        _known(action)
        changed: dict[str, Sequence[str]] = {name: own for name, own in self._own.items() if name != action}
        if keys is not None:
            changed[action] = keys
        return Keymap(self.base, changed)

    def sheet(self) -> list[Section]:
        """What the shortcut sheet shows: all that has a key, by section."""
        sections: dict[str, dict[str, tuple[str, ...]]] = {}
        for action in ACTIONS.values():
            if keys := self._keys[action.name]:
                rows = sections.setdefault(action.section, {})
                title = action.line or action.title
                rows[title] = rows.get(title, ()) + keys
        return [
            Section(title, tuple(Row(line, keys) for line, keys in rows.items())) for title, rows in sections.items()
        ]


def _known(name: str) -> Action:
    if name not in ACTIONS:
        raise DocumentError(f"there is no action {name!r}", hint=did_you_mean(name, ACTIONS))
    return ACTIONS[name]


def _normal(action: str, keys: Sequence[str]) -> tuple[str, ...]:
    """A user's keys for an action, each once."""
    if isinstance(keys, str) or not isinstance(keys, Sequence) or not all(isinstance(key, str) for key in keys):
        raise DocumentError("wants a list of keys", where=action, hint='["Ctrl+Shift+X", "Tab"]; [] for none')
    try:
        return tuple(dict.fromkeys(map(normalise, keys)))
    except DocumentError as error:
        raise DocumentError(error.message, where=action, hint=error.hint) from None
