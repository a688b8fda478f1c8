"""An actor brought into a plate: what was measured is what comes out."""

from __future__ import annotations

import numpy as np
import pytest
from nodegraph_nodes.relight.match import grain_of, look

from nodegraph.values import Frame
from tests.nodes.cooking import cook

RNG = np.random.default_rng(2)


def actor(
    level: float = 0.2,
    spread: float = 0.4,
    tint: tuple[float, float, float] = (1, 1, 1),
    grain: float = 0.0,
    side: int = 256,
) -> np.ndarray:
    """A premultiplied picture with an opaque middle; its logarithms spread as told."""
    rng = np.random.default_rng(7)
    tones = np.kron(rng.standard_normal((side // 16, side // 16)), np.ones((16, 16)))
    root = np.sqrt(level * 2.0 ** (spread * tones)) + grain * RNG.standard_normal((side, side))
    bright = np.maximum(root, 0) ** 2
    alpha = np.ones((side, side))
    alpha[:, : side // 8] = 0
    return np.stack([*(bright * t for t in tint), np.ones_like(bright)]) * alpha


def frame(pixels: np.ndarray) -> Frame:
    return Frame.of(pixels.astype(np.float32))


OFF = {"exposure": 0.0, "balance": 0.0, "contrast": 0.0, "black": 0.0, "grain": 0.0}


@pytest.mark.parametrize("sigma", [0.005, 0.02, 0.05])
def test_grain_is_measured(sigma: float) -> None:
    flat = np.stack([np.maximum(0.5 + sigma * RNG.standard_normal((300, 300)), 0) ** 2] * 3)
    assert grain_of(Frame.of(flat.astype(np.float32))) == pytest.approx(sigma, rel=0.05)
    assert grain_of(Frame.of(np.full((3, 300, 300), 0.2, np.float32))) < 1e-4


def test_nothing_asked_changes_nothing() -> None:
    one, other = frame(actor()), frame(actor(0.5, 0.9, (1.2, 1, 0.8)))
    made = cook("nodegraph.relight.match", {"image": one, "plate": other}, **OFF)
    assert made.pixels == pytest.approx(one.pixels, abs=1e-5)


def test_colour_brightness_and_contrast_become_the_plates() -> None:
    one, other = frame(actor(0.15, 0.5)), frame(actor(0.3, 0.8, (1.2, 0.97, 0.75)))
    made = cook(
        "nodegraph.relight.match",
        {"image": one, "plate": other},
        **{**OFF, "exposure": 1.0, "balance": 1.0, "contrast": 1.0},
    )
    found, wanted = look(made), look(other)
    assert found and wanted
    assert found.colour == pytest.approx(wanted.colour, rel=0.03)
    assert found.level == pytest.approx(wanted.level, abs=0.1) and found.spread == pytest.approx(
        wanted.spread, rel=0.06
    )
    assert np.array_equal(made.channel("A"), one.channel("A"))
    assert (made.pixels[:, one.channel("A") == 0] == 0).all()


def test_blacks_are_lifted_and_whites_stay() -> None:
    picture = actor(0.2, 1.2)
    picture[:3, 100:110, 100:140] = 0.001
    picture[:3, 120:130, 100:140] = 2.0
    hazy = actor(0.4, 0.3)
    hazy[:3] += 0.05
    made = cook("nodegraph.relight.match", {"image": frame(picture), "plate": frame(hazy)}, **{**OFF, "black": 1.0})
    assert made.pixels[1, 105, 120] > 0.03 and made.pixels[1, 125, 120] == pytest.approx(2.0, rel=0.03)


def test_missing_grain_is_added_and_none_is_taken() -> None:
    clean, rough = frame(actor(0.2, 0.1)), frame(actor(0.2, 0.1, grain=0.03))
    made = cook("nodegraph.relight.match", {"image": clean, "plate": rough}, **{**OFF, "grain": 1.0})
    assert grain_of(made) == pytest.approx(grain_of(rough), rel=0.2)
    again = cook("nodegraph.relight.match", {"image": clean, "plate": rough}, frame=2, **{**OFF, "grain": 1.0})
    assert not np.array_equal(made.pixels, again.pixels)  # it moves
    other = cook("nodegraph.relight.match", {"image": rough, "plate": clean}, **{**OFF, "grain": 1.0})
    assert other.pixels == pytest.approx(rough.pixels, abs=1e-5)


def test_without_an_actor_or_a_plate_nothing_happens() -> None:
    one, empty = frame(actor()), frame(np.zeros((4, 64, 64)))
    assert cook("nodegraph.relight.match", {"image": one, "plate": empty}).pixels == pytest.approx(one.pixels, abs=1e-5)
    assert np.abs(cook("nodegraph.relight.match", {"image": empty, "plate": one}).pixels).max() == 0
    odd = one.pixels.copy()
    odd[0, 50, 50] = np.nan
    made = cook("nodegraph.relight.match", {"image": Frame.of(odd), "plate": frame(actor(0.4))})
    there = np.ones(odd.shape[1:], bool)
    there[50, 50] = False
    assert np.isfinite(made.pixels[:, there]).all()
