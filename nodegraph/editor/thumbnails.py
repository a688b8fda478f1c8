"""What a viewer last showed of each graph, kept small in the user's state folder for the start page.

One PNG per file that was open, named by its path's digest; the oldest go when there are many. A picture
that can't be kept or read is no error: the start page does without.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: The longer side of a thumbnail in pixels, and how many are kept.
SIDE, KEPT = 320, 50

Picture = NDArray[np.uint8]


def thumbnail_folder(folder: str | os.PathLike[str] | None = None) -> Path:
    """Where thumbnails are: as asked, else in `NODEGRAPH_STATE`, else in the user's state folder."""
    if folder:
        return Path(folder)
    asked = os.environ.get("NODEGRAPH_STATE")
    if asked:
        return Path(asked) / "thumbnails"
    from platformdirs import user_state_path

    return user_state_path("nodegraph", appauthor=False) / "thumbnails"


def remember(path: str | os.PathLike[str], panel: NDArray[Any], folder: str | os.PathLike[str] | None = None) -> bool:
    """Keep what was shown of the graph at `path`; whether that went well.

    `panel` is (rows, columns, 3 or 4), as the display wants it: floats in 0..1, or bytes. Its alpha is left out.
    """
    if panel.ndim != 3 or panel.shape[2] < 3 or not panel.size:
        return False
    target = _file(path, thumbnail_folder(folder))
    part = target.with_name(f"part-{os.getpid()}-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not _write(part, shrunk(panel)):
            return False
        os.replace(part, target)
    except OSError:
        return False
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    _prune(target.parent)
    return True


def recall(path: str | os.PathLike[str], folder: str | os.PathLike[str] | None = None) -> Picture | None:
    """What was last shown of the graph at `path`, (rows, columns, 3) bytes; None when nothing is kept."""
    import OpenImageIO as oiio

    file = _file(path, thumbnail_folder(folder))
    if not file.is_file():
        return None
    source = oiio.ImageInput.open(str(file))
    if source is None:
        oiio.geterror()  # or it is printed at the end of the process
        return None
    try:
        spec = source.spec()
        if max(spec.width, spec.height) > SIDE or spec.nchannels < 3:
            return None
        pixels = source.read_image(0, 0, 0, 3, oiio.UINT8)
        if pixels is None:
            source.geterror()
            return None
        return np.asarray(pixels, np.uint8).reshape(spec.height, spec.width, 3)
    finally:
        source.close()


def forget(path: str | os.PathLike[str], folder: str | os.PathLike[str] | None = None) -> None:
    """Remove what is kept of a graph."""
    with suppress(OSError):
        _file(path, thumbnail_folder(folder)).unlink(missing_ok=True)


def shrunk(panel: NDArray[Any], side: int = SIDE) -> Picture:
    """A panel as bytes, its longer side at most `side`: each pixel the mean of those it covers."""
    rows, columns, _ = panel.shape
    factor = max(1.0, max(rows, columns) / side)
    planes = panel[..., :3]
    for axis, count in ((0, rows), (1, columns)):
        if factor > 1:
            edges = np.linspace(0, count, max(1, round(count / factor)) + 1).astype(np.intp)
            sums = np.add.reduceat(planes, edges[:-1], axis=axis, dtype=np.float32)
            widths = np.diff(edges).astype(np.float32)
            planes = sums / (widths[:, None, None] if axis == 0 else widths[None, :, None])
    scale = 1.0 if panel.dtype == np.uint8 else 255.0
    codes: Picture = (np.clip(np.nan_to_num(planes * np.float32(scale)), 0, 255) + 0.5).astype(np.uint8)
    return codes


def _file(path: str | os.PathLike[str], folder: Path) -> Path:
    return folder / f"{sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]}.png"


def _write(file: Path, picture: Picture) -> bool:
    import OpenImageIO as oiio

    rows, columns, _ = picture.shape
    out = oiio.ImageOutput.create(str(file))
    if out is None or not out.open(str(file), oiio.ImageSpec(columns, rows, 3, "uint8")):
        oiio.geterror()
        return False
    written = bool(out.write_image(np.ascontiguousarray(picture)))
    return bool(out.close()) and written


def _prune(folder: Path) -> None:
    """Remove the oldest beyond those that are kept."""
    ages = []
    with suppress(OSError):
        for file in folder.glob("*.png"):
            with suppress(OSError):
                ages.append((file.stat().st_mtime_ns, file))
    for _, file in sorted(ages)[:-KEPT]:
        with suppress(OSError):
            file.unlink()
