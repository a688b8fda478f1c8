"""Shadows on the ground: where they fall, by geometry."""

from __future__ import annotations

import numpy as np
import pytest

from nodegraph.values import Frame
from nodegraph.values.environment import direction
from tests.nodes.cooking import cook

WIDTH, HEIGHT = 480, 270
FEET, HORIZON, FOCAL = 60, 150, 36.0


def pole(x0: int = 230, x1: int = 250, tall: int = 80) -> Frame:
    """An upright pole that stands on the line of the feet."""
    pixels = np.zeros((4, HEIGHT, WIDTH), np.float32)
    pixels[:, HEIGHT - FEET - tall : HEIGHT - FEET, x0:x1] = 1
    return Frame.of(pixels)


def shadow(picture: Frame, **values: object) -> np.ndarray:
    given = {
        "horizon": float(HORIZON),
        "focal": FOCAL,
        "softness": 0.0,
        "fade": 0.0,
        "contact": 0.0,
        "amount": 1.0,
        **values,
    }
    return cook("nodegraph.relight.shadow", {"image": picture}, **given).channel("A")


def tip(azimuth: float, elevation: float, tall: float, x: float) -> tuple[float, float]:
    """Where the shadow of a point `tall` over the feet falls, in pixels, y downwards: by similar triangles."""
    lx, ly, lz = direction(azimuth, elevation)
    s = tall / ly
    z, across = -s * lz, (x - WIDTH / 2) - s * lx
    focal = FOCAL / 36 * WIDTH
    t = 1 - z / focal
    y = (HEIGHT - HORIZON) + (HORIZON - FEET) / t
    return WIDTH / 2 + across / t, y


@pytest.mark.parametrize(("azimuth", "elevation"), [(0, 45), (30, 40), (-30, 40), (150, 45), (180, 30)])
def test_the_shadow_ends_where_the_light_says(azimuth: float, elevation: float) -> None:
    made = shadow(pole(), azimuth=azimuth, elevation=elevation)
    x, y = tip(azimuth, elevation, 70, 240)
    if y < HEIGHT:
        assert made[int(y), round(x)] > 0.5
    past_x, past_y = tip(azimuth, elevation, 95, 240)
    if past_y < HEIGHT:
        assert made[int(past_y), round(past_x)] == 0
    half_x, half_y = tip(azimuth, elevation, 40, 240)
    if half_y < HEIGHT:
        assert made[int(half_y), round(half_x)] == pytest.approx(1, abs=1e-3)


def test_a_light_from_behind_throws_it_forwards_and_from_before_backwards() -> None:
    line = HEIGHT - FEET
    behind, before = shadow(pole(), azimuth=10.0), shadow(pole(), azimuth=170.0)
    assert behind[line + 3 :].sum() > 50 and behind[: line - 3].sum() == 0
    assert before[: line - 3].sum() > 50 and before[line + 3 :].sum() == 0
    assert before[: HEIGHT - HORIZON].sum() == 0  # nothing falls on the sky


def test_it_falls_away_from_the_light() -> None:
    line = HEIGHT - FEET + 10
    columns = np.arange(WIDTH)
    left = shadow(pole(), azimuth=-40.0)[line]
    right = shadow(pole(), azimuth=40.0)[line]
    assert (left * columns).sum() / left.sum() > 245 > 235 > (right * columns).sum() / right.sum()


def test_long_shadows_are_soft_and_fade() -> None:
    hard, soft = shadow(pole(), azimuth=0.0), shadow(pole(), azimuth=0.0, softness=0.15)
    near, far = HEIGHT - FEET + 4, int(tip(0, 35, 70, 240)[1])
    assert (np.diff(soft[far]) != 0).sum() > (np.diff(hard[far]) != 0).sum()
    faded = shadow(pole(), azimuth=0.0, fade=1.5)
    assert faded[far].max() < 0.8 * faded[near].max()


def test_feet_touch_the_ground() -> None:
    made = shadow(pole(), contact=0.8, azimuth=0.0, elevation=89.0)
    line = HEIGHT - FEET
    assert made[line + 2, 240] > 0.3 > 0.05 > made[line + 2, 100]


def test_nothing_throws_nothing_and_a_region_is_a_part() -> None:
    assert shadow(Frame.of(np.zeros((4, 64, 64), np.float32))).max() == 0
    odd = pole().pixels.copy()
    odd[3, 5, 5] = np.nan
    assert np.isfinite(shadow(Frame.of(odd))).all()
