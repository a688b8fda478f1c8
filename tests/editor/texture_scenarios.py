# ruff: noqa: TID253
"""What is done to textures, each in a process of its own: python -m tests.editor.texture_scenarios NAME."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import dearpygui.dearpygui as dpg
import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.ui.textures import LiveTexture, StillTextures
from tests.editor.gallery import grab, window

SIZE = (200, 120)


def picture(width: int, height: int, value: float = 0.5) -> NDArray[np.float32]:
    return np.full((height, width, 4), (value, value, value, 1), np.float32)


def draw(frames: int, *textures: LiveTexture) -> None:
    for _ in range(frames):
        for texture in textures:
            texture.tick()
        dpg.render_dearpygui_frame()


def refused(kind: type[Exception], call: Callable[[], object]) -> None:
    try:
        call()
    except kind:
        return
    raise AssertionError(f"no {kind.__name__}")


def sheet() -> int | str:
    """Something to draw on, at the window's upper left corner."""
    item: int | str = dpg.add_viewport_drawlist(front=True)
    dpg.show_viewport()
    return item


def wrong_pictures_are_refused() -> None:
    sheet()
    texture = LiveTexture(16, 8)
    for wrong in (
        picture(8, 16), picture(16, 9), picture(16, 8).astype(np.float64), picture(16, 8).astype(np.uint8),
        picture(32, 8)[:, ::2], picture(16, 8)[..., :3], np.ascontiguousarray(picture(16, 8)[..., :3]), picture(16, 8).ravel(),
        np.asfortranarray(picture(16, 8)),
    ):  # fmt: skip
        refused(ValueError, lambda wrong=wrong: texture.show(wrong))
    refused(ValueError, lambda: LiveTexture(0, 4))
    refused(ValueError, lambda: StillTextures().put("a", np.zeros((4, 4), np.float32)))
    refused(ValueError, lambda: StillTextures().put("a", np.zeros((0, 4, 4), np.float32)))
    texture.show(picture(16, 8))
    draw(5, texture)


def other_threads_are_refused() -> None:
    sheet()
    texture, stills = LiveTexture(4, 4), StillTextures()
    seen: list[str] = []

    def elsewhere() -> None:
        for name, call in (
            ("show", lambda: texture.show(picture(4, 4))), ("close", texture.close), ("put", lambda: stills.put(1, picture(4, 4))),
            ("new", lambda: LiveTexture(4, 4)),
        ):  # fmt: skip
            try:
                call()
            except RuntimeError:
                seen.append(name)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == ["show", "close", "put", "new"], seen


def a_picture_at_rest_is_still_seen() -> None:
    on = sheet()
    texture = LiveTexture(50, 40)
    dpg.draw_image(texture.tag, (0, 0), (50, 40), parent=on)
    for value in (0.2, 0.6, 0.4):
        texture.show(picture(50, 40, value))
        assert texture.sending
        draw(6, texture)
        assert not texture.sending
        seen = grab(lambda: draw(1, texture))[:40, :50, :3]
        assert np.abs(seen - value).max() <= 1.01 / 255, (value, seen.min(), seen.max())


def pictures_outlive_their_makers() -> None:
    on = sheet()
    texture = LiveTexture(64, 64)
    dpg.draw_image(texture.tag, (0, 0), (64, 64), parent=on)
    for k in range(20):
        texture.show(picture(64, 64, k / 20))
        waste = [picture(64, 64, 0.0) for _ in range(8)]
        draw(1, texture)
        del waste
    draw(6, texture)
    assert np.abs(grab(lambda: draw(1))[:64, :64, :3] - 19 / 20).max() <= 1.01 / 255


def closed_textures_are_used_again() -> None:
    on = sheet()
    first = LiveTexture(32, 32)
    tag = first.tag
    first.show(picture(32, 32, 0.9))
    draw(2, first)
    first.close()
    first.close()
    refused(ValueError, lambda: first.show(picture(32, 32)))
    second, third, other = LiveTexture(32, 32), LiveTexture(32, 32), LiveTexture(32, 16)
    assert second.tag == tag and len({second.tag, third.tag, other.tag}) == 3
    dpg.draw_image(second.tag, (0, 0), (32, 32), parent=on)
    first.tick()  # no longer its own to park
    draw(6, second, third, other)
    assert grab(lambda: draw(1))[:32, :32, :3].max() < 0.2, "what was there before is seen"
    second.show(picture(32, 32, 0.3))
    first.tick()
    draw(6, second)
    assert np.abs(grab(lambda: draw(1))[:32, :32, :3] - 0.3).max() <= 1.01 / 255


def stills_go_when_they_are_too_many() -> None:
    on = sheet()
    stills = StillTextures(3)
    tags = {key: stills.put(key, picture(8, 8, 0.5)) for key in "abc"}
    assert stills.get("a") == tags["a"]
    dpg.draw_image(tags["b"], (0, 0), (8, 8), parent=on)
    draw(2)
    stills.put("d", picture(8, 8, 0.7))
    assert stills.get("b") is None and stills.get("a") is not None and len(stills) == 3
    draw(2)  # what still draws it doesn't crash
    again = stills.put("a", picture(8, 8, 0.1))
    assert stills.get("a") == again and len(stills) == 3
    stills.drop("a")
    stills.drop("a")
    assert stills.get("a") is None and len(stills) == 2
    draw(2)


def a_new_window_has_textures_of_its_own() -> None:
    on = sheet()
    old = LiveTexture(16, 16)
    old.close()
    draw(2)
    dpg.destroy_context()
    window(SIZE)
    on = sheet()
    texture = LiveTexture(16, 16)
    dpg.draw_image(texture.tag, (0, 0), (16, 16), parent=on)
    texture.show(picture(16, 16, 0.8))
    draw(6, texture)
    assert np.abs(grab(lambda: draw(1))[:16, :16, :3] - 0.8).max() <= 1.01 / 255


ALL = {
    call.__name__: call for call in (
        wrong_pictures_are_refused, other_threads_are_refused, a_picture_at_rest_is_still_seen, pictures_outlive_their_makers,
        closed_textures_are_used_again, stills_go_when_they_are_too_many, a_new_window_has_textures_of_its_own,
    )
}  # fmt: skip


if __name__ == "__main__":
    window(SIZE)
    ALL[sys.argv[1]]()
    dpg.destroy_context()
