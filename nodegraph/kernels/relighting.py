# ruff: noqa: TID253
"""An actor in a world's light: one pass over the picture.

    shape (nx ny nz, depth) ─┬─> nine numbers of the world's soft light ──┐
                             ├─> lamps, and who stands in their way ──────┤
    picture ─────────────────┴─> what shines in the mirror of the skin ───┴─> picture x new light / old light + shine

Soft light: R. Ramamoorthi and P. Hanrahan 2001. Shine: the microfacet model GGX (B. Walter et al. 2007) in two factors
as B. Karis has it ("Real Shading in Unreal Engine 4", 2013): a panorama blurred by the lobe, looked up in the mirror's
direction, and the Fresnel part as his analytic fit (after S. Lazarov).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nodegraph.kernels.filters.flat import KERNEL
from nodegraph.kernels.pool import Pool

Plane = NDArray[np.float32]

#: What skin and cloth mirror straight on.
F0 = 0.04
_SHADOW_STEPS = 10
#: How far light goes round skin, as a cosine.
_WRAP = 0.12


@dataclass(frozen=True)
class Lighting:
    """All that one pass needs.

    `soft` (9, 3) are factors of `harmonics.polynomial`, of the new irradiance, and `old` (9,) those of the light the
    actor was filmed in, in luminance, 1 being a white card's. `lamps` is (n, 13): kind (0 from afar, 1 at
    a place, 2 a spot), x, y, z, size, red, green, blue, a spot's axis x, y, z, and the cosines where it begins to fade and ends; `mirror` a panorama `blurred` for the roughness.
    """

    soft: Plane
    old: Plane
    lamps: Plane
    mirror: Plane
    roughness: float
    amount: float
    diffuse: float
    specular: float
    rim: float
    shadow: float
    saturation: float
    most: float  # how many times brighter or darker a pixel may get


def relight(
    picture: Plane, shape: Plane, at: tuple[float, float, float], light: Lighting, out: Plane, pool: Pool, whole: Plane
) -> None:
    """Fill `out` (4, height, width) from a premultiplied picture of the same size and its `shape` (4, ...).

    `at` = (x, y, unit): the first pixel's middle in the picture, from the display window's middle, y upwards, and the
    window's height, all in pixels. `whole` (2, rows, columns) is the shape's depth and matte, coarsely and all of it,
    for shadows.
    """
    height = picture.shape[1]
    numbers = np.array(
        [light.roughness, light.amount, light.diffuse, light.specular, light.rim, light.shadow, light.saturation,
         np.log2(max(light.most, 1.0)), *at],
        np.float32,
    )  # fmt: skip
    lamps = np.ascontiguousarray(light.lamps, np.float32).reshape(-1, 13)

    shadows = np.empty((len(lamps), *whole.shape[1:]), np.float32)
    if light.shadow > 0 and len(lamps):
        pool.map(whole.shape[1], lambda a, b: _shadows(whole, lamps, light.shadow, shadows, a, b), 8)

    scale = _second_factor(light.roughness)

    def strip(a: int, b: int) -> None:
        with pool.scratch((19, max(picture.shape[2], whole.shape[2]))) as lines:
            _relight(
                picture, shape, light.soft, light.old, lamps, light.mirror, scale, shadows, numbers, lines, out, a, b
            )  # fmt: skip

    pool.map(height, strip, 8)


def _second_factor(roughness: float) -> Plane:
    """The Fresnel part by n.v in 64 steps: Karis's analytic fit, after S. Lazarov."""
    n_v = np.maximum((np.arange(64) + 0.5) / 63.5, 0.08)
    r0, r1 = 1 - roughness, -0.0275 * roughness + 0.0425
    bent = np.minimum(r0 * r0, np.exp2(-9.28 * n_v)) * r0 + r1
    scale = F0 * (-1.04 * bent - 0.572 * roughness + 1.04) + 1.04 * bent + 0.022 * roughness - 0.04
    return np.asarray(np.maximum(scale, 0), np.float32)


def blurred(panorama: NDArray[np.floating], roughness: float, pool: Pool, side: int = 48) -> Plane:
    """A panorama (3, rows, columns) as a surface of this roughness mirrors it (Karis's first factor: seen straight on),
    summed directly over a panorama of 64 x 128 at the most: an octahedral map (3, side + 2, side + 2) with a border."""
    source = reduced(panorama, 64)
    a2 = np.float64(max(roughness, 0.12) ** 4)
    where, solid = _directions(*source.shape[1:])
    target = octahedral(side)
    out = np.empty((3, side + 2, side + 2), np.float32)
    pool.map(side + 2, lambda y0, y1: _blur(source, where, solid, target, a2, out, y0, y1), 2)
    return out


def octahedral(side: int) -> Plane:
    """Unit vectors (3, side + 2, side + 2) of an octahedral map's pixels, with a border of one that folds over
    (T. Engelhardt and C. Dachsbacher, "Octahedron Environment Maps", 2008)."""
    u = (np.arange(-1, side + 1) + 0.5) / side * 2 - 1
    x, y = np.meshgrid(u, u)
    over_x, over_y = np.abs(x) > 1, np.abs(y) > 1
    x, y = np.where(over_x, np.sign(x) * 2 - x, x), np.where(over_x, -y, y)
    x, y = np.where(over_y, -x, x), np.where(over_y, np.sign(y) * 2 - y, y)
    z = 1 - np.abs(x) - np.abs(y)
    t = np.maximum(-z, 0)
    vectors = np.stack([x - np.sign(x) * t, y - np.sign(y) * t, z])
    return np.asarray(vectors / np.linalg.norm(vectors, axis=0), np.float32)


def reduced(panorama: NDArray[np.floating], rows: int) -> Plane:
    step = max(1, panorama.shape[1] // rows)
    high, wide = panorama.shape[1] // step, panorama.shape[2] // step
    cut = panorama[:, : high * step, : wide * step]
    return np.asarray(cut.reshape(3, high, step, wide, step).mean((2, 4)), np.float32)


def _directions(rows: int, columns: int) -> tuple[Plane, Plane]:
    e = np.pi / 2 - (np.arange(rows) + 0.5) / rows * np.pi
    a = (np.arange(columns) + 0.5) / columns * 2 * np.pi - np.pi
    where = np.stack(
        np.broadcast_arrays(np.sin(a) * np.cos(e)[:, None], np.sin(e)[:, None], -np.cos(a) * np.cos(e)[:, None])
    )
    edges = np.sin(np.pi / 2 - np.arange(rows + 1) / rows * np.pi)
    return where.astype(np.float32), ((edges[:-1] - edges[1:]) * 2 * np.pi / columns).astype(np.float32)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _blur(source, where, solid, target, a2, out, y0, y1):  # type: ignore[no-untyped-def]
    """Weighted by D n.l: with the view along the normal, directions drawn by D n.h have the density D / 4."""
    rows, columns = source.shape[1:]
    for y in range(y0, y1):
        for x in range(out.shape[2]):
            nx, ny, nz = target[0, y, x], target[1, y, x], target[2, y, x]
            r, g, b, total = 0.0, 0.0, 0.0, 0.0
            for j in range(rows):
                for i in range(columns):
                    cosine = nx * where[0, j, i] + ny * where[1, j, i] + nz * where[2, j, i]
                    if cosine <= 0.0:
                        continue
                    half = 0.5 + 0.5 * cosine  # (n.h)^2, h halfway between n and the light
                    bent = half * (a2 - 1.0) + 1.0
                    weight = a2 / (bent * bent) * cosine * solid[j]
                    total += weight
                    r += weight * source[0, j, i]
                    g += weight * source[1, j, i]
                    b += weight * source[2, j, i]
            out[0, y, x], out[1, y, x], out[2, y, x] = r / total, g / total, b / total


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _shadows(whole, lamps, amount, out, y0, y1):  # type: ignore[no-untyped-def]
    """How much of each lamp is seen (n, rows, columns) past the rest of the actor, over the coarse picture."""
    rows, columns = whole.shape[1:]
    per = np.float32(rows)
    for k in range(lamps.shape[0]):
        for j in range(y0, y1):
            for i in range(columns):
                out[k, j, i] = np.float32(1)
                if whole[1, j, i] <= np.float32(0.5):
                    continue
                px, py = (i + 0.5 - 0.5 * columns) / per, (0.5 * rows - j - 0.5) / per
                z = whole[0, j, i]
                lx, ly, lz = lamps[k, 1], lamps[k, 2], lamps[k, 3]
                if lamps[k, 0] > 0:
                    lx, ly, lz = lx - px, ly - py, lz - z
                    far = 1.0 / np.sqrt(max(lx * lx + ly * ly + lz * lz, 1e-6))
                    lx, ly, lz = lx * far, ly * far, lz * far
                seen, t = 1.0, 0.02
                for _ in range(_SHADOW_STEPS):
                    x, y = int(i + 0.5 + t * lx * per), int(j + 0.5 - t * ly * per)
                    if x < 0 or y < 0 or x >= columns or y >= rows:
                        break
                    if whole[1, y, x] > np.float32(0.5):
                        over = whole[0, y, x] - (z + t * lz)
                        seen = min(seen, 1.0 - over / (0.25 * t + 0.01))
                    t *= 1.4
                out[k, j, i] = np.float32(1.0 - amount * (1.0 - min(max(seen, 0.0), 1.0)))


# A row is worked on in short loops over all of its pixels: those without branches and lookups are vectorised.


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _normals(sx, sy, sz, alpha, nx, ny, nz, there):  # type: ignore[no-untyped-def]
    """Of length one, and whether there is a shape at all."""
    zero, one = np.float32(0), np.float32(1)
    for x in range(nx.size):
        length = sx[x] * sx[x] + sy[x] * sy[x] + sz[x] * sz[x]
        known = (length > np.float32(0.01)) & (length < np.float32(1e6)) & (alpha[x] > zero)
        scale = one / np.sqrt(length) if known else zero
        nx[x] = sx[x] * scale if known else zero
        ny[x] = sy[x] * scale if known else zero
        nz[x] = sz[x] * scale if known else one
        there[x] = one if known else zero


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _soft(f, c, nx, ny, nz, gain, out):  # type: ignore[no-untyped-def]
    """Nine numbers of a channel in all directions, times a gain; never less than 0."""
    f0, f1, f2, f3, f4 = f[0, c], f[1, c], f[2, c], f[3, c], f[4, c]
    f5, f6, f7, f8 = f[5, c], f[6, c], f[7, c], f[8, c]
    zero = np.float32(0)
    for k in range(out.size):
        x, y, z = nx[k], ny[k], nz[k]
        value = f0 + y * (f1 + f4 * x + f5 * z - f8 * y) + z * (f2 + f6 * z + f7 * x) + x * (f3 + f8 * x)
        out[k] = max(value, zero) * gain


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _far_lamp(lamp, nx, ny, nz, facing, lz, power):  # type: ignore[no-untyped-def]
    lx, ly, z = lamp[1], lamp[2], lamp[3]
    for x in range(nx.size):
        facing[x] = nx[x] * lx + ny[x] * ly + nz[x] * z
        lz[x] = z
        power[x] = np.float32(1)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _near_lamp(lamp, nx, ny, nz, depth, left, py, unit, facing, lz, power):  # type: ignore[no-untyped-def]
    """Of a lamp that stands somewhere; a spot's beam fades at its edge."""
    zero, one = np.float32(0), np.float32(1)
    spot = one if lamp[0] > np.float32(1.5) else zero
    narrow = one / max(lamp[11] - lamp[12], np.float32(1e-4))
    size = lamp[4] * lamp[4]
    for x in range(nx.size):
        dx, dy, dz = lamp[1] - (left + x) * unit, lamp[2] - py, lamp[3] - depth[x]
        far = max(dx * dx + dy * dy + dz * dz, np.float32(1e-4))
        scale = one / np.sqrt(far)
        dx, dy, dz = dx * scale, dy * scale, dz * scale
        along = dx * lamp[8] + dy * lamp[9] + dz * lamp[10]
        beam = min(max((along - lamp[12]) * narrow, zero), one)
        facing[x] = nx[x] * dx + ny[x] * dy + nz[x] * dz
        lz[x] = dz
        power[x] = (one - spot * (one - beam)) / (far + size)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _shade_by(shadow, sj, sk, sb, per, left, columns, power, line):  # type: ignore[no-untyped-def]
    """Multiply a lamp's light by how much of it is seen."""
    for i in range(columns):
        line[i] = shadow[sj, i] + sb * (shadow[sk, i] - shadow[sj, i])
    last = np.float32(columns - 1)
    for x in range(power.size):
        u = min(max((left + x) * per + np.float32(0.5) * columns - np.float32(0.5), np.float32(0)), last)
        i = int(u)
        m = min(i + 1, columns - 1)
        power[x] *= line[i] + (u - i) * (line[m] - line[i])


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _lit(facing, power, out):  # type: ignore[no-untyped-def]
    """The cosine, round skin a little, softly begun; over pi."""
    zero, two, three = np.float32(0), np.float32(2), np.float32(3)
    for x in range(out.size):
        v = max((facing[x] + np.float32(_WRAP)) * np.float32(1 / (1 + _WRAP)), zero)
        soft = v * v * (three - two * v)
        v = soft if v < np.float32(0.25) else v
        out[x] = v * power[x] * np.float32(1 / np.pi)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _shine(facing, nz, lz, power, a2, out):  # type: ignore[no-untyped-def]
    """D F G / (4 n.l n.v) n.l of a white lamp: Walter's D and G (Schlick's form), Schlick's Fresnel; v = (0, 0, 1)."""
    zero, one, two = np.float32(0), np.float32(1), np.float32(2)
    k = np.float32(0.5) * np.sqrt(a2)
    for x in range(out.size):
        n_l = max(facing[x], np.float32(0.02))
        n_v = max(nz[x], np.float32(0.08))
        half = one / np.sqrt(max(two + two * lz[x], np.float32(1e-6)))
        n_h, v_h = max((facing[x] + nz[x]) * half, zero), max((one + lz[x]) * half, zero)
        bent = n_h * n_h * (a2 - one) + one
        d = a2 / (np.float32(np.pi) * bent * bent)
        g = np.float32(0.25) / ((n_v * (one - k) + k) * (n_l * (one - k) + k))
        m = one - v_h
        fresnel = np.float32(F0) + np.float32(1 - F0) * m * m * m * m * m
        out[x] = d * g * fresnel * max(facing[x], zero) * power[x]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _add(line, share, amount):  # type: ignore[no-untyped-def]
    for x in range(line.size):
        line[x] += share[x] * amount


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _mirrored(mirror, scale, nx, ny, nz, there, r, g, b):  # type: ignore[no-untyped-def]
    """Add what is seen in the mirror's direction; `scale` is the second factor by n.v, in 64 steps."""
    zero, one, two = np.float32(0), np.float32(1), np.float32(2)
    side = mirror.shape[1] - 2
    half = np.float32(0.5) * side
    for x in range(nx.size):
        if there[x] == zero:
            continue
        mx, my, mz = two * nz[x] * nx[x], two * nz[x] * ny[x], two * nz[x] * nz[x] - one
        size = one / (abs(mx) + abs(my) + abs(mz))
        u, v = mx * size, my * size
        if mz < zero:
            u, v = (one - abs(v)) * (one if u >= zero else -one), (one - abs(u)) * (one if v >= zero else -one)
        u, v = (u + one) * half + np.float32(0.5), (v + one) * half + np.float32(0.5)
        i, j = min(int(u), side), min(int(v), side)
        fu, fv = u - i, v - j
        f = scale[min(int(max(nz[x], zero) * np.float32(63.5)), 63)]
        w00, w10, w01, w11 = f * (one - fu) * (one - fv), f * fu * (one - fv), f * (one - fu) * fv, f * fu * fv
        r[x] += (
            w00 * mirror[0, j, i]
            + w10 * mirror[0, j, i + 1]
            + w01 * mirror[0, j + 1, i]
            + w11 * mirror[0, j + 1, i + 1]
        )
        g[x] += (
            w00 * mirror[1, j, i]
            + w10 * mirror[1, j, i + 1]
            + w01 * mirror[1, j + 1, i]
            + w11 * mirror[1, j + 1, i + 1]
        )
        b[x] += (
            w00 * mirror[2, j, i]
            + w10 * mirror[2, j, i + 1]
            + w01 * mirror[2, j + 1, i]
            + w11 * mirror[2, j + 1, i + 1]
        )


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _behind(nx, ny, nz, bx, by, bz, edge, rim):  # type: ignore[no-untyped-def]
    """Where the rim's light comes from, and how much of it there is: most where the shape turns away."""
    zero, one = np.float32(0), np.float32(1)
    for x in range(nx.size):
        back = one / np.sqrt(nx[x] * nx[x] + ny[x] * ny[x] + np.float32(0.36))
        bx[x], by[x], bz[x] = nx[x] * back, ny[x] * back, np.float32(-0.6) * back
        e = one - max(nz[x], zero)
        edge[x] = e * e * e * rim * np.float32(0.35 / np.pi)


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _grey(r, g, b, out):  # type: ignore[no-untyped-def]
    for x in range(out.size):
        out[x] = np.float32(0.2126) * r[x] + np.float32(0.7152) * g[x] + np.float32(0.0722) * b[x]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _finish(src, light, grey, was, shine, alpha, there, amount, diffuse, saturation, shiny, least, most, out):  # type: ignore[no-untyped-def]
    """A channel in its new light; what has no shape stays exactly as it is."""
    zero, one = np.float32(0), np.float32(1)
    for x in range(out.size):
        tinted = max(grey[x] + saturation * (light[x] - grey[x]), zero)
        ratio = min(max(tinted * diffuse / max(was[x], np.float32(0.05)), least), most)
        value = src[x] * (one + amount * (ratio - one)) + shiny * shine[x] * alpha[x]
        out[x] = value if there[x] > zero else src[x]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _rim(soft, c, bx, by, bz, edge, work, line):  # type: ignore[no-untyped-def]
    _soft(soft, c, bx, by, bz, np.float32(1), work)
    for x in range(line.size):
        line[x] += work[x] * edge[x]


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _relight(picture, shape, soft, old, lamps, mirror, scale, shadows, numbers, lines, out, y0, y1):  # type: ignore[no-untyped-def]
    zero = np.float32(0)
    roughness, amount, diffuse, specular = numbers[0], numbers[1], numbers[2], numbers[3]
    rim, shadow, saturation = numbers[4], numbers[5], numbers[6]
    least, most = np.exp2(-numbers[7]), np.exp2(numbers[7])
    left, top, unit = numbers[8], numbers[9], np.float32(1) / numbers[10]
    a2 = max(roughness, np.float32(0.12)) ** 4
    inv, rows, columns = np.float32(1 / np.pi), shadows.shape[1], shadows.shape[2]
    shiny = amount * (specular if specular > zero else np.float32(1))
    for y in range(y0, y1):
        row = picture[3, y]
        first, last = 0, row.size
        while first < last and not row[first] > zero:
            first += 1
        while last > first and not row[last - 1] > zero:
            last -= 1
        for c in range(3):
            out[c, y, :first], out[c, y, last:] = picture[c, y, :first], picture[c, y, last:]
        out[3, y] = row
        if first == last:
            continue
        n = last - first
        alpha = row[first:last]
        nx, ny, nz, there = lines[0, :n], lines[1, :n], lines[2, :n], lines[3, :n]
        r, g, b, shine_r, shine_g, shine_b = (
            lines[4, :n],
            lines[5, :n],
            lines[6, :n],
            lines[7, :n],
            lines[8, :n],
            lines[9, :n],
        )
        facing, lz, power, work = lines[10, :n], lines[11, :n], lines[12, :n], lines[13, :n]
        bx, by, bz, grey = lines[14, :n], lines[15, :n], lines[16, :n], lines[17, :n]
        _normals(shape[0, y, first:last], shape[1, y, first:last], shape[2, y, first:last], alpha, nx, ny, nz, there)
        _soft(soft, 0, nx, ny, nz, inv, r)
        _soft(soft, 1, nx, ny, nz, inv, g)
        _soft(soft, 2, nx, ny, nz, inv, b)
        shine_r[:], shine_g[:], shine_b[:] = zero, zero, zero
        py = (top - y) * unit
        v = min(max((np.float32(0.5) - py) * rows - np.float32(0.5), zero), np.float32(rows - 1))
        sj = int(v)
        for k in range(lamps.shape[0]):
            if lamps[k, 0] > zero:
                _near_lamp(lamps[k], nx, ny, nz, shape[3, y, first:last], left + first, py, unit, facing, lz, power)
            else:
                _far_lamp(lamps[k], nx, ny, nz, facing, lz, power)
            if shadow > zero:
                _shade_by(
                    shadows[k], sj, min(sj + 1, rows - 1), v - sj, unit * rows, left + first, columns, power, lines[18]
                )  # fmt: skip
            _lit(facing, power, work)
            _add(r, work, lamps[k, 5])
            _add(g, work, lamps[k, 6])
            _add(b, work, lamps[k, 7])
            if specular > zero:
                _shine(facing, nz, lz, power, a2, work)
                _add(shine_r, work, lamps[k, 5])
                _add(shine_g, work, lamps[k, 6])
                _add(shine_b, work, lamps[k, 7])
        if specular > zero:
            _mirrored(mirror, scale, nx, ny, nz, there, shine_r, shine_g, shine_b)
        if rim > zero:
            _behind(nx, ny, nz, bx, by, bz, facing, rim)
            _rim(soft, 0, bx, by, bz, facing, work, shine_r)
            _rim(soft, 1, bx, by, bz, facing, work, shine_g)
            _rim(soft, 2, bx, by, bz, facing, work, shine_b)
        _soft(old, 0, nx, ny, nz, np.float32(1), power)
        _grey(r, g, b, grey)
        o = out[:, y, first:last]
        s = picture[:, y, first:last]
        _finish(s[0], r, grey, power, shine_r, alpha, there, amount, diffuse, saturation, shiny, least, most, o[0])
        _finish(s[1], g, grey, power, shine_g, alpha, there, amount, diffuse, saturation, shiny, least, most, o[1])
        _finish(s[2], b, grey, power, shine_b, alpha, there, amount, diffuse, saturation, shiny, least, most, o[2])
