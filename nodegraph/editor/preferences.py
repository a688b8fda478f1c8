"""What a person set the editor up like: a TOML file in the user's config folder.

Fields that this version doesn't know stay in the file. One that holds nonsense is put aside as
`preferences.toml.broken`, and the defaults are used.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from nodegraph.errors import DocumentError
from nodegraph.graph.files import write_atomic

FILE = "preferences.toml"
RECENT = 12  # files remembered


def config_folder(folder: str | os.PathLike[str] | None = None) -> Path:
    """Where preferences are: as asked, else `NODEGRAPH_CONFIG`, else the user's config folder."""
    asked = folder or os.environ.get("NODEGRAPH_CONFIG")
    if asked:
        return Path(asked)
    from platformdirs import user_config_path

    return user_config_path("nodegraph", appauthor=False)


@dataclass
class Preferences:
    """All preferences; a field's default is what a fresh installation has.

    `ui_scale` is a factor; `cache_memory` is in MiB, 0 for "a share of what the machine has";
    `keys` maps actions to their keys, over those of `keymap`; `view` is what a viewer begins with ("sRGB",
    "none" or "display/view" of the colour config). `recent` are absolute paths, newest first.
    """

    ui_scale: float = 1.0
    keymap: str = "nuke"
    keys: dict[str, list[str]] = field(default_factory=dict)
    thumbnails: bool = True
    cache_memory: int = 0
    view: str = "sRGB"
    templates: str = ""
    recent: list[str] = field(default_factory=list)
    #: Fields of the file that this version doesn't know.
    extra: dict[str, Any] = field(default_factory=dict)

    def set(self, name: str, value: Any) -> None:
        """Change one; DocumentError when there is no such preference or the value doesn't fit."""
        check = _CHECKS.get(name)
        if check is None:
            raise DocumentError(f"there is no preference {name!r}", hint=f"one of {', '.join(_CHECKS)}")
        setattr(self, name, check(value, name))

    def add_recent(self, path: str | os.PathLike[str]) -> None:
        """A file was opened or saved: it comes first."""
        new = os.path.abspath(path)
        self.recent = [new, *(p for p in self.recent if p != new)][:RECENT]

    def recent_files(self) -> list[Path]:
        """The recent files that are there now, newest first."""
        return [Path(p) for p in self.recent if os.path.isfile(p)]

    def save(self, folder: str | os.PathLike[str] | None = None) -> None:
        """Write the file whole; DocumentError when the disk refuses, and the old file stays."""
        import tomli_w

        target = config_folder(folder) / FILE
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "extra"}
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DocumentError(f"can't be saved: {error.strerror}", where=str(target)) from None
        write_atomic(target, tomli_w.dumps({**plain, **self.extra}).encode())


def load_preferences(folder: str | os.PathLike[str] | None = None) -> tuple[Preferences, list[str]]:
    """The preferences, and what was wrong with the file, each in a sentence with file and line.

    Nothing here raises: without a file, or with one that can't be read, they are the defaults.
    A value that doesn't fit is left out alone.
    """
    file = config_folder(folder) / FILE
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return Preferences(), []
    except OSError as error:
        return Preferences(), [f"{file}: can't be read: {error.strerror} (the defaults are used)"]
    try:
        text = data.decode()
        plain = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return Preferences(), [f"{file}: {_place(error, data)} ({_put_aside(file)}; the defaults are used)"]
    return _from_plain(plain, file, text)


def _from_plain(plain: dict[str, Any], file: Path, text: str) -> tuple[Preferences, list[str]]:
    found, problems = Preferences(), []
    for name, value in plain.items():
        if name not in _CHECKS:
            found.extra[name] = value
            continue
        try:
            found.set(name, value)
        except DocumentError as error:
            problems.append(f"{file}: line {_line_of(name, text)}: {error} (the default is used)")
    return found, problems


def _place(error: Exception, data: bytes) -> str:
    """What is wrong and in which line, in words."""
    if isinstance(error, UnicodeDecodeError):
        line = data[: error.start].count(b"\n") + 1
        return f"line {line}: isn't UTF-8"
    if isinstance(error, RecursionError):
        return "is nested too deep"
    return str(error)  # tomllib says line and column


def _line_of(name: str, text: str) -> int:
    """The line of a field, by its name; 1 when it is written in an unusual way."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.replace(" ", "").startswith((f"{name}=", f"[{name}]", f'"{name}"=')):
            return number
    return 1


def _put_aside(file: Path) -> str:
    broken = file.with_name(f"{file.name}.broken")
    try:
        os.replace(file, broken)
    except OSError as error:
        return f"it can't be put aside: {error.strerror}"
    return f"it is kept as {broken.name}"


# -- what fits


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise DocumentError(f"wants text, not {value!r}", where=name)
    return value


def _switch(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise DocumentError(f"wants true or false, not {value!r}", where=name)
    return value


def _number(low: float, high: float) -> Callable[[Any, str], float]:
    def check(value: Any, name: str) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise DocumentError(f"wants a number from {low:g} to {high:g}, not {value!r}", where=name)
        return float(value)

    return check


def _memory(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1 << 40:
        raise DocumentError(f"wants a whole number of MiB, not {value!r}", where=name)
    return value


def _keys(value: Any, name: str) -> dict[str, list[str]]:
    wrong = DocumentError('wants keys by action, as in "file.save" = ["Ctrl+S"]', where=name)
    if not isinstance(value, dict):
        raise wrong
    found = {}
    for action, keys in value.items():
        several = [keys] if isinstance(keys, str) else keys
        if not isinstance(several, list) or not all(isinstance(k, str) for k in several):
            raise wrong
        found[str(action)] = list(several)
    return found


def _recent(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise DocumentError("wants a list of paths", where=name)
    return list(dict.fromkeys(value))[:RECENT]


_CHECKS: dict[str, Callable[[Any, str], Any]] = {
    "ui_scale": _number(0.5, 3.0),
    "keymap": _text,
    "keys": _keys,
    "thumbnails": _switch,
    "cache_memory": _memory,
    "view": _text,
    "templates": _text,
    "recent": _recent,
}
