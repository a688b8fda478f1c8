# ruff: noqa: TID253
"""Gaussian blur and dilation at several sizes beside OpenCV's, 1080p RGBA float32, two threads."""

from __future__ import annotations

import cv2
import numpy as np
from timing import side_by_side, table

from nodegraph.kernels.filters.blur import gaussian, gaussian_reach
from nodegraph.kernels.filters.morphology import square, square_reach
from nodegraph.kernels.pool import Pool

WIDTH, HEIGHT = 1920, 1080


def padded(rng: np.random.Generator, reach: tuple[int, int]) -> np.ndarray:
    return rng.random((4, HEIGHT + 2 * reach[1], WIDTH + 2 * reach[0]), np.float32)


def main() -> None:
    rng, pool = np.random.default_rng(1), Pool(2)
    cv2.setNumThreads(2)
    mixed = rng.random((HEIGHT, WIDTH, 4), np.float32)
    other, out = np.empty_like(mixed), np.empty((4, HEIGHT, WIDTH), np.float32)
    for sigma in (1.5, 5.0, 20.0, 80.0):
        src = padded(rng, gaussian_reach(sigma, sigma))

        def blur(src: np.ndarray = src, sigma: float = sigma) -> None:
            gaussian(src, out, sigma, sigma, pool)

        def cv_blur(sigma: float = sigma) -> None:
            cv2.GaussianBlur(mixed, (0, 0), sigma, dst=other, borderType=cv2.BORDER_REPLICATE)

        table(f"Gaussian, sigma {sigma:g}", side_by_side({"OpenCV": cv_blur, "nodegraph": blur}, 3), "OpenCV")
    for radius in (2, 10, 50):
        src = padded(rng, square_reach(radius, radius))
        kernel = np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)

        def dilate(src: np.ndarray = src, radius: int = radius) -> None:
            square(src, out, radius, radius, pool)

        def cv_dilate(kernel: np.ndarray = kernel) -> None:
            cv2.dilate(mixed, kernel, dst=other)

        table(f"dilate, radius {radius}", side_by_side({"OpenCV": cv_dilate, "nodegraph": dilate}, 3), "OpenCV")


if __name__ == "__main__":
    main()
