# ruff: noqa: TID253
"""The clear sky: sunlight scattered by air, haze and ozone, in eight bands of the spectrum.

Densities, ozone and geometry follow E. Bruneton and F. Neyret, "Precomputed Atmospheric Scattering" (EGSR 2008, and
Bruneton's implementation of 2017), the table for light scattered many times S. Hillaire, "A Scalable and Production
Ready Sky and Atmosphere Rendering Technique" (EGSR 2020), haze by turbidity A. Preetham et al., "A Practical Analytic
Model for Daylight" (SIGGRAPH 1999, appendix; Angstrom's formula), colour matching C. Wyman et al. (JCGT 2013).

    columns(r, mu)  air above a point, along a ray  ─┐
    many(r, mu_s)   what is scattered often          ├─> sky(elevation, azimuth from the sun)  ─> radiance of a direction

Lengths are km. Radiance 1 is 31,831 cd/m2: a white card under 100,000 lux.
"""

from __future__ import annotations

from functools import lru_cache
from math import pi
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL
from nodegraph.kernels.pool import Pool

Table = NDArray[np.float32]

GROUND, TOP = 6360.0, 6460.0
SUN_RADIUS = 0.2666
"""Of the sun's disc, and nearly the moon's, in degrees."""

_RAYLEIGH_HEIGHT, _MIE_HEIGHT = 8.0, 1.2
_G, _ALBEDO_OF_HAZE = 0.8, 0.92
_GROUND_ALBEDO = 0.2
#: Band middles in nm, each 40 wide; solar irradiance at the top of the air in W/m2/nm (ASTM G173, by Bruneton), and
#: ozone's cross-section in 1e-25 m2 there.
_NM = np.array([410.0, 450, 490, 530, 570, 610, 650, 690])
_SOLAR = np.array([1.7305, 2.0347, 1.9581, 1.8931, 1.8345, 1.6965, 1.5214, 1.4482])
_OZONE = np.array([0.0276, 0.2316, 0.9016, 2.755, 4.672, 4.305, 2.238, 0.9423])
_BANDS = len(_NM)
_COLUMNS, _MANY = (64, 256), (24, 24)


def _matching() -> NDArray[np.float64]:
    """CIE 1931 2 degrees, (bands, 3), each band's mean: the multi-lobe fit of Wyman, Sloan and Shirley."""

    def lobe(nm: NDArray[np.float64], middle: float, low: float, high: float) -> NDArray[np.float64]:
        t = (nm - middle) * np.where(nm < middle, low, high)
        return np.asarray(np.exp(-0.5 * t * t))

    nm = _NM[:, None] + np.linspace(-19.5, 19.5, 40)
    x = 0.362 * lobe(nm, 442.0, 0.0624, 0.0374) + 1.056 * lobe(nm, 599.8, 0.0264, 0.0323)
    x -= 0.065 * lobe(nm, 501.1, 0.0490, 0.0382)
    y = 0.821 * lobe(nm, 568.8, 0.0213, 0.0247) + 0.286 * lobe(nm, 530.9, 0.0613, 0.0322)
    z = 1.217 * lobe(nm, 437.0, 0.0845, 0.0278) + 0.681 * lobe(nm, 459.0, 0.0385, 0.0725)
    return np.stack([x.mean(1), y.mean(1), z.mean(1)], -1)


_RGB = np.array(
    [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
)
TO_RGB = (_SOLAR[:, None] * 40 * 683 * _matching() @ _RGB.T * (pi / 1e5)).astype(np.float32)
"""(bands, 3): what one unit of the sun's own spectrum is in linear Rec. 709, as irradiance; divided by pi a white card."""


class Air(NamedTuple):
    """What is in the air: haze by turbidity (2 very clear, 3 clear, 6 hazy, 10 thick), ozone in Dobson units."""

    turbidity: float = 3.0
    ozone: float = 300.0


class Tables(NamedTuple):
    """`columns` (64, 256, 3) km of air, haze and ozone; `many` (24, 24, bands); `extinction` (3, bands) per km."""

    columns: Table
    many: Table
    extinction: Table
    scattering: Table


def coefficients(air: Air) -> tuple[Table, Table]:
    """Extinction and scattering (3, bands) per km at the ground, of air, haze and ozone (ozone's at its layer's middle)."""
    micron = _NM / 1000
    rayleigh = 1.24062e-3 * micron**-4
    beta = max(0.04608 * air.turbidity - 0.04586, 0.002)
    haze = beta * micron**-1.3 / _MIE_HEIGHT
    ozone = _OZONE * 1e-25 * air.ozone * 2.687e20 / 15000 * 1000
    extinction = np.stack([rayleigh, haze, ozone]).astype(np.float32)
    scattering = np.stack([rayleigh, haze * _ALBEDO_OF_HAZE, 0 * ozone]).astype(np.float32)
    return extinction, scattering


@lru_cache(maxsize=1)
def _columns() -> Table:
    out = np.empty((*_COLUMNS, 3), np.float32)
    _fill_columns(out)
    return out


def tables(air: Air, pool: Pool) -> Tables:
    """What all skies of an air have in common; kept for the airs last asked for."""
    known = _known.get(air)
    if known is None:
        extinction, scattering = coefficients(air)
        columns, many = _columns(), np.empty((*_MANY, _BANDS), np.float32)
        pool.map(_MANY[0], lambda a, b: _fill_many(columns, extinction, scattering, many, a, b), 1)
        known = Tables(columns, many, extinction, scattering)
        while len(_known) >= 16:
            _known.pop(next(iter(_known)), None)
        _known[air] = known
    return known


_known: dict[Air, Tables] = {}


def sky(air: Air, elevation: float, pool: Pool, *, height: float = 0.05, size: tuple[int, int] = (128, 64)) -> Table:
    """Radiance (rows, columns, 3) of the sky and, below the horizon, of hazy ground, the sun standing at `elevation`
    degrees, seen from `height` km.

    Rows run from the nadir to the zenith, elevation = s |s| 90 degrees, s from -1 to 1 in the two halves of the
    table; columns from the sun's azimuth to the opposite, azimuth = 180 u^2.
    """
    t = tables(air, pool)
    out = np.empty((*size, 3), np.float32)
    sun = np.sin(np.radians(elevation))
    pool.map(
        size[0],
        lambda a, b: _fill_sky(t.columns, t.many, t.extinction, t.scattering, TO_RGB, sun, height, out, a, b),
        4,
    )
    return out


def sunlight(air: Air, elevation: float, pool: Pool, *, height: float = 0.05) -> NDArray[np.float64]:
    """Irradiance (3) of the sun on a surface that faces it, near the ground; 0 once it has set."""
    t = tables(air, pool)
    radius, mu = GROUND + height, float(np.sin(np.radians(elevation)))
    part = np.clip((elevation + SUN_RADIUS + _dip(height)) / (2 * SUN_RADIUS), 0, 1)  # how much of the disc is up
    if part == 0:
        return np.zeros(3)
    mu = max(mu, _horizon(radius) + 1e-4)
    bands = np.empty(_BANDS, np.float32)
    _transmitted(t.columns, t.extinction, np.float32(radius), np.float32(mu), bands)
    return np.asarray(np.maximum(part * (bands.astype(np.float64) @ TO_RGB), 0))  # the last red light is out of gamut


def _dip(height: float) -> float:
    return float(np.degrees(np.arccos(GROUND / (GROUND + height))))


def _horizon(radius: float) -> float:
    return -float(np.sqrt(max(1 - (GROUND / radius) ** 2, 0)))


# --- kernels: a point is its distance from the earth's middle, a direction the cosine of its angle from upwards ------


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _to_top(r, mu):  # type: ignore[no-untyped-def]
    return -r * mu + np.sqrt(max(r * r * (mu * mu - 1.0) + TOP * TOP, 0.0))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _to_ground(r, mu):  # type: ignore[no-untyped-def]
    """How far the ground is, or -1."""
    inside = r * r * (mu * mu - 1.0) + GROUND * GROUND
    return -r * mu - np.sqrt(inside) if mu < 0.0 and inside >= 0.0 else -1.0


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _densities(r):  # type: ignore[no-untyped-def]
    h = max(r - GROUND, 0.0)
    return np.exp(-h / _RAYLEIGH_HEIGHT), np.exp(-h / _MIE_HEIGHT), max(0.0, 1.0 - abs(h - 25.0) / 15.0)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _fill_columns(out):  # type: ignore[no-untyped-def]
    rows, columns = out.shape[:2]
    most = np.sqrt(TOP * TOP - GROUND * GROUND)
    for j in range(rows):
        rho = most * j / (rows - 1)
        r = np.sqrt(rho * rho + GROUND * GROUND)
        low, high = TOP - r, rho + most
        for i in range(columns):
            d = low + (high - low) * i / (columns - 1)
            mu = 1.0 if d == 0.0 else min(1.0, max(-1.0, (most * most - rho * rho - d * d) / (2.0 * r * d)))
            air, haze, ozone, before = 0.0, 0.0, 0.0, 0.0
            for k in range(80):
                s = (k + 1) / 80
                t = d * s * s
                middle = 0.5 * (t + before)
                step = t - before
                before = t
                x, y, z = _densities(np.sqrt(middle * middle + 2.0 * r * mu * middle + r * r))
                air, haze, ozone = air + x * step, haze + y * step, ozone + z * step
            out[j, i, 0], out[j, i, 1], out[j, i, 2] = air, haze, ozone


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _transmitted(columns, extinction, r, mu, out):  # type: ignore[no-untyped-def]
    """By bands, what comes through from outside of the air; nothing through the ground."""
    rows, wide = columns.shape[:2]
    if mu < 0.0 and r * r * (mu * mu - 1.0) + GROUND * GROUND > 0.0:
        out[:] = np.float32(0)
        return
    most = np.sqrt(TOP * TOP - GROUND * GROUND)
    rho = np.sqrt(max(r * r - GROUND * GROUND, 0.0))
    low, high = TOP - r, rho + most
    u = (_to_top(r, mu) - low) / max(high - low, 1e-6) * (wide - 1)
    v = rho / most * (rows - 1)
    i, j = min(int(u), wide - 2), min(int(v), rows - 2)
    a, b = np.float32(u - i), np.float32(v - j)
    x0 = columns[j, i, 0] + a * (columns[j, i + 1, 0] - columns[j, i, 0])
    x1 = columns[j + 1, i, 0] + a * (columns[j + 1, i + 1, 0] - columns[j + 1, i, 0])
    y0 = columns[j, i, 1] + a * (columns[j, i + 1, 1] - columns[j, i, 1])
    y1 = columns[j + 1, i, 1] + a * (columns[j + 1, i + 1, 1] - columns[j + 1, i, 1])
    z0 = columns[j, i, 2] + a * (columns[j, i + 1, 2] - columns[j, i, 2])
    z1 = columns[j + 1, i, 2] + a * (columns[j + 1, i + 1, 2] - columns[j + 1, i, 2])
    x, y, z = x0 + b * (x1 - x0), y0 + b * (y1 - y0), z0 + b * (z1 - z0)
    for k in range(out.size):
        out[k] = np.exp(-(extinction[0, k] * x + extinction[1, k] * y + extinction[2, k] * z))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _often(many, r, mu_s, out):  # type: ignore[no-untyped-def]
    """By bands, the light scattered many times that arrives at a point, the same from everywhere."""
    rows, columns = many.shape[:2]
    u = (mu_s * 0.5 + 0.5) * (columns - 1)
    v = np.sqrt(max(r - GROUND, 0.0) / (TOP - GROUND)) * (rows - 1)
    i, j = min(max(int(u), 0), columns - 2), min(int(v), rows - 2)
    a, b = np.float32(u - i), np.float32(v - j)
    for k in range(out.size):
        low = many[j, i, k] + a * (many[j, i + 1, k] - many[j, i, k])
        high = many[j + 1, i, k] + a * (many[j + 1, i + 1, k] - many[j + 1, i, k])
        out[k] = low + b * (high - low)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _fill_many(columns, extinction, scattering, out, row0, row1):  # type: ignore[no-untyped-def]
    """Hillaire's Psi: light scattered twice, and all that follows as a geometric series."""
    bands = out.shape[2]
    sun, through = np.empty(bands, np.float32), np.empty(bands, np.float32)
    second, again = np.empty(bands), np.empty(bands)
    steps = 20
    for j in range(row0, row1):
        s = j / (out.shape[0] - 1)
        r = GROUND + max(s * s, 1e-5) * (TOP - GROUND) * 0.999
        for i in range(out.shape[1]):
            mu_s = 2.0 * i / (out.shape[1] - 1) - 1.0
            sin_s = np.sqrt(max(1.0 - mu_s * mu_s, 0.0))
            second[:], again[:] = 0.0, 0.0
            for n in range(32):  # directions, on a spiral
                mu = 1.0 - (2.0 * n + 1.0) / 32
                angle = 2.399963229728653 * n
                nu = mu * mu_s + np.sqrt(1.0 - mu * mu) * sin_s * np.cos(angle)
                ground = _to_ground(r, mu)
                end = ground if ground >= 0.0 else _to_top(r, mu)
                through[:] = np.float32(1)
                before = 0.0
                for k in range(steps):
                    t = end * ((k + 1.0) / steps) ** 2
                    step, middle = t - before, 0.5 * (t + before)
                    before = t
                    here = np.sqrt(middle * middle + 2.0 * r * mu * middle + r * r)
                    x, y, z = _densities(here)
                    _transmitted(columns, extinction, here, (r * mu_s + middle * nu) / here, sun)
                    for c in range(bands):
                        scattered = scattering[0, c] * x + scattering[1, c] * y
                        lost = max(extinction[0, c] * x + extinction[1, c] * y + extinction[2, c] * z, 1e-9)
                        passed = np.exp(-lost * step)
                        inside = through[c] * (1.0 - passed) / lost * scattered
                        second[c] += inside * sun[c] / (4.0 * np.pi)
                        again[c] += inside
                        through[c] *= passed
                if ground >= 0.0:
                    cosine = max((r * mu_s + ground * nu) / GROUND, 0.0)
                    _transmitted(columns, extinction, GROUND + 1e-3, cosine, sun)
                    for c in range(bands):
                        second[c] += through[c] * sun[c] * cosine * _GROUND_ALBEDO / np.pi
            for c in range(bands):
                out[j, i, c] = second[c] / 32 / (1.0 - min(again[c] / 32, 0.99))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _fill_sky(columns, many, extinction, scattering, to_rgb, mu_s, height, out, row0, row1):  # type: ignore[no-untyped-def]
    rows, wide = out.shape[:2]
    bands, half = to_rgb.shape[0], rows // 2
    sun, through, often = np.empty(bands, np.float32), np.empty(bands, np.float32), np.empty(bands, np.float32)
    total = np.empty(bands)
    r = GROUND + height
    sin_s = np.sqrt(max(1.0 - mu_s * mu_s, 0.0))
    edge = -np.sqrt(max(1.0 - (GROUND / r) ** 2, 0.0))
    steps = 28
    for j in range(row0, row1):
        s = (j - half) / (half - 1) if j >= half else (j - half + 1) / (half - 1)
        mu = np.sin(s * abs(s) * 0.5 * np.pi)
        mu = max(mu, edge + 1e-4) if j >= half else min(mu, edge - 1e-4)
        flat = np.sqrt(max(1.0 - mu * mu, 0.0))
        ground = _to_ground(r, mu)
        end = ground if ground >= 0.0 else _to_top(r, mu)
        for i in range(wide):
            u = i / (wide - 1)
            nu = mu * mu_s + flat * sin_s * np.cos(np.pi * u * u)
            air_phase = 3.0 / (16.0 * np.pi) * (1.0 + nu * nu)
            bent = 1.0 + _G * _G - 2.0 * _G * nu
            haze_phase = (  # Cornette and Shanks
                3.0 / (8.0 * np.pi) * (1.0 - _G * _G) * (1.0 + nu * nu) / ((2.0 + _G * _G) * bent * np.sqrt(bent))
            )
            through[:], total[:] = np.float32(1), 0.0
            before = 0.0
            for k in range(steps):
                t = end * ((k + 1.0) / steps) ** 2
                step, middle = t - before, 0.5 * (t + before)
                before = t
                here = np.sqrt(middle * middle + 2.0 * r * mu * middle + r * r)
                x, y, z = _densities(here)
                cosine = (r * mu_s + middle * nu) / here
                _transmitted(columns, extinction, here, cosine, sun)
                _often(many, here, cosine, often)
                for c in range(bands):
                    air, haze = scattering[0, c] * x, scattering[1, c] * y
                    lost = max(extinction[0, c] * x + extinction[1, c] * y + extinction[2, c] * z, 1e-9)
                    passed = np.exp(-lost * step)
                    source = sun[c] * (air * air_phase + haze * haze_phase) + often[c] * (air + haze)
                    total[c] += through[c] * (1.0 - passed) / lost * source
                    through[c] *= passed
            if ground >= 0.0:
                cosine = max((r * mu_s + ground * nu) / GROUND, 0.0)
                _transmitted(columns, extinction, GROUND + 1e-3, cosine, sun)
                _often(many, GROUND + 1e-3, mu_s, often)
                for c in range(bands):
                    total[c] += through[c] * _GROUND_ALBEDO / np.pi * (sun[c] * cosine + np.pi * often[c])
            for c in range(3):
                value = 0.0
                for b in range(bands):
                    value += total[b] * to_rgb[b, c]
                out[j, i, c] = max(value, 0.0)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def row_of(table, elevation):  # type: ignore[no-untyped-def]
    """Where an elevation (radians) lies in `sky`'s table: sky and ground are never mixed."""
    half = table.shape[0] // 2
    s = np.sqrt(min(abs(elevation) / (0.5 * np.pi), 1.0)) * (half - 1)
    return half + s if elevation >= 0.0 else half - 1 - s


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def look(table, v, u, out):  # type: ignore[no-untyped-def]
    """Add the colour of `sky`'s table at a row and a column, between its entries."""
    half = table.shape[0] // 2
    i = min(int(u), table.shape[1] - 2)
    j = min(int(v), table.shape[0] - 2 if v >= half else half - 2)
    a, b = np.float32(u - i), np.float32(v - j)
    for k in range(3):
        low = table[j, i, k] + a * (table[j, i + 1, k] - table[j, i, k])
        high = table[j + 1, i, k] + a * (table[j + 1, i + 1, k] - table[j + 1, i, k])
        out[k] += low + b * (high - low)
