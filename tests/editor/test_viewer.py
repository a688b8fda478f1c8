"""What a viewer looks at, how the picture lies in its panel, and the values under the cursor."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from nodegraph.editor.display import Look
from nodegraph.editor.geometry import Rect
from nodegraph.editor.painter import Painted, Shot
from nodegraph.editor.viewer import Readout, Viewer
from nodegraph.values import Frame, Window


def numbered(width: int, height: int, **spec: object) -> Frame:
    """A picture whose red is the column, green the row from the top, blue 0.5."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    return Frame.of(np.stack([columns, rows, np.full_like(rows, 0.5)]), **spec)  # type: ignore[arg-type]


def painted(a: Frame | None, b: Frame | None = None) -> Painted:
    return Painted(np.zeros((8, 8, 4), np.float32), Shot(1, (a, b)), Look(8, 8), 0.0)


def viewer(a: Frame | None, width: float = 960, height: float = 540) -> Viewer:
    made = Viewer()
    made.resize(width, height)
    made.took(painted(a))
    return made


def at(viewer: Viewer, x: float, y: float) -> Readout | None:
    """The readout at a point of the format, in full-size pixels from the top left."""
    return viewer.readout(*viewer.view.to_panel(x, y))


def box(viewer: Viewer, x0: float, y0: float, x1: float, y1: float) -> Rect:
    """A box of the panel over a part of the format."""
    return Rect(*viewer.view.to_panel(x0, y0), *viewer.view.to_panel(x1, y1))


def sure(readout: Readout | None) -> Readout:
    assert readout is not None
    return readout


# -- the picture in the panel


def test_a_first_picture_is_fitted_into_the_panel() -> None:
    v = viewer(numbered(1920, 1080))
    assert v.format == (1920, 1080)
    assert v.view.zoom == pytest.approx(0.49)
    assert v.edges() == pytest.approx((9.6, 5.4, 950.4, 534.6))


def test_a_proxy_lies_where_the_full_picture_does() -> None:
    full, small = viewer(numbered(1920, 1080)), viewer(numbered(960, 540, scale=0.5))
    assert small.format == full.format
    assert small.edges() == full.edges()


def test_anamorphic_pixels_are_wide() -> None:
    v = viewer(numbered(100, 100, pixel_aspect=2.0), 400, 400)
    assert v.format == (200, 100)
    left, top, right, bottom = sure_edges(v)
    assert (right - left) == pytest.approx(2 * (bottom - top))


def sure_edges(v: Viewer) -> tuple[float, float, float, float]:
    edges = v.edges()
    assert edges is not None
    return edges


def test_resizing_the_panel_keeps_a_fitted_picture_whole() -> None:
    v = viewer(numbered(1920, 1080))
    v.resize(480, 540)
    assert v.view.zoom == pytest.approx(0.245)
    assert sure_edges(v)[0] == pytest.approx(4.8)


def test_resizing_the_panel_leaves_a_chosen_zoom() -> None:
    v = viewer(numbered(1920, 1080))
    v.one_to_one()
    v.resize(480, 300)
    assert v.view.zoom == 1.0
    assert v.view.to_plane(240, 150) == (960, 540)  # the middle stays in the middle


def test_zooming_keeps_the_point_under_the_cursor_and_the_next_picture_keeps_the_zoom() -> None:
    v = viewer(numbered(1920, 1080))
    before = v.view.to_plane(100, 80)
    v.zoom(100, 80, 3.0)
    assert v.view.to_plane(100, 80) == pytest.approx(before)
    zoom = v.view.zoom
    v.took(painted(numbered(640, 480)))
    assert v.view.zoom == zoom
    v.fit()
    assert v.view.zoom == pytest.approx(540 / 480 * 0.98)


def test_a_picture_of_another_format_is_fitted_again_and_one_of_the_same_isnt() -> None:
    v = viewer(numbered(1920, 1080))
    v.view.x = 3.0
    v.took(painted(numbered(1920, 1080)))
    assert v.view.x == 3.0
    v.took(painted(numbered(640, 480)))
    assert (v.view.x, v.view.y) == (320, 240)


def test_panning_moves_the_picture_with_the_hand() -> None:
    v = viewer(numbered(1920, 1080))
    left, top, *_ = sure_edges(v)
    v.pan(30, -12)
    assert sure_edges(v)[:2] == pytest.approx((left + 30, top - 12))
    assert not v.fitted


def test_fitting_a_tiny_picture_goes_no_nearer_than_the_hand_can() -> None:
    v = viewer(numbered(2, 2))
    assert v.view.zoom == v.view.largest


def test_a_panel_without_size_is_no_trouble() -> None:
    v = viewer(numbered(1920, 1080))
    v.resize(0, 0)
    assert v.view.zoom == v.view.smallest
    assert (v.look().width, v.look().height) == (1, 1)


def test_without_a_picture_there_is_nothing_to_measure() -> None:
    v = Viewer()
    v.resize(100, 100)
    v.fit()
    assert (v.frame, v.format, v.edges(), v.data_edges()) == (None, None, None, None)
    assert v.readout(50, 50) is None
    assert v.sampled(Rect(0, 0, 100, 100)) is None
    assert v.window_of(Rect(0, 0, 100, 100)) is None


def test_the_second_picture_is_looked_at_when_it_is_the_only_one() -> None:
    v = viewer(None)
    v.took(painted(None, numbered(64, 48)))
    assert v.format == (64, 48)


def test_data_edges_only_where_the_data_window_isnt_the_format() -> None:
    assert viewer(numbered(64, 48)).data_edges() is None
    v = viewer(numbered(20, 10, data_window=Window(-5, 10, 15, 20), display_window=Window(0, 0, 100, 50), scale=0.5))
    edges = v.data_edges()
    assert edges is not None
    assert edges == pytest.approx((*v.view.to_panel(-10, 20), *v.view.to_panel(30, 40)))


def test_data_edges_of_anamorphic_pixels_in_a_format_that_begins_elsewhere() -> None:
    frame = numbered(20, 10, data_window=Window(12, 7, 32, 17), display_window=Window(10, 5, 60, 55), pixel_aspect=2.0)
    v = viewer(frame)
    assert v.data_edges() == pytest.approx((*v.view.to_panel(4, 2), *v.view.to_panel(44, 12)))


# -- values


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.25, 0.125])
def test_the_readout_counts_up_from_the_bottom_left_at_every_proxy(scale: float) -> None:
    v = viewer(numbered(round(1920 * scale), round(1080 * scale), scale=scale))
    places = {(0, 0): (0, 1079), (1919, 0): (1919, 1079), (0, 1079): (0, 0), (700, 333): (700, 746)}
    for (x, row), place in places.items():
        found = sure(at(v, x + 0.5, row + 0.5))
        assert (found.x, found.y) == place
        assert found.values == (int(x * scale), int(row * scale), 0.5)
        assert found.area == (1, 1)


def test_off_the_format_there_is_no_readout() -> None:
    v = viewer(numbered(64, 48))
    for x, y in ((-0.5, 10), (64.5, 10), (10, -0.5), (10, 48.5)):
        assert at(v, x, y) is None
    assert at(v, 63.5, 47.5) is not None


def test_the_readout_divides_by_the_pixel_aspect() -> None:
    v = viewer(numbered(100, 50, pixel_aspect=2.0))
    found = sure(at(v, 41, 10.5))
    assert (found.x, found.y, found.value("R")) == (20, 39, 20)
    assert sure(at(v, 199, 10.5)).x == 99
    assert at(v, 201, 10.5) is None


def test_the_readout_is_of_the_format_wherever_the_format_begins() -> None:
    frame = numbered(30, 20, data_window=Window(110, 205, 140, 225), display_window=Window(100, 200, 150, 240))
    v = viewer(frame)
    found = sure(at(v, 12.5, 7.5))  # the third column and the third row of the data
    assert (found.x, found.y, found.values) == (12, 32, (2, 2, 0.5))


def test_outside_the_data_window_a_picture_is_zero() -> None:
    v = viewer(numbered(10, 10, data_window=Window(20, 20, 30, 30), display_window=Window(0, 0, 60, 60)))
    assert sure(at(v, 5.5, 5.5)).values == (0, 0, 0)
    assert sure(at(v, 25.5, 25.5)).values == (5, 5, 0.5)


def test_an_empty_data_window_reads_zero() -> None:
    pixels = np.zeros((3, 0, 0), np.float32)
    v = viewer(Frame.of(pixels, data_window=Window(0, 0, 0, 0), display_window=Window(0, 0, 60, 60)))
    assert sure(at(v, 5.5, 5.5)).values == (0, 0, 0)


def test_values_by_channel_name() -> None:
    found = Readout(0, 0, ("R", "depth.Z"), (1.0, 7.0))
    assert found.value("depth.Z") == 7.0
    assert found.value("A") is None


def test_nan_and_infinities_are_shown_where_they_are() -> None:
    frame = numbered(64, 48)
    frame.pixels[0, 10, 20], frame.pixels[1, 10, 20] = nan, -inf
    red, green, blue = sure(at(viewer(frame), 20.5, 10.5)).values
    assert np.isnan(red)
    assert (green, blue) == (-inf, 0.5)


def test_a_sampled_area_is_the_mean_of_the_pixels_it_touches() -> None:
    v = viewer(numbered(64, 48))
    found = sure(v.sampled(box(v, 10.2, 20.4, 13.6, 21.9)))
    assert (found.x, found.y, found.area) == (10, 48 - 22, (4, 2))
    assert found.values == pytest.approx((11.5, 20.5, 0.5))


def test_a_sampled_area_leaves_nan_and_infinities_out() -> None:
    frame = numbered(64, 48)
    frame.pixels[0, 0, 1], frame.pixels[1, 0, :2], frame.pixels[2, 0, 0] = nan, nan, inf
    v = viewer(frame)
    red, green, blue = sure(v.sampled(box(v, 0.1, 0.1, 1.9, 0.9))).values
    assert red == 0
    assert np.isnan(green)
    assert blue == 0.5


def test_a_sampled_area_partly_outside_is_cut_to_the_format() -> None:
    v = viewer(numbered(64, 48))
    found = sure(v.sampled(box(v, -10, -10, 1.9, 1.9)))
    assert (found.x, found.y, found.area) == (0, 46, (2, 2))
    assert found.values == pytest.approx((0.5, 0.5, 0.5))


def test_a_sampled_area_wholly_outside_is_nothing() -> None:
    v = viewer(numbered(64, 48))
    assert v.sampled(box(v, -10, 5, -1, 10)) is None
    assert v.sampled(box(v, 70, 50, 80, 60)) is None


def test_a_sampled_area_without_extent_is_one_pixel() -> None:
    v = viewer(numbered(64, 48))
    assert sure(v.sampled(box(v, 5.5, 5.5, 5.5, 5.5))).values == (5, 5, 0.5)


def test_a_sampled_area_counts_the_black_beside_the_data() -> None:
    v = viewer(numbered(10, 10, data_window=Window(20, 20, 30, 30), display_window=Window(0, 0, 60, 60)))
    assert sure(v.sampled(box(v, 10.1, 20.1, 29.9, 29.9))).values == pytest.approx((2.25, 2.25, 0.25))


def test_a_sampled_area_of_a_proxy_says_its_size_in_full_pixels() -> None:
    v = viewer(numbered(960, 540, scale=0.5))
    found = sure(v.sampled(box(v, 100.1, 200.1, 103.9, 203.9)))
    assert (found.x, found.y, found.area) == (100, 1080 - 204, (4, 4))
    assert found.values == pytest.approx((50.5, 100.5, 0.5))


def test_a_region_is_cut_to_the_format() -> None:
    v = viewer(numbered(100, 50, pixel_aspect=2.0))
    assert v.window_of(box(v, 20.2, 10.2, 39.8, 19.8)) == Window(10, 10, 20, 20)
    assert v.window_of(box(v, -50, -50, 21, 4.8)) == Window(0, 0, 11, 5)
    assert v.window_of(box(v, 300, 0, 400, 50)) is None


# -- what is looked at


def test_a_number_key_keeps_what_it_shows() -> None:
    v = Viewer()
    v.show("plate", "1")
    v.show("grade", "2")
    assert v.a == "grade"
    assert v.recall("1")
    assert v.a == "plate"
    assert not v.recall("7")
    assert v.a == "plate"


def test_while_two_are_compared_key_two_is_the_other_one() -> None:
    v = Viewer()
    v.show("plate")
    v.compared("wipe")
    v.show("grade", "2")
    assert (v.a, v.b) == ("plate", "grade")
    assert v.wish(7, dragging=False).nodes == ("plate", "grade")
    v.compared("wipe")
    assert v.wish(7, dragging=False).nodes == ("plate", None)


def test_a_rename_is_followed_into_groups_and_no_further() -> None:
    v = Viewer(a="key/spill", b="keyer", slots={"1": "key", "2": "key/spill", "3": "keyer"})
    v.renamed("key", "matte")
    assert (v.a, v.b) == ("matte/spill", "keyer")
    assert v.slots == {"1": "matte", "2": "matte/spill", "3": "keyer"}


def test_a_picture_seen_small_is_cooked_small_first() -> None:
    v = viewer(numbered(1920, 1080))
    assert v.view.zoom < 0.5
    draft = v.wish(1, dragging=True).draft
    assert draft == 0.5
    assert v.wish(1, dragging=True, draft=False).draft is None


def test_the_look_is_what_the_settings_say() -> None:
    v = viewer(numbered(1920, 1080))
    v.channel("alpha")
    v.exposure, v.gamma, v.layer = 1.5, 2.2, "depth"
    look = v.look()
    assert (look.channels, look.exposure, look.gamma, look.layer) == ("alpha", 1.5, 2.2, "depth")
    assert (look.x, look.y, look.zoom, look.width) == (960, 540, v.view.zoom, 960)
    v.channel("alpha")
    assert v.channels == "rgb"
    v.compared("side")
    v.reset()
    assert (v.exposure, v.gamma, v.channels, v.compare) == (0.0, 1.0, "rgb", "a")


def test_guides_come_and_go() -> None:
    v = Viewer()
    v.guide("title safe")
    v.guide("2.39:1")
    v.guide("title safe")
    assert v.guides == ["2.39:1"]
