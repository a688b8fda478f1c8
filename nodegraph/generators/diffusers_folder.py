"""A folder of weights as the library diffusers saves them, run on this machine.

Nothing is fetched: the folder must be whole (`local_files_only`). The pipeline fits what is asked: from text, from a
picture, or inpainting, which extending is too. A GPU is used where torch finds one, in half floats.

Tested: that it is asked so, through modules that stand in for diffusers and torch (their calls as the diffusers documentation
has them), progress, cancelling and every error. Not tested: with the real library and real weights.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from nodegraph.errors import Cancelled, CookError, MediaError, NodegraphError
from nodegraph.generators.interface import Asked, Progress, Request, Result, Wait, checked
from nodegraph.values import Made

NAME = "diffusers folder"
_PIPELINES = {
    "text to picture": "AutoPipelineForText2Image",
    "picture to picture": "AutoPipelineForImage2Image",
    "inpaint": "AutoPipelineForInpainting",
    "extend": "AutoPipelineForInpainting",
}


def files(path: str) -> list[str]:
    """The index and every file of weights."""
    return [os.path.join(path, "model_index.json"), *(str(file) for file in sorted(Path(path).glob("*/*")))]


def open_engine(path: str, server: str, timeout: float) -> DiffusersFolder:
    if not path:
        raise CookError("no folder is chosen", hint="set workflow to a folder that has a model_index.json")
    path = os.path.dirname(path) if os.path.basename(path) == "model_index.json" else path
    index = Path(path) / "model_index.json"
    try:
        found = hashlib.sha256(index.read_bytes())
    except OSError:
        raise MediaError("is no diffusers folder: it has no model_index.json", where=path) from None
    for file in files(path)[1:]:  # gigabytes of weights are told apart by their names and sizes
        found.update(f"{os.path.relpath(file, path)} {os.path.getsize(file)}\n".encode())
    return DiffusersFolder(path, found.hexdigest(), timeout)


def _modules() -> tuple[Any, Any]:
    try:
        import diffusers
        import torch
    except ImportError as error:
        raise NodegraphError(
            f"{error.name or 'diffusers'} is not installed",
            hint='install the extra: pip install "nodegraph[diffusers]"',
        ) from None
    return diffusers, torch


@lru_cache(maxsize=1)
def _pipeline(path: str, digest: str, pipeline: str) -> Any:
    """The loaded weights; one at a time, they fill the memory."""
    diffusers, torch = _modules()
    on_gpu = bool(torch.cuda.is_available())
    try:
        made = getattr(diffusers, pipeline).from_pretrained(
            path, local_files_only=True, torch_dtype=torch.float16 if on_gpu else torch.float32
        )
    except (OSError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), "no reason given")
        raise MediaError(f"can't be loaded: {reason}", where=path, hint="is the folder whole?") from None
    return made.to("cuda" if on_gpu else "cpu")


@dataclass(frozen=True)
class DiffusersFolder:
    path: str
    digest: str
    timeout: float = 300.0
    name: str = NAME

    def generate(self, request: Request, progress: Progress, cancelled: Asked) -> Result:
        wait = Wait(NAME, self.timeout, cancelled)
        wait.check()
        progress(0.0, "loading")
        pipeline = _pipeline(self.path, self.digest, _PIPELINES[request.kind])
        steps = request.steps or 30

        def stepped(pipe: Any, step: int, time: Any, values: dict[str, Any]) -> dict[str, Any]:
            progress(min((step + 1) / steps, 1.0), f"step {step + 1}/{steps}")
            wait.check()
            return values

        try:
            made = pipeline(**self.asked(request, steps), callback_on_step_end=stepped)
        except (Cancelled, CookError):
            raise
        except Exception as error:  # torch's own, of many kinds
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            hint = "lower the size" if "memory" in reason.lower() else "are width and height multiples of 8?"
            raise CookError(f"{NAME} failed: {reason}", hint=hint) from error
        if any(getattr(made, "nsfw_content_detected", None) or ()):
            raise CookError(f"{NAME}: its safety filter blanked the picture", hint="change the prompt or the seed")
        pixels = np.ascontiguousarray(np.asarray(made.images)[0, ..., :3], np.float32)
        signed = Made(NAME, request.prompt, request.seed, os.path.basename(os.path.abspath(self.path)))
        return checked(Result(pixels, signed), request, NAME)

    def asked(self, request: Request, steps: int) -> dict[str, Any]:
        """The pipeline's arguments."""
        _, torch = _modules()
        asked: dict[str, Any] = {
            "prompt": request.prompt,
            "negative_prompt": request.negative or None,
            "num_inference_steps": steps,
            "generator": torch.Generator(device="cpu").manual_seed(request.seed),
            "output_type": "np",
            **request.extra,
        }
        if request.kind != "picture to picture":  # that has its size from the picture
            asked.update(width=request.width, height=request.height)
        if request.picture is not None:
            from PIL import Image

            asked.update(image=Image.fromarray(request.picture), strength=request.strength)
            if request.mask is not None:
                asked["mask_image"] = Image.fromarray(request.mask)
        return asked
