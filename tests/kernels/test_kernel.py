"""Emitted kernels: windows, layouts, text; NumPy and compiled code agree."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.kernels.emit import PLANAR, Build, Program
from nodegraph.kernels.link import Binding, Kernel
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.rows import MATRICES, code_range
from nodegraph.kernels.shade import V
from nodegraph.values import Layout, Window

Floats = NDArray[np.float32]


def lift(c: V, amount: V) -> V:
    return c + amount


def add(a: V, b: V) -> V:
    return a + b


def where_am_i(x: V, y: V) -> V:
    return x + y * 1000.0


def _two_pictures() -> Program:
    build = Build()
    (a,) = build.load(PLANAR, (0,))
    (b,) = build.load(PLANAR, (1,))
    amount = build.uniform()
    (lifted,) = build.call(lift, a, amount)
    inside = build.inside(lifted, 0)
    return build.finish([*build.call(add, inside, b), *build.call(where_am_i, *build.position())])


@pytest.mark.parametrize("tier", [0, 1])
@pytest.mark.parametrize(
    "other", [Window(-3, -2, 4, 5), Window(2, 1, 6, 4), Window(50, 50, 60, 60), Window(-9, -9, 40, 40)]
)
def test_windows(tier: int, other: Window, rng: np.random.Generator, pool: Pool) -> None:
    """Sources count only inside their windows, and a lifted 0 doesn't leak out of its own."""
    domain, mine = Window(-1, -1, 20, 11), Window(0, 0, 13, 9)
    a = rng.random((1, mine.height, mine.width), np.float32)
    b = rng.random((2, other.height, other.width), np.float32)
    out = np.empty((2, domain.height, domain.width), np.float32)
    Kernel(_two_pictures()).run(Binding(out, [domain, mine, other], [[a], [b]], [0.5], (), 30.0), pool, tier)
    want = np.zeros_like(out)
    rows, columns = mine.within(domain)
    want[0, rows, columns] = a[0] + 0.5
    shared = other.intersect(domain)
    if not shared.empty:
        want[(0, *shared.within(domain))] += b[(1, *shared.within(other))]
    want[1] = np.arange(-0.5, 20)[None, :] + (30 - np.arange(-0.5, 11)[:, None]) * 1000
    np.testing.assert_allclose(out, want, rtol=1e-6)


def _decode(
    layout: Layout, planes: list[NDArray[np.generic]], window: Window, channels: int, tier: int, pool: Pool
) -> Floats:
    build = Build()
    program = build.finish(build.load(layout, range(channels)))
    out = np.empty((channels, window.height, window.width), np.float32)
    Kernel(program).run(Binding(out, [window, window], [planes]), pool, tier)
    return out


@pytest.mark.parametrize("tier", [0, 1])
def test_every_half_float_is_exact(tier: int, pool: Pool) -> None:
    bits = np.arange(65536, dtype=np.uint16).reshape(1, 256, 256)
    got = _decode(Layout("planar", "f16"), [bits], Window.sized(256, 256), 1, tier, pool)
    want = bits.view(np.float16).astype(np.float32)
    np.testing.assert_array_equal(got.view(np.uint32)[~np.isnan(want)], want.view(np.uint32)[~np.isnan(want)])
    assert np.isnan(got[np.isnan(want)]).all()


@pytest.mark.parametrize("tier", [0, 1])
@pytest.mark.parametrize(
    "layout",
    [
        Layout("interleaved", "u8", 8),
        Layout("planar", "u16", 10),
        Layout("interleaved", "f16"),
        Layout("interleaved", "f32"),
    ],
)
def test_packed_layouts(tier: int, layout: Layout, rng: np.random.Generator, pool: Pool) -> None:
    h, w, c = 7, 33, 3
    top = (1 << layout.bits) - 1
    if layout.sample == "f32":
        values = rng.random((h, w, c), np.float32)
        stored: NDArray[np.generic] = values
    elif layout.sample == "f16":
        half = rng.random((h, w, c)).astype(np.float16)
        values, stored = half.astype(np.float32), half.view(np.uint16)
    else:
        stored = rng.integers(0, top + 1, (h, w, c)).astype(np.uint8 if layout.bits == 8 else np.uint16)
        values = (stored / top).astype(np.float32)
    if layout.packing == "planar":
        stored = np.ascontiguousarray(stored.transpose(2, 0, 1))
    got = _decode(layout, [stored], Window.sized(w, h), c, tier, pool)
    np.testing.assert_allclose(got, values.transpose(2, 0, 1), rtol=2e-7)


def _reference_yuv(layout: Layout, planes: list[NDArray[np.generic]], width: int) -> NDArray[np.float64]:
    """ITU-R BT.709 / BT.2100 decoding in float64, chroma by explicit linear interpolation of its sites."""
    offset, scale, centre, chroma_scale = code_range(layout)
    kr, kb = MATRICES[layout.matrix]
    height = planes[0].shape[0]
    sx, sy = layout.subsample
    # Where a pixel's centre lies in chroma samples, by siting.
    x, y = np.arange(width, dtype=float), np.arange(height, dtype=float)
    if sx:
        x = x / 2 if layout.chroma in ("left", "topleft") else (x - 0.5) / 2
    if sy:
        y = y / 2 if layout.chroma == "topleft" else (y - 0.5) / 2

    def sample(plane: NDArray[np.generic]) -> NDArray[np.float64]:
        p = plane[:, : (width + sx) >> sx].astype(float)
        rows = np.array([np.interp(x, np.arange(p.shape[1]), row) for row in p])
        return np.array([np.interp(y, np.arange(p.shape[0]), column) for column in rows.T]).T

    luma = (planes[0][:, :width].astype(float) - offset) * scale
    u, v = ((sample(p) - centre) * chroma_scale for p in planes[1:3])
    r, b = luma + 2 * (1 - kr) * v, luma + 2 * (1 - kb) * u
    return np.stack([r, (luma - kr * r - kb * b) / (1 - kr - kb), b])


@pytest.mark.parametrize("tier", [0, 1])
@pytest.mark.parametrize(
    "layout",
    [
        Layout("yuv", "u8", 8, (1, 1), "bt709"),
        Layout("yuv", "u16", 10, (1, 0), "bt2020", True),
        Layout("yuv", "u8", 8, (1, 1), "bt601", False, "center"),
        Layout("yuv", "u16", 12, (1, 1), "bt709", False, "topleft"),
        Layout("yuv", "u8", 8, (0, 0), "bt709"),
    ],
)
@pytest.mark.parametrize("size", [(16, 8), (13, 7), (1, 1)])
def test_yuv(tier: int, layout: Layout, size: tuple[int, int], rng: np.random.Generator, pool: Pool) -> None:
    w, h = size
    sx, sy = layout.subsample
    kind = np.uint8 if layout.bits == 8 else np.uint16
    chroma = ((h + sy) >> sy, ((w + sx) >> sx) + 3)  # padded rows, as codecs hand them over
    planes = [rng.integers(0, 1 << layout.bits, s).astype(kind) for s in ((h, w + 5), chroma, chroma)]
    got = _decode(layout, list(planes), Window.sized(w, h), 3, tier, pool)
    np.testing.assert_allclose(got, _reference_yuv(layout, list(planes), w), atol=2e-6)


@pytest.mark.parametrize("tier", [0, 1])
def test_a_region_of_a_yuv_picture_is_the_region_of_the_whole(tier: int, rng: np.random.Generator, pool: Pool) -> None:
    layout, window = Layout("yuv", "u8", 8, (1, 1)), Window(10, 20, 41, 49)
    planes = [rng.integers(0, 256, s).astype(np.uint8) for s in ((29, 31), (15, 16), (15, 16))]
    kernel = Kernel((b := Build()).finish(b.load(layout, range(3))))
    whole, part = np.empty((3, 29, 31), np.float32), np.empty((3, 8, 12), np.float32)
    region = Window(17, 23, 29, 31)
    kernel.run(Binding(whole, [window, window], [planes]), pool, tier)
    kernel.run(Binding(part, [region, window], [planes]), pool, tier)
    np.testing.assert_array_equal(part, whole[(slice(None), *region.within(window))])


def test_strips_and_threads_change_nothing(rng: np.random.Generator) -> None:
    kernel, window = Kernel(_two_pictures()), Window.sized(200, 301)
    a = rng.random((2, 301, 200), np.float32)
    outs = [np.empty((2, 301, 200), np.float32) for _ in range(3)]
    for out, pool in zip(outs, (Pool.serial(), Pool(2), Pool(5)), strict=True):
        kernel.run(Binding(out, [window] * 3, [[a], [a]], [0.1], (), 301.0), pool, 1)
        pool.close()
    np.testing.assert_array_equal(outs[0], outs[1])
    np.testing.assert_array_equal(outs[0], outs[2])


def test_numbers_do_not_enter_the_text() -> None:
    assert _two_pictures().digest == _two_pictures().digest
    build = Build()
    build.title("another name")
    assert build.finish(build.load(PLANAR, (0,))).digest != _two_pictures().digest


def test_a_frozen_picture_is_taken(pool: Pool) -> None:
    plane = np.ones((1, 4, 4), np.float32)
    plane.flags.writeable = False
    got = _decode(PLANAR, [plane], Window.sized(4, 4), 1, 1, pool)
    assert (got == 1).all()


def test_a_second_process_finds_the_kernel_compiled(tmp_path: object) -> None:
    """Numba's own cache index says so: a hit, no miss."""
    script = (
        "import sys, numpy as np\n"
        "from nodegraph.kernels.emit import *\nfrom nodegraph.kernels.link import *\n"
        "b = Build(); p = b.finish(b.load(PLANAR, (0,)))\n"
        "run = load_module(write_module(p))\n"
        "print(sum(run.stats.cache_hits.values()), sum(run.stats.cache_misses.values()))\n"
    )
    env = {"NODEGRAPH_CACHE": str(tmp_path), "PATH": "/usr/bin:/bin"}
    answers = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env).stdout
        for _ in range(2)
    ]
    assert answers[0].split() == ["0", "1"] and answers[1].split() == ["1", "0"]


def test_a_kernel_is_found_without_the_one_its_functions_were_first_compiled_for(tmp_path: object) -> None:
    script = (
        "import sys, numpy as np\n"
        "from nodegraph.kernels.emit import *\nfrom nodegraph.kernels.link import *\n"
        "from nodegraph.kernels.shade import exp2\n"
        "def make(times):\n"
        "    b = Build(); (v,) = b.load(PLANAR, (0,))\n"
        "    for _ in range(times): (v,) = b.call(exp2, v)\n"
        "    return load_module(write_module(b.finish([v])))\n"
        "runs = [make(int(n)) for n in sys.argv[1:]]\n"
        "src, out = np.full((1, 1, 40), 1, np.float32), np.zeros((1, 1, 40), np.float32)\n"
        "src.flags.writeable = False\n"
        "win = np.array([[0, 0, 40, 1]] * 2, np.int64)\n"
        "for run in runs:\n"
        "    run(0, 1, np.array([0, 40]), win, np.zeros(1, np.float32), src, out, np.zeros((1, 48), np.float32))\n"
        "print(sum(runs[-1].stats.cache_hits.values()), out[0, 0, 7])\n"
    )
    env = {"NODEGRAPH_CACHE": str(tmp_path), "PATH": "/usr/bin:/bin"}
    answers = [
        subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=True, env=env)
        for words in (["1", "2"], ["2"], ["3", "2", "1", "2"])
    ]
    assert [a.stdout.split() for a in answers] == [["0", "4.0"], ["1", "4.0"], ["1", "4.0"]]
