"""Transfer curves: between what a file or camera stores and scene-linear light.

Each is a pair of pixel functions of one channel, `decode` (code to light) and `encode`. Light is
scaled as its maker does: 1 is diffuse white for display curves, mid grey is 0.18 for log
curves; PQ and HLG follow ITU-R BT.2100-2 with 1 = 100 cd/m2 (PQ) and the scene's 1 (HLG).

Sources: IEC 61966-2-1 (sRGB); ITU-R BT.709-6; BT.1886; Kodak's Cineon as in OpenColorIO; ARRI, "ALEXA
Log C Curve" (2012) and "ARRI LogC4" (2022); Sony, "S-Gamut3/S-Log3" (2014); Panasonic, "V-Log/
V-Gamut" (2014); Academy S-2014-003 (ACEScc) and S-2016-001 (ACEScct); RED, "Log3G10" (2018);
Blackmagic Film Generation 5 (2021); DJI D-Log (2017); Canon Log 3 (2020, "v1.2").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nodegraph.kernels.shade import V, absolute, exp, exp2, log, log2, maximum, power, select, sign, sqrt

LOG2_10 = 3.321928094887362
LOG10_2 = 0.30102999566398120


def linear(c: V) -> V:
    return c


def srgb_decode(c: V) -> V:
    return select(c <= 0.04045, c / 12.92, power((c + 0.055) / 1.055, 2.4))


def srgb_encode(c: V) -> V:
    return select(c <= 0.0031308, c * 12.92, 1.055 * power(c, 0.4166666666666667) - 0.055)


def rec709_decode(c: V) -> V:
    return select(c < 0.081242858298635, c / 4.5, power((c + 0.09929682680944) / 1.09929682680944, 2.2222222222222223))


def rec709_encode(c: V) -> V:
    return select(c < 0.018053968510807, c * 4.5, 1.09929682680944 * power(c, 0.45) - 0.09929682680944)


def gamma22_decode(c: V) -> V:
    return sign(c) * power(absolute(c), 2.2)


def gamma22_encode(c: V) -> V:
    return sign(c) * power(absolute(c), 0.45454545454545453)


def gamma24_decode(c: V) -> V:
    return sign(c) * power(absolute(c), 2.4)


def gamma24_encode(c: V) -> V:
    return sign(c) * power(absolute(c), 0.4166666666666667)


# 10^((95 - 685) 0.002 / 0.6) = 10^(-1.966...), Cineon's black.
CINEON_BLACK = 0.010797751623277


def cineon_decode(c: V) -> V:
    return (exp2((c * 1023.0 - 685.0) * 0.0033333333333333335 * LOG2_10) - CINEON_BLACK) / (1.0 - CINEON_BLACK)


def cineon_encode(c: V) -> V:
    return (685.0 + 300.0 * LOG10_2 * log2(maximum(c * (1.0 - CINEON_BLACK) + CINEON_BLACK, 0.0000000001))) / 1023.0


def logc3_decode(c: V) -> V:
    return select(
        c > 0.1496582, (exp2((c - 0.385537) / 0.247190 * LOG2_10) - 0.052272) / 5.555556, (c - 0.092809) / 5.367655
    )


def logc3_encode(c: V) -> V:
    return select(
        c > 0.010591,
        0.247190 * LOG10_2 * log2(maximum(5.555556 * c + 0.052272, 0.0000000001)) + 0.385537,
        5.367655 * c + 0.092809,
    )


# a = (2^18 - 16) / 117.45, b = (1023 - 95) / 1023, c = 95 / 1023; s and t as ARRI gives them.
LOGC4_A = 2231.8263090676883
LOGC4_B = 0.9071358748778103
LOGC4_C = 0.09286412512218964
LOGC4_S = 0.1135972086105891
LOGC4_T = -0.01805699611991131


def logc4_decode(c: V) -> V:
    return select(c < 0.0, c * LOGC4_S + LOGC4_T, (exp2(14.0 * (c - LOGC4_C) / LOGC4_B + 6.0) - 64.0) / LOGC4_A)


def logc4_encode(c: V) -> V:
    return select(
        c < LOGC4_T,
        (c - LOGC4_T) / LOGC4_S,
        (log2(maximum(LOGC4_A * c + 64.0, 0.0000000001)) - 6.0) / 14.0 * LOGC4_B + LOGC4_C,
    )


def slog3_decode(c: V) -> V:
    return select(
        c >= 0.16736070381231672,
        exp2((c * 1023.0 - 420.0) / 261.5 * LOG2_10) * 0.19 - 0.01,
        (c * 1023.0 - 95.0) * 0.01125 / 76.21029494110702,
    )


def slog3_encode(c: V) -> V:
    return select(
        c >= 0.01125,
        (420.0 + 261.5 * LOG10_2 * log2(maximum((c + 0.01) / 0.19, 0.0000000001))) / 1023.0,
        (c * 76.21029494110702 / 0.01125 + 95.0) / 1023.0,
    )


def vlog_decode(c: V) -> V:
    return select(c < 0.181, (c - 0.125) / 5.6, exp2((c - 0.598206) / 0.241514 * LOG2_10) - 0.00873)


def vlog_encode(c: V) -> V:
    return select(c < 0.01, 5.6 * c + 0.125, 0.241514 * LOG10_2 * log2(maximum(c + 0.00873, 0.0000000001)) + 0.598206)


def acescct_decode(c: V) -> V:
    return select(c <= 0.155251141552511, (c - 0.0729055341958355) / 10.5402377416545, exp2(c * 17.52 - 9.72))


def acescct_encode(c: V) -> V:
    return select(
        c <= 0.0078125, 10.5402377416545 * c + 0.0729055341958355, (log2(maximum(c, 0.0000000001)) + 9.72) / 17.52
    )


def acescc_decode(c: V) -> V:
    # (log2(2^-16) + 9.72) / 17.52 is black; below (9.72 - 15) / 17.52 the curve bends to it.
    return select(c < -0.3013698630136986, (exp2(c * 17.52 - 9.72) - 0.0000152587890625) * 2.0, exp2(c * 17.52 - 9.72))


def acescc_encode(c: V) -> V:
    low = (log2(0.0000152587890625 + maximum(c, 0.0) * 0.5) + 9.72) / 17.52
    return select(c < 0.000030517578125, low, (log2(maximum(c, 0.0000000001)) + 9.72) / 17.52)


def log3g10_decode(c: V) -> V:
    return select(c < 0.0, c / 15.1927 - 0.01, (exp2(c / 0.224282 * LOG2_10) - 1.0) / 155.975327 - 0.01)


def log3g10_encode(c: V) -> V:
    return select(
        c < -0.01, (c + 0.01) * 15.1927, 0.224282 * LOG10_2 * log2(maximum((c + 0.01) * 155.975327 + 1.0, 0.0000000001))
    )


def bmdfilm5_decode(c: V) -> V:
    return select(
        c < 0.13388378,
        (c - 0.09246575342465753) / 8.283605932402494,
        exp((c - 0.5300133392291939) / 0.08692876065491224) - 0.005494072432257808,
    )


def bmdfilm5_encode(c: V) -> V:
    return select(
        c < 0.005,
        8.283605932402494 * c + 0.09246575342465753,
        0.08692876065491224 * log(maximum(c + 0.005494072432257808, 0.0000000001)) + 0.5300133392291939,
    )


def dlog_decode(c: V) -> V:
    return select(c <= 0.14, (c - 0.0929) / 6.025, (exp2((3.89616 * c - 2.27752) * LOG2_10) - 0.0108) / 0.9892)


def dlog_encode(c: V) -> V:
    return select(
        c <= 0.0078,
        6.025 * c + 0.0929,
        LOG10_2 * log2(maximum(c * 0.9892 + 0.0108, 0.0000000001)) * 0.256663 + 0.584555,
    )


def pq_decode(c: V) -> V:
    p = power(c, 0.012683313515655966)
    return 100.0 * power(maximum(p - 0.8359375, 0.0) / (18.8515625 - 18.6875 * p), 6.277394636015326)


def pq_encode(c: V) -> V:
    p = power(maximum(c, 0.0) / 100.0, 0.1593017578125)
    return power((0.8359375 + 18.8515625 * p) / (1.0 + 18.6875 * p), 78.84375)


def hlg_decode(c: V) -> V:
    return select(c <= 0.5, c * c / 3.0, (exp((c - 0.55991073) / 0.17883277) + 0.28466892) / 12.0)


def hlg_encode(c: V) -> V:
    return select(
        c <= 0.08333333333333333,
        sqrt(maximum(3.0 * c, 0.0)),
        0.17883277 * log(maximum(12.0 * c - 0.28466892, 0.0000000001)) + 0.55991073,
    )


Curve = Callable[[Any], Any]

#: Curves by name: (decode, encode).
CURVES: dict[str, tuple[Curve, Curve]] = {
    "linear": (linear, linear),
    "srgb": (srgb_decode, srgb_encode),
    "rec709": (rec709_decode, rec709_encode),
    "gamma22": (gamma22_decode, gamma22_encode),
    "gamma24": (gamma24_decode, gamma24_encode),
    "cineon": (cineon_decode, cineon_encode),
    "logc3": (logc3_decode, logc3_encode),
    "logc4": (logc4_decode, logc4_encode),
    "slog3": (slog3_decode, slog3_encode),
    "vlog": (vlog_decode, vlog_encode),
    "acescc": (acescc_decode, acescc_encode),
    "acescct": (acescct_decode, acescct_encode),
    "log3g10": (log3g10_decode, log3g10_encode),
    "bmdfilm5": (bmdfilm5_decode, bmdfilm5_encode),
    "dlog": (dlog_decode, dlog_encode),
    "pq": (pq_decode, pq_encode),
    "hlg": (hlg_decode, hlg_encode),
}
