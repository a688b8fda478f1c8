"""Slopes of animations, and keys added on the curve."""

from __future__ import annotations

import pytest

from nodegraph.editor.tangents import inserted, slope_at, slopes
from nodegraph.graph import Animation, Key

CURVES = [
    Animation([Key(0, 0.0), Key(10, 5.0), Key(13, -2.0), Key(30, 1.0)]),
    Animation([Key(0, 0.0, "linear"), Key(10, 5.0, "smooth", 1.0, -3.0), Key(20, -2.0, "hold"), Key(30, 1.0)]),
    Animation([Key(0, 3.0, "hold"), Key(10, 5.0, "linear"), Key(20, -2.0)]),
    Animation([Key(5, 2.0)]),
]


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("frame", [-5, 3.5, 10, 12, 25, 40])
def test_a_key_on_the_curve_leaves_the_curve_as_it_is(curve: Animation, frame: float) -> None:
    new = inserted(curve, frame)
    assert frame in [k.frame for k in new.keys]
    for f in range(-10, 50):
        assert new.at(f + 0.25) == pytest.approx(curve.at(f + 0.25), abs=1e-9)


def test_a_key_that_is_there_stays() -> None:
    assert inserted(CURVES[0], 10) is CURVES[0]


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("frame", [-5, 3.5, 11, 17.25, 25, 40])
def test_the_slope_of_the_curve_is_its_difference(curve: Animation, frame: float) -> None:
    measured = (curve.at(frame + 1e-5) - curve.at(frame - 1e-5)) / 2e-5
    assert slope_at(curve, frame) == pytest.approx(measured, abs=1e-4)


def test_slopes_at_keys_are_given_or_automatic() -> None:
    assert slopes(CURVES[0], 1) == pytest.approx((-2 / 13, -2 / 13))
    assert slopes(CURVES[1], 1) == (1.0, -3.0)
    assert slopes(CURVES[3], 0) == (0.0, 0.0)
