"""What a viewer shows, against the same in NumPy float64 and OpenColorIO."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.editor.display import RAW, SRGB, Look, covered, paint, planes, views
from nodegraph.kernels.pool import Pool
from nodegraph.media import ocio
from nodegraph.values import Frame, Window

POOL = Pool(2)
#: Half a code of eight bits, what the dither moves.
HALF = 0.5 / 255


def shown(look: Look, a: Frame | None, b: Frame | None = None) -> NDArray[np.float32]:
    out = np.full((look.height, look.width, 4), np.nan, np.float32)
    paint(out, look, a, b, POOL)
    assert (out[..., 3] == 1).all()
    assert np.isfinite(out).all()
    return out[..., :3]


def picture(height: int = 40, width: int = 60, seed: int = 0, **spec: object) -> Frame:
    pixels = np.random.default_rng(seed).uniform(-0.2, 1.5, (4, height, width)).astype(np.float32)
    return Frame.of(pixels, **spec)  # type: ignore[arg-type]


def whole(frame: Frame, zoom: float = 1.0, **settings: object) -> Look:
    """The picture's middle in the middle of a panel that just holds it."""
    width, height = frame.spec.display_window.width, frame.spec.display_window.height
    panel = round(width * zoom), round(height * zoom)
    return Look(*panel, width / 2, height / 2, zoom, **settings)  # type: ignore[arg-type]


def srgb(x: NDArray[np.float64]) -> NDArray[np.float64]:
    x = np.clip(x, 0, 1)
    return np.where(x <= 0.0031308, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055)


def test_one_to_one_is_the_picture_through_the_srgb_curve() -> None:
    frame = picture()
    expected = srgb(frame.pixels[:3].transpose(1, 2, 0).astype(np.float64))
    assert np.abs(shown(whole(frame), frame) - expected).max() < HALF + 3e-5


def test_exposure_and_gamma_and_no_view() -> None:
    frame = picture()
    rgb = frame.pixels[:3].transpose(1, 2, 0).astype(np.float64)
    got = shown(whole(frame, exposure=-1.0, gamma=2.0, view=RAW), frame)
    assert np.abs(got - np.clip(np.maximum(rgb * 0.5, 0) ** 0.5, 0, 1)).max() < HALF + 1e-6


@pytest.mark.parametrize(("channels", "weights"), [
    ("red", (1, 0, 0, 0)), ("green", (0, 1, 0, 0)), ("blue", (0, 0, 1, 0)), ("luminance", (0.2126, 0.7152, 0.0722, 0)),
])  # fmt: skip
def test_one_channel_is_grey(channels: str, weights: tuple[float, ...]) -> None:
    frame = picture()
    grey = np.tensordot(np.array(weights), frame.pixels.astype(np.float64), 1)
    got = shown(whole(frame, channels=channels), frame)
    assert np.abs(got - srgb(grey)[..., None]).max() < HALF + 3e-5


def test_alpha_is_data_and_a_matte_is_red() -> None:
    frame = picture()
    alpha = np.clip(frame.pixels[3].astype(np.float64), 0, 1)
    assert np.abs(shown(whole(frame, channels="alpha"), frame) - alpha[..., None]).max() < HALF + 1e-6
    rgb = srgb(frame.pixels[:3].transpose(1, 2, 0).astype(np.float64))
    covered_ = rgb + (np.array([1.0, 0, 0]) - rgb) * 0.6 * alpha[..., None]
    assert np.abs(shown(whole(frame, channels="matte"), frame) - covered_).max() < HALF + 3e-5


def test_zoomed_out_takes_means_and_zoomed_in_repeats() -> None:
    frame = picture()
    rgb = frame.pixels[:3].transpose(1, 2, 0).astype(np.float64)
    small = rgb.reshape(20, 2, 30, 2, 3).mean((1, 3))
    assert np.abs(shown(whole(frame, 0.5, view=RAW), frame) - np.clip(small, 0, 1)).max() < HALF + 1e-6
    large = rgb.repeat(3, 0).repeat(3, 1)
    assert np.abs(shown(whole(frame, 3.0, view=RAW), frame) - np.clip(large, 0, 1)).max() < HALF + 1e-6


def test_a_proxy_lies_where_the_full_picture_does() -> None:
    frame = picture(20, 30, scale=0.5)
    rgb = frame.pixels[:3].transpose(1, 2, 0).astype(np.float64)
    got = shown(Look(60, 40, 30, 20, 1.0, view=RAW), frame)
    assert np.abs(got - np.clip(rgb.repeat(2, 0).repeat(2, 1), 0, 1)).max() < HALF + 1e-6


def test_a_data_window_lies_in_its_format() -> None:
    frame = Frame.of(
        np.ones((4, 10, 10), np.float32), data_window=Window(5, 3, 15, 13), display_window=Window(0, 0, 30, 20)
    )
    got = shown(Look(30, 20, 15, 10, 1.0, view=RAW), frame)[..., 0] > 0.5
    expected = np.zeros((20, 30), bool)
    expected[3:13, 5:15] = True
    assert (got == expected).all()


def test_wipe_side_by_side_and_difference() -> None:
    a, b = picture(seed=1), picture(seed=2)
    pa, pb = (f.pixels[:3].transpose(1, 2, 0).astype(np.float64) for f in (a, b))
    got = shown(whole(a, compare="wipe", wipe=0.25, view=RAW), a, b)
    assert np.abs(got - np.clip(np.concatenate([pa[:, :15], pb[:, 15:]], 1), 0, 1)).max() < HALF + 1e-6
    got = shown(whole(a, compare="difference", view=RAW), a, b)
    assert np.abs(got - np.clip(np.abs(pa - pb), 0, 1)).max() < HALF + 1e-6
    got = shown(Look(120, 40, 30, 20, 1.0, compare="side", view=RAW), a, b)
    assert np.abs(got - np.clip(np.concatenate([pa, pb], 1), 0, 1)).max() < HALF + 1e-6


def test_without_b_a_is_shown_and_without_both_black() -> None:
    a = picture()
    for compare in ("wipe", "difference", "side"):
        look = whole(a, compare=compare, view=RAW)
        assert shown(look, a, None).max() > 0.5
        assert shown(look, None, None).max() <= HALF


def test_nan_and_infinity_are_black_and_white() -> None:
    pixels = np.zeros((4, 4, 4), np.float32)
    pixels[:, 0], pixels[:, 1], pixels[:, 2] = np.nan, np.inf, -np.inf
    frame = Frame.of(pixels)
    for view in (SRGB, views()[2]):
        got = shown(whole(frame, view=view), frame)
        assert got[0].max() < 0.02
        assert got[1].min() > 0.75
        assert got[2].max() < 0.02


def test_a_view_of_the_config_is_near_what_ocio_makes() -> None:
    view = next(v for v in views() if "SDR" in v)
    pixels = np.exp2(np.random.default_rng(3).uniform(-7, 4, (3, 50, 50))).astype(np.float32)
    display, _, name = view.partition("/")
    exact = np.ascontiguousarray(pixels.transpose(1, 2, 0))
    ocio.view(ocio.working_space(), display, name).getDefaultCPUProcessor().applyRGB(exact)
    frame = Frame.of(pixels)
    error = np.abs(shown(whole(frame, view=view), frame) - np.clip(exact, 0, 1)) * 255
    assert error.mean() < 0.6
    assert np.quantile(error, 0.99) < 2.5


def test_data_and_display_referred_pictures_get_no_view() -> None:
    frame = picture(colour_space="raw")
    rgb = frame.pixels[:3].transpose(1, 2, 0).astype(np.float64)
    assert np.abs(shown(whole(frame), frame) - np.clip(rgb, 0, 1)).max() < HALF + 1e-6


def test_covered_pixels_partition_the_picture_when_zoomed_out() -> None:
    for zoom in (0.5, 0.37, 0.9):
        begin, end = covered(round(200 * zoom), zoom, 0.0, 0, 200)
        assert begin[0] == 0
        assert (begin[1:] == end[:-1]).all()
        assert abs(end[-1] - 200) <= 2


@pytest.mark.parametrize(("channels", "layer", "expected"), [
    (("R", "G", "B", "A"), "", (0, 1, 2, 3)),
    (("A",), "", (0, 0, 0, 0)),
    (("Y", "A"), "", (1, 1, 1, 1)),
    (("R", "G", "B", "A", "depth.Z"), "depth", (4, 4, 4, -1)),
    (("R", "G", "B", "spec.R", "spec.G", "spec.B"), "spec", (3, 4, 5, -1)),
])  # fmt: skip
def test_planes_of_a_layer(channels: tuple[str, ...], layer: str, expected: tuple[int, ...]) -> None:
    assert planes(channels, layer) == expected
