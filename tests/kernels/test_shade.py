"""The shading language: NumPy's definition and the compiled primitives against float64."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.errors import NodegraphError
from nodegraph.kernels import shade
from nodegraph.kernels.emit import PLANAR, Build, Program
from nodegraph.kernels.language import source_of
from nodegraph.kernels.link import Binding, Kernel
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.shade import V, hash3, lookup, lookup3, maximum, minimum, mix, select, smoothstep
from nodegraph.values import Window

ONE_ARGUMENT = (
    "absolute",
    "floor",
    "sqrt",
    "log2",
    "exp2",
    "sin",
    "cos",
    "exp",
    "log",
    "saturate",
    "fract",
    "sign",
)
TWO_ARGUMENTS = ("minimum", "maximum", "power", "atan2", "step", "hypot", "divide")


def _program() -> Program:
    """Every function of one or two arguments over two planes, in one kernel."""
    build = Build()
    x, y = build.load(PLANAR, (0, 1))
    table, cube = build.table(), build.table()
    stores = [build.call(getattr(shade, name), x)[0] for name in ONE_ARGUMENT]
    stores += [build.call(getattr(shade, name), x, y)[0] for name in TWO_ARGUMENTS]
    stores += build.call(lookup, table, x)
    stores += build.call(lookup3, cube, x, y, x, results=3)
    stores += build.call(hash3, x, y, "f32(3.0)")
    stores += build.call(smoothstep, x, y, "f32(0.5)")
    return build.finish(stores)


NAMES = (*ONE_ARGUMENT, *TWO_ARGUMENTS, "lookup", "cube_r", "cube_g", "cube_b", "hash3", "smoothstep")


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    return Kernel(_program())


@pytest.fixture(scope="module")
def tables() -> list[NDArray[np.float32]]:
    rng = np.random.default_rng(3)
    return [rng.random(17, np.float32), rng.random(5 * 5 * 5 * 3, np.float32)]


def _run(
    kernel: Kernel,
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    tables: list[NDArray[np.float32]],
    tier: int,
) -> dict[str, NDArray[np.float32]]:
    planes = np.stack([x, y])[:, None, :].astype(np.float32)
    window = Window.sized(x.size, 1)
    out = np.empty((len(NAMES), 1, x.size), np.float32)
    windows = [window] * (kernel.program.windows + 1)
    kernel.run(Binding(out, windows, [[planes]], (), tables), Pool.serial(), tier)
    return dict(zip(NAMES, out[:, 0], strict=True))


_LOGS = np.exp2(np.linspace(-125, 127, 20001)).astype(np.float32)
_UNIT = np.linspace(-0.2, 1.2, 20001).astype(np.float32)
_WIDE = np.linspace(-100, 100, 20001).astype(np.float32)


@pytest.mark.parametrize("tier", [0, 1])
@pytest.mark.parametrize(
    ("name", "x", "reference", "absolute", "relative"),
    [
        ("log2", _LOGS, np.log2, 1e-7, 1.5e-7),
        ("log2", np.linspace(0.7, 1.4, 20001).astype(np.float32), np.log2, 1.2e-7, 0),
        ("log", _LOGS, np.log, 1e-7, 2.5e-7),
        ("exp2", np.linspace(-125, 127.4, 20001).astype(np.float32), np.exp2, 0, 2.5e-7),
        ("exp", np.linspace(-20, 20, 20001).astype(np.float32), np.exp, 0, 2.5e-6),
        ("sin", _WIDE, np.sin, 2.5e-7, 0),
        ("cos", _WIDE, np.cos, 2.5e-7, 0),
        ("sqrt", _LOGS, np.sqrt, 0, 1e-7),
        ("floor", _WIDE, np.floor, 0, 0),
        ("fract", _WIDE, lambda v: v - np.floor(v), 1e-7, 0),
    ],
)
def test_error_bounds(
    kernel: Kernel,
    tables: list[NDArray[np.float32]],
    tier: int,
    name: str,
    x: NDArray[np.float32],
    reference: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    absolute: float,
    relative: float,
) -> None:
    got = _run(kernel, x, x, tables, tier)[name].astype(np.float64)
    want = reference(x.astype(np.float64))
    assert np.all(np.abs(got - want) <= absolute + relative * np.abs(want))


@pytest.mark.parametrize("tier", [0, 1])
def test_power_and_atan2(
    kernel: Kernel, tables: list[NDArray[np.float32]], tier: int, rng: np.random.Generator
) -> None:
    x = np.exp2(rng.uniform(-14, 6, 20001)).astype(np.float32)
    y = rng.uniform(0.2, 4, 20001).astype(np.float32)
    want = x.astype(np.float64) ** y
    error = np.abs(_run(kernel, x, y, tables, tier)["power"] - want) / want
    assert error.max() < 1e-6 * 8  # |y log2 x| reaches 56: an error of its last bit is 4e-6
    x, y = rng.uniform(-5, 5, (2, 20001)).astype(np.float32)
    got = _run(kernel, x, y, tables, tier)["atan2"]
    assert np.abs(got - np.arctan2(x.astype(np.float64), y)).max() < 4e-7


@pytest.mark.parametrize("tier", [0, 1])
def test_special_values(kernel: Kernel, tables: list[NDArray[np.float32]], tier: int) -> None:
    inf, nan = np.float32(np.inf), np.float32(np.nan)
    x = np.array([0, -1, inf, nan, -inf, 200, -200, 1], np.float32)
    got = _run(kernel, x, np.full_like(x, 0.5), tables, tier)
    np.testing.assert_array_equal(got["log2"][:5], np.array([-inf, nan, inf, nan, nan]))
    np.testing.assert_array_equal(got["exp2"][:7], np.array([1, 0.5, inf, nan, 0, inf, 0], np.float32))
    assert (
        got["power"][0] == 0
        and got["power"][1] == 0
        and np.isinf(got["power"][2])
        and np.isnan(got["power"][3])
        and got["power"][4] == 0
    )
    assert np.isnan(got["sin"][3]) and np.isnan(got["atan2"][3])
    assert got["divide"][7] == 2 and got["saturate"][3] == 0  # a NaN in the first place gives the limit


def test_tiers_agree(kernel: Kernel, tables: list[NDArray[np.float32]], rng: np.random.Generator) -> None:
    x, y = rng.uniform(-2, 3, (2, 4001)).astype(np.float32)
    numpy, numba = (_run(kernel, x, y, tables, tier) for tier in (0, 1))
    for name in NAMES:
        np.testing.assert_allclose(numba[name], numpy[name], rtol=2e-6, atol=2e-6, equal_nan=True, err_msg=name)
    np.testing.assert_array_equal(numba["hash3"], numpy["hash3"])


def test_tetrahedral_lookup_of_an_identity_cube_is_the_identity(rng: np.random.Generator) -> None:
    axis = np.linspace(0, 1, 9, dtype=np.float32)
    cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).ravel()
    colours = rng.random((3, 500), np.float32)
    np.testing.assert_allclose(np.stack(lookup3(cube, *colours)), colours, atol=2e-7)


def test_noise_is_uniform() -> None:
    x, y = np.meshgrid(np.arange(200.0), np.arange(200.0))
    noise = hash3(x, y, 1.0)
    assert abs(noise.mean() - 0.5) < 0.01 and abs(noise.var() - 1 / 12) < 0.002
    counts, _ = np.histogram(noise, 16, (0, 1))
    assert counts.min() > 2200  # of 2500


def test_names_of_the_language_that_are_not_ours_are_refused() -> None:
    def branches(c: V) -> V:
        if c > 0:
            return c
        return 0.0

    def stranger(c: V) -> V:
        return np.tanh(c)

    with pytest.raises(NodegraphError, match="If is not part of the shading language"):
        source_of(branches)
    with pytest.raises(NodegraphError, match="Attribute"):
        source_of(stranger)


LIMIT = 0.25
WEIGHTS = (0.25, 0.5)


def _helper(c: V) -> V:
    return minimum(c, LIMIT) * WEIGHTS[1]


def _uses_helper(c: V) -> V:
    return select(c > 0.0, _helper(c), mix(c, WEIGHTS[0], 0.5)) + maximum(c, LIMIT) * 0.0


def test_helpers_and_constants_of_the_module_are_pasted(rng: np.random.Generator) -> None:
    build = Build()
    (c,) = build.load(PLANAR, (0,))
    kernel = Kernel(build.finish(build.call(_uses_helper, c)))
    plane = rng.uniform(-1, 1, (1, 4, 9)).astype(np.float32)
    window = Window.sized(9, 4)
    outs = [np.empty_like(plane) for _ in range(2)]
    for tier, out in enumerate(outs):
        kernel.run(Binding(out, [window] * 2, [[plane]]), Pool.serial(), tier)
    np.testing.assert_allclose(outs[0], outs[1], rtol=1e-6)
    np.testing.assert_allclose(outs[0], _uses_helper(plane), rtol=1e-6)
