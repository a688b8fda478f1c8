"""Holding values within limits."""

from nodegraph.kernels.shade import V, maximum, minimum, select
from nodegraph.node import Bool, Float, pixel


@pixel("nodegraph.colour.clamp", label="clamp")
def clamp(
    c: V,
    *,
    low: V = Float(0, soft=(0, 1), help="Nothing below this."),
    high: V = Float(1, soft=(0, 1), help="Nothing above this."),
    use_low: V = Bool(True, label="use low", help="Hold values up."),
    use_high: V = Bool(True, label="use high", help="Hold values down."),
) -> V:
    """Hold values between two limits. NaN becomes the lower one."""
    up = select(use_low > 0.5, maximum(c, low), c)
    return select(use_high > 0.5, minimum(up, high), up)
