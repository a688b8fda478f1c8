"""Channels of one picture into another."""

from __future__ import annotations

from nodegraph.errors import CookError
from nodegraph.kernels.emit import Value
from nodegraph.node import In, Pixel, Query, Text, chosen_channels
from nodegraph.shading import Shading
from nodegraph.values import FrameSpec


class Copy(Pixel):
    """Put channels of `source` into `image`: a matte from the keyer into the plate, say.

    Outside the source's data window its channels are 0.
    """

    id = "nodegraph.merge.copy"
    main = "image"

    source = In(help="Where the channels come from.")
    image = In(help="The picture they are put into.")

    channels = Text("alpha", shape=True, help='Of the source: "all", "rgb", "rgba", "alpha", or names.')
    to = Text("", shape=True, help="Their names in the result, in the same order; empty keeps the names.")

    def describe(self, q: Query) -> FrameSpec:
        image = q.inputs["image"]
        channels = tuple(dict.fromkeys((*image.channels, *_renamed(q))))
        return image.with_(channels=channels, data_window=image.data_window.union(q.inputs["source"].data_window))

    def shade(self, s: Shading, q: Query) -> dict[str, Value]:
        result = dict(s.inputs["image"])
        result.update({new: s.channel("source", old) for new, old in _renamed(q).items()})
        return result


def _renamed(q: Query) -> dict[str, str]:
    """New name: name in the source."""
    wanted = q.values.channels
    available = q.inputs["source"].channels
    if "A" not in available and wanted.strip().lower() in ("alpha", "rgba", "a"):
        available = (*available, "A")  # opaque inside its data window
    old = chosen_channels(wanted, available)
    if not old:
        raise CookError(
            f"parameter 'channels': {wanted!r} is none of the source's channels",
            where=q.path,
            hint="it has " + ", ".join(available),
        )
    new = [name.strip() for name in q.values.to.split(",")] if q.values.to.strip() else list(old)
    if len(new) != len(old) or not all(new):
        raise CookError(
            f"parameter 'to' names {len(new)} channels, 'channels' names {len(old)}",
            where=q.path,
            hint="copied are " + ", ".join(old),
        )
    return dict(zip(new, old, strict=True))
