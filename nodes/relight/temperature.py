"""The colour of a light by its temperature."""

from __future__ import annotations

import numpy as np


def of_kelvin(kelvin: float) -> tuple[float, float, float]:
    """Linear Rec. 709 of luminance 1: daylight from 4,000 K on (CIE 15, D illuminants), a black body below (M. Krystek 1985)."""
    t = float(np.clip(kelvin, 1000, 25000))
    if t >= 4000:
        terms = (-4.6070e9, 2.9678e6, 99.11, 0.244063) if t <= 7000 else (-2.0064e9, 1.9018e6, 247.48, 0.237040)
        x = terms[0] / t**3 + terms[1] / t**2 + terms[2] / t + terms[3]
        y = -3.0 * x * x + 2.870 * x - 0.275
    else:
        u = (0.860117757 + 1.54118254e-4 * t + 1.28641212e-7 * t * t) / (1 + 8.42420235e-4 * t + 7.08145163e-7 * t * t)
        v = (0.317398726 + 4.22806245e-5 * t + 4.20481691e-8 * t * t) / (1 - 2.89741816e-5 * t + 1.61456053e-7 * t * t)
        x, y = 3 * u / (2 * u - 8 * v + 4), 2 * v / (2 * u - 8 * v + 4)
    xyz = np.array([x / y, 1.0, (1 - x - y) / y])
    matrix = np.array(
        [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
    )
    r, g, b = (float(v) for v in np.maximum(matrix @ xyz, 0))
    return r, g, b
