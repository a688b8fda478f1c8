"""The editor's font files. The text fonts vary; the toolkit shows only what a file shows by default.

So each weight is made a file of its own, once (about a second each), in the cache folder.
"""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

#: Counted up when what is made of a font changes.
_REVISION = 1
#: Nothing here sets text by these, and without them a weight is made five times as fast.
_UNUSED = ("GSUB", "GPOS", "GDEF", "MVAR", "STAT")


@lru_cache(maxsize=16)
def text_font(weight: int = 400, optical: int = 14) -> str:
    """Inter at a weight (100 to 900), drawn for an optical size (14 for text, to 32 for titles)."""
    return _instance("fontpkg_inter", {"wght": weight, "opsz": optical})


@lru_cache(maxsize=8)
def mono_font(weight: int = 400) -> str:
    """JetBrains Mono at a weight (100 to 800)."""
    return _instance("fontpkg_jetbrains_mono", {"wght": weight})


def icon_font() -> str:
    """Font Awesome's solid icons."""
    import fontawesomefree

    return str(Path(fontawesomefree.__file__).parent / "static/fontawesomefree/webfonts/fa-solid-900.ttf")


def _instance(package: str, axes: dict[str, int]) -> str:
    """The file of one instance of a package's variable font: made if there is none yet."""
    files = sorted(Path(str(import_module(package).__file__)).parent.rglob("*.ttf"))
    source = next(file for file in files if "Italic" not in file.name)
    values = "-".join(f"{tag}{value}" for tag, value in sorted(axes.items()))
    name = f"{source.stem.split('[')[0]}-{version(package)}-{values}-{_REVISION}.ttf"
    target = _folder() / name
    if target.exists():
        return str(target)
    try:
        _make(source, axes, target)
    except OSError:  # a folder nobody may write to: its default weight is better than no window
        return str(source)
    return str(target)


def _make(source: Path, axes: dict[str, int], target: Path) -> None:
    """Write an instance; whoever reads the target at that moment finds all of it or nothing."""
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    target.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=target.parent, suffix=".part")
    os.close(handle)
    try:
        with TTFont(source) as font:
            for tag in _UNUSED:
                if tag in font:
                    del font[tag]
            _even_figures(font)
            instantiateVariableFont(font, axes, inplace=True)
            font.save(part)
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _even_figures(font: Any) -> None:
    """Figures of one width, where the font has such: numbers that change don't wobble."""
    glyphs = set(font.getGlyphOrder())
    for table in font["cmap"].tables:
        for code in map(ord, "0123456789"):
            even = f"{table.cmap.get(code)}.tf"
            if even in glyphs:
                table.cmap[code] = even


def _folder() -> Path:
    """Beside the kernels that are kept."""
    override = os.environ.get("NODEGRAPH_CACHE")
    if override:
        return Path(override) / "fonts"
    from platformdirs import user_cache_path

    return user_cache_path("nodegraph") / "fonts"
