"""How good a key is, in numbers, as a map and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import log2, sqrt
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import CookError
from nodegraph.node import Bool, Choice, Float, FrameNode, In, Query
from nodegraph.values import Frame, FrameSpec, Window

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.kernels.quality import Judged, Light, Look, Picture, Screen

__all__ = ["Quality", "QualityMeter", "measure"]

#: What the score loses for each measure: at `bad` and above the factor falls by the whole `weight`.
PENALTIES = {
    "residue": (0.05, 0.5), "residue_95": (0.25, 0.4), "background_noise": (0.1, 0.3), "holes": (0.05, 0.5),
    "core_noise": (0.1, 0.3), "spill": (0.4, 0.3), "flicker": (0.05, 0.3), "clipped": (0.25, 0.1),
}  # fmt: skip
#: A part of the picture counts when it has this share of the cells that it would have.
_SEEN = 0.1


@dataclass(frozen=True)
class Quality:
    """A key's measures. Mattes are 0..1, shares are of 1; what can't be measured (no screen, no subject) is 0.

    `score` is 100 x the product over the measures m of 1 - weight x min(1, m / bad), with these bad / weight:
    residue 0.05 / 0.5, residue_95 0.25 / 0.4, background_noise 0.1 / 0.3, holes 0.05 / 0.5, core_noise 0.1 / 0.3,
    spill 0.4 / 0.3, flicker 0.05 / 0.3, clipped 0.25 / 0.1; and 0 without a screen.
    """

    #: 0 bad to 100 good.
    score: float = 0.0
    #: Whether there is a screen in the picture.
    screen: bool = False
    #: Shares of the picture that are surely bare backing, and surely the subject's inside.
    backing: float = 0.0
    core: float = 0.0
    #: Mean, and 95th percentile, of the matte in sure backing.
    residue: float = 0.0
    residue_95: float = 0.0
    #: Standard deviation of the matte in sure backing, and in the subject's inside.
    background_noise: float = 0.0
    core_noise: float = 0.0
    #: Mean of what the matte lacks of 1 in the subject's inside.
    holes: float = 0.0
    #: Median width of the edge in pixels: 1 / |gradient of the matte| where it is between 0.3 and 0.7. 0: a hard edge.
    edge_width: float = 0.0
    #: The screen's colour in the soft edge, relative to the screen's own, weighted by the matte.
    spill: float = 0.0
    #: Root mean square of the matte's change from the frame before, where nothing moved.
    flicker: float = 0.0
    #: The screen's darkest and brightest part in stops against its median, and where they are.
    darkest: float = 0.0
    darkest_at: str = ""
    brightest: float = 0.0
    brightest_at: str = ""
    #: Share of the screen that is clipped.
    clipped: float = 0.0
    #: Share of the matte that is no number.
    odd: float = 0.0
    #: What to do about it, the worst first.
    hints: tuple[str, ...] = ()

    def metadata(self) -> dict[str, Any]:
        """Plain values by name: "quality:score", "quality:residue" and so on; hints are lines of one text."""
        named = {f"quality:{f.name}": getattr(self, f.name) for f in fields(self)}
        named["quality:hints"] = "\n".join(self.hints)
        return {name: int(v) if isinstance(v, bool) else v for name, v in named.items()}


def measure(
    plate: Frame,
    keyed: Frame,
    previous: Frame | None = None,
    *,
    previous_plate: Frame | None = None,
    clip: float = 1.0,
    pool: Pool | None = None,
) -> Quality:
    """Measure a key (with an alpha channel) of a plate, both scene-linear.

    `previous` is the key of the frame before, for flicker: of what is surely backing or core, and with the plate of
    the frame before also of edges that stood still. `clip` is the value at which the camera clips.
    """
    return _measured(plate, keyed, previous, previous_plate, clip, pool)[0]


class _Map(NamedTuple):
    """What the map shows: faults by cell (screen left, holes, spill), and the screen's light against its median."""

    seen: Look
    judged: Judged | None = None
    backing: NDArray[np.bool_] | None = None
    median: float = 0.0


def _measured(
    plate: Frame, keyed: Frame, previous: Frame | None, previous_plate: Frame | None, clip: float, pool: Pool | None
) -> tuple[Quality, _Map]:
    from nodegraph.kernels import quality as kernel
    from nodegraph.kernels.pool import Pool

    pool = pool or Pool.serial()
    window = plate.spec.data_window
    source, matte = _plate(plate, window), _matte(keyed, window)
    if window.empty:
        return Quality(hints=("no screen found: the plate is empty",)), _Map(kernel.Look(np.zeros((6, 0, 0), "f4"), 1))
    seen = kernel.look(source, matte, clip, pool)
    screen = kernel.find(seen)
    known = None if screen is None else kernel.classify(seen, screen, pool)
    if screen is None or known is None:
        return Quality(hints=_hints_without_screen(seen.cells)), _Map(seen)
    sure, light = known
    then = None if previous is None else _matte(previous, window)
    still = None if then is None or previous_plate is None else _plate(previous_plate, window)
    premultiplied = keyed.spec.premultiplied
    judged = kernel.judge(seen, sure, screen, matte, premultiplied, source, pool, then, still)
    backing = sure == kernel.BACKING
    found = _summed(judged, light, screen, float(backing.mean()), float((sure == kernel.CORE).mean()))
    return found, _Map(seen, judged, backing, light.median)


def _plate(frame: Frame, window: Window) -> Picture:
    """A plate as the kernel takes it, from the window's first pixel on."""
    from nodegraph.kernels.quality import Picture

    names, mine = frame.spec.channels, frame.spec.data_window
    if not {"R", "G", "B"} <= set(names):
        raise CookError("the plate has no colours", hint="connect the original picture, with R, G and B")
    r, g, b = (names.index(c) for c in "RGB")
    return Picture(frame.pixels, (r, g, b, -1), window.x0 - mine.x0, window.y0 - mine.y0)


def _matte(frame: Frame, window: Window) -> Picture:
    """A key as the kernel takes it; without colours it is a matte alone."""
    from nodegraph.kernels.quality import Picture

    names, mine = frame.spec.channels, frame.spec.data_window
    if "A" not in names:
        raise CookError("the image has no alpha channel", hint="connect the keyed picture")
    r, g, b = (names.index(c) if {"R", "G", "B"} <= set(names) else -1 for c in "RGB")
    return Picture(frame.pixels, (r, g, b, names.index("A")), window.x0 - mine.x0, window.y0 - mine.y0)


def _parts(light: Light) -> list[tuple[float, str]]:
    """The screen's stops against its median in each part of the picture where there is enough of it."""
    if light.median <= 0:
        return []
    told = []
    for row, column in zip(*np.nonzero(light.counts > _SEEN * light.cells), strict=True):
        mean = float(light.sums[row, column] / light.counts[row, column])
        told.append((log2(max(mean / light.median, 1e-6)), _place(int(row), int(column))))
    return told


def _place(row: int, column: int) -> str:
    """Where a part of the picture is, in words."""
    from nodegraph.kernels.quality import ZONES

    tall = {0: "top", ZONES - 1: "bottom"}.get(row, "")
    wide = {0: "left", ZONES - 1: "right"}.get(column, "")
    if tall and wide:
        return f"{tall} {wide} corner"
    return f"{tall or wide} edge" if tall or wide else "middle"


def _summed(judged: Judged, light: Light, screen: Screen, backing: float, core: float) -> Quality:
    from nodegraph.kernels.quality import LEVELS, NARROWEST, OCTAVE, _stands

    s, parts = judged.sums, _parts(light)
    dark, bright = min(parts, default=(0.0, "")), max(parts, default=(0.0, ""))
    full = max(float(_stands(*screen.colour, screen.kind)), 1e-6)
    level = _quantile(judged.levels, 0.95)
    width = _quantile(judged.widths, 0.5)
    values: dict[str, Any] = {
        "backing": backing,
        "core": core,
        "residue": _ratio(s[1], s[0]),
        "residue_95": 0.0 if level is None or level < 1 else level / LEVELS,
        "background_noise": _deviation(s[0], s[1], s[2]),
        "core_noise": _deviation(s[3], s[4], s[5]),
        "holes": _ratio(s[6], s[3]),
        "edge_width": 0.0 if width is None else NARROWEST * 2 ** (width / OCTAVE),
        "spill": _ratio(s[9], s[8] * full),
        "flicker": sqrt(_ratio(s[11], s[10])),
        "darkest": min(dark[0], 0.0),
        "darkest_at": dark[1],
        "brightest": max(bright[0], 0.0),
        "brightest_at": bright[1],
        "clipped": _ratio(light.clipped, float(light.counts.sum())),
        "odd": _ratio(s[12], s[13]),
    }
    score = 100.0
    for name, (bad, weight) in PENALTIES.items():
        score *= 1 - weight * min(1.0, max(values[name], 0.0) / bad)
    found = Quality(score=score, screen=True, **values)
    return Quality(**{**{f.name: getattr(found, f.name) for f in fields(found)}, "hints": _hints(found)})


def _ratio(a: float, b: float) -> float:
    return float(a / b) if b > 0 else 0.0


def _deviation(count: float, total: float, squares: float) -> float:
    return sqrt(max(squares / count - (total / count) ** 2, 0.0)) if count > 0 else 0.0


def _quantile(counts: NDArray[np.int64], share: float) -> float | None:
    """Where in a histogram so much lies below, in bins; None if it is empty."""
    total = int(counts.sum())
    if not total:
        return None
    below = np.cumsum(counts)
    at = int(np.searchsorted(below, share * total))
    inside = (share * total - (below[at] - counts[at])) / max(int(counts[at]), 1)
    return float(at + inside)


# --- in words ---------------------------------------------------------------------------------


def _hints_without_screen(cells: NDArray[np.float32]) -> tuple[str, ...]:
    if not cells[4].any():
        return ("no screen found: the plate holds no numbers",)
    if cells[:3].max() <= 1e-5:
        return ("no screen found: the plate is black",)
    return ("no screen found: connect the picture as it was shot to plate",)


def _hints(q: Quality) -> tuple[str, ...]:
    """What to do, the worst first."""
    told: list[tuple[float, str]] = []

    def tell(how_bad: float, text: str) -> None:
        if how_bad >= 1:
            told.append((how_bad, text))

    if q.odd > 0:
        told.append((1e3, f"the matte has pixels that are no numbers ({_percent(q.odd)})"))
    if not q.backing:
        told.append((1e2, "no bare screen to measure: the subject or its edge is everywhere"))
    if not q.core:
        told.append((1.0, "no subject found: all is screen or edge"))
    tell(-q.darkest / 0.7, f"screen {-q.darkest:.1f} stops darker at the {q.darkest_at}: use screen_correct")
    tell(q.brightest / 0.7, f"screen {q.brightest:.1f} stops brighter at the {q.brightest_at}: use screen_correct")
    tell(q.clipped / 0.02, f"{_percent(q.clipped)} of the screen is clipped: expose it lower")
    if q.residue > 0.5:
        told.append((1e2, f"the screen isn't keyed (matte {q.residue:.2f} there): pick its colour"))
    else:
        worst = max(q.residue / 0.01, q.residue_95 / 0.04)
        tell(worst, f"screen is left in the background (95th percentile {q.residue_95:.2f}): raise clip black")
    noise = f"matte is noisy in the background ({q.background_noise:.2f}): raise clip black or denoise"
    tell(q.background_noise / 0.02, noise)
    tell(q.holes / 0.005, f"holes in the subject ({_percent(q.holes)}): lower clip white or connect an inside matte")
    tell(q.core_noise / 0.02, f"matte is noisy in the subject ({q.core_noise:.2f}): lower clip white or denoise")
    tell(q.spill / 0.1, f"spill left at the edges ({_percent(q.spill)} of the screen's colour): raise despill")
    tell(q.flicker / 0.01, f"the matte flickers ({q.flicker:.2f}): look at the screen once, denoise or use temporal")
    if q.core and q.backing and q.edge_width < 1.2:
        told.append((1.0, "edges are hard: choke less or blur them by a pixel"))
    return tuple(text for _, text in sorted(told, key=lambda each: -each[0]))


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"


# --- the node ---------------------------------------------------------------------------------


class QualityMeter(FrameNode):
    """Measure a key while it is made: what is left of the screen, noise, holes, edges, flicker, spill; and say what to do.

    Connect the keyed picture to `image` and the picture as it was shot to `plate`. The picture passes untouched; the
    numbers and hints are in its metadata, under quality:score, quality:residue ... quality:hints. The view *map*
    shows where: red is screen left in the background (full at 0.25), blue are holes, magenta is spill in the edge,
    yellow a screen that is brighter or darker than its median (full at two stops), over the picture in dark grey.

    What is surely screen and surely subject is told by the plate's colour alone, in cells of a 192nd of the width, of
    which a sixteenth of the pixels (at 1080p) is read, two or three cells away from anything else; what was keyed away beside the screen, from the
    picture's border on, isn't counted. Means and noise are of the matte there. An edge's width is 1 / |gradient| of
    the matte where it is near a half: a hard edge that is antialiased reads 2 at the most. Spill is the sum of the
    foreground's colour difference (P. Vlahos, US 4,100,569) over the soft edge, by the matte's sum and the screen's own.
    Flicker is the matte's change since the frame before, by less than a quarter, where it should have none.

    The score is 100 x the product of 1 - weight x min(1, measure / bad): residue (mean matte in the backing) 0.05
    bad, weight 0.5; its 95th percentile 0.25, 0.4; background noise 0.1, 0.3; holes 0.05, 0.5; core noise 0.1, 0.3;
    spill 0.4, 0.3; flicker 0.05, 0.3; clipped screen 0.25, 0.1. Without a screen in the plate it is 0.
    """

    id = "nodegraph.keying.quality"
    label = "key quality"
    image = In(help="The keyed picture, with alpha.")
    plate = In(help="The picture as it was shot.")

    view = Choice("through", ("through", "map"), help="through passes the picture; map shows where the key is bad.")
    flicker = Bool(True, help="Also look at the frame before, which costs its cook when it isn't in memory.")
    clip = Float(1, 0.01, 1000, soft=(0.5, 4), help="The value at which the camera clips (scene-linear).")

    def upstream(self, q: Query, port: str) -> Sequence[int]:
        (frame,) = super().upstream(q, port)
        return (frame - 1, frame) if q.p.flicker else (frame,)

    def describe(self, q: Query) -> FrameSpec:
        if q.p.view == "through":
            return q.inputs["image"]
        window = q.inputs["plate"].data_window
        return q.inputs["plate"].with_(
            channels=("R", "G", "B", "A"), data_window=window, premultiplied=True, colour_space="linear"
        )

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        keyed, plate = inputs["image"][-1], inputs["plate"][-1]
        keyed_before = inputs["image"][0] if q.p.flicker else None
        plate_before = inputs["plate"][0] if q.p.flicker else None
        found, seen = _measured(plate, keyed, keyed_before, plate_before, q.p.clip, pool)
        if q.p.view == "map":
            spec, pixels = self.describe(q), _painted(plate, seen, pool)
        else:
            spec, pixels = keyed.spec, keyed.pixels
        told = MappingProxyType({**keyed.spec.metadata, **found.metadata()})
        return Frame(spec.with_(metadata=told), pixels)


def _painted(plate: Frame, seen: _Map, pool: Pool) -> NDArray[np.float32]:
    """The map over the plate's window."""
    from nodegraph.kernels.quality import paint

    window = plate.spec.data_window
    out = np.empty((4, window.height, window.width), np.float32)
    if window.empty:
        return out
    cells, size = seen.seen
    colours = np.zeros((3, *cells.shape[1:]), np.float32)
    if seen.judged is not None and seen.backing is not None and seen.median > 0:
        left, holes, spill = seen.judged.faults
        stops = np.log2(np.maximum(cells[:3].sum(0), 1e-6 * seen.median) / np.float32(seen.median))
        uneven = np.where(seen.backing, 0.5 * np.clip((np.abs(stops) - 0.25) / 1.75, 0, 1), 0)
        colours[0] = left + spill + uneven
        colours[1] = uneven
        colours[2] = holes + spill
    paint(_plate(plate, window), np.minimum(colours, 1), size, out, pool)
    return out
