"""The sample clip: is it what it says, does its truth hold, and is a half-built one never taken for whole."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.errors import MediaError
from nodegraph.media.images import read_image
from nodegraph.media.video import open_clip
from nodegraph.values import Raw
from samples.build import Clip, build, is_whole

pytest.importorskip("skimage", reason="the sample is made from scikit-image's pictures")
pytest.importorskip("pymatting", reason="the sample's actor is cut out by PyMatting")

Picture = NDArray[np.float64]
SMALL = (480, 270)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """Three frames, large enough for BT.709."""
    return build(tmp_path_factory.mktemp("sample"), frames=3, size=(1280, 720))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return build(tmp_path_factory.mktemp("small"), frames=2, size=SMALL)


def exr(path: Path | str) -> Picture:
    """`(height, width, channels)` over the display window, NumPy's own half floats."""
    raw = read_image(str(path))
    assert isinstance(raw, Raw)
    data, shown = raw.spec.data_window, raw.spec.display_window
    pixels = np.zeros((shown.height, shown.width, len(raw.spec.channels)))
    (stored,) = raw.planes
    pixels[data.y0 : data.y1, data.x0 : data.x1] = stored.view(np.float16)
    return pixels


def truth(clip: Clip, frame: int) -> Picture:
    return exr(str(clip.truth) % frame)


def recorded(clip: Clip, frame: int) -> Picture:
    """Scene-linear `(height, width, 3)` by ITU-R BT.709-6, chroma replicated."""
    y, cb, cr = (p.astype(float) for p in open_clip(str(clip.plate)).raw(frame - 1).planes)
    height, width = clip.size[1], clip.size[0]
    luma = (y[:height, :width] - 16) / 219
    blue, red = ((np.repeat(np.repeat(c, 2, 0), 2, 1)[:height, :width] - 128) / 224 for c in (cb, cr))
    r, b = luma + 1.5748 * red, luma + 1.8556 * blue
    code = np.stack([r, (luma - 0.2126 * r - 0.0722 * b) / 0.7152, b], -1)
    return np.where(code < 0.081, code / 4.5, ((np.maximum(code, 0) + 0.099) / 1.099) ** (1 / 0.45))


def blurred(picture: Picture, size: int = 16) -> Picture:
    """Means of blocks of `size` pixels: what is left without the noise."""
    h, w = (n // size * size for n in picture.shape[:2])
    return np.asarray(picture[:h, :w].reshape(h // size, size, w // size, size, -1).mean((1, 3)))


# --- what it is ------------------------------------------------------------------------------


def test_plate_is_tagged_as_a_camera_would(clip: Clip) -> None:
    import av

    info = open_clip(str(clip.plate)).info
    assert (info.width, info.height, info.frames, info.rate) == (1280, 720, 3, Fraction(24))
    assert (info.codec, info.pixel_format, info.timecode) == ("h264", "yuv420p", "10:00:00:00")
    with av.open(str(clip.plate)) as container:
        context = container.streams.video[0].codec_context
        tags = (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
    assert tags == (1, 1, 1, 1)  # BT.709 three times, and video range


def test_truth_alpha_is_a_matte(clip: Clip) -> None:
    alpha = truth(clip, 2)[..., 3]
    assert alpha.min() == 0.0 and alpha.max() == 1.0
    assert 0.25 < (alpha == 1.0).mean() < 0.5
    partial = (alpha > 0.02) & (alpha < 0.98)
    assert 0.002 < partial.mean() < 0.03
    assert np.ptp(np.histogram(alpha[partial], 8)[0] / partial.sum()) < 0.25  # all values, not a few


def test_truth_colour_is_clean_and_premultiplied(clip: Clip) -> None:
    picture = truth(clip, 2)
    alpha = picture[..., 3]
    assert not picture[alpha == 0].any()
    edge = (alpha > 0.3) & (alpha < 0.9)
    r, g, b = (picture[edge] / alpha[edge, None]).T[:3]
    assert np.percentile(g - np.maximum(r, b), 99) < 0.02  # nothing of the screen in it


def test_screen_is_green_and_uneven(clip: Clip) -> None:
    screen = exr(clip.screen)
    r, g, b = np.moveaxis(screen, -1, 0)
    assert (g > 2.5 * r).all() and (g > 2.5 * b).all()
    assert 1.8 < g.max() / g.min() < 4.0
    slope = np.abs(np.diff(g, axis=1)).max(0) / g.mean()
    assert slope.max() > 3 * np.median(slope)  # the seam


def test_background_fills_the_frame(clip: Clip) -> None:
    picture = exr(clip.background)
    assert picture.shape == (720, 1280, 3)
    assert picture.min() >= 0 and 1 < picture.max() < 60 and np.median(picture) < 0.2


# --- does the truth hold ------------------------------------------------------------------------


def test_where_nobody_is_the_plate_shows_the_screen(clip: Clip) -> None:
    from samples.camera import GLARE

    alone = blurred(truth(clip, 1)[..., 3:])[..., 0] == 0
    plate, screen = blurred(recorded(clip, 1)), blurred(exr(clip.screen))
    assert np.abs(plate - screen)[alone].max() < 0.012 + GLARE


def test_plate_is_truth_over_screen_plus_spill(clip: Clip) -> None:
    picture, screen = truth(clip, 1), exr(clip.screen)
    alpha = picture[..., 3:]
    over = picture[..., :3] + (1 - alpha) * screen
    extra = blurred(recorded(clip, 1) - over, 8)
    body = blurred(alpha, 8)[..., 0]
    inside, rim = body == 1, (body > 0.3) & (body < 0.9)
    assert np.abs(extra[inside][:, [0, 2]]).mean() < 0.012  # red and blue hardly change
    assert extra[rim][:, 1].mean() > 2 * extra[inside][:, 1].mean() > 0.004  # green does, most at the outline
    assert extra[rim][:, 1].mean() > 4 * extra[rim][:, 0].mean()


def test_noise_grows_with_the_light(clip: Clip) -> None:
    """Measured between two frames where nobody moves: only noise and its compression differ."""
    from nodegraph.kernels.pool import Pool
    from samples.camera import SENSOR, record

    light = np.full((3, 270, 480), 0.3, np.float32)
    light[:, :, 240:] = 0.01
    first, second = (record(light, frame, 1, Pool.serial())[1].astype(float) for frame in (1, 2))
    bright, dark = (first - second)[20:-20, 20:220], (first - second)[20:-20, 260:460]
    slope = 0.45 * 1.099 * 0.3**-0.55
    expected = np.sqrt(2 * (0.74**2 + 2 * 0.42**2 + 0.31**2)) * slope * np.sqrt(0.3 * SENSOR[1][0] + SENSOR[1][1])
    assert bright.std() == pytest.approx(expected, rel=0.05)
    assert abs(bright.mean()) < 0.1 * bright.std()
    assert bright.std() / slope > 2 * dark.std() / 4.5


def test_she_moves_and_the_shutter_blurs_it(clip: Clip) -> None:
    first, last = truth(clip, 1)[..., 3], truth(clip, 3)[..., 3]
    middle = [(a.sum(0) * np.arange(a.shape[1])).sum() / a.sum() for a in (first, last)]
    assert 2 < middle[1] - middle[0] < 30


# --- building it --------------------------------------------------------------------------------


def test_same_code_builds_the_same_pictures(small: Clip, tmp_path: Path) -> None:
    again = build(tmp_path, frames=2, size=SMALL)
    assert again.plate.read_bytes() == small.plate.read_bytes()
    names = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*.exr"))
    assert len(names) == 4
    for name in names:  # the files also hold the time they were written at
        assert np.array_equal(exr(again.folder / name), exr(small.folder / name)), name


def test_whole_sample_is_not_built_again(small: Clip) -> None:
    before = small.plate.stat().st_mtime_ns
    calls: list[tuple[int, int]] = []
    build(small.folder, frames=2, size=SMALL, progress=lambda *call: calls.append(call))
    assert calls == [(2, 2)] and small.plate.stat().st_mtime_ns == before


def test_damage_and_other_lengths_are_built_again(tmp_path: Path) -> None:
    clip = build(tmp_path, frames=2, size=SMALL)
    (tmp_path / "notes.txt").write_text("mine")
    os.truncate(str(clip.truth) % 2, 100)
    assert not is_whole(clip)
    calls: list[tuple[int, int]] = []
    shorter = build(tmp_path, frames=1, size=SMALL, progress=lambda *call: calls.append(call))
    assert calls == [(0, 1), (1, 1)]
    assert is_whole(shorter) and not is_whole(clip)
    assert sorted(os.listdir(tmp_path)) == [
        *["background.exr", "notes.txt", "plate.mp4", "sample.json", "screen.exr", "truth"]
    ]
    assert os.listdir(tmp_path / "truth") == ["truth.0001.exr"]


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_broken_build_leaves_what_was_there(
    small: Clip, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    def fail(*_: Any) -> None:
        raise failure

    monkeypatch.setattr("samples.build._write_truth", fail)
    expected = MediaError if isinstance(failure, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as caught:
        build(small.folder, frames=3, size=SMALL)
    if isinstance(failure, OSError):
        assert "No space left" in str(caught.value) and str(small.folder) in str(caught.value)
    assert is_whole(small)
    assert not list(small.folder.glob(".building-*"))


def test_stamp_comes_last(small: Clip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while files move to their place: not whole, so built again."""
    clip = build(tmp_path, frames=1, size=SMALL)
    real, moves = os.replace, 0

    def replace(source: Any, target: Any) -> None:
        nonlocal moves
        moves += Path(target).parent in (tmp_path, tmp_path / "truth")
        if moves == 3:
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path, frames=2, size=SMALL)
    assert not is_whole(clip) and not is_whole(Clip(tmp_path, 2, SMALL))


def test_random_stamp_is_not_whole(tmp_path: Path) -> None:
    clip = Clip(tmp_path, 1, SMALL)
    for text in ("", "[]", "{", '{"version": 3}', '{"version": "x", "files": []}', "\x00"):
        (tmp_path / "sample.json").write_text(text)
        assert not is_whole(clip)


@pytest.mark.parametrize("package", ["skimage", "pymatting"])
def test_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    from samples.actor import cut_out

    cut_out.cache_clear()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MediaError, match=r"nodegraph\[samples\]"):
        build(tmp_path, frames=1, size=SMALL)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("frames", "size"), [(0, SMALL), (1, (480, 271)), (1, (200, 270)), (1, (64, 36))])
def test_impossible_sizes_are_refused(tmp_path: Path, frames: int, size: tuple[int, int]) -> None:
    with pytest.raises(MediaError, match="even sizes"):
        build(tmp_path / "none", frames=frames, size=size)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("words", "code", "said"), [(["--help"], 0, "--frames"), (["--size", "big"], 2, "1920x1080")])
def test_command_line(words: list[str], code: int, said: str) -> None:
    done = subprocess.run([sys.executable, "-m", "samples.build", *words], capture_output=True, text=True)
    assert done.returncode == code and said in done.stdout + done.stderr
