"""Worlds and relighting: how fast, and how near to the truth.

    python benchmarks/worlds.py

Speed at full size, in one process, beside copying one 1080p frame; relighting on balls and bodies whose shape, colour and
light are known, beside doing nothing and beside a transfer of colour statistics (E. Reinhard et al. 2001).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nodegraph_nodes.environment.grounds import ground_of
from nodegraph_nodes.environment.skies import sky_of
from nodegraph_nodes.environment.understanding import understand

import nodegraph as ng
from benchmarks.timing import side_by_side, table
from nodegraph.engine import Engine
from nodegraph.kernels.harmonics import irradiance, polynomial, project
from nodegraph.kernels.inflating import inflate, slopes, soften
from nodegraph.kernels.lamps import directions, solid_angles
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.projecting import WHOLE, Camera
from nodegraph.kernels.projecting import project as view
from nodegraph.kernels.relighting import Lighting, blurred, relight
from nodegraph.values import Environment, Made, World

Plane = NDArray[np.float64]
SCENE = Path(__file__).parents[1] / "samples/scene.graph"
POOL = Pool(2)
WORLDS = {
    "desert": World(ground="desert", sun_elevation=12, sun_azimuth=-50),
    "sea": World(ground="sea", sun_elevation=8, sun_azimuth=30, cloud_cover=0.4),
    "mountains": World(ground="mountains", sun_elevation=25, sun_azimuth=90, relief=0.7),
    "city": World(ground="city", sun_elevation=-3),
    "forest": World(ground="forest", sun_elevation=30),
}


# --- speed -------------------------------------------------------------------------------------


def speeds() -> None:
    """Ratios to one frame's copy."""
    frame, target = (
        np.random.default_rng(0).random((4, 1080, 1920)).astype(np.float32),
        np.empty((4, 1080, 1920), np.float32),
    )
    world = World(cloud_cover=0.45)
    made = sky_of(world, pool=POOL)
    panorama = made.heavens.paint(-180, 180, 90, -90, 2048, 1024, POOL)
    small = made.heavens.paint(-180, 180, 90, -90, 512, 256, POOL)
    camera, out = Camera(1867, (960, 540), 20, 5), np.empty((3, 1080, 1920), np.float32)
    elevation = iter(range(10**9))

    def moving() -> object:
        sun = world.with_(sun_elevation=20 + 0.01 * (next(elevation) % 1000))
        return sky_of(sun, fine=False, pool=POOL).heavens.paint(-180, 180, 90, -90, 512, 256, POOL)

    candidates: dict[str, Callable[[], object]] = {
        "memcpy of one frame": lambda: np.copyto(target, frame),
        "sky 2048 x 1024": lambda: sky_of(world, pool=POOL).heavens.paint(-180, 180, 90, -90, 2048, 1024, POOL),
        "moving sun, preview 512 x 256": moving,
        "view into a panorama, 1080p": lambda: view(panorama, WHOLE, camera, (0, 0), out, POOL),
        "prompt": lambda: understand(
            "stormy dusk over the desert, a few stars, warm key light from the left, a bit darker"
        ),
        "relight, 1080p, a third of it actor": _relit(small, 0.33),
        "relight, 1080p, all of it actor": _relit(small, 1.0),
    }
    times = side_by_side(candidates, 12)
    table("Worlds and relighting, 2 threads", times, "memcpy of one frame")
    for name, place in WORLDS.items():
        sky = sky_of(place, pool=POOL)
        around = Environment(sky.heavens.paint(-180, 180, 90, -90, 512, 256, POOL), Made(""), sky.lights)
        ground = ground_of(place, around, sky.heavens, pool=POOL)
        ms = min(_timed(lambda g=ground: g.paint(-180, 180, 90, -90, 512, 256, POOL)) for _ in range(3))
        full = min(_timed(lambda g=ground: g.paint(-30, 30, 20, -14, 1920, 1080, POOL)) for _ in range(2))
        print(f"  {name:<34}{ms:10.0f} ms at 512 x 256 {full:9.0f} ms as a camera's 1080p")


def _relit(panorama: NDArray[np.float32], share: float) -> Callable[[], object]:
    picture = np.random.default_rng(1).random((4, 1080, 1920)).astype(np.float32)
    picture[3] = 1
    picture[:, :, int(1920 * share) :] = 0
    shape = np.stack([np.full((1080, 1920), v, np.float32) for v in (0.2, 0.3, 0.93, 0.1)])
    whole = np.stack([shape[3, ::6, ::6], picture[3, ::6, ::6]])
    old = np.zeros((9, 1), np.float32)
    old[0], old[2] = 0.62, 0.38
    lamp = np.array([[0, 0.5, 0.5, 0.7, 1, 3, 2.5, 2, 0.5, 0.5, 0.7, 1, 0.9]], np.float32)
    light = Lighting(
        polynomial(irradiance(project(panorama))),
        old,
        lamp,
        blurred(panorama, 0.5, POOL),
        0.5,
        1.0,
        1.0,
        0.6,
        0.5,
        0.7,
        1.0,
        16.0,
    )
    out = np.empty_like(picture)
    return lambda: relight(picture, shape, (-959.5, 539.5, 1080.0), light, out, POOL, np.ascontiguousarray(whole))


def _timed(run: Callable[[], object]) -> float:
    begun = perf_counter()
    run()
    return (perf_counter() - begun) * 1e3


def first_picture() -> None:
    """From new words to the sample scene's first picture, as the editor drafts it."""
    if not (SCENE.parent / "media/plate.mp4").exists():
        print("\nThe sample clip isn't built (make demo), so the scene isn't timed.")
        return
    graph = ng.load(SCENE)
    prompts = (
        "golden hour over the sea",
        "stormy dusk over the desert",
        "clear night over the city",
        "misty morning in the forest",
    )
    print("\nNew words to the sample scene's picture, ms: draft (quarter size, preview), then full size")
    with Engine(graph, tier="wait", threads=2) as engine:
        for words in ("noon", *prompts):
            graph.set("world.prompt", words)
            draft = _timed(lambda: engine.cook("tone", 12, scale=0.25, quality="preview"))
            full = _timed(lambda: engine.cook("tone", 12))
            print(f"  {words:<34}{draft:10.0f} {full:10.0f}")


# --- truth -------------------------------------------------------------------------------------


def bodies(side: int = 256) -> dict[str, tuple[Plane, Plane]]:
    """Shapes: normals (3, ...) that are known exactly, and matte."""
    y, x = np.mgrid[0:side, 0:side]
    u, v = (x + 0.5) / side * 2 - 1, 1 - (y + 0.5) / side * 2
    found = {}
    ball = u * u + v * v < 0.9
    found["a ball"] = np.stack([u, v, np.sqrt(np.maximum(1 - u * u - v * v, 0))]) * ball, ball.astype(float)
    height = np.maximum(0.81 - u * u - (0.85 * v) ** 2, 0) ** 0.5 + 0.06 * np.sin(9 * u) * np.cos(7 * v)
    inside = u * u + (0.85 * v) ** 2 < 0.7
    dy, dx = np.gradient(height, 2 / side)
    n = np.stack([-dx, dy, np.ones_like(dx)])
    found["a body with folds"] = n / np.linalg.norm(n, axis=0) * inside, inside.astype(float)
    return found


def shaded(normals: Plane, albedo: Plane, panorama: Plane) -> Plane:
    """A matt body in a world, summed over all of its light in float64."""
    where = directions(*panorama.shape[1:]).reshape(3, -1)
    energy = (panorama * solid_angles(*panorama.shape[1:])).reshape(3, -1)
    flat = normals.reshape(3, -1)
    light = np.concatenate(
        [energy @ np.maximum(where.T @ flat[:, k : k + 4096], 0) for k in range(0, flat.shape[1], 4096)], 1
    )
    return np.asarray(albedo * light.reshape(3, *normals.shape[1:]) / np.pi)


def soft_stage() -> Plane:
    """A stage's soft light from the front."""
    d = directions(24, 48)
    return np.stack([0.35 + 0.9 * np.maximum(d[2], 0)] * 3)


def transferred(picture: Plane, plate: Plane, matte: Plane) -> Plane:
    """Means and deviations of the logarithms become the plate's."""
    out = np.zeros_like(picture)
    there = matte > 0
    for c in range(3):
        own, its = np.log(np.maximum(picture[c][there], 1e-4)), np.log(np.maximum(plate[c].ravel(), 1e-4))
        out[c][there] = np.exp((own - own.mean()) * its.std() / max(own.std(), 1e-6) + its.mean())
    return out


def psnr(made: Plane, truth: Plane, matte: Plane) -> float:
    there = matte > 0
    peak = float(np.quantile(truth[:, there], 0.995))
    error = float(((np.clip(made, 0, peak) - np.clip(truth, 0, peak))[:, there] ** 2).mean())
    return 10 * float(np.log10(peak**2 / max(error, 1e-12)))


def truths() -> None:
    """Relit against truth, in dB; higher is nearer."""
    print(
        f"\nRelit from a soft stage, PSNR in dB\n  {'':<34}{'nothing':>10}{'colours':>10}{'by outline':>12}{'by normals':>12}"
    )
    rng = np.random.default_rng(3)
    stage = soft_stage()
    for body, (normals, matte) in bodies().items():
        patches = np.kron(0.2 + 0.6 * rng.random((3, 16, 16)), np.ones((16, 16)))
        filmed = shaded(normals, patches, stage) * matte
        guessed = by_outline(matte)
        for name, world in WORLDS.items():
            sky = sky_of(world, pool=POOL)
            panorama = sky.heavens.paint(-180, 180, 90, -90, 128, 64, POOL).astype(np.float64)
            truth = shaded(normals, patches, panorama) * matte
            rows = [psnr(filmed, truth, matte), psnr(transferred(filmed, panorama, matte), truth, matte)]
            rows += [psnr(ours(filmed, shape, matte, panorama), truth, matte) for shape in (guessed, normals)]
            print(
                f"  {body + ', ' + name:<34}"
                + "".join(f"{v:{w}.1f}" for v, w in zip(rows, (10, 10, 12, 12), strict=True))
            )


def by_outline(matte: Plane) -> Plane:
    """Normals as relight.geometry guesses them."""
    dx, dy = slopes(soften(inflate(matte.astype(np.float32))))
    normals = np.stack([-dx, -dy, np.ones_like(dx)]).astype(np.float64)
    return np.asarray(normals / np.linalg.norm(normals, axis=0) * matte)


def ours(filmed: Plane, normals: Plane, matte: Plane, panorama: Plane) -> Plane:
    """The shading pass; the panorama's lamps are taken as lamps."""
    from nodegraph.kernels.lamps import extract

    lamps, rest = extract(panorama)
    rows = [[0, *k.direction, k.size, *k.colour, *k.direction, 1, 0.9] for k in lamps.items]
    old = np.zeros((9, 1), np.float32)
    old[:, :] = polynomial(irradiance(project(soft_stage())))[:, :1] / np.pi
    light = Lighting(
        polynomial(irradiance(project(rest))), old, np.array(rows, np.float32).reshape(-1, 13), blurred(rest, 0.5, POOL),
        0.5, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 256.0,
    )  # fmt: skip
    picture = np.concatenate([filmed, matte[None]]).astype(np.float32)
    shape = np.concatenate([normals, 0 * matte[None]]).astype(np.float32)
    out = np.empty_like(picture)
    whole = np.ascontiguousarray(np.stack([0 * matte, matte])[:, ::4, ::4].astype(np.float32))
    relight(picture, shape, (0.0, 0.0, float(matte.shape[0])), light, out, POOL, whole)
    return out[:3].astype(np.float64)


if __name__ == "__main__":
    speeds()
    first_picture()
    truths()
