"""Any graph, cooked any way, gives the same picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodegraph.graph import Graph
from nodegraph.values import Frame, Window

from .pack import graphs, new_engine

RELAXED = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def close(a: Frame, b: Frame) -> None:
    assert a.spec.with_(stamp=b.spec.stamp) == b.spec
    np.testing.assert_allclose(a.pixels, b.pixels, rtol=2e-5, atol=2e-5)


def unfused(graph: Graph) -> Frame:
    """Every node cooked on its own before the last: nothing is left to fuse."""
    engine = new_engine(graph)
    for name in graph.order():
        engine.cook(name)
    assert not engine.plan("last").steps
    return engine.cook("last")


@RELAXED
@given(graphs())
def test_fused_is_unfused(graph: Graph) -> None:
    close(new_engine(graph).cook("last"), unfused(graph))


@RELAXED
@given(graphs(), st.integers(-3, 15), st.integers(-3, 12), st.integers(1, 12), st.integers(1, 9))
def test_a_region_is_the_crop_of_the_whole(graph: Graph, x: int, y: int, w: int, h: int) -> None:
    whole = new_engine(graph).cook("last")
    region = Window(x, y, x + w, y + h).intersect(whole.spec.data_window)
    part = new_engine(graph).cook("last", region=region)
    close(part, whole.crop(region))


@RELAXED
@given(graphs())
def test_a_small_region_first_does_not_spoil_the_whole(graph: Graph) -> None:
    engine = new_engine(graph)
    window = engine.cook("last").spec.data_window
    fresh = new_engine(graph)
    fresh.cook("last", region=Window(window.x0, window.y0, window.x0 + 1, window.y0 + 1))
    close(fresh.cook("last"), engine.cook("last"))


@RELAXED
@given(graphs(), st.floats(-0.5, 0.5))
def test_an_edit_and_its_undo_come_back_from_the_cache(graph: Graph, amount: float) -> None:
    engine = new_engine(graph)
    before = engine.cook("last")
    graph.set("source0.seed", 77)
    engine.cook("last")
    graph.undo()
    assert not engine.plan("last").steps
    close(engine.cook("last"), before)


@pytest.mark.slow
@settings(RELAXED, max_examples=6)
@given(graphs(most=6))
def test_compiled_is_interpreted(graph: Graph) -> None:
    close(new_engine(graph, "wait").cook("last"), new_engine(graph).cook("last"))
