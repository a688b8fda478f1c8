"""What went wrong, newest first, and where: for the message panel and for badges."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from nodegraph.errors import NodegraphError

Severity = Literal["error", "warning", "info"]
_Key = tuple[Severity, str, str]

_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Message:
    """One line. `node` is a path or "", `when` the time of the last of `count`; `gone` once its cause is."""

    severity: Severity
    text: str
    node: str = ""
    hint: str = ""
    when: float = 0.0
    count: int = 1
    gone: bool = False

    @property
    def key(self) -> _Key:
        """What repeats have in common."""
        return self.severity, self.text, self.node


class Messages:
    """The messages of a session. Those that repeat are one, with a count."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._all: list[Message] = []  # newest last
        #: Grows with every change.
        self.revision = 0
        self._unread: set[_Key] = set()

    def post(self, what: NodegraphError | str, node: str | None = None, severity: Severity = "error") -> Message:
        """Add an error or a text."""
        if isinstance(what, NodegraphError):
            text, hint = what.message, what.hint or ""
            place = (what.where or "").removeprefix(f"{node}: ")
            if place and place != node:
                text = f"{place}: {text}"
        else:
            text, hint = what, ""
        made = Message(severity, text, node or "", hint, self._clock())
        for k, old in enumerate(self._all):
            if old.key == made.key:
                made = replace(made, count=old.count + 1)
                del self._all[k]
                break
        self._all.append(made)
        del self._all[:-_LIMIT]
        if severity == "error":
            self._unread.add(made.key)
        self.revision += 1
        return made

    def resolve(self, node: str) -> None:
        """A node cooked, or is no more: its errors are things of the past."""
        changed = False
        for k, old in enumerate(self._all):
            if old.node == node and old.severity == "error" and not old.gone:
                self._all[k] = replace(old, gone=True)
                changed = True
        self.revision += changed

    def renamed(self, old: str, new: str) -> None:
        """A node has another path now, and with it all that is inside it."""
        for k, message in enumerate(self._all):
            if message.node == old or message.node.startswith(f"{old}/"):
                moved = self._all[k] = replace(message, node=new + message.node[len(old) :])
                if message.key in self._unread:
                    self._unread.remove(message.key)
                    self._unread.add(moved.key)
                self.revision += 1

    def lines(self, severity: Severity | None = None) -> list[Message]:
        """Newest first; of one severity if asked for."""
        return [m for m in reversed(self._all) if severity is None or m.severity == severity]

    def for_node(self, path: str) -> list[Message]:
        """What is still wrong with a node, newest first."""
        return [m for m in self.lines() if m.node == path and not m.gone]

    @property
    def errors(self) -> int:
        """Errors whose cause is still there."""
        return sum(m.severity == "error" and not m.gone for m in self._all)

    @property
    def unread(self) -> int:
        """Errors since last read; one that repeats is one."""
        return sum(m.key in self._unread for m in self._all)

    def read(self) -> None:
        self._unread.clear()

    def clear(self) -> None:
        self._all.clear()
        self._unread.clear()
        self.revision += 1
