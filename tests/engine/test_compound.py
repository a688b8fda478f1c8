"""Nodes made of other nodes."""

from __future__ import annotations

import numpy as np
import pytest

from nodegraph.engine import Engine
from nodegraph.engine.internal import Given
from nodegraph.errors import NodegraphError
from nodegraph.graph import Graph
from nodegraph.node import Compound, Float, In, Part, Parts, Query
from nodegraph.packs import registry
from nodegraph.values import Frame

TYPES = registry()
BLUR, PLUS, GAIN = (TYPES[f"nodegraph.{id}"] for id in ("filter.blur", "merge.merge", "colour.exposure"))


class Glow(Compound):
    """The picture plus a blurred, brightened one."""

    id = "tests.glow"
    back = In(optional=True)
    size = Float(3, 0, 100, unit="px")
    stops = Float(1)

    def compose(self, q: Query, parts: Parts) -> Part:
        image = parts.inputs["image"]
        assert q.inputs["image"].channels == ("R", "G", "B", "A")
        soft = parts.use("soft", BLUR, {"image": image}, size=q.p.size)
        bright = parts.use("bright", GAIN, {"image": soft}, stops=q.p.stops)
        return parts.use("sum", PLUS, {"fg": bright, "bg": parts.inputs.get("back", image)}, operation="plus")


class Wrong(Compound):
    """Asks for a parameter that its part doesn't have."""

    id = "tests.wrong"

    def compose(self, q: Query, parts: Parts) -> Part:
        return parts.use("soft", BLUR, {"image": parts.inputs["image"]}, sise=2)


@pytest.fixture
def picture() -> Frame:
    return Frame.of(np.random.default_rng(3).random((4, 40, 60), np.float32))


def engine(picture: Frame, node: Compound, **values: object) -> Engine:
    types = {**TYPES, Given.id: Given(picture), node.id: node}
    graph = Graph({id: kind.schema for id, kind in types.items()})
    graph.add(Given.id, name="plate")
    graph.add(node.id, name="glow", params=values)
    graph.add(BLUR.id, name="soft", params={"size": 3.0})
    graph.add(GAIN.id, name="bright", params={"stops": 1.0})
    graph.add(PLUS.id, name="sum", params={"operation": "plus"})
    for source, target in (
        ("plate", "glow"), ("plate", "soft"), ("soft", "bright"), ("bright", "sum.fg"), ("plate", "sum.bg"),
    ):  # fmt: skip
        graph.connect(source, target)
    return Engine(graph, types, tier="numpy", threads=1)


def test_it_is_the_same_as_its_parts_wired_by_hand(picture: Frame) -> None:
    with engine(picture, Glow()) as cooking:
        whole, by_hand = cooking.cook("glow", 1), cooking.cook("sum", 1)
        assert whole.spec.data_window == by_hand.spec.data_window
        np.testing.assert_array_equal(whole.pixels, by_hand.pixels)
        assert {"glow", "glow#soft", "glow#bright"} <= set(cooking.stats.nodes)


def test_a_part_that_changes_nothing_is_left_out(picture: Frame) -> None:
    with engine(picture, Glow(), size=0.0) as cooking:
        cooking.cook("glow", 1)
        assert "glow#soft" not in cooking.stats.nodes


def test_mix_and_proxy_reach_the_parts(picture: Frame) -> None:
    with engine(picture, Glow(), mix=0.0) as cooking:
        np.testing.assert_array_equal(cooking.cook("glow", 1).crop(picture.spec.data_window).pixels, picture.pixels)
    with engine(picture, Glow()) as cooking:
        half, by_hand = cooking.cook("glow", 1, scale=0.5), cooking.cook("sum", 1, scale=0.5)
        np.testing.assert_array_equal(half.pixels, by_hand.pixels)


def test_an_unknown_parameter_is_named(picture: Frame) -> None:
    with engine(picture, Wrong()) as cooking, pytest.raises(NodegraphError, match="sise"):
        cooking.cook("glow", 1)
