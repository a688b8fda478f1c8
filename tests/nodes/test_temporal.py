"""Mattes steadied over time, on clips whose motion is known."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage  # noqa: TID253

from nodegraph.engine import Engine
from nodegraph.errors import NodegraphError
from nodegraph.graph import Graph
from nodegraph.kernels.pool import Pool
from nodegraph.node import Int, Query, Source
from nodegraph.packs import registry
from nodegraph.values import Frame, FrameSpec, Window
from tests.nodes.cooking import cook

pytest.importorskip("cv2", reason="OpenCV is in the extra ai")
from nodes.keying import flow as flows

Plane = NDArray[Any]
TEMPORAL = "nodegraph.keying.temporal"
HEIGHT, WIDTH, LENGTH = 180, 256, 9


class Takes(Source):
    """Clips of a test: one frame for each number from 1; which were asked for is noted."""

    id = "tests.takes"
    reads = frozenset({"frame"})
    which = Int(0)

    def __init__(self, clips: list[list[Frame]]) -> None:
        self.clips, self.asked = clips, set[int]()

    def describe(self, q: Query) -> FrameSpec:
        self.asked.add(q.frame)
        return self._at(q).spec

    def cook(self, q: Query, region: Window, pool: Pool) -> Frame:
        return self._at(q)

    def _at(self, q: Query) -> Frame:
        clip = self.clips[q.values.which]
        return clip[min(max(q.frame - 1, 0), len(clip) - 1)]


@contextmanager
def session(keyed: list[Frame], plates: list[Frame] | None, **values: Any) -> Iterator[tuple[Engine, Takes]]:
    takes = Takes([keyed, plates or []])
    types = {**registry(), Takes.id: takes}
    graph = Graph({id: node.schema for id, node in types.items()})
    graph.add(TEMPORAL, name="node", params=values)
    graph.add(Takes.id, name="keyed")
    graph.connect("keyed", "node.image")
    if plates:
        graph.add(Takes.id, name="plates", params={"which": 1})
        graph.connect("plates", "node.plate")
    with Engine(graph, types, tier="numpy", threads=1) as engine:
        yield engine, takes


def steadied(keyed: list[Frame], plates: list[Frame] | None, **values: Any) -> list[Frame]:
    with session(keyed, plates, **values) as (engine, _):
        return [engine.cook("node", frame + 1) for frame in range(len(keyed))]


def cloth(seed: int) -> Plane:
    """Colours with something to follow everywhere."""
    noise = np.random.default_rng(seed).random((3, HEIGHT, WIDTH))
    soft = ndimage.gaussian_filter(noise, (0, 2.5, 2.5), mode="wrap")
    return 0.1 + 0.5 * (soft - soft.min()) / np.ptp(soft)


def disc(frame: float) -> Plane:
    """Where the actor is: she goes 3 px to the right and 1.5 px up a frame, with an edge 4 px soft."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.clip((50 - np.hypot(x - 90 - 3 * frame, y - 95 + 1.5 * frame)) / 4 + 0.5, 0, 1)


def scene(length: int = LENGTH, seed: int = 1) -> tuple[list[Plane], list[Frame]]:
    """The true mattes and the plates."""
    wall, dress = cloth(seed), cloth(seed + 50)
    truths = [disc(frame) for frame in range(length)]
    plates = [
        Frame.of(a * ndimage.shift(dress, (0, -1.5 * k, 3 * k), order=1, mode="wrap") + (1 - a) * wall)
        for k, a in enumerate(truths)
    ]
    return truths, plates


def keyed_of(plates: list[Frame], mattes: list[Plane], premultiplied: bool = True) -> list[Frame]:
    return [
        Frame.of(
            np.concatenate([plate.pixels * (matte if premultiplied else 1), matte[None]]), premultiplied=premultiplied
        )
        for plate, matte in zip(plates, mattes, strict=True)
    ]


def flicker(mattes: list[Plane], truths: list[Plane]) -> float:
    """dtSSD (M. Erofeev et al., BMVC 2015)."""
    off = np.stack(mattes) - np.stack(truths)
    return float(np.sqrt(np.mean(np.diff(off, axis=0) ** 2)))


def alphas(frames: list[Frame]) -> list[Plane]:
    return [frame.channel("A").astype(float) for frame in frames]


def noisy(truths: list[Plane], amount: float = 0.1, seed: int = 3) -> list[Plane]:
    """Every frame wrong by itself, where the matte isn't certain."""
    rng = np.random.default_rng(seed)
    soft = [ndimage.maximum_filter((a > 0) & (a < 1), 5) for a in truths]
    return [np.clip(a + s * rng.normal(0, amount, a.shape), 0, 1) for a, s in zip(truths, soft, strict=True)]


# --- what it is for ---------------------------------------------------------------------------


@pytest.mark.parametrize(("use", "most"), [("before and after", 0.6), ("before", 0.7)])
def test_there_is_less_flicker_though_she_moves(use: str, most: float) -> None:
    truths, plates = scene()
    wrong = noisy(truths)
    made = alphas(steadied(keyed_of(plates, wrong), plates, use=use))
    inner = slice(2, -2)
    assert flicker(made[inner], truths[inner]) < most * flicker(wrong[inner], truths[inner])
    before, after = (np.mean((np.stack(m) - truths)[inner] ** 2) for m in (wrong, made))
    assert after < 0.5 * before  # and it isn't bought with a trail


def test_a_clean_matte_stays_as_it_is() -> None:
    truths, plates = scene()
    made = alphas(steadied(keyed_of(plates, truths), plates))
    off = np.abs(np.stack(made) - truths)
    assert off.max() < 0.15 and off.mean() < 0.001


def test_a_hole_of_one_frame_is_closed() -> None:
    """The middle one of five isn't the one that is alone."""
    truths, plates = scene()
    mattes = [a.copy() for a in truths]
    mattes[4][85:95, 95:105] = 0
    made = alphas(steadied(keyed_of(plates, mattes), plates))
    assert made[4][86:94, 96:104].min() > 0.95


def test_a_cut_lets_nothing_through() -> None:
    truths, plates = scene(4)
    wall = [Frame.of(1.8 * (cloth(20) - 0.1))] * 4
    mattes, clip = [np.zeros_like(a) for a in truths] + noisy(truths), wall + plates
    made = alphas(steadied(keyed_of(clip, mattes), clip))
    assert made[3].max() == 0  # all that she is in lies behind the cut
    assert made[4][truths[0] == 1].min() > 0.6 and made[4][truths[0] == 1].mean() > 0.98


def test_what_comes_out_from_behind_is_not_taken_for_what_hid_it() -> None:
    """Where she was a moment ago there is wall now: the trail of a plain mean over time isn't there."""
    truths, plates = scene()
    made = alphas(steadied(keyed_of(plates, truths), plates, tolerance=2))
    left = (truths[2] == 1) & (truths[4] == 0)
    assert left.sum() > 100
    plain = np.mean([truths[k] for k in range(2, 7)], 0)
    assert made[4][left].mean() < 0.25 * plain[left].mean()


def test_the_past_alone_never_asks_for_a_frame_to_come() -> None:
    truths, plates = scene()
    for use, most in (("before", 5), ("before and after", 7)):
        with session(keyed_of(plates, truths), plates, use=use) as (engine, takes):
            engine.cook("node", 5)
            assert takes.asked == set(range(3, most + 1))


def test_flows_are_kept_from_frame_to_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame more of a playing clip costs the flows to the two that weren't seen together with it, there and back."""
    calls = []
    truths, plates = scene()
    steadied(keyed_of(plates[:2], truths[:2]), plates[:2])
    used = sys.modules[registry()[TEMPORAL].__module__.replace("temporal", "flow")]  # the pack's own
    real = used.flow
    monkeypatch.setattr(used, "flow", lambda here, there: calls.append(1) or real(here, there))
    with session(keyed_of(plates, truths), plates) as (engine, _):
        counts = []
        for frame in (3, 4, 5, 6):
            engine.cook("node", frame)
            counts.append(len(calls))
    assert counts == [8, 14, 18, 22]


def test_without_a_plate_it_follows_the_keyed_picture() -> None:
    truths, plates = scene()
    wrong = noisy(truths)
    made = alphas(steadied(keyed_of(plates, wrong), None))
    assert flicker(made, truths) < 0.75 * flicker(wrong, truths)


# --- what it hands on -------------------------------------------------------------------------


def test_colours_follow_alpha_where_they_are_premultiplied() -> None:
    truths, plates = scene()
    wrong = noisy(truths)
    for premultiplied in (True, False):
        keyed = keyed_of(plates, wrong, premultiplied)
        made = steadied(keyed, plates)[4]
        assert made.spec.premultiplied is premultiplied
        solid = wrong[4] > 0.1
        own = made.pixels[:3] / np.maximum(made.channel("A"), 1e-6) if premultiplied else made.pixels[:3]
        there = solid & (made.channel("A") > 0.1)
        assert np.abs(own - plates[4].pixels)[:, there].max() < 1e-4


def test_views() -> None:
    truths, plates = scene()
    keyed = keyed_of(plates, noisy(truths))
    result, matte, change, trust, motion = (
        steadied(keyed, plates, view=view)[4] for view in ("result", "matte", "change", "trust", "motion")
    )
    assert all(np.array_equal(plane, result.channel("A")) for plane in matte.pixels)
    gone, came = change.pixels[:2] - 0.2 * np.minimum(keyed[4].channel("A"), result.channel("A"))
    assert np.allclose(came - gone, result.channel("A") - keyed[4].channel("A"), atol=1e-5)
    inner, around = truths[4] == 1, ndimage.maximum_filter(truths[4], 15) == 0
    assert trust.pixels[0][inner].mean() > 0.8 and trust.pixels[0][around].mean() > 0.5
    assert motion.pixels[:3, around].max(0).mean() < 0.1 < motion.pixels[:3, inner].max(0).mean()


@pytest.mark.parametrize("values", [{"frames": 0}, {"strength": 0.0}])
def test_without_effect_it_is_the_picture_itself(values: dict[str, Any]) -> None:
    truths, plates = scene(3)
    keyed = keyed_of(plates, truths)
    assert steadied(keyed, plates, **values)[1].pixels is keyed[1].pixels


def test_half_the_strength_is_half_the_way() -> None:
    truths, plates = scene()
    keyed = keyed_of(plates, noisy(truths))
    whole, half = (steadied(keyed, plates, strength=s)[4].channel("A") for s in (1.0, 0.5))
    assert np.allclose(half, 0.5 * (whole + keyed[4].channel("A")), atol=1e-6)


# --- wrong input ------------------------------------------------------------------------------


def test_what_is_no_number_does_no_harm() -> None:
    truths, plates = scene(5)
    keyed = keyed_of(plates, truths)
    for frame in (*keyed, *plates):
        frame.pixels[:, 20:24, 20:24] = np.nan
        frame.pixels[0, 95, 100] = np.inf
    alpha = steadied(keyed, plates)[2].channel("A")
    assert np.isfinite(alpha).all() and np.abs(alpha - truths[2])[30:].max() < 0.2


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (9, 40)])
def test_small_pictures(size: tuple[int, int]) -> None:
    frames = [Frame.of(np.full((4, *size), 0.5, np.float32))] * 3
    assert np.allclose(steadied(frames, frames)[1].channel("A"), 0.5)


def test_black_frames() -> None:
    frames = [Frame.of(np.zeros((4, 40, 60), np.float32))] * 3
    assert not steadied(frames, frames)[1].pixels.any()


def test_an_opaque_picture_stays_so() -> None:
    picture = Frame.of(np.full((3, 40, 60), 0.5, np.float32))
    assert cook(TEMPORAL, {"image": picture}).pixels is picture.pixels


def test_plates_of_another_size_are_refused() -> None:
    _, plates = scene(3)
    small = Frame.of(plates[1].pixels[:, :90])
    keyed = keyed_of(plates, [np.ones((HEIGHT, WIDTH))] * 3)
    with pytest.raises(NodegraphError, match=r"256 x (180|90) and 256 x (180|90) cells.*\n?.*crop"):
        steadied(keyed, [plates[0], small, plates[2]])


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    _, plates = scene(3)
    keyed = keyed_of(plates, [disc(0)] * 3)
    with pytest.raises(NodegraphError, match="OpenCV is not installed") as told:
        steadied(keyed, plates)
    assert "nodegraph[ai]" in str(told.value)


# --- the flow ---------------------------------------------------------------------------------


def sight(colour: Plane) -> flows.Seen:
    return flows.seen(Frame.of(colour.astype(np.float32)), None, 0, Pool.serial())


def test_the_flow_finds_a_known_motion() -> None:
    wall = cloth(4)
    here, there = (sight(ndimage.shift(wall, (0, m[1], m[0]), order=3, mode="wrap")) for m in ((0, 0), (5.3, -2.4)))
    found = flows.flow(here, there)
    inner = found.way[:, 20:-20, 20:-20]
    assert np.allclose(np.median(inner, (1, 2)), (5.3, -2.4), atol=0.1)
    assert found.cell == 1 and found.change[20:-20, 20:-20].mean() < 0.01
    believed = flows.trust(found, flows.flow(there, here), 0.06)
    assert believed[20:-20, 20:-20].mean() > 0.95 and (believed[:, -4:] == 0).all()


def test_a_brighter_picture_is_still_the_same() -> None:
    wall = cloth(4).astype(np.float32)
    found = flows.flow(sight(wall), sight(wall * np.float32(1.1)))
    assert found.change.mean() < 0.02
