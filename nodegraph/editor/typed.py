"""What is typed into a number's field: arithmetic, and changes relative to what is there.

`1/3`, `2*3+1`, `sqrt(2)` are numbers; `+=0.1`, `-=1`, `*=2`, `/=3` change the number that is there;
`frame` and `time` are those of now. Text that begins with "=" is left to be an expression.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction

from nodegraph.errors import DocumentError
from nodegraph.graph import Expression
from nodegraph.graph.expression import Bound, Reference

_RELATIVE: dict[str, Callable[[float, float], float]] = {
    "+=": operator.add,
    "-=": operator.sub,
    "*=": operator.mul,
    "/=": operator.truediv,
}


def number(text: str, current: float, frame: float, rate: Fraction) -> float:
    """The number that typed text means where `current` is; DocumentError when it means none."""
    text = text.strip()
    change = _RELATIVE.get(text[:2])
    try:
        value = _evaluate(text[2:].strip() if change else text, frame, rate)
        value = change(current, value) if change else value
    except (ArithmeticError, ValueError) as error:
        raise DocumentError(f"{text!r} has no value: {error}") from None
    if not math.isfinite(value):
        raise DocumentError(f"{text!r} is not finite")
    return value


def items(text: str, count: int) -> list[str]:
    """Text for a vector of `count` numbers: one for all, or one for each parted by commas.

    Commas inside parentheses belong to a function; parentheses around the whole are taken off.
    """
    found = _split(text.strip())
    if len(found) == 1 and count > 1 and text.strip()[:1] in ("(", "["):
        found = _split(text.strip()[1:-1])
    if len(found) == 1:
        return found * count
    if len(found) != count:
        raise DocumentError(f"wants {count} numbers, got {len(found)}", hint="one for all, or one for each")
    return found


def _split(text: str) -> list[str]:
    found, depth, start = [], 0, 0
    for i, char in enumerate(text):
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0:
            found.append(text[start:i].strip())
            start = i + 1
    return [*found, text[start:].strip()]


def _evaluate(text: str, frame: float, rate: Fraction) -> float:
    def resolve(chain: Reference) -> Bound | float:
        name = ".".join(chain)
        raise DocumentError(f"{name!r} isn't a number", hint=f"write ={text} for an expression that follows it")

    bound = Expression(text).bind(resolve, float(rate))
    return float(bound(frame) if callable(bound) else bound)
