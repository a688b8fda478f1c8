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
from nodegraph.values import Frame, Window
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
    assert (matte[alpha == 0] > 0.05).mean() < 0.003 and matte[alpha == 1].min() > 0.95
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


# --- views, inputs, edges ---------------------------------------------------------------------


def grey(value: float, shape: tuple[int, int] = (90, 160)) -> Frame:
    return Frame.of(np.full((1, *shape), value, np.float32))


def test_views() -> None:
    plate, alpha = stage(SCREENS["green"])
    result = cook("keying.chroma", {"image": plate})
    matte = cook("keying.chroma", {"image": plate}, view="matte")
    assert all(np.array_equal(matte.channel(c), result.channel("A")) for c in "RGBA")
    np.testing.assert_array_equal(cook("keying.chroma", {"image": plate}, view="source").pixels, plate.pixels)
    straight = cook("keying.chroma", {"image": plate}, view="unpremultiplied")
    np.testing.assert_allclose(straight.pixels[:3] * straight.channel("A"), result.pixels[:3], atol=1e-5)
    status = cook("keying.chroma", {"image": plate}, view="status").pixels
    assert (status[:3, 0, 0] == 0).all() and (status[:3, 45, 80] == 1).all()
    sure = cook("keying.chroma", {"image": plate}, view="confidence").channel("R")
    assert sure[0, 0] == 1 and sure[45, 80] == 1 and sure.min() >= 0
    ys = np.arange(90)[:, None] // 3 % 2  # of stripes the hue beside an edge says nothing
    stripes = np.where(ys, np.array([0.5, 0.3, 0.2])[:, None, None], np.array([0.2, 0.25, 0.6])[:, None, None])
    screen = np.array(SCREENS["green"])[:, None, None]
    plate = Frame.of((stripes * alpha + screen * (1 - alpha)).astype(np.float32))
    assert cook("keying.chroma", {"image": plate}, view="confidence").channel("R").min() < 0.8


@pytest.mark.parametrize("method", ["adaptive", "difference"])
def test_inside_is_kept_and_outside_is_not(method: str) -> None:
    plate, _ = stage(SCREENS["green"])
    found = cook("keying.chroma", {"image": plate, "inside": grey(1)}, method=method)
    assert found.channel("A").min() == 1
    np.testing.assert_allclose(found.pixels[0], plate.pixels[0], atol=1e-3)  # the source again; only green is despilled
    assert not cook("keying.chroma", {"image": plate, "outside": grey(1)}, method=method).pixels.any()


def test_what_fills_a_raised_matte() -> None:
    plate, _ = stage(SCREENS["green"])
    backdrop = Frame.of(np.full((3, 90, 160), 0.7, np.float32))
    wires = {"image": plate, "inside": grey(1), "background": backdrop}
    corner = {
        word: cook("keying.chroma", wires, replace=word, despill=0.0, replace_colour=(0.4, 0.2, 0.1)).pixels[:3, 2, 2]
        for word in ("source", "none", "soft colour", "background")
    }
    np.testing.assert_allclose(corner["source"], plate.pixels[:3, 2, 2], atol=0.01)
    np.testing.assert_allclose(corner["none"], 0, atol=0.01)
    np.testing.assert_allclose(corner["background"], 0.7, atol=0.02)
    assert corner["soft colour"][0] / corner["soft colour"][2] == pytest.approx(4, rel=0.05)
    weights = np.array([0.2126, 0.7152, 0.0722])
    assert corner["soft colour"] @ weights == pytest.approx(plate.pixels[:3, 2, 2] @ weights, rel=0.05)


def test_choke_edge_blur_and_clips_work_on_the_matte() -> None:
    plate, _ = stage(SCREENS["green"])
    plain = cook("keying.chroma", {"image": plate}).channel("A")
    assert cook("keying.chroma", {"image": plate}, choke=3.0).channel("A").sum() < plain.sum() - 300
    assert cook("keying.chroma", {"image": plate}, choke=-3.0).channel("A").sum() > plain.sum() + 300
    blurred = cook("keying.chroma", {"image": plate}, edge_blur=3.0).channel("A")
    assert blurred.sum() == pytest.approx(plain.sum(), rel=0.01) and np.abs(np.diff(blurred)).max() < 0.15
    hard = cook("keying.chroma", {"image": plate}, clip_black=0.4, clip_white=0.6, roll_off=0.0).channel("A")
    soft = (plain > 0.4) & (plain < 0.6)
    np.testing.assert_allclose(hard[soft], (plain[soft] - 0.4) / 0.2, atol=0.01)


@pytest.mark.parametrize("edge", ["clip_black", "clip_white"])
def test_roll_off_leaves_the_middle_and_is_smooth(edge: str) -> None:
    """Along a ramp of alphas: untouched away from the clip, flat at it, without a step or a kink between."""
    alpha = np.linspace(0, 1, 1601)[None, :]
    skin, screen = (np.array(c)[:, None, None] for c in ((0.35, 0.35, 0.35), SCREENS["green"]))
    plate = Frame.of((skin * alpha + screen * (1 - alpha)).astype(np.float32))
    value = 0.1 if edge == "clip_black" else 0.9
    keyed = [
        cook(
            "keying.chroma",
            {"image": plate},
            method="difference",
            screen="pick",
            colour=SCREENS["green"],
            **{"clip_black": 0.0, "clip_white": 1.0, edge: clip},
        ).channel("A")[0]
        for clip in (value, 0.0 if edge == "clip_black" else 1.0)
    ]
    clipped, whole = keyed if edge == "clip_black" else [1 - k[::-1] for k in keyed]
    assert (clipped[whole <= 0.0999] == 0).all()
    np.testing.assert_allclose(clipped[whole > 0.301], whole[whole > 0.301], atol=1e-6)
    slope = np.diff(clipped) * 1600
    assert slope.min() > -1e-3 and np.abs(np.diff(slope)).max() < 0.05


@pytest.mark.parametrize("colour", [(0.5, 0.45, 0.05), (0.05, 0.4, 0.38), (0.45, 0.06, 0.4)])
@pytest.mark.parametrize("method", ["adaptive", "difference"])
def test_screens_of_other_hues_are_found(colour: tuple[float, ...], method: str) -> None:
    plate, alpha = stage(colour)
    denim = np.array([0.1, 0.14, 0.35])[:, None, None] if colour[2] < 0.1 else np.array([0.3, 0.3, 0.3])[:, None, None]
    plate = Frame.of((denim * alpha + np.array(colour)[:, None, None] * (1 - alpha)).astype(np.float32))
    matte = cook("keying.chroma", {"image": plate}, method=method).channel("A")
    assert np.abs(matte - alpha).mean() < 0.01


def test_several_samples_are_averaged() -> None:
    plate, _ = stage(SCREENS["green"])
    dark, light = (tuple(v * k for v in SCREENS["green"]) for k in (0.8, 1.2))
    picked = {"screen": "pick", "colour": dark, "colour_2": light, "samples": 2, "method": "difference"}
    one = cook("keying.chroma", {"image": plate}, screen="pick", colour=SCREENS["green"], method="difference")
    np.testing.assert_allclose(cook("keying.chroma", {"image": plate}, **picked).pixels, one.pixels, atol=1e-5)


def test_pre_blur_calms_coloured_noise_and_leaves_the_picture() -> None:
    plate, alpha = stage(SCREENS["green"])
    noise = np.random.default_rng(3).normal(0, 0.02, (3, 90, 160))
    noise -= np.tensordot([0.2126, 0.7152, 0.0722], noise, 1)  # no brightness in it
    noisy = Frame.of((plate.pixels + noise).astype(np.float32))
    error = [
        np.abs(cook("keying.chroma", {"image": noisy}, pre_blur=size).channel("A") - alpha)[alpha == 0].mean()
        for size in (0.0, 2.0)
    ]
    assert error[1] < 0.7 * error[0]


def test_a_region_is_the_region_of_the_whole() -> None:
    plate, _ = stage(SCREENS["green"], 0.3, 0.003)
    types = {**registry(), Given.id: Given(plate)}
    graph = Graph({id: kind.schema for id, kind in types.items()})
    graph.add(Given.id, name="plate")
    graph.add("keying.chroma", name="key", choke=1.5, edge_blur=2.0)
    graph.connect("plate", "key")
    region = Window(41, 23, 120, 77)
    with Engine(graph, types, tier="numpy") as engine:
        part = engine.cook("key", 1, region=region, keep=False)
        whole = engine.cook("key", 1, keep=False)
    np.testing.assert_allclose(part.crop(region).pixels, whole.crop(region).pixels, atol=1e-5)


@pytest.mark.parametrize("method", ["adaptive", "difference"])
def test_pictures_without_a_screen(method: str) -> None:
    for value in (0.0, 0.3):
        picture = Frame.of(np.full((3, 30, 40), value, np.float32))
        found = cook("keying.chroma", {"image": picture}, method=method)
        assert (found.channel("A") == 1).all() and np.array_equal(found.pixels[:3], picture.pixels)
    pixel = cook("keying.chroma", {"image": Frame.of(np.full((3, 1, 1), 0.3, np.float32))}, method=method)
    assert pixel.channel("A") == 1


def test_pixels_that_are_no_numbers_harm_no_others() -> None:
    plate, _ = stage(SCREENS["green"])
    broken = plate.pixels.copy()
    broken[0, 5, 5], broken[1, 45, 80] = np.nan, np.inf
    whole, found = (cook("keying.chroma", {"image": Frame.of(p)}) for p in (plate.pixels, broken))
    assert found.channel("A")[5, 5] == 0 and found.pixels[0, 5, 5] == 0
    sound = np.isfinite(broken).all(0)
    np.testing.assert_allclose(found.pixels[:, sound], whole.pixels[:, sound], atol=0.02)


@pytest.mark.parametrize("edge", [{"choke": 4.0}, {"edge_blur": 4.0}])
def test_what_the_frame_cuts_goes_on_beyond_it(edge: dict[str, float]) -> None:
    plate, _ = stage(SCREENS["green"])
    cut = Frame.of(np.ascontiguousarray(plate.pixels[:, :50]))
    found = cook("keying.chroma", {"image": cut}, **edge)
    assert found.spec.data_window == cut.spec.data_window
    assert found.channel("A")[-1, 70:90].min() > 0.9999
