"""Commands that explain: nodes (what there is), plan (what a cook would do), why (what made a node recook)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from nodegraph.cli.app import command
from nodegraph.cli.arguments import (
    GraphFile,
    Scale,
    Settings,
    apply_settings,
    open_document,
    open_engine,
    parse_scale,
    split_port,
)
from nodegraph.errors import DocumentError, did_you_mean

if TYPE_CHECKING:
    from nodegraph.engine.plan import Plan, Step
    from nodegraph.graph import Param, Schema

_Node = Annotated[str, typer.Argument(metavar="NODE", show_default=False)]
_Frame = Annotated[int, typer.Option(help="Which.")]


# --- nodes ------------------------------------------------------------------------------


@command("nodes")
def nodes(
    name: Annotated[str, typer.Argument(metavar="[TYPE]", help="One node's page: merge, filter.blur.")] = "",
    markdown: Annotated[bool, typer.Option("--markdown", help="Every page, as Markdown.")] = False,
) -> None:
    """List the node types there are, or show one's page: ports, parameters, ranges.

    Example: nodegraph nodes grade
    """
    from nodegraph.packs import registry

    found = registry()
    for problem in found.problems:
        typer.echo(f"nodegraph: warning: {problem}", err=True)
    catalog = found.catalog
    if name:
        typer.echo("\n".join(page(catalog[_find(name, catalog)])))
    elif markdown:
        typer.echo("\n".join(reference(catalog.values())))
    else:
        _list(catalog.values())


def _find(name: str, catalog: Iterable[str]) -> str:
    """A type's id from the end of it: "merge" or "merge.merge" or the whole."""
    ids = list(catalog)
    matches = [id for id in ids if id == name or id.endswith(f".{name}")]
    if not matches:
        hint = did_you_mean(name, [id.rpartition(".")[2] for id in ids]) or "`nodegraph nodes` lists them"
        raise DocumentError(f"there is no node type {name!r}", where="nodes", hint=hint)
    return min(matches, key=len)


def _list(schemas: Iterable[Schema]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("node", "what it does", box=None, pad_edge=False)
    for schema in schemas:
        table.add_row(escape(short(schema.id)), escape(schema.doc.partition("\n")[0]))
    Console(highlight=False).print(table)


def short(id: str) -> str:
    return id.removeprefix("nodegraph.")


def page(schema: Schema) -> list[str]:
    """A node's reference page, in lines of Markdown."""
    lines = [f"### {short(schema.id)}", "", schema.doc, ""]
    ports = [
        f"`{p.name}`{'' if not p.optional else ' (optional)'}{': ' + p.help if p.help else ''}" for p in schema.inputs
    ]
    if ports:
        lines += ["Inputs: " + "; ".join(ports), ""]
    outputs = [p for p in schema.outputs if p.name != "out" or p.type != "Frame"]
    if outputs:
        lines += ["Outputs: " + "; ".join(f"`{p.name}` ({p.type})" for p in outputs), ""]
    if schema.params:
        lines += ["| parameter | takes | default | |", "|---|---|---|---|"]
        lines += [f"| `{p.name}` | {_takes(p)} | {_default(p)} | {p.help} |" for p in schema.params]
        lines.append("")
    return lines


def _takes(param: Param) -> str:
    text = param.describe_range() + (f" ({param.unit})" if param.unit else "")
    return text.replace("|", "\\|")


def _default(param: Param) -> str:
    value = param.default
    if isinstance(value, tuple):
        return ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in value)
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


def reference(schemas: Iterable[Schema]) -> list[str]:
    """All pages, by family."""
    lines = ["# Nodes", "", "Made by `nodegraph nodes --markdown`; `make docs` writes it anew.", ""]
    family = ""
    for schema in schemas:
        here = short(schema.id).rpartition(".")[0]
        if here != family:
            family = here
            lines += [f"## {family}", ""]
        lines += page(schema)
    return lines


# --- plan -------------------------------------------------------------------------------


@command("plan")
def plan(
    graph: GraphFile,
    node: _Node,
    frame: _Frame = 1,
    scale: Scale = "1",
    settings: Settings = None,
    code: Annotated[bool, typer.Option("--code", help="Show the source of the fused kernels too; this cooks.")] = False,
) -> None:
    """Show what cooking a node would do: which nodes are fused into one pass, and why passes end.

    Example: nodegraph plan samples/comp.graph over
    """
    document = open_document(graph, settings)
    path = split_port(document, node)
    with open_engine(document, tier="numpy") as engine:
        made = engine.plan(path, frame, scale=parse_scale(scale))
        _show_plan(made)
        if code:
            engine.cook(path, frame, scale=parse_scale(scale))
            for source in engine.compiler.sources():
                typer.echo(f"\n{source}")


def _show_plan(made: Plan) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("", "pass", "nodes", "pixels", "a picture because", box=None, pad_edge=False)
    for k, step in enumerate(made.steps, 1):
        table.add_row(*map(escape, (str(k), step.kind, step.name, _size(step), step.why)))
    Console(highlight=False).print(table)
    fused = sum(len(step.members) for step in made.steps)
    typer.echo(f"{fused} nodes in {len(made.steps)} passes")


def _size(step: Step) -> str:
    region = step.region
    return f"{region.width}x{region.height}" if region is not None else ""


# --- why --------------------------------------------------------------------------------


@command("why")
def why(
    graph: GraphFile,
    node: _Node,
    frame: _Frame = 1,
    change: Annotated[
        list[str] | None, typer.Option(metavar="NODE.PARAM=VALUE", help="Then change this; may be repeated.")
    ] = None,
    to: Annotated[int | None, typer.Option(metavar="FRAME", help="Then go to this frame.")] = None,
    scale: Scale = "1",
    settings: Settings = None,
) -> None:
    """Cook a node, change something (--change, or the frame with --to), and tell what cooks again and why.

    Example: nodegraph why samples/comp.graph over --change grade.gain=1.2,1.2,1.2,1
    """
    document = open_document(graph, settings)
    path = split_port(document, node)
    size = parse_scale(scale)
    with open_engine(document, tier="numpy") as engine:
        engine.cook(path, frame, scale=size)
        apply_settings(document, change or ())
        then = frame if to is None else to
        again = engine.plan(path, then, scale=size)
        if not again.steps:
            typer.echo(f"{path} would not cook again: nothing it reads changed")
            return
        engine.cook(path, then, scale=size)
        for step in again.steps:
            for member in step.members:
                typer.echo(f"{member.path}: {'; '.join(engine.why(member.path))}")
