"""From scene light to what a display can show."""

from nodegraph.kernels.shade import RGB, V, luma, maximum, saturate
from nodegraph.node import Choice, Float, pixel

_EXPOSURE = Float(1, 0, 1000, soft=(0, 4), help="Multiplies the light first.")
_WHITE = Float(4, 0.01, 1000, soft=(1, 16), help="The light that becomes 1 (reinhard and hable).")


def reinhard(r: V, g: V, b: V, *, exposure: V = _EXPOSURE, white: V = _WHITE) -> RGB:
    """E. Reinhard and others, "Photographic Tone Reproduction for Digital Images" (2002), equation 4, on luminance."""
    y = maximum(luma(r, g, b) * exposure, 0.0)
    k = exposure * (1.0 + y / (white * white)) / (1.0 + y)
    return r * k, g * k, b * k


def _hable(x: V) -> V:
    return (x * (0.15 * x + 0.05) + 0.004) / (x * (0.15 * x + 0.5) + 0.06) - 0.02 / 0.3


def hable(r: V, g: V, b: V, *, exposure: V = _EXPOSURE, white: V = _WHITE) -> RGB:
    """J. Hable, "Filmic Tonemapping Operators" (GDC 2010)."""
    k = 1.0 / _hable(white)
    x = maximum(r * exposure, 0.0)
    y = maximum(g * exposure, 0.0)
    z = maximum(b * exposure, 0.0)
    return _hable(x) * k, _hable(y) * k, _hable(z) * k


def _fitted(x: V) -> V:
    return saturate(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14))


def aces(r: V, g: V, b: V, *, exposure: V = _EXPOSURE) -> RGB:
    """K. Narkowicz, "ACES Filmic Tone Mapping Curve" (2015): a fit of ACES's look, per channel."""
    x = maximum(r * exposure, 0.0)
    y = maximum(g * exposure, 0.0)
    z = maximum(b * exposure, 0.0)
    return _fitted(x), _fitted(y), _fitted(z)


tone_map = pixel(
    "nodegraph.colour.tone_map",
    label="tone map",
    colour=True,
    by="curve",
    cases={"reinhard": reinhard, "hable": hable, "aces": aces},
    params={
        "curve": Choice("reinhard", ("reinhard", "hable", "aces"), help="reinhard keeps hues; hable and aces work on each channel."),
    },
    doc="""Bring scene-linear light into 0..1. For what a film's colour pipeline asks, use the display view.

    reinhard is Reinhard's extended curve (2002), hable Hable's filmic one (2010), aces Narkowicz's
    fit of the ACES output (2015). The result is display-linear.
    """,
)(None)  # fmt: skip
