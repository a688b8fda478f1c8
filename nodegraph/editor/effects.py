"""What a command does to what is shown: whether it cooks anything, and which nodes it changes, removes or renames."""

from __future__ import annotations

from nodegraph.graph import Batch, Command, RemoveNode, RenameNode, SetField, SetItem


def decorates(command: Command) -> bool:
    """Whether a command changes nothing that is cooked: positions, labels, backdrops, notes."""
    if isinstance(command, Batch):
        return all(decorates(part) for part in command.commands)
    if isinstance(command, SetField):
        return command.field in ("position", "label")
    return isinstance(command, SetItem) and command.section in ("backdrops", "notes")


def touched(command: Command) -> list[str]:
    """The nodes whose pictures a command may change."""
    if isinstance(command, Batch):
        return [node for part in command.commands for node in touched(part)]
    if isinstance(command, SetItem) and command.section == "settings":
        return [""]  # the whole document
    return [] if decorates(command) else [node] if (node := getattr(command, "node", "")) else []


def removed(command: Command) -> list[str]:
    if isinstance(command, Batch):
        return [node for part in command.commands for node in removed(part)]
    return [command.node] if isinstance(command, RemoveNode) else []


def renamed(command: Command) -> list[tuple[str, str]]:
    if isinstance(command, Batch):
        return [pair for part in command.commands for pair in renamed(part)]
    if not isinstance(command, RenameNode):
        return []
    around, slash, _ = command.node.rpartition("/")
    return [(command.node, f"{around}{slash}{command.name}")]
