"""The file browser: real folders, walked about in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nodegraph.editor.browser import Browser
from nodegraph.editor.listing import Entry, human_size, natural
from nodegraph.errors import DocumentError


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """A sequence with gaps, two clips, two versions of a document, folders, and odd things."""
    for frame in (1001, 1002, 1004, 1006):
        (tmp_path / f"plate.{frame}.exr").write_bytes(b"x" * 10)
    for name in ("clip_1.mov", "clip_2.mov", "comp_v2.graph", "comp_v10.graph", "notes.txt", ".secret.png"):
        (tmp_path / name).write_bytes(b"y")
    (tmp_path / "still.0007.PNG").write_bytes(b"z" * 2000)
    for name in ("b", "A", ".cache"):
        (tmp_path / name).mkdir()
    (tmp_path / "nowhere.exr").symlink_to(tmp_path / "gone.exr")
    return tmp_path


def labels(browser: Browser) -> list[str]:
    return [e.label for e in browser.entries]


def entry(browser: Browser, name: str) -> Entry:
    return next(e for e in browser.entries if e.name == name)


# -- what is shown


def test_folders_first_then_files_in_natural_order(shots: Path) -> None:
    assert labels(Browser(shots)) == [
        "A",
        "b",
        "clip_1.mov",
        "clip_2.mov",
        "comp_v2.graph",
        "comp_v10.graph",
        "notes.txt",
        "plate.%04d.exr 1001-1006 (2 missing)",
        "still.0007.PNG",
    ]


@pytest.mark.parametrize(
    ("kinds", "names"),
    [
        (("pictures",), ["plate.%04d.exr", "still.0007.PNG"]),
        (("movies",), ["clip_1.mov", "clip_2.mov"]),
        (("graphs",), ["comp_v2.graph", "comp_v10.graph"]),
        (("movies", "graphs"), ["clip_1.mov", "clip_2.mov", "comp_v2.graph", "comp_v10.graph"]),
    ],
)
def test_kinds(shots: Path, kinds: tuple[str, ...], names: list[str]) -> None:
    assert [e.name for e in Browser(shots, kinds).entries if not e.folder] == names


@pytest.mark.parametrize("kinds", [(), ("sounds",), ("pictures", "sounds")])
def test_kinds_that_are_none(shots: Path, kinds: tuple[str, ...]) -> None:
    with pytest.raises(DocumentError, match="kinds"):
        Browser(shots, kinds)


def test_a_sequence_is_one_entry_of_all_its_files(shots: Path) -> None:
    os.utime(shots / "plate.1004.exr", (5e9, 5e9))
    found = entry(Browser(shots), "plate.%04d.exr")
    assert (found.size, found.when, found.frames, found.missing) == (40, 5e9, (1001, 1002, 1004, 1006), 2)


def test_sequences_can_be_shown_file_by_file(shots: Path) -> None:
    browser = Browser(shots, ["pictures"])
    browser.fold(False)
    assert [e.name for e in browser.entries if not e.folder][:2] == ["plate.1001.exr", "plate.1002.exr"]
    browser.fold(True)
    assert entry(browser, "plate.%04d.exr")


def test_numbers_written_in_two_ways_are_not_hidden(tmp_path: Path) -> None:
    for name in ("a.1.png", "a.01.png", "b.9.png", "b.10.png"):
        (tmp_path / name).touch()
    assert labels(Browser(tmp_path)) == ["a.01.png", "a.1.png", "b.%01d.png 9-10"]


def test_far_apart_numbers_are_counted_at_once(tmp_path: Path) -> None:
    for name in ("1.png", "99999999999999.png"):
        (tmp_path / name).touch()
    assert labels(Browser(tmp_path)) == ["%01d.png 1-99999999999999 (99999999999997 missing)"]


def test_typing_narrows_down(shots: Path) -> None:
    browser = Browser(shots)
    browser.text = "V1 comp"
    assert labels(browser) == ["comp_v10.graph"]
    browser.text = "("
    assert labels(browser) == []


def test_hidden_files_on_demand(shots: Path) -> None:
    browser = Browser(shots)
    browser.show_hidden(True)
    assert {".cache", ".secret.png"} < set(labels(browser))
    browser.show_hidden(False)
    assert ".cache" not in labels(browser)


def test_by_size_and_date_and_back(shots: Path) -> None:
    browser = Browser(shots, ["pictures", "graphs"])
    browser.order("size")
    assert [e.name for e in browser.entries][2:4] == ["still.0007.PNG", "plate.%04d.exr"]
    browser.order("size")
    assert [e.name for e in browser.entries][-1] == "still.0007.PNG"
    os.utime(shots / "comp_v2.graph", (6e9, 6e9))
    browser.refresh()
    browser.order("date")
    assert [e.name for e in browser.entries][2] == "comp_v2.graph"
    browser.order("name")
    browser.order("name")
    assert [e.name for e in browser.entries][:3] == ["b", "A", "still.0007.PNG"]
    with pytest.raises(DocumentError):
        browser.order("colour")


def test_natural_order() -> None:
    names = ["v10", "V2", "v1.2", "v1.10", "10", "9", "", "a01", "a1", "½2", "²"]
    assert sorted(names, key=natural) == ["", "9", "10", "a01", "a1", "v1.2", "v1.10", "V2", "v10", "²", "½2"]


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (4_230_000, "4.23 MB"), (10**15, "1e+03 TB")]
)
def test_sizes_in_words(size: int, text: str) -> None:
    assert human_size(size) == text


# -- going about


def test_up_and_in_again(shots: Path) -> None:
    browser = Browser(shots / "A")
    assert browser.up() and browser.folder == shots
    assert browser.selected is not None and browser.selected.name == "A"
    browser.text = "a"
    assert not browser.enter(browser.selected)
    assert browser.folder == shots / "A" and browser.text == "" and browser.selected is None
    browser.go("/")
    assert browser.up() and browser.folder == Path("/")


@pytest.mark.parametrize("path", ["~/A", "$PLACE/A", "A", "  'A' ", "./b/../A", "${PLACE}/A/"])
def test_paths_as_people_type_them(shots: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("HOME", str(shots))
    monkeypatch.setenv("PLACE", str(shots))
    browser = Browser(shots)
    assert browser.go(path) and browser.folder == shots / "A" and browser.notice == ""


@pytest.mark.parametrize(
    ("path", "chosen"),
    [
        ("clip_2.mov", "clip_2.mov"),
        ("plate.%04d.exr", "plate.%04d.exr"),
        ("plate.####.exr", "plate.%04d.exr"),
        ("plate.1002.exr", "plate.1002.exr"),
        (".secret.png", ".secret.png"),
    ],
)
def test_going_to_a_file_selects_it(shots: Path, path: str, chosen: str) -> None:
    browser = Browser(shots / "A")
    assert browser.go(str(shots / path))
    assert (browser.folder, browser.chosen()) == (shots, str(shots / chosen))


@pytest.mark.parametrize("path", ["", "nope", "nope/deeper.exr", "shot.####.exr", "notes.txt/x", "a\0b", "x" * 5000])
def test_where_it_cannot_go_it_stays(shots: Path, path: str) -> None:
    browser = Browser(shots)
    before = labels(browser)
    assert not browser.go(path)
    assert browser.folder == shots and labels(browser) == before and browser.notice
    assert browser.go("b") and browser.notice == ""


def test_a_folder_that_may_not_be_read(shots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scandir(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    browser = Browser(shots)
    monkeypatch.setattr(os, "scandir", scandir)
    browser.enter(entry(browser, "A"))
    assert browser.folder == shots and browser.notice == f"{shots / 'A'}: Permission denied"


def test_a_folder_that_went_away(shots: Path) -> None:
    browser = Browser(shots / "A")
    (shots / "A").rmdir()
    assert not browser.refresh() and str(shots / "A") in browser.notice
    assert browser.up() and browser.folder == shots and browser.selected is None
    gone = Browser(shots / "A" / "deeper")
    assert gone.folder == shots and "no such folder" in gone.notice


def test_a_selected_file_that_went_away(shots: Path) -> None:
    browser = Browser(shots)
    assert browser.enter(entry(browser, "clip_1.mov")) and browser.chosen() == str(shots / "clip_1.mov")
    (shots / "clip_1.mov").unlink()
    browser.refresh()
    assert browser.chosen() is None


def test_bookmarks_are_there_and_once(shots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(shots))
    recent = [shots / "b" / "x.graph", shots / "A" / "y.graph", shots / "b" / "z.graph", shots / "gone" / "w.graph"]
    found = Browser(shots).bookmarks(shots / "A", recent)
    assert [b.name for b in found if b.name != "samples"] == ["home", "project", "b"]
    assert Browser(shots / "b").home()


# -- choosing


def test_only_files_are_chosen(shots: Path) -> None:
    browser = Browser(shots)
    assert browser.chosen() is None
    browser.select(entry(browser, "A"))
    assert browser.chosen() is None
    browser.select(entry(browser, "plate.%04d.exr"))
    assert browser.chosen() == str(shots / "plate.%04d.exr")
    assert browser.overwrites() == 0, "nothing is written"


def test_saving_a_document(shots: Path) -> None:
    browser = Browser(shots, ["graphs"], saving=True, name="shot")
    assert browser.chosen() == str(shots / "shot.graph") and browser.overwrites() == 0
    browser.select(entry(browser, "comp_v2.graph"))
    assert browser.chosen() == str(shots / "comp_v2.graph") and browser.overwrites() == 1
    browser.select(entry(browser, "A"))
    assert browser.name == "comp_v2.graph"
    assert browser.go("A/new") and browser.chosen() == str(shots / "A" / "new.graph")
    assert browser.go(".") and browser.folder == shots / "A" and browser.name == "new"


@pytest.mark.parametrize("name", ["", "  ", ".", "..", "a/b", "a\0b"])
def test_names_that_are_none(shots: Path, name: str) -> None:
    browser = Browser(shots, ["graphs"], saving=True, name=name)
    assert browser.chosen() is None and browser.overwrites() == 0


def test_saving_pictures(shots: Path) -> None:
    browser = Browser(shots, ["pictures", "movies"], saving=True, name="plate.####.exr")
    assert browser.chosen() == str(shots / "plate.####.exr") and browser.overwrites() == 4
    browser.name = "new.####.exr"
    assert browser.overwrites() == 0
    browser.name = "plate"
    assert browser.chosen() == str(shots / "plate"), "which suffix is for the person to say"
