"""The timeline's panel as a person uses it: real X events, on a screen of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editor import timeline_scenarios as scenarios
from tests.editor.screen import play


@pytest.mark.parametrize(
    "scenario",
    [
        scenarios.scrub_zoom_and_range,
        scenarios.keys_on_rows,
        scenarios.curves_by_hand,
        scenarios.the_frame_is_typed,
    ],
)
def test_scenario(screen: str, tmp_path: Path, scenario: object) -> None:
    play(screen, scenario, tmp_path)  # type: ignore[arg-type]


def test_a_frame_of_playback_costs_little(screen: str, tmp_path: Path) -> None:
    assert float(play(screen, scenarios.playing_costs_little, tmp_path)) < 1.0  # 0.5 where nothing else runs
