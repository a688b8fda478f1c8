"""The primitives of the shading language for one pixel: source for the emitter.

Nothing here runs as it stands. The emitter pastes these functions into the kernels it makes,
compiled without reassociation (the range reductions depend on the order of operations).
They are branch-free, and float32 and int32 throughout, so that LLVM vectorises the loop around
them: libm's functions don't vectorise, and one stray float64 halves the width.

Error bounds over the meant range, tested against float64: log2 1e-7 and relative 1.5e-7;
exp2 relative 2.5e-7 from 2^-126 to 2^127.5 (0 and infinity beyond); sin, cos absolute 2e-7 up to |x| = 100; atan2 absolute 4e-7. Polynomials
are minimax fits (Lawson's iteration) of degree noted below.
"""
# mypy: ignore-errors

from __future__ import annotations

import math

import numpy as np

f32 = np.float32
i32 = np.int32
u32 = np.uint32


def float_bits(x):
    return f32(x).view(np.int32)


def bits_float(i):
    return i32(i).view(np.float32)


def select(condition, yes, no):
    return f32(yes) if condition else f32(no)


def blend(old, new, amount):
    mixed = f32(old + (new - old) * amount)
    return f32(new) if amount >= f32(1) else (f32(old) if amount <= f32(0) else mixed)


def minimum(a, b):
    return f32(a) if a < b else f32(b)


def maximum(a, b):
    return f32(a) if a > b else f32(b)


def absolute(x):
    return f32(abs(x))


def floor(x):
    return f32(math.floor(f32(x)))


def sqrt(x):
    return f32(math.sqrt(f32(x)))


def log2_positive(x):
    # x = 2^e (1 + f) with |f| <= 1/3; log2(1 + f) = f R(f), R of degree 8 (Estrin's scheme:
    # the chain of dependent operations is what costs, not their number).
    i = float_bits(x)
    e = i32(i32(i - i32(0x3F2AAAAB)) >> i32(23))
    f = f32(bits_float(i32(i - i32(e << i32(23)))) - f32(1.0))
    f2 = f * f
    f4 = f2 * f2
    a = f32(1.442695140838623) + f * f32(-0.7213455438613892)
    b = f32(0.4808906316757202) + f * f32(-0.36084407567977905)
    c = f32(0.2888970971107483) + f * f32(-0.23594282567501068)
    d = f32(0.19948188960552216) + f * f32(-0.22616663575172424)
    r = (a + f2 * b) + f4 * ((c + f2 * d) + f4 * f32(0.21228942275047302))
    return f32(e) + f * r


def log2(x):
    r = log2_positive(x) if x < f32(np.inf) else f32(x)
    return r if x > f32(0.0) else (f32(-np.inf) if x == f32(0.0) else f32(np.nan))


def exp2(x):
    # x = n + r with |r| <= 1/2; 2^r = 1 + r P(r), P of degree 5; 2^n by its bits, so that
    # n = -127 gives 0 and n = 128 infinity. Adding 1.5 * 2^23 rounds to a whole number and
    # leaves it in the low bits. A NaN passes both limits.
    c = f32(-127.0) if x < f32(-127.0) else f32(x)
    c = f32(128.0) if c > f32(128.0) else c
    t = f32(c + f32(12582912.0))
    r = f32(c - f32(t - f32(12582912.0)))
    r2 = r * r
    a = f32(0.6931471824645996) + r * f32(0.24022650718688965)
    b = f32(0.055503278970718384) + r * f32(0.009618003852665424)
    d = f32(0.001340026967227459) + r * f32(0.00015476299449801445)
    p = f32(1.0) + r * (a + r2 * (b + r2 * d))
    n = i32(float_bits(t) - i32(0x4B400000 - 127))
    return p * bits_float(i32(n << i32(23)))


def power(x, y):
    r = exp2(f32(y) * log2_positive(x))
    r = r if x > f32(0.0) else f32(0.0)
    return r if x < f32(np.inf) else f32(x)


def sin(x):
    # Quarter turns n are taken off in three parts (Cody and Waite), then minimax in r^2.
    t = f32(f32(x) * f32(0.6366197723675814) + f32(12582912.0))
    n = float_bits(t)
    k = f32(t - f32(12582912.0))
    r = f32(x) - k * f32(1.5703125)
    r = r - k * f32(4.837512969970703e-4)
    r = r - k * f32(7.54978995489188e-8)
    z = r * r
    s = r + r * z * (f32(-0.16666655242443085) + z * (f32(0.008332154713571072) + z * f32(-0.000195140833966434)))
    c = (
        f32(1.0)
        - f32(0.5) * z
        + z * z * (f32(0.04166664555668831) + z * (f32(-0.0013887337408959866) + z * f32(2.4434844817733392e-05)))
    )
    v = c if (n & i32(1)) != i32(0) else s
    return -v if (n & i32(2)) != i32(0) else v


def cos(x):
    t = f32(f32(x) * f32(0.6366197723675814) + f32(12582912.0))
    n = i32(float_bits(t) + i32(1))
    k = f32(t - f32(12582912.0))
    r = f32(x) - k * f32(1.5703125)
    r = r - k * f32(4.837512969970703e-4)
    r = r - k * f32(7.54978995489188e-8)
    z = r * r
    s = r + r * z * (f32(-0.16666655242443085) + z * (f32(0.008332154713571072) + z * f32(-0.000195140833966434)))
    c = (
        f32(1.0)
        - f32(0.5) * z
        + z * z * (f32(0.04166664555668831) + z * (f32(-0.0013887337408959866) + z * f32(2.4434844817733392e-05)))
    )
    v = c if (n & i32(1)) != i32(0) else s
    return -v if (n & i32(2)) != i32(0) else v


def atan2(y, x):
    # atan of the smaller over the larger side, degree 8 in its square, then unfolded.
    ax = f32(abs(x))
    ay = f32(abs(y))
    big = ax if ax > ay else ay
    small = ay if ax > ay else ax
    q = small / (big if big > f32(0.0) else f32(1.0))
    z = q * q
    p = f32(-0.0016025489894673228)
    p = p * z + f32(0.010026203468441963)
    p = p * z + f32(-0.02944769337773323)
    p = p * z + f32(0.05612868443131447)
    p = p * z + f32(-0.08289849758148193)
    p = p * z + f32(0.10910315066576004)
    p = p * z + f32(-0.14255471527576447)
    p = p * z + f32(0.19997620582580566)
    p = p * z + f32(-0.3333326280117035)
    a = q + q * z * p
    a = f32(1.5707963267948966) - a if ay > ax else a
    a = f32(3.141592653589793) - a if x < f32(0.0) else a
    a = -a if y < f32(0.0) else a
    return a if (x == x) & (y == y) else f32(np.nan)


def lookup(table, t):
    last = i32(table.size - 1)
    c = f32(t) if t > f32(0.0) else f32(0.0)
    p = (c if c < f32(1.0) else f32(1.0)) * f32(last)
    i = i32(p)
    i = i if i < last else i32(last - i32(1))
    low = table[i]
    return low + (table[i + i32(1)] - low) * (p - f32(i))


def lookup3(table, r, g, b):
    # The tetrahedron is chosen by comparing fractions; its two middle corners are the ones
    # reached from the base by the largest step, then by the two largest.
    size = i32(round((table.size / 3.0) ** (1.0 / 3.0)))
    top = f32(size - i32(1))
    r = f32(r) if r > f32(0.0) else f32(0.0)
    g = f32(g) if g > f32(0.0) else f32(0.0)
    b = f32(b) if b > f32(0.0) else f32(0.0)
    r = (r if r < f32(1.0) else f32(1.0)) * top
    g = (g if g < f32(1.0) else f32(1.0)) * top
    b = (b if b < f32(1.0) else f32(1.0)) * top
    most = i32(size - i32(2))
    ri = i32(r)
    gi = i32(g)
    bi = i32(b)
    ri = ri if ri < most else most
    gi = gi if gi < most else most
    bi = bi if bi < most else most
    fr = r - f32(ri)
    fg = g - f32(gi)
    fb = b - f32(bi)
    sb = i32(3)
    sg = i32(size * sb)
    sr = i32(size * sg)
    o0 = i32(ri * sr + gi * sg + bi * sb)
    o3 = i32(o0 + sr + sg + sb)
    r_first = (fr >= fg) & (fr >= fb)
    g_first = (fg > fr) & (fg >= fb)
    high = sr if r_first else (sg if g_first else sb)
    b_last = (fb <= fg) & (fb <= fr)
    g_last = (fg < fb) & (fg <= fr)
    low = sb if b_last else (sg if g_last else sr)
    o1 = i32(o0 + high)
    o2 = i32(o3 - low)
    f1 = fr if r_first else (fg if g_first else fb)
    f3 = fb if b_last else (fg if g_last else fr)
    f2 = fr + fg + fb - f1 - f3
    w0 = f32(1.0) - f1
    w1 = f1 - f2
    w2 = f2 - f3
    return (
        w0 * table[o0] + w1 * table[o1] + w2 * table[o2] + f3 * table[o3],
        w0 * table[o0 + 1] + w1 * table[o1 + 1] + w2 * table[o2 + 1] + f3 * table[o3 + 1],
        w0 * table[o0 + 2] + w1 * table[o1 + 2] + w2 * table[o2 + 2] + f3 * table[o3 + 2],
    )


def hash3(x, y, z):
    u = u32(u32(i32(math.floor(f32(x)))) * u32(1664525) + u32(1013904223))
    v = u32(u32(i32(math.floor(f32(y)))) * u32(1664525) + u32(1013904223))
    w = u32(u32(i32(math.floor(f32(z)))) * u32(1664525) + u32(1013904223))
    u = u32(u + u32(v * w))
    v = u32(v + u32(w * u))
    w = u32(w + u32(u * v))
    u = u32(u ^ (u >> u32(16)))
    v = u32(v ^ (v >> u32(16)))
    w = u32(w ^ (w >> u32(16)))
    u = u32(u + u32(v * w))
    return f32(u >> u32(8)) * f32(1.0 / 16777216.0)
