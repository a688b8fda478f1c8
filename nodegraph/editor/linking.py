"""One parameter that follows another: the expression that names it from where the follower is."""

from __future__ import annotations

from collections.abc import Iterable

from nodegraph.editor.parts import param_of
from nodegraph.errors import DocumentError
from nodegraph.graph import Graph, Node, Param
from nodegraph.graph.evaluate import reference_path
from nodegraph.graph.expression import COMPONENTS


def references(
    document: Graph, source: str, inside: Graph, node: Node, held: Param, wanted: Iterable[int]
) -> dict[int, str]:
    """Text for the wanted components of a parameter of `node` so that they read `source`.

    `source` is "group/node.param" or "group/node.param.x". Components of a vector that the
    language has no letter for are left out. DocumentError when an expression there can't name it.
    """
    path, _, rest = source.partition(".")
    name, _, letter = rest.partition(".")
    graph, other, param = param_of(document, path, name)
    if not param.animatable or not held.animatable:
        what = param if not param.animatable else held
        raise DocumentError(f"parameter {what.name!r} is a {what.kind}: it can't be linked", where=path)
    start = _start(graph, other, inside, node)
    if letter or param.length == 1:
        texts = {i: ".".join((*start, name, *([letter] if letter else []))) for i in wanted}
    elif held.length == param.length:
        texts = {i: ".".join((*start, name, found)) for i in wanted if (found := _letter(param, i))}
    else:
        hint = f"drag one component: {source}.{_letter(param, 0)}"
        raise DocumentError(f"{param.name!r} is {param.length} numbers", where=path, hint=hint)
    for text in texts.values():
        if reference_path(inside, node, tuple(text.split(".")))[0] != path:
            raise DocumentError(f"{text} means something else here", where=inside.prefix + node.name)
    return texts


def _start(graph: Graph, other: Node, inside: Graph, node: Node) -> tuple[str, ...]:
    """What an expression of `node` writes before a parameter of `other`."""
    if graph is inside:
        return () if other is node else (other.name,)
    if inside.owner is other and inside.parent is graph:
        return ("group",)
    raise DocumentError(
        f"can't be read from {inside.prefix}{node.name}: they are in different groups",
        where=graph.prefix + other.name,
        hint="expose the parameter on the group",
    )


def _letter(param: Param, component: int) -> str:
    """The letter of a component: of r, g, b for colours, else of x, y, z; "" when there is none."""
    letters = [letter for letter, index in COMPONENTS.items() if index == component]
    if not letters:
        return ""
    return letters[-1] if param.kind == "colour" else letters[0]
