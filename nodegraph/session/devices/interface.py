"""What a session asks of an input."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from fractions import Fraction
from importlib import import_module
from typing import Any, Protocol

from nodegraph.errors import MediaError, did_you_mean
from nodegraph.values import Frame, Raw


class Lost(MediaError):
    """The input ended, was unplugged or fell silent; opening it again may help."""


class Device(Protocol):
    """One open input. Used by one thread; `close` may come from another and ends a `read` that waits."""

    #: Pictures a second, as the input says.
    rate: Fraction
    #: Seconds between the light on the sensor and `read`, as far as the device knows.
    latency: float

    def read(self) -> Frame | Raw:
        """The next picture, when it is there. Its stamp has the input's own frame number, time and timecode.

        Raises Lost after two seconds of silence, or at the end.
        """
        ...

    def close(self) -> None: ...


#: Opens an address (without its scheme where that is only ours); `stop` is set when nobody waits for it any more.
Open = Callable[[str, Mapping[str, Any], threading.Event], Device]

#: The module (in this folder) that has `open(address, options, stop)` for a scheme.
SCHEMES: Mapping[str, str] = {
    "file": "player", "test": "pattern", "v4l2": "camera", "screen": "screen", "rtsp": "stream", "rtsps": "stream",
    "rtmp": "stream", "udp": "stream", "tcp": "stream", "http": "stream", "https": "stream", "srt": "srt", "ndi": "ndi",
}  # fmt: skip


def open_device(address: str, options: Mapping[str, Any] | None = None, stop: threading.Event | None = None) -> Device:
    """Open an input by its address; MediaError if it can't be, naming it."""
    scheme, colon, _ = address.partition(":")
    if not colon or len(scheme) == 1:  # a drive letter is no scheme
        scheme = "file"
    if scheme not in SCHEMES:
        hint = did_you_mean(scheme, SCHEMES) or "there are " + ", ".join(SCHEMES)
        raise MediaError(f"no input is opened by {scheme!r}", where=address, hint=hint)
    module = import_module(f"nodegraph.session.devices.{SCHEMES[scheme]}")
    device: Device = module.open(address, options or {}, stop or threading.Event())
    return device
