"""The editor's font files. The text fonts vary; the toolkit shows only what a file shows by default.

So each weight is made a file of its own, once, in the cache folder.
"""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=8)
def text_font(weight: int) -> str:
    """Inter at a weight (100 to 900)."""
    import fontpkg_inter

    return _instance(next(p for p in sorted(Path(fontpkg_inter.ROOT).rglob("*.ttf")) if "Italic" not in p.name), weight)


@lru_cache(maxsize=8)
def mono_font(weight: int = 400) -> str:
    """JetBrains Mono at a weight."""
    import fontpkg_jetbrains_mono

    root = Path(fontpkg_jetbrains_mono.ROOT)
    return _instance(next(p for p in sorted(root.rglob("*.ttf")) if "Italic" not in p.name), weight)


def icon_font() -> str:
    """Font Awesome's solid icons."""
    import fontawesomefree

    root = Path(fontawesomefree.__file__).parent
    return str(next(iter(sorted(root.rglob("webfonts/fa-solid-900.ttf")))))


def _instance(source: Path, weight: int) -> str:
    folder = _folder()
    stat = source.stat()
    target = folder / f"{source.stem.split('[')[0]}-{weight}-{stat.st_size:x}.ttf"
    if target.exists():
        return str(target)
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    with TTFont(source) as font:
        axes = {axis.axisTag: axis.defaultValue for axis in font["fvar"].axes}
        made = instantiateVariableFont(font, {**axes, "wght": weight})
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
        os.close(handle)
        made.save(name)
    os.replace(name, target)
    return str(target)


def _folder() -> Path:
    override = os.environ.get("NODEGRAPH_CACHE")
    if override:
        return Path(override) / "fonts"
    import platformdirs

    return Path(platformdirs.user_cache_dir("nodegraph")) / "fonts"
