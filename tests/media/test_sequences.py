"""Numbered files."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodegraph.errors import MediaError
from nodegraph.media.sequences import expand, find_sequence, fold, is_pattern


@pytest.mark.parametrize(
    ("pattern", "frame", "name"),
    [
        ("a.%04d.exr", 7, "a.0007.exr"), ("a.%d.exr", 7, "a.7.exr"), ("a.####.exr", 7, "a.0007.exr"),
        ("a.#.exr", 1234, "a.1234.exr"), ("a.@@@.exr", 7, "a.007.exr"), ("a.%04d.exr", 12345, "a.12345.exr"),
        ("a.%04d.exr", -7, "a.-007.exr"), ("a_%02d_%02d.exr", 3, "a_03_%02d.exr"), ("plain.exr", 7, "plain.exr"),
        ("shot.%02d/a.###.exr", 7, "shot.%02d/a.007.exr"),
    ],
)  # fmt: skip
def test_expand(pattern: str, frame: int, name: str) -> None:
    assert expand(pattern, frame) == str(Path(name))


def test_a_place_counts_in_the_name_alone() -> None:
    assert is_pattern("x/a.####.exr") and is_pattern("a%d.png") and is_pattern("a.@.png")
    assert not is_pattern("x.####/a.exr") and not is_pattern("a.0001.exr") and not is_pattern("100%.png")


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).touch()


def test_frames_and_gaps(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "a.0001.exr",
        "a.0002.exr",
        "a.0005.exr",
        "a.0005.png",
        "b.0003.exr",
        "a.x.exr",
        "a.00009.exr",
        "a.0001.exr.bak",
    )
    for spelt in ("a.%04d.exr", "a.####.exr"):
        found = find_sequence(str(tmp_path / spelt))
        assert found.frames == (1, 2, 5) and found.missing == (3, 4)
        assert str(found).endswith("1-2,5")


def test_negative_and_wide_numbers(tmp_path: Path) -> None:
    touch(tmp_path, "a.-002.exr", "a.0000.exr", "a.12345.exr")
    assert find_sequence(str(tmp_path / "a.%04d.exr")).frames == (-2, 0, 12345)


def test_names_with_signs_of_patterns_in_them(tmp_path: Path) -> None:
    touch(tmp_path, "a(1)+[x].01.exr", "a(1)+[x].02.exr", "a11x.03.exr")
    assert find_sequence(str(tmp_path / "a(1)+[x].%02d.exr")).frames == (1, 2)


def test_new_files_are_seen(tmp_path: Path) -> None:
    touch(tmp_path, "a.1.exr")
    assert find_sequence(str(tmp_path / "a.#.exr")).frames == (1,)
    touch(tmp_path, "a.2.exr")
    assert find_sequence(str(tmp_path / "a.#.exr")).frames == (1, 2)


def test_what_is_not_there(tmp_path: Path) -> None:
    touch(tmp_path, "plate.0001.exr", "plate.0002.exr")
    with pytest.raises(MediaError, match=r"no frame of the sequence is there \(did you mean plate\.%04d\.exr"):
        find_sequence(str(tmp_path / "plaet.%04d.exr"))
    with pytest.raises(MediaError, match="folder doesn't exist"):
        find_sequence(str(tmp_path / "none" / "a.%04d.exr"))


def test_a_folders_names_folded() -> None:
    names = [
        "a.0001.exr",
        "a.0002.exr",
        "a.0010.exr",
        "b7.png",
        "readme.txt",
        "v2_shot.1001.exr",
        "v2_shot.1002.exr",
    ]
    folded = {s.pattern: s.frames for s in fold(names)}
    assert folded == {
        "a.%04d.exr": (1, 2, 10), "b7.png": (7,), "readme.txt": (0,), "v2_shot.%04d.exr": (1001, 1002),
    }  # fmt: skip
    assert fold([]) == []


def test_every_name_of_a_folded_folder_is_some_frame() -> None:
    names = {f"a.{k:04d}.exr" for k in range(3, 12)} | {f"b{k}.png" for k in range(8, 12)}
    assert {expand(s.pattern, f) for s in fold(names) for f in s.frames} == names
