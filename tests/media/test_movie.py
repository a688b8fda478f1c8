# ruff: noqa: TID253
"""Clips are written whole or not at all, in every codec there is."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from nodegraph.errors import MediaError
from nodegraph.media.movie import CODECS, MovieWriter, available_codecs, layout_for
from nodegraph.media.video import Clip
from tests.media.clips import HEIGHT, WIDTH, number, planes, write_clip


def test_the_wheel_brings_the_codecs_of_the_field() -> None:
    assert {"h264", "prores", "prores4444", "dnxhr", "ffv1", "mjpeg"} <= set(available_codecs())


@pytest.mark.parametrize(("codec", "suffix"), [(c, s) for c in available_codecs() for s in CODECS[c].containers])
def test_what_is_written_is_read_back(codec: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    clip = Clip(write_clip(path, codec, frames=10))
    assert os.listdir(tmp_path) == [path.name]
    assert (clip.info.width, clip.info.height, clip.info.frames, clip.info.rate) == (
        WIDTH,
        HEIGHT,
        10,
        Fraction(24),
    )
    layout = layout_for(codec, HEIGHT)
    raw = clip.raw(0)
    assert (raw.layout.matrix, raw.layout.full_range, raw.layout.subsample) == (
        layout.matrix,
        layout.full_range,
        layout.subsample,
    )
    for k in (9, 0, 4, 5):
        raw = clip.raw(k)
        assert number(raw) == k
        top, wanted_top = (1 << raw.layout.bits) - 1, (1 << layout.bits) - 1
        off = raw.planes[0] / top - planes(k, layout)[0] / wanted_top
        assert np.abs(off).mean() < 0.01


@pytest.mark.parametrize(("codec", "name"), [("prores", "a.mov"), ("h264", "a.mp4"), ("mjpeg", "a.mov")])
def test_timecode_and_pixel_aspect(codec: str, name: str, tmp_path: Path) -> None:
    clip = Clip(write_clip(tmp_path / name, codec, 3, timecode="01:00:00:00", pixel_aspect=2.0))
    assert clip.info.timecode == "01:00:00:00" and clip.info.pixel_aspect == 2.0
    assert clip.spec.pixel_aspect == 2.0


# --- sound


@pytest.fixture
def sound(tmp_path: Path) -> str:
    """Three seconds of a rising tone, uncompressed."""
    path = str(tmp_path / "sound.mov")
    with av.open(path, "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        for k in range(30):
            ramp = np.arange(k * 800, (k + 1) * 800, dtype=np.int16).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(ramp, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 8000, k * 800, Fraction(1, 8000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def samples(path: str) -> list[int]:
    with av.open(path) as container:
        return [int(v) for frame in container.decode(audio=0) for v in frame.to_ndarray().ravel()]


@pytest.mark.parametrize(("start", "frames"), [(Fraction(0), 24), (Fraction(1), 24), (Fraction(1, 2), 12)])
def test_sound_passes_untouched(start: Fraction, frames: int, sound: str, tmp_path: Path) -> None:
    """As much as the picture is long, from where it starts; a packet at either end may stand over."""
    path = write_clip(tmp_path / "a.mov", "h264", frames, audio_from=sound, audio_start=start)
    assert Clip(path).info.audio == ("pcm_s16le 8000 Hz mono",)
    found = samples(path)
    assert found == list(range(found[0], found[0] + len(found)))
    assert abs(found[0] - start * 8000) <= 1024 and abs(len(found) - frames * 8000 // 24) <= 2048


def test_a_silent_source_is_no_error(tmp_path: Path) -> None:
    silent = write_clip(tmp_path / "silent.mp4", frames=2)
    assert Clip(write_clip(tmp_path / "a.mp4", frames=2, audio_from=silent)).info.audio == ()


# --- whole or nothing


def test_given_up_it_leaves_nothing_and_the_old_clip_whole(tmp_path: Path) -> None:
    path = Path(write_clip(tmp_path / "a.mp4", frames=3))
    before = path.read_bytes()
    writer = MovieWriter(str(path), WIDTH, HEIGHT, Fraction(24))
    for k in range(20):
        writer.write(planes(k, writer.layout))
    assert len(os.listdir(tmp_path)) == 2 and path.read_bytes() == before
    writer.abort()
    writer.abort()  # twice is no harm
    assert os.listdir(tmp_path) == ["a.mp4"] and path.read_bytes() == before


def test_an_error_of_the_encoder_comes_back(tmp_path: Path) -> None:
    writer = MovieWriter(str(tmp_path / "a.mp4"), WIDTH, HEIGHT, Fraction(24))
    wrong = [np.zeros((HEIGHT // 2, WIDTH), np.uint8)] * 3
    with pytest.raises(MediaError, match=r"a\.mp4: can't be encoded"):
        for _ in range(50):
            writer.write(wrong)
            time.sleep(0.01)
        writer.close()
    writer.abort()
    assert os.listdir(tmp_path) == []


FULL = """
import resource, signal, sys
from pathlib import Path
from nodegraph.errors import MediaError
from tests.media.clips import write_clip
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))  # the disk takes this much of a file
for path, codec in zip(sys.argv[1::2], sys.argv[2::2]):
    try:
        write_clip(Path(path), codec, 60)
    except MediaError as error:
        assert error.where == path
        print("refused")
    else:
        print("written")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX's")
def test_a_disk_that_fills_up_while_writing(tmp_path: Path) -> None:
    jobs = [("a.mp4", "h264"), ("b.mov", "prores"), ("c.mkv", "ffv1"), ("d.avi", "mjpeg")]
    words = [word for name, codec in jobs for word in (str(tmp_path / name), codec)]
    root = Path(__file__).resolve().parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", FULL, *words],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=root,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["refused"] * len(jobs)
    assert os.listdir(tmp_path) == []


# --- what can't be written


@pytest.mark.parametrize(
    ("name", "codec", "size", "said"),
    [
        ("a.mp4", "h265", (64, 64), r"codec 'h265' is not available \(did you mean h264"),
        ("a.avi", "prores", (64, 64), r"prores doesn't go into this kind of file \(use \.mov"),
        ("a.mp4", "h264", (63, 64), r"h264 needs even sizes, not 63 x 64 \(reformat first\)"),
        ("a.mov", "dnxhr", (254, 120), r"dnxhr takes no picture below 256 x 120, not 254 x 120"),
        ("a.mp4", "h264", (64, 63), r"h264 needs even sizes, not 64 x 63"),
    ],
)
def test_wrong_calls(name: str, codec: str, size: tuple[int, int], said: str, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=said):
        MovieWriter(str(tmp_path / name), *size, Fraction(24), codec)
    assert os.listdir(tmp_path) == []


def test_sound_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"none\.wav: no such file"):
        MovieWriter(str(tmp_path / "a.mp4"), 64, 64, Fraction(24), audio_from=str(tmp_path / "none.wav"))
    assert os.listdir(tmp_path) == []


def test_a_container_that_refuses_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CODECS, "ffv1", dataclasses.replace(CODECS["ffv1"], containers=(".mov",)))  # type: ignore[arg-type]
    with pytest.raises(MediaError, match=r"a\.mov: can't be encoded: .*ffv1"):
        MovieWriter(str(tmp_path / "a.mov"), 64, 64, Fraction(24), "ffv1")
    assert os.listdir(tmp_path) == []
