"""Every pixel node that is registered: float64 = NumPy = compiled."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from nodegraph.kernels.pool import Pool
from nodegraph.node import Compound, Pixel
from nodegraph.packs import registry
from nodegraph.values import Frame
from tests.nodes import generic

#: Values a node needs to be used at all, or that keep its jumps away from the test's pixels.
FIXED: Mapping[str, Mapping[str, Any]] = {
    f"nodegraph.keying.chroma.{part}": {"screen": "pick"} for part in ("difference", "finish")
}


def _parts() -> dict[str, Pixel]:
    """The pixel nodes that compound nodes are made of, beside those that are registered."""
    modules = [sys.modules[type(node).__module__] for node in registry().values() if isinstance(node, Compound)]
    found = [v for module in modules for v in vars(module).values()]
    return {value.id: value for value in found if isinstance(value, Pixel) and _stands_alone(value)}


def _stands_alone(part: Pixel) -> bool:
    """Whether all that its analysis reads are parameters of its own: else it works within the compound only."""
    names = {param.name for param in part.declared_params}
    return part.analysis is None or {param.name for param in part.analysis.declared_params} <= names


REGISTRY = {**registry(), **_parts()}
NODES = {id: node for id, node in REGISTRY.items() if isinstance(node, Pixel)}


@pytest.fixture(scope="module")
def batches() -> list[generic.Batch]:
    rng = np.random.default_rng(11)
    uses = [use for id, node in NODES.items() for use in generic.uses(node, rng, FIXED.get(id, {}))]
    return generic.batches(generic.instances(REGISTRY, uses, generic.given_frames()))


def test_all_packs_import() -> None:
    assert registry().problems == ()


def test_numpy_and_compiled_code_equal_float64(batches: list[generic.Batch]) -> None:
    frames = generic.given_frames()
    infinite = generic.infinite_pixels(frames)
    pool = Pool.serial()
    failures = []
    for batch in batches:
        exact = [generic.evaluate64(batch, frames, nudge) for nudge in (0, 2e-6, -2e-6)]
        for tier, name in enumerate(("NumPy", "compiled")):
            found = generic.evaluate(batch, frames, tier, pool)
            wrong = generic.differences(found, exact, infinite)
            parts = [batch.results(each) for each in (wrong, found, exact[0])]
            for member, names, *about in zip(batch.members, batch.channels, *parts, strict=True):
                if about[0].any():
                    failures.append(_report(member, names, name, *about))
    assert not failures, "\n".join(failures)


def _report(member: Any, names: Sequence[str], tier: str, wrong: Any, found: Any, exact: Any) -> str:
    at = tuple(np.argwhere(wrong)[0])
    return (
        f"{member.type.id} {tier}: {int(wrong.sum())} of {wrong.size} differ; {names[at[0]]} at {at[1:]} "
        f"is {found[at]}, exactly {exact[at]}; {dict(member.q.values.asdict())}"
    )


# --- mask and mix -----------------------------------------------------------------------------

MASKABLE = {id: node for id, node in NODES.items() if node.maskable and node.schema.inputs}


def test_without_mix_or_mask_the_main_input_stays_bit_for_bit() -> None:
    rng = np.random.default_rng(3)
    frames = generic.given_frames()
    black = frames["mask"].pixels * 0
    frames["mask"] = Frame(frames["mask"].spec, black)
    uses = []
    for id, node in MASKABLE.items():
        values = {**dict(next(iter(generic.uses(node, rng, FIXED.get(id, {})))).values)}
        uses += [generic.Use(id, {**values, "mix": 0.0}, False), generic.Use(id, values, True)]
    _assert_main_input(uses, frames)


def _assert_main_input(uses: Sequence[generic.Use], frames: Mapping[str, Frame]) -> None:
    for batch in generic.batches(generic.instances(REGISTRY, uses, frames)):
        stored = generic.evaluate(batch, frames, 0, Pool.serial())
        for member, names, found in zip(batch.members, batch.channels, batch.results(stored), strict=True):
            main = frames[member.inputs[member.type.main_input][0].path].crop(member.window)
            for name, plane in zip(names, found, strict=True):
                if name in main.spec.channels:
                    np.testing.assert_array_equal(plane, main.channel(name), err_msg=f"{member.type.id} {name}")


def test_a_white_mask_is_no_mask_and_an_inverted_black_one_neither() -> None:
    frames = generic.given_frames()
    wide = frames["mask"].spec.with_(data_window=generic.REGION)
    frames["white"] = Frame(wide, np.ones(wide.shape, np.float32))
    for inverted, name in ((False, "white"), (True, "mask")):
        frames["mask"] = frames[name] if name == "white" else Frame(wide, np.zeros(wide.shape, np.float32))
        uses = []
        for id in MASKABLE:
            fixed = {**FIXED.get(id, {}), "invert_mask": inverted}
            uses += [generic.Use(id, fixed, False), generic.Use(id, fixed, True)]
        results = []
        for batch in generic.batches(generic.instances(REGISTRY, uses, frames)):
            results += batch.results(generic.evaluate(batch, frames, 0, Pool.serial()))
        for use, plain, masked in zip(uses[::2], results[::2], results[1::2], strict=True):
            np.testing.assert_array_equal(plain, masked, err_msg=str(use))
