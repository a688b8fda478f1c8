"""Wrong files: a clear error naming the file, or a good read; never a crash, a hang or a giant allocation.

Each batch of files is read in a process of its own, which has little memory and little time.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from nodegraph.errors import MediaError
from nodegraph.media.images import read_image
from nodegraph.media.stills import Depth, StillOptions, write_image
from nodegraph.values import Frame, FrameSpec, Window
from tests.media.forging import exr_header

resource = pytest.importorskip("resource", reason="memory limits are POSIX's")

#: The reading process may have this much address space; its libraries take a part of it.
MEMORY = 3 << 30

READER = """
import json, resource, sys
memory = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
from nodegraph.errors import MediaError
from nodegraph.media.images import describe_image, read_image
from nodegraph.media.video import Clip, is_video
from nodegraph.values import Raw

def read(path):
    if is_video(path):
        clip = Clip(path)
        for frame in range(clip.info.frames):
            clip.raw(frame)
        return clip.info.frames
    describe_image(path)
    made = read_image(path)
    return list(made.planes[0].shape if isinstance(made, Raw) else made.pixels.shape)

for path in sys.argv[2:]:
    try:
        answer = ("read", read(path), "")
    except MediaError as error:
        answer = ("refused", str(error), error.where)
    except BaseException as error:
        answer = ("broken", f"{type(error).__name__}: {error}", "")
    print("\\0" + json.dumps([path, *answer]), flush=True)
"""


def outcomes(files: Iterable[Path]) -> dict[str, tuple[str, object]]:
    """What came of each file, by its name: ("read", its shape) or ("refused", the message)."""
    paths = [str(file) for file in files]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", READER, str(MEMORY), *paths],
        capture_output=True,
        timeout=60,
        env=environment,
        check=False,
    )
    lines = [part.splitlines()[0] for part in ran.stdout.split(b"\0")[1:]]
    answers = [json.loads(line) for line in lines]
    assert [a[0] for a in answers] == paths, f"stopped with {ran.returncode} at {paths[len(answers)]}"
    found = {}
    for path, kind, told, where in answers:
        assert kind != "broken", f"{path}: {told}"
        if kind == "refused":
            assert where == path and told.startswith(path) and len(told) > len(path) + 10 and "\n" not in told
        found[Path(path).name] = (kind, told)
    return found


def picture(path: Path, width: int = 64, height: int = 48, compression: str = "zip") -> bytes:
    """A good picture's bytes; what is in it doesn't compress well."""
    channels = ("R", "G", "B") if path.suffix == ".jpg" else ("R", "G", "B", "A")
    pixels = np.random.default_rng(1).random((height, width, len(channels)), np.float32)
    half = path.suffix == ".exr"
    stored = pixels.astype(np.float16) if half else (pixels * 255).astype(np.uint8)
    window = Window.sized(width, height)
    options = StillOptions("half" if half else "u8", compression)
    write_image(str(path), stored, FrameSpec(channels, window, window), options)
    return path.read_bytes()


def test_collected_hostile_files(shared_data: Path) -> None:
    files = sorted(f for f in (shared_data / "hostile").rglob("*") if f.is_file())
    assert len(files) > 60
    found = outcomes(files)
    refused = sum(kind == "refused" for kind, _ in found.values())
    assert refused > 55


def test_collected_hostile_exrs_under_an_exr_name(shared_data: Path, tmp_path: Path) -> None:
    """Most have no suffix; with one the OpenEXR reader itself must face them."""
    files = [f for f in (shared_data / "hostile").rglob("openexr-damaged/*") if f.suffix != ".rst"]
    named = [Path(shutil.copyfile(f, tmp_path / f"{k}.exr")) for k, f in enumerate(sorted(files))]
    found = outcomes(named)
    assert {kind for kind, _ in found.values()} == {"refused"}


@pytest.mark.parametrize("name", ["a.exr", "a.png", "a.tif", "a.dpx", "a.jpg"])
def test_a_file_cut_anywhere(name: str, tmp_path: Path) -> None:
    whole = picture(tmp_path / name)
    cuts = [1, 3, 4, 8, 30, 100, *(len(whole) * k // 8 for k in range(1, 8)), len(whole) - 20]
    files = []
    for cut in cuts:
        files.append(tmp_path / f"{cut}{Path(name).suffix}")
        files[-1].write_bytes(whole[:cut])
    found = outcomes([tmp_path / name, *files])
    assert found.pop(name)[0] == "read"
    half = found[f"{len(whole) // 2}{Path(name).suffix}"]
    assert half[0] == "refused", half


@pytest.mark.parametrize("compression", ["none", "rle", "zips", "zip", "piz", "pxr24", "b44", "dwaa"])
def test_flipped_bits(compression: str, tmp_path: Path, rng: np.random.Generator) -> None:
    whole = picture(tmp_path / "a.exr", compression=compression)
    files = []
    for k in range(24):
        damaged = bytearray(whole)
        reach = 400 if k % 2 else len(whole)  # every second one in the header
        for at in rng.integers(4, reach, 3):
            damaged[at] ^= 1 << int(rng.integers(8))
        files.append(tmp_path / f"{k}.exr")
        files[-1].write_bytes(damaged)
    outcomes(files)


def forged_exr(width: int, height: int, channels: dict[str, tuple[int, int]]) -> bytes:
    """A header that claims a size, and not one pixel after it."""
    return exr_header(width, height, channels) + bytes(min(1 << 20, 8 * -(-height // 16)))


@pytest.mark.parametrize("size", [(65536, 65536), (65536, 4096), (2**30, 1), (1, 2**30), (2**31 - 1, 2**31 - 1)])
@pytest.mark.parametrize("kind", ["rgb", "chroma"])
def test_a_header_that_claims_far_more_than_there_is(size: tuple[int, int], kind: str, tmp_path: Path) -> None:
    rgb = {"R": (1, 1), "G": (1, 1), "B": (1, 1)}
    chroma = {"Y": (1, 1), "RY": (2, 2), "BY": (2, 2)}
    file = tmp_path / "wide.exr"
    file.write_bytes(forged_exr(*size, rgb if kind == "rgb" else chroma))
    kind_of_answer, told = outcomes([file])["wide.exr"]
    assert kind_of_answer == "refused" and re.search("claims|display window", str(told)), told


def test_what_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "empty.exr").touch()
    (tmp_path / "folder.exr").mkdir()
    for name in (
        "text.exr",
        "text.png",
        "text.dpx",
        "text.tif",
        "text.jpg",
        "text.hdr",
        "text.mp4",
        "text.mov",
    ):
        (tmp_path / name).write_text("I am a picture, honestly.\n" * 20)
    (tmp_path / "other.exr").write_bytes(picture(tmp_path / "good.png"))
    (tmp_path / "dangling.exr").symlink_to(tmp_path / "nowhere.exr")
    (tmp_path / "loop.exr").symlink_to(tmp_path / "loop.exr")
    names = [p for p in tmp_path.iterdir() if p.name != "good.png"]
    found = outcomes([*names, tmp_path / "absent.exr", tmp_path / "no" / "folder.exr", tmp_path / ("x" * 300 + ".exr")])
    assert {kind for kind, _ in found.values()} == {"refused"}
    assert "is empty (0 bytes)" in str(found["empty.exr"][1])
    assert "not an OpenEXR file" in str(found["text.exr"][1]) and "not an OpenEXR file" in str(found["other.exr"][1])


def test_a_folder_and_a_near_miss_say_what_to_do(tmp_path: Path) -> None:
    picture(tmp_path / "plate.exr")
    with pytest.raises(MediaError, match=r"plaet\.exr: no such file \(.*plate\.exr"):
        read_image(str(tmp_path / "plaet.exr"))
    with pytest.raises(MediaError, match=r"is a folder \(name a file, or a sequence"):
        read_image(str(tmp_path))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    picture(tmp_path / "a.exr")
    (tmp_path / "a.exr").chmod(0)
    with pytest.raises(MediaError, match="permissions"):
        read_image(str(tmp_path / "a.exr"))


def test_not_a_number_and_infinity_are_kept(tmp_path: Path) -> None:
    values = np.array([[[np.nan, np.inf, -np.inf], [65504, -0.0, 6e-8]]], np.float32)
    window = Window.sized(2, 1)
    for kind in (np.float16, np.float32):
        depth: Depth = "half" if kind is np.float16 else "float"
        path = str(tmp_path / f"{depth}.exr")
        write_image(path, values.astype(kind), FrameSpec(("R", "G", "B"), window, window), StillOptions(depth))  # type: ignore[arg-type]
        made = read_image(path)
        assert not isinstance(made, Frame)
        np.testing.assert_array_equal(made.planes[0].view(kind), values.astype(kind))
