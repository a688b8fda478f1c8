# ruff: noqa: TID253
"""Pictures come back as they were written: samples, windows, names, parts, layers, views."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from numpy.typing import NDArray

from nodegraph.media.images import describe_image, parts, read_image
from nodegraph.media.stills import EXR_COMPRESSIONS, Depth, StillOptions, write_image
from nodegraph.values import FrameSpec, Raw, Window

LOSSLESS = ("none", "rle", "zips", "zip", "piz")
RGBA = ("R", "G", "B", "A")


def raw(path: Path | str, layer: str = "", part: str = "", view: str = "") -> Raw:
    made = read_image(str(path), layer, part, view)
    assert isinstance(made, Raw)
    return made


def values(path: Path | str, layer: str = "", part: str = "", view: str = "") -> NDArray[np.float32]:
    """A float picture's samples, (height, width, channels)."""
    made = raw(path, layer, part, view)
    (plane,) = made.planes
    return np.asarray(plane.view(np.float16) if made.layout.sample == "f16" else plane, np.float32)


def spec(channels: tuple[str, ...] = RGBA, width: int = 33, height: int = 21) -> FrameSpec:
    window = Window.sized(width, height)
    return FrameSpec(channels, window, window)


def smooth(height: int = 21, width: int = 33, channels: int = 4) -> NDArray[np.float32]:
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return np.stack([np.sin(x / 9 + c) * np.cos(y / 7) / 2 + 0.5 for c in range(channels)], -1)


@pytest.mark.parametrize("depth", ["half", "float"])
@pytest.mark.parametrize("compression", EXR_COMPRESSIONS)
def test_exr(depth: Depth, compression: str, tmp_path: Path) -> None:
    pixels = smooth().astype(np.float16 if depth == "half" else np.float32)
    path = str(tmp_path / "a.exr")
    write_image(path, pixels, spec(), StillOptions(depth, compression))
    made = raw(path)
    assert made.layout.sample == ("f16" if depth == "half" else "f32")
    assert made.spec.channels == RGBA and made.spec.colour_space == "linear" and made.spec.premultiplied
    assert parts(path)[0].metadata["compression"] == compression
    if compression in LOSSLESS or (compression in ("b44", "b44a") and depth == "float"):
        np.testing.assert_array_equal(values(path), pixels.astype(np.float32))
    else:
        assert np.abs(values(path) - pixels.astype(np.float32)).max() < 0.02


@pytest.mark.parametrize(
    ("data", "display"),
    [
        (Window(5, 3, 12, 9), Window.sized(20, 10)),  # inside
        (Window(-4, -6, 30, 20), Window.sized(20, 10)),  # overscan
        (Window(-30, -20, -10, -5), Window.sized(8, 8)),  # wholly outside
        (Window(100, -3, 101, -2), Window(-50, -40, 10, 20)),  # one pixel; a display window not at 0, 0
    ],
)
def test_windows(data: Window, display: Window, tmp_path: Path, rng: np.random.Generator) -> None:
    pixels = rng.random((data.height, data.width, 3), np.float32)
    path = str(tmp_path / "a.exr")
    write_image(path, pixels, FrameSpec(("R", "G", "B"), data, display, 2.0), StillOptions("float"))
    made = raw(path)
    assert (made.spec.data_window, made.spec.display_window, made.spec.pixel_aspect) == (data, display, 2.0)
    assert describe_image(path) == made.spec
    np.testing.assert_array_equal(made.planes[0], pixels)


@pytest.mark.parametrize(
    ("name", "depth", "scale"),
    [("a.png", "u8", 1), ("a.png", "u16", 1), ("a.tif", "u8", 1), ("a.tif", "u16", 1), ("a.dpx", "u8", 1),
     ("a.dpx", "u16", 1), ("a.dpx", "u10", 64), ("a.dpx", "u12", 16), ("a.tga", "u8", 1), ("a.bmp", "u8", 1)],
)  # fmt: skip
def test_integers(name: str, depth: Depth, scale: int, tmp_path: Path, rng: np.random.Generator) -> None:
    """Codes come back as they were; ten and twelve bits in the high bits' full range."""
    kind, top = (np.uint8, 255) if depth == "u8" else (np.uint16, 65535)
    pixels = rng.integers(0, top, (9, 14, 3), kind, endpoint=True)
    pixels[0, 0], pixels[0, 1] = 0, top
    path = str(tmp_path / name)
    write_image(path, pixels, spec(("R", "G", "B"), 14, 9), StillOptions(depth))
    made = raw(path)
    assert made.layout.sample == ("u8" if depth == "u8" else "u16")
    assert made.spec.channels == ("R", "G", "B")
    assert np.abs(made.planes[0].astype(int) - pixels.astype(int)).max() < scale
    assert made.planes[0][0, 0].max() == 0 and made.planes[0][0, 1].min() == top


@pytest.mark.parametrize("depth", ["half", "float"])
def test_float_tiff(depth: Depth, tmp_path: Path, rng: np.random.Generator) -> None:
    pixels = (rng.random((6, 5, 4), np.float32) * 100).astype(np.float16 if depth == "half" else np.float32)
    write_image(str(tmp_path / "a.tif"), pixels, spec(RGBA, 5, 6), StillOptions(depth))
    np.testing.assert_array_equal(values(tmp_path / "a.tif"), pixels.astype(np.float32))


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_nobody_multiplies_by_alpha(name: str, tmp_path: Path) -> None:
    """Straight alpha: colour under a transparent pixel is kept."""
    pixels = np.array([[[200, 100, 50, 0], [200, 100, 50, 128]]], np.uint8)
    write_image(str(tmp_path / name), pixels, spec(RGBA, 2, 1).with_(premultiplied=False), StillOptions("u8"))
    made = raw(tmp_path / name)
    assert not made.spec.premultiplied
    np.testing.assert_array_equal(made.planes[0], pixels)


def test_jpeg(tmp_path: Path) -> None:
    pixels = np.round(smooth(channels=3) * 255).astype(np.uint8)
    write_image(str(tmp_path / "a.jpg"), pixels, spec(("R", "G", "B")), StillOptions(quality=100))
    off = raw(tmp_path / "a.jpg").planes[0].astype(int) - pixels
    assert np.abs(off @ [0.299, 0.587, 0.114]).max() < 2  # luma; chroma has half the resolution
    assert np.abs(off).max() < 16


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(orientation: int, tmp_path: Path) -> None:
    """Turned as every viewer shows it: OpenImageIO's own reorientation is the reference."""
    stored = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    image = oiio.ImageBuf(oiio.ImageSpec(3, 2, 3, oiio.UINT8))
    image.set_pixels(oiio.ROI(), stored)
    image.specmod().attribute("Orientation", orientation)
    image.write(str(tmp_path / "a.tif"))
    upright = oiio.ImageBufAlgo.reorient(image).get_pixels(oiio.UINT8)
    assert upright is not None
    made = raw(tmp_path / "a.tif")
    np.testing.assert_array_equal(made.planes[0], upright)
    assert (made.spec.data_window.width, made.spec.data_window.height) == (upright.shape[1], upright.shape[0])
