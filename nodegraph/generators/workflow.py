"""ComfyUI workflows in API format, and where in them a request's values go.

Two rules, the first before the second:

1. A node titled "prompt", "negative", "seed", "steps", "strength", "width", "height", "picture", "mask" takes that value, and
   one titled "result" gives the picture.
2. Else the nodes are found by what they do. From the sampler (a node with a seed and the links `positive` and `negative`,
   or a guider with them) the links are followed up to a text encoder each: prompt and negative. seed, steps and
   denoise are the sampler's, or those of RandomNoise and BasicScheduler. width and height are those of the first empty latent.
   The picture goes to the first LoadImage, the mask to the first LoadImageMask, or where a LoadImage's mask is
   used into the picture's alpha, as ComfyUI itself has it.

A prompt or negative that is empty, steps of 0 and the strength without a picture leave the workflow's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from nodegraph.errors import CookError, MediaError
from nodegraph.generators.interface import Request
from nodegraph.generators.pictures import png_texts

#: The inputs of a titled node that may take each value, the likeliest first.
INPUTS: Mapping[str, tuple[str, ...]] = {
    "prompt": ("text", "value", "string", "prompt"),
    "negative": ("text", "value", "string", "prompt"),
    "seed": ("seed", "noise_seed", "value", "int"),
    "steps": ("steps", "value", "int"),
    "strength": ("denoise", "strength", "value", "float"),
    "width": ("width", "value", "int"),
    "height": ("height", "value", "int"),
    "picture": ("image", "file", "value"),
    "mask": ("image", "mask", "file", "value"),
}
#: Without a place for these a request can't be granted.
_NEEDED = ("prompt", "negative", "picture", "mask")
_EXPORT = "in ComfyUI, save it with 'Export (API)' and take that file"


@dataclass(frozen=True, slots=True)
class Place:
    """An input of a node. As `in_alpha` a mask goes into the alpha of the picture at that place."""

    node: str
    input: str
    in_alpha: bool = False


class Workflow:
    """Nodes by their ids, each with `class_type`, `inputs` and perhaps a title."""

    def __init__(self, nodes: Mapping[str, Mapping[str, Any]], path: str = "") -> None:
        self.nodes, self.path = nodes, path
        self.places = {name: place for name in INPUTS if (place := self._titled(name) or self._found(name))}

    def title(self, node: str) -> str:
        """How its author calls a node."""
        about = self.nodes.get(node, {})
        meta = about.get("_meta")
        named = meta.get("title") if isinstance(meta, dict) else None
        return str(named or about.get("class_type") or node)

    @property
    def model(self) -> str:
        """The first checkpoint it loads."""
        for name in ("ckpt_name", "unet_name", "model_name"):
            for about in self.nodes.values():
                if isinstance(about["inputs"].get(name), str):
                    return str(about["inputs"][name])
        return ""

    @property
    def result(self) -> str | None:
        """The node whose picture is the result, if one is titled so."""
        return next((id for id in self.nodes if self.title(id).strip().lower() == "result"), None)

    def filled(self, request: Request, files: Mapping[str, str]) -> dict[str, Any]:
        """The workflow with the request's values; `files` are the server's names of picture and mask."""
        nodes = deepcopy(dict(self.nodes))
        for name, value in {**wanted(request), **files}.items():
            place = self.place(name)
            if place is None or place.in_alpha:
                continue
            inputs = nodes[place.node]["inputs"]
            inputs[place.input] = value
            if name == "mask" and isinstance(inputs.get("channel"), str):
                inputs["channel"] = "red"  # a mask is sent as grey
        return nodes

    def place(self, name: str) -> Place | None:
        """Where a value goes; CookError if it must go somewhere and there is no place."""
        place = self.places.get(name)
        if place is None and name in _NEEDED:
            kind = "LoadImage" if name == "picture" else "LoadImageMask" if name == "mask" else "CLIPTextEncode"
            raise CookError(
                f"the workflow {self.path or 'given'} has no place for the {name}",
                hint=f'title a node "{name}" in ComfyUI, or use a {kind} node',
            )
        return place

    # -- by title

    def _titled(self, name: str) -> Place | None:
        for id, about in self.nodes.items():
            if self.title(id).strip().lower() != name:
                continue
            inputs = about["inputs"]
            taken = next((i for i in INPUTS[name] if i in inputs and not _is_link(inputs[i])), None)
            if taken is not None:
                return Place(id, taken)
            raise MediaError(
                f'the node titled "{name}" ({about["class_type"]}) has no input for it',
                where=self.path,
                hint=f"it needs one of {', '.join(INPUTS[name])} with a value, not a wire",
            )
        return None

    # -- by what they do

    def _found(self, name: str) -> Place | None:
        if name in ("prompt", "negative"):
            return self._text("positive" if name == "prompt" else "negative")
        if name in ("width", "height"):
            latent = (id for id, about in self.nodes.items() if _is_empty_latent(about["class_type"]))
            return self._number(latent, (name,))
        if name == "picture":
            return next((Place(id, "image") for id in self._of("LoadImage")), None)
        if name == "mask":
            return self._mask()
        inputs = {"seed": ("seed", "noise_seed"), "steps": ("steps",), "strength": ("denoise",)}[name]
        return self._number([*self._samplers(), *self._of("RandomNoise", "BasicScheduler")], inputs)

    def _of(self, *classes: str) -> Iterator[str]:
        return (id for id, about in self.nodes.items() if about["class_type"] in classes)

    def _samplers(self) -> Iterator[str]:
        """What samples, or guides what samples."""
        for id, about in self.nodes.items():
            inputs = about["inputs"]
            guides = "Guider" in about["class_type"] and ("conditioning" in inputs or "positive" in inputs)
            if guides or ({"positive", "negative"} <= inputs.keys() and {"seed", "noise_seed"} & inputs.keys()):
                yield id

    def _number(self, nodes: Any, inputs: tuple[str, ...]) -> Place | None:
        """The first of the inputs, or the node it is wired to."""
        for id in nodes:
            for name in inputs:
                value = self.nodes[id]["inputs"].get(name)
                if _is_link(value):
                    above = str(value[0])
                    held = self.nodes.get(above, {}).get("inputs", {})
                    taken = next((i for i in (*inputs, "value", "int", "float") if _is_number(held.get(i))), None)
                    if taken is not None:
                        return Place(above, taken)
                elif _is_number(value):
                    return Place(id, name)
        return None

    def _text(self, role: str) -> Place | None:
        for sampler in self._samplers():
            inputs = self.nodes[sampler]["inputs"]
            link = inputs.get(role, inputs.get("conditioning") if role == "positive" else None)
            found = self._encoder(link, role, set())
            if found is not None:
                return found
        return None

    def _encoder(self, link: Any, role: str, seen: set[str]) -> Place | None:
        """The text at the end of a link, through whatever conditions it on the way."""
        if not _is_link(link) or str(link[0]) in seen or str(link[0]) not in self.nodes:
            return None
        id = str(link[0])
        seen.add(id)
        inputs = self.nodes[id]["inputs"]
        for name in ("text", "value", "string"):
            if isinstance(inputs.get(name), str):
                return Place(id, name)
        if role in inputs:  # a ControlNet hands both on: go on along the same one
            return self._encoder(inputs[role], role, seen)
        links = [inputs[n] for n in ("text", "value", "string", "conditioning") if n in inputs] or list(inputs.values())
        return next((found for each in links if (found := self._encoder(each, role, seen))), None)

    def _mask(self) -> Place | None:
        for id in self._of("LoadImageMask"):
            return Place(id, "image")
        picture = self._titled("picture") or self._found("picture")
        if picture is None:
            return None
        wires = (value for about in self.nodes.values() for value in about["inputs"].values())
        used = any(_is_link(each) and str(each[0]) == picture.node and each[1] == 1 for each in wires)
        return Place(picture.node, picture.input, in_alpha=True) if used else None


def wanted(request: Request) -> dict[str, Any]:
    """The request's values that aren't left to the workflow, but pictures."""
    values: dict[str, Any] = {"seed": request.seed, "width": request.width, "height": request.height}
    if request.prompt:
        values["prompt"] = request.prompt
    if request.negative:
        values["negative"] = request.negative
    if request.steps:
        values["steps"] = request.steps
    if request.picture is not None:
        values["strength"] = request.strength
    return values


def parse(data: bytes, path: str) -> Workflow:
    """A workflow from a file: JSON in API format, or a PNG that ComfyUI saved, which has it inside."""
    texts = png_texts(data)
    if data.startswith(b"\x89PNG") and "prompt" not in texts:
        raise MediaError("is a picture without a ComfyUI workflow inside", where=path, hint=_EXPORT)
    try:
        plain = json.loads(texts["prompt"] if texts else data)
    except ValueError as error:
        raise MediaError(f"is no JSON: {error}", where=path, hint=_EXPORT) from None
    if isinstance(plain, dict) and isinstance(plain.get("nodes"), list) and "links" in plain:
        raise MediaError("is a workflow as ComfyUI's editor saves it, not in API format", where=path, hint=_EXPORT)
    if isinstance(plain, dict) and isinstance(plain.get("prompt"), dict):
        plain = plain["prompt"]  # the body of a request, as other tools save it
    if not isinstance(plain, dict) or not plain:
        raise MediaError("is no ComfyUI workflow: it has no nodes", where=path, hint=_EXPORT)
    for id, about in plain.items():
        whole = isinstance(about, dict) and isinstance(about.get("class_type"), str)
        if not whole or not isinstance(about.get("inputs"), dict):
            raise MediaError(f"is no ComfyUI workflow: {id!r} has no class_type and inputs", where=path, hint=_EXPORT)
    return Workflow(plain, path)


def _is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[1], int)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_empty_latent(name: str) -> bool:
    return name.startswith("Empty") and "Latent" in name
