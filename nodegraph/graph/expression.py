"""Arithmetic that may stand in place of a number.

An expression is text in a small language: numbers, arithmetic, comparisons, `a if c else b`,
the functions in `FUNCTIONS`, `frame`, `time`, parameters of the same node (`gain`), of other
nodes (`plate.gain`) and of the enclosing group (`group.gain`), with `.x .y .z` or `.r .g .b`
for the components of a vector. It is parsed into a whitelisted tree and compiled to closures;
nothing of it is ever run as Python. All numbers are float64, so no intermediate can grow
without bound.
"""

from __future__ import annotations

import ast
import math
import operator
import struct
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from nodegraph.errors import DocumentError, did_you_mean

#: A compiled expression: frame -> number.
Bound = Callable[[float], float]

#: A name as written: ("gain",), ("plate", "gain") or ("plate", "offset", "x").
Reference = tuple[str, ...]

MAX_LENGTH = 2000
MAX_TERMS = 500
MAX_DEPTH = 50

COMPONENTS = {"x": 0, "y": 1, "z": 2, "w": 3, "r": 0, "g": 1, "b": 2, "a": 3}
CONSTANTS = {"pi": math.pi, "e": math.e, "True": 1.0, "False": 0.0}
VARIABLES = ("frame", "time")

_MASK = (1 << 64) - 1


def _hash(*numbers: float) -> float:
    """A number in [0, 1) from the bits of its arguments (splitmix64 finaliser, Steele 2014)."""
    state = 0x9E3779B97F4A7C15
    for number in numbers:
        state ^= struct.unpack("<Q", struct.pack("<d", number + 0.0))[0]
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return (state >> 11) * 2.0**-53


def noise(x: float, y: float = 0.0, z: float = 0.0) -> float:
    """Value noise in [-1, 1]: random numbers at whole coordinates, smoothly joined."""
    cell = [math.floor(v) for v in (x, y, z)]
    fade = [f * f * (3.0 - 2.0 * f) for f in (x - cell[0], y - cell[1], z - cell[2])]
    total = 0.0
    for corner in range(8):
        bits = (corner & 1, corner >> 1 & 1, corner >> 2)
        weight = math.prod(f if bit else 1.0 - f for f, bit in zip(fade, bits, strict=True))
        if weight:
            total += weight * _hash(*(float(c + bit) for c, bit in zip(cell, bits, strict=True)))
    return 2.0 * total - 1.0


def _clamp(x: float, low: float = 0.0, high: float = 1.0) -> float:
    return max(low, min(high, x))


def _smoothstep(low: float, high: float, x: float) -> float:
    t = _clamp((x - low) / (high - low))
    return t * t * (3.0 - 2.0 * t)


#: name -> (function, fewest arguments, most arguments)
FUNCTIONS: dict[str, tuple[Callable[..., float], int, int]] = {
    "sin": (math.sin, 1, 1),
    "cos": (math.cos, 1, 1),
    "tan": (math.tan, 1, 1),
    "atan2": (math.atan2, 2, 2),
    "sqrt": (math.sqrt, 1, 1),
    "exp": (math.exp, 1, 1),
    "log": (math.log, 1, 2),
    "log2": (math.log2, 1, 1),
    "pow": (math.pow, 2, 2),
    "abs": (abs, 1, 1),
    "min": (min, 2, 16),
    "max": (max, 2, 16),
    "floor": (lambda x: float(math.floor(x)), 1, 1),
    "ceil": (lambda x: float(math.ceil(x)), 1, 1),
    "round": (lambda x: float(math.floor(x + 0.5)), 1, 1),
    "clamp": (_clamp, 1, 3),
    "mix": (lambda a, b, t: a + (b - a) * t, 3, 3),
    "smoothstep": (_smoothstep, 3, 3),
    "step": (lambda edge, x: float(x >= edge), 2, 2),
    "noise": (noise, 1, 3),
    "random": (lambda seed: _hash(seed), 1, 1),
}

_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: math.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[float], float]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: lambda x: float(not x),
}
_COMPARE: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class Expression:
    """A checked expression. Equal when the text is equal.

    `references` are the parameters it names, `uses_frame` and `uses_time` whether it depends
    on them itself. Raises DocumentError for anything that isn't in the language.
    """

    __slots__ = ("_tree", "references", "text", "uses_frame", "uses_time")

    def __init__(self, text: str) -> None:
        self.text = text
        self._tree = _parse(text)
        found = list(_names(self._tree))
        self.references = frozenset(
            chain for _, chain in found if len(chain) > 1 or chain[0] not in (*VARIABLES, *CONSTANTS)
        )
        self.uses_frame = any(chain == ("frame",) for _, chain in found)
        self.uses_time = any(chain == ("time",) for _, chain in found)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.text == other.text

    def __hash__(self) -> int:
        return hash(("expression", self.text))

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def rewritten(self, change: Callable[[Reference], Reference | None]) -> Expression:
        """With references changed to what `change` makes of them; None leaves one as it is."""
        source = self.text.encode()
        edits = []
        for node, chain in _names(self._tree):
            new = change(chain) if chain in self.references else None
            if new is not None and new != chain:
                edits.append((node.col_offset, node.end_col_offset or 0, ".".join(new)))
        for start, end, new_text in sorted(edits, reverse=True):
            source = source[:start] + new_text.encode() + source[end:]
        return Expression(source.decode()) if edits else self

    def bind(self, resolve: Callable[[Reference], Bound | float], rate: float) -> Bound | float:
        """The expression with its references resolved: a number when nothing in it varies.

        `rate` is frames per second. The result raises ArithmeticError or ValueError where
        the arithmetic has no value.
        """
        bound = _Compiler(resolve, rate).build(self._tree)
        alone = not (self.references or self.uses_frame or self.uses_time)
        return bound(0.0) if alone and callable(bound) else bound


def _refuse(text: str, why: str, hint: str | None = None) -> DocumentError:
    shown = text if len(text) <= 60 else text[:57] + "..."
    return DocumentError(f"expression {shown!r} {why}", hint=hint or "see the language in the docs")


def _parse(text: str) -> ast.expr:
    if not isinstance(text, str) or not text.strip():
        raise _refuse(str(text), "is empty")
    if len(text) > MAX_LENGTH:
        raise _refuse(text, f"is longer than {MAX_LENGTH} characters")
    if not text.isprintable() or text != text.strip():
        raise _refuse(text, "has line breaks, control characters or space around it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        why = error.msg if isinstance(error, SyntaxError) else "it is nested too deep"
        raise _refuse(text, f"can't be read: {why}") from None
    _check(tree, text)
    return tree


def _check(tree: ast.expr, text: str) -> None:
    """Walk the tree without recursion, refusing what isn't in the language."""
    waiting: list[tuple[ast.expr, int]] = [(tree, 1)]
    terms = 0
    while waiting:
        node, depth = waiting.pop()
        terms += 1
        if depth > MAX_DEPTH or terms > MAX_TERMS:
            raise _refuse(text, "is too long or nested too deep", "split it over several parameters")
        waiting.extend((child, depth + 1) for child in _children(node, text))


def _children(node: ast.expr, text: str) -> list[ast.expr]:
    """The operands of a node of the language; anything else is refused."""
    match node:
        case ast.Constant(value=bool()):
            return []
        case ast.Constant(value=int() | float() as number):
            if not _finite(number):
                raise _refuse(text, "has a number out of range")
            return []
        case ast.Name() | ast.Attribute():
            chain = _chain(node)
            if chain is None or len(chain) > 3:
                raise _refuse(text, "has a name it can't refer to", "write node.param or node.param.x")
            return []
        case ast.BinOp(op=op, left=left, right=right) if type(op) in _BINARY:
            return [left, right]
        case ast.UnaryOp(op=unary, operand=operand) if type(unary) in _UNARY:
            return [operand]
        case ast.BoolOp(values=values):
            return list(values)
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(o) in _COMPARE for o in ops):
            return [left, *others]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return [test, body, orelse]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _arguments(name, args, text)
    raise _refuse(text, f"has something that isn't arithmetic ({type(node).__name__})")


def _arguments(name: str, args: list[ast.expr], text: str) -> list[ast.expr]:
    if name not in FUNCTIONS:
        raise _refuse(
            text,
            f"has no function {name!r}",
            did_you_mean(name, FUNCTIONS) or "one of " + ", ".join(FUNCTIONS),
        )
    _, fewest, most = FUNCTIONS[name]
    if not fewest <= len(args) <= most:
        count = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        raise _refuse(text, f"gives {name} {len(args)} arguments, it takes {count}")
    return args


def _finite(number: float) -> bool:
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False


def _chain(node: ast.expr) -> Reference | None:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return (node.id, *reversed(names)) if isinstance(node, ast.Name) else None


def _names(tree: ast.expr) -> Iterator[tuple[ast.expr, Reference]]:
    """Every reference with its outermost tree node, functions' names left out."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Name, ast.Attribute)):
            chain = _chain(node)
            assert chain is not None
            yield node, chain
        else:
            waiting.extend(_children(node, ""))


class _Compiler:
    """Trees to closures; what is constant is computed at once."""

    def __init__(self, resolve: Callable[[Reference], Bound | float], rate: float) -> None:
        self.resolve = resolve
        self.rate = rate

    def build(self, node: ast.expr) -> Bound | float:
        match node:
            case ast.Constant(value=value):
                return float(value)  # type: ignore[arg-type]
            case ast.Name() | ast.Attribute():
                return self._name(_chain(node) or ())
            case ast.BinOp(op=op, left=left, right=right):
                return _join(_BINARY[type(op)], self.build(left), self.build(right))
            case ast.UnaryOp(op=unary, operand=operand):
                return _join(_UNARY[type(unary)], self.build(operand))
            case ast.BoolOp(op=ast.And(), values=values):
                return _all([self.build(v) for v in values])
            case ast.BoolOp(values=values):
                return _any([self.build(v) for v in values])
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._compare(left, ops, others)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return _choose(self.build(test), self.build(body), self.build(orelse))
            case ast.Call(func=ast.Name(id=name), args=args):
                return _join(FUNCTIONS[name][0], *(self.build(a) for a in args))
        raise AssertionError(f"unchecked tree: {ast.dump(node)}")

    def _name(self, chain: Reference) -> Bound | float:
        if chain == ("frame",):
            return float
        if chain == ("time",):
            rate = self.rate
            return lambda frame: frame / rate
        if len(chain) == 1 and chain[0] in CONSTANTS:
            return CONSTANTS[chain[0]]
        return self.resolve(chain)

    def _compare(self, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]) -> Bound | float:
        terms = [self.build(left), *(self.build(o) for o in others)]
        tests = [_COMPARE[type(o)] for o in ops]

        def chain(*values: float) -> float:
            pairs = zip(tests, values, values[1:], strict=False)
            return float(all(test(a, b) for test, a, b in pairs))

        return _join(chain, *terms)


def _join(function: Callable[..., float], *terms: Bound | float) -> Bound | float:
    """A function of terms; called at once when all are numbers."""
    if not any(callable(t) for t in terms):
        try:
            return float(function(*terms))
        except (ArithmeticError, ValueError):
            return lambda frame: function(*terms)  # fails only if a condition lets it be reached
    if len(terms) == 1:
        (only,) = terms
        assert callable(only)
        inner: Bound = only
        return lambda frame: function(inner(frame))
    if len(terms) == 2:
        a, b = terms
        if not callable(b):
            first: Any = a
            return lambda frame: function(first(frame), b)
        if not callable(a):
            second: Any = b
            return lambda frame: function(a, second(frame))
        left, right = a, b
        return lambda frame: function(left(frame), right(frame))
    calls = [_call(t) for t in terms]
    return lambda frame: function(*[call(frame) for call in calls])


def _call(term: Bound | float) -> Bound:
    if callable(term):
        return term
    number = term
    return lambda frame: number


def _all(terms: list[Bound | float]) -> Bound | float:
    """`and`: the first false value, else the last."""
    if not any(callable(t) for t in terms):
        return next((t for t in terms if not t), terms[-1])
    calls = [_call(t) for t in terms]

    def evaluate(frame: float) -> float:
        value = 0.0
        for call in calls:
            value = call(frame)
            if not value:
                break
        return value

    return evaluate


def _any(terms: list[Bound | float]) -> Bound | float:
    """`or`: the first true value, else the last."""
    if not any(callable(t) for t in terms):
        return next((t for t in terms if t), terms[-1])
    calls = [_call(t) for t in terms]

    def evaluate(frame: float) -> float:
        value = 0.0
        for call in calls:
            value = call(frame)
            if value:
                break
        return value

    return evaluate


def _choose(test: Bound | float, body: Bound | float, orelse: Bound | float) -> Bound | float:
    if not callable(test):
        return body if test else orelse
    condition, yes, no = test, _call(body), _call(orelse)
    return lambda frame: yes(frame) if condition(frame) else no(frame)
