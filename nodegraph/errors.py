"""What can go wrong, said so that a person can act on it.

Every error belongs to a node, a file or a field and carries what was asked, what was
found and what to do. The command line prints `str(error)` as its one line; the exit
code is part of the class.
"""

from __future__ import annotations


class NodegraphError(Exception):
    """Base of all errors that are meant for a person.

    `where` names the node (`"comp/key"`), file or field the error belongs to; `hint` says
    what to do about it.
    """

    exit_code = 2

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def at(self, node: str) -> None:
        """Say which node it belongs to, unless one was named already."""
        if self.where is None:
            self.where = node

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text} ({self.hint})" if self.hint else text


class DocumentError(NodegraphError):
    """The document refuses a change or can't be read: a cycle, a wrong type, an unknown name."""


class MediaError(NodegraphError):
    """A picture, clip or colour config can't be read or written. `where` is the path."""

    exit_code = 1
    node: str | None = None

    def at(self, node: str) -> None:
        if self.node is None:
            self.node = node
            if not (self.where or "").startswith(node):
                self.where = f"{node}: {self.where}" if self.where else node


class CookError(NodegraphError):
    """A node failed while cooking. `where` is the node's path; the cause is chained."""

    exit_code = 1


class Cancelled(NodegraphError):
    """The cook was cancelled: nothing was delivered, nothing half-written."""

    exit_code = 130


def did_you_mean(name: str, known: object) -> str | None:
    """A hint naming the closest known names, or None."""
    from difflib import get_close_matches

    close = get_close_matches(name, [str(k) for k in known], n=3, cutoff=0.5)  # type: ignore[attr-defined]
    return f"did you mean {' or '.join(close)}?" if close else None
