"""Float planes to files' samples, against NumPy and exact formulas."""

from __future__ import annotations

import numpy as np
import pytest

from nodegraph.kernels.emit import Build
from nodegraph.kernels.encode import to_codes, to_half, to_yuv
from nodegraph.kernels.link import Binding, Kernel
from nodegraph.kernels.pool import Pool
from nodegraph.values import Layout, Window


def test_every_exponent_rounds_to_half_as_numpy_does(pool: Pool, rng: np.random.Generator) -> None:
    bits = rng.integers(0, 1 << 32, 1 << 18, dtype=np.uint64).astype(np.uint32)
    edges = np.array(
        [0, 0x80000000, 0x33000000, 0x33000001, 0x38800000, 0x387FFFFF, 0x477FEFFF, 0x477FF000, 0x7F800000, 0x7FC00000],
        np.uint32,
    )
    values = np.concatenate(
        [bits, edges, np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32).view(np.uint32)]
    ).view(np.float32)
    got = to_half(values.reshape(1, 1, -1), pool).ravel()
    with np.errstate(over="ignore"):
        want = values.astype(np.float16)
    number = ~np.isnan(want)
    np.testing.assert_array_equal(got.view(np.uint16)[number], want.view(np.uint16)[number])
    assert np.isnan(got[~number]).all()


@pytest.mark.parametrize("top", [255, 1023, 65535])
def test_codes_round_and_are_held(pool: Pool, rng: np.random.Generator, top: int) -> None:
    planes = rng.uniform(-0.2, 1.2, (3, 9, 40)).astype(np.float32)
    planes[0, 0, :3] = np.nan, np.inf, -np.inf
    want = np.floor(np.clip(np.nan_to_num(planes, nan=0, posinf=9, neginf=-9).astype(np.float64), 0, 1) * top + 0.5)
    got = to_codes(planes, top, pool).transpose(2, 0, 1).astype(int)
    assert np.abs(got - want).max() <= (0 if top < 65535 else 1)


@pytest.mark.parametrize(
    "layout",
    [
        Layout("yuv", "u8", 8, (1, 1)),
        Layout("yuv", "u16", 10, (1, 0), "bt2020"),
        Layout("yuv", "u16", 12, (0, 0), "bt601", True),
    ],
)
@pytest.mark.parametrize("size", [(16, 12), (7, 5)])
def test_a_smooth_picture_comes_back_from_its_planes(layout: Layout, size: tuple[int, int], pool: Pool) -> None:
    w, h = size
    x, y = np.meshgrid(np.linspace(0.2, 0.6, w), np.linspace(0.3, 0.5, h))
    rgb = np.stack([x, y, (x + y) / 2]).astype(np.float32)
    planes = to_yuv(rgb, layout, pool)
    kernel = Kernel((b := Build()).finish(b.load(layout, range(3))))
    out, window = np.empty_like(rgb), Window.sized(w, h)
    kernel.run(Binding(out, [window, window], [planes]), pool, 0)
    limit = 2.5 / (1 << layout.bits) if not any(layout.subsample) else 2.5 / (1 << layout.bits) + 0.02
    assert np.abs(out - rgb).max() < limit


def test_white_black_and_primaries_have_their_published_codes(pool: Pool) -> None:
    """ITU-R BT.709 8-bit: white 235, black 16; 100 % red is Y' 63, Cb 102, Cr 240."""
    rgb = np.array([[1, 1, 1], [0, 0, 0], [1, 0, 0]], np.float32).T.reshape(3, 1, 3)
    planes = to_yuv(np.ascontiguousarray(rgb), Layout("yuv", "u8", 8, (0, 0)), pool)
    assert [p.ravel().tolist() for p in planes] == [[235, 16, 63], [128, 128, 102], [128, 128, 240]]
