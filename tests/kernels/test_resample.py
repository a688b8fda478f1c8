"""Resampling against a direct sum in float64."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.kernels.pool import Pool
from nodegraph.kernels.reconstruction import FILTERS, reconstruction
from nodegraph.kernels.resample import mapped_window, sample_at, source_window, warp_projective
from nodegraph.values import Window

Doubles = NDArray[np.float64]
SRC, DST = Window(-3, 5, 37, 33), Window(-8, 0, 44, 41)


def turned(degrees: float, scale: float = 1.0, x: float = 3.3, y: float = -2.7) -> Doubles:
    c, s = np.cos(np.radians(degrees)) * scale, np.sin(np.radians(degrees)) * scale
    return np.array([[c, -s, x], [s, c, y], [0, 0, 1]])


PERSPECTIVE = np.array([[1.1, 0.2, -3.0], [-0.1, 0.9, 4.0], [0.002, -0.001, 1.0]])


def positions(matrix: Doubles, window: Window) -> tuple[Doubles, Doubles, Doubles, Doubles]:
    """Source positions of the pixels of a window, and how far the source moves for one pixel."""
    x = np.arange(window.x0, window.x1)[None, :] + 0.5
    y = np.arange(window.y0, window.y1)[:, None] + 0.5
    w = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    u = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / w
    v = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / w
    across = np.hypot(matrix[0, 0] - u * matrix[2, 0], matrix[0, 1] - u * matrix[2, 1]) / np.abs(w)
    down = np.hypot(matrix[1, 0] - v * matrix[2, 0], matrix[1, 1] - v * matrix[2, 1]) / np.abs(w)
    return u, v, across, down


def reference(src: NDArray[np.float32], u: Doubles, v: Doubles, across: Doubles, down: Doubles, name: str) -> Doubles:
    """The definition: every source pixel weighed by the filter, weights adding up to 1 over all pixels there could be."""
    used = reconstruction(name)
    stretch_x = np.maximum(1, across) if used.widens else np.ones_like(across)
    stretch_y = np.maximum(1, down) if used.widens else np.ones_like(down)

    def weights(at: Doubles, stretch: Doubles, first: int, last: int) -> Doubles:
        centres = np.arange(first - 80, last + 80) + 0.5
        w = used.profile((centres - at[..., None]) / stretch[..., None])
        total = w.sum(-1, keepdims=True)  # 0 where only pixels farther out are seen
        return np.asarray((w / np.where(total == 0, 1, total))[..., 80:-80])

    wx, wy = weights(u, stretch_x, SRC.x0, SRC.x1), weights(v, stretch_y, SRC.y0, SRC.y1)
    return np.einsum("cyx,abx,aby->cab", src.astype(np.float64), wx, wy)


@pytest.fixture
def picture(rng: np.random.Generator) -> NDArray[np.float32]:
    return rng.random((3, SRC.height, SRC.width), np.float32)


MAPS = {
    "a bit": turned(0, 1, 0.25, -0.5),
    "larger": turned(0, 0.37),
    "smaller": turned(0, 2.6),
    "turned": turned(23),
    "turned and larger": turned(-71, 0.4),
    "perspective": PERSPECTIVE,
}


@pytest.mark.parametrize("name", [n for n in FILTERS if n not in ("impulse", "box")])
@pytest.mark.parametrize("which", MAPS)
def test_against_the_definition(picture: NDArray[np.float32], pool: Pool, which: str, name: str) -> None:
    matrix = MAPS[which]
    out = np.full((3, DST.height, DST.width), np.nan, np.float32)
    warp_projective(picture, out, matrix, DST, SRC, name, pool)
    found = reference(picture, *positions(matrix, DST), name)
    assert np.abs(out - found).max() < (3e-5 if which != "perspective" else 2e-3)


@pytest.mark.parametrize("scale", [1.4, 3.0, 6.0, 30.0])
def test_turned_and_smaller(picture: NDArray[np.float32], pool: Pool, scale: float) -> None:
    """The filter's footprint lies along the source's axes; beyond eightfold the source is shrunk first."""
    matrix = turned(31, scale, 5, 5)
    out = np.zeros((3, DST.height, DST.width), np.float32)
    warp_projective(picture, out, matrix, DST, SRC, "cubic", pool)
    found = reference(picture, *positions(matrix, DST), "cubic")
    assert np.abs(out - found).max() < (4e-3 if scale < 8 else 0.06)
    assert out.sum() == pytest.approx(found.sum(), rel=0.02)


def test_the_nearest_pixel(picture: NDArray[np.float32], pool: Pool) -> None:
    out = np.zeros((3, DST.height, DST.width), np.float32)
    warp_projective(picture, out, turned(40, 0.6), DST, SRC, "impulse", pool)
    u, v, *_ = positions(turned(40, 0.6), DST)
    i, j = np.floor(u).astype(int) - SRC.x0, np.floor(v).astype(int) - SRC.y0
    inside = (i >= 0) & (i < SRC.width) & (j >= 0) & (j < SRC.height)
    found = np.where(inside, picture[:, j.clip(0, SRC.height - 1), i.clip(0, SRC.width - 1)], 0)
    assert (out != found).mean() < 1e-3  # a pixel on the very border of two may go to either


@pytest.mark.parametrize("flip", [(1, 1), (-1, 1), (1, -1), (-1, -1)])
@pytest.mark.parametrize("name", ["impulse", "bilinear", "catmull-rom", "lanczos"])
def test_whole_pixels_are_copied(picture: NDArray[np.float32], pool: Pool, name: str, flip: tuple[int, int]) -> None:
    matrix = np.array(
        [[flip[0], 0, 7 if flip[0] > 0 else 30], [0, flip[1], -2 if flip[1] > 0 else 40], [0, 0, 1]], float
    )
    out = np.full((3, DST.height, DST.width), np.nan, np.float32)
    warp_projective(picture, out, matrix, DST, SRC, name, pool)
    u, v, *_ = positions(matrix, DST)
    i, j = (u - 0.5).round().astype(int) - SRC.x0, (v - 0.5).round().astype(int) - SRC.y0
    inside = (i >= 0) & (i < SRC.width) & (j >= 0) & (j < SRC.height)
    found = np.where(inside, picture[:, j.clip(0, SRC.height - 1), i.clip(0, SRC.width - 1)], 0)
    assert (out == found).all()


@pytest.mark.parametrize("matrix", [turned(20, 0.7), PERSPECTIVE])
def test_odd_values_stay_within_the_filter(pool: Pool, matrix: Doubles) -> None:
    src = np.ones((1, SRC.height, SRC.width), np.float32)
    src[0, 12, 20] = np.nan
    src[0, 20, 9] = np.inf
    out = np.zeros((1, DST.height, DST.width), np.float32)
    warp_projective(src, out, matrix, DST, SRC, "catmull-rom", pool)
    u, v, *_ = positions(matrix, DST)
    near = np.zeros(u.shape, bool)
    for x, y in ((20, 12), (9, 20)):
        near |= (np.abs(u - SRC.x0 - x - 0.5) < 4.5) & (np.abs(v - SRC.y0 - y - 0.5) < 4.5)
    assert np.isfinite(out[0][~near]).all()
    assert not np.isfinite(out).all()


@pytest.mark.parametrize("matrix", [np.zeros((3, 3)), np.diag([1.0, 0, 1]), np.full((3, 3), np.nan), np.ones((3, 3))])
def test_a_map_without_a_way_back_is_black(picture: NDArray[np.float32], pool: Pool, matrix: Doubles) -> None:
    out = np.ones((3, DST.height, DST.width), np.float32)
    warp_projective(picture, out, matrix, DST, SRC, "cubic", pool)
    assert not out.any()
    assert mapped_window(matrix, SRC, "cubic").empty
    assert source_window(matrix, DST, "cubic").empty


@pytest.mark.parametrize("matrix", [*MAPS.values(), turned(31, 3.0), turned(200, 0.05)])
@pytest.mark.parametrize("name", ["bilinear", "cubic", "lanczos"])
def test_windows_hold_all_there_is(matrix: Doubles, name: str, pool: Pool) -> None:
    src = np.ones((1, SRC.height, SRC.width), np.float32)
    window = mapped_window(matrix, SRC, name)
    around = window.grow(6)
    if around.area > 1 << 21:
        around = Window(window.x0 - 6, window.y0 - 6, window.x0 + 300, window.y1 + 6)
    out = np.zeros((1, around.height, around.width), np.float32)
    warp_projective(src, out, matrix, around, SRC, name, pool)
    rows, columns = window.intersect(around).within(around)
    out[0, rows, columns] = 0
    assert np.abs(out).max() < 0.12  # a filter that shrinks trails off beyond its own width
    needed = source_window(matrix, DST, name)
    u, v, *_ = positions(matrix, DST)
    assert needed.x0 <= u.min() and needed.x1 >= u.max() and needed.y0 <= v.min() and needed.y1 >= v.max()


def test_a_part_is_cut_from_the_whole(picture: NDArray[np.float32], pool: Pool) -> None:
    whole = np.zeros((3, DST.height, DST.width), np.float32)
    matrix = turned(12, 1.2)
    warp_projective(picture, whole, matrix, DST, SRC, "mitchell", pool)
    part = Window(3, 9, 20, 22)
    needed = source_window(matrix, part, "mitchell").intersect(SRC)
    out = np.zeros((3, part.height, part.width), np.float32)
    warp_projective(
        np.ascontiguousarray(picture[(slice(None), *needed.within(SRC))]), out, matrix, part, needed, "mitchell", pool
    )
    assert np.abs(out - whole[(slice(None), *part.within(DST))]).max() < 1e-5


def test_the_horizon_ends_the_picture(picture: NDArray[np.float32], pool: Pool) -> None:
    matrix = np.array([[1.0, 0, 0], [0, 1, 0], [0, -0.05, 1]])  # w = 0 at y = 20
    out = np.full((3, DST.height, DST.width), np.nan, np.float32)
    warp_projective(picture, out, matrix, DST, SRC, "bilinear", pool)
    assert np.isfinite(out).all()
    assert not out[:, 21:].any()
    window = mapped_window(matrix, SRC, "bilinear")
    assert window.y1 <= 21 and not window.empty


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (3, 3)])
def test_tiny_pictures(pool: Pool, shape: tuple[int, int]) -> None:
    src = np.ones((1, *shape), np.float32)
    window = Window.sized(shape[1], shape[0])
    out = np.zeros((1, 40, 40), np.float32)
    for name in FILTERS:
        warp_projective(src, out, turned(10, 0.3, 0, 0), Window(-20, -20, 20, 20), window, name, pool)
        assert 0.4 < out.max() < 1.4 and np.isfinite(out).all()


def test_positions_given_one_by_one(picture: NDArray[np.float32], pool: Pool) -> None:
    for matrix in (turned(23), turned(10, 2.2)):
        u, v, *_ = positions(matrix, DST)
        straight = np.zeros((3, DST.height, DST.width), np.float32)
        out = np.zeros_like(straight)
        warp_projective(picture, straight, matrix, DST, SRC, "cubic", pool)
        sample_at(picture, out, u.astype(np.float32), v.astype(np.float32), SRC, "cubic", pool)
        assert np.abs(out - straight).max() < 2e-3
    nowhere = np.full((4, 5), np.nan, np.float32)
    out = np.ones((3, 4, 5), np.float32)
    sample_at(picture, out, nowhere, nowhere, SRC, "cubic", pool)
    assert not out.any()


def test_any_number_of_threads_gives_the_same(picture: NDArray[np.float32]) -> None:
    made = []
    for threads in (1, 3):
        pool = Pool(threads)
        out = np.zeros((3, 300, 200), np.float32)
        warp_projective(picture, out, turned(33, 0.2), Window.sized(200, 300), SRC, "lanczos", pool)
        made.append(out)
        pool.close()
    assert (made[0] == made[1]).all()
