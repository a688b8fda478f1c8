"""One node at one moment: what the engine plans and cooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from nodegraph.node import NodeType, Pixel, Query
from nodegraph.values import FrameSpec, Window

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


#: The port on which a pixel node gets what its analysis found.
FOUND = "@found"


@dataclass(slots=True, eq=False)
class Instance:
    """A node with its values at a frame, its inputs, and what follows from them.

    `key` says everything the result depends on; `shape` only what decides the code that runs.
    `spec` is None when nobody can know before cooking. `matrix`, `root` and `sampling` are set for a
    warp: the map from its pixels to those of the picture where its chain of warps begins, and the filter. `stamp` is
    a source's, `sources_read` all sources it is made from.
    """

    path: str
    type: NodeType
    frame: int
    q: Query
    inputs: dict[str, tuple[Instance, ...]]
    key: bytes
    shape: Shape
    spec: FrameSpec | None
    varies: bool
    parts: dict[str, Any] = field(default_factory=dict)
    matrix: NDArray[np.float64] | None = None
    root: Instance | None = None
    sampling: str = ""
    stamp: object = None
    sources_read: frozenset[Instance] = frozenset()

    @property
    def is_pixel(self) -> bool:
        return isinstance(self.type, Pixel)

    @property
    def is_picture(self) -> bool:
        return self.spec is not None

    @property
    def window(self) -> Window:
        assert self.spec is not None, f"{self.path} has no spec yet"
        return self.spec.data_window

    def pictures(self) -> dict[str, Instance]:
        """The pictures a pixel instance reads, by port."""
        return {port: each[0] for port, each in self.inputs.items() if port != FOUND}

    def sources(self) -> list[tuple[str, Instance]]:
        """(port, instance) of everything this reads."""
        if self.root is not None:
            main = self.type.main_input
            rest = [(p, i) for p, all_ in self.inputs.items() if p != main for i in all_]
            return [(main, self.root), *rest]
        return [(port, each) for port, all_ in self.inputs.items() for each in all_]

    def __repr__(self) -> str:
        return f"<{self.path} @{self.frame} {self.key.hex()[:8]}>"


def digest(*parts: bytes) -> bytes:
    """16 bytes of BLAKE2b over the parts, each with its length."""
    lengths = repr([len(part) for part in parts]).encode()
    return blake2b(lengths + b"".join(parts), digest_size=16).digest()


#: What decides the code that runs: compared, never stored.
Shape = tuple[object, ...]


def shape_of(kind: NodeType, values: Mapping[str, Any], inputs: Mapping[str, FrameSpec]) -> Shape:
    """A pixel node's type and source, choices, and the make of its inputs."""
    choices = tuple([values[name] for name in kind.choices])
    make = tuple([(port, s.channels, s.premultiplied, s.colour_space) for port, s in inputs.items()])
    return (kind.id, kind.digest, choices, make)
