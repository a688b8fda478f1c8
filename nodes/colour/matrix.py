"""Three by three."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.kernels.shade import RGB, V, dot
from nodegraph.node import Bool, Choice, Prepared, Query, Vec3, pixel

# x, y of red, green, blue and white (ITU-R BT.709-6, BT.2020-2, SMPTE EG 432-1, AMPAS S-2014-004 and TB-2014-004).
_D65, _ACES = (0.3127, 0.329), (0.32168, 0.33767)
_SPACES = {
    "Rec.709": ((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), _D65),
    "Rec.2020": ((0.708, 0.292), (0.17, 0.797), (0.131, 0.046), _D65),
    "P3-D65": ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), _D65),
    "ACEScg": ((0.713, 0.293), (0.165, 0.83), (0.128, 0.044), _ACES),
    "ACES2065-1": ((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.077), _ACES),
}
# K. M. Lam's "Bradford" cone responses (1985), as ISO 15076-1 has them.
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

Matrix = NDArray[np.float64]


def _xyz(point: tuple[float, float]) -> Matrix:
    x, y = point
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _to_xyz(name: str) -> Matrix:
    *primaries, white = _SPACES[name]
    columns = np.stack([_xyz(p) for p in primaries], 1)
    return np.asarray(columns * np.linalg.solve(columns, _xyz(white)))


def between(source: str, target: str) -> Matrix:
    """From one space's linear RGB to another's; whites are adapted after Bradford."""
    before, after = (_BRADFORD @ _xyz(_SPACES[n][3]) for n in (source, target))
    adapt = np.linalg.inv(_BRADFORD) @ np.diag(after / before) @ _BRADFORD
    return np.asarray(np.linalg.inv(_to_xyz(target)) @ adapt @ _to_xyz(source))


def _prepare(q: Query) -> Mapping[str, Any]:
    p = q.p
    custom = p.source == "custom" or p.target == "custom"
    matrix = np.array([p.red, p.green, p.blue]) if custom else between(p.source, p.target)
    if p.invert:
        matrix = np.linalg.inv(matrix) if abs(np.linalg.det(matrix)) > 1e-12 else np.eye(3)
    return {"rows": tuple(np.asarray(matrix).ravel().tolist())}


_NAMES = ("custom", *_SPACES)


@pixel(
    "nodegraph.colour.matrix",
    prepare=_prepare,
    params={
        "source": Choice("custom", _NAMES, help="The primaries the picture has; custom takes the rows below."),
        "target": Choice("custom", _NAMES, help="The primaries it gets."),
        "red": Vec3((1, 0, 0), soft=(-1, 2), help="What the new red is made of: red, green, blue."),
        "green": Vec3((0, 1, 0), soft=(-1, 2), help="What the new green is made of."),
        "blue": Vec3((0, 0, 1), soft=(-1, 2), help="What the new blue is made of."),
        "invert": Bool(False, help="The way back; a matrix that has none is left out."),
    },
)
def matrix(r: V, g: V, b: V, *, rows: V = Prepared(9)) -> RGB:
    """Mix channels linearly: other primaries, a swap, black and white in any proportion."""
    return (
        dot(r, g, b, rows[0], rows[1], rows[2]),
        dot(r, g, b, rows[3], rows[4], rows[5]),
        dot(r, g, b, rows[6], rows[7], rows[8]),
    )
