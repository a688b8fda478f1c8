"""The autosave journal: processes that are killed, files that are cut and disks that refuse."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodegraph.editor import journal as module
from nodegraph.editor.journal import Journal, journal_folder
from nodegraph.editor.recovery import Abandoned, abandoned
from nodegraph.errors import DocumentError
from nodegraph.graph import Animation, Graph, Key, SetParam, dumps, load, save
from nodegraph.packs import registry

CATALOG = registry().catalog


class Clock:
    """Seconds that pass when told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def graph() -> Graph:
    graph = Graph(CATALOG)
    graph.add("colour.grade", name="grade")
    return graph


def killed(journal: Journal) -> Abandoned:
    """What the next start would find, had the process been killed now: the lock gone, the file left."""
    journal._take(None)
    (found,) = [a for a in abandoned(journal._file.parent) if a.file == journal._file]
    return found


def edit(graph: Graph) -> None:
    graph.add("filter.blur", name="blur", position=(1, 2))
    graph.connect("grade", "blur")
    graph.set("blur.size", 3.5)
    graph.set("blur.size", "=frame * 2")
    graph.set("grade.gain", (1, 2, 3, 4))


# -- a killed process

CHILD = """
import sys, time
from nodegraph.editor.journal import Journal
from nodegraph.graph import Graph, dumps
from nodegraph.packs import registry
graph = Graph(registry().catalog)
graph.add("filter.blur", name="blur")
journal = Journal.begin(graph, sys.argv[2], sys.argv[1])
for i in range(40):
    graph.set("blur.size", float(i))
graph.undo()
graph.add("merge.merge", name="over")
graph.connect("blur", "over.fg")
sys.stdout.buffer.write(len(data := dumps(graph)).to_bytes(4, "big") + data)
sys.stdout.flush()
sys.stdin.read()
"""


def test_a_killed_editor_loses_nothing(tmp_path: Path) -> None:
    document = tmp_path / "comp.graph"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path / "state"), str(document)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None and child.stdout is not None
    try:
        last = child.stdout.read(int.from_bytes(child.stdout.read(4), "big"))
        assert abandoned(tmp_path / "state") == [], "its process lives"
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdin.close()
        child.stdout.close()
    (found,) = abandoned(tmp_path / "state")
    assert (found.path, found.changes, found.problem) == (str(document), 43, "")
    graph = found.recover(CATALOG)
    assert dumps(graph) == last
    assert graph.folder == str(tmp_path)
    found.discard()
    assert abandoned(tmp_path / "state") == [] and list((tmp_path / "state").iterdir()) == []


# -- what is followed


def test_every_kind_of_edit_comes_back(graph: Graph, tmp_path: Path) -> None:
    journal = Journal.begin(graph, folder=tmp_path)
    edit(graph)
    graph.set("grade.mix", Animation((Key(1, 0.0), Key(10, 1.0))))
    graph.rename("blur", "soft")
    graph.undo()
    graph.undo()
    graph.redo()
    graph.remove("grade")
    assert dumps(killed(journal).recover(CATALOG)) == dumps(graph)


def test_a_batch_that_fails_is_taken_back(graph: Graph, tmp_path: Path) -> None:
    journal = Journal.begin(graph, folder=tmp_path)
    before = dumps(graph)
    with pytest.raises(DocumentError), graph.batch("two"):
        graph.set("grade.mix", 0.5)
        graph.set("grade.mixx", 0.5)
    assert dumps(graph) == before
    assert dumps(killed(journal).recover(CATALOG)) == before


def test_a_refused_command_is_not_kept(graph: Graph, tmp_path: Path) -> None:
    journal = Journal.begin(graph, folder=tmp_path)
    with pytest.raises(DocumentError):
        graph.history.do(SetParam("grade", "mix", "=nobody.mix"))
    assert journal.changes == 0


EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from("abc")),
        st.tuples(st.just("remove"), st.sampled_from("abc")),
        st.tuples(st.just("connect"), st.sampled_from("abc"), st.sampled_from("abc")),
        st.tuples(st.just("set"), st.sampled_from("abc"), st.floats(0, 100)),
        st.tuples(st.just("drag"), st.sampled_from("abc"), st.floats(0, 100)),
        st.tuples(st.sampled_from(["undo", "redo"])),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EDITS)
def test_any_edits_come_back(tmp_path: Path, edits: list[tuple[str, ...]]) -> None:
    graph = Graph(CATALOG)
    journal = Journal.begin(graph, folder=tmp_path, changes=1)
    for kind, *what in edits:
        try:
            if kind == "add":
                graph.add("filter.blur", name=what[0])
            elif kind == "remove":
                graph.remove(what[0])
            elif kind == "connect":
                graph.connect(what[0], what[1])
            elif kind == "set":
                graph.set(f"{what[0]}.size", what[1])
            elif kind == "drag":
                with graph.batch("drag", merge="drag"):
                    graph.set(f"{what[0]}.size", what[1])
                    graph.move(what[0], what[1], 0)
            else:
                getattr(graph, kind)()
        except DocumentError:
            pass
    found = killed(journal)
    assert dumps(found.recover(CATALOG)) == dumps(graph)
    found.discard()


def test_saving_starts_afresh(graph: Graph, tmp_path: Path) -> None:
    journal = Journal.begin(graph, folder=tmp_path / "state")
    edit(graph)
    save(graph, tmp_path / "comp.graph")
    journal.saved(tmp_path / "comp.graph")
    graph.set("blur.size", 9)
    found = killed(journal)
    assert (found.path, found.changes) == (str(tmp_path / "comp.graph"), 1)
    assert dumps(found.recover(CATALOG)) == dumps(graph) != dumps(load(found.path, CATALOG))


def test_a_relative_path_is_found_from_anywhere(graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    journal = Journal.begin(graph, "comp.graph", tmp_path / "state")
    edit(graph)
    assert killed(journal).path == str(tmp_path / "comp.graph")


def test_with_nothing_unsaved_nothing_is_offered(graph: Graph, tmp_path: Path) -> None:
    journal = Journal.begin(graph, folder=tmp_path)
    edit(graph)
    journal.saved(tmp_path / "comp.graph")
    journal._take(None)
    assert abandoned(tmp_path) == [] and list(tmp_path.iterdir()) == []


def test_a_recovered_document_is_offered_again(graph: Graph, tmp_path: Path) -> None:
    first = Journal.begin(graph, folder=tmp_path)
    edit(graph)
    found = killed(first)
    again = found.recover(CATALOG)
    second = Journal.begin(again, found.path, tmp_path, changes=found.changes)
    found.discard()
    assert dumps(killed(second).recover(CATALOG)) == dumps(graph)


def test_a_clean_end_leaves_nothing(graph: Graph, tmp_path: Path) -> None:
    journal = Journal.begin(graph, folder=tmp_path)
    edit(graph)
    journal.close()
    graph.undo()
    journal.close()
    assert list(tmp_path.iterdir()) == [] and graph.history.listeners == []


def test_each_editor_of_a_document_has_its_own(graph: Graph, tmp_path: Path) -> None:
    other = Graph(CATALOG)
    journals = [Journal.begin(g, "/comps/comp.graph", tmp_path) for g in (graph, other)]
    graph.set("grade.mix", 0.5)
    other.add("filter.blur")
    other.set("blur.size", 5)
    assert abandoned(tmp_path) == [], "both are at work"
    assert dumps(killed(journals[1]).recover(CATALOG)) == dumps(other)
    assert len(abandoned(tmp_path)) == 1
    assert dumps(killed(journals[0]).recover(CATALOG)) == dumps(graph)


def test_a_long_journal_is_compacted(graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMPACT", 2000)
    clock = Clock()
    journal = Journal.begin(graph, folder=tmp_path, clock=clock)
    sizes = []
    for i in range(200):
        clock.now += 1
        graph.set("grade.mix", i / 200)
        sizes.append(journal._file.stat().st_size)
    assert max(sizes) < 4000 and sizes[-1] < max(sizes)
    found = killed(journal)
    assert found.changes == 200
    assert dumps(found.recover(CATALOG)) == dumps(graph)


def test_a_drag_is_written_small(graph: Graph, tmp_path: Path) -> None:
    journal = Journal.begin(graph, folder=tmp_path)
    before = journal._file.stat().st_size
    for i in range(100):
        graph.set("grade.mix", i / 100, merge="drag")
    assert journal._file.stat().st_size - before < 100 * 80


# -- damaged files


@pytest.fixture
def states(graph: Graph, tmp_path: Path) -> Iterator[tuple[Path, list[bytes]]]:
    """A journal of a killed process and the documents it may give."""
    journal = Journal.begin(graph, folder=tmp_path)
    states = [dumps(graph)]
    graph.history.listeners.append(lambda command: states.append(dumps(graph)))
    edit(graph)
    journal._take(None)
    yield journal._file, states


def test_cut_anywhere_it_gives_what_was_before(states: tuple[Path, list[bytes]]) -> None:
    file, documents = states
    whole = file.read_bytes()
    found = []
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        left = Abandoned(file, "", 0, 0)
        try:
            found.append(documents.index(dumps(left.recover(CATALOG))))
        except DocumentError:
            assert not found, "once the document is there, it can be had"
    assert found == sorted(found) and set(found) == set(range(len(documents) - 1))


def test_a_wrong_byte_anywhere_is_refused_or_gives_a_prefix(states: tuple[Path, list[bytes]]) -> None:
    file, documents = states
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            assert dumps(Abandoned(file, "", 0, 0).recover(CATALOG)) in documents[:-1]
        except DocumentError as error:
            assert str(file) in str(error)
    (listed,) = abandoned(file.parent)
    assert listed.problem.startswith("its last ") and listed.changes == len(documents) - 2


@pytest.mark.parametrize("content", [b"", b"NGJRNL1\n", b"\0" * 100, b"hello", b"NGJRNL1\n" + b"\0" * 64])
def test_what_is_no_journal_is_listed_but_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "1-a.journal").write_bytes(content)
    (found,) = abandoned(tmp_path)
    assert "can't be recovered" in found.problem
    with pytest.raises(DocumentError, match="damaged or missing"):
        found.recover(CATALOG)


def test_zeros_at_the_end_are_not_records(states: tuple[Path, list[bytes]]) -> None:
    file, documents = states
    file.write_bytes(file.read_bytes() + b"\0" * 4096)
    (found,) = abandoned(file.parent)
    assert found.changes == len(documents) - 1
    assert dumps(found.recover(CATALOG)) == documents[-1]


@pytest.mark.parametrize("header", [{"schema": 2}, {"schema": 1, "path": 3}, {}])
def test_a_header_of_another_version(tmp_path: Path, header: dict[str, int]) -> None:
    file = tmp_path / "1-a.journal"
    file.write_bytes(module.MAGIC + module._record(module._pack(header)))
    with pytest.raises(DocumentError, match="journal"):
        Abandoned(file, "", 0, 0).recover(CATALOG)


def test_a_change_that_cannot_be_made_again_ends_it(graph: Graph, tmp_path: Path) -> None:
    journal = Journal.begin(graph, folder=tmp_path)
    graph.set("grade.mix", 0.5)
    before = dumps(graph)
    module._write(journal._handle or 0, module._record(module._pack({"do": "remove_node", "node": "gone"})))
    graph.set("grade.mix", 0.7)
    assert dumps(killed(journal).recover(CATALOG)) == before


# -- disks that refuse


def test_a_folder_that_cannot_be_made_does_not_stop_the_work(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    clock = Clock()
    journal = Journal.begin(graph, folder=tmp_path / "file" / "state", clock=clock)
    assert str(tmp_path / "file") in journal.problem
    graph.set("grade.mix", 0.5)
    (tmp_path / "file").unlink()
    graph.set("grade.mix", 0.6)
    assert journal.problem, "not tried again at once"
    clock.now += 6
    graph.set("grade.mix", 0.7)
    assert journal.problem == ""
    graph.set("grade.mix", 0.8)
    found = killed(journal)
    assert found.changes == 4 and dumps(found.recover(CATALOG)) == dumps(graph)
    journal.close()


def test_a_full_disk(graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    journal = Journal.begin(graph, folder=tmp_path, clock=clock)
    graph.set("grade.mix", 0.5)
    before = dumps(graph)
    write = os.write

    def full(handle: int, data: bytes) -> int:
        if len(data) > 5:
            return write(handle, data[:5])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    for i in range(3):
        clock.now += 10
        graph.set("grade.mix", i / 10)
    assert "No space left" in journal.problem
    assert abandoned(tmp_path) == [], "it is still ours"
    assert dumps(Abandoned(journal._file, "", 0, 0).recover(CATALOG)) == before
    monkeypatch.undo()
    clock.now += 10
    graph.set("grade.mix", 0.9)
    assert journal.problem == "" and [f.suffix for f in tmp_path.iterdir()] == [".journal"]
    assert dumps(killed(journal).recover(CATALOG)) == dumps(graph)


def test_compacting_on_a_full_disk_keeps_what_is_there(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COMPACT", 500)
    clock = Clock()
    journal = Journal.begin(graph, folder=tmp_path, clock=clock)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    for i in range(100):
        clock.now += 1
        graph.set("grade.mix", i / 100)
    assert journal.problem == ""
    assert dumps(killed(journal).recover(CATALOG)) == dumps(graph)


def test_sync_reaches_the_disk_once_a_second(graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, synced = Clock(), []
    journal = Journal.begin(graph, folder=tmp_path, clock=clock)
    monkeypatch.setattr(os, "fsync", synced.append)
    for _ in range(30):
        graph.set("grade.mix", clock.now / 1000)
        clock.now += 0.1
        journal.sync()
    assert 2 <= len(synced) <= 3
    clock.now += 5
    journal.sync()
    journal.sync()
    clock.now += 5
    journal.sync()
    assert len(synced) <= 4, "nothing new, nothing to sync"


def test_a_journal_that_was_tidied_away_is_written_again(graph: Graph, tmp_path: Path) -> None:
    clock = Clock()
    journal = Journal.begin(graph, folder=tmp_path, clock=clock)
    journal._file.unlink()
    graph.set("grade.mix", 0.5)
    clock.now += 2
    journal.sync()
    assert dumps(killed(journal).recover(CATALOG)) == dumps(graph)


def test_without_locks_the_process_number_tells(graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    journal = Journal.begin(graph, folder=tmp_path)
    graph.set("grade.mix", 0.5)
    assert abandoned(tmp_path) == []
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    journal._file.rename(tmp_path / f"{gone.pid}-0.journal")
    assert len(abandoned(tmp_path)) == 1


def test_where_journals_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEGRAPH_STATE", str(tmp_path / "state"))
    assert journal_folder() == tmp_path / "state"
    assert journal_folder(tmp_path) == tmp_path
    assert abandoned() == [], "there is no folder yet"
    monkeypatch.delenv("NODEGRAPH_STATE")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    assert journal_folder() == tmp_path / "xdg" / "nodegraph" / "journals"
