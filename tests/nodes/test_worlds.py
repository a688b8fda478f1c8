"""Worlds from pictures, two worlds as one, worlds as lamps, and lamps by hand."""

from __future__ import annotations

import numpy as np
import pytest

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.errors import NodegraphError
from nodegraph.graph import Graph
from nodegraph.kernels.lamps import directions, solid_angles
from nodegraph.packs import registry
from nodegraph.values import Environment, Frame, Light, Lights, Made
from nodegraph.values.environment import angles, direction
from tests.nodes.test_relight import Given


def value(type: str, inputs: dict[str, tuple[object, str]], **values: object) -> object:
    """What a node makes of any values on its wires."""
    types = {**registry(), **{f"tests.{k}": Given(f"tests.{k}", v, t) for k, (v, t) in inputs.items()}}
    graph = Graph({id: node.schema for id, node in types.items()})
    graph.add(type, name="node", params=values)
    for port in inputs:
        graph.add(f"tests.{port}", name=port)
        graph.connect(port, f"node.{port}")
    with Engine(graph, types, tier="numpy", threads=2) as engine:
        return engine.cook("node", 1)


def lat_long(azimuth: float, elevation: float, height: int = 64) -> np.ndarray:
    d = directions(height, 2 * height)
    sun = np.tensordot(np.array(direction(azimuth, elevation)), d, 1) > np.cos(np.radians(4))
    return np.stack([0.4 + 0.1 * d[1] + 200 * sun] * 3).astype(np.float32)


def world(pixels: np.ndarray, *lights: Light, name: str = "one") -> Environment:
    return Environment(pixels.astype(np.float32), Made(name), Lights(lights))


# --- from pictures -----------------------------------------------------------------------------


def from_picture(pixels: np.ndarray, channels: tuple[str, ...] | None = None, **values: object) -> Environment:
    made = value("nodegraph.environment.from_picture", {"image": (Frame.of(pixels, channels), "Frame")}, **values)
    assert isinstance(made, Environment)
    return made


def test_a_picture_becomes_a_world_and_turns() -> None:
    picture = lat_long(30, 20)
    made = from_picture(picture)
    assert np.array_equal(made.panorama, picture)
    turned = from_picture(picture, turn=90.0, exposure=1.0)
    assert np.array_equal(turned.panorama, 2 * np.roll(picture, 32, axis=2))


def test_what_hdrs_have_beside_the_sun_goes() -> None:
    picture = lat_long(0, 10)
    picture[0, 3, 3], picture[1, 4, 4], picture[2, 5, 5] = -3894.0, np.nan, np.inf
    made = from_picture(picture).panorama
    assert np.isfinite(made).all() and made.min() >= 0 and made[0, 3, 3] == 0


def test_what_is_no_panorama_is_refused() -> None:
    with pytest.raises(NodegraphError, match="twice as wide"):
        from_picture(np.ones((3, 64, 64), np.float32))
    with pytest.raises(NodegraphError, match="colour"):
        from_picture(np.ones((1, 32, 64), np.float32))


def test_ground_stands_before_a_photographed_sky() -> None:
    sky = world(lat_long(40, 30), Light("directional", (3.0, 3.0, 3.0), direction(40, 30)))
    made = value("nodegraph.environment.terrain", {"sky": (sky, "Environment")}, ground="desert")
    assert isinstance(made, Environment)
    assert made.panorama[:, :20] == pytest.approx(sky.panorama[:, :20], abs=1e-5)
    assert not np.allclose(made.panorama[:, 40:], sky.panorama[:, 40:])
    assert made.made.engine == "one, procedural desert" and made.lights == sky.lights


# --- two worlds --------------------------------------------------------------------------------


def blended(amount: float, b: Environment | None = None) -> Environment:
    a = world(lat_long(-40, 20), Light("directional", (4.0, 3.0, 2.0), direction(-40, 20), name="sun"))
    b = b or world(lat_long(60, 50), Light("directional", (1.0, 2.0, 3.0), direction(60, 50), name="moon"), name="two")
    made = value(
        "nodegraph.environment.blend_worlds", {"a": (a, "Environment"), "b": (b, "Environment")}, amount=amount
    )
    assert isinstance(made, Environment)
    return made


def test_worlds_are_blended_in_picture_and_in_light() -> None:
    made = blended(0.25)
    assert made.panorama == pytest.approx(0.75 * lat_long(-40, 20) + 0.25 * lat_long(60, 50), rel=1e-5)
    assert [light.name for light in made.lights.items] == ["sun", "moon"]
    assert made.lights.items[0].colour == pytest.approx((3.0, 2.25, 1.5))
    assert made.lights.items[1].colour == pytest.approx((0.25, 0.5, 0.75))
    assert made.made.engine == "one / two"


def test_at_its_ends_a_blend_is_one_of_them() -> None:
    assert blended(0.0).made.engine == "one" and blended(1.0).made.engine == "two"


def test_a_world_of_another_size_is_read_at_the_firsts() -> None:
    big = world(lat_long(60, 50, 128), name="two")
    made = blended(0.5, big)
    assert made.panorama.shape == (3, 64, 128)
    assert made.panorama.mean() == pytest.approx(0.5 * (lat_long(-40, 20).mean() + lat_long(60, 50).mean()), rel=0.1)


def test_blended_procedural_worlds_can_be_painted() -> None:
    graph = ng.new()
    graph.add("environment.sky", name="day", width=128, sun_elevation=40)
    graph.add("environment.sky", name="eve", width=128, sun_elevation=3)
    graph.add("environment.blend_worlds", name="both", amount=0.5)
    graph.add("environment.view", name="view")
    graph.connect("day", "both.a")
    graph.connect("eve", "both.b")
    graph.connect("both", "view")
    picture = ng.cook(graph, "view", scale=0.1).pixels
    assert np.isfinite(picture).all() and picture[:3].max() > 0


# --- worlds as lamps ---------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "lamps", "number"), [(8, True, 9), (8, False, 8), (0, True, 1), (3, False, 4)])
def test_baked_lights_are_all_the_light(count: int, lamps: bool, number: int) -> None:
    panorama = lat_long(30, 40, 256)
    made = value(
        "nodegraph.relight.bake_lights", {"environment": (world(panorama), "Environment")}, count=count, lamps=lamps
    )
    assert isinstance(made, Lights) and len(made.items) == number
    total = np.sum([light.colour for light in made.items], axis=0)
    whole = (panorama.astype(np.float64) * solid_angles(256, 512)).sum((1, 2))
    assert total == pytest.approx(whole, rel=2e-3) if count else (total < whole).all()
    if lamps:
        assert angles(made.items[0].direction) == pytest.approx((30, 40), abs=1)


# --- lamps by hand -----------------------------------------------------------------------------


def lamp(**values: object) -> Light:
    made = value("nodegraph.relight.light", {}, **values)
    assert isinstance(made, Lights)
    return made.items[-1]


def test_a_directional_lamp() -> None:
    light = lamp(azimuth=90.0, elevation=0.0, temperature=6504.0, stops=1.0)
    assert light.direction == pytest.approx((1, 0, 0), abs=1e-9)
    assert light.colour == pytest.approx((2 * np.pi,) * 3, rel=0.03)


def test_a_lamp_in_the_picture_stands_where_its_handle_is() -> None:
    light = lamp(kind_of="point", position=(960.0, 540.0), depth=0.5)
    assert light.position == pytest.approx((0, 0, 0.5))
    corner = lamp(kind_of="point", position=(1920.0, 1080.0), depth=-1.0)
    assert corner.position == pytest.approx((960 / 1080, 0.5, -1.0))


def test_a_spot_points_at_its_aim() -> None:
    light = lamp(kind_of="spot", position=(960.0, 1080.0), depth=0.5, aim=(960.0, 540.0), cone=20.0)
    assert light.direction == pytest.approx((0, np.sqrt(0.5), np.sqrt(0.5))) and light.cone == 20


def test_lamps_join() -> None:
    first = Lights((Light("directional", (1.0, 1.0, 1.0), name="first"),))
    made = value("nodegraph.relight.light", {"lights": (first, "Lights")})
    assert isinstance(made, Lights) and [k.name for k in made.items] == ["first", "node"]


def test_a_handle_means_the_same_at_a_proxy_scale() -> None:
    graph = ng.new()
    graph.add("relight.light", name="lamp", kind_of="point", position=(1440.0, 810.0))
    whole, half = (ng.cook(graph, "lamp", scale=s).items[0].position for s in (1.0, 0.5))
    assert half == pytest.approx(whole, abs=1e-6)
