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


@dataclass(frozen=True)
class Lighting:
    """All that one pass needs.

    `soft` (9, 3) are factors of `harmonics.polynomial`, of the new irradiance, and `old` (9,) those of the light the
    actor was filmed in, in luminance, 1 being a white card's. `lamps` is (n, 13): kind (0 from afar, 1 at
    a place, 2 a spot), x, y, z, size, red, green, blue, a spot's axis x, y, z, and the cosines where it begins to fade and ends; `mirror` (3, rows, columns) a panorama blurred for the roughness.
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

    def strip(a: int, b: int) -> None:
        _relight(picture, shape, light.soft, light.old, lamps, light.mirror, whole, numbers, out, a, b)

    pool.map(height, strip, 8)


def blurred(panorama: NDArray[np.floating], roughness: float, pool: Pool, size: tuple[int, int] = (32, 64)) -> Plane:
    """A panorama (3, rows, columns) as a surface of this roughness mirrors it (Karis's first factor: seen straight on),
    summed directly over a panorama of 64 x 128 at the most."""
    source = reduced(panorama, 64)
    out = np.empty((3, *size), np.float32)
    a = np.float64(max(roughness, 0.12) ** 2)
    where, solid = _directions(*source.shape[1:])
    target, _ = _directions(*size)
    pool.map(size[0], lambda y0, y1: _blur(source, where, solid, target, a * a, out, y0, y1), 2)
    return out


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
def _mirrored(mirror, x, y, z, out):  # type: ignore[no-untyped-def]
    rows, columns = mirror.shape[1:]
    u = (np.arctan2(x, -z) * np.float32(0.15915494) + np.float32(0.5)) * columns - np.float32(0.5)
    v = (
        np.float32(0.5) - np.arcsin(min(max(y, np.float32(-1)), np.float32(1))) * np.float32(0.31830989)
    ) * rows - np.float32(0.5)
    i, j = int(np.floor(u)), min(max(int(v), 0), rows - 2)
    a, b = u - i, min(max(v - j, np.float32(0)), np.float32(1))
    k = (i + 1) % columns
    i = i % columns
    for c in range(3):
        low = mirror[c, j, i] + a * (mirror[c, j, k] - mirror[c, j, i])
        high = mirror[c, j + 1, i] + a * (mirror[c, j + 1, k] - mirror[c, j + 1, i])
        out[c] = low + b * (high - low)


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
def _in_the_way(whole, u, v, z, lx, ly, lz, per, soft):  # type: ignore[no-untyped-def]
    """How much of a lamp is seen from a place of the actor, past the rest of him. u, v are in `whole`'s pixels."""
    rows, columns = whole.shape[1:]
    open_, t = np.float32(1), np.float32(0.02)
    for _ in range(_SHADOW_STEPS):
        x, y = u + t * lx * per, v - t * ly * per
        i, j = int(x), int(y)
        if i < 0 or j < 0 or i >= columns or j >= rows:
            break
        if whole[1, j, i] > np.float32(0.5):
            over = whole[0, j, i] - (z + t * lz)
            open_ = min(open_, np.float32(1) - over / (soft * t + np.float32(0.01)))
        if open_ <= np.float32(0):
            return np.float32(0)
        t *= np.float32(1.4)
    return min(max(open_, np.float32(0)), np.float32(1))


@njit(**KERNEL)  # type: ignore[untyped-decorator]
def _relight(picture, shape, soft, old, lamps, mirror, whole, numbers, out, y0, y1):  # type: ignore[no-untyped-def]
    zero, one = np.float32(0), np.float32(1)
    roughness, amount, diffuse, specular = numbers[0], numbers[1], numbers[2], numbers[3]
    rim, shadow, saturation, most = numbers[4], numbers[5], numbers[6], numbers[7]
    left, top, unit = numbers[8], numbers[9], numbers[10]
    a2 = max(roughness, np.float32(0.12)) ** 4
    per = np.float32(whole.shape[1])
    inv = np.float32(1 / np.pi)
    light, shine, glow = np.empty(3, np.float32), np.empty(3, np.float32), np.empty(3, np.float32)
    columns = picture.shape[2]
    for y in range(y0, y1):
        for x in range(columns):
            alpha = picture[3, y, x]
            out[3, y, x] = alpha
            nx, ny, nz = shape[0, y, x], shape[1, y, x], shape[2, y, x]
            depth = shape[3, y, x]
            length = nx * nx + ny * ny + nz * nz
            if not (alpha > zero and length > np.float32(0.01) and length < np.float32(1e6)):
                for c in range(3):
                    out[c, y, x] = picture[c, y, x]
                continue
            length = one / np.sqrt(length)
            nx, ny, nz = nx * length, ny * length, nz * length
            for c in range(3):
                light[c] = max(_sum(soft, c, nx, ny, nz), zero) * inv
                shine[c] = zero
            px, py = (left + x) / unit, (top - y) / unit
            n_v = max(nz, np.float32(0.08))
            for k in range(lamps.shape[0]):
                lx, ly, lz, size = lamps[k, 1], lamps[k, 2], lamps[k, 3], lamps[k, 4]
                power = one
                if lamps[k, 0] > zero:
                    lx, ly, lz = lx - px, ly - py, lz - depth
                    far = max(lx * lx + ly * ly + lz * lz, np.float32(1e-4))
                    power = one / (far + size * size)
                    far = one / np.sqrt(far)
                    lx, ly, lz = lx * far, ly * far, lz * far
                    if lamps[k, 0] > np.float32(1.5):
                        along = lx * lamps[k, 8] + ly * lamps[k, 9] + lz * lamps[k, 10]
                        fade = (along - lamps[k, 12]) / max(lamps[k, 11] - lamps[k, 12], np.float32(1e-4))
                        power *= min(max(fade, zero), one)
                facing = nx * lx + ny * ly + nz * lz
                wrap = np.float32(0.12)
                lit = max((facing + wrap) / (one + wrap), zero)
                lit = lit * lit * (np.float32(3) - np.float32(2) * lit) if lit < np.float32(0.25) else lit
                if lit <= zero:
                    continue
                if shadow > zero:
                    u, v = (px + np.float32(0.5) * whole.shape[2] / per) * per, (np.float32(0.5) - py) * per
                    lit *= one - shadow * (one - _in_the_way(whole, u, v, depth, lx, ly, lz, per, np.float32(0.25)))
                lit *= power
                for c in range(3):
                    light[c] += lamps[k, 5 + c] * lit * inv
                if specular > zero and facing > zero:
                    hx, hy, hz = lx, ly, lz + one
                    half = one / np.sqrt(max(hx * hx + hy * hy + hz * hz, np.float32(1e-8)))
                    n_h = max((nx * hx + ny * hy + nz * hz) * half, zero)
                    lobe = (
                        _ggx(n_h, n_v, max(facing, np.float32(0.02)), max(hz * half, zero), a2)
                        * facing
                        * min(lit / max(facing, np.float32(1e-3)), one * power + power)
                    )
                    for c in range(3):
                        shine[c] += lamps[k, 5 + c] * lobe
            if specular > zero:
                _mirrored(mirror, np.float32(2) * nz * nx, np.float32(2) * nz * ny, np.float32(2) * nz * nz - one, glow)
                # Karis's fit of the second factor
                r0, r1 = one - roughness, np.float32(-0.0275) * roughness + np.float32(0.0425)
                a004 = min(r0 * r0, np.exp2(np.float32(-9.28) * n_v)) * r0 + r1
                scale = np.float32(F0) * (
                    np.float32(-1.04) * a004 + np.float32(-0.572) * roughness + np.float32(1.04)
                ) + (np.float32(1.04) * a004 + np.float32(0.022) * roughness - np.float32(0.04))
                for c in range(3):
                    shine[c] += glow[c] * max(scale, zero)
            if rim > zero:  # what stands behind shines round the edge
                edge = one - max(nz, zero)
                edge = edge * edge * edge * rim
                back = one / np.sqrt(nx * nx + ny * ny + np.float32(0.36))
                for c in range(3):
                    shine[c] += (
                        edge
                        * np.float32(0.35)
                        * max(_sum(soft, c, nx * back, ny * back, np.float32(-0.6) * back), zero)
                        * inv
                    )
            was = max(_sum(old, 0, nx, ny, nz), np.float32(0.05))
            grey = np.float32(0.2126) * light[0] + np.float32(0.7152) * light[1] + np.float32(0.0722) * light[2]
            for c in range(3):
                tinted = grey + saturation * (light[c] - grey)
                ratio = max(tinted, zero) * diffuse / was
                ratio = min(max(ratio, np.exp2(-most)), np.exp2(most))
                out[c, y, x] = picture[c, y, x] * (one + amount * (ratio - one)) + amount * specular * shine[c] * alpha
