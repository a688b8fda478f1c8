"""Colour transforms by OpenColorIO.

Pixels go through OCIO's own CPU processor, so the result is what every other OCIO program
gives. The config is the one named, else `$OCIO`, else OCIO's built-in ACES studio config.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.errors import MediaError
from nodegraph.media import ocio
from nodegraph.node import Bool, Choice, Filter, Path, Query, Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nodegraph.kernels.pool import Pool
    from nodegraph.values import FrameSpec, Window

_CONFIG = Path(help="An OCIO config; empty is $OCIO, or else the built-in ACES studio config.")
_UNPREMULTIPLY = Bool(True, help="Divide by alpha before and multiply after, where the picture is premultiplied.")


class _Transform(Filter):
    """What OCIO nodes share: red, green and blue through a processor, pixel by pixel."""

    grows = False

    def processor(self, q: Query) -> Any:
        raise NotImplementedError

    def result_space(self, q: Query) -> str:
        return "linear"

    def describe(self, q: Query) -> FrameSpec | None:
        self.processor(q)  # what can't work is said before anything is cooked
        return q.inputs["image"].with_(colour_space=self.result_space(q))

    def reach(self, q: Query) -> tuple[int, int]:
        return 0, 0

    def worked(self, q: Query) -> tuple[str, ...]:
        names = q.inputs["image"].channels
        if not {"R", "G", "B"} <= set(names):
            raise MediaError("needs a colour picture", where=q.path, hint="connect one with R, G and B")
        divides = q.p.unpremultiply and q.inputs["image"].premultiplied and "A" in names
        return ("R", "G", "B", "A") if divides else ("R", "G", "B")

    def apply(self, q: Query, src: NDArray[np.float32], dst: NDArray[np.float32], region: Window, pool: Pool) -> None:
        names = [n for n in q.inputs["image"].channels if n in self.worked(q)]
        rgb = np.ascontiguousarray(src[[names.index(c) for c in "RGB"]])
        factor = None
        if "A" in names:
            alpha = src[names.index("A")]
            factor = np.where(alpha > 1.2e-38, alpha, np.float32(1))
            rgb /= factor
        ocio.apply_exact(self.processor(q), rgb, pool)
        if factor is not None:
            rgb *= factor
            dst[names.index("A")] = src[names.index("A")]
        for k, name in enumerate("RGB"):
            dst[names.index(name)] = rgb[k]


def _config(q: Query) -> str:
    return q.resolve(q.p.config) if q.p.config else ""


class OCIOTransform(_Transform):
    """From one colour space of the config to another."""

    id = "nodegraph.colour.ocio_transform"
    label = "OCIO transform"

    source = Text("scene_linear", shape=True, help="A colour space, role or alias of the config.")
    target = Text("ACEScct", shape=True, help="A colour space, role or alias of the config.")
    config = _CONFIG
    unpremultiply = _UNPREMULTIPLY

    def processor(self, q: Query) -> Any:
        return ocio.convert(q.p.source, q.p.target, _config(q))

    def result_space(self, q: Query) -> str:
        return str(q.p.target)


class DisplayView(_Transform):
    """What a display shows of scene-linear light, by a view of the config."""

    id = "nodegraph.colour.display_view"
    label = "display view"

    source = Text("scene_linear", shape=True, help="The picture's colour space.")
    display = Text("", shape=True, help="Empty is the config's default display.")
    view = Text("", shape=True, help="Empty is the display's default view.")
    inverse = Bool(False, help="From what is shown back to light, as well as that can be done.")
    config = _CONFIG
    unpremultiply = _UNPREMULTIPLY

    def processor(self, q: Query) -> Any:
        return ocio.view(q.p.source, q.p.display, q.p.view, _config(q), q.p.inverse)

    def result_space(self, q: Query) -> str:
        return "linear" if q.p.inverse else f"display {q.p.display}".strip()


class LutFile(_Transform):
    """A look-up table or CDL from a file: .cube .3dl .csp .spi1d .spi3d .clf .cc .ccc .cdl and what else OCIO reads."""

    id = "nodegraph.colour.lut_file"
    label = "LUT file"

    path = Path(help="The file. Its values are taken as they are: put log nodes around it where it asks for log.")
    direction = Choice("forward", ("forward", "inverse"), help="Inverse where the file can be turned round.")
    unpremultiply = _UNPREMULTIPLY

    def processor(self, q: Query) -> Any:
        if not q.p.path:
            raise MediaError("no file is chosen", where=q.path, hint=f"--set {q.path}.path=FILE")
        return ocio.lut(os.path.abspath(q.resolve(q.p.path)), q.p.direction == "inverse")

    def result_space(self, q: Query) -> str:
        return q.inputs["image"].colour_space
