"""Parameters of a node as plain data and as text: what copying, pasting and presets carry.

    {"parameters": {"gain": 2.0, "size": {"animation": [...]}, "mix": null}, "type": "nodegraph.colour.grade"}

null stands for "the default, whatever that is", in copies of whole nodes.
"""

from __future__ import annotations

import json
from typing import Any

from nodegraph.editor.parts import is_set, param_of, stored
from nodegraph.errors import DocumentError
from nodegraph.graph import Batch, Command, Graph, ResetParam, SetParam
from nodegraph.graph.stored import decode, encode

_WHERE = "the clipboard"


def values_of(document: Graph, path: str) -> dict[str, Any]:
    """Every parameter of a node as plain data, None for those that have their default."""
    inside, node = document.locate(path)
    signature = inside.signature_of(node)
    if signature is None:
        raise DocumentError(f"its type {node.type!r} is missing", where=path, hint="install the pack it comes from")
    return {name: encode(node.params[name]) if name in node.params else None for name in signature.params}


def setting_values(document: Graph, path: str, values: dict[str, Any]) -> tuple[Batch, list[str]]:
    """The command that gives a node such values, and the names that it has no parameter for.

    DocumentError when a value doesn't fit or when there is nothing for it at all.
    """
    inside, node = document.locate(path)
    signature = inside.signature_of(node)
    known = signature.params if signature is not None else {}
    commands: list[Command] = []
    for name in values:
        if name not in known:
            continue
        if values[name] is not None:
            commands.append(SetParam(path, name, decode(known[name], values[name], path)))
        elif is_set(document, path, name):
            commands.append(ResetParam(path, name))
    unknown = [name for name in values if name not in known]
    if len(unknown) == len(values):
        raise DocumentError("has none of these parameters", where=path, hint=", ".join(unknown) or "there are none")
    return Batch(tuple(commands), f"set {node.name}"), unknown


def copy_values(document: Graph, path: str, name: str | None = None) -> str:
    """One parameter as text, or all of a node."""
    if name is None:
        values = values_of(document, path)
    else:
        param_of(document, path, name)
        values = {name: encode(stored(document, path, name))}
    return json.dumps({"type": document.node(path).type, "parameters": values}, ensure_ascii=False, sort_keys=True)


def read_values(text: str) -> dict[str, Any]:
    """The values in copied text; DocumentError when it isn't such text."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise DocumentError("there are no parameters in it", where=_WHERE, hint="copy a parameter first") from None
    values = data.get("parameters") if isinstance(data, dict) else None
    if not isinstance(values, dict) or not values:
        raise DocumentError("there are no parameters in it", where=_WHERE, hint="copy a parameter first")
    return values
