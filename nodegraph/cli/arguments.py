"""What several commands take: documents, `--set`, regions, scales, sizes of memory."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

import typer

from nodegraph.errors import DocumentError, NodegraphError

if TYPE_CHECKING:
    from nodegraph.engine import Engine
    from nodegraph.engine.compiler import Tier
    from nodegraph.graph import Graph, Param
    from nodegraph.values import Window

GraphFile = Annotated[str, typer.Argument(metavar="GRAPH", help="A .graph document.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NODE.PARAM=VALUE", help="Change a parameter for this run; may be repeated."),
]
Scale = Annotated[str, typer.Option(help="Proxy scale: 1/2, 0.5 or 50%.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda; this version cooks on the CPU.")]
Memory = Annotated[str, typer.Option(help="The cache's budget: 4G, 512M. Without it a quarter of the machine's.")]
Threads = Annotated[int, typer.Option(min=0, help="Threads that cook; 0 takes one for each core.")]

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def open_document(path: str, settings: Sequence[str] | None = None) -> Graph:
    """The document, with `--set` applied; packs that couldn't be loaded are named on stderr."""
    from nodegraph.graph import load
    from nodegraph.packs import registry

    found = registry()
    for problem in found.problems:
        print(f"nodegraph: warning: {problem}", file=sys.stderr)
    graph = load(path, found.catalog)
    apply_settings(graph, settings or ())
    return graph


def open_engine(
    graph: Graph, *, tier: Tier = "wait", device: str = "cpu", memory: str = "", threads: int = 0
) -> Engine:
    """An engine for a document, as the options ask for it."""
    from nodegraph.engine import Engine

    check_device(device)
    budget = parse_memory(memory) if memory else None
    return Engine(graph, memory=budget, threads=threads or None, tier=tier)


def check_device(device: str) -> None:
    if device == "cuda":
        raise NodegraphError(
            "this version has no CUDA tier", where="--device cuda", hint="leave it out, or say --device cpu"
        )
    if device not in ("auto", "cpu"):
        raise NodegraphError(f"there is no device {device!r}", where="--device", hint="auto, cpu or cuda")


def apply_settings(graph: Graph, settings: Sequence[str]) -> None:
    """`node.param=value` each, read as the parameter's kind asks; a value that begins with "=" is
    an expression: `grade.gain==frame/10`."""
    from nodegraph.graph import parse_value

    for text in settings:
        target, equals, value = text.partition("=")
        if not equals or "." not in target:
            raise DocumentError(f"can't read {text!r}", where="--set", hint="write node.param=value")
        try:
            graph.set(target.strip(), parse_value(_param(graph, target.strip()), value))
        except DocumentError as error:
            error.where = f"--set {target.strip()}" if error.where is None else error.where
            raise


def _param(graph: Graph, target: str) -> Param:
    """What "node.param", or "node.param.x" for one number of several, takes."""
    from nodegraph.graph import Param

    path, _, name = target.partition(".")
    inside, node = graph.locate(path)
    signature = inside.signature_of(node)
    if signature is None:
        raise DocumentError(f"its type {node.type!r} is missing", where=path, hint="install the pack it comes from")
    name, _, component = name.partition(".")
    param = signature.param(name, path)
    return Param(name, "float", 0.0) if component else param


def parse_scale(text: str) -> float:
    """ "1/2", "0.5" or "50%" as a number above 0 and at most 1."""
    try:
        scale = float(Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text))
    except (ValueError, ZeroDivisionError):
        scale = math.nan
    if not 0 < scale <= 1:
        raise NodegraphError(f"can't take {text!r}", where="--scale", hint="write 1/2, 0.5 or 50%")
    return scale


def parse_memory(text: str) -> int:
    """ "4G" in bytes."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:I?B)?", text.strip().upper())
    if match is None:
        raise NodegraphError(f"can't read {text!r} as an amount of memory", where="--memory", hint="write 4G or 512M")
    return int(float(match[1]) * _UNITS[match[2]])


def parse_region(text: str, display: Window) -> Window:
    """ "x,y,w,h" in pixels from the display window's bottom left, as a window in memory (y down)."""
    from nodegraph.values import Window

    try:
        x, y, width, height = (int(part) for part in text.split(","))
    except ValueError:
        raise NodegraphError(f"can't read {text!r}", where="--region", hint="write x,y,width,height") from None
    if width <= 0 or height <= 0:
        raise NodegraphError("has no area", where="--region", hint="write x,y,width,height")
    left, bottom = display.x0 + x, display.y1 - y
    return Window(left, bottom - height, left + width, bottom)


def split_port(graph: Graph, text: str) -> str:
    """The node of "node" or "node.port"; a port that isn't there is refused."""
    path, dot, port = text.partition(".")
    inside, node = graph.locate(path)
    if dot:
        signature = inside.signature_of(node)
        if signature is not None:
            signature.output(port, path)
    return path
