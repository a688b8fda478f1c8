"""Panoramas found by words, looks and number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from nodegraph_nodes.environment import shelf

import nodegraph as ng
from nodegraph.errors import NodegraphError
from nodegraph.kernels.lamps import directions
from nodegraph.values import Environment
from nodegraph.values.environment import angles, direction


def write(file: Path, pixels: np.ndarray) -> None:
    import OpenImageIO as oiio

    file.parent.mkdir(parents=True, exist_ok=True)
    buffer = oiio.ImageBuf(oiio.ImageSpec(pixels.shape[2], pixels.shape[1], 3, oiio.FLOAT))
    buffer.set_pixels(oiio.ROI(), np.ascontiguousarray(pixels.transpose(1, 2, 0).astype(np.float32)))
    assert buffer.write(str(file))


def panorama(azimuth: float, elevation: float, sun: float, warm: float = 0.0) -> np.ndarray:
    d = directions(64, 128)
    disc = np.tensordot(np.array(direction(azimuth, elevation)), d, 1) > np.cos(np.radians(3))
    sky = 0.5 + 0.3 * d[1]
    return np.stack([sky * 2 ** (warm / 2), sky, sky * 2 ** (-warm / 2)]) + sun * disc


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NODEGRAPH_CACHE", str(tmp_path / "cache"))
    shelf_of = tmp_path / "worlds"
    write(shelf_of / "beach_sunset_01.exr", panorama(40, 4, 300, 1.2))
    write(shelf_of / "city/rooftop_noon.exr", panorama(-90, 62, 400))
    write(shelf_of / "forest_overcast.hdr", panorama(0, 40, 0, -0.3))
    write(shelf_of / "not_lat_long.exr", np.ones((3, 64, 64)))
    (shelf_of / "broken.exr").write_bytes(b"no picture")
    (shelf_of / "notes.txt").write_text("nothing")
    return shelf_of


def cook(folder: Path, **values: object) -> Environment:
    graph = ng.new()
    graph.add("environment.library", name="library", params={"folder": str(folder), **values})
    made = ng.cook(graph, "library")
    assert isinstance(made, Environment)
    return made


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("beach", "beach_sunset_01"), ("over the city", "rooftop_noon"), ("deep forest", "forest_overcast"), ("forrest", "forest_overcast"),
        ("golden hour", "beach_sunset_01"), ("noon", "rooftop_noon"), ("overcast", "forest_overcast"), ("grey sky", "forest_overcast"),
    ],
)  # fmt: skip
def test_words_find_by_name_and_by_looks(folder: Path, words: str, name: str) -> None:
    assert cook(folder, words=words).made.engine == f"photographed: {name}"


def test_a_world_finds_what_it_means_and_brings_the_sun(folder: Path) -> None:
    graph = ng.new()
    graph.add("environment.prompt", name="world", prompt="sunset, sun from the left")
    graph.add("environment.library", name="library", folder=str(folder), turn_sun="to the world's")
    graph.connect("world", "library")
    made = ng.cook(graph, "library")
    assert made.made.engine == "photographed: beach_sunset_01"
    (sun,) = made.lights.items
    assert angles(sun.direction) == pytest.approx((-75, 4), abs=3)


def test_numbers_go_through_all_of_them_and_by_hand_turns(folder: Path) -> None:
    names = [cook(folder, by="number", number=n).made.engine for n in (1, 2, 3, 4)]
    assert len(set(names)) == 3 and names[3] == names[0]
    here, turned = cook(folder, words="beach"), cook(folder, words="beach", turn_sun="by hand", turn=90.0)
    assert np.array_equal(np.roll(here.panorama, 32, axis=2), turned.panorama)


def test_brightness_has_a_unit_afterwards(folder: Path) -> None:
    dim, bright = cook(folder, words="city", normalise=1.0), cook(folder, words="city", normalise=1.0, exposure=1.0)
    assert bright.panorama == pytest.approx(2 * dim.panorama, rel=1e-5)
    assert 0.05 < np.median(dim.panorama) < 3


def test_files_are_looked_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []
    look = shelf.looked_at
    monkeypatch.setattr(shelf, "looked_at", lambda file, root: (seen.append(file.name), look(file, root))[1])
    first = shelf.index(str(folder), "library")
    assert len(seen) == 5 and len(first) == 3 and "not_lat_long" in caplog.text
    assert shelf.index(str(folder), "library") == first and len(seen) == 5
    write(folder / "forest_overcast.hdr", panorama(0, 20, 100))
    shelf.index(str(folder), "library")
    assert len(seen) == 6
    for kept in (folder.parent / "cache").rglob("*.json"):
        kept.write_text("{")
    assert len(shelf.index(str(folder), "library")) == 3 and len(seen) == 11


def test_no_folder_and_an_empty_one_are_said(tmp_path: Path) -> None:
    for place, said in (
        ("", "needs a folder"),
        (str(tmp_path / "nowhere"), "is no folder"),
        (str(tmp_path), "no panorama"),
    ):
        with pytest.raises(NodegraphError, match=said):
            cook(Path(place) if place else "")  # type: ignore[arg-type]
