"""From the document to instances: every node a sink pulls, with its key and spec.

A trace is remembered. When the document changes, only the cone below what was touched is
forgotten; when the frame changes, what doesn't vary in time keeps its instance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgpack

from nodegraph.engine.instance import FOUND, Instance, digest, shape_of
from nodegraph.engine.internal import BLEND, PROXY
from nodegraph.errors import CookError, DocumentError, NodegraphError, did_you_mean
from nodegraph.graph import Graph
from nodegraph.graph.flat import Flat, flatten
from nodegraph.node import Analysis, Compound, Format, NodeType, Pixel, Query, Sink, Source, Values, Warp
from nodegraph.values import FrameSpec

Registry = Mapping[str, NodeType]
#: Cooks an instance whose spec nobody can know beforehand, and gives the spec.
Discover = Callable[[Instance], FrameSpec | None]

Place = tuple[str, int | None]

#: Frames a trace remembers, about.
_REMEMBERED = 64

#: What a chain of warps reads through when none of them says.
DEFAULT_FILTER = "catmull-rom"

GROUP_IN, GROUP_OUT = "nodegraph.flow.group_in", "nodegraph.flow.group_out"


class Tracer:
    """Instances of one document at one scale and quality."""

    def __init__(
        self,
        graph: Graph,
        registry: Registry,
        scale: float,
        quality: str,
        discover: Discover,
    ) -> None:
        self.graph = graph
        self.registry = registry
        self.scale = scale
        self.quality = quality
        #: Nodes whose parameters changed last: the cut is made just above them.
        self.edited: frozenset[str] = frozenset()
        self._discover = discover
        self._memo: dict[Place, Instance] = {}
        self._frames: dict[str, set[int | None]] = {}
        self._varying: dict[str, bool] = {}
        self._encoded: dict[tuple[str, str], tuple[Any, bytes]] = {}
        self._revision = self._topology = -1
        self._touched: dict[str, int] = {}

    # -- keeping up with the document

    def refresh(self) -> None:
        """Forget what the document's changes, or changed files, make untrue."""
        graph = self.graph
        if self._topology != graph.topology or self._revision < 0:
            self._restart()
        elif self._revision != graph.revision:
            changed = {p for p, seen in self._touched.items() if graph.touched(p) != seen}
            if changed:
                self.edited = frozenset(changed)
                self._forget(changed)
                self._touched.update((p, graph.touched(p)) for p in changed)
            if self._settings != self._read_settings():
                self._restart()
        self._revision = graph.revision
        if len(self._memo) > _REMEMBERED * (1 + len(self._nodes)):
            self._forget_frames()

    def _forget_frames(self) -> None:
        """Forget what varies in time: a long render passes each frame once."""
        self._memo = {place: made for place, made in self._memo.items() if place[1] is None}
        self._frames = {path: {None} for path, frame in self._memo if frame is None}

    def _restart(self) -> None:
        self._flat = flat = flatten(self.graph)
        self._nodes, self._wires = flat.nodes, flat.wires
        self._below: dict[str, list[str]] = {}
        self._above: dict[str, dict[str, str]] = {}
        for (target, port), (source, _) in self._wires.items():
            self._below.setdefault(source, []).append(target)
            self._above.setdefault(target, {})[port] = source
        self._memo.clear()
        self._frames.clear()
        self._varying.clear()
        self._touched = {p: self.graph.touched(p) for p in self._nodes}
        self._topology = self.graph.topology
        self._settings = self._read_settings()
        width, height, aspect, rate = self._settings
        scaled = (round(width * self.scale), round(height * self.scale))
        self.format = Format(max(1, scaled[0]), max(1, scaled[1]), aspect, rate)
        self._prefix = repr((scaled, aspect, rate, self.scale)).encode()

    def _read_settings(self) -> tuple[int, int, float, Fraction]:
        g = self.graph
        return int(g.setting("width")), int(g.setting("height")), float(g.setting("pixel_aspect")), g.rate

    def _forget(self, paths: set[str]) -> None:
        """Forget nodes and all below them."""
        stack, seen = list(paths), set(paths)
        while stack:
            path = stack.pop()
            for frame in self._frames.pop(path, ()):
                self._memo.pop((path, frame), None)
            self._varying.pop(path, None)
            for below in self._below.get(path, ()):
                if below not in seen:
                    seen.add(below)
                    stack.append(below)

    # -- asking

    def instance(self, path: str, frame: int) -> Instance:
        """The node's instance; DocumentError or CookError naming the node that can't be."""
        self.refresh()
        if path not in self._nodes and isinstance(self._flat, Flat):
            path = self._flat.maker(path) or path
        if path not in self._nodes:
            hint = did_you_mean(path, self._nodes)
            raise DocumentError(f"there is no node {path!r}", where=path, hint=hint)
        made = self._reach(path, frame)
        stale = {s.q.path for s in made.sources_read if s.type.stamp(s.q) != s.stamp}  # type: ignore[attr-defined]
        if not stale:
            return made
        self._forget(stale)  # a file changed
        return self._reach(path, frame)

    def delivered(self, path: str, frame: int) -> tuple[Instance, Query]:
        """What a sink is given: its input, encoded as the sink asks; and what the sink is asked with."""
        made = self.instance(path, frame)
        kind = self.type_of(path)
        if not isinstance(kind, Sink):
            raise DocumentError(f"is a {kind.kind} node, not an output", where=path, hint="name a write node")
        given = self._ask(path, frame)[0]
        inputs = {kind.main_input: made.spec} if made.spec is not None else {}
        q = Query(path, given.values, inputs, self.format, given._context, kind.reads, self.graph.folder)
        stage = kind.encode(q)
        return (made if stage is None else self._instance(path, frame, stage, q, {"image": (made,)})), q

    def _reach(self, path: str, frame: int) -> Instance:
        """Depth first without recursion: graphs are deeper than Python's stack."""
        stack: list[tuple[str, int]] = [(path, frame)]
        pending: dict[Place, tuple[Query, dict[str, list[tuple[str, int]]]]] = {}
        while stack:
            here, at = stack[-1]
            place = self._place(here, at)
            if place in self._memo:
                stack.pop()
                continue
            if place not in pending:
                pending[place] = self._ask(here, at)
                wanted = [(p, f) for deps in pending[place][1].values() for p, f in deps]
                missing = [w for w in wanted if self._place(*w) not in self._memo]
                stack += missing
                if missing:
                    continue
            query, upstream = pending.pop(place)
            inputs = {port: tuple(self._memo[self._place(*w)] for w in deps) for port, deps in upstream.items()}
            self._memo[place] = self._build(here, at, query, inputs)
            self._frames.setdefault(here, set()).add(place[1])
            stack.pop()
        return self._memo[self._place(path, frame)]

    def _place(self, path: str, frame: int) -> Place:
        return (path, frame if self._varies(path) else None)

    def _varies(self, path: str) -> bool:
        """Whether a node's result depends on the frame, by itself or through its inputs."""
        known = self._varying.get(path)
        if known is not None:
            return known
        stack = [path]
        while stack:
            here = stack[-1]
            if here in self._varying:
                stack.pop()
                continue
            if self._varies_alone(here):
                self._varying[here] = True
                stack.pop()
                continue
            if self._is_pinned(here):
                self._varying[here] = False
                stack.pop()
                continue
            above = list(self._above.get(here, {}).values())
            unknown = [a for a in above if a not in self._varying]
            if unknown:
                stack += unknown
            else:
                self._varying[here] = any(self._varying[a] for a in above)
                stack.pop()
        return self._varying[path]

    def _is_pinned(self, path: str) -> bool:
        """Whether a node that doesn't vary by itself reads the same frames at all times."""
        node_type = self.registry.get(self._nodes[path].type)
        if node_type is None:
            return False
        kind = type(node_type)
        return kind.upstream is not NodeType.upstream and kind.varies is not NodeType.varies

    def _varies_alone(self, path: str) -> bool:
        node_type = self.registry.get(self._nodes[path].type)
        if node_type is None:
            return False
        if self.graph.varies(path):
            return True
        if type(node_type).varies is not NodeType.varies:
            return node_type.varies(self._query(path, 0, node_type))
        return "frame" in node_type.reads or type(node_type).upstream is not NodeType.upstream

    def type_of(self, path: str) -> NodeType:
        node = self._nodes[path]
        known = self.registry.get(node.type)
        if known is None:
            hint = did_you_mean(node.type, self.registry) or "is its node pack installed?"
            raise DocumentError(f"node type {node.type!r} is not known here", where=path, hint=hint)
        return known

    # -- making

    def _ask(self, path: str, frame: int) -> tuple[Query, dict[str, list[tuple[str, int]]]]:
        """A node's values, and the places it reads."""
        kind = self.type_of(path)
        q = self._query(path, frame, kind)
        wires = self._above.get(path, {})
        ports = kind.schema.inputs
        node = self._nodes[path]
        if node.bypass or kind.kind in ("flow", "sink"):
            chosen = [self._passed(kind, q, wires)]
        else:
            same = kind.identity(q)
            chosen = [same] if same is not None else [p.name for p in ports]
        upstream: dict[str, list[tuple[str, int]]] = {}
        for port in chosen:
            if port in wires:
                upstream[port] = [(wires[port], f) for f in kind.upstream(q, port)]
            elif not _optional(kind, port) and not node.bypass:
                raise CookError(f"input {port!r} is not connected", where=path, hint="connect it or bypass the node")
        analysis = _analysis(kind)
        if analysis is not None and kind.main_input in upstream and analysis.wanted(q):
            looked = analysis.looks_at(q)
            upstream[FOUND] = [(wires[kind.main_input], frame if looked is None else looked)]
        return q, upstream

    def _query(self, path: str, frame: int, kind: NodeType) -> Query:
        context = {"frame": frame, "scale": self.scale, "quality": self.quality}
        values = Values(self._values(path, frame, kind))
        return Query(path, values, {}, self.format, context, kind.reads, self.graph.folder)

    def _passed(self, kind: NodeType, q: Query, wires: Mapping[str, str]) -> str:
        """The input a bypassed or flow node hands on."""
        chosen = kind.identity(q)
        if chosen is not None:
            return chosen
        return kind.main_input if kind.main_input in wires or not wires else next(iter(wires))

    def _values(self, path: str, frame: int, kind: NodeType) -> Mapping[str, Any]:
        values = self.graph.values(path, frame)
        if self.scale == 1:
            return values
        scaled = dict(values)
        for param in kind.schema.params:
            if param.unit == "px":
                value = scaled[param.name]
                scaled[param.name] = (
                    tuple(v * self.scale for v in value)
                    if param.length > 1
                    else (round(value * self.scale) if param.kind == "int" else value * self.scale)
                )
        return scaled

    def _build(self, path: str, frame: int, q: Query, inputs: dict[str, tuple[Instance, ...]]) -> Instance:
        kind = self.type_of(path)
        node = self._nodes[path]
        if node.bypass or kind.kind in ("flow", "sink") or kind.identity(q) is not None:
            if inputs:
                passed = next(iter(inputs.values()))[0]
                if not self._varies(path):  # held: made once for all frames, and kept
                    passed.varies = False
                return passed
            if kind.declared_inputs:
                wanted = kind.identity(q) or kind.main_input
                raise CookError(
                    f"passes its input {wanted!r} on, which is not connected", where=path, hint="connect it"
                )
        try:
            return self._finish(path, frame, kind, q, inputs)
        except NodegraphError as error:
            error.at(path)
            raise
        except Exception as error:
            raise CookError(f"{type(error).__name__}: {error}", where=path) from error

    def _finish(
        self, path: str, frame: int, kind: NodeType, q: Query, inputs: dict[str, tuple[Instance, ...]]
    ) -> Instance:
        masked = self._is_blended(kind, q, inputs)
        core = {p: i for p, i in inputs.items() if p != FOUND and not (masked and p == "mask")}
        if isinstance(kind, Source):
            return self._finish_source(path, frame, kind, q)
        analysis = _analysis(kind)
        if analysis is not None and FOUND in inputs:
            picture = {analysis.main_input: inputs[FOUND]}
            found = self._instance(f"{path}#analysis", inputs[FOUND][0].frame, analysis, q, picture)
            if analysis.looks_at(q) is not None:  # once for all frames: keep it, and read nothing ahead
                found.varies, found.sources_read = False, frozenset()
            core[FOUND] = (found,)
        if isinstance(kind, Compound):
            made = self._compose(path, frame, kind, q, core)
            if made.path.startswith(f"{path}#"):  # the last part is the node itself
                made.path = f"{path}#core" if masked else path
        else:
            made = self._instance(f"{path}#core" if masked else path, frame, kind, q, core)
        if isinstance(kind, Warp):
            _concatenate(made, blended=masked)
        if not masked:
            return made
        around = {"image": inputs[kind.main_input], "result": (made,)}
        if "mask" in inputs:
            around["mask"] = inputs["mask"]
        return self._instance(path, frame, BLEND, q, around)

    def _finish_source(self, path: str, frame: int, kind: Source, q: Query) -> Instance:
        """A source, the stage that decodes it, and its picture at the proxy scale (of decoded light)."""
        stage = kind.decode(q)
        shrinks = self.scale != 1 and "scale" not in kind.reads
        made = self._instance(f"{path}#file" if stage or shrinks else path, frame, kind, q, {})
        if stage is not None:
            made = self._instance(f"{path}#decoded" if shrinks else path, frame, stage, q, {"image": (made,)})
        return self._instance(path, frame, PROXY, q, {"image": (made,)}) if shrinks else made

    def _is_blended(self, kind: NodeType, q: Query, inputs: Mapping[str, object]) -> bool:
        """Whether a filter's mask and mix must be applied after it."""
        if not kind.maskable or kind.kind == "pixel" or kind.main_input not in inputs:
            return False
        return "mask" in inputs or q.p.mix != 1.0

    def _instance(
        self, path: str, frame: int, kind: NodeType, q: Query, inputs: dict[str, tuple[Instance, ...]]
    ) -> Instance:
        context = q._context
        query = self._described(q, inputs, kind.reads | {"scale"} if kind is PROXY else kind.reads)
        values = q.values.asdict()
        stamp = None
        if isinstance(kind, Source):
            stamp = kind.stamp(query)
        seen = b""
        if stamp is not None or kind.reads:
            counted = kind.reads - {"frame"} if stamp is not None else kind.reads
            seen = repr([(name, context[name]) for name in sorted(counted)] + [stamp]).encode()
        parts = {
            "code": kind.digest,
            "parameters": self._encode(path, kind, values),
            "context": seen,
            "inputs": b"".join(
                [port.encode() + b":" + b"".join([i.key for i in each]) for port, each in inputs.items()]
            ),
        }
        key = digest(self._prefix, kind.identifier, *parts.values())
        shape = shape_of(kind, values, query.inputs) if kind.kind == "pixel" else ()
        made = Instance(path, kind, frame, query, inputs, key, shape, None, self._varies(q.path), parts)
        made.stamp = stamp
        made.sources_read = _sources_read(made)
        made.spec = kind.describe(query)
        if made.spec is None and kind.schema.outputs[0].type in ("Frame", "Matte"):
            made.spec = self._discover(made)
        return made

    def _compose(
        self, path: str, frame: int, kind: Compound, q: Query, inputs: dict[str, tuple[Instance, ...]]
    ) -> Instance:
        q = self._described(q, inputs)
        made: Instance = kind.compose(q, _Wiring(self, path, frame, q, inputs))
        return made

    def _described(
        self, q: Query, inputs: Mapping[str, tuple[Instance, ...]], reads: frozenset[str] | None = None
    ) -> Query:
        """The question with its inputs' specs."""
        specs = {port: each[0].spec for port, each in inputs.items() if each[0].spec is not None}
        reads = q._reads if reads is None else reads
        return Query(q.path, q.values, specs, self.format, q._context, reads, self.graph.folder)

    def _encode(self, path: str, kind: NodeType, values: Mapping[str, Any]) -> bytes:
        """A node's parameter values as bytes; the same mapping is encoded once."""
        place = (path, kind.id)
        seen = self._encoded.get(place)
        if seen is not None and seen[0] is values:
            return seen[1]
        names = [p.name for p in kind.schema.params] or sorted(values)
        encoded: bytes = msgpack.packb([values.get(name) for name in names])
        self._encoded[place] = (values, encoded)
        return encoded


class _Wiring:
    """The parts of one use of a compound node."""

    def __init__(
        self, tracer: Tracer, path: str, frame: int, q: Query, inputs: Mapping[str, tuple[Instance, ...]]
    ) -> None:
        self._tracer, self._path, self._frame, self._q = tracer, path, frame, q
        self.inputs: Mapping[str, Instance] = {p: each[0] for p, each in inputs.items() if p != FOUND}
        self.frames: Mapping[str, Sequence[Instance]] = {p: each for p, each in inputs.items() if p != FOUND}
        self.found: Instance | None = inputs[FOUND][0] if FOUND in inputs else None

    def use(
        self, name: str, node: NodeType, inputs: Mapping[str, Instance | Sequence[Instance] | None], /,
        found: Instance | None = None, **values: Any,
    ) -> Instance:  # fmt: skip
        """As `nodegraph.node.Parts` says."""
        defaults = {param.name: param.default for param in node.schema.params}
        unknown = values.keys() - defaults.keys()
        if unknown:
            raise CookError(f"gives its part {node.id} the unknown {', '.join(sorted(unknown))}", where=self._path)
        q = self._q
        asked = Query(q.path, Values({**defaults, **values}), {}, q.format, q._context, node.reads, q.folder)
        wired = {
            port: (each,) if isinstance(each, Instance) else tuple(each)
            for port, each in inputs.items()
            if each is not None
        }
        same = node.identity(asked)
        if same is not None and same in wired:
            return wired[same][0]
        if found is not None:
            wired[FOUND] = (found,)
        path = f"{self._path}#{name}"
        if isinstance(node, Compound):
            return self._tracer._compose(path, self._frame, node, asked, wired)
        return self._tracer._instance(path, self._frame, node, asked, wired)


def _analysis(kind: NodeType) -> Analysis | None:
    return kind.analysis if isinstance(kind, (Pixel, Compound)) else None


def _sources_read(made: Instance) -> frozenset[Instance]:
    """The sources a result is made from; shared with its inputs' where they are the same."""
    if isinstance(made.type, Source):
        return frozenset((made,))
    read: frozenset[Instance] = frozenset()
    for each in made.inputs.values():
        for instance in each:
            if not instance.sources_read <= read:
                read = read | instance.sources_read if read else instance.sources_read
    return read


def _optional(kind: NodeType, port: str) -> bool:
    return port == "" or kind.schema.input(port).optional


def _concatenate(made: Instance, *, blended: bool) -> None:
    """Give a warp its map to the picture where its chain begins, and its windows.

    A chain filters once, whoever looks at it and wherever it is cached: that is what the node
    means, not an optimisation. A mask or mix in between ends the chain.
    """
    from nodegraph.kernels.resample import mapped_window

    kind = made.type
    assert isinstance(kind, Warp)
    before = made.inputs[kind.main_input][0]
    matrix = kind.matrix(made.q)
    if isinstance(before.type, Warp) and before.root is not None and before.matrix is not None:
        made.root, made.matrix = before.root, before.matrix @ matrix
        made.sampling = kind.sampling(made.q) or before.sampling
    else:
        made.root, made.matrix = before, matrix
        made.sampling = kind.sampling(made.q) or DEFAULT_FILTER
    assert made.spec is not None and made.root.spec is not None
    window = mapped_window(made.matrix, made.root.spec.data_window, made.sampling)
    made.spec = made.spec.with_(data_window=window, display_window=kind.display(made.q) or made.spec.display_window)
