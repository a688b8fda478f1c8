"""What every filter promises: any shape, any strides, any thread count, a region as in the whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from nodegraph.errors import CookError
from nodegraph.kernels.filters import blur, box, convolve, defocus, disc, edges, morphology, sharpen
from nodegraph.kernels.pool import Pool
from tests.kernels.filters.filtering import Filter, filtered

_SKEW = np.array([[0.0, 0.2, 0.1], [0.3, 0.5, -0.2], [0.1, 0.0, 0.4]])


@dataclass(frozen=True)
class Case:
    kernel: Filter
    reach: tuple[int, int]


CASES = {
    "gaussian": Case(lambda s, d, p: blur.gaussian(s, d, 2, 1, p), blur.gaussian_reach(2, 1)),
    "gaussian, one axis": Case(lambda s, d, p: blur.gaussian(s, d, 0, 2, p), blur.gaussian_reach(0, 2)),
    "box": Case(lambda s, d, p: box.box(s, d, 3.5, 5, p), box.box_reach(3.5, 5)),
    "dilate": Case(lambda s, d, p: morphology.square(s, d, 3, 6.5, p), morphology.square_reach(3, 6.5)),
    "erode": Case(lambda s, d, p: morphology.square(s, d, -2, -1, p), morphology.square_reach(-2, -1)),
    "disc": Case(lambda s, d, p: disc.disc(s, d, 4.5, p), disc.disc_reach(4.5)),
    "convolve": Case(lambda s, d, p: convolve.convolve(s, d, _SKEW, p), (1, 1)),
    "directional": Case(lambda s, d, p: convolve.directional(s, d, 9, 25, p), convolve.directional_reach(9, 25)),
    "defocus": Case(lambda s, d, p: defocus.defocus(s, d, 6.3, p), defocus.defocus_reach(6.3)),
    "defocus, few blades": Case(
        lambda s, d, p: defocus.defocus(s, d, 2, p, blades=3), defocus.defocus_reach(2, blades=3)
    ),
    "edges": Case(edges.edges, (1, 1)),
    "unsharp": Case(lambda s, d, p: sharpen.unsharp(s, d, 1, 0.5, p), sharpen.unsharp_reach(1)),
}
pytestmark = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def whole(case: Case, rng: np.random.Generator, channels: int, height: int, width: int) -> np.ndarray:
    x, y = case.reach
    return rng.random((channels, height + 2 * y, width + 2 * x), dtype=np.float32)


def test_any_number_of_threads_gives_the_same_bits(case: Case, rng: np.random.Generator, pool: Pool) -> None:
    src = whole(case, rng, 2, 97, 400)
    one = filtered(case.kernel, src, case.reach, Pool.serial())
    np.testing.assert_array_equal(filtered(case.kernel, src, case.reach, pool), one)
    np.testing.assert_array_equal(filtered(case.kernel, src, case.reach, Pool(5)), one)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 70), (70, 1), (3, 2), (0, 5)])
def test_any_size(case: Case, height: int, width: int, rng: np.random.Generator, pool: Pool) -> None:
    x, y = case.reach
    src = whole(case, rng, 1, 80, 80)
    want = filtered(case.kernel, src, case.reach, pool)[:, :height, :width]
    got = filtered(case.kernel, src[:, : height + 2 * y, : width + 2 * x], case.reach, pool)
    np.testing.assert_allclose(got, want, atol=1e-6)


def test_a_region_is_the_crop_of_the_whole(case: Case, rng: np.random.Generator, pool: Pool) -> None:
    x, y = case.reach
    src = whole(case, rng, 2, 60, 80)
    want = filtered(case.kernel, src, case.reach, pool)
    got = filtered(case.kernel, src[:, 11 : 31 + 2 * y, 7 : 40 + 2 * x], case.reach, pool)
    np.testing.assert_allclose(got, want[:, 11:31, 7:40], atol=1e-6)


def test_views_of_larger_frames_and_frozen_ones(case: Case, rng: np.random.Generator, pool: Pool) -> None:
    x, y = case.reach
    frame = rng.random((4, 60 + 2 * y, 70 + 2 * x), dtype=np.float32)
    frame.flags.writeable = False
    src = frame[1::2, 5 : 35 + 2 * y, 3 : 43 + 2 * x]
    want = filtered(case.kernel, src.copy(), case.reach, pool)
    target = np.zeros((5, 40, 50), np.float32)
    case.kernel(src, target[::2, 6:36, 4:44][:2], pool)
    np.testing.assert_array_equal(target[:4:2, 6:36, 4:44], want)
    target[:4:2, 6:36, 4:44] = 0
    assert not target.any()  # nothing beside the region was written
    mirrored = frame[1::2, 5 : 35 + 2 * y, 3 : 43 + 2 * x][..., ::-1]
    got = filtered(case.kernel, mirrored, case.reach, pool)
    np.testing.assert_array_equal(got, filtered(case.kernel, mirrored.copy(), case.reach, pool))


def test_a_source_of_the_wrong_size_is_refused(case: Case, rng: np.random.Generator, pool: Pool) -> None:
    src = whole(case, rng, 1, 9, 9)
    with pytest.raises(CookError, match="not from"):
        case.kernel(src[:, 1:], np.empty((1, 9, 9), np.float32), pool)
    with pytest.raises(CookError, match="float32"):
        case.kernel(src.astype(np.float64), np.empty((1, 9, 9), np.float32), pool)  # type: ignore[arg-type]
