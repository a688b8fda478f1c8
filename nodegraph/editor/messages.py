"""What went wrong, newest first, and where: for the message panel and for badges."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from nodegraph.errors import NodegraphError

Severity = Literal["error", "warning", "info"]

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


class Messages:
    """The messages of a session. Those that repeat are one, with a count."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._all: list[Message] = []  # newest last
        #: Grows with every change.
        self.revision = 0
        #: Errors since last read.
        self.unread = 0

    def post(self, what: NodegraphError | str, node: str | None = None, severity: Severity = "error") -> Message:
        """Add an error or a text."""
        if isinstance(what, NodegraphError):
            text, hint = what.message, what.hint or ""
            if what.where and what.where != node:
                text = f"{what.where}: {text}"
        else:
            text, hint = what, ""
        made = Message(severity, text, node or "", hint, self._clock())
        for k, old in enumerate(self._all):
            if (old.severity, old.text, old.node) == (made.severity, made.text, made.node):
                made = replace(made, count=old.count + 1)
                del self._all[k]
                break
        self._all.append(made)
        del self._all[:-_LIMIT]
        self.unread += severity == "error"
        self.revision += 1
        return made

    def resolve(self, node: str) -> None:
        """A node cooked: its errors are things of the past."""
        changed = False
        for k, old in enumerate(self._all):
            if old.node == node and old.severity == "error" and not old.gone:
                self._all[k] = replace(old, gone=True)
                changed = True
        self.revision += changed

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

    def read(self) -> None:
        self.unread = 0

    def clear(self) -> None:
        self._all.clear()
        self.unread = 0
        self.revision += 1
