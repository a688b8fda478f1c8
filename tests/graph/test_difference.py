"""Differences and merges of documents, and git using them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings

from nodegraph.errors import DocumentError
from nodegraph.graph import Graph, dumps, load, save
from nodegraph.graph.difference import ABSENT, copied, diff, diff_files, textconv
from nodegraph.graph.groups import make_group
from nodegraph.graph.merging import merge, merge_files
from tests.graph.catalog import CATALOG
from tests.graph.strategies import Edit, apply, edit_lists, graphs


def comp() -> Graph:
    graph = Graph(CATALOG)
    graph.add("capture.read", name="plate", path="a.mov", position=(5, 5))
    graph.add("colour.grade", name="grade", position=(10, 20))
    graph.add("merge.merge", name="over")
    graph.connect("plate", "grade")
    graph.connect("grade", "over.bg")
    graph.connect("plate", "over.fg")
    return graph


def lines(a: Graph, b: Graph) -> list[str]:
    return [line for change in diff(a, b) for line in change.lines()]


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_nothing_differs_from_a_copy(graph: Graph) -> None:
    assert diff(graph, graph) == []
    assert diff(graph, copied(graph)) == []


@settings(max_examples=80, deadline=None)
@given(graphs(), edit_lists(12))
def test_a_merge_with_an_unchanged_side_is_the_other_side(base: Graph, changes: list[Edit]) -> None:
    """All that was changed is found, and can be put in: the difference is complete."""
    theirs = copied(base)
    apply(theirs, changes)
    before = dumps(base), dumps(theirs)
    merged, conflicts = merge(base, base, theirs)
    assert not conflicts
    assert dumps(merged, text=True) == dumps(theirs, text=True)
    merged, conflicts = merge(base, theirs, base)
    assert not conflicts and dumps(merged) == dumps(theirs)
    merged, conflicts = merge(base, theirs, theirs)
    assert not conflicts and dumps(merged) == dumps(theirs)
    assert (dumps(base), dumps(theirs)) == before


@settings(max_examples=60, deadline=None)
@given(graphs(20), edit_lists(8), edit_lists(8))
def test_any_merge_is_a_valid_document(base: Graph, mine: list[Edit], yours: list[Edit]) -> None:
    ours, theirs = copied(base), copied(base)
    apply(ours, mine)
    apply(theirs, yours)
    merged, conflicts = merge(base, ours, theirs)
    assert dumps(copied(merged)) == dumps(merged)
    for conflict in conflicts:
        assert "ours was kept" in str(conflict)


@settings(max_examples=40, deadline=None)
@given(edit_lists(16), edit_lists(16))
def test_edits_of_different_groups_merge_without_conflict(mine: list[Edit], yours: list[Edit]) -> None:
    """Each side edits a group of its own: the result has both insides."""
    base = Graph(CATALOG)
    sides = []
    for name, changes in (("left", mine), ("right", yours)):
        base.add("flow.group", name=name)
        inner = Graph(CATALOG)
        apply(inner, changes)
        sides.append(inner)
    ours, theirs = copied(base), copied(base)
    for side, name, inner in ((ours, "left", sides[0]), (theirs, "right", sides[1])):
        inside = side[name].graph
        assert inside is not None
        _fill(inside, inner)
    merged, conflicts = merge(base, ours, theirs)
    assert not conflicts
    left, right = merged["left"].graph, merged["right"].graph
    ours_left, theirs_right = ours["left"].graph, theirs["right"].graph
    assert left and right and ours_left and theirs_right
    assert diff(left, ours_left) == [] and diff(right, theirs_right) == []


def _fill(inside: Graph, source: Graph) -> None:
    from nodegraph.graph import AddNode
    from nodegraph.graph.plain import node_to_plain

    for name, node in source.nodes.items():
        inside.do(AddNode(inside.prefix + name, node_to_plain(node)))
    for (name, port), (other, output) in source.wires.items():
        inside.connect(f"{other}.{output}", f"{name}.{port}")


def test_a_difference_reads_as_facts() -> None:
    a, b = comp(), comp()
    b.set("grade.gain", "=frame/10")
    b.key("over.mix", 1, 0.5, "linear")
    b.move("grade", 30, 40)
    b.bypass("grade")
    b.disconnect("over.fg")
    b.connect("plate", "over.bg")
    b.add("keying.chroma", name="key")
    b.connect("plate", "key")
    b.configure(rate="25")
    b.set_note("todo", text="more")
    assert lines(a, b) == [
        "~ grade.gain: default -> =frame/10",
        "~ grade position: [10.0, 20.0] -> [30.0, 40.0]",
        "~ grade bypass: false -> true",
        "+ node key (nodegraph.keying.chroma)",
        "~ over.mix: default -> keys 1: 0.5 linear",
        '+ wire key.source: "plate.out"',
        '~ wire over.bg: "grade.out" -> "plate.out"',
        '- wire over.fg: "plate.out"',
        '+ settings rate: "25"',
        '+ notes todo: {"text": "more"}',
    ]
    assert "- node key (nodegraph.keying.chroma)" in lines(b, a)


def test_a_rename_is_one_fact() -> None:
    a, b = comp(), comp()
    a.set("over.mix", "=grade.gain/2")
    b.set("over.mix", "=grade.gain/2")
    b.rename("grade", "first")
    assert lines(a, b) == ["~ grade is now called first"]
    b.set("first.gain", 2)
    assert lines(a, b) == ["~ grade is now called first", "~ first.gain: default -> 2.0"]
    make_group(a, ["grade", "over"])
    c = copied(a)
    c.rename("group/grade", "second")
    assert lines(a, c) == ["~ group/grade is now called second"]


def test_disjoint_edits_merge() -> None:
    base, ours, theirs = comp(), comp(), comp()
    ours.set("grade.gain", 2)
    ours.rename("plate", "camera")
    ours.move("over", 1, 1)
    theirs.set("plate.path", "b.mov")
    theirs.set("over.mix", "=plate.gain")
    theirs.move("over", 2, 2)
    theirs.add("keying.chroma", name="key")
    theirs.connect("plate", "key")
    theirs.connect("key", "over.fg")
    merged, conflicts = merge(base, ours, theirs)
    assert not conflicts
    assert merged.get("camera.path") == "b.mov" and merged.get("grade.gain") == 2.0
    assert merged.value("over", "mix", 1) == 1.0 and merged["over"].position == (1.0, 1.0)
    assert merged.wires == {
        ("grade", "source"): ("camera", "out"),
        ("over", "bg"): ("grade", "out"),
        ("over", "fg"): ("key", "out"),
        ("key", "source"): ("camera", "out"),
    }


def test_conflicts_name_the_fact_and_ours_stays() -> None:
    base, ours, theirs = comp(), comp(), comp()
    ours.set("grade.gain", 2)
    theirs.set("grade.gain", 3)
    ours.connect("plate", "over.bg")
    theirs.disconnect("over.bg")
    ours.configure(width=10)
    theirs.configure(width=20)
    ours.rename("plate", "a")
    theirs.rename("plate", "b")
    merged, conflicts = merge(base, ours, theirs)
    assert sorted(str(c) for c in conflicts) == [
        "grade.gain: both changed it: ours 2.0, theirs 3.0, before none; ours was kept",
        'over.bg: both changed it: ours "a.out", theirs none, before "grade.out"; ours was kept',
        'plate.name: both changed it: ours "a", theirs "b", before "plate"; ours was kept',
        "width: both changed it: ours 10, theirs 20, before none; ours was kept",
    ]
    assert dumps(merged) == dumps(ours)


def test_a_removal_against_a_change_is_a_conflict_both_ways() -> None:
    base, ours, theirs = comp(), comp(), comp()
    ours.set("grade.gain", 2)
    theirs.remove("grade")
    merged, (conflict,) = merge(base, ours, theirs)
    assert "they removed it, we changed grade.gain" in str(conflict) and conflict.theirs is ABSENT
    assert merged.get("grade.gain") == 2.0
    merged, (conflict,) = merge(base, theirs, ours)
    assert "we removed grade, they changed it" in str(conflict) and "grade" not in merged


def test_a_cycle_made_of_both_sides_is_a_conflict() -> None:
    base = comp()
    base.disconnect("grade.source")
    base.disconnect("over")
    ours, theirs = copied(base), copied(base)
    ours.connect("grade", "over.bg")
    theirs.connect("over", "grade")
    merged, (conflict,) = merge(base, ours, theirs)
    assert str(conflict).startswith("grade.source: theirs can't be: a wire from over would close a cycle")
    assert merged.wires == {("over", "bg"): ("grade", "out")}


def test_nodes_added_under_one_name_are_both_kept() -> None:
    base, ours, theirs = comp(), comp(), comp()
    ours.add("keying.chroma", name="new")
    theirs.add("colour.grade", name="new", gain=3)
    theirs.connect("plate", "new")
    theirs.set("over.mix", "=new.gain/10")
    merged, conflicts = merge(base, ours, theirs)
    assert not conflicts
    assert merged["new"].type == "nodegraph.keying.chroma" and merged.get("new2.gain") == 3.0
    assert merged.value("over", "mix", 1) == 0.3
    assert merged.wires["new2", "source"] == ("plate", "out")


def test_a_node_made_anew_as_another_type_keeps_our_wires() -> None:
    base, ours, theirs = comp(), comp(), comp()
    theirs.remove("grade")
    theirs.add("transform.move", name="grade")
    theirs.connect("plate", "grade")
    theirs.connect("grade", "over.bg")
    merged, conflicts = merge(base, ours, theirs)
    assert not conflicts and dumps(merged) == dumps(theirs)


# -- in git

DRIVER = """
import sys
from nodegraph.graph.merging import merge_files
from nodegraph.graph.difference import diff_files, textconv
verb, *paths = sys.argv[1:]
if verb == "merge":
    conflicts = merge_files(*paths, {})
    print("\\n".join(map(str, conflicts)), file=sys.stderr)
    sys.exit(bool(conflicts))
elif verb == "diff":
    print(*diff_files(paths[1], paths[4], {}), sep="\\n")
else:
    print(textconv(paths[0], {}), end="")
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("needs git")
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    folder = tmp_path / "show"
    folder.mkdir()
    call = f'"{sys.executable}" "{script}"'
    git(folder, "init", "-q", "-b", "main")
    for name, value in (
        ("user.name", "t"),
        ("user.email", "t@t"),
        ("merge.nodegraph.name", "nodegraph"),
        ("merge.nodegraph.driver", f"{call} merge %O %A %B"),
        ("diff.nodegraph.textconv", f"{call} textconv"),
    ):
        git(folder, "config", name, value)
    (folder / ".gitattributes").write_text("*.graph merge=nodegraph diff=nodegraph\n")
    return folder


def git(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    source = str(Path(__file__).resolve().parents[2])
    env = {
        **os.environ,
        "PYTHONPATH": source,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    return subprocess.run(["git", *arguments], cwd=folder, env=env, check=check, capture_output=True, text=True)


@pytest.mark.parametrize("text", [False, True])
def test_git_merges_and_shows_documents(repository: Path, text: bool) -> None:
    path = repository / "comp.graph"

    def commit(**values: float) -> None:
        graph = load(path, CATALOG) if path.exists() else comp()
        for name, value in values.items():
            graph.set(name.replace("_", "."), value)
        save(graph, path, text=text)
        git(repository, "add", "-A")
        git(repository, "commit", "-qm", "change")

    commit()
    git(repository, "checkout", "-qb", "theirs")
    commit(plate_gain=2, over_mix=0.5)
    git(repository, "checkout", "-q", "main")
    commit(grade_gain=3)
    git(repository, "merge", "-q", "-m", "merge", "theirs")
    merged = load(path, CATALOG)
    assert (merged.get("plate.gain"), merged.get("over.mix"), merged.get("grade.gain")) == (2.0, 0.5, 3.0)
    assert path.read_bytes() == dumps(merged, text=text)

    commit(grade_gain=4)
    shown = git(repository, "diff", "HEAD~1").stdout
    assert '-    "gain": 3.0' in shown and '+    "gain": 4.0' in shown
    driver = git(repository, "config", "diff.nodegraph.textconv").stdout.strip().removesuffix("textconv")
    git(repository, "config", "diff.nodegraph.command", driver + "diff")
    assert git(repository, "diff", "HEAD~1").stdout.strip() == "~ grade.gain: 3.0 -> 4.0"

    git(repository, "checkout", "-q", "theirs")
    commit(grade_gain=5)
    result = git(repository, "merge", "-m", "merge", "main", check=False)
    assert result.returncode == 1
    assert "grade.gain: both changed it: ours 5.0, theirs 4.0" in result.stderr
    assert "UU comp.graph" in git(repository, "status", "--porcelain").stdout
    assert load(path, CATALOG).get("grade.gain") == 5.0


def test_sides_that_are_empty_or_damaged(tmp_path: Path) -> None:
    empty, good, bad = (tmp_path / f"{n}.graph" for n in ("empty", "good", "bad"))
    empty.write_bytes(b"")
    save(comp(), good)
    bad.write_bytes(good.read_bytes()[:-9])
    assert [c.where for c in diff_files(os.devnull, good, CATALOG) if c.kind == "node"] == [
        "grade",
        "over",
        "plate",
    ]
    assert textconv(empty, {}) == '{\n "nodegraph": 1\n}\n'
    assert merge_files(empty, good, good, CATALOG) == []
    before = good.read_bytes()
    with pytest.raises(DocumentError, match=r"bad\.graph: is damaged"):
        merge_files(empty, good, bad, CATALOG)
    assert good.read_bytes() == before


def test_a_value_whose_exposed_node_went_is_merged_as_it_is_kept() -> None:
    base = Graph(CATALOG)
    base.add("colour.grade", name="grade")
    theirs = copied(base)
    theirs.add("flow.group", name="group")
    theirs.add("colour.grade", name="group/inner")
    theirs.expose("group", "gain", "inner.gain")
    theirs.set("group.gain", 2.0)
    theirs.remove("group/inner")
    merged, conflicts = merge(base, base, theirs)
    assert not conflicts
    assert dumps(merged) == dumps(theirs)
