"""Random documents and random edits, for property tests here and above."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from nodegraph.errors import DocumentError
from nodegraph.graph import Animation, Expression, Graph, Key
from tests.graph.catalog import CATALOG

#: An edit: changes a graph, or raises DocumentError and leaves it as it was.
Edit = Callable[[Graph], None]

#: Types of random nodes, those that take and give pictures more often.
COMMON_TYPES = (
    *sorted(CATALOG),
    *[f"nodegraph.{t}" for t in ("colour.grade", "merge.merge", "transform.move")] * 2,
)
NAMES = ("a", "b", "c", "d", "e1", "größe", "g", "h", "k", "m")
GROUPS = ("group", "g2")

floats = st.floats(allow_nan=False, allow_infinity=False, width=64)
small = st.floats(-1.0, 1.0)
frames = st.integers(-10, 200)
keys = st.builds(Key, frames, small, st.sampled_from(("linear", "smooth", "hold")), st.none() | small, st.none())
animations = st.lists(keys, min_size=1, max_size=4, unique_by=lambda k: k.frame).map(Animation)
expressions = st.sampled_from(
    ("frame / 10", "sin(time)", "noise(frame)", "a.gain * 2", "b.translate.x + 1", "größe.mix", "gain + 1")
).map(Expression)
numbers = small | animations | expressions
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | floats | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)

#: parameter -> values it may hold (in any of the types that have it)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "path": st.text(max_size=6),
    "gain": numbers,
    "missing": st.sampled_from(("error", "black", "hold")),
    "tint": st.tuples(*[st.floats(0.0, 1.0) | expressions] * 3),
    "clamp": st.booleans() | expressions,
    "curve": st.just(((0.0, 0.5), (1.0, 0.25, 0.0, 0.0))),
    "operation": st.sampled_from(("over", "plus")),
    "mix": st.floats(0.0, 1.0) | expressions,
    "translate": st.tuples(numbers, numbers),
    "pivot": st.tuples(small, small, small),
    "taps": st.integers(1, 9) | expressions,
    "text": st.text(max_size=6),
    "size": st.floats(1.0, 500.0),
    "type": st.sampled_from(("Frame", "Matte", "Text")),
    "label": st.text(max_size=3),
}


indices = st.integers(0, 1000)


def _pick(items: list[str], index: int) -> str:
    if not items:
        raise DocumentError("there is nothing to pick")
    return items[index % len(items)]


def _any(graph: Graph, index: int, param: str = "") -> str:
    """The path of a node, of one that has `param` when that is given."""
    found = graph.walk()
    if param:
        found = [(path, node) for path, node in found if node.signature and param in node.signature.params]
    return _pick(sorted(path for path, _ in found), index)


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """One edit of any kind; what it picks exists in the document when it can."""
    kind = draw(st.integers(0, 23))
    i, j = draw(indices), draw(indices)
    if kind <= 5:
        type, name = draw(st.sampled_from(COMMON_TYPES)), draw(st.sampled_from(NAMES))
        return lambda graph: _add(graph, type, name, i)
    if kind <= 11:
        return lambda graph: _connect(graph, i, j)
    if kind <= 16:
        param = draw(st.sampled_from(sorted(VALUES)))
        value = draw(VALUES[param])
        return lambda graph: graph.set(f"{_any(graph, i, param)}.{param}", value)
    if kind == 17:
        on, x, text = draw(st.booleans()), draw(small), draw(st.text(max_size=4))
        return lambda graph: _decorate(graph, _any(graph, i), on, x, text)
    if kind == 18:
        return lambda graph: graph.remove(_any(graph, i))
    if kind == 19:
        name = draw(st.sampled_from(NAMES))
        return lambda graph: graph.rename(_any(graph, i), name)
    if kind == 20:
        group = draw(st.sampled_from(GROUPS))
        return lambda graph: _add(graph, "flow.group", group, i)
    if kind == 21:
        param = draw(st.sampled_from(("gain", "mix", "text", "taps")))
        return lambda graph: _expose(graph, _any(graph, i, param), param, VALUES_TO_EXPOSE[param])
    if kind == 22:
        data = draw(st.dictionaries(st.sampled_from(("x", "y", "text")), plain, max_size=2))
        return lambda graph: graph.set_note("note", **data)
    rate, width = draw(st.sampled_from(("24", "24000/1001", "30"))), draw(st.integers(1, 4096))
    return lambda graph: graph.configure(rate=rate, width=width)


#: What a group sets an exposed parameter to.
VALUES_TO_EXPOSE: dict[str, Any] = {"gain": "=frame/50", "mix": 0.25, "text": "shown", "taps": 5}


def _add(graph: Graph, type: str, name: str, index: int) -> None:
    groups = ["", "", *sorted(path for path, node in graph.walk() if node.graph is not None)]
    graph.inside(_pick(groups, index)).add(type, name=name)


def _connect(graph: Graph, i: int, j: int) -> None:
    target = _pick(sorted(path for path, _ in graph.walk() if _ports(graph, path)[0]), i)
    group, _, name = target.rpartition("/")
    inside = graph.inside(group)
    sources = sorted(n for n in inside.nodes if n != name and _ports(inside, n)[1])
    source, port = _pick(sources, j), _pick(_ports(graph, target)[0], i + j)
    inside.connect(f"{source}.{_pick(_ports(inside, source)[1], i)}", f"{name}.{port}")


def _ports(graph: Graph, path: str) -> tuple[list[str], list[str]]:
    inside, node = graph.locate(path)
    signature = inside.signature_of(node)
    return (list(signature.inputs), list(signature.outputs)) if signature else ([], [])


def _expose(graph: Graph, path: str, param: str, value: Any) -> None:
    group, _, inner = path.rpartition("/")
    with graph.batch("expose"):
        graph.expose(group, param, f"{inner}.{param}")
        graph.set(f"{group}.{param}", value)


def _decorate(graph: Graph, path: str, on: bool, x: float, text: str) -> None:
    with graph.batch("decorate"):
        graph.bypass(path, on)
        graph.move(path, x, -x)
        graph.label(path, text)


def apply(graph: Graph, changes: list[Edit]) -> None:
    """Apply edits; those that don't fit the document are refused and skipped."""
    for change in changes:
        try:
            change(graph)
        except DocumentError:
            continue


def edit_lists(max_size: int = 25) -> st.SearchStrategy[list[Edit]]:
    return st.lists(edits(), min_size=max_size // 2, max_size=max_size)


@st.composite
def graphs(draw: st.DrawFn, max_size: int = 25) -> Graph:
    """A random valid document."""
    graph = Graph(CATALOG)
    apply(graph, draw(edit_lists(max_size)))
    return graph
