"""Copied keys as text: rows of keys by track, so that they go from window to window.

{"keys": [{"track": ["blur", "size", 0], "animation": [[1, 4.0, "smooth"], [12, 8.0, "hold"]]}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from nodegraph.editor.tracks import TrackId
from nodegraph.errors import DocumentError
from nodegraph.graph import Animation, Key
from nodegraph.graph.stored import decode_unknown, encode


def write(keys: Mapping[TrackId, Iterable[Key]]) -> str:
    """Keys by track as text; every track has at least one."""
    return json.dumps({"keys": [{"track": list(id), **encode(Animation(rows))} for id, rows in keys.items()]})


def read(text: str, frame: float, onto: TrackId | None = None) -> dict[TrackId, list[Key]]:
    """The keys in text, moved in time so that the first is at `frame`.

    With `onto` they are that track's; DocumentError when there are several tracks of them then,
    or when the text isn't copied keys.
    """
    found = dict(_tracks(text))
    if onto is not None:
        if len(found) > 1:
            raise DocumentError(f"there are keys of {len(found)} tracks", hint="copy those of one track")
        found = dict.fromkeys([onto], *found.values())
    by = frame - min(animation.keys[0].frame for animation in found.values())
    return {id: [replace(key, frame=key.frame + by) for key in a.keys] for id, a in found.items()}


def _tracks(text: str) -> list[tuple[TrackId, Animation]]:
    try:
        data: Any = json.loads(text)
        found = [(TrackId(*row["track"]), decode_unknown({"animation": row["animation"]})) for row in data["keys"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        found = []
    sound = all(
        isinstance(id.path, str) and isinstance(id.param, str) and type(id.component) is int and type(a) is Animation
        for id, a in found
    )
    if not found or not sound:
        raise DocumentError("there are no keys in it", where="the clipboard", hint="copy keys first")
    return found
