# ruff: noqa: TID253
"""Ground under a sky, as far as the eye sees: plain, dunes, sea, mountains, a city, the edge of a forest.

Each column of a panorama is one azimuth: it is followed outwards over a field of heights, in steps that grow with the
distance, and what rises over all that was nearer is filled in from there down (the "voxel space" of early flight
simulators, here with exact coverage of rows). What is seen is lit by the lamps, with shadows along the ground, by the
sky above and the ground below, and goes into the air between (exponential extinction, the air's colour being that
of the sky over the horizon there). The sea reflects the sky by Fresnel's law in Schlick's form, over slopes whose
variance follows the wind (C. Cox and W. Munk, 1954).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.textures import read, scatter
from nodegraph.values.environment import Painter

Plane = NDArray[np.float32]

PLAIN, DESERT, SEA, MOUNTAINS, CITY, FOREST = range(6)
#: By kind: eye over the ground, nearest and furthest distance (km), and how much a step is longer than the last.
_VIEW = np.array(
    [
        [0.0018, 0.002, 40.0, 0.014],
        [0.0035, 0.003, 30.0, 0.012],
        [0.006, 0.004, 60.0, 0.02],
        [0.03, 0.006, 70.0, 0.010],
        [0.07, 0.70, 12.0, 0.003],
        [0.0018, 0.010, 6.0, 0.004],
    ]
)


@dataclass(frozen=True)
class Ground:
    """Ground that can be painted over a sky, or over any world.

    `lamp` points at the strongest light, `shine` is its irradiance, `above` the mean radiance of the sky;
    `air` (3, columns) is the colour of the air over the horizon at azimuths from -180 to 180, `mirror` a small panorama
    of the sky for the sea. `haze` (3) and `fog` are extinctions per km.
    """

    under: Painter
    kind: int
    lamp: NDArray[np.float64]
    shine: NDArray[np.float64]
    above: NDArray[np.float64]
    air: Plane
    mirror: Plane
    haze: NDArray[np.float64]
    fog: float
    fog_height: float
    relief: float
    snow: float
    green: float
    wet: float
    wind: float
    dark: float  # how dark it is: windows are lit
    gain: float  # radiance of a lamp behind a window
    time: float
    smooth: Plane
    billows: Plane
    seed: int

    def paint(self, left: float, right: float, top: float, bottom: float, width: int, height: int, pool: Pool) -> Plane:
        """Radiance (3, height, width) over azimuths left..right and elevations top..bottom, in degrees."""
        out = np.ascontiguousarray(self.under.paint(left, right, top, bottom, width, height, pool))
        a = np.radians(left + (np.arange(width) + 0.5) * (right - left) / width)
        numbers = np.array(
            [self.fog, self.fog_height, self.relief, self.snow, self.green, self.wet, self.wind, self.dark, self.gain,
             self.time, self.seed, np.radians(top), np.radians(bottom), np.radians(right - left) / width]
        )  # fmt: skip
        columns = np.ascontiguousarray(out.transpose(2, 0, 1))  # (width, 3, height): a column lies together

        def strip(x0: int, x1: int) -> None:
            _columns(
                self.kind, a, self.lamp, self.shine, self.above, self.air, self.mirror, self.haze, numbers, self.smooth,
                self.billows, _VIEW[self.kind], columns, x0, x1,
            )  # fmt: skip

        pool.map(width, strip, 8)
        return np.ascontiguousarray(columns.transpose(1, 2, 0))

    def at(self, time: float) -> Ground:
        """The same, some seconds after its beginning."""
        return replace(self, time=time)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _step(low, high, v):  # type: ignore[no-untyped-def]
    t = min(max((v - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _ridge(v, k):  # type: ignore[no-untyped-def]
    return (1.0 - abs(2.0 * v - 1.0)) ** k


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _height(kind, x, z, relief, smooth, billows, seed, fine):  # type: ignore[no-untyped-def]
    """Height in km of a place (km)."""
    far = np.sqrt(x * x + z * z)
    if kind == DESERT:
        u, v = 0.94 * x + 0.34 * z, -0.34 * x + 0.94 * z
        bend = 0.5 * read(smooth, u / 5.0, v / 5.0)
        crest = read(smooth, u / 6.5 + 0.06 * bend, v / 2.3 + 0.11 * bend)
        lee = crest - 0.28 * read(smooth, u / 3.1 + bend, v / 1.5)
        h = _ridge(min(max(lee * 1.15, 0.0), 1.0), 1.35) * (0.03 + 0.15 * relief) * _step(0.08, 1.8, far)
        if fine:
            h += 0.0006 * read(smooth, u * 1.1, v * 1.9) + 0.00004 * np.sin(140.0 * (v + 0.35 * bend) * 6.0) * _step(
                0.5, 0.02, far
            )
        return h
    if kind == MOUNTAINS:
        rise = _step(1.2, 8.0, far) * (0.6 + 0.4 * _step(5.0, 18.0, far))
        base = read(smooth, x / 38.0 + 0.31, z / 38.0)
        a = _ridge(read(smooth, x / 21.0 + 0.13, z / 21.0), 1.5)
        b = _ridge(read(smooth, x / 8.3, z / 8.3 + 0.27), 1.3)
        h = (0.25 + 0.75 * base) * (0.62 * a + 0.24 * a * b)
        if fine:
            h += 0.07 * a * _ridge(read(smooth, x / 2.9, z / 2.9), 1.2) + 0.018 * read(billows, x / 1.7, z / 1.7) * (
                0.2 + a
            )
        return h * rise * (0.8 + 4.4 * relief) + 0.06 * read(smooth, x / 5.0, z / 5.0) * _step(0.05, 3.0, far)
    if kind == CITY:
        return _building(x, z, relief, seed)
    if kind == FOREST:
        hill = 0.16 * relief * read(smooth, x / 6.0, z / 6.0) * _step(0.1, 2.5, far) + 0.002 * read(
            smooth, x / 0.5, z / 0.5
        )
        edge = 0.075 + 0.06 * read(smooth, x / 0.9, z / 0.9)
        if far < edge:
            return hill
        cell = 0.007 if far < 0.8 else 0.016
        best = 0.0
        rough = read(billows, x * 19.0, z * 19.0) if fine else 0.5
        i0, j0 = int(np.floor(x / cell)), int(np.floor(z / cell))
        for j in range(j0 - 1, j0 + 2):
            for i in range(i0 - 1, i0 + 2):
                kind_of_tree = scatter(i, j, seed + 3)
                cx, cz = (i + 0.1 + 0.8 * scatter(i, j, seed)) * cell, (j + 0.1 + 0.8 * scatter(i, j, seed + 1)) * cell
                tall = 0.009 + 0.012 * scatter(i, j, seed + 2) * (0.5 + read(smooth, x / 0.7, z / 0.7))
                off = np.sqrt((x - cx) ** 2 + (z - cz) ** 2) / ((0.42 if kind_of_tree > 0.45 else 0.85) * cell)
                off *= 0.62 + 0.9 * rough
                if off < 1.0:
                    shape = 1.0 - off if kind_of_tree > 0.45 else 0.72 * np.sqrt(1.0 - off * off)
                    best = max(best, tall * shape * (0.86 + 0.3 * rough))
        return hill + best
    gentle = 0.010 * read(smooth, x / 1.9, z / 1.9) * _step(0.02, 1.2, far)
    hills = (0.05 + 0.30 * relief) * _ridge(read(smooth, x / 17.0, z / 17.0), 1.5) * _step(3.0, 16.0, far)
    h = gentle + hills
    trees = _step(0.80, 0.88, read(smooth, x / 1.3 + 0.4, z / 1.3)) * _step(0.35, 0.8, far)
    if trees > 0.0 and fine:
        h += trees * (0.006 + 0.010 * read(billows, x * 7.0, z * 7.0))
    return h


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _building(x, z, relief, seed):  # type: ignore[no-untyped-def]
    """Blocks of 90 m with streets of 22 m, lots within; higher towards two centres."""
    pitch, street = 0.09, 0.022
    i, j = int(np.floor(x / pitch)), int(np.floor(z / pitch))
    u, v = x - i * pitch, z - j * pitch
    if u < street or v < street:
        return 0.0
    lot_i, lot_j = i * 2 + (1 if u > 0.056 else 0), j * 2 + (1 if v > 0.056 else 0)
    gap = scatter(lot_i, lot_j, seed + 7)
    middle_u, middle_v = (0.073 if u > 0.056 else 0.039), (0.073 if v > 0.056 else 0.039)
    if max(abs(u - middle_u), abs(v - middle_v)) > 0.0165 - 0.006 * gap:
        return 0.0
    down_x, down_z = 0.9 * np.sin(0.35 + 0.2 * seed), -2.4
    near = np.exp(-((x - down_x) ** 2 + (z - down_z) ** 2) / 0.5) + 0.55 * np.exp(
        -((x + 1.3) ** 2 + (z + 3.6) ** 2) / 0.9
    )
    chance = scatter(lot_i, lot_j, seed)
    low = 0.014 + 0.03 * chance
    tall = near * (0.05 + 0.30 * relief * (0.35 + chance * chance * 1.6)) * (0.35 if gap > 0.6 else 1.0)
    top = low + tall
    if top > 0.12 and max(abs(u - middle_u), abs(v - middle_v)) > 0.009:
        return top * 0.82  # shoulders
    return top


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _covered(kind, x, z, h, n, far, snow, green, wet, smooth, billows, out):  # type: ignore[no-untyped-def]
    """What grows and lies at a place: its albedo (3)."""
    patch, grain = read(smooth, x / 0.21, z / 0.21), read(billows, x * 3.0, z * 3.0)
    if kind == DESERT:
        warm = 0.85 + 0.3 * patch
        out[0], out[1], out[2] = 0.46 * warm, 0.30 * warm, 0.165 * (0.8 + 0.4 * patch)
    elif kind == MOUNTAINS:
        rock = 0.10 + 0.13 * grain
        out[0], out[1], out[2] = rock * 1.06, rock, rock * 0.93
        grows = green * _step(0.62, 0.86, n + 0.12 * (patch - 0.5)) * _step(1.5, 0.9, h + 0.4 * (grain - 0.5))
        meadow = _step(0.9, 0.98, n) * (0.5 + 0.5 * patch)
        out[0] += grows * (0.040 + 0.060 * meadow - out[0])
        out[1] += grows * (0.058 + 0.075 * meadow - out[1])
        out[2] += grows * (0.020 + 0.012 * meadow - out[2])
        line = 2.1 - 2.0 * snow
        white = _step(line - 0.25, line + 0.35, h + 0.5 * (patch - 0.5)) * _step(0.45, 0.7, n)
        for k in range(3):
            out[k] += white * (0.82 - out[k])
    elif kind == FOREST:
        tone = 0.5 + 0.9 * grain
        out[0], out[1], out[2] = 0.052 * tone, (0.060 + 0.03 * green) * tone, 0.028 * tone
        if far < 0.07:
            out[0], out[1], out[2] = 0.10 + 0.07 * patch, 0.12 + 0.06 * patch * green, 0.05
    elif kind == CITY:
        out[0], out[1], out[2] = 0.11, 0.11, 0.115
    else:
        dry = 1.0 - green
        field = read(smooth, x / 2.3, z / 1.1 + 0.2)
        blades = read(billows, x * 45.0, z * 45.0) if far < 0.4 else 0.5
        dry = min(max(dry + 0.7 * (field - 0.5) + 0.25 * (grain - 0.5), 0.0), 1.0)
        tone = (0.62 + 0.5 * patch) * (0.7 + 0.6 * blades * _step(0.4, 0.02, far) + 0.3 * (1.0 - _step(0.4, 0.02, far)))
        out[0] = (0.082 + 0.25 * dry) * tone
        out[1] = (0.108 + 0.16 * dry) * tone
        out[2] = (0.046 + 0.065 * dry) * tone
        if read(smooth, x / 1.3 + 0.4, z / 1.3) > 0.82 and far > 0.4:
            out[0], out[1], out[2] = 0.028 + 0.02 * dry, 0.036 + 0.01 * dry, 0.016
    if snow > 0.0 and kind != MOUNTAINS:
        white = _step(1.05 - snow, 1.35 - snow, 0.45 + 0.5 * n * (0.6 + 0.4 * patch))
        white *= 0.55 + 0.45 * _step(0.5, 0.8, n)
        for k in range(3):
            out[k] += white * (0.80 - out[k])
    dim = 1.0 - 0.45 * wet
    for k in range(3):
        out[k] *= dim


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _shadow(kind, x, z, h, lamp, far, relief, smooth, billows, seed):  # type: ignore[no-untyped-def]
    """How much of a lamp's light reaches a place, along the ground towards it."""
    flat = np.sqrt(lamp[0] * lamp[0] + lamp[2] * lamp[2])
    if lamp[1] <= 0.0:
        return 0.0
    if flat < 0.15 or kind == SEA:
        return 1.0
    slope = lamp[1] / flat
    sx, sz = lamp[0] / flat, lamp[2] / flat
    t = 0.004 + 0.012 * far if kind != CITY else 0.01
    light = 1.0
    for _ in range(14):
        over = h + t * slope - _height(kind, x + t * sx, z + t * sz, relief, smooth, billows, seed, kind == FOREST)
        light = min(light, 0.5 + over / (0.02 * t + 0.0005))
        if light <= 0.0:
            return 0.0
        t *= 1.45
    return min(light, 1.0)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _mirrored(mirror, x, y, z, out):  # type: ignore[no-untyped-def]
    """The sky in a direction, from a small panorama of its upper half."""
    rows, columns = mirror.shape[1:]
    u = (np.arctan2(x, -z) / (2.0 * np.pi) + 0.5) * columns - 0.5
    v = (1.0 - np.arcsin(min(max(y, 0.002), 1.0)) / (0.5 * np.pi)) * rows - 0.5
    i, j = int(np.floor(u)), min(max(int(v), 0), rows - 2)
    a, b = u - i, min(max(v - j, 0.0), 1.0)
    i, k = i % columns, (i + 1) % columns
    for c in range(3):
        low = mirror[c, j, i] + a * (mirror[c, j, k] - mirror[c, j, i])
        high = mirror[c, j + 1, i] + a * (mirror[c, j + 1, k] - mirror[c, j + 1, i])
        out[c] = low + b * (high - low)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _slopes(x, z, far, wind, time, smooth, out):  # type: ignore[no-untyped-def]
    """The sea's slopes at a place (km): waves of four lengths that travel, fading where they are finer than seen."""
    sx, sz, rest = 0.0, 0.0, 0.0
    length, steep = 0.05, 0.02 + 0.10 * wind
    d = 0.15
    for k in range(5):
        seen = _step(1.6, 0.3, far * 0.0022 / length)
        size = length * 14.0
        move = time * np.sqrt(length) * 0.035 / size
        turn = 0.9 * k
        u, v = (x * np.cos(turn) + z * np.sin(turn)) / size, (z * np.cos(turn) - x * np.sin(turn)) / size * 0.6 + move
        e = d / 14.0
        a = read(smooth, u + e, v) - read(smooth, u - e, v)
        b = read(smooth, u, v + e) - read(smooth, u, v - e)
        gx, gz = a * np.cos(turn) - b * np.sin(turn), a * np.sin(turn) + b * np.cos(turn)
        sx, sz = sx + seen * steep * 14.0 * gx, sz + seen * steep * 14.0 * gz
        rest += (1.0 - seen) * steep * steep
        length *= 0.42
    out[0], out[1], out[2] = sx, sz, rest


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _sea(x, z, t, eye, lamp, shine, above, mirror, wind, time, smooth, slopes, sky, out):  # type: ignore[no-untyped-def]
    """Radiance (3) of the sea at a place."""
    _slopes(x, z, t, wind, time, smooth, slopes)
    view_y = eye / np.sqrt(t * t + eye * eye)
    flat = np.sqrt(1.0 - view_y * view_y)
    vx, vz = -x / t * flat, -z / t * flat  # towards the eye
    rough = 0.003 + 0.00512 * (1.0 + 12.0 * wind) * 0.35 + slopes[2]
    # waves that turn away from a flat view aren't seen: those seen lean towards the eye
    lean = 0.55 * np.sqrt(rough)
    sx, sz = slopes[0] - lean * vx, slopes[1] - lean * vz
    length = 1.0 / np.sqrt(1.0 + sx * sx + sz * sz)
    nx, ny, nz = -sx * length, length, -sz * length
    cosine = max(nx * vx + ny * view_y + nz * vz, 0.02)
    rx, ry, rz = 2.0 * cosine * nx - vx, 2.0 * cosine * ny - view_y, 2.0 * cosine * nz - vz
    _mirrored(mirror, rx, abs(ry), rz, sky)
    fresnel = 0.02 + 0.98 * (1.0 - cosine) ** 5
    hx, hy, hz = lamp[0] + vx, lamp[1] + view_y, lamp[2] + vz
    glint = 0.0
    if lamp[1] > 0.0:
        scale = 1.0 / np.sqrt(hx * hx + hy * hy + hz * hz)
        hx, hy, hz = hx * scale, max(hy * scale, 0.05), hz * scale
        px, pz = -hx / hy - slopes[0], -hz / hy - slopes[1]
        var = 0.0025 + 0.9 * rough
        glint = np.exp(-0.5 * (px * px + pz * pz) / var) / (2.0 * np.pi * var * hy**4 * 4.0 * max(view_y, 0.03))
        glint *= 0.02 + 0.98 * (1.0 - max(hx * vx + hy * view_y + hz * vz, 0.0)) ** 5
    foam = (
        _step(0.25 + 0.5 * (1.0 - wind), 1.1, abs(slopes[0]) * 2.0 + wind * read(smooth, x / 0.06, z / 0.06) - 0.2)
        * wind
    )
    light = max(lamp[1], 0.0)
    for k in range(3):
        down = above[k] + shine[k] * light / np.pi
        deep = down * (0.008 if k == 0 else (0.028 if k == 1 else 0.034))
        out[k] = fresnel * sky[k] + (1.0 - fresnel) * deep + min(glint, 40.0) * shine[k]
        out[k] += 0.5 * foam * (0.7 * down - out[k])


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _columns(  # type: ignore[no-untyped-def]
    kind, azimuths, lamp, shine, above, air, mirror, haze, numbers, smooth, billows, view, out, x0, x1
):
    fog, fog_height, relief, snow, green, wet, wind = (
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        numbers[4],
        numbers[5],
        numbers[6],
    )
    dark, gain, time, seed = numbers[7], numbers[8], numbers[9], int(numbers[10])
    top, bottom, pixel = numbers[11], numbers[12], numbers[13]
    rows = out.shape[2]
    per = rows / (top - bottom)
    eye_over, nearest, furthest, growth = view[0], view[1], view[2], view[3]
    growth = min(max(growth * pixel / 0.0015, 0.35 * growth), 2.0 * growth)
    albedo, sky, colour, slopes = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    filled, through, here = np.empty((3, rows)), np.empty(rows), np.empty(3)
    ground_here = 0.0 if kind in (CITY, SEA) else _height(kind, 0.0, 0.0, relief, smooth, billows, seed, False)
    eye = ground_here + eye_over
    for x in range(x0, x1):
        sa, ca = np.sin(azimuths[x]), -np.cos(azimuths[x])
        place = (azimuths[x] / (2.0 * np.pi) + 0.5) * air.shape[1]
        i = int(np.floor(place - 0.5))
        share = place - 0.5 - i
        for k in range(3):
            here[k] = air[k, i % air.shape[1]] * (1.0 - share) + share * air[k, (i + 1) % air.shape[1]]
        filled[:], through[:] = 0.0, 1.0
        reached = float(rows)  # rows from here down are filled
        t = nearest
        while t < furthest and reached > 0.0:
            px, pz = sa * t, ca * t
            h = 0.0 if kind == SEA else _height(kind, px, pz, relief, smooth, billows, seed, True)
            drop = t * t / (2.0 * 6371.0)
            e = np.arctan((h - drop - eye) / t)
            row = (top - e) * per
            if row < reached:
                if kind == SEA:
                    _sea(px, pz, t, eye, lamp, shine, above, mirror, wind, time, smooth, slopes, sky, colour)
                else:
                    _lit(
                        kind, px, pz, h, t, eye, lamp, shine, above, here, relief, snow, green, wet, smooth, billows,
                        seed, albedo, colour,
                    )  # fmt: skip
                thin = fog * (t if fog_height > 0.2 else min(t, t * fog_height / max(abs(h - eye), fog_height)))
                _fill(
                    kind, px, pz, t, h, eye, drop, colour, here, haze, thin, dark, gain, seed, wet, top, per, max(row, 0.0),
                    min(reached, float(rows)), filled, through,
                )  # fmt: skip
                reached = row
            t += t * growth if kind != SEA else max(t * growth, 0.5 * t * t / (eye * per) * 0.9)
        if kind == SEA:  # up to where it meets the sky
            horizon = (top + np.sqrt(2.0 * eye / 6371.0)) * per
            if horizon < reached and reached <= rows:
                for k in range(3):
                    colour[k] = here[k]
                _fill(
                    kind, px, pz, t, 0.0, eye, 0.0, colour, here, haze, fog * t, dark, gain, seed, wet, top, per,
                    max(horizon, 0.0), min(reached, float(rows)), filled, through,
                )  # fmt: skip
        for y in range(rows):
            for k in range(3):
                out[x, k, y] = out[x, k, y] * through[y] + filled[k, y]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _lit(  # type: ignore[no-untyped-def]
    kind, x, z, h, t, eye, lamp, shine, above, air, relief, snow, green, wet, smooth, billows, seed, albedo, out
):
    """Radiance (3) of the ground at a place."""
    if kind == CITY:
        e = 0.003
        left, behind = _building(x - e, z, relief, seed), _building(x, z - e, relief, seed)
        nx = 1.0 if left < h - 0.004 and x < 0.0 else 0.0
        nz = 0.0
        if nx == 0.0:
            if _building(x - e, z, relief, seed) < h - 0.004:
                nx = -1.0
            elif _building(x + e, z, relief, seed) < h - 0.004:
                nx = 1.0
            elif behind < h - 0.004:
                nz = -1.0
            else:
                nz = 1.0
        ny = 0.0
        if h <= 0.0:
            nx, nz, ny = 0.0, 0.0, 1.0
        tone = 0.6 + 0.9 * scatter(int(np.floor(x / 0.045)), int(np.floor(z / 0.045)), seed + 3)
        albedo[0], albedo[1], albedo[2] = 0.40 * tone, 0.38 * tone, 0.36 * tone
        dim = 1.0 - 0.3 * wet
        albedo[0], albedo[1], albedo[2] = albedo[0] * dim, albedo[1] * dim, albedo[2] * dim
    else:
        e = 0.0006 + 0.0035 * t
        if kind == FOREST:
            e = 0.0006 + 0.001 * t
        gx = (
            _height(kind, x + e, z, relief, smooth, billows, seed, True)
            - _height(kind, x - e, z, relief, smooth, billows, seed, True)
        ) / (2.0 * e)
        gz = (
            _height(kind, x, z + e, relief, smooth, billows, seed, True)
            - _height(kind, x, z - e, relief, smooth, billows, seed, True)
        ) / (2.0 * e)
        if kind == FOREST:
            gx, gz = gx * 0.35, gz * 0.35
        length = 1.0 / np.sqrt(1.0 + gx * gx + gz * gz)
        nx, ny, nz = -gx * length, length, -gz * length
        _covered(kind, x, z, h, ny, t, snow, green, wet, smooth, billows, albedo)
    facing = nx * lamp[0] + ny * lamp[1] + nz * lamp[2]
    if kind == FOREST:
        facing = 0.35 + 0.65 * facing  # leaves let light through
    sun = max(facing, 0.0)
    if sun > 0.0 and shine[1] > 0.0:
        sun *= _shadow(kind, x, z, h + 0.0004 + 0.0006 * t, lamp, t, relief, smooth, billows, seed)
    up = 0.5 + 0.5 * ny
    shiny = wet * 0.5 * (0.04 + 0.5 * (1.0 - eye / np.sqrt(t * t + eye * eye)) ** 4) * max(ny, 0.0) ** 4
    for k in range(3):
        bounce = 0.18 * (1.0 - up) * (above[k] + shine[k] * max(lamp[1], 0.0) / np.pi)
        light = shine[k] * sun / np.pi + above[k] * up + bounce
        out[k] = albedo[k] * light + shiny * air[k]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _fill(  # type: ignore[no-untyped-def]
    kind, x, z, t, h, eye, drop, colour, air, haze, thin, dark, gain, seed, wet, top, per, row0, row1, filled, through
):
    """Rows row0..row1 (whole or not) of a column, seen through t km of air."""
    first, last = int(np.floor(row0)), min(int(np.ceil(row1)), through.size)
    for y in range(first, last):
        part = min(row1, y + 1.0) - max(row0, float(y))
        if part <= 0.0:
            continue
        shade, lamps = 1.0, 0.0
        if kind == CITY and h > 0.0:
            over = max(eye + t * np.tan(top - (y + 0.5) / per), 0.0)
            floor = int(np.floor(over / 0.0036))
            bay = int(np.floor((x + z) / 0.0042))
            fine = _fine(t, per)
            glass = 1.0 if (over / 0.0036) % 1.0 > 0.35 else 0.0
            shade = 1.0 - 0.42 * (fine * glass + (1.0 - fine) * 0.65)
            shade *= 0.72 + 0.28 * min(1.0, over / 0.05)
            lit = 1.0 if scatter(bay, floor, seed + int(np.floor(x / 0.045)) * 31) > 0.66 else 0.0
            lamps = dark * gain * (fine * glass * lit * (0.35 + scatter(bay, floor, seed + 2)) + (1.0 - fine) * 0.16)
        elif kind == FOREST and h > 0.004:
            over = eye + t * np.tan(top - (y + 0.5) / per)
            shade = 0.25 + 0.75 * _step(h - 0.022, h, over)
        for k in range(3):
            passed = np.exp(-haze[k] * t - thin)
            glow = lamps * (1.0 if k == 0 else (0.62 if k == 1 else 0.28))
            value = (colour[k] * shade + glow) * passed + air[k] * (1.0 - passed)
            filled[k, y] += part * value
        through[y] = max(through[y] - part, 0.0)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _fine(t, per):  # type: ignore[no-untyped-def]
    """Whether windows are larger than a row."""
    return _step(0.4, 1.6, 0.0036 / t * per)
