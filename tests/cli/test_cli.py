"""The command line as a newcomer types it: what is printed, what is written, the exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import nodegraph as ng
from nodegraph.cli.app import run
from nodegraph.media.images import read_image
from nodegraph.values import Raw

COMMANDS = (
    "render", "cook", "new", "info", "nodes", "plan", "why", "convert", "diff", "merge", "samples", "bench", "models",
)  # fmt: skip


@pytest.fixture
def comp(tmp_path: Path) -> Path:
    """A small document: a constant through a grade into a sequence."""
    graph = ng.new(width=64, height=36, first=1, last=4)
    graph.add("capture.constant", name="plate", colour=(0.25, 0.5, 0.125, 1.0))
    graph.add("colour.grade", name="grade")
    graph.add("output.write", name="write", path="out/frame.%04d.exr")
    graph.connect("plate", "grade")
    graph.connect("grade", "write")
    path = tmp_path / "comp.graph"
    ng.save(graph, path)
    return path


def fails(capsys: pytest.CaptureFixture[str], code: int, *words: object) -> str:
    """Run a command that must fail with a code, in one line; the line."""
    assert run([str(w) for w in words]) == code
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("nodegraph: ")
    return lines[0]


def works(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    code = run([str(w) for w in words])
    output = capsys.readouterr()
    assert code == 0, output.err
    return output.out


# -- render


def test_render_writes_what_the_document_says(comp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = works(capsys, "render", comp, "--set", "grade.gain=2,2,2,1")
    assert "4 frames" in said
    files = sorted((comp.parent / "out").iterdir())
    assert [f.name for f in files] == [f"frame.{k:04d}.exr" for k in range(1, 5)]
    graph = ng.new()
    graph.add("capture.read", name="back", path=str(comp.parent / "out/frame.%04d.exr"))
    picture = ng.cook(graph, "back", 3)
    assert picture.to_array()[10, 20] == pytest.approx([0.5, 1.0, 0.25, 1.0], abs=1e-3)
    assert ng.load(comp).value("grade", "gain", 1) == (1, 1, 1, 1)  # --set is for one run


def test_a_clip_gets_its_name_when_it_is_whole(comp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = works(capsys, "render", comp, "--set", "write.path=out/clip.mp4", "--frames", "1-3")
    assert "clip.mp4" in said
    assert [f.name for f in (comp.parent / "out").iterdir()] == ["clip.mp4"]


def test_resume_makes_only_what_is_missing(comp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    works(capsys, "render", comp)
    folder = comp.parent / "out"
    (folder / "frame.0002.exr").unlink()
    whole = (folder / "frame.0003.exr").read_bytes()
    pixels = read_image(str(folder / "frame.0003.exr"))
    (folder / "frame.0003.exr").write_bytes(whole[: len(whole) // 2])
    kept = (folder / "frame.0001.exr").stat().st_mtime_ns
    said = works(capsys, "render", comp, "--resume")
    assert "2 frames" in said and "2 were there already" in said
    again = read_image(str(folder / "frame.0003.exr"))  # not its bytes: the header tells when it was written
    assert isinstance(pixels, Raw) and isinstance(again, Raw)
    np.testing.assert_array_equal(again.planes[0], pixels.planes[0])
    assert (folder / "frame.0001.exr").stat().st_mtime_ns == kept


def test_stats_name_nodes_and_what_they_were_fused_into(comp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    works(capsys, "render", comp, "--stats", comp.parent / "stats.json")
    stats = json.loads((comp.parent / "stats.json").read_text())
    assert stats["frames"] == 4 and stats["fps"] > 0
    assert stats["nodes"]["plate"]["fused_into"] == stats["nodes"]["grade"]["fused_into"]


def test_proxy_scale(comp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    works(capsys, "cook", comp, "grade", "--scale", "1/2", "-o", comp.parent / "half.exr")
    graph = ng.new()
    graph.add("capture.read", name="half", path=str(comp.parent / "half.exr"))
    assert ng.cook(graph, "half").spec.display_window.width == 32


def test_a_failing_frame_stops_or_is_skipped(comp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    works(capsys, "render", comp)
    (comp.parent / "out/frame.0002.exr").write_bytes(b"\x76\x2f\x31\x01 not a picture")
    graph = ng.new(width=64, height=36)
    graph.add("capture.read", name="plate", path=str(comp.parent / "out/frame.%04d.exr"))
    graph.add("output.write", name="write", path=str(comp.parent / "again/f.%04d.exr"))
    graph.connect("plate", "write")
    second = comp.parent / "second.graph"
    ng.save(graph, second)
    assert run(["render", str(second), "--frames", "1-4"]) == 1
    assert "plate" in capsys.readouterr().err
    assert run(["render", str(second), "--frames", "1-4", "--on-error", "skip"]) == 1
    error = capsys.readouterr().err
    assert "frame 2" in error
    assert [f.name for f in sorted((comp.parent / "again").iterdir())] == [f"f.{k:04d}.exr" for k in (1, 3, 4)]


# -- cook


def test_cook_writes_or_describes(comp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "G: 0.5 to 0.5" in works(capsys, "cook", comp, "grade")
    works(capsys, "cook", comp, "grade", "--region", "8,4,16,8", "-o", comp.parent / "part.exr")
    graph = ng.new()
    graph.add("capture.read", name="part", path=str(comp.parent / "part.exr"))
    window = ng.cook(graph, "part").spec.data_window
    assert (window.width, window.height, window.x0, window.y1) == (16, 8, 8, 36 - 4)


def test_cook_an_unknown_port_or_node(comp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean grade" in fails(capsys, 2, "cook", comp, "grdae")
    assert "grade" in fails(capsys, 2, "cook", comp, "grade.nothing")


# -- wrong calls and wrong documents


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["render", "COMP", "--set", "grade.gian=1,1,1,1"], "gain"),
        (["render", "COMP", "--set", "grade.gain=green"], "gain"),
        (["render", "COMP", "--set", "grade.gamma=0,1,1,1"], "0.01"),
        (["render", "COMP", "--set", "gain"], "node.param=value"),
        (["render", "COMP", "--frames", "1-"], "--frames"),
        (["render", "COMP", "--sink", "grade"], "not an output"),
        (["render", "COMP", "--scale", "2"], "--scale"),
        (["render", "COMP", "--memory", "much"], "--memory"),
        (["render", "COMP", "--device", "cuda"], "CUDA"),
        (["render", "missing.graph"], "missing.graph"),
        (["cook", "COMP", "grade", "--region", "1,2"], "--region"),
        (["new", "COMP"], "--force"),
        (["nodes", "grad"], "grade"),
        (["frobnicate"], "frobnicate"),
    ],
)  # fmt: skip
def test_wrong_calls_say_what_to_do(
    comp: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    assert says in fails(capsys, 2, *(str(comp) if w == "COMP" else w for w in words))


@pytest.mark.parametrize("cut", [0, 1, 4, 9, 40, 200])
def test_a_document_cut_anywhere_is_refused(comp: Path, capsys: pytest.CaptureFixture[str], cut: int) -> None:
    data = comp.read_bytes()
    comp.write_bytes(data[:cut])
    assert str(comp) in fails(capsys, 2, "render", comp)
    assert comp.read_bytes() == data[:cut]


def test_unwritable_places(comp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (comp.parent / "file").write_text("in the way")
    said = fails(capsys, 1, "render", comp, "--set", "write.path=file/x.%04d.exr")
    assert "write" in said
    assert "%04d" in fails(capsys, 1, "render", comp, "--set", "write.path=one.exr")
    assert "write: " in fails(capsys, 1, "render", comp, "--set", "write.path=x.%04d")


def test_verbose_adds_the_trace(comp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cook", str(comp), "nothing", "--verbose"]) == 2
    assert "Traceback" in capsys.readouterr().err


# -- documents


def test_new_info_convert_diff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = tmp_path / "a.graph", tmp_path / "b.json"
    works(capsys, "new", a, "--template", "grade", "--width", "320")
    assert "colour.grade" in works(capsys, "info", a)
    works(capsys, "convert", a, b)
    assert json.loads(b.read_text())
    assert works(capsys, "diff", a, b) == ""
    graph = ng.load(b)
    graph.set("grade.gain", (2, 2, 2, 1))
    ng.save(graph, b)
    assert "grade.gain" in works(capsys, "diff", a, b)
    assert run(["diff", str(a), str(b), "--exit-code"]) == 1


def test_plan_and_why(comp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "plate > grade" in works(capsys, "plan", comp, "grade")
    assert "def run(" in works(capsys, "plan", comp, "grade", "--code")
    assert "gain changed" in works(capsys, "why", comp, "grade", "--change", "grade.gain=2,2,2,1")
    assert "not cook again" in works(capsys, "why", comp, "grade", "--to", "2")


def test_every_command_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    listed = works(capsys, "--help")
    for name in COMMANDS:
        assert name in listed
        assert "Example: nodegraph " in works(capsys, name, "--help")
    assert works(capsys, "--version").startswith("nodegraph ")


def test_benchmarks_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "chain:" in works(capsys, "bench", "--list")
    assert "chain" in fails(capsys, 2, "bench", "chian")


# -- processes


def test_importing_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, nodegraph, nodegraph.cli;"
        "heavy = ['numba', 'OpenImageIO', 'av', 'PyOpenColorIO', 'networkx', 'dearpygui', 'numpy'];"
        "print([name for name in heavy if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_ctrl_c_leaves_whole_frames_and_nothing_else(comp: Path) -> None:
    command = [sys.executable, "-m", "nodegraph", "render", str(comp), "--frames", "1-100000"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    folder = comp.parent / "out"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (folder.is_dir() and len(os.listdir(folder)) > 5):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 130, error
    assert "--resume" in error
    names = os.listdir(folder)
    assert names and all(n.startswith("frame.") and n.endswith(".exr") for n in names)
    graph = ng.new()
    graph.add("capture.read", name="last", path=str(folder / max(names)))
    assert np.isfinite(ng.cook(graph, "last").pixels).all()
