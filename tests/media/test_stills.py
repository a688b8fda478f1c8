"""Pictures appear whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.errors import MediaError
from nodegraph.media.images import describe_image, rate_of
from nodegraph.media.stills import DEPTHS, Depth, StillOptions, is_whole, write_image
from nodegraph.values import FrameSpec, Stamp, Window


def noise(width: int = 64, height: int = 64) -> NDArray[np.float16]:
    return np.random.default_rng(3).random((height, width, 3)).astype(np.float16)


def spec(width: int = 64, height: int = 64) -> FrameSpec:
    window = Window.sized(width, height)
    return FrameSpec(("R", "G", "B"), window, window)


def test_folders_are_made_and_nothing_else_is_left(tmp_path: Path) -> None:
    write_image(str(tmp_path / "a" / "b" / "c.exr"), noise(), spec(), StillOptions())
    assert [p.name for p in (tmp_path / "a" / "b").iterdir()] == ["c.exr"]


def test_a_file_without_a_folder_goes_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_image("c.exr", noise(), spec(), StillOptions())
    assert is_whole("c.exr") and os.listdir() == ["c.exr"]


# --- failing in the middle


def _full_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")


def _given_up(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("step", "failing"), [("fsync", _full_disk), ("replace", _full_disk), ("fsync", _given_up)])
def test_a_failure_leaves_the_old_picture_whole(
    step: str, failing: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.exr"
    write_image(str(path), noise(), spec(), StillOptions())
    before = path.read_bytes()
    monkeypatch.setattr(os, step, failing)
    with pytest.raises((KeyboardInterrupt, MediaError)) as caught:
        write_image(str(path), noise() * 2, spec(), StillOptions())
    if failing is _full_disk:
        assert str(caught.value) == f"{path}: the disk is full"
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["a.exr"]


FULL = """
import resource, signal, sys
import numpy as np
from nodegraph.errors import MediaError
from nodegraph.media.stills import StillOptions, write_image
from tests.media.test_stills import noise, spec
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))  # the disk takes this much of a file
for path in sys.argv[1:]:
    depth = {"exr": "half", "hdr": "float"}.get(path[-3:], "u8")
    pixels = noise() if depth == "half" else noise().astype(np.float32) if depth == "float" else (noise() * 255).astype(np.uint8)
    try:
        write_image(path, pixels, spec(), StillOptions(depth))
    except MediaError as error:
        assert error.where == path and str(error).startswith(path), str(error)
        print("refused")
    else:
        print("written")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX's")
def test_a_disk_that_fills_up_while_writing(tmp_path: Path) -> None:
    paths = [str(tmp_path / f"a.{suffix}") for suffix in ("exr", "png", "tif", "dpx", "jpg", "tga", "bmp", "hdr")]
    write_image(paths[0], noise(), spec(), StillOptions())
    before = Path(paths[0]).read_bytes()
    root = Path(__file__).resolve().parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", FULL, *paths],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=root,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["refused"] * len(paths)
    assert os.listdir(tmp_path) == ["a.exr"] and Path(paths[0]).read_bytes() == before


# --- what can't be written


def test_what_a_format_cannot_hold(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"png can't hold half \(it can hold u8, u16\)"):
        write_image(str(tmp_path / "a.png"), noise(), spec(), StillOptions("half"))
    with pytest.raises(MediaError, match=r"a\.xyz: can't"):
        write_image(str(tmp_path / "a.xyz"), noise(), spec(), StillOptions())
    with pytest.raises(MediaError, match=r"a file without a suffix \(use exr, png"):
        StillOptions().depth_for("plain")
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(MediaError, match="can't be written"):
        write_image(str(tmp_path / "file" / "a.exr"), noise(), spec(), StillOptions())


def test_every_depth_of_every_format_is_written(tmp_path: Path) -> None:
    for suffix, depths in DEPTHS.items():
        for depth in depths:
            path = str(tmp_path / f"{depth}{suffix}")
            _write(path, depth)
            assert is_whole(path), path


def _write(path: str, depth: Depth) -> None:
    kind = {"half": np.float16, "float": np.float32, "u8": np.uint8}.get(depth, np.uint16)
    scale = 1 if depth in ("half", "float") else np.iinfo(kind).max  # type: ignore[type-var]
    write_image(path, (noise().astype(np.float32) * scale).astype(kind), spec(), StillOptions(depth))


# --- what `--resume` may skip


def test_only_whole_pictures_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    assert not is_whole(str(path))
    write_image(str(path), noise(), spec(), StillOptions())
    assert is_whole(str(path))
    whole = path.read_bytes()
    for cut in (0, 100, len(whole) // 2, len(whole) - 50):
        path.write_bytes(whole[:cut])
        assert not is_whole(str(path)), cut
    assert not is_whole(str(tmp_path))


@pytest.mark.parametrize("code", ["00:00:00:00", "01:02:03:04", "23:59:59:23", "10:20:30;29"])
def test_timecode_and_rate_go_into_the_header(code: str, tmp_path: Path) -> None:
    path = str(tmp_path / "a.exr")
    write_image(path, noise(), spec().with_(stamp=Stamp(timecode=code)), StillOptions(rate=Fraction(24000, 1001)))
    made = describe_image(path)
    assert made.stamp.timecode == code
    assert rate_of(made.metadata) == Fraction(24000, 1001)
