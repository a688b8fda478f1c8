"""The editor as a person uses it: real X events, on a screen of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import OpenImageIO  # noqa: TID253
import pytest

from nodegraph.api import write
from nodegraph.graph import save
from nodegraph.values import Frame
from tests.editor import scenarios
from tests.editor.screen import environment, play, why_no_screen, x_server

pytestmark = pytest.mark.skipif(bool(why_no_screen()), reason=why_no_screen() or "there is a screen")


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with x_server() as name:
        yield name


@pytest.mark.parametrize("scenario", [
    scenarios.wires_and_nodes, scenarios.keys_views_and_zoom, scenarios.no_key_while_typing, scenarios.parameters,
    scenarios.groups_peeks_and_pasting, scenarios.playing_handles_and_picks,
])  # fmt: skip
def test_scenario(scenario: object, display: str, tmp_path: Path) -> None:
    play(display, scenario, tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "scenario", [scenarios.save_and_open, scenarios.unsaved_work_is_asked_about, scenarios.panel_extras]
)
def test_scenario_with_files(scenario: object, display: str, tmp_path: Path) -> None:
    play(display, scenario, tmp_path, str(tmp_path))  # type: ignore[arg-type]


def test_a_killed_editor_gives_the_work_back(display: str, tmp_path: Path) -> None:
    """kill -9 while editing; the next start has the document as it was, to the last change."""
    command = [sys.executable, "-m", "tests.editor.screen", "tests.editor.scenarios:edit_until_killed"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, env=environment(display, tmp_path), stdout=subprocess.PIPE, text=True, cwd=root
    ) as editor:
        assert editor.stdout is not None
        document = editor.stdout.readline().strip()
        editor.kill()
    assert len(document) > 100
    play(display, scenarios.work_is_offered_back, tmp_path, document)


def test_without_a_display_it_says_so_in_one_line() -> None:
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run([sys.executable, "-m", "nodegraph", "edit"], env=kept, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no display" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    done = subprocess.run(
        [sys.executable, "-m", "nodegraph", "edit"], env={**kept, "DISPLAY": ":9871"}, capture_output=True, text=True
    )
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)


def test_a_screenshot_is_written(display: str, tmp_path: Path) -> None:
    graph = scenarios.small()
    graph.add("capture.pattern", name="bars")
    save(graph, tmp_path / "bars.graph")
    done = subprocess.run(
        [sys.executable, "-m", "nodegraph", "edit", str(tmp_path / "bars.graph"), "--screenshot", str(tmp_path / "x.png"),
         "--size", "900x600"],
        env=environment(display, tmp_path), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pixels = OpenImageIO.ImageBuf(str(tmp_path / "x.png")).get_pixels(OpenImageIO.FLOAT)
    assert pixels.shape[:2] == (600, 900)
    assert pixels[..., :3].std() > 0.05  # there is something to see


def test_the_sample_comp_is_built_by_hand(display: str, tmp_path: Path) -> None:
    """From an empty graph to a saved comp, all undone and done again; the picture is the headless one."""
    y, x = np.mgrid[0:180, 0:320].astype(np.float32)
    actor = ((x - 160) ** 2 + (y - 90) ** 2 < 60**2)[..., None]
    plate = np.where(actor, np.float32([0.5, 0.35, 0.3]), np.float32([0.08, 0.42, 0.1])) * (1 - x[..., None] / 3000)
    back = np.stack([x / 400, y / 300, 0.6 - y / 400], -1)
    for name, pixels in (("plate.exr", plate), ("background.exr", back)):
        picture = Frame.of(np.ascontiguousarray(pixels.transpose(2, 0, 1)))
        write(picture, tmp_path / name)
    paths = [str(tmp_path / name) for name in ("plate.exr", "background.exr")]
    play(display, scenarios.build_the_comp, tmp_path, str(tmp_path), *paths)
