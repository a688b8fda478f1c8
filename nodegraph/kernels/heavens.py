# ruff: noqa: TID253
"""All of the sky, direction by direction: clear air, sun and moon, stars, cirrus, clouds with their own light, fog.

Clouds are a slab between two heights. A tile of noise tells how deep in a cloud each place is; the deeper, the higher
its top. A ray is followed through the slab; at each step the light that is left after the cloud between there and
the sun, scattered forward and, more weakly and evenly, again and again (M. Wrenninge et al., "Oz: The Great and
Volumetric", 2013; A. Schneider, "The Real-Time Volumetric Cloudscapes of Horizon Zero Dawn", 2015), joins that of the
sky above and the ground below.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.atmosphere import SUN_RADIUS, look, row_of
from nodegraph.kernels.filters.flat import KERNEL
from nodegraph.kernels.pool import Pool
from nodegraph.kernels.textures import read, scatter

Plane = NDArray[np.float32]
Vector = NDArray[np.float32]

#: Optical depth of a kilometre of cloud, from thin to a storm's; how far the tiles of cloud and cirrus reach, in km.
_DENSITY, _TILE, _CIRRUS_TILE = (9.0, 30.0), 26.0, 60.0
_EARTH = 6360.0
_HAZE = 0.022
"""How much of a distant cloud each kilometre of air takes, in clear weather."""


@dataclass(frozen=True)
class Body:
    """A sun or a moon: where it stands (x, y, z), its irradiance at the ground and at the clouds, and its clear sky."""

    direction: Vector
    ground: Vector
    clouds: Vector
    azimuth: float
    sky: Plane


@dataclass(frozen=True)
class Heavens:
    """A sky that can be painted. Radiances are multiplied by `gain` and `matrix` (3, 3) at the end."""

    sun: Body
    moon: Body
    lit: float  # how much of the moon is
    tile: Plane
    detail: Plane
    streaks: Plane
    cover: float
    weight: float
    cirrus: float
    base: float  # km
    thick: float  # km
    drift: tuple[float, float]  # km
    ambient: Vector  # mean radiance of the clear sky
    haze: float  # 1 in clear weather
    fog: float  # extinction per km at the ground
    fog_height: float  # km
    fog_colour: Vector  # radiance of fog that nothing is seen through
    fog_glow: Vector  # of it, what the sun adds all around itself
    stars: float
    matrix: Plane
    seed: int = 1

    def paint(self, left: float, right: float, top: float, bottom: float, width: int, height: int, pool: Pool) -> Plane:
        """Radiance (3, height, width) over azimuths left..right and elevations top..bottom, in degrees."""
        out = np.empty((3, height, width), np.float32)
        a = np.radians(left + (np.arange(width) + 0.5) * (right - left) / width)
        e = np.radians(top + (np.arange(height) + 0.5) * (bottom - top) / height)
        pixel = float(np.radians(abs(top - bottom) / height))
        numbers = self._numbers()
        s, m = self.sun, self.moon
        clouds = self._clouds(a, e, pool)
        columns = np.stack([np.sin(a), np.cos(a), _columns(a - s.azimuth, s.sky), _columns(a - m.azimuth, m.sky)])

        def strip(y0: int, y1: int) -> None:
            _paint(
                s.sky, s.direction, s.ground, s.clouds, m.sky, m.direction, m.ground, m.clouds, columns,
                clouds, self.streaks, self.ambient, self.fog_colour, self.fog_glow, numbers, self.matrix, a, e, pixel,
                out, y0, y1,
            )  # fmt: skip

        pool.map(height, strip, 4)
        return out

    def _clouds(self, azimuths: NDArray[np.float64], elevations: NDArray[np.float64], pool: Pool) -> Plane:
        """Half as fine as the picture: clouds are soft, and cost most. Direct light, even light, and how much is hidden."""
        rows, columns = -(-len(elevations) // 2), -(-len(azimuths) // 2)
        out = np.zeros((3, rows, columns), np.float32)
        if self.cover <= 0:
            return out
        by_moon = self.moon.clouds[1] > self.sun.clouds[1]
        lamp = self.moon.direction if by_moon else self.sun.direction
        a = np.interp(2 * np.arange(columns) + 0.5, np.arange(len(azimuths)), azimuths)
        e = np.interp(2 * np.arange(rows) + 0.5, np.arange(len(elevations)), elevations)
        numbers = self._numbers()
        pool.map(rows, lambda y0, y1: _follow(lamp, self.tile, self.detail, numbers, a, e, out, y0, y1), 4)
        for _ in range(1 if azimuths[1] - azimuths[0] > 0.002 else 2):
            out = _softened(out, pool)
        return out

    def seen_through(self, direction: Vector) -> float:
        """How much of a light from a direction comes through clouds and fog."""
        return float(_clouds_before(np.asarray(direction, np.float64), self.tile, self.detail, self._numbers()))

    def _numbers(self) -> NDArray[np.float64]:
        return np.array(
            [self.cover, self.weight, self.cirrus, self.base, self.thick, *self.drift, self.haze, self.fog,
             self.fog_height, self.stars, self.lit, self.seed]
        )  # fmt: skip


def _softened(planes: Plane, pool: Pool) -> Plane:
    out = np.empty_like(planes)
    pool.map(planes.shape[1], lambda a, b: _soften(planes, out, a, b), 8)
    return out


def _columns(apart: NDArray[np.float64], sky: Plane) -> NDArray[np.float64]:
    """Where azimuths, from the light's, lie in a sky's table."""
    apart = np.abs((apart + np.pi) % (2 * np.pi) - np.pi)
    return np.asarray(np.sqrt(apart / np.pi) * (sky.shape[1] - 1))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _reach(sine, height):  # type: ignore[no-untyped-def]
    """How far a shell is, at a height in km over the eye."""
    return np.sqrt(_EARTH * _EARTH * sine * sine + 2.0 * _EARTH * height + height * height) - _EARTH * sine


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _smooth(low, high, v):  # type: ignore[no-untyped-def]
    t = min(max((v - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _cloud(tile, detail, x, z, level, cover, fine):  # type: ignore[no-untyped-def]
    """Density 0..1 at a place (km) and a level 0..1 of the slab."""
    deep = read(tile, x / _TILE, z / _TILE) - (1.0 - cover)
    if deep <= 0.0:
        return 0.0
    top = (deep / max(cover, 0.35)) ** 0.55
    if fine:
        top -= 0.42 * (1.0 - read(detail, x / 6.3 + 0.17 * level, z / 6.3)) * (0.35 + level) * (1.0 - 0.3 * cover)
        top -= 0.16 * (1.0 - read(detail, x / 1.27, z / 1.27 + 0.6 * level))
    return _smooth(0.0, 0.22, top - level) * _smooth(0.0, 0.08, level + 0.03)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _depth_to(tile, detail, x, z, level, sx, sy, sz, cover, thick, density, size, jitter):  # type: ignore[no-untyped-def]
    """Optical depth from a place towards a light, by few steps that grow."""
    total, gone = 0.0, 0.0
    step = 0.09 * size
    for k in range(5):
        middle = gone + jitter * step
        up = level + middle * sy / thick
        if up > 1.0 or up < 0.0:
            break
        total += _cloud(tile, detail, x + middle * sx, z + middle * sz, up, cover, k == 0) * step
        gone += step
        step *= 1.9
    return total * density


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _lobe(nu, g):  # type: ignore[no-untyped-def]
    """Henyey and Greenstein."""
    bent = 1.0 + g * g - 2.0 * g * nu
    return (1.0 - g * g) / (4.0 * np.pi * bent * np.sqrt(bent))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _scattered(nu, depth):  # type: ignore[no-untyped-def]
    """Light that a cloud sends on, of 1 that came in: three orders, each deeper and more even than the last."""
    total, share, thinner, narrower = 0.0, 1.0, 1.0, 1.0
    for _ in range(4):
        phase = 0.7 * _lobe(nu, 0.78 * narrower) + 0.3 * _lobe(nu, -0.25 * narrower)
        total += share * phase * np.exp(-depth * thinner)
        share, thinner, narrower = share * 0.62, thinner * 0.33, narrower * 0.45
    return total


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _clouds_before(d, tile, detail, numbers):  # type: ignore[no-untyped-def]
    """How much of the light along a direction comes through, a few degrees around it on average."""
    cover, weight, base, thick = numbers[0], numbers[1], numbers[3], numbers[4]
    fog, fog_height = numbers[8], numbers[9]
    sine = max(d[1], 0.02)
    passed = np.exp(-fog * fog_height / max(sine, 0.05))
    if cover <= 0.0:
        return passed
    density = _DENSITY[0] + weight * (_DENSITY[1] - _DENSITY[0])
    total, count = 0.0, 0
    for j in range(-2, 3):
        for i in range(-2, 3):
            depth = 0.0
            for k in range(6):
                level = (k + 0.5) / 6
                t = _reach(sine, base + level * thick)
                x, z = t * d[0] + numbers[5] + 0.12 * i, t * d[2] + numbers[6] + 0.12 * j
                depth += _cloud(tile, detail, x, z, level, cover, False) * thick / 6 / max(sine, 0.15)
            total += np.exp(-0.35 * density * depth)
            count += 1
    return passed * total / count


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _follow(lamp, tile, detail, numbers, azimuths, elevations, out, y0, y1):  # type: ignore[no-untyped-def]
    """Rays through the slab of clouds."""
    cover, weight, base, thick = numbers[0], numbers[1], numbers[3], numbers[4]
    drift_x, drift_z = numbers[5], numbers[6]
    density = _DENSITY[0] + weight * (_DENSITY[1] - _DENSITY[0])
    size = 0.6 + thick
    steps = 9 if azimuths[1] - azimuths[0] > 0.004 else 20
    lamp_y = max(lamp[1], 0.05)
    for y in range(y0, y1):
        e = elevations[y]
        sine, cosine = np.sin(e), np.cos(e)
        if sine <= 0.003:
            continue
        near, far = _reach(sine, base), _reach(sine, base + thick)
        far = min(far, near + 9.0 * thick + 2.0)
        length = (far - near) / steps
        for x in range(azimuths.size):
            dx, dz = np.sin(azimuths[x]) * cosine, -np.cos(azimuths[x]) * cosine
            nu = dx * lamp[0] + sine * lamp[1] + dz * lamp[2]
            # a pattern whose neighbours differ most (J. Jimenez 2014): what it leaves is gone after softening
            jitter = 0.25 + 0.5 * (52.9829189 * ((0.06711056 * x + 0.00583715 * y) % 1.0) % 1.0)
            t, seen, light, even, inside = near + jitter * length, 1.0, 0.0, 0.0, False
            while t < far and seen > 0.02:
                level = (t - near) / (far - near)
                px, pz = t * dx + drift_x, t * dz + drift_z
                some = _cloud(tile, detail, px, pz, level, cover, True)
                if some <= 0.001:
                    t += 0.5 * length if inside else length
                    continue
                if not inside:  # back to where the cloud begins, so that its edge isn't as coarse as the steps
                    inside = True
                    low, high = max(t - length, near), t
                    for _ in range(3):
                        middle = 0.5 * (low + high)
                        level = (middle - near) / (far - near)
                        if (
                            _cloud(tile, detail, middle * dx + drift_x, middle * dz + drift_z, level, cover, True)
                            > 0.001
                        ):
                            high = middle
                        else:
                            low = middle
                    t = high + 0.3 * jitter * length
                    continue
                depth = _depth_to(
                    tile,
                    detail,
                    px,
                    pz,
                    level,
                    lamp[0],
                    lamp_y,
                    lamp[2],
                    cover,
                    thick,
                    density,
                    size,
                    0.2 + 0.6 * jitter,
                )
                step = 0.5 * length
                passed = np.exp(-some * density * min(step, 0.8))
                gain = seen * (1.0 - passed)
                light += gain * _scattered(nu, depth)
                thin = 1.2 - weight * (
                    0.7 * read(tile, px / 11.0 + 0.3, pz / 11.0) + 0.3 * read(detail, px / 5.0, pz / 5.0)
                )
                even += gain * (0.25 + 0.75 * level) * (1.0 - 0.62 * weight * (1.0 - level)) * thin
                seen *= passed
                t += step
            out[0, y, x], out[1, y, x], out[2, y, x] = light, even, 1.0 - seen


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _soften(src, out, y0, y1):  # type: ignore[no-untyped-def]
    """1 2 1 both ways, held at the border."""
    rows, columns = src.shape[1:]
    quarter, half = np.float32(0.25), np.float32(0.5)
    for c in range(3):
        for y in range(y0, y1):
            above, here, below = src[c, max(y - 1, 0)], src[c, y], src[c, min(y + 1, rows - 1)]
            last = quarter * above[0] + half * here[0] + quarter * below[0]
            middle = last
            for x in range(columns):
                k = min(x + 1, columns - 1)
                following = quarter * above[k] + half * here[k] + quarter * below[k]
                out[c, y, x] = quarter * last + half * middle + quarter * following
                last, middle = middle, following


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _between(planes, x, y):  # type: ignore[no-untyped-def]
    """Three planes of half the size, read between their pixels."""
    u, v = max(0.5 * x - 0.25, 0.0), max(0.5 * y - 0.25, 0.0)
    i, j = min(int(u), planes.shape[2] - 1), min(int(v), planes.shape[1] - 1)
    k, m = min(i + 1, planes.shape[2] - 1), min(j + 1, planes.shape[1] - 1)
    a, b = np.float32(u - i), np.float32(v - j)
    p0 = planes[0, j, i] + a * (planes[0, j, k] - planes[0, j, i])
    q0 = planes[0, m, i] + a * (planes[0, m, k] - planes[0, m, i])
    p1 = planes[1, j, i] + a * (planes[1, j, k] - planes[1, j, i])
    q1 = planes[1, m, i] + a * (planes[1, m, k] - planes[1, m, i])
    p2 = planes[2, j, i] + a * (planes[2, j, k] - planes[2, j, i])
    q2 = planes[2, m, i] + a * (planes[2, m, k] - planes[2, m, i])
    return p0 + b * (q0 - p0), p1 + b * (q1 - p1), p2 + b * (q2 - p2)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _paint(  # type: ignore[no-untyped-def]
    sun_sky, sun, sun_ground, sun_clouds, moon_sky, moon, moon_ground, moon_clouds, columns,
    clouds, streaks, ambient, fog_colour, fog_glow, numbers, matrix, azimuths, elevations, pixel, out, y0, y1,
):  # fmt: skip
    cover, weight, cirrus, base = numbers[0], numbers[1], numbers[2], numbers[3]
    drift_x, drift_z, haze = numbers[5], numbers[6], numbers[7]
    fog, fog_height, star_light, lit, seed = numbers[8], numbers[9], numbers[10], numbers[11], numbers[12]
    by_moon = moon_clouds[1] > sun_clouds[1]
    lamp = moon if by_moon else sun
    shine = moon_clouds if by_moon else sun_clouds
    radius = np.radians(SUN_RADIUS)
    disc = max(radius, 0.75 * pixel)
    c = np.empty(3)
    for y in range(y0, y1):
        e = elevations[y]
        sine, cosine = np.sin(e), np.cos(e)
        sun_row, moon_row = row_of(sun_sky, e), row_of(moon_sky, e)
        for x in range(azimuths.size):
            azimuth = azimuths[x]
            dx, dz = columns[0, x] * cosine, -columns[1, x] * cosine
            nu = dx * lamp[0] + sine * lamp[1] + dz * lamp[2]
            c[:] = 0.0
            look(sun_sky, sun_row, columns[2, x], c)
            if moon_ground[1] > 0.0:
                look(moon_sky, moon_row, columns[3, x], c)
            if sine <= -0.02:
                _veil(c, e, sine, fog, fog_height, fog_colour, fog_glow, nu)
                _write(out, y, x, c, matrix)
                continue
            through = 1.0
            if cirrus > 0.0 and sine > 0.0:
                t = _reach(sine, 8.5)
                u, v = (t * dx + drift_x) / _CIRRUS_TILE, (t * dz + drift_z) / _CIRRUS_TILE
                wave = 0.06 * read(streaks, 0.5 * v, 0.5 * u)
                n = 0.6 * read(streaks, 0.9 * u + 0.4 * v + wave, 2.6 * v - 0.9 * u) + 0.4 * read(
                    streaks, 3.1 * u, 7.0 * v + wave
                )
                veil = _smooth(1.0 - 0.75 * cirrus, 1.25 - 0.5 * cirrus, n) * min(1.0, 14.0 / t) * 0.8
                glow = 0.32 * _lobe(nu, 0.7) + 0.05
                for k in range(3):
                    c[k] = c[k] * (1.0 - 0.7 * veil) + veil * (glow * shine[k] + 0.35 * ambient[k])
                through *= 1.0 - 0.75 * veil
            if cover > 0.0 and sine > 0.004:
                clear = np.exp(-_reach(sine, base) * _HAZE * haze)
                light, even, hidden = _between(clouds, x, y)
                faded = hidden * clear
                shut = _smooth(0.6, 0.95, cover) * (1.0 - clear)  # far off there's air in the shade of clouds
                grey = (0.85 - 0.6 * weight) * (0.3 * ambient[0] + 0.6 * ambient[1] + 0.1 * ambient[2])
                for k in range(3):
                    c[k] += shut * (0.6 * grey + 0.4 * grey * ambient[k] / max(ambient[1], 1e-12) - c[k])
                    own = light * shine[k] * 2.2 + even * (0.85 * ambient[k] + 0.02 * shine[k])
                    c[k] = c[k] * (1.0 - faded) + own * clear
                through *= 1.0 - hidden
            if through > 0.001:
                _lamps(
                    c, azimuth, e, dx, sine, dz, sun, sun_ground, moon, moon_ground, lit, through, disc, radius,
                    star_light, seed, pixel, ambient,
                )  # fmt: skip
            _veil(c, e, sine, fog, fog_height, fog_colour, fog_glow, nu)
            _write(out, y, x, c, matrix)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _lamps(  # type: ignore[no-untyped-def]
    c, azimuth, e, dx, dy, dz, sun, sun_ground, moon, moon_ground, lit, through, disc, radius, star_light, seed,
    pixel, ambient,
):  # fmt: skip
    """Sun, moon and stars. A disc smaller than a pixel keeps its light."""
    if sun_ground[0] > 0.0:
        away = np.sqrt((dx - sun[0]) ** 2 + (dy - sun[1]) ** 2 + (dz - sun[2]) ** 2)
        if away < 1.6 * disc:
            edge = 1.0 - _smooth(disc - 0.5 * pixel, disc + 0.5 * pixel, away)
            limb = 0.4 + 0.6 * np.sqrt(max(1.0 - (away / disc) ** 2, 0.0))  # of 0.8 on average
            for k in range(3):
                c[k] += through * edge * limb / 0.8 * sun_ground[k] / (np.pi * disc * disc)
    if lit > 0.0:
        away = np.sqrt((dx - moon[0]) ** 2 + (dy - moon[1]) ** 2 + (dz - moon[2]) ** 2)
        if away < disc + pixel:
            across = ((dx - moon[0]) * np.cos(azimuth) + (dz - moon[2]) * np.sin(azimuth)) / disc
            up = (e - np.arcsin(min(max(moon[1], -1.0), 1.0))) / disc
            edge = 1.0 - _smooth(disc - 0.5 * pixel, disc + 0.5 * pixel, away)
            dark = np.sqrt(max(1.0 - up * up, 0.0)) * (1.0 - 2.0 * lit)
            face = _smooth(dark - 0.15, dark + 0.15, across) if lit < 0.97 else 1.0
            for k in range(3):
                c[k] += through * edge * face * moon_ground[k] / (np.pi * radius * radius)
    if star_light > 0.0 and dy > 0.0:
        _stars(c, azimuth, e, dx, dy, dz, star_light * through, seed, pixel)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _stars(c, azimuth, e, dx, dy, dz, amount, seed, pixel):  # type: ignore[no-untyped-def]
    """Stars strewn over cells of half a degree, their light over at least a pixel; and a band of faint ones."""
    cell = 0.009
    row = int(np.floor(e / cell))
    around = max(1, int(2.0 * np.pi * np.cos((row + 0.5) * cell) / cell))
    column = int(np.floor((azimuth + np.pi) / (2.0 * np.pi) * around))
    chance = scatter(column, row, seed)
    fades = min(1.0, dy * 4.0) * amount
    if chance > 0.86:
        v = (row + 0.15 + 0.7 * scatter(column, row, seed + 5)) * cell
        u = (column + 0.15 + 0.7 * scatter(column, row, seed + 9)) / around * 2.0 * np.pi - np.pi
        width = max(0.0006, 0.6 * pixel)
        off = ((azimuth - u) * np.cos(e)) ** 2 + (e - v) ** 2
        if off < 9.0 * width * width:
            magnitude = (chance - 0.86) / 0.14
            bright = 1.2e-12 * 10.0 ** (2.4 * magnitude**6) / (width * width) * np.exp(-off / (width * width))
            warm = scatter(column, row, seed + 13) - 0.5
            c[0] += fades * bright * (1.0 + 0.5 * warm)
            c[1] += fades * bright
            c[2] += fades * bright * (1.0 - 0.5 * warm)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _veil(c, e, sine, fog, height, colour, glow, nu):  # type: ignore[no-untyped-def]
    """Fog that thins out upwards, before what lies beyond all of it."""
    if fog <= 0.0:
        return
    depth = fog * height / max(sine, 0.012) if sine > -0.012 else fog * height / 0.012
    passed = np.exp(-min(depth, 40.0))
    lobe = _lobe(nu, 0.72)
    for k in range(3):
        c[k] = c[k] * passed + (1.0 - passed) * (colour[k] + glow[k] * lobe)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _write(out, y, x, c, m):  # type: ignore[no-untyped-def]
    for k in range(3):
        out[k, y, x] = max(m[k, 0] * c[0] + m[k, 1] * c[1] + m[k, 2] * c[2], 0.0)
