"""What a session does with wrong input: names it, keeps its last picture, loses nothing."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.errors import DocumentError, NodegraphError
from nodegraph.graph import Graph, dumps


def comp(path: str = "") -> Graph:
    graph = ng.new(width=32, height=18)
    graph.add("capture.constant", name="grey", colour=(0.2, 0.2, 0.2, 1))
    graph.add("colour.grade", name="grade")
    graph.connect("grey", "grade")
    if path:
        graph.add("output.write", name="write", path=path)
        graph.connect("grade", "write")
    return graph


def test_after_a_failure_the_session_goes_on(tmp_path: Path) -> None:
    graph = ng.new()
    graph.add("capture.read", name="plate", path=str(tmp_path / "a.exr"))
    graph.add("colour.exposure", name="light", stops=1)
    graph.connect("plate", "light")
    ng.write(ng.Frame.of(np.full((3, 4, 4), 0.5, np.float32)), tmp_path / "a.exr")
    with Engine(graph, tier="numpy") as engine:
        good = engine.cook("light")
        (tmp_path / "a.exr").write_bytes(b"cut short")
        with pytest.raises(NodegraphError, match=r"plate: .*a\.exr"):
            engine.cook("light")
        assert good.pixels[0, 0, 0] == 1  # who holds the last picture keeps it
        ng.write(ng.Frame.of(np.full((3, 4, 4), 0.25, np.float32)), tmp_path / "a.exr")
        assert engine.cook("light").pixels[0, 0, 0] == 0.5


def test_refused_changes_change_nothing() -> None:
    graph = comp()
    before = dumps(graph)
    for change in (
        lambda: graph.connect("grade", "grey"),
        lambda: graph.connect("grade", "grade"),
        lambda: graph.set("grade.gamma", (0, 1, 1, 1)),
        lambda: graph.set("grade.nothing", 1),
        lambda: graph.set("grade.gain", "=grade.gain * 2"),
        lambda: graph.add("colour.nothing"),
        lambda: graph.set("nobody.gain", 1),
    ):
        with pytest.raises(DocumentError):
            change()
    assert dumps(graph) == before


def test_a_missing_node_type_is_named_and_the_rest_cooks(tmp_path: Path) -> None:
    graph = comp()
    path = tmp_path / "x.json"
    ng.save(graph, path)
    path.write_text(path.read_text().replace("nodegraph.colour.grade", "someone.colour.better"))
    opened = ng.load(path)
    with Engine(opened, tier="numpy") as engine:
        assert engine.cook("grey").pixels[0, 0, 0] == pytest.approx(0.2)
        with pytest.raises(NodegraphError, match=r"grade: .*someone\.colour\.better"):
            engine.cook("grade")
    ng.save(opened, path)
    assert "someone.colour.better" in path.read_text()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_odd_pixels_go_through_a_comp(tmp_path: Path, value: float) -> None:
    pixels = np.full((4, 8, 8), 0.5, np.float32)
    pixels[0, 3, 3] = value
    ng.write(ng.Frame.of(pixels), tmp_path / "odd.exr")
    graph = ng.new(width=8, height=8)
    graph.add("capture.read", name="plate", path=str(tmp_path / "odd.exr"))
    graph.add("colour.grade", name="grade", gain=(2, 2, 2, 1))
    graph.add("merge.merge", name="over")
    graph.connect("plate", "grade")
    graph.connect("grade", "over.fg")
    graph.connect("plate", "over.bg")
    found = ng.cook(graph, "over")
    assert not np.isfinite(found.pixels[0, 3, 3])
    assert np.isfinite(np.delete(found.pixels.reshape(4, -1), 3 * 8 + 3, 1)).all()
    ng.write(found, tmp_path / "odd.png")
    assert ng.cook(_reading(tmp_path / "odd.png"), "plate").pixels.max() <= 1


def _reading(path: Path) -> Graph:
    graph = ng.new()
    graph.add("capture.read", name="plate", path=str(path))
    return graph


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on files")
@pytest.mark.parametrize("file", ["f.%04d.exr", "clip.mp4"])
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, file: str) -> None:
    """A file that may not grow beyond a few kilobytes stands for the disk."""
    graph = ng.new(width=640, height=360, first=1, last=24)
    graph.add("capture.pattern", name="noise", pattern="noise")
    graph.add("output.write", name="write", path=str(tmp_path / "out" / file), compression="none")
    graph.connect("noise", "write")
    ng.save(graph, tmp_path / "x.graph")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))

    code = "import signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); from nodegraph.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "render", str(tmp_path / "x.graph")]
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "0"}
    result = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, env=environment, timeout=120)
    assert result.returncode == 1, result.stderr
    assert "write: " in result.stderr and len(result.stderr.strip().splitlines()) == 1
    left = os.listdir(tmp_path / "out") if (tmp_path / "out").is_dir() else []
    assert left == []
