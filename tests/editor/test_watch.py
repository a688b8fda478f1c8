"""Node files edited while a document is open: watched, reloaded, adopted, cooked."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodegraph.editor.adopt import adopt
from nodegraph.editor.journal import Journal
from nodegraph.editor.recovery import abandoned
from nodegraph.editor.watch import Watch, node_files, reload
from nodegraph.engine import Engine
from nodegraph.errors import DocumentError
from nodegraph.graph import Graph, dumps, loads
from nodegraph.graph.groups import make_group
from nodegraph.packs import Registry, load_file, nodes_in, registry

HEAD = "from nodegraph.node import Float, Pixel, V, pixel\n"
SCALE = """
@pixel("test.watch.scale")
def scale(c: V, *, by: V = Float(2)) -> V:
    return c * by
"""


@pytest.fixture(autouse=True)
def no_modules_left() -> Iterator[None]:
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("nodegraph_pack_"):
            del sys.modules[name]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "scale.py"
    path.write_text(HEAD + SCALE)
    return path


def loaded(file: Path) -> Registry:
    """Ours and the file's."""
    return Registry({**registry(), **{n.id: n for n in nodes_in(load_file(file))}}, (f"{file}: was wrong",))


def comp(types: Registry) -> Graph:
    graph = Graph(types.catalog)
    graph.configure(width=4, height=4)
    graph.add("capture.constant", name="grey", colour=(0.25, 0.25, 0.25, 1))
    graph.add("test.watch.scale", name="scale")
    graph.connect("grey", "scale")
    return graph


def red(graph: Graph, types: Registry, node: str = "scale") -> float:
    return float(Engine(graph, types, tier="numpy", memory=1 << 20, threads=1).cook(node).pixels[0, 0, 0])


# -- watching


def test_a_change_is_told_once(file: Path) -> None:
    watch = Watch([file])
    assert watch.changed() == []
    file.write_text(HEAD)
    assert watch.changed() == [file] and watch.changed() == []


def test_a_file_replaced_by_one_of_the_same_size_and_time(file: Path) -> None:
    watch = Watch([file])
    status, other = file.stat(), file.with_suffix(".new")
    other.write_text((HEAD + SCALE).replace("2", "3"))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(other, file)
    assert watch.changed() == [file]


def test_a_file_that_is_away_counts_when_it_is_back(file: Path) -> None:
    watch = Watch([file])
    text = file.read_text()
    file.rename(file.with_suffix(".old"))
    assert watch.changed() == []
    file.with_suffix(".old").rename(file)
    assert watch.changed() == [], "the same as before"
    file.unlink()
    assert watch.changed() == []
    file.write_text("")
    assert watch.changed() == [], "an editor is about to write it"
    file.write_text(text + "#")
    assert watch.changed() == [file]


def test_files_added_later_count_as_changed(file: Path, tmp_path: Path) -> None:
    watch = Watch([tmp_path / "not_yet.py"])
    watch.add([file, tmp_path / "not_yet.py"])
    assert watch.changed() == [file] and watch.files == [tmp_path / "not_yet.py", file]
    (tmp_path / "not_yet.py").write_text("#")
    assert watch.changed() == [tmp_path / "not_yet.py"]


def test_what_is_to_be_watched(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.py").write_text("1 +")
    types = loaded(file)
    assert file in node_files(types) and tmp_path / "broken.py" not in node_files(types)
    monkeypatch.setenv("NODEGRAPH_PATH", str(tmp_path))
    assert tmp_path / "broken.py" in node_files(types)
    assert any(f.parts[-2:] == ("keying", "chroma.py") for f in node_files(types))


# -- reloading


def test_an_edited_node_cooks_anew(file: Path) -> None:
    types = loaded(file)
    graph = comp(types)
    engine = Engine(graph, types, tier="numpy", memory=1 << 20, threads=1)
    assert engine.cook("scale").pixels[0, 0, 0] == 0.5
    file.write_text(file.read_text().replace("c * by", "c + by"))
    again = reload(types, file)
    assert (again.changed, again.removed, again.problem) == (("test.watch.scale",), (), "")
    assert again.registry.problems == ()
    assert adopt(graph, again) == []
    renewed = Engine(graph, again.registry, tier="numpy", memory=1 << 20, threads=1)
    renewed.cache = engine.cache
    assert renewed.cook("scale").pixels[0, 0, 0] == 2.25
    assert types["test.watch.scale"].digest != again.registry["test.watch.scale"].digest


def test_a_file_that_is_only_touched_changes_no_key(file: Path) -> None:
    types = loaded(file)
    again = reload(types, file)
    assert again.changed == () and again.problem == ""
    assert again.registry["test.watch.scale"].digest == types["test.watch.scale"].digest


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("\ndef (:\n", 2, "syntax"),
        (HEAD + "\nfrom nowhere_at_all import x\n", 3, "nowhere_at_all"),
        (HEAD + "\n\ndef f():\n    return 1 / 0\n\nf()\n", 5, "ZeroDivisionError"),
        (HEAD + SCALE + "raise SystemExit(1)\n", 6, "SystemExit"),
        (HEAD + SCALE.replace("watch.scale", "watch.other") + SCALE + SCALE.replace("def scale", "def two"), 11, "already"),
        (HEAD + SCALE.replace("test.watch.scale", "nodegraph.filter.blur"), 3, "already defined elsewhere"),
        (HEAD + "class Bad(Pixel):\n    id = 'test.watch.bad'\n    doc = property(lambda self: 1 / 0)\n", 2, "watch.bad: division"),
    ],
)  # fmt: skip
def test_an_error_changes_nothing_and_names_its_line(file: Path, text: str, line: int, words: str) -> None:
    types = loaded(file)
    graph = comp(types)
    file.write_text(text)
    again = reload(types, file)
    assert again.registry is types and again.problem.startswith(f"{file}:{line}: ") and words in again.problem
    graph.set("scale.by", 3)
    assert red(graph, types) == 0.75, "compiled from the text it was loaded from"
    file.write_text(HEAD + SCALE.replace("c * by", "c - by"))
    again = reload(types, file)
    assert again.problem == "" and adopt(graph, again) == [] and red(graph, again.registry) == -2.75


def test_a_file_that_cannot_be_read(file: Path) -> None:
    types = loaded(file)
    file.unlink()
    again = reload(types, file)
    assert again.registry is types and again.problem.startswith(f"{file}: FileNotFoundError")


def test_a_new_file(file: Path, tmp_path: Path) -> None:
    types = loaded(file)
    new = tmp_path / "new.py"
    new.write_text(HEAD + SCALE.replace("watch.scale", "watch.new"))
    again = reload(types, new)
    assert again.changed == ("test.watch.new",) and set(again.registry) == {*types, "test.watch.new"}


def test_what_a_file_imports_is_not_its_own(file: Path) -> None:
    types = loaded(file)
    file.write_text(HEAD + "from nodegraph_nodes.filter.blur import *\n" + SCALE)
    assert reload(types, file).problem == ""


# -- the document


def test_history_outlives_a_reload(file: Path) -> None:
    types = loaded(file)
    graph = comp(types)
    graph.set("scale.by", 5)
    file.write_text(HEAD + SCALE.replace("c * by", "c + by"))
    adopt(graph, again := reload(types, file))
    assert red(graph, again.registry) == 5.25
    graph.undo()
    assert red(graph, again.registry) == 2.25


def test_new_defaults_show(file: Path) -> None:
    types = loaded(file)
    graph = comp(types)
    assert graph.value("scale", "by", 1) == 2
    file.write_text(HEAD + SCALE.replace("Float(2)", "Float(7)"))
    adopt(graph, reload(types, file))
    assert graph.value("scale", "by", 1) == 7


def test_what_no_longer_fits_goes_and_is_told(file: Path) -> None:
    types = loaded(file)
    graph = comp(types)
    graph.add("test.watch.scale", name="after")
    graph.connect("scale", "after")
    graph.set("scale.by", 5)
    graph.set("after.by", "=frame")
    file.write_text(HEAD + SCALE.replace("by", "gain").replace("scale(c: V", "scale(fg_c: V").replace(
        '"test.watch.scale"', '"test.watch.scale", inputs=("fg",)').replace("c *", "fg_c *"))  # fmt: skip
    told = adopt(graph, again := reload(types, file))
    assert again.problem == ""
    assert sorted(t.split(":")[0] for t in told) == ["after.by", "after.image", "scale.by", "scale.image"]
    assert not graph.wires and dumps(loads(dumps(graph), again.registry.catalog)) == dumps(graph)
    assert graph.history.undo_label == "node code changed"


CHOICE = (
    HEAD
    + """
def plain(c: V) -> V:
    return c

@pixel("test.watch.scale", cases={"a": plain, "b": plain}, by="by")
def scale() -> V:
    "One of two."
"""
)


@pytest.mark.parametrize(("text", "default"), [(CHOICE, "a"), (HEAD + SCALE.replace("Float(2)", "Float(1, 0, 1)"), 1)])
def test_a_value_that_no_longer_fits_goes_back_to_the_default(file: Path, text: str, default: object) -> None:
    types = loaded(file)
    graph = comp(types)
    graph.set("scale.by", 5)
    file.write_text(text)
    again = reload(types, file)
    assert again.problem == ""
    (told,) = adopt(graph, again)
    assert told.startswith("scale.by: back to its default: ") and graph.value("scale", "by", 1) == default


def test_a_type_that_goes_and_comes_back(file: Path) -> None:
    types = loaded(file)
    graph = comp(types)
    graph.set("scale.by", 5)
    before = dumps(graph)
    file.write_text(HEAD)
    gone = reload(types, file)
    assert gone.removed == ("test.watch.scale",) and adopt(graph, gone) == []
    assert not graph["scale"].known and dumps(graph) == before
    with pytest.raises(DocumentError):
        graph.add("test.watch.scale")
    file.write_text(HEAD + SCALE)
    back = reload(gone.registry, file)
    assert back.changed == ("test.watch.scale",) and adopt(graph, back) == []
    assert dumps(graph) == before and red(graph, back.registry) == 1.25


def test_nodes_in_groups_too(file: Path) -> None:
    types = loaded(file)
    graph = comp(types)
    inner = f"{make_group(graph, ['scale']).name}/scale"
    file.write_text(HEAD + SCALE.replace("Float(2)", "Float(7)"))
    adopt(graph, reload(types, file))
    assert graph.value(inner, "by", 1) == 7


def test_the_journal_goes_over_too(file: Path, tmp_path: Path) -> None:
    types = loaded(file)
    graph = comp(types)
    journal = Journal.begin(graph, folder=tmp_path / "state", changes=1)
    graph.set("scale.by", 5)
    file.write_text(HEAD + SCALE.replace("by", "gain"))
    adopt(graph, again := reload(types, file))
    journal.renew()
    graph.set("scale.gain", 3)
    journal._take(None)
    (found,) = abandoned(tmp_path / "state")
    assert dumps(found.recover(again.registry.catalog)) == dumps(graph)
