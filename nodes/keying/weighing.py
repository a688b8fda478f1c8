"""How far a keyer's matte and a network's are to be believed, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nodegraph.kernels.weighing import Sums

Plane = NDArray[np.float32]

#: Lengths are in 256ths of the picture's longer side, as the networks see it.
_NEAR, _AROUND, _LIGHT = 2.0, 12.0, 6.0
#: How much of a colour's own variation counts as proof that the subject's light does thin out.
_DOUBT = 0.12
#: The network is believed by this much where nothing speaks against the keyer.
_LEAST = 0.02
#: From how far inside the network's matte on the subject is solid, and from how far outside nobody is.
_DEEP, _FAR = (14.0, 20.0), (12.0, 18.0)
#: How far what is no screen reaches over the edges of the subject before it; and how far beyond the screen it lies.
_REACH, _BEYOND = 4.0, 8.0
#: The narrowest Gaussian, in pixels, that is worth its own size.
_COARSE = 1.5
#: Things smaller than this share of the picture are nobody's business.
_THING = 0.005


def weigh(sums: Sums, lacking: tuple[float, float]) -> Plane:
    """Planes for `kernels.weighing.combine`; `lacking` are the weights of the two colours that were measured."""
    unit = max(sums.matte.shape) / 256
    share = _LEAST + (1 - _LEAST) * _smooth(4 * (1 - thinning(sums, lacking, unit)))
    return np.stack([_screen(sums, unit), share, _deep(sums, unit), _far(sums, unit)]).astype(np.float32)


def thinning(sums: Sums, lacking: tuple[float, float], unit: float) -> Plane:
    """How much of the transparency that the keyer sees the subject's own light shows: 1 is all of it, 0 none.

    Where a matte K is right, a colour that the screen has little of falls with it, from the subject's F to the
    screen's S: its slope over K is F - S. Light that the screen throws on a solid subject looks as green as a mixture,
    but nothing falls. The slope is that of the least squares over a neighbourhood; where the subject is too dark or
    too patterned to tell, 1 is assumed. Of two neighbourhoods the one that speaks for the keyer counts.
    """
    solid = _spread(sums.solid_colour, sums.solid, _LIGHT * unit)
    bare = _spread(sums.bare_colour, sums.bare, _LIGHT * unit)
    fall = (solid - bare) * np.sqrt(np.array(lacking, np.float32))[:, None, None]
    colour = np.array(lacking, np.float32)[:, None, None] ** 0.5
    found = np.full(sums.matte.shape, -np.inf, np.float32)
    for size in (_NEAR, _AROUND):
        whole = _blurred(sums.zone, size * unit) + 1e-4
        matte = _blurred(sums.matte, size * unit) / whole
        spread = _blurred(sums.squared, size * unit) / whole - matte * matte
        mean = _blurred(sums.colour, size * unit) / whole
        along = _blurred(sums.product, size * unit) / whole - mean * matte
        varied = _blurred(sums.colour_squared, size * unit) / whole - mean * mean
        doubt = 1e-6 + _DOUBT * np.maximum((varied * colour**2).sum(0), 0)
        expected = np.maximum(spread, 0) * (fall * fall).sum(0)
        found = np.maximum(found, ((along * colour * fall).sum(0) + doubt) / (expected + doubt))
    return np.clip(found, 0, 1)


def _screen(sums: Sums, unit: float) -> Plane:
    """1 less where things are seen that nobody is, and that lie mostly outside the hull of what is surely bare screen."""
    import cv2

    bare = np.asarray(sums.bare > 0.9, np.uint8)
    size = 2 * round(unit) + 1
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.morphologyEx(bare, cv2.MORPH_OPEN, _disc(size)))
    areas = stats[1:, cv2.CC_STAT_AREA]
    if count < 2 or areas.max() < 0.005 * bare.size:
        return np.zeros(bare.shape, np.float32)
    kept = np.isin(labels, 1 + np.flatnonzero(areas > 0.05 * areas.max()))
    hull = np.zeros(bare.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(np.argwhere(kept)[:, ::-1].astype(np.int32)), 1)
    within = _distance(hull == 0) <= _BEYOND * unit
    things = (sums.empty > 0.5) & (sums.empty_solid > 0.7 * sums.empty)
    count, labels = cv2.connectedComponents(np.asarray(things, np.uint8))
    whole, before = (np.bincount(labels[where], minlength=count) for where in (things, things & within))
    beyond = ((before < 0.5 * whole) & (whole > _THING * bare.size))[labels] & things
    return 1 - _blurred(np.asarray(_distance(~beyond) <= _REACH * unit, np.float32), unit)


def _deep(sums: Sums, unit: float) -> Plane:
    inside = _distance(sums.seen > 0.9) / unit
    return _smooth((inside - _DEEP[0]) / (_DEEP[1] - _DEEP[0]))


def _far(sums: Sums, unit: float) -> Plane:
    """Where nobody is near, and the keyer itself has only doubts."""
    import cv2

    away = _smooth((_distance(sums.seen < 0.05) / unit - _FAR[0]) / (_FAR[1] - _FAR[0]))
    most = cv2.dilate(sums.most, _disc(2 * round(_NEAR * unit) + 1))
    return away * _smooth((0.5 - most) / 0.3)


def _distance(inside: NDArray[np.bool_]) -> Plane:
    """To the nearest cell that isn't, in cells; the picture's border is none."""
    import cv2

    if inside.all():
        return np.full(inside.shape, np.inf, np.float32)
    return np.asarray(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def _disc(size: int) -> NDArray[np.uint8]:
    import cv2

    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _blurred(planes: Plane, sigma: float) -> Plane:
    """A Gaussian, held at the border; a wide one is taken at a fraction of the size, which nobody can tell."""
    import cv2

    rows, columns = planes.shape[-2:]
    step = 2 ** max(0, int(np.log2(max(sigma, 1) / _COARSE)))
    # averaging over step pixels and going back between them are narrow blurs too
    rest = float(np.sqrt(sigma**2 - (step**2 - 1) * (1 / 12 + 1 / 6))) / step

    def one(plane: Plane) -> Plane:
        small: Any = plane
        if step > 1:
            small = cv2.resize(plane, (-(-columns // step), -(-rows // step)), interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), rest, borderType=cv2.BORDER_REPLICATE)
        return np.asarray(small if step == 1 else cv2.resize(small, (columns, rows)), np.float32)

    return one(planes) if planes.ndim == 2 else np.stack([one(plane) for plane in planes])


def _spread(colour: Plane, weight: Plane, sigma: float) -> Plane:
    """Colours of what is known around; 0 far from all of it."""
    return _blurred(colour, sigma) / (_blurred(weight, sigma) + 1e-5)


def _smooth(u: Plane | np.float32) -> Plane:
    u = np.clip(u, 0, 1)
    return np.asarray(u * u * (3 - 2 * u), np.float32)
