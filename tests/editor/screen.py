"""A screen of one's own, and a robot that uses the editor on it with real X events.

A scenario is a function that gets a Robot. It runs in a process of its own (the toolkit crashes as a
whole), in one thread: every event is sent, the X server has it, two frames are drawn, and only then is
anything asserted. Nothing sleeps.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIZE = (1280, 760)


def why_no_screen() -> str:
    """What is missing for a screen; "" when nothing is."""
    if shutil.which("Xvfb") is None:
        return "Xvfb is not installed (apt-get install xvfb libgl1 libgl1-mesa-dri)"
    try:
        import Xlib  # noqa: F401
    except ImportError:
        return "python-xlib is not installed"
    try:
        ctypes.CDLL("libGL.so.1")
    except OSError:
        return "libGL is not installed (apt-get install libgl1 libgl1-mesa-dri)"
    return ""


@contextmanager
def x_server(size: tuple[int, int] = SIZE) -> Iterator[str]:
    """An X server on a free display; its name."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size[0]}x{size[1]}x24", "-nolisten", "tcp"],
        pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
            assert number, "Xvfb ended before it was ready"
            yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


def environment(display: str, folder: Path) -> dict[str, str]:
    """For a process on that display, with nothing of the person who runs the tests."""
    kept = {k: v for k, v in os.environ.items() if k not in ("WAYLAND_DISPLAY", "NODEGRAPH_CHECK")}
    return {
        **kept, "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1", "NODEGRAPH_NO_VSYNC": "1",
        "NODEGRAPH_CONFIG": str(folder / "config"), "NODEGRAPH_STATE": str(folder / "state"),
    }  # fmt: skip


def play(display: str, scenario: Callable[..., None], folder: Path, *arguments: str, timeout: float = 180) -> str:
    """Run a scenario in a process of its own; what it printed. AssertionError with its trace when it fails."""
    name = f"{scenario.__module__}:{scenario.__name__}"
    done = subprocess.run(
        [sys.executable, "-m", "tests.editor.screen", name, *arguments], env=environment(display, folder),
        capture_output=True, text=True, timeout=timeout, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, f"{name} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class Robot:
    """Hands and eyes on an editor that runs in this process."""

    def __init__(self, app: Any) -> None:
        from Xlib import display

        self.app = app
        self._display = display.Display()
        self.tick(4)

    # -- frames

    def tick(self, frames: int = 2) -> None:
        for _ in range(frames):
            self.app.frame()

    def settle(self) -> None:
        """Draw until all is cooked, painted and shown."""
        from nodegraph.editor.ui.launch import settle

        settle(self.app, 6)

    def until(self, true: Callable[[], Any], seconds: float = 20.0) -> None:
        """Draw until something is so."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, "it never came"
            self.tick(1)

    def grab(self) -> NDArray[np.float32]:
        """What the window shows: (height, width, 4) in 0..1."""
        import dearpygui.dearpygui as dpg

        got: list[Any] = []
        dpg.output_frame_buffer(callback=lambda _sender, buffer: got.append(buffer))
        self.until(lambda: got)
        return np.array(got[0], np.float32).reshape(got[0].get_height(), got[0].get_width(), 4)

    # -- the mouse

    def _fake(self, kind: int, detail: int = 0, **place: int) -> None:
        from Xlib.ext import xtest

        xtest.fake_input(self._display, kind, detail, **place)
        self._display.sync()
        self.tick()

    def move(self, x: float, y: float) -> None:
        from Xlib import X

        self._fake(X.MotionNotify, x=round(x), y=round(y))

    def press(self, button: int = 1) -> None:
        from Xlib import X

        self._fake(X.ButtonPress, button)

    def release(self, button: int = 1) -> None:
        from Xlib import X

        self._fake(X.ButtonRelease, button)

    def click(self, x: float, y: float, button: int = 1) -> None:
        self.move(x, y)
        self.press(button)
        self.release(button)

    def double_click(self, x: float, y: float) -> None:
        """Two clicks that are one, however long a busy machine takes for the frames between them."""
        from nodegraph.editor.ui import events

        before, events._DOUBLE = events._DOUBLE, 30.0
        try:
            self.click(x, y)
            self.click(x, y)
        finally:
            events._DOUBLE = before

    def drag(self, start: tuple[float, float], to: tuple[float, float], button: int = 1, steps: int = 5) -> None:
        self.move(*start)
        self.press(button)
        for k in range(1, steps + 1):
            self.move(start[0] + (to[0] - start[0]) * k / steps, start[1] + (to[1] - start[1]) * k / steps)
        self.release(button)

    def wheel(self, x: float, y: float, notches: int) -> None:
        self.move(x, y)
        for _ in range(abs(notches)):
            button = 4 if notches > 0 else 5
            self.press(button)
            self.release(button)

    # -- the keyboard

    def _code(self, name: str) -> tuple[int, bool]:
        """The key of a character or a named key, and whether it takes Shift."""
        from Xlib import XK

        symbol = XK.string_to_keysym(_KEYSYMS.get(name, name))
        code = self._display.keysym_to_keycode(symbol)
        assert code, f"this keyboard has no {name!r}"
        return code, self._display.keycode_to_keysym(code, 0) != symbol and len(name) == 1

    def down(self, name: str) -> None:
        from Xlib import X

        self._fake(X.KeyPress, self._code(name)[0])

    def up(self, name: str) -> None:
        from Xlib import X

        self._fake(X.KeyRelease, self._code(name)[0])

    def key(self, chord: str) -> None:
        """Press and release "Ctrl+Shift+Z", "Tab", "f"."""
        *held, last = chord.split("+") if len(chord) > 1 else [chord]
        held = [_MODIFIERS[m] for m in held]
        if self._code(last)[1] and "Shift_L" not in held:
            held.append("Shift_L")
        for name in held:
            self.down(name)
        self.down(last)
        self.up(last)
        for name in reversed(held):
            self.up(name)

    def type(self, text: str) -> None:
        for character in text:
            self.key(character)

    # -- places

    def item(self, item: int | str) -> tuple[float, float]:
        """The middle of a widget."""
        import dearpygui.dearpygui as dpg

        (x, y), (w, h) = dpg.get_item_rect_min(item), dpg.get_item_rect_size(item)
        return x + w / 2, y + h / 2

    def on_graph(self, x: float, y: float) -> tuple[float, float]:
        """A point of the node graph in the window."""
        ox, oy = self.app.panels["graph"].origin()
        px, py = self.app.session.canvas.view.to_panel(x, y)
        return ox + px, oy + py

    def node(self, name: str) -> tuple[float, float]:
        """The title of a node."""
        rect = self.app.session.canvas.geometry.boxes[name].rect
        return self.on_graph((rect.x0 + rect.x1) / 2, rect.y0 + 10)

    def pin(self, name: str, port: str) -> tuple[float, float]:
        box = self.app.session.canvas.geometry.boxes[name]
        pin = next(p for p in box.pins if p.port == port)
        return self.on_graph(pin.x, pin.y)


_MODIFIERS = {"Ctrl": "Control_L", "Shift": "Shift_L", "Alt": "Alt_L"}
_KEYSYMS = {
    " ": "space", ".": "period", ",": "comma", "/": "slash", "-": "minus", "=": "equal", "+": "plus", "*": "asterisk",
    "_": "underscore", "?": "question", "(": "parenleft", ")": "parenright", ":": "colon", "%": "percent", "#": "numbersign",
    "Space": "space", "Backspace": "BackSpace", "PageUp": "Prior", "PageDown": "Next", "~": "asciitilde", "@": "at",
    "<": "less", ">": "greater", "\\": "backslash", "'": "apostrophe", '"': "quotedbl", "!": "exclam",
}  # fmt: skip


def main(name: str, arguments: list[str]) -> None:
    """Run one scenario: what `play` starts."""
    from nodegraph.editor.ui.app import App
    from nodegraph.packs import registry

    module, _, function = name.partition(":")
    scenario = getattr(importlib.import_module(module), function)
    app = App(registry(), size=SIZE)
    try:
        scenario(Robot(app), *arguments)
    finally:
        app.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
