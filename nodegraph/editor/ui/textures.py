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


_TAG = "nodegraph textures"


class _Home:
    """Where textures live while they are sent to the card, and where they rest: those on the list are sent every frame."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.parked = dpg.add_stage()
        #: Those not needed any more, by size: taken again, as each that is made leaks a buffer of its size.
        self.free: dict[tuple[int, int], list[int | str]] = {}
        self.live = dpg.add_texture_registry(tag=_TAG, user_data=self)

    def check_thread(self) -> None:
        if threading.get_ident() != self.thread:
            raise RuntimeError("textures belong to the drawing thread")


def _home() -> _Home:
    """Of the window that is open: the toolkit forgets it with the window."""
    if not dpg.does_alias_exist(_TAG):
        return _Home()
    found = dpg.get_item_user_data(_TAG)
    assert isinstance(found, _Home)
    return found


class LiveTexture:
    """A picture that changes often: (height, width, 4) float32, 0 to 1. Only on the drawing thread.

    The sizes that have been used stay on the card, so make them in steps of many pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        if width < 1 or height < 1:
            raise ValueError(f"a texture can't be {width} x {height}")
        self.size = (width, height)
        self.tag: int | str = 0
        self._home = _home()
        self._home.check_thread()
        blank: Picture = np.zeros((height, width, 4), np.float32)
        free = self._home.free.get(self.size)
        if free:
            self.tag = free.pop()
        else:
            self.tag = dpg.add_raw_texture(width, height, blank, format=dpg.mvFormat_Float_rgba, parent=self._home.live)
            dpg.move_item(self.tag, parent=self._home.parked)
        self._resting = True
        self._closed = False
        self.show(blank)

    def show(self, array: Picture) -> None:
        """Show a picture: it is read in place until another is shown, for some frames after that, too.

        ValueError for another size, kind or layout, which the toolkit would read beyond its end.
        """
        self._check(array)
        self._array = array
        dpg.set_value(self.tag, array)
        self._left = _SENDING
        if self._resting:
            dpg.move_item(self.tag, parent=self._home.live)
            self._resting = False

    def tick(self) -> None:
        """Once per frame: a picture that has been sent is taken off the list."""
        if self._left > 0:
            self._left -= 1
        elif not self._resting:
            self._rest()

    @property
    def sending(self) -> bool:
        """Whether frames have still to be drawn until the picture is seen."""
        return not self._resting

    def close(self) -> None:
        """Not needed any more: delete what draws it first. The next of this size gets its place on the card."""
        if self._closed:
            return
        self._home.check_thread()
        self._closed = True
        self._left = 0
        if not self._resting:
            self._rest()
        self._home.free.setdefault(self.size, []).append(self.tag)

    def _rest(self) -> None:
        dpg.move_item(self.tag, parent=self._home.parked)
        self._resting = True

    def _check(self, array: Picture) -> None:
        self._home.check_thread()
        if self._closed:
            raise ValueError("this texture has been closed")
        width, height = self.size
        if array.shape != (height, width, 4) or array.dtype != np.float32 or not array.flags.c_contiguous:
            raise ValueError(
                f"a texture of {width} x {height} takes contiguous float32 ({height}, {width}, 4), not "
                f"{'' if array.flags.c_contiguous else 'scattered '}{array.dtype} {array.shape}"
            )


class StillTextures:
    """Small pictures that don't change, by key; of more than `most`, those not used for longest go."""

    def __init__(self, most: int = 200) -> None:
        self._most = max(1, most)
        self._home = _home()
        self._tags: OrderedDict[Hashable, int | str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._tags)

    def put(self, key: Hashable, array: Picture) -> int | str:
        """Keep a picture, (height, width, 4) in 0 to 1; its texture."""
        self._home.check_thread()
        if array.ndim != 3 or array.shape[2] != 4 or not array.size:
            raise ValueError(f"a texture takes (height, width, 4), not {array.shape}")
        self.drop(key)
        flat = np.ascontiguousarray(array, np.float32).ravel()
        tag: int | str = dpg.add_static_texture(array.shape[1], array.shape[0], flat, parent=self._home.live)
        self._tags[key] = tag
        while len(self._tags) > self._most:
            dpg.delete_item(self._tags.popitem(last=False)[1])
        return tag

    def get(self, key: Hashable) -> int | str | None:
        """The texture of a key, which counts as used now."""
        if key in self._tags:
            self._tags.move_to_end(key)
        return self._tags.get(key)

    def drop(self, key: Hashable) -> None:
        """Forget a picture; what draws it must be gone or given another."""
        tag = self._tags.pop(key, None)
        if tag is not None:
            self._home.check_thread()
            dpg.delete_item(tag)
