"""Worlds: where the sun is, what a camera sees, that the same numbers give the same world."""

from __future__ import annotations

import numpy as np
import pytest
from nodegraph_nodes.environment.almanac import sun_at

import nodegraph as ng
from nodegraph.errors import NodegraphError
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.projecting import WHOLE, Camera, extent, part, project, rays
from nodegraph.values import Environment, World
from nodegraph.values.environment import GROUNDS, RANGES, angles, direction

POOL = Pool(2)
LUMA = np.array([0.2126, 0.7152, 0.0722])


def sky(**values: object) -> Environment:
    graph = ng.new()
    graph.add("environment.sky", name="sky", params={"width": 512, **values})
    made = ng.cook(graph, "sky")
    assert isinstance(made, Environment)
    return made


def luminance(panorama: np.ndarray) -> np.ndarray:
    return np.tensordot(LUMA, panorama.astype(np.float64), 1)


def brightest(panorama: np.ndarray) -> tuple[float, float]:
    """Azimuth and elevation of the brightest pixel's middle."""
    height, width = panorama.shape[1:]
    y, x = np.unravel_index(int(luminance(panorama).argmax()), (height, width))
    return (x + 0.5) / width * 360 - 180, 90 - (y + 0.5) / height * 180


def horizontal(panorama: np.ndarray) -> np.ndarray:
    """Irradiance of a card laid flat, in float64."""
    height, width = panorama.shape[1:]
    e = np.radians(90 - (np.arange(height // 2) + 0.5) / height * 180)
    weight = np.sin(e) * np.cos(e) * (np.pi / height) * (2 * np.pi / width)
    return np.einsum("cyx,y->c", panorama[:, : height // 2].astype(np.float64), weight)


# --- the sun -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "hour", "place", "azimuth", "elevation"),
    [
        # NREL's solar position algorithm (Reda and Andreas 2004), its own example: Golden, 2003-10-17 19:30:30 UTC
        ("2003-10-17", 19.5083, (39.742476, -105.1786), 194.340, 39.888),
        ("2026-03-20", 12.12, (0.0, 0.0), None, 90.0),  # equinox noon on the equator: overhead
        ("2026-06-21", 12.03, (51.4779, 0.0), 180.0, 61.96),  # midsummer noon at Greenwich: 90 - latitude + 23.44
        ("2026-12-21", 12.0, (80.0, 0.0), None, -13.44),  # polar night
    ],
)
def test_the_almanac(
    date: str, hour: float, place: tuple[float, float], azimuth: float | None, elevation: float
) -> None:
    found = sun_at(date, hour, *place)
    assert found[1] == pytest.approx(elevation, abs=0.2 if elevation == 90 else 0.06)
    if azimuth is not None:
        assert found[0] == pytest.approx(azimuth, abs=0.6)


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(NodegraphError, match="2026-13-40"):
        sky(place_sun="by date", date="2026-13-40")


def test_angles_and_directions_are_inverse() -> None:
    for azimuth in (-170, -90, 0, 45, 179):
        for elevation in (-60, 0, 30, 80):
            assert angles(direction(azimuth, elevation)) == pytest.approx((azimuth, elevation))
    assert direction(0, 0) == pytest.approx((0, 0, -1)) and direction(90, 0) == pytest.approx((1, 0, 0))


@pytest.mark.parametrize(("azimuth", "elevation"), [(60, 35), (-120, 10), (0, 70)])
def test_the_sun_stands_where_it_is_put(azimuth: float, elevation: float) -> None:
    made = sky(sun_azimuth=azimuth, sun_elevation=elevation, cloud_cover=0, cirrus=0)
    assert brightest(made.panorama) == pytest.approx((azimuth, elevation), abs=0.8)
    (lamp,) = made.lights.items
    assert angles(lamp.direction) == pytest.approx((azimuth, elevation), abs=1e-3)


def test_the_disc_holds_the_lamps_light() -> None:
    """What a small disc adds to a card laid flat is what the lamp says, at any size of the panorama."""
    for width in (256, 512, 2048):
        made = sky(sun_elevation=50, cloud_cover=0, cirrus=0, width=width)
        height = width // 2
        e = np.radians(90 - (np.arange(height) + 0.5) / height * 180)[:, None]
        a = np.radians((np.arange(width) + 0.5) / width * 360 - 180)[None]
        lamp = made.lights.items[0]
        x, y, z = lamp.direction
        near = np.sin(a) * np.cos(e) * x + np.sin(e) * y - np.cos(a) * np.cos(e) * z > np.cos(
            np.radians(max(2.0, 1000 / width))
        )
        solid = np.cos(e) * (np.pi / height) * (2 * np.pi / width) * near
        around = np.median(made.panorama[:, near], axis=1)
        gathered = (made.panorama.astype(np.float64) * solid).sum((1, 2)) - around * solid.sum()
        assert gathered[1] == pytest.approx(lamp.colour[1], rel=0.25)


def test_nothing_is_negative_or_odd_in_any_weather() -> None:
    rng = np.random.default_rng(4)
    for _ in range(8):
        values = {
            n: float(rng.uniform(*RANGES[n]))
            for n in ("sun_elevation", "sun_azimuth", "cloud_cover", "cloud_weight", "fog", "moon")
        }
        panorama = sky(width=128, **values).panorama
        assert np.isfinite(panorama).all() and (panorama >= 0).all() and panorama.max() > 0


def test_clouds_cover_what_they_say() -> None:
    def blue(cover: float) -> float:
        panorama = sky(cloud_cover=cover, cirrus=0, sun_azimuth=180).panorama[:, 60:110]
        return float((panorama[2] > 1.25 * panorama[0]).mean())

    shares = [blue(cover) for cover in (0.0, 0.3, 0.6, 1.0)]
    assert shares == sorted(shares, reverse=True) and shares[0] > 0.8 and shares[-1] < 0.2


def test_a_storm_darkens_and_dims_its_sun() -> None:
    clear = sky(cloud_cover=0, adapt=0)
    storm = sky(cloud_cover=1, cloud_weight=1, adapt=0)
    assert horizontal(storm.panorama)[1] < 0.3 * horizontal(clear.panorama)[1]
    assert not storm.lights.items or storm.lights.items[0].colour[1] < 0.1 * clear.lights.items[0].colour[1]


def test_adapting_makes_night_seen_and_keeps_it_darker_than_day() -> None:
    def middle(**values: object) -> float:
        return float(np.median(luminance(sky(cloud_cover=0, **values).panorama)[:128]))

    assert middle(sun_elevation=-18, moon=1, adapt=0) < 1e-4 * middle(sun_elevation=40, adapt=0)
    night, day = middle(sun_elevation=-18, moon=1), middle(sun_elevation=40)
    assert 0.003 * day < night < 0.7 * day


def test_clouds_move_with_time_and_stand_without() -> None:
    graph = ng.new()
    graph.add("environment.sky", name="sky", width=128, animate=True, speed=50.0, wind=1.0, cloud_cover=0.5)
    one, two = (ng.cook(graph, "sky", frame=f).panorama for f in (1, 48))
    assert np.abs(one - two).max() > 0.01
    graph.set("sky.animate", False)
    one, two = (ng.cook(graph, "sky", frame=f).panorama for f in (1, 48))
    assert np.array_equal(one, two)


# --- cameras -----------------------------------------------------------------------------------


def test_rays_of_a_turned_camera() -> None:
    centre = np.array([[50.0]]), np.array([[50.0]])
    ahead = rays(Camera(100, (50, 50)), *centre)[:, 0, 0]
    assert ahead == pytest.approx((0, 0, -1))
    right = rays(Camera(100, (50, 50), pan=90), *centre)[:, 0, 0]
    assert right == pytest.approx((1, 0, 0), abs=1e-12)
    up = rays(Camera(100, (50, 50), tilt=30), *centre)[:, 0, 0]
    assert angles(tuple(up)) == pytest.approx((0, 30))
    rolled = rays(Camera(100, (50, 50), roll=90), np.array([[150.0]]), np.array([[50.0]]))[:, 0, 0]
    assert rolled[1] < -0.7  # turned clockwise, the camera's right looks down


@pytest.mark.parametrize("turn", [(0, 0, 0), (30, 10, 5), (178, -20, 0), (10, 85, 0), (0, -90, 12)])
def test_a_projection_reads_what_lies_in_its_directions(turn: tuple[float, float, float]) -> None:
    """Against a panorama whose colour is its direction, in float64."""
    height, width = 512, 1024
    e = np.radians(90 - (np.arange(height) + 0.5) / height * 180)[:, None]
    a = np.radians((np.arange(width) + 0.5) / width * 360 - 180)[None]
    source = np.stack([np.sin(a) * np.cos(e), np.sin(e) + 0 * a, -np.cos(a) * np.cos(e)]).astype(np.float32)
    camera = Camera(120, (80, 45), *turn)
    out = np.empty((3, 90, 160), np.float32)
    project(source, WHOLE, camera, (0, 0), out, POOL)
    expected = rays(camera, np.arange(160)[None] + 0.5, np.arange(90)[:, None] + 0.5)
    assert np.abs(out - expected).max() < 0.01
    left, right, top, bottom = extent(camera, 160, 90)
    small = part(source, (left, right, top, bottom), 400, 300, POOL)
    cut = np.empty_like(out)
    project(small, (left, right, top, bottom), camera, (0, 0), cut, POOL)
    assert np.abs(cut - expected).max() < 0.03


def test_a_part_of_a_view_is_the_views_part() -> None:
    rng = np.random.default_rng(1)
    source = rng.random((3, 64, 128)).astype(np.float32)
    camera = Camera(90, (64, 32), 160, 10, 20)
    whole, piece = np.empty((3, 64, 128), np.float32), np.empty((3, 16, 24), np.float32)
    project(source, WHOLE, camera, (0, 0), whole, POOL)
    project(source, WHOLE, camera, (40, 24), piece, POOL)
    assert np.abs(piece - whole[:, 24:40, 40:64]).max() < 1e-4


def world_graph(**values: object) -> ng.Graph:
    graph = ng.new()
    graph.add("environment.sky", name="sky", width=256, sun_elevation=20)
    graph.add("environment.terrain", name="land", params=values)
    graph.add("environment.view", name="view")
    graph.connect("sky", "land")
    graph.connect("land", "view")
    return graph


@pytest.mark.parametrize("ground", [g for g in GROUNDS if g != "none"])
def test_ground_lies_below_and_is_lit(ground: str) -> None:
    made = ng.cook(world_graph(ground=ground), "land")
    above = ng.cook(world_graph(ground="none"), "land")
    assert np.isfinite(made.panorama).all() and (made.panorama >= 0).all()
    assert np.array_equal(made.panorama[:, :20], above.panorama[:, :20])  # the sky stays
    lower = luminance(made.panorama)[80:]
    assert (lower > 1e-4).mean() > 0.95 and lower.std() > 0  # and what is below is there
    assert not np.allclose(made.panorama[:, 80:], above.panorama[:, 80:])
    assert np.array_equal(made.panorama, ng.cook(world_graph(ground=ground), "land").panorama)
    assert not np.array_equal(made.panorama, ng.cook(world_graph(ground=ground, seed=9), "land").panorama)


def test_a_lower_sun_throws_longer_shadows_on_mountains() -> None:
    def lit(elevation: float) -> float:
        graph = world_graph(ground="mountains", relief=0.8)
        graph.set("sky.sun_elevation", elevation)
        graph.set("sky.cloud_cover", 0.0)
        graph.set("sky.sun_azimuth", 90.0)
        panorama = luminance(ng.cook(graph, "land").panorama)[58:64]
        return float((panorama > 0.5 * np.quantile(panorama, 0.95)).mean())

    assert lit(8) < lit(60)


def test_a_view_has_the_projects_format_and_says_what_made_it() -> None:
    graph = world_graph(ground="sea")
    picture = ng.cook(graph, "view", scale=0.1)
    assert picture.spec.channels == ("R", "G", "B", "A") and (picture.channel("A") == 1).all()
    assert picture.spec.metadata["environment:engine"] == "procedural sky, procedural sea"
    graph.set("view.exposure", 1.0)
    brighter = ng.cook(graph, "view", scale=0.1)
    assert brighter.pixels[:3] == pytest.approx(2 * picture.pixels[:3], rel=1e-5)


def test_painted_and_panorama_show_the_same_world() -> None:
    graph = world_graph(ground="plain")
    graph.set("sky.width", 2048)
    painted = ng.cook(graph, "view", scale=0.25).pixels[:3]
    graph.set("view.detail", "panorama")
    read = ng.cook(graph, "view", scale=0.25).pixels[:3]
    difference = np.abs(np.clip(painted, 0, 1) - np.clip(read, 0, 1))
    assert difference.mean() < 0.06


def test_a_world_holds_its_ranges() -> None:
    assert World().with_(sun_elevation=500, fog=-3).asdict() | {} == {**World().asdict(), "sun_elevation": 90, "fog": 0}
