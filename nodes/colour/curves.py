"""Free curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nodegraph.graph import sample_curve
from nodegraph.kernels.shade import RGB, Table, V, clamp, lookup, select
from nodegraph.node import Curve, Prepared, Query, pixel

_SIZE = 1024


def _prepare(q: Query) -> Mapping[str, Any]:
    x = np.linspace(0, 1, _SIZE)
    master = np.asarray(sample_curve(q.p.master, _SIZE), np.float64)
    made: dict[str, Any] = {}
    slopes: list[float] = []
    for name in ("red", "green", "blue"):
        own = np.asarray(sample_curve(getattr(q.p, name), _SIZE), np.float64)
        table = _extended(own, x, _extended(master, x, x))
        made[f"{name}_table"] = table.astype(np.float32)
        slopes += [(table[1] - table[0]) * (_SIZE - 1), (table[-1] - table[-2]) * (_SIZE - 1)]
    return {**made, "slopes": tuple(slopes)}


def _extended(y: Any, x: Any, at: Any) -> Any:
    """A sampled curve at any place: straight on beyond its ends."""
    low, high = (y[1] - y[0]) / (x[1] - x[0]), (y[-1] - y[-2]) / (x[-1] - x[-2])
    return np.interp(at, x, y) + np.minimum(at, 0) * low + np.maximum(at - 1, 0) * high


def _curved(c: V, table: Table, low: V, high: V) -> V:
    beyond = c - clamp(c, 0.0, 1.0)
    return lookup(table, c) + beyond * select(c > 1.0, high, low)


@pixel(
    "nodegraph.colour.curves",
    colour=True,
    prepare=_prepare,
    params={
        "master": Curve(help="For all three, before their own."),
        "red": Curve(help="Control points from 0 to 1."),
        "green": Curve(help="Control points from 0 to 1."),
        "blue": Curve(help="Control points from 0 to 1."),
    },
)
def curves(
    r: V,
    g: V,
    b: V,
    *,
    red_table: Table = Prepared(0),
    green_table: Table = Prepared(0),
    blue_table: Table = Prepared(0),
    slopes: V = Prepared(6),
) -> RGB:
    """Bend red, green and blue by curves over 0..1; beyond their ends they go straight on."""
    return (
        _curved(r, red_table, slopes[0], slopes[1]),
        _curved(g, green_table, slopes[2], slopes[3]),
        _curved(b, blue_table, slopes[4], slopes[5]),
    )
