"""Flattening screens: on ones whose light is known, and on real ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from nodegraph_nodes.keying import screen_field
from numpy.typing import NDArray

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.errors import NodegraphError
from nodegraph.graph import Graph
from nodegraph.packs import registry
from nodegraph.values import Frame, Window
from tests.nodes.cooking import cook
from tests.nodes.generic import Given

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

HEIGHT, WIDTH = 180, 320
SCREENS = {"green": (0.08, 0.36, 0.09), "blue": (0.05, 0.12, 0.42), "yellow": (0.5, 0.45, 0.08)}
SKIN = np.array([0.5, 0.32, 0.24])[:, None, None]
NODE = "keying.screen_correct"


def light(kind: str) -> Array:
    """How bright a screen is over the picture: from about 0.4 to 1."""
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH]
    u, v = 2 * (xs + 0.5) / WIDTH - 1, 1 - 2 * (ys + 0.5) / HEIGHT
    if kind == "vignette":  # cos^4 of a wide lens
        return np.asarray(1 / (1 + 0.5 * (u**2 + 0.6 * v**2)) ** 2)
    if kind == "hot spot":
        return np.asarray(0.35 + 0.65 * np.exp(-((u - 0.3) ** 2 + (v - 0.2) ** 2) / 0.8))
    return np.asarray(np.exp2(0.6 * u - 0.3 * v - 0.5))


class Stage(NamedTuple):
    """A disc with a soft edge before a screen. `clean` is the screen alone, `backing` where nothing else is."""

    picture: Frame
    clean: Frame
    alpha: Array
    backing: Mask


def stage(
    lit: Array, screen: str = "green", *, part: bool = False, noise: float = 0.001, subject: Array = SKIN
) -> Stage:
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH]
    alpha = np.clip(40.5 - np.hypot(xs - 180, ys - 90), 0, 4) / 4
    clean = np.array(SCREENS[screen])[:, None, None] * lit
    backing = alpha == 0
    if part:  # the studio beside and under the screen
        clean[:, :, :90] = np.array([0.2, 0.21, 0.25])[:, None, None] * (1 + 0.3 * np.sin(xs[:, :90] / 9))
        clean[:, 150:] = 0.12
        backing &= (xs >= 92) & (ys < 148)
    picture = subject * alpha + clean * (1 - alpha)
    picture = picture + np.random.default_rng(1).normal(0, noise, picture.shape)
    return Stage(Frame.of(picture.astype(np.float32)), Frame.of(clean.astype(np.float32)), alpha, backing)


def spread(frame: Frame, where: Mask) -> Array:
    """Standard deviation / mean of each colour."""
    values = frame.pixels[:3, where].astype(np.float64)
    return np.asarray(values.std(1) / values.mean(1))


def engine(inputs: Mapping[str, Frame], tier: Any = "numpy", **values: Any) -> Engine:
    types = {**registry(), Given.id: Given(inputs)}
    graph = Graph({id: node.schema for id, node in types.items()})
    graph.add(NODE, name="node", params=values)
    for port in inputs:
        graph.add(Given.id, name=f"in_{port}", which=port)
        graph.connect(f"in_{port}", f"node.{port}")
    return Engine(graph, types, tier=tier, threads=1)


@pytest.mark.parametrize("kind", ["vignette", "hot spot", "gradient"])
@pytest.mark.parametrize("part", [False, True])
@pytest.mark.parametrize("screen", ["green", "blue"])
def test_the_screen_is_flattened_and_the_subject_left_alone(kind: str, part: bool, screen: str) -> None:
    made = stage(light(kind), screen, part=part)
    found = cook(NODE, {"image": made.picture})
    before, after = spread(made.picture, made.backing), spread(found, made.backing)
    assert before.min() > 0.12 and (before / after).min() >= 4
    strong = 1 if screen == "green" else 2
    assert before[strong] / after[strong] >= 8
    subject = made.alpha == 1
    assert np.abs(found.pixels - made.picture.pixels)[:, subject].max() < 1e-6


@pytest.mark.parametrize("screen", ["green", "blue", "yellow"])
@pytest.mark.parametrize("kind", ["hot spot", "gradient"])
def test_mixed_pixels_are_the_subject_before_a_flat_screen(screen: str, kind: str) -> None:
    """C = a F + (1 - a) S becomes a F + (1 - a) T: for a grey F wholly, for skin never farther from it than before.

    (Before yellow by 0.06 at the most: skin has some of that.)
    """
    for subject, bound in ((SKIN, 1.0), (SKIN * 0 + 0.3, 0.1)):
        made = stage(light(kind), screen, noise=0, subject=subject)
        found = cook(NODE, {"image": made.picture}).pixels
        target = found[:, made.backing].mean(1)[:, None, None]
        meant = subject * made.alpha + target * (1 - made.alpha)
        edge = (made.alpha > 0) & (made.alpha < 1)
        before, after = (np.abs(p - meant)[:, edge].max(0) for p in (made.picture.pixels, found))
        slack = 0.06 if screen == "yellow" and bound == 1 else 0.012
        assert (after < bound * before + slack).all()
        assert after.mean() < (0.7 if bound == 1 else 0.25) * before.mean()


@pytest.mark.parametrize("screen", SCREENS)
def test_the_share_of_screen_stays(screen: str) -> None:
    """A mixed pixel is as much screen of the flat screen as it was of the uneven one: a keyer sees the same matte."""
    made = stage(light("hot spot"), screen, noise=0)
    before = cook(NODE, {"image": made.picture}, view="screen mask").channel("A")
    flat = cook(NODE, {"image": made.picture})
    excess = flat.pixels[1] - flat.pixels[[0, 2]].max(0)
    if screen == "blue":
        excess = flat.pixels[2] - flat.pixels[:2].max(0)
    elif screen == "yellow":
        excess = flat.pixels[:2].min(0) - flat.pixels[2]
    after = np.clip(excess / np.median(excess[made.backing]), 0, 1)
    edge = (made.alpha > 0) & (made.alpha < 1)
    assert np.abs(after - before)[edge].max() < 0.1 and np.abs(after - before)[edge].mean() < 0.02


def test_a_clean_plate_takes_folds_out_too() -> None:
    xs = np.arange(WIDTH)
    folds = light("vignette") * (1 + 0.12 * np.sin(xs / 4) ** 3 + 0.1 * (xs % 97 < 4))
    made = stage(folds)
    without = cook(NODE, {"image": made.picture}, grid=True)
    found = cook(NODE, {"image": made.picture, "plate": made.clean}, soften_plate=0.5)
    before, after = spread(made.picture, made.backing), spread(found, made.backing)
    assert (before / after).min() > 8 and (spread(without, made.backing) / after).min() > 3
    assert np.abs(found.pixels - made.picture.pixels)[:, made.alpha == 1].max() < 1e-6


def test_a_noisy_plate_is_softened_to_its_border() -> None:
    made = stage(light("gradient"), noise=0)
    rng = np.random.default_rng(2)
    noisy = Frame.of(made.clean.pixels * rng.normal(1, 0.08, made.clean.pixels.shape).astype(np.float32))
    hard = cook(NODE, {"image": made.picture, "plate": noisy}, soften_plate=0.0)
    soft = cook(NODE, {"image": made.picture, "plate": noisy}, soften_plate=3.0)
    border = np.zeros((HEIGHT, WIDTH), bool)
    border[:3] = border[-3:] = border[:, :3] = border[:, -3:] = True
    for where in (made.backing, border):
        assert (spread(soft, where) < 0.35 * spread(hard, where)).all()


def test_what_isnt_screen_in_the_plate_is_left_alone() -> None:
    made = stage(light("vignette"), part=True)
    found = cook(NODE, {"image": made.picture, "plate": made.clean})
    studio = np.zeros((HEIGHT, WIDTH), bool)
    studio[:, :86] = studio[156:] = True
    assert np.abs(found.pixels - made.picture.pixels)[:, studio].max() < 1e-6
    assert (spread(made.picture, made.backing) / spread(found, made.backing)).min() > 4


def test_a_plate_of_another_size_corrects_where_it_is() -> None:
    made = stage(light("gradient"), noise=0)
    left = made.clean.crop(Window(0, 0, 100, HEIGHT))
    found = cook(NODE, {"image": made.picture, "plate": left}, soften_plate=0)
    np.testing.assert_array_equal(found.pixels[:, :, 100:], made.picture.pixels[:, :, 100:])
    where = np.zeros((HEIGHT, WIDTH), bool)
    where[:, :100] = made.backing[:, :100]
    assert (spread(found, where) < 1e-3).all()


def test_the_grid_takes_out_what_the_polynomial_cannot() -> None:
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH]
    shadow = 1 - 0.35 * np.exp(-((xs - 60) ** 2 + (ys - 60) ** 2) / 600)
    made = stage(light("vignette") * shadow)
    plain, gridded = (cook(NODE, {"image": made.picture}, grid=on) for on in (False, True))
    assert (spread(gridded, made.backing) < 0.6 * spread(plain, made.backing)).all()
    assert np.abs(gridded.pixels - made.picture.pixels)[:, made.alpha == 1].max() < 1e-6


# --- the fit ------------------------------------------------------------------------------------


def test_the_field_is_the_light_that_was_given() -> None:
    """Of a degree that the polynomial has, behind the subject too; and so says SciPy's robust fit."""
    from scipy import optimize

    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH]
    u, v = 2 * (xs + 0.5) / WIDTH - 1, 1 - 2 * (ys + 0.5) / HEIGHT
    true = np.exp2(0.3 * u - 0.5 * u * u + 0.2 * u * v - 0.3 * v**3)
    made = stage(true, noise=0.003)
    field = cook(NODE, {"image": made.picture}, view="field", degree=3).pixels
    assert np.abs(field[1] / (SCREENS["green"][1] * true) - 1).max() < 0.01
    assert np.abs(field[:3] / (np.array(SCREENS["green"])[:, None, None] * true) - 1).max() < 0.03

    rgb, place = screen_field.seen(made.picture, "")
    sure = screen_field.screen_samples(rgb, place)
    assert sure is not None
    keep = sure[2]
    p, logs = place[:, keep], np.log2(rgb[1, keep])
    powers = [(i, j) for i in range(4) for j in range(4 - i)]
    terms = np.stack([p[0] ** i * p[1] ** j for i, j in powers], -1)
    start = np.linalg.lstsq(terms, logs, rcond=None)[0]
    robust = optimize.least_squares(lambda k: terms @ k - logs, start, loss="cauchy", f_scale=0.02).x
    theirs = np.stack([u**i * v**j for i, j in powers], -1) @ robust
    assert np.abs(np.log2(field[1]) - theirs)[made.backing].max() < 0.01


def test_outliers_dont_bend_it() -> None:
    """Greenery before the screen, half as bright, and a fold: the field stays within 2 % of what it is without."""
    made = stage(light("vignette"))
    dirty = made.picture.pixels.copy()
    dirty[:, 20:60, 20:60] = np.array([0.06, 0.17, 0.06], np.float32)[:, None, None]
    dirty[:, :, 250:256] *= 0.7
    clean, bent = (
        cook(NODE, {"image": f}, view="field").pixels[1] for f in (made.picture, Frame.of(dirty))
    )  # fmt: skip
    assert np.abs(bent / clean - 1).max() < 0.02


def test_mixtures_with_dark_hair_arent_screen() -> None:
    """They have its hue; a soft edge to black all around the subject doesn't darken the field."""
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH]
    alpha = np.clip(60 - np.hypot(xs - 160, ys - 90), 0, 10) / 10
    lit = light("gradient")
    picture = np.array(SCREENS["green"])[:, None, None] * lit * (1 - alpha)
    frame = Frame.of(picture.astype(np.float32))
    for grid in (False, True):
        field = cook(NODE, {"image": frame}, view="field", grid=grid).pixels[1]
        off = np.abs(field / (SCREENS["green"][1] * lit) - 1)
        assert off[alpha == 0].max() < 0.03, grid


def test_a_weak_channel_of_noise_isnt_blown_up() -> None:
    """A saturated screen has next to nothing in two channels: what is added there is bounded by the screen's own."""
    rng = np.random.default_rng(3)
    lit = light("vignette")
    picture = np.stack([np.full_like(lit, 1e-4), 0.5 * lit, np.full_like(lit, 1e-4)])
    picture[::2] += np.abs(rng.normal(0, 0.002, picture[::2].shape))
    found = cook(NODE, {"image": Frame.of(picture.astype(np.float32))}).pixels
    assert np.abs(found - picture)[::2].max() < 0.02
    assert found[1].std() / found[1].mean() < 0.02


# --- parameters -------------------------------------------------------------------------------


def test_targets() -> None:
    made = stage(light("gradient"), noise=0)
    means = {}
    for target in ("median", "brightest", "picked"):
        found = cook(NODE, {"image": made.picture}, target=target, target_colour=(0.1, 0.3, 0.2), limit=6)
        assert (spread(found, made.backing) < 0.01).all()
        means[target] = found.pixels[:, made.backing].mean(1)
    backing = made.picture.pixels[:, made.backing]
    np.testing.assert_allclose(means["median"], np.median(backing, 1), rtol=0.03)
    bright = backing[:, backing[1] > np.percentile(backing[1], 95)].mean(1)
    np.testing.assert_allclose(means["brightest"], bright, rtol=0.05)
    np.testing.assert_allclose(means["picked"], (0.1, 0.3, 0.2), rtol=0.01)


def test_amount_subject_and_limit() -> None:
    made = stage(light("gradient"), noise=0)
    image = {"image": made.picture}
    before = made.picture.pixels
    np.testing.assert_array_equal(cook(NODE, image, amount=0.0).pixels, before)
    whole, half = cook(NODE, image).pixels, cook(NODE, image, amount=0.5).pixels
    np.testing.assert_allclose(half, (before + whole) / 2, atol=1e-6)
    relit = cook(NODE, image, subject=1.0).pixels
    field = cook(NODE, image, view="field").pixels
    target = whole[:, made.backing].mean(1)[:, None, None]
    np.testing.assert_allclose(relit, before * target / field[:3], rtol=5e-3)
    limited = cook(NODE, image, subject=1.0, limit=0.25).pixels
    stops = np.log2(limited / before)
    assert np.abs(stops).max() == pytest.approx(0.25, abs=1e-3)


def test_a_picked_screen() -> None:
    """Beside a larger green wall, the blue one that was picked is corrected, the green isn't touched."""
    xs = np.mgrid[0:HEIGHT, 0:WIDTH][1]
    blue = xs < 130
    lit = light("gradient")
    picture = np.where(blue, np.array(SCREENS["blue"])[:, None, None], np.array(SCREENS["green"])[:, None, None]) * lit
    frame = Frame.of(picture.astype(np.float32))
    found = cook(NODE, {"image": frame}, screen="pick", colour=(0.06, 0.13, 0.4))
    inner = blue & (xs < 128)
    assert (spread(frame, inner) / spread(found, inner)).min() > 10
    assert np.abs(found.pixels - frame.pixels)[:, ~blue].max() < 1e-6


def test_views() -> None:
    made = stage(light("hot spot"), noise=0, subject=SKIN * 0 + 0.3)
    mask = cook(NODE, {"image": made.picture}, view="screen mask")
    assert mask.spec.channels == ("R", "G", "B", "A")
    np.testing.assert_array_equal(mask.channel("R"), mask.channel("A"))
    assert np.abs(mask.channel("A") - (1 - made.alpha)).max() < 0.12
    field = cook(NODE, {"image": made.picture}, view="field")
    assert (field.channel("A") == 1).all()
    plate = cook(NODE, {"image": made.picture, "plate": made.clean}, view="field", soften_plate=0)
    np.testing.assert_allclose(plate.pixels[:3], made.clean.pixels, rtol=1e-5)


def test_a_held_out_picture_stays_premultiplied() -> None:
    """What alpha holds out is corrected as much as it is there."""
    made = stage(light("gradient"), noise=0)
    ramp = np.linspace(0, 1, WIDTH, dtype=np.float32) * np.ones((HEIGHT, 1), np.float32)
    whole = Frame.of(np.concatenate([made.picture.pixels, np.ones((1, HEIGHT, WIDTH), np.float32)]))
    held = Frame.of(whole.pixels * ramp)
    colour = (0.08, 0.36, 0.09)
    found = cook(NODE, {"image": held, "plate": made.clean}, screen="pick", colour=colour, soften_plate=0)
    full = cook(NODE, {"image": whole, "plate": made.clean}, screen="pick", colour=colour, soften_plate=0)
    np.testing.assert_array_equal(found.channel("A"), ramp)
    off = np.abs(found.pixels[:3] - full.pixels[:3] * ramp)
    assert off[:, made.backing].max() < 1e-5 and off.max() < 0.02


def test_it_looks_once_unless_told() -> None:
    made = stage(light("gradient"))
    for look, calls in (("once", 1), ("every frame", 4)):
        types = {**registry(), Given.id: Given({"image": made.picture})}
        graph = Graph({id: node.schema for id, node in types.items()})
        graph.add(Given.id, name="plate", which="image")
        graph.add("colour.exposure", name="light")
        graph.set("light.stops", "=frame / 100")
        graph.add(NODE, name="node", params={"look": look})
        graph.connect("plate", "light")
        graph.connect("light", "node")
        with Engine(graph, types, tier="numpy", threads=1) as cooking:
            for frame in range(1, 5):
                cooking.cook("node", frame, keep=False)
            assert cooking.stats.nodes["node#analysis"].calls == calls


# --- the engine's rules ------------------------------------------------------------------------


@pytest.mark.parametrize("values", [{}, {"grid": True}, {"view": "screen mask"}, {"view": "field"}, {"subject": 0.4}])
@pytest.mark.parametrize("plated", [False, True])
def test_compiled_is_numpy(values: Mapping[str, Any], plated: bool) -> None:
    made = stage(light("hot spot"), noise=0.01)
    inputs = {"image": made.picture, **({"plate": made.clean} if plated else {})}
    with engine(inputs, "numpy", **values) as plain, engine(inputs, "wait", **values) as compiled:
        np.testing.assert_allclose(compiled.cook("node").pixels, plain.cook("node").pixels, atol=3e-6, rtol=3e-5)


@pytest.mark.parametrize("plated", [False, True])
def test_a_region_is_a_piece_of_the_whole(plated: bool) -> None:
    made = stage(light("vignette"))
    inputs = {"image": made.picture, **({"plate": made.clean} if plated else {})}
    region = Window(33, 21, 190, 118)
    with engine(inputs) as whole, engine(inputs) as piece:
        np.testing.assert_array_equal(
            piece.cook("node", region=region).crop(region).pixels, whole.cook("node").crop(region).pixels
        )


def test_a_proxy_shows_the_same() -> None:
    made = stage(light("vignette"), noise=0)
    inputs = {"image": made.picture}
    with engine(inputs) as cooking:
        whole, half = cooking.cook("node"), cooking.cook("node", scale=0.5)
    shrunk = whole.pixels.reshape(3, HEIGHT // 2, 2, WIDTH // 2, 2).mean((2, 4))
    assert np.abs(half.crop(Window.sized(WIDTH // 2, HEIGHT // 2)).pixels - shrunk)[:, 2:-2, 2:-2].max() < 0.02


# --- wrong use ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (90, 160)])
@pytest.mark.parametrize("colour", [(0, 0, 0), (0.5, 0.32, 0.24), (0.18, 0.18, 0.18)])
def test_a_picture_without_a_screen_stays(size: tuple[int, int], colour: tuple[float, ...]) -> None:
    frame = Frame.of(np.array(colour, np.float32)[:, None, None] * np.ones((3, *size), np.float32))
    for values in ({}, {"grid": True}, {"target": "picked"}, {"subject": 1.0}):
        np.testing.assert_array_equal(cook(NODE, {"image": frame}, **values).pixels, frame.pixels)
    np.testing.assert_array_equal(cook(NODE, {"image": frame, "plate": frame}).pixels, frame.pixels)
    assert not cook(NODE, {"image": frame}, view="screen mask").pixels.any()
    assert not cook(NODE, {"image": frame}, view="field").pixels[:3].any()


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (7, 3)])
def test_a_very_small_screen_stays_as_it_is(size: tuple[int, int]) -> None:
    frame = Frame.of(np.array(SCREENS["green"], np.float32)[:, None, None] * np.ones((3, *size), np.float32))
    np.testing.assert_allclose(cook(NODE, {"image": frame}).pixels, frame.pixels, rtol=1e-5)


def test_all_screen_is_flattened() -> None:
    lit = light("hot spot")
    frame = Frame.of((np.array(SCREENS["blue"])[:, None, None] * lit).astype(np.float32))
    found = cook(NODE, {"image": frame})
    everywhere = np.ones((HEIGHT, WIDTH), bool)
    assert (spread(frame, everywhere) / spread(found, everywhere)).min() > 8


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("plated", [False, True])
def test_odd_pixels_stay_by_themselves(value: float, plated: bool) -> None:
    made = stage(light("gradient"))
    odd = made.picture.pixels.copy()
    odd[0, 10, 10] = odd[1, 90, 180] = odd[2, 20, 300] = value
    inputs = {"image": made.picture, **({"plate": made.clean} if plated else {})}
    plain = cook(NODE, inputs, soften_plate=0).pixels
    found = cook(NODE, {**inputs, "image": Frame.of(odd)}, soften_plate=0).pixels
    changed = np.zeros((HEIGHT, WIDTH), bool)
    for y, x in ((10, 10), (90, 180), (20, 300)):
        changed[y, x] = True
        assert not np.isfinite(found[:, y, x]).all()
    np.testing.assert_allclose(found[:, ~changed], plain[:, ~changed], atol=2e-4)
    if plated:
        broken = made.clean.pixels.copy()
        broken[:, 10, 10] = value
        assert np.isfinite(cook(NODE, {**inputs, "plate": Frame.of(broken)}, soften_plate=0).pixels).all()


def test_a_grey_picture_is_refused() -> None:
    grey = Frame.of(np.ones((1, 20, 20), np.float32))
    with pytest.raises(NodegraphError, match="R, G and B"):
        cook(NODE, {"image": grey})


# --- real pictures -----------------------------------------------------------------------------


def test_real_screens_become_flatter(shared_data: Path) -> None:
    """Two people before a green screen: its strong channel, in a part that is screen without doubt."""
    path = shared_data / "greenscreen/skimage-tutorials/greenscreen.jpg"
    if not path.is_file():
        pytest.skip("needs the green screen of scikit-image's tutorials")
    graph = ng.new()
    graph.add("capture.read", name="plate", path=str(path))
    graph.add(NODE, name="flat")
    graph.connect("plate", "flat")
    before, after = ng.cook(graph, "plate").channel("G"), ng.cook(graph, "flat").channel("G")
    sky = (slice(5, 30), slice(5, 495))  # above both heads
    assert before[sky].std() / before[sky].mean() > 1.5 * after[sky].std() / after[sky].mean()
    shirt = (slice(250, 350), slice(20, 90))
    assert np.abs(after[shirt] - before[shirt]).mean() < 0.002
