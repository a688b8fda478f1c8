"""All ways of laying one picture on another.

Sources: T. Porter and T. Duff, "Compositing Digital Images", SIGGRAPH 1984 (over, under, in,
out, atop, xor); Foundry, Nuke Reference Guide, "Merge" (the rest, and what happens to negative
and bright values); W3C, "Compositing and Blending Level 1", 2024, sections 5.8 and 10.1
(soft light, dodge, burn, and blending under alpha masking).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nodegraph.kernels.shade import absolute, divide, hypot, maximum, minimum, select, sqrt
from nodegraph.node import Bool, Choice, In, Pixel, Query, Text, V, chosen_channels
from nodegraph.shading import Shading, describe_pixel, shade_function
from nodegraph.values import FrameSpec, Window

# --- operators that look at alpha: of premultiplied colour, every channel alike ---------------


def over(fg_c: V, bg_c: V, fg_a: V) -> V:
    return fg_c + bg_c * (1.0 - fg_a)


def under(fg_c: V, bg_c: V, bg_a: V) -> V:
    return fg_c * (1.0 - bg_a) + bg_c


def inside(fg_c: V, bg_a: V) -> V:
    return fg_c * bg_a


def out(fg_c: V, bg_a: V) -> V:
    return fg_c * (1.0 - bg_a)


def atop(fg_c: V, bg_c: V, fg_a: V, bg_a: V) -> V:
    return fg_c * bg_a + bg_c * (1.0 - fg_a)


def xor(fg_c: V, bg_c: V, fg_a: V, bg_a: V) -> V:
    return fg_c * (1.0 - bg_a) + bg_c * (1.0 - fg_a)


def mask(bg_c: V, fg_a: V) -> V:
    return bg_c * fg_a


def stencil(bg_c: V, fg_a: V) -> V:
    return bg_c * (1.0 - fg_a)


def matte(fg_c: V, bg_c: V, fg_a: V) -> V:
    return fg_c * fg_a + bg_c * (1.0 - fg_a)


def conjoint_over(fg_c: V, bg_c: V, fg_a: V, bg_a: V) -> V:
    return select(fg_a >= bg_a, fg_c, fg_c + bg_c * (1.0 - divide(fg_a, bg_a)))


def disjoint_over(fg_c: V, bg_c: V, fg_a: V, bg_a: V) -> V:
    return select(fg_a + bg_a < 1.0, fg_c + bg_c, fg_c + bg_c * divide(1.0 - fg_a, bg_a))


# --- blends: of the two colours alone ---------------------------------------------------------


def copy(fg_c: V) -> V:
    return fg_c


def plus(fg_c: V, bg_c: V) -> V:
    return fg_c + bg_c


def minus(fg_c: V, bg_c: V) -> V:
    return fg_c - bg_c


def from_(fg_c: V, bg_c: V) -> V:
    return bg_c - fg_c


def difference(fg_c: V, bg_c: V) -> V:
    return absolute(fg_c - bg_c)


def average(fg_c: V, bg_c: V) -> V:
    return (fg_c + bg_c) * 0.5


def multiply(fg_c: V, bg_c: V) -> V:
    return select((fg_c < 0.0) & (bg_c < 0.0), fg_c, fg_c * bg_c)


def divided(fg_c: V, bg_c: V) -> V:
    return select((fg_c < 0.0) & (bg_c < 0.0), 0.0, divide(fg_c, bg_c))


def darkest(fg_c: V, bg_c: V) -> V:
    return minimum(fg_c, bg_c)


def brightest(fg_c: V, bg_c: V) -> V:
    return maximum(fg_c, bg_c)


def screen(fg_c: V, bg_c: V) -> V:
    inside_unit = (fg_c >= 0.0) & (fg_c <= 1.0) & (bg_c >= 0.0) & (bg_c <= 1.0)
    return select(inside_unit, fg_c + bg_c - fg_c * bg_c, maximum(fg_c, bg_c))


def lit(c: V, by: V) -> V:
    """Screen for the upper half of hard light and overlay: 0 leaves c as it is, however bright or
    negative, 1 turns it white, and light above 1 stays."""
    return c * (1.0 - minimum(by, 1.0)) + by


def hard_light(fg_c: V, bg_c: V) -> V:
    return select(fg_c < 0.5, multiply(2.0 * fg_c, bg_c), lit(bg_c, 2.0 * fg_c - 1.0))


def overlay(fg_c: V, bg_c: V) -> V:
    return select(bg_c < 0.5, multiply(fg_c, 2.0 * bg_c), lit(2.0 * bg_c - 1.0, fg_c))


def soft_light(fg_c: V, bg_c: V) -> V:
    # sqrt is NaN below zero, where the polynomial is the one chosen.
    curve = select(bg_c <= 0.25, ((16.0 * bg_c - 12.0) * bg_c + 4.0) * bg_c, sqrt(maximum(bg_c, 0.0)))
    darker = bg_c - (1.0 - 2.0 * fg_c) * bg_c * (1.0 - bg_c)
    return select(fg_c <= 0.5, darker, bg_c + (2.0 * fg_c - 1.0) * (curve - bg_c))


def colour_dodge(fg_c: V, bg_c: V) -> V:
    limit = maximum(bg_c, 1.0)
    lit = select(fg_c < 1.0, minimum(bg_c / select(fg_c < 1.0, 1.0 - fg_c, 1.0), limit), limit)
    return select(bg_c <= 0.0, bg_c, lit)


def colour_burn(fg_c: V, bg_c: V) -> V:
    limit = minimum(bg_c, 0.0)
    burnt = select(fg_c > 0.0, maximum(1.0 - (1.0 - bg_c) / select(fg_c > 0.0, fg_c, 1.0), limit), limit)
    return select(bg_c >= 1.0, bg_c, burnt)


def exclusion(fg_c: V, bg_c: V) -> V:
    return fg_c + bg_c - 2.0 * fg_c * bg_c


def geometric(fg_c: V, bg_c: V) -> V:
    return divide(2.0 * fg_c * bg_c, fg_c + bg_c)


def hypotenuse(fg_c: V, bg_c: V) -> V:
    return hypot(fg_c, bg_c)


OPERATORS: Mapping[str, Callable[..., Any]] = {
    "over": over,
    "under": under,
    "in": inside,
    "out": out,
    "atop": atop,
    "xor": xor,
    "mask": mask,
    "stencil": stencil,
    "matte": matte,
    "conjoint-over": conjoint_over,
    "disjoint-over": disjoint_over,
    "copy": copy,
}
BLENDS: Mapping[str, Callable[..., Any]] = {
    "plus": plus,
    "minus": minus,
    "from": from_,
    "difference": difference,
    "average": average,
    "multiply": multiply,
    "divide": divided,
    "min": darkest,
    "max": brightest,
    "screen": screen,
    "overlay": overlay,
    "soft light": soft_light,
    "hard light": hard_light,
    "colour dodge": colour_dodge,
    "colour burn": colour_burn,
    "exclusion": exclusion,
    "geometric": geometric,
    "hypot": hypotenuse,
}


def union_alpha(fg_a: V, bg_a: V) -> V:
    return fg_a + bg_a - fg_a * bg_a


def _alpha_masked(blend: Callable[..., Any]) -> Callable[..., Any]:
    """A blend of unmultiplied colours where both pictures are, each alone where only it is (W3C 5.8)."""

    def alpha_masked(fg_c: V, bg_c: V, fg_a: V, bg_a: V) -> V:
        blended = blend(divide(fg_c, fg_a), divide(bg_c, bg_a))
        return fg_c * (1.0 - bg_a) + bg_c * (1.0 - fg_a) + fg_a * bg_a * blended

    return alpha_masked


_MASKED = {name: _alpha_masked(blend) for name, blend in BLENDS.items()}


class Merge(Pixel):
    """Combine two pictures: `fg` (A, with alpha a) and `bg` (B, with alpha b), premultiplied.

    - over A+B(1-a) | under A(1-b)+B | in Ab | out A(1-b) | atop Ab+B(1-a) | xor A(1-b)+B(1-a)
    - mask Ba | stencil B(1-a) | matte Aa+B(1-a), for a foreground that isn't premultiplied
    - conjoint-over A+B(1-a/b), A where a >= b: edges that belong together
    - disjoint-over A+B(1-a)/b, A+B where a+b < 1: edges that share a pixel without overlap
    - copy A | plus A+B | minus A-B | from B-A | difference |A-B| | average (A+B)/2 | min | max
    - multiply AB, A where both are negative | divide A/B, 0 where both are negative or B is 0
    - screen A+B-AB where both are in 0..1, else the larger
    - overlay: multiply where B < 0.5, else screen | hard light: multiply where A < 0.5, else screen
    - soft light, colour dodge, colour burn: B lit or darkened by A, the W3C's formulas
    - in the last five, values of B outside 0..1 aren't pulled into it: a neutral A leaves B alone
    - exclusion A+B-2AB | geometric 2AB/(A+B) | hypot sqrt(A^2+B^2)

    Alpha goes through the same formula as colour, unless `alpha_masking` is on. A picture
    without alpha counts as opaque inside its data window; outside its data window every picture
    is 0. Formulas are Nuke's, but for soft light, and for blends under
    alpha masking are of unmultiplied colours, as the W3C has it.
    """

    id = "nodegraph.merge.merge"
    main = "bg"

    fg = In(help="A: what is laid on top.")
    bg = In(help="B: what is under it.")

    operation = Choice("over", (*OPERATORS, *BLENDS), help="How the two are combined.")
    alpha_masking = Bool(
        False,
        help="For the blends from plus on: blend only where both pictures are, keep either where it is "
        "alone, and give the result the union of both alphas.",
    )
    window = Choice(
        "union",
        ("union", "intersection", "fg", "bg"),
        label="data window",
        help="The pixels the result has; what lies outside is cut.",
    )
    channels = Text("all", shape=True, help='"all", "rgb", "rgba", "alpha", or names separated by commas.')

    def function(self, q: Query) -> Callable[..., Any]:
        operation = q.values.operation
        if operation in OPERATORS:
            return OPERATORS[operation]
        return (_MASKED if q.values.alpha_masking else BLENDS)[operation]

    def describe(self, q: Query) -> FrameSpec:
        fg, bg = q.inputs["fg"], q.inputs["bg"]
        chosen = chosen_channels(q.values.channels, (*bg.channels, *fg.channels))
        spec = describe_pixel(self, q)
        return spec.with_(
            channels=tuple(dict.fromkeys((*bg.channels, *chosen))),
            data_window=_window(q.values.window, fg.data_window, bg.data_window),
        )

    def shade(self, s: Shading, q: Query) -> dict[str, str]:
        result = shade_function(self, s, q)
        union = q.values.alpha_masking and q.values.operation in BLENDS
        if union and "A" in chosen_channels(q.values.channels, tuple(result)):
            (result["A"],) = s.call(union_alpha, s.channel("fg", "A"), s.channel("bg", "A"))
        return result


def _window(choice: str, fg: Window, bg: Window) -> Window:
    return {"union": fg.union(bg), "intersection": fg.intersect(bg), "fg": fg, "bg": bg}[choice]
