"""Preferences: kept, mended, and never in the way of starting."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from nodegraph.editor.preferences import FILE, RECENT, Preferences, config_folder, load_preferences
from nodegraph.errors import DocumentError


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / FILE
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def test_without_a_file_they_are_the_defaults(tmp_path: Path) -> None:
    assert load_preferences(tmp_path / "none") == (Preferences(), [])


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    wanted = Preferences(
        ui_scale=1.5, keys={"file.save": ["Ctrl+S"]}, thumbnails=False, cache_memory=4096, view="Film", recent=["/a"]
    )
    wanted.save(tmp_path / "new" / "folder")
    assert load_preferences(tmp_path / "new" / "folder") == (wanted, [])


def test_every_field_can_be_set_by_name() -> None:
    preferences = Preferences()
    for each in fields(Preferences):
        if each.name != "extra":
            preferences.set(each.name, getattr(preferences, each.name))
    assert preferences == Preferences()
    with pytest.raises(DocumentError, match="no preference 'scale'"):
        preferences.set("scale", 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ui_scale", 0.4),
        ("ui_scale", 3.1),
        ("ui_scale", float("nan")),
        ("ui_scale", True),
        ("ui_scale", "big"),
        ("keymap", 3),
        ("keys", {"save": 1}),
        ("keys", "ctrl+s"),
        ("thumbnails", 1),
        ("cache_memory", -1),
        ("cache_memory", 1.5),
        ("keys", {"save": ["a", 1]}),
        ("recent", "/a"),
        ("recent", [1]),
        ("view", None),
    ],
)
def test_what_does_not_fit_is_refused(name: str, value: Any) -> None:
    preferences = Preferences()
    with pytest.raises(DocumentError) as caught:
        preferences.set(name, value)
    assert caught.value.where == name and preferences == Preferences()


@pytest.mark.parametrize("scale", [0.5, 1, 3])
def test_scales_that_fit(scale: float) -> None:
    preferences = Preferences()
    preferences.set("ui_scale", scale)
    assert preferences.ui_scale == scale


def test_a_wrong_value_costs_only_itself(tmp_path: Path) -> None:
    file = write(tmp_path, 'keymap = "mine"\n\nui_scale = 17\nthumbnails = false\n[keys]\nsave = 1\n')
    found, problems = load_preferences(tmp_path)
    assert found == Preferences(keymap="mine", thumbnails=False)
    assert len(problems) == 2 and file.exists()
    assert problems[0].startswith(f"{file}: line 3: ui_scale: wants a number from 0.5 to 3, not 17")
    assert problems[1].startswith(f"{file}: line 5: keys: ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"ui_scale = 2\nkeymap = \n", "line 2"),
        (b'keymap = "a"\nkeymap = "b"\n', "line 2"),
        (b"ui_scale = 2\n\nkeymap = '\xff'\n", "line 3"),
        (b"a = " + b"[" * 100_000, "nested too deep"),
    ],
)
def test_a_broken_file_is_put_aside(tmp_path: Path, text: bytes, line: str) -> None:
    file = write(tmp_path, text)
    found, (problem,) = load_preferences(tmp_path)
    assert found == Preferences()
    assert problem.startswith(f"{file}: ") and line in problem and ".broken" in problem
    assert not file.exists() and file.with_name(FILE + ".broken").read_bytes() == text
    found.save(tmp_path)
    assert load_preferences(tmp_path) == (Preferences(), [])


def test_a_file_that_cannot_be_read_is_left(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    found, (problem,) = load_preferences(tmp_path)
    assert found == Preferences() and str(tmp_path / FILE) in problem and (tmp_path / FILE).is_dir()
    with pytest.raises(DocumentError, match="can't be saved"):
        found.save(tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DocumentError, match="can't be saved"):
        Preferences().save(tmp_path / "file" / "config")


def test_fields_of_other_versions_stay(tmp_path: Path) -> None:
    write(tmp_path, 'colour = "dark"\nui_scale = 2\n[plugins.lut]\nfolder = "/luts"\n[[rules]]\na = 1\n')
    found, problems = load_preferences(tmp_path)
    assert problems == [] and set(found.extra) == {"colour", "plugins", "rules"}
    found.set("ui_scale", 1)
    found.save(tmp_path)
    assert load_preferences(tmp_path) == (found, [])
    assert found.extra["plugins"] == {"lut": {"folder": "/luts"}} and found.extra["rules"] == [{"a": 1}]


def test_recent_files_are_newest_first_and_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preferences = Preferences()
    for i in range(RECENT + 3):
        (tmp_path / f"{i}.graph").touch()
        preferences.add_recent(tmp_path / f"{i}.graph")
    assert len(preferences.recent) == RECENT
    monkeypatch.chdir(tmp_path)
    preferences.add_recent("5.graph")
    assert len(preferences.recent) == RECENT and preferences.recent[0] == str(tmp_path / "5.graph")
    (tmp_path / "14.graph").unlink()
    names = [p.name for p in preferences.recent_files()]
    assert names[:2] == ["5.graph", "13.graph"] and len(names) == RECENT - 1
    assert len(preferences.recent) == RECENT, "a disk that isn't there now may come back"


def test_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEGRAPH_CONFIG", str(tmp_path / "config"))
    Preferences(view="wide").save()
    assert os.listdir(tmp_path / "config") == [FILE]
    assert load_preferences()[0].view == "wide"
    monkeypatch.delenv("NODEGRAPH_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert config_folder() == tmp_path / "xdg" / "nodegraph"
