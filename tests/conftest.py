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
def pool() -> Pool:
    return Pool(2)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
