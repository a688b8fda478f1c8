"""How the editor looks, in pixels; and textures, which crash where they are used wrongly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.editor import gallery, texture_scenarios
from tests.editor.screen import environment

ROOT = Path(__file__).parents[2]


class Shown(NamedTuple):
    """The gallery's window before and after its live texture changed, 0 to 255, and where things are in it."""

    scale: float
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    places: dict[str, list[float]]
    twice: dict[str, list[float]]

    def cut(self, name: str, picture: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        x, y, width, height = (round(v) for v in self.places[name])
        return (self.after if picture is None else picture)[y : y + height, x : x + width, :3]


def alone(display: str, folder: Path, *arguments: str) -> str:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, *arguments], env=environment(display, folder), cwd=ROOT, capture_output=True, text=True, timeout=120
    )  # fmt: skip
    assert done.returncode == 0, f"ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module", params=[1.0, 1.5])
def shown(request: pytest.FixtureRequest, screen: str, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    folder = tmp_path_factory.mktemp("gallery")
    found = json.loads(
        alone(screen, folder, "-m", "tests.editor.gallery", str(request.param), str(folder / "shown.npy"))
    )
    before, after = np.load(folder / "shown.npy") * 255
    return Shown(request.param, before, after, found["places"], found["twice"])


def test_the_ground_is_a_neutral_grey(shown: Shown) -> None:
    assert tuple(np.round(shown.after[-4, 4, :3])) == shown_colour("PANEL")


def test_nothing_is_blue(shown: Shown) -> None:
    picture = shown.after[..., :3].copy()
    x, y, width, height = (round(v) for v in shown.places["swatches"])
    picture[y : y + height, x : x + width] = 0
    blue = picture[..., 2] - np.maximum(picture[..., 0], picture[..., 1]) > 12
    assert not blue.any(), np.argwhere(blue)[:5]


def test_families_and_ports_have_their_colours(shown: Shown) -> None:
    from nodegraph.editor.ui import theme

    swatches = shown.cut("swatches").reshape(-1, 3)
    for colour in [*theme.FAMILIES.values(), *theme.PORTS.values()]:
        assert (np.abs(swatches - colour).max(-1) < 1).sum() > 20, colour


@pytest.mark.parametrize("name", ["title", "large", "semibold", "regular", "mono", "gear", "close", "name", "flat"])
def test_texts_and_icons_are_drawn(shown: Shown, name: str) -> None:
    part = shown.cut(name)
    assert (part.min(-1) > 150).sum() > 15  # strokes
    assert (part.max(-1) < 100).mean() > 0.4  # the ground between them


def test_a_disabled_button_is_fainter(shown: Shown) -> None:
    assert shown.cut("disabled").max() < shown.cut("plain").max() - 60


def test_the_accent_is_warm(shown: Shown) -> None:
    red, green, blue = shown.cut("accent")[3:-3, 3:-3].reshape(-1, 3).max(0)
    assert red > green > blue + 60


def test_a_canvas_is_bare(shown: Shown) -> None:
    assert (np.round(shown.cut("canvas")[10:40, 10:60]) == shown_colour("CANVAS")).all()


def test_textures_show_what_they_were_given(shown: Shown) -> None:
    for part, colour in (
        (shown.cut("live", shown.before), gallery.BEFORE), (shown.cut("live"), gallery.AFTER), (shown.cut("still"), gallery.STILL),
    ):  # fmt: skip
        assert part.shape[0] * part.shape[1] >= 400
        assert np.abs(part - np.array(colour[:3]) * 255).max() <= 1.01


def test_all_grows_at_once_with_the_scale(shown: Shown) -> None:
    for name in ("plain", "accent", "title", "gear"):
        (_, _, width, height), (_, _, wide, high) = shown.places[name], shown.twice[name]
        assert wide == pytest.approx(2 * width, rel=0.05, abs=3)
        assert high == pytest.approx(2 * height, rel=0.05, abs=3)


def shown_colour(name: str) -> tuple[int, ...]:
    from nodegraph.editor.ui import theme

    colour: Any = getattr(theme, name)
    return tuple(colour[:3])


@pytest.mark.parametrize("name", texture_scenarios.ALL)
def test_textures(name: str, screen: str, tmp_path: Path) -> None:
    alone(screen, tmp_path, "-m", "tests.editor.texture_scenarios", name)


def test_families_of_other_packs_have_a_colour_of_their_own() -> None:
    from nodegraph.editor.ui.theme import FAMILIES, family_colour, port_colour

    made_up = family_colour("pyrotechnics")
    assert made_up == family_colour("pyrotechnics") != family_colour("weather")
    assert all(40 <= v <= 200 for v in made_up)
    assert family_colour("merge") == FAMILIES["merge"]
    assert port_colour("of another pack") == port_colour("neither known")


def test_every_type_of_port_has_a_colour() -> None:
    from nodegraph.editor.ui.theme import PORTS
    from nodegraph.graph.schema import PORT_TYPES

    assert set(PORTS) == set(PORT_TYPES)
    assert len(set(PORTS.values())) == len(PORTS)


def test_heat_goes_from_green_to_red_and_no_further() -> None:
    from nodegraph.editor.ui.theme import heat

    cold, warm, hot = heat(0.0), heat(20.0), heat(40.0)
    assert cold[1] > cold[0] and hot[0] > hot[1]
    assert cold[0] < warm[0] < hot[0]
    assert heat(1e9) == hot and heat(-1.0) == cold
