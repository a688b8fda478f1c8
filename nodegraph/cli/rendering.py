"""Commands that cook: render and cook."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nodegraph.cli.app import command
from nodegraph.cli.arguments import (
    Device,
    GraphFile,
    Memory,
    Scale,
    Settings,
    Threads,
    open_document,
    open_engine,
    parse_region,
    parse_scale,
    split_port,
)
from nodegraph.errors import DocumentError, NodegraphError

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from nodegraph.engine import Engine
    from nodegraph.engine.render import Progress, Report
    from nodegraph.graph import Graph
    from nodegraph.values import Frame

_MIB = 1 << 20


@command("render")
def render(
    graph: GraphFile,
    frames: Annotated[str, typer.Option(help="1-48, 1-100x2, 1,5,9; without it the document's range.")] = "",
    settings: Settings = None,
    sink: Annotated[list[str] | None, typer.Option(metavar="NODE", help="Only this output; may be repeated.")] = None,
    scale: Scale = "1",
    device: Device = "auto",
    memory: Memory = "",
    threads: Threads = 0,
    stats: Annotated[str, typer.Option(metavar="FILE", help="Write what it cost, as JSON.")] = "",
    resume: Annotated[bool, typer.Option("--resume", help="Leave out frames that are there, whole.")] = False,
    on_error: Annotated[str, typer.Option(help="stop, or skip frames that fail.")] = "stop",
    costs: Annotated[bool, typer.Option("--costs", help="Say where the time went, node by node.")] = False,
) -> None:
    """Render a document's outputs.

    Ends with 0 when every frame was made, 1 when a node failed, 130 when it was cancelled:
    then finished frames are on the disk, and nothing is half-written.

    Example: nodegraph render comp.graph --frames 1-48 --set write.path=out/comp.mp4
    """
    from typing import cast

    from nodegraph.engine.render import OnError, find_sinks
    from nodegraph.engine.render import render as run

    if on_error not in ("stop", "skip"):
        raise NodegraphError(f"can't {on_error!r}", where="--on-error", hint="stop or skip")
    document = open_document(graph, settings)
    wanted = _frames(document, frames)
    with open_engine(document, device=device, memory=memory, threads=threads) as engine:
        sinks = find_sinks(engine, sink or ())
        with _interruptible(engine) as cancel, progress_bar(len(wanted)) as progress:
            report = run(
                engine,
                sinks,
                wanted,
                scale=parse_scale(scale),
                on_error=cast("OnError", on_error),
                resume=resume,
                progress=progress,
                cancel=cancel,
            )
        if stats:
            _write_stats(engine, report, stats)
        tell(report)
        if costs:
            tell_costs(engine)
    if report.failed:
        raise typer.Exit(1)


@command("cook")
def cook(
    graph: GraphFile,
    node: Annotated[str, typer.Argument(metavar="NODE[.PORT]", show_default=False)],
    frame: Annotated[int, typer.Option(help="Which.")] = 1,
    region: Annotated[str, typer.Option(metavar="X,Y,W,H", help="Only this part; pixels from the bottom left.")] = "",
    scale: Scale = "1",
    settings: Settings = None,
    output: Annotated[str, typer.Option("-o", metavar="PICTURE", help="Write it: .exr .png .tif .dpx .jpg.")] = "",
    device: Device = "auto",
    memory: Memory = "",
    threads: Threads = 0,
) -> None:
    """Cook one picture of a node; without -o say what is in it.

    Example: nodegraph cook samples/key.graph key --set plate.path=screen.jpg -o key.exr
    """
    document = open_document(graph, settings)
    path = split_port(document, node)
    with (
        open_engine(document, device=device, memory=memory, threads=threads) as engine,
        _interruptible(engine),
    ):
        asked = _region(engine, path, frame, region, parse_scale(scale))
        value = engine.cook(path, frame, region=asked, scale=parse_scale(scale))
    if output:
        _write_value(value, path, output, alone=asked is not None)
    else:
        _describe_value(value)


# -- render


def _frames(document: Graph, text: str) -> list[int]:
    from nodegraph.values.ranges import parse_frames

    if text:
        return parse_frames(text, "--frames")
    return list(range(int(document.setting("first")), int(document.setting("last")) + 1))


@contextmanager
def _interruptible(engine: Engine) -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets, stopping the cook at its next step; the second is rude."""
    import signal
    import threading

    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event
        return

    def stop(number: int, _: Any) -> None:
        if event.is_set():
            raise KeyboardInterrupt
        event.set()
        engine.cancel()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield event
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def progress_bar(total: int) -> Iterator[Progress | None]:
    """A bar on stderr with frames per second and what is left; nothing where nobody watches."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    from time import perf_counter

    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
        TextColumn("{task.fields[fps]:.1f} frames/s"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("rendering", total=total, fps=0.0)
        begun = perf_counter()

        def through(count: int, _: int, frame: int, made: bool) -> None:
            fps = count / max(1e-9, perf_counter() - begun)
            bar.update(task, completed=count, fps=fps, description=f"frame {frame}")

        yield through


def tell(report: Report) -> None:
    from nodegraph.values.ranges import format_frames

    for frame, error in report.failed:
        print(f"nodegraph: frame {frame}: {error}", file=sys.stderr)
    if report.failed:
        failed = format_frames([frame for frame, _ in report.failed])
        print(f"nodegraph: {len(report.failed)} frames failed: {failed}", file=sys.stderr)
    parts = [f"{len(report.done)} frames in {report.seconds:.1f} s ({report.fps:.1f} frames/s)"]
    if report.skipped:
        parts.append(f"{len(report.skipped)} were there already")
    typer.echo(", ".join(parts))
    for file in report.files[:8]:
        typer.echo(f"  {file}")
    if len(report.files) > 8:
        typer.echo(f"  ... {len(report.files)} files")


def tell_costs(engine: Engine) -> None:
    """What cooking took, and the passes that cost most; writers work beside the cook, in their own threads."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    nodes, times = engine.stats.nodes, sorted(engine.stats.frame_ms)
    if times:
        typer.echo(
            f"cooking took {times[len(times) // 2]:.1f} ms a picture (median); the rest is reading and writing files"
        )
    fused: dict[str, list[str]] = {}
    for name, cost in nodes.items():
        if cost.fused_into:
            fused.setdefault(cost.fused_into, []).append(name)
    whole = sum(cost.ms for cost in nodes.values()) or 1.0
    table = Table("pass", "pictures", "ms each", "share", box=None, pad_edge=False)
    for name, cost in sorted(nodes.items(), key=lambda item: -item[1].ms)[:10]:
        if cost.ms > 0:
            members = " > ".join([*fused.get(name, []), name])
            numbers = (str(cost.made), f"{cost.ms / max(1, cost.made):.1f}", f"{cost.ms / whole:.0%}")
            table.add_row(escape(members), *numbers)
    Console(highlight=False).print(table)


def _write_stats(engine: Engine, report: Report, file: str) -> None:
    """The JSON of `--stats`, written whole or not at all."""
    import json
    from pathlib import Path

    from nodegraph.graph.files import write_atomic

    data = engine.stats.as_dict(engine.cache.stats(), report.seconds)
    write_atomic(Path(file), (json.dumps(data, indent=1) + "\n").encode())


# -- cook


def _region(engine: Engine, path: str, frame: int, text: str, scale: float) -> Any:
    if not text:
        return None
    spec = engine.describe(path, frame, scale)
    if spec is None:
        raise DocumentError("isn't a picture, so it has no region", where=path)
    return parse_region(text, spec.display_window)


def _write_value(value: Any, path: str, output: str, alone: bool) -> None:
    from nodegraph.api import write
    from nodegraph.values.environment import as_picture

    picture = as_picture(value)
    if picture is None:
        raise DocumentError("isn't a picture, so it can't be written", where=path, hint="leave -o out to see it")
    for file in write(_only(picture) if alone else picture, output):
        typer.echo(file)


def _only(picture: Frame) -> Frame:
    """A region as a picture of its own."""
    from nodegraph.values import Frame

    return Frame(picture.spec.with_(display_window=picture.spec.data_window), picture.pixels)


def _describe_value(value: Any) -> None:
    from nodegraph.values.environment import Environment, World, as_picture

    if isinstance(value, World):
        typer.echo("\n".join(value.said or ("a world",)))
        numbers = {k: v for k, v in value.asdict().items() if k not in ("prompt", "said")}
        typer.echo(", ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in numbers.items()))
        return
    if isinstance(value, Environment):
        typer.echo(f"a world made by {value.made.engine}; its lights: {len(value.lights.items)}")
    picture = as_picture(value)
    if picture is None:
        typer.echo(repr(value))
        return
    value = picture
    import numpy as np

    spec = value.spec
    typer.echo(f"data window {_window(spec.data_window)}, display window {_window(spec.display_window)}")
    typer.echo(
        f"{spec.colour_space}, {'' if spec.premultiplied else 'not '}premultiplied, {value.pixels.nbytes / _MIB:.1f} MiB"
    )
    if spec.data_window.empty:
        return
    with np.errstate(invalid="ignore"):
        for name, plane in zip(spec.channels, value.pixels, strict=True):
            odd = plane.size - int(np.count_nonzero(np.isfinite(plane)))
            extra = f", {odd} not finite" if odd else ""
            typer.echo(f"{name}: {np.nanmin(plane):.6g} to {np.nanmax(plane):.6g}, mean {np.nanmean(plane):.6g}{extra}")


def _window(window: Any) -> str:
    return f"{window.width}x{window.height} at {window.x0},{window.y0}"
