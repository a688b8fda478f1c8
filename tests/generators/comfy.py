"""A server that speaks ComfyUI's protocol (server.py and execution.py of ComfyUI), for tests.

It checks what it is sent as the real one does, and answers in its shapes. `Comfy.plan` says how the next jobs go.
"""

from __future__ import annotations

import base64
import contextlib
import email.parser
import email.policy
import hashlib
import json
import struct
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np

from nodegraph.generators.pictures import to_png

#: The classes it has, and the inputs each needs.
CLASSES = {
    "KSampler": (
        "seed steps cfg sampler_name scheduler denoise model positive negative latent_image".split(),
        ["LATENT"],
    ),
    "CheckpointLoaderSimple": (["ckpt_name"], ["MODEL", "CLIP", "VAE"]),
    "CLIPTextEncode": (["text", "clip"], ["CONDITIONING"]),
    "EmptyLatentImage": (["width", "height", "batch_size"], ["LATENT"]),
    "VAEDecode": (["samples", "vae"], ["IMAGE"]),
    "VAEEncode": (["pixels", "vae"], ["LATENT"]),
    "VAEEncodeForInpaint": (["pixels", "vae", "mask", "grow_mask_by"], ["LATENT"]),
    "LoadImage": (["image"], ["IMAGE", "MASK"]),
    "LoadImageMask": (["image", "channel"], ["MASK"]),
    "LoraLoader": (["lora_name", "strength_model", "strength_clip", "model", "clip"], ["MODEL", "CLIP"]),
    "SaveImage": (["images", "filename_prefix"], []),
    "PreviewImage": (["images"], []),
}
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
OUTPUTS = ("SaveImage", "PreviewImage")
CHECKPOINTS = ("sd15.safetensors", "v1-5-pruned-emaonly.ckpt")


def noise(width: int, height: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@dataclass
class Plan:
    """How a job goes: "good", "error", "interrupted", "drop" (the socket closes), "hang"."""

    ends: str = "good"
    steps: int = 3
    socket: bool = True
    picture: Callable[[dict[str, Any]], bytes] | None = None
    images: bool = True


@dataclass
class Comfy:
    plan: Plan = field(default_factory=Plan)
    prompts: list[dict[str, Any]] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    history: dict[str, Any] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    interrupted: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)
    sockets: dict[str, Any] = field(default_factory=dict)
    url: str = ""

    # -- what execution.validate_prompt says

    def validate(self, prompt: Any) -> tuple[Any, dict[str, Any]]:
        if not any(about.get("class_type") in OUTPUTS for about in prompt.values()):
            return _problem("prompt_no_outputs", "Prompt has no outputs"), {}
        errors: dict[str, Any] = {}
        for id, about in prompt.items():
            known = CLASSES.get(about["class_type"])
            if known is None:
                details = f"Node ID '#{id}'"
                return _problem("invalid_prompt", "Cannot execute because node does not exist.", details), {}
            found = [
                _problem("required_input_missing", "Required input is missing", name)
                for name in known[0]
                if name not in about["inputs"]
            ]
            found += [p for name, value in about["inputs"].items() if (p := self.wrong(prompt, about, name, value))]
            if found:
                errors[id] = {"errors": found, "dependent_outputs": ["9"], "class_type": about["class_type"]}
        if errors:
            return _problem("prompt_outputs_failed_validation", "Prompt outputs failed validation"), errors
        return None, {}

    def wrong(self, prompt: Any, about: Any, name: str, value: Any) -> dict[str, Any] | None:
        if isinstance(value, list):
            if len(value) != 2 or value[0] not in prompt:
                return _problem("bad_linked_input", "Bad linked input", name)
            return None
        if name in ("seed", "steps", "width", "height") and not isinstance(value, int):
            return _problem("invalid_input_type", "Failed to convert an input value to a INT value", name)
        if name == "denoise" and not 0 <= value <= 1:
            return _problem("value_bigger_than_max", "Value bigger than max", name)
        if name == "ckpt_name" and value not in CHECKPOINTS:
            details = f"ckpt_name: '{value}' not in {list(CHECKPOINTS)}"
            return _problem("value_not_in_list", "Value not in list", details)
        if about["class_type"].startswith("LoadImage") and name == "image" and value not in self.uploads:
            return _problem("custom_validation_failed", "Custom validation failed", f"Invalid image file: {value}")
        return None

    # -- the job

    def run(self, id: str, prompt: dict[str, Any], client: str) -> None:
        plan, say = self.plan, self.say
        self.running.append(id)
        status: dict[str, Any] = {"status_str": "success", "completed": True, "messages": []}

        def tell(kind: str, **data: Any) -> None:
            data = {**data, "prompt_id": id}
            status["messages"].append([kind, data])
            say(client, {"type": kind, "data": data})

        say(client, {"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 1}}}})
        tell("execution_start", timestamp=int(time.time() * 1000))
        sampler = next((i for i, about in prompt.items() if about["class_type"] == "KSampler"), "0")
        say(client, {"type": "executing", "data": {"node": sampler, "display_node": sampler, "prompt_id": id}})
        say(client, {"type": "progress", "data": {"value": 1, "max": 2, "prompt_id": "another's", "node": "1"}})
        for step in range(plan.steps):
            data = {"value": step + 1, "max": plan.steps, "prompt_id": id, "node": sampler}
            say(client, {"type": "progress", "data": data})
            say(client, struct.pack(">II", 1, 2) + to_png(noise(8, 8, step)))  # a preview: PNG
        if plan.ends == "drop":
            self.drop(client)
            time.sleep(0.3)
        if plan.ends == "hang" or plan.ends == "interrupted":
            if plan.ends == "hang":
                while not self.interrupted.wait(0.02) and not self.closing.is_set():
                    pass
            tell("execution_interrupted", node_id=sampler, node_type="KSampler", executed=[])
            status.update(status_str="error", completed=False)
        elif plan.ends == "error":
            tell(
                "execution_error",
                node_id=sampler,
                node_type="KSampler",
                executed=[],
                exception_message="Allocation on device 0 would exceed allowed memory.\n",
                exception_type="torch.OutOfMemoryError",
                traceback=["..."],
                current_inputs={},
                current_outputs={},
            )
            status.update(status_str="error", completed=False)
        good = status["status_str"] == "success"
        outputs = self.outputs(prompt) if good and plan.images else {}
        for node, made in outputs.items():
            say(client, {"type": "executed", "data": {"node": node, "output": made, "prompt_id": id}})
        self.history[id] = {"prompt": [0, id, prompt, {}, []], "outputs": outputs, "status": status, "meta": {}}
        self.running.remove(id)
        if good:
            say(client, {"type": "execution_success", "data": {"prompt_id": id}})
            say(client, {"type": "executing", "data": {"node": None, "prompt_id": id}})

    def outputs(self, prompt: dict[str, Any]) -> dict[str, Any]:
        made = {}
        for node, about in prompt.items():
            if about["class_type"] in OUTPUTS:
                saved = about["class_type"] == "SaveImage"
                name = f"ComfyUI_{len(self.files):05d}_.png"
                self.files[name] = (self.plan.picture or painted)(prompt)
                image = {"filename": name, "subfolder": "", "type": "output" if saved else "temp"}
                made[node] = {"images": [image]}
        return made

    def say(self, client: str, message: Any) -> None:
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.send(client, 2 if isinstance(message, bytes) else 1, data)

    def send(self, client: str, kind: int, data: bytes) -> None:
        """A frame of a websocket, unmasked as servers send them."""
        length = bytes([len(data)]) if len(data) < 126 else struct.pack(">BH", 126, len(data))
        socket = self.sockets.get(client)
        if socket is not None:
            with contextlib.suppress(OSError):
                socket.sendall(bytes([0x80 | kind]) + length + data)

    def drop(self, client: str) -> None:
        self.send(client, 8, struct.pack(">H", 1001))
        socket = self.sockets.pop(client, None)
        if socket is not None:
            with contextlib.suppress(OSError):
                socket.shutdown(2)


def painted(prompt: dict[str, Any]) -> bytes:
    """Noise of the size and seed asked for."""
    inputs = {name: value for about in prompt.values() for name, value in about["inputs"].items()}
    return to_png(noise(inputs.get("width", 64), inputs.get("height", 32), inputs.get("seed", 0)))


def _problem(kind: str, message: str, details: str = "") -> dict[str, Any]:
    return {"type": kind, "message": message, "details": details, "extra_info": {}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    comfy: Comfy

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, body: Any, status: int = 200, kind: str = "application/json; charset=utf-8") -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.comfy.asked.append(f"GET {parts.path}")
        if parts.path == "/ws":
            self.websocket(parse_qs(parts.query).get("clientId", [""])[0])
        elif parts.path.startswith("/history/"):
            id = unquote(parts.path.removeprefix("/history/"))
            self.answer({id: self.comfy.history[id]} if id in self.comfy.history else {})
        elif parts.path == "/queue":
            running = [[0, id, {}, {}, []] for id in self.comfy.running]
            self.answer({"queue_running": running, "queue_pending": []})
        elif parts.path == "/view":
            query = parse_qs(parts.query)
            data = self.comfy.files.get(query.get("filename", [""])[0])
            self.answer(data or b"", 200 if data else 404, "image/png")
        else:
            self.answer(b"404: Not Found", 404, "text/plain")

    def do_POST(self) -> None:
        path, data = urlsplit(self.path).path, self.body()
        self.comfy.asked.append(f"POST {path}")
        if path == "/prompt":
            self.prompt(json.loads(data))
        elif path == "/upload/image":
            self.upload(data)
        elif path == "/interrupt":
            self.comfy.interrupted.set()
            self.answer(b"")
        elif path == "/queue":
            self.comfy.deleted += json.loads(data).get("delete", [])
            self.answer(b"")
        else:
            self.answer(b"404: Not Found", 404, "text/plain")

    def prompt(self, said: dict[str, Any]) -> None:
        if "prompt" not in said:
            return self.answer({"error": _problem("no_prompt", "No prompt provided"), "node_errors": {}}, 400)
        error, node_errors = self.comfy.validate(said["prompt"])
        if error:
            return self.answer({"error": error, "node_errors": node_errors}, 400)
        id = str(uuid.uuid4())
        self.comfy.prompts.append(said["prompt"])
        self.answer({"prompt_id": id, "number": len(self.comfy.prompts), "node_errors": {}})
        job = (id, said["prompt"], said.get("client_id", ""))
        threading.Thread(target=self.comfy.run, args=job, daemon=True).start()

    def upload(self, data: bytes) -> None:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + data)
        parts = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
        image = parts.get("image")
        if image is None or not image.get_filename():
            return self.answer(b"", 400)
        name = str(image.get_filename())
        self.comfy.uploads[name] = image.get_payload(decode=True)
        kind = parts["type"].get_payload() if "type" in parts else "input"
        self.answer({"name": name, "subfolder": "", "type": str(kind).strip()})

    def websocket(self, client: str) -> None:
        """On the same port, as ComfyUI has it (RFC 6455)."""
        if not self.comfy.plan.socket:
            return self.answer(b"404: Not Found", 404, "text/plain")
        assert self.headers["Upgrade"].lower() == "websocket" and self.headers["Sec-WebSocket-Version"] == "13"
        key = hashlib.sha1(self.headers["Sec-WebSocket-Key"].encode() + _GUID).digest()
        self.send_response(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade")):
            self.send_header(name, value)
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(key).decode())
        self.end_headers()
        self.close_connection = True
        self.comfy.sockets[client] = self.connection
        status = {"status": {"exec_info": {"queue_remaining": 0}}, "sid": client}
        self.comfy.say(client, {"type": "status", "data": status})
        with contextlib.suppress(OSError):
            while (head := self.connection.recv(4096)) and head[0] & 15 != 8:
                pass
        self.comfy.drop(client)


@contextmanager
def served() -> Iterator[Comfy]:
    comfy = Comfy()
    handler = type("Handler", (_Handler,), {"comfy": comfy})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    comfy.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield comfy
    finally:
        comfy.closing.set()
        for client in list(comfy.sockets):
            comfy.drop(client)
        server.shutdown()
        server.server_close()


def workflow(**more: Any) -> dict[str, Any]:
    """Text to picture, as ComfyUI's default workflow in API format."""
    nodes: dict[str, Any] = {
        "3": node("KSampler", "KSampler", seed=1, steps=20, cfg=8, sampler_name="euler", scheduler="normal", denoise=1,
                  model=["4", 0], positive=["6", 0], negative=["7", 0], latent_image=["5", 0]),
        "4": node("CheckpointLoaderSimple", "Load Checkpoint", ckpt_name="sd15.safetensors"),
        "5": node("EmptyLatentImage", "Empty Latent Image", width=512, height=512, batch_size=1),
        "6": node("CLIPTextEncode", "CLIP Text Encode (Prompt)", text="a bottle", clip=["4", 1]),
        "7": node("CLIPTextEncode", "CLIP Text Encode (Prompt)", text="text, watermark", clip=["4", 1]),
        "8": node("VAEDecode", "VAE Decode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", "Save Image", filename_prefix="ComfyUI", images=["8", 0]),
    }  # fmt: skip
    return {**nodes, **more}


def from_picture() -> dict[str, Any]:
    """A picture changed where its alpha says, as ComfyUI's inpainting example."""
    nodes = workflow()
    del nodes["5"]
    nodes["3"]["inputs"]["latent_image"] = ["11", 0]
    nodes["10"] = node("LoadImage", "Load Image", image="example.png")
    nodes["11"] = node("VAEEncodeForInpaint", "encode", pixels=["10", 0], vae=["4", 2], mask=["10", 1], grow_mask_by=6)
    return nodes


def node(kind: str, title: str, **inputs: Any) -> dict[str, Any]:
    return {"inputs": inputs, "class_type": kind, "_meta": {"title": title}}
