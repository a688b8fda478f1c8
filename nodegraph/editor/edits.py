"""Edits of one parameter, each one command. Paths are from the root; all raise DocumentError when refused."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from nodegraph.editor import typed
from nodegraph.editor.parts import (
    chosen,
    constant,
    is_expression,
    join,
    key_at,
    keyed,
    param_of,
    split,
    stored,
    unkeyed,
)
from nodegraph.errors import DocumentError
from nodegraph.graph import Animation, Expression, Graph, Param, ResetParam, SetParam, parse_value
from nodegraph.graph.stored import same, store


def value_at(document: Graph, path: str, name: str, frame: float) -> Any:
    inside, node = document.locate(path)
    return inside.value(node.name, name, frame)


def numeric(param: Param) -> bool:
    """Whether it is typed as arithmetic."""
    return param.animatable and param.kind != "bool"


def put(document: Graph, path: str, param: Param, parts: list[Any], label: str, merge: str | None = None) -> None:
    """Store parts, unless they are what is there already."""
    value = store(param, join(param, parts), path)
    old = document.node(path).params.get(param.name)
    if old is None or not same(value, old):
        document.do(SetParam(path, param.name, value), label=f"{label} {path}.{param.name}", merge=merge)


def fitted(param: Param, value: Any) -> Any:
    """A value from a drag, brought into the hard range and to whole numbers where they must be."""
    if isinstance(value, (list, tuple)):
        return [fitted(param, v) for v in value]
    if not numeric(param) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return value
    return constant(param, value)


def change(
    document: Graph,
    path: str,
    name: str,
    value: Any,
    frame: float,
    component: int | None = None,
    *,
    merge: str | None = None,
    replace: bool = False,
) -> None:
    """A new value: a key where the parameter is animated, else a constant; an expression refuses without `replace`."""
    _, _, param = param_of(document, path, name)
    parts = split(param, stored(document, path, name))
    which = chosen(param, component)
    if not replace and any(is_expression(parts[i]) for i in which):
        raise holds_expression(path, param)
    if param.length > 1 and component is None:
        new = list(param.check(value, path))
    elif param.length > 1:
        new = [None] * param.length
        new[which[0]] = param.check([value] * param.length, path)[0]
    else:
        new = [param.check(value, path)]
    for i in which:
        parts[i] = _changed(param, parts[i], frame, new[i], alone=len(which) == 1)
    put(document, path, param, parts, "set", merge)


def _changed(param: Param, part: Any, frame: float, value: Any, alone: bool) -> Any:
    """A part with a new value; one of several that is worth it already gets no key."""
    if not isinstance(part, Animation):
        return value
    if not alone and part.at(frame) == value:
        return part
    return keyed(param, part, frame, value)


def read_typed(document: Graph, path: str, name: str, text: str, frame: float, component: int | None) -> Any:
    """The value that text typed into a parameter's field means."""
    _, _, param = param_of(document, path, name)
    if not numeric(param):
        return parse_value(param, text)
    now, rate = split(param, value_at(document, path, name, frame)), document.rate
    which = chosen(param, component)
    texts = typed.items(text, len(which))
    found = [typed.number(t, float(now[i]), frame, rate) for t, i in zip(texts, which, strict=True)]
    return found if len(found) > 1 else found[0]


def reset(document: Graph, path: str, name: str, component: int | None = None) -> None:
    """Back to the default; keys and expressions go."""
    inside, node, param = param_of(document, path, name)
    which = chosen(param, component)
    if name not in node.params:
        return
    signature = inside.signature_of(node)
    default = signature.defaults[name] if signature is not None else param.default
    parts = split(param, stored(document, path, name))
    for i in which:
        parts[i] = split(param, default)[i]
    if same(store(param, join(param, parts), path), default):
        document.do(ResetParam(path, name), label=f"reset {path}.{name}")
    else:
        put(document, path, param, parts, "reset")


# -- keys


def toggle_key(document: Graph, path: str, name: str, frame: float, component: int | None = None) -> None:
    """A key on the value that is there now; if there is one already, it goes."""
    _, _, param = param_of(document, path, name)
    if not param.animatable:
        raise DocumentError(f"parameter {name!r} can't be animated", where=path, hint="numbers and switches can")
    parts = split(param, stored(document, path, name))
    if any(key_at(parts[i], frame) is not None for i in chosen(param, component)):
        return remove_key(document, path, name, frame, component)
    able = [i for i in chosen(param, component) if not is_expression(parts[i])]
    if not able:
        raise holds_expression(path, param)
    for i in able:
        part = parts[i]
        parts[i] = keyed(param, part, frame, part.at(frame) if isinstance(part, Animation) else part)
    put(document, path, param, parts, "key")


def remove_key(document: Graph, path: str, name: str, frame: float, component: int | None = None) -> None:
    """The key on a frame goes; with the last one the parameter is a constant again."""
    _, _, param = param_of(document, path, name)
    parts = split(param, stored(document, path, name))
    there = [i for i in chosen(param, component) if key_at(parts[i], frame) is not None]
    if not there:
        raise DocumentError(f"parameter {name!r} has no key on frame {frame:g}", where=path)
    for i in there:
        parts[i] = unkeyed(param, parts[i], frame)
    put(document, path, param, parts, "remove key of")


def key_frames(document: Graph, paths: Iterable[str], name: str | None = None) -> set[float]:
    """The frames on which nodes (or one parameter of them) have keys."""
    found: set[float] = set()
    for path in paths:
        for held, value in document.node(path).params.items():
            for part in value if isinstance(value, (tuple, list)) else (value,):
                if name in (None, held) and isinstance(part, Animation):
                    found.update(key.frame for key in part.keys)
    return found


# -- expressions


def express(document: Graph, path: str, name: str, texts: Mapping[int, str]) -> None:
    """Expressions in place of what components held."""
    _, _, param = param_of(document, path, name)
    parts = split(param, stored(document, path, name))
    for i, text in texts.items():
        try:
            parts[i] = Expression(text)
        except DocumentError as error:
            raise DocumentError(error.message, where=path, hint=error.hint) from None
    put(document, path, param, parts, "expression of")


def clear_expression(document: Graph, path: str, name: str, frame: float, component: int | None = None) -> None:
    """The value of now stays in place of an expression; of one that fails, the default."""
    _, _, param = param_of(document, path, name)
    parts = split(param, stored(document, path, name))
    there = [i for i in chosen(param, component) if is_expression(parts[i])]
    if not there:
        raise DocumentError(f"parameter {name!r} has no expression", where=path)
    try:
        now = split(param, value_at(document, path, name, frame))
    except DocumentError:
        now = split(param, param.check(param.default))
    for i in there:
        parts[i] = now[i]
    put(document, path, param, parts, "clear expression of")


def holds_expression(path: str, param: Param) -> DocumentError:
    return DocumentError(f"parameter {param.name!r} is an expression", where=path, hint="clear the expression first")
