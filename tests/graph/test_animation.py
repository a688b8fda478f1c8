"""Keyframes and curves against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodegraph.errors import DocumentError
from nodegraph.graph import Animation, Graph, Key, curve_value, loads, sample_curve
from nodegraph.graph.files import dumps
from tests.graph.catalog import CATALOG


def test_interpolations() -> None:
    linear = Animation([Key(0, 0, "linear"), Key(10, 5, "hold"), Key(20, 8, "linear")])
    assert [linear.at(f) for f in (-5, 0, 5, 10, 15, 19.99, 20, 99)] == [0, 0, 2.5, 5, 5, 5, 8, 8]


def test_smooth_is_the_catmull_rom_hermite() -> None:
    from scipy.interpolate import CubicHermiteSpline

    frames, values = [0, 4, 10, 11], [0.0, 3.0, -1.0, 2.0]
    animation = Animation(zip(frames, values, strict=True))
    slopes = [3 / 4, -1 / 10, -1 / 7, 3.0]
    reference = CubicHermiteSpline(frames, values, slopes)
    for frame in np.linspace(0, 11, 57):
        assert animation.at(frame) == pytest.approx(float(reference(frame)), abs=1e-12)


def test_given_slopes_are_kept_to() -> None:
    animation = Animation([Key(0, 1, "smooth", None, 2.0), Key(10, 1, "linear", -3.0)])
    step = 1e-6
    assert (animation.at(step) - 1) / step == pytest.approx(2.0, abs=1e-4)
    assert (1 - animation.at(10 - step)) / step == pytest.approx(-3.0, abs=1e-4)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Animation([]),
        lambda: Animation([(1, 0), (1, 2)]),
        lambda: Key(1, float("nan")),
        lambda: Key(float("inf"), 0),
        lambda: Key(0, 0, "cubic"),  # type: ignore[arg-type]
        lambda: Key(0, 0, slope_in=float("inf")),
    ],
)
def test_wrong_keys_are_refused(make: object) -> None:
    with pytest.raises(DocumentError):
        make()  # type: ignore[operator]


def test_keys_in_a_document() -> None:
    graph = Graph(CATALOG)
    graph.add("transform.move", name="move")
    graph.key("move.translate", 1, (0, 10), "linear")
    graph.key("move.translate", 11, (10, 10), "linear")
    graph.key("move.taps", 1, 1, "linear")
    graph.key("move.taps", 11, 9)
    assert graph.values("move", 6) == {"translate": (5.0, 10.0), "taps": 5, "pivot": (0.0, 0.0, 0.0)}
    assert graph.varies("move", "translate") and not graph.varies("move", "pivot")
    graph.key("move.translate.y", 11, 20)
    assert graph.value("move", "translate", 6) == (5.0, 15.0)
    for text in (True, False):
        assert loads(dumps(graph, text=text), CATALOG).get("move.translate") == graph.get("move.translate")
    graph.undo()
    assert graph.value("move", "translate", 6) == (5.0, 10.0)
    with pytest.raises(DocumentError, match=r"move: parameter 'pivot' is out of range at frame 3: 11"):
        graph.set("move.pivot.x", Animation([(3, 11)]))


def test_an_overshoot_is_held_to_the_range() -> None:
    graph = Graph(CATALOG)
    graph.add("merge.merge", name="over", mix=Animation([(0, 1), (10, 1), (11, 0)]))
    assert Animation([(0, 1), (10, 1), (11, 0)]).at(5) > 1
    assert graph.value("over", "mix", 5) == 1.0


rising = st.lists(st.floats(-10, 10), min_size=1, max_size=6, unique_by=lambda x: round(x, 2)).map(sorted)


@settings(max_examples=100, deadline=None)
@given(rising, st.data())
def test_curves_are_monotone_between_points_and_linear_beyond(xs: list[float], data: st.DataObject) -> None:
    points = [(x, data.draw(st.floats(-5, 5))) for x in xs]
    table = sample_curve(points, 101, xs[0] - 2, xs[-1] + 2)
    grid = np.linspace(xs[0] - 2, xs[-1] + 2, 101)
    assert table.dtype == np.float32
    expected = [curve_value(points, float(x)) for x in grid]
    np.testing.assert_allclose(table, expected, rtol=1e-5, atol=1e-4 * max(1, np.abs(expected).max()))
    low, high = min(y for _, y in points), max(y for _, y in points)
    inside = (grid >= xs[0]) & (grid <= xs[-1])
    assert np.all(table[inside] >= low - 1e-4) and np.all(table[inside] <= high + 1e-4)
    after = [curve_value(points, xs[-1] + d) for d in (1.0, 2.0, 3.0)]
    assert after[2] - after[1] == pytest.approx(after[1] - after[0], rel=1e-9, abs=1e-9)


def test_inner_slopes_are_those_of_pchip() -> None:
    from scipy.interpolate import PchipInterpolator

    xs, ys = [0.0, 1.0, 3.0, 4.0, 6.0], [0.0, 0.5, 2.0, 2.5, 2.0]
    reference = PchipInterpolator(xs, ys)
    points = list(zip(xs, ys, strict=True))
    for x in np.linspace(1, 4, 31):  # beyond, the end slopes differ: ours are the secants
        assert curve_value(points, float(x)) == pytest.approx(float(reference(x)), abs=1e-12)


def test_given_curve_slopes() -> None:
    points = [(0.0, 0.0, 0.5, 2.0), (1.0, 1.0, 0.0, 3.0)]
    assert curve_value(points, -1) == -0.5
    assert curve_value(points, 2) == 4.0
    assert curve_value(points, 0.5) == pytest.approx(0.5 + 2.0 / 8)
