"""Colours picked from the picture, and the parameters they are for."""

from __future__ import annotations

import numpy as np
import pytest

from nodegraph.editor.geometry import Rect
from nodegraph.editor.picking import pick_target, pick_targets, pick_values, picked
from nodegraph.graph import Graph
from nodegraph.packs import registry
from nodegraph.values import Frame, Window

CATALOG = {id: kind.schema for id, kind in registry().items()}


def picture(**spec: object) -> Frame:
    """Red grows by column, green by row, blue is 2, alpha 0.5; 8 x 4."""
    y, x = np.mgrid[:4, :8].astype(np.float32)
    return Frame.of(np.stack([x, y, np.full_like(x, 2), np.full_like(x, 0.5)]), **spec)


def test_the_mean_of_a_box() -> None:
    assert picked(picture(), Rect(2, 1, 5, 3)) == (3, 1.5, 2, 0.5)


@pytest.mark.parametrize("rect", [Rect(2.2, 1.1, 2.3, 1.2), Rect(2.5, 1.5, 2.5, 1.5), Rect(2, 1, 3, 2)])
def test_a_point_is_one_pixel(rect: Rect) -> None:
    assert picked(picture(), rect) == (2, 1, 2, 0.5)


def test_what_is_no_number_doesnt_count() -> None:
    frame = picture()
    frame.pixels[0, 1, 2] = np.nan
    frame.pixels[0, 1, 3] = np.inf
    assert picked(frame, Rect(2, 1, 5, 2)) == (4, 1, 2, 0.5)
    frame.pixels[0] = np.nan
    assert picked(frame, Rect(2, 1, 5, 2)) is None


def test_only_the_part_in_the_picture_counts() -> None:
    assert picked(picture(), Rect(-50, -50, 1, 1)) == (0, 0, 2, 0.5)
    assert picked(picture(), Rect(8, 0, 12, 4)) is None and picked(picture(), Rect(-3, 1, -3, 1)) is None


def test_proxies_wide_pixels_and_windows() -> None:
    half = picture(scale=0.5)
    assert picked(half, Rect(4, 2, 10, 6)) == (3, 1.5, 2, 0.5)
    wide = picture(pixel_aspect=2.0)
    assert picked(wide, Rect(4, 1, 10, 3)) == (3, 1.5, 2, 0.5)
    shifted = picture(data_window=Window(12, 21, 20, 25), display_window=Window(10, 20, 30, 30))
    assert picked(shifted, Rect(4, 2, 7, 4)) == (3, 1.5, 2, 0.5)


def test_a_matte_is_picked_as_grey_without_alpha_as_opaque() -> None:
    matte = Frame.of(np.full((1, 4, 4), 0.25, np.float32), channels=("Y",))
    assert picked(matte, Rect(0, 0, 2, 2)) == (0.25, 0.25, 0.25, 1)


def graph_of(type: str) -> Graph:
    graph = Graph(CATALOG)
    graph.add(type, name="it")
    return graph


def test_a_keyer_gets_its_screen_and_looks_at_it() -> None:
    graph = graph_of("keying.chroma")
    assert pick_target(graph, "it") == "colour"
    values = pick_values(graph, "it", (0.1, 0.6, 0.2, 1.0))
    assert values == {"colour": (0.1, 0.6, 0.2), "screen": "pick"}
    for name, value in values.items():
        graph.set(f"it.{name}", value)
    assert graph.value("it", "screen", 1) == "pick"


def test_a_grade_gets_its_whitepoint_unless_another_is_named() -> None:
    graph = graph_of("colour.grade")
    assert pick_target(graph, "it") == "whitepoint" and "blackpoint" in pick_targets(graph, "it")
    assert pick_values(graph, "it", (0.1, 0.2, 0.3), "blackpoint") == {"blackpoint": (0.1, 0.2, 0.3, 1.0)}


def test_picks_stay_within_a_parameters_range() -> None:
    assert pick_values(graph_of("colour.grade"), "it", (0.0, 0.5, 1e6), "gamma")["gamma"] == (0.01, 0.5, 100, 1)


def test_nodes_without_a_colour_have_no_target() -> None:
    graph = graph_of("filter.blur")
    assert pick_target(graph, "it") is None and pick_target(graph, "nobody") is None
    assert pick_values(graph, "it", (1, 1, 1)) == {}
