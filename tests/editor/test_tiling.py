"""How panels share the window: nothing uncovered, nothing twice, and no damaged file that stops the editor."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.editor.geometry import Rect
from nodegraph.editor.tiling import BAR, LAYOUTS, PANELS, SMALLEST, Split, Tile, Tiling, names

WINDOW = Rect(0, 30, 1600, 900)
LEFT_RIGHT = Split("row", 0.5, "viewer", "graph")


def area(rect: Rect) -> float:
    return max(0.0, rect.x1 - rect.x0) * max(0.0, rect.y1 - rect.y0)


def shared(a: Rect, b: Rect) -> float:
    return area(Rect(max(a.x0, b.x0), max(a.y0, b.y0), min(a.x1, b.x1), min(a.y1, b.y1)))


def check_covered(tiling: Tiling, window: Rect) -> None:
    """Panels and bars fill the window, and no two of them share a place."""
    parts = [*tiling.rects(window).values(), *(bar.rect for bar in tiling.bars(window))]
    assert sum(map(area, parts)) == pytest.approx(area(window))
    assert all(p.x0 <= p.x1 and p.y0 <= p.y1 for p in parts)
    assert all(window.x0 <= p.x0 and p.x1 <= window.x1 for p in parts)
    assert all(window.y0 <= p.y0 and p.y1 <= window.y1 for p in parts)
    assert all(shared(a, b) == 0 for a, b in combinations(parts, 2))


@st.composite
def tiles(draw: st.DrawFn, panels: tuple[str, ...] = PANELS) -> Tile:
    """A layout of some panels, each once."""
    if len(panels) == 1:
        return panels[0]
    cut = draw(st.integers(1, len(panels) - 1))
    share = draw(st.floats(0.02, 0.98))
    way = draw(st.sampled_from(("row", "column")))
    return Split(way, share, draw(tiles(panels[:cut])), draw(tiles(panels[cut:])))


windows = st.builds(
    lambda x, y, w, h: Rect(x, y, x + w, y + h),
    st.integers(-50, 50), st.integers(0, 50), st.integers(1, 4000), st.integers(1, 2200),
)  # fmt: skip


@given(tiles(), windows, st.sets(st.sampled_from(PANELS), max_size=len(PANELS) - 1))
def test_panels_and_bars_cover_the_window_once(tile: Tile, window: Rect, hidden: set[str]) -> None:
    tiling = Tiling(tile, hidden)
    assert set(tiling.rects(window)) == set(PANELS) - hidden
    check_covered(tiling, window)


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_layouts_that_come_along_give_every_panel_room(name: str) -> None:
    tiling = Tiling(LAYOUTS[name])
    rects = tiling.rects(WINDOW)
    assert set(rects) == set(names(LAYOUTS[name])) <= set(PANELS)
    assert all(r.x1 - r.x0 >= SMALLEST and r.y1 - r.y0 >= SMALLEST for r in rects.values())


def test_a_row_lies_beside_and_a_column_above() -> None:
    row = Tiling(LEFT_RIGHT).rects(WINDOW)
    assert row["viewer"] == Rect(0, 30, 800 - BAR / 2, 900)
    assert row["graph"] == Rect(800 + BAR / 2, 30, 1600, 900)
    column = Tiling(Split("column", 0.25, "viewer", "graph")).rects(Rect(0, 0, 100, 800))
    assert (column["viewer"].y1, column["graph"].y0) == (198, 202)


# -- hidden and maximised


def test_a_hidden_panel_gives_its_room_to_its_neighbour() -> None:
    tiling = Tiling(LEFT_RIGHT)
    tiling.toggle("graph")
    assert tiling.rects(WINDOW) == {"viewer": WINDOW}
    assert tiling.bars(WINDOW) == []
    tiling.toggle("graph")
    assert set(tiling.rects(WINDOW)) == {"viewer", "graph"}


def test_the_last_panel_stays() -> None:
    tiling = Tiling(LEFT_RIGHT)
    tiling.toggle("graph")
    tiling.toggle("viewer")
    assert set(tiling.rects(WINDOW)) == {"viewer"}


def test_a_panel_that_the_layout_doesnt_have_comes_below() -> None:
    tiling = Tiling(LEFT_RIGHT)
    tiling.toggle("timeline")
    rects = tiling.rects(WINDOW)
    assert rects["timeline"].y0 > max(rects["viewer"].y1, rects["graph"].y1)
    check_covered(tiling, WINDOW)
    tiling.toggle("timeline")
    assert set(tiling.rects(WINDOW)) == {"viewer", "graph"}


def test_a_maximised_panel_has_the_window_and_gives_it_back() -> None:
    tiling = Tiling()
    before = tiling.rects(WINDOW)
    tiling.maximise("graph")
    assert tiling.rects(WINDOW) == {"graph": WINDOW}
    assert tiling.bars(WINDOW) == []
    tiling.maximise("graph")
    assert tiling.rects(WINDOW) == before


def test_showing_another_panel_ends_the_maximised_one() -> None:
    tiling = Tiling()
    tiling.maximise("viewer")
    tiling.toggle("scopes")
    assert tiling.maximised is None
    assert "scopes" not in tiling.rects(WINDOW)


# -- bars


def test_a_bar_is_found_a_little_beside_itself_and_nowhere_else() -> None:
    tiling = Tiling(LEFT_RIGHT)
    assert tiling.bar_at(WINDOW, 803.5, 500) is not None
    assert tiling.bar_at(WINDOW, 810, 500) is None


def test_a_bar_goes_where_the_hand_is() -> None:
    tiling = Tiling()
    bar = next(b for b in tiling.bars(WINDOW) if b.path == (0, 0))
    others = {b.path: b.rect for b in tiling.bars(WINDOW)}
    tiling.drag(bar, 3, 300)
    moved = next(b for b in tiling.bars(WINDOW) if b.path == (0, 0))
    assert moved.rect.middle[1] == pytest.approx(300, abs=1)
    assert {b.path: b.rect for b in tiling.bars(WINDOW) if b.path != (0, 0)} == {
        path: rect for path, rect in others.items() if path != (0, 0)
    }


def test_a_bar_beside_a_hidden_panel_moves_its_own_parts() -> None:
    tiling = Tiling()
    tiling.toggle("timeline")
    for path in [b.path for b in tiling.bars(WINDOW)]:
        bar = next(b for b in tiling.bars(WINDOW) if b.path == path)
        x, y = bar.rect.middle
        tiling.drag(bar, x - 40, y - 40)
        after = next(b for b in tiling.bars(WINDOW) if b.path == path)
        wanted = (x - 40, y) if bar.way == "row" else (x, y - 40)
        assert after.rect.middle == pytest.approx(wanted, abs=1)


@given(tiles(), windows, st.data())
def test_a_drag_to_anywhere_leaves_a_layout_that_can_be_kept(tile: Tile, window: Rect, data: st.DataObject) -> None:
    tiling = Tiling(tile)
    bars = tiling.bars(window)
    bar = data.draw(st.sampled_from(bars))
    x, y = data.draw(st.floats(-1e4, 1e4)), data.draw(st.floats(-1e4, 1e4))
    tiling.drag(bar, x, y)
    check_covered(tiling, window)
    assert Tiling.from_plain(tiling.to_plain()) == tiling


def test_a_bar_doesnt_push_a_panel_out_of_the_window() -> None:
    tiling = Tiling(LEFT_RIGHT)
    bar = tiling.bars(WINDOW)[0]
    tiling.drag(bar, -500, 0)
    assert tiling.rects(WINDOW)["viewer"].x1 == SMALLEST - BAR / 2
    tiling.drag(bar, 5000, 0)
    assert tiling.rects(WINDOW)["graph"].x0 == 1600 - SMALLEST + BAR / 2


def test_a_layout_dragged_in_a_very_wide_window_can_be_kept() -> None:
    tiling, wide = Tiling(LEFT_RIGHT), Rect(0, 0, 16000, 900)
    tiling.drag(tiling.bars(wide)[0], 0, 0)
    assert Tiling.from_plain(tiling.to_plain()).tile == tiling.tile


# -- kept in a file


@given(tiles(), st.sets(st.sampled_from(PANELS), max_size=len(PANELS) - 1))
def test_a_kept_layout_comes_back(tile: Tile, hidden: set[str]) -> None:
    again = Tiling.from_plain(Tiling(tile, hidden).to_plain())
    assert (again.tile, again.hidden) == (tile, hidden)


_DEEP: Any = "viewer"
for _ in range(50):
    _DEEP = ["row", 0.5, _DEEP, "graph"]


@pytest.mark.parametrize(
    "data",
    [
        None, 3, "viewer", [], {}, {"tile": None}, {"tile": "nothing"}, {"tile": ["row", 0.5, "viewer"]},
        {"tile": ["diagonal", 0.5, "viewer", "graph"]}, {"tile": ["row", float("nan"), "viewer", "graph"]},
        {"tile": ["row", 0, "viewer", "graph"]}, {"tile": ["row", 10**400, "viewer", "graph"]},
        {"tile": ["row", "half", "viewer", "graph"]}, {"tile": ["row", 0.5, "viewer", "viewer"]}, {"tile": _DEEP},
        {"tile": [["row"], 0.5, "viewer", "graph"]}, {"tile": "viewer", "hidden": 3},
    ],
)  # fmt: skip
def test_a_damaged_layout_is_the_usual_one(data: Any) -> None:
    assert Tiling.from_plain(data) == Tiling()


_plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.sampled_from(("row", *PANELS)),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(("tile", "hidden")), inner),
    max_leaves=12,
)


@given(_plain, windows)
def test_no_plain_data_stops_the_editor(data: Any, window: Rect) -> None:
    check_covered(Tiling.from_plain(data), window)


def test_not_all_panels_are_hidden() -> None:
    data = {"tile": ["row", 0.5, "viewer", "graph"], "hidden": ["viewer", "graph"]}
    assert set(Tiling.from_plain(data).rects(WINDOW)) == {"viewer", "graph"}


def test_unknown_hidden_panels_are_left_out() -> None:
    data = {"tile": ["row", 0.5, "viewer", "graph"], "hidden": ["graph", "scopes", ["viewer"], 7]}
    assert Tiling.from_plain(data).hidden == {"graph"}
