"""Fixtures that every part shares."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from nodegraph.kernels.pool import Pool

os.environ["NODEGRAPH_CHECK"] = "1"  # every node says truly what it depends on
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real test material that lies beside the repository; never committed."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the shared test material beside the repository ({SHARED.parent.name}/data)")
    return SHARED


@pytest.fixture(scope="session")
def networks() -> None:
    """The trained networks, which are never committed: `make test` installs them where it may."""
    pytest.importorskip("ai_edge_litert", reason='needs the extra: pip install "nodegraph[ai]"')
    pytest.importorskip("onnxruntime", reason='needs the extra: pip install "nodegraph[ai]"')
    from nodegraph.models import models, state

    missing = [name for name, model in models().items() if state(model) != "installed"]
    if missing:
        pytest.skip(f"needs the networks {', '.join(missing)}: run `nodegraph models install`")


@pytest.fixture(scope="session")
def pool() -> Pool:
    return Pool(2)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
