"""Words outside the vocabulary: the phrase that lies nearest in meaning."""

from __future__ import annotations

import io
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from nodegraph.models import store
from nodegraph.models.lock import find
from nodegraph.models.sentence import sentences

from .words import PHRASES

#: Below this cosine two words have little to do with each other; MiniLM gives unrelated ones 0.2 to 0.45.
_ALIKE = 0.5


@lru_cache(1024)
def nearest(word: str) -> tuple[str, float] | None:
    """The vocabulary's phrase nearest in meaning and how near (a cosine), or None if none is near.

    A NodegraphError if the sentence network isn't installed.
    """
    alike = _phrases() @ sentences()([word])[0]
    best = int(np.argmax(alike))
    return (tuple(PHRASES)[best], float(alike[best])) if alike[best] >= _ALIKE else None


@cache
def _phrases() -> NDArray[np.float32]:
    """The vocabulary's vectors, kept beside the network: they take a second to make."""
    made_of = "\n".join((find("sentence").sha256, find("sentence_words").sha256, *PHRASES))
    path = store.folder() / f"phrases-{store.digest(made_of.encode())[:12]}.npy"
    try:
        return np.load(path)  # type: ignore[no-any-return]
    except (OSError, ValueError, EOFError):
        vectors = sentences()(tuple(PHRASES))
        kept = io.BytesIO()
        np.save(kept, vectors)
        store.write(path, kept.getvalue())
        return vectors
