"""Where things went between two frames: dense optical flow, and how far it is to be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import NodegraphError

from .guide import Plane, look, srgb

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame

#: Rec. 709: the flow is found in the luma of encoded colours.
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
#: A flow and its way back may miss each other by this share of their length, plus this many cells (squared).
_SHARE, _MISS = 0.01, 0.5
#: Holes in a matte up to this many cells wide aren't followed.
_HOLE = 15
#: Below this mean trust a frame shows something else: it lies beyond a cut.
_CUT = 0.2


@dataclass(frozen=True)
class Seen:
    """What is compared of a frame, by cells: its `luma`, encoded, and that of the `subject` alone, before black."""

    luma: Plane
    subject: Plane
    cell: int

    @property
    def nbytes(self) -> int:
        return self.luma.nbytes + self.subject.nbytes


def seen(plate: Frame, alpha: Plane | None, exposure: float, pool: Pool, where: str = "") -> Seen:
    """The plate, and the subject that a matte of its size shows of it.

    At a soft edge the plate's texture is half the wall's, which moves otherwise: the search would take either. Before
    black there is only the subject. It is lifted by a quarter, so that a black sleeve has an edge too; and holes are filled, which in a matte to be steadied come and go.
    """
    from nodegraph.kernels.cells import shrink

    cv2 = _opencv()
    guide = look(plate, exposure, pool, where)
    luma = srgb(guide.colour) @ _LUMA
    if alpha is None:
        return Seen(luma, luma, guide.cell)
    cover = np.clip(shrink(np.clip(alpha, 0, 1)[None], guide.cell, pool)[0], 0, 1)
    cover = cv2.morphologyEx(cover, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_HOLE, _HOLE)))
    return Seen(luma, cover * (0.25 + 0.75 * luma), guide.cell)


@dataclass(frozen=True)
class Flow:
    """From one frame to another, by cells: `way` (2, rows, columns) in cells, what has another colour there, and
    where there is a subject."""

    way: Plane
    change: Plane
    subject: NDArray[np.bool_]
    cell: int

    @property
    def nbytes(self) -> int:
        return self.way.nbytes + self.change.nbytes + self.subject.nbytes


def flow(here: Seen, there: Seen) -> Flow:
    """The subject's flow by dense inverse search (T. Kroeger et al., "Fast Optical Flow using Dense Inverse Search",
    ECCV 2016).

    `change` is how much the luma that is found there differs, without what the whole picture brightened by: the
    plate's or, where there is one, the subject's, whichever differs less: only one does at a soft edge, or in a hole.
    """
    cv2 = _opencv()
    rows, columns = here.luma.shape
    if here.luma.shape != there.luma.shape:
        raise NodegraphError(
            f"the frames to compare have {columns} x {rows} and {there.luma.shape[1]} x {there.luma.shape[0]} cells",
            hint="bring them to one format first, by transform.crop",
        )
    way = np.zeros((2, rows, columns), np.float32)
    if min(rows, columns) >= 16:  # the search's patches are 8 wide, at half the size
        search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        search.setFinestScale(1)
        search.setGradientDescentIterations(12)
        search.setVariationalRefinementIterations(0)  # twice the time, and no better on plates
        found = search.calc(_bytes(here.subject), _bytes(there.subject), None)
        way = np.ascontiguousarray(found.transpose(2, 0, 1))
    plate, subject = (
        _difference(ours, theirs, way) for ours, theirs in ((here.luma, there.luma), (here.subject, there.subject))
    )
    there_is = here.subject > 0
    return Flow(way, np.where(there_is, np.minimum(plate, subject), plate), there_is, here.cell)


def _difference(ours: Plane, theirs: Plane, way: Plane) -> Plane:
    off = sampled(theirs, way) - ours
    made: Any = _opencv().blur(np.abs(off - np.median(off)), (3, 3))
    return made  # type: ignore[no-any-return]


def trust(forth: Flow, back: Flow, change: float) -> Plane:
    """0 to 1 by cells: whether what is here is there too.

    It is not where the flow back from there leads elsewhere (N. Sundaram et al., "Dense point trajectories by GPU-
    accelerated large displacement optical flow", ECCV 2010), and less the more the colour differs from `change` on.
    """
    again = np.stack([sampled(each, forth.way) for each in back.way])
    miss = ((forth.way + again) ** 2).sum(0)
    length = (forth.way**2).sum(0) + (again**2).sum(0)
    alike = np.exp(-((forth.change / max(change, 1e-4)) ** 2))
    rows, columns = miss.shape
    y, x = np.mgrid[:rows, :columns] + forth.way[::-1]
    inside = (x > -1) & (y > -1) & (x < columns) & (y < rows)
    found: Plane = np.where(inside & (miss < _SHARE * length + _MISS), alike, 0).astype(np.float32)
    return found


def is_cut(forth: Flow, trusted: Plane) -> bool:
    """Whether hardly anything of the subject is trusted to be in the other frame; or of the picture, without one."""
    some = forth.subject if forth.subject.mean() > 0.01 else np.ones_like(forth.subject)
    return float(trusted[some].mean()) < _CUT


def sampled(plane: Plane, way: Plane) -> Plane:
    """What a plane has at the places that the flow leads to; beyond its border that goes on."""
    cv2 = _opencv()
    y, x = np.mgrid[: plane.shape[0], : plane.shape[1]].astype(np.float32)
    made: Any = cv2.remap(plane, x + way[0], y + way[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return made  # type: ignore[no-any-return]


def _bytes(luma: Plane) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.asarray(luma * 255 + 0.5, np.uint8)


def _opencv() -> Any:
    try:
        import cv2
    except ImportError:
        raise NodegraphError("OpenCV is not installed", hint='install the extra: pip install "nodegraph[ai]"') from None
    return cv2
