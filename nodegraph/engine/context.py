"""What is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from nodegraph.values import Window


@dataclass(frozen=True, slots=True)
class Context:
    """A moment and a way of looking at it.

    `region` is in pixels at the proxy `scale`; None asks for the whole data window. `quality`
    is "full" or "preview". With `keep`, every picture made on the way is offered to the cache,
    as an editor wants; a render keeps only what doesn't change over time.
    """

    frame: int = 1
    region: Window | None = None
    scale: float = 1.0
    quality: str = "full"
    keep: bool = True
