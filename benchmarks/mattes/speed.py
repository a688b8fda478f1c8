"""How long keying takes at 1080p, in one process, as ratios to copying one frame."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from benchmarks.mattes.light import linear
from benchmarks.mattes.ours import Clip, Keyed, Link, chain
from benchmarks.mattes.scenes import BACKINGS, Scene, make, smooth_backing
from benchmarks.mattes.subjects import available
from benchmarks.timing import side_by_side
from nodegraph.engine import Engine
from nodegraph.packs import registry
from nodegraph.values import Frame

WIDTH, HEIGHT = 1920, 1080
K = "nodegraph.keying."
REFINE = (K + "refine", {"choke": 1.0, "edge_blur": 5.0})
#: Chains by name, and the milliseconds that were aimed at, on two quiet cores.
CHAINS: dict[str, tuple[list[Link], float | None]] = {
    "chroma": ([K + "chroma"], None),
    "refine, choke 1 px, edge blur 5 px": ([REFINE], None),
    "chroma, despill, refine, premultiply": (
        [K + "chroma", K + "despill", REFINE, "nodegraph.merge.premultiply"],
        8.0,
    ),
    "screen_correct": ([K + "screen_correct"], 10.0),
    "quality": ([Keyed.id, K + "quality"], 3.0),
    "person, the networks at their own size": ([(K + "person", {"view": "network"})], 25.0),
    "person, refined to 1080p, with foreground": ([K + "person"], None),
    "hybrid": ([K + "hybrid"], None),
}


def plate() -> Frame:
    """1080p, RGBA: the portrait before the issue's backing, or that alone where the portrait isn't there."""
    light = smooth_backing(HEIGHT, WIDTH, BACKINGS["green"])
    if available("portrait"):
        codes = make(Scene("speed", "portrait", scale=1.3))[0][0].codes[:HEIGHT]
        left = (WIDTH - codes.shape[1]) // 2
        light[HEIGHT - codes.shape[0] :, left : left + codes.shape[1]] = linear(codes)
    pixels = np.ones((4, HEIGHT, WIDTH), np.float32)
    pixels[:3] = light.transpose(2, 0, 1)
    return Frame.of(pixels)


def measure(seconds: float = 15.0) -> tuple[dict[str, float], dict[str, str]]:
    """Milliseconds of each chain that can be had, and why the others can't."""
    picture = plate()
    types = {**registry(), Clip.id: Clip([picture])}
    with Engine(chain(types, [Clip.id, K + "chroma"]), types) as engine:
        types[Keyed.id] = Keyed([engine.cook("n1")])
    copy = np.empty_like(picture.pixels)
    candidates: dict[str, Callable[[], object]] = {"memcpy of one frame": lambda: np.copyto(copy, picture.pixels)}
    missing: dict[str, str] = {}
    engines = []
    for name, (nodes, _) in CHAINS.items():
        engine = Engine(chain(types, [Clip.id, *nodes]), types, tier="wait", threads=2)
        engines.append(engine)
        run = _frames(engine, f"n{len(nodes)}")
        try:
            run()
        except Exception as error:  # a model that isn't installed, most likely
            missing[name] = str(error)
            continue
        candidates[name] = run
    try:
        return side_by_side(candidates, seconds), missing
    finally:
        for engine in engines:
            engine.close()


def _frames(engine: Engine, node: str) -> Callable[[], object]:
    """Cook a node at one frame after the other: nothing is in the cache."""
    numbers = itertools.count(1)
    return lambda: engine.cook(node, next(numbers), keep=False)
