"""Files into the graph and out of it: curves, alpha, timing, missing frames, what is cooked again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.engine.render import find_sinks, render
from nodegraph.errors import MediaError, NodegraphError
from nodegraph.graph import Graph
from nodegraph.kernels.transfer import CURVES
from nodegraph.media.stills import StillOptions, write_image
from nodegraph.values import Frame, FrameSpec, Stamp, Window


def store(path: Path, value: Any, *, channels: tuple[str, ...] = ("R", "G", "B"), **spec: Any) -> None:
    """A small picture of one value (or of given samples) as the file stores them."""
    pixels = np.asarray(value)
    if pixels.ndim < 3:
        pixels = np.full((4, 6, len(channels)), pixels)
    window = Window.sized(pixels.shape[1], pixels.shape[0])
    depth = {"uint8": "u8", "uint16": "u16", "float32": "float", "float16": "half"}[pixels.dtype.name]
    options = StillOptions(depth)  # type: ignore[arg-type]
    write_image(str(path), pixels, FrameSpec(channels, window, window, **spec), options)


def reading(path: Path | str, **values: Any) -> Graph:
    graph = ng.new(width=64, height=36)
    graph.add("capture.read", name="plate", params={"path": str(path), **values})
    return graph


def look(path: Path | str, frame: int = 1, **values: Any) -> Frame:
    with Engine(reading(path, **values), tier="numpy") as engine:
        return engine.cook("plate", frame)


# -- curves and alpha


def test_codes_become_light_by_the_srgb_curve(tmp_path: Path) -> None:
    store(tmp_path / "a.png", np.array([0, 118, 255], np.uint8))
    seen = look(tmp_path / "a.png").pixels[:, 0, 0]
    expected = ((118 / 255 + 0.055) / 1.055) ** 2.4
    assert seen == pytest.approx([0, expected, 1], abs=1e-6)
    assert look(tmp_path / "a.png", colour_space="raw").pixels[1, 0, 0] == pytest.approx(118 / 255, abs=1e-6)


@pytest.mark.parametrize("curve", sorted(CURVES))
def test_what_is_written_on_a_curve_is_read_back(tmp_path: Path, curve: str) -> None:
    light = np.linspace(0.02, 0.9, 48, dtype=np.float32).reshape(3, 4, 4)
    ng.write(Frame.of(light), tmp_path / "a.tif", depth="u16", colour_space=curve)
    seen = look(tmp_path / "a.tif", colour_space=curve).pixels
    assert np.abs(seen - light).max() < (4e-3 if curve in ("pq", "hlg", "acescc") else 1e-3)


def test_unpremultiplied_files_are_multiplied_and_back(tmp_path: Path) -> None:
    store(tmp_path / "a.png", np.array([255, 0, 128, 64], np.uint8), channels=("R", "G", "B", "A"), premultiplied=False)
    frame = look(tmp_path / "a.png")
    alpha = 64 / 255
    assert frame.spec.premultiplied
    assert frame.pixels[:, 1, 1] == pytest.approx([alpha, 0, alpha * 0.2158605, alpha], abs=1e-5)
    assert look(tmp_path / "a.png", alpha="none").spec.channels == ("R", "G", "B")
    ng.write(frame, tmp_path / "b.png")
    again = look(tmp_path / "b.png", colour_space="raw", alpha="premultiplied")
    assert again.pixels[:, 1, 1] == pytest.approx([1, 0, 128 / 255, alpha], abs=2 / 255)


def test_floats_are_linear_and_keep_what_no_code_can_hold(tmp_path: Path) -> None:
    light = np.array([-0.5, 40.0, 1e-4], np.float32)[:, None, None] * np.ones((3, 4, 4), np.float32)
    ng.write(Frame.of(light), tmp_path / "a.exr", depth="float")
    assert (look(tmp_path / "a.exr").pixels == light).all()


def test_exr_keeps_windows_and_channels(tmp_path: Path) -> None:
    spec = FrameSpec(("R", "G", "B", "A", "depth.Z"), Window(-3, 2, 5, 9), Window(0, 0, 12, 10))
    pixels = np.random.default_rng(1).random(spec.shape, np.float32)
    ng.write(Frame(spec, pixels), tmp_path / "a.exr", depth="float")
    seen = look(tmp_path / "a.exr", layer="*")
    assert (seen.spec.data_window, seen.spec.display_window) == (spec.data_window, spec.display_window)
    assert sorted(seen.spec.channels) == sorted(spec.channels)
    for name in spec.channels:
        assert (seen.channel(name) == pixels[spec.channels.index(name)]).all()


def test_other_files_get_the_display_window(tmp_path: Path) -> None:
    spec = FrameSpec(("R", "G", "B"), Window(2, 1, 5, 4), Window(0, 0, 8, 6))
    ng.write(Frame(spec, np.ones(spec.shape, np.float32)), tmp_path / "a.png")
    seen = look(tmp_path / "a.png").pixels[0]
    assert seen.shape == (6, 8)
    assert seen.sum() == pytest.approx(9)


def test_an_empty_picture_is_one_black_pixel_of_exr(tmp_path: Path) -> None:
    spec = FrameSpec(("R", "G", "B"), Window(0, 0, 0, 0), Window(0, 0, 8, 6))
    ng.write(Frame(spec, np.zeros(spec.shape, np.float32)), tmp_path / "a.exr")
    assert look(tmp_path / "a.exr").spec.data_window.area == 1


def test_nan_and_infinity_survive_floats_and_become_codes(tmp_path: Path) -> None:
    light = np.zeros((3, 4, 4), np.float32)
    light[0], light[1], light[2] = np.nan, np.inf, -np.inf
    ng.write(Frame.of(light), tmp_path / "a.exr")
    assert np.array_equal(look(tmp_path / "a.exr").pixels, light, equal_nan=True)
    ng.write(Frame.of(light), tmp_path / "a.png", colour_space="raw")
    assert look(tmp_path / "a.png", colour_space="raw").pixels[:, 0, 0].tolist() == [0, 1, 0]


# -- which frame


@pytest.fixture
def sequence(tmp_path: Path) -> str:
    """Frames 10, 11, 13 and 14, each of its number's value."""
    for k in (10, 11, 13, 14):
        store(tmp_path / f"s.{k:04d}.exr", np.float32(k))
    return str(tmp_path / "s.%04d.exr")


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, {8: 10, 10: 10, 11: 11, 14: 14, 20: 14}),
        ({"before": "loop", "after": "loop"}, {9: 14, 8: 13, 15: 10, 16: 11, 20: 10}),
        ({"after": "bounce", "before": "bounce"}, {15: 13, 17: 11, 18: 10, 19: 11, 9: 11}),
        ({"after": "black", "before": "black"}, {9: 0, 15: 0, 13: 13}),
        ({"missing": "hold"}, {12: 11}),
        ({"missing": "black"}, {12: 0}),
        ({"timing": "start at", "start_at": 1}, {1: 10, 2: 11, 4: 13, 99: 14}),
        ({"offset": 5}, {15: 10, 18: 13}),
    ],
)  # fmt: skip
def test_frames_of_a_sequence(sequence: str, values: dict[str, Any], shown: dict[int, int]) -> None:
    with Engine(reading(sequence, **values), tier="numpy") as engine:
        assert {f: int(engine.cook("plate", f).pixels[0, 0, 0]) for f in shown} == shown


def test_a_missing_frame_is_named(sequence: str) -> None:
    with pytest.raises(MediaError, match=r"plate: .*s\.0012\.exr: is missing.*plate\.missing"):
        look(sequence, 12)
    with pytest.raises(MediaError, match="has frames 10 to 14, not 15"):
        look(sequence, 15, after="error")


def test_every_spelling_of_a_pattern(sequence: str) -> None:
    for pattern in ("s.####.exr", "s.@@@@.exr", "s.%4d.exr"):
        if "%4d" not in pattern:
            assert look(sequence.replace("s.%04d.exr", pattern), 13).pixels[0, 0, 0] == 13


def test_stamps_tell_when(sequence: str) -> None:
    stamp = look(sequence, 13).spec.stamp
    assert (stamp.frame, stamp.time) == (13, Fraction(13, 24))


def test_held_frames_and_stills_are_read_once(sequence: str, tmp_path: Path) -> None:
    graph = reading(sequence)
    graph.add("colour.grade", name="grade")
    graph.connect("plate", "grade")
    with Engine(graph, tier="numpy") as engine:
        for frame in range(20, 30):
            engine.cook("grade", frame)
        assert engine.stats.nodes["grade"].calls == 1
    store(tmp_path / "still.exr", np.float32(3))
    with Engine(reading(tmp_path / "still.exr"), tier="numpy") as engine:
        for frame in range(5):
            engine.cook("plate", frame)
        assert engine.stats.nodes["plate"].calls == 1


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    store(path, np.float32(1))
    with Engine(reading(path), tier="numpy") as engine:
        assert engine.cook("plate").pixels[0, 0, 0] == 1
        store(path, np.float32(2))
        assert engine.cook("plate").pixels[0, 0, 0] == 2


# -- clips


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Eight frames whose grey is frame/16, as a ten-bit clip with timecode."""
    graph = ng.new(width=64, height=36, first=1, last=8)
    graph.add("capture.constant", name="grey")
    graph.set("grey.colour", ["=frame/16", "=frame/16", "=frame/16", 1])
    graph.add("output.write", name="write", path=str(tmp_path / "c.mov"), codec="prores", timecode="10:00:00:00")
    graph.connect("grey", "write")
    ng.render(graph)
    return tmp_path / "c.mov"


def test_a_clip_comes_back_frame_by_frame(clip: Path) -> None:
    with Engine(reading(clip), tier="numpy") as engine:
        for frame in (5, 1, 8, 2, 20, -3):
            seen = engine.cook("plate", frame)
            shown = min(max(frame, 1), 8)
            assert seen.pixels.mean() == pytest.approx(shown / 16, rel=0.01)
            assert seen.spec.stamp.timecode == f"10:00:00:0{shown - 1}"


def test_loop_and_start_of_a_clip(clip: Path) -> None:
    assert look(clip, 9, after="loop").pixels.mean() == pytest.approx(1 / 16, rel=0.02)
    assert look(clip, 101, timing="start at", start_at=100).pixels.mean() == pytest.approx(2 / 16, rel=0.02)


def test_a_clip_of_another_size_half_way_is_refused_and_nothing_stays(tmp_path: Path, sequence: str) -> None:
    store(tmp_path / "s.0014.exr", np.ones((8, 8, 3), np.float32))
    graph = reading(sequence, missing="hold")
    graph.add("output.write", name="write", path=str(tmp_path / "out.mp4"))
    graph.connect("plate", "write")
    with Engine(graph, tier="numpy") as engine, pytest.raises(NodegraphError, match=r"write: .*8 x 8"):
        render(engine, find_sinks(engine), range(10, 15))
    assert not [p for p in tmp_path.iterdir() if "out" in p.name]


# -- sinks


def test_only_the_frames_a_write_names(tmp_path: Path) -> None:
    graph = ng.new(width=16, height=8)
    graph.add("capture.constant", name="grey")
    graph.add("output.write", name="write", path=str(tmp_path / "f.%02d.png"), frames="2,4")
    graph.connect("grey", "write")
    report = ng.render(graph, range(1, 6))
    assert [Path(f).name for f in report.files] == ["f.02.png", "f.04.png"]
    assert report.skipped == [1, 3, 5]


@pytest.mark.parametrize(
    ("path", "says"), [("x.xyz", "xyz"), ("", "no file is chosen"), ("one.png", r"one\.%04d\.png")]
)
def test_a_path_that_cannot_be(tmp_path: Path, path: str, says: str) -> None:
    graph = ng.new(width=16, height=8)
    graph.add("capture.constant", name="grey")
    graph.add("output.write", name="write", path=str(tmp_path / path) if path else "")
    graph.connect("grey", "write")
    with pytest.raises(MediaError, match=says):
        ng.render(graph, range(1, 4))


def test_timecode_goes_into_exr(tmp_path: Path) -> None:
    frame = Frame.of(np.zeros((3, 4, 4)), stamp=Stamp(timecode="01:02:03:04"))
    ng.write(frame, tmp_path / "a.exr")
    assert look(tmp_path / "a.exr").spec.stamp.timecode == "01:02:03:04"


def test_relative_paths_are_taken_from_the_graphs_folder(tmp_path: Path) -> None:
    store(tmp_path / "a.exr", np.float32(2))
    graph = reading("a.exr")
    ng.save(graph, tmp_path / "x.graph")
    assert ng.cook(ng.load(tmp_path / "x.graph"), "plate").pixels[0, 0, 0] == 2
