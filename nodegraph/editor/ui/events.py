# ruff: noqa: TID253
"""Mouse and keys, from Dear PyGui's handlers to whoever is under the cursor."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

import dearpygui.dearpygui as dpg

from nodegraph.editor.keys import chord

if TYPE_CHECKING:
    from nodegraph.editor.geometry import Point

LEFT, RIGHT, MIDDLE = 0, 1, 2
#: Seconds and pixels within which two clicks are one double click.
_DOUBLE, _NEAR = 0.4, 5.0


class Hands(Protocol):
    """Who is told. Positions are in window pixels; each says whether the event was of use."""

    def press(self, button: int, x: float, y: float, double: bool) -> None: ...
    def move(self, x: float, y: float) -> None: ...
    def release(self, button: int, x: float, y: float) -> None: ...
    def wheel(self, x: float, y: float, notches: float) -> None: ...
    def key(self, key: str, repeated: bool) -> None: ...


def _names() -> dict[int, str]:
    """Dear PyGui's key codes as our names."""
    named = {
        "Tab": "Tab", "Return": "Return", "NumPadEnter": "Return", "Escape": "Escape", "Spacebar": "Space",
        "Delete": "Delete", "Back": "Backspace", "Insert": "Insert", "Home": "Home", "End": "End", "Prior": "PageUp",
        "Next": "PageDown", "Left": "Left", "Right": "Right", "Up": "Up", "Down": "Down", "Slash": "/", "Period": ".",
        "Comma": ",", "Minus": "-", "Plus": "=", "Open_Brace": "[", "Close_Brace": "]", "Backslash": "\\", "Colon": ";",
        "Quote": "'", "Tilde": "`", "Add": "NumAdd", "Subtract": "NumSubtract", "Multiply": "NumMultiply",
        "Divide": "NumDivide", "Decimal": "NumDecimal",
    }  # fmt: skip
    named |= {c: c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"}
    named |= {f"F{n}": f"F{n}" for n in range(1, 13)} | {f"NumPad{n}": f"Num{n}" for n in range(10)}
    return {getattr(dpg, f"mvKey_{code}"): name for code, name in named.items() if hasattr(dpg, f"mvKey_{code}")}


class Events:
    """Handlers of the whole window. `held` are the plain keys that are down."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._names = _names()
        self._last: tuple[float, int, Point] = (0.0, -1, (0.0, 0.0))
        self.held: set[str] = set()
        self.mouse: Point = (0.0, 0.0)
        with dpg.handler_registry():
            for button in (LEFT, RIGHT, MIDDLE):
                dpg.add_mouse_click_handler(button, callback=self._pressed)
                dpg.add_mouse_release_handler(button, callback=self._released)
            dpg.add_mouse_move_handler(callback=self._moved)
            dpg.add_mouse_wheel_handler(callback=self._wheeled)
            dpg.add_key_press_handler(callback=self._key_down)
            dpg.add_key_release_handler(callback=self._key_up)

    # -- modifiers

    @property
    def ctrl(self) -> bool:
        return _down("LControl", "RControl")

    @property
    def shift(self) -> bool:
        return _down("LShift", "RShift")

    @property
    def alt(self) -> bool:
        return _down("LAlt", "RAlt")

    # -- from Dear PyGui

    def _here(self) -> Point:
        x, y = dpg.get_mouse_pos(local=False)
        self.mouse = (float(x), float(y))
        return self.mouse

    def _pressed(self, _sender: Any, button: int) -> None:
        here, now = self._here(), time.monotonic()
        then, before, there = self._last
        near = max(abs(here[0] - there[0]), abs(here[1] - there[1])) < _NEAR
        double = button == before and now - then < _DOUBLE and near
        self._last = (0.0 if double else now, button, here)
        self._hands.press(button, *here, double)

    def _released(self, _sender: Any, button: int) -> None:
        self._hands.release(button, *self._here())

    def _moved(self, _sender: Any, _position: Any) -> None:
        self._hands.move(*self._here())

    def _wheeled(self, _sender: Any, notches: float) -> None:
        self._hands.wheel(*self._here(), float(notches))

    def _key_down(self, _sender: Any, code: int) -> None:
        name = self._names.get(code)
        if name is None:
            return
        repeated = name in self.held
        self.held.add(name)
        self._hands.key(chord(name, ctrl=self.ctrl, alt=self.alt, shift=self.shift), repeated)

    def _key_up(self, _sender: Any, code: int) -> None:
        self.held.discard(self._names.get(code, ""))


def _down(*keys: str) -> bool:
    return any(dpg.is_key_down(getattr(dpg, f"mvKey_{key}")) for key in keys)


_TEXT_ITEMS = ("mvInputText", "mvInputFloat", "mvInputInt", "mvInputDouble", "mvInputFloatMulti", "mvInputIntMulti")


def typing() -> bool:
    """Whether a text field has the keyboard: then keys are letters, not shortcuts."""
    item = dpg.get_focused_item()
    if not item or not dpg.does_item_exist(item):
        return False
    kind = dpg.get_item_type(item).rpartition("::")[2]
    if kind in _TEXT_ITEMS:
        return bool(dpg.is_item_active(item))
    return "Drag" in kind and bool(dpg.is_item_active(item)) and not dpg.is_mouse_button_down(0)
