"""The adaptive keyer's kernel on pictures whose every pixel is a known mixture."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.kernels.adaptive_key import Screen, difference, key, kind_of, survey
from nodegraph.kernels.pool import Pool

SCREENS = {
    "green": (0.05, 0.4, 0.07), "blue": (0.04, 0.1, 0.45), "yellow": (0.5, 0.45, 0.05), "cyan": (0.05, 0.4, 0.38),
    "magenta": (0.45, 0.06, 0.4),
}  # fmt: skip
SKIN = np.array([0.52, 0.33, 0.25])
SHIRT = np.array([0.2, 0.21, 0.24])
DENIM = np.array([0.1, 0.14, 0.35])


def flat(colour: tuple[float, ...], width: int, height: int, bare: float = 0.7) -> Screen:
    return Screen(colour, (1, 0, 0, 0, 0, 0), (1 / width - 1, 1 - 1 / height, 2 / width, -2 / height), bare)


def disc(width: int = 480, height: int = 270, soft: float = 9) -> NDArray[np.float64]:
    y, x = np.mgrid[0:height, 0:width]
    return np.clip((height * 0.33 - np.hypot(x - width / 2, y - height / 2)) / soft + 0.5, 0, 1)


def matte(picture: NDArray[np.float64], screen: Screen, fill: float = 1.0, threads: int = 1) -> NDArray[np.float32]:
    pool = Pool(threads)
    rgb = np.ascontiguousarray(picture, np.float32)
    out = np.empty((1, *rgb.shape[1:]), np.float32)
    key(rgb, survey(rgb, screen, (1, 1, 1), fill, pool), (0, 0), out, pool)
    pool.close()
    return out[0]


def stage(alpha: NDArray[np.float64], front: NDArray[np.float64], screen: NDArray[np.float64]) -> NDArray[np.float64]:
    return front * alpha + screen * (1 - alpha)


def column(colour: tuple[float, ...] | NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array(colour, np.float64)[:, None, None]


@pytest.mark.parametrize("name", SCREENS)
def test_soft_edges_of_any_screen_are_exact(name: str) -> None:
    """Colour difference alone is a sixth off here: skin has less green (or whatever) than grey."""
    alpha = disc(soft=3)
    picture = stage(alpha, column(SKIN if name != "yellow" else DENIM), column(SCREENS[name]))
    found = matte(picture, flat(SCREENS[name], 480, 270))
    assert np.abs(found - alpha).max() < 0.16
    kind = kind_of(SCREENS[name])
    plain = np.clip(1 - np.apply_along_axis(difference, 0, picture, kind) / difference(SCREENS[name], kind), 0, 1)
    soft = (alpha > 0.02) & (alpha < 0.98)
    assert np.abs(found - alpha)[soft].mean() < 0.15 * np.abs(plain - alpha)[soft].mean()


def test_the_subject_may_have_several_colours_and_any_brightness() -> None:
    alpha = disc(soft=3)
    x = np.arange(480)[None, None, :]
    front = np.where(x < 240, column(SKIN), column(SHIRT)) * (0.6 + 0.4 * np.sin(x / 9.0))
    found = matte(stage(alpha, front, column(SCREENS["green"])), flat(SCREENS["green"], 480, 270))
    away = np.broadcast_to(np.abs(x[0] - 240) > 30, alpha.shape)
    assert np.abs(found - alpha)[away].max() < 0.1
    assert found[alpha == 1].min() > 0.96


def test_the_screen_is_known_where_it_is() -> None:
    """Light that no quadratic surface follows, and a fold far from the subject."""
    alpha = disc()
    x = np.arange(480)[None, None, :]
    light = 1 + 0.25 * np.sin(x / 40.0) - 0.4 * np.exp(-(((x - 60) / 5.0) ** 2))
    found = matte(stage(alpha, column(SKIN), column(SCREENS["green"]) * light), flat(SCREENS["green"], 480, 270))
    assert found[alpha == 0].mean() < 0.002
    assert np.abs(found - alpha).mean() < 0.01


def test_spill_inside_is_filled_as_far_as_asked() -> None:
    alpha = disc()
    y, x = np.mgrid[0:270, 0:480]
    spot = np.exp(-((x - 240) ** 2 + (y - 135) ** 2) / 2 / 18**2)
    front = column(SHIRT) + 0.25 * spot * column(SCREENS["green"])
    picture = stage(alpha, front, column(SCREENS["green"]))
    assert matte(picture, flat(SCREENS["green"], 480, 270))[135, 240] == 1
    assert matte(picture, flat(SCREENS["green"], 480, 270), fill=0)[135, 240] < 0.85


def test_a_part_is_the_part_of_the_whole_on_any_number_of_threads() -> None:
    rng = np.random.default_rng(5)
    picture = stage(disc(), column(SKIN), column(SCREENS["blue"])) + rng.normal(0, 0.004, (3, 270, 480))
    rgb, pool = picture.astype(np.float32), Pool(3)
    grid = survey(rgb, flat(SCREENS["blue"], 480, 270), (1, 1, 1), 1.0, pool)
    part = np.empty((2, 101, 157), np.float32)
    key(rgb[:, 77:178, 33:190], grid, (33, 77), part, pool)
    pool.close()
    whole = matte(picture, flat(SCREENS["blue"], 480, 270))
    np.testing.assert_allclose(part[0], whole[77:178, 33:190], atol=1e-6)
    assert part[1].min() >= 0 and part[1].max() <= 1


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (3, 5), (31, 259), (700, 1300)])
def test_any_size(size: tuple[int, int]) -> None:
    found = matte(np.full((3, *size), 0.3), flat(SCREENS["green"], size[1], size[0]))
    assert found.shape == size and (found == 1).all()
    found = matte(column(SCREENS["green"]) * np.ones((3, *size)), flat(SCREENS["green"], size[1], size[0]))
    assert (found < 1e-3).all()


def test_what_is_no_number_stays_where_it_is() -> None:
    picture = stage(disc(), column(SKIN), column(SCREENS["green"]))
    broken = picture.copy()
    broken[0, 20, 30], broken[1, 135, 240], broken[2, 135, 150] = np.nan, np.inf, -np.inf
    whole, found = (matte(p, flat(SCREENS["green"], 480, 270)) for p in (picture, broken))
    assert np.isfinite(found).all()
    assert np.abs(whole - found).max(where=np.isfinite(broken).all(0), initial=0) < 0.02
    assert found[135, 240] == 1
