"""Kernels of the neural mattes: cells, the guided filter, foreground colours, weighing. Against NumPy in float64."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage  # noqa: TID253

from nodegraph.kernels.cells import expand, shrink
from nodegraph.kernels.foreground import estimate, mend
from nodegraph.kernels.guided import encoded, fit, refine
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.weighing import combine, measure

Array = NDArray[np.float64]


def expanded(planes: Array, cell: int, height: int, width: int) -> Array:
    """Cells as pixels: linear between their middles, constant beyond the outer ones."""
    rows, columns = planes.shape[-2:]
    y = np.clip((np.arange(height) + 0.5) / cell - 0.5, 0, rows - 1)
    x = np.clip((np.arange(width) + 0.5) / cell - 0.5, 0, columns - 1)
    at = np.stack(np.meshgrid(y, x, indexing="ij"))
    flat = planes.reshape(-1, rows, columns)
    made = np.stack([ndimage.map_coordinates(p.astype(np.float64), at, order=1, mode="nearest") for p in flat])
    return made.reshape(*planes.shape[:-2], height, width)


@pytest.mark.parametrize(("height", "width", "cell"), [(24, 36, 4), (25, 37, 4), (9, 7, 3), (5, 5, 1), (1, 1, 4)])
def test_shrinking_is_the_mean_of_cells(height: int, width: int, cell: int, pool: Pool) -> None:
    picture = np.random.default_rng(1).random((3, height, width)).astype(np.float32)
    picture[1, 0, 0] = np.nan
    made = shrink(picture, cell, pool)
    known = np.nan_to_num(picture).astype(np.float64)
    expected = [
        [known[:, y : y + cell, x : x + cell].mean((1, 2)) for x in range(0, width, cell)]
        for y in range(0, height, cell)
    ]
    np.testing.assert_allclose(made, np.array(expected).transpose(2, 0, 1), atol=1e-6)


@pytest.mark.parametrize("cell", [1, 2, 3, 4, 5, 8])
def test_a_row_of_cells_is_linear_between_middles(cell: int, rng: np.random.Generator) -> None:
    row = rng.random(9).astype(np.float32)
    out = np.full(10 * cell, np.nan, np.float32)
    expand(row, cell, out, 0, 9)
    np.testing.assert_allclose(out[: 9 * cell], expanded(row[None], cell, 1, 9 * cell)[0], atol=1e-6)


def means(planes: Array, radius: int) -> Array:
    return np.stack([ndimage.uniform_filter(p, 2 * radius + 1, mode="mirror") for p in planes])


def test_the_guided_filter_is_he_and_sun(rng: np.random.Generator, pool: Pool) -> None:
    guide = ndimage.gaussian_filter(rng.random((3, 40, 60)), (0, 1, 1)).astype(np.float32)
    matte = ndimage.gaussian_filter((rng.random((1, 40, 60)) > 0.5).astype(np.float32), (0, 3, 3))
    g, p = guide.astype(np.float64), matte[0].astype(np.float64)
    radius, noise = 4, 0.05
    mean, mean_p = means(g, radius), means(p[None], radius)[0]
    covariance = means(g * p, radius) - mean * mean_p
    own = np.array([[means((g[i] * g[j])[None], radius)[0] - mean[i] * mean[j] for j in range(3)] for i in range(3)])
    own = own.transpose(2, 3, 0, 1) + noise**2 * np.eye(3)
    a = np.linalg.solve(own, covariance.transpose(1, 2, 0)[..., None])[..., 0].transpose(2, 0, 1)
    b = mean_p - (a * mean).sum(0)
    expected = means(np.concatenate([a, b[None]]), radius)
    np.testing.assert_allclose(fit(guide, matte, radius, noise, pool), expected, atol=2e-3)


def test_a_matte_takes_the_pictures_edge(pool: Pool) -> None:
    """A coarse matte, off by three cells, is drawn to where the colours change."""
    picture = np.full((3, 64, 128), 0.1, np.float32)
    picture[0, :, 61:] = 0.6
    coarse = np.clip((np.arange(128) - 52) / 16, 0, 1).astype(np.float32)[None, None].repeat(64, 1)
    fitted = fit(encoded(picture), coarse, 12, 0.01, pool)
    planes = np.concatenate([fitted, np.ones((1, 64, 128), np.float32), coarse])
    out = np.empty((1, 64, 128), np.float32)
    refine(picture, planes, 1, (0, 0), 0.05, 0.95, out, pool)
    step = out[0, 32, 62] - out[0, 32, 60]
    assert step > 0.6 > 8 * (coarse[0, 32, 62] - coarse[0, 32, 60]) / 2


@pytest.mark.parametrize("cell", [1, 3, 4])
def test_refining_is_its_formula_wherever_it_is_asked(cell: int, rng: np.random.Generator, pool: Pool) -> None:
    rows, columns = 10, 14
    height, width = rows * cell - cell // 2, columns * cell - cell // 2
    picture = rng.random((3, height, width)).astype(np.float32)
    planes = rng.random((6, rows, columns)).astype(np.float32)
    planes[:4] -= 0.3
    planes[4, :6], planes[5, :3], planes[5, 3:6] = 0, 0, 1  # surely nobody, surely somebody
    wide = expanded(planes, cell, height, width)
    fitted = (wide[:3] * np.sqrt(picture)).sum(0) + wide[3]
    expected = np.clip((wide[5] + wide[4] * (fitted - wide[5]) - 0.05) / 0.9, 0, 1)
    out = np.empty((1, height, width), np.float32)
    refine(picture, planes, cell, (0, 0), 0.05, 0.95, out, pool)
    np.testing.assert_allclose(out[0], expected, atol=1e-5)
    x0, y0 = 5, 3
    part = np.empty((1, height - y0 - 2, width - x0 - 1), np.float32)
    refine(picture[:, y0:-2, x0:-1], planes, cell, (x0, y0), 0.05, 0.95, part, pool)
    np.testing.assert_array_equal(part, out[:, y0:-2, x0:-1])
    picture[:, 8, 9] = np.nan
    refine(picture, planes, cell, (0, 0), 0.05, 0.95, out, pool)
    assert out[0, 8, 9] == pytest.approx(np.clip((wide[5, 8, 9] - 0.05) / 0.9, 0, 1), abs=1e-5)


def test_foreground_colours_come_from_inside(pool: Pool) -> None:
    pytest.importorskip("pymatting", reason='needs the extra: pip install "nodegraph[ai]"')
    xs = np.arange(96)[None].repeat(48, 0)
    alpha = np.clip((xs - 40) / 16, 0, 1).astype(np.float32)
    subject, behind = np.array([0.5, 0.3, 0.2]), np.array([0.05, 0.1, 0.6])
    picture = subject[:, None, None] * alpha + behind[:, None, None] * (1 - alpha)
    found = estimate(picture.astype(np.float32), alpha)
    edge = (alpha > 0.2) & (alpha < 0.9)
    assert np.abs(found[:, edge] - subject[:, None]).mean() < 0.03
    out = np.empty_like(found)
    mend(picture.astype(np.float32), alpha[None], found, 1, out, pool)
    np.testing.assert_array_equal(out[:, alpha == 1], picture.astype(np.float32)[:, alpha == 1])
    assert np.abs(out[:, edge] - subject[:, None]).mean() < 0.03
    assert (out * alpha <= picture + 1e-6).all()


@pytest.mark.parametrize("cell", [1, 4])
def test_what_is_measured(cell: int, rng: np.random.Generator, pool: Pool) -> None:
    rows, columns = 6, 9
    height, width = rows * cell, columns * cell
    picture = rng.random((3, height, width)).astype(np.float32)
    keyed = rng.choice([0, 0.01, 0.2, 0.4, 0.6, 0.99, 1], (height, width)).astype(np.float32)
    seen = rng.choice([0, 0.05, 0.3, 0.6, 0.95, 1], (height, width)).astype(np.float32)
    picture[0, 0, 0] = np.nan
    found = measure(picture, keyed, seen, [0, 2], cell, pool)

    def mean(values: Array, where: NDArray[np.bool_]) -> Array:
        kept = np.where(where & np.isfinite(picture[0]), values, 0).astype(np.float64)
        return np.asarray(kept.reshape(rows, cell, columns, cell).mean((1, 3)))

    c, every = np.nan_to_num(picture[[0, 2]]), np.ones((height, width), bool)
    zone, solid = (seen > 0.5) & (keyed > 0.3), (seen > 0.9) & (keyed > 0.985)
    empty, bare = seen < 0.1, (seen < 0.1) & (keyed < 0.02)
    expected = {
        "zone": mean(every, zone), "matte": mean(keyed, zone), "squared": mean(keyed**2, zone),
        "colour": [mean(v, zone) for v in c], "product": [mean(v * keyed, zone) for v in c],
        "colour_squared": [mean(v * v, zone) for v in c],
        "solid": mean(every, solid), "solid_colour": [mean(v, solid) for v in c],
        "bare": mean(every, bare), "bare_colour": [mean(v, bare) for v in c],
        "seen": mean(seen, every), "empty": mean(every, empty), "empty_solid": mean(every, empty & (keyed > 0.5)),
    }  # fmt: skip
    for name, value in expected.items():
        np.testing.assert_allclose(getattr(found, name), value, atol=1e-5, err_msg=name)
    most = np.where(np.isfinite(picture[0]), keyed, 0).reshape(rows, cell, columns, cell).max((1, 3))
    np.testing.assert_array_equal(found.most, most)


@pytest.mark.parametrize("cell", [1, 4])
def test_two_mattes_are_combined_as_said(cell: int, rng: np.random.Generator, pool: Pool) -> None:
    rows, columns = 8, 11
    height, width = rows * cell, columns * cell
    keyed, seen = (rng.random((1, height, width)).astype(np.float32) for _ in range(2))
    planes = rng.random((4, rows, columns)).astype(np.float32)
    screen, raised, solid, nobody = expanded(planes, cell, height, width)
    k, n = keyed[0].astype(np.float64), seen[0].astype(np.float64)
    value = k + raised * np.clip((k - 0.02) / 0.06, 0, 1) * np.maximum(n - k, 0)
    value = (value + solid * (1 - value)) * (1 - nobody)
    expected = n + screen * (value - n)
    out = np.empty((2, height, width), np.float32)
    combine(keyed, seen, planes, cell, (0, 0), out, pool)
    np.testing.assert_allclose(out[0], expected, atol=1e-5)
    assert (out[1] >= 0).all() and (out[1] <= 1).all()
    part = np.empty((1, height - 5, width - 4), np.float32)
    combine(keyed[:, 3:-2, 4:], seen[:, 3:-2, 4:], planes, cell, (4, 3), part, pool)
    np.testing.assert_array_equal(part[0], out[0, 3:-2, 4:])
    same = np.empty((2, height, width), np.float32)
    combine(
        keyed, keyed, np.array([1, 1, 0, 0], np.float32)[:, None, None] * np.ones_like(planes), cell, (0, 0), same, pool
    )
    np.testing.assert_allclose(same[0], k, atol=1e-6)
    np.testing.assert_allclose(same[1], 1, atol=1e-4)  # where both say the same it is sure
