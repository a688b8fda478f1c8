"""Pictures from generative engines: text, a picture or a part of one to a new one.

recipe (workflow, spec or weights) ─┐
image, mask ────────────────────────┴─> made, or read from disk if it was made before ─> out
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.generators import ENGINES, Engine, Request, generate_once, open_engine, stamp
from nodegraph.kernels.transfer import srgb_decode, srgb_encode
from nodegraph.node import (
    Bool,
    Choice,
    Compound,
    Float,
    FrameNode,
    In,
    Int,
    NodeType,
    Out,
    Part,
    Parts,
    Path,
    Query,
    Source,
    Text,
    default_spec,
)
from nodegraph.values import Frame, Window

from .around import UNKNOWN, Planes, around, fitted

if TYPE_CHECKING:
    from nodegraph.generators import Kind, Result
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import FrameSpec

__all__ = ["Generate"]

_log = logging.getLogger(__name__)

ENGINE = Choice("ComfyUI", ENGINES, help="What makes the picture.")
SERVER = Text("", help="Where it runs: http://HOST:PORT. Empty is this machine, ComfyUI's usual port.")
WORKFLOW = Path(
    label="workflow or spec",
    help="ComfyUI: a workflow saved with 'Export (API)'. Others: the spec of the service or network, or the folder.",
)
TIMEOUT = Float(300, 1, 86400, unit="s", soft=(10, 1800), help="How long a picture may take.")


class _Run(NodeType):
    """What an engine is opened with, as parameters."""

    engine = ENGINE
    server = SERVER
    workflow = WORKFLOW
    timeout = TIMEOUT


class _Recipe(_Run, Source):
    """An engine opened from its file; a changed file makes a new one."""

    id = "nodegraph.environment.generate.recipe"
    out = Out("Number")

    def describe(self, q: Query) -> None:
        return None

    def file(self, q: Query) -> str:
        return q.resolve(q.p.workflow) if q.p.workflow else ""

    def stamp(self, q: Query) -> object:
        return stamp(q.p.engine, self.file(q))

    def cook(self, q: Query, region: Window, pool: Pool) -> Any:
        return open_engine(q.p.engine, self.file(q), q.p.server, float(q.p.timeout))


class _Asked(NodeType):
    """What is asked of an engine, as parameters."""

    engine = ENGINE
    prompt = Text("", help="What shall be seen. Empty is the workflow's own.")
    negative = Text("", help="What shall not be seen. Empty is the workflow's own.")
    seed = Int(1, 0, 2**32 - 1, help="Another seed is another picture; the same one is the same again.")
    steps = Int(0, 0, 1000, soft=(0, 50), help="More are slower and finer. 0 is the workflow's own.")
    strength = Float(
        0.75, 0, 1, help="How far from the picture that comes in it may go: 1 is anywhere, as extending takes it."
    )
    width = Int(1024, 16, 16384, soft=(256, 4096), help="Of the picture made, in pixels at full size.")
    height = Int(512, 16, 16384, soft=(256, 4096), help="Of the picture made, in pixels at full size.")
    extend = Bool(False, label="extend to a panorama", help="Paints a world around the picture: 360 by 180 degrees.")
    covers = Float(
        90, 5, 170, unit="deg", soft=(20, 120), help="How much of the world the picture's width shows, when extended."
    )
    licence = Text("", help="Of the model, where the engine doesn't say; goes along into what is made of it.")


class _Made(_Asked, FrameNode):
    """The picture, made or remembered."""

    id = "nodegraph.environment.generate.made"
    reads = frozenset({"scale"})
    recipe = In("Number")
    image = In(optional=True)
    mask = In("Matte", optional=True)

    def describe(self, q: Query) -> FrameSpec:
        width, height = size(q)
        window = Window.sized(max(1, round(width * q.scale)), max(1, round(height * q.scale)))
        about = {"generate:engine": q.p.engine, "generate:prompt": q.p.prompt, "generate:seed": int(q.p.seed)}
        spec = default_spec(q, ("R", "G", "B"))
        return spec.with_(data_window=window, display_window=window, pixel_aspect=1.0, metadata=about)

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        engine: Engine = inputs["recipe"]
        request = asked(q, inputs.get("image"), inputs.get("mask"), pool)

        def progress(share: float, doing: str) -> None:
            _log.info("%s: %s: %s (%d %%)", q.path, engine.name, doing, round(share * 100))

        result = generate_once(engine, request, progress, lambda: False)
        spec = self.describe(q)
        pixels = fitted(light_of(result), spec.data_window.width, spec.data_window.height, pool)
        made = result.made
        about = {
            "generate:engine": made.engine,
            "generate:kind": request.kind,
            "generate:prompt": made.prompt,
            "generate:seed": made.seed,
            "generate:model": made.model,
            "generate:licence": made.licence or q.p.licence,
        }
        return Frame(spec.with_(metadata={k: v for k, v in about.items() if v != ""}), pixels)


def size(q: Query) -> tuple[int, int]:
    """Width and height of what is made, at full size."""
    return (2 * int(q.p.height) if q.p.extend else int(q.p.width)), int(q.p.height)


def asked(q: Query, image: Frame | None, mask: Frame | None, pool: Pool) -> Request:
    """The request that the node's values and pictures are."""
    if image is None and (mask is not None or q.p.extend):
        wants = "extend to a panorama" if q.p.extend else "the mask"
        raise CookError(f"{wants} needs a picture and none is connected", where=q.path, hint="connect image")
    width, height = size(q)
    kind: Kind = "text to picture"
    picture = paint = None
    if image is not None:
        colours, where = _colours(image, q), _where(mask, image)
        if q.p.extend:
            kind = "extend"
            planes = colours if where is None else np.concatenate([colours, where])
            placed, known = around(planes, width, height, q.p.covers, pool)
            inside = np.zeros_like(placed[:1]) if where is None else placed[3:]
            colours, where = placed[:3], np.where(known, inside, np.float32(1))
            picture = np.where(known, _codes(colours), np.float32(UNKNOWN))
        else:
            kind = "picture to picture" if where is None else "inpaint"
            picture = _codes(fitted(colours, width, height, pool))
            where = None if where is None else fitted(where, width, height, pool)
        paint = None if where is None else _bytes(where)[0]
        picture = np.ascontiguousarray(_bytes(picture).transpose(1, 2, 0))
    strength = 1.0 if q.p.extend else float(q.p.strength)  # there is nothing around it to stay near to
    words = q.p.prompt.strip(), q.p.negative.strip(), int(q.p.seed), int(q.p.steps), strength
    return Request(kind, *words, width, height, picture, paint)


def _colours(image: Frame, q: Query) -> Planes:
    if not {"R", "G", "B"} <= set(image.spec.channels):
        raise CookError("needs a colour picture", where=q.path, hint="connect one with R, G and B")
    image = image.crop(image.spec.display_window)
    return np.nan_to_num(np.stack([image.channel(c) for c in "RGB"]), nan=0, posinf=1, neginf=0)


def _where(mask: Frame | None, image: Frame) -> Planes | None:
    """The matte over the picture."""
    if mask is None:
        return None
    held = mask.crop(image.spec.display_window)
    return np.nan_to_num(held.channel("A")[None] if "A" in held.spec.channels else held.pixels[:1])


def _codes(light: Planes) -> Planes:
    """Scene-linear light in sRGB, 0..1."""
    with np.errstate(divide="ignore"):  # at 0, where the straight part of the curve is taken
        encoded: Planes = np.asarray(srgb_encode(np.clip(light, 0, 1)), np.float32)
    return encoded


def _bytes(codes: NDArray[Any]) -> NDArray[np.uint8]:
    made: NDArray[np.uint8] = np.round(np.clip(codes, 0, 1) * 255).astype(np.uint8)
    return made


def light_of(result: Result) -> Planes:
    """Scene-linear planes (3, height, width) of what an engine made."""
    codes = np.ascontiguousarray(result.picture.transpose(2, 0, 1), np.float32)
    if result.linear:
        return codes
    if result.picture.dtype == np.uint8:
        codes /= np.float32(255)
    light: Planes = np.asarray(srgb_decode(codes), np.float32)
    return light


class Generate(_Asked, _Run, Compound):
    """A picture made by a generative engine that you run or subscribe to: ComfyUI, a service, a network, a folder of weights.

    Without `image` it is made from the prompt; with one it is that picture changed as far as `strength` says; with a
    `mask` only where that is white. *extend to a panorama* puts the picture into the middle of the world, as a lens that
    covers so many degrees shows it, and has the rest painted around it: twice as wide as high, for environment.from_picture.

    **ComfyUI** takes a workflow saved with 'Export (API)', or a picture that ComfyUI saved. Title nodes "prompt", "negative",
    "seed", "steps", "strength", "width", "height", "picture", "mask" and "result" to say where values go; without titles
    they are found from the sampler on. **job HTTP** takes a TOML file that describes the service (the docs of
    nodegraph.generators.job_http show one); keys come from the environment and are never stored. **ONNX file** takes the TOML file
    beside a picture-to-picture network, **diffusers folder** a folder of weights. `pip install "nodegraph[generate]"` for the
    first two, `nodegraph[ai]` and `nodegraph[diffusers]` for the others.

    Values from a model end at 1: it sees and makes sRGB, but for workflows that save EXR. What comes in is clipped there. A picture
    once made is kept on disk, in `generated` of nodegraph's cache folder, under the digest of the engine, the workflow and all
    that was asked with its pixels: it is never made twice, whatever the frame or the machine's next start. With a moving picture at `image`
    each frame is another question; put time.hold before it where one answer will do. So is a picture at a proxy scale.

    When an engine fails, the node fails and says why, and who shows pictures keeps the last one. It does not itself hand on an
    earlier result: the engine keeps results by what was asked, and would keep that one as if it were the answer. What
    made a picture is in its metadata, as `generate:engine`, `:kind`, `:prompt`, `:seed`, `:model` and `:licence`.
    """

    id = "nodegraph.environment.generate"
    label = "generate"
    kind = "frame"
    maskable = False

    image = In(optional=True, help="What it starts from.")
    mask = In("Matte", optional=True, help="White where something new shall be.")

    def compose(self, q: Query, parts: Parts) -> Part:
        recipe = parts.use("recipe", _RECIPE, {}, **q.given(_RECIPE))
        pictures = {port: parts.inputs.get(port) for port in ("image", "mask")}
        return parts.use("made", _MADE, {"recipe": recipe, **pictures}, **q.given(_MADE))


_RECIPE, _MADE = _Recipe(), _Made()
