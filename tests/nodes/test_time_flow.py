"""Other frames, and other inputs."""

from __future__ import annotations

from typing import Any

import pytest

import nodegraph as ng
from nodegraph.engine import Engine
from nodegraph.engine.render import render
from nodegraph.errors import NodegraphError
from nodegraph.graph import Graph
from nodegraph.graph.groups import make_group


def counting(type: str = "", **values: Any) -> Graph:
    """A picture whose red is the frame's number, through a node."""
    graph = ng.new(width=8, height=4)
    graph.add("capture.constant", name="count")
    graph.set("count.colour", ["=frame", "=frame * 2", 0, 1])
    if type:
        graph.add(type, name="node", params=values)
        graph.connect("count", "node")
    return graph


def reds(graph: Graph, frames: Any, node: str = "node") -> list[float]:
    with Engine(graph, tier="numpy") as engine:
        return [
            float(engine.cook(node, f).crop(engine.describe(node, f).display_window).pixels[0, 0, 0]) for f in frames
        ]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("type", "values", "shown"),
    [
        ("time.offset", {"frames": 3}, [-2, -1, 0, 1]),
        ("time.offset", {"frames": -2}, [3, 4, 5, 6]),
        ("time.offset", {"reverse": True}, [-1, -2, -3, -4]),
        ("time.hold", {"frame": 7}, [7, 7, 7, 7]),
        ("time.hold", {"frame": 1, "every": 2}, [1, 1, 3, 3]),
        ("time.clip_range", {"first": 2, "last": 3}, [2, 2, 3, 3]),
        ("time.clip_range", {"first": 2, "last": 3, "before": "black", "after": "loop"}, [0, 2, 3, 2]),
        ("time.clip_range", {"first": 1, "last": 2, "after": "bounce"}, [1, 2, 1, 2]),
        ("time.retime", {"speed": 0.5}, [1, 1.5, 2, 2.5]),
        ("time.retime", {"speed": 0.5, "between": "nearest"}, [1, 2, 2, 3]),
        ("time.retime", {"speed": -1, "start": 3}, [5, 4, 3, 2]),
        ("time.retime", {"method": "frame", "frame": 4.25}, [4.25] * 4),
        ("time.frame_blend", {"before": 1, "after": 1}, [1, 2, 3, 4]),
        ("time.frame_blend", {"before": 3, "after": 0}, [-0.5, 0.5, 1.5, 2.5]),
        ("flow.dot", {}, [1, 2, 3, 4]),
    ],
)  # fmt: skip
def test_which_frame_shows(type: str, values: dict[str, Any], shown: list[float]) -> None:
    assert reds(counting(type, **values), range(1, 5)) == pytest.approx(shown)


def test_fading_weights() -> None:
    """1/2, 1, 1/2 over three frames, a ramp: the middle; over one side only, nearer to it."""
    assert reds(counting("time.frame_blend", before=1, after=0, weight="fading"), [10]) == pytest.approx([10 - 1 / 3])


def test_a_frame_beyond_the_range_may_be_an_error() -> None:
    with pytest.raises(NodegraphError, match="has frames 1 to 2, not 3"):
        reds(counting("time.clip_range", last=2, after="error"), [3])


def test_chains_of_time_add_up() -> None:
    graph = counting("time.offset", frames=1)
    graph.add("time.offset", name="more", frames=2)
    graph.connect("node", "more")
    assert reds(graph, [10], "more") == [7]


@pytest.mark.parametrize("keep", [True, False])
def test_what_is_held_is_made_once(keep: bool) -> None:
    graph = counting("time.hold", frame=5)
    graph.add("filter.box", name="soft")
    graph.connect("count", "soft")
    graph.connect("soft", "node")
    with Engine(graph, tier="numpy") as engine:
        for frame in range(12):
            engine.cook("node", frame, keep=keep)
        assert engine.stats.nodes["soft"].calls == 1


def test_a_render_of_a_held_picture_cooks_it_once(tmp_path: Any) -> None:
    graph = counting("time.hold", frame=5)
    graph.add("output.write", name="write", path=str(tmp_path / "f.%02d.exr"))
    graph.connect("node", "write")
    with Engine(graph, tier="numpy") as engine:
        report = render(engine, ["write"], range(1, 6))
        assert len(report.files) == 5
        assert engine.stats.nodes["count"].calls == 1


# -- switch


def switching() -> Graph:
    graph = counting()
    graph.add("time.offset", name="later", frames=100)
    graph.connect("count", "later")
    graph.add("flow.switch", name="node")
    graph.connect("count", "node.a")
    graph.connect("later", "node.b")
    return graph


def test_a_switch_is_a_cut_list() -> None:
    graph = switching()
    graph.set("node.which", "=frame > 2")
    assert reds(graph, [1, 2, 3, 4]) == [1, 2, -97, -96]


def test_what_is_not_chosen_is_not_made() -> None:
    graph = switching()
    graph.add("capture.read", name="broken", path="nowhere.exr")
    graph.connect("broken", "node.c")
    assert reds(graph, [1]) == [1]
    graph.set("node.which", 2)
    with pytest.raises(NodegraphError, match=r"nowhere\.exr"):
        reds(graph, [1])
    graph.set("node.which", 5)
    with pytest.raises(NodegraphError, match=r"'f'.*not connected"):
        reds(graph, [1])


def test_a_group_is_what_is_in_it() -> None:
    graph = counting("colour.exposure", stops=1)
    graph.add("colour.exposure", name="second", stops=1)
    graph.connect("node", "second")
    graph.add("flow.dot", name="after")
    graph.connect("second", "after")
    before = reds(graph, [3], "second")
    make_group(graph, ["node", "second"], "brighter")
    assert reds(graph, [3], "brighter") == reds(graph, [3], "after") == before
    assert reds(graph, [3], "brighter/node") == [6]
