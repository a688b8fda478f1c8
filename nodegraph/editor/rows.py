"""A row of the parameter panel: what one parameter is at a frame, and where that comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from nodegraph.editor.parts import key_at, split
from nodegraph.errors import DocumentError
from nodegraph.graph import Animation, Expression, Graph, Node, Param
from nodegraph.graph.stored import same

State = Literal["default", "constant", "animated", "key here", "expression"]

#: The states in the order in which one speaks for a whole vector.
_TELLING: tuple[State, ...] = ("expression", "key here", "animated", "constant", "default")


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter of one node at a frame.

    `value` is in canonical form, None when an expression fails: `error` then says why. `states` and
    `expressions` (text, "" for none) have one item per component. `changed`: it isn't worth its
    default, or not at every frame. `held_by` is the exposed parameter of the group around that
    decides the value ("group.gain"), "" when the node decides itself.
    """

    node: str
    param: Param
    value: Any
    states: tuple[State, ...]
    expressions: tuple[str, ...]
    error: str = ""
    changed: bool = False
    held_by: str = ""

    @property
    def label(self) -> str:
        return self.param.label or self.param.name

    @property
    def help(self) -> str:
        return self.param.help

    @property
    def state(self) -> State:
        """The most telling state of its components."""
        return next(state for state in _TELLING if state in self.states)

    @property
    def expression(self) -> str:
        """The text of its (first) expression; "" when it has none."""
        return next((text for text in self.expressions if text), "")

    @property
    def settable(self) -> bool:
        """Whether a new value would count: some component is no expression, and no group decides it."""
        return not self.held_by and any(state != "expression" for state in self.states)


def read_row(graph: Graph, node: Node, param: Param, default: Any, frame: float) -> Row:
    """The row of a parameter of a node of `graph`; `default` is in canonical form."""
    held = node.params.get(param.name, default)
    own = param.name in node.params
    parts = split(param, held)
    error, value = "", None
    try:
        value = graph.value(node.name, param.name, frame)
    except DocumentError as refused:
        error = str(refused)
    return Row(
        graph.prefix + node.name,
        param,
        value,
        tuple(_state(part, frame, own) for part in parts),
        tuple(part.text if isinstance(part, Expression) else "" for part in parts),
        error,
        own and not same(held, default),
        holder(graph, node, param.name),
    )


def _state(part: Any, frame: float, own: bool) -> State:
    if isinstance(part, Expression):
        return "expression"
    if isinstance(part, Animation):
        return "animated" if key_at(part, frame) is None else "key here"
    return "constant" if own else "default"


def holder(graph: Graph, node: Node, param: str) -> str:
    """The exposed parameter of a group around that decides a parameter ("group.gain"); "" when none does."""
    group, outer = graph.owner, graph.parent
    if group is None or outer is None:
        return ""
    for name, target in group.exposed.items():
        if target == f"{node.name}.{param}":
            above = holder(outer, group, name)
            if above or name in group.params:
                return above or f"{outer.prefix}{group.name}.{name}"
    return ""
