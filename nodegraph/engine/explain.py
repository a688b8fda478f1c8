"""Why a node cooked: which parameter, input or part of the context is new since last time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nodegraph.engine.instance import Instance


@dataclass(frozen=True, slots=True)
class Seen:
    """What an instance was made of when it was last cooked."""

    key: bytes
    frame: int
    code: bytes
    context: bytes
    values: dict[str, Any]
    inputs: tuple[tuple[str, str, bytes], ...]

    @classmethod
    def of(cls, instance: Instance) -> Seen:
        inputs = tuple((port, each.q.path, each.key) for port, all_ in instance.inputs.items() for each in all_)
        values = dict(instance.q.values.asdict())
        return cls(instance.key, instance.frame, instance.parts["code"], instance.parts["context"], values, inputs)


class Explainer:
    """Remembers what each node was last made of."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}
        self._reasons: dict[str, list[str]] = {}

    def cooked(self, instance: Instance) -> None:
        now = Seen.of(instance)
        before = self._seen.get(instance.path)
        self._reasons[instance.path] = reasons(before, now)
        self._seen[instance.path] = now

    def why(self, path: str) -> list[str]:
        """Why the node cooked when it last did; empty if it never did."""
        return self._reasons.get(path, [])


def reasons(before: Seen | None, now: Seen) -> list[str]:
    """What differs, in words, most telling first."""
    if before is None:
        return ["first cook"]
    if before.key == now.key:
        return ["same as before, no longer in the cache (or a larger region was asked for)"]
    found = [
        f"parameter {name} changed from {before.values.get(name)!r} to {value!r}"
        for name, value in now.values.items()
        if before.values.get(name) != value
    ]
    had = {port: (path, key) for port, path, key in before.inputs}
    for port, path, key in now.inputs:
        if port not in had:
            found.append(f"input {port} was connected to {path}")
        elif had[port][0] != path:
            found.append(f"input {port} now comes from {path}, before from {had[port][0]}")
        elif had[port][1] != key:
            found.append(f"input {port} ({path}) changed")
    ports = {port for port, _, _ in now.inputs}
    found += [f"input {port} was disconnected" for port in had if port not in ports]
    if before.code != now.code:
        found.append("the node's code changed")
    if before.context != now.context:
        frame = f" (frame {before.frame} to {now.frame})" if before.frame != now.frame else ""
        found.append(f"the context it reads, or its file, changed{frame}")
    return found or ["the project's format or proxy scale changed"]
