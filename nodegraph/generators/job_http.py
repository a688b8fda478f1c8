"""Services that take a job over HTTP, work on it, and have a picture at the end, as a small file describes them.

    engine = "some service"              # how results are signed; model and licence too, if wanted
    [submit]
    url = "https://HOST/jobs"            # ${server} is the node's server
    headers = { Authorization = "Bearer ${ENV:NODEGRAPH_KEY_SERVICE}" }
    body = { prompt = "${prompt}", seed = "${seed}", size = "${width}x${height}", image = "${picture}" }
    id = "id"                            # where the answer has the job's id, as a dotted path
    [poll]
    url = "https://HOST/jobs/${id}"      # or url_at = "urls.get": where the answer to the job has it
    status = "status"
    done = ["succeeded"]
    failed = ["failed", "canceled"]
    progress = "progress"                # optional: 0..1 or 0..100
    error = "error.message"              # optional
    seconds = 1.0
    [result]
    at = "output.0"                      # an address, a data: address or base64
    [cancel]                             # optional
    url = "https://HOST/jobs/${id}/cancel"

TOML, or the same as JSON. In bodies `${prompt} ${negative} ${seed} ${steps} ${strength} ${width} ${height} ${kind}` and
`${picture} ${mask}` (PNGs in base64; `${picture_url} ${mask_url}` as data: addresses) stand for the request's values; a text
that is only one of them becomes the value itself, and a field whose value isn't there is left out. Without [poll] the answer to the job has the
result, or is the picture.

Keys come from the environment and into headers alone: `${ENV:NODEGRAPH_KEY_...}`. Only variables of that beginning are read, so
that a file from somebody else sends nothing out that was not put there for this. They are sent to the origin of the job's address, never
to another that an answer names; they are not stored, and no error repeats them.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin

from nodegraph.errors import CookError, MediaError, NodegraphError, did_you_mean
from nodegraph.generators.interface import Asked, Progress, Request, Result, Wait, checked
from nodegraph.generators.pictures import decode, to_png
from nodegraph.generators.web import Answer, Web, address
from nodegraph.values import Made

NAME = "job HTTP"

#: What a spec may say, by table ("" is the top), and what it must.
_KNOWN: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "": {"engine": str, "model": str, "licence": str, "submit": dict, "poll": dict, "result": dict, "cancel": dict},
    "submit": {"url": str, "method": str, "headers": dict, "body": dict, "id": str},
    "poll": {
        "url": str, "url_at": str, "status": str, "done": list, "failed": list, "progress": str, "error": str,
        "seconds": (int, float),
    },
    "result": {"at": str},
    "cancel": {"url": str, "method": str},
}  # fmt: skip
_NEEDED = {"": ("submit",), "submit": ("url",), "poll": ("status", "done"), "result": ("at",), "cancel": ("url",)}
_NAMES = frozenset(
    "server id prompt negative seed steps strength width height kind picture mask picture_url mask_url".split()
)
_PLACE = re.compile(r"\$\{([^}]*)\}")


def open_engine(path: str, server: str, timeout: float) -> JobHTTP:
    if not path:
        raise CookError("no spec is chosen", hint="set workflow to a file that describes the service")
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise MediaError(f"can't be read: {error.strerror}", where=path, hint="choose a service's spec") from None
    spec = _parsed(data, path)
    home = address(server) if server.strip() else ""
    digest = hashlib.sha256(data + b"\0" + home.encode()).hexdigest()
    return JobHTTP(spec, digest, home, timeout, str(spec.get("engine", NAME)))


def _parsed(data: bytes, path: str) -> Mapping[str, Any]:
    try:
        text = data.decode()
        spec = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except ValueError as error:
        raise MediaError(f"is neither TOML nor JSON: {error}", where=path) from None
    for table in ("", "submit", "poll", "result", "cancel"):
        if table in spec or not table:
            _check(spec[table] if table else spec, table, path)
    if "poll" in spec and "url" not in spec["poll"] and "url_at" not in spec["poll"]:
        raise MediaError("[poll] has no url and no url_at", where=path, hint="say where to ask how the job is")
    for place in _PLACE.findall(
        json.dumps({k: v for k, v in spec.items() if k != "submit"} | {"b": _but_headers(spec)})
    ):
        if place not in _NAMES:
            hint = "keys belong into submit.headers" if place.startswith("ENV:") else did_you_mean(place, _NAMES)
            raise MediaError(f"${{{place}}} stands for nothing here", where=path, hint=hint)
    return spec  # type: ignore[no-any-return]


def _but_headers(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in spec["submit"].items() if key != "headers"}


def _check(said: Any, table: str, path: str) -> None:
    named = f"[{table}] " if table else ""
    known = _KNOWN[table]
    if not isinstance(said, dict):
        raise MediaError(f"{named}is no table", where=path)
    for key, value in said.items():
        if key not in known:
            raise MediaError(
                f"{named}has the unknown {key!r}", where=path, hint=did_you_mean(key, known) or ", ".join(known)
            )
        if not isinstance(value, known[key]):
            raise MediaError(f"{named}{key} is {value!r}, of the wrong type", where=path)
    for key in _NEEDED[table]:
        if key not in said:
            raise MediaError(f"{named}has no {key}", where=path, hint="see the docs of nodegraph.generators.job_http")


@dataclass(frozen=True)
class JobHTTP:
    spec: Mapping[str, Any]
    digest: str
    server: str = ""
    timeout: float = 300.0
    name: str = NAME

    def generate(self, request: Request, progress: Progress, cancelled: Asked) -> Result:
        wait = Wait(self.name, self.timeout, cancelled)
        headers, secrets = with_keys(self.spec["submit"].get("headers", {}))
        values = {**values_of(request), "server": self.server}
        home = address(str(filled(self.spec["submit"]["url"], values)))
        with Web(self.name, home, wait, headers, secrets) as web:
            try:
                pixels, linear = decode(_Job(self.spec, web, values, progress).run(), self.name)
            except NodegraphError as error:  # whatever a server says may repeat a key
                error.message = web.hide(error.message)
                error.args = (error.message,)
                raise
        made = Made(
            self.name, request.prompt, request.seed, str(self.spec.get("model", "")), str(self.spec.get("licence", ""))
        )
        return checked(Result(pixels, made, linear), request, self.name)


#: Variables that a spec may ask for: others of the environment are nobody's business.
_SHARED = "NODEGRAPH_KEY_"


class _Job:
    """One job: submitted, watched, fetched."""

    def __init__(self, spec: Mapping[str, Any], web: Web, values: Mapping[str, Any], progress: Progress) -> None:
        self.spec, self.web, self.progress = spec, web, progress
        self.values = dict(values)

    def run(self) -> bytes:
        self.web.wait.check()
        self.progress(0.0, "sending")
        submit = self.spec["submit"]
        answer = self.web.good(
            submit.get("method", "POST"), self.web.home, json=filled(submit.get("body", {}), self.values)
        )
        if "poll" in self.spec:
            try:
                answer = self.watch(answer)
            except BaseException:
                self.stop()
                raise
        self.progress(1.0, "fetching")
        return self.fetch(answer)

    def watch(self, submitted: Answer) -> Answer:
        poll, said = self.spec["poll"], submitted.json()
        where = self.spec["submit"].get("id")
        if where:
            self.values["id"] = quote(str(self.found(said, where, "the job's id")), safe="")
        if "url_at" in poll:
            url = urljoin(self.web.home, str(self.found(said, poll["url_at"], "where to ask")))
        else:
            url = str(filled(poll["url"], self.values))
        while True:
            self.web.wait.rest(max(float(poll.get("seconds", 1.0)), 0.02))
            answer = self.web.good("GET", url)
            if self.over(answer.json()):
                return answer

    def over(self, said: Any) -> bool:
        """Whether the job is done; CookError if it failed."""
        poll = self.spec["poll"]
        status = str(self.found(said, poll["status"], "the job's status"))
        if status.lower() in {str(word).lower() for word in poll["done"]}:
            return True
        if status.lower() in {str(word).lower() for word in poll.get("failed", ())}:
            reason = at(said, poll["error"]) if "error" in poll else None
            raise self.web.error(f"failed: {reason or status}", "see the service's own log")
        done = at(said, poll["progress"]) if "progress" in poll else None
        number = float(done) if isinstance(done, (int, float)) else 0.0
        self.progress(min(max(number / 100 if number > 1 else number, 0.0), 1.0), status)
        return False

    def stop(self) -> None:
        """Take the job back, if the service has a way. What goes wrong here must not hide why."""
        if "cancel" not in self.spec or ("${id}" in self.spec["cancel"]["url"] and "id" not in self.values):
            return
        cancel = self.spec["cancel"]
        self.web.wait = Wait(self.web.engine, 5.0, lambda: False)
        with contextlib.suppress(CookError):
            self.web.ask(cancel.get("method", "POST"), str(filled(cancel["url"], self.values)))

    def fetch(self, answer: Answer) -> bytes:
        if answer.is_picture:
            return answer.body
        if "result" not in self.spec:
            raise self.web.error(f"answered {answer.kind or 'something'}, no picture", "say in [result] where it is")
        value = self.found(answer.json(), self.spec["result"]["at"], "the picture")
        if not isinstance(value, str):
            raise self.web.error(f"has no picture at {self.spec['result']['at']!r} but {type(value).__name__}")
        if value.startswith(("http://", "https://", "/")) and not value.startswith("/9j/"):  # that is JPEG in base64
            return self.web.good("GET", urljoin(self.web.home, value)).body
        try:
            return base64.b64decode(value.partition(",")[2] if value.startswith("data:") else value, validate=True)
        except binascii.Error:
            raise self.web.error("has neither an address nor base64 where the picture should be") from None

    def found(self, said: Any, where: str, what: str) -> Any:
        value = at(said, where)
        if value is None:
            raise self.web.error(
                f"did not say {what}: there is nothing at {where!r} in {json.dumps(said)[:300]}",
                "correct the path in the spec",
            )
        return value


def at(said: Any, path: str) -> Any:
    """What is at a dotted path, numbers counting lists from 0; None if nothing is."""
    for step in path.split("."):
        if isinstance(said, dict):
            said = said.get(step)
        elif isinstance(said, list) and step.isdigit() and int(step) < len(said):
            said = said[int(step)]
        else:
            return None
    return said


def values_of(request: Request) -> dict[str, Any]:
    """What the placeholders stand for; None is left out."""
    values: dict[str, Any] = {
        "prompt": request.prompt,
        "negative": request.negative or None,
        "seed": request.seed,
        "steps": request.steps or None,
        "strength": request.strength if request.picture is not None else None,
        "width": request.width,
        "height": request.height,
        "kind": request.kind,
        **request.extra,
    }
    for name, plane in (("picture", request.picture), ("mask", request.mask)):
        png = None if plane is None else base64.b64encode(to_png(plane)).decode()
        values[name] = png
        values[f"{name}_url"] = png and f"data:image/png;base64,{png}"
    return values


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with its placeholders replaced; fields whose value isn't there are left out."""
    if isinstance(template, str):
        whole = _PLACE.fullmatch(template)
        if whole:
            return values.get(whole[1])
        return _PLACE.sub(lambda match: "" if (v := values.get(match[1])) is None else str(v), template)
    if isinstance(template, dict):
        made = {key: filled(value, values) for key, value in template.items()}
        return {key: value for key, value in made.items() if value is not None}
    if isinstance(template, list):
        return [value for each in template if (value := filled(each, values)) is not None]
    return template


def with_keys(headers: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Headers with the keys from the environment in them, and those keys."""
    secrets: list[str] = []

    def key(match: re.Match[str]) -> str:
        name = match[1].removeprefix("ENV:")
        if not name.startswith(_SHARED):
            raise CookError(
                f"the spec asks for {name} of the environment",
                hint=f"only names that begin with {_SHARED} may be sent out; put the key into {_SHARED}...",
            )
        value = os.environ.get(name, "").strip() if match[1].startswith("ENV:") else ""
        if not value:
            raise CookError(
                f"the key {name} is not in the environment", hint=f"set the variable {name} and start again"
            )
        secrets.append(value)
        return value

    return {name: _PLACE.sub(key, str(value)) for name, value in headers.items()}, secrets
