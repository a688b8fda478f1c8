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

    def strip(a: int, b: int) -> None:
        _relight(picture, shape, light.soft, light.old, lamps, light.mirror, shadows, numbers, out, a, b)

    pool.map(height, strip, 8)


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
def _sum(f, c, x, y, z):  # type: ignore[no-untyped-def]
    return (
        f[0, c] + f[1, c] * y + f[2, c] * z + f[3, c] * x + f[4, c] * x * y + f[5, c] * y * z + f[6, c] * z * z
        + f[7, c] * x * z + f[8, c] * (x * x - y * y)
    )  # fmt: skip


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _ggx(n_h, n_v, n_l, v_h, a2):  # type: ignore[no-untyped-def]
    """D F G / (4 n.l n.v) of a white lamp, by Walter's D and G (Schlick's form), Schlick's Fresnel."""
    bent = n_h * n_h * (a2 - np.float32(1)) + np.float32(1)
    d = a2 / (np.float32(np.pi) * bent * bent)
    k = np.float32(0.5) * np.sqrt(a2)
    g = np.float32(0.25) / ((n_v * (np.float32(1) - k) + k) * (n_l * (np.float32(1) - k) + k))
    m = np.float32(1) - v_h
    return d * g * (np.float32(F0) + np.float32(1 - F0) * m * m * m * m * m)


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


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _relight(picture, shape, soft, old, lamps, mirror, shadows, numbers, out, y0, y1):  # type: ignore[no-untyped-def]
    zero, one, two = np.float32(0), np.float32(1), np.float32(2)
    roughness, amount, diffuse, specular = numbers[0], numbers[1], numbers[2], numbers[3]
    rim, shadow, saturation = numbers[4], numbers[5], numbers[6]
    least, most = np.exp2(-numbers[7]), np.exp2(numbers[7])
    left, top, unit = numbers[8], numbers[9], numbers[10]
    a2 = max(roughness, np.float32(0.12)) ** 4
    inv = np.float32(1 / np.pi)
    side = mirror.shape[1] - 2
    rows, columns = shadows.shape[1:]
    kept = one - amount
    for y in range(y0, y1):
        py = (top - y) / unit
        sv = min(max((np.float32(0.5) - py) * rows - np.float32(0.5), zero), np.float32(rows - 1))
        sj = int(sv)
        sk, sb = min(sj + 1, rows - 1), sv - sj
        for x in range(picture.shape[2]):
            alpha = picture[3, y, x]
            out[3, y, x] = alpha
            nx, ny, nz = shape[0, y, x], shape[1, y, x], shape[2, y, x]
            length = nx * nx + ny * ny + nz * nz
            if not (alpha > zero and length > np.float32(0.01) and length < np.float32(1e6)):
                out[0, y, x], out[1, y, x], out[2, y, x] = picture[0, y, x], picture[1, y, x], picture[2, y, x]
                continue
            length = one / np.sqrt(length)
            nx, ny, nz = nx * length, ny * length, nz * length
            r = max(_sum(soft, 0, nx, ny, nz), zero) * inv
            g = max(_sum(soft, 1, nx, ny, nz), zero) * inv
            b = max(_sum(soft, 2, nx, ny, nz), zero) * inv
            shine_r, shine_g, shine_b = zero, zero, zero
            px = (left + x) / unit
            n_v = max(nz, np.float32(0.08))
            for k in range(lamps.shape[0]):
                lx, ly, lz = lamps[k, 1], lamps[k, 2], lamps[k, 3]
                power = one
                if lamps[k, 0] > zero:
                    lx, ly, lz = lx - px, ly - py, lz - shape[3, y, x]
                    far = max(lx * lx + ly * ly + lz * lz, np.float32(1e-4))
                    power = one / (far + lamps[k, 4] * lamps[k, 4])
                    far = one / np.sqrt(far)
                    lx, ly, lz = lx * far, ly * far, lz * far
                    if lamps[k, 0] > np.float32(1.5):
                        along = lx * lamps[k, 8] + ly * lamps[k, 9] + lz * lamps[k, 10]
                        fade = (along - lamps[k, 12]) / max(lamps[k, 11] - lamps[k, 12], np.float32(1e-4))
                        power *= min(max(fade, zero), one)
                facing = nx * lx + ny * ly + nz * lz
                lit = max((facing + np.float32(_WRAP)) * np.float32(1 / (1 + _WRAP)), zero)
                if lit <= zero:
                    continue
                lit = lit * lit * (np.float32(3) - two * lit) if lit < np.float32(0.25) else lit
                if shadow > zero:
                    su = min(
                        max(px * rows + np.float32(0.5) * columns - np.float32(0.5), zero), np.float32(columns - 1)
                    )
                    si = int(su)
                    sm, sa = min(si + 1, columns - 1), su - si
                    low = shadows[k, sj, si] + sa * (shadows[k, sj, sm] - shadows[k, sj, si])
                    high = shadows[k, sk, si] + sa * (shadows[k, sk, sm] - shadows[k, sk, si])
                    power *= low + sb * (high - low)
                lit *= power * inv
                r, g, b = r + lamps[k, 5] * lit, g + lamps[k, 6] * lit, b + lamps[k, 7] * lit
                if specular > zero and facing > zero:
                    half = one / np.sqrt(max(two + two * lz, np.float32(1e-6)))  # of l + v, v = (0, 0, 1)
                    n_h, v_h = max((facing + nz) * half, zero), max((one + lz) * half, zero)
                    lobe = _ggx(n_h, n_v, max(facing, np.float32(0.02)), v_h, a2) * facing * power
                    shine_r, shine_g, shine_b = (
                        shine_r + lamps[k, 5] * lobe,
                        shine_g + lamps[k, 6] * lobe,
                        shine_b + lamps[k, 7] * lobe,
                    )
            if specular > zero:
                # the mirror's direction, on the octahedron
                mx, my, mz = two * nz * nx, two * nz * ny, two * nz * nz - one
                size = one / (abs(mx) + abs(my) + abs(mz))
                u, v = mx * size, my * size
                if mz < zero:
                    u, v = (one - abs(v)) * (one if u >= zero else -one), (one - abs(u)) * (one if v >= zero else -one)
                u, v = (
                    (u + one) * np.float32(0.5) * side + np.float32(0.5),
                    (v + one) * np.float32(0.5) * side + np.float32(0.5),
                )
                i, j = min(int(u), side), min(int(v), side)
                fu, fv = u - i, v - j
                w00, w10, w01, w11 = (one - fu) * (one - fv), fu * (one - fv), (one - fu) * fv, fu * fv
                # Karis's fit of the second factor
                r0, r1 = one - roughness, np.float32(-0.0275) * roughness + np.float32(0.0425)
                bent = min(r0 * r0, np.exp2(np.float32(-9.28) * n_v)) * r0 + r1
                scale = np.float32(F0) * (
                    np.float32(-1.04) * bent + np.float32(-0.572) * roughness + np.float32(1.04)
                ) + (np.float32(1.04) * bent + np.float32(0.022) * roughness - np.float32(0.04))
                scale = max(scale, zero)
                shine_r += scale * (
                    w00 * mirror[0, j, i]
                    + w10 * mirror[0, j, i + 1]
                    + w01 * mirror[0, j + 1, i]
                    + w11 * mirror[0, j + 1, i + 1]
                )
                shine_g += scale * (
                    w00 * mirror[1, j, i]
                    + w10 * mirror[1, j, i + 1]
                    + w01 * mirror[1, j + 1, i]
                    + w11 * mirror[1, j + 1, i + 1]
                )
                shine_b += scale * (
                    w00 * mirror[2, j, i]
                    + w10 * mirror[2, j, i + 1]
                    + w01 * mirror[2, j + 1, i]
                    + w11 * mirror[2, j + 1, i + 1]
                )
            if rim > zero:  # what stands behind shines round the edge
                edge = one - max(nz, zero)
                edge = edge * edge * edge * rim * np.float32(0.35) * inv
                back = one / np.sqrt(nx * nx + ny * ny + np.float32(0.36))
                bx, by, bz = nx * back, ny * back, np.float32(-0.6) * back
                shine_r += edge * max(_sum(soft, 0, bx, by, bz), zero)
                shine_g += edge * max(_sum(soft, 1, bx, by, bz), zero)
                shine_b += edge * max(_sum(soft, 2, bx, by, bz), zero)
            was = diffuse / max(_sum(old, 0, nx, ny, nz), np.float32(0.05))
            grey = np.float32(0.2126) * r + np.float32(0.7152) * g + np.float32(0.0722) * b
            r = min(max((grey + saturation * (r - grey)) * was, least), most)
            g = min(max((grey + saturation * (g - grey)) * was, least), most)
            b = min(max((grey + saturation * (b - grey)) * was, least), most)
            shiny = amount * specular * alpha if specular > zero else amount * alpha
            out[0, y, x] = picture[0, y, x] * (kept + amount * r) + shiny * shine_r
            out[1, y, x] = picture[1, y, x] * (kept + amount * g) + shiny * shine_g
            out[2, y, x] = picture[2, y, x] * (kept + amount * b) + shiny * shine_b
