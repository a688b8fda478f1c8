"""The issue's bounds, and which measurements reach them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.mattes.peers import RIVALS

#: Measures of one set by method and name.
Measures = Mapping[str, Mapping[str, float]]

#: On the issue's own recipe.
RECIPE = {"MSE": 0.0005, "MAD edge": 0.03, "F": 0.02}
#: On real plates.
REAL = {"residue": 0.01, "holes": 0.005, "spill": 0.10}


@dataclass(frozen=True)
class Verdict:
    """A bound, and what was measured."""

    set: str
    what: str
    value: float
    bound: float
    strictly: bool = False

    @property
    def reached(self) -> bool:
        return self.value < self.bound if self.strictly else self.value <= self.bound


def of_composite(name: str, measures: Measures, recipe: bool) -> list[Verdict]:
    """Bounds on a composite: half of the best rival's MSE for chroma; the recipe's; hybrid before its parts."""
    found = []
    chroma, hybrid = measures.get("chroma"), measures.get("hybrid")
    rivals = [measures[r]["MSE"] for r in RIVALS if r in measures]
    if chroma and rivals:
        found.append(Verdict(name, "chroma MSE, half of the best of ffmpeg, OBS, HSV", chroma["MSE"], min(rivals) / 2))
    if chroma and recipe:
        found += [Verdict(name, f"chroma {what}", chroma[what], bound) for what, bound in RECIPE.items()]
    parts = [measures[part]["MSE"] for part in ("chroma", "person") if part in measures]
    if hybrid and parts:
        found.append(Verdict(name, "hybrid MSE, better than chroma and person", hybrid["MSE"], min(parts), True))
    return found


def of_plate(name: str, measures: Measures) -> list[Verdict]:
    """Bounds on a real plate, for chroma and hybrid."""
    return [
        Verdict(name, f"{method} {what}", measures[method][what], bound)
        for method in ("chroma", "hybrid")
        if method in measures
        for what, bound in REAL.items()
    ]
