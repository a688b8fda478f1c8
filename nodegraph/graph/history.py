"""Undo and redo."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nodegraph.errors import DocumentError
from nodegraph.graph.checks import check_expressions
from nodegraph.graph.commands import Batch, Command, SetParam

if TYPE_CHECKING:
    from nodegraph.graph.document import Graph


@dataclass(slots=True)
class _Step:
    """One step of undo: the command that takes it back."""

    label: str
    inverse: Command
    merge: str | None = None


class History:
    """The changes of a document, newest last.

    Listeners are called with every command applied, inverses included: the journal needs no
    more to follow. `limit` is how many steps can be undone.
    """

    def __init__(self, graph: Graph, limit: int = 1000) -> None:
        self._graph = graph
        self._undo: deque[_Step] = deque(maxlen=limit)
        self._redo: list[_Step] = []
        self._open: list[list[Command]] = []
        self.listeners: list[Callable[[Command], None]] = []

    @property
    def undo_label(self) -> str | None:
        """What `undo` would take back, in words; None when there is nothing."""
        return self._undo[-1].label if self._undo else None

    @property
    def redo_label(self) -> str | None:
        return self._redo[-1].label if self._redo else None

    def do(self, command: Command, *, label: str = "", merge: str | None = None) -> None:
        """Apply a command as a new step, or refuse it and change nothing.

        Successive commands with one `merge` key (a drag) that set the same things become one
        step; `settle` ends the drag. Inside `batch` all is one step anyhow.
        """
        inverse = command.apply(self._graph)
        try:
            for part in _params(command):
                check_expressions(self._graph, part.node, part.param)
        except DocumentError:
            inverse.apply(self._graph)
            raise
        for listener in self.listeners:
            listener(command)
        if self._open:
            self._open[-1].append(inverse)
        else:
            self._push(_Step(label or _label(command), inverse, merge))

    def _push(self, step: _Step) -> None:
        self._redo.clear()
        last = self._undo[-1] if self._undo else None
        if last is not None and step.merge is not None and step.merge == last.merge:
            news, olds = _targets(step.inverse), _targets(last.inverse)
            if news is not None and olds is not None and news <= olds:
                return  # the older inverse already takes all of it back
            step = _Step(last.label, Batch((step.inverse, last.inverse), last.label), step.merge)
            self._undo.pop()
        self._undo.append(step)

    def settle(self) -> None:
        """End a drag: the next command with its merge key is a step of its own."""
        if self._undo:
            self._undo[-1].merge = None

    @contextmanager
    def batch(self, label: str, *, merge: str | None = None) -> Iterator[None]:
        """All commands done inside are one step; when an error leaves the block, none was done."""
        self._open.append([])
        try:
            yield
        except BaseException:
            for inverse in reversed(self._open.pop()):
                self._replay(inverse)
            raise
        inverses = self._open.pop()
        if not inverses:
            return
        inverse = Batch(tuple(reversed(inverses)), label)
        if self._open:
            self._open[-1].append(inverse)
        else:
            self._push(_Step(label, inverse, merge))

    def undo(self) -> bool:
        """Take the newest step back; False when there is none."""
        return self._move(self._undo, self._redo)

    def redo(self) -> bool:
        """Do again what was undone last; False when there is nothing."""
        return self._move(self._redo, self._undo)

    def clear(self) -> None:
        """Forget all steps; the document stays as it is."""
        self._undo.clear()
        self._redo.clear()

    def _move(self, source: deque[_Step] | list[_Step], target: deque[_Step] | list[_Step]) -> bool:
        if self._open:
            raise DocumentError("can't undo inside a batch", hint="leave the batch first")
        if not source:
            return False
        step = source[-1]
        back = self._replay(step.inverse)  # what it refuses stays the newest step
        source.pop()
        target.append(_Step(step.label, back))
        return True

    def _replay(self, command: Command) -> Command:
        inverse = command.apply(self._graph)
        for listener in self.listeners:
            listener(command)
        return inverse


def _params(command: Command) -> Iterator[SetParam]:
    if isinstance(command, SetParam):
        yield command
    elif isinstance(command, Batch):
        for part in command.commands:
            yield from _params(part)


def _targets(command: Command) -> frozenset[tuple[str, ...]] | None:
    """What a command sets, or None when it does anything else too."""
    if not isinstance(command, Batch):
        return None if command.target is None else frozenset((command.target,))
    found: set[tuple[str, ...]] = set()
    for part in command.commands:
        targets = _targets(part)
        if targets is None:
            return None
        found |= targets
    return frozenset(found)


def _label(command: Command) -> str:
    if isinstance(command, Batch) and command.label:
        return command.label
    node = getattr(command, "node", "") or getattr(command, "name", "")
    param = getattr(command, "param", "") or getattr(command, "field", "")
    return " ".join(part for part in (command.verb.replace("_", " "), f"{node}.{param}" if param else node) if part)
