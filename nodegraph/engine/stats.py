"""What cooking cost, node by node."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any


@dataclass(slots=True)
class NodeStats:
    """`ms` of a fused run stands at its last node; the others name it in `fused_into`.

    `calls` counts runs the node took part in, `made` those whose result was its picture.
    """

    calls: int = 0
    made: int = 0
    ms: float = 0.0
    hits: int = 0
    tier: str = ""
    device: str = "cpu"
    fused_into: str = ""


@dataclass(slots=True)
class Stats:
    """Counts of one engine; `frames` and their times are what sinks and viewers got."""

    nodes: dict[str, NodeStats] = field(default_factory=dict)
    frame_ms: list[float] = field(default_factory=list)
    begun: float = field(default_factory=perf_counter)

    def made(self, members: Iterable[str], seconds: float, tier: str) -> None:
        names = list(members)
        for name in names[:-1]:
            entry = self.nodes.setdefault(name, NodeStats())
            entry.calls += 1
            entry.tier, entry.fused_into = tier, names[-1]
        entry = self.nodes.setdefault(names[-1], NodeStats())
        entry.calls += 1
        entry.made += 1
        entry.ms += seconds * 1e3
        entry.tier, entry.fused_into = tier, ""

    def hit(self, name: str) -> None:
        self.nodes.setdefault(name, NodeStats()).hits += 1

    def as_dict(self, cache: dict[str, int], seconds: float | None = None) -> dict[str, Any]:
        """The JSON of `--stats`: frames, seconds, fps, percentiles, cache, nodes."""
        times = sorted(self.frame_ms)
        elapsed = perf_counter() - self.begun if seconds is None else seconds
        return {
            "frames": len(times),
            "seconds": round(elapsed, 4),
            "fps": round(len(times) / elapsed, 3) if elapsed > 0 else 0.0,
            "p50_ms": _percentile(times, 0.50),
            "p99_ms": _percentile(times, 0.99),
            "cache": cache,
            "nodes": {
                name: {
                    "calls": n.calls, "ms": round(n.ms, 3), "hits": n.hits, "tier": n.tier, "device": n.device,
                    **({"fused_into": n.fused_into} if n.fused_into else {}),
                }
                for name, n in self.nodes.items()
            },
        }  # fmt: skip


def _percentile(ordered: list[float], share: float) -> float:
    if not ordered:
        return 0.0
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)
