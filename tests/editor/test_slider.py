"""Sliders: their range, how values lie along them, and the step of a drag."""

from __future__ import annotations

import pytest

from nodegraph.editor.slider import Slider, slider, step
from nodegraph.graph import Param


def test_the_soft_range_counts_and_reaches_to_the_value() -> None:
    size = Param("size", "float", 4.0, 0, 2000, (0, 100))
    assert slider(size) == Slider(0.0, 100.0)
    assert slider(size, 400.0) == Slider(0.0, 400.0)
    assert slider(size, 9999.0) == Slider(0.0, 2000.0)
    assert slider(size, float("nan")) == Slider(0.0, 100.0)


def test_without_a_soft_range() -> None:
    assert slider(Param("mix", "float", 1.0, 0, 1)) == Slider(0.0, 1.0)
    assert slider(Param("seed", "int", 0)) == Slider(0.0, 1.0)
    open_range = slider(Param("x", "float", -8.0))
    assert open_range.low < -8.0 < open_range.high
    assert slider(Param("at", "vec2", (3.0, 0.0))).high > 3.0


def test_a_range_that_is_a_point_is_widened() -> None:
    one = slider(Param("one", "float", 1.0, 1, 1))
    assert one.low < one.high


def test_wide_ranges_above_zero_are_logarithmic() -> None:
    gamma = slider(Param("gamma", "float", 1.0, 0.01, 100, (0.1, 10)))
    assert gamma.logarithmic
    assert gamma.place(1.0) == pytest.approx(0.5)
    assert gamma.value(0.5) == pytest.approx(1.0)
    assert not slider(Param("gain", "float", 1.0, soft=(0, 4))).logarithmic


@pytest.mark.parametrize("bar", [Slider(-1.0, 3.0), Slider(0.1, 10.0, True)])
def test_places_and_values_are_inverse_and_end_at_the_ends(bar: Slider) -> None:
    for value in (bar.low, 0.7, 2.0, bar.high):
        assert bar.value(bar.place(value)) == pytest.approx(value)
    assert bar.place(-99) == 0.0
    assert bar.value(7.0) == pytest.approx(bar.high)


def test_steps_are_powers_of_ten_that_fit_the_range() -> None:
    mix, size = Param("mix", "float", 1.0, 0, 1), Param("size", "float", 4.0, 0, 2000, (0, 1000), "px")
    assert step(mix) == pytest.approx(0.001) or step(mix) == pytest.approx(0.01)
    assert step(mix, fine=True) == pytest.approx(step(mix) / 10)
    assert step(mix, coarse=True) == pytest.approx(step(mix) * 10)
    assert step(size) == 1.0
    assert step(Param("offset", "float", 0.0, soft=(-0.05, 0.05))) < step(mix)


def test_whole_numbers_go_by_one_and_words_not_at_all() -> None:
    assert step(Param("rows", "int", 4, 1, 16)) == 1.0
    assert step(Param("rows", "int", 4, 1, 65536)) == 1.0
    assert step(Param("on", "bool", True)) == 0.0
    assert step(Param("name", "text", "")) == 0.0
