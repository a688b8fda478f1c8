"""A parameter's components one by one: each a constant, an animation or an expression.

A scalar has one part, a vector or colour one per component. Paths are from the root of the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nodegraph.errors import DocumentError
from nodegraph.graph import Animation, Expression, Graph, Key, Node, Param
from nodegraph.graph.animation import Interp


def param_of(document: Graph, path: str, name: str) -> tuple[Graph, Node, Param]:
    """The graph and node at a path, and the node's parameter; DocumentError when there isn't one."""
    inside, node = document.locate(path)
    signature = inside.signature_of(node)
    if signature is None:
        raise DocumentError(f"its type {node.type!r} is missing", where=path, hint="install the pack it comes from")
    return inside, node, signature.param(name, path)


def is_set(document: Graph, path: str, name: str) -> bool:
    """Whether the node holds a value of its own for a parameter."""
    return name in document.node(path).params


def stored(document: Graph, path: str, name: str) -> Any:
    """What a parameter holds: a constant, an Animation, an Expression, or its default."""
    return document.get(f"{path}.{name}")


def split(param: Param, value: Any) -> list[Any]:
    """A stored value as its parts."""
    return list(value) if param.length > 1 else [value]


def join(param: Param, parts: Sequence[Any]) -> Any:
    """Parts as a value to store."""
    return list(parts) if param.length > 1 else parts[0]


def chosen(param: Param, component: int | None) -> range:
    """The components meant by one, or all of them by None; DocumentError when there is no such component."""
    if component is None:
        return range(param.length)
    if not 0 <= component < param.length:
        raise DocumentError(f"parameter {param.name!r} has no component {component}")
    return range(component, component + 1)


def key_at(part: Any, frame: float) -> Key | None:
    """The key of a part on a frame, if it has one."""
    if not isinstance(part, Animation):
        return None
    return next((key for key in part.keys if key.frame == frame), None)


def keyed(param: Param, part: Any, frame: float, value: float) -> Animation:
    """A part with a key on a frame. A key that is there keeps its shape; a new one goes on as the one before it."""
    if not isinstance(part, Animation):
        return Animation([Key(frame, float(value), usual(param))])
    key = key_at(part, frame)
    if key is not None:
        return part.with_key(replace(key, value=float(value)))
    before = [k.interp for k in part.keys if k.frame < frame]
    return part.with_key(Key(frame, float(value), before[-1] if before else part.keys[0].interp))


def unkeyed(param: Param, part: Animation, frame: float) -> Any:
    """A part without the key on a frame; after its last one it is the constant that it was."""
    if len(part.keys) > 1:
        return part.without_key(frame)
    return constant(param, part.keys[0].value)


def constant(param: Param, number: float) -> Any:
    """A number as a constant of a parameter's kind, within its range."""
    number = min(max(number, param.minimum), param.maximum)
    if param.kind == "bool":
        return number >= 0.5
    return round(number) if param.kind == "int" else float(number)


def usual(param: Param) -> Interp:
    """How a parameter runs from key to key when nobody said: switches stay until the next one."""
    return "hold" if param.kind == "bool" else "smooth"


def is_expression(part: Any) -> bool:
    return isinstance(part, Expression)
