# ruff: noqa: TID253
"""Pictures on the graphics card. The toolkit checks nothing about them, so everything is checked here."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

import dearpygui.dearpygui as dpg
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]

#: Frames for which a texture stays on the list of those that are sent: one to send it, one for the
#: driver, which shows the one before, and one to spare.
_SENDING = 3


class _Registry:
    """Where textures live while they are sent to the card, and where they rest: those on the list are sent every frame."""

    def __init__(self) -> None:
        self.live = dpg.add_texture_registry()
        self.parked = dpg.add_stage()
        self.free: dict[tuple[int, int], list[int | str]] = {}
        self.thread = threading.get_ident()


_registries: dict[int, _Registry] = {}


def _registry() -> _Registry:
    """The registry of the context that is open."""
    for key, found in list(_registries.items()):
        if dpg.does_item_exist(found.live) and found.thread == threading.get_ident():
            return found
        del _registries[key]
    made = _Registry()
    _registries[id(made)] = made
    return made


class LiveTexture:
    """A picture that changes often: (height, width, 4) float32, interleaved. Only on the drawing thread."""

    def __init__(self, width: int, height: int) -> None:
        if width < 1 or height < 1:
            raise ValueError(f"a texture can't be {width} x {height}")
        self.size = (width, height)
        self._home = _registry()
        self._array: Picture = np.zeros((height, width, 4), np.float32)
        free = self._home.free.get(self.size)
        if free:  # making one anew would leak its buffer
            self.tag = free.pop()
            dpg.set_value(self.tag, self._array)
        else:
            self.tag = dpg.add_raw_texture(
                width, height, self._array, format=dpg.mvFormat_Float_rgba, parent=self._home.live
            )
        self._left = _SENDING
        self._resting = False
        self._unpark()

    def show(self, array: Picture) -> None:
        """Show a picture. It is kept, and must not be written to while it is shown."""
        self._check(array)
        self._array = array
        dpg.set_value(self.tag, array)
        self._left = _SENDING
        self._unpark()

    def tick(self) -> None:
        """Once per frame: a picture that has been sent is taken off the list."""
        if self._left > 0:
            self._left -= 1
        elif not self._resting:
            dpg.move_item(self.tag, parent=self._home.parked)
            self._resting = True

    def close(self) -> None:
        """Not needed any more; the next of this size gets its place on the card."""
        self._home.free.setdefault(self.size, []).append(self.tag)
        dpg.move_item(self.tag, parent=self._home.parked)

    def _unpark(self) -> None:
        if self._resting or dpg.get_item_parent(self.tag) != self._home.live:
            dpg.move_item(self.tag, parent=self._home.live)
        self._resting = False

    def _check(self, array: Picture) -> None:
        if threading.get_ident() != self._home.thread:
            raise RuntimeError("a texture is shown by the drawing thread only")
        width, height = self.size
        if array.shape != (height, width, 4) or array.dtype != np.float32 or not array.flags.c_contiguous:
            raise ValueError(
                f"a texture of {width} x {height} takes contiguous float32 ({height}, {width}, 4), "
                f"not {array.dtype} {array.shape}"
            )


class StillTextures:
    """Small pictures that don't change, by key; of more than `most`, those not used for longest go."""

    def __init__(self, most: int = 200) -> None:
        self._most = most
        self._home = _registry()
        self._tags: OrderedDict[Hashable, int | str] = OrderedDict()

    def put(self, key: Hashable, array: Picture) -> int | str:
        """Keep a picture; its texture."""
        if array.ndim != 3 or array.shape[2] != 4:
            raise ValueError(f"a texture takes (height, width, 4), not {array.shape}")
        self.drop(key)
        flat = np.ascontiguousarray(array, np.float32).ravel()
        tag = dpg.add_static_texture(array.shape[1], array.shape[0], flat, parent=self._home.live)
        self._tags[key] = tag
        while len(self._tags) > self._most:
            dpg.delete_item(self._tags.popitem(last=False)[1])
        return tag  # type: ignore[no-any-return]

    def get(self, key: Hashable) -> int | str | None:
        if key in self._tags:
            self._tags.move_to_end(key)
        return self._tags.get(key)

    def drop(self, key: Hashable) -> None:
        tag = self._tags.pop(key, None)
        if tag is not None:
            dpg.delete_item(tag)
