"""Asking servers, so that what goes wrong is said in words and no key is ever repeated."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from nodegraph.errors import CookError, NodegraphError
from nodegraph.generators.interface import Wait

#: Bytes an answer may have.
MAX_BYTES = 512 << 20
_CONNECT = 10.0
_REDIRECTS = 5


def missing(package: str) -> NodegraphError:
    return NodegraphError(f"{package} is not installed", hint='install the extra: pip install "nodegraph[generate]"')


def address(server: str, fallback: str = "") -> str:
    """A server's address with its scheme and without a slash at its end."""
    text = server.strip() or fallback
    text = text if "://" in text else f"http://{text}"
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NodegraphError(f"{server!r} is no server's address", hint="write http://HOST:PORT")
    return text.rstrip("/")


def shown(url: str) -> str:
    """An address as it may stand in a message: without user, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def is_local(url: str) -> bool:
    """Whether it is this machine, which no proxy stands before."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)


@dataclass(frozen=True, slots=True)
class Answer:
    url: str
    status: int
    kind: str
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_picture(self) -> bool:
        return self.kind.startswith("image/")

    def json(self) -> Any:
        """The body as plain data; None if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def excerpt(self) -> str:
        return " ".join(self.body[:400].decode("utf-8", "replace").split())


class Web:
    """A server's home and who asks there. `headers` go to the home's origin alone; `secrets` are left out of errors."""

    def __init__(
        self, engine: str, home: str, wait: Wait, headers: Mapping[str, str] | None = None, secrets: Iterable[str] = ()
    ) -> None:
        try:
            import httpx
        except ImportError:
            raise missing("httpx") from None
        self._httpx = httpx
        self.engine, self.home, self.wait = engine, home, wait
        self._headers, self._secrets = dict(headers or {}), tuple(s for s in secrets if s)
        self._client = httpx.Client(trust_env=not is_local(home))

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def hide(self, text: str) -> str:
        """The text without any key in it."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def error(self, message: str, hint: str | None = None) -> CookError:
        return CookError(self.hide(f"{self.engine} {message}"), hint=self.hide(hint) if hint else None)

    def ask(self, method: str, url: str, **content: Any) -> Answer:
        """One question. Redirects of a GET are followed, without headers to another origin."""
        answer, target = self._once(method, url, **content)
        for _ in range(_REDIRECTS):
            if not target:
                return answer
            if method != "GET":
                raise self.error(f"redirects {shown(url)} to {shown(target)}", "set that address")
            answer, target = self._once(method, target)
        raise self.error(f"redirects {shown(url)} again and again")

    def good(self, method: str, url: str, **content: Any) -> Answer:
        """The answer if it is one of success."""
        answer = self.ask(method, url, **content)
        if not answer.ok:
            raise self.refused(answer)
        return answer

    def refused(self, answer: Answer) -> CookError:
        hint = {401: "is the key right?", 403: "is the key right?", 404: "is the address right?"}.get(answer.status)
        said = f": {answer.excerpt}" if answer.excerpt else ""
        return self.error(f"answered {answer.status} at {shown(answer.url)}{said}", hint)

    def _once(self, method: str, url: str, **content: Any) -> tuple[Answer, str]:
        httpx = self._httpx
        if urlsplit(url).scheme not in ("http", "https"):
            raise self.error(f"names {shown(url)}, which is no web address")
        headers = self._headers if origin(url) == origin(self.home) else {}
        left = max(self.wait.left, 0.1)
        limits = httpx.Timeout(left, connect=min(left, _CONNECT))
        try:
            with self._client.stream(method, url, headers=headers, timeout=limits, **content) as came:
                body = self._body(came)
                target = urljoin(url, came.headers["location"]) if came.has_redirect_location else ""
                return Answer(url, came.status_code, came.headers.get("content-type", ""), body), target
        except httpx.ConnectError as error:
            raise self.error(
                f"can't be reached at {shown(url)}: {error}", "is it running, and the address right?"
            ) from None
        except httpx.ConnectTimeout:
            raise self.error(f"can't be reached at {shown(url)} within {limits.connect:g} s") from None
        except httpx.TimeoutException:
            raise self.wait.timeout() from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self.error(f"broke off at {shown(url)}: {error or type(error).__name__}") from None

    def _body(self, came: Any) -> bytes:
        found = bytearray()
        for chunk in came.iter_bytes():
            found += chunk
            if len(found) > MAX_BYTES:
                raise self.error(f"sent more than {MAX_BYTES >> 20} MiB")
            if not self.wait.left:
                raise self.wait.timeout()
        return bytes(found)
