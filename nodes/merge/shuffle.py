"""Which channel becomes which."""

from __future__ import annotations

from nodegraph.errors import CookError
from nodegraph.kernels.emit import ONE, ZERO, Value
from nodegraph.node import In, Pixel, Query, Text
from nodegraph.shading import Shading
from nodegraph.values import FrameSpec

_SOURCE = (
    'A channel\'s name ("R", "depth.Z"), "other.NAME" for one of the second picture, "black" or "white"; '
    "empty leaves the channel as it is."
)


class Shuffle(Pixel):
    """Choose where each channel comes from: this picture, another, black or white.

    Costs nothing in a fused run: only the names of values change. A source channel that isn't
    there is black (alpha: white, since a picture without alpha is opaque).
    """

    id = "nodegraph.merge.shuffle"
    maskable = False

    image = In()
    other = In(optional=True, help='Its channels are named "other.R" and so on.')

    red = Text("R", shape=True, help=_SOURCE)
    green = Text("G", shape=True, help=_SOURCE)
    blue = Text("B", shape=True, help=_SOURCE)
    alpha = Text("A", shape=True, help=_SOURCE)
    more = Text(
        "",
        shape=True,
        label="more channels",
        help='Further channels: "depth.Z = other.R, mask.a = white".',
    )

    def describe(self, q: Query) -> FrameSpec:
        image, other = q.inputs["image"], q.inputs.get("other")
        window = image.data_window.union(other.data_window) if other else image.data_window
        return image.with_(channels=tuple(dict.fromkeys((*image.channels, *_wanted(q)))), data_window=window)

    def shade(self, s: Shading, q: Query) -> dict[str, Value]:
        result = dict(s.inputs["image"])
        result.update({name: _value(s, source) for name, source in _wanted(q).items()})
        return result


def _wanted(q: Query) -> dict[str, str]:
    """Source of each output channel that is asked for; what an input merely lacks isn't made."""
    v = q.values
    wanted = {"R": v.red, "G": v.green, "B": v.blue, "A": v.alpha}
    for part in filter(None, (p.strip() for p in v.more.split(","))):
        name, equals, source = (t.strip() for t in part.partition("="))
        if not (equals and name and source):
            raise CookError(
                f"parameter 'more': can't read {part!r}", where=q.path, hint='write it as "depth.Z = other.R"'
            )
        wanted[name] = source
    here = q.inputs["image"].channels
    return {n: s.strip() for n, s in wanted.items() if s.strip() and (s.strip() != n or n in here)}


def _value(s: Shading, source: str) -> Value:
    if source in ("black", "0"):
        return ZERO
    if source in ("white", "1"):
        return ONE
    if source.startswith("other."):
        return s.channel("other", source.removeprefix("other."))
    return s.channel("image", source)
