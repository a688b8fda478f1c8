"""The clear sky against published figures: the sun's, the IES's and the CIE's clear sky, twilight's."""

from __future__ import annotations

import numpy as np
import pytest

from nodegraph.kernels.atmosphere import TO_RGB, Air, look, row_of, sky, sunlight, tables
from nodegraph.kernels.pool import Pool

LUMA = np.array([0.2126, 0.7152, 0.0722])
KLX = 100 / np.pi
KCD = 31.831
POOL = Pool(2)


def radiance(table: np.ndarray, elevation: float, apart: float) -> np.ndarray:
    out = np.zeros(3)
    e, a = np.radians(elevation), np.radians(apart)
    look(table, row_of(table, e), np.sqrt(a / np.pi) * (table.shape[1] - 1), out)
    return out


def illuminance(table: np.ndarray) -> float:
    """klx on a card laid flat under the sky, by plain summation."""
    total = 0.0
    for e in np.linspace(0.5, 89.5, 90):
        for a in np.linspace(2.5, 177.5, 36):
            weight = np.sin(np.radians(e)) * np.cos(np.radians(e)) * np.radians(1) * np.radians(10)
            total += float(LUMA @ radiance(table, e, a)) * weight
    return total * KLX


def test_the_sun_over_the_air_is_as_bright_as_published() -> None:
    assert LUMA @ TO_RGB.sum(0) * KLX == pytest.approx(133.1, rel=0.01)  # IES solar illuminance constant, 133.1 klx


@pytest.mark.parametrize("elevation", [60, 40, 20])
def test_direct_sun_follows_the_ies_formula(elevation: float) -> None:
    found = LUMA @ sunlight(Air(2.2), elevation, POOL) * KLX
    assert found == pytest.approx(127.5 * np.exp(-0.21 / np.sin(np.radians(elevation))), rel=0.12)


@pytest.mark.parametrize("elevation", [60, 40, 20, 10])
def test_skylight_is_near_the_ies_formula(elevation: float) -> None:
    """IESNA Lighting Handbook, clear sky: 0.8 + 15.5 sin(h)^0.5 klx on the flat from the sky alone."""
    published = 0.8 + 15.5 * np.sin(np.radians(elevation)) ** 0.5
    assert illuminance(sky(Air(2.0), elevation, POOL)) == pytest.approx(published, rel=0.4)


@pytest.mark.parametrize("elevation", [60, 40, 20])
def test_it_is_spread_like_the_cies_clear_sky(elevation: float) -> None:
    """CIE 22 / ISO 15469, clear sky: L = (0.91 + 10 exp(-3 g) + 0.45 cos(g)^2) (1 - exp(-0.32 / cos z)), relative."""
    table = sky(Air(2.5), elevation, POOL)
    ratios = []
    for e in (20, 40, 60, 80):
        for apart in (60, 100, 140, 180):
            cosine = np.sin(np.radians(e)) * np.sin(np.radians(elevation)) + np.cos(np.radians(e)) * np.cos(
                np.radians(elevation)
            ) * np.cos(np.radians(apart))
            g = np.arccos(np.clip(cosine, -1, 1))
            published = (0.91 + 10 * np.exp(-3 * g) + 0.45 * np.cos(g) ** 2) * (
                1 - np.exp(-0.32 / np.sin(np.radians(e)))
            )
            ratios.append(LUMA @ radiance(table, e, apart) / published)
    logs = np.log(ratios)
    assert np.abs(logs - logs.mean()).max() < np.log(1.8) and logs.std() < 0.3


def test_daylight_and_twilight_are_as_bright_as_tables_say() -> None:
    """Clear skies: about 10-25 klx from the sky by day; at sunset 400-1,000 lx, at -4 degrees 20-100 lx (civil twilight)."""
    assert 10 < illuminance(sky(Air(2.5), 50, POOL)) < 25
    assert 0.4 < illuminance(sky(Air(2.5), 0, POOL)) < 1.1
    assert 0.02 < illuminance(sky(Air(2.5), -4, POOL)) < 0.1
    assert illuminance(sky(Air(2.5), -12, POOL)) < 0.001


def test_colours_go_the_right_way() -> None:
    noon, low = (sunlight(Air(), e, POOL) for e in (60, 3))
    assert low[0] * noon[2] > 3 * noon[0] * low[2]  # a low sun is red
    table = sky(Air(), 40, POOL)
    zenith, horizon = radiance(table, 90, 0), radiance(table, 3, 120)
    assert zenith[2] > 1.5 * zenith[0] and zenith[2] / zenith[0] > 1.4 * horizon[2] / horizon[0]  # whiter down there
    assert LUMA @ horizon > LUMA @ zenith
    hazy = sky(Air(8), 40, POOL)
    assert LUMA @ radiance(hazy, 40, 5) > LUMA @ radiance(table, 40, 5)  # haze glows round the sun
    # at dusk ozone keeps the zenith blue
    dusk, without = (radiance(sky(Air(2.5, o), -4, POOL), 90, 0) for o in (300, 0))
    assert dusk[2] / dusk[0] > 1.3 * without[2] / without[0]


def test_more_air_takes_more_light_and_none_comes_through_the_earth() -> None:
    found = [float(LUMA @ sunlight(Air(3), e, POOL)) for e in (90, 45, 10, 2, -0.3, -5)]
    assert found == sorted(found, reverse=True) and found[-1] == 0
    columns = tables(Air(), POOL).columns
    assert np.isfinite(columns).all() and (np.diff(columns[:, 0, 0]) <= 0).all()  # straight up, the higher the less
    assert columns[0, 0, 0] == pytest.approx(8.0, rel=0.01)  # the whole air, as if all of it were as dense as here


def test_a_table_has_no_hole() -> None:
    for elevation in (-20, -3, 0, 15, 90):
        table = sky(Air(), elevation, POOL)
        assert np.isfinite(table).all() and (table >= 0).all()
