"""What is done to a matte after the key:

image ─┬─> levels ─> specks ─> denoise ─> edge ─┐
       └────────────────────────────────────> finish ─> out

Only the matte is filtered; levels fuse with what reads them, and finish with what comes after.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.kernels.shade import Alpha, V, absolute, clamp, maximum, minimum
from nodegraph.node import Bool, Choice, Compound, Filter, Float, FrameNode, In, Int, Part, Parts, Query, pixel

from ..merge.remove import Remove
from .finish import VIEWS, Finish

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Frame, FrameSpec, Window
    from nodegraph.values.frame import Pixels

__all__ = ["Refine"]

_BLACK = Float(0, 0, 1, soft=(0, 0.3), label="clip black", help="Matte values up to here become 0.")
_WHITE = Float(1, 0, 1, soft=(0.5, 1), label="clip white", help="Matte values from here become 1.")
_NOISE = Float(0, 0, 1, soft=(0, 0.3), help="Deviations up to this much are noise and go; of twice as much all stays.")


# --- the matte ------------------------------------------------------------------------------


@pixel("nodegraph.keying.refine.levels", maskable=False)
def _levels(a: V, *, clip_black: V = _BLACK, clip_white: V = _WHITE) -> Alpha:
    """Black and white point; what isn't a number is 0."""
    return clamp((clamp(a, 0.0, 1.0) - clip_black) / maximum(clip_white - clip_black, 0.0001), 0.0, 1.0)


class _Specks(FrameNode):
    """Small islands taken out: it looks at the whole matte."""

    id = "nodegraph.keying.refine.specks"
    image = In()
    dust = Float(0, 0)
    holes = Float(0, 0)
    level = Float(0.5, 0, 1)

    def identity(self, q: Query) -> str | None:
        return "image" if max(q.p.dust, q.p.holes) <= 0 else None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.filters.specks import remove_specks
        from nodegraph.values import Frame

        image: Frame = inputs["image"].crop(q.inputs["image"].data_window)
        pixels = np.array(image.pixels)
        remove_specks(pixels[0], q.p.level, q.p.dust, False, pool)
        remove_specks(pixels[0], q.p.level, q.p.holes, True, pool)
        return Frame(image.spec, pixels)


class _Middle(Filter):
    """The middle of 3 x 3 pixels, several times."""

    id = "nodegraph.keying.refine.middle"
    grows = False
    maskable = False
    passes = Int(2, 1, 2)

    def reach(self, q: Query) -> tuple[int, int]:
        return q.p.passes, q.p.passes

    def apply(self, q: Query, src: Pixels, dst: Pixels, region: Window, pool: Pool) -> None:
        from nodegraph.kernels.filters.borders import hold
        from nodegraph.kernels.filters.median import median

        hold(src, region.grow(q.p.passes), q.inputs["image"].data_window)
        if q.p.passes == 1:
            median(src, dst, 1, pool)
            return
        with pool.scratch((dst.shape[0], dst.shape[1] + 2, dst.shape[2] + 2)) as once:
            median(src, once, 1, pool)
            median(once, dst, 1, pool)


@pixel("nodegraph.keying.refine.settle", inputs=("image", "middle"), maskable=False)
def _settle(image_a: V, middle_a: V, *, denoise: V = _NOISE) -> Alpha:
    """What lies near the middle value becomes it."""
    off = absolute(middle_a - image_a)
    return image_a + (middle_a - image_a) * clamp(2.0 - off / maximum(denoise, 0.000001), 0.0, 1.0)


class _Edge(FrameNode):
    """The edge moved and blurred, as one so that neither leaves a picture behind; what the frame cuts goes on."""

    id = "nodegraph.keying.refine.edge"
    image = In()
    choke = Float(0)
    blur = Float(0, 0)

    def identity(self, q: Query) -> str | None:
        return "image" if q.p.choke == 0 and q.p.blur == 0 else None

    def needs(self, q: Query, port: str, region: Window) -> Window:
        moved, blurred = _reaches(q)
        return region.grow(*moved).grow(*blurred).intersect(q.inputs["image"].data_window)

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.filters.blur import gaussian
        from nodegraph.kernels.filters.borders import hold
        from nodegraph.kernels.filters.offset import offset
        from nodegraph.values import Frame

        image: Frame = inputs["image"]
        spec: FrameSpec = q.inputs["image"]
        out = np.empty((1, region.height, region.width), np.float32)
        made = Frame(spec.with_(data_window=region), out)
        data = spec.data_window
        moved, blurred = _reaches(q)
        around = region.grow(*blurred)  # read by the blur
        there = around.intersect(data)  # choked; its border is held
        if there.empty:
            out[:] = 0
            return made
        read = there.grow(*moved)
        with (
            pool.scratch((1, around.height, around.width)) as edge,
            pool.scratch((1, read.height, read.width)) as padded,
        ):
            target = edge if q.p.blur > 0 else out
            inner = target[(slice(None), *there.within(around))]
            if q.p.choke == 0:
                _copy(image.crop(there).pixels, inner, pool)
            else:
                within = read.intersect(data)
                _copy(image.crop(within).pixels, padded[(slice(None), *within.within(read))], pool)
                hold(padded, read, data)
                offset(padded, inner, -q.p.choke, pool)
            if q.p.blur > 0:
                hold(edge, around, data)
                gaussian(edge, out, q.p.blur, q.p.blur, pool, origin=(region.x0, region.y0))
        return made


def _reaches(q: Query) -> tuple[tuple[int, int], tuple[int, int]]:
    from nodegraph.kernels.filters.blur import gaussian_reach
    from nodegraph.kernels.filters.offset import offset_reach

    return offset_reach(q.p.choke), gaussian_reach(q.p.blur, q.p.blur)


def _copy(src: Pixels, dst: Pixels, pool: Pool) -> None:
    pool.map(src.shape[1], lambda a, b: np.copyto(dst[:, a:b], src[:, a:b]), 64)


@pixel("nodegraph.keying.refine.inside", inputs=("image", "soft"), maskable=False)
def _inside(image_a: V, soft_a: V) -> Alpha:
    """The inner half of a blur, stretched from 0 to 1, and never more than the matte was."""
    return minimum(clamp(2.0 * soft_a - 1.0, 0.0, 1.0), image_a)


class Refine(Compound):
    """Clean a matte and treat its edge: what is done after the key, in this order.

    Look at the view *matte*. Black and white point first: raise `clip_black` until the backing is nearly clean and
    lower `clip_white` until the subject nearly is. What is left of specks goes by their size: `dust` takes white ones
    out of the backing, `holes` fills black ones. `denoise` quietens what flickers within the edge. Then move the edge
    with `choke` and soften it with `edge_blur`. The view *change* shows in green what was added and in red what was
    taken.

    - clips: a = clamp((a - black) / (white - black))
    - dust, holes: pixels from `area_level` on that hang together, eight neighbours each, are an island; those below
      it, four neighbours each, a hole. One of fewer square pixels than the limit, at the full size of the picture, is
      brought to the lowest (for a hole, the highest) value around it, its soft slopes too. What the frame cuts counts
      as large as it is seen; what is alone in the frame stays.
    - denoise: m being the middle of 3 x 3 pixels, taken twice, a = a + (m - a) clamp(2 - |m - a| / denoise). Edges and
      hairs of more contrast than 2 denoise stay exactly as they are.
    - choke: the smallest value within a circle of this radius (below 0, the largest), points on the circle itself
      read between the pixels, so that half a pixel is half a pixel, whichever way the edge runs.
    - edge blur: a Gaussian. With `blur_inside` a = min(a, clamp(2 blur(a) - 1)): a hard edge stays where it is and
      the softness lies inside of it; of a soft edge it begins in the middle.

    What the frame cuts goes on beyond it. Premultiplied colours are multiplied by the new alpha over the old, so that
    their own colour stays; where there was no alpha there is no colour to divide by it, and what is there (light
    that was added, mostly nothing) stays; what had an alpha below 0.02 isn't raised further than from that. A matte that grows over the picture's own edge therefore has dark fringes:
    put an edge extend behind it. Straight colours always stay as they are. A picture without alpha stays whole.

    The steps are compositors' everyday ones (S. Wright, *Digital Compositing for Film and Video*, "Refining the
    matte"); islands by A. Rosenfeld and J. Pfaltz, "Sequential operations in digital picture processing", 1966.
    """

    id = "nodegraph.keying.refine"
    label = "matte refine"
    reads = frozenset({"scale"})

    view = Choice("result", VIEWS, help="matte is grey; change shows green what was added, red what was taken.")
    clip_black = _BLACK
    clip_white = _WHITE
    dust = Float(0, 0, 1e6, unit="px²", soft=(0, 500), help="White islands of a smaller area than this go.")
    holes = Float(0, 0, 1e6, unit="px²", soft=(0, 500), help="Black islands of a smaller area than this are filled.")
    area_level = Float(0.5, 0.001, 1, label="area level", help="From this value on a pixel is white, for the areas.")
    denoise = _NOISE
    choke = Float(0, -100, 100, unit="px", soft=(-5, 5), help="Above 0 shrinks the matte, below 0 grows it.")
    edge_blur = Float(0, 0, 100, unit="px", soft=(0, 10), help="Blurs the matte (standard deviation).")
    blur_inside = Bool(False, label="blur inside", help="The blur only goes inwards: nothing gets brighter.")
    rebuild = Bool(True, help="Multiply premultiplied colours by what happened to alpha; else only alpha changes.")

    def identity(self, q: Query) -> str | None:
        p = q.p
        untouched = (p.clip_black, p.clip_white, p.view) == (0, 1, "result")
        return "image" if untouched and not any((p.dust, p.holes, p.denoise, p.choke, p.edge_blur)) else None

    def compose(self, q: Query, parts: Parts) -> Part:
        image, p = parts.inputs["image"], q.p
        if "A" not in q.inputs["image"].channels and p.view == "result":
            return image  # opaque: there is no edge
        matte = parts.use("levels", _LEVELS, {"image": image}, clip_black=p.clip_black, clip_white=p.clip_white)
        matte = parts.use("alpha", _REMOVE, {"image": matte}, operation="keep", channels="alpha")
        area = q.scale**2
        matte = parts.use(
            "specks", _SPECKS, {"image": matte}, dust=p.dust * area, holes=p.holes * area, level=p.area_level
        )
        if p.denoise > 0:
            middle = parts.use("middle", _MIDDLE, {"image": matte}, passes=2 if q.scale > 0.6 else 1)
            matte = parts.use("settle", _SETTLE, {"image": matte, "middle": middle}, denoise=p.denoise)
        if p.blur_inside and p.edge_blur > 0:
            matte = parts.use("choke", _EDGE, {"image": matte}, choke=p.choke)
            soft = parts.use("edge blur", _EDGE, {"image": matte}, blur=p.edge_blur)
            matte = parts.use("inside", _INSIDE, {"image": matte, "soft": soft})
        else:
            matte = parts.use("edge", _EDGE, {"image": matte}, choke=p.choke, blur=p.edge_blur)
        return parts.use("finish", _FINISH, {"image": image, "edge": matte}, view=p.view, rebuild=p.rebuild)


_LEVELS, _REMOVE, _SPECKS, _MIDDLE, _SETTLE = _levels, Remove(), _Specks(), _Middle(), _settle
_EDGE, _INSIDE, _FINISH = _Edge(), _inside, Finish()
