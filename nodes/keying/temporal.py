"""A matte steadied over time:

plate ─> look ─> flows ─┐
image, frames around ───┴─> follow ─> finish ─> out

A frame's look and the flow between two frames are made once, whichever frame asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.node import Choice, Compound, Float, FrameNode, In, Int, Out, Part, Parts, Query

from .finish import Finish
from .guide import EXPOSURE

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, FrameSpec, Window
    from nodegraph.values.frame import Pixels

    from .flow import Flow, Seen

__all__ = ["Temporal"]

_VIEWS = ("result", "matte", "change", "trust", "motion")
_TOLERANCE = Float(0.3, 0.01, 2, soft=(0.05, 1), help="Values farther from the middle one than this don't count.")
_STRENGTH = Float(1, 0, 1, help="How much of the steadied matte is taken.")
_CHANGE = Float(
    0.06,
    0.001,
    1,
    soft=(0.01, 0.2),
    help="A plate that looks different by this much (in encoded values) isn't believed.",
)


class _Seen(FrameNode):
    """What is compared of a frame; a plate of the matte's size is needed."""

    id = "nodegraph.keying.temporal.seen"
    image = In()
    plate = In(optional=True)
    seen = Out("Number")
    exposure = EXPOSURE

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Seen:
        from .flow import seen

        image = inputs["image"]
        plate = inputs.get("plate") or image
        alpha = _alpha(image, plate.spec.data_window) if "A" in image.spec.channels else None
        return seen(plate, alpha, q.p.exposure, pool, q.path)


class _Flow(FrameNode):
    """From one frame's cells to another's."""

    id = "nodegraph.keying.temporal.flow"
    here = In("Number")
    there = In("Number")
    flow = Out("Number")

    def describe(self, q: Query) -> None:
        return None

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return region

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Flow:
        from .flow import flow

        return flow(inputs["here"], inputs["there"])


class _Follow(FrameNode):
    """The first frame's matte among the others'; or what is known of the motion."""

    id = "nodegraph.keying.temporal.follow"
    image = In()
    forth = In("Number")
    back = In("Number")
    makes = Choice("matte", ("matte", "trust", "motion"))
    tolerance = _TOLERANCE
    strength = _STRENGTH
    change = _CHANGE

    def describe(self, q: Query) -> FrameSpec:
        channels = ("R", "G", "B", "A") if q.p.makes == "motion" else ("A",)
        return q.inputs["image"].with_(channels=channels, colour_space="raw", premultiplied=False)

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.follow import follow
        from nodegraph.values import Frame

        from .flow import is_cut, trust

        spec = self.describe(q)
        forth, back = _listed(inputs["forth"]), _listed(inputs["back"])
        trusts = np.stack([trust(*pair, q.p.change) for pair in zip(forth, back, strict=True)])
        for there, trusted in zip(forth, trusts, strict=True):
            if is_cut(there, trusted):
                trusted[...] = 0
        out = np.empty(spec.shape, np.float32)
        if q.p.makes == "matte":
            mattes = [_alpha(frame, spec.data_window) for frame in inputs["image"]]
            ways = np.concatenate([each.way for each in forth])
            follow(mattes, ways, trusts, forth[0].cell, q.p.tolerance, q.p.strength, out[0], pool)
        else:
            shown = trusts.mean(0)[None] if q.p.makes == "trust" else _wheel(forth[0].way * forth[0].subject)
            _spread(shown, forth[0].cell, out)
        return Frame(spec, out)


def _listed(flows: Any) -> Sequence[Flow]:
    return flows if isinstance(flows, list) else [flows]


def _alpha(frame: Frame, window: Window) -> Pixels:
    if "A" in frame.spec.channels:
        return frame.crop(window).channel("A")
    opaque = np.zeros((window.height, window.width), np.float32)
    shared = frame.spec.data_window.intersect(window)
    if not shared.empty:
        opaque[shared.within(window)] = 1
    return opaque


def _wheel(way: Pixels) -> Pixels:
    """A motion's direction as hue, its length as brightness; full from a 50th of the picture's width on."""
    turns = np.arctan2(way[1], way[0])[None] - np.array([0, 2, 4])[:, None, None] * np.pi / 3
    length = np.minimum(np.hypot(*way) * 50 / way.shape[2], 1)
    return np.asarray(length * (0.5 + 0.5 * np.cos(turns)), np.float32)


def _spread(cells: Pixels, cell: int, out: Pixels) -> None:
    """Cells as pixels; a single plane fills all channels, alpha is 1 beside colours."""
    import cv2

    height, width = out.shape[1:]
    for c, plane in enumerate(cells):
        size = plane.shape[1] * cell, plane.shape[0] * cell
        out[c] = cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)[:height, :width]
    out[len(cells) :] = 1


class Temporal(Compound):
    """Take the flicker out of a matte: what moves is followed through the frames around.

    Put it behind the keyer, and connect the picture as shot to `plate`: motion is found in it, since a keyed picture
    has none where it is black. Start with the defaults. Look at *change*: it should be a thin restless line; where it
    shows whole shapes, lower `tolerance`. *motion* shows where things go (hue is the direction), *trust* where that
    is believed. Live, use the frames *before* only: later ones aren't there yet, and this node never waits for them.

    Each of the frames around, up to `frames` before and after, is followed by optical flow (dense inverse search,
    T. Kroeger et al., ECCV 2016) in cells of a 512th of the picture's longer side, there and back: that of the subject
    before black, since at a soft edge the wall behind moves otherwise. It isn't believed
    where the way back leads elsewhere: |f + b|^2 >= 0.01 (|f|^2 + |b|^2) + 0.5 cells^2 (N. Sundaram et al., ECCV 2010),
    where it leads out of the picture, and as exp(-(d / change)^2) where the plate's luma there differs by d, and the
    subject's too, without what all of it got brighter. A frame in which hardly any of the subject is believed lies
    beyond a cut, and isn't used.

    A pixel's values v_k at those places have a median m, each counted by its trust, its own by 1. Then
    a = a + strength (mean - a), the mean being weighed by trust x max(0, 1 - ((v_k - m) / tolerance)^2): a value that
    is alone goes, noise is averaged, a real change of more than `tolerance` stays sharp. Premultiplied colours follow
    the alpha as in keying.refine. Needs the extra `ai`: `pip install "nodegraph[ai]"`.
    """

    id = "nodegraph.keying.temporal"
    label = "temporal matte"
    reads = frozenset({"frame"})

    image = In(help="The keyed picture, with alpha.")
    plate = In(optional=True, help="The picture as shot, to find the motion in; without it, the keyed one.")

    view = Choice("result", _VIEWS, help="trust is where the motion is believed; motion has its direction as hue.")
    use = Choice("before and after", ("before and after", "before"), help="Live, there are only those before.")
    frames = Int(2, 0, 3, unit="frames", help="How many on each side; each costs two flows.")
    strength = _STRENGTH
    tolerance = _TOLERANCE
    change = _CHANGE
    exposure = EXPOSURE

    def identity(self, q: Query) -> str | None:
        return "image" if q.p.view == "result" and (q.p.frames == 0 or q.p.strength == 0) else None

    def upstream(self, q: Query, port: str) -> Sequence[int]:
        if port not in ("image", "plate"):
            return (q.frame,)
        sides = (-1, 1) if q.p.use == "before and after" else (-1,)
        return (q.frame, *(q.frame + side * k for k in range(1, int(q.p.frames) + 1) for side in sides))

    def compose(self, q: Query, parts: Parts) -> Part:
        image, frames = parts.inputs["image"], parts.frames["image"]
        if "A" not in q.inputs["image"].channels and q.p.view == "result":
            return image  # opaque: there is no edge
        plates = parts.frames.get("plate", [None] * len(frames))
        # each has a name of its own: the cache keeps but a few results of one name
        here, *others = (
            parts.use(f"seen{k}", _SEEN, {"image": each, **({"plate": plate} if plate else {})}, exposure=q.p.exposure)
            for k, (each, plate) in enumerate(zip(frames, plates, strict=True))
        )
        forth = [parts.use(f"forth{k}", _FLOW, {"here": here, "there": each}) for k, each in enumerate(others)]
        back = [parts.use(f"back{k}", _FLOW, {"here": each, "there": here}) for k, each in enumerate(others)]
        shown = q.p.view in ("trust", "motion")
        made = parts.use(
            "follow", _FOLLOW, {"image": frames, "forth": forth, "back": back},
            makes=q.p.view if shown else "matte", **q.given(_FOLLOW),
        )  # fmt: skip
        if q.p.view == "motion":
            return made
        view = "matte" if shown else q.p.view
        return parts.use("finish", _FINISH, {"image": image, "edge": made}, view=view)


_SEEN, _FLOW, _FOLLOW, _FINISH = _Seen(), _Flow(), _Follow(), Finish()
