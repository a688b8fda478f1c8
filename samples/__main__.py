"""`make demo`: build the sample clip, render the sample show's graph, and say what happened.

python -m samples -o out
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from nodegraph.api import load
from nodegraph.cli.rendering import progress_bar, tell, tell_costs
from nodegraph.engine import Engine
from nodegraph.engine.render import find_sinks, render
from samples.build import MEDIA, build

HERE = Path(__file__).parent
NEXT = """
Look at  {out}/sheet.png      before, matte, after
         {out}/comp.mp4       the composite; {out}/exr/ holds it in scene-linear half floats

Try next
  nodegraph info samples/comp.graph
  nodegraph plan samples/comp.graph over             what is fused, and why
  nodegraph render samples/comp.graph --set dusk.stops=1 --set write.path={out}/brighter.mp4 --sink write
  nodegraph cook samples/key.graph key --set plate.path=YOUR_PICTURE -o key.exr
  nodegraph render samples/scene.graph --set world.prompt="stormy dusk over the desert, key from the left"
  nodegraph nodes                                    what there is to build with
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m samples", description="Build the sample clip and render the demo.")
    parser.add_argument("-o", dest="out", default="out", help="where results go")
    out = Path(parser.parse_args().out).absolute()
    console = Console(highlight=False)
    with Progress(
        TextColumn("building the sample clip"), BarColumn(), TextColumn("{task.completed}/{task.total}")
    ) as bar:
        task = bar.add_task("", total=None)
        build(MEDIA, progress=lambda done, total: bar.update(task, completed=done, total=total))
    graph = load(HERE / "comp.graph")
    graph.set("write.path", str(out / "comp.mp4"))
    graph.set("write_exr.path", str(out / "exr/comp.%04d.exr"))
    graph.set("write_sheet.path", str(out / "sheet.png"))
    frames = range(graph.setting("first"), graph.setting("last") + 1)
    console.print(f"rendering {HERE.name}/comp.graph, {len(frames)} frames ...")
    with Engine(graph, tier="wait") as engine, progress_bar(len(frames)) as progress:
        report = render(engine, find_sinks(engine), frames, progress=progress)
        tell(report)
        tell_costs(engine)
    console.print(NEXT.format(out=_short(out)), soft_wrap=True)


def _short(path: Path) -> str:
    """The path as one would type it here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    main()
