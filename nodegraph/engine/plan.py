"""From instances to steps: what is fused, what is kept, what is already there.

    target ──> what is missing (a cached instance cuts the branch above it)
           ──> the region needed of each
           ──> runs: a pixel instance joins the run of its consumers, unless it must be a picture
           ──> steps, sources first

A picture is made (*cut*) only where it is needed as one: the target, what a filter or another
non-pixel node reads, what several runs read, and what stands just above the node being
edited, so that dragging its slider recooks only what hangs below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from nodegraph.engine.instance import Instance
from nodegraph.engine.internal import PROXY
from nodegraph.node import Filter, FrameNode, Source, Warp
from nodegraph.values import Window
from nodegraph.values.window import EMPTY

#: Functions in one kernel at the most: beyond it, compile time grows faster than speed.
LONGEST_RUN = 40

Found = Callable[[Instance, Window | None], bool]


@dataclass(slots=True)
class Step:
    """Makes one instance's value. A run of pixel instances makes its last one's."""

    result: Instance
    region: Window | None  # None: not a picture
    members: tuple[Instance, ...]  # of a run, in order, `result` last; else just the result
    reads: tuple[Instance, ...]  # what must be there before
    why: str  # why its result is a picture of its own

    @property
    def kind(self) -> str:
        kind = self.result.type
        if self.result.is_pixel:
            return "run"
        for name, of in (("source", Source), ("warp", Warp), ("filter", Filter), ("frame", FrameNode)):
            if isinstance(kind, of):
                return name
        return "proxy" if kind is PROXY else kind.kind

    @property
    def pictures(self) -> tuple[Instance, ...]:
        """The pictures among what it reads."""
        return tuple(each for each in self.reads if each.is_picture)

    @property
    def name(self) -> str:
        return " > ".join(m.path for m in self.members)


@dataclass(slots=True)
class Plan:
    """Steps in an order that works, for one target."""

    target: Instance
    region: Window | None
    steps: list[Step]
    cached: list[Instance] = field(default_factory=list)

    def readers(self) -> dict[Instance, int]:
        """How often each instance's value is still to be read, the target's once more."""
        counts: dict[Instance, int] = {self.target: 1}
        for step in self.steps:
            for each in step.reads:
                counts[each] = counts.get(each, 0) + 1
        return counts


def plan(
    target: Instance,
    region: Window | None,
    found: Found,
    edited: frozenset[str] = frozenset(),
    shared: frozenset[Instance] = frozenset(),
) -> Plan:
    """The steps that make `region` of the target; None asks for its whole data window.

    What is `shared` with another target is made a picture, so that it is made once.
    """
    if target.is_picture:
        region = target.window if region is None else region.intersect(target.window)
    if found(target, region):
        return Plan(target, region, [], [target])
    order, regions, cached = _missing(target, region, found)
    reasons = _cuts(target, order, edited, shared)
    runs = _runs(order, reasons)
    steps = [_step(each, regions, runs, reasons) for each in order if each in reasons]
    return Plan(target, region, steps, cached)


def _missing(
    target: Instance, region: Window | None, found: Found
) -> tuple[list[Instance], dict[Instance, Window | None], list[Instance]]:
    """Instances to make, inputs first, and the region of each; what is cached and read.

    Regions are known only once all consumers have been seen, so a cached picture that turns out
    too small for what is asked of it joins the missing in a second round.
    """
    too_small: set[Instance] = set()

    def missing_anyway(instance: Instance) -> bool:
        return instance in too_small or not found(instance, EMPTY)

    while True:
        order = _post_order(target, missing_anyway)
        regions: dict[Instance, Window | None] = {target: region}
        cached: dict[Instance, None] = {}
        missing = set(order)
        for instance in reversed(order):
            wanted = regions[instance]
            for port, source in instance.sources():
                regions[source] = _united(regions.get(source, EMPTY), _needed(instance, port, source, wanted))
                if source not in missing:
                    cached[source] = None
        short = {i for i in cached if not found(i, regions[i])}
        if not short:
            return order, regions, list(cached)
        too_small |= short


def _needed(instance: Instance, port: str, source: Instance, region: Window | None) -> Window | None:
    """The part of a source's data window that a region of an instance is made from."""
    if source.spec is None:
        return None
    if region is None:
        return source.window
    if instance.root is source and port == instance.type.main_input:
        from nodegraph.kernels.resample import source_window

        assert instance.matrix is not None and isinstance(instance.type, Warp)
        wanted = source_window(instance.matrix, region, instance.sampling)
    else:
        wanted = instance.type.needs(instance.q, port, region)
    return wanted.intersect(source.window)


def shared_by(targets: Sequence[Instance]) -> frozenset[Instance]:
    """What several targets are made from, where their ways part."""
    count: dict[Instance, int] = {}
    readers: dict[Instance, list[Instance]] = {}
    for target in targets:
        for each in _post_order(target, lambda _: True):
            count[each] = count.get(each, 0) + 1
            for _, source in each.sources():
                readers.setdefault(source, []).append(each)
    return frozenset(
        each
        for each, n in count.items()
        if n > 1 and (each in targets or any(count[reader] < n for reader in readers[each]))
    )


def _united(a: Window | None, b: Window | None) -> Window | None:
    return None if a is None or b is None else a.union(b)


def _post_order(target: Instance, wanted: Callable[[Instance], bool]) -> list[Instance]:
    """The wanted instances that the target reads, and itself; what is read comes first."""
    order: list[Instance] = []
    done: set[Instance] = {target}
    stack: list[tuple[Instance, list[Instance]]] = [(target, [s for _, s in target.sources()])]
    while stack:
        here, ahead = stack[-1]
        if ahead:
            source = ahead.pop()
            if source not in done and wanted(source):
                done.add(source)
                stack.append((source, [s for _, s in source.sources()]))
            continue
        order.append(here)
        stack.pop()
    return order


def _cuts(
    target: Instance, order: Sequence[Instance], edited: frozenset[str], shared: frozenset[Instance]
) -> dict[Instance, str]:
    """Which instances become pictures (or other values) of their own, and why."""
    reasons = {each: "read by several outputs" for each in order if each in shared} | {target: "asked for"}
    home: dict[Instance, Instance] = {}  # the run an instance belongs to, named by its result
    length: dict[Instance, int] = {}
    readers: dict[Instance, list[Instance]] = {}
    for instance in reversed(order):
        for _, source in instance.sources():
            readers.setdefault(source, []).append(instance)
    for instance in reversed(order):
        if instance not in reasons:
            reason = _reason(instance, readers[instance], home, length, edited)
            if reason:
                reasons[instance] = reason
        home[instance] = instance if instance in reasons else home[readers[instance][0]]
        length[home[instance]] = length.get(home[instance], 0) + 1
    return reasons


def _reason(
    instance: Instance,
    readers: Sequence[Instance],
    home: Mapping[Instance, Instance],
    length: Mapping[Instance, int],
    edited: frozenset[str],
) -> str:
    """Why an instance can't join its readers' run; "" if it can."""
    if not instance.is_pixel:
        return instance.type.kind
    for reader in readers:
        if not reader.is_pixel:
            return f"read by {reader.path}"
        if reader.q.path in edited:
            return f"above {reader.path}, being edited"
    first = home[readers[0]]
    if any(home[r] is not first for r in readers):
        return "read by several"
    if length[first] >= LONGEST_RUN:
        return "run long enough"
    return ""


def _runs(order: Sequence[Instance], reasons: Mapping[Instance, str]) -> dict[Instance, list[Instance]]:
    """The members of each pixel result's run, in order."""
    home: dict[Instance, Instance] = {i: i for i in reasons}
    for instance in reversed(order):
        for _, source in instance.sources():
            if source not in home:
                home[source] = home[instance]
    runs: dict[Instance, list[Instance]] = {}
    for instance in order:
        runs.setdefault(home[instance], []).append(instance)
    return runs


def _step(
    result: Instance,
    regions: Mapping[Instance, Window | None],
    runs: Mapping[Instance, list[Instance]],
    reasons: Mapping[Instance, str],
) -> Step:
    members = tuple(runs[result]) if result.is_pixel else (result,)
    inside = set(members)
    reads = dict.fromkeys(s for m in members for _, s in m.sources() if s not in inside)
    return Step(result, regions[result], members, tuple(reads), reasons[result])
