# ruff: noqa: TID253
"""OpenColorIO: exact on the pool's strips, close when baked, clear when asked for what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
import pytest
from numpy.typing import NDArray

from nodegraph.errors import MediaError
from nodegraph.kernels.pool import Pool
from nodegraph.media.ocio import (
    apply_exact,
    bake,
    config,
    convert,
    displays,
    lut,
    shape,
    spaces,
    unshape,
    view,
)

ACESCG, SRGB = "ACEScg", "sRGB - Texture"


def reference(processor: ocio.Processor, rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pixel by pixel through OpenColorIO itself."""
    cpu = processor.getDefaultCPUProcessor()
    pixels = rgb.reshape(3, -1).T
    return np.array([cpu.applyRGB([float(v) for v in p]) for p in pixels], np.float32).T.reshape(rgb.shape)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 5), (70, 3)])
def test_exact_whatever_the_strips(height: int, width: int, pool: Pool, rng: np.random.Generator) -> None:
    rgb = rng.uniform(-0.1, 4, (3, height, width)).astype(np.float32)
    for processor in (convert(ACESCG, SRGB), view(ACESCG)):
        made = rgb.copy()
        apply_exact(processor, made, pool)
        np.testing.assert_allclose(made, reference(processor, rgb), atol=2e-5)


def test_the_same_space_changes_nothing(pool: Pool, rng: np.random.Generator) -> None:
    rgb = rng.random((3, 4, 5), np.float32)
    made = rgb.copy()
    apply_exact(convert(ACESCG, ACESCG), made, pool)
    np.testing.assert_array_equal(made, rgb)


def test_there_and_back(pool: Pool, rng: np.random.Generator) -> None:
    rgb = rng.uniform(0.01, 0.9, (3, 8, 8)).astype(np.float32)
    made = rgb.copy()
    apply_exact(convert(ACESCG, SRGB), made, pool)
    assert np.abs(made - rgb).max() > 0.05
    apply_exact(convert(SRGB, ACESCG), made, pool)
    np.testing.assert_allclose(made, rgb, atol=1e-4)


def test_a_view_of_a_view_undone(pool: Pool, rng: np.random.Generator) -> None:
    rgb = rng.uniform(0.05, 0.5, (3, 8, 8)).astype(np.float32)
    display = "sRGB - Display"
    made = rgb.copy()
    apply_exact(view(ACESCG, display, "Un-tone-mapped"), made, pool)
    apply_exact(view(ACESCG, display, "Un-tone-mapped", inverse=True), made, pool)
    np.testing.assert_allclose(made, rgb, atol=1e-4)


def test_roles_and_aliases_are_names_too(pool: Pool) -> None:
    rgb = np.full((3, 1, 1), 0.18, np.float32)
    apply_exact(convert("scene_linear", "acescg"), rgb, pool)
    np.testing.assert_allclose(rgb, 0.18, rtol=1e-5)


def test_the_shaper_is_its_inverses_inverse() -> None:
    light = np.concatenate([np.linspace(-0.0009, 0.0099, 500), np.geomspace(0.01, 1000, 500)])
    shaped = shape(light)
    assert shaped.min() >= 0 and shaped.max() <= 1 and (np.diff(shaped) > 0).all()
    np.testing.assert_allclose(unshape(shaped), light, rtol=1e-9, atol=1e-12)


def test_a_baked_cube_holds_the_transform_at_its_points() -> None:
    size = 9
    processor = convert(ACESCG, SRGB)
    made = bake(processor, size)
    assert made.cube.size == size**3 * 3 and not made.cube.flags.writeable
    cube = made.cube.reshape(size, size, size, 3)  # red, green, blue: blue fastest
    axis = unshape(np.linspace(0, 1, size)).astype(np.float32)
    for r, g, b in [(0, 0, 0), (8, 0, 3), (4, 4, 4), (1, 7, 5)]:
        wanted = processor.getDefaultCPUProcessor().applyRGB([float(axis[r]), float(axis[g]), float(axis[b])])
        np.testing.assert_allclose(cube[r, g, b], wanted, rtol=1e-4, atol=1e-4)
    assert bake(processor, size) is made


def test_luts(tmp_path: Path, pool: Pool) -> None:
    """A cube that swaps red and blue."""
    rows = [f"{b} {g} {r}" for b in (0, 1) for g in (0, 1) for r in (0, 1)]
    (tmp_path / "swap.cube").write_text("LUT_3D_SIZE 2\n" + "\n".join(rows) + "\n")
    rgb = np.array([0.1, 0.2, 0.3], np.float32).reshape(3, 1, 1)
    apply_exact(lut(str(tmp_path / "swap.cube")), rgb, pool)
    np.testing.assert_allclose(rgb.ravel(), [0.3, 0.2, 0.1], atol=1e-6)


def test_a_lut_that_changed_is_read_again(tmp_path: Path, pool: Pool) -> None:
    path = tmp_path / "a.cube"
    for value in (0.25, 0.75):
        path.write_text("LUT_1D_SIZE 2\n0 0 0\n" + f"{value} {value} {value}\n")
        rgb = np.ones((3, 1, 1), np.float32)
        apply_exact(lut(str(path)), rgb, pool)
        np.testing.assert_allclose(rgb, value, atol=1e-6)


def test_wrong_files(tmp_path: Path) -> None:
    (tmp_path / "text.cube").write_text("no cube")
    (tmp_path / "text.ocio").write_text("no config")
    for name in ("text.cube", "none.cube"):
        with pytest.raises(MediaError) as caught:
            lut(str(tmp_path / name))
        assert name in str(caught.value)
    for name in ("text.ocio", "none.ocio"):
        with pytest.raises(MediaError, match=rf"{name}: is no OpenColorIO config"):
            config(str(tmp_path / name))


def test_names_that_are_not_there() -> None:
    with pytest.raises(MediaError, match=r"has no colour space 'ACEScgg' \(did you mean ACEScg"):
        convert("ACEScgg", SRGB)
    with pytest.raises(MediaError, match=r"has no display 'sRGB - Displya' \(did you mean sRGB - Display"):
        view(ACESCG, "sRGB - Displya")
    with pytest.raises(MediaError, match=r"has no view 'nothing'"):
        view(ACESCG, "", "nothing")
    with pytest.raises(MediaError, match=r"has no colour space 'nowhere'"):
        view("nowhere")


@pytest.fixture
def no_config_yet() -> Iterator[None]:
    """As in a new process: `$OCIO` is looked up once."""
    config.cache_clear()
    yield
    config.cache_clear()


@pytest.mark.usefixtures("no_config_yet")
def test_ocio_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {ACESCG, SRGB} <= set(spaces()) and "sRGB - Display" in displays()
    config.cache_clear()
    path = tmp_path / "mine.ocio"
    path.write_text(ocio.Config.CreateRaw().serialize())
    monkeypatch.setenv("OCIO", str(path))
    assert set(spaces()) == {"raw"}
