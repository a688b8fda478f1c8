"""Commands on documents: new, info, convert, diff, merge."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nodegraph.cli.app import command
from nodegraph.cli.arguments import Settings, open_document
from nodegraph.errors import DocumentError

if TYPE_CHECKING:
    from nodegraph.graph import Graph

_File = Annotated[str, typer.Argument(metavar="FILE", show_default=False)]


@command("new")
def new(
    file: _File,
    template: Annotated[str, typer.Option(help="empty, grade or key.")] = "empty",
    width: Annotated[int, typer.Option(min=1, help="Pixels across.")] = 1920,
    height: Annotated[int, typer.Option(min=1, help="Pixels down.")] = 1080,
    rate: Annotated[str, typer.Option(help="Frames per second: 24, 24000/1001.")] = "24",
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Begin a document.

    Example: nodegraph new comp.graph --template key
    """
    from pathlib import Path

    from nodegraph.cli.templates import TEMPLATES
    from nodegraph.errors import did_you_mean
    from nodegraph.graph import Graph, save
    from nodegraph.packs import registry

    if template not in TEMPLATES:
        hint = did_you_mean(template, TEMPLATES) or f"there are {', '.join(TEMPLATES)}"
        raise DocumentError(f"there is no template {template!r}", where="--template", hint=hint)
    if Path(file).exists() and not force:
        raise DocumentError("is there already", where=file, hint="say --force to write over it")
    graph = Graph(registry().catalog)
    graph.configure(width=width, height=height, rate=rate)
    TEMPLATES[template](graph)
    save(graph, file)
    typer.echo(f"{file}: {len(graph.nodes)} nodes; `nodegraph info {file}` shows them")


@command("info")
def info(file: _File, settings: Settings = None) -> None:
    """Tell what a document or a media file holds.

    Example: nodegraph info comp.graph
    """
    from nodegraph.graph.files import MAGIC

    try:
        with open(file, "rb") as opened:
            head = opened.read(len(MAGIC))
    except IsADirectoryError:
        raise DocumentError("is a folder", where=file, hint="name a file in it") from None
    except OSError:
        head = b""  # a sequence's pattern; what is really missing is said when it is read
    if head == MAGIC or head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" or file.endswith(".graph"):
        _document_info(file, open_document(file, settings))
    else:
        from nodegraph.cli.media import media_info

        media_info(file)


def _document_info(file: str, graph: Graph) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from nodegraph.graph.difference import shown
    from nodegraph.graph.stored import encode

    console = Console(highlight=False)
    width, height = graph.format
    console.print(
        f"{escape(file)}: {width}x{height}, {graph.rate} frames/s, frames {graph.setting('first')}-{graph.setting('last')}"
    )
    table = Table("node", "type", "reads", "set to", box=None, pad_edge=False)
    for path, node in graph.walk():
        inside = graph.locate(path)[0]
        reads = [f"{port} < {source}" for port, (source, _) in inside.inputs(node.name).items()]
        values = [f"{name} {shown(encode(value))}" for name, value in node.params.items()]
        name = f"{path} (bypassed)" if node.bypass else path
        cells = (name, node.type.removeprefix("nodegraph."), "\n".join(reads), "\n".join(values))
        table.add_row(*map(escape, cells))
    console.print(table)
    for problem in graph.problems():
        print(f"nodegraph: warning: {problem}", file=sys.stderr)


@command("convert")
def convert(
    source: Annotated[str, typer.Argument(metavar="IN", show_default=False)],
    target: Annotated[str, typer.Argument(metavar="OUT")] = "",
    output: Annotated[str, typer.Option("-o", help="OUT, or - for standard output.")] = "",
    text: Annotated[bool | None, typer.Option("--text/--binary", help="The spelling; else as OUT's name says.")] = None,
) -> None:
    """Write a document in the other spelling: msgpack, or text for git.

    Example: nodegraph convert comp.graph comp.json --text
    """
    from pathlib import Path

    from nodegraph.graph import dumps, save
    from nodegraph.graph.difference import open_side
    from nodegraph.packs import registry

    target = target or output
    if not target:
        raise DocumentError("where to?", where=source, hint="nodegraph convert IN OUT, or -o - to print it")
    graph = open_side(source, registry().catalog)
    if target == "-":
        sys.stdout.buffer.write(dumps(graph, text=text is not False))
        sys.stdout.buffer.flush()
        return
    save(graph, target, text=text if text is not None else Path(target).suffix in (".json", ".txt"))


@command("diff")
def diff(
    sides: Annotated[list[str], typer.Argument(metavar="A B", show_default=False)],
    git: Annotated[bool, typer.Option("--git", help="Take what git gives an external diff command.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 when they differ.")] = False,
) -> None:
    """List what differs between two documents, one fact a line.

    For git: git config diff.nodegraph.command "nodegraph diff --git", and *.graph diff=nodegraph
    in .gitattributes.

    Example: nodegraph diff before.graph after.graph
    """
    from nodegraph.graph.difference import diff_files
    from nodegraph.packs import registry

    if git:
        if len(sides) < 5:
            raise DocumentError("wants git's seven arguments", where="diff --git", hint="it is for git to call")
        before, after = sides[1], sides[4]
        typer.echo(f"nodegraph diff {sides[0]}")
    elif len(sides) == 2:
        before, after = sides
    else:
        raise DocumentError(f"wants two documents, got {len(sides)}", where="diff", hint="nodegraph diff A B")
    changes = diff_files(before, after, registry().catalog)
    for change in changes:
        typer.echo(str(change))
    if exit_code and changes:
        raise typer.Exit(1)


@command("merge")
def merge(
    base: Annotated[str, typer.Argument(metavar="BASE", show_default=False)],
    ours: Annotated[str, typer.Argument(metavar="OURS", show_default=False)],
    theirs: Annotated[str, typer.Argument(metavar="THEIRS", show_default=False)],
    output: Annotated[str, typer.Option("-o", help="Where to write; without it OURS is replaced.")] = "",
) -> None:
    """Merge two documents that grew from one; ends with 1 when there are conflicts (ours stays).

    For git: git config merge.nodegraph.driver "nodegraph merge %O %A %B", and *.graph
    merge=nodegraph in .gitattributes.

    Example: nodegraph merge base.graph mine.graph hers.graph -o merged.graph
    """
    from nodegraph.graph.merging import merge_files
    from nodegraph.packs import registry

    conflicts: list[Any] = merge_files(base, ours, theirs, registry().catalog, output or None)
    for conflict in conflicts:
        print(f"nodegraph: conflict: {conflict}", file=sys.stderr)
    if conflicts:
        raise typer.Exit(1)
