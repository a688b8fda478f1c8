"""A folder of panoramas, and what each looks like: looked at once, and kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import CookError, NodegraphError
from nodegraph.values import World
from nodegraph.values.environment import angles

from .understanding import understand
from .words import SILENT

_log = logging.getLogger(__name__)
_KINDS = (".exr", ".hdr")
_VERSION = 1
_MOST = 2000
_LUMA = np.array([0.2126, 0.7152, 0.0722])
_SPLIT = re.compile(r"[^a-zäöüéè]+")


@dataclass(frozen=True)
class Entry:
    """A panorama: its file, and its looks. `hardness` is the share of its light that is its sun's; `warmth` log2 of red over
    blue of its upper half; `light` the mean irradiance of what stands and lies there."""

    name: str
    file: str
    words: tuple[str, ...]
    sun_azimuth: float
    sun_elevation: float
    hardness: float
    warmth: float
    light: float


def index(folder: str, where: str) -> list[Entry]:
    """All panoramas of a folder, by name. Files that changed are looked at anew; what is no panorama is left out."""
    root = Path(folder)
    if not root.is_dir():
        raise CookError(
            f"{folder} is no folder", where=f"{where}.folder", hint="give one with lat-long EXR or HDR files"
        )
    files = sorted(f for f in root.rglob("*") if f.suffix.lower() in _KINDS and f.is_file())[:_MOST]
    kept = _kept(root)
    known = _read(kept)
    entries: dict[str, dict[str, object]] = {}
    for file in files:
        status = file.stat()
        stamp = f"{file}|{status.st_size}|{status.st_mtime_ns}"
        if stamp not in known:
            try:
                known[stamp] = asdict(looked_at(file, root))
            except (NodegraphError, ValueError) as error:
                _log.warning("%s: %s is left out: %s", where, file.name, error)
                known[stamp] = {}
        entries[stamp] = known[stamp]
    _write(kept, entries)
    found = [Entry(**{**e, "words": tuple(e["words"])}) for e in entries.values() if e]  # type: ignore[arg-type]
    if not found:
        raise CookError(
            f"there is no panorama in {folder}",
            where=f"{where}.folder",
            hint="files must be lat-long, twice as wide as high",
        )
    return found


def load(file: str, where: str) -> NDArray[np.float32]:
    """A panorama (3, height, width), never negative."""
    import OpenImageIO as oiio

    from nodegraph.media.images import check_file

    check_file(file)
    image = oiio.ImageBuf(file)
    pixels = image.get_pixels(oiio.FLOAT) if image.initialized or image.read(0, 0, True) else None
    if pixels is None or pixels.ndim != 3 or pixels.shape[2] < 3:
        raise CookError(
            f"{Path(file).name} can't be read as a colour picture", where=where, hint=image.geterror() or None
        )
    planes = np.nan_to_num(pixels[..., :3].transpose(2, 0, 1), nan=0, posinf=65504, neginf=0)
    return np.asarray(np.maximum(planes, 0), np.float32)


def looked_at(file: Path, root: Path) -> Entry:
    """What a panorama looks like."""
    from nodegraph.kernels.lamps import directions, extract, solid_angles
    from nodegraph.kernels.relighting import reduced

    panorama = load(str(file), file.name)
    if abs(panorama.shape[2] - 2 * panorama.shape[1]) > max(2, panorama.shape[2] // 100):
        raise ValueError(f"it is {panorama.shape[2]} x {panorama.shape[1]}, and a panorama is twice as wide as high")
    small = reduced(panorama, 256).astype(np.float64)
    lights, _ = extract(small, 1)
    solid, up = solid_angles(*small.shape[1:]), directions(*small.shape[1:])[1]
    energy = small * solid
    above = np.maximum((energy * (up > 0)).sum((1, 2)), 1e-9)
    total = float(_LUMA @ energy.sum((1, 2)))
    sun = lights.items[0] if lights.items else None
    azimuth, elevation = angles(sun.direction) if sun else (0.0, 0.0)
    words = tuple(w for w in _SPLIT.split(" ".join(file.relative_to(root).with_suffix("").parts).lower()) if len(w) > 2)
    return Entry(
        file.stem, str(file), words, azimuth, elevation, float(_LUMA @ np.array(sun.colour)) / total if sun else 0.0,
        float(np.log2(above[0] / above[2])), max(total / 4, 1e-6),
    )  # fmt: skip


def ranked(entries: Sequence[Entry], words: str, world: World | None) -> list[Entry]:
    """The nearest first; the same for the same question."""
    asked = [w for w in _SPLIT.split(words.lower()) if len(w) > 2 and w not in SILENT]
    meant, effects, _ = (world, (), ()) if world is not None else understand(words)
    said = {e.field for e in effects} if world is None else {"sun_elevation", "warmth", "cloud_cover"}

    def near(entry: Entry) -> float:
        named = sum(max((_alike(w, own) for own in entry.words), default=0.0) for w in asked)
        assert meant is not None
        seen = 0.0
        if "sun_elevation" in said and entry.hardness > 0:
            seen += 0.5 * float(np.exp(-(((entry.sun_elevation - max(meant.sun_elevation, 0)) / 20) ** 2)))
        if "cloud_cover" in said:
            hard = 0.6 * max(0.0, 1 - 1.1 * meant.cloud_cover)
            seen += 0.5 * float(np.exp(-(((entry.hardness - hard) / 0.3) ** 2)))
        if "warmth" in said:
            seen += 0.5 * float(np.exp(-(((entry.warmth - 1.5 * meant.warmth + 0.2) / 0.8) ** 2)))
        return named + seen

    return sorted(entries, key=lambda e: (-near(e), e.name))


def _alike(asked: str, own: str) -> float:
    if asked == own or (len(asked) > 3 and (own.startswith(asked) or asked.startswith(own))):
        return 1.0
    return 0.7 if len(asked) > 4 and SequenceMatcher(None, asked, own).ratio() > 0.85 else 0.0


def _kept(root: Path) -> Path:
    cache = os.environ.get("NODEGRAPH_CACHE")
    if cache:
        base = Path(cache).expanduser()
    else:
        import platformdirs

        base = Path(platformdirs.user_cache_dir("nodegraph"))
    return base / "panoramas" / f"{hashlib.blake2b(str(root.resolve()).encode(), digest_size=10).hexdigest()}.json"


def _read(file: Path) -> dict[str, dict[str, object]]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found["entries"] if isinstance(found, dict) and found.get("version") == _VERSION else {}


def _write(file: Path, entries: dict[str, dict[str, object]]) -> None:
    """Whole or not at all; a full disk is no error."""
    partial = file.with_suffix(f".{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps({"version": _VERSION, "entries": entries}), encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        _log.warning("the index of panoramas can't be kept: %s", error)
