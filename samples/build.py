"""Builds the sample: a green-screen clip, the truth beside it, and a background for it.

    python -m samples.build [FOLDER]

Everything is composed in linear light from the pictures named in README.md beside this file;
the same version of this code on the same machine builds the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from nodegraph.errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodegraph.kernels.pool import Pool
    from samples.sampling import Array

HERE = Path(__file__).parent
MEDIA = HERE / "media"
RATE = Fraction(24)
SIZE = (1920, 1080)
FRAMES = 72
QUALITY = 15  # x264's constant rate factor: what a good recorder on set leaves
SEED = 20

#: Called with the frames done and the frames there are.
ProgressFn = Callable[[int, int], object]

_STAMP = "sample.json"
_PARTIAL = ".building-"
_STALE = 3600.0  # seconds after which a build that was killed has left its folder for good


@dataclass(frozen=True, slots=True)
class Clip:
    """Where the sample's files are. Frames count from 1."""

    folder: Path
    frames: int
    size: tuple[int, int]

    @property
    def plate(self) -> Path:
        """The clip as it was recorded: H.264, 8 bits, 4:2:0, BT.709."""
        return self.folder / "plate.mp4"

    @property
    def truth(self) -> Path:
        """The actor alone, a sequence: clean colour, premultiplied, and the true alpha."""
        return self.folder / "truth" / "truth.%04d.exr"

    @property
    def screen(self) -> Path:
        """The screen with nobody before it, scene-linear."""
        return self.folder / "screen.exr"

    @property
    def background(self) -> Path:
        """What to put behind the actor, scene-linear."""
        return self.folder / "background.exr"


def build(
    folder: str | os.PathLike[str] = MEDIA,
    *,
    frames: int = FRAMES,
    size: tuple[int, int] = SIZE,
    progress: ProgressFn | None = None,
) -> Clip:
    """Make the sample in `folder`, unless this version of it is whole there already.

    `size` is (width, height), even, 16:9 or wider; at 1080 lines and 72 frames it takes about
    140 MB. Other files in the folder are left alone. MediaError when a package
    of `nodegraph[samples]` is missing or the disk refuses.
    """
    width, height = size
    if frames < 1 or height < 144 or width * 9 < height * 16 or width % 2 or height % 2:
        raise MediaError(
            f"can't be built with {frames} frames of {width} x {height}",
            where="samples",
            hint="at least 1 frame, even sizes, 144 lines, 16:9 or wider",
        )
    clip = Clip(Path(folder), frames, size)
    tell: ProgressFn = progress or (lambda done, total: None)
    if is_whole(clip):
        tell(frames, frames)
        return clip
    try:
        clip.folder.mkdir(parents=True, exist_ok=True)
        _sweep(clip.folder)
        partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=clip.folder))
        try:
            _make(Clip(partial, frames, size), tell)
            _take(partial, clip)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise MediaError(f"the sample can't be built: {error.strerror or error}", where=str(clip.folder)) from error
    return clip


def is_whole(clip: Clip) -> bool:
    """Whether all files of this clip are there, made by this version of the code."""
    try:
        stamp = json.loads((clip.folder / _STAMP).read_text())
        return bool(stamp["version"] == version(clip)) and all(
            (clip.folder / name).stat().st_size == size for name, size in stamp["files"].items()
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return False


def version(clip: Clip) -> str:
    """A digest of all that decides what the sample looks like."""
    digest = hashlib.blake2b(digest_size=16)
    for source in sorted(HERE.glob("*.py")):
        if not source.name.startswith("__"):
            digest.update(source.read_bytes())
    digest.update(repr((clip.frames, clip.size)).encode())
    return digest.hexdigest()


def _sweep(folder: Path) -> None:
    """Remove what killed builds left; another that runs at the same time is younger than that."""
    for left in folder.glob(_PARTIAL + "*"):
        if time.time() - left.stat().st_mtime > _STALE:
            shutil.rmtree(left, ignore_errors=True)


def _take(partial: Path, clip: Clip) -> None:
    """Move the finished files to their place; only then does the stamp say that they are whole."""
    stamp = clip.folder / _STAMP
    stamp.unlink(missing_ok=True)
    files = {p.relative_to(partial).as_posix(): p.stat().st_size for p in _files(partial)}
    for old in clip.truth.parent.glob("truth.*.exr"):
        old.unlink()
    for name in files:
        (clip.folder / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(partial / name, clip.folder / name)
    written = partial / _STAMP
    written.write_text(json.dumps({"version": version(clip), "files": files}, indent=1) + "\n")
    os.replace(written, stamp)


def _files(folder: Path) -> Iterator[Path]:
    return (p for p in sorted(folder.rglob("*")) if p.is_file())


def _make(clip: Clip, tell: ProgressFn) -> None:
    """All of the sample's files, into the clip's folder."""
    from nodegraph.kernels.encode import to_yuv
    from nodegraph.kernels.pool import Pool
    from nodegraph.media.movie import MovieWriter
    from samples.background import background
    from samples.camera import before_screen, film, record

    width, height = clip.size
    tell(0, clip.frames)
    canvas, screen = stage(height, width)
    pool = Pool()
    try:
        _write_still(clip.background, background(height, width), pool)
        _write_still(clip.screen, screen, pool)
        movie = MovieWriter(str(clip.plate), width, height, RATE, quality=QUALITY, timecode="10:00:00:00")
        try:
            for frame in range(1, clip.frames + 1):
                filmed = film(canvas, height, width, float((frame - 1) / RATE), pool)
                light, truth = before_screen(filmed, screen, pool)
                movie.write(to_yuv(record(light, frame, SEED, pool), movie.layout, pool))
                _write_truth(str(clip.truth) % frame, truth, pool)
                tell(frame, clip.frames)
            movie.close()
        except BaseException:
            movie.abort()
            raise
    finally:
        pool.close()


def stage(height: int, width: int) -> tuple[Array, Array]:
    """The actor as `film` takes her, and the screen `(height, width, 3)`; scene-linear."""
    from samples.actor import film_actor
    from samples.camera import SIZE as ACTOR_SIZE
    from samples.camera import canvas_of
    from samples.screen import green_screen, spill

    actor = film_actor(ACTOR_SIZE * height, SEED)
    return canvas_of(actor, spill(actor, height)), green_screen(height, width, SEED)


def _write_still(path: Path, picture: Array, pool: Pool) -> None:
    """`(height, width, 3)`, as half floats."""
    import numpy as np

    from nodegraph.kernels.encode import to_half

    planes = np.ascontiguousarray(picture.transpose(2, 0, 1))
    _write(str(path), to_half(planes, pool), (0, 0), picture.shape[:2])


def _write_truth(path: str, truth: Array, pool: Pool) -> None:
    """Store the part of the frame that has something of the actor.

    Alpha keeps all of a half's 11 significant bits; colours keep 8, a fifth of a per cent and
    a tenth of the plate's noise, since the bits below are what doesn't compress.
    """
    import numpy as np

    from nodegraph.kernels.encode import to_half

    rows, columns = truth[3].any(axis=1).nonzero()[0], truth[3].any(axis=0).nonzero()[0]
    x0, x1, y0, y1 = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    pixels = to_half(np.ascontiguousarray(truth[:, y0:y1, x0:x1]), pool)
    bits = pixels.view(np.uint16)
    bits[..., :3] = (bits[..., :3] + 4) & 0xFFF8
    _write(path, pixels, (int(x0), int(y0)), truth.shape[1:])


def _write(path: str, pixels: NDArray[np.float16], origin: tuple[int, int], shape: tuple[int, ...]) -> None:
    """An EXR of `shape` (height, width) that has `pixels` at `origin` (x, y)."""
    from nodegraph.media.stills import StillOptions, write_image
    from nodegraph.values import FrameSpec, Window
    from nodegraph.values.frame import RGB, RGBA

    height, width, channels = pixels.shape
    data = Window(origin[0], origin[1], origin[0] + width, origin[1] + height)
    spec = FrameSpec(RGBA if channels == 4 else RGB, data, Window.sized(shape[1], shape[0]))
    write_image(path, pixels, spec, StillOptions("half", "zip", rate=RATE))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m samples.build", description="Build the sample green-screen clip.")
    parser.add_argument("folder", nargs="?", default=str(MEDIA), help="where to (default: samples/media)")
    parser.add_argument("--frames", type=int, default=FRAMES, help=f"how many (default: {FRAMES})")
    parser.add_argument("--size", default="x".join(map(str, SIZE)), help="width x height (default: 1920x1080)")
    chosen = parser.parse_args()
    try:
        width, height = (int(n) for n in chosen.size.lower().split("x"))
    except ValueError:
        parser.error(f"--size {chosen.size}: write it as 1920x1080")

    from rich.progress import Progress

    try:
        with Progress() as bar:
            task = bar.add_task("building the sample clip", total=None)
            clip = build(
                chosen.folder,
                frames=chosen.frames,
                size=(width, height),
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    except MediaError as error:
        raise SystemExit(str(error)) from error
    print(f"{clip.plate}\n{clip.truth}\n{clip.screen}\n{clip.background}")


if __name__ == "__main__":
    main()
