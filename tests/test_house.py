"""The house: arrows between packages point downwards only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import nodegraph

ROOT = Path(nodegraph.__file__).parent

#: What each storey may import from nodegraph, itself left out. api and cli stand on top of all, and the apps know nothing of each other.
ALLOWED = {
    "errors": set[str](),
    "values": {"errors"},
    "graph": {"errors", "values"},
    "kernels": {"errors", "values"},
    "media": {"errors", "values", "kernels"},
    "models": {"errors", "values"},
    "generators": {"errors", "values"},
    "shading": {"errors", "values", "graph", "kernels", "node"},
    "node": {"errors", "values", "graph", "kernels", "shading"},
    "packs": {"errors", "values", "graph", "node"},
    "engine": {"errors", "values", "graph", "kernels", "shading", "node", "packs"},
    "editor": {"errors", "values", "graph", "kernels", "media", "node", "packs", "engine", "api"},
}


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """(line, full module name) of every import in a file, those inside functions too."""
    package = ["nodegraph", *file.relative_to(ROOT).parts[:-1]]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            if module == "nodegraph":
                yield from ((node.lineno, f"nodegraph.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


def files(storey: str) -> list[Path]:
    single = ROOT / f"{storey}.py"
    return [single] if single.exists() else sorted((ROOT / storey).rglob("*.py"))


@pytest.mark.parametrize("storey", ALLOWED)
def test_a_storey_imports_only_those_below(storey: str) -> None:
    found = files(storey)
    assert found
    upward = [
        f"{file.relative_to(ROOT)}:{line} imports {module}"
        for file in found
        for line, module in imports(file)
        if module.startswith("nodegraph.") and module.split(".")[1] not in ALLOWED[storey] | {storey}
    ]
    assert not upward


def test_nothing_but_the_packs_loader_knows_of_the_nodes_by_name() -> None:
    named = [
        f.relative_to(ROOT).as_posix()
        for f in sorted(ROOT.rglob("*.py"))
        for _, m in imports(f)
        if m.split(".")[0] == "nodegraph_nodes"
    ]
    assert not named


def test_the_parser_sees_imports_of_every_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "graph").mkdir()
    file = tmp_path / "graph" / "x.py"
    file.write_text(
        "import nodegraph.cli\nfrom nodegraph import api\ndef f():\n    from ..engine import plan\n    from . import y\n"
    )
    assert [m for _, m in imports(file)] == [
        "nodegraph.cli",
        "nodegraph.api",
        "nodegraph.engine",
        "nodegraph.graph",
    ]


def test_every_folder_of_tests_is_a_package() -> None:
    """Else two test files of one name stop the whole run on a clean checkout, where no cache hides it."""
    tests = Path(__file__).parent
    folders = {file.parent for file in tests.rglob("test_*.py")}
    assert not [str(folder.relative_to(tests)) for folder in folders if not (folder / "__init__.py").exists()]
