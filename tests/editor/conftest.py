"""A screen for tests that draw."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.editor.screen import why_no_screen, x_server


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """The name of a display of our own; tests that ask for it are skipped where there can't be one."""
    missing = why_no_screen()
    if missing:
        pytest.skip(missing)
    with x_server((1700, 1000)) as name:
        yield name
