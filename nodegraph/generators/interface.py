"""What every engine is asked with, and what it answers."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import Cancelled, CookError
from nodegraph.values import Made

Kind = Literal["text to picture", "picture to picture", "inpaint", "extend"]
Bytes = NDArray[np.uint8]
#: Told how far it is (0..1) and what is being done.
Progress = Callable[[float, str], None]
#: Asked whether to give up.
Asked = Callable[[], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A picture that is wanted.

    `picture` is sRGB `(height, width, 3)`, `mask` `(height, width)` with 255 where there shall be something new, both
    of the size asked for. For *extend* the picture has what is known in its middle, and the mask is around that. `steps` 0
    leaves them to the engine; `strength` says how far from the picture it may go, and is nothing without one.
    """

    kind: Kind
    prompt: str
    negative: str = ""
    seed: int = 0
    steps: int = 0
    strength: float = 1.0
    width: int = 1024
    height: int = 512
    picture: Bytes | None = None
    mask: Bytes | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Of all that is asked, pixels too."""
        words = (self.kind, self.prompt, self.negative, self.seed, self.steps, self.strength, self.width, self.height)
        found = hashlib.blake2b(json.dumps([words, dict(self.extra)], sort_keys=True).encode(), digest_size=20)
        for plane in (self.picture, self.mask):
            found.update(b"none" if plane is None else repr(plane.shape).encode())
            found.update(b"" if plane is None else np.ascontiguousarray(plane).tobytes())
        return found.hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """A picture `(height, width, 3)`: sRGB in uint8 or in floats 0..1, or scene-linear floats; and what made it."""

    picture: NDArray[Any]
    made: Made
    linear: bool = False


class Engine(Protocol):
    """Makes pictures. `digest` says all that decides a result beside the request: the workflow, the weights."""

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    def generate(self, request: Request, progress: Progress, cancelled: Asked) -> Result:
        """The picture; CookError says why there is none, Cancelled that it was given up."""
        ...


class Wait:
    """How long may still be waited, and whether anybody still wants to."""

    def __init__(self, engine: str, seconds: float, cancelled: Asked) -> None:
        self.engine, self.seconds, self.cancelled = engine, seconds, cancelled
        self._until = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return max(self._until - time.monotonic(), 0.0)

    def check(self) -> None:
        """Raise if it was given up, or if the time is over."""
        if self.cancelled():
            raise Cancelled(f"{self.engine}: given up before the picture was there")
        if not self.left:
            raise self.timeout()

    def timeout(self) -> CookError:
        return CookError(
            f"{self.engine} made no picture within {self.seconds:g} s", hint="raise timeout, or lower steps or the size"
        )

    def rest(self, seconds: float) -> None:
        """Sleep so long, but no longer than anybody waits."""
        until = time.monotonic() + seconds
        while (rest := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(rest, 0.05, self.left + 0.001))
        self.check()


def checked(result: Result, request: Request, engine: str, *, may_be_flat: bool = False) -> Result:
    """The result, if it is a picture of the size asked for with something to see in it."""
    height, width = result.picture.shape[:2]
    if (width, height) != (request.width, request.height):
        raise CookError(
            f"{engine} made {width} x {height}, asked for {request.width} x {request.height}",
            hint="set width and height to what the model makes; most round to multiples of 8, 16 or 64",
        )
    if not np.isfinite(result.picture).all():
        raise CookError(f"{engine} made values that aren't numbers", hint="try another seed, or a model in float32")
    if not may_be_flat and _is_flat(result.picture):
        colour = "black" if result.picture.max() <= _code(result.picture) else "of one colour"
        raise CookError(
            f"{engine} made a picture that is all {colour}",
            hint="a safety filter blanks pictures so, and half floats that overflow: change the prompt, seed or model",
        )
    return result


def _code(picture: NDArray[Any]) -> float:
    return 1.0 if picture.dtype == np.uint8 else 1 / 255


def _is_flat(picture: NDArray[Any]) -> bool:
    spread = np.ptp(picture.reshape(-1, picture.shape[2]).astype(np.float32), axis=0)
    return bool((spread <= _code(picture)).all())  # one code more or less is what JPEG makes of one colour


def unsupported(engine: str, request: Request, can: str) -> CookError:
    return CookError(f"{engine} can't make {request.kind!r}", hint=can)
