"""Timing side by side: candidates take turns in one process, the best of many counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter


def side_by_side(candidates: Mapping[str, Callable[[], object]], seconds: float = 6.0) -> dict[str, float]:
    """Milliseconds of each candidate: the minimum over interleaved runs.

    Turns are interleaved so that a busy moment of the machine hits all alike.
    """
    for run in candidates.values():
        run()
    best = dict.fromkeys(candidates, float("inf"))
    end = perf_counter() + seconds
    while perf_counter() < end:
        for name, run in candidates.items():
            begun = perf_counter()
            run()
            best[name] = min(best[name], (perf_counter() - begun) * 1e3)
    return best


def table(title: str, times: Mapping[str, float], floor: str) -> None:
    """Print times and their ratio to one of them."""
    print(f"\n{title}")
    for name, ms in times.items():
        print(f"  {name:<34}{ms:10.2f} ms {ms / times[floor]:8.2f} x {floor}")
