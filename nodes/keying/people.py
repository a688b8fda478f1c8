"""People in a picture, found by trained networks at their own size."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import Any, NamedTuple

import numpy as np

from .guide import Guide, Plane, srgb

#: Below this a detected body, and a body's landmarks, are not believed.
_SCORE, _PRESENCE = 0.5, 0.5
#: Of a body whose square is this many picture heights the pose network's matte is taken, or the selfie network's.
_FAR, _NEAR = 1.4, 2.4


@dataclass(frozen=True)
class Found:
    """What the networks saw, by cells: the matte, how sure they are of it, and how many bodies there were."""

    matte: Plane
    sure: Plane
    bodies: int


class Body(NamedTuple):
    """A body's square in cells: the middle between the hips, its size, and which way is up (radians)."""

    x: float
    y: float
    size: float
    turned: float


def find(guide: Guide, subject: str, people: int) -> Found:
    """The matte of `subject` ("person", "props" or both)."""
    picture = srgb(guide.colour)
    found = _props(picture) if subject == "props" else _people(picture, people)
    if subject == "person and props":
        props = _props(picture)
        more = props.matte > found.matte
        found = Found(
            np.where(more, props.matte, found.matte), np.where(more, props.sure, found.sure), found.bodies
        )  # fmt: skip
    return found


def _sized(picture: Plane, width: int, height: int) -> Plane:
    import cv2

    shrinks = picture.shape[0] >= height and picture.shape[1] >= width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.float32)


def _certain(matte: Plane) -> Plane:
    return np.abs(2 * matte - 1)


def _props(picture: Plane) -> Found:
    """U^2-Net: whatever stands out. Its answer is stretched to 0..1, as its authors do."""
    from nodegraph.models import load

    seen = _sized(picture, 320, 320)
    even = (seen / max(float(seen.max()), 1e-6) - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
    raw = load("u2netp")(even.transpose(2, 0, 1)[None])[0][0, 0]
    low, high = float(raw.min()), float(raw.max())
    matte = (raw - low) / (high - low) if high - low > 0.1 else np.zeros_like(raw)  # else nothing stands out
    matte = np.clip(_sized(matte, picture.shape[1], picture.shape[0]), 0, 1)
    return Found(matte, _certain(matte), 0)


def _people(picture: Plane, people: int) -> Found:
    """The selfie network's matte of those who are near, the pose network's of those seen whole."""
    from nodegraph.models import load

    height, width = picture.shape[:2]
    asked = load("selfie").ask(_sized(picture, 256, 256)[None])
    bodies = _bodies(picture)[:people]
    near = np.clip(_sized(asked.result()[0][0, ..., 0], width, height), 0, 1)
    whole, share, least = np.zeros_like(near), np.zeros_like(near), 1.0
    count = 0
    for body in bodies:
        seen = _matte_of(picture, body)
        if seen is None:
            continue
        count += 1
        matte, inside = seen
        weight = _smooth((_NEAR - body.size / height) / (_NEAR - _FAR))
        least = min(least, weight)
        np.maximum(whole, matte, out=whole)
        np.maximum(share, weight * inside, out=share)
    if count == 0:
        return Found(near, _certain(near), 0)
    np.maximum(share, least, out=share)
    both = near + share * (whole - near)
    apart = np.abs(whole - near) * 4 * share * (1 - share)  # where both have a say, and disagree
    return Found(both, _certain(both) * (1 - apart), count)


def _smooth(u: float) -> float:
    u = min(max(u, 0.0), 1.0)
    return u * u * (3 - 2 * u)


# --- bodies -----------------------------------------------------------------------------------


def _anchors() -> Plane:
    """The middles of the detector's cells: two at stride 8, two at 16, and six at 32, of 224."""
    middles = []
    for stride, many in ((8, 2), (16, 2), (32, 6)):
        count = 224 // stride
        ys, xs = np.mgrid[0:count, 0:count]
        middles.append(np.stack([xs, ys], -1).reshape(-1, 2).repeat(many, 0) * stride + stride / 2)
    return np.concatenate(middles).astype(np.float32)


def _bodies(picture: Plane) -> list[Body]:
    """Where bodies are, the surest first; of those around the same hips one."""
    from nodegraph.models import load

    height, width = picture.shape[:2]
    scale = 224 / max(height, width)
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (224 - wide) // 2, (224 - high) // 2
    seen = np.zeros((224, 224, 3), np.float32)
    seen[top : top + high, left : left + wide] = _sized(picture, wide, high)
    boxes, scores = load("pose_detection")(seen[None] * 2 - 1)
    surest = _logistic(scores[0, :, 0])
    points = boxes[0, :, 4:8].reshape(-1, 2, 2) + _anchors()[:, None]
    points = (points - (left, top)) * (width / wide, height / high)
    found: list[Body] = []
    for k in np.argsort(-surest):
        if not surest[k] >= _SCORE:
            break
        (x, y), (up_x, up_y) = points[k].tolist()
        size = 2.5 * hypot(up_x - x, up_y - y)
        apart = all(hypot(x - other.x, y - other.y) > 0.2 * min(size, other.size) for other in found)
        if size > 1 and apart:
            found.append(Body(x, y, size, float(np.arctan2(up_x - x, y - up_y))))
    return found


def _matte_of(picture: Plane, body: Body) -> tuple[Plane, Plane] | None:
    """One body's matte, and where its square is, which fades at its borders; None where nobody is."""
    import cv2

    from nodegraph.models import load

    height, width = picture.shape[:2]
    cos, sin = np.cos(body.turned) * body.size / 256, np.sin(body.turned) * body.size / 256
    turn = np.array([[cos, -sin], [sin, cos]])  # from the square's pixels to the picture's cells
    corner = np.array([body.x, body.y]) - turn @ (127.5, 127.5)
    placed = np.column_stack([turn, corner])
    seen = cv2.warpAffine(picture, placed, (256, 256), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    _, presence, mask, *_ = load("pose")(seen[None])
    if not presence[0, 0] >= _PRESENCE:
        return None
    ramp = np.minimum(np.arange(256), np.arange(256)[::-1]) / 16
    inside = np.minimum(np.minimum(ramp, 1)[:, None], np.minimum(ramp, 1)).astype(np.float32)
    both: Any = cv2.warpAffine(np.dstack([_logistic(mask[0, ..., 0]), inside]), placed, (width, height))
    return both[..., 0], both[..., 1]


def _logistic(v: Plane) -> Plane:
    return (1 / (1 + np.exp(-np.clip(v, -30, 30)))).astype(np.float32)
