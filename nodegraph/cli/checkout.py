"""Commands that need the repository beside the package: samples and bench."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

import nodegraph
from nodegraph.cli.app import command
from nodegraph.errors import NodegraphError, did_you_mean


@command("samples")
def samples(
    folder: Annotated[str, typer.Option("-o", metavar="FOLDER", help="Where results go.")] = "out",
    build: Annotated[bool, typer.Option("--build", help="Only build the sample clip.")] = False,
) -> None:
    """Build the sample green-screen clip and render the demo, as `make demo` does.

    Example: nodegraph samples -o out
    """
    words = ["samples.build"] if build else ["samples", "-o", str(Path(folder).absolute())]
    raise typer.Exit(_run(["-m", *words], "samples"))


@command("bench")
def bench(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Which; without any, all.")] = None,
    show: Annotated[bool, typer.Option("--list", help="Say which there are.")] = False,
) -> None:
    """Run benchmarks: ours beside other programs, in one process, as ratios.

    Example: nodegraph bench chain
    """
    known = {p.stem: p for p in sorted(_folder("benchmarks").glob("*.py")) if p.stem not in ("timing", "__init__")}
    if show:
        typer.echo("\n".join(f"{name}: {_title(path)}" for name, path in known.items()))
        return
    for name in names or known:
        if name not in known:
            hint = did_you_mean(name, known) or "there are " + ", ".join(known)
            raise NodegraphError(f"there is no benchmark {name!r}", where="bench", hint=hint)
        code = _run([str(known[name])], "benchmarks")
        if code:
            raise typer.Exit(code)


def _title(path: Path) -> str:
    doc = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return doc.split("\n", 1)[0].rstrip(".")


def _folder(name: str) -> Path:
    """A folder of the repository; an installed package has none of it."""
    folder = Path(nodegraph.__file__).parents[1] / name
    if not folder.is_dir():
        raise NodegraphError(
            f"{name}/ is not part of the installed package", where=name, hint="run it in a clone of the repository"
        )
    return folder


def _run(words: list[str], needs: str) -> int:
    return subprocess.run([sys.executable, *words], cwd=_folder(needs).parent).returncode
