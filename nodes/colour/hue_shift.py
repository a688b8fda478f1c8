"""Turning colours round the grey axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nodegraph.kernels.shade import RGB, V, dot
from nodegraph.node import Float, Prepared, Query, pixel

# R'G'B' to Y'CbCr of ITU-R BT.709-6, where a turn of Cb and Cr keeps the luminance.
_TO_YCC = np.array([[0.2126, 0.7152, 0.0722], [-0.114572, -0.385428, 0.5], [0.5, -0.454153, -0.045847]])


def _prepare(q: Query) -> Mapping[str, Any]:
    c, s = np.cos(np.radians(q.p.degrees)), np.sin(np.radians(q.p.degrees))
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    matrix = np.linalg.inv(_TO_YCC) @ turn @ _TO_YCC if q.p.degrees % 360 else np.eye(3)
    return {"rows": tuple(matrix.ravel().tolist())}


@pixel(
    "nodegraph.colour.hue_shift",
    label="hue shift",
    colour=True,
    prepare=_prepare,
    params={
        "degrees": Float(0, unit="deg", soft=(-180, 180), help="Red goes towards blue above 0, towards green below.")
    },
)
def hue_shift(r: V, g: V, b: V, *, rows: V = Prepared(9)) -> RGB:
    """Turn all hues by an angle in the plane of BT.709's colour differences; luminance stays."""
    return (
        dot(r, g, b, rows[0], rows[1], rows[2]),
        dot(r, g, b, rows[3], rows[4], rows[5]),
        dot(r, g, b, rows[6], rows[7], rows[8]),
    )
