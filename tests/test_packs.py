"""Node files: found, run, and kept apart from what becomes of the file."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodegraph.packs import file_of, hold_source, load_file, nodes_in, pack_files, registry

SCALE = """
from nodegraph.node import Float, Pixel, V, pixel

@pixel("test.packs.scale")
def scale(c: V, *, by: V = Float({by})) -> V:
    return c * by

class Plain(Pixel):
    id = "test.packs.plain"
"""


@pytest.fixture(autouse=True)
def no_modules_left() -> Iterator[None]:
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("nodegraph_pack_"):
            del sys.modules[name]


@pytest.fixture
def looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder on the path, looked for anew."""
    monkeypatch.setenv("NODEGRAPH_PATH", str(tmp_path))
    registry.cache_clear()
    yield tmp_path
    registry.cache_clear()


def write(path: Path, by: int = 1) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(SCALE.format(by=by))
    return path


def test_files_on_the_path_are_found(looked_for: Path) -> None:
    file = write(looked_for / "scale.py")
    (looked_for / "broken.py").write_text("1 +")
    (looked_for / "quits.py").write_text("raise SystemExit(3)")
    (looked_for / "text.txt").write_text("1 +")
    found = registry()
    assert file_of(found["test.packs.scale"]) == file_of(found["test.packs.plain"]) == file
    assert pack_files() == [looked_for / "broken.py", looked_for / "quits.py", file]
    assert [p for p in found.problems if p.startswith(f"{looked_for / 'broken.py'}: SyntaxError")]


def test_a_folder_that_is_not_there_is_a_problem(looked_for: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEGRAPH_PATH", f"{looked_for}{os.pathsep}/nowhere/at/all")
    assert "NODEGRAPH_PATH: /nowhere/at/all is not a folder" in registry().problems


def test_files_of_one_name_in_two_folders(tmp_path: Path) -> None:
    files = write(tmp_path / "a" / "scale.py"), write(tmp_path / "b" / "scale.py", 2)
    first, second = (nodes_in(load_file(f))[0] for f in files)
    assert (file_of(first), file_of(second)) == files
    assert first.digest != second.digest


def test_our_own_nodes_have_files() -> None:
    for node in registry().values():
        file = file_of(node)
        assert file is not None and file.is_file(), node.id
    keyer = file_of(registry()["nodegraph.keying.chroma"])
    assert keyer is not None and "keying" in keyer.parts


def test_two_edits_in_one_moment_are_two(tmp_path: Path) -> None:
    file = write(tmp_path / "scale.py", 1)
    load_file(file)
    status = file.stat()
    write(file, 2)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    node = next(n for n in nodes_in(load_file(file)) if n.id == "test.packs.scale")
    assert "Float(2)" in inspect.getsource(node.functions[""])  # type: ignore[attr-defined]
    assert not list(tmp_path.glob("__pycache__"))


def test_a_node_keeps_the_text_it_was_made_of(tmp_path: Path) -> None:
    file = write(tmp_path / "scale.py")
    early, late = nodes_in(load_file(file)), nodes_in(load_file(file))
    expected = early[0].digest
    file.write_text("# nothing\n" * 20)
    assert late[0].digest == expected
    assert inspect.getsource(late[0].functions[""]).endswith("return c * by\n")  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["1 +", "import nowhere_at_all", "raise SystemExit", "x = '\xff'", "\0"])
def test_a_file_that_fails_changes_nothing(tmp_path: Path, text: str) -> None:
    file = write(tmp_path / "scale.py")
    node = nodes_in(load_file(file))[0]
    modules = dict(sys.modules)
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises((Exception, SystemExit)):
        load_file(file, sys.modules["nodegraph_pack_scale"])
    assert sys.modules == modules
    assert "return c * by" in inspect.getsource(node.functions[""])  # type: ignore[attr-defined]


def test_a_first_load_that_fails_leaves_no_module(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("raise ValueError")
    with pytest.raises(ValueError):
        load_file(tmp_path / "bad.py")
    assert "nodegraph_pack_bad" not in sys.modules


def test_the_source_of_an_import_can_be_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "held_here.py").write_text("def f():\n    return 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    import held_here  # type: ignore[import-not-found]

    hold_source(tmp_path / "held_here.py")
    (tmp_path / "held_here.py").write_text("# longer than before\ndef f():\n    return 22\n")
    assert inspect.getsource(held_here.f) == "def f():\n    return 1\n"
    del sys.modules["held_here"]
