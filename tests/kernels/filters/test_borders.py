"""Continuing a picture beyond its border."""

from __future__ import annotations

import numpy as np

from nodegraph.kernels.filters.borders import hold
from nodegraph.values import Window


def test_border_pixels_go_on() -> None:
    picture = np.random.default_rng(1).random((2, 5, 7)).astype(np.float32)
    padded = np.zeros((2, 10, 12), np.float32)
    padded[:, 3:8, 1:8] = picture
    hold(padded, Window(-1, -3, 11, 7), Window(0, 0, 7, 5))
    np.testing.assert_array_equal(padded, np.pad(picture, ((0, 0), (3, 2), (1, 4)), mode="edge"))


def test_a_window_within_the_picture_or_beside_it_stays() -> None:
    for window in (Window(1, 1, 4, 4), Window(20, 20, 23, 23)):
        whole = np.random.default_rng(2).random((1, 3, 3)).astype(np.float32)
        whole.flags.writeable = False
        hold(whole, window, Window(0, 0, 7, 5))
