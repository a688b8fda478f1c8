"""What a node shows without a click: cost, whether its picture is there or out of date, errors, bypass, viewers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nodegraph.editor.cooker import Cooked, Cost
from nodegraph.graph import Animation, Expression, Graph, Node
from nodegraph.graph.stored import live_parts


@dataclass(frozen=True, slots=True)
class Badge:
    """`ms` is None for a node that hasn't cooked; `heat` is its share of the most costly node's."""

    ms: float | None = None
    heat: float = 0.0
    tier: str = ""
    fused_into: str = ""
    cached: bool = False
    stale: bool = False
    error: str = ""
    bypass: bool = False
    animated: bool = False
    expression: bool = False
    viewed_in: tuple[str, ...] = ()


class Badges:
    """The badges of a document's nodes, by path from its root."""

    def __init__(self, document: Graph) -> None:
        self._document = document
        self._costs: dict[str, Cost] = {}
        self._errors: dict[str, str] = {}
        self._fresh: set[str] = set()
        self._stale: set[str] = set()
        self._viewed: dict[str, tuple[str, ...]] = {}
        self._changed: set[str] = set()
        self._most = 0.0

    # -- what happens

    def cooked(self, result: Cooked) -> None:
        """A wish was granted, or wasn't."""
        done = set(result.made) | set(result.hits)
        self._costs.update(result.made)
        self._most = max((c.ms for c in self._costs.values()), default=0.0)
        self._fresh |= done
        self._stale -= done
        failed = {path: str(error) for path, error in result.errors.items()}
        recovered = set(self._errors) - set(failed) if not failed else done & set(self._errors)
        for path in recovered:
            del self._errors[path]
        self._errors.update(failed)
        self._changed |= done | set(failed) | recovered

    def edited(self, path: str) -> None:
        """A node changed: it and all that depends on it are out of date until they cook again."""
        if path in self._stale and path not in self._fresh:
            self._changed.add(path)
            return
        for each in self._below(path):
            self._fresh.discard(each)
            if each in self._costs:
                self._stale.add(each)
            self._changed.add(each)

    def view(self, slots: Mapping[str, str]) -> None:
        """Which nodes the number keys show."""
        viewed: dict[str, tuple[str, ...]] = {}
        for slot in sorted(slots):
            viewed[slots[slot]] = (*viewed.get(slots[slot], ()), slot)
        if viewed != self._viewed:
            self._changed |= {p for p in {*viewed, *self._viewed} if viewed.get(p) != self._viewed.get(p)}
            self._viewed = viewed

    def touch(self, paths: Iterable[str]) -> None:
        """Something else that these nodes show changed."""
        self._changed.update(paths)

    # -- what is asked

    def changed(self) -> set[str]:
        """Paths whose badge may have changed since last asked."""
        changed, self._changed = self._changed, set()
        return changed

    def of(self, path: str) -> Badge:
        found = self._document.find(path)
        if found is None:
            return Badge()
        node, cost = found[1], self._costs.get(path)
        animated, computed = _live(node)
        return Badge(
            None if cost is None else cost.ms,
            cost.ms / self._most if cost is not None and self._most else 0.0,
            "" if cost is None else cost.tier,
            "" if cost is None else cost.fused_into,
            path in self._fresh,
            path in self._stale,
            self._errors.get(path, ""),
            node.bypass,
            animated,
            computed,
            self._viewed.get(path, ()),
        )

    def summary(self, graph: Graph) -> str:
        """A graph in a line: nodes, errors, what they cost together."""
        prefix = graph.prefix
        errors = sum(path.startswith(prefix) for path in self._errors)
        total = sum(c.ms for path, c in self._costs.items() if path.startswith(prefix) and path in self._document)
        text = f"{len(graph.nodes)} node{'s' if len(graph.nodes) != 1 else ''}"
        if errors:
            text += f"   {errors} error{'s' if errors != 1 else ''}"
        return f"{text}   {total:.0f} ms" if total else text

    def _below(self, path: str) -> list[str]:
        """A node, and all whose pictures depend on it: through wires, expressions, and out of groups."""
        seen: dict[str, None] = {}
        waiting = [path]
        while waiting:
            each = waiting.pop()
            if each in seen:
                continue
            seen[each] = None
            found = self._document.find(each)
            if found is None:
                continue
            graph, node = found
            waiting += [graph.prefix + reader for reader in graph.readers_of(node.name)]
            waiting += self._document.evaluator.readers(each)
            if graph.owner is not None:
                waiting.append(graph.prefix[:-1])
        return list(seen)


def _live(node: Node) -> tuple[bool, bool]:
    """Whether parameters are animated, and whether some are computed."""
    parts = [part for value in node.params.values() for part in live_parts(value)]
    return any(isinstance(p, Animation) for p in parts), any(isinstance(p, Expression) for p in parts)
