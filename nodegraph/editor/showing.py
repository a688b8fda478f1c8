"""Which nodes the parameter panel shows: the chosen one first, then those that are pinned."""

from __future__ import annotations

from nodegraph.graph import Batch, Command, Graph, RenameNode


class Shown:
    """Paths of nodes of a document. They follow when nodes are renamed; what is gone isn't shown."""

    def __init__(self, document: Graph) -> None:
        self.document = document
        self._front = ""
        self._pinned: list[str] = []
        document.history.listeners.append(self.follow)

    @property
    def nodes(self) -> list[str]:
        """The nodes to show, the chosen one first, then the pinned ones, newest first."""
        wanted = dict.fromkeys([self._front, *self._pinned])
        return [path for path in wanted if path and path in self.document]

    def show(self, path: str) -> None:
        """A node was chosen: it comes first, and the one that was there goes unless it is pinned."""
        self._front = path

    def pin(self, path: str, on: bool = True) -> None:
        """A pinned node stays when another is chosen."""
        if on and path not in self._pinned:
            self._pinned.insert(0, path)
        elif not on and path in self._pinned:
            self._pinned.remove(path)

    def pinned(self, path: str) -> bool:
        return path in self._pinned

    def close(self, path: str) -> None:
        """A node is shown no more, pinned or not."""
        self.pin(path, False)
        if self._front == path:
            self._front = ""

    def leave(self) -> None:
        """Stop following the document: the panel is closed."""
        if self.follow in self.document.history.listeners:
            self.document.history.listeners.remove(self.follow)

    def follow(self, command: Command) -> None:
        """Keep up with a command that was applied."""
        if isinstance(command, Batch):
            for part in command.commands:
                self.follow(part)
        elif isinstance(command, RenameNode):
            group, slash, _ = command.node.rpartition("/")
            new = group + slash + command.name
            self._front = _moved(self._front, command.node, new)
            self._pinned = [_moved(path, command.node, new) for path in self._pinned]


def _moved(path: str, old: str, new: str) -> str:
    """A path after the node `old` became `new`: its own, or that of a node inside it."""
    return new + path[len(old) :] if path == old or path.startswith(f"{old}/") else path
