"""Scopes as the window sees them: pictures, graticules that fit them, readings, and settings that are refused."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.editor.graticule import Axis, Line, targets
from nodegraph.editor.scopes import Scopes, Setup
from nodegraph.errors import DocumentError
from nodegraph.kernels.phosphor import BACKGROUND
from nodegraph.values import Frame

SIZE = (120, 90)


def flat(*rgb: float) -> NDArray[np.float32]:
    picture = np.ones((54, 96, 4), np.float32)
    picture[..., :3] = rgb
    return picture


def brightest(picture: NDArray[np.float32]) -> tuple[float, float]:
    """The middle (x, y) of the brightest pixels."""
    light = picture[..., :3].sum(-1)
    rows, columns = np.nonzero(light > light.max() - 1e-3)
    return float(columns.mean()) + 0.5, float(rows.mean()) + 0.5


def line_at(scope: Scopes, label: str) -> Line:
    """The line that a label belongs to: the one nearest to it, of lines across or down."""
    graticule = scope.graticule(SIZE)
    text = next(t for t in graticule.labels if t.text == label)
    return min(
        graticule.lines,
        key=lambda line: min(abs(line.points[0][0] + 3 - text.x), abs(line.points[0][1] + 1 - text.y)),
    )


# -- the picture lies where the graticule says


@pytest.mark.parametrize(("value", "label"), [(0.25, "25"), (0.5, "50"), (0.75, "75")])
def test_a_grey_lies_on_its_line_and_reads_as_itself(value: float, label: str) -> None:
    scope = Scopes(Setup(channels="luma"))
    _, y = brightest(scope.compute(flat(value, value, value), SIZE))
    assert line_at(scope, label).points[0][1] == pytest.approx(y, abs=0.51)
    assert float(scope.reading(50, y, SIZE).split()[0]) == pytest.approx(100 * value, abs=0.7)


@pytest.mark.parametrize(("value", "label"), [(0.25, "25"), (0.75, "75")])
def test_a_histograms_peak_lies_on_its_line(value: float, label: str) -> None:
    scope = Scopes(Setup(mode="histogram", channels="luma"))
    x, _ = brightest(scope.compute(flat(value, value, value), SIZE))
    assert line_at(scope, label).points[0][0] == pytest.approx(x, abs=0.51)
    assert float(scope.reading(x, 40, SIZE).split()[0]) == pytest.approx(100 * value, abs=0.6)


@pytest.mark.parametrize("zoom", [1.0, 1.2])
@pytest.mark.parametrize(
    ("name", "rgb"), [("R", (1, 0, 0)), ("Mg", (1, 0, 1)), ("B", (0, 0, 1)), ("Cy", (0, 1, 1)), ("Yl", (1, 1, 0))]
)
def test_bars_lie_in_their_boxes(name: str, rgb: tuple[int, int, int], zoom: float) -> None:
    scope = Scopes(Setup(mode="vectorscope", zoom=zoom))
    x, y = brightest(scope.compute(flat(*(0.75 * c for c in rgb)), SIZE))
    boxes = [line for line in scope.graticule(SIZE).lines if line.role == "target"]
    _, cb, cr = next(t for t in targets() if t[0] == name)
    found = [
        box
        for box in boxes
        if min(p[0] for p in box.points) < x < max(p[0] for p in box.points)
        and min(p[1] for p in box.points) < y < max(p[1] for p in box.points)
    ]
    assert len(found) == 1
    numbers = [float(n) for n in re.findall(r"[+-]\d\.\d+", scope.reading(x, y, SIZE))]
    assert numbers == pytest.approx([cb, cr], abs=0.01)


def test_targets_are_those_of_bt709() -> None:
    found = {name: (cb, cr) for name, cb, cr in targets(1.0)}
    assert found["B"] == pytest.approx((0.5, -0.0458), abs=1e-4)
    assert found["R"] == pytest.approx((-0.1146, 0.5), abs=1e-4)
    assert [a + b for a, b in zip(found["Cy"], found["R"], strict=True)] == pytest.approx([0, 0], abs=1e-12)


def test_targets_beyond_a_zoomed_scope_arent_drawn() -> None:
    roles = [line.role for line in Scopes(Setup(mode="vectorscope", zoom=4)).graticule(SIZE).lines]
    assert "target" not in roles and "skin" in roles


def test_the_line_of_skin_points_up_and_left() -> None:
    skin = next(line for line in Scopes(Setup(mode="vectorscope")).graticule(SIZE).lines if line.role == "skin")
    (x0, y0), (x1, y1) = skin.points
    assert math.degrees(math.atan2(y0 - y1, x1 - x0)) == pytest.approx(123)


# -- modes


def test_a_parade_is_red_green_and_blue_and_says_which() -> None:
    scope = Scopes(Setup(mode="parade", scale="values"))
    picture = scope.compute(flat(0.2, 0.5, 0.8), SIZE)
    for k, (name, value) in enumerate(zip("RGB", (0.2, 0.5, 0.8), strict=True)):
        x = 20 + 40 * k
        y = int(picture[4:-4, x, k].argmax()) + 4.5
        said, number = scope.reading(x, y, SIZE).split()
        assert (said, float(number)) == (name, pytest.approx(value, abs=0.01))
    assert [t.text for t in scope.graticule(SIZE).labels if t.middle] == ["R", "G", "B"]


def test_a_single_channel_is_looked_at_alone() -> None:
    for channel, value in (("red", 0.25), ("green", 0.5), ("blue", 0.75)):
        scope = Scopes(Setup(channels=channel))
        _, y = brightest(scope.compute(flat(0.25, 0.5, 0.75), SIZE))
        assert float(scope.reading(5, y, SIZE).split()[0]) == pytest.approx(100 * value, abs=0.7)


def test_stops_of_a_scene() -> None:
    scope = Scopes(Setup(channels="luma", scale="stops"))
    assert scope.wants_scene
    pixels = np.full((3, 20, 90), 0.18 * 4, np.float32)
    _, y = brightest(scope.compute(Frame.of(pixels), SIZE))
    said, unit, light = scope.reading(5, y, SIZE).split()
    assert float(said) == pytest.approx(2, abs=0.1) and unit == "stops"
    assert float(light.strip("()")) == pytest.approx(0.72, abs=0.05)


def test_values_beyond_white_have_room_when_asked_for() -> None:
    scope = Scopes(Setup(channels="luma", scale="values", span=(0, 4)))
    assert scope.wants_scene and not Scopes().wants_scene
    _, y = brightest(scope.compute(Frame.of(np.full((3, 20, 90), 3, np.float32)), SIZE))
    assert float(scope.reading(5, y, SIZE)) == pytest.approx(3, abs=0.03)


def test_a_matte_is_grey() -> None:
    scope = Scopes(Setup(channels="rgb"))
    matte = Frame.of(np.full((1, 20, 90), 0.5, np.float32), channels=("A",))
    picture = scope.compute(matte, SIZE)
    x, y = brightest(picture)
    assert np.ptp(picture[int(y), int(x), :3]) < 0.15
    assert float(scope.reading(5, y, SIZE).split()[0]) == pytest.approx(50, abs=0.7)


def test_what_is_no_number_is_said() -> None:
    picture = flat(0.5, 0.5, 0.5)
    picture[0, :3, 0] = np.nan
    picture[1, 0, 1] = np.inf
    scope = Scopes()
    scope.compute(picture, SIZE)
    assert (scope.odd, scope.notice) == ((3, 1, 0), "3 NaN, 1 +inf")
    scope.compute(flat(0, 0, 0), SIZE)
    assert scope.notice == ""


@pytest.mark.parametrize("mode", ["waveform", "parade", "histogram", "vectorscope"])
@pytest.mark.parametrize("channels", ["rgb", "luma", "green"])
def test_every_mode_draws_into_what_it_is_given_at_any_size(mode: str, channels: str) -> None:
    scope = Scopes(Setup(mode=mode, channels=channels))
    for width, height in ((120, 90), (40, 200), (300, 30), (32, 24)):
        out = np.zeros((height, width, 4), np.float32)
        assert scope.compute(flat(0.3, 0.6, 0.2), (width, height), out) is out
        assert (out[..., :3] > np.float32(BACKGROUND)).any() and out.max() <= 1
        for text in scope.graticule((width, height)).labels:
            assert 0 <= text.x <= width and 0 <= text.y <= height


@pytest.mark.parametrize("size", [(10, 90), (120, 8), (1, 1)])
def test_a_tiny_panel_stays_dark(size: tuple[int, int]) -> None:
    picture = Scopes().compute(flat(1, 1, 1), size)
    assert picture.shape == (size[1], size[0], 4) and picture[..., :3].max() == np.float32(max(BACKGROUND))


def test_an_empty_picture_leaves_it_dark() -> None:
    assert Scopes().compute(np.zeros((0, 0, 4), np.float32), SIZE)[..., :3].max() < 0.05


# -- axes and settings


@pytest.mark.parametrize(
    ("axis", "labels"),
    [
        (Axis("percent", 0, 1), ["0", "25", "50", "75", "100"]),
        (Axis("ire", 0, 1), ["0", "20", "40", "60", "80", "100"]),
        (Axis("values", 0, 1), ["0", "0.25", "0.5", "0.75", "1"]),
        (Axis("values", -0.5, 4), ["0", "2", "4"]),
        (Axis("stops", -8, 8), ["-8", "-4", "0", "+4", "+8"]),
        (Axis("stops", -1, 1), ["-1", "0", "+1"]),
    ],
)
def test_labels_are_round(axis: Axis, labels: list[str]) -> None:
    assert [axis.short(value) for value, major in axis.marks() if major] == labels


@pytest.mark.parametrize("place", [(-1, 5), (5, -1), (120, 5), (5, 90)])
def test_nothing_is_read_off_the_panel(place: tuple[float, float]) -> None:
    assert Scopes().reading(*place, SIZE) == ""


def test_nothing_is_read_beside_a_vectorscope_or_between_a_parades_parts() -> None:
    assert Scopes(Setup(mode="vectorscope")).reading(3, 45, SIZE) == ""
    assert Scopes(Setup(mode="parade")).reading(38, 45, SIZE) == ""


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"mode": "radar"}, "no mode 'radar'"),
        ({"channels": "cyan"}, "no channels 'cyan'"),
        ({"scale": "volts"}, "no scale 'volts'"),
        ({"span": (1.0, 1.0)}, "span runs upwards"),
        ({"stops": (math.nan, 1.0)}, "stops runs upwards"),
        ({"zoom": 0.5}, "zoom is 1 to 16"),
    ],
)
def test_settings_a_scope_hasnt_got_are_refused_and_change_nothing(settings: dict[str, Any], said: str) -> None:
    scope = Scopes()
    with pytest.raises(DocumentError, match=said):
        scope.change(**settings)
    assert scope.setup == Setup()
