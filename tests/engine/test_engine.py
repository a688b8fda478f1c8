"""Keys, cuts, the cache, time, errors: what the engine promises beside the right picture."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodegraph.engine import Engine
from nodegraph.engine.buffers import Buffers
from nodegraph.engine.cache import VERSIONS, Cache
from nodegraph.errors import Cancelled, CookError, DocumentError, NodegraphError
from nodegraph.graph import Graph
from nodegraph.node import In, Pixel, Query, Text
from nodegraph.shading import Shading
from nodegraph.values import Frame

from .pack import TYPES, Noise, new_engine, new_graph


@pytest.fixture(autouse=True)
def _none_made() -> None:
    Noise.made.clear()


def chain(*kinds: str) -> Graph:
    """source > kind0 > kind1 ... named by their kinds."""
    graph = new_graph()
    graph.add("test.noise", name="source")
    above = "source"
    for kind in kinds:
        graph.add(f"test.{kind}", name=kind)
        graph.connect(above, f"{kind}.{'bg' if kind == 'merge' else 'image'}")
        above = kind
    return graph


def key_of(engine: Engine, node: str, frame: int = 1) -> bytes:
    from nodegraph.engine.context import Context

    return engine.trace(node, Context(frame)).key


# -- keys


def test_what_changes_a_key_and_what_does_not() -> None:
    graph = chain("lift", "box", "swap")
    engine = new_engine(graph)
    keys = {n: key_of(engine, n) for n in graph.nodes}
    graph.set("box.radius", 2)
    assert key_of(engine, "source") == keys["source"] and key_of(engine, "lift") == keys["lift"]
    assert key_of(engine, "box") != keys["box"] and key_of(engine, "swap") != keys["swap"]
    graph.set("box.radius", 1)
    assert {n: key_of(engine, n) for n in graph.nodes} == keys  # undone by hand: the same again
    graph.rename("box", "blur")
    assert key_of(engine, "swap") == keys["swap"]  # names don't enter


def test_a_copy_shares_its_originals_key() -> None:
    graph = chain("lift")
    graph.add("test.lift", name="copy")
    graph.connect("source", "copy")
    engine = new_engine(graph)
    assert key_of(engine, "lift") == key_of(engine, "copy")
    engine.cook("lift")
    assert not engine.plan("copy").steps


def test_a_slider_leaves_the_shape_and_a_choice_does_not() -> None:
    from nodegraph.engine.context import Context

    graph = chain("lift", "merge")
    graph.connect("source", "merge.fg")
    engine = new_engine(graph)
    shape = engine.trace("merge", Context()).shape
    graph.set("merge.mix", 0.3)
    assert engine.trace("merge", Context()).shape == shape
    graph.set("merge.operation", "plus")
    assert engine.trace("merge", Context()).shape != shape


def test_keys_are_the_same_in_another_process() -> None:
    import os
    import subprocess
    import sys

    script = (
        "from tests.engine.test_engine import *\nprint(key_of(new_engine(chain('lift', 'box', 'swap')), 'swap').hex())"
    )
    root = Path(__file__).resolve().parents[2]
    answers = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    }  # fmt: skip
    assert answers == {key_of(new_engine(chain("lift", "box", "swap")), "swap").hex()}


# -- plans


def test_pixel_nodes_fuse_and_filters_cut() -> None:
    graph = chain("lift", "swap", "box", "key", "merge")
    graph.connect("box", "merge.fg")
    engine = new_engine(graph)
    steps = engine.plan("merge").steps
    assert [s.name for s in steps] == ["source", "lift > swap", "box", "key > merge"]
    assert [s.kind for s in steps] == ["source", "run", "filter", "run"]
    assert steps[1].why == "read by box"


def test_a_cut_is_made_just_above_the_node_being_edited() -> None:
    graph = chain("lift", "swap", "key")
    engine = new_engine(graph)
    engine.cook("key")
    graph.set("key.strength", 3.0)
    assert [s.name for s in engine.plan("key").steps] == ["lift > swap", "key"]
    engine.cook("key")
    graph.set("key.strength", 4.0)  # from now on only what hangs below is cooked
    assert [s.name for s in engine.plan("key").steps] == ["key"]
    assert Noise.made == [1]


def test_a_picture_read_by_two_runs_is_made_once() -> None:
    graph = chain("lift", "box")
    graph.add("test.merge", name="merge")
    graph.connect("box", "merge.fg")
    graph.connect("lift", "merge.bg")
    steps = new_engine(graph).plan("merge").steps
    assert [s.name for s in steps] == ["source", "lift", "box", "merge"]


def test_a_diamond_of_pixel_nodes_stays_one_run() -> None:
    graph = chain("lift", "swap")
    graph.add("test.merge", name="merge")
    graph.connect("swap", "merge.fg")
    graph.connect("lift", "merge.bg")
    assert [s.name for s in new_engine(graph).plan("merge").steps] == ["source", "lift > swap > merge"]


def test_the_region_asked_for_is_all_that_is_cooked() -> None:
    from nodegraph.values import Window

    engine = new_engine(chain("lift", "box"))
    steps = engine.plan("box", region=Window(4, 4, 6, 6)).steps
    assert [s.region for s in steps] == [Window(3, 3, 7, 7)] * 2 + [Window(4, 4, 6, 6)]


def test_a_thousand_nodes_deep() -> None:
    graph = new_graph()
    graph.add("test.noise", name="source")
    above = "source"
    for k in range(1200):
        graph.add("test.swap", name=f"n{k}")
        graph.connect(above, f"n{k}.image")
        above = f"n{k}"
    engine = new_engine(graph)
    np.testing.assert_array_equal(engine.cook(above).pixels, engine.cook("source").pixels)


# -- time


def test_what_does_not_move_keeps_its_instance() -> None:
    graph = new_graph()
    graph.add("test.ramp", name="ramp")
    graph.add("test.lift", name="lift")
    graph.connect("ramp", "lift")
    engine = new_engine(graph)
    assert engine.trace("lift", _context(1)) is engine.trace("lift", _context(2))
    moving = new_engine(chain("lift"))
    assert moving.trace("lift", _context(1)) is not moving.trace("lift", _context(2))


def _context(frame: int) -> Any:
    from nodegraph.engine.context import Context

    return Context(frame)


def test_a_node_may_ask_for_another_time() -> None:
    graph = chain("late")
    graph.set("source.moving", True)
    graph.set("late.frames", 3)
    engine = new_engine(graph)
    np.testing.assert_array_equal(engine.cook("late", 2).pixels, engine.cook("source", 5).pixels)
    assert Noise.made == [5]


def test_animation_moves_keys_only_below_it() -> None:
    from nodegraph.graph import Animation, Key

    graph = chain("lift", "swap")
    graph.set("lift.amount", Animation((Key(1, 0.0), Key(11, 1.0))))
    engine = new_engine(graph)
    assert engine.cook("swap", 6).pixels.mean() > engine.cook("swap", 1).pixels.mean() + 0.15
    assert key_of(engine, "swap", 1) != key_of(engine, "swap", 2)


# -- two stages, undeclared reads, errors


def test_what_cannot_be_described_is_cooked_first() -> None:
    engine = new_engine(chain("unknown", "lift"))
    r, _, _, a = engine.cook("source").pixels * 2
    np.testing.assert_allclose(engine.cook("lift").pixels[0], r + 0.1 * a, rtol=1e-5)


def test_an_undeclared_read_is_refused() -> None:
    assert Query.checking or new_engine(chain("peeks"))
    with pytest.raises(NodegraphError, match="peeks: reads 'frame' without declaring it"):
        new_engine(chain("peeks")).cook("peeks")


def test_a_failing_node_names_itself_and_the_last_picture_stays() -> None:
    engine = new_engine(chain("fails", "lift"))
    good = engine.cook("lift", 1)
    with pytest.raises(CookError, match="fails: ValueError: boom"):
        engine.cook("lift", 2)
    assert engine.cook("lift", 1) is not None and good.pixels.flags.writeable is False
    assert engine.cook("lift", 3).spec.stamp.frame == 3


def test_unknown_and_unconnected_nodes_are_named() -> None:
    graph = chain("lift")
    graph.add("test.swap", name="alone")
    engine = new_engine(graph)
    with pytest.raises(DocumentError, match=r"no node 'lfit'.*did you mean lift"):
        engine.cook("lfit")
    with pytest.raises(CookError, match="alone: input 'image' is not connected"):
        engine.cook("alone")


def test_cancel_stops_between_steps() -> None:
    graph = chain("box", "lift")
    engine = new_engine(graph)
    begun = threading.Event()

    def slow(self: Noise, q: Query, region: Any, pool: Any) -> Frame:
        begun.set()
        engine.cancel()
        spec = self.describe(q)
        assert spec is not None
        return Frame(spec, np.zeros(spec.shape, np.float32))

    original, Noise.cook = Noise.cook, slow  # type: ignore[method-assign]
    try:
        with pytest.raises(Cancelled):
            engine.cook("lift")
    finally:
        Noise.cook = original  # type: ignore[method-assign]
    assert begun.is_set()
    assert engine.cook("lift").pixels.any()


# -- explaining


def test_why() -> None:
    graph = chain("lift", "box")
    engine = new_engine(graph)
    engine.cook("box")
    assert engine.why("box") == ["first cook"]
    graph.set("lift.amount", 0.7)
    engine.cook("box")
    assert engine.why("lift") == ["parameter amount changed from 0.1 to 0.7"]
    assert engine.why("box") == ["input image (lift) changed"]
    graph.set("source.moving", True)
    engine.cook("box", 2)
    assert engine.why("source") == [
        "parameter moving changed from False to True",
        "the context it reads, or its file, changed (frame 1 to 2)",
    ]


def test_stats() -> None:
    engine = new_engine(chain("lift", "swap"))
    engine.cook("swap")
    engine.cook("swap")
    stats = engine.stats.as_dict(engine.cache.stats())
    assert stats["frames"] == 2 and stats["fps"] > 0 and stats["p99_ms"] >= stats["p50_ms"] > 0
    assert stats["cache"]["hits"] == 1 and stats["cache"]["misses"] == 3
    assert stats["nodes"]["lift"]["fused_into"] == "swap"
    assert stats["nodes"]["swap"] == {
        "calls": 1,
        "ms": stats["nodes"]["swap"]["ms"],
        "hits": 1,
        "tier": "numpy",
        "device": "cpu",
    }


# -- memory


def _frame(value: float, size: int = 64) -> Frame:
    return Frame.of(np.full((1, size, size), value, np.float32))


def test_the_cache_stays_within_its_budget_and_drops_what_is_cheap() -> None:
    cache = Cache(5 * 64 * 64 * 4)
    cache.store(b"dear", _frame(1), 10.0, "a")
    for k in range(9):
        cache.store(b"cheap%d" % k, _frame(k), 0.001, k)
    assert cache.bytes <= cache.budget and cache.evicted == 5
    assert cache.find(b"dear") is not None and cache.find(b"cheap8") is not None
    assert cache.find(b"cheap0") is None


def test_what_is_dear_but_never_asked_for_goes_in_the_end() -> None:
    cache = Cache(3 * 64 * 64 * 4)
    cache.store(b"dear", _frame(1), 0.1, "a")
    for k in range(400):
        cache.store(b"%d" % k, _frame(k), 0.001, k)
    assert cache.find(b"dear") is None


def test_a_dragged_slider_keeps_only_its_last_values() -> None:
    graph = chain("lift")
    engine = new_engine(graph)
    for k in range(20):
        graph.set("lift.amount", float(k))
        engine.cook("lift")
    assert len(engine.cache) == 1 + VERSIONS


def test_a_value_larger_than_the_budget_is_not_kept() -> None:
    cache = Cache(100)
    cache.store(b"k", _frame(1), 1.0, "a")
    assert len(cache) == 0 and cache.bytes == 0


def test_buffers_are_used_again_when_the_last_view_dies() -> None:
    buffers = Buffers()
    a = buffers.take((2, 300, 300))
    address, view = a.ctypes.data, a[0, 5:]
    del a
    assert buffers.idle == 0  # a view is still alive
    del view
    assert buffers.idle > 0
    assert buffers.take((2, 300, 300)).ctypes.data == address


def test_the_disk_tier_survives_a_restart_and_a_broken_disk(tmp_path: Path, caplog: Any) -> None:
    def cook_with(folder: Path) -> tuple[Frame, int]:
        Noise.made.clear()
        engine = new_engine(chain("box"), disk=folder)
        assert engine.cache.disk is not None
        engine.cache.disk.worth_seconds = 0.0
        return engine.cook("box"), len(Noise.made)

    first, made = cook_with(tmp_path / "tier")
    again, made_again = cook_with(tmp_path / "tier")
    assert (made, made_again) == (1, 0)
    np.testing.assert_array_equal(first.pixels, again.pixels)
    assert first.spec == again.spec
    for file in (tmp_path / "tier").glob("*/*.frame"):
        file.write_bytes(file.read_bytes()[:-7])
    cut, made = cook_with(tmp_path / "tier")
    assert made == 1 and np.array_equal(cut.pixels, first.pixels)
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    _, made = cook_with(blocked)
    assert made == 1 and "disk cache" in caplog.text


# -- tiers


def test_numpy_first_and_compiled_code_swapped_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEGRAPH_CACHE", str(tmp_path))
    graph = chain("lift", "swap")
    engine = new_engine(graph, "auto")
    first = engine.cook("swap")
    assert engine.stats.nodes["swap"].tier == "numpy"
    assert engine.settle(60)
    graph.set("lift.amount", 0.2)
    graph.set("lift.amount", 0.1)
    engine.cache.clear()
    second = engine.cook("swap")
    assert engine.stats.nodes["swap"].tier == "numba"
    np.testing.assert_allclose(first.pixels, second.pixels, rtol=1e-6)


# -- proxies


def test_a_proxy_is_the_picture_made_smaller() -> None:
    graph = new_graph()
    graph.settings.update(width=64, height=48)
    graph.add("test.ramp", name="ramp")
    graph.add("test.box", name="box", radius=2)
    graph.connect("ramp", "box")
    engine = new_engine(graph)
    half = engine.cook("box", scale=0.5)
    assert half.spec.display_window == (0, 0, 32, 24) and half.spec.scale == 0.5
    whole = engine.cook("box").pixels[:, 8:40, 8:56]
    small = half.pixels[:, 4 + 1 - 1 : 20, 4:28]
    mean = whole.reshape(4, 16, 2, 24, 2).mean((2, 4))
    assert np.abs(mean - small[:, :16]).max() < 0.05


def test_a_mask_is_inverted_after_one_that_was_not() -> None:
    """The two differ in code, not in numbers, so they may not share a kernel."""
    graph = chain("box")
    graph.add("test.noise", name="matte", seed=2)
    graph.connect("matte", "box.mask")
    engine = new_engine(graph)
    straight = engine.cook("box").pixels
    graph.set("box.invert_mask", True)
    np.testing.assert_array_equal(engine.cook("box").pixels, new_engine(graph).cook("box").pixels)
    assert np.abs(engine.cook("box").pixels - straight).max() > 0.01


def test_code_chosen_by_a_parameter_that_is_no_shape_is_refused() -> None:
    class Chooses(Pixel):
        id = "test.chooses"
        maskable = False
        image = In()
        mode = Text("a")

        def shade(self, s: Shading, q: Query) -> Mapping[str, str]:
            return dict(s.inputs["image"]) if q.p.mode == "a" else {}

    types = {**TYPES, "test.chooses": Chooses()}
    graph = Graph({i: t.schema for i, t in types.items()})
    graph.add("test.noise", name="source")
    graph.add("test.chooses", name="node")
    graph.connect("source", "node")
    with pytest.raises(CookError, match="mode"):
        Engine(graph, types, tier="numpy").cook("node")
