# ruff: noqa: TID253
"""What people key with today, at its default settings, on the same pictures.

Each is told the screen's colour in the same automatic way (`screen_codes`). None of their code is
here: the formulas are written anew from what they publish, and ffmpeg is called.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np

from benchmarks.mattes.codec import Picture
from benchmarks.mattes.light import Array, Codes, linear
from benchmarks.mattes.metrics import Mask, Result, excess, primaries

Keyer = Callable[[Sequence[Picture]], list[Result]]


def screen_codes(codes: Codes) -> Codes:
    """A picture's screen colour: of the pixels at its border, the median, then three times the
    median of the half nearest to that. Right where more than half of the border is screen.
    """
    ring = max(2, min(codes.shape[:2]) // 50)
    inner = np.zeros(codes.shape[:2], bool)
    inner[ring:-ring, ring:-ring] = True
    border = codes[~inner].astype(np.float64)
    colour = np.median(border, 0)
    for _ in range(3):
        away = ((border - colour) ** 2).sum(-1)
        colour = np.median(border[away <= np.median(away)], 0)
    return np.round(colour).astype(np.uint8)


def _straight(codes: Array | Codes, alpha: Array) -> Result:
    """Straight sRGB colour and its matte, as a result."""
    return Result(alpha, linear(codes) * alpha[..., None])


# -- colour difference


def plain(pictures: Sequence[Picture]) -> list[Result]:
    """Colour difference, untuned: 1 - a = e(pixel) / e(screen), F a = pixel - (1 - a) screen, in light.

    e = screen primary - max of the other two (P. Vlahos, US 4,100,569), no clips, no despill.
    """
    found = []
    for picture in pictures:
        screen, light = linear(screen_codes(picture.codes)), picture.light
        through = np.clip(excess(light, screen) / max(float(excess(screen, screen)), 1e-6), 0, 1)
        found.append(Result(1 - through, np.maximum(light - through[..., None] * screen, 0)))
    return found


# -- ffmpeg


def ffmpeg(name: str, similarity: float = 0.01, blend: float = 0.0) -> Keyer:
    """ffmpeg's `chromakey` or `colorkey`, then its `despill`, which is for green and blue only.

    libavfilter's own defaults, similarity 0.01 and blend 0, are meant for a flat colour; the
    usual ones of tutorials and of ffmpeg's examples are 0.1:0.2 and 0.3:0.2. It gets the picture
    as it decodes: 4:2:0 where the codec has that, else RGB, and converts as it likes.
    """

    def key(pictures: Sequence[Picture]) -> list[Result]:
        return [_filtered(p, name, f"similarity={similarity}:blend={blend}") for p in pictures]

    return key


def _filtered(picture: Picture, name: str, settings: str) -> Result:
    from fractions import Fraction

    import av

    screen = screen_codes(picture.codes)
    frame = picture.frame or av.VideoFrame.from_ndarray(np.ascontiguousarray(picture.codes), format="rgb24")
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    graph = av.filter.Graph()
    chain = [
        graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base),
        graph.add(name, "color=0x{:02x}{:02x}{:02x}:".format(*screen) + settings),
    ]
    own = primaries(linear(screen))
    if own in ([1], [2]):
        chain.append(graph.add("despill", f"type={'green' if own == [1] else 'blue'}"))
    chain += [graph.add("format", "pix_fmts=rgba"), graph.add("buffersink")]
    graph.link_nodes(*chain).configure()
    chain[0].push(frame)
    last: Any = chain[-1]
    rgba = last.pull().to_ndarray()
    return _straight(rgba[..., :3], rgba[..., 3] / 255.0)


# -- OBS Studio

#: Cb and Cr of BT.709 in limited range, R, G, B 0..1.
_CB = np.array([-0.100644, -0.338572, 0.439216])
_CR = np.array([0.439216, -0.398942, -0.040274])
#: What its key colour types Green and Blue stand for.
_OBS_KEYS = {1: (0, 255, 0), 2: (0, 153, 255)}


def obs(picked: bool = False) -> Keyer:
    """OBS Studio's chroma key at its defaults: similarity 400, smoothness 80, spill 100 (of 1000).

    d is the distance of a pixel's (Cb, Cr) to the key's, the mean of the pixel and four half-pixel
    samples around it that count twice; a = clip((d - similarity) / smoothness)^1.5, and colour is
    mixed to grey (Rec. 709 luma) by clip((d - similarity) / spill)^1.5. All on encoded values.
    Its key colour by default is the type Green, sRGB(0, 255, 0), or Blue, sRGB(0, 153, 255); `picked`
    takes the screen's own instead. Published in obs-studio, plugins/obs-filters, chroma_key_filter_v2.
    """

    def key(pictures: Sequence[Picture]) -> list[Result]:
        return [_obs(p, picked) for p in pictures]

    return key


def _obs(
    picture: Picture, picked: bool, similarity: float = 0.4, smoothness: float = 0.08, spill: float = 0.1
) -> Result:
    rgb = picture.codes / 255.0
    screen = screen_codes(picture.codes)
    own = primaries(linear(screen))
    meant = screen / 255.0 if picked or len(own) > 1 else np.array(_OBS_KEYS.get(own[0], screen)) / 255.0

    def distance(pixels: Array) -> Array:
        return np.asarray(np.hypot((pixels - meant) @ _CB, (pixels - meant) @ _CR))

    height, width = rgb.shape[:2]
    padded = np.pad(rgb, ((1, 1), (1, 1), (0, 0)), mode="edge")

    def at(dx: int, dy: int) -> Array:
        return padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]

    total = distance(rgb)
    for one, other in (((-1, -1), (-1, 0)), ((1, 0), (1, 1)), ((-1, 1), (0, 1)), ((0, -1), (1, -1))):
        total = total + 2 * distance((at(*one) + at(*other)) / 2)
    over = total / 9 - similarity
    alpha = np.asarray(np.clip(over / smoothness, 0, 1) ** 1.5, np.float64)
    keep = (np.clip(over / spill, 0, 1) ** 1.5)[..., None]
    grey = (rgb @ np.array([0.2126, 0.7152, 0.0722]))[..., None]
    return _straight(grey + (rgb - grey) * keep, alpha)


# -- OpenCV, PyMatting


def hsv(pictures: Sequence[Picture]) -> list[Result]:
    """Naive HSV, as tutorials do it: OpenCV's inRange, hue +-20 (of 180), saturation and value >= 50 (of 255)."""
    return [_straight(p.codes, np.where(_in_range(p.codes), 0.0, 1.0)) for p in pictures]


def _in_range(codes: Codes) -> Mask:
    picture = cv2.cvtColor(np.ascontiguousarray(codes), cv2.COLOR_RGB2HSV)
    screen = cv2.cvtColor(screen_codes(codes)[None, None], cv2.COLOR_RGB2HSV)[0, 0]
    hue = int(screen[0])
    return np.asarray(cv2.inRange(picture, np.array([hue - 20, 50, 50]), np.array([hue + 20, 255, 255])) > 0)


def closed_form(pictures: Sequence[Picture]) -> list[Result]:
    """Closed-form matting (Levin, Lischinski and Weiss 2008, PyMatting) from an automatic trimap.

    Sure is what `hsv` says, eroded by 1 % of the picture's longer side on both sides, after parts
    of under 0.1 % of the picture were taken out; colour by multi-level foreground estimation.
    """
    return [_closed_form(p) for p in pictures]


def _closed_form(picture: Picture) -> Result:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pymatting import estimate_alpha_cf, estimate_foreground_ml

    reach = max(2, round(max(picture.codes.shape) / 100))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    screen = _in_range(picture.codes).astype(np.uint8)
    screen = _without_specks(1 - _without_specks(1 - screen))
    trimap = np.full(screen.shape, 0.5)
    trimap[cv2.erode(screen, kernel) > 0] = 0.0
    trimap[cv2.erode(1 - screen, kernel) > 0] = 1.0
    codes = picture.codes / 255.0
    if not ((trimap == 0).any() and (trimap == 1).any()):
        return _straight(picture.codes, np.where(screen > 0, 0.0, 1.0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alpha = np.asarray(np.clip(estimate_alpha_cf(codes, trimap), 0, 1), np.float64)
        colour = np.clip(estimate_foreground_ml(codes, alpha), 0, 1)
    return _straight(colour, alpha)


def _without_specks(mask: Codes) -> Codes:
    """A mask (0 and 1) without its parts smaller than 0.1 % of the picture."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    keep = stats[:, cv2.CC_STAT_AREA] >= mask.size / 1000
    keep[0] = False
    return np.asarray(keep[labels], np.uint8)


#: By name; those of `RIVALS` set the issue's bar: at most half of the best one's MSE.
PEERS: dict[str, Keyer] = {
    "colour difference": plain,
    "ffmpeg chromakey": ffmpeg("chromakey"),
    "ffmpeg chromakey .1:.2": ffmpeg("chromakey", 0.1, 0.2),
    "ffmpeg colorkey": ffmpeg("colorkey"),
    "ffmpeg colorkey .3:.2": ffmpeg("colorkey", 0.3, 0.2),
    "OBS": obs(),
    "OBS, picked": obs(True),
    "HSV": hsv,
    "closed form": closed_form,
}
RIVALS = tuple(name for name in PEERS if name.startswith(("ffmpeg", "OBS", "HSV")))
SLOW = ("closed form",)
