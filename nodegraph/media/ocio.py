"""Colour transforms by OpenColorIO: exact in strips, or baked for the fused kernels.

The config is `$OCIO`, a named file, or the built-in ACES studio config, pinned by its name: the
built-in "latest" moves with the library.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import MediaError, did_you_mean

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool

BUILT_IN = "ocio://studio-config-v2.1.0_aces-v1.3_ocio-v2.3"

#: The shaper spreads scene-linear light over a cube's 0..1: log2 from 2^-10 to 2^10 above a
#: linear toe that goes a little below zero.
SHAPER_LOW, SHAPER_HIGH = -10.0, 10.0
_TOE = 2.0**SHAPER_LOW


@lru_cache(maxsize=8)
def config(path: str = "") -> Any:
    """An OCIO config: of a file, else `$OCIO` (looked up once), else the built-in one."""
    import PyOpenColorIO as ocio

    source = path or os.environ.get("OCIO") or BUILT_IN
    try:
        made = ocio.Config.CreateFromFile(source)
        made.validate()
    except (ocio.Exception, ocio.ExceptionMissingFile) as error:  # neither is the other's base
        raise MediaError(f"is no OpenColorIO config: {_first(error)}", where=source) from error
    return made


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


def spaces(path: str = "") -> list[str]:
    return [s.getName() for s in config(path).getColorSpaces()]


def working_space(path: str = "") -> str:
    """The space of the config that scene-linear BT.709 is, or else its scene_linear role: what pictures are in."""
    plain = "Linear Rec.709 (sRGB)"
    return plain if config(path).getColorSpace(plain) is not None else "scene_linear"


def displays(path: str = "") -> dict[str, list[str]]:
    """The views of each display."""
    made = config(path)
    return {d: list(made.getViews(d)) for d in made.getDisplays()}


@lru_cache(maxsize=64)
def convert(source: str, target: str, path: str = "") -> Any:
    """The processor from one colour space (or role or alias) to another."""
    made = config(path)
    for name in (source, target):
        if made.getColorSpace(name) is None:
            hint = did_you_mean(name, spaces(path)) or f"the config has {len(spaces(path))} spaces"
            raise MediaError(f"has no colour space {name!r}", where=_name(path), hint=hint)
    return _processor(lambda: made.getProcessor(source, target), path)


@lru_cache(maxsize=64)
def view(source: str, display: str = "", view_name: str = "", path: str = "", inverse: bool = False) -> Any:
    """The processor from a space to a display's view; "" takes the config's default."""
    import PyOpenColorIO as ocio

    made = config(path)
    known = displays(path)
    display = display or made.getDefaultDisplay()
    if display not in known:
        raise MediaError(
            f"has no display {display!r}", where=_name(path), hint=did_you_mean(display, known) or ", ".join(known)
        )
    view_name = view_name or made.getDefaultView(display)
    if view_name not in known[display]:
        hint = did_you_mean(view_name, known[display]) or ", ".join(known[display])
        raise MediaError(f"display {display!r} has no view {view_name!r}", where=_name(path), hint=hint)
    if made.getColorSpace(source) is None:
        raise MediaError(f"has no colour space {source!r}", where=_name(path), hint=did_you_mean(source, spaces(path)))
    direction = ocio.TRANSFORM_DIR_INVERSE if inverse else ocio.TRANSFORM_DIR_FORWARD
    return _processor(lambda: made.getProcessor(source, display, view_name, direction), path)


@lru_cache(maxsize=64)
def _file_transform(file: str, stamp: int, inverse: bool) -> Any:
    import PyOpenColorIO as ocio

    ocio.ClearAllCaches()  # it remembers files by name, even when they have changed
    transform = ocio.FileTransform(file, interpolation=ocio.INTERP_BEST)
    if inverse:
        transform.setDirection(ocio.TRANSFORM_DIR_INVERSE)
    return _processor(lambda: ocio.Config.CreateRaw().getProcessor(transform), file)


def lut(file: str, inverse: bool = False) -> Any:
    """The processor of a LUT or CDL file (.cube .spi1d .csp .clf .cc ...)."""
    from nodegraph.media.images import check_file

    return _file_transform(file, check_file(file).st_mtime_ns, inverse)


def _name(path: str) -> str:
    return path or os.environ.get("OCIO") or BUILT_IN


def _processor(make: Callable[[], Any], path: str) -> Any:
    import PyOpenColorIO as ocio

    try:
        return make()
    except (ocio.Exception, ocio.ExceptionMissingFile) as error:
        raise MediaError(f"can't make the transform: {_first(error)}", where=_name(path)) from error


def apply_exact(processor: Any, rgb: NDArray[np.float32], pool: Pool) -> None:
    """Transform planar `(3, height, width)` pixels in place, exactly, in strips on the pool's threads."""
    import PyOpenColorIO as ocio

    cpu = processor.getDefaultCPUProcessor()
    if cpu.isNoOp():
        return
    width = rgb.shape[2]

    def strip(y0: int, y1: int) -> None:
        planes = [np.ascontiguousarray(rgb[c, y0:y1]) for c in range(3)]
        cpu.apply(ocio.PlanarImageDesc(*planes, width, y1 - y0))
        for c in range(3):
            rgb[c, y0:y1] = planes[c]

    pool.map(rgb.shape[1], strip, 32)


# --- baking -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Baked:
    """A transform as a colour cube for `lookup3`: flat float32, blue fastest, over shaped light."""

    size: int
    cube: NDArray[np.float32]


def shape(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scene-linear light to the cube's 0..1; see `nodegraph.kernels.shade` for its kernel twin."""
    span = SHAPER_HIGH - SHAPER_LOW
    # The toe continues the logarithm's slope at 2^low down through zero.
    toe = (linear / _TOE - 1) / np.log(2)
    with np.errstate(invalid="ignore", divide="ignore"):
        log = np.log2(np.maximum(linear, _TOE)) - SHAPER_LOW
    shaped = np.where(linear >= _TOE, log, toe)
    return np.asarray(shaped / span * (1 - _toe_share()) + _toe_share(), np.float64)


def unshape(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of `shape`."""
    span = SHAPER_HIGH - SHAPER_LOW
    y = (x - _toe_share()) / (1 - _toe_share()) * span
    return np.where(y >= 0, np.exp2(np.maximum(y, 0) + SHAPER_LOW), (y * np.log(2) + 1) * _TOE)


def _toe_share() -> float:
    """How much of 0..1 lies below the toe's end: enough for values down to minus one toe end."""
    below = 2 / np.log(2) / (SHAPER_HIGH - SHAPER_LOW)
    return float(below / (1 + below))


@lru_cache(maxsize=32)
def bake(processor: Any, size: int = 65, shaped: bool = True) -> Baked:
    """Sample a transform on a cube, over shaped (scene-linear) or plain 0..1 input."""
    axis = np.linspace(0, 1, size)
    light = unshape(axis) if shaped else axis
    grid = np.stack(np.meshgrid(light, light, light, indexing="ij"), -1).astype(np.float32)
    flat = np.ascontiguousarray(grid.reshape(-1, 3))
    processor.getDefaultCPUProcessor().applyRGB(flat)
    cube = np.ascontiguousarray(flat.ravel())
    cube.flags.writeable = False
    return Baked(size, cube)
