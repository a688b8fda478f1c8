"""How a pixel node becomes part of a fused run.

The default for a node made of one function: read what its arguments name, call it, and put
what it returns in place of the channels its annotation names; then mask and mix, for all.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from nodegraph.errors import NodegraphError
from nodegraph.graph.schema import Param
from nodegraph.kernels.emit import ONE, ZERO, Build, Value
from nodegraph.kernels.shade import RGB, RGBA, Alpha, V, blend, select
from nodegraph.node import FunctionNode, Pixel, Query, _Prepared, chosen_channels, default_spec
from nodegraph.values import FrameSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

_LETTERS = {"r": "R", "g": "G", "b": "B", "a": "A"}
_WRITES = {"RGB": ("R", "G", "B"), "RGBA": ("R", "G", "B", "A"), "Alpha": ("A",)}
_NAMES = {RGB: "RGB", RGBA: "RGBA", Alpha: "Alpha"}
_COMPONENT = {"R": 0, "G": 1, "B": 2, "A": 3}


class Number(NamedTuple):
    """Where a uniform comes from: a node of the run, one of its values, a component of that."""

    slot: int
    name: str
    component: int | None


class Shading:
    """One node's view of the run being built: its inputs' values, and its own numbers and tables."""

    def __init__(
        self,
        build: Build,
        slot: int,
        inputs: Mapping[str, Mapping[str, Value]],
        windows: Mapping[str, int],
        numbers: list[Number],
        tables: list[Number],
    ) -> None:
        self.build = build
        self.slot = slot
        self.inputs = inputs
        self._windows = windows
        self._numbers = numbers
        self._tables = tables
        self._known: dict[tuple[str, int | None], Value] = {}

    def number(self, name: str, index: int | None = None) -> Value:
        """A parameter or prepared number (or one of its components), given at every cook."""
        return self._given(name, index, self._numbers, self.build.uniform)

    def table(self, name: str) -> Value:
        return self._given(name, -1, self._tables, self.build.table)

    def _given(self, name: str, index: int | None, into: list[Number], make: Callable[[], Value]) -> Value:
        key = (name, index)
        if key not in self._known:
            self._known[key] = make()
            into.append(Number(self.slot, name, index))
        return self._known[key]

    def channel(self, port: str, name: str) -> Value:
        """A channel of an input; a missing alpha is 1 inside the input's data window, others are 0."""
        values = self.inputs.get(port, {})
        if name in values:
            return values[name]
        if name == "A" and values:
            return self.build.inside(ONE, self._windows[port])
        return ZERO

    def call(self, function: Callable[..., Any], *args: Value, results: int = 1) -> tuple[Value, ...]:
        return self.build.call(function, *args, results=results)


# --- reading a function's signature --------------------------------------------------------


class _Reading(NamedTuple):
    """A positional argument: `port` "" is the main input, `channel` "c" each channel in turn."""

    port: str
    channel: str


class _Signature(NamedTuple):
    reads: tuple[_Reading, ...]
    keywords: tuple[tuple[str, Any], ...]
    writes: tuple[str, ...]  # empty: each channel in turn

    @property
    def each(self) -> bool:
        return not self.writes


@cache
def _signature(function: Callable[..., Any]) -> _Signature:
    reads, keywords = [], []
    for name, argument in inspect.signature(function).parameters.items():
        if argument.default is inspect.Parameter.empty:
            port, _, letter = name.rpartition("_")
            reads.append(_Reading(port, _LETTERS.get(letter, letter)))
        else:
            keywords.append((name, argument.default))
    returns = function.__annotations__.get("return", V)
    writes = _WRITES.get(returns if isinstance(returns, str) else _NAMES.get(returns, ""), ())
    if not writes and not any(r.channel == "c" for r in reads):
        raise NodegraphError(
            "a pixel function returns RGB, RGBA or Alpha, or V for an argument `c`",
            where=f"{function.__module__}.{function.__name__}",
        )
    return _Signature(tuple(reads), tuple(keywords), writes)


def _worked_channels(node: Pixel, q: Query, ports: Iterable[FrameSpec]) -> tuple[str, ...]:
    """The channels a function of `c` is called for: the chosen ones of all inputs together."""
    union = dict.fromkeys(c for spec in ports for c in spec.channels)
    return chosen_channels(q.values.asdict().get("channels", "all"), tuple(union))


# --- describing and shading -------------------------------------------------------------


def describe_pixel(node: Pixel, q: Query) -> FrameSpec:
    """The main input's spec over the union of all inputs' windows, with the channels written added."""
    main = q.inputs.get(node.main_input)
    pictures = {port: spec for port, spec in q.inputs.items() if port != "mask"}
    if main is None and not pictures:
        base = default_spec(q, ())
    else:
        base = main or next(iter(pictures.values()))
    window = base.data_window
    for spec in pictures.values():
        window = window.union(spec.data_window)
    added = _added_channels(node, q, pictures, main)
    channels = tuple(dict.fromkeys((*base.channels, *added)))
    if window == base.data_window and channels == base.channels:
        return base
    return base.with_(data_window=window, channels=channels)


def _added_channels(
    node: Pixel, q: Query, pictures: Mapping[str, FrameSpec], main: FrameSpec | None
) -> tuple[str, ...]:
    if not isinstance(node, FunctionNode):
        return ()
    signature = _signature(node.function(q))
    if signature.each:
        return _worked_channels(node, q, pictures.values())
    # A colour function works on the colours there are; only alpha may come new.
    return signature.writes if main is None else tuple(c for c in signature.writes if c == "A")


def shade_function(node: Pixel, s: Shading, q: Query) -> dict[str, Value]:
    """The output channels of a node made of one function."""
    function = node.function(q)
    signature = _signature(function)
    main = q.inputs.get(node.main_input)
    result = dict(s.inputs.get(node.main_input, {}))
    alpha = _multiplied_by(node, s, q)
    if signature.each:
        pictures = [spec for port, spec in q.inputs.items() if port != "mask"]
        for channel in _worked_channels(node, q, pictures):
            args = [_read(node, s, r, channel, alpha) for r in signature.reads]
            args += [_keyword(s, q, *k, channel) for k in signature.keywords]
            (value,) = s.call(function, *args)
            result[channel] = _remultiply(s, value, channel, alpha)
        return result
    args = [_read(node, s, r, "", alpha) for r in signature.reads]
    args += [_keyword(s, q, *k, "") for k in signature.keywords]
    values = s.call(function, *args, results=len(signature.writes))
    for channel, value in zip(signature.writes, values, strict=True):
        if main is None or channel in main.channels or channel == "A":
            result[channel] = _remultiply(s, value, channel, alpha)
    return result


def _multiplied_by(node: Pixel, s: Shading, q: Query) -> Value | None:
    """The alpha that colours are divided by around a colour function, if they are."""
    main = q.inputs.get(node.main_input)
    if not node.colour or main is None or not main.premultiplied or "A" not in main.channels:
        return None
    return s.channel(node.main_input, "A") if q.values.asdict().get("unpremultiply", True) else None


def _read(node: Pixel, s: Shading, reading: _Reading, each: str, alpha: Value | None) -> Value:
    letter = reading.channel
    if not reading.port and letter in ("x", "y"):
        return s.build.position()[letter == "y"]
    if not reading.port and letter in ("width", "height", "frame"):
        return s.number(f"@{letter}")
    port = reading.port or node.main_input
    channel = each if letter == "c" else letter
    value = s.channel(port, channel)
    if alpha is None or port != node.main_input or channel == "A" or value == ZERO:
        return value
    return s.call(times, value, *s.call(divisor, alpha))[0]


def _remultiply(s: Shading, value: Value, channel: str, alpha: Value | None) -> Value:
    if alpha is None or channel == "A":
        return value
    return s.call(times, value, *s.call(factor, alpha))[0]


def _keyword(s: Shading, q: Query, name: str, default: Any, channel: str) -> Value:
    """A parameter's or prepared argument's value: a number, a tuple of them, or a table."""
    if isinstance(default, _Prepared):
        if default.count == 0:
            return s.table(name)
        return s.number(name) if default.count == 1 else _tuple(s, name, default.count)
    assert isinstance(default, Param)
    if default.kind == "bool":
        return ONE if q.values.asdict()[name] else ZERO
    if default.length == 1:
        return s.number(name)
    if channel:
        return s.number(name, min(_COMPONENT.get(channel.rpartition(".")[2], 0), default.length - 1))
    return _tuple(s, name, default.length)


def _tuple(s: Shading, name: str, count: int) -> Value:
    return f"({', '.join(s.number(name, i) for i in range(count))},)"


def shade_node(node: Pixel, s: Shading, q: Query) -> dict[str, Value]:
    """A node's output channels, mask and mix included."""
    before = s.inputs.get(node.main_input, {})
    after = dict(node.shade(s, q))
    if not node.maskable or not before:
        return after
    amount = s.number("mix")
    mask = s.inputs.get("mask")
    if mask:
        value = mask.get("A") or next(iter(mask.values()))
        inverted = q.values.asdict()["invert_mask"]
        (amount,) = s.call(masked_inverse if inverted else masked, amount, value)
    for channel, value in after.items():
        old = s.channel(node.main_input, channel)
        if value != old:
            (after[channel],) = s.call(blend, old, value, amount)
    return after


# --- the functions used around every node ----------------------------------------------------


def masked(amount: V, mask: V) -> V:
    return amount * mask


def masked_inverse(amount: V, mask: V) -> V:
    return amount * (1.0 - mask)


#: Alpha below this counts as none: its reciprocal could not be held.
NO_ALPHA = 1.2e-38


def unpremultiplied(c: V, a: V) -> V:
    """Divided by alpha; where alpha isn't positive the colour is light added on top, and stays."""
    return c * divisor(a)


def premultiplied(c: V, a: V) -> V:
    return c * factor(a)


def divisor(a: V) -> V:
    """What divides by alpha, once for all colours of a pixel."""
    return select(a > NO_ALPHA, 1.0 / select(a > NO_ALPHA, a, 1.0), 1.0)


def factor(a: V) -> V:
    """What multiplies by alpha, so that it undoes `divisor`."""
    return select(a > NO_ALPHA, a, 1.0)


def times(a: V, b: V) -> V:
    return a * b
