"""What media are, told from their headers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from nodegraph.errors import MediaError
from nodegraph.media.info import describe_media
from nodegraph.media.stills import StillOptions, write_image
from nodegraph.values import FrameSpec, Stamp, Window
from tests.media.clips import HEIGHT, WIDTH, write_clip


def picture(path: Path) -> str:
    spec = FrameSpec(
        ("R", "G", "B", "A"),
        Window(-2, 1, 6, 5),
        Window.sized(10, 8),
        2.0,
        stamp=Stamp(timecode="01:02:03:04"),
    )
    write_image(
        str(path),
        np.zeros((4, 8, 4), np.float16),
        spec,
        StillOptions("half", "piz", rate=Fraction(24000, 1001)),
    )
    return str(path)


def test_a_picture(tmp_path: Path) -> None:
    info = describe_media(picture(tmp_path / "a.exr"))
    assert info.kind == "picture"
    assert info.facts == (
        ("size", "10 x 8"), ("data window", "8 x 4 at -2, 1"), ("channels", "R G B A"),
        ("colour space", "linear (assumed)"), ("pixel aspect", "2"), ("rate", "23.976 frames/s"), ("timecode", "01:02:03:04"),
    )  # fmt: skip
    (part,) = info.parts
    assert dict(part) == {
        "part": "0", "view": "", "channels": "R G B A", "samples": "half", "compression": "piz", "data window": "8 x 4",
    }  # fmt: skip


def test_a_sequence(tmp_path: Path) -> None:
    for k in (1, 2, 5):
        picture(tmp_path / f"a.{k:04}.exr")
    info = describe_media(str(tmp_path / "a.####.exr"))
    assert info.kind == "sequence"
    assert info.facts[:3] == (("frames", "3, 1-2,5"), ("missing", "3-4"), ("size", "10 x 8"))


def test_a_clip(tmp_path: Path) -> None:
    info = describe_media(write_clip(tmp_path / "a.mov", "prores", 12, timecode="10:00:00:00"))
    assert info.kind == "clip" and info.parts == ()
    assert info.facts == (
        ("size", f"{WIDTH} x {HEIGHT}"), ("frames", "12, 0.50 s"), ("rate", "24 frames/s"),
        ("codec", "prores, yuv422p10le"), ("colour space", "rec709"), ("timecode", "10:00:00:00"),
    )  # fmt: skip


def test_real_ones(shared_data: Path) -> None:
    chroma = describe_media(str(shared_data / "exr/openexr-images/Flowers.exr"))
    assert ("size", "784 x 734") in chroma.facts and ("channels", "R G B") in chroma.facts
    deep = describe_media(str(shared_data / "exr/OpenImageIO/deepalpha.exr"))
    assert dict(deep.parts[0])["samples"] == "float, deep"
    nuke = describe_media(str(shared_data / "exr/gaffer/channelTestNukePartPerLayer.exr"))
    assert [dict(p)["part"] for p in nuke.parts] == [
        "rgba.main",
        "character.main",
        "depth.main",
        "other.main",
    ]


@pytest.mark.parametrize("name", ["none.exr", "none.mp4", "none.####.exr"])
def test_what_is_not_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(MediaError) as caught:
        describe_media(str(tmp_path / name))
    assert caught.value.where == str(tmp_path / name)
