"""What a document refuses, and what it tolerates with a word about it."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from nodegraph.errors import DocumentError
from nodegraph.graph.evaluate import resolve_reference
from nodegraph.graph.expression import Expression
from nodegraph.graph.node import End, Node
from nodegraph.graph.schema import fits
from nodegraph.graph.signature import GROUP_IN, GROUP_OUT
from nodegraph.graph.stored import INT_LIMIT, is_live, live_parts

if TYPE_CHECKING:
    from nodegraph.graph.document import Graph

MAX_NAME = 200
MAX_GROUPS = 16  # groups inside groups
MAX_DEPTH = 100  # of plain data
MAX_ITEMS = 5_000_000

#: Parts of a graph that are named plain data.
SECTIONS = ("settings", "backdrops", "notes", "extra")


def check_name(name: Any, where: str | None = None) -> str:
    """A node's name: letters, digits and "_", so that expressions and paths can say it."""
    if not isinstance(name, str) or not name.isidentifier() or len(name) > MAX_NAME:
        raise DocumentError(
            f"{name!r} can't be a node's name",
            where=where,
            hint="use letters, digits and _, not beginning with a digit; the label may be any text",
        )
    if not name.isascii() and unicodedata.normalize("NFKC", name) != name:
        raise DocumentError(f"name {name!r} isn't in Unicode normal form NFKC", where=where, hint="retype it")
    return name


def check_plain(value: Any, where: str) -> Any:
    """Plain data that both spellings of a file can hold: no NaN, broken text, huge numbers, depth."""
    waiting = [(value, 0)]
    items = 0
    while waiting:
        item, depth = waiting.pop()
        items += 1
        if depth > MAX_DEPTH or items > MAX_ITEMS:
            raise DocumentError("is nested too deep or too large", where=where)
        kind = type(item)
        if kind is str:
            _check_text(item, where)
        elif kind is float:
            if not math.isfinite(item):
                raise DocumentError(f"has a number that isn't finite: {item}", where=where)
        elif kind is int:
            if not -INT_LIMIT <= item < INT_LIMIT:
                raise DocumentError("has a number beyond 64 bits", where=where)
        elif kind is dict:
            for key, child in item.items():
                if type(key) is not str:
                    raise DocumentError(f"has a field that isn't text: {key!r}", where=where)
                _check_text(key, where)
                waiting.append((child, depth + 1))
        elif kind is list or kind is tuple:
            waiting += [(child, depth + 1) for child in item]
        elif item is not None and kind is not bool:
            raise DocumentError(f"has a {kind.__name__}, which no file can hold", where=where)
    return value


def _check_text(text: str, where: str) -> None:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise DocumentError("has text that isn't valid Unicode", where=where) from None


def check_setting(name: str, value: Any, where: str = "settings") -> Any:
    """A setting's canonical value: known ones are checked, others kept as they are."""
    problem = None
    if name in ("width", "height"):
        if type(value) is not int or not 1 <= value <= 1 << 20:
            problem = "wants a whole number of pixels from 1 to 1048576"
    elif name in ("first", "last"):
        if type(value) is not int or abs(value) > 1 << 53:
            problem = "wants a whole frame number"
    elif name == "pixel_aspect":
        if type(value) not in (int, float) or not 0.01 <= value <= 100:
            problem = "wants a number from 0.01 to 100"
        else:
            return float(value)
    elif name == "rate":
        return _check_rate(value, where)
    if problem:
        raise DocumentError(f"{name!r} {problem}, got {value!r}", where=where)
    return check_plain(value, f"{where}.{name}")


def _check_rate(value: Any, where: str) -> str:
    try:
        rate = Fraction(value) if type(value) in (int, float, str) and len(str(value)) <= 40 else Fraction(0)
    except (ValueError, ZeroDivisionError, OverflowError):
        rate = Fraction(0)
    if not 0 < rate <= 100_000 or max(rate.numerator, rate.denominator) > 10**9:
        raise DocumentError(
            f"'rate' wants frames per second, got {value!r}", where=where, hint='write "24" or "24000/1001"'
        )
    return str(rate)


def lenient(node: Node) -> bool:
    """Whether a node may hold parameters and ports that its type here doesn't have: it comes
    from a file made with another version of the type, or the type is missing."""
    if node.graph is not None:
        return False
    return node.schema is None or node.schema.version != node.version


def check_wire(graph: Graph, end: End, source: End) -> None:
    """Refuse a wire whose ends don't exist or don't fit, or that closes a cycle."""
    for name, _ in (source, end):
        if name not in graph.nodes:
            graph.locate(name)  # says what there is instead
    where = f"{graph.prefix}{end[0]}.{end[1]}"
    made = _known_type(graph, source, output=True)
    taken = _known_type(graph, end, output=False)
    if made is not None and taken is not None and not fits(made, taken):
        raise DocumentError(
            f"takes {taken}, but {'.'.join(source)} gives {made}", where=where, hint=f"connect a {taken}"
        )
    if source[0] == end[0] or graph._reaches(end[0], source[0]):
        raise DocumentError(
            f"a wire from {source[0]} would close a cycle",
            where=where,
            hint=f"{source[0]} already reads {end[0]}",
        )


def _known_type(graph: Graph, end: End, *, output: bool) -> str | None:
    try:
        return graph.port_type(end[0], end[1], output)
    except DocumentError:
        if lenient(graph.nodes[end[0]]):
            return None
        raise


def check_group_port(graph: Graph, node: Node) -> None:
    """Refuse a type of a group's port that the wires on it, inside and outside, don't fit."""
    if node.type not in (GROUP_IN, GROUP_OUT):
        return
    ends = [(graph, (node.name, i), s) for i, s in graph.inputs(node.name).items()]
    ends += [(graph, end, (node.name, out)) for end, out in graph.consumers(node.name).items()]
    if graph.parent is not None and graph.owner is not None:
        outer, group = graph.parent, graph.owner.name
        ends += [(outer, (group, i), s) for i, s in outer.inputs(group).items() if i == node.name]
        ends += [(outer, end, (group, o)) for end, o in outer.consumers(group).items() if o == node.name]
    for where, end, source in ends:
        made, taken = where.port_type(*source, True), where.port_type(*end, False)
        if made is not None and taken is not None and not fits(made, taken):
            raise DocumentError(
                f"the wire {'.'.join(source)} -> {'.'.join(end)} would not fit",
                where=f"{graph.prefix}{node.name}.type",
                hint="disconnect it first",
            )


def check_expressions(graph: Graph, path: str, param: str) -> None:
    """Refuse a parameter whose expressions refer to nothing, go in a loop or can't be computed."""
    inside, node = graph.locate(path)
    where = f"{path}.{param}"
    value = node.params.get(param)
    if not node.known:
        return
    found = False
    for part in live_parts(value):
        if isinstance(part, Expression):
            found = True
            for chain in part.references:
                resolve_reference(inside, node, chain, where)
    signature = inside.signature_of(node)
    if found and signature is not None and param in signature.params:
        graph.evaluator.varies(graph.prefix + path, param)


def problems(graph: Graph) -> list[DocumentError]:
    """What keeps parts of a document from working here; nothing of it is lost in a save."""
    found: list[DocumentError] = []
    for path, node in graph.walk():
        inside, _ = graph.locate(path)
        found += _node_problems(inside, node, graph.prefix + path)
    return found


def _node_problems(inside: Graph, node: Node, path: str) -> Iterable[DocumentError]:
    signature = inside.signature_of(node)
    if signature is None:
        yield DocumentError(f"node type {node.type!r} is missing", where=path, hint="install the pack it comes from")
        return
    for param, value in node.params.items():
        if param not in signature.params:
            yield DocumentError(f"parameter {param!r} of version {node.version} is unknown here", where=path)
        if is_live(value) and param in signature.params:
            try:
                inside.varies(node.name, param)
            except DocumentError as error:
                yield error
    for port in inside.inputs(node.name):
        if port not in signature.inputs:
            yield DocumentError(f"input {port!r} of version {node.version} is unknown here", where=path)
    for _, output in inside.consumers(node.name).items():
        if output not in signature.outputs:
            yield DocumentError(f"output {output!r} of version {node.version} is unknown here", where=path)
