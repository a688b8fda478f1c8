"""Small pictures of graphs, kept between sessions."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from nodegraph.editor.thumbnails import KEPT, SIDE, forget, recall, remember, shrunk, thumbnail_folder


def flat(rows: int, columns: int, colour: tuple[float, ...] = (0.2, 0.4, 0.6, 1.0)) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.float32), (rows, columns, len(colour))).copy()


def test_what_was_shown_comes_back_small(tmp_path: Path) -> None:
    assert remember("/show/a.graph", flat(1080, 1920), tmp_path)
    found = recall("/show/a.graph", tmp_path)
    assert found is not None
    assert (found.shape, found.dtype) == ((180, 320, 3), np.uint8)
    assert (found == (51, 102, 153)).all()


def test_each_graph_has_its_own_and_the_last_one_counts(tmp_path: Path) -> None:
    remember("/show/a.graph", flat(20, 30, (1, 0, 0)), tmp_path)
    remember("/show/b.graph", flat(20, 30, (0, 1, 0)), tmp_path)
    remember("/show/a.graph", flat(20, 30, (0, 0, 1)), tmp_path)
    a, b = recall("/show/a.graph", tmp_path), recall("/show/b.graph", tmp_path)
    assert a is not None and b is not None
    assert tuple(a[0, 0]) == (0, 0, 255)
    assert tuple(b[0, 0]) == (0, 255, 0)
    assert recall("/show/c.graph", tmp_path) is None


def test_one_file_by_two_paths_has_one_thumbnail(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    remember(tmp_path / "a.graph", flat(20, 30), tmp_path / "state")
    assert recall(tmp_path / "link" / "a.graph", tmp_path / "state") is not None


def test_a_thumbnail_is_forgotten(tmp_path: Path) -> None:
    remember("/show/a.graph", flat(20, 30), tmp_path)
    forget("/show/a.graph", tmp_path)
    forget("/show/a.graph", tmp_path)
    assert recall("/show/a.graph", tmp_path) is None


def test_a_small_panel_isnt_enlarged_and_keeps_its_pixels() -> None:
    panel = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    assert (shrunk(panel) == panel).all()


def test_each_pixel_is_the_mean_of_what_it_covers() -> None:
    panel = np.zeros((2, 2 * SIDE, 4), np.float32)
    panel[:, 1::2] = 1.0
    small = shrunk(panel)
    assert small.shape == (1, SIDE, 3)
    assert (small == 128).all()


def test_bytes_arent_scaled_again() -> None:
    assert (shrunk(np.full((700, 900, 4), 200, np.uint8)) == 200).all()


@pytest.mark.parametrize("shape", [(1, 5000), (5000, 1), (321, 320), (1, 1)])
def test_odd_panels_fit_too(shape: tuple[int, int]) -> None:
    small = shrunk(flat(*shape))
    assert min(small.shape[:2]) >= 1 and max(small.shape[:2]) <= SIDE
    assert (small == (51, 102, 153)).all()


def test_what_no_display_shows_becomes_black_or_white() -> None:
    panel = flat(1, 3)
    panel[0, 0], panel[0, 1], panel[0, 2] = np.nan, -3, 40
    assert shrunk(panel)[0, :, 0].tolist() == [0, 0, 255]


@pytest.mark.parametrize("panel", [np.zeros((0, 5, 4)), np.zeros((5, 5)), np.zeros((5, 5, 1))])
def test_no_picture_is_kept_of_what_is_none(tmp_path: Path, panel: np.ndarray) -> None:
    assert not remember("/show/a.graph", panel, tmp_path)
    assert recall("/show/a.graph", tmp_path) is None


def test_the_oldest_go(tmp_path: Path) -> None:
    for number in range(KEPT):
        remember(f"/show/{number}.graph", flat(2, 2), tmp_path)
    for age, file in enumerate(sorted(tmp_path.iterdir())):
        os.utime(file, ns=(age, age))
    oldest = min(tmp_path.iterdir())
    remember("/show/new.graph", flat(2, 2), tmp_path)
    assert len(list(tmp_path.iterdir())) == KEPT
    assert not oldest.exists()
    assert recall("/show/new.graph", tmp_path) is not None


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_a_damaged_thumbnail_is_none(tmp_path: Path, data: bytes) -> None:
    remember("/show/a.graph", flat(20, 30), tmp_path)
    next(tmp_path.iterdir()).write_bytes(data)
    assert recall("/show/a.graph", tmp_path) is None


def test_a_thumbnail_that_is_cut_off_is_none(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (100, 200, 3), np.uint8)
    remember("/show/a.graph", noise, tmp_path)
    file = next(tmp_path.iterdir())
    file.write_bytes(file.read_bytes()[:9000])
    assert recall("/show/a.graph", tmp_path) is None


def test_a_folder_that_cant_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert not remember("/show/a.graph", flat(20, 30), tmp_path / "file")
    assert recall("/show/a.graph", tmp_path / "file") is None


def test_nothing_else_is_left_behind(tmp_path: Path) -> None:
    remember("/show/a.graph", flat(20, 30), tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_the_state_folder_is_where_it_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEGRAPH_STATE", str(tmp_path))
    assert thumbnail_folder() == tmp_path / "thumbnails"
    assert thumbnail_folder(tmp_path / "x") == tmp_path / "x"
    monkeypatch.delenv("NODEGRAPH_STATE")
    assert thumbnail_folder().name == "thumbnails"
