"""Slopes of an animation: what they are at its keys, and keys that are added without changing its shape."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace

from nodegraph.graph import Animation, Key


def slopes(animation: Animation, index: int) -> tuple[float, float]:
    """The slope in and out of a key, in value per frame; automatic ones computed."""
    keys = animation.keys
    key, a, b = keys[index], keys[max(0, index - 1)], keys[min(len(keys) - 1, index + 1)]
    secant = (b.value - a.value) / (b.frame - a.frame) if a is not b else 0.0
    return secant if key.slope_in is None else key.slope_in, secant if key.slope_out is None else key.slope_out


def in_counts(animation: Animation, index: int) -> bool:
    """Whether the slope into a key has an effect: something smooth comes in there."""
    return index > 0 and animation.keys[index - 1].interp == "smooth"


def out_counts(animation: Animation, index: int) -> bool:
    return index < len(animation.keys) - 1 and animation.keys[index].interp == "smooth"


def slope_at(animation: Animation, frame: float) -> float:
    """The slope of the curve itself at a frame, in value per frame; on a key, that which leaves it."""
    keys = animation.keys
    i = bisect_right([key.frame for key in keys], frame) - 1
    if i < 0 or i == len(keys) - 1 or keys[i].interp == "hold":
        return 0.0
    left, right = keys[i], keys[i + 1]
    span = right.frame - left.frame
    if left.interp == "linear":
        return (right.value - left.value) / span
    t = (frame - left.frame) / span
    out, into = slopes(animation, i)[1], slopes(animation, i + 1)[0]
    rise = 6 * t * (1 - t) * (right.value - left.value) / span
    return rise + (3 * t * t - 4 * t + 1) * out + (3 * t * t - 2 * t) * into


def inserted(animation: Animation, frame: float) -> Animation:
    """With a key on the curve at a frame. The curve stays as it is: a cubic that is cut in two is two cubics.

    For that, automatic slopes of the keys beside it become fixed ones. A key that is there stays.
    """
    keys = list(animation.keys)
    i = bisect_left([key.frame for key in keys], frame)
    if i < len(keys) and keys[i].frame == frame:
        return animation
    for beside in (i - 1, i):
        if 0 <= beside < len(keys):
            keys[beside] = _fixed(animation, beside)
    slope, interp = slope_at(animation, frame), keys[max(0, i - 1)].interp
    if i == 0:  # before the first key, and after the last one, the curve is level
        keys[0] = replace(keys[0], slope_in=0.0)
        interp = "smooth"
    elif i == len(keys) and keys[-1].interp == "smooth":
        keys[-1] = replace(keys[-1], slope_out=0.0)
    smooth = interp == "smooth"
    new = Key(frame, animation.at(frame), interp, slope if smooth else None, slope if smooth else None)
    return Animation([*keys, new])


def _fixed(animation: Animation, index: int) -> Key:
    """A key with the slopes that have an effect fixed at what they are."""
    key, (into, out) = animation.keys[index], slopes(animation, index)
    return replace(
        key,
        slope_in=into if in_counts(animation, index) else key.slope_in,
        slope_out=out if out_counts(animation, index) else key.slope_out,
    )
