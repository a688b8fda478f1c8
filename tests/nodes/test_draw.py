"""What is drawn, against formulas and fine sampling."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.errors import NodegraphError
from nodegraph.kernels.roto import coverage, flattened
from nodegraph.values import Frame, Window


def drawn(type: str, frame: int = 1, width: int = 64, height: int = 40, scale: float = 1.0, **values: Any) -> Frame:
    graph = ng.new(width=width, height=height)
    graph.add(type, name="node", params=values)
    with Engine(graph, tier="numpy") as engine:
        found = engine.cook("node", frame, scale=scale)
        return found.crop(found.spec.display_window)


# -- roto


def sampled(points: NDArray[np.float64], width: int, height: int, fine: int = 16) -> NDArray[np.float64]:
    """Coverage by counting winding numbers at 16 x 16 points of each pixel."""
    ys, xs = (np.mgrid[0 : height * fine, 0 : width * fine] + 0.5) / fine
    winding = np.zeros(xs.shape)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, 0), strict=True):
        side = (x1 - x0) * (ys - y0) - (xs - x0) * (y1 - y0)
        winding += (y0 <= ys) & (y1 > ys) & (side > 0)
        winding -= (y1 <= ys) & (y0 > ys) & (side < 0)
    return np.asarray(np.minimum(1, np.abs(winding)).reshape(height, fine, width, fine).mean((1, 3)))


def test_coverage_is_the_area_inside(rng: np.random.Generator) -> None:
    for _ in range(20):
        n = rng.integers(3, 9)
        turns = np.sort(rng.uniform(0, 2 * np.pi, n))
        radius = rng.uniform(3, 34)
        points = np.stack([20 + radius * np.cos(turns), 16 + radius * np.sin(turns)], 1)
        assert np.abs(coverage(points, 40, 32) - sampled(points, 40, 32)).max() < 0.05
    square = np.array([[3.25, 2.5], [7.5, 2.5], [7.5, 5.75], [3.25, 5.75]])
    found = coverage(square, 10, 8)
    assert found.sum() == pytest.approx(4.25 * 3.25, abs=1e-5)
    assert found[2, 3] == pytest.approx(0.75 * 0.5) and found[3, 4] == 1


def test_outlines_far_outside_still_fill() -> None:
    everything = np.array([[-1e5, -1e5], [1e5, -1e5], [1e5, 1e5], [-1e5, 1e5]])
    assert coverage(everything, 12, 9) == pytest.approx(1, abs=1e-3)
    assert not coverage(everything + 4e5, 12, 9).any()
    assert coverage(np.zeros((0, 2)), 12, 9).shape == (9, 12)


def test_a_circle_of_four_beziers() -> None:
    k = 0.5522847498 * 10
    circle = np.array(
        [[30, 20, 0, -k, 0, k], [20, 30, k, 0, -k, 0], [10, 20, 0, k, 0, -k], [20, 10, -k, 0, k, 0]], float
    )
    assert coverage(flattened(circle), 40, 40).sum() == pytest.approx(np.pi * 100, rel=5e-3)


SQUARE = [[10, 5], [30, 5], [30, 25], [10, 25]]


def test_shapes_add_and_take_away() -> None:
    hole = {"points": [[15, 10], [25, 10], [25, 20], [15, 20]], "mode": "subtract"}
    found = drawn("draw.roto", shapes=json.dumps([{"points": SQUARE}, hole]), colour=(1, 0.5, 0, 1))
    alpha = found.channel("A")
    assert alpha.sum() == pytest.approx(20 * 20 - 10 * 10)
    assert alpha[40 - 6, 11] == 1 and alpha[40 - 15, 20] == 0
    assert (found.channel("G") == alpha * 0.5).all()
    only = drawn("draw.roto", shapes=json.dumps([{"points": SQUARE}, {**hole, "mode": "intersect"}])).channel("A")
    assert only.sum() == pytest.approx(100)
    turned = drawn("draw.roto", shapes=json.dumps([{"points": SQUARE, "opacity": 0.5}]), invert=True).channel("A")
    assert turned.sum() == pytest.approx(64 * 40 - 200)


def test_keyed_shapes_move_and_blur() -> None:
    moved = [[x + 20, y] for x, y in SQUARE]
    shapes = json.dumps([{"keys": {"1": SQUARE, "11": moved}}])
    for frame, at in ((0, 10), (1, 10), (6, 20), (11, 30), (50, 30)):
        alpha = drawn("draw.roto", frame, shapes=shapes).channel("A")
        assert alpha.argmax(1).max() == at
    still, blurred = (drawn("draw.roto", 6, shapes=shapes, shutter=s).channel("A") for s in (0, 1))
    assert blurred.sum() == pytest.approx(still.sum(), rel=1e-3)
    assert ((blurred > 0.01) & (blurred < 0.99)).sum() > ((still > 0.01) & (still < 0.99)).sum()


def test_feathers_are_soft_and_proxies_alike() -> None:
    shapes = json.dumps([{"points": SQUARE, "feather": 3}])
    full, half = (
        drawn("draw.roto", shapes=shapes).channel("A"),
        drawn("draw.roto", shapes=shapes, scale=0.5).channel("A"),
    )
    assert full[40 - 15, 10] == pytest.approx(0.5 + 0.5 / 3 * 0.4, abs=0.03)  # half a pixel inside the outline
    assert np.abs(half - full.reshape(20, 2, 32, 2).mean((1, 3))).max() < 0.03


@pytest.mark.parametrize(
    ("shapes", "says"),
    [
        ("nonsense", "shapes"), ('{"points": []}', "list of shapes"), ('[{"name": "head"}]', "'head' needs either points or keys"),
        ('[{"points": [[1, 2, 3]]}]', "a point is"), ('[{"points": [[1, 1e9]]}]', "out of range"),
        ('[{"points": [], "mode": "xor"}]', "add, subtract"), ('[{"keys": {"1": [[0, 0]], "2": []}}]', "numbers of points"),
        ('[{"points": [], "feather": -1}]', "feather"),
    ],
)  # fmt: skip
def test_what_is_no_shape_is_refused(shapes: str, says: str) -> None:
    with pytest.raises(NodegraphError, match=says) as caught:
        drawn("draw.roto", shapes=shapes)
    assert str(caught.value).startswith("node: ")


# -- gradients


def test_ramp() -> None:
    found = drawn("draw.ramp", start=(0, 10), end=(0, 30), first=(0, 0, 0, 1), second=(2, 1, 0, 1))
    y = 40 - np.arange(40) - 0.5
    expected = np.clip((y - 10) / 20, 0, 1)
    assert found.channel("R")[:, 5] == pytest.approx(expected * 2, abs=1e-5)
    assert found.channel("G")[:, 60] == pytest.approx(expected, abs=1e-5)


def test_radial_over_a_picture() -> None:
    graph = ng.new(width=64, height=40)
    graph.add("capture.constant", name="grey", colour=(0.5, 0.5, 0.5, 1))
    graph.add("draw.radial", name="sun", centre=(20, 15), radius=(8, 8), softness=0, colour=(1, 0, 0, 1))
    graph.connect("grey", "sun")
    with Engine(graph, tier="numpy") as engine:
        found = engine.cook("sun")
    assert found.pixels[:, 40 - 15, 20] == pytest.approx([1, 0, 0, 1])
    assert found.pixels[:, 2, 60] == pytest.approx([0.5, 0.5, 0.5, 1])
    red = found.channel("R") - found.channel("G")
    assert red.sum() == pytest.approx(np.pi * 64, rel=0.15)


# -- text


def test_text_lies_where_it_is_put() -> None:
    for align, left, right in (("left", 100, 200), ("centre", 50, 150), ("right", 0, 100)):
        found = drawn("draw.text", width=200, height=80, text="HHH", size=40, position=(100, 40), align=align)
        columns = np.flatnonzero(found.channel("A").any(0))
        assert left <= columns[0] and columns[-1] < right
    ink = drawn("draw.text", width=200, height=80, text="H", size=50, position=(100, 10), vertical="baseline").channel(
        "A"
    )
    rows = np.flatnonzero(ink.any(1))
    assert rows[-1] == 80 - 10 - 1  # stands on its baseline
    assert rows[-1] - rows[0] == pytest.approx(0.727 * 50, abs=2)  # Inter's capitals


def test_text_tells_the_frame() -> None:
    a, b, c = (drawn("draw.text", f, width=200, height=60, text=t, size=30, position=(100, 30)).pixels
               for f, t in ((12, "{frame:04}"), (12, "0012"), (13, "{frame:04}")))  # fmt: skip
    assert (a == b).all() and not (a == c).all()
    odd = drawn("draw.text", width=300, height=60, text="{nothing} {", size=20, position=(150, 30))
    assert odd.channel("A").any()


def test_weights_lines_and_tracking() -> None:
    def ink(**values: Any) -> NDArray[np.float32]:
        return drawn("draw.text", width=400, height=200, position=(200, 100), size=40, **values).channel("A")

    assert ink(text="mm", weight=900).sum() > 1.4 * ink(text="mm", weight=200).sum()
    wide, narrow = (np.flatnonzero(ink(text="mmm", tracking=t).any(0)) for t in (300, 0))
    assert np.ptp(wide) == pytest.approx(np.ptp(narrow) + 2 * 12, abs=2)
    two = np.flatnonzero(ink(text="H\\nH").any(1))
    assert np.ptp(two) == pytest.approx(0.727 * 40 + 1.25 * 40, abs=3)


def test_a_font_that_is_not_there_is_named() -> None:
    with pytest.raises(NodegraphError, match=r"nowhere\.ttf: no such file"):
        drawn("draw.text", text="x", font="/nowhere.ttf")


# -- patterns and sheets


def test_bars_and_checker() -> None:
    bars = drawn("capture.pattern", pattern="bars", level=0.75).pixels[:3, 20, 4::8].T
    assert bars.tolist() == [[r * 0.75, g * 0.75, b * 0.75] for r, g, b in
                             ((1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0))]  # fmt: skip
    checker = drawn("capture.pattern", pattern="checker", size=8).channel("R")
    assert checker[39, 0] != checker[39, 8] and checker[39, 0] == checker[31, 8]
    wheel = drawn("capture.pattern", pattern="colour wheel").pixels
    assert wheel[:3, 20, 32] == pytest.approx([1, 1, 1], abs=0.06)
    assert wheel[0, 20, 49] > 0.8 > wheel[1, 20, 49] and not wheel[:3, 20, 2].any()
    assert not (
        drawn("capture.pattern", 1, pattern="noise").pixels == drawn("capture.pattern", 2, pattern="noise").pixels
    ).all()
    for pattern in ("ramp", "grid", "zone plate", "noise"):
        found = drawn("capture.pattern", pattern=pattern).pixels
        assert found.min() >= 0 and found.max() <= 1 and np.ptp(found[0]) > 0.3


def test_a_contact_sheet_has_rows_and_columns() -> None:
    graph = ng.new(width=64, height=36)
    graph.add("capture.constant", name="count")
    graph.set("count.colour", ["=frame / 10", 0, 0, 1])
    graph.add("draw.ramp", name="matte", second=(1, 1, 1, 1), end=(0, 36))
    graph.add("output.contact_sheet", name="sheet", frames="2,5", width=64, gap=4, labels="one, two")
    graph.connect("count", "sheet.a")
    graph.connect("matte", "sheet.b")
    with Engine(graph, tier="numpy") as engine:
        sheet = engine.cook("sheet", 99)
        assert engine.cook("sheet", 1).pixels is sheet.pixels or (engine.cook("sheet", 1).pixels == sheet.pixels).all()
    heading = 4  # round(64 * 0.055)
    assert sheet.spec.data_window == Window.sized(2 * 68 + 4, 2 * 40 + 4 + heading)
    assert sheet.pixels[0, heading + 4 + 10, 20] == pytest.approx(0.2, abs=1e-3)
    assert sheet.pixels[0, heading + 4 + 40 + 10, 20] == pytest.approx(0.5, abs=1e-3)
    column = sheet.pixels[1, heading + 4 : heading + 40, 90]
    assert column[0] > 0.75 and column[-1] < 0.25
