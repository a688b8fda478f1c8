# ruff: noqa: TID253
"""Turning a 1080p RGBA picture beside OpenCV's warpAffine, through the same kind of filter.

OpenCV is timed on its own layout, channels side by side, and on planes, which ours are; a picture
that came and went as planes would cost it the merge and the split besides.

OpenCV's cubic is sharper than Catmull-Rom (a = -0.75 against -0.5), its Lanczos has four lobes
and ours three; all read as many pixels or more. Both use two threads.
"""

from __future__ import annotations

import cv2
import numpy as np
from timing import side_by_side, table

from nodegraph.kernels.pool import Pool
from nodegraph.kernels.resample import warp_projective
from nodegraph.values import Window

SIZE = (1920, 1080)


def main() -> None:
    window = Window.sized(*SIZE)
    planar = np.random.default_rng(1).random((4, SIZE[1], SIZE[0]), np.float32)
    mixed, out = np.ascontiguousarray(planar.transpose(1, 2, 0)), np.empty_like(planar)
    other, separate = np.empty_like(mixed), np.empty_like(planar)
    pool = Pool(2)
    cv2.setNumThreads(2)
    for degrees in (7, 30):
        c, s = np.cos(np.radians(degrees)) * 0.9, np.sin(np.radians(degrees)) * 0.9
        matrix = np.array([[c, -s, 960 * (1 - c) + 540 * s], [s, c, 540 * (1 - c) - 960 * s], [0, 0, 1]])
        centres = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
        theirs = (np.linalg.inv(centres) @ matrix @ centres)[:2]
        for name, flag in (
            ("bilinear", cv2.INTER_LINEAR),
            ("catmull-rom", cv2.INTER_CUBIC),
            ("lanczos", cv2.INTER_LANCZOS4),
        ):

            def ours(name: str = name, matrix: np.ndarray = matrix) -> None:
                warp_projective(planar, out, matrix, window, window, name, pool)

            def cv(flag: int = flag, theirs: np.ndarray = theirs) -> None:
                cv2.warpAffine(mixed, theirs, SIZE, dst=other, flags=flag | cv2.WARP_INVERSE_MAP)

            def planes(flag: int = flag, theirs: np.ndarray = theirs) -> None:
                for source, target in zip(planar, separate, strict=True):
                    cv2.warpAffine(source, theirs, SIZE, dst=target, flags=flag | cv2.WARP_INVERSE_MAP)

            candidates = {"OpenCV": cv, "OpenCV on planes": planes, "nodegraph": ours}
            times = side_by_side({**candidates, "memcpy": lambda: np.copyto(out, planar)}, 3)
            table(f"{name}, turned by {degrees} degrees", times, "OpenCV")


if __name__ == "__main__":
    main()
