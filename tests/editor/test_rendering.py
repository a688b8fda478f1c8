"""A render beside the editor."""

from __future__ import annotations

from pathlib import Path

from nodegraph.editor.rendering import RenderJob
from nodegraph.graph import Graph
from nodegraph.packs import registry


def comp(folder: Path) -> Graph:
    graph = Graph(registry().catalog)
    graph.folder = str(folder)
    graph.configure(width=32, height=18, first=1, last=4)
    graph.add("capture.constant", name="grey", params={"colour": (0.5, 0.5, 0.5, 1.0)})
    graph.add("output.write", name="write", params={"path": "out.%04d.exr"})
    graph.connect("grey", "write")
    return graph


def test_a_job_renders_the_document_as_it_was(tmp_path: Path) -> None:
    graph = comp(tmp_path)
    job = RenderJob(graph, registry(), range(1, 5))
    graph.set("write.path", "elsewhere.%04d.exr")
    assert job.wait(60)
    assert job.error is None
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"out.{n:04d}.exr" for n in range(1, 5)]
    assert (job.done, job.total) == (4, 4)
    assert job.words().startswith("4 frames")


def test_what_goes_wrong_is_said(tmp_path: Path) -> None:
    graph = comp(tmp_path)
    graph.remove("grey")
    job = RenderJob(graph, registry(), range(1, 3))
    assert job.wait(60)
    assert job.error is not None
    assert "write" in job.words()


def test_a_cancelled_job_keeps_what_is_finished(tmp_path: Path) -> None:
    job = RenderJob(comp(tmp_path), registry(), range(1, 4000))
    job.cancel()
    assert job.wait(60)
    assert job.cancelled
    assert len(list(tmp_path.iterdir())) < 3999
    assert not [p for p in tmp_path.iterdir() if p.suffix != ".exr"]
