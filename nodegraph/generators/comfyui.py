"""ComfyUI, on this machine or another.

    upload pictures ─> POST /prompt ─> listen on /ws ─(done)─> GET /history/{id} ─> GET /view
                                            └─(the socket drops)─> poll /history

The workflow is the user's (see `workflow` for where values go in it). Who gives up takes the job from the queue, or
interrupts it if it runs; another's job is never interrupted.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import numpy as np

from nodegraph.errors import CookError, MediaError
from nodegraph.generators import workflow
from nodegraph.generators.interface import Asked, Progress, Request, Result, Wait, checked
from nodegraph.generators.pictures import decode, to_png
from nodegraph.generators.web import Web, address, is_local, missing
from nodegraph.generators.workflow import Workflow
from nodegraph.values import Made

NAME = "ComfyUI"
SERVER = "http://127.0.0.1:8188"
#: Seconds between looks at /history: without a socket, and with one that is silent.
POLL, SILENT = 0.5, 5.0
#: How long one listens before looking whether it was cancelled.
_TICK = 0.1
_MESSAGE = 64 << 20

_log = logging.getLogger(__name__)


def open_engine(path: str, server: str, timeout: float) -> ComfyUI:
    if not path:
        raise CookError("no workflow is chosen", hint="set workflow to a file saved with 'Export (API)' in ComfyUI")
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise MediaError(f"can't be read: {error.strerror}", where=path, hint="choose a ComfyUI workflow") from None
    return ComfyUI(workflow.parse(data, path), hashlib.sha256(data).hexdigest(), address(server, SERVER), timeout)


@dataclass(frozen=True)
class ComfyUI:
    workflow: Workflow
    digest: str
    server: str = SERVER
    timeout: float = 300.0
    name: str = NAME

    def generate(self, request: Request, progress: Progress, cancelled: Asked) -> Result:
        wait = Wait(NAME, self.timeout, cancelled)
        with Web(NAME, self.server, wait) as web:
            return checked(_Job(self, web, wait, progress).run(request), request, NAME)


class _Job:
    """One picture being made."""

    def __init__(self, engine: ComfyUI, web: Web, wait: Wait, progress: Progress) -> None:
        self.workflow, self.server = engine.workflow, engine.server
        self.web, self.wait, self.progress = web, wait, progress
        self.client, self.id = uuid.uuid4().hex, ""

    def run(self, request: Request) -> Result:
        self.wait.check()
        self.progress(0.0, "sending")
        nodes = self.workflow.filled(request, self.upload(request))
        with contextlib.ExitStack() as stack:
            socket = self.listen(stack)  # before anything is asked, so that nothing is missed
            self.id = self.queue(nodes)
            try:
                outputs = self.follow(socket)
            except BaseException:
                self.stop()
                raise
        self.progress(1.0, "fetching")
        pixels, linear = decode(self.fetch(self.picked(outputs)), NAME)
        made = Made(NAME, request.prompt, request.seed, self.workflow.model)
        return Result(pixels, made, linear)

    # -- sending

    def upload(self, request: Request) -> dict[str, str]:
        """The server's names of the pictures it was sent."""
        files: dict[str, str] = {}
        if request.picture is None:
            titled = self.workflow.places.get("picture")
            if titled and self.workflow.title(titled.node).strip().lower() == "picture":
                raise CookError("the workflow wants a picture and none is connected", hint="connect image")
            return files
        pixels = request.picture
        if request.mask is not None:
            place = self.workflow.place("mask")
            if place is not None and place.in_alpha:  # what is transparent is what ComfyUI paints
                pixels = np.dstack([pixels, 255 - request.mask])
            else:
                files["mask"] = self.sent("mask", to_png(request.mask))
        self.workflow.place("picture")
        return {**files, "picture": self.sent("picture", to_png(pixels))}

    def sent(self, name: str, png: bytes) -> str:
        named = f"nodegraph-{name}-{hashlib.sha256(png).hexdigest()[:16]}.png"
        part = {"image": (named, png, "image/png")}
        answer = self.web.good(
            "POST", f"{self.server}/upload/image", files=part, data={"type": "input", "overwrite": "true"}
        )
        said = answer.json()
        if not isinstance(said, dict) or not isinstance(said.get("name"), str):
            raise self.web.error(f"took the {name} but did not say where: {answer.excerpt}", "is it ComfyUI?")
        below = said.get("subfolder") or ""
        return f"{below}/{said['name']}" if below else str(said["name"])

    def queue(self, nodes: Mapping[str, Any]) -> str:
        body = {"prompt": nodes, "client_id": self.client}
        answer = self.web.ask("POST", f"{self.server}/prompt", json=body)
        said = answer.json()
        if isinstance(said, dict) and (said.get("node_errors") or said.get("error")):
            raise self.invalid(said)
        if not answer.ok:
            raise self.web.refused(answer)
        if not isinstance(said, dict) or not isinstance(said.get("prompt_id"), str):
            raise self.web.error(f"gave the job no prompt_id: {answer.excerpt}", "is it ComfyUI?")
        return str(said["prompt_id"])

    def invalid(self, said: Mapping[str, Any]) -> CookError:
        """What the server holds against the workflow, node by node."""
        found = [
            f"{self.workflow.title(str(id))} ({id}): {_told(each)}"
            for id, about in _items(said.get("node_errors"))
            for each in (about.get("errors") if isinstance(about, dict) else None) or [{}]
        ]
        found = found or [_told(said.get("error"))]
        hint = "are its models and custom nodes installed on the server? try the workflow in ComfyUI itself"
        return self.web.error(f"refuses the workflow: {'; '.join(found)}", hint)

    # -- waiting

    def listen(self, stack: contextlib.ExitStack) -> Any | None:
        """The socket for progress; None if there is none, which is no error: the history tells the same, later."""
        try:
            from websockets.exceptions import WebSocketException
            from websockets.sync.client import connect
        except ImportError:
            raise missing("websockets") from None
        url = f"ws{self.server.removeprefix('http')}/ws?clientId={self.client}"
        proxy: Literal[True] | None = None if is_local(self.server) else True
        try:
            socket = connect(url, max_size=_MESSAGE, open_timeout=min(10, self.wait.left), close_timeout=1, proxy=proxy)
        except (OSError, WebSocketException) as error:
            _log.warning("%s: no progress is shown, its websocket can't be had: %s", NAME, error)
            return None
        return stack.enter_context(socket)

    def follow(self, socket: Any | None) -> Mapping[str, Any]:
        """Wait for the end; the outputs by node."""
        from websockets.exceptions import ConnectionClosed

        looked = time.monotonic()
        while socket is not None:
            self.wait.check()
            try:
                message = socket.recv(timeout=min(_TICK, self.wait.left + 0.001))
                looked = time.monotonic()
            except TimeoutError:
                message = None
            except ConnectionClosed:
                _log.warning("%s: its websocket closed; asking its history from now on", NAME)
                break
            over = message is not None and self.heard(message)
            if over or time.monotonic() - looked > SILENT:
                looked = time.monotonic()
                outputs = self.outputs()
                if outputs is not None:
                    return outputs
                if over:
                    break  # the history is written a moment after the message
        return self.poll()

    def poll(self) -> Mapping[str, Any]:
        while True:
            self.wait.check()
            outputs = self.outputs()
            if outputs is not None:
                return outputs
            self.wait.rest(POLL)

    def heard(self, message: str | bytes) -> bool:
        """Whether the message says that the job is over; CookError if it failed. Previews are bytes."""
        if isinstance(message, bytes):
            return False
        try:
            said = json.loads(message)
            kind, data = said["type"], said.get("data") or {}
        except (ValueError, TypeError, KeyError, AttributeError):
            return False
        if not isinstance(data, dict) or data.get("prompt_id", self.id) != self.id:
            return False  # another's job
        if kind in ("execution_error", "execution_interrupted"):
            raise self.failed(kind, data)
        if kind == "progress":
            self.advance(data)
        elif kind == "executing" and data.get("node") is not None:
            self.progress(0.0, self.workflow.title(str(data["node"])))
        return kind == "execution_success" or (kind == "executing" and "prompt_id" in data and data.get("node") is None)

    def advance(self, data: Mapping[str, Any]) -> None:
        value, most = data.get("value"), data.get("max")
        if isinstance(value, (int, float)) and isinstance(most, (int, float)) and most > 0:
            node = self.workflow.title(str(data["node"])) if data.get("node") is not None else "step"
            self.progress(min(value / most, 1.0), f"{node} {value:g}/{most:g}")

    def outputs(self) -> Mapping[str, Any] | None:
        """What the history says was made; None while it says nothing."""
        said = self.web.good("GET", f"{self.server}/history/{quote(self.id)}").json()
        entry = said.get(self.id) if isinstance(said, dict) else None
        if not isinstance(entry, dict):
            return None
        status = entry.get("status")
        if isinstance(status, dict) and status.get("status_str") == "error":
            for kind, data in (m for m in status.get("messages") or [] if isinstance(m, list) and len(m) == 2):
                if kind in ("execution_error", "execution_interrupted"):
                    raise self.failed(kind, data if isinstance(data, dict) else {})
            raise self.failed("execution_error", {})
        outputs = entry.get("outputs")
        return outputs if isinstance(outputs, dict) else {}

    def failed(self, kind: str, data: Mapping[str, Any]) -> CookError:
        node = str(data.get("node_id", ""))
        name = f"{self.workflow.title(node)} ({node})" if node else "the workflow"
        if kind == "execution_interrupted":
            return self.web.error(f"was interrupted at {name}", "somebody stopped it there; cook again")
        said = " ".join(str(data.get("exception_message") or "no reason given").split())
        sort = data.get("exception_type") or "error"
        hint = "the server has too little memory: lower the size" if "memory" in said.lower() else "see its console"
        return self.web.error(f"failed at {name}: {sort}: {said}", hint)

    def stop(self) -> None:
        """Take the job back. What goes wrong here must not hide why."""
        self.wait = self.web.wait = Wait(NAME, 5.0, lambda: False)
        try:
            said = self.web.good("GET", f"{self.server}/queue").json()
            running = said.get("queue_running") if isinstance(said, dict) else None
            mine = any(isinstance(e, list) and len(e) > 1 and e[1] == self.id for e in running or [])
            if mine:
                self.web.good("POST", f"{self.server}/interrupt", json={"prompt_id": self.id})
            else:
                self.web.good("POST", f"{self.server}/queue", json={"delete": [self.id]})
        except CookError as error:
            _log.warning("the job was given up but could not be taken back: %s", error)

    # -- fetching

    def picked(self, outputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """The picture that is the result: of the node titled so, else what is saved before what is only shown."""
        order = [self.workflow.result] if self.workflow.result else list(self.workflow.nodes)
        found = [
            image
            for id in order
            for image in (outputs.get(str(id)) or {}).get("images") or []
            if isinstance(image, dict) and isinstance(image.get("filename"), str)
        ]
        found.sort(key=lambda image: image.get("type") != "output")
        if not found:
            raise self.web.error("is done but made no picture", "the workflow needs a SaveImage or PreviewImage node")
        return found[0]

    def fetch(self, image: Mapping[str, Any]) -> bytes:
        asked = {
            "filename": image["filename"],
            "subfolder": image.get("subfolder") or "",
            "type": image.get("type") or "output",
        }
        return self.web.good("GET", f"{self.server}/view", params=asked).body


def _items(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _told(error: Any) -> str:
    """An error of the server's as words: its message and details."""
    if not isinstance(error, dict):
        return str(error or "it does not say why")
    return ": ".join(str(error[k]) for k in ("message", "details") if error.get(k)) or str(
        error.get("type", "no reason")
    )
