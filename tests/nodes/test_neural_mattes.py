"""People keyed without a screen, and the two mattes in one: with networks that a test makes up, and with the real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage  # noqa: TID253

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.graph import Graph
from nodegraph.packs import registry
from nodegraph.values import Frame, Window
from tests.nodes.cooking import cook
from tests.nodes.generic import Given

pytest.importorskip("cv2", reason='needs the extra: pip install "nodegraph[ai]"')

Array = NDArray[Any]
HEIGHT, WIDTH = 144, 256
GREEN, SKIN = np.array([0.08, 0.36, 0.09]), np.array([0.5, 0.32, 0.24])


class Made:
    """A network that answers what a test says."""

    def __init__(self, answer: Callable[..., Sequence[Array]]) -> None:
        self.answer = answer
        self.asked: list[Array] = []

    def __call__(self, *inputs: Array) -> list[Array]:
        self.asked.append(inputs[0])
        return [np.asarray(each, np.float32) for each in self.answer(*inputs)]

    def ask(self, *inputs: Array) -> Any:
        made = self(*inputs)

        class Later:
            def result(self) -> list[Array]:
                return made

        return Later()


def disc(radius: float = 40, edge: float = 4, x: float = 128, y: float = 72) -> NDArray[np.float64]:
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    return np.clip((radius + edge / 2 - np.hypot(xs - x, ys - y)) / edge, 0, 1)


def logits(scores: dict[int, float]) -> Array:
    found = np.full((1, 2254, 1), -10.0)
    for k, score in scores.items():
        found[0, k, 0] = score
    return found


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, Made]:
    """Nobody anywhere, until a test says otherwise."""
    networks = {
        "selfie": Made(lambda x: [np.zeros((1, 256, 256, 1))]),
        "pose_detection": Made(lambda x: [np.zeros((1, 2254, 12)), logits({})]),
        "pose": Made(lambda x: [np.zeros((1, 195)), np.zeros((1, 1)), np.zeros((1, 256, 256, 1))]),
        "u2netp": Made(lambda x: [np.zeros((1, 1, 320, 320))]),
    }
    monkeypatch.setattr("nodegraph.models.load", networks.__getitem__)
    return networks


def selfie_of(alpha: Array) -> Made:
    """A selfie network that sees a matte, softly and at its own size."""
    small = ndimage.zoom(ndimage.gaussian_filter(alpha, 2), (256 / HEIGHT, 256 / WIDTH), order=1)
    return Made(lambda x: [np.clip(small, 0, 1)[None, :, :, None]])


def mixed(subject: Array, behind: Array, alpha: Array) -> Frame:
    def whole(c: Array) -> Array:
        return c[:, None, None] if c.ndim == 1 else c

    return Frame.of(whole(subject) * alpha + whole(behind) * (1 - alpha))


# --- what the networks are shown, and where their answers go ----------------------------------------


def test_the_selfie_network_sees_the_picture_as_srgb(made: dict[str, Made]) -> None:
    linear = np.array([0.0, 0.002, 0.18, 0.5, 1.0, 7.0])
    frame = Frame.of(np.repeat(linear, 43)[None, None, :256].repeat(3, 0).repeat(64, 1))
    cook("keying.person", {"image": frame})
    (seen,) = made["selfie"].asked
    assert seen.shape == (1, 256, 256, 3)
    known = np.clip(linear, 0, 1)
    srgb = np.where(known <= 0.0031308, known * 12.92, 1.055 * known ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(seen[0, 128, [10, 60, 100, 150, 190, 240], 0], srgb, atol=1e-5)
    cook("keying.person", {"image": frame}, exposure=1.0)
    again = made["selfie"].asked[-1][0, 128, 100, 0]
    assert again == pytest.approx(1.055 * 0.36 ** (1 / 2.4) - 0.055, abs=1e-4)


def test_where_the_selfie_network_sees_somebody_the_matte_is(made: dict[str, Made]) -> None:
    alpha = disc()
    made["selfie"] = selfie_of(alpha)
    image = mixed(SKIN, np.array([0.1, 0.1, 0.12]), alpha)
    found = cook("keying.person", {"image": image})
    assert np.abs(found.channel("A") - alpha).mean() < 0.01
    coarse = cook("keying.person", {"image": image}, view="network").channel("A")
    assert np.abs(found.channel("A") - alpha).mean() < 0.7 * np.abs(coarse - alpha).mean()
    edge = (alpha > 0.2) & (alpha < 0.8) & (found.channel("A") > 0.1)
    own = found.pixels[:3, edge] / found.channel("A")[edge]
    old = image.pixels[:3, edge]
    assert np.abs(own - SKIN[:, None]).mean() < 0.6 * np.abs(old - SKIN[:, None]).mean()
    source = cook("keying.person", {"image": image}, foreground="source")
    np.testing.assert_allclose(source.pixels[:3], image.pixels * source.channel("A"), atol=1e-6)


def detected(x: float, y: float, up_x: float, up_y: float) -> Made:
    """One body, its hips and the point that gives size and turn, in pixels of a 256 x 144 picture."""
    scale, left, top = 224 / 256, 0, (224 - 126) // 2
    boxes = np.zeros((1, 2254, 12))
    k = 2 * (14 * 28 + 14)  # the first anchor of the middle cell at stride 8: at (116, 116)
    for column, value in zip(range(4, 8), (x * scale + left, y * scale + top, up_x * scale + left, up_y * scale + top)):
        boxes[0, k, column] = value - 116
    return Made(lambda seen: [boxes, logits({k: 3.0})])


@pytest.mark.parametrize("turn", [0.0, 30.0, -75.0])
def test_a_bodys_matte_is_put_back_where_it_is(turn: float, made: dict[str, Made]) -> None:
    """The lower right quarter of the body's square is the body."""
    angle, size = np.radians(turn), 120.0
    made["pose_detection"] = detected(
        120, 80, 120 + size / 2.5 * np.sin(angle), 80 - size / 2.5 * np.cos(angle)
    )  # fmt: skip
    quarter = np.full((1, 256, 256, 1), -20.0)
    quarter[0, 128:, 128:] = 20
    made["pose"] = Made(lambda x: [np.zeros((1, 195)), np.ones((1, 1)), quarter])
    image = Frame.of(np.full((3, HEIGHT, WIDTH), 0.2))
    found = cook("keying.person", {"image": image}, view="network").channel("A")
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.0
    across = (xs - 120) * np.cos(angle) + (ys - 80) * np.sin(angle)
    down = -(xs - 120) * np.sin(angle) + (ys - 80) * np.cos(angle)
    within = (across > 2) & (down > 2) & (across < size / 2 - 12) & (down < size / 2 - 12)
    outside = (across < -2) | (down < -2) | (across > size / 2 + 2) | (down > size / 2 + 2)
    assert found[within].min() > 0.9 and found[outside].max() < 0.1


def test_near_bodies_are_left_to_the_selfie_network(made: dict[str, Made]) -> None:
    made["selfie"] = Made(lambda x: [np.full((1, 256, 256, 1), 0.9)])
    made["pose"] = Made(lambda x: [np.zeros((1, 195)), np.ones((1, 1)), np.full((1, 256, 256, 1), -20.0)])
    image = Frame.of(np.full((3, HEIGHT, WIDTH), 0.2))

    def middle(size: float) -> float:
        made["pose_detection"] = detected(128, 72, 128, 72 - size * HEIGHT / 2.5)
        return float(cook("keying.person", {"image": image}, view="network").channel("A")[72, 128])

    assert middle(3.0) == pytest.approx(0.9, abs=0.01)
    assert middle(1.0) == pytest.approx(0.0, abs=0.01)
    assert middle(1.9) == pytest.approx(0.45, abs=0.03)


def test_a_body_that_is_none_is_not_believed(made: dict[str, Made]) -> None:
    made["selfie"] = Made(lambda x: [np.full((1, 256, 256, 1), 0.9)])
    made["pose_detection"] = detected(128, 72, 128, 20)
    made["pose"] = Made(lambda x: [np.zeros((1, 195)), np.full((1, 1), 0.1), np.full((1, 256, 256, 1), 20.0)])
    image = Frame.of(np.full((3, HEIGHT, WIDTH), 0.2))
    found = cook("keying.person", {"image": image}, view="network").channel("A")
    np.testing.assert_allclose(found, 0.9, atol=1e-5)


def test_people_are_counted(made: dict[str, Made]) -> None:
    """The same hips are one body; no more bodies are looked at than asked."""
    boxes = np.zeros((1, 2254, 12))
    columns = {100: -60.0, 102: -58.0, 104: 0.0, 106: 60.0}
    anchors = [(x * 8 + 4, y * 8 + 4) for y in range(28) for x in range(28) for _ in range(2)]
    for k, x in columns.items():
        ax, ay = anchors[k]
        boxes[0, k, 4:8] = [112 + x - ax, 112 - ay, 112 + x - ax, 90 - ay]
    made["pose_detection"] = Made(lambda x: [boxes, logits({k: 4.0 - 0.01 * k for k in columns})])
    made["pose"] = Made(lambda x: [np.zeros((1, 195)), np.ones((1, 1)), np.zeros((1, 256, 256, 1))])
    image = Frame.of(np.full((3, HEIGHT, WIDTH), 0.2))
    for people, asked in ((8, 3), (2, 2), (1, 1)):
        made["pose"].asked.clear()
        cook("keying.person", {"image": image}, people=people)
        assert len(made["pose"].asked) == asked


def test_props_are_what_stands_out(made: dict[str, Made]) -> None:
    mask = np.zeros((1, 1, 320, 320))
    mask[..., 100:200, 80:240] = 3.0
    made["u2netp"] = Made(lambda x: [mask])
    image = Frame.of(np.full((3, HEIGHT, WIDTH), 0.2))
    found = cook("keying.person", {"image": image}, subject="props", view="network").channel("A")
    assert found[72, 128] == pytest.approx(1, abs=1e-3) and found[10, 10] == pytest.approx(0, abs=1e-3)
    assert not made["selfie"].asked
    made["u2netp"] = Made(lambda x: [np.full((1, 1, 320, 320), 0.3)])
    assert not cook("keying.person", {"image": image}, subject="props").channel("A").any()
    made["u2netp"], made["selfie"] = Made(lambda x: [mask]), selfie_of(disc(x=40, radius=20))
    both = cook("keying.person", {"image": image}, subject="person and props", view="network").channel("A")
    assert both[72, 40] > 0.9 and both[72, 128] > 0.9


# --- a part of a picture, proxies, and what is no picture of anybody ------------------------------------


def engine_of(type: str, image: Frame, **values: Any) -> Engine:
    types = {**registry(), Given.id: Given({"image": image})}
    graph = Graph({id: node.schema for id, node in types.items()})
    graph.configure(width=WIDTH, height=HEIGHT)
    graph.add(type, name="node", params=values)
    graph.add(Given.id, name="in", which="image")
    graph.connect("in", "node.image")
    return Engine(graph, types, tier="numpy", threads=1)


@pytest.mark.parametrize("type", ["keying.person", "keying.hybrid"])
def test_a_part_is_cut_from_the_whole(type: str, made: dict[str, Made], rng: np.random.Generator) -> None:
    alpha = disc()
    made["selfie"] = selfie_of(alpha)
    image = Frame.of(mixed(SKIN, GREEN, alpha).pixels + rng.normal(0, 0.004, (3, HEIGHT, WIDTH)))
    part = Window(61, 17, 150, 111)
    with engine_of(type, image) as one, engine_of(type, image) as other:
        whole = one.cook("node").crop(part)
        np.testing.assert_allclose(other.cook("node", region=part).crop(part).pixels, whole.pixels, atol=1e-5)
    assert np.ptp(whole.pixels) > 0.3


@pytest.mark.parametrize("type", ["keying.person", "keying.hybrid"])
def test_proxies_are_alike(type: str, made: dict[str, Made]) -> None:
    alpha = disc(edge=12)
    made["selfie"] = selfie_of(alpha)
    with engine_of(type, mixed(SKIN, GREEN, alpha)) as engine:
        full = engine.cook("node").pixels
        half = engine.cook("node", scale=0.5).pixels
    small = full.reshape(4, HEIGHT // 2, 2, WIDTH // 2, 2).mean((2, 4))
    assert np.abs(half - small).mean() < 0.01


@pytest.mark.parametrize("type", ["keying.person", "keying.hybrid"])
def test_nobody_and_nothing(type: str, made: dict[str, Made]) -> None:
    for size in ((90, 160), (1, 1), (1, 40)):
        found = cook(type, {"image": Frame.of(np.zeros((3, *size)))})
        assert np.isfinite(found.pixels).all() and not found.pixels[:3].any()
    with pytest.raises(ng.NodegraphError, match=r"R, G and B"):
        cook(type, {"image": Frame.of(np.ones((1, 20, 20)))})
    broken = np.full((3, HEIGHT, WIDTH), 0.2)
    broken[:, 20, 30], broken[1, 50, 60] = np.nan, np.inf
    assert np.isfinite(cook(type, {"image": Frame.of(broken)}, view="matte").pixels).all()


@pytest.mark.parametrize("type", ["keying.person", "keying.hybrid"])
def test_missing_networks_are_named_with_the_command(
    type: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nodegraph.models import network

    monkeypatch.setenv("NODEGRAPH_MODELS", str(tmp_path))
    network._loaded.cache_clear()
    with pytest.raises(ng.NodegraphError, match=r"node.*'selfie' is not installed.*`nodegraph models install`"):
        cook(type, {"image": mixed(SKIN, GREEN, disc())})


def test_an_alpha_that_comes_in_holds_the_result_out(made: dict[str, Made]) -> None:
    alpha = disc()
    made["selfie"] = selfie_of(alpha)
    half = np.ones((1, HEIGHT, WIDTH))
    half[:, :, :128] = 0
    image = mixed(SKIN, GREEN, alpha).pixels
    held = Frame.of(np.concatenate([image * half, half]))
    for type in ("keying.person", "keying.hybrid"):
        values = {"screen": "pick", "colour": tuple(GREEN)} if type == "keying.hybrid" else {}
        found = cook(type, {"image": held}, **values)
        assert not found.pixels[:, :, :126].any() and found.channel("A")[72, 140] > 0.9


# --- hybrid -----------------------------------------------------------------------------------------------


def stage(subject: Array | None = None) -> tuple[Frame, NDArray[np.float64]]:
    alpha = disc(50)
    rng = np.random.default_rng(3)
    frame = mixed(SKIN if subject is None else subject, GREEN, alpha)
    return Frame.of(frame.pixels + rng.normal(0, 0.003, (3, HEIGHT, WIDTH))), alpha


def test_on_a_good_screen_it_is_the_keyer(made: dict[str, Made]) -> None:
    image, alpha = stage()
    made["selfie"] = selfie_of(ndimage.shift(alpha, (0, 3)))  # it is off
    found, keyed = (cook(f"keying.{type}", {"image": image}).channel("A") for type in ("hybrid", "chroma"))
    assert np.abs(found - keyed).mean() < 0.003 and np.abs(found - alpha).mean() < 0.012


def test_green_clothes_stay_where_the_network_is_sure(made: dict[str, Made]) -> None:
    shirt = disc(18, 2)
    subject = SKIN[:, None, None] * (1 - shirt) + (0.9 * GREEN)[:, None, None] * shirt
    image, alpha = stage(subject)
    made["selfie"] = selfie_of(alpha)
    assert cook("keying.chroma", {"image": image}).channel("A")[72, 128] < 0.3
    assert cook("keying.hybrid", {"image": image}).channel("A")[72, 128] > 0.97


def test_spill_does_not_make_the_subject_transparent(made: dict[str, Made]) -> None:
    """The screen's light lies on a rim of the subject; its own light doesn't thin out there."""
    alpha = disc(50)
    rim = ndimage.gaussian_filter(1 - alpha, 8)[None]
    image, alpha = stage(np.array([0.5, 0.48, 0.45])[:, None, None] + 2 * rim * GREEN[:, None, None])
    made["selfie"] = selfie_of(alpha)
    found, keyed = (cook(f"keying.{type}", {"image": image}).channel("A") for type in ("hybrid", "chroma"))
    near = (alpha == 1) & (disc(42) < 1)
    assert (1 - keyed[near]).mean() > 0.3 and (1 - found[near]).mean() < 0.04


def test_a_hole_in_the_hair_stays_open(made: dict[str, Made]) -> None:
    """The keyer sees bare screen near the edge; the network, which is coarse, doesn't."""
    image, alpha = stage()
    hole = disc(3, 1, x=128, y=30)
    pixels = image.pixels * (1 - hole) + GREEN[:, None, None] * hole
    made["selfie"] = selfie_of(alpha)
    assert cook("keying.hybrid", {"image": Frame.of(pixels)}).channel("A")[30, 128] < 0.1


def test_what_stands_beyond_the_screen_goes(made: dict[str, Made]) -> None:
    image, alpha = stage()
    pixels = image.pixels.copy()
    pixels[:, :, 210:] = 0.3  # the studio
    pixels[:, 100:, 60:70] = 0.25  # a stand before the screen
    made["selfie"] = selfie_of(alpha)
    image = Frame.of(pixels)
    assert cook("keying.chroma", {"image": image}).channel("A")[72, 235] > 0.9
    found = cook("keying.hybrid", {"image": image}).channel("A")
    assert found[72, 235] < 0.05 and found[125, 65] > 0.9 and found[72, 128] > 0.97
    assert cook("keying.hybrid", {"image": image}, off_screen=False).channel("A")[72, 235] > 0.9


def test_without_a_screen_it_is_the_network(made: dict[str, Made]) -> None:
    alpha = disc()
    made["selfie"] = selfie_of(alpha)
    image = mixed(SKIN, np.array([0.1, 0.1, 0.12]), alpha)
    found, seen = (cook(f"keying.{type}", {"image": image}).channel("A") for type in ("hybrid", "person"))
    np.testing.assert_allclose(found, seen, atol=1e-5)
    shown = cook("keying.hybrid", {"image": image}, view="network")
    np.testing.assert_allclose(shown.channel("R"), seen, atol=1e-5)


def test_confidence_is_low_where_the_two_disagree(made: dict[str, Made]) -> None:
    image, _ = stage()
    made["selfie"] = selfie_of(disc(50, x=140))
    sure = cook("keying.hybrid", {"image": image}, view="confidence").pixels[0]
    assert sure[72, 128] > 0.95 and sure[10, 10] > 0.95
    assert sure.min() >= 0 and sure.max() <= 1 and sure.min() < 0.6


# --- the real networks ------------------------------------------------------------------------------------


def portrait(shared: Path, name: str) -> tuple[Frame, NDArray[np.float64]]:
    """A photograph with its alpha, at half the size."""
    import cv2

    folder = shared / "matting/P3M" / name
    if not folder.is_dir():
        pytest.skip("no portraits in the shared material")

    def half(kind: str, flags: int) -> Array:
        codes = cv2.imread(str(folder / f"{name}.{kind}"), flags)
        assert codes is not None
        return np.asarray(cv2.resize(codes / 255.0, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))

    image, alpha = half("jpg", cv2.IMREAD_COLOR)[..., ::-1], half("png", cv2.IMREAD_GRAYSCALE)
    linear = np.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)
    return Frame.of(linear.transpose(2, 0, 1)), alpha


@pytest.mark.usefixtures("networks")
@pytest.mark.parametrize("name", ["p_22fc0130", "p_bc5cfad1"])
def test_real_people(name: str, shared_data: Path) -> None:
    image, alpha = portrait(shared_data, name)
    matte = cook("keying.person", {"image": image}).channel("A")
    assert ((matte - alpha) ** 2).mean() < 0.008
    assert matte[alpha == 0].mean() < 0.02 and matte[alpha == 1].mean() > 0.98


@pytest.mark.usefixtures("networks")
def test_a_real_person_before_a_screen(shared_data: Path) -> None:
    image, alpha = portrait(shared_data, "p_bc5cfad1")
    rng = np.random.default_rng(5)
    shot = Frame.of(
        image.pixels * alpha + GREEN[:, None, None] * (1 - alpha) + rng.normal(0, 0.003, image.pixels.shape)
    )
    errors = {}
    for type in ("chroma", "person", "hybrid"):
        errors[type] = float(((cook(f"keying.{type}", {"image": shot}).channel("A") - alpha) ** 2).mean())
    assert errors["hybrid"] <= 1.01 * min(errors["chroma"], errors["person"])
