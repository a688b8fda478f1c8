"""Transforms: where pixels go, what chains do, and lenses against OpenCV."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.engine.internal import Given
from nodegraph.graph import Graph
from nodegraph.kernels import geometry
from nodegraph.packs import registry
from nodegraph.values import Frame, FrameSpec, Window
from tests.nodes.cooking import cook


@pytest.fixture
def picture(rng: np.random.Generator) -> Frame:
    return Frame.of(rng.random((4, 40, 60), np.float32))


def dot(x: int, y: int, width: int = 60, height: int = 40) -> Frame:
    """One white pixel, y upward."""
    pixels = np.zeros((4, height, width), np.float32)
    pixels[:, height - 1 - y, x] = 1
    return Frame.of(pixels)


def lit(frame: Frame) -> tuple[float, float]:
    """Where the light is, y upward from the display window's bottom, pixel centres at +0.5."""
    shown = frame.crop(frame.spec.display_window).pixels[0].astype(float)
    ys, xs = np.mgrid[0 : shown.shape[0], 0 : shown.shape[1]] + 0.5
    return float((shown * xs).sum() / shown.sum()), shown.shape[0] - float((shown * ys).sum() / shown.sum())


def chain(picture: Frame, *nodes: tuple[str, dict[str, Any]]) -> Engine:
    types = {**registry(), Given.id: Given(picture)}
    graph = Graph({id: kind.schema for id, kind in types.items()})
    last = graph.add(Given.id, name="picture").name
    for k, (type, values) in enumerate(nodes):
        name = graph.add(type, name=f"n{k}", params=values).name
        graph.connect(last, name)
        last = name
    return Engine(graph, types, tier="numpy", threads=1)


def test_parameters_mean_what_they_say() -> None:
    """To the right and up, counter-clockwise, about the middle of the picture."""
    assert lit(cook("transform.transform", {"image": dot(20, 10)}, translate=(7, 5))) == pytest.approx((27.5, 15.5))
    turned = cook("transform.transform", {"image": dot(40, 20)}, rotate=90, filter="bilinear")
    assert lit(turned) == pytest.approx((29.5, 30.5), abs=1e-3)
    larger = cook("transform.transform", {"image": dot(40, 30)}, zoom=2, pivot=(10, 10), filter="bilinear")
    assert lit(larger) == pytest.approx((41, 31), abs=1e-3)
    skewed = cook("transform.transform", {"image": dot(30, 30)}, skew=(0.5, 0), filter="bilinear")
    assert lit(skewed) == pytest.approx((30.5 + 0.5 * 10.5, 30.5), abs=0.1)
    there = cook("transform.transform", {"image": dot(20, 10)}, translate=(7, 5), rotate=33, zoom=1.3)
    back = cook("transform.transform", {"image": there}, translate=(7, 5), rotate=33, zoom=1.3, invert=True)
    assert lit(back) == pytest.approx((20.5, 10.5), abs=0.1)


def test_a_chain_filters_once(picture: Frame) -> None:
    """Two halves of a pixel are a pixel, exactly; a turn and back is nothing."""
    half = ("transform.transform", {"translate": (0.5, 0.25)})
    rest = ("transform.transform", {"translate": (0.5, 0.75)})
    with chain(picture, half, rest) as engine:
        made = engine.cook("n1").crop(Window(5, 5, 50, 35))
    assert (made.pixels == picture.crop(Window(4, 6, 49, 36)).pixels).all()
    with chain(picture, ("transform.transform", {"rotate": 30}), ("transform.transform", {"rotate": -30})) as engine:
        back = engine.cook("n1").crop(picture.spec.data_window)
    assert np.abs(back.pixels - picture.pixels).max() < 1e-4


def test_the_chain_keeps_its_filter_through_a_mirror(picture: Frame) -> None:
    with chain(
        picture, ("transform.transform", {"rotate": 10, "filter": "impulse"}), ("transform.mirror", {})
    ) as engine:
        made = engine.cook("n1")
    assert np.isin(made.pixels[0], np.append(picture.pixels[0], 0)).all()


def test_a_mask_ends_the_chain(picture: Frame) -> None:
    with chain(picture, ("transform.transform", {"translate": (0.5, 0), "mix": 0.5})) as engine:
        made = engine.cook("n0").crop(picture.spec.data_window)
    moved = cook("transform.transform", {"image": picture}, translate=(0.5, 0)).crop(picture.spec.data_window)
    assert made.pixels == pytest.approx((picture.pixels + moved.pixels) / 2, abs=1e-6)


def test_nothing_to_do_costs_nothing(picture: Frame) -> None:
    for type in ("transform.transform", "transform.corner_pin", "transform.lens_distortion"):
        with chain(picture, (type, {})) as engine:
            assert engine.cook("n0").pixels is picture.pixels


def test_mirrors(picture: Frame) -> None:
    assert (cook("transform.mirror", {"image": picture}).pixels == picture.pixels[:, :, ::-1]).all()
    both = cook("transform.mirror", {"image": picture}, vertical=True)
    assert (both.pixels == picture.pixels[:, ::-1, ::-1]).all()
    assert both.spec == picture.spec


def test_corners_go_where_they_are_pinned() -> None:
    corners = {"from1": (0, 0), "from2": (60, 0), "from3": (60, 40), "from4": (0, 40)}
    to = {"to1": (5, 3), "to2": (52, 8), "to3": (47, 36), "to4": (9, 31)}
    matrix = geometry.homography(list(corners.values()), list(to.values()))
    for x, y in ((10, 10), (45, 8), (30, 30)):
        at = matrix @ (x + 0.5, y + 0.5, 1)
        made = cook("transform.corner_pin", {"image": dot(x, y)}, filter="cubic", **corners, **to)
        assert lit(made) == pytest.approx(tuple(at[:2] / at[2]), abs=0.15)
    same = cook(
        "transform.corner_pin", {"image": dot(10, 10)}, **corners, **dict(zip(to, corners.values(), strict=True))
    )
    assert lit(same) == (10.5, 10.5)


def test_a_pin_in_a_line_is_black(picture: Frame) -> None:
    made = cook("transform.corner_pin", {"image": picture}, to1=(0, 0), to2=(10, 10), to3=(20, 20), to4=(30, 30))
    assert made.spec.data_window.empty


@pytest.mark.parametrize(
    ("resize", "size"),
    [
        ("fit", (40, 27)),
        ("fill", (60, 40)),
        ("width", (40, 27)),
        ("height", (60, 40)),
        ("distort", (40, 40)),
        ("none", (60, 40)),
    ],
)
def test_formats(picture: Frame, resize: str, size: tuple[int, int]) -> None:
    """A 60x40 picture into 40x40."""
    white = Frame(picture.spec, np.ones_like(picture.pixels))
    made = cook("transform.reformat", {"image": white}, to="size", width=40, height=40, resize=resize, filter="impulse")
    assert made.spec.display_window == Window.sized(40, 40)
    window = made.spec.data_window
    assert (window.width, window.height) == pytest.approx(size, abs=1)
    assert (window.x0 + window.x1) / 2 == pytest.approx(20, abs=1)
    assert made.pixels[0].mean() > 0.9


def test_anamorphic_pictures_keep_their_shape() -> None:
    spec = FrameSpec(("R", "G", "B"), Window.sized(40, 40), Window.sized(40, 40), pixel_aspect=2.0)
    made = cook("transform.reformat", {"image": Frame(spec, np.ones(spec.shape, np.float32))}, resize="fit")
    assert made.spec.pixel_aspect == 1
    assert made.spec.data_window.width == pytest.approx(2 * made.spec.data_window.height, abs=4)


def test_crop_takes_edges_off(picture: Frame) -> None:
    made = cook("transform.crop", {"image": picture}, left=3, right=5, top=2, bottom=7)
    assert made.spec.data_window == Window(3, 2, 55, 33)
    assert made.spec.display_window == picture.spec.display_window
    assert (made.pixels == picture.pixels[:, 2:33, 3:55]).all()
    assert cook("transform.crop", {"image": picture}, left=99).spec.data_window.empty


def test_what_is_cropped_stays_black_in_what_follows(picture: Frame) -> None:
    with chain(picture, ("transform.crop", {"left": 30}), ("colour.grade", {"offset": (0.5,) * 4}),
               ("transform.reformat", {"to": "size", "width": 60, "height": 40})) as engine:  # fmt: skip
        made = engine.cook("n2").crop(Window.sized(60, 40))
    assert not made.pixels[:, :, :28].any()


# -- lenses and maps

LENS = {"k1": -0.21, "k2": 0.05, "k3": 0.01, "p1": 0.004, "p2": -0.003}


def smooth(width: int = 192, height: int = 108) -> Frame:
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    return Frame.of(np.stack([0.5 + 0.4 * np.sin(xs / 9), 0.5 + 0.4 * np.cos(ys / 7), xs / width]))


def test_lenses_are_opencvs() -> None:
    import cv2

    picture = smooth()
    camera = np.array([[0.8 * 192, 0, 0.52 * 192 - 0.5], [0, 0.8 * 192, (1 - 0.47) * 108 - 0.5], [0, 0, 1]])
    lens = np.array([LENS["k1"], LENS["k2"], LENS["p1"], LENS["p2"], LENS["k3"]])
    mixed = np.ascontiguousarray(picture.pixels.transpose(1, 2, 0))
    maps = cv2.initUndistortRectifyMap(camera, lens, None, camera, (192, 108), cv2.CV_32FC1)  # type: ignore[call-overload]
    theirs = cv2.remap(mixed, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT).transpose(2, 0, 1)
    ours = cook("transform.lens_distortion", {"image": picture}, focal=0.8, centre=(0.52, 0.47), **LENS).pixels
    inside = (slice(None), slice(8, -8), slice(8, -8))
    assert np.abs(ours[inside] - theirs[inside]).max() < 0.01


def test_a_lens_there_and_back() -> None:
    picture = smooth()
    there = cook("transform.lens_distortion", {"image": picture}, direction="distort", **LENS)
    back = cook("transform.lens_distortion", {"image": there}, direction="undistort", **LENS)
    inside = (slice(None), slice(20, -20), slice(30, -30))
    assert np.abs(back.pixels[inside] - picture.pixels[inside]).max() < 2e-3


def test_a_map_that_points_at_itself_changes_nothing(picture: Frame) -> None:
    height, width = picture.pixels.shape[1:]
    ys, xs = np.mgrid[0:height, 0:width] + 0.5
    own = Frame.of(np.stack([xs / width, 1 - ys / height, xs * 0]).astype(np.float32))
    made = cook("transform.st_map", {"image": picture, "map": own})
    assert np.abs(made.pixels - picture.pixels).max() < 2e-3
    flipped = Frame.of(np.stack([1 - xs / width, 1 - ys / height, xs * 0]).astype(np.float32))
    assert (
        np.abs(cook("transform.st_map", {"image": picture, "map": flipped}).pixels - picture.pixels[:, :, ::-1]).max()
        < 2e-3
    )


def test_a_map_without_places_is_refused(picture: Frame) -> None:
    grey = Frame.of(np.zeros((1, 4, 4), np.float32))
    with pytest.raises(ng.NodegraphError, match="red and green"):
        cook("transform.st_map", {"image": picture, "map": grey})


def test_proxies_move_as_far(picture: Frame) -> None:
    """A transform at half size is the half-size picture of the transform."""
    graph = ng.new(width=64, height=64)
    graph.add("draw.radial", name="sun", centre=(20, 40), radius=(9, 9))
    graph.add("transform.transform", name="move", translate=(17, -12), rotate=40)
    graph.connect("sun", "move")
    with Engine(graph, tier="numpy") as engine:
        whole, half = lit(engine.cook("move")), lit(engine.cook("move", scale=0.5))
    assert half == pytest.approx((whole[0] / 2, whole[1] / 2), abs=0.1)
