"""Measurements as tables: on the terminal (rich), and in Markdown between two marks of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.mattes.bounds import Measures, Verdict

if TYPE_CHECKING:
    from rich.table import Table

BEGIN, END = "<!-- keying: begin -->", "<!-- keying: end -->"


def number(value: float) -> str:
    """Three digits that count, without exponents; 0 is 0."""
    if value == 0:
        return "0"
    if abs(value) < 0.00001:
        return "<.00001"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 else f"{value:.5f}"


def best(measures: Measures, what: str) -> list[str]:
    """The methods with the lowest of a measure."""
    values = {method: found[what] for method, found in measures.items() if what in found}
    return [method for method, value in values.items() if value <= min(values.values())]


def of_set(title: str, measures: Measures, missing: Mapping[str, str]) -> Table:
    """All measures of all methods on one set; the best is bold."""
    from rich.table import Table
    from rich.text import Text

    names = list(dict.fromkeys(what for found in measures.values() for what in found))
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for what in names:
        table.add_column(what, justify="right")
    winners = {what: best(measures, what) for what in names}
    for method, found in measures.items():
        cells = [number(found[what]) if what in found else "" for what in names]
        bold = [f"[bold]{c}[/]" if method in winners[what] else c for what, c in zip(names, cells, strict=True)]
        table.add_row(method, *bold)
    if missing:
        table.caption, table.caption_justify = (
            Text("\n".join(f"{m} is missing: {w}" for m, w in missing.items())),
            "left",
        )
    return table


def of_verdicts(verdicts: Sequence[Verdict]) -> Table:
    """What the issue asks, and whether it is reached."""
    from rich.table import Table

    table = Table(title="the issue's bounds", title_justify="left")
    for column in ("set", "bound", "measured", "at most", ""):
        table.add_column(column)
    for v in verdicts:
        shown = "[green]reached[/]" if v.reached else f"[red]missed, {v.value / max(v.bound, 1e-12):.1f}x[/]"
        table.add_row(v.set, v.what, number(v.value), number(v.bound), shown)
    return table


def markdown(title: str, what: str, sets: Mapping[str, Measures], methods: Sequence[str]) -> str:
    """One measure: sets down, methods across; the best is bold."""
    methods = [m for m in methods if any(m in found for found in sets.values())]
    lines = [f"**{title}**", "", "| |" + "|".join(f" {m} " for m in methods) + "|", "|---|" + "---:|" * len(methods)]
    for name, found in sets.items():
        winners = best(found, what)
        cells = []
        for method in methods:
            value = found.get(method, {}).get(what)
            text = "" if value is None else number(value)
            cells.append(f" **{text}** " if method in winners else f" {text} ")
        if any(cell.strip() for cell in cells):
            lines.append(f"| {name} |" + "|".join(cells) + "|")
    return "\n".join([*lines, ""])


def markdown_verdicts(verdicts: Sequence[Verdict]) -> str:
    """The bounds as a Markdown table."""
    lines = ["**The issue's bounds**", "", "| set | bound | measured | at most | |", "|---|---|---:|---:|---|"]
    lines += [
        f"| {v.set} | {v.what} | {number(v.value)} | {number(v.bound)} | {'reached' if v.reached else 'missed'} |"
        for v in verdicts
    ]
    return "\n".join([*lines, ""])


def write(path: Path, text: str) -> None:
    """Put text between the marks of a file; at its end, with marks, where it has none."""
    block = f"{BEGIN}\n{text.strip()}\n{END}"
    before = path.read_text("utf-8") if path.exists() else ""
    if BEGIN in before and END in before:
        after = re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: block, before, count=1, flags=re.DOTALL)
    else:
        after = f"{before.rstrip()}\n\n{block}\n".lstrip()
    path.write_text(after, "utf-8")
