"""Filter nodes against SciPy and formulas; parts and proxies of pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.engine.internal import Given
from nodegraph.graph import Graph
from nodegraph.packs import registry
from nodegraph.values import Frame, Window
from tests.nodes.cooking import cook

FILTERS: dict[str, dict[str, Any]] = {
    "filter.blur": {"size": 3.3},
    "filter.box": {"radius": 2.6},
    "filter.defocus": {"radius": 4.5, "blades": 5, "rotation": 20},
    "filter.directional_blur": {"length": 9, "angle": 35},
    "filter.zoom_blur": {"amount": 0.3},
    "filter.sharpen": {"amount": 1.2, "size": 2},
    "filter.median": {"radius": 2},
    "filter.dilate_erode": {"size": 2.5, "channels": "all"},
    "filter.edge_detect": {},
}


@pytest.fixture
def picture(rng: np.random.Generator) -> Frame:
    return Frame.of(rng.random((4, 48, 70), np.float32))


def padded(frame: Frame, by: int) -> NDArray[np.float64]:
    return np.pad(frame.pixels.astype(np.float64), ((0, 0), (by, by), (by, by)))


def test_blur_is_a_gaussian(picture: Frame) -> None:
    from scipy.ndimage import gaussian_filter1d

    for sigma, stretch in ((1.5, (1, 1)), (6, (1, 0.5)), (20, (1, 1)), (4, (0, 1))):
        made = cook("filter.blur", {"image": picture}, size=sigma, stretch=stretch)
        window = made.spec.data_window
        grown = max(-window.x0, -window.y0, 0)
        expected = padded(picture, grown)
        for axis, factor in ((2, stretch[0]), (1, stretch[1])):
            if factor:
                expected = gaussian_filter1d(expected, sigma * factor, axis=axis, mode="constant", truncate=6)
        inside = made.crop(picture.spec.data_window.grow(grown))
        assert np.abs(inside.pixels - expected).max() < 2e-3


def test_box_is_a_mean(picture: Frame) -> None:
    from scipy.ndimage import uniform_filter

    made = cook("filter.box", {"image": picture}, radius=3).crop(picture.spec.data_window)
    expected = uniform_filter(picture.pixels.astype(np.float64), (1, 7, 7), mode="constant")
    assert np.abs(made.pixels - expected).max() < 1e-5


def test_median_dilate_and_erode_are_what_they_say(picture: Frame) -> None:
    from scipy import ndimage

    inside = (slice(None), slice(4, -4), slice(4, -4))
    median = cook("filter.median", {"image": picture}, radius=2).pixels
    assert (median[inside] == ndimage.median_filter(picture.pixels, (1, 5, 5))[inside]).all()
    for size, reference in ((3, ndimage.maximum_filter), (-3, ndimage.minimum_filter)):
        made = cook("filter.dilate_erode", {"image": picture}, size=size, channels="all").crop(picture.spec.data_window)
        assert (made.pixels[inside] == reference(picture.pixels, (1, 7, 7))[inside]).all()
    alone = cook("filter.dilate_erode", {"image": picture}, size=-2)
    assert (alone.pixels[:3] == picture.pixels[:3]).all() and (alone.pixels[3] <= picture.pixels[3]).all()


def test_sharpen_adds_what_a_blur_takes(picture: Frame) -> None:
    made = cook("filter.sharpen", {"image": picture}, amount=0.7, size=2)
    soft = cook("filter.blur", {"image": picture}, size=2).crop(picture.spec.data_window)
    expected = picture.pixels + 0.7 * (picture.pixels - soft.pixels)
    assert np.abs(made.pixels[:3] - expected[:3]).max() < 1e-5
    assert (made.pixels[3] == picture.pixels[3]).all()


def test_edges_of_a_ramp() -> None:
    ys, xs = np.mgrid[0:20, 0:30].astype(np.float32)
    ramp = Frame.of(np.stack([0.3 * xs, 0.4 * ys, 0.3 * xs + 0.4 * ys]))
    for operator in ("sobel", "scharr", "prewitt"):
        made = cook("filter.edge_detect", {"image": ramp}, operator=operator).pixels[:, 3:-3, 3:-3]
        assert made == pytest.approx(np.broadcast_to(np.array([0.3, 0.4, 0.5])[:, None, None], made.shape), abs=1e-4)
    flat = cook("filter.edge_detect", {"image": ramp}, operator="laplacian").pixels[:, 3:-3, 3:-3]
    assert np.abs(flat).max() < 1e-4


def test_directions() -> None:
    """A point becomes a line of the length, turned counter-clockwise, its light kept."""
    pixels = np.zeros((3, 61, 61), np.float32)
    pixels[:, 30, 30] = 1
    made = cook("filter.directional_blur", {"image": Frame.of(pixels)}, length=21, angle=30).crop(Window.sized(61, 61))
    light = made.pixels[0].astype(np.float64)
    ys, xs = np.mgrid[0:61, 0:61]
    assert light.sum() == pytest.approx(1, abs=1e-4)
    slope = (light * (xs - 30) * (30 - ys)).sum() / (light * (xs - 30) ** 2).sum()
    assert slope == pytest.approx(np.tan(np.radians(30)), abs=0.05)


def test_zooming_leaves_the_centre_and_moves_the_rest() -> None:
    rng = np.random.default_rng(3)
    noise = Frame.of(rng.random((3, 101, 101), np.float32))
    made = cook("filter.zoom_blur", {"image": noise}, amount=0.3).pixels
    assert np.abs(made[:, 50, 50] - noise.pixels[:, 50, 50]).max() < 0.2
    middle, rim = made[:, 44:57, 44:57].std(), made[:, 20:80, 75:90].std()
    assert rim < 0.65 * middle
    flat = cook("filter.zoom_blur", {"image": Frame.of(np.ones((1, 60, 60), np.float32))}, amount=0.2).pixels
    assert flat[0, 20:40, 20:40] == pytest.approx(1, abs=1e-5)


# -- grain


def test_grain_has_the_strength_it_says() -> None:
    grey = Frame.of(np.full((3, 200, 200), 0.25, np.float32))
    made = cook("filter.grain", {"image": grey}, frame=5, amount=(0.04, 0.08, 0.02), response=0).pixels
    noise = made - 0.25
    assert noise.std((1, 2)) == pytest.approx([0.04, 0.08, 0.02], rel=0.1)
    assert np.abs(noise.mean((1, 2))).max() < 0.005
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.05
    photons = cook("filter.grain", {"image": grey}, frame=5, amount=(0.04,) * 3, response=1).pixels - 0.25
    assert photons.std() == pytest.approx(0.04 * 0.5, rel=0.1)


def test_grain_is_the_same_when_made_again_and_other_in_every_frame() -> None:
    grey = Frame.of(np.full((3, 40, 40), 0.25, np.float32))
    first = cook("filter.grain", {"image": grey}, frame=5).pixels
    assert (first == cook("filter.grain", {"image": grey}, frame=5).pixels).all()
    for values in ({"frame": 6}, {"frame": 5, "seed": 1}):
        other = cook("filter.grain", {"image": grey}, **values).pixels  # type: ignore[arg-type]
        assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 0.1


# -- what holds for all of them


def engine_of(picture: Frame, type: str, values: dict[str, Any], threads: int = 1) -> Engine:
    types = {**registry(), Given.id: Given(picture)}
    graph = Graph({id: kind.schema for id, kind in types.items()})
    graph.add(Given.id, name="picture")
    graph.add(type, name="node", params=values)
    graph.connect("picture", "node")
    return Engine(graph, types, tier="numpy", threads=threads)


@pytest.mark.parametrize("type", FILTERS)
def test_a_part_is_cut_from_the_whole(picture: Frame, type: str) -> None:
    part = Window(20, 11, 43, 30)
    with engine_of(picture, type, FILTERS[type]) as one, engine_of(picture, type, FILTERS[type], threads=3) as three:
        whole = three.cook("node").crop(part)
        made = one.cook("node", region=part)
    assert made.spec.data_window == part
    assert np.abs(made.pixels - whole.pixels).max() < 2e-5


@pytest.mark.parametrize("type", FILTERS)
def test_odd_values_stay_near(picture: Frame, type: str) -> None:
    pixels = picture.pixels.copy()
    pixels[0, 24, 35] = np.nan
    made = cook(type, {"image": Frame.of(pixels)}, **FILTERS[type]).crop(picture.spec.data_window).pixels
    far = np.ones(made.shape[1:], bool)
    far[24 - 24 : 24 + 24, 35 - 30 : 35 + 30] = False
    assert np.isfinite(made[:, far]).all()


@pytest.mark.parametrize(
    ("type", "values"),
    [("filter.blur", {"size": 0}), ("filter.box", {"radius": 0}), ("filter.defocus", {"radius": 0}),
     ("filter.directional_blur", {"length": 0}), ("filter.zoom_blur", {"amount": 0}), ("filter.sharpen", {"amount": 0}),
     ("filter.dilate_erode", {"size": 0})],
)  # fmt: skip
def test_nothing_to_do_costs_nothing(picture: Frame, type: str, values: dict[str, Any]) -> None:
    with engine_of(picture, type, values) as engine:
        assert engine.cook("node").pixels is picture.pixels


def test_masks_and_mix(picture: Frame) -> None:
    soft = cook("filter.blur", {"image": picture}, size=3).crop(picture.spec.data_window)
    half = cook("filter.blur", {"image": picture}, size=3, mix=0.5).crop(picture.spec.data_window)
    assert half.pixels == pytest.approx((soft.pixels + picture.pixels) / 2, abs=1e-5)
    mask = np.zeros((1, 48, 70), np.float32)
    mask[:, :, 35:] = 1
    masked = cook("filter.blur", {"image": picture, "mask": Frame.of(mask)}, size=3).crop(picture.spec.data_window)
    assert (masked.pixels[:, :, :35] == picture.pixels[:, :, :35]).all()
    assert masked.pixels[:, :, 35:] == pytest.approx(soft.pixels[:, :, 35:], abs=1e-6)


def test_proxies_are_as_soft() -> None:
    """A blur's size is in full-size pixels."""
    graph = ng.new(width=128, height=128)
    graph.add("draw.radial", name="sun", centre=(64, 64), radius=(20, 20), softness=0)
    graph.add("filter.blur", name="soft", size=8)
    graph.connect("sun", "soft")
    with Engine(graph, tier="numpy") as engine:
        full = engine.cook("soft").crop(Window.sized(128, 128)).pixels[3]
        half = engine.cook("soft", scale=0.5).crop(Window.sized(64, 64)).pixels[3]
    means = full.reshape(64, 2, 64, 2).mean((1, 3))
    assert np.abs(half - means).max() < 0.035
