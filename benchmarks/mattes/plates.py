# ruff: noqa: TID253
"""Real pictures before screens, and which of their parts are surely backing and surely subject.

No truth exists for them. Outlines were traced by hand over the pictures; sure is what lies farther
from them than the band, and outside the open parts (loose hair, what shows through glasses, what
is neither). Mattes are measured by what they leave in sure backing (`residue`), what they lack in
sure subject (`holes`), and by the screen's colour in the band (`spill`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.mattes.codec import Picture
from benchmarks.mattes.light import Codes, linear
from benchmarks.mattes.metrics import Mask, Result, holes, residue, spill
from benchmarks.mattes.subjects import SHARED, read

Points = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Plate:
    """A picture of the shared material; outlines and open parts are polygons in its pixels.

    `band` is how far from an outline, in pixels, nothing is sure. Points may lie outside the
    picture, so that a subject cut by its border has no band there.
    """

    name: str
    path: str
    outlines: tuple[Points, ...]
    open: tuple[Points, ...] = ()
    band: int = 4
    frame: int = 0


@dataclass(frozen=True)
class Regions:
    """Sure backing, sure subject and the band between them; open parts are in none of them but the band."""

    backing: Mask
    subject: Mask
    band: Mask


_PLANE: Points = (
    *((69, 54), (77, 52), (83, 51), (96, 55), (104, 62), (115, 71), (125, 80), (133, 87), (137, 89), (150, 93)),
    *((165, 97), (180, 102), (192, 106), (202, 109), (202, 110), (190, 113), (175, 116), (160, 120), (145, 123)),
    *((133, 126), (127, 128), (115, 136), (100, 149), (90, 156), (83, 160), (76, 162), (69, 164), (60, 161)),
    *((63, 150), (66, 138), (68, 131), (74, 130), (78, 120), (81, 112), (80, 110), (78, 106), (70, 117), (60, 132)),
    *((51, 135), (57, 120), (62, 106), (62, 103), (60, 99), (63, 98), (63, 61), (70, 64)),
)
_SLIT: Points = ((73, 82), (82, 82), (86, 103), (76, 103))
_WOMAN: Points = (
    *((-9, 336), (0, 318), (10, 290), (20, 268), (27, 250), (33, 230), (40, 207), (48, 190), (57, 178), (67, 170)),
    *((78, 165), (92, 163), (110, 165), (125, 168), (136, 170), (150, 171), (162, 166), (168, 161), (166, 147)),
    *((168, 135), (171, 122), (177, 110), (184, 97), (188, 85), (195, 77), (205, 70), (220, 67), (235, 68)),
    *((250, 75), (262, 86), (269, 97), (271, 110), (269, 130), (267, 145), (262, 155), (252, 166), (236, 170)),
    *((232, 178), (226, 186), (215, 195), (213, 205), (213, 215), (210, 225), (206, 229), (213, 236), (217, 250)),
    *((217, 260), (212, 275), (206, 290), (203, 305), (204, 330), (206, 350), (205, 384), (-9, 384)),
)
_MAN: Points = (
    *((249, 384), (249, 340), (253, 320), (260, 298), (268, 272), (277, 252), (283, 235), (290, 226), (303, 221)),
    *((313, 218), (317, 209), (325, 201), (335, 198), (341, 195), (336, 190), (331, 180), (329, 170), (327, 155)),
    *((325, 142), (325, 134), (319, 133), (316, 127), (315, 122), (318, 117), (324, 115), (326, 105), (323, 95)),
    *((321, 83), (322, 70), (330, 60), (340, 52), (350, 46), (362, 42), (375, 41), (387, 41), (398, 44), (408, 49)),
    *((420, 55), (430, 63), (435, 78), (437, 95), (438, 110), (437, 122), (439, 130), (438, 142), (432, 153)),
    *((428, 160), (424, 172), (422, 181), (440, 181), (455, 182), (470, 184), (485, 190), (497, 198), (509, 206)),
    (509, 384),
)
_LOOSE_RIGHT: Points = ((205, 185), (240, 163), (262, 150), (270, 150), (266, 180), (248, 208), (215, 214))
_LOOSE_LEFT: Points = ((148, 174), (153, 150), (157, 130), (175, 100), (182, 106), (172, 130), (170, 160), (165, 174))
_LENS: Points = ((312, 112), (331, 112), (331, 136), (312, 136))
_SKIRTING: Points = ((198, 360), (256, 360), (256, 384), (198, 384))
_STILL: Points = (
    *((4, 200), (8, 192), (14, 182), (25, 170), (38, 158), (50, 149), (70, 141), (90, 134), (101, 131), (107, 124)),
    *((104, 115), (101, 100), (99, 95), (96, 90), (97, 80), (98, 66), (99, 50), (101, 30), (103, 17), (112, 6)),
    *((118, -9), (180, -9), (185, 8), (191, 20), (194, 35), (195, 60), (197, 72), (196, 95), (192, 98), (190, 108)),
    *((188, 117), (193, 122), (198, 130), (215, 136), (240, 143), (257, 150), (268, 160), (275, 172), (287, 200)),
)
_LOOKING_UP: Points = (
    *((-9, 182), (10, 174), (25, 168), (38, 159), (52, 150), (62, 141), (70, 131), (80, 125), (100, 124), (113, 126)),
    *((112, 120), (108, 108), (107, 103), (103, 102), (103, 97), (107, 90), (107, 70), (108, 55), (110, 38), (115, 24)),
    *((122, 13), (132, 6), (145, 1), (155, -1), (168, 4), (178, 11), (187, 22), (193, 35), (198, 50), (200, 65)),
    *((201, 76), (204, 90), (202, 101), (196, 103), (192, 115), (189, 127), (196, 130), (205, 131), (215, 137)),
    *((228, 148), (238, 156), (255, 158), (275, 168), (290, 181), (306, 200), (-9, 200)),
)

PLATES = (
    Plate("paper plane", "greenscreen/ARKitChromaKeySamples/image001.png", (_PLANE,), (_SLIT,), band=3),
    Plate(
        "two people",
        "greenscreen/skimage-tutorials/greenscreen.jpg",
        (_WOMAN, _MAN),
        (_LOOSE_LEFT, _LOOSE_RIGHT, _LENS, _SKIRTING),
    ),
    Plate("man on yellow", "greenscreen/dom-examples/video.mp4", (_STILL,), band=5),
    Plate("man on yellow, 2", "greenscreen/dom-examples/video.mp4", (_LOOKING_UP,), band=5, frame=300),
)


def plates() -> Iterator[Plate]:
    """Those whose material is there."""
    return (plate for plate in PLATES if (SHARED / plate.path).is_file())


def load(plate: Plate) -> Picture:
    """The picture, in sRGB bytes."""
    path = str(SHARED / plate.path)
    if not path.endswith(".mp4"):
        return Picture(read(SHARED / plate.path))
    import av

    with av.open(path) as clip:
        for number, frame in enumerate(clip.decode(video=0)):
            if number == plate.frame:
                return Picture(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8), frame)
    raise ValueError(f"{path} has no frame {plate.frame}")


def regions(plate: Plate, height: int, width: int) -> Regions:
    """Where what is sure, in a picture of this size."""
    inside = np.zeros((height, width), np.uint8)
    unsure = np.zeros((height, width), np.uint8)
    for outline in plate.outlines:
        points = np.array(outline, np.int32)
        cv2.fillPoly(inside, [points], 1)
        cv2.polylines(unsure, [points], True, 1, 2 * plate.band + 1)
    for part in plate.open:
        cv2.fillPoly(unsure, [np.array(part, np.int32)], 1)
    subject, band = inside > 0, unsure > 0
    return Regions(~subject & ~band, subject & ~band, band)


def measure(result: Result, picture: Picture, where: Regions) -> dict[str, float]:
    """`residue`, `holes`, and `spill` in the band beyond what the subject just inside it has as photographed."""
    light = picture.light
    screen = np.median(linear(picture.codes[where.backing]), 0)
    near = cv2.dilate(where.band.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    rim = where.subject & near
    own = spill(Result(np.ones(rim.shape), light), screen, rim)
    return {
        "residue": residue(result.alpha, where.backing),
        "holes": holes(result.alpha, where.subject),
        "spill": max(0.0, spill(result, screen, where.band) - own),
    }


def shown(plate: Plate, zoom: int = 3) -> Codes:
    """The picture with sure backing blue and sure subject red, for looking at: RGB bytes."""
    codes = load(plate).codes.astype(np.float64)
    where = regions(plate, *codes.shape[:2])
    for mask, tint in ((where.backing, (0, 0, 255)), (where.subject, (255, 0, 0))):
        codes[mask] = codes[mask] * 0.5 + np.array(tint) * 0.5
    return np.repeat(np.repeat(codes.astype(np.uint8), zoom, 0), zoom, 1)
