"""Keyers beside each other: exact truth, real plates, the issue's bounds, and speed.

    python benchmarks/keying.py                          all of it, to the terminal
    python benchmarks/keying.py --write docs/keying.md   also as tables between that file's marks
    python benchmarks/keying.py --sheets FOLDER          also contact sheets at 1:1 (--jpeg for smaller ones)
    python benchmarks/keying.py --only spill --no-speed  some sets, by words of their names

Needs the `dev` extra, and the shared test material beside the repository for all but one subject.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.mattes import bounds, metrics, ours, peers, plates, scenes, sheets, speed, tables
from benchmarks.mattes.codec import Picture
from benchmarks.mattes.light import Codes
from benchmarks.mattes.metrics import Result

#: Rows of contact sheets.
SHOWN = (*ours.OURS, "chroma, tuned", "colour difference", "OBS", "HSV", "closed form")


def main() -> None:
    asked = _arguments()
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 170)
    composites: dict[str, dict[str, dict[str, float]]] = {}
    real: dict[str, dict[str, dict[str, float]]] = {}
    verdicts: list[bounds.Verdict] = []
    for scene in scenes.scenes():
        if asked.only and asked.only not in scene.name:
            continue
        pictures, truths = scenes.make(scene, asked.seed)
        known = {n: m for n, m in _methods(scene.name).items() if scene.frames == 1 or n not in peers.SLOW}
        if scene.screen == "none":
            known = {n: m for n, m in known.items() if n not in peers.PEERS}
        results, missing = _run(known, pictures)
        found = composites[scene.name] = {n: _measured(made, truths) for n, made in results.items()}
        console.print(tables.of_set(f"{scene.name}: {_described(scene)}", found, missing))
        verdicts += bounds.of_composite(scene.name, found, scene.recipe)
        if asked.sheets:
            at = sheets.window(metrics.soft(truths[0].alpha))
            shown = {n: results[n][0] for n in SHOWN if n in results}
            _save(asked, scene.name, sheets.sheet(pictures[0].codes, shown, at, truths[0].alpha))
    for plate in plates.plates():
        if asked.only and asked.only not in plate.name:
            continue
        picture = plates.load(plate)
        where = plates.regions(plate, *picture.codes.shape[:2])
        results, missing = _run(_methods(plate.name), [picture])
        found = real[plate.name] = {n: plates.measure(made[0], picture, where) for n, made in results.items()}
        console.print(tables.of_set(f"{plate.name}: a real plate", found, missing))
        verdicts += bounds.of_plate(plate.name, found)
        if asked.sheets:
            shown = {n: results[n][0] for n in SHOWN if n in results}
            _save(asked, plate.name, sheets.sheet(picture.codes, shown, sheets.window(where.band)))
    console.print(tables.of_verdicts(verdicts))
    times: dict[str, float] = {}
    if not asked.no_speed:
        times, missing = speed.measure()
        console.print(_speed_lines(times, missing))
    if asked.write:
        tables.write(asked.write, _document(composites, real, verdicts, times))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables between the marks of this file")
    parser.add_argument("--sheets", type=Path, metavar="FOLDER", help="write contact sheets there")
    parser.add_argument("--jpeg", action="store_true", help="contact sheets as JPEG")
    parser.add_argument("--only", metavar="WORDS", help="only sets with these words in their name")
    parser.add_argument("--seed", type=int, default=1, help="of noise and cloth")
    parser.add_argument("--no-speed", action="store_true", help="measure no times")
    return parser.parse_args()


def _methods(set: str = "") -> dict[str, peers.Keyer]:
    """Keyers by name, in the order of tables; on a set that it was tuned for, chroma also so."""

    def node(type: str, **values: Any) -> peers.Keyer:
        return lambda pictures: ours.key(type, pictures, **values)

    found = {name: node(type) for name, type in ours.OURS.items()}
    if set in ours.TUNED:
        found["chroma, tuned"] = node(ours.OURS["chroma"], **ours.TUNED[set])
    return {**found, **peers.PEERS}


def _run(
    methods: Mapping[str, peers.Keyer], pictures: Sequence[Picture]
) -> tuple[dict[str, list[Result]], dict[str, str]]:
    """What each method makes of pictures, and why some make nothing."""
    results, missing = {}, {}
    for name, method in methods.items():
        try:
            results[name] = method(pictures)
        except ours.Missing as why:
            missing[name] = str(why)
    return results, missing


def _measured(made: Sequence[Result], truths: Sequence[metrics.Truth]) -> dict[str, float]:
    """Means over a set's pictures, and flicker where it is a clip."""
    each = [metrics.measure(result, truth) for result, truth in zip(made, truths, strict=True)]
    found = {what: sum(m[what] for m in each) / len(each) for what in each[0]}
    if len(made) > 1:
        found["dtSSD"] = metrics.dtssd([m.alpha for m in made], [t.alpha for t in truths])
    return found


def _described(scene: scenes.Scene) -> str:
    if scene.screen == "none":
        return f"{scene.subject} as photographed, without a screen"
    parts = [f"{scene.subject} before {scene.hue}, {scene.screen} light", f"noise {scene.noise:g}"]
    parts += [f"{word} {value:g}" for word in ("spill", "defocus", "motion") if (value := getattr(scene, word))]
    parts += [scene.codec] * (scene.codec != "none") + [f"{scene.frames} frames"] * (scene.frames > 1)
    return ", ".join(parts)


def _speed_lines(times: Mapping[str, float], missing: Mapping[str, str]) -> str:
    floor = times["memcpy of one frame"]
    lines = ["1080p, two threads"]
    for name, ms in times.items():
        allowed = speed.CHAINS[name][1] if name in speed.CHAINS else None
        asked = f"   {allowed:g} ms were aimed at" if allowed else ""
        lines.append(f"  {name:<40}{ms:9.2f} ms {ms / floor:7.2f} x memcpy{asked}")
    return "\n".join(lines + [f"  {name:<40} missing: {why}" for name, why in missing.items()])


def _save(asked: argparse.Namespace, name: str, picture: Codes) -> None:
    stem = "".join(c if c.isalnum() else "_" for c in name)
    sheets.save(asked.sheets / f"{stem}{'.jpg' if asked.jpeg else '.png'}", picture)


def _document(
    composites: Mapping[str, bounds.Measures],
    real: Mapping[str, bounds.Measures],
    verdicts: Sequence[bounds.Verdict],
    times: Mapping[str, float],
) -> str:
    """The tables for the docs."""
    methods = [*ours.OURS, "chroma, tuned", *peers.PEERS]
    table: Callable[..., str] = lambda title, what, sets: tables.markdown(title, what, sets, methods)  # noqa: E731
    parts = [
        table("MSE", "MSE", composites),
        table("MAD in the soft edge", "MAD edge", composites),
        table("Gradient error", "Grad", composites),
        table("Connectivity error", "Conn", composites),
        table("Foreground colour error", "F", composites),
        table("Spill left in the soft edge", "spill", composites),
        table(
            "Flicker (dtSSD)", "dtSSD", {n: m for n, m in composites.items() if any("dtSSD" in f for f in m.values())}
        ),
        table("Real plates: mean matte in sure backing", "residue", real),
        table("Real plates: holes in sure subject", "holes", real),
        table("Real plates: spill in the edge band", "spill", real),
        tables.markdown_verdicts(verdicts),
    ]
    if times:
        floor = times["memcpy of one frame"]
        aims = {name: f"{aim:g}" for name, (_, aim) in speed.CHAINS.items() if aim}
        rows = [f"| {name} | {ms:.1f} | {ms / floor:.2f} | {aims.get(name, '')} |" for name, ms in times.items()]
        parts.append("\n".join(["| 1080p, two threads | ms | x memcpy | aim, ms |", "|---|---:|---:|---:|", *rows, ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    main()
