"""The editor as a person uses it: real X events, on a screen of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editor import scenarios
from tests.editor.screen import play, why_no_screen, x_server

pytestmark = pytest.mark.skipif(bool(why_no_screen()), reason=why_no_screen() or "there is a screen")


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with x_server() as name:
        yield name


@pytest.mark.parametrize("scenario", [
    scenarios.wires_and_nodes, scenarios.keys_views_and_zoom, scenarios.no_key_while_typing,
])  # fmt: skip
def test_scenario(scenario: object, display: str, tmp_path: Path) -> None:
    play(display, scenario, tmp_path)  # type: ignore[arg-type]


def test_save_and_open(display: str, tmp_path: Path) -> None:
    play(display, scenarios.save_and_open, tmp_path, str(tmp_path))
