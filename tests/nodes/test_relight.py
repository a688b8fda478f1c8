"""Relighting against brute force in float64, on spheres whose shape is known exactly; and what must never change."""

from __future__ import annotations

import numpy as np
import pytest
from nodegraph_nodes.relight.temperature import of_kelvin

from nodegraph.engine import Engine
from nodegraph.errors import NodegraphError
from nodegraph.graph import Graph
from nodegraph.graph.schema import Port
from nodegraph.kernels.lamps import directions, solid_angles
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.relighting import blurred, octahedral
from nodegraph.node import FrameNode, Query
from nodegraph.packs import registry
from nodegraph.values import Environment, Frame, FrameSpec, Light, Lights, Made, Window
from nodegraph.values.environment import direction

SIDE = 96
NO_LIGHTS = Lights()
LUMA = np.array([0.2126, 0.7152, 0.0722])
SHAPE = ("normal.X", "normal.Y", "normal.Z", "depth.Z", "confidence.Y")


class Given(FrameNode):
    """Any value, out of nowhere."""

    def __init__(self, id: str, value: object, type: str) -> None:
        self.value = value
        self.id = id  # type: ignore[misc]
        self.declared_outputs = (Port("out", type),)

    def describe(self, q: Query) -> FrameSpec | None:
        return self.value.spec if isinstance(self.value, Frame) else None

    def cook(self, q: Query, inputs: object, region: Window, pool: Pool) -> object:
        return self.value


def sphere() -> tuple[np.ndarray, np.ndarray]:
    """Normals (3, ...) and matte of a ball that fills the frame."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    u, v = (x + 0.5) / SIDE * 2 - 1, 1 - (y + 0.5) / SIDE * 2
    inside = u * u + v * v < 0.95
    w = np.sqrt(np.maximum(1 - u * u - v * v, 0))
    return np.stack([u, v, w]) * inside, inside.astype(float)


def world(panorama: np.ndarray, lights: Lights = NO_LIGHTS) -> Environment:
    return Environment(panorama.astype(np.float32), Made("test"), lights)


def relit(
    picture: np.ndarray,
    shape: np.ndarray,
    environment: Environment | None = None,
    lights: Lights | None = None,
    **values: object,
) -> np.ndarray:
    """(4, height, width) through the engine."""
    given = {"image": Frame.of(picture), "geometry": Frame.of(shape, SHAPE)}
    types = {**registry(), **{f"tests.{k}": Given(f"tests.{k}", v, "Frame") for k, v in given.items()}}
    if environment is not None:
        types["tests.environment"] = Given("tests.environment", environment, "Environment")
    if lights is not None:
        types["tests.lights"] = Given("tests.lights", lights, "Lights")
    graph = Graph({id: node.schema for id, node in types.items()})
    graph.add(
        "relight.relight", name="node", params={"specular": 0.0, "rim": 0.0, "shadow": 0.0, "limit": 10.0, **values}
    )
    for port in ("image", "geometry", "environment", "lights"):
        if f"tests.{port}" in types:
            graph.add(f"tests.{port}", name=port)
            graph.connect(port, f"node.{port}")
    with Engine(graph, types, tier="numpy", threads=2) as engine:
        return engine.cook("node", 1).pixels


def white(matte: np.ndarray, level: float = 0.5) -> np.ndarray:
    return np.stack([level * matte] * 3 + [matte])


def shape_of(normals: np.ndarray, matte: np.ndarray) -> np.ndarray:
    return np.concatenate([normals, normals[2:] * 0.5 * matte, matte[None]])


def expected_ratio(normals: np.ndarray, panorama: np.ndarray, lights: Lights = NO_LIGHTS) -> np.ndarray:
    """New light over old, in float64, summed over every pixel of the panorama."""
    n = normals.reshape(3, -1)
    where = directions(*panorama.shape[1:]).reshape(3, -1)
    energy = (panorama.astype(np.float64) * solid_angles(*panorama.shape[1:])).reshape(3, -1)
    parts = np.array_split(np.arange(where.shape[1]), max(1, where.shape[1] // 2000))  # all at once fills the memory
    light = sum(energy[:, k] @ np.maximum(where[:, k].T @ n, 0) for k in parts) / np.pi
    for lamp in lights.items:
        light = light + np.array(lamp.colour)[:, None] * np.maximum(np.array(lamp.direction) @ n, 0) / np.pi
    return (light / (0.62 + 0.38 * n[2])).reshape(3, *normals.shape[1:])


def gradient_world(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    d = directions(48, 96)
    return np.stack([0.6 + 0.4 * np.tensordot(v / np.linalg.norm(v), d, 1) for v in rng.standard_normal((3, 3))])


@pytest.mark.parametrize("seed", range(3))
def test_soft_light_is_that_of_brute_force(seed: int) -> None:
    normals, matte = sphere()
    panorama = gradient_world(seed)
    made = relit(white(matte), shape_of(normals, matte), world(panorama))
    truth = 0.5 * expected_ratio(normals, panorama) * matte
    assert np.abs(made[:3] - truth).max() < 0.01 * truth.max()
    assert np.array_equal(made[3], matte.astype(np.float32))


@pytest.mark.parametrize("azimuth", [-120, 60, 150])
def test_a_lamp_lights_the_side_it_stands_on(azimuth: float) -> None:
    normals, matte = sphere()
    lamp = Light("directional", (3.0, 2.0, 1.0), direction(azimuth, 20))
    made = relit(white(matte), shape_of(normals, matte), lights=Lights((lamp,)))
    truth = 0.5 * expected_ratio(normals, np.zeros((3, 8, 16)), Lights((lamp,))) * matte
    facing = np.tensordot(np.array(lamp.direction), normals, 1) > 0.5
    assert np.abs(made[:3] - truth)[:, facing].max() < 0.1 * truth.max()  # skin wraps light a little
    brightest = np.unravel_index(int(np.where(facing, made[1], 0).argmax()), made[1].shape)
    if normals[2][facing].size:
        found = normals[:, brightest[0], brightest[1]]
        assert (found[0] > 0) == (lamp.direction[0] > 0)
    away = (np.tensordot(np.array(lamp.direction), normals, 1) < -0.2) & (matte > 0)
    assert made[:3, away].max() < 1e-3


def test_a_worlds_own_sun_is_taken_out_and_put_in_once() -> None:
    """A panorama with a sun in it, whether its lamp comes along or is found."""
    normals, matte = sphere()
    d = directions(256, 512)
    sun = np.tensordot(np.array(direction(-130, 30)), d, 1) > np.cos(np.radians(1.5))
    panorama = np.stack([0.3 + 0.2 * d[1] + 900 * sun] * 3)
    truth = 0.5 * expected_ratio(normals, panorama) * matte
    found = relit(white(matte), shape_of(normals, matte), world(panorama))
    colour = float((900 * sun * solid_angles(256, 512)).sum())
    told = relit(
        white(matte),
        shape_of(normals, matte),
        world(panorama, Lights((Light("directional", (colour,) * 3, direction(-130, 30)),))),
    )
    for made in (found, told):
        error = np.abs(made[:3] - truth)[:, matte > 0]
        assert error.mean() < 0.05 * truth[:, matte > 0].mean()


def test_nothing_to_light_by_changes_nothing_and_amount_mixes() -> None:
    normals, matte = sphere()
    picture = white(matte)
    assert np.array_equal(relit(picture, shape_of(normals, matte)), picture.astype(np.float32))
    panorama = gradient_world()
    full, half, none = (relit(picture, shape_of(normals, matte), world(panorama), amount=a) for a in (1.0, 0.5, 0.0))
    assert none == pytest.approx(picture, abs=1e-6)
    assert half == pytest.approx(0.5 * (full + none), abs=1e-5)


def test_twice_the_light_is_a_stop() -> None:
    normals, matte = sphere()
    panorama = gradient_world()
    once = relit(white(matte), shape_of(normals, matte), world(panorama))
    assert relit(white(matte), shape_of(normals, matte), world(panorama), exposure=1.0)[:3] == pytest.approx(
        2 * once[:3], rel=1e-4
    )
    assert relit(white(matte), shape_of(normals, matte), world(2 * panorama))[:3] == pytest.approx(
        2 * once[:3], rel=1e-4
    )


def test_the_limit_holds() -> None:
    normals, matte = sphere()
    made = relit(white(matte), shape_of(normals, matte), world(1000 * gradient_world()), limit=2.0)
    assert made[:3].max() <= 0.5 * 4 * 1.0001


def test_soft_edges_keep_their_own_colour() -> None:
    """A premultiplied pixel at half alpha is lit like the same pixel at full alpha, times a half."""
    normals, matte = sphere()
    panorama = gradient_world()
    solid = relit(white(matte), shape_of(normals, matte), world(panorama), specular=1.0, rim=1.0)
    thin = relit(white(matte) * 0.5, shape_of(normals, matte), world(panorama), specular=1.0, rim=1.0)
    assert thin == pytest.approx(0.5 * solid, abs=1e-5)


def test_what_is_no_number_stays_where_it_is() -> None:
    normals, matte = sphere()
    picture, shape = white(matte), shape_of(normals, matte)
    clean = relit(picture, shape, world(gradient_world()))
    picture[0, 40, 40] = np.nan
    shape[1, 50, 50] = np.inf
    made = relit(picture, shape, world(gradient_world()))
    odd = np.zeros((SIDE, SIDE), bool)
    odd[40, 40] = odd[50, 50] = True
    assert np.array_equal(made[:, ~odd], clean[:, ~odd])
    assert np.isfinite(made[:, 50, 50]).all()  # without a shape a pixel stays as it was


def test_a_wall_before_a_lamp_throws_a_shadow() -> None:
    matte = np.ones((SIDE, SIDE))
    normals = np.stack([np.zeros_like(matte), np.zeros_like(matte), np.ones_like(matte)])
    shape = np.concatenate([normals, np.zeros((1, SIDE, SIDE)), matte[None]])
    shape[3, :, 60:66] = 0.25  # a fence to the right
    lamp = Light("directional", (3.0, 3.0, 3.0), direction(120, 0))  # from the right, and the front
    lit = relit(white(matte), shape, lights=Lights((lamp,)), shadow=0.0)
    shaded = relit(white(matte), shape, lights=Lights((lamp,)), shadow=1.0)
    assert shaded[1, 48, 55] < 0.3 * lit[1, 48, 55]
    assert shaded[1, 48, 90] == pytest.approx(lit[1, 48, 90], rel=0.02) and shaded[1, 48, 5] > 0.7 * lit[1, 48, 5]


def test_a_spot_lights_within_its_cone() -> None:
    matte = np.ones((SIDE, SIDE))
    shape = np.concatenate([np.zeros((2, SIDE, SIDE)), matte[None], np.zeros((1, SIDE, SIDE)), matte[None]])
    spot = Light("spot", (3.0, 3.0, 3.0), (0.0, 0.0, 1.0), (0.0, 0.0, 1.0), 0.01, 15.0, 0.1)
    made = relit(white(matte), shape, lights=Lights((spot,)))[1]
    assert made[48, 48] > 0.3 and max(made[48, 90], made[5, 48]) < 1e-3


@pytest.mark.parametrize("roughness", [0.2, 0.5, 1.0])
def test_mirrored_worlds_are_blurred_as_ggx_asks(roughness: float) -> None:
    """Karis's first factor by importance sampling, as he defines it, in float64 with 40,000 directions."""
    panorama = gradient_world(3) + 2.0 * (np.tensordot(np.array(direction(30, 20)), directions(48, 96), 1) > 0.9)
    made = blurred(panorama, roughness, Pool(2), 16)
    assert blurred(np.ones((3, 32, 64)), roughness, Pool(2), 8) == pytest.approx(1, rel=1e-5)
    rng = np.random.default_rng(0)
    a2 = roughness**4
    targets = octahedral(16)
    for y, x in ((3, 5), (8, 10), (13, 16), (0, 7)):
        n = targets[:, y, x]
        u, v = rng.random(40000), rng.random(40000)
        cosine = np.sqrt((1 - u) / (1 + (a2 - 1) * u))
        sine, phi = np.sqrt(1 - cosine**2), 2 * np.pi * v
        side = np.cross(n, [0.3, 0.5, 0.81])
        side /= np.linalg.norm(side)
        h = sine * np.cos(phi) * side[:, None] + sine * np.sin(phi) * np.cross(n, side)[:, None] + cosine * n[:, None]
        light = 2 * (n @ h) * h - n[:, None]
        facing = np.maximum(n @ light, 0)
        column = ((np.arctan2(light[0], -light[2]) / (2 * np.pi) + 0.5) * 96).astype(int) % 96
        row = np.clip(((0.5 - np.arcsin(np.clip(light[1], -1, 1)) / np.pi) * 48).astype(int), 0, 47)
        truth = (panorama[:, row, column] * facing).sum(1) / facing.sum()
        assert made[:, y, x] == pytest.approx(truth, rel=0.03)


def test_temperatures_are_those_of_the_standards() -> None:
    """D65 is white; 3,200 K warm, 10,000 K cold; each of luminance 1."""
    assert of_kelvin(6504) == pytest.approx((1, 1, 1), abs=0.03)
    warm, cold = of_kelvin(3200), of_kelvin(10000)
    assert warm[0] > 1.4 > 0.6 > warm[2] and cold[2] > 1.2 > 0.95 > cold[0]
    assert all(LUMA @ np.array(of_kelvin(k)) == pytest.approx(1, abs=0.02) for k in (2000, 3999, 4001, 5600, 9000))


# --- shapes ------------------------------------------------------------------------------------


def shaped(picture: np.ndarray, passes: dict[str, np.ndarray] | None = None, **values: object) -> Frame:
    given = {"image": Frame.of(picture), **{k: Frame.of(v) for k, v in (passes or {}).items()}}
    types = {**registry(), **{f"tests.{k}": Given(f"tests.{k}", v, "Frame") for k, v in given.items()}}
    graph = Graph({id: node.schema for id, node in types.items()})
    graph.add("relight.geometry", name="node", params=values)
    for port in given:
        graph.add(f"tests.{port}", name=port)
        graph.connect(port, f"node.{port}")
    with Engine(graph, types, tier="numpy", threads=2) as engine:
        return engine.cook("node", 1)


def disc(side: int = 320, radius: float = 100) -> np.ndarray:
    y, x = np.mgrid[0:side, 0:side]
    return (np.hypot(x + 0.5 - side / 2, y + 0.5 - side / 2) < radius).astype(float)


def test_a_disc_is_blown_up_to_a_ball() -> None:
    """-laplace(h) = 4 over a disc has the solution R^2 - r^2: its root is the ball itself."""
    matte = disc()
    made = shaped(white(matte), detail=0.0)
    depth = made.channel("depth.Z") * 320
    assert depth[160, 160] == pytest.approx(100, rel=0.05)
    assert depth[160, 230] == pytest.approx(np.sqrt(100**2 - 70**2), rel=0.08)
    n = np.stack([made.channel(c) for c in SHAPE[:3]])
    assert n[:, 160, 160] == pytest.approx((0, 0, 1), abs=0.05)
    assert n[:, 160, 220] == pytest.approx((0.6, 0, 0.8), abs=0.08)
    assert n[:, 100, 160] == pytest.approx((0, 0.6, 0.8), abs=0.08)  # up is up
    assert np.sqrt((n**2).sum(0)) == pytest.approx(np.ones((320, 320)), abs=1e-4)
    assert made.channel("confidence.Y")[160, 160] > made.channel("confidence.Y")[160, 257] >= 0


def test_roundness_and_an_empty_matte() -> None:
    flat = shaped(white(disc()), detail=0.0, roundness=0.0)
    assert np.abs(flat.channel("normal.X")).max() == 0 and np.abs(flat.channel("depth.Z")).max() == 0
    empty = shaped(np.zeros((4, 64, 64)))
    assert np.isfinite(empty.pixels).all() and empty.channel("confidence.Y").max() == 0
    assert np.isfinite(shaped(np.full((4, 1, 1), np.nan)).pixels).all()


def test_a_pass_takes_the_guesses_place() -> None:
    normals, matte = sphere()
    coded = normals * 0.5 + 0.5
    made = shaped(white(matte), {"normals": coded}, encoding="0 to 1")
    n = np.stack([made.channel(c) for c in SHAPE[:3]])
    assert n[:, matte > 0] == pytest.approx(normals[:, matte > 0], abs=1e-5)
    assert (made.channel("confidence.Y") == 1).all()
    down = shaped(white(matte), {"normals": normals}, up="down")
    assert down.channel("normal.Y")[matte > 0] == pytest.approx(-normals[1][matte > 0], abs=1e-5)
    deep = shaped(white(matte), {"depth": normals[2:]}, nearer="smaller", depth_scale=2.0)
    assert deep.channel("depth.Z") == pytest.approx(-2 * normals[2], abs=1e-5)


def test_wires_without_a_shape_or_colour_are_refused() -> None:
    _, matte = sphere()
    with pytest.raises(NodegraphError, match="no shape"):
        types = {**registry(), "tests.image": Given("tests.image", Frame.of(white(matte)), "Frame")}
        types["tests.environment"] = Given("tests.environment", world(gradient_world()), "Environment")
        graph = Graph({id: node.schema for id, node in types.items()})
        graph.add("relight.relight", name="node")
        graph.add("tests.image", name="image")
        graph.add("tests.environment", name="environment")
        for port in ("image", "geometry"):
            graph.connect("image", f"node.{port}")
        graph.connect("environment", "node.environment")
        with Engine(graph, types, tier="numpy") as engine:
            engine.cook("node", 1)
    with pytest.raises(NodegraphError, match="no normals"):
        shaped(white(matte), {"normals": matte[None]})


# --- the light that was there ------------------------------------------------------------------


def lit_ball(light: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A ball of patchy colour in first-order light `light` = (even, x, y, z); its shape, and its albedo."""
    normals, matte = sphere()
    rng = np.random.default_rng(seed)
    patches = np.kron(0.25 + 0.5 * rng.random((12, 12)), np.ones((8, 8)))
    shine = np.maximum(light[0] + light[1] * normals[0] + light[2] * normals[1] + light[3] * normals[2], 0)
    picture = np.stack([patches * shine * matte] * 3 + [matte])
    return picture, shape_of(normals, matte), patches


@pytest.mark.parametrize("side", [(0.5, 0.1, 0.2), (-0.4, 0.3, 0.1), (0.0, 0.45, 0.3)])
def test_the_light_that_was_there_is_found(side: tuple[float, float, float]) -> None:
    from nodegraph_nodes.relight.delight import fitted

    picture, shape, _ = lit_ball(np.array([0.7, *side]))
    there = (picture[3] > 0.9) & (picture[1] > 1e-4)
    found = fitted(picture[1][there], shape[:3][:, there], np.ones(int(there.sum())))
    x, y, z = found[3], found[1], found[2]
    cosine = np.dot((x, y, z), side) / np.linalg.norm((x, y, z)) / np.linalg.norm(side)
    assert np.degrees(np.arccos(cosine)) < 18  # patches of another colour pull at it


def test_too_little_to_see_is_taken_for_soft_light() -> None:
    from nodegraph_nodes.relight.delight import fitted, soft_front

    assert np.array_equal(fitted(np.ones(5), np.ones((3, 5)), np.ones(5)), soft_front())


def test_a_found_light_is_divided_out() -> None:
    """Relit evenly, a ball that was lit from the side is nearer to its own colours than it was."""
    picture, shape, patches = lit_ball(np.array([0.7, 0.5, 0.1, 0.2]))
    even = world(np.full((3, 32, 64), 1.0))
    matte = picture[3] > 0
    inner = matte & (shape[2] > 0.4)

    def off(made: np.ndarray) -> float:
        ratio = made[1][inner] / patches[inner]
        return float(np.std(ratio) / np.mean(ratio))

    found = relit(picture, shape, even, filmed_in="found")
    assert off(found) < 0.4 * off(picture) and off(found) < 0.4 * off(relit(picture, shape, even))


def test_the_delight_node_flattens_and_shows() -> None:
    picture, shape, patches = lit_ball(np.array([0.7, 0.5, 0.1, 0.2]))
    given = {"image": Frame.of(picture), "geometry": Frame.of(shape, SHAPE)}
    types = {**registry(), **{f"tests.{k}": Given(f"tests.{k}", v, "Frame") for k, v in given.items()}}
    graph = Graph({id: node.schema for id, node in types.items()})
    graph.add("relight.delight", name="node")
    for port in given:
        graph.add(f"tests.{port}", name=port)
        graph.connect(port, f"node.{port}")
    inner = (picture[3] > 0) & (shape[2] > 0.4)
    with Engine(graph, types, tier="numpy") as engine:
        made = engine.cook("node", 1).pixels
        ratio, before = made[1][inner] / patches[inner], picture[1][inner] / patches[inner]
        assert ratio.std() / ratio.mean() < 0.4 * before.std() / before.mean()
        assert np.array_equal(made[3], picture[3].astype(np.float32))
        graph.set("node.view", "light")
        shown = engine.cook("node", 1).pixels[0]
        assert shown[48, 80] > shown[48, 16]  # from the right
