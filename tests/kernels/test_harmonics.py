"""Light in nine numbers, and lamps, against plain integration in float64."""

from __future__ import annotations

import numpy as np
import pytest

from nodegraph.kernels.harmonics import evaluate, irradiance, polynomial, project
from nodegraph.kernels.lamps import directions, extract, median_cut, solid_angles
from nodegraph.values.environment import angles, direction
from tests.conftest import SHARED

LUMA = np.array([0.2126, 0.7152, 0.0722])
RNG = np.random.default_rng(5)
HDRIS = sorted((SHARED / "hdri" / "assets").glob("*.hdr")) if SHARED.is_dir() else []


def gathered(panorama: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Irradiance (3, n) of surfaces by summing over all of a panorama."""
    height, width = panorama.shape[1:]
    light = panorama.astype(np.float64) * solid_angles(height, width)
    where = directions(height, width).reshape(3, -1)
    cosine = np.maximum(normals.T @ where, 0)
    return light.reshape(3, -1) @ cosine.T


def some_normals(count: int = 60) -> np.ndarray:
    n = RNG.standard_normal((3, count))
    return n / np.linalg.norm(n, axis=0)


def smooth_panorama() -> np.ndarray:
    d = directions(64, 128)
    out = np.zeros((3, 64, 128))
    for _ in range(4):
        axis = some_normals(1)[:, 0]
        out += RNG.random(3)[:, None, None] * np.exp(1.2 * np.tensordot(axis, d, 1))
    return out


def with_sun(
    azimuth: float, elevation: float, height: int = 256, strength: float = 4000.0
) -> tuple[np.ndarray, np.ndarray]:
    d = directions(height, 2 * height)
    sky = 0.3 + 0.2 * d[1] + 0.1 * d[0]
    away = np.degrees(np.arccos(np.clip(np.tensordot(np.array(direction(azimuth, elevation)), d, 1), -1, 1)))
    sun = strength * (away < 1.2)
    return np.stack([sky + sun, sky + 0.8 * sun, 1.4 * sky + 0.5 * sun]), sun


def test_solid_angles_make_a_sphere() -> None:
    assert solid_angles(37, 74).sum() * 74 == pytest.approx(4 * np.pi)


@pytest.mark.parametrize("seed", range(4))
def test_irradiance_of_smooth_worlds_is_within_a_hundredth(seed: int) -> None:
    panorama, normals = smooth_panorama(), some_normals()
    exact = gathered(panorama, normals)
    found = evaluate(irradiance(project(panorama)), normals)
    assert np.abs(found - exact).max() <= 0.01 * exact.max()


def test_a_constant_world_gives_pi() -> None:
    found = evaluate(irradiance(project(np.ones((3, 32, 64)))), some_normals())
    assert found == pytest.approx(np.pi, rel=1e-3)


def test_the_polynomial_is_the_same() -> None:
    c, n = irradiance(project(smooth_panorama())), some_normals()
    x, y, z = n
    terms = np.stack([np.ones_like(x), y, z, x, x * y, y * z, z * z, x * z, x * x - y * y])
    assert polynomial(c).T @ terms == pytest.approx(evaluate(c, n), rel=1e-5)


@pytest.mark.parametrize(("azimuth", "elevation"), [(30, 20), (-179, 5), (100, 75)])
def test_a_sun_is_found_where_it_is_and_nothing_is_lost(azimuth: float, elevation: float) -> None:
    panorama, _ = with_sun(azimuth, elevation)
    lights, rest = extract(panorama)
    assert len(lights.items) == 1
    sun = lights.items[0]
    assert np.degrees(np.arccos(min(1.0, float(np.dot(sun.direction, direction(azimuth, elevation)))))) < 0.3
    assert sun.size == pytest.approx(1.2, rel=0.15)
    solid = solid_angles(*panorama.shape[1:])
    before, after = ((p * solid).sum((1, 2)) for p in (panorama, rest.astype(np.float64)))
    assert after + np.array(sun.colour) == pytest.approx(before, rel=1e-3)
    # and with it the whole light is what it was, which without it it isn't
    normals = some_normals()
    exact = gathered(panorama, normals)
    lamp = np.array(sun.colour)[:, None] * np.maximum(np.array(sun.direction) @ normals, 0)
    found = evaluate(irradiance(project(rest)), normals) + lamp
    assert np.abs(found - exact).max() <= 0.01 * exact.max()
    alone = evaluate(irradiance(project(panorama)), normals)
    assert np.abs(alone - exact).max() > 0.02 * exact.max()


def test_an_even_sky_has_no_lamp() -> None:
    lights, rest = extract(smooth_panorama())
    assert not lights.items and rest.shape == (3, 64, 128)


@pytest.mark.parametrize("file", HDRIS, ids=lambda f: f.stem)
def test_lamps_of_real_panoramas(file: object) -> None:
    import OpenImageIO as oiio

    panorama = np.maximum(oiio.ImageBuf(str(file)).get_pixels(oiio.FLOAT).transpose(2, 0, 1)[:3], 0)
    bright = np.tensordot(LUMA, panorama.astype(np.float64), 1)
    top = bright >= np.quantile(bright, 0.9997)
    y, x = np.unravel_index(int(bright.argmax()), bright.shape)
    where = directions(*bright.shape)
    near = top & (np.tensordot(where[:, y, x], where, 1) > np.cos(np.radians(8)))
    expected = (where * (bright * near * solid_angles(*bright.shape))).sum((1, 2))
    lights, _ = extract(panorama)
    hard = bright > 12 * (bright * solid_angles(*bright.shape)).sum() / (4 * np.pi)
    if (bright * hard * solid_angles(*bright.shape)).sum() < 0.01 * (bright * solid_angles(*bright.shape)).sum():
        assert not lights.items  # an overcast evening: no lamp to be found
        return
    off = np.degrees(np.arccos(np.clip(np.dot(lights.items[0].direction, expected / np.linalg.norm(expected)), -1, 1)))
    assert off < 1.0


def test_median_cut_keeps_the_light() -> None:
    panorama, _ = with_sun(20, 40, 64, 200.0)
    for count in (1, 8, 64):
        lights = median_cut(panorama, count)
        assert len(lights.items) == count
        total = np.sum([light.colour for light in lights.items], axis=0)
        assert total == pytest.approx((panorama * solid_angles(64, 128)).sum((1, 2)), rel=1e-6)
    normals = some_normals()
    exact = gathered(panorama, normals)
    shone = sum(
        np.array(k.colour)[:, None] * np.maximum(np.array(k.direction) @ normals, 0)
        for k in median_cut(panorama, 64).items
    )
    assert np.abs(shone - exact).mean() < 0.06 * exact.mean()
    brightest = max(median_cut(panorama, 64).items, key=lambda k: sum(k.colour))
    assert angles(brightest.direction) == pytest.approx((20, 40), abs=2.0)
