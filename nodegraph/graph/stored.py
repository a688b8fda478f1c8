"""What a parameter may hold in a document, and how it is written in a file.

A stored value is one of
- a constant in the canonical form of `Param.check`;
- an `Animation` or an `Expression`, for numbers and switches;
- a tuple with one number, `Animation` or `Expression` per component, for vectors and colours.

In files an animation is `{"animation": [[frame, value, interp], ...]}` (with two slopes more
where one is given, null for automatic) and an expression `{"expression": "..."}`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from typing import Any

from nodegraph.errors import DocumentError
from nodegraph.graph.animation import Animation, Key
from nodegraph.graph.expression import Expression, Reference
from nodegraph.graph.schema import Param

Live = (Animation, Expression)

#: A change of references: the new one, or None to leave it.
Rewrite = Callable[[Reference], Reference | None]

#: Whole numbers that every spelling of a file can hold.
INT_LIMIT = 1 << 63


def is_live(value: Any) -> bool:
    """Whether a stored value holds an animation or expression."""
    kind = type(value)
    return kind in Live or (kind is tuple and any(type(v) in Live for v in value))


def live_parts(value: Any) -> Iterable[Animation | Expression]:
    """The animations and expressions in a stored value."""
    if type(value) in Live:
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from live_parts(part)


def rewrite(value: Any, change: Rewrite) -> Any:
    """A stored value with the references in its expressions changed."""
    if isinstance(value, Expression):
        return value.rewritten(change)
    if isinstance(value, (tuple, list)):
        return type(value)(rewrite(v, change) for v in value)
    return value


def store(param: Param, value: Any, where: str) -> Any:
    """The stored form of a value given by a person or program; refused when it doesn't fit.

    Text that begins with "=" is an expression where the parameter takes numbers. NumPy
    scalars and arrays are taken as numbers and vectors.
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if type(value) in Live or _is_formula(param, value):
        return _store_live(param, value, where)
    if param.length > 1 and isinstance(value, (list, tuple)):
        return _store_vector(param, value, where)
    checked = param.check(value, where)
    _check_plain(checked, where)
    return checked


def _is_formula(param: Param, value: Any) -> bool:
    return isinstance(value, str) and value.startswith("=") and param.animatable


def _store_live(param: Param, value: Any, where: str) -> Any:
    if not param.animatable:
        noun = "animation" if isinstance(value, Animation) else "expression"
        raise DocumentError(f"parameter {param.name!r} can't hold an {noun}", where=where, hint=param.describe_range())
    if param.length > 1:
        return (_component(param, value, where),) * param.length
    return _component(param, value, where)


def _store_vector(param: Param, value: Iterable[Any], where: str) -> Any:
    items = [v.tolist() if hasattr(v, "tolist") else v for v in value]
    live = [type(v) in Live or _is_formula(param, v) for v in items]
    if not any(live):
        return param.check(items, where)
    anchor = min(max(0.0, param.minimum), param.maximum)
    numbers = param.check([anchor if moves else v for v, moves in zip(items, live, strict=True)], where)
    return tuple(
        _component(param, v, where) if moves else number for v, moves, number in zip(items, live, numbers, strict=True)
    )


def _component(param: Param, value: Any, where: str) -> Animation | Expression:
    if isinstance(value, str):
        value = _at(where, lambda: Expression(value[1:].strip()))
    if isinstance(value, Animation):
        for key in value.keys:
            if not param.minimum <= key.value <= param.maximum:
                raise DocumentError(
                    f"parameter {param.name!r} is out of range at frame {key.frame:g}: {key.value!r}",
                    where=where,
                    hint=param.describe_range(),
                )
    assert isinstance(value, Live)
    return value


def _at(where: str, make: Any) -> Any:
    """What `make` makes, its refusal belonging to `where`."""
    try:
        return make()
    except DocumentError as error:
        raise DocumentError(error.message, where=where, hint=error.hint) from None


def _check_plain(value: Any, where: str) -> None:
    """Refuse what no file can hold: broken text, numbers beyond 64 bits."""
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise DocumentError(
                f"text is not valid Unicode: {value!r}",
                where=where,
                hint="rename the file or retype the text",
            ) from None
    if isinstance(value, int) and not -INT_LIMIT <= value < INT_LIMIT:
        raise DocumentError(f"number is out of range: {value}", where=where, hint="use at most 64 bits")


def encode(value: Any) -> Any:
    """A stored value as plain data for a file."""
    if isinstance(value, Animation):
        return {"animation": [_encode_key(k) for k in value.keys]}
    if isinstance(value, Expression):
        return {"expression": value.text}
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    return value


def _encode_key(key: Key) -> list[Any]:
    row: list[Any] = [_short(key.frame), key.value, key.interp]
    if key.slope_in is not None or key.slope_out is not None:
        row += [key.slope_in, key.slope_out]
    return row


def _short(frame: float) -> float:
    return int(frame) if float(frame).is_integer() and abs(frame) < INT_LIMIT else float(frame)


def decode(param: Param, data: Any, where: str) -> Any:
    """The stored value written as plain data in a file."""
    return store(param, _at(where, lambda: _decode(data, param.length > 1)), where)


def _decode(data: Any, vector: bool) -> Any:
    if vector and isinstance(data, list):
        return [_decode(v, False) for v in data]
    if not isinstance(data, dict):
        return data
    if data.keys() == {"expression"}:
        return Expression(data["expression"])
    if data.keys() == {"animation"} and isinstance(data["animation"], list):
        return Animation([_decode_key(row) for row in data["animation"]])
    raise DocumentError(f"wants a value, got {sorted(data)}", hint="an expression or an animation has one field")


def _decode_key(row: Any) -> Key:
    if not isinstance(row, list) or len(row) not in (2, 3, 5) or isinstance(row[1], str):
        raise DocumentError(f"wants keys [frame, value, interp], got {row!r}")
    return Key(*row)


def decode_unknown(data: Any) -> Any:
    """The stored value of a parameter nobody knows: kept as it is, but expressions and
    animations that we can read are read, so that they follow when a node is renamed."""
    if isinstance(data, list):
        return [decode_unknown(v) for v in data]
    if isinstance(data, dict) and data.keys() in ({"expression"}, {"animation"}):
        try:
            value = _decode(data, False)
        except (DocumentError, TypeError, ValueError):
            return data
        return value if same(encode(value), data) else data
    return data


def same(a: Any, b: Any) -> bool:
    """Equal as written: 1, 1.0 and true differ, and so do 0.0 and -0.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return bool(a.keys() == b.keys()) and all(same(v, b[k]) for k, v in a.items())
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float):
        return a == b and math.copysign(1.0, a) == math.copysign(1.0, b)
    return bool(a == b)


_WORDS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def parse_value(param: Param, text: str) -> Any:
    """A value typed as text (`--set node.param=TEXT`), for `Graph.set`.

    Numbers as written, vectors as "1,2,3", switches as on/off, true/false, yes/no or 1/0,
    curves as JSON control points, "=..." as an expression; text, paths and choices verbatim.
    """
    if param.kind in ("text", "path", "choice"):
        return text
    text = text.strip()
    if text.startswith("="):
        return text
    try:
        if param.kind == "bool":
            return _WORDS[text.lower()]
        if param.kind == "curve":
            return json.loads(text)
        if param.length > 1:
            parts = [p.strip() for p in text.strip("()[]").split(",")]
            return [p if p.startswith("=") else float(p) for p in parts]
        return int(text) if param.kind == "int" else float(text)
    except (KeyError, ValueError, RecursionError):
        raise DocumentError(f"parameter {param.name!r} can't take {text!r}", hint=param.describe_range()) from None
