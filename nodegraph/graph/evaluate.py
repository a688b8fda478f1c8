"""Parameters at a frame: constants, animation, expressions.

Each node's parameters are bound once: what is constant is a finished dict, what varies a
function of the frame. Who reads whom is known per node, so a change unbinds just the nodes
that can see it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nodegraph.errors import DocumentError
from nodegraph.graph.animation import Animation
from nodegraph.graph.expression import COMPONENTS, Bound, Expression, Reference
from nodegraph.graph.schema import Param
from nodegraph.graph.stored import is_live, live_parts, store

if TYPE_CHECKING:
    from nodegraph.graph.document import Graph
    from nodegraph.graph.node import Node

#: A parameter bound: its value, or a function of the frame.
Binding = Any

#: The pseudo node that expressions over `time` read: the rate is a setting.
SETTINGS = ""

_MISSING = object()


class _Cell:
    """A node's parameters: `fixed` hold at every frame, `varying` are asked."""

    __slots__ = ("fixed", "latest", "varying")

    def __init__(self, fixed: dict[str, Any], varying: dict[str, Callable[[float], Any]]) -> None:
        self.fixed = fixed
        self.varying = varying
        self.latest: tuple[float, dict[str, Any]] = (math.nan, fixed)


class Evaluator:
    """Evaluates the parameters of a root graph and all groups in it, by path ("group/inner")."""

    def __init__(self, root: Graph) -> None:
        self._root = root
        self._cells: dict[str, _Cell] = {}
        self._bound: dict[str, dict[str, Binding]] = {}
        self._reads: dict[str, set[str]] = {}
        self._readers: dict[str, set[str]] = {}
        self._touched: dict[str, int] = {}

    def values(self, path: str, frame: float) -> Mapping[str, Any]:
        """Every parameter of a node at a frame, in canonical form. Don't change it: it is shared."""
        cell = self._cells.get(path) or self._compile(path)
        if not cell.varying:
            return cell.fixed
        latest = cell.latest
        if latest[0] == frame:
            return latest[1]
        values = cell.fixed | {name: call(frame) for name, call in cell.varying.items()}
        cell.latest = (frame, values)
        return values

    def value(self, path: str, name: str, frame: float) -> Any:
        binding = self._binding(path, name)
        return binding(frame) if callable(binding) else binding

    def varies(self, path: str, name: str | None = None) -> bool:
        """Whether a parameter (or any of the node's) depends on the frame."""
        if name is None:
            return bool((self._cells.get(path) or self._compile(path)).varying)
        return callable(self._binding(path, name))

    def touched(self, path: str) -> int:
        """The revision at which the node's values last may have changed."""
        return self._touched.get(path, 0)

    def readers(self, path: str) -> set[str]:
        """Nodes whose parameters read the node's, directly."""
        return self._readers.get(path, set())

    # -- keeping up with changes

    def changed(self, path: str) -> None:
        """A node came, went, or its parameters changed."""
        self._note(path)
        self.touch(path)

    def touch(self, path: str) -> None:
        """Forget what was bound for a node and all that read it."""
        revision = self._root.revision
        waiting, seen = [path], {path}
        while waiting:
            here = waiting.pop()
            self._cells.pop(here, None)
            self._bound.pop(here, None)
            self._touched[here] = revision
            new = self._readers.get(here, set()) - seen
            seen |= new
            waiting += new

    def _note(self, path: str) -> None:
        """Bring up to date whom a node reads."""
        old = self._reads.pop(path, set())
        new = self._find_reads(path)
        for other in old - new:
            self._readers[other].discard(path)
        for other in new - old:
            self._readers.setdefault(other, set()).add(path)
        if new:
            self._reads[path] = new

    def _find_reads(self, path: str) -> set[str]:
        found = self._root.find(path)
        if found is None:
            return set()
        graph, node = found
        reads: set[str] = set()
        for value in node.params.values():
            for part in live_parts(value):
                if isinstance(part, Expression):
                    reads.update(_read_paths(graph, part))
        reads.update(f"{path}/{target.rpartition('.')[0]}" for target in node.exposed.values())
        if graph.owner is not None and any(_exposes(graph.owner, node.name)):
            reads.add(graph.prefix[:-1])
        return reads

    # -- binding

    def _compile(self, path: str) -> _Cell:
        graph, node = self._root.locate(path)
        signature = graph.signature_of(node)
        plain = graph.owner is None or not any(_exposes(graph.owner, node.name))
        if plain and node.graph is None and not any(is_live(v) for v in node.params.values()):
            fixed = {**signature.defaults, **node.params} if signature else dict(node.params)
            cell = _Cell(fixed, {})
        else:
            names = list(signature.params) if signature else list(node.params)
            bound = {name: self._binding(path, name) for name in names}
            fixed = {n: b for n, b in bound.items() if not callable(b)}
            cell = _Cell(fixed, {n: b for n, b in bound.items() if callable(b)})
        self._cells[path] = cell
        return cell

    def _binding(self, path: str, name: str) -> Binding:
        try:
            return self._bind(path, name, ())
        except RecursionError:
            raise DocumentError("refers to a chain of expressions too long to follow", where=f"{path}.{name}") from None

    def _bind(self, path: str, name: str, trail: tuple[tuple[str, str], ...]) -> Binding:
        known = self._bound.get(path, {}).get(name, _MISSING)
        if known is not _MISSING:
            return known
        here = (path, name)
        if here in trail:
            loop = [*trail[trail.index(here) :], here]
            raise DocumentError(
                "expressions go round in a loop: " + " -> ".join(".".join(step) for step in loop),
                where=".".join(here),
                hint="make one of them a number",
            )
        graph, node = self._root.locate(path)
        holder = _holder(graph, node, name)
        trail = (*trail, here)
        if holder is not None:
            binding = self._bind(graph.prefix[:-1], holder, trail)
        else:
            binding = self._bind_own(graph, node, name, trail)
        self._bound.setdefault(path, {})[name] = binding
        return binding

    def _bind_own(self, graph: Graph, node: Node, name: str, trail: tuple[tuple[str, str], ...]) -> Binding:
        """What a node itself says about a parameter, whatever its group sets."""
        if name not in node.params and name in node.exposed and node.graph is not None:
            inner, _, target = node.exposed[name].rpartition(".")
            inside = node.graph.nodes.get(inner)
            if inside is not None:
                return self._bind_own(node.graph, inside, target, trail)
        where = f"{graph.prefix}{node.name}"
        signature = graph.signature_of(node)
        param = signature.param(name, where) if signature else None
        if name not in node.params:
            if signature is None:
                raise DocumentError(f"has no parameter {name!r}", where=where, hint="its node type is missing")
            return signature.defaults[name]
        value = node.params[name]
        if param is not None and node.graph is not None:
            value = store(param, value, where)  # the inner parameter may have come after the value
        if param is None or not is_live(value):
            return value
        if type(value) is tuple:
            parts = [self._bind_number(graph, node, param, part, trail) for part in value]
            return _vector(parts)
        return self._bind_number(graph, node, param, value, trail)

    def _bind_number(
        self, graph: Graph, node: Node, param: Param, value: Any, trail: tuple[tuple[str, str], ...]
    ) -> Binding:
        finish = _FINISH.get(param.kind, _finish_float)
        where = f"{graph.prefix}{node.name}.{param.name}"
        if isinstance(value, Animation):
            if value.constant:
                return finish(param, value.at(0), where)
            at = value.at
            return lambda frame: finish(param, at(frame), where)
        if not isinstance(value, Expression):
            return value

        def resolve(chain: Reference) -> Bound | float:
            return self._refer(graph, node, chain, where, trail)

        try:
            bound = value.bind(resolve, float(self._root.rate))
        except (ArithmeticError, ValueError) as error:
            raise _no_value(value, error, where, None) from None
        if not callable(bound):
            return finish(param, bound, where)
        return _remember(value, bound, lambda x: finish(param, x, where), where)

    def _refer(
        self, graph: Graph, node: Node, chain: Reference, where: str, trail: tuple[tuple[str, str], ...]
    ) -> Bound | float:
        """A reference bound to a number or a function of the frame."""
        path, param, component = resolve_reference(graph, node, chain, where)
        binding = self._bind(path, param.name, trail)
        if component is not None:
            index = component
            if callable(binding):
                return lambda frame: float(binding(frame)[index])
            return float(binding[index])
        return binding if callable(binding) else float(binding)


def resolve_reference(graph: Graph, node: Node, chain: Reference, where: str) -> tuple[str, Param, int | None]:
    """What a reference in an expression of `node` means: (node path, parameter, component).

    DocumentError names what it doesn't find, or that it isn't a number.
    """
    path, rest = reference_path(graph, node, chain)
    name, component = rest[0], rest[1] if len(rest) > 1 else None
    target_graph, target = graph.root.locate(path, where)
    signature = target_graph.signature_of(target)
    if signature is None:
        raise DocumentError(
            f"refers to {'.'.join(chain)}, but the type {target.type!r} is missing",
            where=where,
            hint="install the pack it comes from",
        )
    try:
        param = signature.param(name, path)
    except DocumentError as error:
        raise DocumentError(f"{error.where} {error.message}", where=where, hint=error.hint) from None
    if component is None and param.length > 1:
        hint = f"write {'.'.join(chain)}.x or another component"
        raise DocumentError(f"{'.'.join(chain)} is {param.length} numbers", where=where, hint=hint)
    index = None if component is None else COMPONENTS.get(component)
    if component is not None and (index is None or index >= param.length or param.length == 1):
        raise DocumentError(f"{'.'.join(chain)}: there is no component {component!r}", where=where)
    if not param.animatable:
        raise DocumentError(f"{'.'.join(chain)} is a {param.kind}, not a number", where=where)
    return path, param, index


def reference_path(graph: Graph, node: Node, chain: Reference) -> tuple[str, Reference]:
    """The path of the node a reference names, and the rest: (param,) or (param, component).

    One name is a parameter of `node` itself, and so are two when the first is a vector of it;
    `group` is the enclosing group.
    """
    own = graph.prefix + node.name
    if len(chain) == 1:
        return own, chain
    if len(chain) == 2 and chain[1] in COMPONENTS:
        signature = graph.signature_of(node)
        param = signature.params.get(chain[0]) if signature else None
        if param is not None and param.length > 1:
            return own, chain
    if chain[0] == "group" and graph.owner is not None:
        return graph.prefix[:-1], chain[1:]
    return graph.prefix + chain[0], chain[1:]


def _read_paths(graph: Graph, expression: Expression) -> set[str]:
    """Paths an expression may read, found or not: a node that comes later is read then."""
    paths = {SETTINGS} if expression.uses_time else set()
    for chain in expression.references:
        if len(chain) > 1:
            grouped = chain[0] == "group" and graph.owner is not None
            paths.add(graph.prefix[:-1] if grouped else graph.prefix + chain[0])
    return paths


def _exposes(group: Node, inner: str) -> Any:
    """(exposed name, inner parameter) of what a group shows of one inner node."""
    for name, target in group.exposed.items():
        node, _, param = target.rpartition(".")
        if node == inner:
            yield name, param


def _holder(graph: Graph, node: Node, param: str) -> str | None:
    """The name under which the enclosing group sets a parameter, or None when it doesn't."""
    group = graph.owner
    if group is None or graph.parent is None:
        return None
    for name, target in _exposes(group, node.name):
        if target == param and (name in group.params or _holder(graph.parent, group, name)):
            return str(name)
    return None


def _vector(parts: list[Binding]) -> Binding:
    if not any(callable(p) for p in parts):
        return tuple(parts)
    calls = [p if callable(p) else _constant(p) for p in parts]
    return lambda frame: tuple([call(frame) for call in calls])


def _constant(value: float) -> Bound:
    return lambda frame: value


def _remember(expression: Expression, bound: Bound, finish: Callable[[float], Any], where: str) -> Binding:
    """A binding that computes once per frame: many may refer to it, through many others."""
    latest: list[tuple[float, Any]] = [(math.nan, None)]

    def evaluate(frame: float) -> Any:
        seen, value = latest[0]
        if seen == frame:
            return value
        try:
            value = finish(bound(frame))
        except (ArithmeticError, ValueError) as error:
            raise _no_value(expression, error, where, frame) from None
        except RecursionError:
            raise DocumentError("refers to a chain of expressions too long to follow", where=where) from None
        latest[0] = (frame, value)
        return value

    return evaluate


def _no_value(expression: Expression, error: Exception, where: str, frame: float | None) -> DocumentError:
    when = "" if frame is None else f" at frame {frame:g}"
    return DocumentError(
        f"expression {expression.text!r} has no value{when}: {error}",
        where=where,
        hint="guard it with `a if b else c` or clamp()",
    )


def _finish_float(param: Param, x: float, where: str) -> Any:
    """A computed number, held to the parameter's hard range."""
    if not math.isfinite(x):
        raise DocumentError(f"is not finite: {x!r}", where=where, hint="guard it with clamp()")
    return float(min(max(x, param.minimum), param.maximum))


def _finish_int(param: Param, x: float, where: str) -> Any:
    return math.floor(_finish_float(param, x, where) + 0.5)


def _finish_bool(param: Param, x: float, where: str) -> Any:
    return x >= 0.5


_FINISH: dict[str, Callable[[Param, float, str], Any]] = {"int": _finish_int, "bool": _finish_bool}
