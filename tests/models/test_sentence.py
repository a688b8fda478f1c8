"""The sentence network in NumPy against the framework it comes from."""

from __future__ import annotations

import numpy as np
import pytest

from nodegraph.models import models, state
from nodegraph.models.sentence import Sentences, sentences

pytestmark = pytest.mark.skipif(
    any(state(models()[name]) != "installed" for name in ("sentence", "sentence_words")),
    reason="the sentence network isn't installed: `nodegraph models install sentence`",
)
_TEXTS = ("a sunset over the sea", "stormy dusk over the desert, warm key light from the left")


@pytest.fixture(scope="module")
def embed() -> Sentences:
    return sentences()


def test_its_vectors_are_those_of_the_reference(embed: Sentences) -> None:
    # transformers 5 on torch 2.13, mean-pooled and normalised: the first six of 384 numbers, and the cosine
    expected = [
        [0.0149, 0.1171, 0.0490, 0.0108, 0.0026, -0.0243],
        [0.0057, 0.0172, 0.0466, 0.0902, -0.0334, -0.0252],
    ]
    made = embed(_TEXTS)
    assert made.shape == (2, 384) and made.dtype == np.float32
    np.testing.assert_allclose(made[:, :6], expected, atol=6e-5)
    assert made[0] @ made[1] == pytest.approx(0.5614071, abs=2e-6)


def test_texts_beside_it_change_nothing(embed: Sentences) -> None:
    """A short text is padded to the longest beside it, and that isn't seen."""
    together, alone = embed((_TEXTS[0], " ".join(["rain"] * 300))), embed(_TEXTS[:1])
    np.testing.assert_allclose(together[0], alone[0], atol=2e-6)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
