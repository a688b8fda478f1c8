"""The keyer: on pictures whose matte is known, and on real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.engine.internal import Given
from nodegraph.graph import Graph
from nodegraph.packs import registry
from nodegraph.values import Frame
from tests.nodes.cooking import cook

SCREENS = {"green": (0.08, 0.36, 0.09), "blue": (0.05, 0.12, 0.42)}


def stage(screen: tuple[float, ...], uneven: float = 0.0, noise: float = 0.0) -> tuple[Frame, NDArray[np.float64]]:
    """A skin-coloured disc with a soft edge before a screen; and its true alpha."""
    height, width = 90, 160
    ys, xs = np.mgrid[0:height, 0:width]
    alpha = np.clip(30.5 - np.hypot(xs - 80, ys - 45), 0, 4) / 4
    light = 1 - uneven * np.hypot((xs - 70) / 80, (ys - 40) / 45) / 1.6
    skin = np.array([0.5, 0.32, 0.24])[:, None, None]
    plate = skin * alpha + np.array(screen)[:, None, None] * light * (1 - alpha)
    plate = plate + np.random.default_rng(1).normal(0, noise, plate.shape)
    return Frame.of(plate.astype(np.float32)), alpha


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize(("uneven", "noise"), [(0, 0), (0.6, 0), (0.4, 0.004)])
def test_the_matte_is_the_truth(screen: str, uneven: float, noise: float) -> None:
    plate, alpha = stage(SCREENS[screen], uneven, noise)
    found = cook("keying.chroma", {"image": plate})
    matte = found.channel("A")
    assert np.abs(matte - alpha).mean() < 0.015
    assert (matte[alpha == 0] > 0.05).mean() < 0.002 and matte[alpha == 1].min() > 0.95
    inside = alpha == 1
    assert found.pixels[:3, inside].mean(1) == pytest.approx([0.5, 0.32, 0.24], abs=0.01)


def test_edges_keep_the_actors_colour() -> None:
    """Half-covered pixels over black have the actor's hue, not the screen's."""
    plate, alpha = stage(SCREENS["green"])
    found = cook("keying.chroma", {"image": plate})
    edge = (alpha > 0.2) & (alpha < 0.8)
    r, g, b = found.pixels[:3, edge].mean(1)
    assert r > g > b and g / r == pytest.approx(0.32 / 0.5, abs=0.15)


def test_a_picked_colour_needs_no_looking() -> None:
    plate, alpha = stage(SCREENS["green"])
    found = cook("keying.chroma", {"image": plate}, screen="pick", colour=SCREENS["green"])
    assert np.abs(found.channel("A") - alpha).mean() < 0.01


def test_a_garbage_matte_holds_out() -> None:
    plate, _ = stage(SCREENS["green"])
    held = Frame.of(np.concatenate([plate.pixels, np.zeros((1, 90, 160), np.float32)]))
    assert not cook("keying.chroma", {"image": held}).pixels.any()


def test_it_looks_once_and_keeps_looking_when_asked() -> None:
    plate, _ = stage(SCREENS["green"])
    types = {**registry(), Given.id: Given(plate)}
    graph = Graph({id: kind.schema for id, kind in types.items()})
    graph.add(Given.id, name="plate")
    graph.add("colour.exposure", name="light")
    graph.set("light.stops", "=frame / 100")
    graph.add("keying.chroma", name="key")
    graph.connect("plate", "light")
    graph.connect("light", "key")
    with Engine(graph, types, tier="numpy") as engine:
        for frame in range(1, 6):
            engine.cook("key", frame, keep=False)
        assert engine.stats.nodes["key#analysis"].calls == 1
        graph.set("key.look", "every frame")
        for frame in range(1, 6):
            engine.cook("key", frame, keep=False)
        assert engine.stats.nodes["key#analysis"].calls == 6


def test_a_grey_picture_is_refused_and_one_without_screen_is_kept() -> None:
    with pytest.raises(ng.NodegraphError, match="R, G and B"):
        cook("keying.chroma", {"image": Frame.of(np.ones((1, 20, 20), np.float32))})
    red = Frame.of(np.array([0.5, 0.1, 0.1], np.float32)[:, None, None] * np.ones((3, 20, 20), np.float32))
    assert cook("keying.chroma", {"image": red}).channel("A").min() == 1


def test_keys_real_green_and_blue_screens(shared_data: Path) -> None:
    """Corners are screen, something in the middle is not."""
    found = [
        p
        for p in shared_data.rglob("*")
        if p.suffix.lower() in (".png", ".jpg", ".exr") and "screen" in p.as_posix().lower()
    ]
    if not found:
        pytest.skip("no green- or blue-screen pictures in the shared material")
    for path in found[:6]:
        graph = ng.load(Path(__file__).parents[2] / "samples/key.graph")
        graph.set("plate.path", str(path))
        matte: Any = ng.cook(graph, "key", scale=0.25).channel("A")
        assert 0.02 < matte.mean() < 0.98, path.name
