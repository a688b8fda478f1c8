"""Tracks: every animated component of a document's parameters, and the key that a pair of names stands for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from nodegraph.editor.parts import split
from nodegraph.graph import Animation, Graph, Param


class TrackId(NamedTuple):
    """A component (0 for a scalar) of a parameter of the node at a path from the root."""

    path: str
    param: str
    component: int


class KeyId(NamedTuple):
    track: TrackId
    frame: float


@dataclass(frozen=True, slots=True)
class Track:
    """One animated number."""

    id: TrackId
    param: Param
    animation: Animation

    @property
    def label(self) -> str:
        """As expressions name it: "node.param.x"; a fourth one, which they can't name, by a or w."""
        name = f"{self.id.path}.{self.id.param}"
        return f"{name}.{letter(self.param, self.id.component)}" if self.param.length > 1 else name

    @property
    def frames(self) -> list[float]:
        return [key.frame for key in self.animation.keys]


def letter(param: Param, component: int) -> str:
    """How a component is called: r, g, b, a of a colour, x, y, z, w of a vector."""
    letters = "rgba" if param.kind == "colour" else "xyzw"
    return letters[component] if component < len(letters) else str(component)


def tracks(document: Graph, paths: Iterable[str] | None = None) -> list[Track]:
    """The animated components of nodes, or of the whole document: in the order of nodes and parameters."""
    found = []
    for path in dict(document.walk()) if paths is None else paths:
        place = document.find(path)
        signature = place[0].signature_of(place[1]) if place is not None else None
        if place is None or signature is None:
            continue
        for name, value in place[1].params.items():
            param = signature.params.get(name)
            for i, part in enumerate(split(param, value) if param is not None else ()):
                if param is not None and isinstance(part, Animation):
                    found.append(Track(TrackId(path, name, i), param, part))
    return found
