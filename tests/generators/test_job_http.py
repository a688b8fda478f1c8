"""Services that take jobs, against a local one."""

from __future__ import annotations

import base64
import json
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("httpx", reason='needs the extra: pip install "nodegraph[generate]"')

from nodegraph.errors import Cancelled, NodegraphError
from nodegraph.generators import Request, Result, open_engine
from nodegraph.generators.pictures import to_png
from tests.generators.comfy import noise

KEY = "sk-very-secret-0451"
PICTURE = noise(64, 32, 3)

SPEC = """
engine = "painter"
model = "brush-2"
licence = "as the service says"
[submit]
url = "${server}/jobs"
headers = { Authorization = "Bearer ${ENV:NODEGRAPH_KEY_PAINTER}" }
body = { prompt = "${prompt}", seed = "${seed}", size = "${width}x${height}", image = "${picture_url}", kind = "a ${kind}" }
id = "job.id"
[poll]
url = "${server}/jobs/${id}"
status = "state"
done = ["succeeded"]
failed = ["failed"]
progress = "percent"
error = "error.message"
seconds = 0.02
[result]
at = "output.0.url"
[cancel]
url = "${server}/jobs/${id}/cancel"
"""


@dataclass
class Service:
    """Takes one job, is at 40 percent when first asked, and done when asked again."""

    url: str = ""
    bodies: list[Any] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    answers: dict[str, Callable[[], tuple[int, Any]]] = field(default_factory=dict)

    def answer(self, method: str, path: str) -> tuple[int, Any]:
        if path in self.answers:
            return self.answers[path]()
        if path == "/jobs":
            return 201, {"job": {"id": "a/7"}}
        if path == "/jobs/a%2F7":
            looks = sum(1 for _, each, _ in self.asked if each == path)
            done = {"state": "Succeeded", "output": [{"url": "/files/1.png"}]}
            return 200, {"state": "running", "percent": 40} if looks < 2 else done
        if path == "/files/1.png":
            return 200, to_png(PICTURE)
        return (200, {}) if path.endswith("/cancel") else (404, {"error": "no such thing"})


class _Handler(BaseHTTPRequestHandler):
    service: Service

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.service.bodies.append(json.loads(data) if data else None)
        self.do_GET()

    def do_GET(self) -> None:
        self.service.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
        status, said = self.service.answer(self.command, self.path)
        data = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", said["to"])
        self.send_header("Content-Type", "image/png" if isinstance(said, bytes) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _served() -> Iterator[Service]:
    service = Service()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"service": service}))
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield service
    server.shutdown()
    server.server_close()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("NODEGRAPH_KEY_PAINTER", KEY)
    yield from _served()


@pytest.fixture
def elsewhere() -> Iterator[Service]:
    yield from _served()


def make(service: Service, folder: Path, spec: str = SPEC, timeout: float = 10, **asked: Any) -> Result:
    file = folder / "painter.toml"
    file.write_text(spec)
    engine = open_engine("job HTTP", str(file), service.url, timeout)
    progress, cancelled = asked.pop("progress", lambda *_: None), asked.pop("cancelled", lambda: False)
    request = Request(**{"kind": "text to picture", "prompt": "a pier", "width": 64, "height": 32, "seed": 5, **asked})
    return engine.generate(request, progress, cancelled)


def test_a_job_from_submitting_to_fetching(service: Service, tmp_path: Path) -> None:
    told: list[Any] = []
    result = make(service, tmp_path, progress=lambda share, doing: told.append((share, doing)))
    assert np.array_equal(result.picture, PICTURE)
    assert (result.made.engine, result.made.model, result.made.licence) == ("painter", "brush-2", "as the service says")
    assert service.bodies == [{"prompt": "a pier", "seed": 5, "size": "64x32", "kind": "a text to picture"}]
    assert (0.4, "running") in told
    assert {key for _, _, key in service.asked} == {f"Bearer {KEY}"}


def test_a_picture_is_sent(service: Service, tmp_path: Path) -> None:
    make(service, tmp_path, kind="picture to picture", picture=PICTURE)
    sent = service.bodies[0]["image"]
    assert sent.startswith("data:image/png;base64,")
    assert base64.b64decode(sent.partition(",")[2]) == to_png(PICTURE)


def test_the_key_goes_to_its_own_origin_alone(service: Service, elsewhere: Service, tmp_path: Path) -> None:
    elsewhere.answers["/x.png"] = lambda: (200, to_png(PICTURE))
    service.answers["/files/1.png"] = lambda: (302, {"to": f"{elsewhere.url}/x.png"})
    assert np.array_equal(make(service, tmp_path).picture, PICTURE)
    assert elsewhere.asked == [("GET", "/x.png", "")]


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_a_picture_in_the_answer(service: Service, tmp_path: Path, prefix: str) -> None:
    said = {"data": [{"b64": prefix + base64.b64encode(to_png(PICTURE)).decode()}]}
    service.answers["/jobs"] = lambda: (200, said)
    spec = SPEC[: SPEC.index("[poll]")] + '[result]\nat = "data.0.b64"\n'
    assert np.array_equal(make(service, tmp_path, spec).picture, PICTURE)


def test_the_answer_is_the_picture(service: Service, tmp_path: Path) -> None:
    service.answers["/jobs"] = lambda: (200, to_png(PICTURE))
    assert np.array_equal(make(service, tmp_path, SPEC[: SPEC.index("[poll]")]).picture, PICTURE)


def test_cancelling_cancels_the_job(service: Service, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        make(service, tmp_path, cancelled=lambda: len(service.asked) > 1)
    assert service.asked[-1][:2] == ("POST", "/jobs/a%2F7/cancel")


FAILURES: dict[str, tuple[str, tuple[int, Any], str]] = {
    "unauthorised": (
        "/jobs",
        (401, {"error": f"the key {KEY} is no good"}),
        r"answered 401 .*\*\*\* is no good.*key right",
    ),
    "broken": ("/jobs", (500, {"trace": KEY}), "answered 500"),
    "no id": ("/jobs", (200, {"key": KEY}), r"did not say the job's id: .*'job\.id'.*correct the path"),
    "failed": ("/jobs/a%2F7", (200, {"state": "failed", "error": {"message": f"{KEY}!"}}), r"failed: \*\*\*!"),
    "no status": ("/jobs/a%2F7", (200, {"key": KEY}), "did not say the job's status"),
    "no json": ("/jobs/a%2F7", (200, KEY.encode()), "did not say the job's status"),
    "no result": ("/jobs/a%2F7", (200, {"state": "succeeded", "key": KEY}), "did not say the picture"),
    "odd address": ("/jobs/a%2F7", (200, {"state": "succeeded", "output": [{"url": f"ftp://{KEY}"}]}), "neither"),
    "no picture": ("/files/1.png", (200, KEY.encode()), "bytes that are no picture"),
    "gone": ("/files/1.png", (410, {"key": KEY}), "answered 410"),
    "hangs": ("/jobs/a%2F7", (200, {"state": "running", "key": KEY}), "no picture within 0.5 s"),
    "redirected": ("/jobs", (302, {"to": f"http://127.0.0.1:1/{KEY}"}), "redirects"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_no_error_has_the_key(service: Service, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    path, answer, said = FAILURES[name]
    service.answers[path] = lambda: answer
    with caplog.at_level(logging.INFO), pytest.raises(NodegraphError, match=said) as error:
        make(service, tmp_path, timeout=0.5 if name == "hangs" else 10)
    assert KEY not in "".join(traceback.format_exception(error.value)) + caplog.text + repr(error.value)


def test_no_key(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NODEGRAPH_KEY_PAINTER")
    with pytest.raises(NodegraphError, match="the key NODEGRAPH_KEY_PAINTER is not in the environment"):
        make(service, tmp_path)
    assert not service.asked


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[submit]", "[submitt]", "unknown 'submitt'.*submit"),
        ('url = "${server}/jobs"', "", "has no url"),
        ('status = "state"', "status = 3", "status is 3, of the wrong type"),
        ("${seed}", "${sead}", r"\$\{sead\} stands for nothing here"),
        ("${seed}", "${ENV:NODEGRAPH_KEY_PAINTER}", "keys belong into submit.headers"),
        ("[poll]", "[poll", "is neither TOML nor JSON"),
    ],
)
def test_specs_that_are_wrong(service: Service, tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(NodegraphError, match=said):
        make(service, tmp_path, SPEC.replace(old, new, 1))


def test_a_spec_in_json(service: Service, tmp_path: Path) -> None:
    import tomllib

    assert np.array_equal(make(service, tmp_path, json.dumps(tomllib.loads(SPEC))).picture, PICTURE)


def test_only_keys_that_were_put_there_for_it_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    from nodegraph.generators.job_http import with_keys

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not yours")
    with pytest.raises(NodegraphError, match="AWS_SECRET_ACCESS_KEY") as caught:
        with_keys({"X": "${ENV:AWS_SECRET_ACCESS_KEY}"})
    assert "not yours" not in str(caught.value)
