"""What a node shows without a click: cost, whether its picture is there or out of date, errors, bypass, viewers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from nodegraph.editor.cooker import Cooked, Cost
from nodegraph.editor.dependence import above, below
from nodegraph.graph import Animation, Expression, Graph, Node
from nodegraph.graph.stored import live_parts


@dataclass(frozen=True, slots=True)
class Badge:
    """`ms` is None for a node that hasn't cooked; `heat` is its share of the most costly node's.

    `cached` says that it was cooked since it last changed, `stale` that it wasn't though it was before.
    A group's are those of the nodes in it together.
    """

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
    #: Whether nobody here has its type, and whether the group around it shows parameters of it.
    missing: bool = False
    exposed: bool = False


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
        self._heats: dict[str, float] = {}
        #: Nodes all of whose dependents are known to be out of date.
        self._spread: set[str] = set()
        #: What the pictures last cooked depend on, and for which revision and nodes that is so.
        self._needed: tuple[object, set[str]] = (None, set())

    # -- what happens

    def cooked(self, result: Cooked) -> None:
        """A wish was granted, or wasn't."""
        done = set(result.made) | result.hits
        self._prune()
        self._costs.update(result.made)
        self._fresh |= done
        self._spread.clear()
        failed = {path: str(error) for path, error in result.errors.items()}
        well = done if failed else done | self._behind(result)
        recovered = well & set(self._errors) - set(failed)
        mended = well & self._stale
        self._stale -= mended
        for path in recovered:
            del self._errors[path]
        self._errors.update(failed)
        self.touch(done | set(failed) | recovered | mended | self._warm())

    def edited(self, path: str) -> None:
        """A node changed: it and all that depends on it are out of date until they cook again; "" is the document."""
        if path in self._spread:
            self.touch((path,))
            return
        reached = below(self._document, path) if path else [inner for inner, _ in self._document.walk()]
        self._fresh.difference_update(reached)
        self._stale.update(each for each in reached if each in self._costs)
        self._spread.update(reached)
        self.touch(reached)

    def renamed(self, old: str, new: str) -> None:
        """A node has another path now, and with it all that is inside it."""

        def now(path: str) -> str:
            return new + path[len(old) :] if path == old or path.startswith(f"{old}/") else path

        self._costs = {now(path): Cost(cost.ms, cost.tier, now(cost.fused_into)) for path, cost in self._costs.items()}
        self._errors = {now(path): text for path, text in self._errors.items()}
        self._heats = {now(path): heat for path, heat in self._heats.items()}
        self._fresh, self._stale = set(map(now, self._fresh)), set(map(now, self._stale))
        self._spread.clear()
        self.touch((old, *(path for path in self._costs if path == new or path.startswith(f"{new}/"))))

    def view(self, slots: Mapping[str, str]) -> None:
        """Which nodes the number keys show."""
        viewed: dict[str, tuple[str, ...]] = {}
        for slot in sorted(slots):
            viewed[slots[slot]] = (*viewed.get(slots[slot], ()), slot)
        if viewed != self._viewed:
            self.touch(p for p in {*viewed, *self._viewed} if viewed.get(p) != self._viewed.get(p))
            self._viewed = viewed

    def touch(self, paths: Iterable[str]) -> None:
        """Something that these nodes show changed, and so did the groups they are in."""
        for path in paths:
            while path and path not in self._changed:
                self._changed.add(path)
                path = path.rpartition("/")[0]

    # -- what is asked

    @property
    def errors(self) -> Mapping[str, str]:
        """What is wrong now, by path."""
        return self._errors

    def changed(self) -> set[str]:
        """Paths whose badge may have changed since last asked."""
        changed, self._changed = self._changed, set()
        return changed

    def of(self, path: str) -> Badge:
        found = self._document.find(path)
        if found is None:
            return Badge()
        graph, node = found
        animated, computed = _live(node)
        shown = {} if graph.owner is None else graph.owner.exposed
        own = Badge(
            bypass=node.bypass,
            animated=animated,
            expression=computed,
            viewed_in=self._viewed.get(path, ()),
            missing=graph.signature_of(node) is None,
            exposed=any(target.partition(".")[0] == node.name for target in shown.values()),
        )
        if node.graph is not None:
            return self._together(own, path, f"{path}/")
        cost = self._costs.get(path, Cost())
        return replace(
            own,
            ms=cost.ms if path in self._costs else None,
            heat=self._heats.get(path, 0.0),
            tier=cost.tier,
            fused_into=cost.fused_into,
            cached=path in self._fresh,
            stale=path in self._stale,
            error=self._errors.get(path, ""),
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

    def _together(self, own: Badge, path: str, prefix: str) -> Badge:
        """A group's badge."""
        costs = [cost.ms for each, cost in self._costs.items() if each.startswith(prefix)]
        error = self._errors.get(path) or next((e for p, e in self._errors.items() if p.startswith(prefix)), "")
        stale = any(each.startswith(prefix) for each in self._stale)
        most = max(self._costs.values(), key=lambda cost: cost.ms, default=Cost()).ms
        return replace(
            own,
            ms=sum(costs) if costs else None,
            heat=min(1.0, round(sum(costs) / most, 2)) if most else 0.0,
            cached=not stale and any(each.startswith(prefix) for each in self._fresh),
            stale=stale,
            error=error,
        )

    def _warm(self) -> set[str]:
        """Bring the heats up to date; the nodes whose heat is another one now, groups among them."""
        most = max((cost.ms for cost in self._costs.values()), default=0.0)
        heats = {path: round(cost.ms / most, 2) if most else 0.0 for path, cost in self._costs.items()}
        before, self._heats = self._heats, heats
        return {path for path in heats if heats[path] != before.get(path)}

    def _prune(self) -> None:
        """Forget nodes that are gone."""
        gone = {path for path in (*self._costs, *self._errors) if path not in self._document}
        for path in gone:
            self._costs.pop(path, None)
            self._errors.pop(path, None)
        self._fresh -= gone
        self._stale -= gone

    def _behind(self, result: Cooked) -> set[str]:
        """All that the pictures of a wish are made of. A node may be part of one without being made anew."""
        if not self._stale and not self._errors:
            return set()
        key = (self._document.revision, result.wish.nodes)
        if self._needed[0] != key:
            self._needed = (key, above(self._document, (node for node in result.wish.nodes if node is not None)))
        return self._needed[1]


def _live(node: Node) -> tuple[bool, bool]:
    """Whether parameters are animated, and whether some are computed."""
    parts = [part for value in node.params.values() for part in live_parts(value)]
    return any(isinstance(p, Animation) for p in parts), any(isinstance(p, Expression) for p in parts)
