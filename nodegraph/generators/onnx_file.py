"""A picture-to-picture network in an ONNX file, as a TOML file beside it describes it.

    file = "style.onnx"          # beside the spec
    engine = "fast neural style" # how results are signed
    licence = "Apache-2.0"
    multiple = 4                 # width and height must be multiples of it: the picture is grown and cut again
    [input]
    name = "input1"
    layout = "NCHW"              # or "NHWC"
    range = [0, 255]             # what black and white are
    order = "RGB"                # or "BGR"
    mean = [0.485, 0.456, 0.406] # optional, in 0..1, and std: taken off before the range
    [output]                     # the same, without mean
    name = "output1"
    [mask]                       # optional: a second input, white where something new shall be
    name = "mask"

It runs on the processor through ONNX Runtime (the extra `ai`). It knows no prompt, seed or strength.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import CookError, MediaError, NodegraphError, did_you_mean
from nodegraph.generators.interface import Asked, Bytes, Progress, Request, Result, Wait, checked, unsupported
from nodegraph.values import Made

NAME = "ONNX file"
_TOP = ("file", "engine", "licence", "multiple", "input", "output", "mask")
_PORT = ("name", "layout", "range", "order", "mean", "std")


@dataclass(frozen=True, slots=True)
class Port:
    """How a picture is written into a tensor, or read from it."""

    name: str = ""
    layout: str = "NCHW"
    range: Sequence[float] = (0.0, 1.0)
    order: str = "RGB"
    mean: Sequence[float] = (0.0, 0.0, 0.0)
    std: Sequence[float] = (1.0, 1.0, 1.0)

    def written(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """`(height, width, channels)` of 0..1 as the tensor."""
        if pixels.shape[2] == 3:
            ordered = pixels[..., ::-1] if self.order == "BGR" else pixels
            pixels = np.asarray((ordered - np.asarray(self.mean)) / np.asarray(self.std), np.float32)
        low, high = self.range
        tensor = (pixels * (high - low) + low).astype(np.float32)[None]
        return np.ascontiguousarray(tensor.transpose(0, 3, 1, 2) if self.layout == "NCHW" else tensor)

    def read(self, tensor: NDArray[Any]) -> NDArray[np.float32]:
        """The tensor as `(height, width, 3)` of 0..1."""
        if tensor.ndim != 4 or tensor.shape[1 if self.layout == "NCHW" else 3] != 3:
            raise CookError(f"{NAME} made {tensor.shape}, which is no {self.layout} picture", hint="correct the layout")
        pixels = tensor[0].transpose(1, 2, 0) if self.layout == "NCHW" else tensor[0]
        low, high = self.range
        light = (np.asarray(pixels, np.float32) - np.float32(low)) / np.float32(high - low)
        made: NDArray[np.float32] = np.clip(light[..., ::-1] if self.order == "BGR" else light, 0, 1)
        return made


def files(path: str) -> list[str]:
    """What the engine is made from: the spec and its network."""
    try:
        named = tomllib.loads(Path(path).read_text("utf-8")).get("file", "")
    except (OSError, ValueError):
        return [path]
    return [path, os.path.join(os.path.dirname(path), str(named))]


def open_engine(path: str, server: str, timeout: float) -> OnnxFile:
    if not path:
        raise CookError("no spec is chosen", hint="set workflow to the TOML file beside the network")
    try:
        data = Path(path).read_bytes()
        spec = tomllib.loads(data.decode())
    except OSError as error:
        raise MediaError(f"can't be read: {error.strerror}", where=path, hint="choose the TOML beside it") from None
    except ValueError as error:
        hint = "choose the TOML file beside the network" if path.endswith(".onnx") else None
        raise MediaError(f"is no TOML: {error}", where=path, hint=hint) from None
    _known(spec, _TOP, path)
    if "file" not in spec or "input" not in spec:
        raise MediaError("names no file, or no [input]", where=path, hint='it needs file = "x.onnx" and [input]')
    model = os.path.join(os.path.dirname(path), str(spec["file"]))
    if not os.path.isfile(model):
        raise MediaError(f"names {spec['file']!r}, which isn't beside it", where=path)
    ports: dict[str, Port] = {
        name: _port(spec[name], name, path) for name in ("input", "output", "mask") if name in spec
    }
    status = os.stat(model)
    digest = hashlib.sha256(data + _sum(model, status.st_size, status.st_mtime_ns)).hexdigest()
    return OnnxFile(model, digest, ports, int(spec.get("multiple", 1)), spec, timeout, str(spec.get("engine", NAME)))


def _known(said: Any, known: Sequence[str], path: str) -> None:
    if not isinstance(said, dict):
        raise MediaError(f"{said!r} is no table", where=path)
    for key in said:
        if key not in known:
            raise MediaError(f"has the unknown {key!r}", where=path, hint=did_you_mean(key, known) or ", ".join(known))


def _port(said: Any, name: str, path: str) -> Port:
    _known(said, _PORT, path)
    port = Port(**said)
    if port.layout not in ("NCHW", "NHWC") or port.order not in ("RGB", "BGR"):
        raise MediaError(f"[{name}] has layout {port.layout!r} and order {port.order!r}", where=path,
                         hint="layout is NCHW or NHWC, order RGB or BGR")  # fmt: skip
    if len(port.range) != 2 or port.range[0] == port.range[1] or len(port.mean) != 3 or len(port.std) != 3:
        raise MediaError(f"[{name}] needs two different numbers as range, three as mean and std", where=path)
    return port


@lru_cache(maxsize=8)
def _sum(path: str, size: int, changed: int) -> bytes:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


@lru_cache(maxsize=2)
def _session(path: str, digest: str) -> Any:
    """The loaded network; `digest` so that a changed file is loaded anew."""
    try:
        import onnxruntime
    except ImportError:
        raise NodegraphError(
            "ONNX Runtime is not installed", hint='install the extra: pip install "nodegraph[ai]"'
        ) from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own classes share no base but this
        raise MediaError(f"is no network that can be loaded: {_first(error)}", where=path) from None


def _first(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


@dataclass(frozen=True)
class OnnxFile:
    model: str
    digest: str
    ports: Mapping[str, Port]
    multiple: int
    spec: Mapping[str, Any]
    timeout: float = 300.0
    name: str = NAME

    def generate(self, request: Request, progress: Progress, cancelled: Asked) -> Result:
        if request.picture is None or (request.mask is not None and "mask" not in self.ports):
            raise unsupported(self.name, request, "it turns a picture into a picture: connect image, without a mask")
        Wait(self.name, self.timeout, cancelled).check()
        progress(0.0, "loading")
        session = _session(self.model, self.digest)
        fed = self.fed(session, request.picture, request.mask)
        progress(0.1, "running")
        try:
            made = session.run([self.ports["output"].name] if self._names_output() else None, fed)[0]
        except Exception as error:  # as above
            raise CookError(f"{self.name} failed: {_first(error)}", hint="do name, layout and multiple fit?") from None
        height, width = request.picture.shape[:2]
        pixels = self.ports.get("output", Port()).read(np.asarray(made))[:height, :width]
        progress(1.0, "done")
        signed = Made(self.name, "", 0, os.path.basename(self.model), str(self.spec.get("licence", "")))
        return checked(Result(np.ascontiguousarray(pixels), signed), request, self.name, may_be_flat=True)

    def _names_output(self) -> bool:
        return "output" in self.ports and bool(self.ports["output"].name)

    def fed(self, session: Any, picture: Bytes, mask: Bytes | None) -> dict[str, NDArray[np.float32]]:
        """The tensors by the network's own names."""
        names = [each.name for each in session.get_inputs()]
        fed: dict[str, NDArray[np.float32]] = {}
        for at, (which, plane) in enumerate((("input", picture), ("mask", None if mask is None else mask[..., None]))):
            if plane is None:
                continue
            port = self.ports[which]
            name = port.name or names[min(at, len(names) - 1)]
            if name not in names:
                hint = did_you_mean(name, names) or f"it has {', '.join(names)}"
                raise CookError(f"{self.name} has no input {name!r}", hint=hint)
            fed[name] = port.written(self.grown(plane).astype(np.float32) / np.float32(255))
        return fed

    def grown(self, plane: Bytes) -> Bytes:
        height, width = plane.shape[:2]
        down, right = -height % max(self.multiple, 1), -width % max(self.multiple, 1)
        return np.pad(plane, ((0, down), (0, right), (0, 0)), mode="edge")
