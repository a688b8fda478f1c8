"""Where the meaning of words lies: the sentence network MiniLM, run in NumPy.

Six transformer layers of twelve heads, the mean over the words' vectors, normalised: so the cosine of two sentences is
their dot product. W. Wang et al., MiniLM (2020); N. Reimers and I. Gurevych, Sentence-BERT (2019).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import NodegraphError
from nodegraph.models import store
from nodegraph.models.lock import find

Floats = NDArray[np.float32]

_LAYERS, _HEADS = 6, 12
_LONGEST = 128


class Sentences:
    """The loaded network."""

    def __init__(self, weights: Mapping[str, Floats], tokenizer: Any) -> None:
        self._weights = weights
        self._tokenizer = tokenizer
        tokenizer.enable_truncation(_LONGEST)
        tokenizer.enable_padding()

    def __call__(self, texts: Sequence[str]) -> Floats:
        """One unit vector of 384 numbers for each text, (N, 384)."""
        read = self._tokenizer.encode_batch(list(texts))
        tokens = np.array([each.ids for each in read])
        there = np.array([each.attention_mask for each in read], np.float32)
        x = self._embedded(tokens)
        unseen = (there - 1)[:, None, None, :] * np.float32(1e9)
        for layer in range(_LAYERS):
            x = self._layer(x, unseen, f"encoder.layer.{layer}.")
        pooled = (x * there[..., None]).sum(1) / there.sum(1, keepdims=True)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)  # type: ignore[no-any-return]

    def _embedded(self, tokens: NDArray[np.int64]) -> Floats:
        w = self._weights
        words = w["embeddings.word_embeddings.weight"][tokens]
        places = w["embeddings.position_embeddings.weight"][: tokens.shape[1]]
        return self._normed(words + places + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")

    def _layer(self, x: Floats, unseen: Floats, name: str) -> Floats:
        heads = [self._split(self._dense(x, f"{name}attention.self.{part}")) for part in ("query", "key", "value")]
        query, key, value = heads
        weight = query @ key.swapaxes(-1, -2) / np.float32(np.sqrt(query.shape[-1])) + unseen
        weight = np.exp(weight - weight.max(-1, keepdims=True))
        seen = (weight / weight.sum(-1, keepdims=True)) @ value
        joined = seen.swapaxes(1, 2).reshape(x.shape)
        x = self._normed(x + self._dense(joined, f"{name}attention.output.dense"), f"{name}attention.output.LayerNorm")
        inner = _gelu(self._dense(x, f"{name}intermediate.dense"))
        return self._normed(x + self._dense(inner, f"{name}output.dense"), f"{name}output.LayerNorm")

    def _dense(self, x: Floats, name: str) -> Floats:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normed(self, x: Floats, name: str) -> Floats:
        centred = x - x.mean(-1, keepdims=True)
        scale = 1 / np.sqrt((centred**2).mean(-1, keepdims=True) + np.float32(1e-12))
        normed: Floats = centred * scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return normed

    @staticmethod
    def _split(x: Floats) -> Floats:
        """(N, words, 384) as (N, heads, words, 32)."""
        return x.reshape(*x.shape[:2], _HEADS, -1).swapaxes(1, 2)


def _gelu(x: Floats) -> Floats:
    """x times the normal distribution's cumulative at x; its erf by A&S 7.1.26, within 1.5e-7."""
    z = np.abs(x) * np.float32(np.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.copysign(1 - series * np.exp(-z * z), x)
    return x * np.float32(0.5) * (1 + erf).astype(np.float32)  # type: ignore[no-any-return]


@cache
def sentences() -> Sentences:
    """The network, loaded once; an error says what is missing if it can't be."""
    try:
        from safetensors.numpy import load
        from tokenizers import Tokenizer
    except ImportError:
        raise NodegraphError(
            "safetensors and tokenizers are not installed", hint='install the extra: pip install "nodegraph[ai]"'
        ) from None
    return Sentences(
        load(store.read(find("sentence"))), Tokenizer.from_str(store.read(find("sentence_words")).decode("utf-8"))
    )
